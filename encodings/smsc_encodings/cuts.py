"""Where an encoded text may be cut, and how much of it fits into one short message.

A short message carries 140 octets of user data (3GPP TS 23.040, 9.2.3.16 and 9.2.3.24). GSM 7 bit
and ASCII septets are packed on the way, so 160 of them fit. Sizes here are those of SMPP octets,
before packing.

A cut never goes through an escape pair or a surrogate pair: the halves would be other characters.
It goes in front of a combining mark, a joiner or a skin tone only where anything else would cost
one more message: the parts are joined again before anybody reads them.
"""

import unicodedata
from collections.abc import Callable

from smsc_encodings import gsm7
from smsc_encodings.dcs import Alphabet
from smsc_encodings.errors import EncodingError

_USER_DATA_OCTETS = 140
_PACKED = frozenset({Alphabet.GSM7, Alphabet.ASCII})
_ESCAPE = bytes([gsm7.ESCAPE])
_JOINER = "\u200d"
_EXTENDERS = frozenset({_JOINER, *map(chr, range(0x1F3FB, 0x1F400))})
"""The joiner and the skin tones, which aren't marks by their category."""
_LONGEST_CLUSTER = 32

_Rule = Callable[[bytes, int, int], int]
"""Takes a body, the start of a part and its furthest end; returns where to end it."""


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


def pieces(
    body: bytes, alphabet: Alphabet, size: int, marks: frozenset[int] = frozenset()
) -> list[bytes]:
    """Cut `body` into the fewest pieces of at most `size` octets that read well on their own.

    `marks` are the combining septets of a national language, as `gsm7.combining` gives them.
    Raises EncodingError if a piece hasn't room for the longest character.
    """
    if size < _LONGEST_CHARACTER.get(alphabet, 1):
        raise EncodingError(
            f"{size} octets don't hold every character of {alphabet}: shorten what goes before them"
        )
    if alphabet not in _WHOLE:
        return [body[start : start + size] for start in range(0, len(body), size)]
    ends = _ends(body, size, _WHOLE[alphabet])
    sparing = _sparing_rule(alphabet, marks) if len(ends) > 1 else None
    if sparing is not None:
        spared = _ends(body, size, sparing)
        ends = spared if len(spared) == len(ends) else ends
    return [body[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _ends(body: bytes, size: int, rule: _Rule) -> list[int]:
    ends = []
    end, total = 0, len(body)
    while end < total:
        end = rule(body, end, end + size) if end + size < total else total
        ends.append(end)
    return ends


def _whole_escape(body: bytes, start: int, end: int) -> int:
    """An even run of escapes is made of pairs; an odd one leaves the last open."""
    piece = body[start:end]
    return end - ((len(piece) - len(piece.rstrip(_ESCAPE))) & 1)


def _whole_surrogate(body: bytes, start: int, end: int) -> int:
    return end - 2 if body[end - 2] & 0xFC == 0xD8 else end


_WHOLE: dict[Alphabet, _Rule] = {
    Alphabet.GSM7: _whole_escape,
    Alphabet.UCS2: _whole_surrogate,
}
_LONGEST_CHARACTER = {Alphabet.GSM7: 2, Alphabet.UCS2: 4}


def _sparing_rule(alphabet: Alphabet, marks: frozenset[int]) -> _Rule | None:
    """Return the rule that spares what belongs together, where there may be such."""
    if alphabet is Alphabet.UCS2:
        return _sparing(_whole_surrogate, _extends, 2)
    if not marks:
        return None

    def is_mark(body: bytes, at: int) -> bool:
        escaped = body[at] == gsm7.ESCAPE and at + 1 < len(body)
        return (0x80 | body[at + 1] if escaped else body[at]) in marks

    return _sparing(_whole_escape, is_mark, 1)


def _sparing(whole: _Rule, belongs: Callable[[bytes, int], bool], width: int) -> _Rule:
    def rule(body: bytes, start: int, end: int) -> int:
        furthest = cut = whole(body, start, end)
        for _ in range(_LONGEST_CLUSTER):
            if not belongs(body, cut):
                return cut
            cut = whole(body, start, cut - width)
            if cut <= start:
                break
        return furthest

    return rule


def _extends(body: bytes, at: int) -> bool:
    """Whether the UCS2 character at this offset belongs to the one before it."""
    character = body[at : at + 4].decode("utf-16-be", "replace")[0]
    after_joiner = body[at - 2 : at] == _JOINER.encode("utf-16-be")
    return after_joiner or character in _EXTENDERS or unicodedata.category(character)[0] == "M"
