"""The roll call: everybody is called, accounts share the calls, and little is read ahead."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.delivery import roll as room
from smsc.delivery.roll import NAMES_A_READ, Roll
from smsc.delivery.scheduler import EVERY_DESTINATION
from smsc.store.store import Queue

AHEAD = 50
PAGE = 10


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "NAMES_A_READ", PAGE)


def read(queues: Sequence[Queue], after: str) -> list[Queue]:
    """Read as the store does."""
    return [each for each in queues if each.destination > after][:PAGE]


def step(roll: Roll, queues: Sequence[Queue]) -> None:
    """Read on, if the roll wants it."""
    going = roll.next()
    if going is not None:
        page = read(queues, going.after)
        roll.take_in(going, page, more=len(page) == PAGE)


def call_all(roll: Roll, queues: Sequence[Queue], at_once: int = 5) -> list[Queue]:
    """Read and call in turns, until it is over."""
    called: list[Queue] = []
    for _ in range(10_000):
        if roll.over:
            return called
        step(roll, queues)
        called += roll.call(at_once)
    raise AssertionError("it never ends")


def crowd(account: str, first: int, count: int) -> list[Queue]:
    return [Queue(f"device:{number:05}", account) for number in range(first, first + count)]


def begun(weights: dict[str, int] | None = None, ahead: int = AHEAD) -> Roll:
    roll = Roll(weights or {}, ahead)
    roll.begin()
    return roll


def test_nobody_is_called_before_it_has_begun() -> None:
    roll = Roll({}, AHEAD)
    assert (roll.over, roll.next(), roll.called) == (True, None, EVERY_DESTINATION)


def test_where_nobody_waits_it_is_over_at_once() -> None:
    roll = begun()
    assert call_all(roll, []) == []
    assert roll.called == EVERY_DESTINATION


def test_one_alone_is_called_in_the_order_of_the_names() -> None:
    queues = crowd("a", 0, 500)
    assert call_all(begun(), queues) == queues


def test_who_stands_behind_a_crowd_is_called_among_the_first_of_it() -> None:
    queues = crowd("many", 0, 2000) + crowd("few", 2000, 30)
    called = call_all(begun(), queues)
    assert set(called) == set(queues)
    last = max(called.index(each) for each in queues[2000:])
    # While the names are read, the crowd alone is called: five of it for each page of ten.
    assert last < 2000 // PAGE * 5 + 3 * 30


def test_calls_are_shared_by_weight() -> None:
    queues = crowd("a", 0, 400) + crowd("b", 400, 400)
    called = call_all(begun({"b": 3}, 10 * AHEAD), queues)
    from_b = next(at for at, each in enumerate(called) if each.account == "b")
    counts = Counter(each.account for each in called[from_b : from_b + 200])
    assert 2 < counts["b"] / counts["a"] < 4


def test_nobody_new_is_taken_for_called_who_stands_in_line() -> None:
    roll, queues = begun(), crowd("a", 0, 30)
    step(roll, queues)
    assert roll.called < queues[0].destination
    roll.call(PAGE - 1)
    assert roll.called < queues[0].destination
    roll.call(1)
    assert roll.called == queues[PAGE - 1].destination


def test_what_was_read_for_a_roll_that_has_begun_anew_counts_for_nothing() -> None:
    roll, queues = begun(), crowd("a", 0, 30)
    going = roll.next()
    assert going is not None
    roll.begin()
    roll.take_in(going, read(queues, ""), more=True)
    assert roll.called == ""
    assert call_all(roll, queues) == queues


ACCOUNTS = st.sampled_from(["a", "b", "c", ""])


@given(st.lists(ACCOUNTS, max_size=150), st.data())
def test_everybody_is_called_whoever_comes_to_the_head_of_a_queue_meanwhile(
    accounts: list[str], data: st.DataObject
) -> None:
    roll = begun({"b": 2})
    queues = [Queue(f"device:{number:05}", each) for number, each in enumerate(accounts)]
    waiting = {each.destination for each in queues}
    for _ in range(2000):
        if roll.over:
            break
        number = data.draw(st.integers(0, 2 * len(queues)))
        if number < len(queues):
            queues[number] = Queue(queues[number].destination, data.draw(ACCOUNTS))
        step(roll, queues)
        waiting.difference_update(each.destination for each in roll.call(7))
        assert all(name > roll.called for name in waiting)
    assert (roll.over, waiting) == (True, set())


@given(st.lists(ACCOUNTS, max_size=200), st.integers(1, 30))
def test_no_more_is_read_ahead_than_there_is_room_for(accounts: list[str], at_once: int) -> None:
    roll = begun()
    queues = [Queue(f"device:{number:05}", each) for number, each in enumerate(accounts)]
    taken = called = 0
    while not roll.over:
        step(roll, queues)
        taken = sum(roll.held(each) for each in ("a", "b", "c", ""))
        assert taken <= AHEAD
        called += len(roll.call(at_once))
    assert called >= len(queues)


def test_a_page_is_much_less_than_what_is_read_ahead() -> None:
    assert NAMES_A_READ * 10 <= room.READ_AHEAD
