"""Any store against a plain one in memory: whatever is written, both answer alike, always."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from smsc.message import Broadcast, Message, State
from smsc.store import gathering, trays
from smsc.store.record import Failure, Record
from smsc.store.store import (
    Batch,
    Final,
    Forwarded,
    Found,
    History,
    Opened,
    Start,
    StoreError,
    Waiting,
)
from smsc_routing.calendar_quota import Increment
from smsc_routing.calendar_quota import Key as Count
from tests.store.conftest import KINDS
from tests.store.samples import NOW, Shelf, a_broadcast, batch, message

DESTINATIONS = [f"device:{number}" for number in range(4)]
EVERYTHING = 100_000
OFFSETS = st.integers(-50, 150)
LINKS = ["world", "other"]
REMOTE_IDS = ["A1", "A2", "A3"]
COUNTS = [Count("device 491", "2026-11-21"), Count("device 491", "2026-11"), Count("all", "")]

Key = tuple[str, int, int]


def key_of(waits: Message) -> Key:
    return waits.destination, -waits.priority, waits.id


def come(waiting: Waiting, now: int) -> Waiting:
    """Forget the time of a place if it has come."""
    return waiting if waiting.not_before > now else waiting._replace(not_before=0)


@dataclass
class Model:
    """What a store keeps, as plainly as it can be said."""

    messages: dict[int, History] = field(default_factory=dict)
    queue: dict[Key, Waiting] = field(default_factory=dict)
    looks: dict[Key, int] = field(default_factory=dict)
    moves: dict[str, bool] = field(default_factory=dict)
    forwarded: dict[int, Forwarded] = field(default_factory=dict)
    """By message id, the latest forwarded last."""
    counts: dict[Count, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    broadcasts: dict[int, Broadcast] = field(default_factory=dict)
    failures: dict[int, dict[int, Failure]] = field(default_factory=dict)
    """By message id, and by the number of the attempt."""
    last_broadcast: int = 0
    mark: int = 0

    def copy(self) -> "Model":
        return replace(
            self,
            messages=dict(self.messages),
            queue=dict(self.queue),
            looks=dict(self.looks),
            moves=dict(self.moves),
            forwarded=dict(self.forwarded),
            counts=dict(self.counts),
            broadcasts=dict(self.broadcasts),
            failures={each: dict(failures) for each, failures in self.failures.items()},
        )

    def write(self, written: Batch, now: int) -> None:
        for arrival in written.arrivals:
            state = State.SCHEDULED if arrival.not_before else State.ENROUTE
            self.messages[arrival.id] = History(arrival, state, 0, 0, 0)
        for rewritten in written.rewritten:
            self.rewrite(rewritten)
        for waiting in written.waits:
            self.put(waiting, now)
            self.note(waiting)
            self.fail(waiting, now)
        for end in written.finals:
            self.end(end)
        for waiting, at in written.looked_at:
            if key_of(waiting.message) in self.looks:
                self.looks[key_of(waiting.message)] = at
                self.queue[key_of(waiting.message)] = come(self.queue[key_of(waiting.message)], now)
        for taken in written.forwarded:
            self.forward(taken)
        for end in written.finals:
            if end.forwarded:
                self.forwarded.pop(end.message.id, None)
        for key, cost, _ in written.counts:
            self.counts[key] += cost
        self.moves.update(written.moves)
        self.broadcasts.update(written.broadcasts)
        self.last_broadcast = max(self.last_broadcast, *written.broadcasts, 0)
        for forgotten in written.forgotten:
            self.broadcasts.pop(forgotten, None)
        self.mark = written.oldest_in_hand

    def put(self, waiting: Waiting, now: int) -> None:
        key = key_of(waiting.message)
        expires_at = waiting.message.expires_at
        soon = now < waiting.not_before < expires_at
        self.queue[key] = come(waiting, now)
        self.looks[key] = waiting.not_before if soon else expires_at

    def rewrite(self, message: Message) -> None:
        if not self.messages[message.id].state.final:
            state = State.SCHEDULED if message.not_before else State.ENROUTE
            self.messages[message.id] = History(message, state, 0, 0, 0)
            self.failures.pop(message.id, None)

    def fail(self, waiting: Waiting, now: int) -> None:
        if waiting.attempts:
            failures = self.failures.setdefault(waiting.message.id, {})
            failures.setdefault(waiting.attempts, Failure(now, waiting.error))

    def record(self, message_id: int) -> Record | None:
        known = self.messages.get(message_id)
        if known is None:
            return None
        failures = sorted(self.failures.get(message_id, {}).items())
        receipt = self.messages.get(known.receipt_id)
        return Record(known, tuple(failure for _, failure in failures), receipt)

    def note(self, waiting: Waiting) -> None:
        known = self.messages[waiting.message.id]
        if waiting.attempts and not known.state.final:
            self.messages[waiting.message.id] = known._replace(
                error=waiting.error, attempts=waiting.attempts
            )

    def end(self, end: Final) -> None:
        known = self.messages[end.message.id]
        if not known.state.final:
            self.messages[end.message.id] = History(
                known.message, end.state, end.error, end.at, end.attempts, end.receipt_id
            )
        if end.queued:
            self.queue.pop(key_of(end.message), None)
            self.looks.pop(key_of(end.message), None)

    def forward(self, taken: Forwarded) -> None:
        message = taken.message
        self.forwarded.pop(message.id, None)
        self.forwarded[message.id] = taken
        self.note(Waiting(message, 0, taken.attempts, 0))
        if taken.queued:
            self.queue.pop(key_of(message), None)
            self.looks.pop(key_of(message), None)

    def told(self, taken: Forwarded) -> Forwarded:
        """Return what is told of a forwarded message: its record is the one of now."""
        return taken._replace(message=self.messages[taken.message.id].message, queued=False)

    def known(self, link: str) -> dict[str, tuple[Forwarded, ...]]:
        latest = [self.told(taken) for taken in reversed(self.forwarded.values())]
        return {
            remote_id: some
            for remote_id in REMOTE_IDS
            if (some := tuple(t for t in latest if (t.link, t.remote_id) == (link, remote_id)))
        }

    def recover(self, now: int) -> int:
        lost = [
            known.message
            for known in self.messages.values()
            if known.message.id >= self.mark
            and known.message.id not in self.forwarded
            and not known.state.final
            and key_of(known.message) not in self.queue
        ]
        for each in lost:
            self.put(Waiting(each, each.not_before, 0), now)
        return len(lost)

    def place(self, key: Key) -> Waiting:
        waiting = self.queue[key]
        known = self.messages[waiting.message.id]
        return waiting._replace(message=known.message, error=known.error)

    def waiting(self, destination: str, limit: int, now: int, in_order: bool) -> list[Waiting]:
        line = [
            self.place(key)
            for key, waiting in sorted(self.queue.items())
            if key[0] == destination
            and (waiting.not_before <= now or (in_order and waiting.attempts > 0))
        ]
        return line[:limit]

    def find(self, message_ids: list[int], limit: int) -> dict[int, list[Found]]:
        found: dict[int, list[Found]] = {}
        for message_id in message_ids:
            if sum(map(len, found.values())) >= limit:
                break
            found[message_id] = [self.found(known) for known in self.group(message_id)]
        return found

    def group(self, message_id: int) -> Iterator[History]:
        first = self.messages.get(message_id)
        if first is None:
            return
        yield first
        if first.message.told_id != message_id:
            return
        for number in range(message_id + 1, max(self.messages) + 1):
            known = self.messages.get(number)
            if known is None or known.message.told_id != message_id:
                return
            yield known

    def found(self, known: History) -> Found:
        waits = key_of(known.message) in self.queue and not known.state.final
        return Found(known, self.place(key_of(known.message)) if waits else None)

    def line(self, start: Start, limit: int) -> list[Waiting]:
        after = key_of(start.after)[1:] if start.after is not None else (-EVERYTHING, 0)
        keys = [key for key in sorted(self.queue) if key[0] == start.destination]
        return [self.place(key) for key in keys if key[1:] > after][:limit]


class AnyStore(RuleBasedStateMachine):
    """Writes what a scheduler might, and what it never would, and compares every answer."""

    kind = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = TemporaryDirectory()
        self.shelf = Shelf(lambda: KINDS[self.kind](Path(self.folder.name)))
        self.runner.run(self.shelf.open())
        self.model = Model()
        self.now = NOW

    def teardown(self) -> None:
        self.runner.run(self.shelf.store.close())
        self.runner.close()
        self.folder.cleanup()

    def known(self, data: st.DataObject, most: int = 5) -> list[Message]:
        """Draw some of the messages that exist."""
        ids = sorted(self.model.messages)
        chosen = (
            data.draw(st.lists(st.sampled_from(ids), max_size=most, unique=True)) if ids else []
        )
        return [self.model.messages[each].message for each in chosen]

    def arrivals(self, data: st.DataObject, most: int = 5) -> list[Message]:
        first = max(self.model.messages, default=0) + 1
        return [
            message(
                number,
                data.draw(st.sampled_from(DESTINATIONS)),
                priority=data.draw(st.integers(0, 2)),
                not_before=data.draw(st.sampled_from([0, 0, self.now + 20])),
                expires_at=self.now + data.draw(st.integers(1, 100)),
                told_id=told_id,
            )
            for told_id in [data.draw(st.sampled_from([0, first]))]
            for number in range(first, first + data.draw(st.integers(0, most)))
        ]

    def anything(self, data: st.DataObject) -> Batch:
        arrivals, older = self.arrivals(data), self.known(data)
        waits = [
            Waiting(each, data.draw(st.just(0) | OFFSETS.map(self.now.__add__)), attempts, error)
            for each in older + [each for each in arrivals if data.draw(st.booleans())]
            for attempts in [data.draw(st.integers(0, 3))]
            for error in [data.draw(st.integers(0, 255))]
            if not (each.id in self.model.messages and self.model.messages[each.id].state.final)
        ]
        finals = [
            Final(
                each,
                data.draw(st.sampled_from([state for state in State if state.final])),
                data.draw(st.integers(0, 255)),
                self.now,
                data.draw(st.integers(0, 9)),
                queued=True,
                forwarded=data.draw(st.booleans()),
                receipt_id=data.draw(st.integers(0, each.id)),
            )
            for each in self.known(data)
        ]
        looks = [
            (waiting, self.now + data.draw(OFFSETS))
            for waiting in self.model.queue.values()
            if data.draw(st.booleans())
        ]
        rewritten = [
            msgspec.structs.replace(
                each, payload=data.draw(st.binary()), not_before=data.draw(st.sampled_from([0, 5]))
            )
            for each in self.known(data)
        ]
        moves = data.draw(st.dictionaries(st.sampled_from(DESTINATIONS), st.booleans()))
        mark = data.draw(st.integers(self.model.mark, max(self.model.messages, default=0) + 1))
        filled = batch(arrivals, waits, finals, looks, moves, mark, rewritten)
        for number in data.draw(st.lists(st.integers(1, 9), max_size=2)):
            filled.broadcasts[number] = a_broadcast(number, sent=data.draw(st.integers(0, 3)))
        filled.forwarded.extend(self.taken(data))
        for key in data.draw(st.lists(st.sampled_from(COUNTS), max_size=4)):
            filled.counts.append(Increment(key, data.draw(st.integers(1, 3)), NOW * 2))
        filled.forgotten.extend(data.draw(st.lists(st.integers(1, 9), max_size=1)))
        return filled

    def taken(self, data: st.DataObject) -> Iterator[Forwarded]:
        """Draw messages that other SMSCs take."""
        for each in self.known(data, most=3):
            if not self.model.messages[each.id].state.final:
                link, remote_id = st.sampled_from(LINKS), st.sampled_from(REMOTE_IDS)
                deadline = self.now + data.draw(OFFSETS)
                attempts = data.draw(st.integers(1, 4))
                yield Forwarded(
                    each, data.draw(link), data.draw(remote_id), deadline, attempts, queued=True
                )

    @rule(data=st.data())
    def writes(self, data: st.DataObject) -> None:
        written = self.anything(data)
        self.runner.run(self.shelf.write(written, self.now))
        self.model.write(written, self.now)

    @precondition(lambda self: self.model.messages)
    @rule(data=st.data())
    def fails_to_write(self, data: st.DataObject) -> None:
        doomed = self.anything(data)
        taken = data.draw(st.sampled_from(sorted(self.model.messages)))
        doomed.arrivals.append(self.model.messages[taken].message)
        with pytest.raises(StoreError):
            self.runner.run(self.shelf.write(doomed, self.now))

    @rule(seconds=st.integers(1, 40))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @rule()
    def opens_again(self) -> None:
        opened = self.runner.run(self.shelf.reopen(self.now))
        requeued = self.model.recover(self.now)
        last_id = max(self.model.last_broadcast, *self.model.messages, 0)
        waiting = len(self.model.queue)
        broadcasts = [each for _, each in sorted(self.model.broadcasts.items())]
        known = Opened(last_id, waiting, requeued, self.model.moves, broadcasts)
        assert opened._replace(instance=0) == known

    @rule(limit=st.integers(1, 5), in_order=st.booleans())
    def reads_the_heads_of_all_queues(self, limit: int, in_order: bool) -> None:
        found = self.runner.run(self.shelf.store.waiting(DESTINATIONS, limit, self.now, in_order))
        assert found == {
            name: self.model.waiting(name, limit, self.now, in_order) for name in DESTINATIONS
        }

    @rule(limit=st.integers(1, 5))
    def reads_what_is_due(self, limit: int) -> None:
        found = self.runner.run(self.shelf.store.due(self.now, limit))
        looks = [self.model.looks[key_of(waiting.message)] for waiting in found]
        assert looks == sorted(at for at in self.model.looks.values() if at <= self.now)[:limit]
        assert all(self.model.place(key_of(waiting.message)) == waiting for waiting in found)

    @rule(limit=st.integers(1, 5))
    def reads_what_is_overdue(self, limit: int) -> None:
        found = self.runner.run(self.shelf.store.overdue(self.now, limit))
        deadlines = sorted(t.deadline for t in self.model.forwarded.values())
        assert [t.deadline for t in found] == [at for at in deadlines if at <= self.now][:limit]
        assert all(t == self.model.told(self.model.forwarded[t.message.id]) for t in found)

    @rule(data=st.data(), limit=st.integers(1, 5))
    def finds_messages(self, data: st.DataObject, limit: int) -> None:
        newest = max(self.model.messages, default=0) + 1
        ids = data.draw(st.lists(st.integers(1, newest), unique=True))
        found = self.runner.run(self.shelf.store.find(ids, limit))
        assert found == self.model.find(ids, limit)

    @rule(data=st.data(), limit=st.integers(1, 5))
    def reads_on_in_queues(self, data: st.DataObject, limit: int) -> None:
        starts = [Start(name) for name in data.draw(st.lists(st.sampled_from(DESTINATIONS)))]
        starts += [Start(each.destination, each) for each in self.known(data)]
        found = self.runner.run(self.shelf.store.lines(starts, limit))
        assert found == [self.model.line(start, limit) for start in starts]

    @rule(after=st.sampled_from(["", *DESTINATIONS]), limit=st.integers(1, 5))
    def lists_destinations(self, after: str, limit: int) -> None:
        found = self.runner.run(self.shelf.store.queues(after, limit))
        names = sorted({key[0] for key in self.model.queue if key[0] > after})[:limit]
        heads = [min(key for key in self.model.queue if key[0] == name) for name in names]
        accounts = [self.model.messages[number].message.account for _, _, number in heads]
        assert found == list(zip(names, accounts, strict=True))

    @invariant()
    def everything_is_where_it_should_be(self) -> None:
        self.runner.run(self.compare())

    async def compare(self) -> None:
        store = self.shelf.store
        assert await store.next_due() == min(self.model.looks.values(), default=None)
        deadlines = [taken.deadline for taken in self.model.forwarded.values()]
        assert await store.next_deadline() == min(deadlines, default=None)
        for link in LINKS:
            assert await store.forwarded(link, REMOTE_IDS) == self.model.known(link)
        assert await store.counts(COUNTS) == self.model.counts
        # Far in the future, everything that waits is ready to go.
        found = await store.waiting(DESTINATIONS, EVERYTHING, NOW * 2, False)
        assert found == {
            name: self.model.waiting(name, EVERYTHING, NOW * 2, False) for name in DESTINATIONS
        }
        for number in [*self.model.messages, max(self.model.messages, default=0) + 1]:
            assert await store.history(number) == self.model.messages.get(number)
            assert await store.record(number) == self.model.record(number)


class StoreWithSmallTrays(AnyStore):
    """The same, where queues are spread over trays that are always too many."""

    def __init__(self) -> None:
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(trays, "BITS", 1)
        self.patch.setattr(trays, "TRAYS", 2)
        self.patch.setattr(trays, "MOVED_AT_ONCE", 2)
        self.patch.setattr(gathering, "GENERATION", 4)
        self.patch.setattr(gathering, "SLICE_AT_LEAST", 1)
        super().__init__()

    def teardown(self) -> None:
        super().teardown()
        self.patch.undo()


TestSqliteStore = AnyStore.TestCase
TestSqliteStore.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
TestSqliteStoreWithSmallTrays = StoreWithSmallTrays.TestCase
TestSqliteStoreWithSmallTrays.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None
)
