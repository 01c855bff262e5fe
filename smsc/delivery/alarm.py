"""When to look next at what is due by the wall clock, which may be set back or ahead meanwhile."""

from collections.abc import Callable
from typing import Final

from smsc.clock import Clock, Timer

LONGEST_SLEEP_MS: Final = 60_000
SECONDS_BETWEEN_LOOKS: Final = 0.05
FAR_AWAY: Final = 1 << 62


class Alarm:
    """One timer for all that is due; it rings at first, for nobody knows what was due before."""

    def __init__(self, clock: Clock, ring: Callable[[], None]) -> None:
        """Call `ring` when there is something to look at, soon after `due` is true."""
        self._clock = clock
        self._ring = ring
        self._at = 0
        self._timer: Timer | None = None

    @property
    def due(self) -> bool:
        """Whether it is time to look."""
        return self._at <= self._clock.now()

    def set(self, at: int) -> None:
        """See to it that somebody looks by this time (milliseconds, wall)."""
        if at >= self._at:
            return
        self._at = at
        if self._timer is not None:
            self._timer.cancel()
        # A wall clock that is set back or ahead is noticed within the longest sleep.
        wait = min(max(at - self._clock.now(), 0), LONGEST_SLEEP_MS) / 1000
        self._timer = self._clock.call_later(max(wait, SECONDS_BETWEEN_LOOKS), self._wake)

    def looking(self) -> None:
        """Take note that somebody looks: what comes after this sets the next time itself."""
        self._at = FAR_AWAY

    def failed(self) -> None:
        """Take note that looking failed: it is time to look still."""
        self._at = 0

    def _wake(self) -> None:
        at, self._at = self._at, FAR_AWAY
        if at > self._clock.now():
            self.set(at)
        else:
            # Whatever the wall's clock says when the turn comes.
            self._at = 0
            self._ring()
