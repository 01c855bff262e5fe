"""UCS2, which handsets have long read as UTF-16: big-endian, no byte order mark.

3GPP TS 23.038, 6.2.3.  Characters beyond U+FFFF travel as surrogate pairs.  A
surrogate without its partner is refused both ways: then whatever `decode`
returns, `encode` takes, and no text this package hands out breaks UTF-8.  The
octets themselves may still be carried; only their reading as text fails.
"""

from smsc_encodings.errors import undecodable, unencodable


def encode(text: str) -> bytes:
    """Write `text` in two octets per character, four beyond U+FFFF.

    Raises EncodingError with the position of a lone surrogate.
    """
    try:
        return text.encode("utf-16-be")
    except UnicodeEncodeError as error:
        raise unencodable(text, error.start, "UCS2") from None


def decode(octets: bytes) -> str:
    """Read big-endian UTF-16; U+FEFF at the start is kept as a character.

    Raises EncodingError with the offset of a lone surrogate, or of the last
    octet if their number is odd.
    """
    try:
        return octets.decode("utf-16-be")
    except UnicodeDecodeError as error:
        raise undecodable(octets, error.start, "UCS2") from None
