"""The lane of one destination: what is in hand for it, and whether its queue holds more.

A lane exists only while there is something to do that the store doesn't know: attempts open or
ready, ends not yet durable, or a queue still to be read. Everyone else waits in the store.
"""

from collections import deque
from typing import Final

from msgspec import Struct, field

from smsc.delivery.agent import Agent, Attempt

READY_AT_MOST: Final = 1000
READY_IN_ORDER: Final = 8


class Lane(Struct, eq=False):
    """What the scheduler keeps of one destination in use."""

    destination: str
    agent: Agent
    account: str = ""
    """Whose message is the next in its queue, as far as that is known."""
    ready: list[Attempt] = field(default_factory=list)
    """In hand and durable, in the order of delivery: of few, a list takes an eighth of a deque."""
    pending: int = 0
    """Arrivals in hand that aren't durable yet."""
    transients: deque[Attempt] | None = None
    """Messages the store knows nothing of, which go when nothing else is ready."""
    opened: int = 0
    """Attempts with the agent."""
    opened_transients: int = 0
    """Those of them that the store knows nothing of."""
    unsettled: int = 0
    """Ends that aren't durable yet."""
    unwritten: int = 0
    """Places in the queue that aren't durable yet."""
    behind: bool = False
    """The queue in the store holds, or may hold, messages for this lane."""
    parked: bool = False
    """Older messages went back to the queue: arrivals that become durable must follow them."""
    reading: bool = False
    """Its queue is being read."""
    running: bool = False
    """It stands among the lanes to be run."""
    not_before: int = 0
    """Nothing goes before this time: the first in line has failed and waits."""
    alerted: bool = False
    """Its destination says that it can take what found it full, until something fails again."""

    @property
    def whose(self) -> str:
        """The account of what is next if nothing is ready, "" if nobody knows."""
        return self.transients[0].message.account if self.transients else self.account

    @property
    def open_to_more(self) -> bool:
        """Whether a new message may join the line: nothing older waits, and it isn't too long."""
        most = READY_IN_ORDER if self.agent.in_order else READY_AT_MOST
        return not self.behind and self.pending + len(self.ready) < most

    @property
    def hungry(self) -> bool:
        """Whether the queue must be read to go on, and can be.

        Where order matters, nothing is read before all that was in hand has ended.
        """
        if not self.behind or self.reading or self.ready or self.pending or self.unwritten:
            return False
        in_line = self.opened - self.opened_transients or self.unsettled
        return not (self.agent.in_order and in_line)

    @property
    def idle(self) -> bool:
        """Whether nothing would be lost with this lane but the memory of a queue in the store."""
        return not (
            self.reading
            or self.running
            or self.ready
            or self.transients
            or self.pending
            or self.opened
            or self.unsettled
            or self.unwritten
        )

    def add(self, attempt: Attempt) -> None:
        """Line up an attempt: behind all of its priority and higher ones."""
        _line_up(self.ready, attempt)

    def add_transient(self, attempt: Attempt) -> None:
        """Line up an attempt that isn't stored: likewise, among its like."""
        if self.transients is None:
            self.transients = deque()
        _line_up(self.transients, attempt)


def _line_up(line: list[Attempt] | deque[Attempt], attempt: Attempt) -> None:
    priority = attempt.message.priority
    if not line or line[-1].message.priority >= priority:
        line.append(attempt)
        return
    place = next(i for i, other in enumerate(line) if other.message.priority < priority)
    line.insert(place, attempt)
