"""Numbers in use lately: bounded, and nothing is forgotten that isn't in the store yet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.delivery.directory import Unread
from smsc.network.visitors import Visitors


def test_while_all_is_here_what_is_not_here_is_nobodys() -> None:
    visitors = Visitors({"331": "x"})
    assert visitors.ask("331") == "x"
    assert visitors.ask("332") is None
    assert visitors.has("332")


def test_what_is_more_than_fits_is_forgotten_and_then_nothing_is_certain() -> None:
    visitors = Visitors[str](most=4)
    for number in range(4):
        visitors.change(f"33{number}", "x")
        visitors.release([f"33{number}"])
    assert visitors.complete
    visitors.take_in({"335": None})
    assert not visitors.complete
    assert visitors.ask("335") is None
    with pytest.raises(Unread):
        visitors.ask("336")


def test_what_is_asked_for_stays_and_the_others_go() -> None:
    visitors = Visitors[str](complete=False, most=10)
    visitors.take_in({"1": "x", "2": "y"})
    for number in range(100, 200):
        visitors.take_in({str(number): None})
        assert visitors.ask("1") == "x"
    with pytest.raises(Unread):
        visitors.ask("2")


def test_what_was_changed_counts_whatever_is_read_until_it_is_released() -> None:
    visitors = Visitors[str](complete=False, most=2)
    visitors.change("1", "new")
    visitors.take_in({"1": "old"})
    for number in range(100, 200):
        visitors.take_in({str(number): None})
    visitors.forget()
    assert visitors.ask("1") == "new"
    visitors.release(["1"])
    visitors.forget()
    assert not visitors.has("1")


def test_what_was_read_together_can_be_asked_for_together() -> None:
    visitors = Visitors[str](complete=False, most=2)
    visitors.take_in({"1": "x", "2": "x", "3": "x"})
    visitors.take_in({str(number): "y" for number in range(4, 20)})
    for number in range(1, 20):
        assert visitors.ask(str(number)) == ("x" if number < 4 else "y")


@given(
    st.lists(st.tuples(st.sampled_from(["ask", "read", "change"]), st.integers(1, 30))),
    st.integers(1, 10),
)
def test_it_is_bounded_and_never_wrong(steps: list[tuple[str, int]], most: int) -> None:
    visitors = Visitors[int](complete=False, most=most)
    truth: dict[str, int] = {}
    for at, (step, digits) in enumerate(steps):
        number = str(digits)
        if step == "change":
            truth[number] = at
            visitors.change(number, at)
            visitors.release([number])
        elif step == "read":
            visitors.take_in({number: truth.get(number)})
            assert visitors.ask(number) == truth.get(number)
        elif visitors.has(number):
            assert visitors.ask(number) == truth.get(number)
        assert visitors.size <= 2 * max(most // 2, 1) + 1
