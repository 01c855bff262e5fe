"""A page of the ledger: what changed in a turn, and whom it concerns when it is durable."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from msgspec import Struct

from smsc.delivery.agent import Attempt
from smsc.delivery.lane import Lane
from smsc.delivery.submission import Submitter
from smsc.store.repeats import Claim, Keyed
from smsc.store.store import Batch
from smsc_routing.calendar_quota import Increment

_NONE: Final = (0, 0)


class Answer(Struct, frozen=True, gc=False):
    """Who waits for a message's page, and under which token."""

    submitter: Submitter
    token: int
    message_id: int


class Page(Batch):
    """A batch, and whom it concerns when it is durable."""

    __slots__ = (
        "_looked_through",
        "_whose",
        "answers",
        "counted",
        "in_hand",
        "octets",
        "once_durable",
        "released",
        "settled",
        "since",
        "watchers",
    )

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.octets = 0
        """Of the payloads of its arrivals."""
        self.counted: list[tuple[int, tuple[Increment, ...]]] = []
        """What each message that a quota counts adds to its counts, by the message's id."""
        self.answers: list[Answer] = []
        self.since = 0.0
        """When the first of them was submitted, in monotonic seconds."""
        self.in_hand: list[Attempt] = []
        """Arrivals to dispatch as soon as they are durable."""
        self.settled: list[Lane] = []
        """Lanes with an attempt whose end stands on this page, once for each."""
        self.released: list[int] = []
        """Messages read from a queue that are no longer in hand."""
        self.watchers: list[asyncio.Event] = []
        self.once_durable: list[Callable[[], None]] = []
        """What is to be done when this page, or the one that takes it over, is durable."""
        self._looked_through = 0
        self._whose: dict[str, tuple[int, int]] = {}

    def __bool__(self) -> bool:
        """Whether there is anything to write, or anybody who waits for that."""
        return super().__bool__() or bool(self.watchers or self.answers)

    def count(self, message_id: int, increments: tuple[Increment, ...]) -> None:
        """Write what a message adds to the counts of quotas, if it is written."""
        self.counted.append((message_id, increments))
        self.counts.extend(increments)

    def held(self, account: str) -> tuple[int, int]:
        """Return how many arrivals are an account's, and the octets of their payloads.

        They are counted when somebody asks, each once: as long as there is room, nobody does.
        """
        whose = self._whose
        for message in self.arrivals[self._looked_through :]:
            number, octets = whose.get(message.account, _NONE)
            whose[message.account] = number + 1, octets + len(message.payload)
        self._looked_through = len(self.arrivals)
        return whose.get(account, _NONE)

    def take_over(self, failed: "Page", refused: set[int]) -> None:
        """Put the lines of a page that couldn't be written first, but for refused arrivals."""
        self.octets += failed.octets
        counted = [each for each in failed.counted if each[0] not in refused]
        self.counted[:0] = counted
        self.counts[:0] = [each for _, increments in counted for each in increments]
        self._looked_through, self._whose = 0, {}
        self.arrivals[:0] = [m for m in failed.arrivals if m.id not in refused]
        self.in_hand[:0] = [a for a in failed.in_hand if a.message.id not in refused]
        self.waits[:0] = [w for w in failed.waits if w.message.id not in refused]
        self.rewritten[:0] = failed.rewritten
        self.finals[:0] = failed.finals
        self.looked_at[:0] = failed.looked_at
        self.settled[:0] = failed.settled
        self.released[:0] = failed.released
        self.watchers[:0] = failed.watchers
        self.once_durable[:0] = failed.once_durable
        self._take_over_devices(failed)
        self.policies = {**failed.policies, **self.policies}
        self.outages = {**failed.outages, **self.outages}
        self.webhooks = {**failed.webhooks, **self.webhooks}
        self.notes = {**failed.notes, **self.notes}
        kept = {key: value for key, value in failed.broadcasts.items() if key not in refused}
        self.broadcasts = {**kept, **self.broadcasts}
        self.forgotten[:0] = failed.forgotten
        self.forwarded[:0] = failed.forwarded

    def _take_over_devices(self, failed: "Page") -> None:
        """Of what was changed twice the later counts; a device is never moved besides."""
        moves = {n: a for n, a in failed.moves.items() if n not in self.devices}
        self.moves = {**moves, **self.moves}
        for number, device in failed.devices.items():
            if device is not None and number in self.moves:
                attached = self.moves.pop(number)
                device = msgspec.structs.replace(device, attached=attached)
            self.devices.setdefault(number, device)


def keyed(page: Page, claims: Mapping[Submitter, Claim]) -> list[Keyed]:
    """Return which messages of a page came of requests that may come again."""
    return [
        Keyed(claims[answer.submitter], answer.token, answer.message_id)
        for answer in page.answers
        if answer.submitter in claims
    ]
