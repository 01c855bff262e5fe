"""Devices as rows: read by number and identity, listed, and written one by one.

What is seen of a device is its row of the latest import that has ended (see `imports`).
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import apsw
from msgspec import Struct

from smsc.store.statement import Row, Rows, Statement, ask, in_json, run
from smsc.store.store import Batch
from smsc.subscriber import Device, Identity

Value = int | str
"""An identity as it is kept: a number if it is one in decimal, which takes half the room."""

KINDS: Final = tuple(Identity)
ID: Final = KINDS.index(Identity.ID)
_PLACES: Final = {kind: place for place, kind in enumerate(KINDS)}
SCANNED_AT_ONCE: Final = 1000
_MOST: Final = 2**63

RUNNING: Final = "(SELECT number FROM imports WHERE state = 0)"
_UNSEEN: Final = "(SELECT number FROM imports WHERE state <> 1)"
SEEN: Final = (
    f"(s.import NOT IN {_UNSEEN} AND NOT EXISTS (SELECT 1 FROM subscribers n"
    f" WHERE n.number = s.number AND n.import > s.import AND n.import NOT IN {_UNSEEN}))"
)
_KEPT: Final = (
    f"EXISTS (SELECT 1 FROM subscribers s WHERE s.number = {{}} AND s.import NOT IN {_UNSEEN})"
)

_IDENTITIES: Final = ", ".join(f"s.{kind}" for kind in Identity)
_RECORD: Final = (
    "SELECT json_group_array(json_array(s.number, s.attached, p.name, l.name, s.latency_ms,"
    f" s.error, s.permanent, hex(s.overrides), json_array({_IDENTITIES}), s.memory, s.nb_iot))"
)
_NAMES: Final = "CROSS JOIN names p ON p.number = s.policy CROSS JOIN names l ON l.number = s.link"
_READ: Final = (
    f"{_RECORD} FROM json_each(?) j CROSS JOIN subscribers s ON s.number = j.value {_NAMES}"
    f" WHERE {SEEN}"
)
_READ_ROWS: Final = (
    f"{_RECORD} FROM json_each(?) j CROSS JOIN subscribers s ON s.row = j.value {_NAMES}"
)
_IDENTIFIED: Final = {
    kind: f"{_RECORD} FROM subscribers s {_NAMES} WHERE s.{kind} = ? AND {SEEN}"
    for kind in Identity
}
_SCAN: Final = (
    f"SELECT json_group_array(json_array(s.row, s.number, s.import, {SEEN})) FROM (SELECT row,"
    " number, import FROM subscribers WHERE (number, import) > (?, ?)"
    " ORDER BY number, import LIMIT ?) s"
)
_MOVED: Final = (
    "SELECT json_group_array(json_array(d.number, d.attached))"
    " FROM json_each(?) j CROSS JOIN devices d ON d.number = j.value"
)
_MOVED_AFTER: Final = (
    "SELECT json_group_array(json_array(number, attached)) FROM (SELECT number, attached"
    f" FROM devices d WHERE number > ? AND NOT {_KEPT.format('d.number')} ORDER BY number LIMIT ?)"
)
_KNOWN: Final = (
    f"SELECT json_group_array(json_array(s.number, s.import IS {RUNNING}, s.id, s.attached))"
    " FROM json_each(?) j CROSS JOIN subscribers s ON s.number = j.value"
    f" WHERE s.import IS {RUNNING} OR {SEEN}"
)
_MOVE_KEPT: Final = Statement(
    "UPDATE subscribers SET attached = m.column2 FROM (VALUES ",
    "(?,?)",
    ") AS m WHERE subscribers.number = m.column1",
)
_MOVE_OTHERS: Final = Statement(
    "INSERT OR REPLACE INTO devices SELECT column1, column2 FROM (VALUES ",
    "(?,?)",
    f") AS m WHERE NOT {_KEPT.format('m.column1')}",
)
INSERT: Final = Statement(
    "INSERT INTO subscribers (number, import, attached, policy, link, latency_ms, error,"
    f" permanent, memory, nb_iot, overrides, {', '.join(KINDS)}) VALUES ",
    f"({','.join('?' * (11 + len(Identity)))})",
)
_DELETE: Final = (
    "DELETE FROM subscribers WHERE row IN (SELECT s.row FROM json_each(?) j"
    f" CROSS JOIN subscribers s ON s.number = j.value WHERE s.import NOT IN {_UNSEEN})"
)
_DELETE_MOVES: Final = "DELETE FROM devices WHERE number IN (SELECT value FROM json_each(?))"
_NAME: Final = Statement("INSERT OR IGNORE INTO names (name) VALUES ", "(?)")
_NUMBERS_OF: Final = (
    "SELECT json_group_object(n.name, n.number)"
    " FROM json_each(?) j CROSS JOIN names n ON n.name = j.value"
)
BEYOND: Final = 1 << 62
"""No import has so high a number."""


class Record(Struct, frozen=True, array_like=True, gc=False):
    """A row as it is read."""

    number: str
    attached: int
    policy: str
    link: str
    latency_ms: int
    error: int
    permanent: int
    overrides: str
    identities: tuple[Value | None, ...]
    memory: int
    nb_iot: int

    def device(self) -> Device:
        """Return the device that it is about."""
        return Device(
            number=self.number,
            policy=self.policy,
            attached=bool(self.attached),
            identities={
                kind: str(value)
                for kind, value in zip(Identity, self.identities, strict=True)
                if value is not None
            },
            overrides=bytes.fromhex(self.overrides),
            link=self.link,
            latency_ms=self.latency_ms,
            error=self.error,
            permanent=bool(self.permanent),
            memory=self.memory,
            nb_iot=bool(self.nb_iot),
        )


class Entry(NamedTuple):
    """A device that is to be written, and its identities as they are kept, one of each kind."""

    device: Device
    values: list[Value | None]


class Known(NamedTuple):
    """What is known of a number: a row of the import that is under way, or one that is seen."""

    number: str
    running: int
    id: int
    attached: int


class Seen(NamedTuple):
    """A row that was come across in a listing, and whether it is seen."""

    row: int
    number: str
    number_of_import: int
    seen: int


def kept(value: str) -> Value:
    """Return an identity as it is kept."""
    if not (value.isascii() and value.isdigit()) or value[0] == "0" or len(value) > 19:
        return value
    return number if (number := int(value)) < _MOST else value


def entry(device: Device) -> Entry:
    """Return what is to be written of a device."""
    values: list[Value | None] = [None] * len(KINDS)
    for kind, value in device.identities.items():
        if value:
            values[_PLACES[kind]] = kept(value)
    return Entry(device, values)


def read(db: apsw.Connection, numbers: Sequence[str]) -> dict[str, Device | bool]:
    """Read devices by number, and of those that aren't kept whether they were attached."""
    found: dict[str, Device | bool] = {**moves(db, numbers)}
    records = ask(db, _READ, (in_json(numbers),), list[Record])
    return found | {each.number: each.device() for each in records}


