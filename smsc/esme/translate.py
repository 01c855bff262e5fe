"""Between SMPP's PDUs and our messages: what is asked for, what is answered, what is delivered."""

from typing import Final

from smsc.delivery.submission import Submission
from smsc.esme.words import Untranslatable
from smsc.message import Address, Message, Receipt, State, wire_id
from smsc.smpp import receipt, times, tlv
from smsc.smpp.commands import CommandStatus, Version
from smsc.smpp.pdu import DeliverSm, SubmitSm
from smsc.smpp.tlv import Tag, Tlv
from smsc.smpp.version import RULES
from smsc_routing.traffic import Party

LONGEST_SHORT_MESSAGE: Final = 254
HIGHEST_PRIORITY: Final = 4
NO_TLVS: Final[tuple[Tlv, ...]] = ()


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
    return f"{number & 0xFFFFFFFF:08X}" if RULES[version].hexadecimal_ids else wire_id(number)


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
    if not RULES[version].tlvs:
        return text, ()
    return text, (
        Tlv(Tag.receipted_message_id, about),
        Tlv(Tag.message_state, int(facts.state)),
    )
