"""What an account may ask about its messages: how one stands, to take back, to put another."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final, Protocol, TypeAlias

from msgspec import Struct

from smsc.message import Address, Message
from smsc.store.store import History
from smsc_routing.decision import Verdict

NewText: TypeAlias = Callable[[Message], tuple[bytes, int]]
"""Writes user data, and says its data_coding, so that it can stand in the place of a message's."""

EVERY: Final = 0
"""In the place of a message's id: all that match."""


class Petition(Struct, frozen=True, gc=False):
    """What all have in common: whose message, sent from where, and its id.

    A message is found only by the account that sent it, and from the address that it has; one that
    a submit_multi sent to several is several, all found by the id that was answered for it.
    """

    account: str
    source: Address
    message_id: int


class Query(Petition, frozen=True, gc=False):
    """How does a message stand (SMPP 3.4, 4.8)."""


class Cancel(Petition, frozen=True, gc=False):
    """Take back a message that waits, or every one that matches (SMPP 3.4, 4.9).

    No `dest` is any recipient, which only a message named by its id may have. An empty
    `service_type` is any; it counts only where no id is given.
    """

    dest: Address | None = None
    service_type: str = ""


class Replace(Petition, frozen=True, gc=False):
    """Put another text in the place of a message that waits (SMPP 3.4, 4.10).

    Times are milliseconds since the epoch, 0 where they stay as they are.
    """

    text: NewText
    registered_delivery: int
    not_before: int = 0
    expires_at: int = 0


class Ruling(StrEnum):
    """What came of a petition."""

    GRANTED = "granted"
    UNKNOWN = "unknown"
    """The account has no such message."""
    TOO_LATE = "too_late"
    """It has ended, or is on its way."""
    REFUSED = "refused"
    """It can't be done, for the reason of the verdict."""


class Answer(Struct, frozen=True, gc=False):
    """What a petitioner is told: `history` if it asked for one, `verdict` if it was refused."""

    ruling: Ruling
    history: History | None = None
    verdict: Verdict | None = None


class Petitioner(Protocol):
    """Whoever waits for an answer; told in batches, then flushed once."""

    def told(self, token: int, answer: Answer) -> None:
        """Take note of an answer; what was granted is durable."""

    def flush(self) -> None:
        """Send what was noted: called once after a batch of answers."""
