"""Errands: what it takes to answer a petition, one step for each time that the store was read.

An errand names the messages or queues it wants read, and is then done with what was found, all
at once. It is not over while a message it is about was changed by another errand since the read,
or may be about to be put back to wait; then it is done again with the next read. So whoever
comes later sees what those before him did.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Protocol

import msgspec

from smsc.delivery.admission import uncarried, unfit, untimely
from smsc.delivery.desk import TRIES, Change, Desk, is_sent, withdrawn
from smsc.delivery.directory import Unread
from smsc.delivery.ledger import STORE_FAILED
from smsc.delivery.petition import Answer, Cancel, Petition, Petitioner, Replace, Ruling
from smsc.message import Message, State, to_device
from smsc.store.store import Found, History, Start


class Errand(Protocol):
    """One errand; `steps` counts how often it was done."""

    wanted: int
    """The id of the message it wants read, or 0."""
    starts: Sequence[Start]
    """Where in queues it wants to be read on."""
    steps: int
    changes: bool
    """Whether it means to change anything."""

    @property
    def committed(self) -> bool:
        """Whether it was begun, and so must go on."""

    def step(self, desk: Desk) -> bool:
        """Do it with what was read; return whether that was all."""

    def fail(self) -> None:
        """Tell that the store couldn't be read."""

    def tell(self) -> None:
        """Tell the outcome, which is durable."""

    def flush(self) -> None:
        """Send what was told."""


class Asked(ABC):
    """What a petition is about, and who waits for its answer."""

    operation = ""
    changes = True

    def __init__(
        self, petition: Petition, source: str, dest: str, petitioner: Petitioner, token: int
    ) -> None:
        """Look for messages from this canonical source to this recipient ("" for any)."""
        self.wanted = petition.message_id
        self.starts: Sequence[Start] = ()
        self.steps = 0
        self.answer = Answer(Ruling.UNKNOWN)
        self._account = petition.account
        self._source = source
        self._dest = dest
        self._petitioner = petitioner
        self._token = token
        self._made = 0
        self._tries = 0

    @property
    def committed(self) -> bool:
        """Whether it was begun, and so must go on."""
        return self._made > 0

    @property
    def outcome(self) -> str:
        """What came of it, in a word of a closed set."""
        verdict = self.answer.verdict
        return self.answer.ruling if verdict is None else verdict.reason

    def fail(self) -> None:
        """Tell that the store couldn't be read."""
        self.answer = Answer(Ruling.REFUSED, verdict=STORE_FAILED)
        self.tell()

    def tell(self) -> None:
        """Tell the petitioner."""
        self._petitioner.told(self._token, self.answer)

    def flush(self) -> None:
        """Send what the petitioner was told."""
        self._petitioner.flush()

    @abstractmethod
    def step(self, desk: Desk) -> bool:
        """Do it with what was read; return whether that was all."""

    def _own(self, desk: Desk) -> list[Found]:
        """Return the messages that go by the id, if they are the petitioner's."""
        group = desk.groups.get(self.wanted, ())
        return [found for found in group if self._is_own(found.history.message)]

    def _is_own(self, message: Message) -> bool:
        return (
            is_sent(message, self._account)
            and message.source.digits == self._source
            and self._dest in ("", message.dest.digits)
        )

    def _moves(self, desk: Desk, changes: Sequence[Change]) -> bool:
        """Count what was changed; tell whether to come again for the rest."""
        self._made += changes.count(Change.MADE)
        if Change.LATER in changes:
            return True
        if Change.MOVING not in changes or self._tries == TRIES:
            return False
        self._tries += 1
        return True

    def _rule(self) -> None:
        self.answer = Answer(Ruling.GRANTED if self._made else Ruling.TOO_LATE)


class Asking(Asked):
    """A query."""

    operation = "query"
    changes = False

    def step(self, desk: Desk) -> bool:
        """Find out how the message stands."""
        own = self._own(desk)
        if any(found.history.message.id in desk.changed for found in own):
            return False
        if own:
            histories = [found.history for found in own]
            self.answer = Answer(Ruling.GRANTED, _together(histories, desk.now))
        return True


