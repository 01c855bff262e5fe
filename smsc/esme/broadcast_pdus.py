"""Between broadcast PDUs and broadcasts: what is asked for, and what is told of them."""

from typing import Final

from smsc.esme.dialect import Dialect
from smsc.esme.translate import default_message, incoming
from smsc.esme.words import Untranslatable
from smsc.message import Broadcast, BroadcastArea
from smsc.smpp import times
from smsc.smpp.broadcast import AreaFormat, Asked
from smsc.smpp.commands import CommandStatus, Version
from smsc.smpp.pdu import BroadcastSm
from smsc.smpp.tlv import Tag, Tlv
from smsc.smpp.version import RULES, known_status
from smsc_encodings.dcs import Alphabet, alphabet_of

PAGES: Final = 15
"""Pages of one broadcast on the air (3GPP TS 23.041, 9.4.1.2.4)."""
PAGE_OCTETS: Final = 82
PAGE_SEPTETS: Final = 93


class Failure(Exception):
    """A broadcast that can be sent to none of its areas."""

    def __init__(self, areas: "Areas") -> None:
        """Name the areas, each with its status."""
        super().__init__("no area can be broadcast to")
        self.areas = areas


class Areas:
    """The areas of a broadcast, and why some of them can't be broadcast to."""

    def __init__(self, asked: Asked, known: frozenset[str]) -> None:
        """Tell which of the areas asked for are known."""
        self.failed: list[tuple[bytes, CommandStatus]] = []
        self.all: list[BroadcastArea] = []
        for area in asked.areas:
            if area.format is not AreaFormat.ALIAS:
                self._fail(area.identifier, CommandStatus.ESME_RINVBCASTAREAFMT)
            elif area.name not in known:
                self._fail(area.identifier, CommandStatus.ESME_RINVBCASTALIAS_NAME)
            else:
                self.all.append(BroadcastArea(area.identifier, area.name))

    def _fail(self, identifier: bytes, status: CommandStatus) -> None:
        self.failed.append((identifier, status))
        self.all.append(BroadcastArea(identifier, "", 0))

    def tlvs(self, version: Version) -> tuple[Tlv, ...]:
        """Name each area that failed, behind its status, to a peer that knows TLVs (5.0 4.4.1)."""
        if not RULES[version].tlvs:
            return ()
        return tuple(
            each
            for identifier, status in self.failed
            for each in (
                Tlv(Tag.broadcast_error_status, known_status(status, version)),
                Tlv(Tag.broadcast_area_identifier, identifier),
            )
        )


def payload_of(pdu: BroadcastSm, asked: Asked, dialect: Dialect) -> tuple[bytes, int]:
    """Return the text, which fits on the pages of one broadcast, and its data_coding.

    Raises `Untranslatable`.
    """
    if not asked.payload and pdu.sm_default_msg_id:
        found = default_message(pdu.sm_default_msg_id, dialect)
        payload, data_coding = found.payload, found.data_coding
    elif asked.payload is None:
        reason = "broadcast_sm needs a message_payload, or a sm_default_msg_id"
        raise Untranslatable(CommandStatus.ESME_RMISSINGTLV, reason)
    else:
        payload, data_coding = incoming(asked.payload, pdu.data_coding, 0, dialect)
    septets = alphabet_of(data_coding) is Alphabet.GSM7
    most = PAGES * (PAGE_SEPTETS if septets else PAGE_OCTETS)
    if len(payload) > most:
        reason = f"{len(payload)} octets are more than the {most} that fit"
        raise Untranslatable(CommandStatus.ESME_RINVMSGLEN, reason)
    return payload, data_coding


def span(pdu: BroadcastSm, now: int) -> tuple[int, int]:
    """Return when a broadcast begins and ends; 0 where the PDU leaves that open."""
    not_before = _time(pdu.schedule_delivery_time, now, CommandStatus.ESME_RINVSCHED)
    expires_at = _time(pdu.validity_period, now, CommandStatus.ESME_RINVEXPIRY)
    if expires_at and expires_at <= now:
        raise Untranslatable(CommandStatus.ESME_RINVEXPIRY, "the validity period is over already")
    if expires_at and expires_at <= not_before:
        raise Untranslatable(CommandStatus.ESME_RINVSCHED, "it would expire before it is due")
    return not_before, expires_at


def _time(text: str, now: int, status: CommandStatus) -> int:
    try:
        return times.parse(text, now) if text else 0
    except ValueError as error:
        raise Untranslatable(status, str(error)) from error


def progress(found: Broadcast, state: int) -> tuple[Tlv, ...]:
    """Say how far a broadcast has come, and whom it reached (5.0 clause 4.6.1)."""
    tlvs = [Tlv(Tag.message_state, state)]
    for area in found.areas:
        tlvs.append(Tlv(Tag.broadcast_area_identifier, area.identifier))
        tlvs.append(Tlv(Tag.broadcast_area_success, area.success))
    if found.ended_at:
        tlvs.append(Tlv(Tag.broadcast_end_time, times.format_absolute(found.ended_at)))
    if found.user_reference >= 0:
        tlvs.append(Tlv(Tag.user_message_reference, found.user_reference))
    return tuple(tlvs)
