"""Devices that somebody wanted to deliver to, and of whom nothing was known: they are looked up.

Whoever delivers can't wait, so an unread device has no room and is put down here. One task reads
them, many at a time; then they are known, and `on_known` is told: what waits for them can go. If
more of them are wanted than fit here, `on_overflow` is told instead, and has everybody looked at.
"""

import asyncio
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

import structlog

from smsc.clock import Clock
from smsc.network.hlr import NUMBERS_A_READ, Hlr
from smsc.store.store import StoreError

log = structlog.get_logger()

ENQUIRIES: Final = 50_000
SECONDS_BETWEEN_TRIES: Final = 1.0


class Enquiries:
    """The numbers to be looked up; `run` is the task that does it."""

    def __init__(self, hlr: Hlr, clock: Clock, known: Callable[[Sequence[str]], None]) -> None:
        """Look them up in this register, and tell `known` of those that were put down."""
        self._hlr = hlr
        self._clock = clock
        self._known = known
        self._numbers: dict[str, None] = {}
        self._wanted = asyncio.Event()
        self.on_overflow: Callable[[], None] = lambda: None
        """Called if a number isn't put down for want of room."""

    def put_down(self, number: str, needed: bool = False) -> None:
        """Have a number looked up; one that is `needed` has room in any case."""
        if len(self._numbers) >= ENQUIRIES and not needed and number not in self._numbers:
            self.on_overflow()
            return
        self._numbers[number] = None
        self._wanted.set()

    def read(self, numbers: Sequence[str]) -> None:
        """Take note that these aren't unread any more, whoever wanted to know."""
        known = [number for number in numbers if number in self._numbers]
        for number in known:
            del self._numbers[number]
        if known:
            self._known(known)

    async def run(self) -> None:
        """Look up what is put down, until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            numbers = list(islice(self._numbers, NUMBERS_A_READ))
            try:
                await self._hlr.read(numbers)
            except StoreError as error:
                log.error("store_not_read", reason=str(error))
                await self._pause()
            else:
                # Some were known already when it came to it.
                self.read(numbers)
            if self._numbers:
                self._wanted.set()

    async def _pause(self) -> None:
        over = asyncio.Event()
        self._clock.call_later(SECONDS_BETWEEN_TRIES, over.set)
        await over.wait()
