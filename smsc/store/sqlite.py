"""The store on SQLite: one file, one thread of its own, one transaction and fsync a batch.

The write-ahead log is synced at every commit, so a write that returned is on the disk. Rows are
made on the event loop and handed over whole: the thread crosses into SQLite once a statement
list, and only the thread waits for the disk.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Final, TypeVar

import apsw
import msgspec

from smsc.message import Broadcast, Message, State
from smsc.store import (
    attempts,
    counting,
    credentials,
    forwarding,
    imports,
    keeping,
    notes,
    repeats,
    schema,
    subscribers,
)
from smsc.store.backup import Copying, copy_of, look_for_room
from smsc.store.files import commit, make_folder, reread
from smsc.store.folding import Folding
from smsc.store.forgetting import forget
from smsc.store.places import Places, key_of, row_of
from smsc.store.record import Criteria, Forgotten, Keep, Listing, Record
from smsc.store.repeats import Keyed
from smsc.store.search import Search, span
from smsc.store.segments import Indexer
from smsc.store.statement import Row, Rows, number, run
from smsc.store.store import (
    Batch,
    Conflict,
    Forwarded,
    Found,
    History,
    Opened,
    Queue,
    Start,
    StoreBrokenError,
    StoreError,
    Waiting,
    Written,
)
from smsc.subscriber import Device, Identity
from smsc_routing.calendar_quota import Key

T = TypeVar("T")

CACHE_KIB: Final = 16 * 1024
"""Of pages: what leads to the places of ten million messages, and the tray that fills."""


class SqliteStore:
    """Messages in one SQLite file, which this process holds alone."""

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is touched until `open`."""
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(Message).decode
        self._indexer = Indexer()
        self._decode_broadcast = msgspec.msgpack.Decoder(Broadcast).decode
        self._connection: apsw.Connection | None = None
        self._opened_places: Places | None = None
        self._mark = -1
        self._folding = Folding(lambda: self._thread.submit(self._fold))
        self._sweeping: asyncio.Task[None] | None = None

    async def open(self, now: int, devices: int = 0) -> Opened:
        """Make the file if it isn't there, bring its schema up, recover what was in hand."""
        opened = await self._ask(lambda: self._open(now, devices))
        self._sweep()
        return opened

    def write(self, batch: Batch, now: int) -> "asyncio.Future[Written]":
        """Start to write a batch in one transaction."""
        arrived = {message.id for message in batch.arrivals}
        gathered: list[Row] = []
        places: list[Row] = []
        for place in batch.waits:
            fresh = not place.attempts and place.message.id in arrived
            (gathered if fresh else places).append(row_of(place, now))
        rows = self._rows(batch, places, now)
        devices = dict(batch.devices)
        return self._asked(partial(self._write, rows, devices, gathered, batch.oldest_in_hand))

    async def waiting(
        self, destinations: Sequence[str], limit: int, now: int, in_order: bool
    ) -> dict[str, list[Waiting]]:
        """Read the head of each queue in order."""
        query = schema.READ_IN_ORDER if in_order else schema.READ_READY
        return await self._ask(lambda: self._places.heads(destinations, limit, now, query))

    async def due(self, now: int, limit: int) -> list[Waiting]:
        """Read the places that need a look by now, earliest first."""
        return await self._ask(lambda: self._places.due(now, limit))

    async def next_due(self) -> int | None:
        """Return when the earliest place in any queue needs a look."""
        return await self._ask(lambda: self._places.next_due())

    async def queues(self, after: str, limit: int) -> list[Queue]:
        """List the queues there are, in the order of destinations."""
        return await self._ask(lambda: self._places.queues(after, limit))

    async def history(self, message_id: int) -> History | None:
        """Look up one message."""
        return await self._ask(lambda: self._places.history(message_id))

    async def record(self, message_id: int) -> Record | None:
        """Read all that is kept of one message."""
        return await self._ask(lambda: self._places.record(message_id))

    async def search(
        self, criteria: Criteria, after: int | None, limit: int, newest_first: bool
    ) -> Listing:
        """Look for messages, a slice at a time: others get a turn in between."""
        search = Search(criteria, after, limit, newest_first)
        while not search.complete:
            await self._ask(lambda: search.go_on(self._db, self._places))
        return search.listing()

    async def span(self, criteria: Criteria) -> tuple[int, int]:
        """Return the ids between which all lie that a search would find."""
        return await self._ask(lambda: span(self._db, criteria))

    async def index(self) -> bool:
        """Index a slice of what has come in."""
        return await self._ask(lambda: self._aside(self._indexer.go_on))

    async def forget(self, now: int, keep: Keep) -> Forgotten:
        """Forget a slice of what has been kept for long enough."""
        work = partial(forget, decode=self._decode, encode=self._encode, now=now, keep=keep)
        return await self._ask(lambda: self._aside(work))

    async def find(self, message_ids: Sequence[int], limit: int) -> dict[int, list[Found]]:
        """Look up messages, each with those that share its id."""
        return await self._ask(lambda: self._places.find(message_ids, limit))

    async def lines(self, starts: Sequence[Start], limit: int) -> list[list[Waiting]]:
        """Read queues on from each start."""
        return await self._ask(lambda: self._places.lines(starts, limit))

    async def forwarded(
        self, link: str, remote_ids: Sequence[str]
    ) -> dict[str, tuple[Forwarded, ...]]:
        """Look up what another SMSC knows by these ids."""
        return await self._ask(lambda: forwarding.known(self._db, self._decode, link, remote_ids))

    async def overdue(self, now: int, limit: int) -> list[Forwarded]:
        """Read forwarded messages whose deadline has come."""
        return await self._ask(lambda: forwarding.overdue(self._db, self._decode, now, limit))

    async def next_deadline(self) -> int | None:
        """Return the earliest deadline of a forwarded message."""
        return await self._ask(lambda: number(self._db, forwarding.NEXT_DEADLINE))

    async def counts(self, keys: Sequence[Key]) -> dict[Key, int]:
        """Read counts."""
        return await self._ask(lambda: counting.read(self._db, keys))

    async def repeats(self, account: str, key: str, now: int) -> list[Keyed]:
        """Read what came of an account's request with this key."""
        return await self._ask(lambda: repeats.read(self._db, account, key, now))

    async def devices(self, numbers: Sequence[str]) -> dict[str, Device | bool]:
        """Read devices by number."""
        return await self._ask(lambda: subscribers.read(self._db, numbers))

    async def identified(self, identity: Identity, value: str) -> Device | None:
        """Find a device by one of its identities."""
        return await self._ask(lambda: subscribers.identified(self._db, identity, value))

    async def listed(self, after: str, limit: int) -> list[tuple[str, Device | bool]]:
        """List devices in the order of numbers as text; others get a turn in between."""
        listing = subscribers.Listing(after, limit)
        while not listing.complete:
            await self._ask(lambda: listing.read_on(self._db))
        return await self._ask(lambda: listing.page(self._db))

    async def conflicts(self, devices: Sequence[Device]) -> list[Conflict]:
        """Tell which of these can't be kept."""
        return await self._ask(lambda: keeping.conflicts(self._db, devices))

    async def notes(self, kind: str, keys: Sequence[str]) -> dict[str, bytes]:
        """Read notes of a kind by key."""
        return await self._ask(lambda: notes.read(self._db, kind, keys))

    async def notes_after(self, kind: str, after: str, limit: int) -> dict[str, bytes]:
        """Read the notes of a kind whose keys follow one."""
        return await self._ask(lambda: notes.read_after(self._db, kind, after, limit))

    async def renewed_tokens(self) -> dict[str, str]:
        """Read which tokens stand in the place of others."""
        return await self._ask(lambda: credentials.renewed(self._db))

    async def renew_token(self, original: str, current: str, at: int) -> None:
        """Have a token stand in the place of another."""
        await self._ask(lambda: credentials.renew(self._db, original, current, at))

    async def bind_application(self, thing_key: str, application: str) -> str:
        """Bind a thing to an application unless it is bound."""
        return await self._ask(lambda: credentials.bind(self._db, thing_key, application))

    async def import_begun(self) -> int:
        """Begin to import devices."""
        return await self._ask(lambda: imports.begin(self._db))

    async def imported(self, number: int, devices: Sequence[Device]) -> list[Conflict]:
        """Take a slice of an import, a part at a time: others get a turn in between."""
        conflicts: list[Conflict] = []
        for first in range(0, len(devices), imports.DEVICES_AT_ONCE):
            part = devices[first : first + imports.DEVICES_AT_ONCE]
            conflicts += await self._ask(
                partial(self._aside, partial(imports.take, running=number, devices=part))
            )
        return conflicts

    async def import_ended(self, number: int, keep: bool) -> None:
        """End an import."""
        await self._ask(lambda: imports.end(self._db, number, keep))
        self._sweep()

    async def backup(self) -> Path:
        """Copy the file beside itself, in steps between what else there is to do."""
        file = copy_of(self._path)
        look_for_room(self._path)
        copying = await self._ask(lambda: Copying(self._db, file))
        try:
            while not await self._ask(copying.step):
                pass
        finally:
            await self._ask(copying.end)
        return file

    async def close(self) -> None:
        """Close the file, its log folded in, and end the thread."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        try:
            await self._ask(self._close)
        finally:
            self._thread.shutdown()

    async def swept(self) -> None:
        """Wait until what imports have left behind is gone."""
        if self._sweeping is not None:
            await self._sweeping

    def _sweep(self) -> None:
        """See to it that somebody sweeps up after imports."""
        if self._sweeping is None or self._sweeping.done():
            self._sweeping = asyncio.create_task(self._sweep_all())

    async def _sweep_all(self) -> None:
        # What can't be swept now is swept when the store is opened again.
        with suppress(StoreError):
            while await self._ask(partial(self._aside, imports.sweep)):
                pass

    async def _ask(self, work: Callable[[], T]) -> T:
        return await self._asked(work)

    def _asked(self, work: Callable[[], T]) -> "asyncio.Future[T]":
        """Start work on the store's thread; SQLite's errors come back in our words."""
        return asyncio.get_running_loop().run_in_executor(self._thread, self._tried, work)

    def _tried(self, work: Callable[[], T]) -> T:
        if self._folding.broken and work != self._close:
            raise StoreBrokenError(
                f"store {self._path}: a sync has failed behind what an import wrote: what the disk"
                " has of it must be read anew; start the SMSC again"
            )
        try:
            return work()
        except StoreError:
            raise
        except Exception as error:
            self._folding.failed(error)
            raise StoreError(f"store {self._path}: {error}; {_cure(error)}") from error

    def _rows(self, batch: Batch, places: list[Row], now: int) -> Rows:
        """Turn a batch into statements and their rows, in the order they must run."""
        return [
            (schema.INSERT_MESSAGES, self._records(batch.arrivals)),
            (schema.REWRITE_MESSAGES, self._records(batch.rewritten)),
            (schema.KEEP_PLACES, places),
            (
                schema.NOTE_ATTEMPTS,
                [(w.message.id, w.error, w.attempts) for w in batch.waits if w.attempts],
            ),
            *(attempts.rows(batch, now) if batch.waits or batch.rewritten else ()),
            (
                schema.END_MESSAGES,
                [
                    (f.message.id, f.state, f.error, f.at, f.attempts, f.receipt_id)
                    for f in batch.finals
                ],
            ),
            (schema.DELETE_PLACES, [key_of(f.message) for f in batch.finals if f.queued]),
            (schema.LOOK_AGAIN, [(*key_of(p.message), at, now) for p, at in batch.looked_at]),
            *(forwarding.rows(batch) if batch.forwarded or batch.finals else ()),
            *counting.rows(batch, now),
            *subscribers.move_rows(batch),
            (
                schema.SAVE_BROADCASTS,
                [(each.id, self._encode(each)) for each in batch.broadcasts.values()],
            ),
            (schema.FORGET_BROADCASTS, [(number,) for number in batch.forgotten]),
            *keeping.policy_rows(batch.policies),
            *(keeping.outage_rows(batch.outages) if batch.outages else ()),
            *(keeping.webhook_rows(batch.webhooks) if batch.webhooks else ()),
            *repeats.rows(batch.keyed, now),
            *(notes.rows(batch.notes) if batch.notes else ()),
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

    @property
    def _places(self) -> Places:
        if self._opened_places is None:
            raise StoreError(f"store {self._path} is not open")
        return self._opened_places

    def _open(self, now: int, devices: int) -> Opened:
        make_folder(self._path.parent)
        copy_of(self._path).unlink(missing_ok=True)
        reread(self._path.with_name(f"{self._path.name}-wal"))
        db = self._connection = apsw.Connection(str(self._path))
        if db.readonly("main"):
            raise apsw.ReadOnlyError("the file, or its disk, can only be read")
        # Alone on the file: a second server on it would deliver everything twice.
        db.execute("PRAGMA page_size = 2048")
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        # Of what is to be forgotten one day, nothing is left where it has been moved from.
        db.execute("PRAGMA secure_delete = FAST")
        self._folding.watch(db)
        self._migrate(db)
        places = self._opened_places = Places(db, self._decode)
        requeued = places.requeue(now)
        imports.give_up(db)
        listed = subscribers.listing(db, devices + 1)
        known = listed[:devices]
        return Opened(
            last_id=number(db, schema.LAST_ID) or 0,
            waiting=places.placed,
            requeued=requeued,
            moves={number: each for number, each in known if isinstance(each, bool)},
            broadcasts=[
                self._decode_broadcast(record)
                for (record,) in db.execute(schema.READ_BROADCASTS)
                if isinstance(record, bytes)
            ],
            devices={number: each for number, each in known if isinstance(each, Device)},
            all_devices=len(listed) <= devices,
            policies=keeping.policies(db),
            outages=keeping.outages(db),
            webhooks=keeping.webhooks(db),
            instance=number(db, schema.INSTANCE) or 0,
        )

    def _migrate(self, db: apsw.Connection) -> None:
        """Run the steps this file hasn't seen, each in a transaction with its version."""
        version = number(db, "PRAGMA user_version") or 0
        if version > len(schema.STEPS):
            raise StoreError(
                f"store {self._path} has schema version {version}, newer than this release's"
                f" {len(schema.STEPS)}; run the release that wrote it, or name another file"
            )
        for reached, step in enumerate(schema.STEPS[version:], start=version + 1):
            with db:
                db.execute(step)
                db.execute(f"PRAGMA user_version = {reached}")

    def _write(
        self,
        rows: Rows,
        devices: Mapping[str, Device | None],
        places: list[Row],
        oldest_in_hand: int,
    ) -> Written:
        db, all_places, gathered = self._db, self._places, self._places.gathered
        started = perf_counter()
        # What is taken now is of an earlier generation: a crash finds it as it finds the others.
        taken = gathered.take(len(places))
        gathered.add(places)
        try:
            db.execute("BEGIN IMMEDIATE")
            keeping.keep(db, devices)
            all_places.change(rows)
            all_places.put(taken)
            mark = min(oldest_in_hand, gathered.oldest or oldest_in_hand)
            if mark != self._mark or all_places.changed:
                run(db, schema.MARK, [(mark, all_places.placed)])
            written = perf_counter()
            commit(db, self._folding.failed)
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            self._mark = -1
            all_places.committed(durable=False)
            gathered.withdraw(len(places))
            gathered.put_back(taken)
            raise
        self._mark = mark
        all_places.committed(durable=True)
        if all_places.trays.crowded:
            self._thread.submit(self._tidy)
        ended = perf_counter()
        return Written(ended - started, ended - written, self._trouble())

    def _fold(self) -> None:
        if self._connection is not None:
            self._folding.fold(self._connection)

    def _tidy(self) -> None:
        """Make trays fewer; what can't be done now is done after another write."""
        if self._opened_places is None or self._folding.broken:
            return
        try:
            self._opened_places.trays.tidy()
        except apsw.Error as error:
            self._folding.failed(error)

    def _trouble(self) -> str:
        """Tell once why the log couldn't be folded."""
        error, self._folding.error = self._folding.error, None
        return f"store {self._path}: {error}; {_cure(error)}" if error is not None else ""

    def _aside(self, work: Callable[[apsw.Connection], T]) -> T:
        """Do what may be lost in a crash: it waits for no disk but at checkpoints, short ones."""
        db = self._db
        db.execute("PRAGMA synchronous = NORMAL")
        self._folding.aside = True
        try:
            return work(db)
        finally:
            db.execute("PRAGMA synchronous = FULL")
            self._folding.aside = False

    def _close(self) -> None:
        if self._connection is None:
            return
        try:
            if self._folding.broken:
                self._connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            elif self._opened_places is not None:
                self._opened_places.settle(lambda place: True)
        finally:
            self._connection.close()
            self._connection = self._opened_places = None


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
