"""How many submits a second may leave over a link."""

from typing import Final

_SECONDS_AT_ONCE: Final = 0.02
"""What falls due within this time leaves together."""


class Pace:
    """Lets `rate` through each second, in small bursts; what wasn't used is lost."""

    def __init__(self, rate: float, now: float) -> None:
        """Let so many through each second from now on; all that comes if it is 0."""
        self._rate = rate
        self._most = max(1.0, rate * _SECONDS_AT_ONCE)
        self._left = self._most
        self._at = now

    def due(self, now: float, wanted: int) -> int:
        """Return how many of those that want to leave may do so now; they have left then."""
        if not self._rate:
            return wanted
        self._left = min(self._most, self._left + (now - self._at) * self._rate)
        self._at = now
        # What a clock loses in rounding must not make one wait twice.
        taken = min(wanted, int(self._left + 1e-6))
        self._left -= taken
        return taken

    def seconds_to_next(self, waiting: int) -> float:
        """Return when as many as leave at once, or all that wait, may leave."""
        together = min(waiting, int(self._most))
        return max(0.0, together - self._left) / self._rate
