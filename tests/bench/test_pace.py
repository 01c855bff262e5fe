"""The supply under a simulated clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.pace import Supply


def test_without_a_rate_everything_is_due_at_once() -> None:
    supply = Supply(count=10)
    assert supply.take(7, now=1.0) == [(1.0, 7)]
    assert supply.take(7, now=2.0) == [(2.0, 3)]
    assert supply.take(7, now=3.0) == []
    assert supply.exhausted


def test_without_a_count_the_supply_lasts_until_it_is_stopped() -> None:
    supply = Supply(count=None)
    assert supply.take(1_000_000, now=0.0) == [(0.0, 1_000_000)]
    assert not supply.exhausted
    supply.stop()
    assert supply.exhausted
    assert supply.take(1, now=0.0) == []


def test_nothing_is_due_before_the_clock_starts() -> None:
    supply = Supply(count=10, rate=1000)
    assert supply.take(10, now=0.0) == []
    assert not supply.exhausted


@given(
    rate=st.integers(min_value=1, max_value=1_000_000),
    steps=st.lists(st.floats(min_value=0.0, max_value=0.1), max_size=50),
)
def test_by_any_moment_no_more_is_due_than_the_rate_allows_and_at_most_one_less(
    rate: int, steps: list[float]
) -> None:
    supply = Supply(count=None, rate=rate)
    supply.release(0.0)
    now, taken = 0.0, 0
    for step in steps:
        now += step
        supply.release(now)
        taken += sum(size for _, size in supply.take(10**9, now))
        assert rate * now - 1 < taken <= rate * now


def test_a_late_tick_makes_up_for_what_it_missed() -> None:
    supply = Supply(count=None, rate=1000)
    supply.release(10.0)
    supply.release(10.5)
    assert supply.backlog == 500


def test_what_a_full_window_leaves_keeps_the_moment_it_fell_due() -> None:
    supply = Supply(count=None, rate=1000)
    supply.release(0.0)
    supply.release(0.25)
    supply.release(0.5)
    assert supply.take(300, now=9.0) == [(0.25, 250), (0.5, 50)]
    assert supply.take(300, now=9.0) == [(0.5, 200)]


def test_a_paced_supply_ends_with_its_count() -> None:
    supply = Supply(count=5, rate=1000)
    supply.release(0.0)
    supply.release(60.0)
    assert not supply.exhausted
    assert sum(size for _, size in supply.take(10, now=60.0)) == 5
    assert supply.exhausted


@pytest.mark.parametrize("room", [0, -1])
def test_no_room_takes_nothing(room: int) -> None:
    supply = Supply(count=5)
    assert supply.take(room, now=0.0) == []
    assert supply.take(5, now=0.0) == [(0.0, 5)]
