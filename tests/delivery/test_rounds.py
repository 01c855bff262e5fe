"""Lanes in line take turns by account: nothing is lost, and nobody's turn is put off for long."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.delivery.lane import Lane
from smsc.delivery.rounds import QUANTUM, Rounds
from tests.delivery.stage import Carrier

RADIO = Carrier("device", in_order=True)
ACCOUNTS = ("a", "b", "c", "")
WEIGHTS = {"a": 1, "b": 2, "c": 5}
STEPS = st.lists(st.sampled_from(ACCOUNTS) | st.integers(0, 30), max_size=200)


def lane(number: int, account: str) -> Lane:
    return Lane(str(number), RADIO, account)


def test_lanes_of_one_account_go_in_the_order_in_which_they_came() -> None:
    rounds, lanes = Rounds[Lane]({}), [lane(number, "a") for number in range(100)]
    for each in lanes:
        rounds.add("a", each)
    assert [*rounds.take(30), *rounds.take(1000)] == lanes
    assert not rounds and len(rounds) == 0


@given(STEPS)
def test_each_lane_is_taken_once_and_none_is_lost(steps: list[str | int]) -> None:
    rounds = Rounds[Lane](WEIGHTS)
    added: list[Lane] = []
    taken: list[Lane] = []
    for number, step in enumerate(steps):
        if isinstance(step, str):
            added.append(lane(number, step))
            rounds.add(step, added[-1])
        else:
            some = list(rounds.take(step))
            assert len(some) == min(step, len(added) - len(taken))
            taken += some
    taken += rounds.take(len(steps))
    for account in ACCOUNTS:
        assert [each for each in taken if each.account == account] == [
            each for each in added if each.account == account
        ]
    assert len(taken) == len(added) and not rounds


@given(st.lists(st.integers(1, 60), min_size=1, max_size=20))
def test_what_two_were_served_differs_by_no_more_than_a_quantum_of_their_weight(
    takes: list[int],
) -> None:
    rounds, served = Rounds[Lane](WEIGHTS), Counter[str]()
    for account in ACCOUNTS:
        for number in range(sum(takes)):
            rounds.add(account, lane(number, account))
    for most in takes:
        served.update(each.account for each in rounds.take(most))
        shares = [served[account] / WEIGHTS.get(account, 1) for account in ACCOUNTS]
        assert max(shares) - min(shares) <= QUANTUM


@pytest.mark.parametrize("others", [1, 10, 100])
def test_a_lane_waits_for_no_more_than_a_turn_of_each_other_account(others: int) -> None:
    rounds = Rounds[Lane]({})
    for other in range(others):
        for number in range(1000):
            rounds.add(str(other), lane(number, str(other)))
    rounds.add("polite", lane(0, "polite"))
    taken = [each.account for each in rounds.take(1000 * others)]
    assert taken.index("polite") <= QUANTUM * others


@given(STEPS, st.sets(st.sampled_from(ACCOUNTS)))
def test_who_is_barred_is_passed_over_and_keeps_his_place(
    steps: list[str | int], barred: set[str]
) -> None:
    rounds, added = Rounds[Lane](WEIGHTS), Counter[str]()
    for number, step in enumerate(steps):
        if isinstance(step, str):
            rounds.add(step, lane(number, step))
            added[step] += 1
        else:
            for each in rounds.take(step, barred.__contains__):
                assert each.account not in barred
                added[each.account] -= 1
    list(rounds.take(len(steps), barred.__contains__))
    left = Counter(each.account for each in rounds.take(len(steps)))
    assert left == Counter({account: added[account] for account in barred if added[account]})


def test_lanes_that_join_while_some_are_taken_go_with_them_or_later() -> None:
    rounds = Rounds[Lane]({})
    taken: list[str] = []
    rounds.add("a", lane(0, "a"))
    for each in rounds.take(10):
        taken.append(each.destination)
        if len(taken) < 3:
            rounds.add("a", lane(len(taken), "a"))
    taken += [each.destination for each in rounds.take(10)]
    assert taken == ["0", "1", "2"]
