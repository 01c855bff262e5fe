"""Where submissions wait whose decision needs something that isn't in memory.

Deciding is synchronous, and reading isn't. So a submission for which a device or a count must be
read stands in a line for that, and is decided on again, as if it had just come in, when that has
been read: in the order in which it came, for whoever needs the same. One task reads, for many at a
time. What can't be read is refused, as what can't be written is.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import islice
from typing import Final

import structlog
from msgspec import Struct

from smsc.delivery.directory import Need
from smsc.delivery.submission import Submitter
from smsc.store.store import StoreError

log = structlog.get_logger()

CALLERS: Final = 20_000
NEEDS_A_READ: Final = 500


class Caller(Struct, frozen=True, gc=False):
    """One who waits: what to do when it is his turn, or when his need can't be met."""

    again: Callable[[], None]
    refuse: Callable[[], None]
    submitter: Submitter


class Antechamber:
    """The lines, one for each need; `run` is the task that reads."""

    def __init__(self, read: Callable[[Sequence[Need]], Awaitable[None]]) -> None:
        """Meet needs by `read`, which raises StoreError."""
        self._read = read
        self._lines: dict[Need, list[Caller]] = {}
        self._size = 0
        self._wanted = asyncio.Event()

    @property
    def fill(self) -> float:
        """How full it is; from 1 on nobody should be let in."""
        return self._size / CALLERS

    def wait(self, need: Need, caller: Caller) -> None:
        """Have a caller wait until this has been read."""
        self._lines.setdefault(need, []).append(caller)
        self._size += 1
        self._wanted.set()

    async def run(self) -> None:
        """Read what is needed, until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            needs = list(islice(self._lines, NEEDS_A_READ))
            try:
                await self._read(needs)
            except StoreError as error:
                log.error("store_not_read", reason=str(error))
                self._call(needs, met=False)
            else:
                self._call(needs, met=True)
            if self._lines:
                self._wanted.set()

    def _call(self, needs: Sequence[Need], met: bool) -> None:
        callers = [caller for need in needs for caller in self._lines.pop(need)]
        self._size -= len(callers)
        for caller in callers:
            if met:
                caller.again()
            else:
                caller.refuse()
        for submitter in {caller.submitter for caller in callers}:
            submitter.flush()
