"""The queues and the records of messages as they are read, on the store's thread.

A queue is an index by destination, and so each place dirties a page of its own. The places of
messages that have just arrived say nothing their records don't, so they are gathered, and put
into the queues many at a time and sorted, before the queues are next read. Were the process to
die before that, `requeue` would find these messages in hand, and give them their places.

How many places there are is written with whatever changes it: to count ten million takes seconds.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from heapq import merge
from itertools import chain, islice
from typing import Final, NamedTuple

import apsw
import msgspec

from smsc.message import Message, State
from smsc.store import schema
from smsc.store.attempts import failures
from smsc.store.gathering import DESTINATION, ID, NEXT_AT, Gathering, Place
from smsc.store.record import Record
from smsc.store.schema import ID_BITS, Reading
from smsc.store.statement import Row, Rows, ask, in_json, number, run
from smsc.store.store import Found, History, Queue, Start, Waiting
from smsc.store.trays import Key, Trays, tray_of

MESSAGES_IN_HAND_AT_ONCE: Final = 1000
PLACES_TO_SPARE: Final = 16
SHORT: Final = 32
"""A queue with fewer places is short."""
BEFORE_ALL: Final = -(1 << 62)
"""A rank that stands before every other."""
AFTER_ALL: Final = "\U0010ffff"
"""A name that stands behind every other."""


_Told = tuple[str | int, int, int, int]
"""A place as it is read: the record, or its id; not_before, attempts, error."""


class _Seen(NamedTuple):
    """How many places of a tray were seen, and the first of each queue."""

    places: int
    queues: list[tuple[str, int]]


_ID: Final = (1 << ID_BITS) - 1


class _Owned(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The beginning of a message."""

    id: int
    account: str


_decode_owned = msgspec.msgpack.Decoder(_Owned).decode


