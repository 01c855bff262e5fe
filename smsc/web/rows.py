"""A CSV file of devices, read as it comes: octets become lines, and lines become devices.

The first line names the columns. Every other line is one record, so nothing spans lines, and a
mistake in one of them harms none of the others. Nothing here waits, and nothing is kept but the
line that hasn't ended yet.
"""

import codecs
import csv
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import msgspec

from smsc.mistake import nearest
from smsc.policy_table import GROUPS_OWN, Policy
from smsc.subscriber import MSISDN, Device
from smsc.web.description import NewDevice, changed

LONGEST_LINE: Final = 16 * 1024
OVERRIDE: Final = "override."
_BOM: Final = codecs.BOM_UTF8
_WORDS: Final = {"yes": "true", "no": "false"}
_KEYS: Final = {
    f"{OVERRIDE}{each.encode_name}": each
    for each in msgspec.structs.fields(Policy)
    if each.encode_name not in GROUPS_OWN
}
_COLUMNS: Final = {each.encode_name for each in msgspec.structs.fields(NewDevice)} | {*_KEYS}
_LISTS: Final = {name for name, each in _KEYS.items() if "tuple" in str(each.type)}
_WORDED: Final = {name for name, each in _KEYS.items() if each.type in (bool, int | None)}
"""Keys whose value is no text."""


class BadRow(ValueError):
    """A line that is no device, in words."""


class Line(NamedTuple):
    """A line of the file, and its number, counted from 1; None for one that is too long."""

    number: int
    octets: bytes | None


class Lines:
    """Parts octets into lines as they come; of one that is too long nothing is kept."""

    def __init__(self) -> None:
        """Start at the beginning of a file."""
        self._rest = b""
        self._number = 0
        self._too_long = False

    def feed(self, octets: bytes) -> Iterator[Line]:
        """Take some octets; give the lines that are complete, blank ones left out."""
        *whole, rest = octets.split(b"\n")
        for each in whole:
            yield from self._ended(each)
        self._add(rest)

    def end(self) -> Iterator[Line]:
        """Give the last line, if it wasn't ended."""
        if self._rest or self._too_long:
            yield from self._ended(b"")

    def _add(self, octets: bytes) -> None:
        if self._too_long or len(self._rest) + len(octets) > LONGEST_LINE:
            self._too_long, self._rest = True, b""
        else:
            self._rest += octets

    def _ended(self, octets: bytes) -> Iterator[Line]:
        self._add(octets)
        line, too_long = self._rest.removesuffix(b"\r"), self._too_long
        self._rest, self._too_long = b"", False
        self._number += 1
        if self._number == 1:
            line = line.removeprefix(_BOM)
        if too_long:
            yield Line(self._number, None)
        elif line.strip():
            yield Line(self._number, line)


class Columns:
    """What the columns of a file are called; reads its other lines."""

    def __init__(self, line: Line) -> None:
        """Read the line that names them; raises BadRow."""
        names = [name.strip() for name in _cells(line)]
        for name in names:
            if name not in _COLUMNS:
                raise BadRow(f"no such column: {name[:40]!r}{nearest(name, _COLUMNS)}")
            if names.count(name) > 1:
                raise BadRow(f"column {name!r} stands there twice; leave one of them out")
        if MSISDN not in names:
            raise BadRow("there is no column msisdn; the first line names the columns")
        self._names = names

    def read(self, line: Line) -> Device:
        """Return the device that a line describes; raises BadRow."""
        cells = _cells(line)
        if len(cells) != len(self._names):
            raise BadRow(f"{len(cells)} values for {len(self._names)} columns; give one for each")
        given = {name: cell for name, cell in zip(self._names, cells, strict=True) if cell}
        try:
            described = msgspec.convert(_members(given), NewDevice, strict=False)
            return changed(Device(number=described.msisdn), described)
        except msgspec.ValidationError as error:
            raise BadRow(_plain(str(error))) from error
        except ValueError as error:
            raise BadRow(str(error)) from error


def _cells(line: Line) -> list[str]:
    if line.octets is None:
        raise BadRow(f"longer than {LONGEST_LINE} octets; is it one line?")
    try:
        text = line.octets.decode("utf-8")
        return next(csv.reader((text,), strict=True))
    except UnicodeDecodeError as error:
        raise BadRow("not UTF-8; save the file as CSV in UTF-8") from error
    except (csv.Error, StopIteration) as error:
        raise BadRow(
            f"not CSV: {error}; quote a value with commas, and double its quotes"
        ) from error


def _members(given: dict[str, str]) -> dict[str, Any]:
    """Return the members of a description: what the cells say, with overrides as an object."""
    members: dict[str, Any] = {}
    overrides: dict[str, Any] = {}
    for name, cell in given.items():
        if name.startswith(OVERRIDE):
            overrides[name.removeprefix(OVERRIDE)] = _value(name, cell)
        elif name == "overrides":
            overrides.update(_object(cell))
        elif name in ("attached", "permanent", "nb_iot"):
            members[name] = _WORDS.get(cell.lower(), cell)
        else:
            members[name] = cell
    if overrides:
        members["overrides"] = overrides
    return members


def _object(cell: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(cell, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadRow('overrides: not a JSON object; write {"mo": false}') from error


def _value(name: str, cell: str) -> Any:
    """Read a key's value: as JSON if it is no text, else as text, or as a JSON list of texts."""
    value: Any = cell
    if name in _WORDED or (name in _LISTS and cell.startswith("[")):
        try:
            value = msgspec.json.decode(_WORDS.get(cell.lower(), cell))
        except (msgspec.DecodeError, RecursionError):
            value = cell
    return [value] if name in _LISTS and not isinstance(value, list) else value


def _plain(error: str) -> str:
    """Turn msgspec's words around: the column first."""
    words, found, path = error.partition(" - at `$.")
    return f"{path.rstrip('`')}: {words}" if found else words
