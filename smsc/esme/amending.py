"""Serves query_sm, cancel_sm and replace_sm: petitions about messages that were accepted before."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar, Final, TypeAlias

from smsc.delivery.amendments import Amendments
from smsc.delivery.ledger import Ledger
from smsc.delivery.petition import (
    EVERY,
    Answer,
    Cancel,
    Petition,
    Query,
    Replace,
    Ruling,
)
from smsc.esme import translate
from smsc.esme.operation import Caller, Operation
from smsc.esme.words import WORDS, Untranslatable, refused
from smsc.journal import Journal
from smsc.message import Address, State
from smsc.smpp import times
from smsc.smpp.commands import CommandStatus
from smsc.smpp.pdu import (
    CancelSm,
    CancelSmResp,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    ReplaceSmResp,
    Request,
    Response,
)
from smsc.smpp.version import RULES

LARGEST_ERROR: Final = 255

_UNKNOWN: Final = "this account has sent no such message from this source_addr"
_TOO_LATE: Final = "nothing of it waits: it has ended, or is on its way"

_Amending: TypeAlias = QuerySm | CancelSm | ReplaceSm


class _Reply(ABC):
    """A petitioner at the other end of a session."""

    operation: ClassVar[str]
    kind: ClassVar[type[QuerySmResp | CancelSmResp | ReplaceSmResp]]
    unknown: ClassVar[CommandStatus]
    too_late: ClassVar[CommandStatus]

    def __init__(self, caller: Caller) -> None:
        """Answer this caller."""
        self.caller = caller

    def told(self, token: int, answer: Answer) -> None:
        """Answer the request of this sequence_number."""
        if answer.ruling is Ruling.GRANTED:
            self.caller.answer(self.granted(token, answer))
        elif answer.verdict is not None:
            self.refuse(token, WORDS[answer.verdict.reason], answer.verdict.detail)
        elif answer.ruling is Ruling.UNKNOWN:
            self.refuse(token, self.unknown, _UNKNOWN)
        else:
            self.refuse(token, self.too_late, _TOO_LATE)

    @abstractmethod
    def granted(self, token: int, answer: Answer) -> Response:
        """Write the answer to a request that was granted."""

    def refuse(self, token: int, status: CommandStatus, reason: str) -> None:
        """Answer with an error."""
        self.caller.answer(refused(self.kind, token, status, reason, self.caller.session.version))

    def flush(self) -> None:
        """Put answers on the wire."""
        self.caller.flush()


class _Queried(_Reply):
    """Waits for the answer to a query_sm (3.4 clause 4.8)."""

    operation = "query"
    kind = QuerySmResp
    unknown = too_late = CommandStatus.ESME_RQUERYFAIL

    def granted(self, token: int, answer: Answer) -> Response:
        """Tell how the message stands, in the words that the peer's version has."""
        history, version = answer.history, self.caller.session.version
        assert history is not None
        message, state = history.message, history.state
        if state is State.SCHEDULED and not RULES[version].scheduled:
            state = State.ENROUTE
        return QuerySmResp(
            token,
            0,
            self.caller.dialect.ids.write(message.told_id or message.id),
            times.format_absolute(history.done_at) if state.final else "",
            state,
            min(history.error, LARGEST_ERROR),
        )


class _Cancelled(_Reply):
    """Waits for the answer to a cancel_sm (3.4 clause 4.9)."""

    operation = "cancel"
    kind = CancelSmResp
    unknown = CommandStatus.ESME_RINVMSGID
    too_late = CommandStatus.ESME_RCANCELFAIL

    def granted(self, token: int, answer: Answer) -> Response:
        """Tell that it was cancelled."""
        return CancelSmResp(token)


class _Replaced(_Reply):
    """Waits for the answer to a replace_sm (3.4 clause 4.10)."""

    operation = "replace"
    kind = ReplaceSmResp
    unknown = CommandStatus.ESME_RINVMSGID
    too_late = CommandStatus.ESME_RREPLACEFAIL

    def granted(self, token: int, answer: Answer) -> Response:
        """Tell that it was replaced."""
        return ReplaceSmResp(token)


class Amending:
    """The operations of one ESME door."""

    def __init__(self, amendments: Amendments, ledger: Ledger, journal: Journal) -> None:
        """Hand petitions in here; the ledger knows the latest id."""
        self._amendments = amendments
        self._ledger = ledger
        self._journal = journal

    def operations(self) -> dict[type[Request], Operation]:
        """Name what serves each request."""
        return {QuerySm: self._query, CancelSm: self._cancel, ReplaceSm: self._replace}

    def _query(self, caller: Caller, pdu: Request, now: int) -> None:
        assert isinstance(pdu, QuerySm)
        self._ask(_Queried(caller), pdu, lambda: Query(*self._subject(caller, pdu)))

    def _cancel(self, caller: Caller, pdu: Request, now: int) -> None:
        assert isinstance(pdu, CancelSm)
        self._ask(_Cancelled(caller), pdu, lambda: self._cancellation(caller, pdu))

    def _cancellation(self, caller: Caller, pdu: CancelSm) -> Cancel:
        dest = Address(pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr)
        if pdu.message_id:
            return Cancel(*self._subject(caller, pdu), dest if dest.digits else None)
        if not dest.digits:
            reason = "without a message_id, destination_addr says whose messages to cancel"
            raise Untranslatable(CommandStatus.ESME_RINVDSTADR, reason)
        return Cancel(caller.account.system_id, _source(pdu), EVERY, dest, pdu.service_type)

    def _replace(self, caller: Caller, pdu: Request, now: int) -> None:
        assert isinstance(pdu, ReplaceSm)
        self._ask(_Replaced(caller), pdu, lambda: self._replacement(caller, pdu, now))

    def _replacement(self, caller: Caller, pdu: ReplaceSm, now: int) -> Replace:
        return Replace(
            *self._subject(caller, pdu),
            translate.replacement(pdu, caller.dialect),
            pdu.registered_delivery,
            translate.due(pdu, now),
            translate.end(pdu, now),
        )

    def _subject(self, caller: Caller, pdu: _Amending) -> tuple[str, Address, int]:
        """Read whose message is meant, sent from where, and its id."""
        number = caller.dialect.ids.read(pdu.message_id, self._ledger.last_id)
        if number is None:
            kind = _Queried if isinstance(pdu, QuerySm) else _Cancelled
            raise Untranslatable(kind.unknown, f"{pdu.message_id!r} is the id of no message")
        return caller.account.system_id, _source(pdu), number

    def _ask(self, reply: _Reply, pdu: _Amending, read: Callable[[], Petition]) -> None:
        """Hand in what the request asks for, if it can be read."""
        reply.caller.owe()
        try:
            petition = read()
        except Untranslatable as error:
            self._journal.amendments[reply.operation, "malformed"] += 1
            reply.refuse(pdu.sequence_number, error.status, error.reason)
        else:
            self._amendments.ask(petition, reply, pdu.sequence_number)


def _source(pdu: _Amending) -> Address:
    return Address(pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr)
