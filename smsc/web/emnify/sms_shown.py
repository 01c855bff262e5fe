"""An SMS as this dialect shows it: what became of a message, in the platform's own odd types."""

from typing import Any, Final

from smsc.message import DEVICE, State, kind_and_key
from smsc.store.record import Failure
from smsc.store.store import History, Waiting
from smsc.subscriber import Identity
from smsc.web.emnify import shown, times
from smsc.web.emnify.ids import endpoint_id, organisation_id
from smsc.web.emnify.rooms import Found
from smsc.web.emnify.sms_text import read, scheme_of

PENDING, IN_PROGRESS, BUFFERED, DELIVERED, FAILED, EXPIRED, CANCELED = range(1, 8)
STATUS: Final = {
    PENDING: "DELIVERY ATTEMPT PENDING",
    IN_PROGRESS: "IN PROGRESS",
    BUFFERED: "BUFFERED",
    DELIVERED: "DELIVERED",
    FAILED: "FAILED",
    EXPIRED: "EXPIRED",
    CANCELED: "CANCELED",
}
MT, MO = 1, 2
SMS_TYPE: Final = {MT: "MT", MO: "MO"}
INTERNATIONAL, NATIONAL, ALPHANUMERIC = 145, 161, 208
SOURCE_TYPE: Final = {
    INTERNATIONAL: "International",
    NATIONAL: "National",
    ALPHANUMERIC: "Alphanumeric",
}
LOCAL, REST_API, SMPP = 0, 1, 2
INTERFACE: Final = {LOCAL: "Local", REST_API: "RestAPI", SMPP: "SMPP"}
SERVICE_TYPE: Final = "REST"
"""The service_type of what comes in over this API, so that it is known from what comes by SMPP."""

_OF_STATE: Final = {
    State.DELIVERED: DELIVERED,
    State.ACCEPTED: DELIVERED,
    State.EXPIRED: EXPIRED,
    State.DELETED: CANCELED,
}
_TYPE_OF_TON: Final = {1: INTERNATIONAL, 5: ALPHANUMERIC}
_WITHOUT_END: Final = "1"
_WITH_END: Final = "4"


def sms(
    history: History,
    place: Waiting | None,
    found: Found,
    account: str,
    failures: tuple[Failure, ...] = (),
) -> dict[str, Any]:
    """Show a message to or from an endpoint; `place` is that in its queue, if it waits."""
    message, device = history.message, found.known.device
    payload, udh = read(message)
    status = _status(history, place)
    final = history.done_at if history.state.final and status != CANCELED else 0
    attempted = final if status in (DELIVERED, FAILED) else 0
    if failures and not attempted:
        attempted = failures[-1].at
    return {
        "id": message.id,
        "dlr_status_id": _WITH_END if final else _WITHOUT_END,
        "organisation_id": str(organisation_id(account)),
        "submit_date": times.shown(message.accepted_at),
        "delivery_date": times.shown(message.not_before or message.accepted_at),
        "expiry_date": times.shown(message.expires_at),
        "final_date": times.shown(final),
        "retry_date": times.shown(place.not_before if place is not None else 0),
        "last_delivery_attempt": times.shown(attempted),
        "retry_count": str(max(history.attempts - 1, 0)),
        "gsm_map_error": str(history.error) if history.error else None,
        "dcs": str(scheme_of(message.data_coding)),
        "pid": str(message.protocol_id),
        "source_address": message.source.digits,
        "endpoint_id": str(endpoint_id(device)),
        "endpoint": {"id": endpoint_id(device), "name": shown.name(device)},
        "sim_id": str(int(device.number)),
        "iccid": device.identities.get(Identity.ICCID, ""),
        "called_party_prefix": None,
        "msisdn": device.number,
        "imsi": device.identities.get(Identity.IMSI, ""),
        "msc": None,
        "udh": udh,
        "payload": payload,
        "registered_delivery": str(message.registered_delivery),
        "smpp_bind_id": None,
        "p2p_ext": 0,
        "smpp_dlr_bind_id": None,
        "status": {"description": STATUS[status], "id": status},
        "sms_type": _described(SMS_TYPE, MT if is_to(history, found.number) else MO),
        "source_address_type": _described(SOURCE_TYPE, _source_type(history)),
        "esme_interface_type": _described(INTERFACE, _interface(history)),
    }


def is_to(history: History, number: str) -> bool:
    """Whether the device with this number is sent the message."""
    return kind_and_key(history.message.destination) == (DEVICE, number)


def _status(history: History, place: Waiting | None) -> int:
    if history.state.final:
        return _OF_STATE.get(history.state, FAILED)
    if place is None:
        return IN_PROGRESS
    return PENDING if history.state is State.SCHEDULED and not place.attempts else BUFFERED


def _source_type(history: History) -> int:
    return _TYPE_OF_TON.get(history.message.source.ton, NATIONAL)


def _interface(history: History) -> int:
    message = history.message
    if not message.account:
        return LOCAL
    return REST_API if message.service_type == SERVICE_TYPE else SMPP


def _described(table: dict[int, str], number: int) -> dict[str, Any]:
    return {"description": table[number], "id": number}
