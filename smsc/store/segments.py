"""Who has to do with which messages: an index that is made of many messages at a time.

The messages of 16,384 ids in a row are a segment. When a segment is complete, it is read, and
written once for all: for each party, in their order, the ids of its messages. So what comes in pays
nothing for being found again, and what is written lies side by side. To find what has to do with a
party takes one look into each segment; behind the last that is indexed there is only a little to
read through. A segment also has the span of its times of acceptance: ids say nothing for certain
about them, for clocks jump.

What is made here may be lost in a crash: then the latest segment is made anew.
"""

import sys
from array import array
from collections.abc import Callable
from itertools import islice
from typing import Final

import apsw

from smsc.message import ACCOUNT, DEVICE, LINK, Message, kind_and_key, to_account, to_device
from smsc.store.record import FOREVER
from smsc.store.statement import Row, Statement, number, run

SIZE: Final = 16_384
ROWS_AT_ONCE: Final = 500
"""So many are read, or written, before others get a turn."""

Party = int | str
"""A device's number as an integer, where it is one in decimal; else the name of a queue."""

INDEXED: Final = "SELECT value FROM marks WHERE name = 'indexed'"
_LAST: Final = "SELECT max(id) FROM messages"
_NEXT: Final = "SELECT min(id) FROM messages WHERE id >= ?"
_READ: Final = "SELECT record FROM messages WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"
_PUT: Final = Statement("INSERT OR REPLACE INTO parties VALUES ", "(?,?,?)")
_SEGMENT: Final = "INSERT OR REPLACE INTO segments VALUES (?, ?, ?)"
_MARK: Final = "UPDATE marks SET value = ? WHERE name = 'indexed'"


def device(digits: str) -> Party:
    """Return how a device is indexed."""
    plain = digits.isascii() and digits.isdigit() and digits[0] != "0" and len(digits) < 19
    return int(digits) if plain else to_device(digits)


def parties(message: Message) -> set[Party]:
    """Return who has to do with a message."""
    kind, key = kind_and_key(message.destination)
    found: set[Party] = set()
    if message.account:
        found.add(to_account(message.account))
    else:
        found.add(device(message.source.digits))
    if kind == DEVICE:
        found.add(device(key))
    elif kind == LINK:
        found.add(device(message.dest.digits))
    elif kind == ACCOUNT and key:
        found.add(message.destination)
    return found


def told(message: Message) -> bool:
    """Whether somebody sent this: it is no notice of ours."""
    return message.receipt is None and not message.purpose


def indexed_until(db: apsw.Connection) -> int:
    """Return the first id that isn't indexed yet."""
    return (number(db, INDEXED) or 0) * SIZE


def ids_in(segment: int, offsets: object) -> list[int]:
    """Return the ids that are written in an entry of the index, in order."""
    assert isinstance(offsets, bytes)
    first = segment * SIZE
    return [first + offset for offset in _swapped(array("H", offsets))]


def _swapped(offsets: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        offsets.byteswap()
    return offsets


class Indexer:
    """Makes the index, a slice at a time, on the store's thread."""

    def __init__(self, decode: Callable[[bytes], Message]) -> None:
        """Begin where the index ends, reading records with this decoder."""
        self._decode = decode
        self._begin(-1)

    def _begin(self, segment: int) -> None:
        self._segment = segment
        self._at = segment * SIZE
        self._first_at, self._last_at = FOREVER, 0
        self._found: dict[Party, list[int]] = {}
        self._entries: list[Row] | None = None

    def go_on(self, db: apsw.Connection) -> bool:
        """Do a slice; return whether there is more to do."""
        segment = number(db, INDEXED) or 0
        if (number(db, _LAST) or 0) < (segment + 1) * SIZE:
            return False
        if segment != self._segment:
            self._begin(segment)
        if self._entries is None:
            self._read(db)
        else:
            self._write(db, self._entries)
        return True

    def _read(self, db: apsw.Connection) -> None:
        first = self._segment * SIZE
        rows = db.execute(_READ, (self._at, first + SIZE, ROWS_AT_ONCE)).fetchall()
        for (record,) in rows:
            assert isinstance(record, bytes)
            message = self._decode(record)
            self._first_at = min(self._first_at, message.accepted_at)
            self._last_at = max(self._last_at, message.accepted_at)
            self._at = message.id + 1
            if told(message):
                for party in parties(message):
                    self._found.setdefault(party, []).append(message.id - first)
        if len(rows) < ROWS_AT_ONCE:
            self._entries = self._sorted()

    def _sorted(self) -> list[Row]:
        """Return the entries in the order they are kept in, the last one first."""
        found = self._found
        order: list[Party] = [
            *sorted(party for party in found if isinstance(party, int)),
            *sorted(party for party in found if isinstance(party, str)),
        ]
        return [
            (self._segment, party, _swapped(array("H", found[party])).tobytes())
            for party in reversed(order)
        ]

    def _write(self, db: apsw.Connection, entries: list[Row]) -> None:
        written = list(islice(reversed(entries), ROWS_AT_ONCE))
        with db:
            run(db, _PUT, written)
            if len(written) == len(entries):
                self._end(db)
        del entries[len(entries) - len(written) :]

    def _end(self, db: apsw.Connection) -> None:
        """Show what was made; segments that have no messages are passed over."""
        if self._first_at <= self._last_at:
            db.execute(_SEGMENT, (self._segment, self._first_at, self._last_at))
        ((following,),) = db.execute(_NEXT, ((self._segment + 1) * SIZE,))
        db.execute(_MARK, (int(str(following)) // SIZE,))
