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
from collections.abc import Iterable
from typing import Final

import apsw
import msgspec
from msgspec import Raw, Struct

from smsc.message import (
    DEVICE,
    LINK,
    WEBHOOK,
    Address,
    Message,
    Receipt,
    addressee_of,
    kind_and_key,
    to_account,
    to_device,
)
from smsc.store.record import FOREVER
from smsc.store.statement import Statement, in_json, number, run

SIZE: Final = 16_384
"""Files are written with it: it can't be changed without writing their index anew."""
ROWS_AT_ONCE: Final = 500
"""So many are read, or written, before others get a turn."""
ENTRIES_AT_ONCE: Final = 2000

Party = int | str
"""A device's number as an integer, where it is one in decimal; else the name of a queue."""

_DEVICE: Final = to_device("")
_ACCOUNT: Final = to_account("")

INDEXED: Final = "SELECT value FROM marks WHERE name = 'indexed'"
_LAST: Final = "SELECT max(id) FROM messages"
_NEXT: Final = "SELECT min(id) FROM messages WHERE id >= ?"
_READ: Final = "SELECT record FROM messages WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"
_PUT: Final = Statement("INSERT OR REPLACE INTO parties VALUES ", "(?,?,?)")
_SEGMENT: Final = "INSERT OR REPLACE INTO segments VALUES (?, ?, ?)"
_EMPTY: Final = (
    "SELECT s.value FROM json_each(?1) s WHERE NOT EXISTS"
    " (SELECT 1 FROM messages WHERE id >= s.value * ?2 AND id < (s.value + 1) * ?2)"
)
_HIDE: Final = Statement("DELETE FROM segments WHERE number IN (VALUES ", "(?)", ")")
_LEAVE: Final = Statement("INSERT OR REPLACE INTO leftovers VALUES ", "(2, 0, ?)")
_LEFT: Final = "SELECT id FROM leftovers WHERE kind = 2 LIMIT 1"
_SWEEP: Final = (
    "DELETE FROM parties WHERE (segment, party) IN"
    " (SELECT segment, party FROM parties WHERE segment = ? LIMIT ?)"
)
_SWEPT: Final = "DELETE FROM leftovers WHERE kind = 2 AND id = ?"
_MARK: Final = "UPDATE marks SET value = ? WHERE name = 'indexed'"


class Head(Struct, frozen=True, array_like=True, gc=False):
    """As much of a message's record as tells what to index: half the time of reading all of it."""

    id: int
    account: str
    destination: str
    source: Raw
    dest: Raw
    payload: Raw
    accepted_at: int
    expires_at: int
    not_before: int
    data_coding: int
    esm_class: int
    protocol_id: int
    priority: int
    registered_delivery: int
    service_type: str
    receipt: Receipt | None
    told_id: int
    user_reference: int
    purpose: int


head_of: Final = msgspec.msgpack.Decoder(Head).decode
_address: Final = msgspec.msgpack.Decoder(Address).decode


def party(name: str) -> Party:
    """Return how the device or account is indexed whose queue has this name."""
    kind, digits = kind_and_key(name)
    plain = digits.isascii() and digits.isdigit() and digits[0] != "0" and len(digits) < 19
    return int(digits) if plain and kind == DEVICE else name


def parties(account: str, destination: str, source: str, dest: str) -> set[str]:
    """Name the queues of those who have to do with a message, whether they have one or not."""
    kind, _ = kind_and_key(destination)
    sender = to_account(account) if account else to_device(source)
    if kind == WEBHOOK:
        destination = to_account(addressee_of(destination))
    if destination == _ACCOUNT:
        return {sender}
    return {sender, to_device(dest) if kind == LINK else destination}


def told(message: Message | Head) -> bool:
    """Whether somebody sent this: it is no notice of ours."""
    return message.receipt is None and not message.purpose


