"""The desk of a turn: what was read from the store for errands, and what they changed since."""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Final

from smsc.delivery.admission import Bounds
from smsc.delivery.inspection import Inspection
from smsc.delivery.ledger import Ledger
from smsc.delivery.scheduler import Scheduler
from smsc.message import Message, Purpose, State
from smsc.store.store import Found, Start, Waiting

TRIES: Final = 3
"""How often an errand waits for messages that are being put back before it goes on without."""


class Change(Enum):
    """What came of changing one message."""

    MADE = "made"
    NONE = "none"
    """It has ended, or is on its way."""
    LATER = "later"
    """It was changed by another since it was read."""
    MOVING = "moving"
    """It may be about to wait."""


class Desk:
    """What a turn has read, and what was changed since."""

    def __init__(
        self,
        scheduler: Scheduler,
        ledger: Ledger,
        now: int,
        bounds: Bounds,
        inspection: Inspection,
    ) -> None:
        """Start a turn at this time."""
        self.ledger = ledger
        self.scheduler = scheduler
        self.now = now
        self.bounds = bounds
        self.inspection = inspection
        self.groups: Mapping[int, Sequence[Found]] = {}
        self.lines: Mapping[Start, Sequence[Waiting]] = {}
        self.line_limit = 0
        self.changed: set[int] = set()
        self.joined: set[str] = set()
        """Destinations with a message that has just joined their queue."""
        self.released: set[str] = set()
        """Destinations where what was changed had held back others, or may go now."""

    def withdraw(self, message: Message, place: Waiting | None) -> Change:
        """End a message as deleted."""
        if message.id in self.changed:
            return Change.LATER
        return self._noted(self.scheduler.withdraw(message, place, State.DELETED), message, place)

    def substitute(self, message: Message, place: Waiting | None) -> Change:
        """Put a message in the place of the one that has its id."""
        return self._noted(self.scheduler.substitute(message, place), message, place)

    def _noted(self, made: bool, message: Message, place: Waiting | None) -> Change:
        destination = message.destination
        if not made:
            moving = self.scheduler.moving(destination, message.id)
            return Change.MOVING if moving else Change.NONE
        self.changed.add(message.id)
        if place is not None and place.not_before:
            self.released.add(destination)
        return Change.MADE


def is_sent(message: Message, account: str) -> bool:
    """Whether a message is one that this account submitted."""
    return (
        message.account == account
        and message.receipt is None
        and message.purpose is Purpose.SHORT_MESSAGE
    )


def withdrawn(
    desk: Desk, start: Start, places: Sequence[Waiting], matches: Callable[[Message], bool]
) -> list[Change]:
    """End what matches among places of a queue, and at its head what waits in memory for it."""
    changes = [desk.withdraw(place.message, place) for place in places if matches(place.message)]
    if start.after is None:
        ready = desk.scheduler.lanes.ready(start.destination)
        changes += [desk.withdraw(message, None) for message in ready if matches(message)]
    return changes
