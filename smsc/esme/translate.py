"""Between SMPP's PDUs and our messages: what is asked for, what is answered, what is delivered."""

from typing import Final, NamedTuple

from smsc.delivery.submission import Submission
from smsc.message import Address, Message, Receipt, State, wire_id
from smsc.smpp import receipt, times, tlv
from smsc.smpp.commands import CommandStatus, Version
from smsc.smpp.pdu import DeliverSm, SubmitSm, SubmitSmResp
from smsc.smpp.tlv import Tag, Tlv
from smsc_routing.decision import Reason, Verdict
from smsc_routing.traffic import Party

LONGEST_SHORT_MESSAGE: Final = 254
LONGEST_INFO_TEXT: Final = 255
HIGHEST_PRIORITY: Final = 4
NO_TLVS: Final[tuple[Tlv, ...]] = ()


class _Words(NamedTuple):
    """The status of a verdict, on a 5.0 bind and on older ones."""

    v50: CommandStatus
    older: CommandStatus


def _same(status: CommandStatus) -> _Words:
    return _Words(status, status)


WORDS: Final[dict[Reason, _Words]] = {
    Reason.ACCEPTED: _same(CommandStatus.ESME_ROK),
    Reason.UNKNOWN_DESTINATION: _same(CommandStatus.ESME_RINVDSTADR),
    Reason.MALFORMED_NUMBER: _same(CommandStatus.ESME_RINVDSTADR),
    Reason.SOURCE_NOT_ALLOWED: _same(CommandStatus.ESME_RINVSRCADR),
    Reason.SWITCHED_OFF: _Words(CommandStatus.ESME_RPROHIBITED, CommandStatus.ESME_RSUBMITFAIL),
    Reason.QUOTA: _same(CommandStatus.ESME_RMSGQFUL),
    Reason.RATE_LIMIT: _same(CommandStatus.ESME_RTHROTTLED),
    Reason.STORE_BEHIND: _same(CommandStatus.ESME_RTHROTTLED),
    Reason.TOO_LONG: _same(CommandStatus.ESME_RINVMSGLEN),
    Reason.BAD_UDH: _same(CommandStatus.ESME_RINVESMCLASS),
    Reason.BAD_DATA_CODING: _Words(CommandStatus.ESME_RINVDCS, CommandStatus.ESME_RSUBMITFAIL),
    Reason.BAD_VALIDITY: _same(CommandStatus.ESME_RINVEXPIRY),
    Reason.BAD_SCHEDULE: _same(CommandStatus.ESME_RINVSCHED),
    Reason.STORE_FAILED: _same(CommandStatus.ESME_RSYSERR),
}


class Untranslatable(Exception):
    """A submit_sm that asks for something it can't have, with the status that says what."""

    def __init__(self, status: CommandStatus, reason: str) -> None:
        """Name the status and the reason."""
        super().__init__(reason)
        self.status = status
        self.reason = reason


def submission(pdu: SubmitSm, account: str, now: int) -> Submission:
    """Read what a submit_sm asks for at this time (3.4 clause 4.4.1); raises `Untranslatable`."""
    if pdu.priority_flag > HIGHEST_PRIORITY:
        raise Untranslatable(
            CommandStatus.ESME_RINVPRTFLG,
            f"priority_flag {pdu.priority_flag} is above {HIGHEST_PRIORITY}",
        )
    return Submission(
        Party.APPLICATION,
        account,
        Address(pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr),
        Address(pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr),
        _payload(pdu) if pdu.tlvs else pdu.short_message,
        pdu.data_coding,
        pdu.esm_class,
        pdu.protocol_id,
        pdu.priority_flag,
        pdu.registered_delivery,
        pdu.service_type,
        _time(pdu.schedule_delivery_time, now, CommandStatus.ESME_RINVSCHED),
        _time(pdu.validity_period, now, CommandStatus.ESME_RINVEXPIRY),
    )


def _payload(pdu: SubmitSm) -> bytes:
    """Return the user data, from whichever of its two places (3.4 clause 5.3.2.32)."""
    payload = tlv.first(pdu.tlvs, Tag.message_payload)
    if payload is None:
        return pdu.short_message
    if pdu.short_message:
        raise Untranslatable(
            CommandStatus.ESME_ROPTPARNOTALLWD, "short_message and message_payload are both set"
        )
    assert isinstance(payload, bytes)
    return payload


def _time(text: str, now: int, status: CommandStatus) -> int:
    if not text:
        return 0
    try:
        return times.parse(text, now)
    except ValueError as error:
        raise Untranslatable(status, str(error)) from error


def message_id(number: int, version: Version) -> str:
    """Write a message's id; 3.3 has eight hexadecimal digits (3.4 clause 5.2.23)."""
    return f"{number & 0xFFFFFFFF:08X}" if version is Version.V33 else wire_id(number)


def refusal(sequence_number: int, verdict: Verdict, version: Version) -> SubmitSmResp:
    """Answer a submit_sm that was not accepted; a 5.0 peer gets the reason in words too."""
    words = WORDS[verdict.reason]
    if version < Version.V50:
        return SubmitSmResp(sequence_number, words.older)
    return SubmitSmResp(sequence_number, words.v50, tlvs=_told(verdict.detail))


def malformed(sequence_number: int, error: Untranslatable, version: Version) -> SubmitSmResp:
    """Answer a submit_sm that can't be read; a 5.0 peer gets the reason in words too."""
    tlvs = _told(error.reason) if version >= Version.V50 else ()
    return SubmitSmResp(sequence_number, error.status, tlvs=tlvs)


def _told(detail: str) -> tuple[Tlv, ...]:
    """Put words into additional_status_info_text (5.0 clause 4.8.4.1)."""
    if not detail:
        return ()
    text = detail.encode("ascii", "replace").decode("ascii")[:LONGEST_INFO_TEXT]
    return (Tlv(Tag.additional_status_info_text, text),)


def delivery(message: Message, sequence_number: int, version: Version) -> DeliverSm:
    """Write the deliver_sm that brings a message to an ESME (3.4 clause 4.6.1)."""
    payload, tlvs = message.payload, NO_TLVS
    if message.receipt is not None:
        payload, tlvs = _receipt(message.receipt, version)
    elif len(payload) > LONGEST_SHORT_MESSAGE:
        payload, tlvs = b"", (Tlv(Tag.message_payload, payload),)
    return DeliverSm(
        sequence_number,
        message.service_type,
        message.source.ton,
        message.source.npi,
        message.source.digits,
        message.dest.ton,
        message.dest.npi,
        message.dest.digits,
        message.esm_class,
        message.protocol_id,
        message.priority,
        "",
        "",
        0,
        0,
        message.data_coding,
        0,
        payload,
        tlvs,
    )


def _receipt(facts: Receipt, version: Version) -> tuple[bytes, tuple[Tlv, ...]]:
    """Write a receipt's text (3.4 appendix B), and its TLVs for peers that know them."""
    about = message_id(facts.about, version)
    delivered = 1 if facts.state is State.DELIVERED else 0
    text = receipt.encode(
        receipt.Receipt(
            about,
            1,
            delivered,
            facts.submitted_at,
            facts.done_at,
            receipt.WORDS[facts.state],
            facts.error,
            facts.text,
        )
    )
    if version is Version.V33:
        return text, ()
    return text, (
        Tlv(Tag.receipted_message_id, about),
        Tlv(Tag.message_state, int(facts.state)),
    )
