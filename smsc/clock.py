"""What time it is: everything that waits asks a clock, so that a test can move time.

A clock has two hands. `now` is the wall's, in milliseconds since the epoch: it is written down
and may jump. `monotonic` is in seconds, counts only forward, and is what timers run on.
"""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """A call that has been asked for and can still be taken back."""

    def cancel(self) -> None:
        """Take the call back; without effect once it was made."""


class Clock(Protocol):
    """What a room needs of time."""

    def now(self) -> int:
        """Return the wall's time in milliseconds since the epoch, UTC."""

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Call back once after so many seconds."""


class SystemClock:
    """The machine's clock, with timers on the running event loop."""

    def now(self) -> int:
        """Return the wall's time in milliseconds since the epoch, UTC."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Call back once after so many seconds."""
        return asyncio.get_running_loop().call_later(max(seconds, 0.0), callback)


class _SimulatedTimer:
    """A timer of the simulated clock; ordered by its time, then by when it was asked for."""

    __slots__ = ("callback", "order", "when")

    def __init__(self, when: float, order: int, callback: Callable[[], None]) -> None:
        self.when = when
        self.order = order
        self.callback: Callable[[], None] | None = callback

    def __lt__(self, other: "_SimulatedTimer") -> bool:
        return (self.when, self.order) < (other.when, other.order)

    def cancel(self) -> None:
        self.callback = None


class SimulatedClock:
    """A clock that stands still until it is told to advance."""

    def __init__(self, now: int = 1_700_000_000_000) -> None:
        """Start at a wall time in milliseconds since the epoch."""
        self._start = now
        self._elapsed = 0.0
        self._timers: list[_SimulatedTimer] = []
        self._order = itertools.count()

    def now(self) -> int:
        """Return the simulated wall time in milliseconds since the epoch."""
        return self._start + round(self._elapsed * 1000)

    def monotonic(self) -> float:
        """Return the simulated seconds since the clock was made."""
        return self._elapsed

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Call back once when the clock has advanced by so many seconds."""
        timer = _SimulatedTimer(self._elapsed + max(seconds, 0.0), next(self._order), callback)
        heapq.heappush(self._timers, timer)
        return timer

    def advance(self, seconds: float) -> None:
        """Move time on, and make the calls that fall due in their order."""
        until = self._elapsed + seconds
        while self._timers and self._timers[0].when <= until:
            timer = heapq.heappop(self._timers)
            self._elapsed = max(self._elapsed, timer.when)
            if timer.callback is not None:
                timer.callback()
        self._elapsed = until

    def jump(self, seconds: float) -> None:
        """Set the wall's hand ahead, or back: no time goes by."""
        self._start += round(seconds * 1000)
