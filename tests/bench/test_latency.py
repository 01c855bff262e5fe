"""The histogram against exact arithmetic."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.latency import STEP, Histogram

LATENCIES = st.lists(st.floats(min_value=1e-6, max_value=100.0), min_size=1, max_size=200)


def histogram_of(latencies: list[float]) -> Histogram:
    histogram = Histogram()
    for latency in latencies:
        histogram.record(latency)
    return histogram


@given(LATENCIES, st.floats(min_value=0.1, max_value=100.0))
def test_a_percentile_is_the_nearest_rank_within_half_a_percent(
    latencies: list[float], percent: float
) -> None:
    rank = max(1, math.ceil(round(len(latencies) * percent / 100, 6)))
    exact = sorted(latencies)[rank - 1]
    assert histogram_of(latencies).percentile(percent) == pytest.approx(exact, rel=0.005, abs=1e-7)


@given(LATENCIES)
def test_maximum_and_mean_are_exact_to_the_digits_shown(latencies: list[float]) -> None:
    summary = histogram_of(latencies).summary()
    assert summary["max"] == round(max(latencies) * 1000, 4)
    assert summary["mean"] == pytest.approx(sum(latencies) / len(latencies) * 1000, abs=1e-4)


def test_a_thousand_even_steps_have_the_percentiles_one_expects() -> None:
    summary = histogram_of([step / 1000 for step in range(1, 1001)]).summary()
    expected = {"p50": 500, "p90": 900, "p95": 950, "p99": 990, "p99.9": 999}
    assert {name: summary[name] for name in expected} == pytest.approx(expected, rel=0.005)


def test_percentiles_never_exceed_the_maximum() -> None:
    summary = histogram_of([0.1234567] * 3).summary()
    assert summary["p99.9"] <= summary["max"]


@pytest.mark.parametrize("starts", [[5.0] * 4, [5.0, 5.0, 4.0, 3.0]])
def test_counting_many_at_once_is_counting_each(starts: list[float]) -> None:
    at_once = Histogram()
    at_once.record_since(starts, 6.0)
    assert at_once.count == 4
    assert at_once.summary() == histogram_of([6.0 - start for start in starts]).summary()


@given(LATENCIES)
def test_the_counts_to_draw_have_everything_once_in_steps_that_ascend(
    latencies: list[float],
) -> None:
    counts = histogram_of(latencies).counts()
    below = [end for end, _ in counts]
    assert sum(times for _, times in counts) == len(latencies)
    assert below == sorted(set(below))
    # Within half a percent, for so exact is what they are made of.
    assert below[-1] * 1.005 >= max(latencies) * 1000
    assert below[0] / STEP <= min(latencies) * 1000 * 1.005 + 1e-4


def test_nothing_counted_gives_zeros() -> None:
    assert set(Histogram().summary().values()) == {0.0}
