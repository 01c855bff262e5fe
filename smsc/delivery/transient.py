"""Messages the store never sees: datagrams, and transactions, whose sender waits for the outcome.

Both have one attempt, in the lane of their destination, where they stand in memory behind what is
ready (SMPP 3.4, 2.10.2 and 2.10.3). A datagram is answered when it is let in; what becomes of it
is only counted. A transaction is answered by how its attempt ended. Neither waits for a device
that is out of reach, nor longer than its sender may be expected to, and neither makes a receipt:
so they are bounded in number, in octets and in time, and a crash forgets them.
"""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from smsc.clock import Clock
from smsc.delivery.agent import Attempt, Outcome, Result
from smsc.delivery.lane import Lane
from smsc.delivery.ledger import Ledger
from smsc.delivery.shares import Shares
from smsc.delivery.submission import Submitter
from smsc.delivery.watches import unavailable
from smsc.journal import Journal
from smsc.message import Message
from smsc.smpp.commands import ESM_MODE_DATAGRAM, ESM_MODE_MASK, ESM_MODE_TRANSACTION
from smsc_routing.decision import Failure, FailureReason, Reason, Verdict

TRANSIENTS: Final = 10_000
TRANSIENT_OCTETS: Final = 16 * 1024 * 1024
TRANSIENTS_A_LANE: Final = 100
SECONDS_BETWEEN_LOOKS: Final = 1.0

LATE: Final = "late"
"""How one ended that had no outcome in time, beside the results of an attempt."""

_MODES: Final = {ESM_MODE_DATAGRAM: "datagram", ESM_MODE_TRANSACTION: "transaction"}

# Unknown, unidentified and illegal subscribers, and those without SMS (3GPP TS 29.002, 17.6).
_CAUSES_OF_THE_NUMBER: Final = frozenset({1, 5, 9, 11, 12, 13})


def transient(esm_class: int) -> bool:
    """Tell whether this esm_class asks for datagram or transaction mode (SMPP 3.4, 5.2.12)."""
    return esm_class & ESM_MODE_MASK in _MODES


class Transient(Struct, eq=False):
    """One of them: who waits for its outcome, if anybody does still, and until when."""

    message: Message
    submitter: Submitter | None
    token: int
    give_up_at: float
    """By the monotonic clock."""
    opened: bool = False

    @property
    def mode(self) -> str:
        """Its mode, as metrics name it."""
        return _MODES[self.message.esm_class & ESM_MODE_MASK]


