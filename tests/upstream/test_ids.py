"""The ids of other SMSCs: those of one message are equal, however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.upstream.ids import Ids, plain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0000001234", "1234"),
        ("00B8BE19", "b8be19"),
        (" 39F99DD5\0", "39f99dd5"),
        ("0", "000"),
        ("9d9e69eb-52a7-4a4d-a380-8bce7c11f4cd", "9D9E69EB-52A7-4A4D-A380-8BCE7C11F4CD"),
    ],
)
def test_zeros_before_it_capitals_and_space_around_it_make_no_difference(
    one: str, other: str
) -> None:
    assert plain(one) == plain(other)


@pytest.mark.parametrize(("one", "other"), [("1230", "123"), ("0x12", "12"), ("a-1", "a1")])
def test_everything_else_does(one: str, other: str) -> None:
    assert plain(one) != plain(other)


@given(st.integers(1, 2**63))
def test_a_receipt_in_decimal_finds_its_response_in_hexadecimal(number: int) -> None:
    ids = Ids()
    assert ids.response(f"{number:016X}") in ids.receipt(f"{number:020d}")


@given(st.integers(1, 2**63))
def test_a_receipt_in_hexadecimal_finds_its_response_in_decimal(number: int) -> None:
    ids = Ids()
    assert ids.response(f"{number:010d}") in ids.receipt(f"{number:08X}")


@given(st.text(max_size=64))
def test_a_receipt_that_has_the_id_of_the_response_finds_it_first(text: str) -> None:
    ids = Ids()
    assert ids.receipt(text)[0] == ids.response(text)


def test_who_has_answered_in_hexadecimal_and_reports_in_decimal_means_that() -> None:
    ids = Ids()
    ids.response("1A2B3C4D")
    assert ids.receipt("1000") == ("3e8", "1000", "4096")


def test_who_has_answered_in_decimal_and_reported_in_hexadecimal_means_that() -> None:
    ids = Ids()
    ids.response("1715004")
    assert ids.receipt("1A2B3C") == ("1a2b3c", "1715004")
    assert ids.receipt("1000") == ("4096", "1000", "3e8")


def test_who_writes_both_alike_means_that() -> None:
    ids = Ids()
    ids.response("1A2B3C4D")
    ids.receipt("1A2B3C4D")
    assert ids.receipt("1000")[0] == "1000"


def test_an_id_that_is_no_number_is_read_in_one_way() -> None:
    assert Ids().receipt("vJ3k-99") == ("vj3k-99",)
    assert Ids().receipt("9" * 30) == ("9" * 30,)