class Cancelling(Asked):
    """A cancellation by id."""

    operation = "cancel"

    def step(self, desk: Desk) -> bool:
        """End what waits."""
        own = self._own(desk)
        changes = [
            desk.withdraw(found.history.message, found.place)
            for found in own
            if not found.history.state.final
        ]
        if self._moves(desk, changes):
            return False
        if own:
            self._rule()
        return True


class CancellingAll(Asked):
    """A cancellation of all that match."""

    operation = "cancel"

    def __init__(
        self, petition: Petition, source: str, dest: str, petitioner: Petitioner, token: int
    ) -> None:
        """Look through the queue of this recipient."""
        super().__init__(petition, source, dest, petitioner, token)
        assert isinstance(petition, Cancel)
        self.answer = Answer(Ruling.TOO_LATE)
        self._service_type = petition.service_type
        self.starts = [Start(to_device(dest))]

    def step(self, desk: Desk) -> bool:
        """End what waits in memory, and on this page of the queue."""
        (start,) = self.starts
        if start.destination in desk.joined:
            return False
        places = desk.lines[start]
        changes = withdrawn(desk, start, places, self._matches)
        if self._moves(desk, changes):
            return False
        self._tries = 0
        if len(places) == desk.line_limit:
            self.starts = [Start(start.destination, places[-1].message)]
            return False
        self._rule()
        return True

    def _matches(self, message: Message) -> bool:
        return self._is_own(message) and self._service_type in ("", message.service_type)


class Replacing(Asked):
    """A replacement by id."""

    operation = "replace"

    def __init__(
        self, petition: Petition, source: str, dest: str, petitioner: Petitioner, token: int
    ) -> None:
        """Put the petition's text and times into the message."""
        super().__init__(petition, source, dest, petitioner, token)
        assert isinstance(petition, Replace)
        self._new = petition

    def step(self, desk: Desk) -> bool:
        """Put the new in the place of what waits."""
        own = self._own(desk)
        changes = [self._replace(desk, found) for found in own if not found.history.state.final]
        if self._moves(desk, changes):
            return False
        if own and self.answer.ruling is not Ruling.REFUSED:
            self._rule()
        return True

    def _replace(self, desk: Desk, found: Found) -> Change:
        old, new = found.history.message, self._new
        if old.id in desk.changed:
            return Change.LATER
        not_before = new.not_before if new.not_before > desk.now else 0
        latest = max(desk.now, not_before) + desk.bounds.validity
        expires_at = min(new.expires_at, latest) if new.expires_at else old.expires_at
        payload, data_coding = new.text(old)
        verdict = (
            unfit(payload, old.esm_class, data_coding)
            or uncarried(payload, old.esm_class, data_coding)
            or untimely(not_before, new.expires_at, expires_at, desk.now, desk.bounds.schedule)
        )
        message = msgspec.structs.replace(
            old,
            payload=payload,
            data_coding=data_coding,
            registered_delivery=new.registered_delivery,
            not_before=not_before if new.not_before else old.not_before,
            expires_at=expires_at,
        )
        try:
            verdict = verdict or desk.inspection.refusal(message, desk.now)
        except Unread:
            return Change.LATER
        if verdict is not None:
            self.answer = Answer(Ruling.REFUSED, verdict=verdict)
            return Change.NONE
        return desk.substitute(message, found.place)


def _together(histories: Sequence[History], now: int) -> History:
    """Tell of messages that go by one id as of one: it has ended when all have."""
    for history in histories:
        if not history.state.final:
            # The store doesn't take note of the hour at which a message comes due.
            due = history.message.not_before <= now
            return history._replace(state=State.ENROUTE if due else State.SCHEDULED)
    failed = next((h for h in histories if h.state is not State.DELIVERED), histories[0])
    return failed._replace(done_at=max(history.done_at for history in histories))