def indexed_until(db: apsw.Connection) -> int:
    """Return the first id that isn't indexed yet."""
    return (number(db, INDEXED) or 0) * SIZE


def ids_in(segment: int, octets: object) -> list[int]:
    """Return the ids that are written in an entry of the index, in order."""
    assert isinstance(octets, bytes)
    first = segment * SIZE
    return [first + offset for offset in _swapped(array("H", octets))]


def _octets(offsets: list[int]) -> bytes:
    return _swapped(array("H", offsets)).tobytes()


def _swapped(offsets: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        offsets.byteswap()
    return offsets


def leave(db: apsw.Connection, ids: Iterable[int]) -> None:
    """Have segments whose last message was one of these found no more: `sweep` does the rest."""
    indexed = number(db, INDEXED) or 0
    numbers = sorted({each // SIZE for each in ids if each // SIZE < indexed})
    empty = [(segment,) for (segment,) in db.execute(_EMPTY, (in_json(numbers), SIZE))]
    run(db, _HIDE, empty)
    run(db, _LEAVE, empty)


def sweep(db: apsw.Connection) -> bool:
    """Sweep away a slice of what was left behind; return whether there was any."""
    segment = number(db, _LEFT)
    if segment is None:
        return False
    db.execute(_SWEEP, (segment, ENTRIES_AT_ONCE))
    if db.changes() < ENTRIES_AT_ONCE:
        db.execute(_SWEPT, (segment,))
    return True


class Indexer:
    """Makes the index, a slice at a time, on the store's thread."""

    def __init__(self) -> None:
        """Begin where the index ends."""
        self._begin(-1)

    def _begin(self, segment: int) -> None:
        self._segment = segment
        self._at = segment * SIZE
        self._first_at, self._last_at = FOREVER, 0
        self._found: dict[str, list[int]] = {}
        self._entries: list[tuple[bool, Party, str]] | None = None

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
        first, found = self._segment * SIZE, self._found
        rows = list(db.execute(_READ, (self._at, first + SIZE, ROWS_AT_ONCE)))
        heads = [head_of(record) for (record,) in rows if isinstance(record, bytes)]
        for head in heads:
            if told(head):
                for name in _parties(head):
                    found.setdefault(name, []).append(head.id - first)
        if heads:
            times = [head.accepted_at for head in heads]
            self._first_at = min(self._first_at, *times)
            self._last_at = max(self._last_at, *times)
            self._at = heads[-1].id + 1
        if len(rows) < ROWS_AT_ONCE:
            self._entries = self._sorted()

    def _sorted(self) -> list[tuple[bool, Party, str]]:
        """Return the parties in the order they are kept in, the last one first."""
        both = [(party(name), name) for name in self._found]
        return sorted(((isinstance(key, str), key, name) for key, name in both), reverse=True)

    def _write(self, db: apsw.Connection, entries: list[tuple[bool, Party, str]]) -> None:
        some = entries[: -ROWS_AT_ONCE - 1 : -1]
        rows = [(self._segment, key, _octets(self._found[name])) for _, key, name in some]
        with db:
            run(db, _PUT, rows)
            if len(some) == len(entries):
                self._end(db)
        del entries[len(entries) - len(some) :]

    def _end(self, db: apsw.Connection) -> None:
        """Show what was made, if any of it is still there; go on where there are messages."""
        db.execute(_SEGMENT, (self._segment, self._first_at, self._last_at))
        following = number(db, _NEXT, ((self._segment + 1) * SIZE,))
        assert following is not None
        db.execute(_MARK, (following // SIZE,))
        leave(db, (self._segment * SIZE,))


def _parties(head: Head) -> set[str] | tuple[str, str]:
    account, destination = head.account, head.destination
    if account and destination.startswith(_DEVICE):
        # As it mostly is.
        return _ACCOUNT + account, destination
    source, dest = _address(head.source), _address(head.dest)
    return parties(account, destination, source.digits, dest.digits)
