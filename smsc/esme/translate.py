"""Between SMPP's PDUs and our messages: what is asked for, what is answered, what is delivered.

What an account has agreed on with us is in its `Dialect`. TLVs that carry a part of the message
are read here and not seen inside: there, user data has its header, if any, in front of it.
"""

from typing import Final, NamedTuple

from msgspec.structs import replace

from smsc.delivery.petition import NewText
from smsc.delivery.submission import Submission
from smsc.esme import alphabets, sar
from smsc.esme.dialect import Canned, Dialect
from smsc.esme.words import Untranslatable, network_error
from smsc.message import Address, Message, Receipt, State
from smsc.smpp import receipt, times
from smsc.smpp.commands import (
    ACKNOWLEDGEMENT_MASK,
    ESM_MODE_MASK,
    ESM_TYPE_DELIVERY_ACKNOWLEDGEMENT,
    ESM_TYPE_MASK,
    ESM_TYPE_USER_ACKNOWLEDGEMENT,
    ESM_UDHI,
    CommandStatus,
)
from smsc.smpp.pdu import AlertNotification, DataSm, DeliverSm, ReplaceSm, SubmitMulti, SubmitSm
from smsc.smpp.tlv import TRAIL, Tag, Tlv, Value
from smsc_encodings.data_coding import Zero
from smsc_encodings.errors import EncodingError
from smsc_routing.traffic import Party

NO_TLVS: Final[tuple[Tlv, ...]] = ()
AVAILABLE: Final = 0
"""The ms_availability_status of a device that is back (3.4 clause 5.3.2.30)."""
ESM_KEPT: Final = 0xFF & ~ESM_MODE_MASK
"""The bits of esm_class that mean something to whom a message is delivered."""

_TYPES: Final = frozenset({0, ESM_TYPE_DELIVERY_ACKNOWLEDGEMENT, ESM_TYPE_USER_ACKNOWLEDGEMENT})


# What is asked for.


class Content(NamedTuple):
    """What a request brings besides who sends it to whom, as the road has it."""

    payload: bytes
    data_coding: int
    esm_class: int
    user_reference: int = -1
    watch: bool = False
    seconds: int = -1
    """How long it is worth anything, -1 if the request doesn't say (3.4 clause 5.3.2.9)."""
    trail: str = ""
    """Which SMSCs it has passed, if one of our kind told it."""


def submission(pdu: SubmitSm, dialect: Dialect, now: int) -> Submission:
    """Read what a submit_sm asks for at this time (3.4 clause 4.4.1); raises `Untranslatable`."""
    if pdu.priority_flag or pdu.esm_class or pdu.replace_if_present_flag:
        check(pdu, dialect)
    asked = Submission(
        Party.APPLICATION,
        dialect.account,
        Address(pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr),
        Address(pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr),
        pdu.short_message,
        pdu.data_coding,
        pdu.esm_class,
        pdu.protocol_id,
        pdu.priority_flag,
        pdu.registered_delivery,
        pdu.service_type or dialect.service_type,
        due(pdu, now) if pdu.schedule_delivery_time else 0,
        end(pdu, now) if pdu.validity_period else 0,
    )
    if pdu.tlvs or pdu.sm_default_msg_id or pdu.replace_if_present_flag or not dialect.as_it_is:
        found = content(pdu, dialect)
        return replace(
            asked,
            payload=found.payload,
            data_coding=found.data_coding,
            esm_class=found.esm_class,
            user_reference=found.user_reference,
            replace=pdu.replace_if_present_flag == 1,
            watch=found.watch,
            trail=found.trail,
        )
    return asked


def data(pdu: DataSm, dialect: Dialect, now: int) -> Submission:
    """Read what a data_sm asks for at this time (3.4 clause 4.7.1); raises `Untranslatable`."""
    _check_type(pdu.esm_class)
    found = content(pdu, dialect)
    return Submission(
        Party.APPLICATION,
        dialect.account,
        Address(pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr),
        Address(pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr),
        found.payload,
        found.data_coding,
        found.esm_class,
        registered_delivery=pdu.registered_delivery,
        service_type=pdu.service_type or dialect.service_type,
        expires_at=now + 1000 * found.seconds if found.seconds >= 0 else 0,
        user_reference=found.user_reference,
        watch=found.watch,
        trail=found.trail,
    )


def check(pdu: SubmitSm | SubmitMulti, dialect: Dialect) -> None:
    """Check the flags of a request that may have any value; raises `Untranslatable`."""
    if pdu.priority_flag > dialect.highest_priority:
        raise Untranslatable(
            CommandStatus.ESME_RINVPRTFLG,
            f"priority_flag {pdu.priority_flag} is above {dialect.highest_priority}",
        )
    if pdu.replace_if_present_flag > 1:
        raise Untranslatable(
            CommandStatus.ESME_RINVREPFLAG,
            f"replace_if_present_flag is 0 or 1, not {pdu.replace_if_present_flag}",
        )
    _check_type(pdu.esm_class)


