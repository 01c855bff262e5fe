"""Latencies in buckets: bounded memory however long the run, within half a percent of the truth.

A latency is counted in tenths of a microsecond. Each doubling of it is cut into 128 buckets, so a
bucket is never wider than 1/128 of its value; its middle is what a percentile reports.
"""

import math
from collections import Counter
from collections.abc import Sequence

_UNITS_PER_SECOND = 10_000_000
_EXACT_BITS = 8
_STEPS = 1 << (_EXACT_BITS - 1)

STEP = 2 ** (1 / 8)
"""How much wider than the one before it a step of `counts` is."""

PERCENTILES = {"p50": 50.0, "p90": 90.0, "p95": 95.0, "p99": 99.0, "p99.9": 99.9}


class Histogram:
    """How often each latency occurred."""

    def __init__(self) -> None:
        """Start with nothing counted."""
        self.count = 0
        self._buckets: dict[int, int] = {}
        self._total = 0.0
        self._largest = 0.0

    def record(self, seconds: float, times: int = 1) -> None:
        """Count a latency that occurred so many times."""
        bucket = _bucket_of(seconds)
        self._buckets[bucket] = self._buckets.get(bucket, 0) + times
        self.count += times
        self._total += seconds * times
        if seconds > self._largest:
            self._largest = seconds

    def record_since(self, starts: Sequence[float], now: float) -> None:
        """Count everything that began at these moments and ended now."""
        first = starts[0]
        if starts.count(first) == len(starts):  # usual: one write, answered in one read
            self.record(now - first, len(starts))
            return
        for start, times in Counter(starts).items():
            self.record(now - start, times)

    def percentile(self, percent: float) -> float:
        """Give the latency in seconds that so many percent stay at or below (nearest rank)."""
        if not self.count:
            return 0.0
        rank = max(1, math.ceil(round(self.count * percent / 100, 6)))
        seen = 0
        for bucket in sorted(self._buckets):
            seen += self._buckets[bucket]
            if seen >= rank:
                return min(_middle_of(bucket) / _UNITS_PER_SECOND, self._largest)
        return self._largest

    def counts(self) -> list[tuple[float, int]]:
        """Give how many stayed below which latency in milliseconds and not below the one before.

        These are steps of `STEP` times the one before, few enough to be drawn; those with nothing
        are left out.
        """
        coarse: Counter[int] = Counter()
        for bucket, times in self._buckets.items():
            coarse[math.floor(math.log(max(1.0, _middle_of(bucket)), STEP))] += times
        unit_ms = 1000 / _UNITS_PER_SECOND
        return [(round(STEP ** (step + 1) * unit_ms, 6), coarse[step]) for step in sorted(coarse)]

    def summary(self) -> dict[str, float]:
        """Give percentiles, maximum and mean in milliseconds."""
        figures = {name: self.percentile(percent) for name, percent in PERCENTILES.items()}
        figures["max"] = self._largest
        figures["mean"] = self._total / self.count if self.count else 0.0
        return {name: round(seconds * 1000, 4) for name, seconds in figures.items()}


def _bucket_of(seconds: float) -> int:
    units = max(0, int(seconds * _UNITS_PER_SECOND))
    shift = max(0, units.bit_length() - _EXACT_BITS)
    return shift * _STEPS + (units >> shift)


def _middle_of(bucket: int) -> float:
    if bucket < 2 * _STEPS:
        return bucket + 0.5
    shift = bucket // _STEPS - 1
    return ((bucket - shift * _STEPS) + 0.5) * (1 << shift)
