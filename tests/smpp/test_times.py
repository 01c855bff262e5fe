"""SMPP's three ways to write a time."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.smpp import times

TENTH = 100
SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def ms(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()) * SECOND


NOW = ms(2026, 1, 31, 12)
CENTURY = st.integers(ms(2000, 1, 1), ms(2100, 1, 1) - 1)


def test_an_absolute_time_in_utc() -> None:
    assert times.parse("180124123959700+", NOW) == ms(2018, 1, 24, 12, 39, 59) + 7 * TENTH


def test_a_local_time_ahead_of_utc() -> None:
    assert times.parse("180124123900004+", NOW) == ms(2018, 1, 24, 11, 39)


def test_a_local_time_behind_utc() -> None:
    assert times.parse("180124233900020-", NOW) == ms(2018, 1, 25, 4, 39)


def test_the_offset_counts_quarter_hours() -> None:
    assert times.parse("180124120000023+", NOW) == ms(2018, 1, 24, 6, 15)


def test_a_relative_time_of_every_unit() -> None:
    """The example of 5.0 clause 4.7.23.5."""
    landed = times.parse("020610233429000R", ms(2026, 1, 15))
    assert landed == ms(2028, 7, 25, 23, 34, 29)


@pytest.mark.parametrize(
    ("text", "later"),
    [
        ("000000000000000R", 0),
        ("000000000001000R", SECOND),
        ("000000000100000R", MINUTE),
        ("000000010000000R", HOUR),
        ("000001000000000R", DAY),
        ("000000480000000R", 2 * DAY),
        ("000000009900000R", 99 * MINUTE),
    ],
)
def test_a_relative_time_is_counted_from_now(text: str, later: int) -> None:
    assert times.parse(text, NOW) == NOW + later


def test_tenths_and_quarter_hours_of_a_relative_time_are_ignored() -> None:
    assert times.parse("000000010000999R", NOW) == NOW + HOUR


def test_a_month_after_the_31st_ends_with_its_month() -> None:
    assert times.parse("000100000000000R", ms(2026, 1, 31, 12)) == ms(2026, 2, 28, 12)
    assert times.parse("000100000000000R", ms(2028, 1, 31, 12)) == ms(2028, 2, 29, 12)


def test_a_year_after_the_leap_day_is_the_28th() -> None:
    assert times.parse("010000000000000R", ms(2028, 2, 29)) == ms(2029, 2, 28)


def test_months_run_over_into_years() -> None:
    assert times.parse("001400000000000R", ms(2026, 11, 5)) == ms(2028, 1, 5)


def test_a_relative_time_keeps_the_milliseconds_of_now() -> None:
    assert times.parse("000001000000000R", NOW + 123) == NOW + DAY + 123


@pytest.mark.parametrize(
    "text",
    [
        "",
        "R",
        "18012412390000+",
        "1801241239000000+",
        "180124123900000Z",
        "180124123900000",
        "1801x4123900000+",
        "18012412390000²+",
        "180024123900000+",
        "181324123900000+",
        "180230123900000+",
        "180124243900000+",
        "180124126000000+",
        "180124123960000+",
        "180124123900049+",
    ],
)
def test_what_is_no_time_is_refused_and_shown(text: str) -> None:
    with pytest.raises(ValueError, match="is no time") as caught:
        times.parse(text, NOW)
    assert repr(text) in str(caught.value)


@given(st.text(st.sampled_from("0123456789+-R²x"), max_size=17), CENTURY)
def test_nothing_but_a_value_error_escapes(text: str, now_ms: int) -> None:
    try:
        assert isinstance(times.parse(text, now_ms), int)
    except ValueError as error:
        assert "is no time" in str(error)


@given(st.text(st.sampled_from("0123456789"), min_size=15, max_size=15), CENTURY)
def test_every_relative_time_is_a_time_and_none_is_past(digits: str, now_ms: int) -> None:
    assert times.parse(f"{digits}R", now_ms) >= now_ms


def test_an_absolute_time_is_written_in_utc_with_tenths() -> None:
    assert times.format_absolute(ms(2018, 1, 24, 12, 39, 59) + 789) == "180124123959700+"


@given(CENTURY)
def test_a_written_time_is_read_to_the_tenth(moment: int) -> None:
    assert times.parse(times.format_absolute(moment), NOW) == moment // TENTH * TENTH


def test_a_receipt_date_ends_with_the_minute() -> None:
    assert times.format_receipt_date(ms(2018, 1, 24, 12, 39, 59)) == "1801241239"


def test_a_receipt_date_may_have_seconds() -> None:
    assert times.parse_receipt_date("180124123959") == ms(2018, 1, 24, 12, 39, 59)


@given(CENTURY)
def test_a_receipt_date_is_read_to_the_minute(moment: int) -> None:
    read = times.parse_receipt_date(times.format_receipt_date(moment))
    assert read == moment // MINUTE * MINUTE


@pytest.mark.parametrize("text", ["", "180124123", "18012412395", "1801241299", "18-1241239"])
def test_what_is_no_receipt_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        times.parse_receipt_date(text)
