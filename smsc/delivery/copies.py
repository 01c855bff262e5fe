"""What was read from queues, and stands in them still: nobody may see it double.

A read goes on while messages end, so what it brings may be out of date when it comes. There is
one reader at a time, and no lock.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class Copies:
    """Messages that were read from their queues and whose end isn't durable yet."""

    def __init__(self) -> None:
        """Begin with none."""
        self.ids: set[int] = set()
        """Those in memory."""
        self._ended: set[int] = set()
        self._reading = False

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read queues, and feed or look at what was read."""
        self._reading = True
        try:
            yield
        finally:
            self._reading = False
            self._ended.clear()

    def end(self, ids: Iterable[int]) -> None:
        """Let go of messages whose end, or new place, is durable."""
        self.ids.difference_update(ids)
        if self._reading:
            self._ended.update(ids)

    def out_of_date(self, message_id: int) -> bool:
        """Whether a message has ended, or went back to wait, since the read began."""
        return message_id in self._ended

    def rests(self, message_id: int) -> bool:
        """Whether a message that has a place in its queue is nowhere else."""
        return message_id not in self.ids and message_id not in self._ended
