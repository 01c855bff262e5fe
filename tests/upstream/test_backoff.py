"""How long a link waits before it is called again."""

import asyncio

from aiosmpplib.retrytimer import AbstractRetryTimer

from smsc.clock import SimulatedClock
from smsc.upstream.backoff import Backoff
from smsc.upstream.line import Terms

TERMS = Terms(
    name="far",
    host="127.0.0.1",
    port=1,
    system_id="near",
    reconnect_seconds=1,
    longest_reconnect_seconds=10,
)


async def waited(backoff: Backoff, clock: SimulatedClock) -> float:
    """Return how long it waits."""
    start = clock.monotonic()
    waiting = asyncio.get_running_loop().create_task(backoff.wait())
    while not waiting.done():
        await asyncio.sleep(0)
        clock.advance(0.25)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    return clock.monotonic() - start


async def test_each_failure_doubles_the_wait_up_to_the_longest() -> None:
    clock = SimulatedClock()
    backoff = Backoff(TERMS, clock, lambda: 1.0)
    assert [await waited(backoff, clock) for _ in range(6)] == [1, 2, 4, 8, 10, 10]


async def test_chance_takes_away_up_to_half() -> None:
    clock = SimulatedClock()
    chances = iter([0.0, 0.5, 1.0])
    backoff = Backoff(TERMS, clock, lambda: next(chances))
    assert [await waited(backoff, clock) for _ in range(3)] == [0.5, 1.5, 4]


async def test_a_link_that_stood_for_a_while_begins_anew() -> None:
    clock = SimulatedClock()
    backoff = Backoff(TERMS, clock, lambda: 1.0)
    assert [await waited(backoff, clock) for _ in range(3)] == [1, 2, 4]
    backoff.reset()
    clock.advance(10)
    assert await waited(backoff, clock) == 1


async def test_a_link_that_is_dropped_as_soon_as_it_is_bound_does_not() -> None:
    clock = SimulatedClock()
    backoff = Backoff(TERMS, clock, lambda: 1.0)
    assert [await waited(backoff, clock) for _ in range(3)] == [1, 2, 4]
    backoff.reset()
    clock.advance(1)
    assert await waited(backoff, clock) == 8


def test_it_is_a_retry_timer_of_aiosmpplib() -> None:
    assert issubclass(Backoff, AbstractRetryTimer)
