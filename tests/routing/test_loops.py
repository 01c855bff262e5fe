"""How a message that goes round between SMSCs is found out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_routing.loops import MOST_HOPS, Trail, going_round, onward, parse_trail

NAMES = st.from_regex(r"[!-~]{1,15}", fullmatch=True)


def test_a_message_that_never_left_is_not_going_round() -> None:
    assert going_round(Trail(), "smsc-a") is None


def test_a_message_that_comes_back_is_going_round() -> None:
    trail = onward(onward(Trail(), "smsc-a"), "smsc-b")
    assert going_round(trail, "smsc-c") is None
    assert going_round(trail, "smsc-a") == (
        "the message has been at smsc-a before: smsc-a > smsc-b"
    )


def test_a_message_that_passed_too_many_is_going_round_even_if_they_gave_no_name() -> None:
    assert going_round(Trail(MOST_HOPS - 1), "smsc-a") is None
    assert going_round(Trail(MOST_HOPS), "smsc-a") == (
        "the message has passed 8 SMSCs, and 8 are too many"
    )


def test_a_trail_is_carried_as_a_count_and_names() -> None:
    trail = onward(onward(Trail(), "smsc-a"), "smsc-b")
    assert str(trail) == "2 smsc-a smsc-b"
    assert parse_trail("2 smsc-a smsc-b") == trail


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "-1", "999", "\u0661", "1 a b", "2 a  b", " 1", "1 \x00", "1 sixteen-letters!"),
        "9 a b c d e f g h i",
    ],
)
def test_what_is_no_trail_tells_nothing(text: str) -> None:
    assert parse_trail(text) == Trail()


def test_a_name_that_no_message_could_carry_is_counted_and_not_told() -> None:
    assert onward(Trail(), "two words") == Trail(1, ())


@given(st.text() | st.lists(NAMES).map(lambda names: " ".join([str(len(names)), *names])))
def test_no_text_breaks_a_trail_and_what_goes_on_stays_short(text: str) -> None:
    trail = parse_trail(text)
    further = onward(trail, "smsc-a")
    assert len(further.seen_by) <= MOST_HOPS
    assert len(str(further)) <= 3 + MOST_HOPS * 16


@given(st.lists(NAMES, max_size=20))
def test_every_message_ends_though_all_forward_it(names: list[str]) -> None:
    trail, passed = Trail(), 0
    for name in names * MOST_HOPS:
        trail = parse_trail(str(trail))
        if going_round(trail, name):
            break
        trail, passed = onward(trail, name), passed + 1
    assert passed <= min(MOST_HOPS, len(set(names)))


@given(st.lists(NAMES, max_size=MOST_HOPS))
def test_a_trail_arrives_as_it_left(names: list[str]) -> None:
    trail = Trail()
    for name in names:
        trail = onward(trail, name)
    assert parse_trail(str(trail)) == trail
