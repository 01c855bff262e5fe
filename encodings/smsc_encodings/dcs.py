"""What a data_coding octet says about the octets beside it.

SMPP 3.4, 5.2.19 names the values below 0x10, 0xC0 to 0xDF and 0xF0 to 0xFF; the
rest is GSM's own data coding scheme (3GPP TS 23.038, 4), which platforms send
too: the general group (0x10 to 0x3F; 0x40 to 0x7F if marked for deletion) with
the alphabet in bits 3 and 2.

- 0x00 is "the SMSC's default alphabet": each account has its meaning of it,
  the argument `default`, which touches no other value.
- 0xC0 to 0xEF, message waiting: GSM 7 bit, from 0xE0 on UCS2.
- 0xF0 to 0xFF, message class: bit 2 chooses 8 bit data.
- Compressed text (bit 5 of the general group) is binary to us.
- Reserved GSM groups read as GSM 7 bit, as 23.038 wants.  SMPP values that name
  a single-byte or multi-byte set of their own, and the reserved ones below
  0x10, travel as octets; where Python knows the set, `decode_text` reads it.
"""

from collections.abc import Callable
from enum import StrEnum

from smsc_encodings import gsm7, ucs2
from smsc_encodings.errors import EncodingError, undecodable, unencodable


class Alphabet(StrEnum):
    """How the octets of a message stand for text, or that they don't (OCTET)."""

    GSM7 = "gsm7"
    ASCII = "ascii"
    LATIN1 = "latin1"
    OCTET = "octet"
    UCS2 = "ucs2"


_SMPP = {0x01: Alphabet.ASCII, 0x03: Alphabet.LATIN1, 0x08: Alphabet.UCS2}

# 3GPP TS 23.038, 4: bits 3 and 2 of the general group; 3 is reserved.
_GENERAL = (Alphabet.GSM7, Alphabet.OCTET, Alphabet.UCS2, Alphabet.GSM7)

_DATA_CODINGS = {
    Alphabet.GSM7: 0x00,
    Alphabet.ASCII: 0x01,
    Alphabet.LATIN1: 0x03,
    Alphabet.OCTET: 0x04,
    Alphabet.UCS2: 0x08,
}


def _alphabet_named(data_coding: int) -> Alphabet:
    if data_coding < 0x10:
        return _SMPP.get(data_coding, Alphabet.OCTET)
    if data_coding < 0x80:
        compressed = data_coding & 0x20
        return Alphabet.OCTET if compressed else _GENERAL[data_coding >> 2 & 3]
    if data_coding < 0xE0:
        return Alphabet.GSM7
    if data_coding < 0xF0:
        return Alphabet.UCS2
    return Alphabet.OCTET if data_coding & 0x04 else Alphabet.GSM7


_ALPHABETS = tuple(_alphabet_named(data_coding) for data_coding in range(256))


def alphabet_of(data_coding: int, default: Alphabet = Alphabet.GSM7) -> Alphabet:
    """Return the alphabet `data_coding` (0 to 255) names; `default` is what 0 means.

    Raises EncodingError if `data_coding` is no octet.
    """
    if not data_coding:
        return default
    if 0 < data_coding < 256:
        return _ALPHABETS[data_coding]
    raise EncodingError(f"data_coding is 0 to 255, not {data_coding}")


def data_coding_for(alphabet: Alphabet) -> int:
    """Return the plain SMPP data_coding of `alphabet`, without a message class.

    GSM 7 bit is 0: right wherever the account's meaning of 0 is GSM.
    """
    return _DATA_CODINGS[alphabet]


def _read_with(codec: str) -> Callable[[bytes], str]:
    def read(octets: bytes) -> str:
        try:
            return octets.decode(codec)
        except UnicodeDecodeError as error:
            raise undecodable(octets, error.start, codec) from None

    return read


def _write_with(codec: str) -> Callable[[str], bytes]:
    def write(text: str) -> bytes:
        try:
            return text.encode(codec)
        except UnicodeEncodeError as error:
            raise unencodable(text, error.start, codec) from None

    return write


_READERS = {
    Alphabet.GSM7: gsm7.decode,
    Alphabet.ASCII: _read_with("ascii"),
    Alphabet.LATIN1: _read_with("latin-1"),
    Alphabet.UCS2: ucs2.decode,
}

_WRITERS = {
    Alphabet.GSM7: gsm7.encode,
    Alphabet.ASCII: _write_with("ascii"),
    Alphabet.LATIN1: _write_with("latin-1"),
    Alphabet.UCS2: ucs2.encode,
}

# SMPP 3.4, 5.2.19: sets that segment as octets and still read as text.
_NATIONAL_READERS = {
    0x05: _read_with("shift_jis"),
    0x06: _read_with("iso8859-5"),
    0x07: _read_with("iso8859-8"),
    0x0A: _read_with("iso2022_jp"),
    0x0D: _read_with("euc_jp"),
    0x0E: _read_with("euc_kr"),
}


def decode_text(octets: bytes, data_coding: int, default: Alphabet = Alphabet.GSM7) -> str:
    """Read `octets` (without a user data header) as text to show.

    Raises EncodingError with the offset of what the alphabet doesn't hold, and
    for binary data, which is no text.
    """
    alphabet = alphabet_of(data_coding, default)
    reader = _READERS.get(alphabet) or _NATIONAL_READERS.get(data_coding)
    if reader is None:
        raise EncodingError(f"data_coding 0x{data_coding:02X} is binary: no text to decode")
    return reader(octets)


def encode_text(text: str, alphabet: Alphabet) -> bytes:
    """Write `text` as SMPP carries it in `alphabet`: GSM septets unpacked.

    Raises EncodingError with the position of what the alphabet doesn't hold,
    and for OCTET, which writes no text.
    """
    writer = _WRITERS.get(alphabet)
    if writer is None:
        raise EncodingError(f"no text can be written as {alphabet}: give its octets instead")
    return writer(text)
