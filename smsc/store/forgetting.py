"""How records and texts leave when they have been kept for long enough: a slice at a time.

Each message is looked at once. A walk goes through them in the order of their ids, and ends before
the first that was accepted too recently. What ended long enough ago is forgotten; what didn't is
left over, with the time from which on to count, and is looked at again when that is long enough
ago. So the work is that of what there is to forget, however much is stored. What was accepted at a
time still to come, for a clock was set back, stops no walk.

All this may be lost in a crash, and is then done again.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import Final, NamedTuple

import apsw
import msgspec

from smsc.message import Message, State
from smsc.store.record import Forgotten, Keep
from smsc.store.segments import Head, head_of, leave, sweep
from smsc.store.statement import Row, Statement, in_json, number, run

ROWS_AT_ONCE: Final = 250
SOONEST_LOOK_MS: Final = 1000
EARLIEST_LOOK_MS: Final = 3_600_000
LATEST_LOOK_MS: Final = 24 * EARLIEST_LOOK_MS
"""What hasn't ended is looked at again when it expires, but within these bounds."""


class Kind(IntEnum):
    """What is forgotten of a message."""

    RECORD = 0
    TEXT = 1


_CURSORS: Final = {Kind.RECORD: "forgotten_records", Kind.TEXT: "forgotten_texts"}
_CURSOR: Final = "SELECT value FROM marks WHERE name = ?"
_MOVE: Final = "UPDATE marks SET value = ? WHERE name = ?"

_NEWEST: Final = "SELECT max(id) FROM messages"
_WALK: Final = (
    "SELECT state, done_at, record FROM messages WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"
)
_DUE: Final = "SELECT at, id FROM leftovers WHERE kind = ? AND at <= ? ORDER BY at, id LIMIT ?"
_LOOK: Final = (
    "SELECT state, done_at, record FROM messages"
    " WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
)
_NEXT_DUE: Final = "SELECT min(at) FROM leftovers WHERE kind = ?"
_LEAVE: Final = Statement("INSERT OR REPLACE INTO leftovers VALUES ", "(?,?,?)")
_TAKE: Final = Statement("DELETE FROM leftovers WHERE (kind, at, id) IN (VALUES ", "(?,?,?)", ")")

_FORGET: Final = "DELETE FROM messages WHERE id IN (SELECT value FROM json_each(?))"
_FORGET_ATTEMPTS: Final = "DELETE FROM attempts WHERE id IN (SELECT value FROM json_each(?))"
_ERASE: Final = Statement(
    "UPDATE messages SET record = r.column2, erased = 1 FROM (VALUES ",
    "(?,?)",
    ") AS r WHERE messages.id = r.column1",
)

Decode = Callable[[bytes], Message]
Encode = Callable[[Message], bytes]


def forget(db: apsw.Connection, decode: Decode, encode: Encode, now: int, keep: Keep) -> Forgotten:
    """Forget a slice, in one transaction, and overwrite it in the file."""
    db.execute("PRAGMA secure_delete = ON")
    try:
        with db:
            forgotten = _slice(db, decode, encode, now, keep)
        return forgotten
    finally:
        db.execute("PRAGMA secure_delete = FAST")


def _slice(db: apsw.Connection, decode: Decode, encode: Encode, now: int, keep: Keep) -> Forgotten:
    if sweep(db):
        return Forgotten(0, 0, now)
    records = _Walk(db, Kind.RECORD, now, keep.records)
    old = records.take()
    _forget(db, [each.head.id for each in old])
    if records.next_at <= now or keep.texts >= keep.records:
        return Forgotten(len(old), 0, records.next_at)
    texts = _Walk(db, Kind.TEXT, now, keep.texts)
    erased = _erased([decode(each.record) for each in texts.take()])
    run(db, _ERASE, [(message.id, encode(message)) for message in erased])
    return Forgotten(0, len(erased), min(records.next_at, texts.next_at))


def _forget(db: apsw.Connection, ids: list[int]) -> None:
    if ids:
        db.execute(_FORGET, (in_json(ids),))
        db.execute(_FORGET_ATTEMPTS, (in_json(ids),))
        leave(db, ids)


def _erased(messages: list[Message]) -> list[Message]:
    """Return those that had a text, without it."""
    erased = []
    for each in messages:
        receipt = each.receipt
        if receipt is not None and receipt.text:
            receipt = msgspec.structs.replace(receipt, text="")
        if each.payload or receipt is not each.receipt:
            erased.append(msgspec.structs.replace(each, payload=b"", receipt=receipt))
    return erased


class _Seen(NamedTuple):
    """A message that was looked at."""

    head: Head
    record: bytes
    done_at: int | None
    """None while it hasn't ended."""


class _Walk:
    """What there is to forget of one kind."""

    def __init__(self, db: apsw.Connection, kind: Kind, now: int, keep: int) -> None:
        """Look for what has been kept for so many milliseconds."""
        self._db = db
        self._kind = kind
        self._now = now
        self._keep = keep
        self._until = now - keep
        self.next_at = now
        """When there is more to do."""

    def take(self) -> list[_Seen]:
        """Take what is to be forgotten of the next few; what is looked at too early is left over.

        First come those that were left over before.
        """
        seen = self._due() or self._walk()
        times = [(self._since(each), each) for each in seen]
        left = [(self._kind, at, each.head.id) for at, each in times if at > self._until]
        run(self._db, _LEAVE, left)
        return [each for at, each in times if at <= self._until]

    def _since(self, each: _Seen) -> int:
        """Return from when on a message is kept; if it hasn't ended, so that it is seen again."""
        if each.done_at is not None:
            return each.done_at
        now = self._now
        again = max(min(each.head.expires_at, now + LATEST_LOOK_MS), now + EARLIEST_LOOK_MS)
        return again - self._keep

    def _due(self) -> list[_Seen]:
        due = list(self._db.execute(_DUE, (self._kind, self._until, ROWS_AT_ONCE)))
        run(self._db, _TAKE, [(self._kind, *each) for each in due])
        return self._seen(_LOOK, (in_json([message_id for _, message_id in due]),)) if due else []

    def _walk(self) -> list[_Seen]:
        name, db = _CURSORS[self._kind], self._db
        first, newest = number(db, _CURSOR, (name,)), number(db, _NEWEST)
        behind = (newest or 0) + (self._kind is Kind.TEXT)
        seen = self._seen(_WALK, (first, behind, ROWS_AT_ONCE))
        passed = self._passed(seen)
        if passed:
            db.execute(_MOVE, (passed[-1].head.id + 1, name))
        else:
            self.next_at = self._next(seen)
        return passed

    def _passed(self, seen: list[_Seen]) -> list[_Seen]:
        """Return those before the first that was accepted too recently."""
        for at, each in enumerate(seen):
            if self._until < each.head.accepted_at <= self._now:
                return seen[:at]
        return seen

    def _next(self, seen: list[_Seen]) -> int:
        """Return when the first that wasn't passed may be, or will come, or something is due."""
        first = [each.head.accepted_at for each in seen[:1]]
        due = number(self._db, _NEXT_DUE, (self._kind,))
        times = [*first, *([] if due is None else [due])]
        to_come = self._now + max(self._keep, SOONEST_LOOK_MS)
        return min([*(at + self._keep for at in times), to_come])

    def _seen(self, query: str, bindings: Row) -> list[_Seen]:
        return [
            _Seen(head_of(record), record, int(str(done_at)) if State(state).final else None)
            for state, done_at, record in self._db.execute(query, bindings)
            if isinstance(record, bytes)
        ]
