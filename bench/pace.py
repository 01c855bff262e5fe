"""What is left to submit, and when it falls due: time is an argument, so tests need no clock.

Without a rate everything is due at once and the sessions' windows are the only brake. With a rate,
`release` is called every tick and makes due what the rate allows by then; what a full window can't
take waits with the moment it fell due, so that a server that stalls pays for it in latency.
"""

import math
from collections import deque

Run = tuple[float, int]
"""So many messages that fell due at this moment."""


class Supply:
    """The messages of one run, handed out to its sessions."""

    def __init__(self, count: int | None, rate: float | None = None) -> None:
        """Offer `count` messages (None: until stopped), `rate` a second (None: no limit)."""
        self.paced = rate is not None
        self._rate = rate or 0.0
        self._left: float = math.inf if count is None else count
        self._due: deque[Run] = deque()
        self._released = 0
        self._start: float | None = None

    @property
    def exhausted(self) -> bool:
        """Tell whether nothing is left to hand out, now or later."""
        return not self._left and not self._due

    @property
    def backlog(self) -> int:
        """Count what is due and not yet taken."""
        return sum(size for _, size in self._due)

    def release(self, now: float) -> None:
        """Make due what the rate allows by now; the first call starts the clock."""
        if self._start is None:
            self._start = now
        fresh = min(int((now - self._start) * self._rate) - self._released, self._left)
        if fresh > 0:
            self._due.append((now, int(fresh)))
            self._released += int(fresh)
            self._left -= fresh

    def take(self, room: int, now: float) -> list[Run]:
        """Hand out at most `room` messages, each run with the moment it fell due."""
        if not self.paced:
            size = int(min(room, self._left))
            self._left -= size
            return [(now, size)] if size > 0 else []
        runs: list[Run] = []
        while room > 0 and self._due:
            moment, size = self._due.popleft()
            if size > room:
                self._due.appendleft((moment, size - room))
                size = room
            runs.append((moment, size))
            room -= size
        return runs

    def stop(self) -> None:
        """Offer nothing more; what is due and not taken is dropped."""
        self._left = 0
        self._due.clear()
