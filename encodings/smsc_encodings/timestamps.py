"""Time stamps of a TPDU: TP-SCTS, TP-DT and the absolute TP-VP.

3GPP TS 23.040, 9.2.3.11: seven octets of two decimal digits each, the first in
the lower half: year, month, day, hour, minute, second in local time, and how
far that is from GMT in quarters of an hour.  Bit 3 of the last octet is the
sign: set, local time is behind.

A digit above 9 reads as 0, as that clause has it.  Two digits of a year are of
the 21st century.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from smsc_encodings.errors import EncodingError, misread

OCTETS = 7
_MOST_QUARTERS = 79
_QUARTER = timedelta(minutes=15)


class Timestamp(NamedTuple):
    """A local time; `year` is 0 to 99, `quarters` -79 to 79 quarters of an hour east of GMT.

    Whether there is such a date isn't asked until `moment` is.
    """

    year: int
    month: int
    day: int
    hour: int = 0
    minute: int = 0
    second: int = 0
    quarters: int = 0

    @property
    def moment(self) -> datetime | None:
        """The time with its zone, or None where the calendar has no such date."""
        try:
            zone = timezone(self.quarters * _QUARTER)
            return datetime(2000 + self.year, *self[1:6], tzinfo=zone)
        except ValueError:
            return None

    def __str__(self) -> str:
        """Write it as ISO 8601 does."""
        hours, quarters = divmod(abs(self.quarters), 4)
        return (
            f"20{self.year:02}-{self.month:02}-{self.day:02}T"
            f"{self.hour:02}:{self.minute:02}:{self.second:02}"
            f"{'-' if self.quarters < 0 else '+'}{hours:02}:{15 * quarters:02}"
        )


def timestamp_of(moment: datetime) -> Timestamp:
    """Return the time stamp of `moment`, which knows its zone; seconds are cut off.

    Raises EncodingError for a moment of another century, without a zone, or
    with one that is no whole number of quarters.
    """
    offset = moment.utcoffset()
    if offset is None:
        raise EncodingError(f"{moment} has no time zone: give it one")
    quarters, rest = divmod(offset, _QUARTER)
    if rest or not 2000 <= moment.year <= 2099:
        raise EncodingError(
            f"{moment} is no time stamp: years are 2000 to 2099, zones are quarters of an hour"
        )
    return Timestamp(moment.year - 2000, *moment.timetuple()[1:6], quarters)


def encode(timestamp: Timestamp) -> bytes:
    """Write a time stamp.  Raises EncodingError for a number that two digits don't hold."""
    *parts, quarters = timestamp
    if not all(0 <= part <= 99 for part in parts) or abs(quarters) > _MOST_QUARTERS:
        raise EncodingError(
            f"{timestamp!r} is no time stamp: its parts are 0 to 99, its quarters -79 to 79"
        )
    octets = bytearray(semi_octets((*parts, abs(quarters))))
    if quarters < 0:
        octets[-1] |= 8
    return bytes(octets)


def decode(octets: bytes, at: int = 0) -> Timestamp:
    """Read the seven octets from `at` on.  Raises EncodingError if they aren't there."""
    if at + OCTETS > len(octets):
        raise misread(
            f"a time stamp at offset {at} needs {OCTETS} octets, {len(octets) - at} are left", at
        )
    zone = octets[at + 6]
    local, quarters = octets[at : at + 6], zone & 0xF7
    year, month, day, hour, minute, second, quarters = numbers(local + bytes((quarters,)))
    return Timestamp(year, month, day, hour, minute, second, -quarters if zone & 8 else quarters)


def semi_octets(parts: Iterable[int]) -> bytes:
    """Write each number, 0 to 99, as two digits, the first in the lower half (9.1.2.3)."""
    return bytes(part % 10 << 4 | part // 10 for part in parts)


def numbers(octets: bytes) -> list[int]:
    """Read each octet as two digits, the first in the lower half; one above 9 is 0."""
    return [_unswapped(octet) for octet in octets]


def _unswapped(octet: int) -> int:
    tens, ones = octet & 15, octet >> 4
    return (10 * tens if tens <= 9 else 0) + (ones if ones <= 9 else 0)
