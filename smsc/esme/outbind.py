"""Calls ESMEs that want to be called: outbind (3.4 clause 2.2.1, 5.0 clause 2.2.2).

When somebody asks for room at an account that has no receiver, and messages do wait for it, we
connect, say outbind, and serve the bind that follows on that connection as on any other. There
is one call at a time for each account. One that leads to no receiver is made again after a time
that doubles, a little at random so that not all call at once, and only while messages wait; so
an ESME that is away, or messages that expire meanwhile, cost no more than that.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from math import inf
from typing import Final

import structlog

from smsc.esme.account import Account
from smsc.esme.connection import Connection, Door
from smsc.store.store import StoreError

log = structlog.get_logger()

SECONDS_TO_CONNECT: Final = 10.0
FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 300.0
_DOUBLINGS: Final = 20

Waits = Callable[[str], Awaitable[bool]]
"""Whether messages wait for an account; raises StoreError."""


class Outbinder:
    """Calls one account; `run` is its task."""

    def __init__(
        self, door: Door, account: Account, waits: Waits, chance: Callable[[], float]
    ) -> None:
        """Call an account that has an `outbind`, while messages wait for it."""
        assert account.outbind is not None
        self._door = door
        self._name = account.system_id
        self._address = account.outbind
        self._password = account.outbind_password
        self._waits = waits
        self._chance = chance
        self._failures = 0
        self._called = -inf
        self.missed = asyncio.Event()
        """Set when a message may wait for this account."""

    async def run(self) -> None:
        """Call whenever that is wanted, until cancelled."""
        while True:
            await self.missed.wait()
            self.missed.clear()
            while await self._wanted():
                await self._pause()
                if await self._wanted():
                    await self._call()

    async def _wanted(self) -> bool:
        if self._door.bindings.receives(self._name):
            self._failures = 0
            return False
        try:
            return await self._waits(self._name)
        except StoreError as error:
            log.error("store_not_read", reason=str(error))
            await self._sleep(FIRST_WAIT)
            self.missed.set()
            return False

    async def _pause(self) -> None:
        """Wait after failures; an ESME that comes and goes is called once in FIRST_WAIT too."""
        seconds = self._called + FIRST_WAIT - self._door.clock.monotonic()
        if self._failures:
            doubled = FIRST_WAIT * 2.0 ** min(self._failures - 1, _DOUBLINGS)
            seconds = min(doubled, LONGEST_WAIT) * (0.5 + self._chance() / 2)
        if seconds > 0:
            await self._sleep(seconds)

    async def _sleep(self, seconds: float) -> None:
        over = asyncio.Event()
        self._door.clock.call_later(seconds, over.set)
        await over.wait()

    async def _call(self) -> None:
        """Connect, say outbind, and wait until the peer is a receiver or gone."""
        self._failures += 1
        self._called = self._door.clock.monotonic()
        host, port = self._address
        connection = Connection(self._door)
        changed = asyncio.Event()
        connection.on_change = changed.set
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(SECONDS_TO_CONNECT):
                await loop.create_connection(lambda: connection, host, port)
        except OSError as error:
            log.warning("outbind_failed", account=self._name, reason=str(error) or "no answer")
            return
        connection.outbind(self._password)
        log.info("outbind", account=self._name, host=host)
        while connection.open and not self._door.bindings.receives(self._name):
            await changed.wait()
            changed.clear()


class Outbinders:
    """An outbinder for each account that has an `outbind`."""

    def __init__(
        self,
        door: Door,
        accounts: Iterable[Account],
        waits: Waits,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Call those accounts; `chance` is from 0 to 1."""
        self._outbinders = {
            account.system_id: Outbinder(door, account, waits, chance)
            for account in accounts
            if account.outbind is not None
        }
        self._tasks: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """Start to call when somebody is missed."""
        loop = asyncio.get_running_loop()
        for name, outbinder in self._outbinders.items():
            task = loop.create_task(outbinder.run())
            task.add_done_callback(partial(_ended, name))
            self._tasks.append(task)

    def missed(self, account: str) -> None:
        """Take note that room was asked for at an account without a receiver."""
        outbinder = self._outbinders.get(account)
        if outbinder is not None:
            outbinder.missed.set()

    async def close(self) -> None:
        """Call nobody any more."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)


def _ended(name: str, task: "asyncio.Task[None]") -> None:
    if not task.cancelled():
        log.critical("outbind_ended", account=name, exc_info=task.exception())
