"""The data_coding of SMPP as a value: its name, its alphabet, and what 0 means to an account.

SMPP 5.0, 4.7.7 (3.4, 5.2.19).  0 is "MC specific": each account agrees with its
SMSC on what that is (`Zero`).  From 0x10 on it is a TP-DCS, which `dcs` reads.
"""

from enum import StrEnum
from typing import NamedTuple

from smsc_encodings import dcs, gsm7, septets
from smsc_encodings.dcs import Alphabet, Dcs, alphabet_of, decode_text


class Zero(StrEnum):
    """What data_coding 0 means to an account; packed is as in a TPDU, without fill bits."""

    GSM = "gsm"
    LATIN1 = "latin1"
    ASCII = "ascii"
    GSM_PACKED = "gsm_packed"


_ZERO = {
    Zero.GSM: Alphabet.GSM7,
    Zero.LATIN1: Alphabet.LATIN1,
    Zero.ASCII: Alphabet.ASCII,
    Zero.GSM_PACKED: Alphabet.GSM7,
}

_NAMES = {
    0x01: "IA5 (CCITT T.50), ASCII",
    0x02: "octets, 8 bit binary",
    0x03: "Latin-1 (ISO-8859-1)",
    0x04: "octets, 8 bit binary",
    0x05: "JIS (X 0208-1990)",
    0x06: "Cyrillic (ISO-8859-5)",
    0x07: "Latin and Hebrew (ISO-8859-8)",
    0x08: "UCS2 (ISO/IEC-10646)",
    0x09: "pictograms",
    0x0A: "ISO-2022-JP (music codes)",
    0x0B: "reserved",
    0x0C: "reserved",
    0x0D: "extended Kanji JIS (X 0212-1990)",
    0x0E: "KS C 5601",
    0x0F: "reserved",
}


class DataCoding(NamedTuple):
    """What a data_coding says; `dcs` is its reading as a TP-DCS, from 0x10 on."""

    octet: int
    name: str
    alphabet: Alphabet
    packed: bool = False
    dcs: Dcs | None = None


def decode(octet: int, zero: Zero = Zero.GSM) -> DataCoding:
    """Read a data_coding, 0 to 255; `zero` is what the account means by 0.

    Raises EncodingError for what is no octet.
    """
    alphabet = alphabet_of(octet, _ZERO[zero])
    if not octet:
        name = f"the SMSC's default, here {zero.value.replace('_', ', ')}"
        return DataCoding(octet, name, alphabet, zero is Zero.GSM_PACKED)
    if octet < 0x10:
        return DataCoding(octet, _NAMES[octet], alphabet)
    scheme = dcs.decode(octet)
    return DataCoding(octet, scheme.group.value, alphabet, dcs=scheme)


def read_text(octets: bytes, octet: int, zero: Zero = Zero.GSM) -> str:
    """Read `octets` (without a user data header) as the text that this data_coding makes them.

    Raises EncodingError as `dcs.decode_text` does.
    """
    if octet or zero is not Zero.GSM_PACKED:
        return decode_text(octets, octet, _ZERO[zero])
    unpacked = septets.unpack(octets, len(octets) * 8 // 7)
    # Seven spare bits look like a "@"; a text that ends in one is rarer.
    if len(unpacked) % 8 == 0 and unpacked[-1:] == b"\0":
        unpacked = unpacked[:-1]
    return gsm7.decode(unpacked)
