"""Token buckets: how many messages in how much time.

A bucket of so many tokens that fills evenly in a period is kept as one number, the time at which
it will be full again (the generic cell rate algorithm, ITU-T I.371). Taking a token moves that
time on by the interval at which tokens come; a token is there as long as the bucket would be full
again within one period. So a full bucket needs no number at all, and can be forgotten: that is
what keeps the table of a million buckets as small as the ones in use.
"""

import re
from typing import Final, NamedTuple

_PERIODS_MS: Final = {"s": 1000, "min": 60_000, "hour": 3_600_000, "day": 86_400_000}
_RATE: Final = re.compile(r"\s*([0-9]{1,9})\s*/\s*([a-z]+)\s*", re.ASCII)


class Rate(NamedTuple):
    """So many messages at once, and as many more in each period of so many milliseconds."""

    messages: int
    period_ms: int


def parse_rate(text: str) -> Rate:
    """Read a rate such as `500/s`, `10/min`, `100/hour`, `200/day`; raises ValueError."""
    match = _RATE.fullmatch(text)
    if match is None or int(match[1]) < 1:
        raise ValueError(f'{text!r} is no rate; write a count and a period, such as "10/min"')
    if match[2] not in _PERIODS_MS:
        known = ", ".join(_PERIODS_MS)
        raise ValueError(f"{text!r} has no period we know; write one of {known} after the /")
    return Rate(int(match[1]), _PERIODS_MS[match[2]])


class Buckets:
    """The buckets in use, by the key of whoever they limit; at most `capacity` keys.

    Each key keeps the times at which its buckets will be full, one for each of its rates. Keys
    stand in the order of their last use, so the longest unused are looked at first, two for each
    new key: full ones are forgotten. Beyond the capacity the longest unused goes, full or not.
    """

    def __init__(self, capacity: int = 1_000_000) -> None:
        """Keep so many keys at most."""
        if capacity < 1:
            raise ValueError(f"a table of {capacity} buckets holds nothing; make it 1 or more")
        self._capacity = capacity
        self._full_at: dict[str, tuple[float, ...]] = {}

    def __len__(self) -> int:
        """Count the keys in use."""
        return len(self._full_at)

    def wait(self, key: str, rates: tuple[Rate, ...], now: int) -> int:
        """Return the milliseconds until every bucket of this key has a token; 0 if they do."""
        full_at = self._full_at.get(key)
        if full_at is None or len(full_at) != len(rates):
            return 0
        longest = 0.0
        for at, (messages, period) in zip(full_at, rates, strict=True):
            # A clock that was set back must not make anybody wait longer than a period.
            ahead = min(at - now, period)
            longest = max(longest, ahead - period + period / messages)
        return -int(-longest // 1) if longest > _ROUNDING else 0

    def charge(self, key: str, rates: tuple[Rate, ...], now: int) -> None:
        """Take a token from every bucket of this key."""
        full_at = self._full_at.pop(key, None)
        if full_at is None or len(full_at) != len(rates):
            full_at = (0.0,) * len(rates)
            self._make_room(now)
        self._full_at[key] = tuple(
            [
                min(max(at, now), now + period) + period / messages
                for at, (messages, period) in zip(full_at, rates, strict=True)
            ]
        )

    def take(self, key: str, rates: tuple[Rate, ...], now: int) -> int:
        """Take a token from every bucket and return 0, or the milliseconds to wait, and none."""
        wait = self.wait(key, rates, now)
        if not wait:
            self.charge(key, rates, now)
        return wait

    def _make_room(self, now: int) -> None:
        table = self._full_at
        for _ in range(2):
            oldest = next(iter(table), None)
            if oldest is None:
                return
            full_at = table.pop(oldest)
            if max(full_at, default=0) > now:
                table[oldest] = full_at
        while len(table) >= self._capacity:
            del table[next(iter(table))]


# Thousandths of a millisecond that floating point may be off after many additions.
_ROUNDING: Final = 1e-3
