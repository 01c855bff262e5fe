"""The one exception of this package, and the sentences it speaks."""


class EncodingError(ValueError):
    """A text, octet string or value that the named coding can't represent.

    The message names what is wrong, where (position of a character, offset of
    an octet, both from 0) and, where there is one, the cure.  `offset` is that
    of the octet, for errors that point at one.
    """

    offset: int | None = None


def unencodable(text: str, position: int, alphabet: str) -> EncodingError:
    """Return the error for the character of `text` at `position`."""
    character = text[position]
    return EncodingError(
        f"character {character!a} (U+{ord(character):04X}) at position {position}"
        f" can't be written in {alphabet}"
    )


def undecodable(octets: bytes, offset: int, alphabet: str) -> EncodingError:
    """Return the error for the octet of `octets` at `offset`."""
    return misread(
        f"octet 0x{octets[offset]:02X} at offset {offset} is not valid {alphabet}", offset
    )


def misread(reason: str, offset: int) -> EncodingError:
    """Return the error for `reason`, which names the octet at `offset`."""
    error = EncodingError(reason)
    error.offset = offset
    return error
