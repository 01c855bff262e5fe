"""Places that are yet to be put into the queues: gathered as they come, taken as they sort.

The first generation gathers while the one before it, sorted by queue, is taken slice by slice
from its end. Neighbours in a slice share their pages of the index, and no write is a long one.
"""

from collections.abc import Sequence
from typing import Any, Final

Place = tuple[Any, ...]
"""A row of the queue: destination, rank, id, not_before, attempts, next_at."""

GENERATION: Final = 10_000
SLICE_AT_LEAST: Final = 50
_ID: Final = 2
_NEXT_AT: Final = 5


class Gathering:
    """Places in memory, in two generations; the caller puts back what it couldn't write."""

    def __init__(self) -> None:
        """Start with none."""
        self._coming: list[Place] = []
        self._going: list[Place] = []
        self._oldest_going = 0

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._coming or self._going)

    def add(self, places: Sequence[Place]) -> None:
        """Gather places of messages that have just arrived, oldest first."""
        self._coming.extend(places)

    def take(self, come: int) -> list[Place]:
        """Take a slice of neighbours, if a generation is complete, and so many have come since.

        The slice is a little more than twice as many: an old generation is gone before the next
        is complete, and every write bears its share.
        """
        if not self._going and len(self._coming) >= GENERATION:
            self._oldest_going = self._coming[0][_ID]
            self._going = sorted(self._coming, reverse=True)
            self._coming = []
        count = 2 * come + SLICE_AT_LEAST
        taken = self._going[-count:]
        del self._going[-count:]
        return taken

    def take_all(self) -> list[Place]:
        """Take every place, sorted."""
        taken = sorted(self._going + self._coming)
        self._going, self._coming = [], []
        return taken

    def put_back(self, places: list[Place]) -> None:
        """Undo a `take` or `take_all`."""
        if places:
            self._going = sorted(self._going + places, reverse=True)
            self._oldest_going = min(place[_ID] for place in self._going)

    def withdraw(self, count: int) -> None:
        """Undo the latest `add`, of so many places."""
        if count:
            del self._coming[-count:]

    @property
    def oldest(self) -> int | None:
        """An id that no message whose place is gathered is older than."""
        if self._going:
            return self._oldest_going
        return self._coming[0][_ID] if self._coming else None

    @property
    def next_at(self) -> int | None:
        """When the earliest of them needs a look."""
        return min((place[_NEXT_AT] for place in self._going + self._coming), default=None)
