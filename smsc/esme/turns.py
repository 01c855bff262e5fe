"""Whose password is verified next: one at a time, and hosts take turns.

A storm from one host waits behind itself: each round serves one of every host. The line is short,
so that nobody in it waits longer than a peer has to bind; when it is full, one who comes from a
host with fewer in it takes the place of the last from the host with the most.
"""

import asyncio
from collections import deque
from typing import Final

IN_LINE: Final = 64


class TooMany(Exception):
    """The line is full."""


class Turns:
    """The line of those who wait; `wait`, and when done `leave`."""

    def __init__(self) -> None:
        """Start with nobody's turn."""
        self._taken = False
        self._lines: dict[str, deque[asyncio.Future[None]]] = {}

    async def wait(self, host: str) -> None:
        """Wait for one's turn; raises `TooMany` if there is no place in the line."""
        if not self._taken:
            self._taken = True
            return
        self._make_room(host)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(host, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled() and turn.exception() is None:
                self.leave()
            self._forget(host, turn)
            raise

    def leave(self) -> None:
        """Let the next one have his turn."""
        while self._lines:
            host = next(iter(self._lines))
            line = self._lines.pop(host)
            turn = line.popleft()
            if line:
                self._lines[host] = line
            if not turn.done():
                turn.set_result(None)
                return
        self._taken = False

    def _make_room(self, host: str) -> None:
        if sum(map(len, self._lines.values())) < IN_LINE:
            return
        longest = max(self._lines, key=lambda each: len(self._lines[each]))
        if len(self._lines[longest]) <= len(self._lines.get(host, ())) + 1:
            raise TooMany
        last = self._lines[longest][-1]
        self._forget(longest, last)
        if not last.done():
            last.set_exception(TooMany())

    def _forget(self, host: str, turn: asyncio.Future[None]) -> None:
        line = self._lines.get(host)
        if line is not None and turn in line:
            line.remove(turn)
            if not line:
                del self._lines[host]
