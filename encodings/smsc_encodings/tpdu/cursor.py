"""Reading a TPDU from its front, field by field, so that an error knows where it was."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from smsc_encodings.errors import EncodingError, misread

Value = TypeVar("Value")


class Span(NamedTuple):
    """A field and where it lies: octets[start:end]."""

    field: str
    start: int
    end: int


class Cursor:
    """Where in some octets reading has come to, and the fields on the way."""

    __slots__ = ("at", "octets", "spans")

    def __init__(self, octets: bytes, at: int) -> None:
        """Begin at an offset, 0 for the front."""
        self.octets = octets
        self.at = at
        self.spans: list[Span] = []

    def take(self, field: str, count: int) -> bytes:
        """Read `count` octets; raises EncodingError if they aren't there."""
        start, end = self.at, self.at + count
        left = len(self.octets) - start
        if left < count:
            octets = "octet" if count == 1 else "octets"
            raise misread(
                f"{field} at offset {start} needs {count} {octets}, {left} are left", start
            )
        self.at = end
        self.spans.append(Span(field, start, end))
        return self.octets[start:end]

    def octet(self, field: str) -> int:
        """Read one octet; raises EncodingError if there is none."""
        return self.take(field, 1)[0]

    def part(self, field: str, read: Callable[[bytes, int], tuple[Value, int]]) -> Value:
        """Read a field whose reader finds its end itself."""
        try:
            value, end = read(self.octets, self.at)
        except EncodingError as error:
            raise within(field, error, self.at) from None
        self.spans.append(Span(field, self.at, end))
        self.at = end
        return value


def within(field: str, error: EncodingError, offset: int) -> EncodingError:
    """Return the error as one of this field; `offset` is for errors that know none."""
    return misread(f"{field}: {error}", offset if error.offset is None else error.offset)
