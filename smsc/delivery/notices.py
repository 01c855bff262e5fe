"""What senders are told besides receipts: new messages that follow from others.

A first attempt that failed for now makes an intermediate notification, a device that is out of
reach or full a watch, and the end of a watch an alert; a receipt that nobody took is a dead letter.
They go on the page of what they follow from, so that neither is ever written without the other.
"""

from collections.abc import Callable
from typing import Final

from smsc.clock import Clock
from smsc.delivery.agent import Result
from smsc.delivery.lanes import Lanes
from smsc.delivery.ledger import Ledger
from smsc.delivery.receipts import bury, notified, receipt_for
from smsc.delivery.watches import Watches, alert_for, unavailable, watch_for
from smsc.journal import Journal
from smsc.message import Message, Purpose, State
from smsc.store.store import Waiting

_LOST: Final = frozenset({State.EXPIRED, State.UNDELIVERABLE})


class Notices:
    """Makes them, and has them placed like any other message."""

    def __init__(
        self, ledger: Ledger, clock: Clock, journal: Journal, place: Callable[[Message], None]
    ) -> None:
        """Number them by the ledger, and give them to `place`."""
        self._ledger = ledger
        self._clock = clock
        self._journal = journal
        self._place = place
        self._watches = Watches()
        self._held_up: list[tuple[Message, Result, int, bool]] = []

    def awaited(self, message: Message) -> bool:
        """Tell whether somebody is to hear that a message can't go at once."""
        return message.watch or notified(message)

    def look_for(self, place: Waiting, lanes: Lanes) -> Waiting:
        """See whether the destination of a message is absent, if somebody is to hear of that.

        To find that out counts as an attempt: so it is told once.
        """
        message = place.message
        if place.attempts or place.not_before > self._clock.now() or not self.awaited(message):
            return place
        agent = lanes.agent(message.destination)
        if agent is None or agent.capacity(message.destination):
            return place
        cause = agent.absence(message.destination)
        self.held_up(message, Result.ABSENT, cause, first=True)
        return place._replace(attempts=1, error=cause)

    def held_up(self, message: Message, result: Result, error: int, first: bool) -> None:
        """Have the sender told, if he asked, how an attempt failed for now: only of the first.

        What tells of it is placed when the page is turned: messages are placed in the order of
        their ids, and somebody may be in the middle of placing several.
        """
        self._held_up.append((message, result, error, first))
        self._ledger.want()

    def place_those_held_up(self) -> None:
        """Put on the page what tells of messages on it."""
        if self._held_up:
            held_up, self._held_up = self._held_up, []
            for message, result, error, first in held_up:
                if first and notified(message):
                    self._notify(message, error)
                if message.watch and unavailable(result, error):
                    self.watch(message)

    def _notify(self, message: Message, error: int) -> None:
        now, number = self._clock.now(), self._ledger.number()
        self._place(receipt_for(message, State.ENROUTE, error, now, number))

    def watch(self, message: Message) -> int:
        """Have the account told when a message's device is back; return the watch's id.

        0 if the device is watched already, for the same address.
        """
        if not self._watches.begin(message):
            return 0
        watch = watch_for(message, self._ledger.number(), self._clock.now())
        self._place(watch)
        return watch.id

    def ended(self, message: Message, state: State, error: int, now: int) -> None:
        """Draw the conclusion from the end of a notice."""
        if message.receipt is not None and state in _LOST:
            bury(message, state, error, self._journal)
        if message.purpose is Purpose.WATCH:
            self._watches.end(message)
            if state is State.DELIVERED:
                self._place(alert_for(message, self._ledger.number(), now))

    def unwritten(self, message: Message) -> None:
        """Forget a message that could not be written, and was refused."""
        if message.purpose is Purpose.WATCH:
            self._watches.end(message)