def _check_type(esm_class: int) -> None:
    """Let nobody pass off a message as a receipt (3.4 clause 5.2.12)."""
    if esm_class & ESM_TYPE_MASK not in _TYPES:
        raise Untranslatable(
            CommandStatus.ESME_RINVESMCLASS,
            f"esm_class 0x{esm_class:02X} is of a type that only an SMSC sends",
        )


def content(pdu: SubmitSm | SubmitMulti | DataSm, dialect: Dialect) -> Content:
    """Read the user data of a request and the TLVs about it; raises `Untranslatable`."""
    given: dict[int, Value] = {}
    for tag, value in pdu.tlvs:
        given.setdefault(tag, value)
    payload, data_coding, esm_class = _payload(pdu, given), pdu.data_coding, pdu.esm_class
    if not payload and not isinstance(pdu, DataSm) and pdu.sm_default_msg_id:
        payload, data_coding = _canned(pdu, dialect)
    else:
        payload, data_coding = incoming(payload, data_coding, esm_class, dialect)
    payload, esm_class = sar.with_header(payload, esm_class, given)
    return Content(
        payload,
        data_coding,
        esm_class,
        _number(given.get(Tag.user_message_reference)),
        given.get(Tag.set_dpf) == 1 or Tag.ms_availability_status in given,
        _number(given.get(Tag.qos_time_to_live)),
        _trail(given.get(TRAIL)),
    )


def replacement(pdu: ReplaceSm, dialect: Dialect) -> NewText:
    """Read the user data of a replace_sm (3.4 clause 4.10.1); raises `Untranslatable`.

    It is written as that of the old message was, which is known when that is found.
    """
    payload = _payload(pdu, dict(reversed(pdu.tlvs)))
    if not payload and pdu.sm_default_msg_id:
        found = default_message(pdu.sm_default_msg_id, dialect)
        # It has no header: where there was one, the road finds that there is none, and says so.
        return lambda old: (b"" if old.esm_class & ESM_UDHI else found.payload, found.data_coding)

    def written(old: Message) -> tuple[bytes, int]:
        try:
            return incoming(payload, old.data_coding, old.esm_class, dialect)
        except Untranslatable:
            # There is no header: the road finds that too.
            return payload, old.data_coding

    return written


def _payload(pdu: SubmitSm | SubmitMulti | DataSm | ReplaceSm, given: dict[int, Value]) -> bytes:
    """Return the user data, from whichever of its two places (3.4 clause 5.3.2.32)."""
    short = b"" if isinstance(pdu, DataSm) else pdu.short_message
    payload = given.get(Tag.message_payload)
    if payload is None:
        return short
    if short:
        raise Untranslatable(
            CommandStatus.ESME_RTLVNOTALLWD, "short_message and message_payload are both set"
        )
    assert isinstance(payload, bytes)
    return payload


def _canned(pdu: SubmitSm | SubmitMulti, dialect: Dialect) -> tuple[bytes, int]:
    """Return the text that sm_default_msg_id names, and its data_coding."""
    found = default_message(pdu.sm_default_msg_id, dialect)
    if pdu.esm_class & ESM_UDHI:
        raise Untranslatable(
            CommandStatus.ESME_RINVESMCLASS, "a default message has no user data header"
        )
    return found.payload, found.data_coding


def default_message(number: int, dialect: Dialect) -> Canned:
    """Return the text of this number (3.4 clause 5.2.20); raises `Untranslatable`."""
    found = dialect.canned.get(number)
    if found is None:
        raise Untranslatable(
            CommandStatus.ESME_RINVDFTMSGID, f"there is no default message {number}"
        )
    return found


def incoming(
    payload: bytes, data_coding: int, esm_class: int, dialect: Dialect
) -> tuple[bytes, int]:
    """Return user data as the road has it, and its data_coding; raises `Untranslatable`."""
    if data_coding or dialect.as_it_is:
        return payload, data_coding
    try:
        return alphabets.incoming(payload, bool(esm_class & ESM_UDHI), dialect.default_alphabet)
    except EncodingError as error:
        raise Untranslatable(CommandStatus.ESME_RINVESMCLASS, str(error)) from error


def _number(value: Value | None) -> int:
    return value if isinstance(value, int) else -1


def _trail(value: Value | None) -> str:
    return value.decode("ascii", "replace") if isinstance(value, bytes) else ""


