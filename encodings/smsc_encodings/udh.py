"""The user data header: information elements in front of a message's text.

3GPP TS 23.040, 9.2.3.24: one octet of length (UDHL), then elements of
identifier, length and data.  In SMPP it starts the short_message of a PDU whose
esm_class has bit 6 (UDHI) set (SMPP 3.4, 5.2.12).

`elements` has a type for each; an unknown one is kept byte for byte, and so is
a concatenation whose numbers 9.2.3.24.1 tells a receiver to ignore (a total or
a sequence of 0, a sequence above the total), and an element that breaks its
clause (`Udh.malformed`): what `decode` read, `encode` writes.

Of elements that exclude each other, or come again though they mustn't, the last
one counts (9.2.3.24).
"""

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

from smsc_encodings import element_table
from smsc_encodings.elements import (
    Concatenation,
    Element,
    InformationElement,
    Malformed,
    Ports8,
    Ports16,
)
from smsc_encodings.errors import EncodingError, misread

__all__ = [
    "CONCATENATION_8",
    "CONCATENATION_16",
    "Concatenation",
    "Element",
    "InformationElement",
    "Malformed",
    "Udh",
    "concatenation_of",
    "decode",
    "encode",
    "split_user_data",
]

CONCATENATION_8 = 0x00
CONCATENATION_16 = 0x08

_MAX_OCTETS = 255
_CONCATENATION_LENGTHS = {CONCATENATION_8: 3, CONCATENATION_16: 4}
_ALONE_8 = b"\x05\x00\x03"  # a header that is one concatenation and nothing else
_ALONE_8_OCTETS = 6

Kind = TypeVar("Kind", bound=InformationElement)


class Udh(NamedTuple):
    """The elements in their order, and the octets the header took, UDHL included."""

    elements: tuple[InformationElement, ...]
    consumed: int

    def last(self, kind: type[Kind]) -> Kind | None:
        """Return the element of this kind that counts, the last one, or None."""
        for element in reversed(self.elements):
            if isinstance(element, kind):
                return element
        return None

    @property
    def concatenation(self) -> Concatenation | None:
        """The concatenation that counts, or None."""
        return self.last(Concatenation)

    @property
    def ports(self) -> Ports8 | Ports16 | None:
        """The application ports that count, or None."""
        for element in reversed(self.elements):
            if isinstance(element, Ports8 | Ports16):
                return element
        return None

    @property
    def malformed(self) -> tuple[Malformed, ...]:
        """The elements that break their clauses, with their offsets."""
        return tuple(element for element in self.elements if isinstance(element, Malformed))


def decode(octets: bytes, base: int = 0) -> Udh:
    """Read the header that user data begins with; what follows it is ignored.

    `base` is the offset that `octets` have where errors are to be shown.  Raises
    EncodingError with the offset of a length that runs out of its bounds or that
    is wrong for a concatenation.
    """
    if octets[:3] == _ALONE_8 and len(octets) >= _ALONE_8_OCTETS:
        return Udh((element_table.read(0, octets[3:6], 1 + base),), _ALONE_8_OCTETS)
    end = _end_of(octets, base)
    found: list[InformationElement] = []
    offset = 1
    while offset < end:
        start, offset = offset, _end_of_element(octets, offset, end, base)
        iei = octets[start]
        _check_concatenation(iei, octets[start + 1], start + base)
        found.append(element_table.read(iei, octets[start + 2 : offset], start + base))
    return Udh(tuple(found), end)


def concatenation_of(octets: bytes) -> Concatenation | None:
    """Return the concatenation that counts in the header user data begins with, or None.

    It is what `decode(octets).concatenation` is, found without reading the other
    elements; raises EncodingError as that does.
    """
    if octets[:3] == _ALONE_8 and len(octets) >= _ALONE_8_OCTETS:
        total, sequence = octets[4], octets[5]
        return Concatenation(octets[3], total, sequence) if 1 <= sequence <= total else None
    end = _end_of(octets, 0)
    found: Concatenation | None = None
    offset = 1
    while offset < end:
        start, offset = offset, _end_of_element(octets, offset, end, 0)
        iei = octets[start]
        if iei in _CONCATENATION_LENGTHS:
            _check_concatenation(iei, octets[start + 1], start)
            element = element_table.read(iei, octets[start + 2 : offset], start)
            if isinstance(element, Concatenation):
                found = element
    return found


def _end_of(octets: bytes, base: int) -> int:
    if not octets:
        raise misread(f"the user data header at offset {base} is missing: no octets", base)
    end = 1 + octets[0]
    if end > len(octets):
        raise misread(
            f"the user data header at offset {base} claims {octets[0]} octets"
            f" where {len(octets) - 1} follow",
            base,
        )
    return end


def _end_of_element(octets: bytes, offset: int, end: int, base: int) -> int:
    start = offset + 2
    if start > end:
        raise misread(
            f"the information element at offset {offset + base} has no length", offset + base
        )
    behind = start + octets[start - 1]
    if behind > end:
        raise misread(
            f"the information element at offset {offset + base} claims {octets[start - 1]} octets"
            f" where the header leaves {end - start}",
            offset + base,
        )
    return behind


def _check_concatenation(iei: int, length: int, offset: int) -> None:
    wanted = _CONCATENATION_LENGTHS.get(iei, length)
    if length != wanted:
        raise misread(
            f"the concatenation element at offset {offset} has {length} octets, not {wanted}",
            offset,
        )


def split_user_data(octets: bytes) -> tuple[Udh, bytes]:
    """Part user data that begins with a header into the header and the rest.

    Raises EncodingError as `decode` does.
    """
    header = decode(octets)
    return header, octets[header.consumed :]


def encode(information: Iterable[InformationElement]) -> bytes:
    """Write a header of these elements, UDHL first.

    Raises EncodingError for a number out of its range, and if the elements take
    more than 255 octets together.
    """
    body = b"".join(map(_octets_of, information))
    if len(body) > _MAX_OCTETS:
        raise EncodingError(f"a user data header holds {_MAX_OCTETS} octets, not {len(body)}")
    return bytes((len(body),)) + body


def _octets_of(element: InformationElement) -> bytes:
    if isinstance(element, Concatenation):
        return _concatenation_octets(element)
    iei, data = element_table.iei_of(element), element_table.write(element)
    if not 0 <= iei <= 0xFF or len(data) > _MAX_OCTETS:
        raise EncodingError(
            f"an information element has an identifier of 0 to 255 and at most {_MAX_OCTETS}"
            f" octets, not identifier {iei} and {len(data)} octets"
        )
    return bytes((iei, len(data))) + data


def _concatenation_octets(concatenation: Concatenation) -> bytes:
    reference, total, sequence, wide = concatenation
    if not 0 <= reference <= (0xFFFF if wide else 0xFF):
        raise EncodingError(f"a reference has {16 if wide else 8} bits: {reference} doesn't fit")
    if not 1 <= sequence <= total <= 0xFF:
        raise EncodingError(f"no message has part {sequence} of {total}: parts are 1 to 255")
    if wide:
        return bytes((CONCATENATION_16, 4, reference >> 8, reference & 0xFF, total, sequence))
    return bytes((CONCATENATION_8, 3, reference, total, sequence))
