"""The clocks: one that the machine moves, and one that a test does."""

import asyncio
import time
from functools import partial

from smsc.clock import Clock, SimulatedClock, SystemClock


def test_the_system_clock_tells_the_time_of_the_wall_in_milliseconds() -> None:
    before = time.time_ns() // 1_000_000
    now = SystemClock().now()
    assert before <= now <= time.time_ns() // 1_000_000


def test_the_system_clock_never_runs_backwards() -> None:
    clock: Clock = SystemClock()
    first = clock.monotonic()
    assert first <= clock.monotonic()


async def test_the_system_clock_calls_back() -> None:
    called = asyncio.Event()
    SystemClock().call_later(0.001, called.set)
    await asyncio.wait_for(called.wait(), 5)


async def test_what_lies_in_the_past_is_called_at_once_by_the_system_clock() -> None:
    called = asyncio.Event()
    SystemClock().call_later(-10, called.set)
    await asyncio.wait_for(called.wait(), 5)


async def test_a_call_of_the_system_clock_can_be_taken_back() -> None:
    calls: list[str] = []
    later = asyncio.Event()
    clock = SystemClock()
    clock.call_later(0, lambda: calls.append("taken back")).cancel()
    clock.call_later(0, later.set)
    await asyncio.wait_for(later.wait(), 5)
    assert calls == []


def test_the_simulated_clock_stands_still() -> None:
    clock = SimulatedClock(now=1000)
    assert (clock.now(), clock.now()) == (1000, 1000)
    assert clock.monotonic() == 0


def test_both_hands_of_the_simulated_clock_advance() -> None:
    clock = SimulatedClock(now=1000)
    clock.advance(2.5)
    assert clock.now() == 3500
    assert clock.monotonic() == 2.5


def test_calls_are_made_when_their_time_comes_and_not_before() -> None:
    clock, calls = SimulatedClock(), list[str]()
    clock.call_later(10, lambda: calls.append("ten"))
    clock.advance(9.999)
    assert calls == []
    clock.advance(0.001)
    assert calls == ["ten"]


def test_a_call_is_made_once() -> None:
    clock, calls = SimulatedClock(), list[str]()
    clock.call_later(1, lambda: calls.append("once"))
    clock.advance(5)
    clock.advance(5)
    assert calls == ["once"]


def test_calls_are_made_in_the_order_of_their_times_then_of_their_asking() -> None:
    clock, calls = SimulatedClock(), list[str]()
    for seconds, name in [(2, "c"), (1, "a"), (2, "d"), (1, "b")]:
        clock.call_later(seconds, partial(calls.append, name))
    clock.advance(2)
    assert calls == ["a", "b", "c", "d"]


def test_a_call_sees_the_time_it_was_asked_for() -> None:
    clock, seen = SimulatedClock(now=0), list[int]()
    clock.call_later(3, lambda: seen.append(clock.now()))
    clock.call_later(7, lambda: seen.append(clock.now()))
    clock.advance(10)
    assert seen == [3000, 7000]
    assert clock.now() == 10_000


def test_a_call_may_ask_for_another_within_the_same_advance() -> None:
    clock, seen = SimulatedClock(now=0), list[int]()

    def tick() -> None:
        seen.append(clock.now())
        clock.call_later(1, tick)

    clock.call_later(1, tick)
    clock.advance(3.5)
    assert seen == [1000, 2000, 3000]


def test_a_call_that_was_taken_back_is_not_made() -> None:
    clock, calls = SimulatedClock(), list[str]()
    timer = clock.call_later(1, lambda: calls.append("taken back"))
    timer.cancel()
    clock.advance(2)
    assert calls == []


def test_taking_back_a_call_that_was_made_has_no_effect() -> None:
    clock, calls = SimulatedClock(), list[str]()
    timer = clock.call_later(1, lambda: calls.append("made"))
    clock.advance(1)
    timer.cancel()
    assert calls == ["made"]


def test_what_lies_in_the_past_is_called_at_the_next_advance() -> None:
    clock, calls = SimulatedClock(), list[str]()
    clock.call_later(-5, lambda: calls.append("late"))
    clock.advance(0)
    assert calls == ["late"]
