"""Which minutes of the week the words for hours mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_routing.hours import DAYS, WEEK_MINUTES, parse_hours

WEEK = range(WEEK_MINUTES)


def minute(day: str, time: str) -> int:
    hour, minutes = time.split(":")
    return DAYS.index(day) * 1440 + int(hour) * 60 + int(minutes)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("08:00-18:00", ["mon 08:00", "sun 17:59"], ["mon 07:59", "mon 18:00", "sun 18:00"]),
        ("22:00-06:00", ["mon 22:00", "tue 05:59", "mon 00:00", "sun 23:59"], ["mon 06:00"]),
        ("sat-sun", ["sat 00:00", "sun 23:59"], ["fri 23:59", "mon 00:00"]),
        ("sun", ["sun 00:00", "sun 23:59"], ["sat 23:59", "mon 00:00"]),
        ("sat-mon 12:00-13:00", ["sat 12:00", "sun 12:59", "mon 12:00"], ["tue 12:00"]),
        ("fri 22:00-06:00", ["fri 22:00", "sat 05:59"], ["fri 05:59", "sat 22:00"]),
        ("sun 22:00-06:00", ["sun 22:00", "mon 05:59"], ["mon 06:00", "mon 22:00"]),
        ("mon 00:00-24:00", ["mon 00:00", "mon 23:59"], ["tue 00:00"]),
        ("mon-fri 08:00-18:00, sat 09:00-12:00", ["fri 17:59", "sat 11:59"], ["sat 12:00"]),
        ("mon 08:00-12:00,mon 10:00-14:00", ["mon 11:00", "mon 13:59"], ["mon 14:00"]),
    ],
)
def test_hours_are_days_times_or_both(text: str, inside: list[str], outside: list[str]) -> None:
    hours = parse_hours(text)
    assert all(hours.cover(minute(*when.split())) for when in inside)
    assert not any(hours.cover(minute(*when.split())) for when in outside)
    assert hours.text == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "neither days nor times"),
        ("mon-fri,", "neither days nor times"),
        ("mon 8 to 9", "neither days nor times"),
        ("monday", "'monday' is no day"),
        ("mon- 08:00-09:00", "'' is no day"),
        ("mon-fri-sat", "'fri-sat' is no day"),
        ("mon tue", "'tue' is no stretch of time"),
        ("8:00-18:00", "'8:00' is no time of day"),
        ("08:00", "'' is no time of day"),
        ("08:60-09:00", "'08:60' is no time of day"),
        ("08:00-24:01", "'24:01' is no time of day"),
        ("08:00-1\u0661:00", "is no time of day"),
        ("24:00-06:00", "begins where the day ends"),
        ("08:00-08:00", "a whole day is 00:00-24:00"),
    ],
)
def test_other_words_are_refused_with_the_reason_and_the_cure(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match="write days, times or both, like 22:00-06:00") as refusal:
        parse_hours(text)
    assert str(refusal.value).startswith(f"hours {text!r}: ")
    assert reason in str(refusal.value)


def test_the_end_of_hours_that_run_past_midnight_is_that_of_the_morning() -> None:
    hours = parse_hours("22:00-06:00")
    assert hours.minutes_left(minute("mon", "22:00")) == 8 * 60
    assert hours.minutes_left(minute("sun", "23:00")) == 7 * 60


def test_hours_that_never_end_have_no_minutes_left() -> None:
    assert parse_hours("mon-sun").minutes_left(17) == 0


TIMES = st.integers(0, 1439).map(lambda minutes: f"{minutes // 60:02}:{minutes % 60:02}")
PARTS = st.tuples(st.sampled_from(DAYS), TIMES, TIMES).filter(lambda part: part[1] != part[2])


@given(st.lists(PARTS, min_size=1, max_size=4), st.data())
def test_hours_cover_what_their_parts_cover_and_end_where_they_end(
    parts: list[tuple[str, str, str]], data: st.DataObject
) -> None:
    covered = set()
    for day, begin, end in parts:
        first, last = minute(day, begin), minute(day, end)
        covered |= {m % WEEK_MINUTES for m in range(first, last + 1440 * (last <= first))}
    hours = parse_hours(", ".join(f"{day} {begin}-{end}" for day, begin, end in parts))
    for edge in {0, *hours.edges}:
        for m in {(edge - 1) % WEEK_MINUTES, edge % WEEK_MINUTES}:
            assert hours.cover(m) is (m in covered)
    here = data.draw(st.sampled_from(sorted(covered)))
    left = hours.minutes_left(here)
    ahead = (m for m in range(1, WEEK_MINUTES) if (here + m) % WEEK_MINUTES not in covered)
    assert left == next(ahead, 0)
