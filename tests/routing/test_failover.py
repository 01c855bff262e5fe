"""What is tried after a link has failed, and that a message draws the same lot every time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_routing.failover import Fault, draw_of, rest

ORDER = ("first", "second", "third")


def test_a_link_at_fault_leaves_the_rest_of_the_order() -> None:
    assert rest(ORDER, "first", Fault.LINK) == ("second", "third")
    assert rest(ORDER, "third", Fault.LINK) == ()


@pytest.mark.parametrize("fault", [Fault.DESTINATION, Fault.MESSAGE])
def test_another_link_cures_neither_the_receiver_nor_the_message(fault: Fault) -> None:
    assert rest(ORDER, "first", fault) == ()


def test_after_a_link_that_is_no_longer_in_the_order_nothing_is_left() -> None:
    assert rest(ORDER, "gone", Fault.LINK) == ()


@given(st.integers(0, 2**63))
def test_a_draw_is_at_least_0_and_less_than_1(message_id: int) -> None:
    assert 0 <= draw_of(message_id) < 1
    assert draw_of(message_id) == draw_of(message_id)


@given(st.integers(0, 2**40), st.floats(0.05, 0.95))
def test_draws_of_messages_in_sequence_are_spread_evenly(first: int, share: float) -> None:
    below = sum(draw_of(message_id) < share for message_id in range(first, first + 1000))
    assert abs(below - 1000 * share) < 10
