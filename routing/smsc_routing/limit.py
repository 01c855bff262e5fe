"""Limits as a configuration writes them: rates of the clock, and quotas of the calendar."""

from smsc_routing.calendar_quota import Quota, Span
from smsc_routing.quota import Rate, parse_rate

_SPANS = {span.value: span for span in Span}
_LARGEST = 999_999_999


def parse_limit(text: str) -> Rate | Quota:
    """Return the limit that "500/s", "10/min burst 20", "100/hour", "200/day" or "5000/month" says.

    A rate lets as many messages through at once as its count says, or its burst. A quota has none.
    Raises ValueError, with the text and the cure, for anything else.
    """
    limit, marked, burst = text.partition(" burst ")
    count, _, period = limit.partition("/")
    if period in _SPANS:
        if marked:
            raise ValueError(
                f"limit {text!r}: a {period} of the calendar has no burst; leave 'burst' out, or "
                "write a rate per s, min or hour"
            )
        return Quota(_count(count, text), _SPANS[period])
    try:
        rate = parse_rate(limit)
    except ValueError:
        raise _unclear(text) from None
    return Rate(rate.count, rate.period_ms, _count(burst, text)) if marked else rate


def _count(digits: str, text: str) -> int:
    plain = digits.isascii() and digits.isdigit() and len(digits) <= len(str(_LARGEST))
    if not plain or not int(digits):
        raise _unclear(text)
    return int(digits)


def _unclear(text: str) -> ValueError:
    return ValueError(
        f"limit {text!r} is not a count and a period: write it like 500/s, 10/min, "
        f"10/min burst 20, 100/hour, 200/day or 5000/month, with counts from 1 to {_LARGEST}"
    )