def moves(db: apsw.Connection, numbers: Sequence[str]) -> dict[str, bool]:
    """Read which of these devices were attached or detached while they weren't kept."""
    found = ask(db, _MOVED, (in_json(numbers),), list[tuple[str, int]])
    return {number: bool(attached) for number, attached in found}


def identified(db: apsw.Connection, identity: Identity, value: str) -> Device | None:
    """Find a device by an identity."""
    found = ask(db, _IDENTIFIED[identity], (kept(value),), list[Record])
    return found[0].device() if found else None


def known(db: apsw.Connection, numbers: Sequence[str]) -> list[Known]:
    """Read what is known of these numbers, whether it is seen or part of a running import."""
    return ask(db, _KNOWN, (in_json(numbers),), list[Known])


class Listing:
    """The devices that follow a number, read by and by: rows that aren't seen may be many."""

    def __init__(self, after: str, limit: int) -> None:
        """List at most so many."""
        self._after, self._limit = after, limit
        self._cursor = (after, BEYOND)
        self._at_once = min(limit, SCANNED_AT_ONCE)
        self._found: list[Device] = []
        self.complete = limit <= 0

    def read_on(self, db: apsw.Connection) -> None:
        """Read a little more."""
        wanted = self._limit - len(self._found)
        rows = ask(db, _SCAN, (*self._cursor, self._at_once), list[Seen])
        seen = [each.row for each in rows if each.seen][:wanted]
        records = ask(db, _READ_ROWS, (in_json(seen),), list[Record])
        self._found += [each.device() for each in records]
        self.complete = len(rows) < self._at_once or len(self._found) == self._limit
        if rows:
            self._cursor = rows[-1].number, rows[-1].number_of_import
        self._at_once = SCANNED_AT_ONCE

    def page(self, db: apsw.Connection) -> list[tuple[str, Device | bool]]:
        """Return the complete list, with moves of devices that aren't kept."""
        moves = ask(db, _MOVED_AFTER, (self._after, self._limit), list[tuple[str, int]])
        page: list[tuple[str, Device | bool]] = [(n, bool(attached)) for n, attached in moves]
        page += [(each.number, each) for each in self._found]
        return sorted(page, key=lambda each: each[0])[: self._limit]


def listing(db: apsw.Connection, limit: int) -> list[tuple[str, Device | bool]]:
    """List the first devices of all."""
    each = Listing("", limit)
    while not each.complete:
        each.read_on(db)
    return each.page(db)


def move_rows(batch: Batch) -> Rows:
    """Return what the moves of a batch change: they come behind what devices are in it."""
    moves = [
        (number, attached)
        for number, attached in batch.moves.items()
        if batch.devices.get(number, "") is not None
    ]
    return [(_MOVE_KEPT, moves), (_MOVE_OTHERS, moves)]


def delete(db: apsw.Connection, numbers: Sequence[str]) -> None:
    """Delete what is seen of these devices."""
    for statement in (_DELETE, _DELETE_MOVES):
        db.execute(statement, (in_json(numbers),))


def insert(db: apsw.Connection, entries: Sequence[Entry], number_of_import: int) -> None:
    """Insert rows of devices."""
    names = [*{name: None for each, _ in entries for name in (each.policy, each.link)}]
    numbers = _numbers_of(db, names)
    run(db, INSERT, [_row(each, number_of_import, numbers) for each in entries])


def _numbers_of(db: apsw.Connection, names: Sequence[str]) -> Mapping[str, int]:
    """Return the numbers that stand for these names, which get one if they have none."""
    known = ask(db, _NUMBERS_OF, (in_json(names),), dict[str, int])
    if missing := [(name,) for name in names if name not in known]:
        run(db, _NAME, missing)
        known = ask(db, _NUMBERS_OF, (in_json(names),), dict[str, int])
    return known


def _row(each: Entry, number_of_import: int, numbers: Mapping[str, int]) -> Row:
    device = each.device
    return (
        device.number,
        number_of_import,
        device.attached,
        numbers[device.policy],
        numbers[device.link],
        device.latency_ms,
        device.error,
        device.permanent,
        device.memory,
        device.nb_iot,
        device.overrides or None,
        *each.values,
    )
