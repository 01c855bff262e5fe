"""Any life of the links: whatever happens, each message ends once, as the other side told it.

Links come and go, submits are answered in every way or not at all, receipts come early, late,
twice or never, routes change, the disk is slow or fails, the process crashes; then all is well
again, and the books must balance.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from smsc.message import Address, State, to_account
from smsc.smpp.commands import CommandStatus
from smsc.upstream.line import Report
from smsc_routing.routes import Route
from tests.delivery.world import FLEET, LADDER, VALIDITY
from tests.upstream.wire import Wire
from tests.upstream.world import ELSEWHERE, RECEIPT_WAIT, Abroad

LINKS = st.sampled_from(["a", "b"])
NAMED = st.sampled_from(["", "", "", "a", "b"])
RARELY = st.sampled_from([False, False, False, True])
STATUSES = st.sampled_from(
    [
        CommandStatus.ESME_ROK,
        CommandStatus.ESME_ROK,
        CommandStatus.ESME_RTHROTTLED,
        CommandStatus.ESME_RSYSERR,
        CommandStatus.ESME_RSUBMITFAIL,
        CommandStatus.ESME_RX_P_APPN,
        None,
    ]
)
TOLD = [State.DELIVERED, State.EXPIRED, State.UNDELIVERABLE]
ROUTES = st.sampled_from(
    [
        (Route("", ("a", "b")),),
        (Route("", ("b",)),),
        (Route("", ("a",), weight=2), Route("", ("b",))),
        (Route("9", ("a",)),),
    ]
)
LONG_ENOUGH = 8


class Lives(RuleBasedStateMachine):
    """Does to the links whatever can be done to them, and does the books at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = TemporaryDirectory()
        self.world = Abroad(Path(self.folder.name) / "smsc.db")
        self.held = False
        self.life = 0
        self.far: dict[tuple[str, str], int] = {}
        """What other SMSCs have taken, by link and their id: which message of ours."""
        self.told: dict[int, set[State]] = {}
        """What receipts have told of each message."""
        self.refused: set[int] = set()
        self.acked: set[tuple[str, str]] = set()
        """Those of which a final receipt was acknowledged: it won't come again."""
        self.owed = 0
        """How many receipts weren't answered by the process that lives now."""
        self.runner.run(self.world.open())
        for wire in self.world.wires.values():
            self.do(wire.up)

    def do(self, deed: Callable[[], object], calm: bool = True) -> None:
        """Do this, and wait until nothing moves, or go on at once."""
        self.runner.run(self._do(deed, calm))

    async def _do(self, deed: Callable[[], object], calm: bool) -> None:
        deed()
        if calm:
            await self.world.calm()

    # What is done.

    @rule(count=st.integers(1, 15), name=st.sampled_from([FLEET, "bank"]), link=NAMED)
    def submit(self, count: int, name: str, link: str) -> None:
        source = Address(0, 1, "1234" if name == FLEET else "7")
        wish = {"account": name, "source": source, "link": link, "registered_delivery": 1}

        def submit() -> None:
            for _ in range(count):
                self.world.submit("hello", ELSEWHERE, **wish)

        self.do(submit)

    @rule(name=LINKS)
    def up(self, name: str) -> None:
        wire = self.world.wires[name]
        if not wire.bound:
            self.do(wire.up)

    @rule(name=LINKS)
    def down(self, name: str) -> None:
        if self.world.wires[name].bound:
            self.do(self.world.wires[name].down)

    @rule(name=LINKS, status=STATUSES, count=st.integers(1, 10), calm=st.booleans())
    def answer(self, name: str, status: int | None, count: int, calm: bool) -> None:
        self.do(lambda: self._answer(self.world.wires[name], status, count), calm)

    def _answer(self, wire: Wire, status: int | None, count: int) -> bool:
        messages = wire.unanswered[:count]
        if status == CommandStatus.ESME_RX_P_APPN:
            self.refused.update(message.id for message in messages)
        # The other side has them, whatever becomes of its answers.
        for message, remote_id in zip(messages, wire.answer(messages, status), strict=True):
            if remote_id:
                self.far[wire.name, remote_id] = message.id
        return bool(messages)

    @rule(told=st.sampled_from(TOLD), shown=st.booleans())
    def go_well(self, told: State, shown: bool) -> None:
        """Have a message each way, from its submission to its receipt."""
        self.submit(3, FLEET, "")
        for wire in self.world.wires.values():
            self.do(partial(self._answer, wire, CommandStatus.ESME_ROK, 2), shown)
        for link, remote_id in list(self.far)[-2:]:
            self.do(partial(self._report, link, remote_id, told), shown)

    @precondition(lambda self: self.far)
    @rule(data=st.data(), state=st.sampled_from([*TOLD, State.ENROUTE]), calm=st.booleans())
    def report(self, data: st.DataObject, state: State, calm: bool) -> None:
        link, remote_id = data.draw(st.sampled_from(sorted(self.far)))
        self.do(lambda: self._report(link, remote_id, state), calm)

    @rule(name=LINKS)
    def report_early(self, name: str) -> None:
        """Tell of what is not yet answered, and answer it."""
        wire = self.world.wires[name]
        if not wire.unanswered:
            return
        message = wire.unanswered[0]
        remote_id = f"{name}-early-{message.id}-{len(self.far)}"
        self.far[name, remote_id] = message.id
        self.do(lambda: self._report(name, remote_id, State.DELIVERED))
        self.do(lambda: wire.answer([message], remote_id=remote_id))

    def _report(self, link: str, remote_id: str, state: State) -> None:
        final = state.final
        if final:
            self.told.setdefault(self.far[link, remote_id], set()).add(state)
        self.owed += 1
        life = self.life

        def replied(status: int) -> None:
            assert life == self.life
            self.owed -= 1
            if final and status == CommandStatus.ESME_ROK:
                self.acked.add((link, remote_id))

        self.world.wires[link].report(Report(remote_id, state), replied=replied)

    @rule(seconds=st.sampled_from([1, *LADDER, VALIDITY, RECEIPT_WAIT]))
    def wait(self, seconds: float) -> None:
        self.runner.run(self.world.wait(seconds))

    @rule(routes=ROUTES)
    def reroute(self, routes: tuple[Route, ...]) -> None:
        self.world.routes = routes
        self.do(lambda: self.world.reroute(*routes))

    @rule(bound=st.booleans())
    def application(self, bound: bool) -> None:
        self.do(self.world.bind if bound else self.world.unbind)

    @precondition(lambda self: not self.held)
    @rule()
    def hold_the_disk(self) -> None:
        self.held = True
        self.runner.run(self.world.store.hold())

    @precondition(lambda self: self.held)
    @rule()
    def release_the_disk(self) -> None:
        self.held = False
        self.do(self.world.store.release)

    @rule(writing=RARELY, reading=RARELY)
    def spoil_the_disk(self, writing: bool, reading: bool) -> None:
        self.world.store.fails_to_write = writing
        self.world.store.fails_to_read = reading

    @rule()
    def crash(self) -> None:
        self.runner.run(self.world.crash())
        self.life += 1
        self.held, self.owed = False, 0
        self.runner.run(self.world.open())

    @rule(name=LINKS)
    def answer_on_a_bad_disk(self, name: str) -> None:
        """Take some while nothing can be written down."""
        if self.held:
            return
        self.world.store.fails_to_write = True
        self.do(lambda: self._answer(self.world.wires[name], CommandStatus.ESME_ROK, 5))
        self.wait(1)
        self.world.store.fails_to_write = False
        self.wait(1)

    # The books.

    def teardown(self) -> None:
        try:
            self.runner.run(self.do_the_books())
        finally:
            self.runner.run(self.world.close())
            self.runner.close()
            self.folder.cleanup()

    async def do_the_books(self) -> None:
        world = self.world
        world.store.clear_up()
        world.reroute(Route("", ("a", "b")))
        await world.wait(LADDER[0])
        world.fleet.room = 10_000
        world.bind()
        world.scheduler.wake(to_account("bank"))
        for wire in world.wires.values():
            if not wire.bound:
                wire.up()
        self.well_since = world.clock.now()
        for _ in range(LONG_ENOUGH):
            await world.wait(LADDER[-1])
            for wire in world.wires.values():
                while self._answer(wire, CommandStatus.ESME_ROK, 10):
                    await world.calm()
            for link, remote_id in self.far.keys() - self.acked:
                self._report(link, remote_id, State.DELIVERED)
            await world.calm()
        assert world.scheduler.waiting == 0 and world.scheduler.in_hand == 0
        assert self.owed == 0 and self.far.keys() == self.acked
        await world.wait(VALIDITY + RECEIPT_WAIT)
        await world.wait(LADDER[-1])
        await self.balance()

    async def balance(self) -> None:
        world = self.world
        accepted = set(world.door.ids.values())
        assert world.door.answers == world._token - len(self.unanswered())
        assert await world.store.next_deadline() is None
        for message_id in accepted:
            history = await world.history(message_id)
            assert history.state.final, f"{message_id} never ended"
            age = (self.well_since - history.message.accepted_at) / 1000
            self.check_end(message_id, history.state, age)
        world._note_finals()
        ends = [final.message.id for final in world.finals if final.message.receipt is None]
        assert sorted(ends) == sorted(set(ends)), "a message ended twice"

    def unanswered(self) -> set[int]:
        """Return the tokens whose submitter died with a process."""
        door = self.world.door
        return {
            token
            for token in range(1, self.world._token + 1)
            if token not in door.ids and token not in door.verdicts
        }

    def check_end(self, message_id: int, state: State, age: float) -> None:
        """Check the end of a message that was so old when all was well again."""
        if state is State.UNDELIVERABLE and message_id in self.refused:
            return
        if state is State.UNKNOWN:
            assert age >= VALIDITY + RECEIPT_WAIT, "its receipt was lost"
        elif state is State.EXPIRED and state not in self.told.get(message_id, ()):
            assert age >= VALIDITY - 2 * LADDER[-1], "it was left to lie"
        else:
            assert state in self.told[message_id]


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
