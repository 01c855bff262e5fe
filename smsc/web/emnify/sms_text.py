"""The text of an SMS: from what a client says of it to octets, and back.

`dcs` is a TP-DCS (3GPP TS 23.038). Without one, the text is written in the smallest alphabet that
holds it. Under one that means octets, a payload of pairs of hexadecimal digits is those octets, and
any other is its UTF-8. A message is one short message: a longer text comes in parts, each with a
user data header of the client's own.
"""

from typing import Final, NamedTuple

from smsc.message import Message
from smsc.smpp.commands import ESM_UDHI
from smsc.web.emnify.errors import BAD_FORMAT, Wrong
from smsc_encodings import dcs, udh
from smsc_encodings.dcs import Alphabet, alphabet_of, data_coding_for, decode_text, encode_text
from smsc_encodings.errors import EncodingError
from smsc_encodings.interworking import data_coding_of
from smsc_encodings.segmentation import capacity, smallest

LONGEST: Final = 4096
"""Characters of a payload that are looked at."""


class UserData(NamedTuple):
    """What a message carries, as `Submission` has it."""

    octets: bytes
    data_coding: int
    esm_class: int


def written(payload: str, scheme: int | None, header: str) -> UserData:
    """Write user data; raises Wrong."""
    if len(payload) > LONGEST:
        raise Wrong(BAD_FORMAT, f"payload: {len(payload)} characters don't fit in one SMS")
    try:
        head = _header(header)
        body, data_coding = _body(payload, scheme)
        room = capacity(alphabet_of(data_coding), len(head))
    except EncodingError as error:
        raise Wrong(BAD_FORMAT, str(error)) from error
    if len(body) > room:
        words = f"payload: {len(body)} don't fit where {room} do; send parts, each with a udh"
        raise Wrong(BAD_FORMAT, words)
    return UserData(head + body, data_coding, ESM_UDHI if head else 0)


def _header(text: str) -> bytes:
    if not text:
        return b""
    try:
        head = bytes.fromhex(text)
    except ValueError as error:
        raise Wrong(BAD_FORMAT, "udh: write pairs of hexadecimal digits: 050003CC0201") from error
    if udh.decode(head).consumed != len(head):
        raise Wrong(BAD_FORMAT, "udh: its first octet is the number of those that follow")
    return head


def _body(payload: str, scheme: int | None) -> tuple[bytes, int]:
    if scheme is None:
        alphabet = smallest(payload)
        return encode_text(payload, alphabet), data_coding_for(alphabet)
    data_coding = data_coding_of(scheme)
    alphabet = alphabet_of(data_coding)
    if alphabet is not Alphabet.OCTET:
        return encode_text(payload, alphabet), data_coding
    try:
        return bytes.fromhex(payload) if payload.isalnum() else payload.encode(), data_coding
    except ValueError:
        return payload.encode(), data_coding


def read(message: Message) -> tuple[str, str]:
    """Return the payload of a message as text, or its octets in hexadecimal, and its UDH."""
    octets, head = message.payload, b""
    if message.esm_class & ESM_UDHI and octets:
        end = 1 + octets[0]
        head, octets = octets[:end], octets[end:]
    try:
        text = decode_text(octets, message.data_coding)
    except EncodingError:
        text = octets.hex().upper()
    return text, head.hex().upper()


def scheme_of(data_coding: int) -> int:
    """Return the TP-DCS that a message is shown with."""
    if data_coding >= 0x10:
        return data_coding
    return dcs.encode(dcs.dcs_for(_CARRIED.get(alphabet_of(data_coding), Alphabet.OCTET)))


_CARRIED: Final = {
    Alphabet.GSM7: Alphabet.GSM7,
    Alphabet.ASCII: Alphabet.GSM7,
    Alphabet.LATIN1: Alphabet.GSM7,
    Alphabet.UCS2: Alphabet.UCS2,
}
