"""Broadcasts after a crash: what is left goes on, and nothing is sent more often than asked."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsc.message import REACH_UNKNOWN, State
from tests.delivery.studio import MINUTE, Studio


async def test_what_is_left_is_repeated_after_a_restart_and_no_more(studio: Studio) -> None:
    number = await studio.send(repetitions=3)
    await studio.reopen()
    assert len(studio.air.sent) == 1
    for _ in range(5):
        await studio.wait(600)
    assert len(studio.air.sent) == 3
    assert studio.state(number) is State.DELIVERED


async def test_what_a_long_pause_has_swallowed_is_not_made_up_for_at_once(studio: Studio) -> None:
    await studio.send(repetitions=9)
    await studio.reopen(after=35 * 60)
    await studio.wait(0)
    assert len(studio.air.sent) == 2
    await studio.wait(599)
    assert len(studio.air.sent) == 2
    await studio.wait(1)
    assert len(studio.air.sent) == 3


async def test_one_that_was_counted_but_not_heard_of_is_not_made_again(studio: Studio) -> None:
    studio.air.success = None
    number = await studio.send(repetitions=1)
    await studio.reopen()
    await studio.wait(3600)
    assert len(studio.air.sent) == 1
    assert studio.state(number) is State.DELIVERED
    assert studio.known(number).areas[0].success == REACH_UNKNOWN


async def test_one_that_expired_meanwhile_ends_when_we_are_back(studio: Studio) -> None:
    number = await studio.send(expires_at=studio.clock.now() + 5 * MINUTE)
    await studio.reopen(after=3600)
    await studio.wait(0)
    assert (studio.state(number), len(studio.air.sent)) == (State.EXPIRED, 1)


async def test_what_ended_is_known_after_a_restart(studio: Studio) -> None:
    number = await studio.send(repetitions=1)
    before = studio.known(number)
    await studio.reopen()
    assert studio.known(number) == before
    assert before.areas[0].success == 80


async def test_ids_go_on_after_the_last_broadcast(studio: Studio) -> None:
    number = await studio.send()
    await studio.reopen()
    assert studio.ledger.number() > number


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(0, 900)),
        st.tuples(st.just("crash"), st.integers(0, 900)),
        st.tuples(st.just("submit"), st.integers(1, 3)),
        st.tuples(st.just("cancel"), st.integers(0, 3)),
        st.tuples(st.just("disk"), st.booleans()),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_whatever_happens_nothing_is_sent_more_often_than_asked_or_after_its_end(
    steps: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    async def happens() -> None:
        studio = Studio(tmp_path_factory.mktemp("studio") / "smsc.db")
        await studio.open()
        asked: dict[int, int] = {}
        for what, how in steps:
            if what == "wait":
                await studio.wait(how)
            elif what == "crash":
                await studio.reopen(after=how)
            elif what == "submit":
                asked[studio.submit(repetitions=how)] = how
            elif what == "cancel":
                live = sorted(studio.broadcasts.live("fleet"), key=lambda each: each.id)
                studio.broadcasts.cancel(live[how : how + 1], lambda: None)
            else:
                studio.store.fails_to_write = bool(how)
        studio.store.clear_up()
        for _ in range(9):
            await studio.wait(900)
        sent = [each.id for each in studio.air.sent]
        for number, most in asked.items():
            assert sent.count(number) <= most
            if number in studio.door.ids:
                found = studio.known(number)
                assert found.state.final
                if found.state is State.DELIVERED and "crash" not in dict(steps):
                    assert sent.count(number) == most
        await studio.close()

    asyncio.run(happens())
