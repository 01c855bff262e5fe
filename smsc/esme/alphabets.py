"""What data_coding 0, the SMSC's default alphabet, means to an account (3.4 clause 5.2.19).

On the road 0 is GSM 7 bit, an octet to a septet. What an account sends under 0 is brought into
that form at the door, or named by the data_coding that says what it is; what goes to the account
under 0 is written in its alphabet. A user data header is left as it is: only the text behind it
is in an alphabet.

Packed septets don't tell how many they are: seven spare bits look like "@". They are taken as
spare, since a text that ends in "@" on the last bit of an octet is the rarer case.
"""

from typing import Final

from smsc_encodings import gsm7, septets, udh
from smsc_encodings.data_coding import Zero
from smsc_encodings.dcs import Alphabet, data_coding_for, encode_text
from smsc_encodings.errors import EncodingError
from smsc_encodings.national import shifts_in

_NAMED: Final = {
    Zero.LATIN1: Alphabet.LATIN1,
    Zero.ASCII: Alphabet.ASCII,
}


def incoming(payload: bytes, has_header: bool, alphabet: Zero) -> tuple[bytes, int]:
    """Return what an account sent under data_coding 0 as the road has it, and its data_coding.

    Raises EncodingError if the header it should begin with can't be read.
    """
    named = _NAMED.get(alphabet)
    if named is not None:
        return payload, data_coding_for(named)
    if alphabet is Zero.GSM:
        return payload, 0
    header, body = _parted(payload, has_header)
    return header + _unpacked(body, _fill_bits(header)), 0


def outgoing(payload: bytes, has_header: bool, alphabet: Zero, most: int) -> tuple[bytes, int]:
    """Return GSM 7 bit of the road as the account reads it, and its data_coding.

    A text that the alphabet can't say is written in UCS2, or with question marks if that takes
    more than `most` octets; octets that are no GSM 7 bit are binary.
    """
    try:
        header, body = _parted(payload, has_header)
        text = gsm7.decode(body, *shifts_in(header))
        if alphabet is Zero.GSM_PACKED:
            return header + septets.pack(body, _fill_bits(header)), 0
    except EncodingError:
        return payload, data_coding_for(Alphabet.OCTET)
    octets, data_coding = _written(text, _NAMED[alphabet], most - len(header))
    return header + octets, data_coding


def _written(text: str, alphabet: Alphabet, most: int) -> tuple[bytes, int]:
    try:
        return encode_text(text, alphabet), 0
    except EncodingError:
        octets = encode_text(text, Alphabet.UCS2)
    if len(octets) <= most:
        return octets, data_coding_for(Alphabet.UCS2)
    return text.encode(_CODECS[alphabet], "replace"), 0


_CODECS: Final = {Alphabet.LATIN1: "latin-1", Alphabet.ASCII: "ascii"}


def _parted(payload: bytes, has_header: bool) -> tuple[bytes, bytes]:
    if not has_header:
        return b"", payload
    end = udh.decode(payload).consumed
    return payload[:end], payload[end:]


def _fill_bits(header: bytes) -> int:
    """Return how many bits bring what follows a header to a septet boundary (23.040 9.2.3.24)."""
    return -8 * len(header) % 7


def _unpacked(body: bytes, fill_bits: int) -> bytes:
    count, spare = divmod(max(8 * len(body) - fill_bits, 0), 7)
    found = septets.unpack(body, count, fill_bits) if count else b""
    return found[:-1] if count and not spare and not found[-1] else found
