"""The GSM 7 bit default alphabet and its extension table, one septet per octet.

Both tables are C charmaps: no Python code runs per character.  CPython builds
its fast encoding map only where code 0 is U+0000, which GSM gives to "@"; so
"@" and the extension characters are encoded to codes from 0x80 first (0x80,
and 0x80 + second septet), and only texts that hold one pay for the rewriting.

3GPP TS 23.038, 6.2.1 (default alphabet) and 6.2.1.1 (extension table); SMPP
3.4, 5.2.19: SMPP carries each septet in an octet of its own, unpacked.
"""

import codecs
import re

from smsc_encodings.errors import undecodable, unencodable

ESCAPE = 0x1B
"""The septet that announces a character of the extension table."""

_NAME = "the GSM 7-bit alphabet"
_UNUSED = "\ufffe"  # what charmap_build reads as "no character here"

_DEFAULT = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)

_EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}

_CHARACTER_MAP = codecs.charmap_build(
    "\0"
    + _DEFAULT[1:].replace("\x1b", _UNUSED)
    + "@"
    + "".join(_EXTENSION.get(code, _UNUSED) for code in range(1, 128))
)

_REWRITES = [(b"\x80", b"\0")] + [
    (bytes([0x80 | code]), bytes([ESCAPE, code])) for code in _EXTENSION
]

_ESCAPED = re.compile("\x1b(.?)", re.DOTALL)
_MEANING_ESCAPED = {character: character for character in _DEFAULT}
_MEANING_ESCAPED |= {_DEFAULT[code]: character for code, character in _EXTENSION.items()}
_MEANING_ESCAPED |= {"\x1b": " ", "": " "}


def encode(text: str) -> bytes:
    """Write `text` as septets, one per octet; an extension character takes two.

    Raises EncodingError at the first character outside both tables.  A raw
    U+001B is outside them: it would make the next character another one.
    """
    try:
        octets, _ = codecs.charmap_encode(text, "strict", _CHARACTER_MAP)
    except UnicodeEncodeError as error:
        raise unencodable(text, error.start, _NAME) from None
    if octets.isascii() and 0 not in octets:
        return octets
    return _rewritten(text, octets)


def _rewritten(text: str, octets: bytes) -> bytes:
    if 0 in octets:
        raise unencodable(text, text.index("\0"), _NAME)
    for code, septets in _REWRITES:
        octets = octets.replace(code, septets)
    return octets


def decode(octets: bytes) -> str:
    """Read unpacked septets as the text a phone would show.

    - an octet above 0x7F is no septet: EncodingError with its offset;
    - an escape before a septet the extension table leaves empty: the character
      of the default table (23.038, 6.2.1.1);
    - two escapes (reserved for a further table), or an escape at the end: a
      space (23.038, 6.2.1.1 note 1 and 6.2.1 note 1).
    """
    try:
        text, _ = codecs.charmap_decode(octets, "strict", _DEFAULT)
    except UnicodeDecodeError as error:
        raise undecodable(octets, error.start, _NAME) from None
    return _ESCAPED.sub(_meaning, text) if ESCAPE in octets else text


def _meaning(escaped: re.Match[str]) -> str:
    return _MEANING_ESCAPED[escaped[1]]


def encodable(text: str) -> bool:
    """Tell whether `encode` would take `text`."""
    try:
        octets, _ = codecs.charmap_encode(text, "strict", _CHARACTER_MAP)
    except UnicodeEncodeError:
        return False
    return 0 not in octets


def count_septets(text: str) -> int:
    """Count the septets of `text`: one a character, two if it is an extension.

    Raises EncodingError as `encode` does.
    """
    return len(encode(text))
