"""What the clock and the calendar show where a policy lives.

Days and months begin at local midnight, whatever the zone does to its clocks: a day may have 23
or 25 hours, begin at one o'clock, or be left out. The zone is given as a `tzinfo`, since reading
the tables of zones is not for this package.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from smsc_routing.hours import DAY_MINUTES

MINUTE_MS = 60_000


class Moment(NamedTuple):
    """A minute as it is locally: within the week, its day and month, and when these end in ms."""

    minute_of_week: int
    day: str
    month: str
    day_ends: int
    month_ends: int


class LocalTime:
    """The local time of one zone, whose offset is of whole minutes.

    A minute is looked up once, however many messages come in it. Two of the same zone are equal.
    """

    __slots__ = ("_minute", "_moment", "zone")

    def __init__(self, zone: tzinfo = UTC) -> None:
        """Tell the time of a zone."""
        self.zone = zone
        self._minute = 0
        self._moment = self._look_up(0)

    def __eq__(self, other: object) -> bool:
        """Whether the other tells the time of the same zone."""
        return isinstance(other, LocalTime) and self.zone == other.zone

    def __hash__(self) -> int:
        """Return the hash of the zone."""
        return hash(self.zone)

    def __repr__(self) -> str:
        """Return it with its zone."""
        return f"LocalTime({self.zone})"

    def at(self, now: int) -> Moment:
        """Return what it is locally at `now`, in milliseconds since the epoch."""
        minute = now // MINUTE_MS
        if minute != self._minute:
            self._moment, self._minute = self._look_up(minute), minute
        return self._moment

    def later(self, now: int, minutes: int) -> int:
        """Return when the local clock, of this minute at `now`, shows so many minutes more."""
        local = datetime.fromtimestamp(now // MINUTE_MS * 60, self.zone)
        # Arithmetic within one zone is that of its clock on the wall.
        return _milliseconds(local + timedelta(minutes=minutes))

    def _look_up(self, minute: int) -> Moment:
        local = datetime.fromtimestamp(minute * 60, self.zone)
        date = local.date()
        next_month = (date.replace(day=1) + timedelta(days=31)).replace(day=1)
        now = minute * MINUTE_MS
        return Moment(
            local.weekday() * DAY_MINUTES + local.hour * 60 + local.minute,
            date.isoformat(),
            date.isoformat()[:7],
            self._midnight(date.toordinal() + 1, now),
            self._midnight(next_month.toordinal(), now),
        )

    def _midnight(self, ordinal: int, now: int) -> int:
        """Return when a day after `now` begins.

        A midnight that the clocks leap over resolves to the moment of the leap, and of two
        midnights in one night, the first that is still to come counts.
        """
        midnight = datetime.fromordinal(ordinal).replace(tzinfo=self.zone)
        first = _milliseconds(midnight)
        return first if first > now else _milliseconds(midnight.replace(fold=1))


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000


UNIVERSAL = LocalTime()
