"""What the store does beside the road: new records are indexed, and old ones forgotten.

It comes in slices of a few milliseconds. After each comes a rest of several times as long as it
took, its wait for the store included: so it takes a small share of a store that has nothing else to
do, and less the more the store has to do. What is behind is caught up with later.
"""

import asyncio
from typing import Final

import structlog

from smsc.clock import Clock
from smsc.journal import Journal
from smsc.store.record import Keep, RecordStore
from smsc.store.store import StoreError

log = structlog.get_logger()

RESTS: Final = 8
"""So many times as long as a slice took comes nothing."""
SECONDS_BETWEEN_LOOKS: Final = 1.0
"""When there is nothing to do, or the store can't do it."""
LONGEST_SECONDS: Final = 3600.0
"""Wherever the hand of the clock is, what is to be forgotten is looked for again by then."""


class Upkeep:
    """Has the records of a store indexed and forgotten; `run` is its task."""

    def __init__(self, store: RecordStore, keep: Keep, clock: Clock, journal: Journal) -> None:
        """Keep them for so long."""
        self._store = store
        self._keep = keep
        self._clock = clock
        self._journal = journal
        self._forget_at = 0.0
        """When there may be something to forget, in monotonic seconds."""
        self._failing = False

    async def run(self) -> None:
        """Do what there is to do, until cancelled."""
        while True:
            begun = self._clock.monotonic()
            try:
                more = await self._turn()
            except StoreError as error:
                self._failed(error)
                more = False
            else:
                self._failing = False
            took = self._clock.monotonic() - begun
            await self._pause(RESTS * took if more else SECONDS_BETWEEN_LOOKS)

    async def _turn(self) -> bool:
        """Do a slice of each; return whether there is more to do."""
        more = await self._store.index()
        if self._clock.monotonic() < self._forget_at:
            return more
        now = self._clock.now()
        forgotten = await self._store.forget(now, self._keep)
        self._journal.forgotten_records += forgotten.records
        self._journal.forgotten_texts += forgotten.texts
        if forgotten.next_at <= now:
            return True
        wait = min((forgotten.next_at - now) / 1000, LONGEST_SECONDS)
        self._forget_at = self._clock.monotonic() + wait
        return more

    def _failed(self, error: StoreError) -> None:
        """Tell once why the store can't do it."""
        if not self._failing:
            log.error("upkeep_failed", reason=str(error))
        self._failing = True

    async def _pause(self, seconds: float) -> None:
        over = asyncio.Event()
        self._clock.call_later(seconds, over.set)
        await over.wait()
