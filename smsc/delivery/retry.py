"""When a failed message is tried again: a ladder of delays."""

from collections.abc import Sequence
from typing import NamedTuple

from smsc.delivery.agent import Outcome, Result


class RetryLadder:
    """Delays between attempts, in milliseconds, by how often the message has failed."""

    def __init__(self, delays_ms: Sequence[int]) -> None:
        """Take the delays in order; raises ValueError if there is none or one isn't positive."""
        if not delays_ms or min(delays_ms) <= 0:
            raise ValueError("a retry ladder needs at least one delay, each longer than nothing")
        self._delays = tuple(delays_ms)

    def over(self, attempts: int) -> bool:
        """Return whether so many failed attempts have used up every delay, the last one too."""
        return attempts > len(self._delays)

    def delay(self, attempts: int) -> int:
        """Return the milliseconds to wait after so many failed attempts; the last is repeated."""
        return self._delays[min(max(attempts, 1), len(self._delays)) - 1]


class Again(NamedTuple):
    """A message is to be tried again: after so many failed attempts, and so many milliseconds."""

    attempts: int
    delay_ms: int


class Retries:
    """The ladders: one for messages, which are tried until they expire, one for receipts."""

    def __init__(self, messages: RetryLadder, receipts: RetryLadder) -> None:
        """A receipt that was refused once more than its ladder has delays is given up."""
        self._messages = messages
        self._receipts = receipts

    def after(self, outcome: Outcome) -> Again | None:
        """Return what follows on an attempt that failed for now; None if it was the last.

        Only what failed waits; who is absent or busy is waited for. For a receipt only a refusal
        counts: it is kept until its receiver has looked at it.
        """
        attempt, result = outcome.attempt, outcome.result
        if attempt.message.receipt is None:
            ladder, counts = self._messages, result is not Result.BUSY
        else:
            ladder, counts = self._receipts, result is Result.FAILED and outcome.error != 0
        attempts = attempt.attempts + counts
        if attempt.message.receipt is not None and ladder.over(attempts):
            return None
        return Again(attempts, ladder.delay(attempts) if result is Result.FAILED else 0)
