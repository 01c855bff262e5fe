"""What the tests of the road put in the place of doors, networks, numbers and bad disks."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from smsc.delivery.agent import Attempt, Outcome, Result, Settle
from smsc.delivery.directory import Terms, Unread
from smsc.delivery.petition import Answer
from smsc.message import to_account
from smsc.store.archive import Archive
from smsc.store.record import Record
from smsc.store.store import (
    Batch,
    Forwarded,
    Found,
    History,
    Opened,
    Queue,
    Start,
    StoreError,
    Waiting,
    Written,
)
from smsc.subscriber import Device
from smsc_routing.calendar_quota import Key
from smsc_routing.decision import Verdict
from smsc_routing.policy import Policy

T = TypeVar("T")


async def turn() -> None:
    """Let the loop go round once."""
    event = asyncio.Event()
    asyncio.get_running_loop().call_soon(event.set)
    await event.wait()


class Weather:
    """A store in front of a real one: one thing at a time, slow or failing when told."""

    def __init__(self, inner: Archive) -> None:
        self.fails_to_write = False
        self.fails_to_read = False
        self.batches: list[Batch] = []
        """What has become durable."""
        self.reads: list[tuple[str, ...]] = []
        """Destinations whose queues were read, together."""
        self.searches = 0
        """How often messages were looked for, by id or in queues."""
        self.counts_read: list[tuple[Key, ...]] = []
        """Counts of quotas that were read, together."""
        self.devices_open = asyncio.Event()
        """Cleared to have devices not read, but everything else."""
        self.devices_open.set()
        self._inner = inner
        self._line = asyncio.Lock()
        self._held = False
        self._working = 0
        self._rested = asyncio.Event()
        self._dead = False
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def working(self) -> bool:
        """Whether the disk is at work; what is held doesn't count."""
        return self._working > 0

    @property
    def held(self) -> bool:
        """Whether nothing gets through to the disk."""
        return self._held

    async def rest(self) -> None:
        """Wait until the disk has done something."""
        await self._rested.wait()

    async def hold(self) -> None:
        """Let nothing more through to the disk, and wait for what is there."""
        await self._line.acquire()
        self._held = True

    def hold_next(self) -> "asyncio.Task[None]":
        """Hold again once all that is in line now has gone through."""
        return asyncio.get_running_loop().create_task(self.hold())

    def release(self) -> None:
        self._held = False
        self._line.release()

    def clear_up(self) -> None:
        """Let everything through again, whatever a test has left."""
        self.fails_to_write = self.fails_to_read = False
        self.devices_open.set()
        if self._held:
            self.release()

    async def die(self) -> None:
        """End as in a crash: what is on the disk stays there, and nobody hears of it."""
        self._dead = True
        held = [task for task in self._tasks if not self.working]
        for task in held:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._inner.close()

    async def _through(self, work: Callable[[], Awaitable[T]]) -> T:
        async with self._line:
            self._working += 1
            self._rested.clear()
            try:
                return await work()
            finally:
                self._working -= 1
                self._rested.set()

    async def open(self, now: int, devices: int = 0) -> Opened:
        return await self._inner.open(now, devices)

    def write(self, batch: Batch, now: int) -> "asyncio.Future[Written]":
        written: asyncio.Future[Written] = asyncio.get_running_loop().create_future()
        task = asyncio.get_running_loop().create_task(self._write(batch, now, written))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return written

    async def _write(self, batch: Batch, now: int, written: "asyncio.Future[Written]") -> None:
        try:
            answer = await self._through(lambda: self._really_write(batch, now))
        except StoreError as error:
            if not self._dead:
                written.set_exception(error)
            return
        self.batches.append(batch)
        if not self._dead:
            written.set_result(answer)

    async def _really_write(self, batch: Batch, now: int) -> Written:
        if self.fails_to_write:
            raise StoreError("the disk is full")
        return await self._inner.write(batch, now)

    async def _read(self, work: Callable[[], Awaitable[T]]) -> T:
        async def read() -> T:
            if self.fails_to_read:
                raise StoreError("the disk is bad")
            return await work()

        return await self._through(read)

    async def waiting(
        self, destinations: Sequence[str], limit: int, now: int, in_order: bool
    ) -> dict[str, list[Waiting]]:
        self.reads.append(tuple(destinations))
        return await self._read(lambda: self._inner.waiting(destinations, limit, now, in_order))

    async def due(self, now: int, limit: int) -> list[Waiting]:
        return await self._read(lambda: self._inner.due(now, limit))

    async def next_due(self) -> int | None:
        return await self._read(self._inner.next_due)

    async def queues(self, after: str, limit: int) -> list[Queue]:
        return await self._read(lambda: self._inner.queues(after, limit))

    async def history(self, message_id: int) -> History | None:
        return await self._read(lambda: self._inner.history(message_id))

    async def record(self, message_id: int) -> Record | None:
        return await self._read(lambda: self._inner.record(message_id))

    async def find(self, message_ids: Sequence[int], limit: int) -> dict[int, list[Found]]:
        self.searches += 1
        return await self._read(lambda: self._inner.find(message_ids, limit))

    async def lines(self, starts: Sequence[Start], limit: int) -> list[list[Waiting]]:
        self.searches += 1
        return await self._read(lambda: self._inner.lines(starts, limit))

    async def counts(self, keys: Sequence[Key]) -> dict[Key, int]:
        self.counts_read.append(tuple(keys))
        return await self._read(lambda: self._inner.counts(keys))

    async def devices(self, numbers: Sequence[str]) -> dict[str, Device | bool]:
        await self.devices_open.wait()
        return await self._read(lambda: self._inner.devices(numbers))

    async def listed(self, after: str, limit: int) -> list[tuple[str, Device | bool]]:
        return await self._read(lambda: self._inner.listed(after, limit))

    async def forwarded(
        self, link: str, remote_ids: Sequence[str]
    ) -> dict[str, tuple[Forwarded, ...]]:
        return await self._read(lambda: self._inner.forwarded(link, remote_ids))

    async def overdue(self, now: int, limit: int) -> list[Forwarded]:
        return await self._read(lambda: self._inner.overdue(now, limit))

    async def next_deadline(self) -> int | None:
        return await self._read(self._inner.next_deadline)

    async def backup(self) -> Path:
        return await self._read(self._inner.backup)

    async def close(self) -> None:
        await self._inner.close()


