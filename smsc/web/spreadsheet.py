"""Messages as lines of a file: CSV for spreadsheets and databases (RFC 4180), or NDJSON."""

import csv
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, NamedTuple

import msgspec

from smsc.web.record import MessageStatus

Format = Literal["csv", "ndjson"]
COLUMNS: Final[Sequence[str]] = MessageStatus.__struct_encode_fields__

# What others wrote, among which a spreadsheet would look for formulas. One that takes another
# separator for that of its country sees cells where we see none.
_WRITTEN_BY_OTHERS: Final = frozenset(map(COLUMNS.index, ("from", "to", "account", "text")))
_SUSPECT: Final = re.compile(r"[=+\-@\uff1d\uff0b\uff0d\uff20]")
_FORMULA: Final = re.compile(r"(?:\A|(?<=[;,\t\r\n]))(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")

_json = msgspec.json.Encoder()


class Lines(NamedTuple):
    """How messages are written in one format: what stands above all, and each of them."""

    media_type: str
    head: bytes
    line: Callable[[MessageStatus], bytes]


def harmless(text: str) -> str:
    """Put an apostrophe where a spreadsheet would begin to read a formula."""
    if _SUSPECT.search(text) is None:
        return text
    if text[:1].isspace() and text.lstrip()[:1] in tuple("=+-@"):
        text = f"'{text}"
    return _FORMULA.sub("'", text)


def _csv(message: MessageStatus) -> bytes:
    members = msgspec.to_builtins(message)
    return _row([_cell(at, members[name]) for at, name in enumerate(COLUMNS)])


def _cell(column: int, value: Any) -> str:
    if column in _WRITTEN_BY_OTHERS and value:
        return harmless(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


class _Line:
    """What a writer writes to, and returns what this returns."""

    def write(self, line: str) -> bytes:
        return line.encode()


_writer = csv.writer(_Line())


def _row(cells: Sequence[str]) -> bytes:
    octets: bytes = _writer.writerow(cells)
    return octets


def _ndjson(message: MessageStatus) -> bytes:
    return _json.encode(message) + b"\n"


FORMATS: Final[dict[Format, Lines]] = {
    "csv": Lines("text/csv", _row(COLUMNS), _csv),
    "ndjson": Lines("application/x-ndjson", b"", _ndjson),
}
