"""Parts joined again: any order, duplicates, reused references, bounded memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_encodings.dcs import Alphabet
from smsc_encodings.errors import EncodingError
from smsc_encodings.reassembly import Collector, Reassembler
from smsc_encodings.segmentation import Part, split_octets
from smsc_encodings.udh import Concatenation, decode

A, B, C = ("491", "1234", 1, 2), ("492", "1234", 1, 2), ("493", "1234", 1, 2)
FIRST, SECOND = Concatenation(1, 2, 1), Concatenation(1, 2, 2)


def reassembler(max_sets: int = 10, ttl_ms: int = 1000) -> Reassembler:
    return Reassembler(max_sets, ttl_ms)


def test_the_last_part_missing_brings_the_whole() -> None:
    sets = reassembler()
    assert sets.add(A, FIRST, b"hello ", 0) is None
    assert sets.add(A, SECOND, b"world", 0) == b"hello world"
    assert len(sets) == 0


def test_a_message_of_one_part_is_whole_at_once() -> None:
    sets = reassembler()
    assert sets.add(A, Concatenation(1, 1, 1), b"alone", 0) == b"alone"
    assert len(sets) == 0


@given(st.binary(min_size=141, max_size=1500), st.data())
def test_parts_join_in_whatever_order_they_come(body: bytes, data: st.DataObject) -> None:
    parts = data.draw(st.permutations(split_octets(body, Alphabet.OCTET, reference=1)))
    sets = reassembler()
    results = []
    for part in parts:
        concatenation = decode(part.header).concatenation
        assert concatenation is not None
        results.append(sets.add(A, concatenation, part.body, 0))
    assert results == [None] * (len(parts) - 1) + [body]


def test_messages_with_different_keys_do_not_mix() -> None:
    sets = reassembler()
    sets.add(A, FIRST, b"a1", 0)
    sets.add(B, FIRST, b"b1", 0)
    assert sets.add(A, SECOND, b"a2", 0) == b"a1a2"
    assert sets.add(B, SECOND, b"b2", 0) == b"b1b2"


def test_a_part_that_comes_again_is_ignored_and_counted() -> None:
    sets = reassembler()
    sets.add(A, FIRST, b"a1", 0)
    assert sets.add(A, FIRST, b"a1", 0) is None
    assert sets.duplicates == 1
    assert sets.add(A, SECOND, b"a2", 0) == b"a1a2"


def test_another_body_for_a_part_begins_a_new_message() -> None:
    sets = reassembler()
    sets.add(A, FIRST, b"old", 0)
    assert sets.add(A, FIRST, b"new", 0) is None
    assert (sets.conflicts, len(sets)) == (1, 1)
    assert sets.add(A, SECOND, b"!", 0) == b"new!"


def test_another_total_begins_a_new_message() -> None:
    sets = reassembler()
    sets.add(A, Concatenation(1, 3, 1), b"old", 0)
    sets.add(A, FIRST, b"new", 0)
    assert (sets.conflicts, len(sets)) == (1, 1)
    assert sets.add(A, SECOND, b"!", 0) == b"new!"


def test_a_late_duplicate_of_a_whole_message_waits_alone() -> None:
    sets = reassembler()
    sets.add(A, FIRST, b"a1", 0)
    sets.add(A, SECOND, b"a2", 0)
    assert sets.add(A, SECOND, b"a2", 0) is None
    assert len(sets) == 1


def test_the_oldest_set_gives_way_to_a_new_one() -> None:
    sets = reassembler(max_sets=2)
    for key in (A, B, C):
        sets.add(key, FIRST, b"1", 0)
    assert (sets.evicted, len(sets)) == (1, 2)
    assert sets.add(B, SECOND, b"2", 0) == b"12"
    assert sets.add(A, SECOND, b"2", 0) is None


def test_a_part_for_a_known_set_evicts_nothing() -> None:
    sets = reassembler(max_sets=1)
    sets.add(A, FIRST, b"1", 0)
    assert sets.add(A, SECOND, b"2", 0) == b"12"
    assert sets.evicted == 0


def test_a_set_expires_so_long_after_its_first_part() -> None:
    sets = reassembler(ttl_ms=1000)
    sets.add(A, Concatenation(1, 3, 1), b"1", 0)
    sets.add(A, Concatenation(1, 3, 2), b"2", 999)
    assert sets.expire(999) == 0
    assert sets.expire(1000) == 1
    assert (sets.expired, len(sets)) == (1, 0)


def test_a_part_that_comes_too_late_begins_a_new_set() -> None:
    sets = reassembler(ttl_ms=1000)
    sets.add(A, FIRST, b"1", 0)
    assert sets.add(A, SECOND, b"2", 1000) is None
    assert (sets.expired, len(sets)) == (1, 1)


def test_only_sets_old_enough_expire() -> None:
    sets = reassembler(ttl_ms=1000)
    sets.add(A, FIRST, b"1", 0)
    sets.add(B, FIRST, b"1", 500)
    assert sets.expire(1200) == 1
    assert sets.add(B, SECOND, b"2", 1200) == b"12"


def test_a_set_begun_anew_is_as_old_as_its_new_part() -> None:
    sets = reassembler(ttl_ms=1000)
    sets.add(A, FIRST, b"old", 0)
    sets.add(B, FIRST, b"b", 100)
    sets.add(A, FIRST, b"new", 500)
    assert sets.expire(1100) == 1
    assert sets.add(A, SECOND, b"!", 1100) == b"new!"


def test_the_oldest_sets_give_way_when_all_hold_too_much() -> None:
    sets = Reassembler(10, 1000, max_octets=10)
    for key in (A, B):
        sets.add(key, FIRST, b"12345", 0)
    assert (sets.octets, sets.evicted) == (10, 0)
    sets.add(C, FIRST, b"678", 0)
    assert (sets.octets, sets.evicted, len(sets)) == (8, 1, 2)
    assert sets.add(B, SECOND, b"!", 0) == b"12345!"


def test_a_message_longer_than_all_sets_may_hold_is_dropped_unless_it_is_whole() -> None:
    sets = Reassembler(10, 1000, max_octets=4)
    assert sets.add(A, FIRST, b"12345", 0) is None
    assert (sets.octets, sets.evicted, len(sets)) == (0, 1, 0)
    sets.add(B, FIRST, b"1234", 0)
    assert sets.add(B, SECOND, b"5678", 0) == b"12345678"


def test_a_clock_that_jumps_back_stands_still() -> None:
    sets = reassembler(ttl_ms=1000)
    sets.add(A, FIRST, b"1", 5000)
    sets.add(B, FIRST, b"1", 100)
    assert sets.expire(5999) == 0
    assert sets.expire(6000) == 2


@pytest.mark.parametrize("sequence", [0, 3])
def test_a_sequence_outside_the_total_is_refused(sequence: int) -> None:
    sets = reassembler()
    with pytest.raises(EncodingError, match=f"part {sequence} of 2"):
        sets.add(A, Concatenation(1, 2, sequence), b"?", 0)
    assert len(sets) == 0


@pytest.mark.parametrize(("max_sets", "ttl_ms"), [(0, 1), (1, 0)])
def test_a_reassembler_without_room_or_time_is_refused(max_sets: int, ttl_ms: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Reassembler(max_sets, ttl_ms)


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(1, 4), st.integers(1, 4), st.integers(0, 50)),
        max_size=200,
    )
)
def test_memory_stays_bounded_and_every_set_is_accounted_for(
    steps: list[tuple[int, int, int, int]],
) -> None:
    sets, now_ms, joined = Reassembler(3, 100), 0, 0
    begun = 0
    for key, total, sequence, elapsed_ms in steps:
        if sequence > total:
            continue
        now_ms += elapsed_ms
        before = (len(sets), joined + sets.expired + sets.evicted + sets.conflicts)
        whole = sets.add(key, Concatenation(key, total, sequence), bytes([sequence]), now_ms)
        if whole is not None:
            joined += 1
            assert whole == bytes(range(1, total + 1))
        gone = joined + sets.expired + sets.evicted + sets.conflicts - before[1]
        begun += len(sets) - before[0] + gone
        assert len(sets) <= 3
        held = [piece for kept in sets._sets.values() for piece in kept.pieces.values()]
        assert sets.octets == sum(len(piece.body) for piece in held)
    assert begun == len(sets) + joined + sets.expired + sets.evicted + sets.conflicts


def test_a_collector_returns_the_parts_as_they_came_whatever_is_beside_their_bodies() -> None:
    sets: Collector[Part] = Collector(10, 1000)
    first, again, second = Part(b"1", b"one"), Part(b"again", b"one"), Part(b"2", b"two")
    assert sets.take("key", Concatenation(7, 2, 2), second, 0) is None
    assert sets.take("key", Concatenation(7, 2, 1), first, 0) == (first, second)
    assert sets.take("key", Concatenation(7, 2, 1), first, 0) is None
    assert sets.take("key", Concatenation(7, 2, 1), again, 0) is None
    assert (sets.duplicates, sets.conflicts, sets.octets) == (1, 0, 3)
