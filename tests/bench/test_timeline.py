"""The timeline: nothing gets lost, and it never grows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.timeline import FIRST_SECONDS, SPANS, OverTime, Timeline

EVENTS = st.lists(
    st.tuples(st.floats(min_value=0.0, max_value=1e6), st.integers(min_value=0, max_value=1000))
)


def test_what_happens_is_counted_in_the_span_of_its_time() -> None:
    timeline = Timeline()
    timeline.start = 100.0
    for seconds, count in ((0.0, 1), (0.15, 2), (0.19, 3), (0.45, 4)):
        timeline.record(count, 100.0 + seconds)
    over_time = timeline.over_time()
    assert over_time.seconds == FIRST_SECONDS
    assert over_time.counts == [1, 5, 0, 0, 4]


def test_the_last_span_which_is_not_over_has_no_rate() -> None:
    timeline = Timeline()
    for seconds in (0.05, 0.15, 0.25):
        timeline.record(10, seconds)
    assert timeline.over_time().rates() == pytest.approx([100.0, 100.0])


def test_a_run_longer_than_there_are_spans_has_longer_spans() -> None:
    timeline = Timeline()
    for number in range(SPANS):
        timeline.record(1, (number + 0.5) * FIRST_SECONDS)
    timeline.record(1, SPANS * FIRST_SECONDS)
    over_time = timeline.over_time()
    assert over_time.seconds == 2 * FIRST_SECONDS
    assert over_time.counts == [2] * (SPANS // 2) + [1]


@given(EVENTS)
def test_however_long_a_run_is_all_is_counted_in_bounded_memory(
    events: list[tuple[float, int]],
) -> None:
    timeline = Timeline()
    for seconds, count in events:
        timeline.record(count, seconds)
    over_time = timeline.over_time()
    assert sum(over_time.counts) == sum(count for _, count in events)
    assert len(over_time.counts) <= SPANS


def test_few_spans_are_made_of_many_for_drawing() -> None:
    assert OverTime(0.1, [1, 2, 3, 4, 5]).coarser(3) == OverTime(0.2, [3, 7, 5])
    assert OverTime(0.1, [1, 2, 3]).coarser(3) == OverTime(0.1, [1, 2, 3])
    assert OverTime(0.1, []).coarser(3) == OverTime(0.1, [])


def test_what_nothing_was_counted_in_is_empty() -> None:
    assert Timeline().over_time().counts == []
