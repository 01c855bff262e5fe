"""What a store does for the road: the protocol that SQLite keeps now and others may later.

Every message has one record, from acceptance to its final state. A message that waits (for an
attach, a retry, its schedule) has a place in the queue of its destination besides; a message in
hand, dispatched as soon as it was accepted, has none, and gets one if the process dies first.
So a queue is written only for those that wait, and read only when its destination can take it.
"""

from asyncio import Future
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol

from msgspec import Struct

from smsc.message import Broadcast, Message, State
from smsc.store.repeats import Keyed
from smsc.subscriber import Device, Identity, PolicyText, WebhookText
from smsc_routing.calendar_quota import Increment, Key


class StoreError(Exception):
    """The store can't do what was asked: says which store, why, and what to do."""


class StoreBrokenError(StoreError):
    """The store can't do anything any more before it was opened by another process."""


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
    """The end of a message: its final state, the network's error, and when; out of the queue?

    Or, if it was `forwarded`, out of those whose end another SMSC was to tell.
    """

    message: Message
    state: State
    error: int
    at: int
    attempts: int
    queued: bool
    forwarded: bool = False
    receipt_id: int = 0
    """The id of the receipt that tells of it, 0 if there is none."""


class Forwarded(NamedTuple):
    """A message that another SMSC has, known over `link` as `remote_id`.

    It has no place in a queue. What became of it is told by a receipt, or by nobody until
    `deadline` (milliseconds since the epoch). `queued` tells whether it had a place before.
    """

    message: Message
    link: str
    remote_id: str
    deadline: int
    attempts: int = 1
    queued: bool = False


class Conflict(NamedTuple):
    """Why a device can't be taken in: the first reason of them.

    Another one, `owner`, has its identity of this kind; or it is an id that may not be given, and
    `owner` is empty; or the number itself, of kind `MSISDN`, came before.
    """

    number: str
    identity: Identity | Literal["msisdn"]
    value: str
    owner: str


class History(NamedTuple):
    """What the store knows of a message: the record and how far it has come."""

    message: Message
    state: State
    error: int
    done_at: int
    attempts: int
    receipt_id: int = 0
    """The id of its receipt, 0 if none was made."""
    erased: bool = False
    """Whether its text was erased, for it was kept for long enough."""


class Found(NamedTuple):
    """A message that was looked for, and its place in a queue if it has one."""

    history: History
    place: Waiting | None


class Queue(NamedTuple):
    """A queue, and whose the message at its head is; "" if that isn't known."""

    destination: str
    account: str


class Start(NamedTuple):
    """Where to begin in a queue: at its head, or behind the place of a message."""

    destination: str
    after: Message | None = None


class Batch:
    """What changed in one turn, written at once or not at all."""

    __slots__ = (
        "arrivals",
        "broadcasts",
        "counts",
        "devices",
        "finals",
        "forgotten",
        "forwarded",
        "keyed",
        "looked_at",
        "moves",
        "notes",
        "oldest_in_hand",
        "outages",
        "policies",
        "rewritten",
        "waits",
        "webhooks",
    )

    def __init__(self) -> None:
        """Start with nothing changed."""
        self.arrivals: list[Message] = []
        self.waits: list[Waiting] = []
        self.rewritten: list[Message] = []
        """Messages that haven't ended and whose record is another from now on, not tried before."""
        self.finals: list[Final] = []
        self.looked_at: list[tuple[Waiting, int]] = []
        """Places in the queue that stay as they are, and when to look at them again.

        A `not_before` that has come is forgotten here, as in `waits`: from then on it is 0.
        """
        self.moves: dict[str, bool] = {}
        """Devices that were attached (True) or detached by hand."""
        self.outages: dict[str, bool] = {}
        """Outages of the network that have begun (True) or ended, by the pattern of numbers."""
        self.counts: list[Increment] = []
        """What the arrivals add to the counts of quotas."""
        self.forwarded: list[Forwarded] = []
        """Messages that another SMSC has taken."""
        self.devices: dict[str, Device | None] = {}
        """Devices as they are now, by number: new, changed, or gone.

        Moves come after them, but for those of devices that are gone. What another device has is
        left out of their identities: ask for `conflicts` first.
        """
        self.policies: dict[str, PolicyText | None] = {}
        """Policies as they are now, by name: new, changed, or gone."""
        self.webhooks: dict[str, WebhookText | None] = {}
        """Webhooks as they are now, by name: new, changed, or gone."""
        self.notes: dict[tuple[str, str], bytes | None] = {}
        """What doors note, by kind and key: as it is now, or gone."""
        self.broadcasts: dict[int, Broadcast] = {}
        """Broadcasts as they are now, by id: new, further on, or ended."""
        self.forgotten: list[int] = []
        """Broadcasts that ended long ago, and are kept no longer."""
        self.keyed: list[Keyed] = []
        """Which of the arrivals came of a request that may come again."""
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
            or self.outages
            or self.broadcasts
            or self.rewritten
            or self.counts
            or self.forwarded
            or self.devices
            or self.policies
            or self.webhooks
            or self.notes
        )


