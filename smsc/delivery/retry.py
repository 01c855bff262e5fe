"""When a failed message is tried again: ladders of delays, by the cause of the failure.

A device that fails tells a cause. Some causes are permanent, and end the message; for the others
there is a ladder for each that was given one, and one for all the rest. Delays are spread, so that
what failed together isn't tried together: by how much is drawn from the message's id and its
attempts, and so is the same whenever it is asked.

A webhook has a ladder of its own, over a day (Standard Webhooks 1.0), and may itself say when to
come again.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from smsc.cause import PERMANENT
from smsc.delivery.agent import Outcome, Result
from smsc.message import DEVICE, WEBHOOK, kind_and_key
from smsc_routing.failover import draw_of


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


class Course(NamedTuple):
    """What follows on a cause: the end, or attempts after the delays of a ladder.

    Without a ladder they follow the one for messages.
    """

    permanent: bool = False
    ladder: RetryLadder | None = None


class Again(NamedTuple):
    """A message is to be tried again: after so many failed attempts, and so many milliseconds."""

    attempts: int
    delay_ms: int


_CALLS_AT_S: Final = (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""When a webhook is called with a message, counted from the first time."""
CALLS: Final = RetryLadder([(b - a) * 1000 for a, b in pairwise(_CALLS_AT_S)])

_USUAL: Final = Course()
_NONE: Final[Mapping[int, Course]] = {}


class Retries:
    """The ladders: for messages, which are tried until they expire, and for receipts."""

    def __init__(
        self,
        messages: RetryLadder,
        receipts: RetryLadder,
        causes: Mapping[int, Course] = _NONE,
        jitter: float = 0,
    ) -> None:
        """Follow these ladders, and for causes of devices the course that each was given.

        Delays are made longer or shorter by up to the share `jitter`, 0 to 0.5, of themselves. A
        receipt that was refused once more than its ladder has delays is given up.
        """
        self._messages = messages
        self._receipts = receipts
        self._causes = {cause: Course(permanent=True) for cause in PERMANENT} | dict(causes)
        self._jitter = jitter

    def after(self, outcome: Outcome) -> Again | None:
        """Return what follows on an attempt that failed for now; None if it was the last.

        Only what failed waits; who is absent or busy is waited for. For a receipt only a refusal
        counts: it is kept until its receiver has looked at it.
        """
        attempt, result = outcome.attempt, outcome.result
        if kind_and_key(attempt.message.destination)[0] == WEBHOOK:
            return self._after_call(outcome)
        course = self._course(outcome)
        if course.permanent:
            return None
        if attempt.message.receipt is None:
            ladder, counts = course.ladder or self._messages, result is not Result.BUSY
        else:
            ladder, counts = self._receipts, result is Result.FAILED and outcome.error != 0
        attempts = attempt.attempts + counts
        if attempt.message.receipt is not None and ladder.over(attempts):
            return None
        if result is not Result.FAILED:
            return Again(attempts, 0)
        return Again(attempts, self._spread(ladder.delay(attempts), attempt.message.id + attempts))

    def _after_call(self, outcome: Outcome) -> Again | None:
        """Return what follows on a call of a webhook that failed; held back ones don't count."""
        attempt, failed = outcome.attempt, outcome.result is Result.FAILED
        attempts = attempt.attempts + failed
        if CALLS.over(attempts):
            return None
        delay = self._spread(CALLS.delay(attempts), attempt.message.id + attempts) if failed else 0
        return Again(attempts, max(delay, outcome.retry_after_ms))

    def _course(self, outcome: Outcome) -> Course:
        """Return what follows on the cause, if it was a device that failed."""
        if outcome.result is not Result.FAILED or not outcome.error:
            return _USUAL
        if kind_and_key(outcome.attempt.message.destination)[0] != DEVICE:
            return _USUAL
        return self._causes.get(outcome.error, _USUAL)

    def _spread(self, delay: int, seed: int) -> int:
        if not self._jitter:
            return delay
        return max(round(delay * (1 + self._jitter * (2 * draw_of(seed) - 1))), 1)
