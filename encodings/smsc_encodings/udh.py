"""The user data header: information elements in front of a message's text.

3GPP TS 23.040, 9.2.3.24: one octet of length (UDHL), then elements of
identifier, length and data.  In SMPP it starts the short_message of a PDU whose
esm_class has bit 6 (UDHI) set (SMPP 3.4, 5.2.12).

Concatenation is typed; every other element is kept byte for byte, and so is a
concatenation whose numbers 9.2.3.24.1 tells a receiver to ignore (a total or a
sequence of 0, a sequence above the total): what `decode` read, `encode` writes.
"""

from collections.abc import Iterable
from typing import NamedTuple

from smsc_encodings.errors import EncodingError

CONCATENATION_8 = 0x00
CONCATENATION_16 = 0x08

_MAX_OCTETS = 255
_CONCATENATION_LENGTHS = {CONCATENATION_8: 3, CONCATENATION_16: 4}


class Concatenation(NamedTuple):
    """Part `sequence` (from 1) of `total` (at most 255) of message `reference`.

    `wide` tells a 16 bit reference (IEI 0x08, 9.2.3.24.8) from one of 8 bits
    (IEI 0x00, 9.2.3.24.1).
    """

    reference: int
    total: int
    sequence: int
    wide: bool = False


class Element(NamedTuple):
    """An information element taken as it is: `iei` 0 to 255, at most 253 octets of data."""

    iei: int
    data: bytes


class Udh(NamedTuple):
    """The elements in their order, and the octets the header took, UDHL included."""

    elements: tuple[Concatenation | Element, ...]
    consumed: int

    @property
    def concatenation(self) -> Concatenation | None:
        """The concatenation that counts: the last one (9.2.3.24), or None."""
        for element in reversed(self.elements):
            if isinstance(element, Concatenation):
                return element
        return None


def decode(octets: bytes) -> Udh:
    """Read the header that user data begins with; what follows it is ignored.

    Raises EncodingError with the offset of a length that runs out of its bounds
    or that is wrong for a concatenation.
    """
    end = _end_of(octets)
    elements: list[Concatenation | Element] = []
    offset = 1
    while offset < end:
        start = offset + 2
        if start > end:
            raise EncodingError(f"the information element at offset {offset} has no length")
        offset = start + octets[start - 1]
        if offset > end:
            raise EncodingError(
                f"the information element at offset {start - 2} claims {octets[start - 1]} octets"
                f" where the header leaves {end - start}"
            )
        elements.append(_element(octets[start - 2], octets[start:offset], start - 2))
    return Udh(tuple(elements), end)


def _end_of(octets: bytes) -> int:
    if not octets:
        raise EncodingError("the user data header at offset 0 is missing: no octets")
    end = 1 + octets[0]
    if end > len(octets):
        raise EncodingError(
            f"the user data header at offset 0 claims {octets[0]} octets"
            f" where {len(octets) - 1} follow"
        )
    return end


def _element(iei: int, data: bytes, offset: int) -> Concatenation | Element:
    length = _CONCATENATION_LENGTHS.get(iei)
    if length is None:
        return Element(iei, data)
    if len(data) != length:
        raise EncodingError(
            f"the concatenation element at offset {offset} has {len(data)} octets, not {length}"
        )
    total, sequence = data[-2:]
    if not 1 <= sequence <= total:
        return Element(iei, data)
    return Concatenation(int.from_bytes(data[:-2], "big"), total, sequence, iei == CONCATENATION_16)


def split_user_data(octets: bytes) -> tuple[Udh, bytes]:
    """Part user data that begins with a header into the header and the rest.

    Raises EncodingError as `decode` does.
    """
    header = decode(octets)
    return header, octets[header.consumed :]


def encode(elements: Iterable[Concatenation | Element]) -> bytes:
    """Write a header of `elements`, UDHL first.

    Raises EncodingError for a number out of its range, and if the elements take
    more than 255 octets together.
    """
    body = b"".join(map(_octets_of, elements))
    if len(body) > _MAX_OCTETS:
        raise EncodingError(f"a user data header holds {_MAX_OCTETS} octets, not {len(body)}")
    return bytes((len(body),)) + body


def _octets_of(element: Concatenation | Element) -> bytes:
    if isinstance(element, Concatenation):
        return _concatenation_octets(element)
    iei, data = element
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
