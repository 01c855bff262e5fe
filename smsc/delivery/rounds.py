"""What many accounts have in line, taken by weight: a flood to many devices is but one share.

What stands in line are lanes, or destinations that are yet to get one. The accounts that have any
take turns. In a turn goes a quantum of an account's for each unit of its weight. So a lane waits
for those of its own account before it, and for no more than a turn of every other account in each
round, however many lanes those have.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Final, Generic, TypeVar

T = TypeVar("T")

QUANTUM: Final = 8


class _Line(Generic[T]):
    """The lanes of one account, and what is left of its turn."""

    __slots__ = ("account", "credit", "lanes", "quantum")

    def __init__(self, account: str, quantum: int) -> None:
        self.account = account
        self.quantum = self.credit = quantum
        self.lanes: deque[T] = deque()


def _nobody(account: str) -> bool:
    return False


class Rounds(Generic[T]):
    """The lanes in line, by account."""

    def __init__(self, weights: Mapping[str, int]) -> None:
        """Let accounts take turns by these weights; one without has 1."""
        self._weights = weights
        self._lines: dict[str, _Line[T]] = {}
        self._turns: deque[_Line[T]] = deque()

    def __len__(self) -> int:
        """Count the lanes in line."""
        return sum(len(line.lanes) for line in self._turns)

    def __bool__(self) -> bool:
        """Whether any lane is in line."""
        return bool(self._turns)

    def add(self, account: str, lane: T) -> None:
        """Line up a lane among those of an account."""
        line = self._lines.get(account)
        if line is None:
            line = self._lines[account] = _Line(account, QUANTUM * self._weights.get(account, 1))
            self._turns.append(line)
        line.lanes.append(lane)

    def take(self, most: int, barred: Callable[[str], bool] = _nobody) -> Iterator[T]:
        """Take up to so many lanes, of accounts that aren't barred just now."""
        turns, passed = self._turns, 0
        while most and passed < len(turns):
            line = turns[0]
            if barred(line.account):
                passed += 1
                turns.rotate(-1)
                continue
            passed = 0
            lanes = line.lanes
            count = min(most, line.credit, len(lanes))
            most -= count
            line.credit -= count
            for _ in range(count):
                yield lanes.popleft()
            if not lanes:
                turns.popleft()
                del self._lines[line.account]
            elif not line.credit:
                line.credit = line.quantum
                turns.rotate(-1)
