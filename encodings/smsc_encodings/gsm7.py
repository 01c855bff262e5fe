"""The GSM 7 bit alphabets, one septet per octet: default, and with national languages' tables.

3GPP TS 23.038, 6.2.1 and 6.2.1.1, annex A; SMPP 3.4, 5.2.19: SMPP carries each septet in an octet
of its own, unpacked. A locking table takes the place of the default alphabet, a single shift table
that of its extension; a header in front of the text says which (`national`).

No Python code runs per character. A codec is a C charmap of 256 codes: septets of the locking
table, then from 0x80 on those that follow an escape. CPython builds its fast encoding map only
where code 0 is U+0000, so the character of septet 0 has the code of an escaped escape, 0x9B, which
no table uses. ASCII goes a shorter way, by one table of octets. Only texts with escapes pay for
writing them as two septets.
"""

import codecs
import unicodedata
from functools import cache
from typing import NamedTuple

from smsc_encodings.errors import EncodingError, undecodable, unencodable
from smsc_encodings.shift_tables import LOCKING, SINGLE, UNUSED, Language

ESCAPE = 0x1B
"""The septet that announces a character of the extension, or single shift, table."""

_NAME = "the GSM 7-bit alphabet"
_ESCAPE = b"\x1b"
_ZERO = 0x80 | ESCAPE
_NOTHING = bytes([_ZERO])
_PAIR = b"\x1b\x1b"
_NO_ESCAPE = b"\x80"
_PAIRS = "".join(
    chr((_NO_ESCAPE if code < 0x80 else _ESCAPE)[0] << 8 | code & 0x7F) for code in range(256)
)
"""An escape, or none, in the upper octet of each character, and the septet in the lower."""


class _Codec(NamedTuple):
    name: str
    ascii: bytes
    writing: object  # an EncodingMap, which has no name in Python
    reading: str
    marks: frozenset[int]


@cache
def _codec(locking: int, single: int) -> _Codec:
    """Make the codec of a pair of tables; there are 13 by 14 of them."""
    first, second = _table(LOCKING, locking, "locking"), _table(SINGLE, single, "single")
    reading = _reading(first, second)
    marks = frozenset(
        code for code, character in enumerate(reading) if unicodedata.category(character)[0] == "M"
    )
    line = _writing(first, second)
    ascii_codes = bytes(_ZERO if code > 0x7F else _code(line, code) for code in range(256))
    writing = codecs.charmap_build("\0" + line[1:_ZERO] + line[0] + line[_ZERO + 1 :])
    return _Codec(_name_of(locking, single), ascii_codes, writing, reading, marks)


def _code(line: str, character: int) -> int:
    """Return the place of an ASCII character, or that of an escaped escape if it has none."""
    return line.find(chr(character)) if chr(character) in line else _ZERO


def _table(tables: dict[Language, str], language: int, kind: str) -> str:
    try:
        return tables[Language(language)]
    except (KeyError, ValueError):
        name = Language(language).name.lower() if language in list(Language) else language
        raise EncodingError(f"national language {name} has no {kind} shift table") from None


def _name_of(locking: int, single: int) -> str:
    kinds = ((locking, "locking"), (single, "single"))
    shifts = [f"{Language(code).name.lower()} {kind} shift" for code, kind in kinds if code]
    return f"{_NAME} with {' and '.join(shifts)}" if shifts else _NAME


def _writing(first: str, second: str) -> str:
    """Line up the characters by code, each once: the first of equals is the shortest to write."""
    seen = {UNUSED}
    line = []
    for character in first + second:
        line.append(UNUSED if character in seen else character)
        seen.add(character)
    return "".join(line)


def _reading(first: str, second: str) -> str:
    shown = first.replace(UNUSED, " ")
    escaped = [
        plain if character == UNUSED else character
        for plain, character in zip(shown, second, strict=True)
    ]
    return shown + "".join(escaped)


