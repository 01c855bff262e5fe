"""Any life of the road: whatever happens, every message ends once, in order, and is told of.

Devices come and go, attempts end in every way, messages are taken back and replaced, time passes,
the disk is slow or fails, the process crashes; then the weather clears, everybody is attached and
bound, and the books must balance. Of what isn't stored, each is answered once, unless
the process died.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from smsc.delivery.agent import Result
from smsc.delivery.petition import Ruling
from smsc.delivery.transient import transient
from smsc.message import Message, Purpose, State, to_account
from tests.delivery.stage import Carrier, Door
from tests.delivery.world import ANNA, BERT, CARL, FLEET, LADDER, VALIDITY, World

SOMETIMES = st.sampled_from([True, True, False])
MOSTLY = st.sampled_from([True, True, True, False])
NUMBERS = st.sampled_from([ANNA, BERT, CARL])
ANSWERS = st.sampled_from([Result.DELIVERED, Result.FAILED, Result.ABSENT, Result.BUSY])
WISHES = [0, 1, 2, 3, 0x10, 0x11, 0x13]
RESULTS = st.sampled_from([Result.DELIVERED, Result.FAILED, Result.ABSENT, Result.REFUSED])
RECEIPTS = st.sampled_from(WISHES)
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
        self.groups: list[tuple[Door, int]] = []
        """Who handed in one text for several, and what it asked of receipts."""
        self.cancelled: set[int] = set()
        """Messages whose cancellation was granted."""
        self.replacements: dict[int, tuple[int, str]] = {}
        """The message and the new text of each petition to replace one."""
        self.brought: dict[int, bytes] = {}
        """The text that a device acknowledged last of each message."""
        self.radio = self.world.radio
        self.looked_at = 0
        self.cancels: dict[int, int] = {}
        self.passing: set[int] = set()
        """Tokens of what isn't stored, since the process last died."""
        self.passed: set[int] = set()
        """The same, before that."""
        self.watched: set[str] = set()
        """Devices whose return somebody asked to be told of."""
        self.shown: set[tuple[int, State]] = set()
        """What an application was shown, whether it took it or not."""
        self.read_to = 0
        self.ahead = self.most_ahead = 0.0
        """By how many seconds the clock was set ahead, now and at most."""
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
            if transient(message.esm_class):
                continue
            line = message.destination, message.priority
            if not message.not_before:
                assert message.id > newest.get(line, 0), "a device was served out of order"
                newest[line] = message.id
            self.seen.add(message.id)
            self.brought[message.id] = message.payload
        self.read_who_was_granted_what()
        for attempt in self.world.fleet.delivered:
            receipt = attempt.message.receipt
            if receipt is not None:
                self.told.setdefault(receipt.about, set()).add(receipt.state.name)
        new = self.world.fleet.taken[self.read_to :]
        self.read_to += len(new)
        for attempt in new:
            self.look_at(attempt.message)

    def look_at(self, message: Message) -> None:
        """Check the order of what an application is told."""
        if message.purpose is Purpose.ALERT:
            assert message.source.digits in self.watched
        receipt = message.receipt
        if receipt is None:
            return
        if receipt.state is State.ENROUTE:
            late = {(message.follows, state) for state in State if state.final}
            assert not late & self.shown, "a notification came after its receipt"
        self.shown.add((message.follows, receipt.state))

    def read_who_was_granted_what(self) -> None:
        """Check that what was cancelled before is not sent any more."""
        if self.radio is not self.world.radio:
            self.radio, self.looked_at = self.world.radio, 0
        sent = {attempt.message.id for attempt in self.radio.taken[self.looked_at :]}
        assert not sent & self.cancelled, "a cancelled message was sent"
        self.looked_at = len(self.radio.taken)
        for token, answer in self.world.office.answers.items():
            if answer.ruling is Ruling.GRANTED and token in self.cancels:
                self.cancelled.add(self.cancels[token])

    # What people do.

    @initialize(crowd=st.lists(NUMBERS, min_size=2, max_size=6), present=st.lists(NUMBERS))
    def begins(self, crowd: list[str], present: list[str]) -> None:
        for number in present:
            self.do(partial(self.world.attach, number), at_once=False)
        self.submits(crowd, [1, 0], 0, brief=False, later=0, watch=False, at_once=True)

    @rule(
        crowd=st.lists(NUMBERS, min_size=1, max_size=5),
        asked=st.lists(st.sampled_from(WISHES), min_size=1, max_size=5),
        priority=st.sampled_from([0, 0, 0, 1]),
        brief=st.booleans(),
        later=st.sampled_from([0, 0, 0, 15]),
        watch=st.sampled_from([False, False, True]),
        at_once=SOMETIMES,
        replace=st.sampled_from([False, False, True]),
    )
    def submits(
        self,
        crowd: list[str],
        asked: list[int],
        priority: int,
        brief: bool,
        later: int,
        watch: bool,
        at_once: bool,
        replace: bool = False,
    ) -> None:
        now = self.world.clock.now()
        fields: dict[str, Any] = {
            "priority": priority,
            "expires_at": now + 60_000 if brief else 0,
            "not_before": now + later * 1000 if later else 0,
            "replace": replace,
            "watch": watch,
        }
        self.watched |= set(crowd) if watch else set()
        for number, receipts in zip(crowd, cycle(asked), strict=False):
            wish = fields | {"registered_delivery": receipts}
            self.do(partial(self.submit, number, wish), at_once=False)
        self.do(bool, at_once)

    def submit(self, number: str, fields: dict[str, Any]) -> None:
        self.wants[self.world.submit(to=number, **fields)] = fields["registered_delivery"]

    @rule(crowd=st.lists(NUMBERS, min_size=2, max_size=4), asked=RECEIPTS, at_once=SOMETIMES)
    def submits_to_several(self, crowd: list[str], asked: int, at_once: bool) -> None:
        self.do(partial(self.submit_group, crowd, asked), at_once)

    def submit_group(self, crowd: list[str], asked: int) -> None:
        door = self.world.submit_group(crowd, registered_delivery=asked)
        self.groups.append((door, asked))

    def ids(self) -> list[int]:
        """Return the ids that submitters were told, oldest first."""
        doors = [door for door, _ in self.groups if door.ids]
        return sorted([*self.stored().values(), *(min(d.ids.values()) for d in doors)])

    def stored(self) -> dict[int, int]:
        """Return the ids of what was stored, by token."""
        passing = self.passing | self.passed
        return {t: number for t, number in self.world.door.ids.items() if t not in passing}

    @precondition(lambda self: self.ids())
    @rule(data=st.data(), at_once=SOMETIMES)
    def cancels_one(self, data: st.DataObject, at_once: bool) -> None:
        number = data.draw(st.sampled_from(self.ids()[-20:]))
        self.do(partial(self.cancel, number), at_once)

    def cancel(self, number: int) -> None:
        token = self.world.cancel(number)
        if number in self.stored().values():
            self.cancels[token] = number

    @rule(to=NUMBERS, at_once=SOMETIMES)
    def cancels_all(self, to: str, at_once: bool) -> None:
        self.do(partial(self.world.cancel_all, to), at_once)

    @precondition(lambda self: self.ids())
    @rule(data=st.data(), later=st.sampled_from([0, 0, 15]), at_once=SOMETIMES)
    def replaces_one(self, data: st.DataObject, later: int, at_once: bool) -> None:
        number = data.draw(st.sampled_from(self.ids()[-20:]))
        self.do(partial(self.replace, number, later), at_once)

    def replace(self, number: int, later: int) -> None:
        not_before = self.world.clock.now() + later * 1000 if later else 0
        text = f"new {len(self.replacements)}"
        token = self.world.replace(
            number, text, not_before=not_before, registered_delivery=self.wish(number)
        )
        if number in self.stored().values():
            self.replacements[token] = number, text

    def wish(self, number: int) -> int:
        """Return what was asked of receipts for an id."""
        asked = {number: self.wants[token] for token, number in self.stored().items()}
        asked |= {min(door.ids.values()): wish for door, wish in self.groups if door.ids}
        return asked[number]

    @rule(
        crowd=st.lists(NUMBERS, min_size=1, max_size=5),
        mode=st.sampled_from([1, 2]),
        watch=st.booleans(),
        at_once=SOMETIMES,
    )
    def submits_without_the_store(
        self, crowd: list[str], mode: int, watch: bool, at_once: bool
    ) -> None:
        self.watched |= set(crowd) if watch else set()
        for number in crowd:
            self.do(partial(self.submit_passing, number, mode, watch), at_once=False)
        self.do(bool, at_once)

    def submit_passing(self, number: str, mode: int, watch: bool) -> None:
        token = self.world.submit(to=number, esm_class=mode, watch=watch, registered_delivery=0x11)
        self.passing.add(token)

    @rule(number=NUMBERS, comes=MOSTLY, at_once=SOMETIMES)
    def a_device_comes_or_goes(self, number: str, comes: bool, at_once: bool) -> None:
        self.do(partial(self.world.attach if comes else self.world.detach, number), at_once)

    @rule(room=st.integers(0, 3), at_once=SOMETIMES)
    def an_application_comes_or_goes(self, room: int, at_once: bool) -> None:
        self.do(partial(self.world.bind, room) if room else self.world.unbind, at_once)

    # What the networks do.

    @precondition(lambda self: self.world.radio.in_air)
    @rule(results=st.lists(RESULTS, min_size=1, max_size=3), at_once=SOMETIMES)
    def devices_answer(self, results: list[Result], at_once: bool) -> None:
        self.do(partial(self.answer, self.world.radio, results), at_once)

    @precondition(lambda self: self.world.fleet.in_air)
    @rule(
        results=st.lists(ANSWERS, min_size=1, max_size=3),
        error=st.sampled_from([0, 0x64]),
        at_once=SOMETIMES,
    )
    def an_application_answers(self, results: list[Result], error: int, at_once: bool) -> None:
        self.do(partial(self.answer, self.world.fleet, results, error), at_once)

    def answer(self, carrier: Carrier, results: list[Result], error: int = 0) -> None:
        for attempt, result in zip(list(carrier.in_air), results, strict=False):
            if result in (Result.ABSENT, Result.BUSY):
                carrier.rooms[attempt.message.destination] = 0
            carrier.reply([attempt], result, error)

    @rule(seconds=st.sampled_from([0.06, 1, 5, LADDER[0], LADDER[1], 60]), at_once=SOMETIMES)
    def time_passes(self, seconds: float, at_once: bool) -> None:
        self.do(partial(self.world.clock.advance, seconds), at_once)

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

    @rule(seconds=st.sampled_from([-VALIDITY, -1, 1, VALIDITY / 2]), at_once=SOMETIMES)
    def the_clock_is_set(self, seconds: float, at_once: bool) -> None:
        self.ahead += seconds
        self.most_ahead = max(self.ahead, self.most_ahead)
        self.do(lambda: self.world.clock.jump(seconds), at_once)

    @rule(seconds=st.sampled_from([0, 1, 2]))
    def the_disk_fails_for_a_while(self, seconds: int) -> None:
        self.world.store.fails_to_write = True
        self.devices_answer([Result.DELIVERED, Result.FAILED], at_once=True)
        self.time_passes(seconds, at_once=True)
        self.world.store.fails_to_write = False

    @rule()
    def the_process_dies(self) -> None:
        self.runner.run(self.restart())

    async def restart(self) -> None:
        self.held = False
        self.deeds.clear()
        self.read_the_records()
        self.read_to = 0
        self.passed |= self.passing
        self.passing.clear()
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
        # What was put off while the clock was further ahead is not to wait for hours.
        world.clock.jump(self.most_ahead - self.ahead)
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
        assert await world.store.queues("", 10) == []
        finals = [*world.finals, *(end for batch in world.store.batches for end in batch.finals)]
        ids = [final.message.id for final in finals]
        assert len(ids) == len(set(ids)), "a message ended twice"
        lost = {
            final.message.follows
            for final in finals
            if final.message.receipt is not None and final.state is State.UNDELIVERABLE
        }
        for token in self.passing:
            assert token in world.door.ids or token in world.door.verdicts, "nobody was answered"
        for token, number in world.door.ids.items():
            if token not in self.passing | self.passed:
                await self.balance_some([number], self.wants[token], ids, lost)
        for door, asked in self.groups:
            await self.balance_some(list(door.ids.values()), asked, ids, lost)
        assert to_account(FLEET) in world.fleet.rooms
        assert not world.amendments.asked, "somebody waits for an answer"
        for number in self.cancelled:
            assert await world.state(number) is State.DELETED
        await self.balance_texts()

    async def balance_some(
        self, numbers: list[int], asked: int, ended: list[int], lost: set[int]
    ) -> None:
        """Check the end of messages that go by the first one's id."""
        expected: set[str] = set()
        perhaps: set[str] = set()
        for number in numbers:
            state = await self.world.state(number)
            assert state.final, "an accepted message never ended"
            assert number in ended
            if state is State.DELIVERED:
                assert number in self.seen
            failed = state is not State.DELIVERED
            if {0: False, 1: True, 2: failed, 3: not failed}[asked & 3]:
                # A dead letter may have been taken all the same, by one who died before he said so.
                (perhaps if number in lost else expected).add(state.name)
        told = self.told.get(min(numbers), set()) if numbers else set()
        assert "ENROUTE" not in told or asked & 0x10, "nobody asked for a notification"
        assert expected <= told, "a receipt is missing"
        assert told <= expected | perhaps | {"ENROUTE"}, "a receipt is wrong"

    async def balance_texts(self) -> None:
        """Check that the last text that was granted is what was sent, and what is kept."""
        for token, (number, _) in self.replacements.items():
            answer = self.world.office.answers.get(token)
            if answer is None or answer.ruling is not Ruling.GRANTED:
                continue
            history = await self.world.history(number)
            later = [t for k, (n, t) in self.replacements.items() if n == number and k >= token]
            assert history.message.payload.decode() in later, "a replacement was lost"
            if history.state is State.DELIVERED:
                assert self.brought[number] == history.message.payload, "an old text was sent"


TestRoad = Road.TestCase
TestRoad.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
