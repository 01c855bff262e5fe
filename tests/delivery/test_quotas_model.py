"""Whatever happens: a quota is never exceeded, and what the store counts is what was accepted."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsc.message import Message
from smsc_routing.calendar_quota import Key, Quota, Span
from smsc_routing.decision import Reason
from smsc_routing.local_time import UNIVERSAL
from tests.delivery.test_quotas import allot, give, limits, refusal
from tests.delivery.world import ANNA, BERT, CARL, World

DAY, TOGETHER, ACCOUNT = 3, 7, 9
NUMBERS = [ANNA, BERT, CARL]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("submit"), st.integers(0, 2)),
        st.tuples(st.just("replace"), st.integers(0, 2)),
        st.tuples(st.just("group"), st.integers(1, 3)),
        st.tuples(st.just("failing"), st.integers(0, 2)),
        st.tuples(st.just("hold"), st.just(0)),
        st.tuples(st.just("release"), st.just(0)),
        st.tuples(st.just("disk"), st.integers(0, 1)),
        st.tuples(st.just("calm"), st.just(0)),
        st.tuples(st.just("attach"), st.integers(0, 2)),
        st.tuples(st.just("wait"), st.sampled_from([1, 60, 5000, 86_400])),
        st.tuples(st.just("crash"), st.just(0)),
    ),
    max_size=25,
)


class Story:
    """A world in which anything happens, and what must be so at its end."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.stored: Counter[Key] = Counter()
        give(
            world,
            mt_limit=limits(f"{DAY}/day"),
            mt_limit_together=limits(f"{TOGETHER}/month"),
        )
        allot(world, Quota(ACCOUNT, Span.DAY))
        self.held = False

    async def step(self, what: str, how: int) -> None:
        world = self.world
        if what in ("submit", "replace"):
            world.submit(to=NUMBERS[how], replace=what == "replace")
        elif what == "group":
            world.submit_group(NUMBERS[:how])
        elif what == "failing":
            world.store.fails_to_write = True
            world.submit(to=NUMBERS[how])
            await world.calm()
        elif what == "hold" and not self.held:
            self.held = True
            await world.store.hold()
        elif what == "release":
            self.clear()
        elif what == "disk":
            world.store.fails_to_write = bool(how)
        elif what == "calm":
            await world.calm()
        elif what == "attach":
            world.attach(NUMBERS[how])
        elif what == "wait":
            await world.wait(how)
        elif what == "crash":
            self.held = False
            await world.crash()
            self.tally()
            await world.open()

    def clear(self) -> None:
        if self.held:
            self.held = False
            self.world.store.release()

    def tally(self) -> None:
        """Count what became durable in this life, from the messages themselves."""
        for batch in self.world.store.batches:
            for message in batch.arrivals:
                self.stored.update(keys_of(message))
        self.world.store.batches.clear()

    async def end(self) -> None:
        self.clear()
        self.world.store.fails_to_write = False
        await self.world.wait(2)
        self.tally()
        await self.check_counts()
        assert all(count <= most(key) for key, count in self.stored.items())

    async def use_up(self) -> None:
        """What wasn't accepted before can be accepted now: nothing was counted for nothing."""
        for number in NUMBERS:
            room = min(most(key) - self.stored[key] for key in self.keys_now(number))
            for _ in range(room):
                await self.world.send(to=number)
            assert (await refusal(self.world, to=number)).reason is Reason.QUOTA
            self.tally()
        await self.check_counts()

    async def check_counts(self) -> None:
        """See that the store counts what it has; what is counted no more, it may have forgotten."""
        current = {key for number in NUMBERS for key in self.keys_now(number)}
        stored = {key: self.stored[key] for key in current}
        assert await self.world.store.counts(list(current)) == stored

    def keys_now(self, number: str) -> list[Key]:
        return keys_at(number, self.world.clock.now())


def keys_of(message: Message) -> list[Key]:
    return keys_at(message.dest.digits, message.accepted_at) if message.receipt is None else []


def keys_at(number: str, time: int) -> list[Key]:
    moment = UNIVERSAL.at(time)
    return [
        Key(f"t:{number}", moment.day),
        Key("T:meters", moment.month),
        Key("a:fleet", moment.day),
    ]


def most(key: Key) -> int:
    return {"t": DAY, "T": TOGETHER, "a": ACCOUNT}[key.subject[0]]


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, room=st.sampled_from([5, 6, 100]))
async def test_no_interleaving_lets_a_message_too_many_through_or_counts_one_for_nothing(
    steps: list[tuple[str, int]], room: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    world = World(tmp_path_factory.mktemp("world") / "smsc.db")
    world.counts_known = room
    await world.open()
    story = Story(world)
    for what, how in steps:
        await story.step(what, how)
    await story.end()
    await story.use_up()
    await world.close()
