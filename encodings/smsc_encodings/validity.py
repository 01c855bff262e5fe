"""TP-VP, how long a short message is worth delivering (3GPP TS 23.040, 9.2.3.12).

TP-VPF in the first octet says which of three formats follows, or none.

    ===========  ========  ====================================================
    relative     1 octet   0 to 143: 5 minutes to 12 hours by 5 minutes; to 167:
                           to a day by half hours; to 196: 2 to 30 days; to 255:
                           5 to 63 weeks (9.2.3.12.1)
    absolute     7 octets  a time stamp (9.2.3.12.2)
    enhanced     7 octets  an octet that says what follows: nothing, a relative
                           period, seconds, or hours, minutes and seconds
                           (9.2.3.12.3)
    ===========  ========  ====================================================
"""

from datetime import timedelta
from enum import IntEnum
from typing import NamedTuple, TypeAlias

from smsc_encodings import timestamps
from smsc_encodings.errors import EncodingError, misread
from smsc_encodings.timestamps import Timestamp


class Format(IntEnum):
    """TP-VPF, bits 4 and 3 of the first octet (3GPP TS 23.040, 9.2.3.3)."""

    NONE = 0
    ENHANCED = 1
    RELATIVE = 2
    ABSOLUTE = 3


_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def _period(code: int) -> timedelta:
    if code <= 143:
        return (code + 1) * 5 * _MINUTE
    if code <= 167:
        return 12 * _HOUR + (code - 143) * 30 * _MINUTE
    if code <= 196:
        return (code - 166) * _DAY
    return (code - 192) * 7 * _DAY


_PERIODS = tuple(map(_period, range(256)))


class Relative(NamedTuple):
    """A period from when the SMSC gets the message; `code` is its octet (9.2.3.12.1)."""

    code: int

    @property
    def period(self) -> timedelta:
        """How long that is: 5 minutes to 63 weeks."""
        return _PERIODS[self.code]


def relative_for(period: timedelta) -> Relative:
    """Return the shortest period that isn't shorter than this one; 63 weeks is the longest."""
    code = next((code for code, longer in enumerate(_PERIODS) if longer >= period), 255)
    return Relative(code)


class Unit(IntEnum):
    """What an enhanced validity is given in, bits 2 to 0 of its first octet (9.2.3.12.3)."""

    NONE = 0
    RELATIVE = 1
    SECONDS = 2
    CLOCK = 3


class Enhanced(NamedTuple):
    """An enhanced validity (9.2.3.12.3).

    `value` is nothing (0), the code of a relative period, seconds (to 255; 0 is
    reserved), or seconds that are written as hours, minutes and seconds, two
    digits each (to 99:99:99).
    `single_shot` asks for one attempt alone.
    """

    unit: Unit = Unit.NONE
    value: int = 0
    single_shot: bool = False

    @property
    def period(self) -> timedelta | None:
        """How long that is, or None where no period is given."""
        if self.unit is Unit.NONE:
            return None
        return _PERIODS[self.value] if self.unit is Unit.RELATIVE else timedelta(seconds=self.value)


Validity: TypeAlias = Relative | Timestamp | Enhanced

_OCTETS = {Format.NONE: 0, Format.RELATIVE: 1, Format.ABSOLUTE: 7, Format.ENHANCED: 7}
_FORMATS: dict[type, Format] = {
    Relative: Format.RELATIVE,
    Timestamp: Format.ABSOLUTE,
    Enhanced: Format.ENHANCED,
}
_SINGLE_SHOT = 0x40
_EXTENSION = 0x80
_MOST = {Unit.NONE: 0, Unit.RELATIVE: 255, Unit.SECONDS: 255, Unit.CLOCK: 99 * (3600 + 60 + 1)}


def format_of(validity: Validity | None) -> Format:
    """Return the TP-VPF that goes with this TP-VP."""
    return _FORMATS[type(validity)] if validity is not None else Format.NONE


def size(form: Format) -> int:
    """Return how many octets TP-VP takes in this format."""
    return _OCTETS[form]


def encode(validity: Validity | None) -> bytes:
    """Write a TP-VP; nothing for None.

    Raises EncodingError for a number that doesn't fit.
    """
    if validity is None:
        return b""
    if isinstance(validity, Timestamp):
        return timestamps.encode(validity)
    if isinstance(validity, Enhanced):
        return _enhanced_octets(validity)
    if not 0 <= validity.code <= 255:
        raise EncodingError(f"a relative TP-VP is 0 to 255, not {validity.code}")
    return bytes((validity.code,))


def decode(octets: bytes, form: Format, at: int = 0) -> Validity | None:
    """Read the TP-VP of this format that begins at `at`.

    Raises EncodingError with the offset of what is missing or reserved.
    """
    if at + _OCTETS[form] > len(octets):
        raise misread(
            f"a TP-VP at offset {at} needs {_OCTETS[form]} octets, {len(octets) - at} are left", at
        )
    if form is Format.RELATIVE:
        return Relative(octets[at])
    if form is Format.ABSOLUTE:
        return timestamps.decode(octets, at)
    return _enhanced(octets, at) if form is Format.ENHANCED else None


def _enhanced_octets(validity: Enhanced) -> bytes:
    unit, value, single_shot = validity
    if not 0 <= value <= _MOST[unit]:
        raise EncodingError(f"an enhanced TP-VP can't hold {value} as {unit.name}")
    head = bytes((unit | (_SINGLE_SHOT if single_shot else 0),))
    if unit is Unit.CLOCK:
        hours = min(value // 3600, 99)
        minutes = min((value - 3600 * hours) // 60, 99)
        head += timestamps.semi_octets((hours, minutes, value - 3600 * hours - 60 * minutes))
    elif unit is not Unit.NONE:
        head += bytes((value,))
    return head.ljust(7, b"\0")


def _enhanced(octets: bytes, at: int) -> Enhanced:
    head = octets[at]
    if head & _EXTENSION:
        raise misread(f"the TP-VP at offset {at} has an extension, which no clause defines", at)
    if head & 7 > Unit.CLOCK:
        raise misread(f"the TP-VP at offset {at} has the reserved format {head & 7}", at)
    unit, single_shot = Unit(head & 7), bool(head & _SINGLE_SHOT)
    if unit is Unit.NONE:
        return Enhanced(unit, 0, single_shot)
    if unit is Unit.CLOCK:
        hours, minutes, seconds = timestamps.numbers(octets[at + 1 : at + 4])
        return Enhanced(unit, 3600 * hours + 60 * minutes + seconds, single_shot)
    return Enhanced(unit, octets[at + 1], single_shot)
