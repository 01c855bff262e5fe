"""How many messages in how much time: token buckets that cost one integer each.

A bucket of the rate "count per period" holds `count` tokens or, if it has a burst, as many as
that. A message takes one, and a token grows back every period / count milliseconds. So at most
the burst passes at once, and any window of time sees at most that plus what grows back in it. A
bucket needs no counter and no timer (this is GCRA, the cell rate algorithm of ATM): it is known
by the moment at which it will be full again. Every token taken moves that moment on by one growth
time, starting from now if it has passed, and a token is there as long as the moment, so moved, is
no further away than an empty bucket takes to fill, which without a burst is one period. To wait
is to let it come closer. All of it is counted in units of 1/count millisecond, where the growth
time is exactly `period_ms`, and is whole: nothing is rounded but the wait, up.

What costs more than one token moves the moment on by as many growth times, and passes if they are
all there. What costs more than the bucket holds passes when it is full, and empties it.

A bucket whose moment has passed is full, and equal to one that never was. Such buckets are
forgotten by a hand that goes round the table two steps for each new bucket, and puts back what
isn't full: the work for one message is bounded, and the table stays near the number of buckets
in use. At its capacity it forgets the bucket that the hand comes to next, full or not, which
errs on the side of the sender.

A clock that is set back stands still for the buckets, and goes on from there: the time by which
it fell back is added to every later reading. No wait is longer than it would have been.
"""

from collections import deque
from dataclasses import dataclass

PERIODS_MS = {"s": 1_000, "min": 60_000, "hour": 3_600_000}
_PERIOD_NAMES = {period_ms: name for name, period_ms in PERIODS_MS.items()}
_MAX_COUNT_DIGITS = 9
_STEPS = 2

# A key, and the numbers of its rate: a tuple of these hashes faster than a Rate.
_Bucket = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `burst` messages at once, of which `count` grow back over `period_ms`.

    Count and period are at least 1. Without a burst it is the count.
    """

    count: int
    period_ms: int
    burst: int = 0

    def __post_init__(self) -> None:
        """Raise ValueError for a rate that never lets anything through."""
        if self.count < 1 or self.period_ms < 1 or self.burst < 0:
            raise ValueError(f"rate {self} lets nothing through: count and period start at 1")

    def __str__(self) -> str:
        """Return the rate as a configuration writes it, such as "10/min" or "10/min burst 20"."""
        rate = f"{self.count}/{_PERIOD_NAMES.get(self.period_ms) or f'{self.period_ms}ms'}"
        return f"{rate} burst {self.burst}" if self.burst else rate


def parse_rate(text: str) -> Rate:
    """Return the rate that "500/s", "10/min" or "100/hour" says.

    Raises ValueError, with the text and the cure, for anything else.
    """
    count, _, period = text.partition("/")
    if period not in PERIODS_MS or not _is_count(count):
        raise ValueError(
            f"rate {text!r} is not a count and a period: write it like 500/s, 10/min or "
            f"100/hour, with a count from 1 to {'9' * _MAX_COUNT_DIGITS}"
        )
    return Rate(int(count), PERIODS_MS[period])


def _is_count(text: str) -> bool:
    digits = text.isascii() and text.isdigit() and len(text) <= _MAX_COUNT_DIGITS
    return digits and int(text) > 0


class Buckets:
    """A bounded table of token buckets, one for each key and rate; full where never used.

    Times are integer milliseconds of any clock that normally goes forward.
    """

    def __init__(self, capacity: int = 1_000_000) -> None:
        """Make a table of at most `capacity` buckets. Raises ValueError for less than one."""
        if capacity < 1:
            raise ValueError(f"capacity {capacity} holds no bucket: give at least 1")
        self._capacity = capacity
        self._full_at: dict[_Bucket, int] = {}
        self._round: deque[_Bucket] = deque()
        self._now = 0
        self._fallen_back = 0

    def __len__(self) -> int:
        """Return the number of buckets remembered, never more than the capacity."""
        return len(self._full_at)

    def take(self, key: str, rates: tuple[Rate, ...], now: int, cost: int = 1) -> int:
        """Take `cost` tokens, 1 or more, from the bucket of every rate and return 0, or take none.

        If a bucket has too few, return the milliseconds until all would give: at least 1, at most
        what an empty bucket takes to fill. A rate that is named twice counts once.
        """
        now = self._steady(now)
        wait = 0
        taken = []
        for rate in rates:
            count, period, burst = rate.count, rate.period_ms, rate.burst
            bucket = (key, count, period, burst)
            present, size = now * count, burst or count
            full_at = max(self._full_at.get(bucket, 0), present) + period * min(cost, size)
            over = full_at - present - period * size
            if over > 0:
                wait = max(wait, -(-over // count))
            taken.append((bucket, full_at))
        if not wait:
            self._remember(taken)
        return wait

    def left(self, key: str, rate: Rate, now: int) -> int:
        """Return how many tokens the bucket of a rate has now."""
        now = self._steady(now)
        count, period, burst = rate.count, rate.period_ms, rate.burst
        missing = self._full_at.get((key, count, period, burst), 0) - now * count
        return (burst or count) - max(0, -(-missing // period))

    def give_back(self, key: str, rates: tuple[Rate, ...], cost: int = 1) -> None:
        """Undo a `take` of these rates, at this cost, that returned 0."""
        for rate in set(rates):
            bucket = (key, rate.count, rate.period_ms, rate.burst)
            if bucket in self._full_at:
                self._full_at[bucket] -= rate.period_ms * min(cost, rate.burst or rate.count)

    def slowest(self, key: str, rates: tuple[Rate, ...], now: int, cost: int = 1) -> Rate:
        """Return the rate, of one or more, that `take` would have to wait for longest."""
        now = self._steady(now)
        return max(rates, key=lambda rate: self._lag(key, rate, now, cost))

    def _lag(self, key: str, rate: Rate, now: int, cost: int) -> float:
        count, period, burst = rate.count, rate.period_ms, rate.burst
        size = burst or count
        full_at = max(self._full_at.get((key, count, period, burst), 0), now * count)
        return (full_at + period * min(cost, size) - period * size) / count - now

    def _steady(self, now: int) -> int:
        now += self._fallen_back
        if now < self._now:
            self._fallen_back += self._now - now
            return self._now
        self._now = now
        return now

    def _remember(self, taken: list[tuple[_Bucket, int]]) -> None:
        for bucket, full_at in taken:
            if bucket not in self._full_at:
                self._make_room()
                self._round.append(bucket)
            self._full_at[bucket] = full_at

    def _make_room(self) -> None:
        for _ in range(min(_STEPS, len(self._round))):
            bucket = self._round.popleft()
            if self._full_at[bucket] <= self._now * bucket[1]:
                del self._full_at[bucket]
            else:
                self._round.append(bucket)
        if len(self._round) >= self._capacity:
            del self._full_at[self._round.popleft()]
