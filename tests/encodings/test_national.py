"""National language shifts in the user data header: 3GPP TS 23.040, 9.2.3.24.15 and .16."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_encodings import gsm7, udh
from smsc_encodings.national import Shifts, shifts_in
from smsc_encodings.shift_tables import Language

HINDI, TURKISH, SPANISH = Language.HINDI, Language.TURKISH, Language.SPANISH


header = bytes.fromhex


@pytest.mark.parametrize(
    ("shifts", "octets"),
    [
        (Shifts(single=SPANISH), "03 24 01 02"),
        (Shifts(locking=TURKISH), "03 25 01 01"),
        (Shifts(HINDI, HINDI), "06 24 01 06 25 01 06"),
        (Shifts(), "00"),
    ],
)
def test_a_shift_is_announced_in_three_octets(shifts: Shifts, octets: str) -> None:
    assert udh.encode(shifts.elements) == bytes.fromhex(octets)
    assert shifts_in(header(octets)) == shifts


def test_shifts_are_found_beside_other_elements() -> None:
    assert shifts_in(header("0B 00 03 2A 02 01 25 01 01 24 01 02")) == Shifts(TURKISH, SPANISH)


@pytest.mark.parametrize("octets", ["03 24 01 0E", "03 25 01 02", "03 25 01 FF", "04 24 02 01 01"])
def test_a_language_that_is_not_known_is_ignored(octets: str) -> None:
    assert shifts_in(header(octets)) == Shifts()


def test_of_two_shifts_of_a_kind_the_last_counts() -> None:
    assert shifts_in(header("06 24 01 01 24 01 02")) == Shifts(single=SPANISH)


def test_the_default_tables_may_be_announced_too() -> None:
    assert shifts_in(header("06 24 01 02 24 01 00")) == Shifts()


def test_the_text_behind_a_header_announces_nothing() -> None:
    assert shifts_in(header("03 24 01 02 25 01 01")) == Shifts(single=SPANISH)


def test_no_header_announces_nothing() -> None:
    assert shifts_in(b"") == Shifts()


def test_shifts_have_names_for_people() -> None:
    assert str(Shifts(HINDI, SPANISH)) == "hindi locking shift and spanish single shift"
    assert str(Shifts()) == ""


@given(st.binary(max_size=60), st.binary(max_size=40))
def test_whatever_a_header_says_septets_read_as_text(octets: bytes, body: bytes) -> None:
    shifts = shifts_in(octets)
    assert isinstance(gsm7.decode(bytes(octet & 0x7F for octet in body), *shifts), str)


@given(st.sampled_from(Language), st.sampled_from(Language), st.binary(max_size=20))
def test_shifts_are_read_as_they_were_written(
    locking: Language, single: Language, ports: bytes
) -> None:
    shifts = Shifts(locking if locking is not SPANISH else Language.DEFAULT, single)
    before = udh.Concatenation(1, 2, 2), udh.Element(0x70, ports)
    assert shifts_in(udh.encode([*before, *shifts.elements])) == shifts
