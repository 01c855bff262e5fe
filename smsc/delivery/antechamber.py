"""Where submissions wait whose decision needs something that isn't in memory.

Deciding is synchronous, and reading isn't. So a submission for which a device or a count must be
read stands in a line for that, and is decided on again, as if it had just come in, when that has
been read: in the order in which it came, for whoever needs the same. One task reads, for many at a
time. If somebody else reads it first, their turn comes with that (`met`), so that nobody who comes
later is before them. Where several messages wait as one, some of which could go, all that their
account sends later waits behind them (`stop`), and whoever asks about messages waits behind the
latest of his account's (`follow`). What can't be read is refused, as what can't be written is.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Final

import structlog
from msgspec import Struct

from smsc.delivery.directory import Need, Unread
from smsc.delivery.petition import Petitioner
from smsc.delivery.shares import FREE_FOR_ALL, Shares
from smsc.delivery.submission import Submitter
from smsc.store.store import StoreError
from smsc_routing.decision import Verdict

log = structlog.get_logger()

CALLERS: Final = 20_000
NEEDS_A_READ: Final = 500


class Caller(Struct, frozen=True, gc=False):
    """One who waits: what to do when it is his turn, or when his need can't be met."""

    again: Callable[[], None]
    refuse: Callable[[], None]
    submitter: Submitter | Petitioner
    account: str
    size: int = 1
    """How many messages he has with him."""


class Antechamber:
    """The lines, one for each need; `run` is the task that reads."""

    def __init__(
        self,
        read: Callable[[Sequence[Need]], Awaitable[None]],
        weights: Mapping[str, int],
    ) -> None:
        """Meet needs by `read`, which raises StoreError; accounts share it by weights."""
        self._read = read
        self._lines: dict[Need, list[Caller]] = {}
        self.groups: dict[str, Need] = {}
        """In which line the latest group of each account waits that has any."""
        self._latest: dict[str, Need] = {}
        self._room = Shares(CALLERS, weights)
        self._wanted = asyncio.Event()

    @property
    def fill(self) -> float:
        """How full it is; from 1 on nobody should be let in."""
        return max(self._room.taken, len(self._lines)) / CALLERS

    @property
    def open(self) -> bool:
        """Whether anybody may be let in at once, whoever it is."""
        return not self._lines or self.fill < FREE_FOR_ALL

    def full(self, account: str) -> bool:
        """Whether no more of an account's should be let in."""
        return self.fill >= 1 or self._room.denied(account)

    def wait(self, needs: Sequence[Need], caller: Caller) -> None:
        """Have a caller wait until the last of these, of which there is one, has been read.

        The others are read with it, or before, unless somebody asked for it before them.
        """
        for need in needs:
            line = self._lines.setdefault(need, [])
        line.append(caller)
        self._latest[caller.account] = needs[-1]
        if caller.size > 1:
            self.groups[caller.account] = needs[-1]
        self._room.take(caller.account, caller.size)
        self._wanted.set()

    def stop(self, account: str) -> None:
        """Raise `Unread` for what a group of the account waits for, so that nobody overtakes it."""
        need = self.groups.get(account)
        if need is not None:
            raise Unread(need)

    def follow(self, account: str, petitioner: Petitioner, again: Callable[[], None]) -> bool:
        """Have one wait behind the latest of an account's; False if none of them waits."""
        need = self._latest.get(account)
        if need is None:
            return False
        self.wait((need,), Caller(again, again, petitioner, account))
        return True

    async def read(self, needs: Sequence[Need]) -> None:
        """Wait until this may be asked for again; raises StoreError if it can't be read."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def end(met: bool) -> None:
            if not future.done():
                future.set_result(met)

        self.wait(needs, Caller(partial(end, True), partial(end, False), _NOBODY, ""))
        if not await future:
            raise StoreError("the store can't be read now; try again in a while")

    def met(self, needs: Iterable[Need]) -> None:
        """Let those go on who waited for this: it has been read."""
        self._call(needs, met=True)

    async def run(self) -> None:
        """Read what is needed, until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            needs = self._next()
            if not needs:
                continue
            try:
                await self._read(needs)
            except StoreError as error:
                log.error("store_not_read", reason=str(error))
                self._call(needs, met=False)
            else:
                self._call(needs, met=True)
            if self._lines:
                self._wanted.set()

    def _next(self) -> list[Need]:
        """Return some of what is needed, of one kind.

        What is read is known as soon as it is there. If all kinds weren't called together, who
        comes in between would overtake those who wait for it.
        """
        needs = list(islice(self._lines, NEEDS_A_READ))
        return [need for need in needs if type(need) is type(needs[0])]

    def _call(self, needs: Iterable[Need], met: bool) -> None:
        callers: list[Caller] = []
        for need in needs:
            callers += self._lines.pop(need, ())
        for caller in callers:
            self._room.give_back(caller.account, caller.size)
            for latest in (self._latest, self.groups):
                if latest.get(caller.account) not in self._lines:
                    latest.pop(caller.account, None)
        for caller in callers:
            if met:
                caller.again()
            else:
                caller.refuse()
        for submitter in {caller.submitter for caller in callers}:
            submitter.flush()


class _Nobody:
    """The submitter of what wasn't submitted."""

    def accepted(self, token: int, message_id: int) -> None:
        """Tell nobody."""

    def refused(self, token: int, verdict: Verdict) -> None:
        """Tell nobody."""

    def flush(self) -> None:
        """Send nothing."""


_NOBODY: Final = _Nobody()
