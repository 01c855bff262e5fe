"""data_sm from an ESME: another way to submit, with TLVs for most of what submit_sm has fields for.

It takes the same road, and is answered like a submit_sm, by a data_sm_resp (3.4 clause 4.7).
"""

from msgspec import Struct

from smsc.delivery.intake import Intake
from smsc.esme import translate
from smsc.esme.operation import Caller
from smsc.esme.words import Untranslatable, refusal, refused
from smsc.journal import Journal
from smsc.smpp.pdu import DataSm, DataSmResp, Request
from smsc_routing.decision import Verdict


class _Submitter(Struct, frozen=True):
    """Answers what one caller has sent; equal to any other of that caller, so flushed once."""

    caller: Caller

    def accepted(self, token: int, message_id: int) -> None:
        """Answer a data_sm: the message is durable."""
        self.caller.answer(DataSmResp(token, 0, self.caller.dialect.ids.write(message_id)))

    def refused(self, token: int, verdict: Verdict) -> None:
        """Answer a data_sm that was not accepted."""
        self.caller.answer(refusal(DataSmResp, token, verdict, self.caller.session.version))

    def flush(self) -> None:
        """Write the answers."""
        self.caller.flush()


class DataSubmits:
    """The operation behind data_sm."""

    def __init__(self, intake: Intake, journal: Journal) -> None:
        """Submit to this intake."""
        self._intake = intake
        self._journal = journal

    def serve(self, caller: Caller, pdu: Request, now: int) -> None:
        """Submit what a data_sm asks for, or refuse it at once."""
        assert isinstance(pdu, DataSm)
        try:
            submission = translate.data(pdu, caller.dialect, now)
        except Untranslatable as error:
            self._journal.submits["none", "malformed"] += 1
            session = caller.session
            session.respond(
                refused(
                    DataSmResp, pdu.sequence_number, error.status, error.reason, session.version
                )
            )
            return
        caller.owe()
        self._intake.submit(submission, _Submitter(caller), pdu.sequence_number)
