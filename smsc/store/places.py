"""The queues and the records of messages as they are read, on the store's thread.

A queue is an index by destination, and so each place dirties a page of its own. The places of
messages that have just arrived say nothing their records don't, so they are gathered, and put
into the queues many at a time and sorted, before the queues are next read. Were the process to
die before that, `requeue` would find these messages in hand, and give them their places.
"""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

import apsw
import msgspec

from smsc.message import Message, State
from smsc.store import schema
from smsc.store.attempts import failures
from smsc.store.gathering import DESTINATION, ID, NEXT_AT, Gathering, Place
from smsc.store.record import Record
from smsc.store.statement import Row, ask, in_json, number, run
from smsc.store.store import Found, History, Queue, Start, Waiting

MESSAGES_IN_HAND_AT_ONCE: Final = 1000
BEFORE_ALL: Final = -(1 << 62)
"""A rank that stands before every other."""


_Told = tuple[str | int, int, int, int]
"""A place as it is read: the record, or its id; not_before, attempts, error."""


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

    def requeue(self, now: int) -> int:
        """Give a place in the queue to each message that was in hand when its process died."""
        db = self._db
        before = db.total_changes()
        in_hand = db.execute(schema.IN_HAND)
        while records := list(islice(in_hand, MESSAGES_IN_HAND_AT_ONCE)):
            places = [Waiting(m, m.not_before, 0) for m in map(self._message, records)]
            with db:
                run(db, schema.KEEP_PLACES, [row_of(p, now) for p in places])
        return db.total_changes() - before

    def put(self, wanted: Callable[[Place], bool]) -> None:
        """Put those of the gathered places into the queues that are about to be read."""
        places = self.gathered.take_if(wanted)
        if not places:
            return
        try:
            with self._db as db:
                run(db, schema.INSERT_PLACES, places)
        except BaseException:
            self.gathered.put_back(places)
            raise

    def heads(
        self, destinations: Sequence[str], limit: int, now: int, query: str
    ) -> dict[str, list[Waiting]]:
        """Read the head of each queue."""
        names = set(destinations)
        self.put(lambda place: place[DESTINATION] in names)
        bindings = (in_json(destinations), now, limit)
        heads = ask(self._db, query, bindings, list[list[_Told]])
        return {
            name: sorted(map(self._place, told), key=_rank)
            if len(told) > 1
            else [self._place(each) for each in told]
            for name, told in zip(destinations, heads, strict=True)
        }

    def due(self, now: int, limit: int) -> list[Waiting]:
        """Read the places that need a look by now."""
        self.put(lambda place: place[NEXT_AT] <= now)
        told = ask(self._db, schema.READ_DUE, (now, limit), list[_Told])
        return [self._place(each) for each in told]

    def next_due(self) -> int | None:
        """Return when the earliest place needs a look."""
        placed = number(self._db, schema.NEXT_DUE)
        both = (placed, self.gathered.next_at)
        return min((at for at in both if at is not None), default=None)

    def queues(self, after: str, limit: int) -> list[Queue]:
        """List the queues there are."""
        self.put(lambda place: place[DESTINATION] > after)
        told = ask(self._db, schema.NEXT_QUEUES, (after, limit), list[tuple[str, str | None]])
        return [Queue(name, _account_of(record)) for name, record in told]

    def lines(self, starts: Sequence[Start], limit: int) -> list[list[Waiting]]:
        """Read queues on from each start."""
        names = {start.destination for start in starts}
        self.put(lambda place: place[DESTINATION] in names)
        return [self._places(schema.READ_LINE, (*_behind(start), limit)) for start in starts]

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
        self.put(lambda place: place[ID] in open_ids)
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

    def _places(self, query: str, bindings: Row) -> list[Waiting]:
        return [Waiting(self._message(row), *row[1:]) for row in self._db.execute(query, bindings)]

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
        for not_before, attempts in self._db.execute(schema.READ_PLACE, key_of(history.message)):
            return Waiting(history.message, not_before, attempts, history.error)
        return None


def _rank(place: Waiting) -> tuple[int, int]:
    return -place.message.priority, place.message.id


def _account_of(record: str | None) -> str:
    """Return whose message a record is, "" for one that is too long to look."""
    return _decode_owned(bytes.fromhex(record)).account if record else ""


def key_of(message: Message) -> tuple[str, int, int]:
    """Return where the place of a message is."""
    return message.destination, -message.priority, message.id


def row_of(place: Waiting, now: int) -> Place:
    """Return the row of a place."""
    message, not_before, attempts, _ = place
    return (
        message.destination,
        -message.priority,
        message.id,
        # A time that has come is forgotten: a clock that is set back must not bring it up again.
        not_before if not_before > now else 0,
        attempts,
        place.next_at(now),
    )


def _behind(start: Start) -> tuple[str, int, int]:
    return key_of(start.after) if start.after is not None else (start.destination, BEFORE_ALL, 0)