class Transients:
    """All that are in memory."""

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        journal: Journal,
        patience_seconds: float,
        watch: Callable[[Message], int],
    ) -> None:
        """Give each so many seconds; `watch` is asked to watch the device of one that is
        absent or full.

        It returns the id of what it put on the page, 0 if there is nothing to put.
        """
        self._ledger = ledger
        self._clock = clock
        self._journal = journal
        self._patience = patience_seconds
        self._watch = watch
        self._known: dict[int, Transient] = {}
        self._room = Shares(TRANSIENT_OCTETS, ledger.weights)
        self._looking = False
        self.answered: dict[Submitter, None] = {}
        """Whom `flush` will have their answers sent."""

    def __len__(self) -> int:
        """Count those in memory."""
        return len(self._known)

    def full(self, account: str) -> bool:
        """Whether no more of an account's may be let in."""
        return self._room.denied(account)

    # The way in.

    def add(self, message: Message, submitter: Submitter, token: int, lane: Lane) -> None:
        """Line one up; one too many for its destination has failed."""
        entry = self._enter(message, submitter, token)
        if lane.transients is not None and len(lane.transients) >= TRANSIENTS_A_LANE:
            self._end(entry, Result.FAILED, 0)
            return
        lane.add_transient(Attempt(message))
        if not self._looking:
            self._looking = True
            self._clock.call_later(SECONDS_BETWEEN_LOOKS, self._look)

    def turn_away(self, message: Message, submitter: Submitter, token: int, cause: int) -> None:
        """End one whose destination can't be reached."""
        self._end(self._enter(message, submitter, token), Result.ABSENT, cause)

    def _enter(self, message: Message, submitter: Submitter, token: int) -> Transient:
        give_up_at = self._clock.monotonic() + self._patience
        entry = Transient(message, submitter, token, give_up_at)
        if message.esm_class & ESM_MODE_MASK == ESM_MODE_DATAGRAM:
            entry.submitter = None
            submitter.accepted(token, message.id)
        self._known[message.id] = entry
        self._room.take(message.account, _taken(message))
        return entry

    # The way out.

    def take(self, lane: Lane, batch: list[Attempt], now: int) -> None:
        """Open as many as the destination has room for; end all if it is gone."""
        line, capacity = lane.transients, lane.agent.capacity(lane.destination)
        while line and (not capacity or lane.opened < capacity):
            attempt = line.popleft()
            entry = self._known.get(attempt.message.id)
            if entry is None:
                continue
            if not capacity:
                self._end(entry, Result.ABSENT, lane.agent.absence(lane.destination))
            elif entry.message.expires_at <= now:
                self._end(entry, LATE, 0)
            else:
                entry.opened = True
                lane.opened += 1
                lane.opened_transients += 1
                batch.append(attempt)

    def settle(self, lane: Lane, outcome: Outcome) -> bool:
        """Take the outcome of an attempt, if it is one of ours."""
        entry = self._known.get(outcome.attempt.message.id)
        if entry is None:
            return False
        lane.opened_transients -= 1
        self._end(entry, outcome.result, outcome.error)
        return True

    def _look(self) -> None:
        """Give up those that took too long; one in the air may still arrive."""
        monotonic, now = self._clock.monotonic(), self._clock.now()
        for entry in list(self._known.values()):
            if entry.give_up_at > monotonic and entry.message.expires_at > now:
                continue
            if not entry.opened:
                self._end(entry, LATE, 0)
            elif entry.submitter is not None:
                self._tell(entry, LATE, 0)
        self.flush()
        self._looking = bool(self._known)
        if self._looking:
            self._clock.call_later(SECONDS_BETWEEN_LOOKS, self._look)

    # What is told.

    def _end(self, entry: Transient, result: str, cause: int) -> None:
        del self._known[entry.message.id]
        self._room.give_back(entry.message.account, _taken(entry.message))
        self._tell(entry, result, cause)

    def _tell(self, entry: Transient, result: str, cause: int) -> None:
        """Count an outcome, and answer the one who waits for it."""
        message, submitter = entry.message, entry.submitter
        watched = message.watch and unavailable(result, cause)
        watch = self._watch(message) if watched else None
        if submitter is None:
            # A transaction that nobody waits for any more was counted when it was late.
            if entry.mode == _MODES[ESM_MODE_DATAGRAM]:
                self._journal.transients[entry.mode, result] += 1
            return
        entry.submitter = None
        self._journal.transients[entry.mode, result] += 1
        if result in _TAKEN:
            submitter.accepted(entry.token, message.id)
            self.answered[submitter] = None
        elif watch is None:
            submitter.refused(
                entry.token, _verdict(result, cause, False if message.watch else None)
            )
            self.answered[submitter] = None
        else:
            # Told when what was promised is durable.
            self._ledger.owe(_Watched(submitter, result, cause), entry.token, watch)
            self._ledger.want()

    def flush(self) -> None:
        """Have the answers sent that were given since."""
        answered, self.answered = self.answered, {}
        for submitter in answered:
            submitter.flush()


class _Watched:
    """Waits for a watch to be durable, and then tells that the message wasn't delivered."""

    def __init__(self, submitter: Submitter, result: str, cause: int) -> None:
        self._submitter = submitter
        self._result = result
        self._cause = cause

    def accepted(self, token: int, message_id: int) -> None:
        self._submitter.refused(token, _verdict(self._result, self._cause, True))

    def refused(self, token: int, verdict: Verdict) -> None:
        self._submitter.refused(token, _verdict(self._result, self._cause, False))

    def flush(self) -> None:
        self._submitter.flush()


_TAKEN: Final = frozenset({Result.DELIVERED, Result.FORWARDED})
"""Another SMSC keeps what it was forwarded: nothing more is heard here of what isn't stored."""

_WORDS: Final[dict[str, tuple[FailureReason, str]]] = {
    Result.ABSENT: (FailureReason.DESTINATION_UNAVAILABLE, "the device can't be reached"),
    Result.REFUSED: (FailureReason.PERMANENT_NETWORK_ERROR, "the network refused it for good"),
    Result.FAILED: (FailureReason.TEMPORARY_NETWORK_ERROR, "the network failed to deliver it"),
    Result.BUSY: (FailureReason.TEMPORARY_NETWORK_ERROR, "the recipient takes nothing just now"),
    LATE: (FailureReason.TEMPORARY_NETWORK_ERROR, "there was no outcome in time"),
}


def _taken(message: Message) -> int:
    return TRANSIENT_OCTETS // TRANSIENTS + len(message.payload)


def _verdict(result: str, cause: int, watched: bool | None) -> Verdict:
    """Say how an attempt failed (SMPP 5.0, 4.8.4.19), in the network's terms and in words."""
    reason, detail = _WORDS[result]
    if result == Result.REFUSED and cause in _CAUSES_OF_THE_NUMBER:
        reason = FailureReason.DESTINATION_INVALID
    if cause:
        detail = f"{detail}: cause {cause}"
    return Verdict(Reason.NOT_DELIVERED, detail=detail, failure=Failure(reason, cause, watched))
