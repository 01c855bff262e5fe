"""Times as SMPP writes them, to and from milliseconds since 1970 in UTC.

Three forms: absolute `YYMMDDhhmmsstnnp` with its offset from UTC in quarter hours, relative
`YYMMDDhhmmss000R` (both 3.4 clause 7.1.1, 5.0 clauses 4.7.23.4 and 4.7.23.5), and the
`YYMMDDhhmm` of a delivery receipt (3.4 Appendix B), to which some add seconds. The
century is always the 21st.

A relative time counts on the calendar: years and months first, where a day that the month hasn't
got becomes its last (31 January and a month is 28 February), then days, hours, minutes and
seconds. Each part may be anything of two digits; real clients write 48 hours.
"""

from datetime import datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1)
_MILLISECOND = timedelta(milliseconds=1)
_MOST_QUARTERS = 48


def parse(text: str, now_ms: int) -> int:
    """Read an absolute or relative time (3.4 clause 7.1.1, 5.0 clause 4.7.23)."""
    digits, sign = text[:-1], text[-1:]
    if len(text) != 16 or not (digits.isascii() and digits.isdigit()) or sign not in "+-R":
        raise ValueError(f"{text!r} is no time: not YYMMDDhhmmsstnn and one of + - R")
    parts = [int(digits[at : at + 2]) for at in range(0, 12, 2)]
    if sign == "R":
        return after(now_ms, *parts)
    tenths, quarters = int(digits[12]), int(digits[13:])
    if quarters > _MOST_QUARTERS:
        raise ValueError(f"{text!r} is no time: {quarters} quarter hours are more than 48")
    offset = timedelta(minutes=15 * quarters)
    local = _moment(text, *parts) + timedelta(milliseconds=100 * tenths)
    return _milliseconds(local - offset if sign == "+" else local + offset)


def after(
    now_ms: int,
    years: int = 0,
    months: int = 0,
    days: int = 0,
    hours: int = 0,
    minutes: int = 0,
    seconds: int = 0,
) -> int:
    """Add a span to a time, on the calendar; OverflowError or ValueError if it ends nowhere."""
    now = _EPOCH + timedelta(milliseconds=now_ms)
    beginning = _month_after(now, 12 * years + months)
    last = (_month_after(beginning, 1) - timedelta(days=1)).day
    landed = now.replace(year=beginning.year, month=beginning.month, day=min(now.day, last))
    return _milliseconds(
        landed + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    )


def format_absolute(ms: int) -> str:
    """Write an absolute time in UTC (3.4 clause 7.1.1.1, 5.0 clause 4.7.23.4)."""
    moment = _EPOCH + timedelta(milliseconds=ms)
    return f"{moment:%y%m%d%H%M%S}{moment.microsecond // 100_000}00+"


def format_receipt_date(ms: int) -> str:
    """Write a receipt's submit date or done date, in UTC (3.4 Appendix B)."""
    return _minute(ms // 60_000)


def format_receipt_date_with_seconds(ms: int) -> str:
    """Write a receipt's date as some SMSCs do: YYMMDDhhmmss, in UTC."""
    return f"{_minute(ms // 60_000)}{ms // 1000 % 60:02d}"


def parse_receipt_date(text: str) -> int:
    """Read a receipt's submit date or done date; some SMSCs add seconds (3.4 Appendix B)."""
    if len(text) not in (10, 12) or not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text!r} is no date: not YYMMDDhhmm")
    digits = text.ljust(12, "0")
    parts = [int(digits[at : at + 2]) for at in range(0, 12, 2)]
    return _milliseconds(_moment(text, *parts))


# Most receipts are of this minute; the rest are of the minutes of a backlog.
@lru_cache(maxsize=1024)
def _minute(minutes: int) -> str:
    return f"{_EPOCH + timedelta(minutes=minutes):%y%m%d%H%M}"


def _moment(
    text: str, year: int, month: int, day: int, hour: int, minute: int, second: int
) -> datetime:
    try:
        return datetime(2000 + year, month, day, hour, minute, second)
    except ValueError as error:
        raise ValueError(f"{text!r} is no time: {error}") from None


def _month_after(moment: datetime, months: int) -> datetime:
    years, month = divmod(moment.month - 1 + months, 12)
    return datetime(moment.year + years, month + 1, 1)


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND
