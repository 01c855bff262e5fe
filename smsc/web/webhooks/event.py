"""What there is to tell a webhook: a message from a device, or what became of one to a device.

Each shape has its own words for it. All of them are pure: an event, who is called, and the time in,
a call out.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from smsc.message import Message
from smsc.smpp.commands import ESM_UDHI
from smsc.subscriber import Device
from smsc.webhook_table import Webhook
from smsc_encodings import gsm7
from smsc_encodings.dcs import Alphabet, alphabet_of, decode_text
from smsc_encodings.errors import EncodingError
from smsc_encodings.national import Shifts, shifts_in
from smsc_encodings.udh import Concatenation, Udh, split_user_data

RECEIVED = "message.received"
STATUS = "message.status"

_NO_HEADER = Udh((), 0)


class Call(NamedTuple):
    """A request to make."""

    method: str
    headers: Mapping[str, str]
    body: bytes


class Event(NamedTuple):
    """A message, or one that carries a receipt, and whom it is for.

    `device` is the device that sent the message, or that the receipt tells of. `key` is the
    event's own: the same at each attempt, and of no other event.
    """

    message: Message
    hook: Webhook
    device: Device
    key: str


class Content(NamedTuple):
    """The user data of a message: its header, and what stands behind it, as text if it is one."""

    header: Udh
    body: bytes
    text: str | None
    part: Concatenation | None


def content(message: Message) -> Content:
    """Read the user data of a message; what can't be read as its data_coding says has no text."""
    header, body, shifts = _NO_HEADER, message.payload, Shifts()
    if message.esm_class & ESM_UDHI:
        try:
            header, body = split_user_data(message.payload)
            shifts = shifts_in(message.payload)
        except EncodingError:
            header, body = _NO_HEADER, message.payload
    return Content(header, body, _text(body, message.data_coding, shifts), header.concatenation)


def _text(body: bytes, data_coding: int, shifts: Shifts) -> str | None:
    try:
        alphabet = alphabet_of(data_coding)
        if alphabet is Alphabet.GSM7:
            return gsm7.decode(body, *shifts)
        if alphabet is Alphabet.UCS2:
            # A part may end in the middle of a character.
            return body.decode("utf-16-be", "replace")
        return None if alphabet is Alphabet.OCTET else decode_text(body, data_coding)
    except EncodingError:
        return None


def text_or_hex(found: Content) -> str:
    """Return the text, or hexadecimal digits if there is none: for shapes with one member."""
    return found.text if found.text is not None else found.body.hex()


def device_number(message: Message) -> str:
    """Return the number of the device that an event is about: receipts come from it too."""
    return message.source.digits


def json(value: Any) -> bytes:
    """Write the body of a call."""
    return msgspec.json.encode(value)


def moment(ms: int) -> str:
    """Write milliseconds since the epoch as RFC 3339, UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def second(ms: int, form: str) -> str:
    """Write the second of milliseconds since the epoch in a form of `strftime`, UTC."""
    return datetime.fromtimestamp(ms // 1000, UTC).strftime(form)
