"""Zones with the leaps of their clocks written out, so that no test depends on installed tables."""

from datetime import UTC, datetime
from io import BytesIO
from struct import pack
from zoneinfo import ZoneInfo


def zone(name: str, before: float, *leaps: tuple[str, float]) -> ZoneInfo:
    """Return a zone so many hours ahead of UTC, and from each moment in UTC on, so many others.

    It is made as a table of version 1 of TZif (RFC 8536).
    """
    offsets = [before, *(hours for _, hours in leaps)]
    moments = [seconds(moment) for moment, _ in leaps]
    header = pack(">4s16x6I", b"TZif", 0, 0, 0, len(leaps), len(offsets), 4)
    times = pack(f">{len(leaps)}i", *moments) + bytes(range(1, len(offsets)))
    types = b"".join(pack(">iBB", round(hours * 3600), 0, 0) for hours in offsets)
    return ZoneInfo.from_file(BytesIO(header + times + types + b"LMT\0"), name)


def seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp())


def milliseconds(moment: str) -> int:
    """Return a moment in UTC, such as "2026-11-21T09:00", in milliseconds since the epoch."""
    return seconds(moment) * 1000


BERLIN = zone("Berlin", 1, ("2026-03-29T01:00", 2), ("2026-10-25T01:00", 1))
SAO_PAULO = zone("Sao Paulo", -3, ("2018-11-04T03:00", -2), ("2019-02-17T02:00", -3))
"""Leaps at midnight: 4 November 2018 begins at one o'clock, 16 February 2019 has 25 hours."""
HAVANA = zone("Havana", -4, ("2026-11-01T05:00", -5))
"""1 November 2026 has two midnights."""
ST_JOHNS = zone("St Johns", -2.5, ("2010-11-07T02:31", -3.5))
"""7 November 2010 is a minute old when it becomes the day before again."""
APIA = zone("Apia", -10, ("2011-12-30T10:00", 14))
"""30 December 2011 is left out."""
KOLKATA = zone("Kolkata", 5.5)

ZONES = (BERLIN, SAO_PAULO, HAVANA, ST_JOHNS, APIA, KOLKATA)
