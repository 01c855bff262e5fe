"""Long messages cut into parts that each fit one short message.

A short message carries 140 octets of user data (3GPP TS 23.040, 9.2.3.16 and
9.2.3.24).  GSM 7 bit and ASCII septets are packed on the way, so 160 of them
fit; a concatenation header costs 6 octets, or 7 with a 16 bit reference.  Sizes
here are those of SMPP octets, before packing:

    ==============  ======  =====  ====
    alphabet        single  parts  wide
    ==============  ======  =====  ====
    gsm7, ascii        160    153   152
    latin1, octet      140    134   133
    ucs2 (octets)      140    134   132
    ==============  ======  =====  ====

No cut goes through an escape pair or a surrogate pair, so each part decodes on
its own.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from smsc_encodings import gsm7, udh
from smsc_encodings.dcs import Alphabet, encode_text
from smsc_encodings.errors import EncodingError

MAX_PARTS = 255
"""A concatenation element counts its parts in one octet."""

_USER_DATA_OCTETS = 140
_HEADER_OCTETS = 6
_WIDE_HEADER_OCTETS = 7
_PACKED = frozenset({Alphabet.GSM7, Alphabet.ASCII})
_ESCAPE = bytes([gsm7.ESCAPE])


class Part(NamedTuple):
    """One short message: its user data header (empty if single) and the octets after it."""

    header: bytes
    body: bytes


class Segments(NamedTuple):
    """The alphabet a text was written in, and its parts in order."""

    encoding: Alphabet
    parts: tuple[Part, ...]


def capacity(alphabet: Alphabet, header_octets: int = 0) -> int:
    """Return how many SMPP octets of `alphabet` fit behind a header of `header_octets`.

    Raises EncodingError if the header itself doesn't fit in 140 octets.
    """
    octets = _USER_DATA_OCTETS - header_octets
    if not 0 <= octets <= _USER_DATA_OCTETS:
        raise EncodingError(f"a header takes 0 to 140 octets, not {header_octets}")
    if alphabet in _PACKED:
        return octets * 8 // 7
    return octets // 2 * 2 if alphabet is Alphabet.UCS2 else octets


_SINGLE = {alphabet: capacity(alphabet) for alphabet in Alphabet}
_PARTS = {alphabet: capacity(alphabet, _HEADER_OCTETS) for alphabet in Alphabet}
_WIDE_PARTS = {alphabet: capacity(alphabet, _WIDE_HEADER_OCTETS) for alphabet in Alphabet}


def _ends_in_escape(piece: bytes) -> bool:
    """An even run of escapes is made of pairs; an odd one leaves the last open."""
    return bool((len(piece) - len(piece.rstrip(_ESCAPE))) & 1)


def _ends_in_high_surrogate(piece: bytes) -> bool:
    return piece[-2] & 0xFC == 0xD8


# Which octets must not be left behind by their partner, and how many they are.
_OPEN_ENDS: dict[Alphabet, tuple[Callable[[bytes], bool], int]] = {
    Alphabet.GSM7: (_ends_in_escape, 1),
    Alphabet.UCS2: (_ends_in_high_surrogate, 2),
}


def _pieces(body: bytes, alphabet: Alphabet, size: int) -> list[bytes]:
    if alphabet not in _OPEN_ENDS:
        return [body[start : start + size] for start in range(0, len(body), size)]
    is_open, width = _OPEN_ENDS[alphabet]
    pieces = []
    start = 0
    while start < len(body):
        piece = body[start : start + size]
        if start + size < len(body) and is_open(piece):
            piece = piece[:-width]
        pieces.append(piece)
        start += len(piece)
    return pieces


def split_octets(
    body: bytes, alphabet: Alphabet, *, reference: int, wide: bool = False
) -> tuple[Part, ...]:
    """Cut an encoded `body` (as SMPP carries it, without a header) into parts.

    The octets aren't checked against the alphabet.  `reference` is 0 to 255, or
    to 65,535 if `wide`; a single part doesn't use it.  Raises EncodingError for
    a body of more than 255 parts or a reference out of its range.
    """
    if len(body) <= _SINGLE[alphabet]:
        return (Part(b"", body),)
    size = (_WIDE_PARTS if wide else _PARTS)[alphabet]
    pieces = _pieces(body[: MAX_PARTS * size + 1], alphabet, size)
    total = len(pieces)
    if total > MAX_PARTS:
        raise EncodingError(
            f"{len(body)} octets of {alphabet} need more than {MAX_PARTS} parts: shorten them"
        )
    first = udh.encode((udh.Concatenation(reference, total, 1, wide),))
    shared = first[:-1]  # the sequence is the header's last octet
    return tuple(
        Part(shared + bytes((sequence,)), piece) for sequence, piece in enumerate(pieces, 1)
    )


_DEVICE_ALPHABETS = (Alphabet.GSM7, Alphabet.UCS2)


def smallest(text: str, allowed: Iterable[Alphabet] = _DEVICE_ALPHABETS) -> Alphabet:
    """Return the alphabet of `allowed` that writes `text` in the fewest parts.

    The first of equals wins.  Raises EncodingError if none can write it; the
    error is that of the last one tried.
    """
    return _written_smallest(text, allowed)[0]


def _written_smallest(text: str, allowed: Iterable[Alphabet]) -> tuple[Alphabet, bytes]:
    refusal = EncodingError("no alphabet is allowed for the text: name at least one")
    written: list[tuple[int, Alphabet, bytes]] = []
    for alphabet in allowed:
        try:
            body = encode_text(text, alphabet)
        except EncodingError as error:
            refusal = error
            continue
        if len(body) <= _SINGLE[alphabet]:
            return alphabet, body
        written.append((len(_pieces(body, alphabet, _PARTS[alphabet])), alphabet, body))
    if not written:
        raise refusal
    _, alphabet, body = min(written, key=lambda option: option[0])
    return alphabet, body


def split(
    text: str, *, reference: int = 0, alphabet: Alphabet | None = None, wide: bool = False
) -> Segments:
    """Write `text` in `alphabet`, or in the smaller of GSM 7 bit and UCS2, and cut it.

    Raises EncodingError for a character the alphabet doesn't hold, and as
    `split_octets` does.
    """
    if alphabet is None:
        alphabet, body = _written_smallest(text, _DEVICE_ALPHABETS)
    else:
        body = encode_text(text, alphabet)
    return Segments(alphabet, split_octets(body, alphabet, reference=reference, wide=wide))
