"""What is kept of messages after the road, and how it is looked through.

A record says how far a message has come (`History`), when each attempt failed and why, and what
became of its receipt. Records are looked through in the order of their ids, which is the order of
acceptance. A look is bounded: it ends with fewer than were asked for when it has seen enough, and
says where to go on.
"""

from typing import Final, NamedTuple, Protocol

from msgspec import Struct

from smsc.message import State
from smsc.store.store import History

FOREVER: Final = (1 << 63) - 1


class Failure(NamedTuple):
    """An attempt that failed for now: when (milliseconds since the epoch), the network's cause."""

    at: int
    error: int


class Record(NamedTuple):
    """All that is kept of one message."""

    history: History
    failures: tuple[Failure, ...] = ()
    """Attempts after which it was tried again, oldest first; how the last one went says `history`.
    """
    receipt: History | None = None
    """Its delivery receipt, if one was made: accepted when it was, done when it was answered."""


class Criteria(Struct, frozen=True):
    """Which messages to look for: all that is said must hold. Notices of ours are left out.

    `account` is one that sent the message, or was sent it; `device` the number of one that sent it
    or was sent it. `since` is the earliest time of acceptance, `until` the first one too late.
    """

    account: str | None = None
    device: str | None = None
    states: frozenset[State] = frozenset()
    """Any of these, or any at all."""
    since: int = 0
    until: int = FOREVER


class Listing(NamedTuple):
    """Some of the messages that were looked for, and the id to go on after; None at the end."""

    found: list[History]
    after: int | None


class Keep(Struct, frozen=True):
    """How long what has ended is kept, in milliseconds from its end: its record, and its text."""

    records: int
    texts: int


class Forgotten(NamedTuple):
    """What a slice of forgetting did, and when there will be more to do (ms since the epoch)."""

    records: int
    texts: int
    next_at: int


class RecordStore(Protocol):
    """Keeps records until they are to be forgotten."""

    async def record(self, message_id: int) -> Record | None:
        """Read all that is kept of one message."""

    async def search(
        self, criteria: Criteria, after: int | None, limit: int, newest_first: bool
    ) -> Listing:
        """Look for messages, from the one after this id on, or from the first.

        With `newest_first`, the one after an id is the one before it.
        """

    async def span(self, criteria: Criteria) -> tuple[int, int]:
        """Return the ids between which all lie that `search` would find: first, and last.

        Not all in between need be among them; the first is above the last where there is none.
        """

    async def index(self) -> bool:
        """Do a slice of what makes searches quick; return whether there is more to do."""

    async def forget(self, now: int, keep: Keep) -> Forgotten:
        """Forget a slice of what has been kept for long enough, in a few milliseconds.

        What hasn't ended is never forgotten, nor is the newest message: ids go on from it.
        """
