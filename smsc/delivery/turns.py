"""Which lanes are to be run: some in each turn of the loop, so that no crowd of them stops it.

Whose turn it is goes by the account of what is next in a lane, in rounds of all accounts.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from smsc.delivery.lane import Lane
from smsc.delivery.rounds import Rounds

LANES_A_TURN: Final = 200
TURNS_AT_ONCE: Final = 16


class Turns:
    """Lanes in line to be run, each once."""

    def __init__(self, run_some: Callable[[], None], weights: Mapping[str, int]) -> None:
        """Have `run_some` run what `some` gives it, never within itself; share by weights."""
        self._run_some = run_some
        self._line = Rounds[Lane](weights)
        self._running = False
        self._called = False

    def add(self, lane: Lane) -> None:
        """Line up a lane for the next run."""
        if not lane.running:
            lane.running = True
            ready = lane.ready
            self._line.add(ready[0].message.account if ready else lane.whose, lane)

    def some(self) -> Iterator[Lane]:
        """Take the lanes of one run out of the line: they no longer stand in it."""
        return self._line.take(LANES_A_TURN)

    def run(self) -> None:
        """Run what fits in this turn; the rest follows in the next."""
        if self._running:
            return
        self._running = True
        try:
            self._run_some()
        finally:
            self._running = False
        if self._line:
            self.soon()

    def run_out(self) -> None:
        """Run all that is in line, unless it is a crowd."""
        for _ in range(TURNS_AT_ONCE):
            self.run()
            if not self._line:
                break

    def soon(self) -> None:
        """Run in the next turn of the loop, if not before."""
        if not self._called:
            self._called = True
            asyncio.get_running_loop().call_soon(self._go_on)

    def _go_on(self) -> None:
        self._called = False
        self.run()