class Written(NamedTuple):
    """How long a write took in all, and how much of that was making it durable; seconds."""

    seconds: float
    sync_seconds: float
    trouble: str = ""
    """What else the store couldn't do since the write before; what was written is durable."""


class Opened(NamedTuple):
    """What a store found when it was opened."""

    last_id: int
    waiting: int
    requeued: int
    """How many had no place when the last process died: some may be delivered twice."""
    moves: Mapping[str, bool]
    """Devices it doesn't keep, but knows to be attached or detached by hand; see `devices`."""
    broadcasts: Sequence[Broadcast] = ()
    """Those that aren't forgotten, in the order of their ids."""
    devices: Mapping[str, Device] = MappingProxyType({})
    """The first that it keeps, in the order of numbers; of these and `moves`, as many as asked."""
    all_devices: bool = True
    """Whether these, and the moves, are all."""
    policies: Sequence[PolicyText] = ()
    outages: Sequence[str] = ()
    """Outages that haven't ended, by the pattern of numbers."""
    webhooks: Sequence[WebhookText] = ()
    instance: int = 0
    """A number that no other store is likely to have: 24 bits, drawn when it was made."""


class Store(Protocol):
    """Keeps messages; what `write` has returned from survives anything short of the disk."""

    async def open(self, now: int, devices: int = 0) -> Opened:
        """Make ready, migrating and recovering as needed; raises `StoreError`.

        So many devices and moves are handed over at once.
        """

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

    async def queues(self, after: str, limit: int) -> list[Queue]:
        """List the queues there are, in the order of destinations, from the one after `after`."""

    async def history(self, message_id: int) -> History | None:
        """Look up one message."""

    async def find(self, message_ids: Sequence[int], limit: int) -> dict[int, list[Found]]:
        """Look up messages, each with those that share its id (`Message.told_id`), oldest first.

        No more ids are looked up, and left out, once `limit` messages have been read.
        """

    async def lines(self, starts: Sequence[Start], limit: int) -> list[list[Waiting]]:
        """Read queues on from each start, whatever is due, at most `limit` places of each."""

    async def backup(self) -> Path:
        """Make a consistent copy while everything goes on, for the caller to move or remove.

        There is one at a time.
        """

    async def close(self) -> None:
        """Let go of the disk; nothing may be asked afterwards."""


class ForwardStore(Protocol):
    """Remembers what other SMSCs have taken; new ones come with a `Batch`.

    A message is with one of them at a time: what is forwarded again is known by its latest id.
    """

    async def forwarded(
        self, link: str, remote_ids: Sequence[str]
    ) -> dict[str, tuple[Forwarded, ...]]:
        """Look up what another SMSC knows by these ids, by id, the latest forwarded first.

        Of messages that it gave one id, only some of the latest are told.
        """

    async def overdue(self, now: int, limit: int) -> list[Forwarded]:
        """Read forwarded messages whose deadline has come, earliest first."""

    async def next_deadline(self) -> int | None:
        """Return the earliest deadline of a forwarded message."""


class CountStore(Protocol):
    """Keeps the counts of quotas; they grow with a `Batch`."""

    async def counts(self, keys: Sequence[Key]) -> dict[Key, int]:
        """Read counts; 0 where nothing was counted."""


class DeviceStore(Protocol):
    """Keeps devices, many more than memory has room for; single ones change with a `Batch`."""

    async def devices(self, numbers: Sequence[str]) -> dict[str, Device | bool]:
        """Read devices by number: a `Device`, or for one that isn't kept whether it was attached.

        Numbers of which nothing is known are left out.
        """

    async def identified(self, identity: Identity, value: str) -> Device | None:
        """Find a device by one of its identities."""

    async def listed(self, after: str, limit: int) -> list[tuple[str, Device | bool]]:
        """List what `devices` would return, in the order of numbers as text, after a number."""

    async def conflicts(self, devices: Sequence[Device]) -> list[Conflict]:
        """Tell which of these can't be kept beside what is kept, or beside each other."""

    async def import_begun(self) -> int:
        """Begin to import devices; nothing of it is seen before it has ended. Return its number.

        Raises `StoreError` while another one is under way. An import whose process dies before it
        has ended is never seen.
        """

    async def imported(self, number: int, devices: Sequence[Device]) -> list[Conflict]:
        """Take a slice of an import; those in conflict with others are left out and told.

        They are in conflict with what came before in this import, and with what is kept and wasn't
        replaced by what came before. After a `StoreError`, end it without keeping it.
        """

    async def import_ended(self, number: int, keep: bool) -> None:
        """End an import: all of it is seen from now on at once, or none ever.

        Its devices take the place of those with the same numbers, and their ids where they were
        given none. They are attached or not as they were just before: a file that was written some
        time ago moves nobody.
        """
