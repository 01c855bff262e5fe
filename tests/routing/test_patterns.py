"""How '#' stands for any digit, and which of several patterns a number belongs to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_routing.number import PatternTable, check_pattern, matches, specificity

# Few digits and lengths, so that patterns and numbers meet.
PATTERNS = st.text("12#", min_size=1, max_size=5)
NUMBERS = st.text("12", min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("pattern", "number", "matched"),
    [
        ("4471########", "447100000001", True),
        ("4471########", "447200000001", False),
        ("4471########", "44710000000", False),
        ("4471########", "4471000000012", False),
        ("#", "7", True),
        ("4#7", "457", True),
        ("4#7", "458", False),
        ("123", "123", True),
        ("#####", "FLEET", False),
        ("#", "\u0661", False),
        ("", "", False),
    ],
)
def test_a_pattern_matches_numbers_of_its_length_and_digits(
    pattern: str, number: str, matched: bool
) -> None:
    assert matches(pattern, number) is matched


@pytest.mark.parametrize(
    ("stricter", "looser"),
    [("4471", "447#"), ("447#", "44##"), ("44#1", "4#11"), ("4###", "####"), ("#11#", "1###")],
)
def test_more_digits_then_a_longer_prefix_make_a_pattern_stricter(
    stricter: str, looser: str
) -> None:
    assert specificity(stricter) > specificity(looser)


@pytest.mark.parametrize("pattern", ["1", "#", "4471########", "#" * 15])
def test_digits_and_hashes_up_to_15_make_a_pattern(pattern: str) -> None:
    check_pattern(pattern)


@pytest.mark.parametrize("pattern", ["", "+44##", "44*", "44 #", "#" * 16, "\u0661#", "FLEET"])
def test_anything_else_is_no_pattern(pattern: str) -> None:
    with pytest.raises(ValueError, match="each a digit or '#' for any digit"):
        check_pattern(pattern)


def test_a_table_refuses_a_malformed_pattern() -> None:
    with pytest.raises(ValueError, match="'44x' is no pattern of numbers"):
        PatternTable([("44##", 1), ("44x", 2)])


def test_a_number_belongs_to_the_most_specific_pattern() -> None:
    table = PatternTable(
        [("44##########", "uk"), ("4471########", "fleet"), ("447100000001", "one")]
    )
    assert table.find("447100000001") == "one"
    assert table.find("447100000002") == "fleet"
    assert table.find("447200000001") == "uk"


def test_a_number_that_no_pattern_matches_belongs_nowhere() -> None:
    table = PatternTable([("44###", "uk"), ("#####", "any")])
    assert table.find("4412") is None
    assert table.find("FLEET") is None
    assert PatternTable[str]([("44###", "uk")]).find("49123") is None


def test_of_equal_patterns_the_first_counts() -> None:
    assert PatternTable([("44##", "first"), ("44##", "second")]).find("4411") == "first"


def test_of_as_many_digits_the_longer_prefix_counts() -> None:
    table = PatternTable([("1#11##", "short"), ("11###1", "long")])
    assert table.find("111111") == "long"


def test_of_equally_specific_patterns_the_one_with_digits_further_left_counts() -> None:
    assert PatternTable([("1###1#", "right"), ("1#1###", "left")]).find("101010") == "left"
    assert PatternTable([("1#1###", "left"), ("1###1#", "right")]).find("101010") == "left"


def naive_find(patterns: list[str], number: str) -> str | None:
    def strictness(pattern: str) -> tuple[int, int, list[bool]]:
        return *specificity(pattern), [mark != "#" for mark in pattern]

    return max((p for p in patterns if matches(p, number)), key=strictness, default=None)


@given(st.lists(PATTERNS), NUMBERS)
def test_a_table_finds_what_reading_all_patterns_would_find(
    patterns: list[str], number: str
) -> None:
    assert PatternTable(zip(patterns, patterns, strict=True)).find(number) == naive_find(
        patterns, number
    )
