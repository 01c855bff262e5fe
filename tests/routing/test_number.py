"""Which addresses are numbers, names and short codes, and in what form they travel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_routing.number import MalformedNumber, is_number, is_short_code, normalise

ADDRESSES = st.text(max_size=20) | st.from_regex(r"(\+|00)?[0-9]{0,18}", fullmatch=True)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("491700000001", "491700000001"),
        ("+491700000001", "491700000001"),
        ("00491700000001", "491700000001"),
        ("00123456789012345", "123456789012345"),
        ("1", "1"),
        ("0123", "0123"),
        ("0", "0"),
        ("00", "00"),
    ],
)
@pytest.mark.parametrize("ton", [0, 1, 2, 5])
def test_a_number_is_digits_whatever_prefix_and_ton_it_came_with(
    ton: int, written: str, canonical: str
) -> None:
    assert normalise(ton, written) == canonical


@pytest.mark.parametrize("name", ["FLEET", "Fleet 24/7", "+FLEET", "+", "00A"])
def test_a_name_stays_as_it_is(name: str) -> None:
    assert normalise(5, name) == name


@pytest.mark.parametrize(
    "address",
    [
        "",
        "1234567890123456",
        "+1234567890123456",
        "001234567890123456",
        "TWELVE CHARS",
        "A\x00B",
        "A\nB",
        "\ud800",
        "\u0661\u0662",
        "\N{GREEK CAPITAL LETTER OMEGA}MEGA",
        "\u0661" * 12,
    ],
)
def test_what_is_neither_number_nor_name_is_refused(address: str) -> None:
    with pytest.raises(MalformedNumber):
        normalise(1, address)


def test_the_refusal_names_the_address_and_what_is_allowed() -> None:
    with pytest.raises(
        MalformedNumber, match=r"'TWELVE CHARS' \(TON 5\).*1 to 15 digits.*1 to 11 printable"
    ):
        normalise(5, "TWELVE CHARS")


def test_the_refusal_of_an_endless_address_is_short() -> None:
    with pytest.raises(MalformedNumber) as refusal:
        normalise(1, "9" * 100_000)
    assert len(str(refusal.value)) < 250


@given(st.integers(), ADDRESSES)
def test_nothing_but_the_documented_error_comes_out(ton: int, address: str) -> None:
    try:
        canonical = normalise(ton, address)
    except MalformedNumber:
        return
    assert is_number(canonical) or (len(canonical) <= 11 and canonical.isprintable())


@given(st.from_regex(r"[1-9][0-9]{0,14}", fullmatch=True))
def test_all_ways_to_write_a_number_mean_the_same(number: str) -> None:
    assert {normalise(1, prefix + number) for prefix in ("", "+", "00")} == {number}


@pytest.mark.parametrize(
    ("address", "short"),
    [
        ("1", True),
        ("12345678", True),
        ("123456789", False),
        ("FLEET24", True),
        ("FLEET247", False),
        ("", False),
    ],
)
def test_a_short_code_has_at_most_8_digits_or_7_characters(address: str, short: bool) -> None:
    assert is_short_code(address) is short


@pytest.mark.parametrize(
    ("address", "number"),
    [("1", True), ("1" * 15, True), ("1" * 16, False), ("", False), ("1a", False), ("²", False)],
)
def test_a_number_has_1_to_15_ascii_digits(address: str, number: bool) -> None:
    assert is_number(address) is number
