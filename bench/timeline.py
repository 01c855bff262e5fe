"""How much happened when, in bounded memory however long the run: one addition a batch.

There are so many spans of equal length. When time runs out of them, each two become one of twice
the length, so that the whole run is always there, in half of the spans at least.
"""

from typing import Final

from msgspec import Struct

SPANS: Final = 400
FIRST_SECONDS: Final = 0.1


class OverTime(Struct, frozen=True):
    """How many there were in each span of so many seconds, from the start on."""

    seconds: float
    counts: list[int]

    def rates(self) -> list[float]:
        """Return how many there were a second in each span that is over."""
        return [count / self.seconds for count in self.counts[:-1]]

    def coarser(self, most: int) -> "OverTime":
        """Return the same in spans of a multiple of the length, so many at most."""
        times = -(-len(self.counts) // most) or 1
        starts = range(0, len(self.counts), times)
        counts = [sum(self.counts[start : start + times]) for start in starts]
        return OverTime(self.seconds * times, counts)


class Timeline:
    """Counts what happens, by when."""

    def __init__(self) -> None:
        """Start with nothing counted, at time 0 of the caller's clock."""
        self.start = 0.0
        self._seconds = FIRST_SECONDS
        self._counts = [0] * SPANS
        self._last = -1

    def record(self, count: int, now: float) -> None:
        """Count so many that happened now, after `start`."""
        span = max(0, int((now - self.start) / self._seconds))
        while span >= SPANS:
            self._counts = [*map(sum, zip(self._counts[::2], self._counts[1::2], strict=True))]
            self._counts += [0] * (SPANS // 2)
            self._seconds *= 2
            self._last //= 2
            span //= 2
        self._counts[span] += count
        if span > self._last:
            self._last = span

    def over_time(self) -> OverTime:
        """Return what was counted, up to the last that happened."""
        return OverTime(self._seconds, self._counts[: self._last + 1])
