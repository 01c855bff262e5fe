"""What may come in by any door, and stay: sizes, headers and times, whoever sends it to whom."""

from typing import Final, NamedTuple

from smsc.delivery.directory import Terms
from smsc.message import Address
from smsc.numbering import E164, INTERNATIONAL, NATIONAL, NATIONAL_PLAN
from smsc.smpp.commands import ESM_UDHI
from smsc_encodings.dcs import alphabet_of
from smsc_encodings.interworking import ALWAYS_FITS, REWRITTEN, carried
from smsc_encodings.national import shifts_in
from smsc_encodings.segmentation import MAX_PARTS, capacity, fits
from smsc_routing.decision import Reason, Verdict

LONGEST_PAYLOAD: Final = 0xFFFF
"""Octets of a message, whoever it is for; for a device it must fit in 255 parts besides."""

USER_DATA_OCTETS: Final = 140
"""Octets of one part on the radio (3GPP TS 23.040, 9.2.3.16)."""

DAY_MS: Final = 24 * 3600 * 1000


def unfit(payload: bytes, esm_class: int, data_coding: int) -> Verdict | None:
    """Say why user data can't be sent, if it can't."""
    if esm_class & ESM_UDHI:
        if not payload or payload[0] >= min(len(payload), USER_DATA_OCTETS):
            return _BAD_UDH
        header = payload[0] + 1
        room = header + capacity(alphabet_of(data_coding), header)
        if len(payload) > room:
            return _too_long(len(payload), room)
    elif len(payload) > LONGEST_PAYLOAD:
        return _too_long(len(payload), LONGEST_PAYLOAD)
    return None


def uncarried(payload: bytes, esm_class: int, data_coding: int) -> Verdict | None:
    """Say why user data that isn't `unfit` can't go to a device in TPDUs, if it can't."""
    if esm_class & ESM_UDHI:
        return _too_wide(payload, data_coding) if data_coding in REWRITTEN else None
    if len(payload) <= ALWAYS_FITS:
        return None
    octets, scheme = carried(payload, data_coding)
    alphabet = alphabet_of(scheme)
    if fits(octets, alphabet):
        return None
    detail = f"{len(octets)} octets of {alphabet} take more than {MAX_PARTS} parts"
    return Verdict(Reason.TOO_LONG, detail=detail)


def _too_wide(payload: bytes, data_coding: int) -> Verdict | None:
    end = payload[0] + 1
    octets, scheme = carried(payload[end:], data_coding, shifts_in(payload[:end]))
    alphabet = alphabet_of(scheme)
    room = capacity(alphabet, end)
    if len(octets) <= room:
        return None
    detail = (
        f"the text is sent in {alphabet}, where it takes {len(octets)} octets:"
        f" behind this header {room} fit"
    )
    return Verdict(Reason.TOO_LONG, detail=detail)


class Bounds(NamedTuple):
    """What the operator grants at most, in milliseconds."""

    validity: int
    """How long a message is kept from when it is due, and where its sender names no end."""
    schedule: int
    """How far ahead it may be due."""


def untimely(
    not_before: int, expires_at: int, end: int, now: int, schedule_ms: int
) -> Verdict | None:
    """Say what is wrong with the times that a sender asked for, if anything is.

    `end` is when the message will expire; times are milliseconds since the epoch, 0 for none. It
    may be scheduled for up to `schedule_ms` from now.
    """
    if expires_at and expires_at <= now:
        return _EXPIRED
    if not_before and not_before >= end:
        return _NEVER_DUE
    if not_before > now + schedule_ms:
        return too_far(schedule_ms)
    return None


def too_far(schedule_ms: int) -> Verdict:
    """Say that a time is further ahead than anything may be scheduled."""
    detail = f"it is due too far ahead: schedule it within {schedule_ms / DAY_MS:g} days from now"
    return Verdict(Reason.BAD_SCHEDULE, detail=detail)


def sender(terms: Terms, account: str, source: Address) -> str:
    """Return the canonical address of a sender; an account that names none has a default one.

    Raises `MalformedNumber`.
    """
    if account and not source.digits:
        return terms.default_source
    return terms.numbering.canonical(source.ton, source.npi, source.digits)


def rewritten(sent: Address, canonical: str) -> Address:
    """Return an address as we keep it: what was national is international now (SMPP 3.4, 5.2.5)."""
    if canonical == sent.digits:
        return sent
    national = sent.ton == NATIONAL or sent.npi == NATIONAL_PLAN
    if national and sent.digits:
        return Address(INTERNATIONAL, E164, canonical)
    return Address(sent.ton, sent.npi, canonical)


NOT_KEPT: Final = Verdict(
    Reason.BAD_SCHEDULE,
    detail="datagrams and transactions aren't stored: leave the schedule out, or the mode",
)
BUSY: Final = Verdict(
    Reason.STORE_BEHIND,
    detail="too many messages are on their way: submit slower",
    retry_after_ms=1000,
)
_BAD_UDH: Final = Verdict(
    Reason.BAD_UDH, detail="the user data header is longer than the user data"
)
_EXPIRED: Final = Verdict(Reason.BAD_VALIDITY, detail="the validity period is over already")
_NEVER_DUE: Final = Verdict(Reason.BAD_SCHEDULE, detail="it would expire before it is due")


def _too_long(octets: int, limit: int) -> Verdict:
    return Verdict(Reason.TOO_LONG, detail=f"{octets} octets are more than the {limit} that fit")
