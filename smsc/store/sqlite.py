"""The store on SQLite: one file, one thread of its own, one transaction and fsync a batch.

The write-ahead log is synced at every commit, so a write that returned is on the disk. Rows are
made on the event loop and handed over whole: the thread crosses into SQLite once a statement
list, and only the thread waits for the disk.

A queue is an index by destination, and so each place dirties a page of its own. The places of
messages that have just arrived say nothing their records don't, so they are gathered, and put
into the queues many at a time and sorted, before the queues are next read. Were the process to
die before that, `open` would find these messages in hand, and give them their places.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from itertools import chain, islice
from pathlib import Path
from time import perf_counter
from typing import Any, Final, TypeVar

import apsw
import msgspec

from smsc.message import Broadcast, Message, State
from smsc.store import schema
from smsc.store.gathering import DESTINATION, ID, NEXT_AT, Gathering, Place
from smsc.store.store import (
    Batch,
    Conflict,
    Forwarded,
    Found,
    History,
    Opened,
    Start,
    StoreError,
    Waiting,
    Written,
)
from smsc.subscriber import Device, Identity
from smsc_routing.calendar_quota import Key

T = TypeVar("T")
Row = tuple[Any, ...]
Rows = Sequence[tuple[schema.Statement, Sequence[Row]]]

PAGES_BEFORE_CHECKPOINT: Final = 4000
MESSAGES_IN_HAND_AT_ONCE: Final = 1000
BEFORE_ALL: Final = -(1 << 62)
"""A rank that stands before every other."""
ROWS_AT_ONCE: Final = (256, 64, 16, 4, 1)


class SqliteStore:
    """Messages in one SQLite file, which this process holds alone."""

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is touched until `open`."""
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(Message).decode
        self._decode_broadcast = msgspec.msgpack.Decoder(Broadcast).decode
        self._connection: apsw.Connection | None = None
        self._mark = -1
        self._gathered = Gathering()

    async def open(self, now: int, devices: int = 0) -> Opened:
        """Make the file if it isn't there, bring its schema up, recover what was in hand."""
        return await self._ask(lambda: self._open(now))

    def write(self, batch: Batch, now: int) -> "asyncio.Future[Written]":
        """Start to write a batch in one transaction."""
        arrived = {message.id for message in batch.arrivals}
        gathered: list[Row] = []
        places: list[Row] = []
        for place in batch.waits:
            fresh = not place.attempts and place.message.id in arrived
            (gathered if fresh else places).append(_place(place, now))
        rows = self._rows(batch, places)
        return self._asked(partial(self._write, rows, gathered, batch.oldest_in_hand))

    async def waiting(
        self, destinations: Sequence[str], limit: int, now: int, in_order: bool
    ) -> dict[str, list[Waiting]]:
        """Read the head of each queue in order."""
        query = schema.READ_IN_ORDER if in_order else schema.READ_READY
        return await self._ask(partial(self._heads, destinations, limit, now, query))

    async def due(self, now: int, limit: int) -> list[Waiting]:
        """Read the places that need a look by now, earliest first."""
        return await self._ask(partial(self._due, now, limit))

    async def next_due(self) -> int | None:
        """Return when the earliest place in any queue needs a look."""
        return await self._ask(self._next_due)

    async def destinations(self, after: str, limit: int) -> list[str]:
        """List destinations that have a queue, in order."""
        return await self._ask(partial(self._destinations, after, limit))

    async def history(self, message_id: int) -> History | None:
        """Look up one message."""
        return await self._ask(lambda: self._history(message_id))

    async def find(self, message_ids: Sequence[int], limit: int) -> dict[int, list[Found]]:
        """Look up messages, each with those that share its id."""
        return await self._ask(partial(self._find, message_ids, limit))

    async def lines(self, starts: Sequence[Start], limit: int) -> list[list[Waiting]]:
        """Read queues on from each start."""
        return await self._ask(partial(self._lines, starts, limit))

    async def forwarded(
        self, link: str, remote_ids: Sequence[str]
    ) -> dict[str, tuple[Forwarded, ...]]:
        """Look up what another SMSC knows by these ids."""
        return {}

    async def overdue(self, now: int, limit: int) -> list[Forwarded]:
        """Read forwarded messages whose deadline has come."""
        return []

    async def next_deadline(self) -> int | None:
        """Return the earliest deadline of a forwarded message."""
        return None

    async def counts(self, keys: Sequence[Key]) -> dict[Key, int]:
        """Read counts."""
        return dict.fromkeys(keys, 0)

    async def devices(self, numbers: Sequence[str]) -> dict[str, Device | bool]:
        """Read devices by number."""
        return {}

    async def identified(self, identity: Identity, value: str) -> Device | None:
        """Find a device by one of its identities."""
        return None

    async def listed(self, after: str, limit: int) -> list[tuple[str, Device | bool]]:
        """List devices in the order of numbers as text."""
        return []

    async def conflicts(self, devices: Sequence[Device]) -> list[Conflict]:
        """Tell which of these can't be kept."""
        return []

    async def import_begun(self) -> int:
        """Begin to import devices."""
        return 0

    async def imported(self, number: int, devices: Sequence[Device]) -> list[Conflict]:
        """Take a slice of an import."""
        return []

    async def import_ended(self, number: int, keep: bool) -> None:
        """End an import."""

    async def close(self) -> None:
        """Close the file, its log folded in, and end the thread."""
        try:
            await self._ask(self._close)
        finally:
            self._thread.shutdown()

    async def _ask(self, work: Callable[[], T]) -> T:
        return await self._asked(work)

    def _asked(self, work: Callable[[], T]) -> "asyncio.Future[T]":
        """Start work on the store's thread; SQLite's errors come back in our words."""
        return asyncio.get_running_loop().run_in_executor(self._thread, self._tried, work)

    def _tried(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except StoreError:
            raise
        except Exception as error:
            raise StoreError(f"store {self._path}: {error}; {_cure(error)}") from error

    def _rows(self, batch: Batch, places: list[Row]) -> Rows:
        """Turn a batch into statements and their rows, in the order they must run."""
        return [
            (schema.INSERT_MESSAGES, self._records(batch.arrivals)),
            (schema.REWRITE_MESSAGES, self._records(batch.rewritten)),
            (schema.INSERT_PLACES, places),
            (
                schema.NOTE_ATTEMPTS,
                [(w.message.id, w.error, w.attempts) for w in batch.waits if w.attempts],
            ),
            (
                schema.END_MESSAGES,
                [(f.message.id, f.state, f.error, f.at, f.attempts) for f in batch.finals],
            ),
            (schema.DELETE_PLACES, [_key(f.message) for f in batch.finals if f.queued]),
            (schema.LOOK_AGAIN, [(at, *_key(place.message)) for place, at in batch.looked_at]),
            (schema.MOVE_DEVICES, list(batch.moves.items())),
            (
                schema.SAVE_BROADCASTS,
                [(each.id, self._encode(each)) for each in batch.broadcasts.values()],
            ),
            (schema.FORGET_BROADCASTS, [(number,) for number in batch.forgotten]),
        ]

    def _records(self, messages: Sequence[Message]) -> list[Row]:
        scheduled, enroute, encode = int(State.SCHEDULED), int(State.ENROUTE), self._encode
        return [(m.id, scheduled if m.not_before else enroute, encode(m)) for m in messages]

    # Everything below runs on the store's thread.

    @property
    def _db(self) -> apsw.Connection:
        if self._connection is None:
            raise StoreError(f"store {self._path} is not open")
        return self._connection

    def _open(self, now: int) -> Opened:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        db = self._connection = apsw.Connection(str(self._path))
        # Alone on the file: a second server on it would deliver everything twice.
        db.execute("PRAGMA page_size = 2048")
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute(f"PRAGMA wal_autocheckpoint = {PAGES_BEFORE_CHECKPOINT}")
        self._migrate(db)
        requeued = self._requeue(db, now)
        return Opened(
            last_id=self._value(schema.LAST_ID) or 0,
            waiting=self._value("SELECT count(*) FROM queue") or 0,
            requeued=requeued,
            moves={
                str(number): bool(attached)
                for number, attached in db.execute("SELECT number, attached FROM devices")
            },
            broadcasts=[
                self._decode_broadcast(record)
                for (record,) in db.execute(schema.READ_BROADCASTS)
                if isinstance(record, bytes)
            ],
        )

    def _migrate(self, db: apsw.Connection) -> None:
        """Run the steps this file hasn't seen, each in a transaction with its version."""
        version = self._value("PRAGMA user_version") or 0
        if version > len(schema.STEPS):
            raise StoreError(
                f"store {self._path} has schema version {version}, newer than this release's"
                f" {len(schema.STEPS)}; run the release that wrote it, or name another file"
            )
        for number, step in enumerate(schema.STEPS[version:], start=version + 1):
            with db:
                db.execute(step)
                db.execute(f"PRAGMA user_version = {number}")

    def _requeue(self, db: apsw.Connection, now: int) -> int:
        """Give a place in the queue to each message that was in hand when its process died."""
        before = db.total_changes()
        in_hand = db.execute(schema.IN_HAND)
        while records := list(islice(in_hand, MESSAGES_IN_HAND_AT_ONCE)):
            places = [Waiting(m, m.not_before, 0) for m in map(self._message, records)]
            with db:
                _run(db, schema.KEEP_PLACES, [_place(p, now) for p in places])
        return db.total_changes() - before

    def _message(self, row: Row) -> Message:
        record = row[0]
        assert isinstance(record, bytes)
        return self._decode(record)

    def _write(self, rows: Rows, gathered: list[Row], oldest_in_hand: int) -> Written:
        db = self._db
        started = perf_counter()
        # What is taken now is of an earlier generation: a crash finds it as it finds the others.
        taken = self._gathered.take(len(gathered))
        self._gathered.add(gathered)
        try:
            db.execute("BEGIN IMMEDIATE")
            for statement, values in rows:
                _run(db, statement, values)
            _run(db, schema.INSERT_PLACES, taken)
            mark = min(oldest_in_hand, self._gathered.oldest or oldest_in_hand)
            if mark != self._mark:
                _run(db, schema.MARK, [(mark,)])
            written = perf_counter()
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            self._mark = -1
            self._gathered.withdraw(len(gathered))
            self._gathered.put_back(taken)
            raise
        self._mark = mark
        ended = perf_counter()
        return Written(ended - started, ended - written)

    def _put(self, wanted: Callable[[Place], bool]) -> None:
        """Put those of the gathered places into the queues that are about to be read."""
        places = self._gathered.take_if(wanted)
        if not places:
            return
        try:
            with self._db as db:
                _run(db, schema.INSERT_PLACES, places)
        except BaseException:
            self._gathered.put_back(places)
            raise

    def _heads(
        self, destinations: Sequence[str], limit: int, now: int, query: str
    ) -> dict[str, list[Waiting]]:
        names = set(destinations)
        self._put(lambda place: place[DESTINATION] in names)
        return {name: self._places(query, (name, now, limit)) for name in destinations}

    def _due(self, now: int, limit: int) -> list[Waiting]:
        self._put(lambda place: place[NEXT_AT] <= now)
        return self._places(schema.READ_DUE, (now, limit))

    def _destinations(self, after: str, limit: int) -> list[str]:
        self._put(lambda place: place[DESTINATION] > after)
        return [str(name) for (name,) in self._db.execute(schema.NEXT_DESTINATIONS, (after, limit))]

    def _places(self, query: str, bindings: Row) -> list[Waiting]:
        return [Waiting(self._message(row), *row[1:]) for row in self._db.execute(query, bindings)]

    def _next_due(self) -> int | None:
        placed = self._value("SELECT min(next_at) FROM queue")
        both = (placed, self._gathered.next_at)
        return min((at for at in both if at is not None), default=None)

    def _value(self, query: str) -> int | None:
        for (value,) in self._db.execute(query):
            assert value is None or isinstance(value, int)
            return value
        return None

    def _history(self, message_id: int) -> History | None:
        for row in self._db.execute(schema.READ_HISTORY, (message_id,)):
            return self._told(row)
        return None

    def _told(self, row: Row) -> History:
        _, state, error, done_at, attempts = row
        return History(self._message(row), State(state), error, done_at, attempts)

    def _find(self, message_ids: Sequence[int], limit: int) -> dict[int, list[Found]]:
        groups: dict[int, list[History]] = {}
        for message_id in message_ids:
            if limit <= 0:
                break
            groups[message_id] = group = self._group(message_id)
            limit -= len(group)
        open_ids = {h.message.id for each in groups.values() for h in each if not h.state.final}
        self._put(lambda place: place[ID] in open_ids)
        return {
            message_id: [Found(history, self._place_of(history)) for history in group]
            for message_id, group in groups.items()
        }

    def _group(self, message_id: int) -> list[History]:
        """Read a message, and those behind it that its submitter knows by its id."""
        first = self._history(message_id)
        if first is None:
            return []
        group = [first]
        if first.message.told_id == message_id:
            for row in self._db.execute(schema.READ_GROUP, (message_id,)):
                other = self._told(row)
                if other.message.told_id != message_id:
                    break
                group.append(other)
        return group

    def _place_of(self, history: History) -> Waiting | None:
        if history.state.final:
            return None
        for not_before, attempts in self._db.execute(schema.READ_PLACE, _key(history.message)):
            return Waiting(history.message, not_before, attempts, history.error)
        return None

    def _lines(self, starts: Sequence[Start], limit: int) -> list[list[Waiting]]:
        names = {start.destination for start in starts}
        self._put(lambda place: place[DESTINATION] in names)
        return [self._places(schema.READ_LINE, (*_behind(start), limit)) for start in starts]

    def _close(self) -> None:
        if self._connection is None:
            return
        try:
            self._put(lambda place: True)
        finally:
            self._connection.close()
            self._connection = None


def _run(db: apsw.Connection, statement: schema.Statement, rows: Sequence[Row]) -> None:
    """Run a statement for all rows, as many at once as there is a prepared form for."""
    at = 0
    for size in ROWS_AT_ONCE:
        while len(rows) - at >= size:
            db.execute(_sql(statement, size), tuple(chain.from_iterable(rows[at : at + size])))
            at += size


@cache
def _sql(statement: schema.Statement, rows: int) -> str:
    return statement.sql(rows)


def _behind(start: Start) -> tuple[str, int, int]:
    return _key(start.after) if start.after is not None else (start.destination, BEFORE_ALL, 0)


def _key(message: Message) -> tuple[str, int, int]:
    return message.destination, -message.priority, message.id


def _place(place: Waiting, now: int) -> Place:
    message, not_before, attempts, _ = place
    return (
        message.destination,
        -message.priority,
        message.id,
        not_before,
        attempts,
        place.next_at(now),
    )


def _cure(error: Exception) -> str:
    for kind, cure in _CURES.items():
        if isinstance(error, kind):
            return cure
    return "see the log of the machine for its disk"


_CURES: Final[dict[type[Exception], str]] = {
    apsw.BusyError: "another process holds it: stop that one, or name another file",
    apsw.FullError: "make room on the disk: nothing more is accepted until then",
    apsw.ReadOnlyError: "make the file and its folder writable for this user",
    apsw.CantOpenError: "make its folder writable for this user, or name another file",
    apsw.NotADBError: "this is no store of ours: name another file",
    apsw.CorruptError: "restore the file from a backup",
    PermissionError: "make its folder writable for this user, or name another file",
    FileExistsError: "a file stands where its folder should be: name another folder",
    NotADirectoryError: "a file stands where its folder should be: name another folder",
}
