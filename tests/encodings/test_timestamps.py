"""Time stamps: 3GPP TS 23.040, 9.2.3.11."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_encodings import timestamps
from smsc_encodings.errors import EncodingError
from smsc_encodings.timestamps import Timestamp, timestamp_of

two_digits = st.integers(0, 99)
stamps = st.builds(Timestamp, *[two_digits] * 6, st.integers(-79, 79))


@pytest.mark.parametrize(
    ("octets", "stamp"),
    [
        ("99 30 92 51 61 95 80", Timestamp(99, 3, 29, 15, 16, 59, 8)),
        ("20 80 62 91 73 14 00", Timestamp(2, 8, 26, 19, 37, 41, 0)),
        ("11 10 11 71 95 51 40", Timestamp(11, 1, 11, 17, 59, 15, 4)),
        ("62 11 12 01 04 34 2B", Timestamp(26, 11, 21, 10, 40, 43, -32)),
        ("62 11 12 01 04 34 19", Timestamp(26, 11, 21, 10, 40, 43, -11)),
    ],
)
def test_a_time_stamp_lies_as_the_specification_has_it(octets: str, stamp: Timestamp) -> None:
    assert timestamps.decode(bytes.fromhex(octets)) == stamp
    assert timestamps.encode(stamp) == bytes.fromhex(octets)


@given(stamps, st.binary(max_size=3))
def test_time_stamps_come_back(stamp: Timestamp, before: bytes) -> None:
    assert timestamps.decode(before + timestamps.encode(stamp), len(before)) == stamp


@given(st.binary(max_size=9), st.integers(0, 9))
def test_reading_raises_nothing_but_encoding_errors(octets: bytes, at: int) -> None:
    try:
        stamp = timestamps.decode(octets, at)
    except EncodingError as error:
        assert error.offset == at
        assert len(octets) < at + 7
    else:
        assert timestamps.decode(timestamps.encode(stamp)) == stamp


def test_a_digit_above_nine_reads_as_zero() -> None:
    read = timestamps.decode(bytes.fromhex("A2 1F 12 01 04 34 0A"))
    assert read == Timestamp(20, 1, 21, 10, 40, 43, -20)


zones = st.integers(-79, 79).map(lambda quarters: timezone(quarters * timedelta(minutes=15)))


@given(st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30)), zones)
def test_a_moment_becomes_a_stamp_and_comes_back(moment: datetime, zone: timezone) -> None:
    known = moment.replace(microsecond=0, tzinfo=zone)
    stamp = timestamp_of(known)
    assert stamp.moment == known
    assert stamp.moment.utcoffset() == known.utcoffset()


@pytest.mark.parametrize(
    "stamp", [Timestamp(26, 2, 29), Timestamp(0, 0, 0), Timestamp(26, 1, 1, 24)]
)
def test_what_the_calendar_has_not_is_no_moment(stamp: Timestamp) -> None:
    assert stamp.moment is None


def test_a_stamp_is_shown_with_its_zone() -> None:
    assert str(Timestamp(26, 11, 21, 8, 5, 7, 4)) == "2026-11-21T08:05:07+01:00"
    assert str(Timestamp(26, 11, 21, 8, 5, 7, -11)) == "2026-11-21T08:05:07-02:45"


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 1, 1),
        datetime(1999, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=timezone(timedelta(minutes=10))),
    ],
)
def test_a_moment_without_a_stamp_is_refused(moment: datetime) -> None:
    with pytest.raises(EncodingError, match="no time"):
        timestamp_of(moment)


@pytest.mark.parametrize(
    "stamp", [Timestamp(100, 1, 1), Timestamp(0, -1, 1), Timestamp(0, 1, 1, 0, 0, 0, 80)]
)
def test_a_number_that_does_not_fit_is_not_written(stamp: Timestamp) -> None:
    with pytest.raises(EncodingError, match="no time stamp"):
        timestamps.encode(stamp)
