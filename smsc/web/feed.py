"""What happens to messages, for those who watch: a ring of the latest for each account.

The road is listened to only while somebody watches, or did so lately, and nobody on it waits: what
is durable is noted in passing, and who can't keep up with a ring is cut off.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Annotated, Final, Literal, NamedTuple

from msgspec import Meta, Struct, field

from smsc.clock import Clock, Timer
from smsc.delivery.ledger import Ledger
from smsc.delivery.page import Page
from smsc.message import ACCOUNT, Message, Purpose, State, kind_and_key, wire_id
from smsc.web.record import moment

EVENTS_OF_A_RING: Final = 10_000
MOST_RINGS: Final = 100
SECONDS_KEPT: Final = 600.0
"""For how long a ring is kept after its last reader has gone, who may come back."""

Kind = Literal["accepted", "attempt_failed", "delivered", "failed", "receipt"]


class Happening(Struct, frozen=True):
    """Something that happened to a message."""

    event: Annotated[
        Kind,
        Meta(
            description="It was accepted; an attempt failed that isn't the last; it was delivered;"
            " it ended otherwise; its delivery receipt is on its way."
        ),
    ]
    id: str
    at: datetime
    state: Annotated[str, Meta(description="Where it stands since.")]
    error: Annotated[int, Meta(description="The cause of the attempt that failed, or 0.")]
    sender: str = field(name="from")
    to: str
    account: Annotated[str, Meta(description="As when the message is shown.")]


class Noted(NamedTuple):
    """What is kept of a happening until somebody is told of it."""

    kind: Kind
    message_id: int
    at: int
    state: State
    error: int
    source: str
    dest: str
    account: str

    def told(self) -> Happening:
        """Return it as it is shown."""
        return Happening(
            self.kind,
            wire_id(self.message_id),
            moment(self.at),
            self.state.name,
            self.error,
            self.source,
            self.dest,
            self.account,
        )


class Ring:
    """The latest happenings, numbered."""

    def __init__(self, name: str) -> None:
        """Start with none; another ring of the same account has another name."""
        self.name = name
        self.last = 0
        self.readers: set[asyncio.Event] = set()
        self._untold = False
        self._kept: deque[Noted] = deque(maxlen=EVENTS_OF_A_RING)

    @property
    def first(self) -> int:
        """The number of the oldest that is kept."""
        return self.last - len(self._kept) + 1

    def add(self, noted: Noted) -> None:
        """Note another one."""
        self.last += 1
        self._kept.append(noted)
        self._untold = True

    def after(self, number: int, limit: int) -> list[Noted]:
        """Return some that follow a number that isn't before the first."""
        start = number + 1 - self.first
        return list(islice(self._kept, start, start + limit))

    def tell(self) -> None:
        """Wake the readers, if there is anything new."""
        if self._untold:
            self._untold = False
            for reader in self.readers:
                reader.set()


class Feed:
    """The rings there are."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        """Listen to this ledger when it is needed."""
        self._ledger = ledger
        self._clock = clock
        self._rings: dict[str | None, Ring] = {}
        self._leaving: dict[str | None, Timer] = {}
        self._further: Callable[[Page], None] | None = None

    @property
    def listening(self) -> bool:
        """Whether the road is listened to."""
        return self._further is not None

    @contextmanager
    def reader(self, account: str | None) -> Iterator[tuple[Ring, asyncio.Event]]:
        """Read an account's ring, or for None that of all; with it, what is set when there is more.

        Raises LookupError if there are too many rings.
        """
        ring = self._ring(account)
        news = asyncio.Event()
        ring.readers.add(news)
        try:
            yield ring, news
        finally:
            ring.readers.discard(news)
            if not ring.readers:
                leave = partial(self._leave, account)
                self._leaving[account] = self._clock.call_later(SECONDS_KEPT, leave)

    def watched(self, account: str | None) -> int:
        """Count the readers of a ring."""
        ring = self._rings.get(account)
        return 0 if ring is None else len(ring.readers)

    def _ring(self, account: str | None) -> Ring:
        timer = self._leaving.pop(account, None)
        if timer is not None:
            timer.cancel()
        if account not in self._rings:
            if len(self._rings) >= MOST_RINGS:
                raise LookupError(f"{MOST_RINGS} accounts are watched already")
            self._rings[account] = Ring(f"{self._clock.now():x}")
        if self._further is None:
            self._further, self._ledger.on_written = self._ledger.on_written, self._written
        return self._rings[account]

    def _leave(self, account: str | None) -> None:
        del self._rings[account], self._leaving[account]
        if not self._rings and self._further is not None:
            self._ledger.on_written, self._further = self._further, None

    def _written(self, page: Page) -> None:
        """Note what is durable now, and let the road go on."""
        assert self._further is not None
        further = self._further
        for message in page.arrivals:
            if message.receipt is None and message.purpose is Purpose.SHORT_MESSAGE:
                state = State.SCHEDULED if message.not_before else State.ENROUTE
                self._note(message, "accepted", message.id, message.accepted_at, state, 0)
        now = self._clock.now()
        for place in page.waits:
            if place.attempts and _is_shown(place.message):
                message = place.message
                self._note(message, "attempt_failed", message.id, now, State.ENROUTE, place.error)
        for final in page.finals:
            if _is_shown(final.message):
                kind: Kind = "delivered" if final.state is State.DELIVERED else "failed"
                message = final.message
                self._note(message, kind, message.id, final.at, final.state, final.error)
        # A receipt may stand on one page with the end that it tells of.
        for message in page.arrivals:
            if message.receipt is not None:
                about = message.receipt
                self._note(message, "receipt", about.about, message.accepted_at, about.state, 0)
        for ring in self._rings.values():
            ring.tell()
        further(page)

    def _note(
        self, message: Message, kind: Kind, message_id: int, at: int, state: State, error: int
    ) -> None:
        rings = self._rings
        to, key = kind_and_key(message.destination)
        receiver = key if to == ACCOUNT else ""
        everybody, own = rings.get(None), rings.get(message.account)
        other = rings.get(receiver) if receiver != message.account else None
        if everybody is None and own is None and other is None:
            return
        source, dest = message.source.digits, message.dest.digits
        if kind == "receipt":
            # It goes the other way than the message it is about.
            source, dest = dest, source
        noted = Noted(kind, message_id, at, state, error, source, dest, message.account or receiver)
        for ring in (everybody, own, other):
            if ring is not None:
                ring.add(noted)


def _is_shown(message: Message) -> bool:
    return message.receipt is None and message.purpose is Purpose.SHORT_MESSAGE
