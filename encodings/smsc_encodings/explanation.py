"""What octets mean, told to a person: a tree of facts, which `smsc decode` prints.

A fact is a field with the octets it stands in, its value, what that means, and
the clause that says so.  Here are the facts that SMPP and TPDUs have in common:
user data headers and data coding schemes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import NamedTuple

from smsc_encodings import address, element_table, udh
from smsc_encodings.address import Address
from smsc_encodings.data_coding import DataCoding
from smsc_encodings.dcs import Alphabet, Dcs, Indication, MessageClass
from smsc_encodings.elements import (
    Concatenation,
    Element,
    EnhancedVoiceMail,
    InformationElement,
    Malformed,
    NationalLockingShift,
    NationalSingleShift,
    Ports8,
    Ports16,
    ReplyAddress,
    SourceIndicator,
    SpecialIndication,
)
from smsc_encodings.shift_tables import Language


class Fact(NamedTuple):
    """A field at `offset`, with its `octets` and the facts inside it."""

    name: str
    offset: int
    octets: bytes
    value: str = ""
    meaning: str = ""
    clause: str = ""
    facts: tuple["Fact", ...] = ()


def walk(facts: Iterable[Fact], depth: int = 0) -> Iterator[tuple[int, Fact]]:
    """Yield each fact with its depth, the ones inside it behind it."""
    for fact in facts:
        yield depth, fact
        yield from walk(fact.facts, depth + 1)


def hexadecimal(value: int, octets: int = 1) -> str:
    """Write a number as 0x and its octets."""
    return f"0x{value:0{2 * octets}X}"


def bit(octet: int, offset: int, name: str, mask: int, meaning: str, clause: str) -> Fact:
    """Return the fact of the bits of `mask` in an octet."""
    shift = (mask & -mask).bit_length() - 1
    width = mask.bit_count()
    return Fact(name, offset, b"", f"{(octet & mask) >> shift:0{width}b}", meaning, clause)


_ALPHABETS = {
    Alphabet.GSM7: "GSM 7 bit",
    Alphabet.ASCII: "ASCII",
    Alphabet.LATIN1: "Latin-1",
    Alphabet.OCTET: "8 bit data",
    Alphabet.UCS2: "UCS2",
}
_CLASSES = {
    MessageClass.IMMEDIATE: "class 0, shown at once",
    MessageClass.ME: "class 1, kept in the phone",
    MessageClass.SIM: "class 2, kept in the SIM",
    MessageClass.TE: "class 3, for what is attached to the phone",
}
_INDICATIONS = {
    Indication.VOICE: "voice mail",
    Indication.FAX: "fax",
    Indication.EMAIL: "e-mail",
    Indication.OTHER: "other",
}


def scheme_meaning(scheme: Dcs) -> str:
    """Say what a TP-DCS means (3GPP TS 23.038, 4)."""
    parts = [_ALPHABETS[scheme.alphabet]]
    if scheme.compressed:
        parts.append("compressed")
    if scheme.message_class is not None:
        parts.append(_CLASSES[scheme.message_class])
    if scheme.indication is not None:
        sense = "on" if scheme.active else "off"
        parts.append(f"{_INDICATIONS[scheme.indication]} indicator {sense}")
    parts.append(scheme.group.value)
    if scheme.reserved:
        parts.append(f"reserved bits {hexadecimal(scheme.reserved)}")
    return "; ".join(parts)


def data_coding_meaning(coding: DataCoding) -> str:
    """Say what a data_coding means (SMPP 5.0, 4.7.7)."""
    return scheme_meaning(coding.dcs) if coding.dcs is not None else coding.name


def address_meaning(found: Address) -> str:
    """Say what the type and plan of an address are (3GPP TS 23.040, 9.1.2.5)."""
    return f"{address.TYPES[found.ton]}, plan {address.PLANS.get(found.npi, 'reserved')}"


def header_fact(octets: bytes, offset: int) -> Fact:
    """Explain the user data header that `octets` are; they stand at `offset`.

    Raises EncodingError, with the offset, if it can't be read.
    """
    header = udh.decode(octets, offset)
    facts = [Fact("UDHL", offset, octets[:1], str(octets[0]), "octets that follow", "9.2.3.24")]
    at = 1
    for element in header.elements:
        end = at + 2 + octets[at + 1]
        facts.append(_element_fact(element, octets[at:end], offset + at))
        at = end
    return Fact(
        "user data header",
        offset,
        octets[: header.consumed],
        clause="23.040 9.2.3.24",
        facts=tuple(facts),
    )


def _element_fact(element: InformationElement, octets: bytes, offset: int) -> Fact:
    iei = element_table.iei_of(element)
    row = element_table.ROWS.get(iei)
    return Fact(
        f"IEI {hexadecimal(iei)}",
        offset,
        octets,
        _element_value(element),
        f"{element_table.name_of(iei)}{_element_meaning(element)}",
        row.clause if row is not None else "9.2.3.24",
    )


def _element_value(element: InformationElement) -> str:
    if isinstance(element, Concatenation):
        return f"reference {element.reference}, part {element.sequence} of {element.total}"
    if isinstance(element, Element | Malformed):
        return element.data.hex()
    shown = ((field.name, getattr(element, field.name)) for field in fields(element))
    return ", ".join(f"{name} {_shown(value)}" for name, value in shown if value != b"")


def _shown(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return value.value if isinstance(value, Address) else str(value)


_LANGUAGES = {language.value: language.name.capitalize() for language in Language}
_SOURCES = {1: "the original sender", 2: "the original receiver", 3: "the SMSC"}
_PORTS = {
    2948: "WAP push",
    2949: "WAP push, secure",
    5505: "ring tone",
    5506: "operator logo",
    5507: "group logo",
    5508: "WAP provisioning, Nokia",
    9200: "WSP, connectionless",
    9204: "vCard",
    9205: "vCalendar",
    49999: "WAP browser settings",
}


def _element_meaning(element: InformationElement) -> str:
    said = ""
    if isinstance(element, Malformed):
        said = element.reason
    elif isinstance(element, NationalSingleShift | NationalLockingShift):
        said = _LANGUAGES.get(element.language, "reserved")
    elif isinstance(element, Ports8 | Ports16):
        said = _PORTS.get(element.destination, "")
    elif isinstance(element, SourceIndicator):
        said = f"what follows is from {_SOURCES.get(element.source, 'nobody known')}"
    elif isinstance(element, SpecialIndication):
        kept = "stored" if element.store else "not stored"
        kind = _INDICATIONS[Indication(element.kind)]
        said = f"{element.count} waiting ({kind}), profile {element.profile}, {kept}"
    elif isinstance(element, ReplyAddress):
        said = address_meaning(element.address)
    elif isinstance(element, EnhancedVoiceMail):
        said = "confirmation of deletion" if element.deletion else "notification"
    return f": {said}" if said else ""


def text_fact(text: str | None, why_not: str, body: bytes, offset: int) -> Fact:
    """Return the fact of a text, or of octets that are none."""
    if text is not None:
        return Fact("text", offset, b"", text, f"{len(text)} characters")
    return Fact("octets", offset, b"", body.hex(), why_not)
