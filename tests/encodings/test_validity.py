"""TP-VP: 3GPP TS 23.040, 9.2.3.12."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_encodings import validity
from smsc_encodings.errors import EncodingError
from smsc_encodings.timestamps import Timestamp
from smsc_encodings.validity import (
    Enhanced,
    Format,
    Relative,
    Unit,
    Validity,
    format_of,
    relative_for,
)

two_digits = st.integers(0, 99)
stamps = st.builds(Timestamp, *[two_digits] * 6, st.integers(-79, 79))
enhanced = (
    st.builds(Enhanced, st.just(Unit.NONE), st.just(0), st.booleans())
    | st.builds(
        Enhanced, st.sampled_from([Unit.RELATIVE, Unit.SECONDS]), st.integers(0, 255), st.booleans()
    )
    | st.builds(Enhanced, st.just(Unit.CLOCK), st.integers(0, 362_439), st.booleans())
)
relative = st.builds(Relative, st.integers(0, 255))
periods = relative | stamps | enhanced


@pytest.mark.parametrize(
    ("code", "period"),
    [
        (0, timedelta(minutes=5)),
        (11, timedelta(hours=1)),
        (143, timedelta(hours=12)),
        (144, timedelta(hours=12, minutes=30)),
        (167, timedelta(hours=24)),
        (168, timedelta(days=2)),
        (170, timedelta(days=4)),
        (196, timedelta(days=30)),
        (197, timedelta(weeks=5)),
        (255, timedelta(weeks=63)),
    ],
)
def test_a_relative_code_is_the_period_of_the_table(code: int, period: timedelta) -> None:
    assert Relative(code).period == period
    assert relative_for(period) == Relative(code)


@given(st.timedeltas(timedelta(0), timedelta(weeks=63)))
def test_a_period_becomes_the_next_longer_one(period: timedelta) -> None:
    code = relative_for(period).code
    assert Relative(code).period >= period
    assert code == 0 or Relative(code - 1).period < period


def test_what_is_longer_than_any_becomes_the_longest() -> None:
    assert relative_for(timedelta(days=1000)) == Relative(255)


@pytest.mark.parametrize(
    ("octets", "form", "read"),
    [
        ("AA", Format.RELATIVE, Relative(170)),
        ("62 11 12 01 04 34 2B", Format.ABSOLUTE, Timestamp(26, 11, 21, 10, 40, 43, -32)),
        ("00 00 00 00 00 00 00", Format.ENHANCED, Enhanced()),
        ("41 0B 00 00 00 00 00", Format.ENHANCED, Enhanced(Unit.RELATIVE, 11, True)),
        ("02 1E 00 00 00 00 00", Format.ENHANCED, Enhanced(Unit.SECONDS, 30)),
        ("03 10 20 30 00 00 00", Format.ENHANCED, Enhanced(Unit.CLOCK, 3723)),
        ("03 99 99 99 00 00 00", Format.ENHANCED, Enhanced(Unit.CLOCK, 362_439)),
    ],
)
def test_a_validity_lies_as_the_specification_has_it(
    octets: str, form: Format, read: Validity
) -> None:
    assert validity.decode(bytes.fromhex(octets), form) == read
    assert validity.encode(read) == bytes.fromhex(octets)


@given(periods, st.binary(max_size=3))
def test_validities_come_back(period: Validity, before: bytes) -> None:
    octets = before + validity.encode(period)
    assert validity.decode(octets, format_of(period), len(before)) == period


def test_no_validity_takes_no_octets() -> None:
    assert validity.encode(None) == b""
    assert validity.decode(b"", Format.NONE) is None
    assert format_of(None) is Format.NONE


@pytest.mark.parametrize(
    ("value", "period"),
    [
        (Enhanced(), None),
        (Enhanced(Unit.RELATIVE, 11), timedelta(hours=1)),
        (Enhanced(Unit.SECONDS, 30), timedelta(seconds=30)),
        (Enhanced(Unit.CLOCK, 3723), timedelta(hours=1, minutes=2, seconds=3)),
    ],
)
def test_an_enhanced_validity_tells_its_period(value: Enhanced, period: timedelta | None) -> None:
    assert value.period == period


@given(st.binary(max_size=9), st.sampled_from(Format), st.integers(0, 9))
def test_reading_raises_nothing_but_encoding_errors(octets: bytes, form: Format, at: int) -> None:
    try:
        validity.decode(octets, form, at)
    except EncodingError as error:
        assert error.offset == at


@pytest.mark.parametrize(
    ("octets", "message"), [("80" + "00" * 6, "extension"), ("04" + "00" * 6, "reserved format 4")]
)
def test_what_is_reserved_in_the_enhanced_format_is_refused(octets: str, message: str) -> None:
    with pytest.raises(EncodingError, match=message):
        validity.decode(bytes.fromhex(octets), Format.ENHANCED)


@pytest.mark.parametrize(
    "period",
    [
        Relative(256),
        Relative(-1),
        Enhanced(Unit.NONE, 1),
        Enhanced(Unit.SECONDS, 256),
        Enhanced(Unit.CLOCK, 362_440),
    ],
)
def test_a_number_that_does_not_fit_is_not_written(period: Validity) -> None:
    with pytest.raises(EncodingError, match="TP-VP"):
        validity.encode(period)