class Carrier:
    """An agent that records what it is given, and answers as it is told, at once or by hand."""

    def __init__(self, kind: str, in_order: bool, room: int = 0) -> None:
        self.kind = kind
        self.in_order = in_order
        self.room = room
        """For destinations that have no room of their own in `rooms`."""
        self.rooms: dict[str, int] = {}
        self.answer: Result | None = Result.DELIVERED
        """How every attempt is answered at once; None leaves it in the air."""
        self.error = 0
        self.taken: list[Attempt] = []
        self.in_air: list[Attempt] = []
        self.delivered: list[Attempt] = []
        self.most_in_air: dict[str, int] = {}
        self.dead = False
        self.settle: Settle = lambda outcomes: None

    def absence(self, destination: str) -> int:
        return 6 if self.in_order else 0

    def capacity(self, destination: str) -> int:
        return self.rooms.get(destination, self.room)

    def deliver(self, batch: Sequence[Attempt]) -> None:
        if self.dead:
            return
        self.taken.extend(batch)
        self.in_air.extend(batch)
        for attempt in batch:
            self._count(attempt.message.destination)
        if self.answer is not None:
            self.reply(list(batch), self.answer, self.error)

    def _count(self, destination: str) -> None:
        now = sum(attempt.message.destination == destination for attempt in self.in_air)
        self.most_in_air[destination] = max(now, self.most_in_air.get(destination, 0))

    def reply(self, attempts: Sequence[Attempt], result: Result, error: int = 0) -> None:
        """Answer these attempts, in one batch."""
        for attempt in attempts:
            self.in_air.remove(attempt)
        if result is Result.DELIVERED:
            self.delivered.extend(attempts)
        self.settle([Outcome(attempt, result, error) for attempt in attempts])

    def reply_all(self, result: Result, error: int = 0) -> None:
        """Answer everything that is in the air."""
        self.reply(list(self.in_air), result, error)

    @property
    def texts(self) -> list[str]:
        """What it was given, in order; again at every attempt."""
        return [attempt.message.payload.decode() for attempt in self.taken]

    @property
    def receipts(self) -> list[tuple[int, str]]:
        """The receipts it was given: about which message, and its state."""
        receipts = [attempt.message.receipt for attempt in self.taken]
        return [(receipt.about, receipt.state.name) for receipt in receipts if receipt is not None]


