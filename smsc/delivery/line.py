"""The line before a page that is full: who comes next on the page after it goes by account.

A page takes as long to write as there is on it, and whoever comes while it is being written waits
for the next. So a page has room for so many submissions, and those beyond wait in line, undecided,
each account's in their order, and are let on the pages that follow in rounds of all accounts.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from smsc.delivery.petition import Petitioner
from smsc.delivery.shares import Shares
from smsc.delivery.submission import Submitter
from smsc_routing.fair import FairShares

ON_A_PAGE: Final = 2000
"""Submissions that a page has room for."""

UNBOUNDED: Final = 1 << 62


class Waiting(NamedTuple):
    """One in line: what to do when it is its turn."""

    again: Callable[[], None]
    submitter: Submitter | Petitioner
    octets: int


class Line:
    """Those in line; whoever puts one there has seen to it that there aren't too many."""

    def __init__(self, weights: Mapping[str, int]) -> None:
        """Have accounts take turns by these weights."""
        self._waiting: FairShares[Waiting] = FairShares(weights, UNBOUNDED, UNBOUNDED)
        self._octets = Shares(UNBOUNDED, weights)
        self._called = False
        self.empty = True
        """Whether nobody waits."""
        self.room: Callable[[], int] = lambda: ON_A_PAGE
        """How many more the current page has room for."""

    def __len__(self) -> int:
        """Count those in line."""
        return len(self._waiting)

    @property
    def octets(self) -> int:
        """The octets of their payloads."""
        return self._octets.taken

    def held(self, account: str) -> tuple[int, int]:
        """Return how many of them are an account's, and their octets."""
        return self._waiting.waiting(account), self._octets.held(account)

    def stops(self, account: str) -> bool:
        """Whether one of an account's must wait: the page is full, or others of it wait already."""
        return self.room() <= 0 or self._waiting.waiting(account) > 0

    def put(self, account: str, waiting: Waiting) -> None:
        """Line up one of an account's."""
        self.empty = False
        self._waiting.put(account, waiting)
        self._octets.take(account, waiting.octets)

    def move_on(self) -> None:
        """Let some go in the next turn of the loop: there is a new page."""
        if not self.empty and not self._called:
            self._called = True
            asyncio.get_running_loop().call_soon(self._let_go)

    def _let_go(self) -> None:
        self._called = False
        submitters: dict[Submitter | Petitioner, None] = {}
        while self.room() > 0 and (taken := self._waiting.take()) is not None:
            account, waiting = taken
            self._octets.give_back(account, waiting.octets)
            waiting.again()
            submitters[waiting.submitter] = None
        self.empty = not self._waiting
        for submitter in submitters:
            submitter.flush()