class Places:
    """Who waits where, and how far each message has come."""

    def __init__(self, db: apsw.Connection, decode: Callable[[bytes], Message]) -> None:
        """Read this file, and records with this decoder."""
        self._db = db
        self._decode = decode
        self.gathered = Gathering()
        self.trays = Trays(db)
        self._placed = number(db, schema.WAITING) or 0
        self._change = 0

    def requeue(self, now: int) -> int:
        """Give a place in the queue to each message that was in hand when its process died."""
        before = self.placed
        in_hand = self._db.execute(schema.IN_HAND)
        while records := list(islice(in_hand, MESSAGES_IN_HAND_AT_ONCE)):
            places = [Waiting(m, m.not_before, 0) for m in map(self._message, records)]
            with self.written():
                self._keep(self.trays.found([row_of(p, now) for p in places]))
        return self.placed - before

    # Places change within a transaction of the caller's or of ours.

    @property
    def placed(self) -> int:
        """How many places the file has, with what was changed in this transaction."""
        return self._placed + self._change

    @property
    def changed(self) -> bool:
        """Whether that isn't what the file says."""
        return self._change != 0

    def committed(self, durable: bool) -> None:
        """Count what was changed in a transaction, or not."""
        if durable:
            self._placed += self._change
        self._change = 0

    @contextmanager
    def written(self) -> Iterator[None]:
        """Write what is changed within, and how many places there are then."""
        try:
            with self._db as db:
                yield
                run(db, schema.MARK_WAITING, [(self.placed,)])
        except BaseException:
            self.committed(durable=False)
            raise
        self.committed(durable=True)

    def change(self, rows: Rows) -> None:
        """Run statements, some of which may be about places."""
        for statement, values in rows:
            if not values:
                continue
            if statement is schema.KEEP_PLACES:
                self.put(values)
            elif statement is schema.DELETE_PLACES:
                before = self._db.total_changes()
                run(self._db, statement, self.trays.found(values))
                self._change -= self._db.total_changes() - before
            elif statement is schema.LOOK_AGAIN:
                run(self._db, statement, self.trays.found(values))
            else:
                run(self._db, statement, values)

    def put(self, places: Sequence[Row]) -> None:
        """Put places into the queues; those that are there already become as these."""
        places = self.trays.found(places)
        if self._keep(places) < len(places):
            run(self._db, schema.CHANGE_PLACES, places)

    def _keep(self, places: Sequence[Row]) -> int:
        """Put in what has no place yet, and return how many that were."""
        self.trays.note(places)
        before = self._db.total_changes()
        run(self._db, schema.KEEP_PLACES, places)
        new = self._db.total_changes() - before
        self._change += new
        return new

    def settle(self, wanted: Callable[[Place], bool]) -> None:
        """Put those of the gathered places into the queues that are about to be read."""
        places = self.gathered.take_if(wanted)
        if not places:
            return
        try:
            with self.written():
                self.put(places)
        except BaseException:
            self.gathered.put_back(places)
            raise

    def heads(
        self, destinations: Sequence[str], limit: int, now: int, reading: Reading
    ) -> dict[str, list[Waiting]]:
        """Read the head of each queue."""
        names = set(destinations)
        self.settle(lambda place: place[DESTINATION] in names)
        heads = self._heads(reading, destinations, (now,), limit)
        return dict(zip(destinations, heads, strict=True))

    def _heads(
        self, reading: Reading, destinations: Sequence[str], bindings: Row, limit: int
    ) -> list[list[Waiting]]:
        """Read queues from all their trays: the short ones, which most are, in one go."""
        short = min(2 * limit, SHORT)
        query = self.trays.query(reading.short)
        queues = ask(self._db, query, (in_json(destinations), *bindings, short), list[list[_Told]])
        return [
            sorted(map(self._place, told), key=_rank)[:limit]
            if len(told) < short
            else self._long_one(reading.tray, (name, *bindings), limit)
            for name, told in zip(destinations, queues, strict=True)
        ]

    def _long_one(self, query: str, bindings: Row, limit: int) -> list[Waiting]:
        """Read the head of a queue tray by tray."""
        with ExitStack() as parts:
            cursors = [
                parts.enter_context(closing(self._db.execute(query, (*bindings, limit, tray))))
                for tray in self.trays.holding(bindings[0])
            ]
            ordered = merge(*(map(self._waiting, each) for each in cursors), key=_rank)
            return list(islice(ordered, limit))

    def due(self, now: int, limit: int) -> list[Waiting]:
        """Read the places that need a look by now."""
        self.settle(lambda place: place[NEXT_AT] <= now)
        told = ask(self._db, schema.READ_DUE, (now, limit), list[_Told])
        return [self._place(each) for each in told]

    def next_due(self) -> int | None:
        """Return when the earliest place needs a look."""
        placed = number(self._db, schema.NEXT_DUE)
        both = (placed, self.gathered.next_at)
        return min((at for at in both if at is not None), default=None)

    def queues(self, after: str, limit: int) -> list[Queue]:
        """List the queues there are."""
        self.settle(lambda place: place[DESTINATION] > after)
        first: dict[str, int] = {}
        trays = self.trays.known
        while trays and len(first) < limit:
            at_once = PLACES_TO_SPARE + 4 * (limit - len(first)) // len(trays)
            seen = [
                ask(self._db, schema.NEXT_QUEUES, (tray, after, at_once), _Seen) for tray in trays
            ]
            # Beyond what one of them has told so far it may have others.
            full = [each.queues[-1][0] for each in seen if each.places == at_once]
            after = min(full, default=AFTER_ALL)
            named = chain.from_iterable(each.queues for each in seen)
            for name, place in sorted(each for each in named if each[0] <= after):
                first.setdefault(name, place)
            if not full:
                break
        return self._owned(list(islice(first.items(), limit)))

    def _owned(self, first: Sequence[tuple[str, int]]) -> list[Queue]:
        """Tell whose the message is at the head of each queue."""
        ids = in_json([place & _ID for _, place in first])
        records = ask(self._db, schema.READ_OWNED, (ids,), list[str])
        return [
            Queue(name, _account_of(record))
            for (name, _), record in zip(first, records, strict=True)
        ]

    def lines(self, starts: Sequence[Start], limit: int) -> list[list[Waiting]]:
        """Read queues on from each start."""
        names = {start.destination for start in starts}
        self.settle(lambda place: place[DESTINATION] in names)
        return [
            self._heads(schema.READ_LINE, [start.destination], _behind(start), limit)[0]
            for start in starts
        ]

    def history(self, message_id: int) -> History | None:
        """Look up one message."""
        for row in self._db.execute(schema.READ_HISTORY, (message_id,)):
            return self.told(row)
        return None

    def record(self, message_id: int) -> Record | None:
        """Read all that is kept of one message."""
        history = self.history(message_id)
        if history is None:
            return None
        receipt = self.history(history.receipt_id) if history.receipt_id else None
        return Record(history, failures(self._db, message_id), receipt)

    def find(self, message_ids: Sequence[int], limit: int) -> dict[int, list[Found]]:
        """Look up messages, each with those that share its id."""
        groups: dict[int, list[History]] = {}
        for message_id in message_ids:
            if limit <= 0:
                break
            groups[message_id] = group = self._group(message_id)
            limit -= len(group)
        open_ids = {h.message.id for each in groups.values() for h in each if not h.state.final}
        self.settle(lambda place: place[ID] in open_ids)
        return {
            message_id: [Found(history, self._place_of(history)) for history in group]
            for message_id, group in groups.items()
        }

    def _message(self, row: Row) -> Message:
        record = row[0]
        assert isinstance(record, bytes)
        return self._decode(record)

    def _place(self, told: _Told) -> Waiting:
        record, not_before, attempts, error = told
        if isinstance(record, str):
            message = self._decode(bytes.fromhex(record))
        else:
            ((found,),) = self._db.execute(schema.READ_RECORD, (record,))
            message = self._message((found,))
        return Waiting(message, not_before, attempts, error)

    def _waiting(self, row: Row) -> Waiting:
        return Waiting(self._message(row), *row[1:])

    def told(self, row: Row) -> History:
        """Return what a row of `schema.HISTORY` tells."""
        _, state, error, done_at, attempts, receipt_id, erased = row
        return History(
            self._message(row), State(state), error, done_at, attempts, receipt_id, bool(erased)
        )

    def _group(self, message_id: int) -> list[History]:
        """Read a message, and those behind it that its submitter knows by its id."""
        first = self.history(message_id)
        group = [first] if first is not None else []
        # The first may be forgotten before others have ended.
        if first is None or first.message.told_id == message_id:
            for row in self._db.execute(schema.READ_GROUP, (message_id,)):
                other = self.told(row)
                if other.message.told_id != message_id:
                    break
                group.append(other)
        return group

    def _place_of(self, history: History) -> Waiting | None:
        if history.state.final:
            return None
        (key,) = self.trays.found([key_of(history.message)])
        for not_before, attempts in self._db.execute(schema.READ_PLACE, key):
            return Waiting(history.message, not_before, attempts, history.error)
        return None


def _account_of(record: str) -> str:
    """Return whose message a record is, "" for one that is too long to look."""
    return _decode_owned(bytes.fromhex(record)).account if record else ""


def key_of(message: Message) -> Key:
    """Return where the place of a message is, as long as its tray was not emptied."""
    return tray_of(message.id), message.destination, -message.priority, message.id


def row_of(place: Waiting, now: int) -> Place:
    """Return the row of a place."""
    message, not_before, attempts, _ = place
    return (
        tray_of(message.id),
        message.destination,
        -message.priority,
        message.id,
        # A time that has come is forgotten: a clock that is set back must not bring it up again.
        not_before if not_before > now else 0,
        attempts,
        place.next_at(now),
    )


def _rank(place: Waiting) -> tuple[int, int]:
    return -place.message.priority, place.message.id


def _behind(start: Start) -> tuple[int, int]:
    return _rank(Waiting(start.after, 0, 0)) if start.after is not None else (BEFORE_ALL, 0)