class Door:
    """A submitter that keeps its answers, and when they were flushed."""

    def __init__(self) -> None:
        self.ids: dict[int, int] = {}
        """The message id of each accepted token."""
        self.verdicts: dict[int, Verdict] = {}
        self.flushes: list[int] = []
        """How many answers had come at each flush."""

    @property
    def answers(self) -> int:
        return len(self.ids) + len(self.verdicts)

    def accepted(self, token: int, message_id: int) -> None:
        assert token not in self.ids and token not in self.verdicts
        self.ids[token] = message_id

    def refused(self, token: int, verdict: Verdict) -> None:
        assert token not in self.ids and token not in self.verdicts
        self.verdicts[token] = verdict

    def flush(self) -> None:
        self.flushes.append(self.answers)


class Office:
    """A petitioner that keeps its answers."""

    def __init__(self) -> None:
        self.answers: dict[int, Answer] = {}
        self.flushes: list[int] = []
        """How many answers had come at each flush."""

    def told(self, token: int, answer: Answer) -> None:
        assert token not in self.answers
        self.answers[token] = answer

    def flush(self) -> None:
        self.flushes.append(len(self.answers))


class Numbers:
    """A small directory, some of which may have to be read first."""

    def __init__(self) -> None:
        self.unread: set[str] = set()
        self.reads: list[tuple[str, ...]] = []
        self.fails_to_read = False
        self._open = asyncio.Event()
        self._open.set()
        self.policies: dict[str, Policy] = {}
        self.owners: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.accounts: dict[str, Terms] = {}
        self.homes: dict[str, str] = {}

    def hold(self) -> None:
        """Let no read end."""
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    def device(self, number: str) -> Policy | None:
        if number in self.unread:
            raise Unread(number)
        return self.policies.get(number)

    def link_of(self, number: str) -> str:
        return self.links.get(number, "")

    def owner(self, address: str) -> str | None:
        return self.owners.get(address)

    def home(self, name: str, address: str) -> str:
        return self.homes.get(address) or to_account(name)

    async def read(self, numbers: Sequence[str]) -> None:
        self.reads.append(tuple(numbers))
        await self._open.wait()
        if self.fails_to_read:
            raise StoreError("the disk is bad")
        self.unread.difference_update(numbers)

    def terms(self, account: str) -> Terms:
        return self.accounts.get(account, Terms())


class Lazy(Numbers):
    """A directory that must read some numbers first, which takes it no time."""

    def __init__(self, unread: set[str], known: Numbers) -> None:
        super().__init__()
        self.unread = unread
        self.policies, self.owners, self.accounts = known.policies, known.owners, known.accounts

    def device(self, number: str) -> Policy | None:
        if number in self.unread:
            raise Unread(number)
        return super().device(number)

    async def read(self, numbers: Sequence[str]) -> None:
        self.unread -= set(numbers)
