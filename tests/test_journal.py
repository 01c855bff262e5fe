"""The tallies: how observations fall into buckets, and that all start at nought."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.journal import MESSAGES, SECONDS, WAITS, Histogram, Journal


def test_an_observation_falls_into_the_first_bucket_that_holds_it() -> None:
    histogram = Histogram((1.0, 5.0))
    for value in (0.5, 1.0, 1.1, 5.0, 5.1):
        histogram.observe(value)
    assert histogram.counts == [2, 2, 1]


def test_the_total_is_the_sum_of_all_observations() -> None:
    histogram = Histogram((1.0,))
    histogram.observe(0.25)
    histogram.observe(2.0)
    assert histogram.total == 2.25


def test_the_same_value_can_be_counted_several_times_over() -> None:
    histogram = Histogram((1.0,))
    histogram.observe(0.5, times=4)
    assert histogram.counts == [4, 0]
    assert histogram.total == 2.0


@given(st.lists(st.floats(0, 10_000)))
def test_every_observation_is_in_exactly_one_bucket(values: list[float]) -> None:
    histogram = Histogram(SECONDS)
    for value in values:
        histogram.observe(value)
    assert sum(histogram.counts) == len(values)


@pytest.mark.parametrize("bounds", [SECONDS, MESSAGES, WAITS])
def test_bounds_ascend(bounds: tuple[float, ...]) -> None:
    assert list(bounds) == sorted(set(bounds))


def test_a_journal_starts_with_everything_at_nought() -> None:
    journal = Journal()
    assert not (journal.submits or journal.deliveries or journal.finals)
    assert not (journal.refused_binds or journal.redeliveries or journal.store_failures)
    for histogram in (journal.batch_size, journal.write_seconds, journal.delivery_seconds):
        assert sum(histogram.counts) == 0


def test_journals_do_not_share_their_tallies() -> None:
    one, other = Journal(), Journal()
    one.finals[2] += 1
    one.batch_size.observe(1)
    assert other.finals == {}
    assert sum(other.batch_size.counts) == 0
