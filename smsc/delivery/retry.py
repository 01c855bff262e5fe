"""When a failed message is tried again: a ladder of delays, its last rung repeated."""

from collections.abc import Sequence


class RetryLadder:
    """Delays between attempts, in milliseconds, by how often the message has failed."""

    def __init__(self, delays_ms: Sequence[int]) -> None:
        """Take the delays in order; raises ValueError if there is none or one isn't positive."""
        if not delays_ms or min(delays_ms) <= 0:
            raise ValueError("a retry ladder needs at least one delay, each longer than nothing")
        self._delays = tuple(delays_ms)

    def delay(self, attempts: int) -> int:
        """Return the milliseconds to wait after so many failed attempts (1 or more)."""
        return self._delays[min(attempts, len(self._delays)) - 1]
