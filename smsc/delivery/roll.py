"""The roll call: each destination that has a queue is called, and accounts share the calls.

After a start, or when many devices may have come within reach, nobody knows whose queues can be
delivered. So all of them are called, to be looked at. Were that done in the order of their names,
an account would wait until all those of another are through. So names are read ahead, many more
than are called at a time, and stand in line by the account whose message is the next in the queue;
calls go in rounds of accounts.

So much is read ahead in all, and each account has its share of that. Where one has had its share,
the pass through the names goes on for the others without it, and one of its own begins there, which
is made when enough of its names were called. A pass leaves out only what is of an account whose own
pass is yet to come by: whoever else is at the head of a queue meanwhile, it is called.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from smsc.delivery.rounds import Rounds
from smsc.delivery.scheduler import EVERY_DESTINATION
from smsc.delivery.shares import Shares
from smsc.store.store import Queue

READ_AHEAD: Final = 20_000
NAMES_A_READ: Final = 1000
NAMES_A_PAGE: Final = 100


class Pass:
    """A pass through the names: of all accounts, or of one."""

    __slots__ = ("account", "after", "resume")

    def __init__(self, account: str | None, after: str, resume: int = 0) -> None:
        """Begin behind a name, when so few of the account's stand in line."""
        self.account = account
        self.after = after
        self.resume = resume


class _Page:
    """Some names behind the same one that stand in line, and how many are yet to be called."""

    __slots__ = ("after", "left")

    def __init__(self, after: str) -> None:
        self.after = after
        self.left = 0


class Roll:
    """Who is yet to be called."""

    def __init__(self, weights: Mapping[str, int], most: int = READ_AHEAD) -> None:
        """Read so many names ahead, shared by these weights."""
        self._room = Shares(most, weights)
        self._line = Rounds[tuple[Queue, _Page]](weights)
        self._passes: dict[str | None, Pass] = {}
        self._pages: set[_Page] = set()

    def begin(self, after: str = "") -> None:
        """Call everybody behind a name; whoever was yet to be called is so still."""
        self._passes = {None: Pass(None, min(after, self.called))}

    @property
    def over(self) -> bool:
        """Whether everybody was called."""
        return not self._passes and not self._line

    @property
    def lined_up(self) -> bool:
        """Whether anybody stands in line."""
        return bool(self._line)

    def held(self, account: str) -> int:
        """Return how many of an account's stand in line."""
        return self._room.held(account)

    @property
    def called(self) -> str:
        """A name up to which everybody was called."""
        behind = [each.after for each in self._passes.values()]
        behind += [each.after for each in self._pages]
        return min(behind, default=EVERY_DESTINATION)

    def next(self) -> Pass | None:
        """Return the pass that is to go on: `NAMES_A_READ` names are to be read behind its last."""
        first, room = self._passes.get(None), self._room
        if first is not None and room.room - room.taken >= min(NAMES_A_READ, room.room):
            return first
        own = (
            (room.held(account), each)
            for account, each in self._passes.items()
            if account is not None
        )
        ready = (
            (held, each)
            for held, each in own
            if held <= each.resume and not room.denied(each.account or "")
        )
        return min(ready, key=lambda one: one[0], default=(0, None))[1]

    def take_in(self, one: Pass, queues: Sequence[Queue], more: bool) -> None:
        """Line up what was read for a pass; are there more behind them?"""
        if self._passes.get(one.account) is not one:
            # Everything has begun anew since.
            return
        for first in range(0, len(queues), NAMES_A_PAGE):
            page = _Page(one.after)
            going_on = self._take_some(queues[first : first + NAMES_A_PAGE], one, page)
            if page.left:
                self._pages.add(page)
            if not going_on:
                return
        if not more:
            del self._passes[one.account]

    def _take_some(self, queues: Sequence[Queue], one: Pass, page: _Page) -> bool:
        for queue in queues:
            if not self._take(queue, one, page):
                return False
            one.after = queue.destination
        return True

    def _take(self, queue: Queue, one: Pass, page: _Page) -> bool:
        """Line up a destination, or leave it to another pass; False if this one has to pause."""
        account = queue.account
        own = self._passes.get(account)
        if own is not None and own is not one and own.after < queue.destination:
            return True
        if not self._room.denied(account):
            self._room.take(account)
            self._line.add(account, (queue, page))
            page.left += 1
            return True
        resume = self._room.held(account) // 2
        if own is one:
            one.resume = resume
            return False
        self._passes[account] = Pass(account, one.after, resume)
        return True

    def call(self, most: int) -> list[Queue]:
        """Call up to so many of those in line."""
        called = []
        for queue, page in self._line.take(most):
            self._room.give_back(queue.account)
            page.left -= 1
            if not page.left:
                self._pages.discard(page)
            called.append(queue)
        return called
