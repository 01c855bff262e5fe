"""How room that many fill is shared, so that one who comes later always finds some.

While most of it is free, anybody may have it. Beyond that, one who holds as much as four times what
is free, for each unit of his weight, gets no more until some is given back (the dynamic thresholds
of Choudhury and Hahne, 1998). So one alone fills four fifths of it at most; several who would fill
it come to hold as much as their weights say; and nobody needs to know who else is there.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

TIMES_WHAT_IS_FREE: Final = 4
FREE_FOR_ALL: Final = TIMES_WHAT_IS_FREE / (TIMES_WHAT_IS_FREE + 1)
"""The fill below which nobody can hold more than his share, whatever his weight."""


def used_up(held: int, free: int, weight: int) -> bool:
    """Tell whether one who holds so much of a room has his share of it."""
    return free <= 0 or held >= TIMES_WHAT_IS_FREE * weight * free


class Shares:
    """A room, and how much of it is whose; what devices send is the share of account ""."""

    def __init__(self, room: int, weights: Mapping[str, int]) -> None:
        """Share so much room by these weights; an account without one has 1."""
        self.room = room
        self.taken = 0
        self._weights = weights
        self._anybodys = room * FREE_FOR_ALL
        self._held: defaultdict[str, int] = defaultdict(int)

    def take(self, account: str, amount: int = 1) -> None:
        """Take room for an account, whether or not there is any."""
        self.taken += amount
        self._held[account] += amount

    def give_back(self, account: str, amount: int = 1) -> None:
        """Give back what was taken for an account."""
        self.taken -= amount
        self._held[account] -= amount

    def held(self, account: str) -> int:
        """Return how much of it is an account's."""
        return self._held.get(account, 0)

    def denied(self, account: str) -> bool:
        """Whether an account has its share already."""
        if self.taken < self._anybodys:
            return False
        weight = self._weights.get(account, 1)
        return used_up(self.held(account), self.room - self.taken, weight)
