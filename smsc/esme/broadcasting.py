"""The broadcast operations of an ESME: PDUs to broadcasts and back (5.0 clauses 4.4 and 4.6)."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final

from smsc.delivery.admission import rewritten, sender, too_far
from smsc.delivery.broadcasts import Broadcasts
from smsc.delivery.directory import Directory
from smsc.delivery.ledger import Ledger
from smsc.esme.broadcast_pdus import Areas, Failure, payload_of, progress, span
from smsc.esme.dialect import HIGHEST_PRIORITY_OF_5_0
from smsc.esme.operation import Caller, Operation
from smsc.esme.words import WORDS, Untranslatable, refusal, refused, told
from smsc.journal import Journal
from smsc.message import Address, Broadcast
from smsc.smpp import broadcast
from smsc.smpp.broadcast import Asked
from smsc.smpp.commands import CommandStatus, PduError
from smsc.smpp.pdu import (
    BroadcastSm,
    BroadcastSmResp,
    CancelBroadcastSm,
    CancelBroadcastSmResp,
    QueryBroadcastSm,
    QueryBroadcastSmResp,
    Request,
)
from smsc.smpp.tlv import Tlv
from smsc.smpp.version import RULES, known_status
from smsc_routing import number
from smsc_routing.decision import Verdict

_PROHIBITED: Final = "this account may not broadcast; ask the operator"


class _Reply:
    """Answers one broadcast_sm when what becomes of it is known."""

    def __init__(self, caller: Caller, sequence_number: int, areas: Areas) -> None:
        self._caller = caller
        self._sequence_number = sequence_number
        self._areas = areas
        caller.owe()

    def accepted(self, token: int, message_id: int) -> None:
        text = self._caller.dialect.ids.write(message_id)
        tlvs = self._areas.tlvs(self._caller.session.version)
        self._caller.answer(BroadcastSmResp(self._sequence_number, 0, text, tlvs))

    def refused(self, token: int, verdict: Verdict) -> None:
        version = self._caller.session.version
        self._caller.answer(refusal(BroadcastSmResp, self._sequence_number, verdict, version))

    def flush(self) -> None:
        self._caller.flush()

    def replaced(self, message_id: int) -> None:
        self.accepted(0, message_id)
        self.flush()


class Broadcasting:
    """Serves the broadcast operations of accounts that may broadcast."""

    def __init__(
        self,
        broadcasts: Broadcasts,
        areas: frozenset[str],
        directory: Directory,
        ledger: Ledger,
        journal: Journal,
        charge: Callable[[str, int], Verdict],
        schedule_ms: int,
    ) -> None:
        """Broadcast to the areas of these names, beginning within `schedule_ms`.

        `charge` holds an account's limits against it.
        """
        self._broadcasts = broadcasts
        self._areas = areas
        self._directory = directory
        self._ledger = ledger
        self._journal = journal
        self._charge = charge
        self._schedule = schedule_ms

    def operations(self) -> Mapping[type[Request], Operation]:
        """Name what serves each request."""
        return {
            BroadcastSm: self._broadcast,
            QueryBroadcastSm: self._query,
            CancelBroadcastSm: self._cancel,
        }

    # broadcast_sm.

    def _broadcast(self, caller: Caller, request: Request, now: int) -> None:
        assert isinstance(request, BroadcastSm)
        try:
            asked = self._asked(caller, request)
            areas = Areas(asked, self._areas)
            if len(areas.failed) == len(areas.all):
                raise Failure(areas)
            replaced = self._replaced(caller, request, asked)
            made = self._made(caller, request, asked, areas, replaced, now)
            verdict = self._charge(caller.account.system_id, now)
            if not verdict.accepted:
                raise Untranslatable(WORDS[verdict.reason], verdict.detail)
        except Untranslatable as error:
            self._refuse(caller, request, error.status, error.reason)
        except Failure as error:
            (_, status), *_ = error.areas.failed
            tlvs = error.areas.tlvs(caller.session.version)
            self._refuse(caller, request, status, str(error), tlvs)
        else:
            reply = _Reply(caller, request.sequence_number, areas)
            if replaced is None:
                self._broadcasts.submit(made, reply, 0)
            else:
                self._broadcasts.replace(made, partial(reply.replaced, made.id))

    def _asked(self, caller: Caller, pdu: BroadcastSm) -> Asked:
        """Check what the PDU says by itself."""
        if not caller.account.broadcast:
            raise Untranslatable(CommandStatus.ESME_RPROHIBITED, _PROHIBITED)
        if pdu.priority_flag > HIGHEST_PRIORITY_OF_5_0:
            reason = f"priority_flag {pdu.priority_flag} is above {HIGHEST_PRIORITY_OF_5_0}"
            raise Untranslatable(CommandStatus.ESME_RINVPRTFLG, reason)
        if pdu.replace_if_present_flag > 1:
            reason = f"replace_if_present_flag {pdu.replace_if_present_flag} is above 1"
            raise Untranslatable(CommandStatus.ESME_RINVREPFLAG, reason)
        try:
            return broadcast.read(pdu.tlvs)
        except PduError as error:
            raise Untranslatable(error.status, error.reason) from error

    def _made(
        self,
        caller: Caller,
        pdu: BroadcastSm,
        asked: Asked,
        areas: Areas,
        replaced: Broadcast | None,
        now: int,
    ) -> Broadcast:
        payload, data_coding = payload_of(pdu, asked, caller.dialect)
        source = self._sender(caller, pdu)
        not_before, expires_at = span(pdu, now)
        if not_before > now + self._schedule:
            reason = too_far(self._schedule).detail
            raise Untranslatable(CommandStatus.ESME_RINVSCHED, reason)
        return Broadcast(
            replaced.id if replaced is not None else self._ledger.number(),
            caller.account.system_id,
            rewritten(Address(pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr), source),
            payload,
            data_coding,
            pdu.service_type,
            asked.content_type,
            tuple(areas.all),
            asked.repetitions,
            asked.interval.unit,
            asked.interval.number,
            now,
            max(not_before, now),
            expires_at,
            pdu.priority_flag,
            asked.reference,
        )

    def _sender(self, caller: Caller, pdu: BroadcastSm) -> str:
        try:
            source = self._source(caller, pdu)
        except number.MalformedNumber as error:
            raise Untranslatable(CommandStatus.ESME_RINVSRCADR, str(error)) from error
        if self._directory.owner(source) not in (None, caller.account.system_id):
            reason = f"{source!r} belongs to another account"
            raise Untranslatable(CommandStatus.ESME_RINVSRCADR, reason)
        return source

    def _replaced(self, caller: Caller, pdu: BroadcastSm, asked: Asked) -> Broadcast | None:
        """Return the live broadcast that this one is to replace (5.0 clause 4.4.1)."""
        if not pdu.replace_if_present_flag or not (pdu.message_id or asked.reference >= 0):
            return None
        found = self._named(caller, pdu, asked.reference)
        if found is not None and not found.state.final:
            return found
        if pdu.message_id:
            reason = f"no broadcast of yours that hasn't ended has the id {pdu.message_id!r}"
            raise Untranslatable(CommandStatus.ESME_RINVMSGID, reason)
        return None

    # query_broadcast_sm and cancel_broadcast_sm.

    def _query(self, caller: Caller, request: Request, now: int) -> None:
        assert isinstance(request, QueryBroadcastSm)
        version = caller.session.version
        sequence_number = request.sequence_number
        found = self._named(caller, request, broadcast.reference(request.tlvs))
        if found is None:
            status, reason = CommandStatus.ESME_RBCASTQUERYFAIL, "no such broadcast of yours"
            if not caller.account.broadcast:
                status, reason = CommandStatus.ESME_RPROHIBITED, _PROHIBITED
            answer = refused(QueryBroadcastSmResp, sequence_number, status, reason, version)
        else:
            text, state = caller.dialect.ids.write(found.id), self._broadcasts.state(found)
            # All there is to tell is in TLVs: a peer without them learns that there is such a one.
            tlvs = progress(found, state) if caller.dialect.tlvs else ()
            answer = QueryBroadcastSmResp(sequence_number, 0, text, tlvs)
        caller.session.respond(answer)

    def _cancel(self, caller: Caller, request: Request, now: int) -> None:
        assert isinstance(request, CancelBroadcastSm)
        try:
            found = list(self._cancelled(caller, request))
        except Untranslatable as error:
            version = caller.session.version
            kind, sequence_number = CancelBroadcastSmResp, request.sequence_number
            answer = refused(kind, sequence_number, error.status, error.reason, version)
            caller.session.respond(answer)
            return
        caller.owe()
        self._broadcasts.cancel(found, partial(_cancelled, caller, request.sequence_number))

    def _cancelled(self, caller: Caller, pdu: CancelBroadcastSm) -> Iterable[Broadcast]:
        """Return the live broadcasts that are meant: one, or all alike (5.0 clause 4.6.2)."""
        if not caller.account.broadcast:
            raise Untranslatable(CommandStatus.ESME_RPROHIBITED, _PROHIBITED)
        reference = broadcast.reference(pdu.tlvs)
        if pdu.message_id or reference >= 0:
            named = self._named(caller, pdu, reference)
            found = [] if named is None or named.state.final else [named]
        else:
            found = self._alike(caller, pdu)
        if not found:
            reason = "no broadcast of yours that hasn't ended is meant"
            raise Untranslatable(CommandStatus.ESME_RBCASTCANCELFAIL, reason)
        return found

    def _alike(self, caller: Caller, pdu: CancelBroadcastSm) -> list[Broadcast]:
        try:
            content_type = broadcast.content_type(pdu.tlvs)
        except PduError as error:
            raise Untranslatable(error.status, error.reason) from error
        return [
            each
            for each in self._broadcasts.live(caller.account.system_id)
            if self._matches(caller, pdu, each)
            and pdu.service_type in ("", each.service_type)
            and content_type in (None, each.content_type)
        ]

    # Which broadcast is meant.

    def _named(
        self,
        caller: Caller,
        pdu: BroadcastSm | QueryBroadcastSm | CancelBroadcastSm,
        reference: int,
    ) -> Broadcast | None:
        """Return the broadcast of this account, source and id or reference."""
        account = caller.account.system_id
        if pdu.message_id:
            meant = caller.dialect.ids.read(pdu.message_id, self._ledger.last_id)
            found = None if meant is None else self._broadcasts.find(account, meant)
        else:
            found = self._broadcasts.referred(account, reference)
        return found if found is not None and self._matches(caller, pdu, found) else None

    def _matches(
        self,
        caller: Caller,
        pdu: BroadcastSm | QueryBroadcastSm | CancelBroadcastSm,
        found: Broadcast,
    ) -> bool:
        try:
            return self._source(caller, pdu) == found.source.digits
        except number.MalformedNumber:
            return False

    def _source(
        self, caller: Caller, pdu: BroadcastSm | QueryBroadcastSm | CancelBroadcastSm
    ) -> str:
        """Return the source as we write it; one that is left out is the account's own."""
        account = caller.account.system_id
        source = Address(pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr)
        return sender(self._directory.terms(account), account, source)

    def _refuse(
        self,
        caller: Caller,
        pdu: BroadcastSm,
        status: CommandStatus,
        reason: str,
        tlvs: tuple[Tlv, ...] = (),
    ) -> None:
        self._journal.broadcasts["refused"] += 1
        version = caller.session.version
        words = told(reason) if RULES[version].words else ()
        answer = BroadcastSmResp(
            pdu.sequence_number, known_status(status, version), "", (*words, *tlvs)
        )
        caller.session.respond(answer)


def _cancelled(caller: Caller, sequence_number: int) -> None:
    caller.answer(CancelBroadcastSmResp(sequence_number))
    caller.flush()
