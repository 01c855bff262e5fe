"""What a day or a month has room for, in whose calendar, and what is to be written."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_routing.calendar_quota import (
    Allowance,
    Increment,
    Key,
    Quota,
    Span,
    Weighed,
    keys,
    weigh,
)
from smsc_routing.local_time import UNIVERSAL, LocalTime
from tests.routing.zones import BERLIN, ZONES, milliseconds

EVENING = milliseconds("2026-11-20T22:30")
MIDNIGHT_IN_BERLIN = milliseconds("2026-11-20T23:00")
TWO_A_DAY = Allowance("t:491700000001", (Quota(2, Span.DAY),), LocalTime(BERLIN))
TODAY = Key("t:491700000001", "2026-11-20")


def nothing_yet(key: Key) -> int:
    return 0


def test_a_message_adds_to_the_count_of_the_local_day() -> None:
    assert weigh([TWO_A_DAY], nothing_yet, 1, EVENING) == Weighed(
        (Increment(TODAY, 1, MIDNIGHT_IN_BERLIN),)
    )


def test_the_last_message_of_a_quota_passes_and_the_next_comes_again_at_midnight() -> None:
    assert not weigh([TWO_A_DAY], {TODAY: 1}.__getitem__, 1, EVENING).refused_by
    refusal = weigh([TWO_A_DAY], {TODAY: 2}.__getitem__, 1, EVENING)
    assert refusal == Weighed((), Quota(2, Span.DAY), "t:491700000001", 30 * 60_000)


def test_after_midnight_another_day_is_counted() -> None:
    counts = {TODAY: 2, Key("t:491700000001", "2026-11-21"): 0}
    assert not weigh([TWO_A_DAY], counts.__getitem__, 1, MIDNIGHT_IN_BERLIN).refused_by


def test_a_month_is_counted_from_its_first_to_its_last_day() -> None:
    monthly = Allowance("a:fleet", (Quota(5000, Span.MONTH),), LocalTime(BERLIN))
    assert weigh([monthly], nothing_yet, 3, EVENING).increments == (
        Increment(Key("a:fleet", "2026-11"), 3, milliseconds("2026-11-30T23:00")),
    )


def test_all_quotas_must_agree_and_each_is_counted() -> None:
    both = Allowance("a:fleet", (Quota(2, Span.DAY), Quota(3, Span.MONTH)), UNIVERSAL)
    assert [i.key.window for i in weigh([both], nothing_yet, 1, EVENING).increments] == [
        "2026-11-20",
        "2026-11",
    ]
    used_up = {Key("a:fleet", "2026-11-20"): 0, Key("a:fleet", "2026-11"): 3}
    assert weigh([both], used_up.__getitem__, 1, EVENING).refused_by == Quota(3, Span.MONTH)


def test_of_several_that_refuse_the_one_that_refuses_longest_is_told() -> None:
    both = Allowance("a:fleet", (Quota(1, Span.MONTH), Quota(1, Span.DAY)), UNIVERSAL)
    refusal = weigh([TWO_A_DAY, both], lambda key: 2, 1, EVENING)
    assert (refusal.subject, refusal.refused_by) == ("a:fleet", Quota(1, Span.MONTH))


def test_the_smallest_of_several_quotas_for_one_day_counts_once() -> None:
    several = (Quota(5, Span.DAY), Quota(2, Span.DAY), Quota(9, Span.DAY))
    allowance = TWO_A_DAY._replace(quotas=several)
    assert len(weigh([allowance], {TODAY: 1}.__getitem__, 1, EVENING).increments) == 1
    assert weigh([allowance], {TODAY: 2}.__getitem__, 1, EVENING).refused_by == several[1]


def test_what_is_more_than_the_whole_quota_need_not_come_again() -> None:
    assert weigh([TWO_A_DAY], nothing_yet, 2, EVENING).increments
    refusal = weigh([TWO_A_DAY], nothing_yet, 3, EVENING)
    assert refusal.refused_by == Quota(2, Span.DAY)
    assert refusal.retry_after_ms == 0


def test_where_no_quota_is_nothing_is_counted() -> None:
    assert weigh([], nothing_yet, 1, EVENING) == Weighed()
    assert weigh([TWO_A_DAY._replace(quotas=())], nothing_yet, 1, EVENING) == Weighed()


def test_only_the_counts_that_are_named_are_looked_at() -> None:
    monthly = Allowance("a:fleet", (Quota(9, Span.MONTH), Quota(9, Span.DAY)), UNIVERSAL)
    looked_at: list[Key] = []

    def count(key: Key) -> int:
        looked_at.append(key)
        return 0

    weigh([TWO_A_DAY, monthly], count, 1, EVENING)
    assert keys([TWO_A_DAY, monthly], EVENING) == looked_at
    assert len(looked_at) == 3


@pytest.mark.parametrize("count", [0, -1])
def test_a_quota_that_lets_nothing_through_is_none(count: int) -> None:
    with pytest.raises(ValueError, match=f"quota {count}/day lets nothing through"):
        Quota(count, Span.DAY)


QUOTAS = st.builds(Quota, st.integers(1, 4), st.sampled_from(Span))
START = milliseconds("2026-10-24T12:00")


@given(
    st.sampled_from(ZONES),
    st.lists(QUOTAS, min_size=1, max_size=3).map(tuple),
    st.lists(st.tuples(st.integers(0, 600), st.integers(1, 3)), max_size=60),
)
def test_no_day_or_month_sees_more_than_its_quota_and_none_is_refused_that_fits(
    zone: object, quotas: tuple[Quota, ...], messages: list[tuple[int, int]]
) -> None:
    local = LocalTime(zone)  # type: ignore[arg-type]
    allowance, spent, now = Allowance("a:fleet", quotas, local), Counter[Key](), START
    passed: list[tuple[str, int]] = []
    for minutes, cost in messages:
        now += minutes * 60_000
        day, month = local.at(now).day, local.at(now).month
        used = {
            Span.DAY: sum(c for d, c in passed if d == day),
            Span.MONTH: sum(c for d, c in passed if d.startswith(month)),
        }
        weighed = weigh([allowance], spent.__getitem__, cost, now)
        assert (not weighed.refused_by) is all(
            used[quota.span] + cost <= quota.count for quota in quotas
        )
        if not weighed.refused_by:
            spent.update({key: cost for key, cost, _ in weighed.increments})
            passed.append((day, cost))
