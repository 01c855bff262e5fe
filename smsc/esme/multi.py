"""Serves submit_multi: one text to several, some of them by the name of a list (3.4 clause 4.5)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from smsc.delivery.intake import Intake
from smsc.esme import translate
from smsc.esme.operation import Caller, Operation
from smsc.esme.words import Untranslatable, refusal, refused
from smsc.journal import Journal
from smsc.message import Address
from smsc.smpp.commands import CommandStatus
from smsc.smpp.pdu import (
    Request,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    UnsuccessSme,
)
from smsc_routing.decision import Verdict

MOST_RECIPIENTS: Final = 1000
"""With all lists written out."""
MOST_FAILURES: Final = 255
"""That no_unsuccess can count (3.4 clause 4.5.2)."""

_COMMON: Final = [n for n in SubmitMulti.__struct_fields__ if n in SubmitSm.__struct_fields__]


class Multi:
    """The operation of one ESME door."""

    def __init__(self, intake: Intake, journal: Journal) -> None:
        """Hand submissions in here."""
        self._intake = intake
        self._journal = journal

    def operations(self) -> dict[type[Request], Operation]:
        """Name what serves the request."""
        return {SubmitMulti: self._submit}

    def _submit(self, caller: Caller, pdu: Request, now: int) -> None:
        assert isinstance(pdu, SubmitMulti)
        number, account = pdu.sequence_number, caller.account
        group = _Group(caller, number)
        caller.owe()
        try:
            # All but the recipient is as in a submit_sm.
            common = SubmitSm(**{name: getattr(pdu, name) for name in _COMMON})
            submission = translate.submission(common, caller.dialect, now)
            group.recipients = list(_recipients(pdu, account.lists, group))
        except Untranslatable as error:
            self._journal.submits["none", "malformed"] += 1
            group.refuse(error.status, error.reason)
            return
        self._intake.submit_group(
            [msgspec.structs.replace(submission, dest=each) for each in group.recipients], group
        )
        group.answer()


def _recipients(
    pdu: SubmitMulti, lists: Mapping[str, Sequence[str]], group: "_Group"
) -> Iterator[Address]:
    """Write out the lists; what names none is one of the failures."""
    if not pdu.dest_address:
        raise Untranslatable(CommandStatus.ESME_RINVNUMDESTS, "number_of_dests is 0")
    count = 0
    for dest in pdu.dest_address:
        if isinstance(dest, SmeAddress):
            found = [Address(dest.dest_addr_ton, dest.dest_addr_npi, dest.destination_addr)]
        elif dest.dl_name in lists:
            found = [Address(1, 1, number) for number in lists[dest.dl_name]]
        else:
            group.unlisted(dest.dl_name)
            continue
        count += len(found)
        if count > MOST_RECIPIENTS:
            reason = f"more than {MOST_RECIPIENTS} recipients, lists written out"
            raise Untranslatable(CommandStatus.ESME_RINVNUMDESTS, reason)
        yield from found


class _Group:
    """The submitter of one submit_multi: gathers what becomes of each, and answers once."""

    def __init__(self, caller: Caller, sequence_number: int) -> None:
        """Answer this request of the caller's."""
        self.recipients: list[Address] = []
        self._caller = caller
        self._number = sequence_number
        self._version = caller.session.version
        self._id = 0
        self._told = 0
        self._answered = False
        self._failures: list[UnsuccessSme] = []
        self._first: SubmitMultiResp | None = None
        """The answer if nobody gets it."""

    def accepted(self, token: int, message_id: int) -> None:
        """Take note that it goes to a recipient; all go by the id of the first."""
        self._told += 1
        self._id = self._id or message_id

    def refused(self, token: int, verdict: Verdict) -> None:
        """Take note that it doesn't go to a recipient, and why."""
        self._told += 1
        answer = refusal(SubmitMultiResp, self._number, verdict, self._version)
        self._failed(self.recipients[token], answer)

    def unlisted(self, name: str) -> None:
        """Take note that there is no list of this name."""
        reason = f"this account has no distribution list {name!r}"
        self._failed(Address(0, 0, name), self._refusal(CommandStatus.ESME_RINVDLNAME, reason))

    def _failed(self, dest: Address, answer: SubmitMultiResp) -> None:
        status = answer.command_status
        if self._first is None or status == CommandStatus.ESME_RSYSERR:
            self._first = answer
        self._failures.append(UnsuccessSme(dest.ton, dest.npi, dest.digits, status))

    def _refusal(self, status: CommandStatus, reason: str) -> SubmitMultiResp:
        return refused(SubmitMultiResp, self._number, status, reason, self._version)

    def flush(self) -> None:
        """Answer, and put it on the wire."""
        self.answer()
        self._caller.flush()

    def answer(self) -> None:
        """Answer if that is known of all: by the id, or the first error if nobody gets it."""
        if self._answered or self._told < len(self.recipients):
            return
        self._answered = True
        if self._first is not None and not self._id:
            self._caller.answer(self._first)
            return
        text = self._caller.dialect.ids.write(self._id)
        failures = tuple(self._failures[:MOST_FAILURES])
        self._caller.answer(SubmitMultiResp(self._number, 0, text, failures))

    def refuse(self, status: CommandStatus, reason: str) -> None:
        """Answer that nobody gets it, and why."""
        self._caller.answer(self._refusal(status, reason))
