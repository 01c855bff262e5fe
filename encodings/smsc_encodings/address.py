"""The address fields of a TPDU: TP-OA, TP-DA, TP-RA, and those inside user data headers.

3GPP TS 23.040, 9.1.2.5: Address-Length counts the semi-octets that matter;
Type-of-Address has bit 7 set, the type of number in bits 6 to 4 and the
numbering plan in bits 3 to 0; then two digits an octet, the first in the lower
half, with a filler of four ones after an odd number of them.  An alphanumeric
address (type 5) is GSM 7 bit, packed.

The address of the SMSC that modems put in front of a TPDU is written otherwise:
its length counts octets, the type among them (3GPP TS 27.005, 3.1; 24.011,
8.2.5.2).
"""

from typing import NamedTuple

from smsc_encodings import gsm7, septets
from smsc_encodings.errors import EncodingError, misread

ALPHANUMERIC = 5
"""The type of number whose value is a name (3GPP TS 23.040, 9.1.2.5)."""

MOST_SEMI_OCTETS = 20
"""An address field has at most 12 octets: 20 digits, or 11 septets (9.1.2.5)."""

_DIGITS = "0123456789*#abc"
_FILLER = 0xF
# Halves of octets are worked on as hexadecimal digits, where "*#abc" are "abcde".
_READ = str.maketrans("abcde", "*#abc")
_WRITTEN = str.maketrans("*#abc", "abcde")

TYPES = (
    "unknown",
    "international",
    "national",
    "network specific",
    "subscriber",
    "alphanumeric",
    "abbreviated",
    "reserved for extension",
)
"""The types of number by their value (3GPP TS 23.040, 9.1.2.5)."""

PLANS = {
    0: "unknown",
    1: "ISDN (E.164)",
    3: "data (X.121)",
    4: "telex",
    5: "service centre specific",
    6: "service centre specific",
    8: "national",
    9: "private",
    10: "ERMES",
    15: "reserved for extension",
}
"""The numbering plans by their value; the rest are reserved (3GPP TS 23.040, 9.1.2.5)."""


class Address(NamedTuple):
    """An address: `value` is digits, among them `*#abc`, or a name if `ton` is 5."""

    value: str
    ton: int = 1
    npi: int = 1


def address_for(text: str) -> Address:
    """Return the address a phone makes of `text` (up to 20 digits, or 11 septets).

    With a "+" it is international, other digits are of unknown type in plan 1,
    and whatever has other characters is a name.
    """
    digits = text.removeprefix("+")
    if digits and all(digit in _DIGITS for digit in digits):
        return Address(digits, 1 if digits != text else 0, 1)
    return Address(text, ALPHANUMERIC, 0)


def encode(address: Address) -> bytes:
    """Write an address field, 2 to 12 octets.

    Raises EncodingError for a value with other characters or more of them than
    fit, and for a type or plan out of range.
    """
    length, body = _value_octets(address)
    if length > MOST_SEMI_OCTETS:
        raise EncodingError(
            f"an address holds {MOST_SEMI_OCTETS} digits or 11 septets: {address.value!a} is longer"
        )
    return bytes((length, _type_octet(address))) + body


def decode(octets: bytes, at: int = 0) -> tuple[Address, int]:
    """Read the address field that begins at `at`; return it and the offset behind it.

    Raises EncodingError with the offset (in `octets`) of what is wrong.
    """
    if at + 2 > len(octets):
        raise misread(f"an address at offset {at} needs 2 octets, {len(octets) - at} are left", at)
    length = octets[at]
    if length > MOST_SEMI_OCTETS:
        raise misread(
            f"the address at offset {at} says {length} semi-octets, {MOST_SEMI_OCTETS} are the"
            " most",
            at,
        )
    end = at + 2 + (length + 1) // 2
    return _read(octets, at + 1, end, length), end


def encode_service_centre(address: Address | None) -> bytes:
    """Write the address of an SMSC as modems have it; None, the one the modem knows, is one 0.

    Raises EncodingError as `encode` does.
    """
    if address is None:
        return b"\0"
    _, body = _value_octets(address)
    if len(body) > MOST_SEMI_OCTETS // 2:
        raise EncodingError(f"an address holds 20 digits: {address.value!a} is longer")
    return bytes((1 + len(body), _type_octet(address))) + body


def decode_service_centre(octets: bytes, at: int = 0) -> tuple[Address | None, int]:
    """Read the address of an SMSC in front of a TPDU; return it and the offset behind it.

    Raises EncodingError with the offset of what is wrong.
    """
    if at >= len(octets):
        raise misread(f"the SMSC's address at offset {at} is missing: no octets", at)
    length = octets[at]
    if not length:
        return None, at + 1
    if length > 1 + MOST_SEMI_OCTETS // 2:
        raise misread(
            f"the SMSC's address at offset {at} says {length} octets, 11 are the most", at
        )
    end = at + 1 + length
    if end > len(octets):
        raise misread(
            f"the SMSC's address at offset {at} says {length} octets, {len(octets) - at - 1} are"
            " left",
            at,
        )
    semi_octets = 2 * (length - 1)
    if length > 1 and octets[end - 1] >> 4 == _FILLER:
        semi_octets -= 1
    return _read(octets, at + 1, end, semi_octets), end


def _read(octets: bytes, at: int, end: int, semi_octets: int) -> Address:
    if end > len(octets):
        raise misread(
            f"the address at offset {at - 1} says {semi_octets} semi-octets,"
            f" {len(octets) - at - 1} octets are left",
            at - 1,
        )
    ton, npi = octets[at] >> 4 & 7, octets[at] & 15
    body = octets[at + 1 : end]
    if ton == ALPHANUMERIC:
        return Address(gsm7.decode(septets.unpack(body, semi_octets * 4 // 7)), ton, npi)
    return Address(_digits(body, semi_octets, at + 1), ton, npi)


def _digits(body: bytes, semi_octets: int, at: int) -> str:
    halves = _swapped(body.hex())[:semi_octets]
    filler = halves.find("f")
    if filler >= 0:
        offset = at + filler // 2
        raise misread(
            f"digit {filler + 1} of the address, at offset {offset}, is the filler 0xF", offset
        )
    return halves.translate(_READ)


def _swapped(halves: str) -> str:
    """Exchange the two halves of each octet."""
    swapped = bytearray(len(halves))
    swapped[::2], swapped[1::2] = halves[1::2].encode(), halves[::2].encode()
    return swapped.decode()


def _type_octet(address: Address) -> int:
    if not (0 <= address.ton <= 7 and 0 <= address.npi <= 15):
        raise EncodingError(
            f"a type of number is 0 to 7 and a plan 0 to 15, not {address.ton} and {address.npi}"
        )
    return 0x80 | address.ton << 4 | address.npi


def _value_octets(address: Address) -> tuple[int, bytes]:
    """Return the number of semi-octets that matter, and the octets that hold them."""
    if address.ton == ALPHANUMERIC:
        unpacked = gsm7.encode(address.value)
        return (7 * len(unpacked) + 3) // 4, septets.pack(unpacked)
    for position, digit in enumerate(address.value):
        if digit not in _DIGITS:
            raise EncodingError(
                f"character {digit!a} at position {position} is no digit of an address:"
                f" those are {_DIGITS}"
            )
    halves = address.value.translate(_WRITTEN)
    filled = halves + "f" if len(halves) & 1 else halves
    return len(halves), bytes.fromhex(_swapped(filled))
