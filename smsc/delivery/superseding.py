"""A submission that takes the place of those like it (SMPP 3.4, 5.2.18)."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from smsc.delivery.desk import TRIES, Change, Desk, is_sent, withdrawn
from smsc.delivery.ledger import STORE_FAILED
from smsc.delivery.submission import Submitter
from smsc.message import Message
from smsc.store.store import Start
from smsc_routing.calendar_quota import Increment
from smsc_routing.counts import Counts
from smsc_routing.decision import Verdict


class LetIn(NamedTuple):
    """A message that was let in, its submitter's token, and what it adds to counts of quotas."""

    token: int
    message: Message
    increments: tuple[Increment, ...] = ()


class Superseding:
    """The errand of messages that were let in, and wait to replace others.

    It joins its queue on the page on which they end: whatever happens, one of them is there. What
    it adds to the counts of quotas is held until then, and written on that page.
    """

    wanted = 0
    changes = True

    def __init__(self, accepted: Sequence[LetIn], submitter: Submitter, counts: Counts) -> None:
        """Take these messages of one submitter; they get new ids."""
        self.steps = 0
        self.starts: Sequence[Start] = [
            Start(name) for name in dict.fromkeys(each.message.destination for each in accepted)
        ]
        self._accepted = accepted
        self._submitter = submitter
        self._counts = counts
        self._first_id = 0
        self._tries = 0

    @property
    def committed(self) -> bool:
        """Whether it was begun, and so must go on."""
        return self._first_id > 0

    def step(self, desk: Desk) -> bool:
        """Put the new into their queues, if they aren't yet; end what waits of the old."""
        names = [start.destination for start in self.starts]
        if not self._first_id:
            if any(name in desk.joined for name in names):
                return False
            if self._tries < TRIES and any(map(desk.scheduler.moving, names)):
                self._tries += 1
                return False
            self._join(desk)
        self.starts = [each for start in self.starts for each in self._go_on(desk, start)]
        return not self.starts

    def _join(self, desk: Desk) -> None:
        """Number the messages, one after another, and put them on the page."""
        first_id = 0
        numbered = []
        for each in self._accepted:
            message = _numbered(each.message, desk.ledger.number(), desk.now)
            first_id = first_id or message.id
            if message.told_id:
                message = msgspec.structs.replace(message, told_id=first_id)
            numbered.append(each._replace(message=message))
        self._first_id = first_id
        self._accepted = numbered
        for _, message, increments in numbered:
            desk.scheduler.place(message)
            if increments:
                desk.ledger.page.count(message.id, increments)
            desk.joined.add(message.destination)

    def _go_on(self, desk: Desk, start: Start) -> list[Start]:
        """End what is found in one queue; return where to read on in it, if there is more."""
        places = desk.lines[start]
        if Change.LATER in withdrawn(desk, start, places, self._matches):
            return [start]
        if len(places) == desk.line_limit:
            return [Start(start.destination, places[-1].message)]
        return []

    def _matches(self, old: Message) -> bool:
        return old.id < self._first_id and any(
            new.destination == old.destination
            and new.source.digits == old.source.digits
            and new.service_type == old.service_type
            and is_sent(old, new.account)
            for _, new, _ in self._accepted
        )

    def fail(self) -> None:
        """Refuse the submission: the store couldn't be read."""
        self.refuse(STORE_FAILED)

    def refuse(self, verdict: Verdict) -> None:
        """Refuse what hasn't joined its queue, and take back what was counted of it."""
        for token, _, increments in self._accepted:
            self._counts.failed(increments)
            self._submitter.refused(token, verdict)

    def tell(self) -> None:
        """Tell the submitter that it was accepted, and under which id."""
        for token, message, _ in self._accepted:
            self._submitter.accepted(token, message.id)

    def flush(self) -> None:
        """Send what the submitter was told."""
        self._submitter.flush()


def _numbered(message: Message, number: int, now: int) -> Message:
    """Give a message its id, and let it go at once if it has come to be due meanwhile."""
    not_before = message.not_before if message.not_before > now else 0
    return msgspec.structs.replace(message, id=number, not_before=not_before)
