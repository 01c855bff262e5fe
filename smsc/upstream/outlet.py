"""One link as the agent uses it: what waits for room on it, and what awaits its answer."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from smsc.clock import Clock, Timer
from smsc.delivery.agent import Attempt
from smsc.upstream.line import Line
from smsc_routing.fair import FairShares

ATTEMPTS: Final = 100_000
"""At most so many attempts wait for one link; lanes hold fewer than that."""

FIRST_REST: Final = 1.0
LONGEST_REST: Final = 60.0
"""Seconds that a throttled link rests: each time twice as long, until it takes something."""


SHORTEST_PATIENCE: Final = 0.02
LONGEST_PATIENCE: Final = 1.0
"""Seconds until a line that had no room is asked again."""


class Going(NamedTuple):
    """An attempt on a link, and the order of links it was given."""

    attempt: Attempt
    order: tuple[str, ...]


class Outlet:
    """A link's queue, shared out fairly, and its open submits in the order they were sent."""

    def __init__(
        self,
        line: Line,
        weights: Mapping[str, int],
        clock: Clock,
        rested: Callable[["Outlet"], None],
        pump: Callable[["Outlet"], None],
    ) -> None:
        """Begin with a line that isn't up.

        `rested` is called when a rest is over, `pump` when there may be room again.
        """
        self.line = line
        self.name = line.name
        self.up = False
        self.shares: FairShares[Going] = FairShares(weights, ATTEMPTS, ATTEMPTS)
        self.sent = 0
        """How many were sent: each has the number at which it was."""
        self._open: dict[int, tuple[int, Going]] = {}
        self._clock = clock
        self._rested = rested
        self._pump = pump
        self._strikes = 0
        self._rest: Timer | None = None
        self._polling: Timer | None = None
        self._patience = SHORTEST_PATIENCE

    @property
    def usable(self) -> bool:
        """Whether messages may be given to it."""
        return self.up and self._rest is None

    @property
    def resting(self) -> bool:
        """Whether it is left alone for a while, because it was throttled."""
        return self._rest is not None

    @property
    def outstanding(self) -> int:
        """How many submits await their answer."""
        return len(self._open)

    @property
    def oldest(self) -> int:
        """The number of the oldest submit that awaits its answer; beyond all if there is none."""
        for number, _ in self._open.values():
            return number
        return self.sent + 1

    def put(self, going: Going) -> bool:
        """Have an attempt wait for its turn; False if it can't."""
        return self.usable and self.shares.put(going.attempt.message.account, going)

    def keep(self, going: Going) -> None:
        """Have an attempt wait again that waited before."""
        self.shares.put(going.attempt.message.account, going)

    def take(self) -> Going | None:
        """Return the attempt whose turn it is."""
        taken = self.shares.take()
        return taken[1] if taken is not None else None

    def opened(self, going: Going) -> None:
        """Take note that an attempt is sent."""
        self.sent += 1
        self._open[going.attempt.message.id] = self.sent, going

    def closed(self, message_id: int) -> Going | None:
        """Take note that an attempt was answered, and return it, if it is one of ours."""
        found = self._open.pop(message_id, None)
        return found[1] if found is not None else None

    def unanswered(self) -> list[Going]:
        """Give up all that await an answer."""
        opened, self._open = self._open, {}
        return [going for _, going in opened.values()]

    def unsent(self) -> list[Going]:
        """Take out all that wait for room, whose turn it is first."""
        taken = []
        while (going := self.take()) is not None:
            taken.append(going)
        return taken

    def bar(self) -> bool:
        """Let it rest for a while, longer each time; False if it does already."""
        if self._rest is not None:
            return False
        seconds = min(FIRST_REST * 2**self._strikes, LONGEST_REST)
        self._strikes = min(self._strikes + 1, 16)
        self._rest = self._clock.call_later(seconds, self._rest_over)
        return True

    def _rest_over(self) -> None:
        self._rest = None
        self._rested(self)

    def poll(self, moving: bool) -> None:
        """See in a while whether there is room for what waits; if nothing moves, less often."""
        if moving:
            self._patience = SHORTEST_PATIENCE
        if self.shares and self._polling is None:
            self._polling = self._clock.call_later(self._patience, self._look)
            self._patience = min(2 * self._patience, LONGEST_PATIENCE)

    def _look(self) -> None:
        self._polling = None
        self._pump(self)

    def took(self) -> None:
        """Take note that it takes messages."""
        if self._rest is None:
            self._strikes = 0

    def close(self) -> None:
        """Call nobody any more."""
        for timer in (self._rest, self._polling):
            if timer is not None:
                timer.cancel()
