"""Places that are yet to be put into the queues: none is lost, none is taken twice."""

from hypothesis import given
from hypothesis import strategies as st

from smsc.store.gathering import GENERATION, SLICE_AT_LEAST, Gathering, Place


def place(number: int) -> Place:
    """Make a place in one of many queues."""
    return 0, f"device:{number * 7919 % 1000:04d}", 0, number, 0, 0, 1_000_000 - number


def full(first: int = 1) -> Gathering:
    """Gather a whole generation."""
    gathering = Gathering()
    gathering.add([place(number) for number in range(first, first + GENERATION)])
    return gathering


def everything(gathering: Gathering) -> list[Place]:
    """Take all there is."""
    return gathering.take_if(lambda place: True)


def test_those_who_are_about_to_be_read_are_taken_and_no_others() -> None:
    gathering = full()
    gathering.take(0)
    wanted = {"device:0500", "device:0501"}
    taken = gathering.take_if(lambda place: place[1] in wanted)
    assert {each[1] for each in taken} == wanted
    assert taken == sorted(taken)
    assert not wanted & {each[0] for each in everything(gathering)}


def test_nothing_is_taken_before_a_generation_is_complete() -> None:
    gathering = Gathering()
    gathering.add([place(number) for number in range(1, GENERATION)])
    assert gathering.take(100) == []
    gathering.add([place(GENERATION)])
    assert len(gathering.take(100)) == 200 + SLICE_AT_LEAST


def test_a_slice_is_made_of_neighbours() -> None:
    gathering = full()
    taken = [*gathering.take(0), *gathering.take(0)]
    rest = everything(gathering)
    assert max(taken) < min(rest)


def test_an_old_generation_is_gone_before_the_next_is_complete() -> None:
    gathering = full()
    come = 0
    while gathering.oldest == 1:
        gathering.take(100)
        gathering.add([place(GENERATION + come + number) for number in range(1, 101)])
        come += 100
    assert come <= GENERATION


@given(st.lists(st.integers(0, 4000), max_size=12))
def test_every_place_is_taken_once(sizes: list[int]) -> None:
    gathering = full()
    number, taken = GENERATION, []
    for size in sizes:
        taken += gathering.take(size)
        gathering.add([place(each) for each in range(number + 1, number + size + 1)])
        number += size
    taken += everything(gathering)
    assert sorted(each[3] for each in taken) == list(range(1, number + 1))
    assert not gathering


@given(st.lists(st.integers(0, 4000), max_size=12))
def test_no_gathered_place_is_older_than_it_says(sizes: list[int]) -> None:
    gathering = full()
    number = GENERATION
    left = set(range(1, GENERATION + 1))
    for size in sizes:
        left -= {each[3] for each in gathering.take(size)}
        gathering.add([place(each) for each in range(number + 1, number + size + 1)])
        left |= set(range(number + 1, number + size + 1))
        number += size
        assert gathering.oldest is not None
        assert gathering.oldest <= min(left)


def test_what_could_not_be_written_is_as_it_was() -> None:
    gathering = full()
    before, next_at = gathering.oldest, gathering.next_at
    taken = gathering.take(10)
    gathering.add([place(GENERATION + 1)])
    gathering.withdraw(1)
    gathering.put_back(taken)
    assert (gathering.oldest, gathering.next_at) == (before, next_at)
    assert [each[3] for each in sorted(everything(gathering), key=lambda each: each[3])] == list(
        range(1, GENERATION + 1)
    )


def test_an_empty_one_has_nothing_to_tell() -> None:
    gathering = Gathering()
    gathering.put_back([])
    gathering.withdraw(0)
    assert (bool(gathering), gathering.oldest, gathering.next_at) == (False, None, None)
