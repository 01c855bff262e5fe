"""What became of messages that other SMSCs have taken: their receipts, found by the ids they give.

A message that was forwarded has a record in the store, with the link it left over and the id it is
known by there, and nothing in memory: its receipt may come in days, and after any restart. So
receipts stand in a line, and one task takes them by the batch: it waits until all that was
forwarded or ended before is durable, looks them up in the store, and ends the messages they tell
of. Whoever brought a receipt is told when that is durable. What no receipt has told of by its
deadline ends as UNKNOWN.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import Final, NamedTuple

import structlog

from smsc.clock import Clock
from smsc.delivery.agent import Outcome
from smsc.delivery.alarm import Alarm
from smsc.delivery.ledger import SECONDS_BETWEEN_TRIES, Ledger
from smsc.delivery.scheduler import Scheduler
from smsc.journal import Journal
from smsc.message import State
from smsc.store.store import Forwarded, ForwardStore, StoreError

log = structlog.get_logger()

LONGEST_LINE: Final = 10_000
RECEIPTS_A_TURN: Final = 500
OVERDUE_A_TURN: Final = 500
DAY_MS: Final = 24 * 3600 * 1000


class Fate(StrEnum):
    """What came of a receipt."""

    ENDED = "ended"
    """Its message has ended by it, and that is durable."""
    UNKNOWN = "unknown"
    """No message of ours that waits for a receipt has this id; it may have ended before."""
    FAILED = "failed"
    """It couldn't be looked up: it should come again later."""


Tell = Callable[[Fate], None]


class _Receipt(NamedTuple):
    link: str
    remote_ids: Sequence[str]
    state: State
    error: int
    tell: Tell


class Correlation:
    """Knows what is with other SMSCs; `run` is its task."""

    def __init__(
        self,
        store: ForwardStore,
        scheduler: Scheduler,
        ledger: Ledger,
        clock: Clock,
        journal: Journal,
    ) -> None:
        """Look up in this store what this scheduler has forwarded, and end it there."""
        self._store = store
        self._scheduler = scheduler
        self._ledger = ledger
        self._clock = clock
        self._journal = journal
        self._line: deque[_Receipt] = deque()
        self._wanted = asyncio.Event()
        self._alarm = Alarm(clock, self._wanted.set)
        self._waited = False
        """Whether what is overdue has let receipts go before."""
        self.waits: Mapping[str, int] = {}
        """How long after a message has expired its receipt is waited for, by link: milliseconds."""
        scheduler.on_forwarded = self._take

    # The way out.

    def _take(self, outcome: Outcome) -> None:
        """Write down that another SMSC has a message."""
        attempt, link = outcome.attempt, outcome.link
        message = attempt.message
        deadline = message.expires_at + self.waits.get(link, DAY_MS)
        self._ledger.page.forwarded.append(
            Forwarded(
                message, link, outcome.remote_id, deadline, attempt.attempts + 1, attempt.queued
            )
        )
        self._ledger.want()
        self._alarm.set(deadline)

    # The way back.

    @property
    def full(self) -> bool:
        """Whether so many receipts wait that no more should be taken."""
        return len(self._line) >= LONGEST_LINE

    def tell(
        self, link: str, remote_ids: Sequence[str], state: State, error: int, tell: Tell
    ) -> None:
        """End the message that another SMSC knows by the first of these ids that any is known by.

        What came of it is told.
        """
        self._line.append(_Receipt(link, remote_ids, state, error, tell))
        self._wanted.set()

    async def run(self) -> None:
        """Do what is asked for, and end what is overdue, until cancelled."""
        self._wanted.set()
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self._turn()
            except StoreError as error:
                log.error("store_not_read", reason=str(error))
                self._wanted.set()
                await self._pause(SECONDS_BETWEEN_TRIES)

    async def _turn(self) -> None:
        # After this, the store knows all that was forwarded and ended before.
        await self._ledger.written()
        overdue = self._alarm.due
        if self._line and not (overdue and self._waited):
            # Receipts never end: what is overdue comes after those of one turn.
            self._waited = overdue
            await self._correlate()
        elif overdue:
            self._waited = False
            await self._sweep()
        if self._line or self._alarm.due:
            self._wanted.set()

    async def _pause(self, seconds: float) -> None:
        over = asyncio.Event()
        self._clock.call_later(seconds, over.set)
        await over.wait()

    async def _correlate(self) -> None:
        size = min(len(self._line), RECEIPTS_A_TURN)
        batch = [self._line.popleft() for _ in range(size)]
        ids: dict[str, dict[str, None]] = {}
        for receipt in batch:
            ids.setdefault(receipt.link, {}).update(dict.fromkeys(receipt.remote_ids))
        try:
            found = {
                link: await self._store.forwarded(link, list(remote_ids))
                for link, remote_ids in ids.items()
            }
        except StoreError:
            for receipt in batch:
                receipt.tell(Fate.FAILED)
            raise
        ended: set[int] = set()
        told: list[Tell] = []
        for receipt in batch:
            of_link = found[receipt.link]
            known = next(filter(None, map(of_link.get, receipt.remote_ids)), ())
            entry = next((each for each in known if each.message.id not in ended), None)
            if entry is not None:
                ended.add(entry.message.id)
                self._end(entry, receipt.state, receipt.error)
            elif not known:
                receipt.tell(Fate.UNKNOWN)
                continue
            # One that came twice is safe when the first is.
            told.append(receipt.tell)
        if told:
            self._ledger.page.once_durable.append(partial(_tell_all, told))

    def _end(self, entry: Forwarded, state: State, error: int) -> None:
        self._scheduler.end(
            entry.message, state, error, entry.attempts, queued=False, forwarded=True
        )

    # By the clock.

    async def _sweep(self) -> None:
        """End what is overdue."""
        self._alarm.looking()
        try:
            entries = await self._store.overdue(self._clock.now(), OVERDUE_A_TURN)
            for entry in entries:
                self._journal.receipts[entry.link, "overdue"] += 1
                self._end(entry, State.UNKNOWN, 0)
            await self._ledger.written()
            at = await self._store.next_deadline()
        except StoreError:
            self._alarm.failed()
            raise
        if at is not None:
            self._alarm.set(at)


def _tell_all(told: Sequence[Tell]) -> None:
    for tell in told:
        tell(Fate.ENDED)
