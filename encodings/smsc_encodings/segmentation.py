"""Long messages cut into parts that each fit one short message.

A concatenation header costs 6 octets of the 140, or 7 with a 16 bit reference; a national language
shift costs 3 more, and a header of its own where there is no other (3GPP TS 23.040, 9.2.3.24). In
SMPP octets, before packing, a part holds:

    ==============================  ======  =====  ====
    alphabet                        single  parts  wide
    ==============================  ======  =====  ====
    gsm7, ascii                        160    153   152
    gsm7 with one shift                155    149   148
    gsm7 with locking and single       152    146   145
    latin1, octet                      140    134   133
    ucs2 (octets)                      140    134   132
    ==============================  ======  =====  ====

Each part decodes on its own: see `cuts` for where they are cut.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from smsc_encodings import udh
from smsc_encodings.choice import DEVICE_ALPHABETS, Choice, best_encoding, written
from smsc_encodings.cuts import capacity, pieces
from smsc_encodings.dcs import Alphabet
from smsc_encodings.errors import EncodingError
from smsc_encodings.gsm7 import combining
from smsc_encodings.national import Shifts, shifts_in
from smsc_encodings.shift_tables import Language

__all__ = [
    "MAX_PARTS",
    "SURE_TO_FIT",
    "Choice",
    "Part",
    "Segments",
    "best_encoding",
    "capacity",
    "fits",
    "smallest",
    "split",
    "split_octets",
]

MAX_PARTS = 255
"""A concatenation element counts its parts in one octet."""

_HEADER_OCTETS = 6
_WIDE_HEADER_OCTETS = 7
_SINGLE = {alphabet: capacity(alphabet) for alphabet in Alphabet}

SURE_TO_FIT = MAX_PARTS * (min(capacity(alphabet, _HEADER_OCTETS) for alphabet in Alphabet) - 2)
"""Octets that fit into the parts of one message, whatever they are and wherever cuts fall."""


class Part(NamedTuple):
    """One short message: its user data header (empty if it has none) and the octets after it."""

    header: bytes
    body: bytes


class Segments(NamedTuple):
    """The alphabet a text was written in, and its parts in order."""

    encoding: Alphabet
    parts: tuple[Part, ...]

    @property
    def shifts(self) -> Shifts:
        """The national languages that every part's header announces."""
        return shifts_in(self.parts[0].header)


def fits(body: bytes, alphabet: Alphabet) -> bool:
    """Tell whether `split_octets` can cut `body` into parts without wide references."""
    size = capacity(alphabet, _HEADER_OCTETS)
    return len(pieces(body[: MAX_PARTS * size + 1], alphabet, size)) <= MAX_PARTS


def split_octets(
    body: bytes,
    alphabet: Alphabet,
    *,
    reference: int,
    wide: bool = False,
    elements: Sequence[udh.InformationElement] = (),
) -> tuple[Part, ...]:
    """Cut an encoded `body` (as SMPP carries it, without a header) into parts.

    The octets aren't checked against the alphabet, and binary ones are cut where a part is full.
    `reference` is 0 to 255, or to 65,535 if `wide`; a single part doesn't use it. `elements` go
    into every part's header, behind the concatenation.

    Raises EncodingError for a body of more than 255 parts, a reference out of its range, and
    elements that leave no room.
    """
    header = udh.encode(elements) if elements else b""
    if len(body) <= (capacity(alphabet, len(header)) if header else _SINGLE[alphabet]):
        return (Part(header, body),)
    concatenated = _WIDE_HEADER_OCTETS if wide else _HEADER_OCTETS
    size = capacity(alphabet, concatenated + len(header[1:]))
    marks = combining(*shifts_in(header))
    bodies = pieces(body[: MAX_PARTS * size + 1], alphabet, size, marks)
    if len(bodies) > MAX_PARTS:
        raise EncodingError(
            f"{len(body)} octets of {alphabet} need more than {MAX_PARTS} parts: shorten them"
        )
    return _numbered(bodies, reference, wide, elements)


def _numbered(
    bodies: list[bytes], reference: int, wide: bool, elements: Sequence[udh.InformationElement]
) -> tuple[Part, ...]:
    first = udh.encode((udh.Concatenation(reference, len(bodies), 1, wide), *elements))
    at = _WIDE_HEADER_OCTETS - 1 if wide else _HEADER_OCTETS - 1
    before, behind = first[:at], first[at + 1 :]
    return tuple(
        Part(before + bytes((sequence,)) + behind, body) for sequence, body in enumerate(bodies, 1)
    )


def smallest(text: str, allowed: Iterable[Alphabet] = DEVICE_ALPHABETS) -> Alphabet:
    """Return the alphabet of `allowed` that writes `text` in the fewest parts.

    The first of equals wins.  Raises EncodingError if none can write it; the
    error is that of the last one tried.
    """
    return best_encoding(text, allowed).encoding


def split(
    text: str,
    *,
    reference: int = 0,
    alphabet: Alphabet | None = None,
    wide: bool = False,
    languages: Iterable[Language] = (),
    transliterated: bool = False,
) -> Segments:
    """Write `text` in `alphabet`, or in the smaller of GSM 7 bit and UCS2, and cut it.

    `languages` and `transliterated` are those of `best_encoding`. Raises EncodingError for a
    character the alphabet doesn't hold, and as `split_octets` does.
    """
    choice = best_encoding(
        text,
        DEVICE_ALPHABETS if alphabet is None else (alphabet,),
        languages=languages,
        transliterated=transliterated,
        wide=wide,
    )
    parts = split_octets(
        written(choice),
        choice.encoding,
        reference=reference,
        wide=wide,
        elements=Shifts(choice.locking, choice.single).elements,
    )
    return Segments(choice.encoding, parts)
