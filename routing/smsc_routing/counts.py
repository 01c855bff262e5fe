"""The counts of quotas that are in use, between the store that keeps them and those who decide.

A count is known here or must be read from the store first. A message that is accepted adds to
it at once, so that the next one sees it, and *holds* it until the page with that message is
written or has failed. What is held isn't forgotten, for the store doesn't know all of it yet;
of the rest, what was read longest ago is, whenever one is read that there is no room for. So there
are never more than the capacity and the most that was held at a time, which is bounded by what may
wait to be written.

Each count is read by one reader at a time. A value is therefore never older than what was written
since, and no order of reading, deciding, writing and forgetting lets a message too many through.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from smsc_routing.calendar_quota import Increment, Key

_STEPS = 2


@dataclass(slots=True)
class _Count:
    total: int
    held: int = 0


class Counts:
    """A bounded table of counts."""

    def __init__(self, capacity: int = 100_000) -> None:
        """Make a table that keeps `capacity` counts. Raises ValueError for less than one.

        Give more than are read at a time, or what one reads makes another's be forgotten.
        """
        if capacity < 1:
            raise ValueError(f"capacity {capacity} holds no count: give at least 1")
        self._capacity = capacity
        self._counts: dict[Key, _Count] = {}
        self._round: deque[Key] = deque()
        self._reading: set[Key] = set()

    def __len__(self) -> int:
        """Return the number of counts known."""
        return len(self._counts)

    def __call__(self, key: Key) -> int:
        """Return a count that is known. Raises KeyError for one that must be read first."""
        return self._counts[key].total

    def known(self, wanted: Iterable[Key]) -> bool:
        """Whether all of these counts are known."""
        return all(key in self._counts for key in wanted)

    def to_read(self, wanted: Iterable[Key]) -> list[Key]:
        """Return those that the caller must now read, and then hand to `read` or `unread`.

        Those that somebody is reading already are left out: wait for them.
        """
        missing = [key for key in wanted if key not in self._counts and key not in self._reading]
        self._reading.update(missing)
        return missing

    def read(self, key: Key, total: int) -> None:
        """Take note of a count as it is in the store; 0 where the store has none.

        A value that wasn't asked for by `to_read` may be an old one, and changes nothing.
        """
        if key not in self._reading:
            return
        self._reading.discard(key)
        self._make_room()
        self._counts[key] = _Count(total)
        self._round.append(key)

    def unread(self, wanted: Iterable[Key]) -> None:
        """Take note that reading failed; others may try."""
        self._reading.difference_update(wanted)

    def add(self, increments: Iterable[Increment]) -> None:
        """Count an accepted message, and hold its counts until it is `written` or `failed`."""
        for key, cost, _ in increments:
            count = self._counts[key]
            count.total += cost
            count.held += 1

    def written(self, increments: Iterable[Increment]) -> None:
        """Take note that a message and its counts are in the store."""
        for key, _, _ in increments:
            self._counts[key].held -= 1

    def failed(self, increments: Iterable[Increment]) -> None:
        """Take back a message that never reached the store."""
        for key, cost, _ in increments:
            count = self._counts[key]
            count.total -= cost
            count.held -= 1

    def _make_room(self) -> None:
        """Look at the two that come next, and forget what isn't held of them."""
        for _ in range(_STEPS):
            if len(self._counts) < self._capacity:
                return
            key = self._round.popleft()
            if self._counts[key].held:
                self._round.append(key)
            else:
                del self._counts[key]
