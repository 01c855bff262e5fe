"""How rates and quotas are written in a configuration."""

import pytest

from smsc_routing.calendar_quota import Quota, Span
from smsc_routing.limit import parse_limit
from smsc_routing.quota import Rate


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("500/s", Rate(500, 1_000)),
        ("10/min", Rate(10, 60_000)),
        ("10/min burst 20", Rate(10, 60_000, 20)),
        ("100/hour burst 1", Rate(100, 3_600_000, 1)),
        ("200/day", Quota(200, Span.DAY)),
        ("5000/month", Quota(5000, Span.MONTH)),
        ("999999999/month", Quota(999_999_999, Span.MONTH)),
    ],
)
def test_seconds_to_hours_make_a_rate_days_and_months_a_quota(
    text: str, limit: Rate | Quota
) -> None:
    assert parse_limit(text) == limit
    assert str(limit) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "10", "/day", "0/day", "-1/month", "10/year", "10 /day", "1_0/day", "\u0661/day"),
        *("1000000000/day", "9" * 5000 + "/month", "10/min burst", "10/min burst 0"),
        *("10/min burst x", "10/min burst 20 burst 30", "10/min  burst 20", "burst 20", "x/s"),
    ],
)
def test_anything_else_is_refused_with_its_text_and_the_cure(text: str) -> None:
    with pytest.raises(ValueError, match=r"write it like 500/s, .* 10/min burst 20, .* 5000/month"):
        parse_limit(text)


@pytest.mark.parametrize("text", ["200/day burst 300", "5000/month burst 1"])
def test_a_quota_has_no_burst(text: str) -> None:
    with pytest.raises(ValueError, match=r"of the calendar has no burst; leave 'burst' out"):
        parse_limit(text)
