"""Fair shares: whose message goes next, when many accounts have some waiting.

Deficit round robin (Shreedhar and Varghese, 1995). The accounts that have something waiting take
turns. A turn is worth a quantum for each unit of an account's weight; a message is paid out of
that, and what is left over is carried into the next turn, unless nothing is waiting any more.
A quantum is the cost of the dearest message, so every turn lets at least one go, and finding the
next message takes the same few steps however many accounts and messages there are.

Over any time in which two accounts always have something waiting, what they were served differs
by no more than three quanta for each unit of their weight.
"""

from collections import deque
from collections.abc import Mapping
from typing import Generic, TypeVar

T = TypeVar("T")


class _Line(Generic[T]):
    """What one account has waiting, and the worth of its turn that is left."""

    __slots__ = ("account", "credit", "quantum", "waiting")

    def __init__(self, account: str, quantum: int) -> None:
        self.account = account
        self.quantum = quantum
        self.credit = 0
        self.waiting: deque[tuple[T, int]] = deque()


class FairShares(Generic[T]):
    """Messages of many accounts, bounded for each and in all, handed out by weight."""

    def __init__(
        self, weights: Mapping[str, int], per_account: int, in_all: int, dearest: int = 1
    ) -> None:
        """Share by weights of at least 1; an account without one has 1.

        A message costs from 1 to `dearest`, in any unit. Raises ValueError for a weight or bound
        under 1.
        """
        for name, weight in weights.items():
            if weight < 1:
                raise ValueError(
                    f"weight {weight} of '{name}' gives it no turn: weights start at 1"
                )
        if min(per_account, in_all, dearest) < 1:
            raise ValueError(f"bounds {per_account}, {in_all}, {dearest} let nothing in")
        self._weights = weights
        self._per_account = per_account
        self._in_all = in_all
        self._dearest = dearest
        self._lines: dict[str, _Line[T]] = {}
        self._turns: deque[_Line[T]] = deque()
        self._in_turn = False
        self._size = 0

    def __len__(self) -> int:
        """Return the number of messages waiting."""
        return self._size

    def waiting(self, account: str) -> int:
        """Return how many messages of an account are waiting."""
        line = self._lines.get(account)
        return len(line.waiting) if line is not None else 0

    def put(self, account: str, message: T, cost: int = 1) -> bool:
        """Have a message wait its turn; False if there is no room for it.

        Raises ValueError for a cost that is not from 1 to the dearest.
        """
        if not 1 <= cost <= self._dearest:
            raise ValueError(f"cost {cost} is not from 1 to {self._dearest}")
        line = self._lines.get(account)
        if self._size >= self._in_all or (line and len(line.waiting) >= self._per_account):
            return False
        if line is None:
            line = _Line(account, self._weights.get(account, 1) * self._dearest)
            self._lines[account] = line
            self._turns.append(line)
        line.waiting.append((message, cost))
        self._size += 1
        return True

    def take(self) -> tuple[str, T] | None:
        """Return the account and message whose turn it is, or None if nothing is waiting."""
        if not self._turns:
            return None
        line = self._turns[0]
        if not self._in_turn:
            line.credit += line.quantum
            self._in_turn = True
        elif line.credit < line.waiting[0][1]:
            self._turns.rotate(-1)
            line = self._turns[0]
            line.credit += line.quantum
        message, cost = line.waiting.popleft()
        line.credit -= cost
        self._size -= 1
        if not line.waiting:
            self._leave()
        return line.account, message

    def _leave(self) -> None:
        line = self._turns.popleft()
        del self._lines[line.account]
        self._in_turn = False