def due(pdu: SubmitSm | SubmitMulti | ReplaceSm, now: int) -> int:
    """Read when it is to be delivered, 0 if that isn't said; raises `Untranslatable`."""
    return _time(pdu.schedule_delivery_time, now, CommandStatus.ESME_RINVSCHED)


def end(pdu: SubmitSm | SubmitMulti | ReplaceSm, now: int) -> int:
    """Read when it expires, 0 if that isn't said; raises `Untranslatable`."""
    return _time(pdu.validity_period, now, CommandStatus.ESME_RINVEXPIRY)


def _time(text: str, now: int, status: CommandStatus) -> int:
    if not text:
        return 0
    try:
        return times.parse(text, now)
    except ValueError as error:
        raise Untranslatable(status, str(error)) from error


# What is delivered.


def delivery(message: Message, sequence_number: int, dialect: Dialect) -> DeliverSm | DataSm:
    """Write the PDU that brings a message to an ESME (3.4 clauses 4.6.1 and 4.7.1)."""
    payload, data_coding, tlvs = message.payload, message.data_coding, NO_TLVS
    esm_class = message.esm_class & ESM_KEPT
    if message.receipt is not None:
        payload, tlvs = _receipt(message, message.receipt, dialect)
    else:
        if not dialect.as_it_is:
            payload, data_coding, esm_class, tlvs = _outgoing(message, dialect)
        if message.user_reference >= 0 and dialect.tlvs:
            tlvs += (Tlv(Tag.user_message_reference, message.user_reference),)
        if len(payload) >= dialect.payload_from:
            payload, tlvs = b"", (*tlvs, Tlv(Tag.message_payload, payload))
    source, dest = message.source, message.dest
    if dialect.with_data_sm:
        if payload:
            tlvs += (Tlv(Tag.message_payload, payload),)
        return DataSm(
            sequence_number,
            message.service_type,
            source.ton,
            source.npi,
            source.digits,
            dest.ton,
            dest.npi,
            dest.digits,
            esm_class,
            message.registered_delivery & ACKNOWLEDGEMENT_MASK,
            data_coding,
            tlvs,
        )
    return DeliverSm(
        sequence_number,
        message.service_type,
        source.ton,
        source.npi,
        source.digits,
        dest.ton,
        dest.npi,
        dest.digits,
        esm_class,
        message.protocol_id,
        message.priority,
        "",
        "",
        message.registered_delivery & ACKNOWLEDGEMENT_MASK,
        0,
        data_coding,
        0,
        payload,
        tlvs,
    )


def alert(message: Message, sequence_number: int) -> AlertNotification:
    """Write the alert_notification that tells that a device is back (3.4 clause 4.12.1)."""
    return AlertNotification(
        sequence_number,
        message.source.ton,
        message.source.npi,
        message.source.digits,
        message.dest.ton,
        message.dest.npi,
        message.dest.digits,
        (Tlv(Tag.ms_availability_status, AVAILABLE),),
    )


def _outgoing(message: Message, dialect: Dialect) -> tuple[bytes, int, int, tuple[Tlv, ...]]:
    """Write user data in the alphabet of an account, its header as it wants it."""
    payload, esm_class, tlvs = message.payload, message.esm_class & ESM_KEPT, NO_TLVS
    data_coding = message.data_coding
    # A part that couldn't be joined keeps the header that says so.
    loose = dialect.joins and sar.part_of(message) is not None
    if dialect.strips and esm_class & ESM_UDHI and not loose:
        payload, esm_class, tlvs = sar.stripped(payload, esm_class)
    if not data_coding and dialect.default_alphabet is not Zero.GSM:
        has_header = bool(esm_class & ESM_UDHI)
        payload, data_coding = alphabets.outgoing(
            payload, has_header, dialect.default_alphabet, dialect.most
        )
    return payload, data_coding, esm_class, tlvs


def _receipt(message: Message, facts: Receipt, dialect: Dialect) -> tuple[bytes, tuple[Tlv, ...]]:
    """Write a receipt's text (3.4 appendix B), and its TLVs for peers that want them."""
    about = dialect.receipt_ids.write(facts.about)
    text = dialect.write_receipt(
        receipt.Receipt(
            about,
            1,
            1 if facts.state is State.DELIVERED else 0,
            facts.submitted_at,
            facts.done_at,
            receipt.WORDS[facts.state],
            facts.error,
            facts.text,
        )
    )
    if not dialect.receipt_tlvs:
        return text, ()
    tlvs: tuple[Tlv, ...] = (
        Tlv(Tag.receipted_message_id, about),
        Tlv(Tag.message_state, int(facts.state)),
    )
    if message.user_reference >= 0:
        tlvs += (Tlv(Tag.user_message_reference, message.user_reference),)
    if 0 < facts.error <= 0xFFFF:
        tlvs += (network_error(facts.error),)
    return text, tlvs
