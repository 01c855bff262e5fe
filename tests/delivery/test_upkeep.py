"""What is done beside the road: in slices, with rests between them, and again after a failure."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from structlog.testing import capture_logs

from smsc.clock import SimulatedClock
from smsc.delivery.upkeep import LONGEST_SECONDS, RESTS, SECONDS_BETWEEN_LOOKS, Upkeep
from smsc.journal import Journal
from smsc.store.record import Criteria, Forgotten, Keep, Listing, Record
from smsc.store.store import StoreError
from tests.delivery.stage import turn

KEEP = Keep(records=1000, texts=500)
SLICE = 0.25
"""How many seconds a slice takes."""


class Records:
    """A store that does what it is told to, and notes when it was asked."""

    def __init__(self, clock: SimulatedClock) -> None:
        self.clock = clock
        self.fails = False
        self.to_index = 0
        self.to_forget: list[Forgotten] = []
        self.next_in = 10**9
        """In how many milliseconds there is more to forget, when there is none left."""
        self.indexed: list[float] = []
        self.forgot: list[float] = []

    async def index(self) -> bool:
        if self.fails:
            raise StoreError("the disk is bad; look at it")
        self.indexed.append(self.clock.monotonic())
        if not self.to_index:
            return False
        self.to_index -= 1
        self.clock.advance(SLICE)
        return True

    async def forget(self, now: int, keep: Keep) -> Forgotten:
        assert now == self.clock.now() and keep == KEEP
        self.forgot.append(self.clock.monotonic())
        if not self.to_forget:
            return Forgotten(0, 0, now + self.next_in)
        self.clock.advance(SLICE)
        return self.to_forget.pop(0)

    async def record(self, message_id: int) -> Record | None:
        raise NotImplementedError

    async def search(
        self, criteria: Criteria, after: int | None, limit: int, newest_first: bool
    ) -> Listing:
        raise NotImplementedError

    async def span(self, criteria: Criteria) -> tuple[int, int]:
        raise NotImplementedError


class Yard:
    """An upkeep at work."""

    def __init__(self) -> None:
        self.clock = SimulatedClock()
        self.records = Records(self.clock)
        self.journal = Journal()
        self.upkeep = Upkeep(self.records, KEEP, self.clock, self.journal)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.upkeep.run())
        await self.pass_by(0)
        yield
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()

    async def pass_by(self, seconds: float) -> None:
        """Let so much time pass, and what is due be done."""
        self.clock.advance(seconds)
        for _ in range(5):
            await turn()


async def test_what_there_is_to_index_is_indexed_slice_by_slice_with_rests() -> None:
    yard = Yard()
    yard.records.to_index = 3
    async with yard.open():
        for count in (1, 2, 3):
            assert len(yard.records.indexed) == count
            await yard.pass_by(RESTS * SLICE - 0.01)
            assert len(yard.records.indexed) == count
            await yard.pass_by(0.01)
        assert yard.records.to_index == 0


async def test_when_nothing_is_to_be_indexed_it_looks_again_each_second() -> None:
    yard = Yard()
    async with yard.open():
        for _ in range(3):
            await yard.pass_by(SECONDS_BETWEEN_LOOKS)
        assert yard.records.indexed == [0.0, 1.0, 2.0, 3.0]


async def test_what_is_forgotten_is_counted() -> None:
    yard = Yard()
    yard.records.to_forget = [Forgotten(5, 0, 0), Forgotten(0, 7, 0), Forgotten(2, 0, 0)]
    async with yard.open():
        for _ in range(3):
            await yard.pass_by(RESTS * SLICE)
    assert (yard.journal.forgotten_records, yard.journal.forgotten_texts) == (7, 7)


async def test_it_rests_between_what_it_forgets() -> None:
    yard = Yard()
    yard.records.to_forget = [Forgotten(5, 0, 0), Forgotten(5, 0, 0)]
    async with yard.open():
        await yard.pass_by(RESTS * SLICE - 0.01)
        assert len(yard.records.forgot) == 1
        await yard.pass_by(0.01)
        assert len(yard.records.forgot) == 2


async def test_when_nothing_is_left_to_forget_it_looks_again_when_there_will_be() -> None:
    yard = Yard()
    yard.records.next_in = 90_000
    async with yard.open():
        for _ in range(89):
            await yard.pass_by(1)
        assert yard.records.forgot == [0.0]
        await yard.pass_by(1)
        assert yard.records.forgot == [0.0, 90.0]


async def test_it_looks_after_an_hour_whatever_the_clock_said() -> None:
    yard = Yard()
    async with yard.open():
        yard.clock.jump(-10 * 24 * 3600)
        for _ in range(round(LONGEST_SECONDS)):
            await yard.pass_by(1)
        assert yard.records.forgot == [0.0, LONGEST_SECONDS]


async def test_what_fails_is_told_once_and_tried_again_each_second() -> None:
    yard = Yard()
    yard.records.fails = True
    with capture_logs() as events:
        async with yard.open():
            await yard.pass_by(1)
            await yard.pass_by(1)
            assert [each["event"] for each in events] == ["upkeep_failed"]
            assert "the disk is bad" in events[0]["reason"]
            yard.records.fails = False
            await yard.pass_by(1)
            assert len(yard.records.indexed) == len(yard.records.forgot) == 1
            yard.records.fails = True
            await yard.pass_by(1)
    assert [each["event"] for each in events] == ["upkeep_failed"] * 2
