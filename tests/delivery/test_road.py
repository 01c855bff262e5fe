"""Any life of the road: whatever happens, every message ends once, in order, and is told of.

Devices come and go, attempts end in every way, time passes, the disk is slow or fails, the
process crashes; then the weather clears, everybody is attached and bound, and the books must
balance.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from smsc.delivery.agent import Attempt, Result
from smsc.message import State, to_account
from tests.delivery.stage import Carrier
from tests.delivery.world import ANNA, BERT, CARL, FLEET, LADDER, VALIDITY, World

NUMBERS = st.sampled_from([ANNA, BERT, CARL])
RESULTS = st.sampled_from([Result.DELIVERED, Result.FAILED, Result.ABSENT, Result.REFUSED])
LONG_ENOUGH = 40


class Road(RuleBasedStateMachine):
    """Does to the road whatever can be done to it, and does the books at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = TemporaryDirectory()
        self.world = World(Path(self.folder.name) / "smsc.db")
        self.held = False
        self.deeds: list[Callable[[], object]] = []
        self.wants: dict[int, int] = {}
        """What each token asked of receipts."""
        self.seen: set[int] = set()
        """Messages whose delivery a device has acknowledged."""
        self.told: dict[int, set[str]] = {}
        """The states that an application was told of each message."""
        self.runner.run(self.world.open())
        self.hand_work(True)

    def hand_work(self, by_hand: bool) -> None:
        """Have agents wait to be told how each attempt ends, or deliver everything."""
        self.by_hand = by_hand
        for carrier in (self.world.radio, self.world.fleet):
            carrier.answer = None if by_hand else Result.DELIVERED

    def do(self, deed: Callable[[], object], at_once: bool) -> None:
        """Do this now, or in the same turn as what comes next."""
        self.deeds.append(deed)
        if at_once:
            self.runner.run(self.settle())

    async def settle(self) -> None:
        deeds, self.deeds = self.deeds, []
        for deed in deeds:
            deed()
        await self.world.calm()
        self.read_the_records()

    def read_the_records(self) -> None:
        """Check the order of what devices took, and note what applications were told."""
        newest: dict[tuple[str, int], int] = {}
        for attempt in self.world.radio.delivered:
            message = attempt.message
            line = message.destination, message.priority
            if not message.not_before:
                assert message.id > newest.get(line, 0), "a device was served out of order"
                newest[line] = message.id
            self.seen.add(message.id)
        for attempt in self.world.fleet.delivered:
            receipt = attempt.message.receipt
            if receipt is not None:
                self.told.setdefault(receipt.about, set()).add(receipt.state.name)

    # What people do.

    @rule(
        number=NUMBERS,
        asked=st.integers(0, 3),
        priority=st.sampled_from([0, 0, 0, 1]),
        brief=st.booleans(),
        later=st.sampled_from([0, 0, 0, 15]),
        at_once=st.booleans(),
    )
    def submits(
        self, number: str, asked: int, priority: int, brief: bool, later: int, at_once: bool
    ) -> None:
        now = self.world.clock.now()
        fields: dict[str, Any] = {
            "registered_delivery": asked,
            "priority": priority,
            "expires_at": now + 60_000 if brief else 0,
            "not_before": now + later * 1000 if later else 0,
        }
        self.do(lambda: self.submit(number, fields), at_once)

    def submit(self, number: str, fields: dict[str, Any]) -> None:
        self.wants[self.world.submit(to=number, **fields)] = fields["registered_delivery"]

    @rule(number=NUMBERS, at_once=st.booleans())
    def attaches(self, number: str, at_once: bool) -> None:
        self.do(lambda: self.world.attach(number), at_once)

    @rule(number=NUMBERS, at_once=st.booleans())
    def detaches(self, number: str, at_once: bool) -> None:
        self.do(lambda: self.world.detach(number), at_once)

    @rule(room=st.integers(1, 3), at_once=st.booleans())
    def binds(self, room: int, at_once: bool) -> None:
        self.do(lambda: self.world.bind(room), at_once)

    @rule(at_once=st.booleans())
    def unbinds(self, at_once: bool) -> None:
        self.do(self.world.unbind, at_once)

    # What the networks do.

    @precondition(lambda self: self.world.radio.in_air)
    @rule(data=st.data(), result=RESULTS, at_once=st.booleans())
    def a_device_answers(self, data: st.DataObject, result: Result, at_once: bool) -> None:
        attempt = data.draw(st.sampled_from(self.world.radio.in_air))
        self.do(lambda: self.answer(self.world.radio, attempt, result), at_once)

    @precondition(lambda self: self.world.fleet.in_air)
    @rule(
        data=st.data(),
        result=RESULTS.filter(lambda result: result is not Result.REFUSED),
        at_once=st.booleans(),
    )
    def an_application_answers(self, data: st.DataObject, result: Result, at_once: bool) -> None:
        attempt = data.draw(st.sampled_from(self.world.fleet.in_air))
        self.do(lambda: self.answer(self.world.fleet, attempt, result), at_once)

    def answer(self, carrier: Carrier, attempt: Attempt, result: Result) -> None:
        if attempt in carrier.in_air:
            if result is Result.ABSENT:
                carrier.rooms[attempt.message.destination] = 0
            carrier.reply([attempt], result)

    @rule(seconds=st.sampled_from([0.06, 1, 5, LADDER[0], LADDER[1], 60]), at_once=st.booleans())
    def time_passes(self, seconds: float, at_once: bool) -> None:
        self.do(lambda: self.world.clock.advance(seconds), at_once)

    @rule(by_hand=st.booleans())
    def agents_answer_at_once_or_when_told(self, by_hand: bool) -> None:
        self.hand_work(by_hand)

    # What the disk does.

    @precondition(lambda self: not self.held)
    @rule()
    def the_disk_is_slow(self) -> None:
        self.runner.run(self.world.store.hold())
        self.held = True

    @precondition(lambda self: self.held)
    @rule()
    def one_round_gets_through(self) -> None:
        self.runner.run(self.let_through())

    async def let_through(self) -> None:
        """Let through what is in line, but nothing that comes of it."""
        await self.settle()
        held = self.world.store.hold_next()
        await self.world.calm()
        self.world.store.release()
        await held
        await self.settle()

    @precondition(lambda self: self.held)
    @rule()
    def the_disk_is_fast(self) -> None:
        self.held = False
        self.do(self.world.store.release, at_once=True)

    @rule(fails=st.booleans())
    def the_disk_fails_to_write_or_not(self, fails: bool) -> None:
        self.world.store.fails_to_write = fails

    @rule()
    def the_process_dies(self) -> None:
        self.runner.run(self.restart())

    async def restart(self) -> None:
        self.held = False
        self.deeds.clear()
        self.read_the_records()
        await self.world.reopen()
        self.hand_work(self.by_hand)
        await self.settle()

    # What must be so, always and at the end.

    @invariant()
    def a_device_has_one_message_at_a_time(self) -> None:
        assert all(most == 1 for most in self.world.radio.most_in_air.values())

    @invariant()
    def nothing_is_in_hand_twice(self) -> None:
        for carrier in (self.world.radio, self.world.fleet):
            ids = [attempt.message.id for attempt in carrier.in_air]
            assert len(ids) == len(set(ids))

    def teardown(self) -> None:
        try:
            self.runner.run(self.clear_up())
            self.runner.run(self.balance())
        finally:
            self.world.store.clear_up()
            self.runner.run(self.world.close())
            self.runner.close()
            self.folder.cleanup()

    async def clear_up(self) -> None:
        """Let everything come to its end in fair weather."""
        await self.settle()
        world = self.world
        world.store.clear_up()
        self.hand_work(False)
        for carrier in (world.radio, world.fleet):
            carrier.reply_all(Result.DELIVERED)
        for number in (ANNA, BERT, CARL):
            world.attach(number)
        world.bind()
        for _ in range(LONG_ENOUGH):
            await world.wait(LADDER[-1])
            if not (world.scheduler.waiting or world.scheduler.in_hand):
                break
        assert LONG_ENOUGH * LADDER[-1] < VALIDITY
        await self.settle()

    async def balance(self) -> None:
        """Do the books."""
        world = self.world
        assert (world.scheduler.waiting, world.scheduler.in_hand) == (0, 0)
        assert world.ledger.backlog == 0
        assert await world.store.next_due() is None
        assert await world.store.destinations("", 10) == []
        finals = [*world.finals, *(end for batch in world.store.batches for end in batch.finals)]
        ids = [final.message.id for final in finals]
        assert len(ids) == len(set(ids)), "a message ended twice"
        for token, number in world.door.ids.items():
            await self.balance_one(number, self.wants[token], ids)

    async def balance_one(self, number: int, asked: int, ended: list[int]) -> None:
        state = await self.world.state(number)
        assert state.final, "an accepted message never ended"
        assert number in ended
        if state is State.DELIVERED:
            assert number in self.seen
        wanted = {0: False, 1: True, 2: state is not State.DELIVERED, 3: state is State.DELIVERED}
        expected = {state.name} if wanted[asked] else set()
        assert self.told.get(number, set()) == expected, "a receipt is missing, or wrong"
        assert to_account(FLEET) in self.world.fleet.rooms


TestRoad = Road.TestCase
TestRoad.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
