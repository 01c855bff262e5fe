"""Whose message goes next: turns, weights, and bounds."""

from collections import Counter, deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_routing.fair import FairShares


def shares(dearest: int = 1, **weights: int) -> FairShares[int]:
    return FairShares(weights, per_account=1000, in_all=5000, dearest=dearest)


def fill(fair: FairShares[int], *accounts: str, count: int = 1000, cost: int = 1) -> None:
    for account in accounts:
        for number in range(count):
            assert fair.put(account, number, cost)


def served(fair: FairShares[int], times: int) -> str:
    return "".join(fair.take()[0] for _ in range(times))  # type: ignore[index]


def test_where_nothing_waits_nothing_is_taken() -> None:
    assert shares().take() is None


def test_accounts_of_equal_weight_take_turns() -> None:
    fair = shares()
    fill(fair, "a", "b", "c")
    assert served(fair, 9) == "abcabcabc"


def test_a_turn_is_as_long_as_the_weight() -> None:
    fair = shares(a=3)
    fill(fair, "a", "b")
    assert served(fair, 8) == "aaabaaab"


def test_one_that_floods_delays_another_by_one_turn() -> None:
    fair = shares()
    fill(fair, "a")
    served(fair, 500)
    fill(fair, "b", count=1)
    assert "b" in served(fair, 2)


def test_the_messages_of_one_account_keep_their_order() -> None:
    fair = shares()
    fill(fair, "a", "b", count=5)
    taken = [fair.take() for _ in range(10)]
    assert [got[1] for got in taken if got and got[0] == "a"] == [0, 1, 2, 3, 4]


def test_long_messages_are_paid_for() -> None:
    fair = shares(dearest=4)
    fill(fair, "a", cost=4)
    fill(fair, "b", cost=1)
    assert served(fair, 10) == "abbbbabbbb"


def test_what_is_left_of_a_turn_is_carried_into_the_next() -> None:
    fair = shares(dearest=3)
    fill(fair, "a", cost=2)
    fill(fair, "b", cost=3)
    assert served(fair, 5) == "abaab"


def test_an_account_that_has_nothing_waiting_saves_nothing() -> None:
    fair = shares(dearest=3)
    fill(fair, "a", count=1, cost=1)
    fill(fair, "b", cost=3)
    assert served(fair, 2) == "ab"
    fill(fair, "a", cost=2)
    assert served(fair, 5) == "abaab"


def test_an_account_fills_its_own_line_and_not_another() -> None:
    fair = FairShares[int]({}, per_account=2, in_all=10)
    assert [fair.put("a", 0) for _ in range(3)] == [True, True, False]
    assert fair.put("b", 0)
    fair.take()
    assert fair.put("a", 0)


def test_all_lines_together_are_bounded() -> None:
    fair = FairShares[int]({}, per_account=5, in_all=2)
    assert [fair.put(account, 0) for account in "abc"] == [True, True, False]
    fair.take()
    assert fair.put("c", 0)


@pytest.mark.parametrize("cost", [0, -1, 3])
def test_a_cost_beyond_its_bounds_is_refused(cost: int) -> None:
    with pytest.raises(ValueError, match="is not from 1 to 2"):
        shares(dearest=2).put("a", 0, cost)


def test_weights_and_bounds_start_at_1() -> None:
    with pytest.raises(ValueError, match="weight 0 of 'a' gives it no turn"):
        shares(a=0)
    for bounds in ((0, 1, 1), (1, 0, 1), (1, 1, 0)):
        with pytest.raises(ValueError, match="let nothing in"):
            FairShares[int]({}, *bounds)


ACCOUNTS = st.sampled_from("abcd")
COSTS = st.integers(1, 5)
WEIGHTS = st.dictionaries(ACCOUNTS, st.integers(1, 4))


@given(WEIGHTS, st.lists(st.none() | st.tuples(ACCOUNTS, COSTS), max_size=80))
def test_everything_let_in_comes_out_once_and_in_order_and_never_waits_for_nothing(
    weights: dict[str, int], steps: list[tuple[str, int] | None]
) -> None:
    fair = FairShares[int](weights, per_account=6, in_all=15, dearest=5)
    model: dict[str, deque[int]] = {account: deque() for account in "abcd"}
    for number, step in enumerate(steps):
        size = sum(map(len, model.values()))
        if step is None:
            taken = fair.take()
            assert (taken is None) is (size == 0)
            if taken:
                assert model[taken[0]].popleft() == taken[1]
        else:
            account, cost = step
            room = size < 15 and len(model[account]) < 6
            assert fair.put(account, number, cost) is room
            if room:
                model[account].append(number)
        assert len(fair) == sum(map(len, model.values()))
        assert all(fair.waiting(account) == len(model[account]) for account in "abcd")


@given(WEIGHTS, st.lists(st.tuples(ACCOUNTS, COSTS), min_size=50, max_size=400), st.integers(0, 99))
def test_those_who_always_have_something_waiting_are_served_by_weight(
    weights: dict[str, int], messages: list[tuple[str, int]], start: int
) -> None:
    dearest = 5
    fair = FairShares[int](weights, per_account=1000, in_all=5000, dearest=dearest)
    for account, cost in messages:
        fair.put(account, cost, cost)
    taken = [fair.take() for _ in messages]
    left = Counter(account for account, _ in messages)
    paid = dict.fromkeys(left, 0)
    for place, took in enumerate(taken):
        assert took is not None
        account, cost = took
        left[account] -= 1
        if not all(left.values()):
            break
        if place >= start:
            paid[account] += cost
            each = [paid[name] / weights.get(name, 1) for name in paid]
            assert max(each) - min(each) <= 3 * dearest
