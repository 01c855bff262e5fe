"""What carries a message its last leg: the protocol every delivery agent keeps.

The scheduler hands an agent attempts in batches, never more at a time for one destination than
the agent's capacity for it. The agent answers each attempt once, by the outcomes it reports:
within the call, or later, in batches of its own.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from smsc.message import Message


class Result(StrEnum):
    """How one attempt ended, and so what becomes of the message."""

    DELIVERED = "delivered"
    """The recipient acknowledged it."""
    REFUSED = "refused"
    """The recipient will never take it: final."""
    FAILED = "failed"
    """It may go better later: the retry schedule says when."""
    ABSENT = "absent"
    """The recipient can't be reached: wait until its agent says it is back."""
    FORWARDED = "forwarded"
    """Another SMSC has taken it, and will tell what becomes of it: it waits for that, not here."""
    BUSY = "busy"
    """The recipient takes nothing just now, whatever it is: as absent, but no failed attempt."""


class Attempt(Struct, frozen=True, eq=False, gc=False):
    """One message in hand, on its way to an agent or with it.

    It has failed so many times before, the last time with `error`; `queued` tells whether it has a
    place in the store's queue.
    """

    message: Message
    attempts: int = 0
    queued: bool = False
    error: int = 0


class Outcome(Struct, frozen=True, gc=False):
    """What became of an attempt; `error` is the network's cause, 0 if there is none to tell.

    What was forwarded went over `link`, and is known there as `remote_id`. A message to a webhook
    isn't tried again before `retry_after_ms` have passed.
    """

    attempt: Attempt
    result: Result
    error: int = 0
    link: str = ""
    remote_id: str = ""
    retry_after_ms: int = 0


Settle = Callable[[Sequence[Outcome]], None]
"""How an agent reports outcomes."""

Wake = Callable[[str], None]
"""How an agent tells that a destination became reachable, or has more room than before."""


class Agent(Protocol):
    """Delivers to destinations of one kind."""

    kind: str
    """The kind of destination it serves, as `smsc.message.kind_and_key` names it."""
    in_order: bool
    """Whether a message that must be tried again holds back those behind it."""

    def capacity(self, destination: str) -> int:
        """Return how many attempts may be open at once; 0 if the destination isn't reachable."""

    def absence(self, destination: str) -> int:
        """Return the network's cause for not reaching a destination, 0 if there is none to tell."""

    def deliver(self, batch: Sequence[Attempt]) -> None:
        """Take these attempts; each is answered by one outcome, now or later."""
