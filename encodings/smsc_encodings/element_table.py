"""How information elements lie on the wire: a row for each, to read and to write them by.

3GPP TS 23.040, 9.2.3.24.  A row says what numbers an element begins with, and how
many octets may stand behind them, up to its end.
"""

from struct import Struct
from struct import error as StructError
from typing import NamedTuple

from smsc_encodings import address
from smsc_encodings.elements import (
    CharacterSizeWvg,
    CompressionControl,
    Concatenation,
    Element,
    EnhancedVoiceMail,
    ExtendedObject,
    ExtendedObjectDataRequest,
    Hyperlink,
    InformationElement,
    LargeAnimation,
    LargePicture,
    Malformed,
    NationalLockingShift,
    NationalSingleShift,
    ObjectDistribution,
    Ports8,
    Ports16,
    PredefinedAnimation,
    PredefinedSound,
    ReplyAddress,
    ReusedExtendedObject,
    Rfc822Header,
    SmallAnimation,
    SmallPicture,
    SmscControl,
    SourceIndicator,
    SpecialIndication,
    StandardWvg,
    TextFormatting,
    UserDefinedSound,
    UserPrompt,
    VariablePicture,
    Wcmp,
)
from smsc_encodings.errors import EncodingError


class Row(NamedTuple):
    """How an element is laid out: its numbers, then `least` to `most` octets in its last field."""

    kind: type
    numbers: Struct
    clause: str
    least: int = 0
    most: int = 0


def _row(kind: type, numbers: str, clause: str, least: int = 0, most: int = 0) -> Row:
    return Row(kind, Struct(">" + numbers), "9.2.3.24." + clause, least, most)


_MOST = 253

ROWS: dict[int, Row] = {
    0x00: _row(Concatenation, "BBB", "1"),
    0x01: _row(SpecialIndication, "BB", "2"),
    0x04: _row(Ports8, "BB", "3"),
    0x05: _row(Ports16, "HH", "4"),
    0x06: _row(SmscControl, "B", "5"),
    0x07: _row(SourceIndicator, "B", "6"),
    0x08: _row(Concatenation, "HBB", "8"),
    0x09: _row(Wcmp, "", "9", 0, _MOST),
    0x0A: _row(TextFormatting, "BBB", "10.1.1", 0, 1),
    0x0B: _row(PredefinedSound, "BB", "10.1.2"),
    0x0C: _row(UserDefinedSound, "B", "10.1.3", 0, 128),
    0x0D: _row(PredefinedAnimation, "BB", "10.1.4"),
    0x0E: _row(LargeAnimation, "B", "10.1.5", 128, 128),
    0x0F: _row(SmallAnimation, "B", "10.1.6", 32, 32),
    0x10: _row(LargePicture, "B", "10.1.7", 128, 128),
    0x11: _row(SmallPicture, "B", "10.1.8", 32, 32),
    0x12: _row(VariablePicture, "BBB", "10.1.9", 0, _MOST - 3),
    0x13: _row(UserPrompt, "B", "10.1.10"),
    0x14: _row(ExtendedObject, "", "10.1.11", 0, _MOST),
    0x15: _row(ReusedExtendedObject, "BH", "10.1.12"),
    0x16: _row(CompressionControl, "", "10.1.13", 0, _MOST),
    0x17: _row(ObjectDistribution, "BB", "10.1.14"),
    0x18: _row(StandardWvg, "B", "10.1.15", 0, _MOST - 1),
    0x19: _row(CharacterSizeWvg, "B", "10.1.16", 0, _MOST - 1),
    0x1A: _row(ExtendedObjectDataRequest, "", "10.1.17", 0, _MOST),
    0x20: _row(Rfc822Header, "B", "11"),
    0x21: _row(Hyperlink, "HBB", "12"),
    0x22: _row(ReplyAddress, "", "14", 2, 12),
    0x23: _row(EnhancedVoiceMail, "", "13", 5, _MOST),
    0x24: _row(NationalSingleShift, "B", "15"),
    0x25: _row(NationalLockingShift, "B", "16"),
}
"""The elements by their identifier; the rest of 0x00 to 0xFF is kept as it is."""

_FIELDS: dict[type, tuple[str, ...]] = {
    row.kind: tuple(row.kind.__annotations__) for row in ROWS.values()
}
_FIELDS[Concatenation] = ("reference", "total", "sequence")
_IDENTIFIERS = {row.kind: iei for iei, row in ROWS.items() if row.kind is not Concatenation}


def iei_of(element: InformationElement) -> int:
    """Return the identifier an element is written with."""
    if isinstance(element, Concatenation):
        return 0x08 if element.wide else 0x00
    if isinstance(element, Element | Malformed):
        return element.iei
    return _IDENTIFIERS[type(element)]


