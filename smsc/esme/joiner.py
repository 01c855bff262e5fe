"""Parts of long messages that wait for each other, for accounts that want them joined.

A part is held as the open attempt that it is: its message stays in the store, so a restart reads
it again and nothing is lost. When the last part of a set has come, all of them leave together.

- A part that comes again unchanged shares the fate of the one that is there.
- A part that contradicts its set (another text in the same place) begins the set anew.
- A set is let go in parts when it is older than its life, when another set takes its reference,
  or when its account has too many parts waiting: the oldest goes first.
"""

from typing import Final, NamedTuple, TypeAlias

from smsc.delivery.agent import Attempt
from smsc.esme.sar import part_of
from smsc.message import Message
from smsc_encodings.national import Shifts, shifts_in
from smsc_encodings.udh import Concatenation

PARTS_HELD: Final = 512
"""Of one account: two messages of the longest kind."""
LIFE_SECONDS: Final = 60.0

Key: TypeAlias = tuple[str, str, int, int, bool, int, Shifts]


class _Set:
    __slots__ = ("again", "parts", "since", "total")

    def __init__(self, total: int, since: float) -> None:
        self.total = total
        self.since = since
        self.parts: dict[int, Attempt] = {}
        self.again: list[Attempt] = []

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """All attempts, those that came again last."""
        return (*(self.parts[sequence] for sequence in sorted(self.parts)), *self.again)

    def contradicts(self, sequence: int, attempt: Attempt) -> bool:
        there = self.parts.get(sequence)
        return there is not None and there.message.payload != attempt.message.payload


class Whole(NamedTuple):
    """A set that is complete: its parts in order, and whatever came more than once."""

    parts: tuple[Attempt, ...]
    attempts: tuple[Attempt, ...]


class Joiner:
    """Holds parts; time is the caller's, in seconds, and never runs back."""

    def __init__(self, most: int = PARTS_HELD, life: float = LIFE_SECONDS) -> None:
        """Hold at most so many parts of an account, each set for so long."""
        self._most = most
        self._life = life
        self._accounts: dict[str, dict[Key, _Set]] = {}
        self._held: dict[str, int] = {}

    def held(self, account: str) -> int:
        """Return how many parts of this account wait."""
        return self._held.get(account, 0)

    @property
    def deadline(self) -> float | None:
        """When the oldest set is to be let go, None if there is none."""
        oldest = (next(iter(sets.values())).since for sets in self._accounts.values())
        since = min(oldest, default=None)
        return None if since is None else since + self._life

    def add(
        self, account: str, attempt: Attempt, now: float
    ) -> tuple[Whole | None, tuple[Attempt, ...]]:
        """Hold a part; return the set that it completes, and what must go in parts.

        What isn't a part goes as it is.
        """
        message = attempt.message
        part = part_of(message)
        if part is None:
            return None, (attempt,)
        key = _key(message, part)
        loose: tuple[Attempt, ...] = ()
        found = self._accounts.get(account, {}).get(key)
        if found is not None and found.contradicts(part.sequence, attempt):
            loose = self._let_go(account, key)
            found = None
        if found is None:
            found = self._accounts.setdefault(account, {})[key] = _Set(part.total, now)
        if part.sequence in found.parts:
            found.again.append(attempt)
        else:
            found.parts[part.sequence] = attempt
        self._held[account] = self.held(account) + 1
        if len(found.parts) == found.total:
            attempts = self._let_go(account, key)
            return Whole(attempts[: found.total], attempts), loose
        if self.held(account) > self._most:
            loose += self._let_go(account, next(iter(self._accounts[account])))
        return None, loose

    def overdue(self, now: float) -> tuple[Attempt, ...]:
        """Let go of the sets that are older than their life."""
        loose: list[Attempt] = []
        for account in list(self._accounts):
            while sets := self._accounts.get(account):
                key, oldest = next(iter(sets.items()))
                if now < oldest.since + self._life:
                    break
                loose += self._let_go(account, key)
        return tuple(loose)

    def _let_go(self, account: str, key: Key) -> tuple[Attempt, ...]:
        sets = self._accounts[account]
        attempts = sets.pop(key).attempts
        self._held[account] -= len(attempts)
        if not sets:
            del self._accounts[account], self._held[account]
        return attempts


def _key(message: Message, part: Concatenation) -> Key:
    """Tell sets apart; what is read in different ways can't be one text."""
    return (
        message.source.digits,
        message.dest.digits,
        part.reference,
        part.total,
        part.wide,
        message.data_coding,
        shifts_in(message.payload),
    )
