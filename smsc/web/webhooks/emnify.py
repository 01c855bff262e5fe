"""The shape of emnify: messages are posted, receipts patched, and a bearer token is borne.

Each part of a long message is told by itself. Of receipts only those are told that say delivered,
failed or expired. An api_secret signs the token; without one there is none.
"""

from typing import Any, Final
from urllib.parse import urlsplit
from zlib import crc32

from smsc.message import Receipt, State
from smsc.subscriber import Device, Identity
from smsc.web.webhooks.event import Call, Event, content, json, second, text_or_hex
from smsc.web.webhooks.signing import json_web_token, standard_headers

ZAPIER: Final = "hooks.zapier.com"
"""Documents no PATCH."""

_DATE: Final = "%Y-%m-%d %H:%M:%S"
_DELIVERED: Final = {"status": "DELIVERED", "id": 4}
_FAILED: Final = {"status": "FAILED", "id": 5}
_EXPIRED: Final = {"status": "EXPIRED", "id": 6}
_STATUSES: Final = {
    State.DELIVERED: _DELIVERED,
    State.UNDELIVERABLE: _FAILED,
    State.REJECTED: _FAILED,
    State.UNKNOWN: _FAILED,
    State.EXPIRED: _EXPIRED,
}


def call(event: Event, now_s: int) -> Call | None:
    """Return the call that tells of an event, None if emnify doesn't tell of it."""
    receipt, hook = event.message.receipt, event.hook
    if receipt is None:
        method, data = "POST", _received(event)
    elif receipt.state in _STATUSES:
        method, data = _method(event), _status(event, receipt)
    else:
        return None
    body = json(data)
    headers = standard_headers(event.key, now_s, body, ())
    if hook.secrets:
        headers["Authorization"] = f"Bearer {json_web_token(hook.secrets[0], now_s)}"
    return Call(method, headers, body)


def _method(event: Event) -> str:
    if event.hook.receipts == "post" or urlsplit(event.hook.url).hostname == ZAPIER:
        return "POST"
    return "PATCH"


def _received(event: Event) -> dict[str, Any]:
    message = event.message
    found = content(message)
    partno, total, identifier = 1, 1, message.id
    if found.part is not None:
        partno, total, identifier = found.part.sequence, found.part.total, found.part.reference
    return {
        "id": message.id,
        "endpoint": endpoint(event.device),
        "organisation": {"id": organisation_id(_account(event))},
        "source_address": message.source.digits,
        "dest_address": message.dest.digits,
        "payload": text_or_hex(found),
        "dcs": message.data_coding,
        "pid": message.protocol_id,
        "submit_date": second(message.accepted_at, _DATE),
        "multi_part_info": {"partno": partno, "total": total, "identifier": identifier},
    }


def _status(event: Event, receipt: Receipt) -> dict[str, Any]:
    return {
        "id": receipt.about,
        "status": _STATUSES[receipt.state],
        "endpoint": endpoint(event.device),
        "organisation": {"id": organisation_id(_account(event))},
        "submit_date": second(receipt.submitted_at, _DATE),
        "final_date": second(receipt.done_at, _DATE),
    }


def _account(event: Event) -> str:
    return event.message.account or event.hook.account


def endpoint(device: Device) -> dict[str, Any]:
    """Return a device as emnify names it; without an id of its own it goes by its number."""
    name = device.identities.get(Identity.NAME, "")
    return {"id": endpoint_id(device), "name": name or device.number}


def endpoint_id(device: Device) -> int:
    """Return the id of a device."""
    given = device.identities.get(Identity.ID, "")
    digits = given or device.number
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def organisation_id(account: str) -> int:
    """Return the id of an account, 1 to 2**31 - 1: of its name, for it has none of its own."""
    return crc32(account.encode()) % 0x7FFFFFFE + 1
