"""Messages to things, and over other SMSCs to numbers that aren't things."""

import re
from typing import Any, Final, NamedTuple

from smsc.delivery.submission import Submission
from smsc.message import Address
from smsc.web.submitting import NotAnswered, submit
from smsc.web.tr50.envelope import Code, Failure
from smsc.web.tr50.ids import moment, record_id, uuid
from smsc.web.tr50.parameters import Params, invalid, missing
from smsc.web.tr50.room import Caller, Room
from smsc.web.tr50.things import SENDING, number_of, own_thing
from smsc_encodings.dcs import Alphabet, data_coding_for, encode_text
from smsc_encodings.errors import EncodingError
from smsc_encodings.segmentation import smallest
from smsc_routing.decision import Reason, Verdict
from smsc_routing.traffic import Party

LONGEST_CARRIER_TEXT: Final = 160
LONGEST_VALIDITY: Final = 10 * 366 * 24 * 3600
"""Seconds; the SMSC's own `validity` ends it earlier."""

_CODINGS: Final = {
    "SEVEN_BIT": Alphabet.GSM7,
    "EIGHT_BIT": Alphabet.OCTET,
    "UCS2": Alphabet.UCS2,
}
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})*", re.ASCII)
_NO_SOURCE: Final = Address(0, 0, "")

CODES: Final = {
    Reason.UNKNOWN_DESTINATION: Code.NOT_FOUND,
    Reason.SOURCE_NOT_ALLOWED: Code.PERMISSION,
    Reason.SWITCHED_OFF: Code.PERMISSION,
    Reason.QUOTA: Code.TOO_MANY,
    Reason.RATE_LIMIT: Code.TOO_MANY,
    Reason.STORE_BEHIND: Code.TOO_MANY,
    Reason.STORE_FAILED: Code.UNAVAILABLE,
    Reason.NOT_DELIVERED: Code.UNAVAILABLE,
}
"""What a refusal is called; whatever else is wrong is wrong with a parameter."""


class _Way(NamedTuple):
    """Where a message goes: the number, the link it asks for, and the SMSC that serves it."""

    number: str
    link: str
    smsc: str


class _Content(NamedTuple):
    octets: bytes
    data_coding: int


async def send(room: Room, caller: Caller, params: Params) -> dict[str, Any]:
    """sms.send: send a message to a thing, or over an SMSC to any number."""
    content = _content(params)
    validity = _validity(params)
    source = params.text("from")
    way = await _way(room, caller, params)
    return await _sent(room, caller, way, content, source, validity)


async def send_by_carrier(room: Room, caller: Caller, params: Params) -> dict[str, Any]:
    """cdp.connection.sms.send: send one text to a connection, and tell nothing of it."""
    names = {name: SENDING[name] for name in ("iccid", "imei", "imsi", "meid")}
    number = await number_of(room, params, {"id": "id", **names})
    if number is None:
        raise Failure(Code.PARAMETER, f"Missing parameter: one of id, {', '.join(names)}")
    text = params.required("message")
    if len(text) > LONGEST_CARRIER_TEXT:
        raise invalid("message", f"it is longer than {LONGEST_CARRIER_TEXT} characters.")
    try:
        alphabet = smallest(text)
        content = _Content(encode_text(text, alphabet), data_coding_for(alphabet))
    except EncodingError as error:
        raise invalid("message", f"{error}.") from error
    await _sent(room, caller, _Way(number, "", room.own_smsc), content, None, 0)
    return {}


async def send_by_name_of_twilio(room: Room, caller: Caller, params: Params) -> dict[str, Any]:
    """twilio.sms.send: send a text to a number, over the routes there are."""
    text, to = params.required("body"), params.required("to")
    try:
        alphabet = smallest(text)
        content = _Content(encode_text(text, alphabet), data_coding_for(alphabet))
    except EncodingError as error:
        raise invalid("body", f"{error}.") from error
    way = _Way(to.removeprefix("+"), "", room.own_smsc)
    return await _sent(room, caller, way, content, params.text("from"), 0)


def _content(params: Params) -> _Content:
    """Read what is sent; raises Failure."""
    coding, message = params.text("coding"), params.text("message")
    if coding is None:
        raise missing("coding")
    alphabet = _CODINGS.get(coding)
    if alphabet is None:
        raise invalid("coding", f"write {', '.join(_CODINGS)}.")
    if message is None:
        raise missing("message")
    if params.switch("trim", True):
        message = message.strip()
    if alphabet is Alphabet.OCTET:
        if not _HEX.fullmatch(message):
            raise invalid("message", "EIGHT_BIT takes pairs of hexadecimal digits.")
        return _Content(bytes.fromhex(message), data_coding_for(alphabet))
    try:
        return _Content(encode_text(message, alphabet), data_coding_for(alphabet))
    except EncodingError as error:
        cure = "; send it as UCS2" if alphabet is Alphabet.GSM7 else ""
        raise invalid("message", f"{error}{cure}.") from error


def _validity(params: Params) -> int:
    """Read for how many milliseconds a message is kept, 0 if that isn't said; raises Failure."""
    return 1000 * params.within("validity", 0, 1, LONGEST_VALIDITY)


async def _way(room: Room, caller: Caller, params: Params) -> _Way:
    """Find out where a message goes; raises Failure."""
    number = await number_of(room, params, SENDING)
    if number is None:
        number = await own_thing(room, caller)
    if number is None:
        raise Failure(Code.PARAMETER, f"Missing parameter: one of {', '.join(SENDING)}")
    smsc = params.text("smsc")
    await room.services.hlr.read([number])
    thing = room.services.hlr.find(number)
    if thing is not None:
        # Whoever serves a thing does so whatever was asked for.
        return _Way(number, "", thing.link or room.own_smsc)
    if not smsc:
        raise missing("smsc (no thing has this number)")
    if smsc not in room.smscs():
        raise invalid("smsc", "there is none of this name; sms.smsc_list lists them.")
    return _Way(number, smsc if smsc != room.own_smsc else "", smsc)


async def _sent(
    room: Room, caller: Caller, way: _Way, content: _Content, source: str | None, validity: int
) -> dict[str, Any]:
    """Submit a message and describe it; raises Failure."""
    services, account = room.services, caller.session.account
    now = services.clock.now()
    submission = Submission(
        Party.APPLICATION,
        account,
        services.origin.address_of(source) if source else _NO_SOURCE,
        services.origin.address_of(way.number),
        content.octets,
        content.data_coding,
        expires_at=now + validity if validity else 0,
        link=way.link,
    )
    try:
        answer = await submit(services, submission)
    except NotAnswered as error:
        raise Failure(Code.UNAVAILABLE, f"Try again later: {error}.") from error
    if isinstance(answer, Verdict):
        raise refusal(answer)
    return {
        "dateSent": moment(now),
        "uuid": uuid(answer),
        "id": record_id(answer, account),
        "preferredSmsc": way.smsc,
    }


def refusal(verdict: Verdict) -> Failure:
    """Turn a verdict that isn't `accepted` into a failure."""
    code = CODES.get(verdict.reason, Code.PARAMETER)
    seconds = -(-verdict.retry_after_ms // 1000)
    again = f"; try again in {seconds} s" if seconds else ""
    return Failure(code, f"Message refused ({verdict.reason}): {verdict.detail}{again}.")
