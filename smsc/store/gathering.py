"""Places that are yet to be put into the queues: gathered as they come, taken as they sort.

The first generation gathers while the one before it, sorted by queue, is taken slice by slice
from its end. Neighbours in a slice share their pages of the index, and no write is a long one.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

Place = tuple[Any, ...]
"""A row of the queue: tray, destination, rank, id, not_before, attempts, next_at."""

GENERATION: Final = 10_000
SLICE_AT_LEAST: Final = 50
DESTINATION: Final = 1
ID: Final = 3
NEXT_AT: Final = 6


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
            self._oldest_going = self._coming[0][ID]
            self._going = sorted(self._coming, reverse=True)
            self._coming = []
        count = 2 * come + SLICE_AT_LEAST
        taken = self._going[-count:]
        del self._going[-count:]
        return taken

    def take_if(self, wanted: Callable[[Place], bool]) -> list[Place]:
        """Take the places that somebody is about to read, sorted."""
        taken = sorted(filter(wanted, self._going + self._coming))
        if taken:
            self._going = [place for place in self._going if not wanted(place)]
            self._coming = [place for place in self._coming if not wanted(place)]
        return taken

    def put_back(self, places: list[Place]) -> None:
        """Undo a `take`, of whichever kind."""
        if places:
            self._going = sorted(self._going + places, reverse=True)
            self._oldest_going = min(place[ID] for place in self._going)

    def withdraw(self, count: int) -> None:
        """Undo the latest `add`, of so many places."""
        if count:
            del self._coming[-count:]

    @property
    def oldest(self) -> int | None:
        """An id that no message whose place is gathered is older than."""
        if self._going:
            return self._oldest_going
        return self._coming[0][ID] if self._coming else None

    @property
    def next_at(self) -> int | None:
        """When the earliest of them needs a look."""
        return min((place[NEXT_AT] for place in self._going + self._coming), default=None)
