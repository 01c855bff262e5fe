"""Whether a receiver is called at all: a circuit that opens when calls fail in a row.

Closed, it lets as many calls through at once as the webhook may have. After so many failures in a
row, or one answer that asks for less, it is open for a while and lets none through; then it lets
one through, to probe. If that succeeds, it is closed; if not, open for twice as long. How long is
the receiver's to say, if it says so. What was under way when it opened doesn't open it further.
"""

from typing import Final

FAILURES: Final = 10
FIRST_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 60.0


class Circuit:
    """The circuit of one webhook; time is the caller's, in seconds that never run backwards."""

    def __init__(self) -> None:
        """Start closed."""
        self._failures = 0
        self._tripped = 0
        """How often it has opened since it was closed."""
        self.opens_until = 0.0

    def is_open(self, now: float) -> bool:
        """Whether nothing is let through now."""
        return now < self.opens_until

    def room(self, most: int, now: float) -> int:
        """Return how many calls may be under way, of so many when all is well."""
        if self.is_open(now):
            return 0
        return 1 if self._tripped else most

    def succeeded(self) -> None:
        """Take note of a call that did: all is well."""
        self._failures = self._tripped = 0
        self.opens_until = 0.0

    def failed(self, now: float) -> bool:
        """Take note of a call that didn't; return whether that has opened it."""
        self._failures += 1
        if self._failures < FAILURES and not self._tripped:
            return False
        return self._open(now, 0)

    def throttled(self, now: float, seconds: float) -> bool:
        """Take note that less is asked for, and for how long; return whether that has opened it."""
        self._failures += 1
        return self._open(now, seconds)

    def _open(self, now: float, seconds: float) -> bool:
        if self.is_open(now):
            longer = now + seconds > self.opens_until
            self.opens_until = max(self.opens_until, now + seconds)
            return longer
        # Many fails later, two to their number would be no float any more.
        wait = FIRST_SECONDS * 2.0 ** min(self._tripped, 16)
        self._tripped += 1
        self.opens_until = now + max(min(wait, LONGEST_SECONDS), seconds)
        return True
