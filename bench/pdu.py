"""The few PDUs a load generator needs, by struct: no codec shared with the server it checks."""

import random
import struct
import sys
from array import array
from collections.abc import Iterator

from msgspec import Struct

GENERIC_NACK = 0x80000000
BIND_TRANSMITTER = 0x00000002
SUBMIT_SM = 0x00000004
DELIVER_SM = 0x00000005
UNBIND = 0x00000006
BIND_TRANSCEIVER = 0x00000009
ENQUIRE_LINK = 0x00000015
RESPONSE = 0x80000000

ESM_DATAGRAM, ESM_TRANSACTION, ESM_MODE_MASK = 0x01, 0x02, 0x03
UNSTORED_MODES = (ESM_DATAGRAM, ESM_TRANSACTION)

HEADER = struct.Struct(">4I")
SEQUENCE_AT = 12
LAST_SEQUENCE = 0x7FFFFFFF
LARGEST_PDU = 1 << 20

STATUS_NAMES = {
    0x00: "ESME_ROK",
    0x01: "ESME_RINVMSGLEN",
    0x02: "ESME_RINVCMDLEN",
    0x03: "ESME_RINVCMDID",
    0x04: "ESME_RINVBNDSTS",
    0x05: "ESME_RALYBND",
    0x06: "ESME_RINVPRTFLG",
    0x07: "ESME_RINVREGDLVFLG",
    0x08: "ESME_RSYSERR",
    0x0A: "ESME_RINVSRCADR",
    0x0B: "ESME_RINVDSTADR",
    0x0C: "ESME_RINVMSGID",
    0x0D: "ESME_RBINDFAIL",
    0x0E: "ESME_RINVPASWD",
    0x0F: "ESME_RINVSYSID",
    0x14: "ESME_RMSGQFUL",
    0x15: "ESME_RINVSERTYP",
    0x43: "ESME_RINVESMCLASS",
    0x45: "ESME_RSUBMITFAIL",
    0x48: "ESME_RINVSRCTON",
    0x49: "ESME_RINVSRCNPI",
    0x50: "ESME_RINVDSTTON",
    0x51: "ESME_RINVDSTNPI",
    0x58: "ESME_RTHROTTLED",
    0x61: "ESME_RINVSCHED",
    0x62: "ESME_RINVEXPIRY",
    0x64: "ESME_RX_T_APPN",
    0x65: "ESME_RX_P_APPN",
    0x66: "ESME_RX_R_APPN",
    0xC0: "ESME_RINVOPTPARSTREAM",
    0xC1: "ESME_ROPTPARNOTALLWD",
    0xC2: "ESME_RINVPARLEN",
    0xC3: "ESME_RMISSINGOPTPARAM",
    0xC4: "ESME_RINVOPTPARAMVAL",
    0xFE: "ESME_RDELIVERYFAILURE",
    0xFF: "ESME_RUNKNOWNERR",
    0x100: "ESME_RSERTYPUNAUTH",
    0x101: "ESME_RPROHIBITED",
    0x102: "ESME_RSERTYPUNAVAIL",
    0x103: "ESME_RSERTYPDENIED",
    0x104: "ESME_RINVDCS",
}

_TEXT_CODECS = {0: "ascii", 1: "ascii", 3: "latin-1", 4: "utf-8", 6: "iso8859-5", 8: "utf-16-be"}
_TEXT_ROOM = 254
_INTERFACE_VERSION = 0x34
_INTERNATIONAL, _NETWORK_SPECIFIC, _ALPHANUMERIC = 1, 3, 5
_ISDN_PLAN = 1
_LONGEST_SHORT_CODE = 8

_RECEIPT_TYPE, _TYPE_BITS = 0x04, 0x3C
_RECEIPTED_MESSAGE_ID, _MESSAGE_STATE = 0x001E, 0x0427
_STATES = (
    b"SCHEDULED",
    b"ENROUTE",
    b"DELIVRD",
    b"EXPIRED",
    b"DELETED",
    b"UNDELIV",
    b"ACCEPTD",
    b"UNKNOWN",
    b"REJECTD",
    b"SKIPPED",
)


class Receipt(Struct, frozen=True):
    """What a delivery receipt says: which message, and how it ended."""

    message_id: bytes
    stat: str


def status_name(status: int) -> str:
    """Give the specification's name of a command_status, or its number."""
    return STATUS_NAMES.get(status, f"0x{status:08X}")


def bind(command: int, system_id: str, password: str, sequence: int) -> bytes:
    """Encode a bind request."""
    body = b"%b\0%b\0\0%c\0\0\0" % (system_id.encode(), password.encode(), _INTERFACE_VERSION)
    return HEADER.pack(16 + len(body), command, 0, sequence) + body


def empty(command: int, sequence: int) -> bytes:
    """Encode a PDU that is only a header."""
    return HEADER.pack(16, command, 0, sequence)


def deliver_response(sequence: int) -> bytes:
    """Encode a deliver_sm_resp, whose message_id is always empty."""
    return HEADER.pack(17, RESPONSE | DELIVER_SM, 0, sequence) + b"\0"


def encode_text(text: str, data_coding: int) -> bytes:
    """Encode a text for short_message, or say why it doesn't fit."""
    codec = _TEXT_CODECS.get(data_coding, "latin-1")
    try:
        octets = text.encode(codec)
    except UnicodeEncodeError as error:
        raise ValueError(
            f"--text has {text[error.start]!r}, which data_coding {data_coding} can't carry here "
            f"({codec}): use --data-coding 8"
        ) from None
    if len(octets) > _TEXT_ROOM:
        raise ValueError(
            f"--text takes {len(octets)} octets and short_message holds {_TEXT_ROOM}: shorten it"
        )
    return octets


def submit(
    source: str,
    destination: str,
    text: bytes,
    data_coding: int,
    receipt: bool,
    esm_class: int = 0,
    validity: str = "",
) -> bytes:
    """Encode a submit_sm whose sequence number is still 0."""
    body = b"\0%b%b%c\0\0\0%b\0%c\0%c\0%c%b" % (
        _address(source),
        _address(destination),
        esm_class,
        validity.encode("ascii"),
        receipt,
        data_coding,
        len(text),
        text,
    )
    return HEADER.pack(16 + len(body), SUBMIT_SM, 0, 0) + body


def _address(number: str) -> bytes:
    digits = number.removeprefix("+")
    if not digits:
        ton, npi = 0, 0
    elif not digits.isdecimal():
        ton, npi = _ALPHANUMERIC, 0
    elif len(digits) <= _LONGEST_SHORT_CODE:
        ton, npi = _NETWORK_SPECIFIC, _ISDN_PLAN
    else:
        ton, npi = _INTERNATIONAL, _ISDN_PLAN
    return b"%c%c%b\0" % (ton, npi, digits.encode("ascii"))


def numbers(pattern: str, most: int) -> list[str]:
    """List up to so many distinct numbers of a pattern where '#' is any digit; always the same."""
    places = pattern.count("#")
    count = min(most, 10**places)
    chosen = random.Random(places).sample(range(10**places), count)
    template = pattern.replace("%", "%%").replace("#", "%s")
    return [template % tuple(f"{value:0{places}d}") if places else pattern for value in chosen]


class Submits:
    """A ring of submit_sm of one size, of which slices go out with sequence numbers of their own.

    The numbers are patched in column by column (first every first octet, then every second), so
    the cost of a slice hardly depends on how many PDUs it has.
    """

    def __init__(self, pdus: list[bytes]) -> None:
        """Lay out PDUs of equal size."""
        self._size = len(pdus[0])
        if any(len(pdu) != self._size for pdu in pdus):
            raise ValueError("the submit_sm of one run must be of one size")
        self._count = len(pdus)
        self._ring = memoryview(b"".join(pdus))

    def cut(self, position: int, count: int, sequence: int) -> bytearray:
        """Copy `count` PDUs from any position on, numbered from `sequence`."""
        octets = bytearray()
        wanted = count
        while wanted:
            start = position % self._count
            taken = min(wanted, self._count - start)
            octets += self._ring[start * self._size : (start + taken) * self._size]
            position += taken
            wanted -= taken
        sequences = array("I", range(sequence, sequence + count))
        if sys.byteorder == "little":
            sequences.byteswap()
        columns = sequences.tobytes()
        for octet in range(4):
            octets[SEQUENCE_AT + octet :: self._size] = columns[octet::4]
        return octets


def receipt_in(octets: bytes, start: int, end: int) -> Receipt | None:
    """Read the delivery receipt in a deliver_sm, or None if it is a message from a device.

    The text is read first; the TLVs are asked for what it doesn't say.
    """
    place = octets.index(0, start + 16, end) + 3  # service_type, TON, NPI
    place = octets.index(0, place, end) + 3
    place = octets.index(0, place, end) + 1
    if octets[place] & _TYPE_BITS != _RECEIPT_TYPE:
        return None
    place = octets.index(0, place + 3, end) + 1  # esm_class, protocol_id, priority, schedule
    place = octets.index(0, place, end) + 6  # validity, four single octets, sm_length
    text_at, text_end = place, min(place + octets[place - 1], end)
    message_id = _field(octets, b"id:", text_at, text_end)
    stat = _field(octets, b"stat:", text_at, text_end)
    if not (message_id and stat):
        tlvs = dict(_tlvs(octets, text_end, end))
        message_id = message_id or tlvs.get(_RECEIPTED_MESSAGE_ID, b"").rstrip(b"\0")
        stat = stat or _state_word(tlvs.get(_MESSAGE_STATE, b""))
    return Receipt(message_id, stat.decode("ascii", "replace") or "unreadable")


def _field(octets: bytes, name: bytes, start: int, end: int) -> bytes:
    place = octets.find(name, start, end)
    if place < 0:
        return b""
    place += len(name)
    stop = octets.find(b" ", place, end)
    return octets[place : stop if stop >= 0 else end]


def _state_word(value: bytes) -> bytes:
    known = len(value) == 1 and value[0] < len(_STATES)
    return _STATES[value[0]] if known else b""


def _tlvs(octets: bytes, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    while start + 4 <= end:
        tag, size = struct.unpack_from(">2H", octets, start)
        yield tag, octets[start + 4 : start + 4 + size]
        start += 4 + size
