"""The air between the network and its devices: what takes time arrives later, in due order.

Attempts lie on a heap, and one timer stands at the earliest of them: no attempt has a task or a
timer of its own. What is due at the same time arrives in one batch, in the order in which it was
sent.

A timer may fire a hair before the time it was set for (a loop rounds to its resolution, sums of
floats round too), so a batch holds all that is due by the timer's time or by now, whichever is
later. Else a remainder too small to move the clock would keep the timer firing.
"""

import heapq
import itertools
from collections.abc import Callable, Iterable, Sequence
from math import inf

from smsc.clock import Clock, Timer
from smsc.delivery.agent import Attempt

Arrive = Callable[[Sequence[Attempt]], None]
"""Whoever takes the attempts that have reached their devices."""


class Radio:
    """Carries attempts; `len()` is the number in the air."""

    def __init__(self, clock: Clock, arrive: Arrive) -> None:
        """Tell `arrive` of attempts when they get there."""
        self._clock = clock
        self._arrive = arrive
        self._air: list[tuple[float, int, Attempt]] = []
        self._order = itertools.count()
        self._due = inf
        self._timer: Timer | None = None

    def __len__(self) -> int:
        """Count the attempts in the air."""
        return len(self._air)

    def carry(self, batch: Iterable[tuple[int, Attempt]]) -> None:
        """Send attempts, each with its latency in milliseconds."""
        now = self._clock.monotonic()
        for latency_ms, attempt in batch:
            heapq.heappush(self._air, (now + latency_ms / 1000, next(self._order), attempt))
        if self._air:
            self._set_timer()

    def close(self) -> None:
        """Let go of everything in the air: it is answered no more."""
        self._air.clear()
        self._stop_timer()

    def _set_timer(self) -> None:
        """Have the timer stand at the earliest attempt."""
        due = self._air[0][0]
        if due < self._due:
            self._stop_timer()
            self._due = due
            self._timer = self._clock.call_later(due - self._clock.monotonic(), self._fire)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._due = None, inf

    def _fire(self) -> None:
        horizon = max(self._clock.monotonic(), self._due)
        self._timer, self._due = None, inf
        air = self._air
        arrived = []
        while air and air[0][0] <= horizon:
            arrived.append(heapq.heappop(air)[2])
        if air:
            self._set_timer()
        self._arrive(arrived)
