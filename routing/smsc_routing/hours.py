"""Hours of the week by the local clock, such as "mon-fri 08:00-18:00" or "22:00-06:00".

A minute of the week counts from Monday 00:00. Hours are kept as the minutes at which they begin
and end, in turn, so that a minute is inside if an odd number of these has passed.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

DAY_MINUTES = 1_440
WEEK_MINUTES = 7 * DAY_MINUTES
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Hours(NamedTuple):
    """Some minutes of every week, and the words they were written in."""

    text: str
    edges: tuple[int, ...]

    def cover(self, minute_of_week: int) -> bool:
        """Whether a minute is one of them."""
        return bisect_right(self.edges, minute_of_week) & 1 == 1

    def minutes_left(self, minute_of_week: int) -> int:
        """Return how many minutes from a covered one until the first that isn't.

        0 if there is none, because they cover the whole week.
        """
        edges = self.edges
        if edges == (0, WEEK_MINUTES):
            return 0
        end = edges[bisect_right(edges, minute_of_week)]
        if end == WEEK_MINUTES and edges[0] == 0:
            end += edges[1]
        return end - minute_of_week


def parse_hours(text: str) -> Hours:
    """Return the hours that "mon-fri 08:00-18:00, sat 09:00-12:00" says.

    Each part is days, times, or both: without days it is every day, without times the whole day.
    Times that end before they begin run past midnight into the next day.

    Raises ValueError, with the text and the cure, for anything else.
    """
    try:
        return Hours(text, _edges(_stretches(text)))
    except ValueError as error:
        raise ValueError(
            f"hours {text!r}: {error}; write days, times or both, like 22:00-06:00, sat-sun, "
            "or mon-fri 08:00-18:00, with commas between"
        ) from None


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each stretch of time begins and ends; the end may be beyond the week."""
    for part in text.split(","):
        words = part.split()
        if not 1 <= len(words) <= 2:
            raise ValueError(f"{part.strip()!r} is neither days nor times")
        timed = ":" in words[-1]
        if not timed and len(words) == 2:
            raise ValueError(f"{words[1]!r} is no stretch of time")
        begin, end = _times(words[-1]) if timed else (0, DAY_MINUTES)
        days = range(7) if timed and len(words) == 1 else _days(words[0])
        for day in days:
            yield day * DAY_MINUTES + begin, day * DAY_MINUTES + end


def _days(word: str) -> Iterator[int]:
    first, dash, last = word.partition("-")
    day = _day(first)
    yield day
    while dash and day != _day(last):
        day = (day + 1) % 7
        yield day


def _day(word: str) -> int:
    if word not in DAYS:
        raise ValueError(f"{word!r} is no day; days are {' '.join(DAYS)}")
    return DAYS.index(word)


def _times(word: str) -> tuple[int, int]:
    first, _, last = word.partition("-")
    begin, end = _minute(first), _minute(last)
    if begin == DAY_MINUTES:
        raise ValueError(f"{word!r} begins where the day ends; write 00:00")
    if begin == end:
        raise ValueError(f"{word!r} begins as it ends; a whole day is 00:00-24:00")
    return begin, end if end > begin else end + DAY_MINUTES


def _minute(word: str) -> int:
    hour, _, minute = word.partition(":")
    if not (_two_digits(hour) and _two_digits(minute)):
        raise ValueError(f"{word!r} is no time of day")
    minutes = int(hour) * 60 + int(minute)
    if int(minute) > 59 or minutes > DAY_MINUTES:
        raise ValueError(f"{word!r} is no time of day")
    return minutes


def _two_digits(text: str) -> bool:
    return len(text) == 2 and text.isascii() and text.isdigit()


def _edges(stretches: Iterable[tuple[int, int]]) -> tuple[int, ...]:
    """Merge stretches into edges; what runs beyond Sunday goes on on Monday."""
    edges: list[int] = []
    for begin, end in sorted(_within_the_week(stretches)):
        if edges and begin <= edges[-1]:
            edges[-1] = max(edges[-1], end)
        else:
            edges += begin, end
    return tuple(edges)


def _within_the_week(stretches: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for begin, end in stretches:
        yield begin, min(end, WEEK_MINUTES)
        if end > WEEK_MINUTES:
            yield 0, end - WEEK_MINUTES