def read(iei: int, data: bytes, offset: int) -> InformationElement:
    """Read the data of an element; `offset` is where its identifier stands, for the report.

    Nothing is raised: what can't be read is `Malformed`, and what could be read
    but not written again as it was is an `Element`.
    """
    row = ROWS.get(iei)
    if row is None:
        return Element(iei, data)
    shortest = row.numbers.size + row.least
    if not shortest <= len(data) <= row.numbers.size + row.most:
        reason = f"the {name_of(iei)} element at offset {offset} can't be {len(data)} octets"
        return Malformed(iei, data, offset, reason)
    if row.kind in _ADDRESSED:
        return _addressed(iei, data, offset)
    numbers = row.numbers.unpack_from(data)
    if row.kind is Concatenation:
        reference, total, sequence = numbers
        if not 1 <= sequence <= total:
            return Element(iei, data)
        return Concatenation(reference, total, sequence, iei == 0x08)
    tail = (data[row.numbers.size :],) if row.most else ()
    read_element: InformationElement = row.kind(*numbers, *tail)
    return read_element


_ADDRESSED = (ReplyAddress, EnhancedVoiceMail)


def _addressed(iei: int, data: bytes, offset: int) -> InformationElement:
    try:
        element = _reply_address(data) if iei == 0x22 else _voice_mail(data)
    except EncodingError as error:
        reason = f"the {name_of(iei)} element at offset {offset} can't be read: {error}"
        return Malformed(iei, data, offset, reason)
    # An address may have spare bits set, or a filler in an odd place.
    return element if write(element) == data else Element(iei, data)


def _reply_address(data: bytes) -> ReplyAddress:
    found, end = address.decode(data)
    if end < len(data):
        raise EncodingError(f"{len(data) - end} octets are behind the address")
    return ReplyAddress(found)


def _voice_mail(data: bytes) -> EnhancedVoiceMail:
    access, at = address.decode(data, 1)
    if at + 2 > len(data):
        raise EncodingError("it ends before its counts")
    return EnhancedVoiceMail(data[0], access, data[at], data[at + 1], data[at + 2 :])


def write(element: InformationElement) -> bytes:
    """Write the data of an element, without identifier and length.

    Raises EncodingError for what doesn't fit.
    """
    if isinstance(element, Element | Malformed):
        return element.data
    if isinstance(element, ReplyAddress):
        return address.encode(element.address)
    if isinstance(element, EnhancedVoiceMail):
        return _voice_mail_octets(element)
    iei = iei_of(element)
    row = ROWS[iei]
    values = [getattr(element, name) for name in _FIELDS[row.kind]]
    tail = values[-1] if row.most else b""
    try:
        numbers = row.numbers.pack(*(values[:-1] if row.most else values))
    except StructError:
        raise EncodingError(f"a number of {element} doesn't fit its field") from None
    if not isinstance(tail, bytes) or not row.least <= len(tail) <= row.most:
        raise EncodingError(f"the {name_of(iei)} element can't hold {tail!r}")
    return numbers + tail


def _voice_mail_octets(element: EnhancedVoiceMail) -> bytes:
    if not all(0 <= number <= 255 for number in (element.flags, element.waiting, element.count)):
        raise EncodingError(f"a number of {element} doesn't fit its field")
    counts = bytes((element.waiting, element.count))
    return bytes((element.flags,)) + address.encode(element.access) + counts + element.entries


_NAMES = {
    0x00: "concatenation",
    0x01: "special SMS message indication",
    0x04: "application port (8 bit)",
    0x05: "application port (16 bit)",
    0x06: "SMSC control parameters",
    0x07: "UDH source indicator",
    0x08: "concatenation (16 bit reference)",
    0x09: "wireless control message protocol",
    0x0A: "text formatting",
    0x0B: "predefined sound",
    0x0C: "user defined sound",
    0x0D: "predefined animation",
    0x0E: "large animation",
    0x0F: "small animation",
    0x10: "large picture",
    0x11: "small picture",
    0x12: "variable picture",
    0x13: "user prompt indicator",
    0x14: "extended object",
    0x15: "reused extended object",
    0x16: "compression control",
    0x17: "object distribution indicator",
    0x18: "standard WVG object",
    0x19: "character size WVG object",
    0x1A: "extended object data request",
    0x20: "RFC 822 e-mail header",
    0x21: "hyperlink format",
    0x22: "reply address",
    0x23: "enhanced voice mail information",
    0x24: "national language single shift",
    0x25: "national language locking shift",
}


def name_of(iei: int) -> str:
    """Name an element as 9.2.3.24 does, or the range that its identifier is in."""
    if iei in _NAMES:
        return _NAMES[iei]
    if 0x70 <= iei <= 0x7F:
        return "(U)SIM toolkit security header"
    if 0x80 <= iei <= 0x9F:
        return "SME to SME specific"
    return "SC specific" if 0xC0 <= iei <= 0xDF else "reserved"
