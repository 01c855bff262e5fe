"""What a store does for the road: the protocol that SQLite keeps now and others may later.

Every message has one record, from acceptance to its final state. A message that waits (for an
attach, a retry, its schedule) has a place in the queue of its destination besides; a message in
hand, dispatched as soon as it was accepted, has none, and gets one if the process dies first.
So a queue is written only for those that wait, and read only when its destination can take it.
"""

from asyncio import Future
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from msgspec import Struct

from smsc.message import Broadcast, Message, State


class StoreError(Exception):
    """The store can't do what was asked: says which store, why, and what to do."""


class Waiting(NamedTuple):
    """A place in a destination's queue: not to be tried before, after so many failed attempts.

    `error` is the network's cause for the latest of them.

    `not_before` is in milliseconds since the epoch; a message that has failed before holds back
    those behind it where the destination takes messages in order.
    """

    message: Message
    not_before: int
    attempts: int
    error: int = 0

    def next_at(self, now: int) -> int:
        """Return when this place needs a look by the clock: its time has come, or it expired."""
        expires_at = self.message.expires_at
        return self.not_before if now < self.not_before < expires_at else expires_at


class Final(Struct, frozen=True, gc=False):
    """The end of a message: its final state, the network's error, and when; out of the queue?"""

    message: Message
    state: State
    error: int
    at: int
    attempts: int
    queued: bool


class History(NamedTuple):
    """What the store knows of a message: the record and how far it has come."""

    message: Message
    state: State
    error: int
    done_at: int
    attempts: int


class Found(NamedTuple):
    """A message that was looked for, and its place in a queue if it has one."""

    history: History
    place: Waiting | None


class Start(NamedTuple):
    """Where to begin in a queue: at its head, or behind the place of a message."""

    destination: str
    after: Message | None = None


class Batch:
    """What changed in one turn, written at once or not at all."""

    __slots__ = (
        "arrivals",
        "broadcasts",
        "finals",
        "forgotten",
        "looked_at",
        "moves",
        "oldest_in_hand",
        "rewritten",
        "waits",
    )

    def __init__(self) -> None:
        """Start with nothing changed."""
        self.arrivals: list[Message] = []
        self.waits: list[Waiting] = []
        self.rewritten: list[Message] = []
        """Messages that haven't ended and whose record is another from now on, not tried before."""
        self.finals: list[Final] = []
        self.looked_at: list[tuple[Waiting, int]] = []
        """Places in the queue that stay as they are, and when to look at them again."""
        self.moves: dict[str, bool] = {}
        """Devices that were attached (True) or detached by hand."""
        self.broadcasts: dict[int, Broadcast] = {}
        """Broadcasts as they are now, by id: new, further on, or ended."""
        self.forgotten: list[int] = []
        """Broadcasts that ended long ago, and are kept no longer."""
        self.oldest_in_hand = 0
        """No message older than this is in hand without a place in a queue."""

    def __bool__(self) -> bool:
        """Whether there is anything to write."""
        return bool(
            self.arrivals
            or self.waits
            or self.finals
            or self.looked_at
            or self.moves
            or self.broadcasts
            or self.rewritten
        )


class Written(NamedTuple):
    """How long a write took in all, and how much of that was making it durable; seconds."""

    seconds: float
    sync_seconds: float


class Opened(NamedTuple):
    """What a store found when it was opened."""

    last_id: int
    waiting: int
    requeued: int
    """How many had no place when the last process died: some may be delivered twice."""
    moves: Mapping[str, bool]
    broadcasts: Sequence[Broadcast] = ()
    """Those that aren't forgotten, in the order of their ids."""


class Store(Protocol):
    """Keeps messages; what `write` has returned from survives anything short of the disk."""

    async def open(self, now: int) -> Opened:
        """Make ready, migrating and recovering as needed; raises `StoreError`."""

    def write(self, batch: Batch, now: int) -> "Future[Written]":
        """Start to write a batch; the future ends when it is durable.

        It ends with `StoreError` if nothing was changed. One batch is written at a time. A place
        may be changed or ended by one who has read it since it was put, and by nobody else.
        """

    async def waiting(
        self, destinations: Sequence[str], limit: int, now: int, in_order: bool
    ) -> dict[str, list[Waiting]]:
        """Read the head of each queue, at most `limit` places a destination, in order.

        Scheduled messages whose time hasn't come are left out. One that failed before and isn't
        due yet is left out too, unless the destination takes messages `in_order`.
        """

    async def due(self, now: int, limit: int) -> list[Waiting]:
        """Read the places that need a look by now, earliest first."""

    async def next_due(self) -> int | None:
        """Return when the earliest place in any queue needs a look."""

    async def destinations(self, after: str, limit: int) -> list[str]:
        """List destinations that have a queue, in order, from the one after `after`."""

    async def history(self, message_id: int) -> History | None:
        """Look up one message."""

    async def find(self, message_ids: Sequence[int], limit: int) -> dict[int, list[Found]]:
        """Look up messages, each with those that share its id (`Message.told_id`), oldest first.

        No more ids are looked up, and left out, once `limit` messages have been read.
        """

    async def lines(self, starts: Sequence[Start], limit: int) -> list[list[Waiting]]:
        """Read queues on from each start, whatever is due, at most `limit` places of each."""

    async def close(self) -> None:
        """Let go of the disk; nothing may be asked afterwards."""
