"""What the parts of one message cost together, where messages are counted."""

from hypothesis import given
from hypothesis import strategies as st

from smsc_routing.train import LONGEST_MS, Train, Trains

THREE = Train("fleet", "1234", "491700000001", 7, False, 3)


def paid(trains: Trains, train: Train, *sequences: int, now: int = 0) -> list[bool]:
    """Let parts in one after another; return which of them others had paid for."""
    answers = []
    for sequence in sequences:
        answers.append(trains.paid(train, sequence, now))
        trains.let_in(train, sequence, now)
    return answers


def test_the_first_part_pays_for_all() -> None:
    assert paid(Trains(), THREE, 1, 2, 3) == [False, True, True]


def test_the_parts_may_come_in_any_order() -> None:
    assert paid(Trains(), THREE, 3, 1, 2) == [False, True, True]


def test_a_part_that_comes_again_is_the_first_of_another_message() -> None:
    assert paid(Trains(), THREE, 1, 2, 2, 1, 3) == [False, True, False, True, True]


def test_when_all_have_come_the_reference_is_free_for_the_next_message() -> None:
    trains = Trains()
    paid(trains, THREE, 1, 2, 3)
    assert len(trains) == 0
    assert paid(trains, THREE, 1, 2, 3) == [False, True, True]


def test_a_part_that_was_refused_has_paid_for_none() -> None:
    trains = Trains()
    assert not trains.paid(THREE, 1, 0)
    assert paid(trains, THREE, 2, 1, 3) == [False, True, True]


def test_messages_differ_by_each_of_their_marks() -> None:
    trains = Trains()
    paid(trains, THREE, 1)
    for other in (
        THREE._replace(account="other"),
        THREE._replace(source="5678"),
        THREE._replace(destination="491700000002"),
        THREE._replace(reference=8),
        THREE._replace(wide=True),
        THREE._replace(total=4),
    ):
        assert not trains.paid(other, 2, 0)


def test_a_part_that_comes_too_late_pays() -> None:
    trains = Trains()
    paid(trains, THREE, 1)
    assert trains.paid(THREE, 2, LONGEST_MS - 1)
    assert not trains.paid(THREE, 2, LONGEST_MS)
    assert paid(trains, THREE, 2, 1, 3, now=LONGEST_MS) == [False, True, True]


def test_parts_do_not_make_the_time_longer() -> None:
    trains = Trains()
    paid(trains, THREE, 1)
    paid(trains, THREE, 2, now=LONGEST_MS - 1)
    assert not trains.paid(THREE, 3, LONGEST_MS)


def test_a_clock_set_back_makes_them_pay_again() -> None:
    trains = Trains()
    paid(trains, THREE, 1, now=1000)
    assert not trains.paid(THREE, 2, 999)


def test_messages_that_never_end_are_forgotten_as_others_come() -> None:
    trains, largest = Trains(), 0
    for number in range(2000):
        paid(trains, THREE._replace(destination=str(number)), 1, now=number * LONGEST_MS // 10)
        largest = max(largest, len(trains))
    assert largest <= 11


STEPS = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 3), st.integers(0, LONGEST_MS)))


@given(STEPS, st.integers(1, 4))
def test_the_table_stays_small_and_no_sequence_is_free_twice_in_a_message(
    steps: list[tuple[int, int, int]], messages: int
) -> None:
    trains, now, free = Trains(messages), 0, set[tuple[int, int]]()
    for reference, sequence, later in steps:
        now += later
        train = THREE._replace(reference=reference)
        if trains.paid(train, sequence, now):
            assert (reference, sequence) not in free
            free.add((reference, sequence))
        else:
            free = {each for each in free if each[0] != reference}
        trains.let_in(train, sequence, now)
        assert len(trains) <= messages
