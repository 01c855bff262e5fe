"""What the TLVs of a broadcast_sm ask for, as values (5.0 clauses 4.4.1 and 4.8.4).

Four of them must be there: where to, what kind of content, how often, and how long in between.
Each wrong one has a status of its own.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final, NamedTuple

from smsc.smpp import times, tlv
from smsc.smpp.commands import CommandStatus, PduError
from smsc.smpp.tlv import Tag, Tlv

MOST_AREAS: Final = 32
SOONEST_MS: Final = 1000
"""What "as frequently as possible" comes to."""

LONGEST_INTERVAL_MS: Final = times.after(0, years=10)
_HIGHEST_NETWORK: Final = 3
_HIGHEST_CLASS: Final = 3
_HIGHEST_CHANNEL: Final = 1


class AreaFormat(IntEnum):
    """How a broadcast_area_identifier describes its area (5.0 clause 4.8.4.4)."""

    ALIAS = 0
    ELLIPSOID_ARC = 1
    POLYGON = 2


class Area(NamedTuple):
    """A broadcast_area_identifier (5.0 clause 4.8.4.4): its octets, and what they begin with."""

    identifier: bytes
    format: AreaFormat

    @property
    def name(self) -> str:
        """The alias, a NUL at its end left out."""
        return self.identifier[1:].removesuffix(b"\0").decode("latin-1")


class TimeUnit(IntEnum):
    """The units of a broadcast_frequency_interval (5.0 clause 4.8.4.11)."""

    AS_FREQUENTLY_AS_POSSIBLE = 0x00
    SECONDS = 0x08
    MINUTES = 0x09
    HOURS = 0x0A
    DAYS = 0x0B
    WEEKS = 0x0C
    MONTHS = 0x0D
    YEARS = 0x0E


class Interval(NamedTuple):
    """A broadcast_frequency_interval: so many of a unit (5.0 clause 4.8.4.11)."""

    unit: int
    number: int

    def after(self, now_ms: int) -> int:
        """Return when the interval that begins now is over; months and years on the calendar."""
        unit, number = self
        if unit == TimeUnit.AS_FREQUENTLY_AS_POSSIBLE:
            return now_ms + SOONEST_MS
        if unit == TimeUnit.WEEKS:
            return times.after(now_ms, days=7 * number)
        return times.after(now_ms, **{TimeUnit(unit).name.lower(): number})


class Asked(NamedTuple):
    """What a broadcast is to be; `payload` is None, and `reference` -1, where there was none."""

    areas: tuple[Area, ...]
    content_type: bytes
    repetitions: int
    interval: Interval
    payload: bytes | None
    reference: int


def read(tlvs: Iterable[Tlv]) -> Asked:
    """Read the TLVs of a broadcast_sm; PduError with the status that names the wrong one."""
    given = tuple(tlvs)
    identifiers = [value for tag, value in given if tag == Tag.broadcast_area_identifier]
    if not identifiers:
        raise _missing(Tag.broadcast_area_identifier)
    if len(identifiers) > MOST_AREAS:
        reason = f"{len(identifiers)} areas are more than {MOST_AREAS}"
        raise PduError(CommandStatus.ESME_RINVNUMBCAST_AREAS, reason)
    areas = tuple(_area(value) for value in identifiers if isinstance(value, bytes))
    content_type = _content_type(_octets(given, Tag.broadcast_content_type))
    repetitions = tlv.first(given, Tag.broadcast_rep_num)
    interval = _interval(_octets(given, Tag.broadcast_frequency_interval))
    if not isinstance(repetitions, int):
        raise _missing(Tag.broadcast_rep_num)
    if not repetitions:
        raise PduError(CommandStatus.ESME_RINVBCAST_REP, "broadcast_rep_num can't be 0")
    _check_cell(given)
    payload = tlv.first(given, Tag.message_payload)
    return Asked(
        areas,
        content_type,
        repetitions,
        interval,
        payload if isinstance(payload, bytes) else None,
        reference(given),
    )


def reference(tlvs: Iterable[Tlv]) -> int:
    """Return the user_message_reference, -1 if there is none (5.0 clause 4.8.4.62)."""
    value = tlv.first(tlvs, Tag.user_message_reference)
    return value if isinstance(value, int) else -1


def content_type(tlvs: Iterable[Tlv]) -> bytes | None:
    """Return the broadcast_content_type of a cancel_broadcast_sm, if it has one; PduError."""
    value = tlv.first(tlvs, Tag.broadcast_content_type)
    return _content_type(value) if isinstance(value, bytes) else None


def _area(identifier: bytes) -> Area:
    if identifier[0] not in AreaFormat.__members__.values():
        reason = f"there is no area format {identifier[0]}"
        raise PduError(CommandStatus.ESME_RINVBCASTAREAFMT, reason)
    area = Area(identifier, AreaFormat(identifier[0]))
    if area.format is AreaFormat.ALIAS and not (area.name and area.name.isprintable()):
        reason = f"{area.name!a} can't be the name of an area"
        raise PduError(CommandStatus.ESME_RINVBCASTALIAS_NAME, reason)
    return area


def _content_type(octets: bytes) -> bytes:
    if octets[0] > _HIGHEST_NETWORK:
        reason = f"broadcast_content_type has no type of network {octets[0]}"
        raise PduError(CommandStatus.ESME_RINVBCASTCNTTYPE, reason)
    return octets


def _interval(octets: bytes) -> Interval:
    interval = Interval(octets[0], int.from_bytes(octets[1:], "big"))
    wrong = PduError(
        CommandStatus.ESME_RINVBCASTFREQINT,
        f"broadcast_frequency_interval can't be {interval.number} of unit {interval.unit}",
    )
    try:
        length = interval.after(0)
    except (ValueError, OverflowError):
        raise wrong from None
    if not 0 < length <= LONGEST_INTERVAL_MS:
        raise wrong
    return interval


def _check_cell(tlvs: tuple[Tlv, ...]) -> None:
    """Check what only a mobile station would go by (5.0 clauses 4.8.4.7 and 4.8.4.12)."""
    for tag, highest, status in (
        (Tag.broadcast_message_class, _HIGHEST_CLASS, CommandStatus.ESME_RINVBCASTMSGCLASS),
        (Tag.broadcast_channel_indicator, _HIGHEST_CHANNEL, CommandStatus.ESME_RINVBCASTCHANIND),
    ):
        value = tlv.first(tlvs, tag)
        if isinstance(value, int) and value > highest:
            raise PduError(status, f"{tag.name} {value} is above {highest}")


def _octets(tlvs: tuple[Tlv, ...], tag: Tag) -> bytes:
    value = tlv.first(tlvs, tag)
    if not isinstance(value, bytes):
        raise _missing(tag)
    return value


def _missing(tag: Tag) -> PduError:
    return PduError(CommandStatus.ESME_RMISSINGTLV, f"broadcast_sm needs a {tag.name}")
