"""What day it is where a policy lives, when that day ends, and what clocks do in spring."""

from datetime import datetime, timedelta, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_routing.local_time import UNIVERSAL, LocalTime
from tests.routing.zones import (
    APIA,
    BERLIN,
    HAVANA,
    KOLKATA,
    SAO_PAULO,
    ST_JOHNS,
    ZONES,
    milliseconds,
)


@pytest.mark.parametrize(
    ("zone", "now", "day", "day_ends"),
    [
        (KOLKATA, "2026-11-20T18:29", "2026-11-20", "2026-11-20T18:30"),
        (KOLKATA, "2026-11-20T18:30", "2026-11-21", "2026-11-21T18:30"),
        (BERLIN, "2026-03-29T00:30", "2026-03-29", "2026-03-29T22:00"),
        (BERLIN, "2026-10-25T00:30", "2026-10-25", "2026-10-25T23:00"),
        (SAO_PAULO, "2018-11-04T02:59", "2018-11-03", "2018-11-04T03:00"),
        (SAO_PAULO, "2018-11-04T03:00", "2018-11-04", "2018-11-05T02:00"),
        (SAO_PAULO, "2019-02-17T01:59", "2019-02-16", "2019-02-17T03:00"),
        (SAO_PAULO, "2019-02-17T02:00", "2019-02-16", "2019-02-17T03:00"),
        (HAVANA, "2026-11-01T03:59", "2026-10-31", "2026-11-01T04:00"),
        (HAVANA, "2026-11-01T04:00", "2026-11-01", "2026-11-02T05:00"),
        (HAVANA, "2026-11-01T05:00", "2026-11-01", "2026-11-02T05:00"),
        (ST_JOHNS, "2010-11-07T02:30", "2010-11-07", "2010-11-08T03:30"),
        (ST_JOHNS, "2010-11-07T02:31", "2010-11-06", "2010-11-07T03:30"),
        (APIA, "2011-12-30T09:59", "2011-12-29", "2011-12-30T10:00"),
        (APIA, "2011-12-30T10:00", "2011-12-31", "2011-12-31T10:00"),
    ],
)
def test_a_day_is_that_of_the_local_calendar(
    zone: tzinfo, now: str, day: str, day_ends: str
) -> None:
    moment = LocalTime(zone).at(milliseconds(now))
    assert (moment.day, moment.day_ends) == (day, milliseconds(day_ends))


@pytest.mark.parametrize(
    ("now", "month", "month_ends"),
    [
        ("2026-01-31T22:59", "2026-01", "2026-01-31T23:00"),
        ("2026-01-31T23:00", "2026-02", "2026-02-28T23:00"),
        ("2026-03-15T12:00", "2026-03", "2026-03-31T22:00"),
        ("2026-12-31T22:59", "2026-12", "2026-12-31T23:00"),
        ("2026-12-31T23:00", "2027-01", "2027-01-31T23:00"),
    ],
)
def test_a_month_is_that_of_the_local_calendar(now: str, month: str, month_ends: str) -> None:
    moment = LocalTime(BERLIN).at(milliseconds(now))
    assert (moment.month, moment.month_ends) == (month, milliseconds(month_ends))


def test_minutes_of_the_week_count_from_monday() -> None:
    assert UNIVERSAL.at(milliseconds("2026-11-16T00:00")).minute_of_week == 0
    assert UNIVERSAL.at(milliseconds("2026-11-22T23:59")).minute_of_week == 7 * 1440 - 1
    assert LocalTime(BERLIN).at(milliseconds("2026-11-15T23:00")).minute_of_week == 0


def test_later_goes_by_the_clock_on_the_wall() -> None:
    night = milliseconds("2026-03-28T23:00")
    assert LocalTime(BERLIN).later(night, 6 * 60) == milliseconds("2026-03-29T04:00")


def test_two_clocks_of_one_zone_are_equal() -> None:
    assert LocalTime(BERLIN) == LocalTime(BERLIN) != LocalTime(KOLKATA)
    assert len({LocalTime(BERLIN), LocalTime(BERLIN)}) == 1
    assert LocalTime(BERLIN) != "Berlin"
    assert repr(UNIVERSAL) == "LocalTime(UTC)"


LEAPS = ("2026-03-29T01:00", "2018-11-04T03:00", "2026-11-01T05:00", "2010-11-07T02:31")
NEAR_LEAPS = st.builds(
    lambda leap, minutes: milliseconds(leap) + minutes * 60_000,
    st.sampled_from((*LEAPS, "2011-12-30T10:00", "2019-02-17T02:00")),
    st.integers(-3 * 1440, 3 * 1440),
)


@given(st.sampled_from(ZONES), NEAR_LEAPS, st.integers(0, 59_999))
def test_another_day_begins_where_one_ends_whatever_the_clocks_do(
    zone: tzinfo, now: int, more: int
) -> None:
    local = LocalTime(zone)
    moment = local.at(now + more)
    assert moment.day == datetime.fromtimestamp(now // 1000, zone).date().isoformat()
    assert now + more < moment.day_ends <= moment.month_ends
    assert local.at(moment.day_ends).day > moment.day
    ends = datetime.fromtimestamp(moment.day_ends // 1000 - 60, zone)
    assert ends.date().isoformat() <= moment.day
    assert moment.day_ends - now <= timedelta(days=1, hours=1) // timedelta(milliseconds=1)


@given(st.sampled_from(ZONES), st.lists(NEAR_LEAPS, min_size=1))
def test_what_was_looked_up_before_changes_nothing(zone: tzinfo, times: list[int]) -> None:
    local = LocalTime(zone)
    for now in times:
        assert local.at(now) == LocalTime(zone).at(now)
