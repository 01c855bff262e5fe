"""When a link is called again: each failure doubles the wait, a little at random."""

from collections.abc import Callable
from math import inf
from typing import Final

from aiosmpplib.retrytimer import AbstractRetryTimer

from smsc.clock import Clock
from smsc.upstream.line import Terms
from smsc.upstream.patience import pause

_DOUBLINGS: Final = 20


class Backoff:
    """A retry timer of aiosmpplib's, on our clock.

    A link that stood for a while begins anew; one that is bound and dropped at once, again and
    again, is called less and less often, as one that can't be bound is.
    """

    def __init__(self, terms: Terms, clock: Clock, chance: Callable[[], float]) -> None:
        """Wait as the terms say; `chance` is from 0 to 1, so that not all links call at once."""
        self._first = terms.reconnect_seconds
        self._longest = terms.longest_reconnect_seconds
        self._clock = clock
        self._chance = chance
        self._failures = 0
        self._bound_at = inf

    def reset(self) -> None:
        """Take note that the link is bound."""
        self._bound_at = self._clock.monotonic()

    def next_delay(self) -> float:
        """Return how many seconds the next wait takes at most."""
        doubled: float = self._first * 2.0 ** min(self._failures, _DOUBLINGS)
        return min(doubled, self._longest)

    async def wait(self) -> None:
        """Wait before the next call."""
        if self._clock.monotonic() - self._bound_at >= self._longest:
            self._failures = 0
        self._bound_at = inf
        seconds = self.next_delay() * (0.5 + self._chance() / 2)
        self._failures += 1
        await pause(self._clock, seconds)


AbstractRetryTimer.register(Backoff)