def encode(text: str, locking: int = Language.DEFAULT, single: int = Language.DEFAULT) -> bytes:
    """Write `text` as septets, one per octet; a character of the single shift table takes two.

    A character that both tables have is written with the locking one. Raises EncodingError at the
    first character outside both, and for a language without such a table. A raw U+001B is outside
    them: it would make the next character another one.
    """
    codec = _codec(locking, single)
    if text.isascii():
        octets = text.encode().translate(codec.ascii)
        if octets.isascii():
            return octets
        if _ZERO in octets:
            raise unencodable(text, octets.index(_ZERO), codec.name)
        return _escaped(octets)
    try:
        octets, _ = codecs.charmap_encode(text, "strict", codec.writing)  # type: ignore[arg-type]
    except UnicodeEncodeError as error:
        earlier = text.find("\0", 0, error.start)  # a charmap takes U+0000
        raise unencodable(text, error.start if earlier < 0 else earlier, codec.name) from None
    if 0 in octets:
        raise unencodable(text, octets.index(0), codec.name)
    return octets if octets.isascii() else _escaped(octets.replace(_NOTHING, b"\0"))


def _escaped(octets: bytes) -> bytes:
    """Write two octets for each code, as UTF-16 does, and drop the first where it is no escape."""
    pairs, _ = codecs.charmap_decode(octets, "strict", _PAIRS)
    return pairs.encode("utf-16-be").translate(None, _NO_ESCAPE)


def decode(octets: bytes, locking: int = Language.DEFAULT, single: int = Language.DEFAULT) -> str:
    """Read unpacked septets as the text a phone would show.

    - an octet above 0x7F is no septet: EncodingError with its offset;
    - an escape before a septet that the single shift table leaves empty: the character of the
      locking or default table (23.038, 6.2.1.1 and annex A.2);
    - two escapes (reserved for a further table), or an escape at the end: a space (23.038, 6.2.1.1
      note 1 and 6.2.1 note 1);
    - a septet that a national locking table leaves empty: a space.

    Raises EncodingError for a language without such a table, too.
    """
    codec = _codec(locking, single)
    if not octets.isascii():
        offset = next(i for i, octet in enumerate(octets) if octet > 0x7F)
        raise undecodable(octets, offset, codec.name)
    if ESCAPE in octets:
        octets = _merged(octets)
    return codecs.charmap_decode(octets, "strict", codec.reading)[0]


def _merged(octets: bytes) -> bytes:
    """Make one code of each escape and what follows it, all at once in one big integer.

    An octet that differs from an escape leaves less than 0x80 when that difference is taken from
    0x80; what is written for a pair of escapes differs by 0x80, and leaves nothing.
    """
    size = len(octets)
    tops, escapes = (_TOPS, _ESCAPED) if size <= _BLOCK else _repeated(size)
    codes = int.from_bytes(octets, "little")
    behind = (tops - (codes ^ escapes) & tops) << 8
    if octets[-1] == ESCAPE or behind & behind << 8:
        return _merged(_paired(octets))
    return (codes | behind).to_bytes(size, "little").translate(None, _ESCAPE)


def _paired(octets: bytes) -> bytes:
    """Write what two escapes stand for, and one at the end, in their place."""
    octets = octets.replace(_PAIR, _NOTHING)
    return octets[:-1] + _NOTHING if octets[-1] == ESCAPE else octets


def _repeated(size: int) -> tuple[int, int]:
    return int.from_bytes(b"\x80" * size, "little"), int.from_bytes(_ESCAPE * size, "little")


_BLOCK = 160
_TOPS, _ESCAPED = _repeated(_BLOCK)


def encodable(text: str, locking: int = Language.DEFAULT, single: int = Language.DEFAULT) -> bool:
    """Tell whether `encode` would take `text`."""
    _codec(locking, single)
    try:
        encode(text, locking, single)
    except EncodingError:
        return False
    return True


def count_septets(
    text: str, locking: int = Language.DEFAULT, single: int = Language.DEFAULT
) -> int:
    """Count the septets of `text`: one a character, two where an escape goes before it.

    Raises EncodingError as `encode` does.
    """
    return len(encode(text, locking, single))


def combining(locking: int, single: int) -> frozenset[int]:
    """Return the septets that are marks on the character before them, from 0x80 if escaped."""
    return _codec(locking, single).marks
