"""References of long messages: none twice between the same two while parts are under way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_encodings.references import References

HOUR = 3600 * 1000


def references(max_pairs: int = 10, wide: bool = False, first: int = 0) -> References:
    return References(max_pairs, HOUR, wide=wide, first=first)


def test_a_pair_counts_on_and_around() -> None:
    given_out = references(first=254)
    assert [given_out.take("a", "b", 0) for _ in range(4)] == [254, 255, 0, 1]


def test_a_wide_reference_has_16_bits() -> None:
    given_out = references(wide=True, first=0xFFFF)
    assert [given_out.take("a", "b", 0) for _ in range(2)] == [0xFFFF, 0]


def test_each_pair_counts_for_itself() -> None:
    given_out = references()
    first = [given_out.take("a", "b", 0), given_out.take("a", "b", 0)]
    given_out.take("b", "a", 0)
    assert given_out.take("a", "b", 0) == first[1] + 1
    assert len(given_out) == 2


def test_all_numbers_are_given_before_one_is_given_again() -> None:
    given_out = references()
    assert len({given_out.take("a", "b", 0) for _ in range(256)}) == 256
    assert given_out.reused == 0
    given_out.take("a", "b", HOUR - 1)
    assert given_out.reused == 1


def test_a_number_is_free_again_when_its_parts_have_arrived_or_expired() -> None:
    given_out = references()
    for _ in range(256):
        given_out.take("a", "b", 0)
    given_out.take("a", "b", HOUR)
    assert given_out.reused == 0


def test_a_pair_that_has_nothing_under_way_is_dropped() -> None:
    given_out = references()
    given_out.take("a", "b", 0)
    given_out.take("c", "d", 1)
    given_out.take("e", "f", HOUR)
    assert (len(given_out), given_out.forgotten) == (2, 0)


def test_the_pair_that_was_quiet_for_longest_gives_way() -> None:
    given_out = references(max_pairs=2)
    given_out.take("a", "b", 0)
    given_out.take("c", "d", 1)
    given_out.take("a", "b", 2)
    given_out.take("e", "f", 3)
    assert (len(given_out), given_out.forgotten) == (2, 1)
    assert given_out.take("a", "b", 4) == 2


def test_a_pair_that_was_forgotten_does_not_begin_with_what_it_just_used() -> None:
    given_out = references(max_pairs=1)
    used = given_out.take("a", "b", 0)
    given_out.take("c", "d", 0)
    assert given_out.take("a", "b", 0) != used


def test_a_clock_that_jumps_back_frees_nothing() -> None:
    given_out = references()
    for _ in range(256):
        given_out.take("a", "b", HOUR)
    given_out.take("a", "b", 0)
    assert given_out.reused == 1


@pytest.mark.parametrize(("max_pairs", "life_ms"), [(0, 1), (1, 0)])
def test_references_without_room_or_time_are_refused(max_pairs: int, life_ms: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        References(max_pairs, life_ms)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, HOUR)), max_size=600))
def test_no_number_is_given_twice_in_its_life_unless_it_is_counted(
    steps: list[tuple[str, int]],
) -> None:
    given_out, now = references(max_pairs=3), 0
    under_way: dict[tuple[str, int], int] = {}
    doubled = 0
    for sender, elapsed in steps:
        now += elapsed // 100
        number = given_out.take(sender, "b", now)
        doubled += now - under_way.get((sender, number), -HOUR) < HOUR
        under_way[sender, number] = now
        assert len(given_out) <= 3
    assert doubled == given_out.reused
    assert given_out.forgotten == 0
