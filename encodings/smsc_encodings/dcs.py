"""TP-DCS, the data coding scheme of a TPDU, and the data_coding of SMPP.

Both are an octet that says how the octets beside it are read.  Where they
differ is below 0x10 and from 0xE0 to 0xEF:

    =============  ==================================  ============================
    octet          TP-DCS (3GPP TS 23.038, 4)          data_coding (SMPP 5.0 4.7.7)
    =============  ==================================  ============================
    0x00           GSM 7 bit                           what the account means by it
    0x01 to 0x0F   general group without a class       a set of its own, each
    0x10 to 0x3F   general group                       reserved; read as TP-DCS
    0x40 to 0x7F   the same, deleted after reading     reserved; read as TP-DCS
    0x80 to 0xBF   reserved: GSM 7 bit                 reserved; read as TP-DCS
    0xC0 to 0xCF   message waiting, discard: GSM       the same
    0xD0 to 0xDF   message waiting, store: GSM         the same
    0xE0 to 0xEF   message waiting, store: UCS2        reserved; read as TP-DCS
    0xF0 to 0xFF   message class: GSM, or 8 bit        the same
    =============  ==================================  ============================

`decode` and `encode` are the table of TP-DCS; every octet comes back as it was.
Compressed text (3GPP TS 23.042) is carried as octets and refused as text.  SMPP
values that name a single-byte or multi-byte set of their own, and the reserved
ones below 0x10, travel as octets; where Python knows the set, `decode_text`
reads it.
"""

from collections.abc import Callable
from enum import Enum, IntEnum, StrEnum
from typing import NamedTuple

from smsc_encodings import gsm7, ucs2
from smsc_encodings.errors import EncodingError, undecodable, unencodable


class Alphabet(StrEnum):
    """How the octets of a message stand for text, or that they don't (OCTET)."""

    GSM7 = "gsm7"
    ASCII = "ascii"
    LATIN1 = "latin1"
    OCTET = "octet"
    UCS2 = "ucs2"


class Group(Enum):
    """The coding groups of TP-DCS, bits 7 to 4 (3GPP TS 23.038, 4)."""

    GENERAL = "general data coding"
    DELETION = "marked for automatic deletion"
    RESERVED = "reserved coding group"
    DISCARD = "message waiting, discard the message"
    STORE = "message waiting, store the message"
    STORE_UCS2 = "message waiting, store the message (UCS2)"
    CLASS = "data coding and message class"


class MessageClass(IntEnum):
    """Where a message is to go in the phone (3GPP TS 23.038, 4)."""

    IMMEDIATE = 0
    ME = 1
    SIM = 2
    TE = 3


class Indication(IntEnum):
    """What kind of message waits (3GPP TS 23.038, 4; 23.040, 9.2.3.24.2)."""

    VOICE = 0
    FAX = 1
    EMAIL = 2
    OTHER = 3


class Dcs(NamedTuple):
    """A TP-DCS.  `reserved` has its reserved bits where they stand, 0 unless somebody set them.

    `alphabet` is GSM7, OCTET or UCS2.  `compressed` is for the two general
    groups, `message_class` for those and CLASS, `indication` and `active` (the
    indicator goes on, else off) for message waiting.
    """

    alphabet: Alphabet = Alphabet.GSM7
    message_class: MessageClass | None = None
    group: Group = Group.GENERAL
    compressed: bool = False
    indication: Indication | None = None
    active: bool = False
    reserved: int = 0

    @property
    def septets(self) -> bool:
        """Whether TP-UDL counts septets, and TP-UD is packed (3GPP TS 23.040, 9.2.3.16)."""
        return self.alphabet is Alphabet.GSM7 and not self.compressed


_WAITING = {0xC0: Group.DISCARD, 0xD0: Group.STORE, 0xE0: Group.STORE_UCS2}

# Bits 3 and 2 of the general groups; 3 is reserved, and read as GSM 7 bit.
_GENERAL = (Alphabet.GSM7, Alphabet.OCTET, Alphabet.UCS2, Alphabet.GSM7)


def _dcs_of(octet: int) -> Dcs:
    high, message_class = octet & 0xF0, MessageClass(octet & 3)
    if octet < 0x80:
        return _general(octet)
    if high in _WAITING:
        alphabet = Alphabet.UCS2 if high == 0xE0 else Alphabet.GSM7
        indication, active = Indication(octet & 3), bool(octet & 8)
        return Dcs(alphabet, None, _WAITING[high], False, indication, active, octet & 4)
    if high == 0xF0:
        alphabet = Alphabet.OCTET if octet & 4 else Alphabet.GSM7
        return Dcs(alphabet, message_class, Group.CLASS, reserved=octet & 8)
    return Dcs(group=Group.RESERVED, reserved=octet & 0x3F)


def _general(octet: int) -> Dcs:
    group = Group.DELETION if octet & 0x40 else Group.GENERAL
    classed = octet & 0x10
    return Dcs(
        alphabet=_GENERAL[octet >> 2 & 3],
        message_class=MessageClass(octet & 3) if classed else None,
        group=group,
        compressed=bool(octet & 0x20),
        reserved=(0x0C if octet & 0x0C == 0x0C else 0) | (0 if classed else octet & 3),
    )


_TABLE = tuple(map(_dcs_of, range(256)))
_OCTETS = {dcs: octet for octet, dcs in enumerate(_TABLE)}


def decode(octet: int) -> Dcs:
    """Read a TP-DCS, 0 to 255.  Raises EncodingError for what is no octet."""
    if 0 <= octet < 256:
        return _TABLE[octet]
    raise EncodingError(f"TP-DCS is 0 to 255, not {octet}")


def encode(dcs: Dcs) -> int:
    """Write a TP-DCS.  Raises EncodingError for one that no octet stands for."""
    octet = _OCTETS.get(dcs)
    if octet is None:
        raise EncodingError(f"no TP-DCS says {dcs}: its group has no room for that")
    return octet


def dcs_for(alphabet: Alphabet, message_class: MessageClass | None = None) -> Dcs:
    """Return the TP-DCS of the general group for text in `alphabet`.

    Raises EncodingError for ASCII and Latin-1, which no TPDU carries.
    """
    dcs = Dcs(alphabet, message_class)
    if dcs not in _OCTETS:
        raise EncodingError(f"no TPDU carries {alphabet}: write the text in gsm7 or ucs2")
    return dcs


_SMPP = {0x01: Alphabet.ASCII, 0x03: Alphabet.LATIN1, 0x08: Alphabet.UCS2}

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
    dcs = _TABLE[data_coding]
    return Alphabet.OCTET if dcs.compressed else dcs.alphabet


_ALPHABETS = tuple(map(_alphabet_named, range(256)))


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
