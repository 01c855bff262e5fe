"""A submission that takes the place of those like it (SMPP 3.4, 5.2.18)."""

from collections.abc import Sequence

import msgspec

from smsc.delivery.desk import TRIES, Change, Desk, is_sent, withdrawn
from smsc.delivery.ledger import STORE_FAILED
from smsc.delivery.submission import Submitter
from smsc.message import Message
from smsc.store.store import Start


class Superseding:
    """The errand of messages that were let in, and wait to replace others.

    It joins its queue on the page on which they end: whatever happens, one of them is there.
    """

    wanted = 0
    changes = True

    def __init__(self, accepted: Sequence[tuple[int, Message]], submitter: Submitter) -> None:
        """Take these messages of one submitter, each with its token; they get new ids."""
        self.steps = 0
        self.starts: Sequence[Start] = [
            Start(name) for name in dict.fromkeys(each.destination for _, each in accepted)
        ]
        self._accepted = accepted
        self._submitter = submitter
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
        numbered = [
            (token, _numbered(message, desk.ledger.number(), desk.now))
            for token, message in self._accepted
        ]
        self._first_id = first_id = numbered[0][1].id
        if numbered[0][1].told_id:
            numbered = [(t, msgspec.structs.replace(m, told_id=first_id)) for t, m in numbered]
        self._accepted = numbered
        for _, message in numbered:
            desk.scheduler.place(message)
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
            for _, new in self._accepted
        )

    def fail(self) -> None:
        """Refuse the submission: the store couldn't be read."""
        for token, _ in self._accepted:
            self._submitter.refused(token, STORE_FAILED)

    def tell(self) -> None:
        """Tell the submitter that it was accepted, and under which id."""
        for token, message in self._accepted:
            self._submitter.accepted(token, message.id)

    def flush(self) -> None:
        """Send what the submitter was told."""
        self._submitter.flush()


def _numbered(message: Message, number: int, now: int) -> Message:
    """Give a message its id, and let it go at once if it has come to be due meanwhile."""
    not_before = message.not_before if message.not_before > now else 0
    return msgspec.structs.replace(message, id=number, not_before=not_before)
