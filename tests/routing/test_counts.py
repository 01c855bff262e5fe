"""What is known of the counts, what is read first, and that no interleaving exceeds a quota."""

from collections import Counter

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from smsc_routing.calendar_quota import Allowance, Increment, Key, Quota, Span, keys, weigh
from smsc_routing.counts import Counts
from smsc_routing.local_time import UNIVERSAL

A, B, C = Key("a", "2026-11"), Key("b", "2026-11"), Key("c", "2026-11")


def reading(counts: Counts, **totals: int) -> Counts:
    for subject, total in totals.items():
        key = Key(subject, "2026-11")
        counts.to_read([key])
        counts.read(key, total)
    return counts


def one(key: Key) -> list[Increment]:
    return [Increment(key, 1, 0)]


def test_a_count_must_be_read_before_it_is_known() -> None:
    counts = Counts()
    assert not counts.known([A])
    with pytest.raises(KeyError):
        counts(A)
    assert counts.to_read([A, B]) == [A, B]
    counts.read(A, 7)
    assert counts.known([A])
    assert not counts.known([A, B])
    assert counts(A) == 7


def test_a_count_is_read_by_one_at_a_time() -> None:
    counts = Counts()
    assert counts.to_read([A]) == [A]
    assert counts.to_read([A, B]) == [B]
    counts.unread([A])
    assert counts.to_read([A]) == [A]


def test_a_value_that_nobody_asked_for_changes_nothing() -> None:
    counts = reading(Counts(), a=7)
    counts.read(A, 3)
    counts.read(B, 3)
    assert counts(A) == 7
    assert not counts.known([B])


def test_the_next_message_sees_what_the_one_before_added_and_not_what_failed() -> None:
    counts = reading(Counts(), a=7)
    counts.add(one(A))
    counts.add(one(A))
    assert counts(A) == 9
    counts.failed(one(A))
    assert counts(A) == 8
    counts.written(one(A))
    assert counts(A) == 8


def test_what_was_read_longest_ago_is_forgotten() -> None:
    counts = reading(Counts(capacity=2), a=1, b=2, c=3)
    assert [counts.known([key]) for key in (A, B, C)] == [False, True, True]


def test_what_is_held_is_not_forgotten() -> None:
    counts = reading(Counts(capacity=2), a=1)
    counts.add(one(A))
    reading(counts, b=2, c=3)
    assert [counts.known([key]) for key in (A, B, C)] == [True, False, True]
    assert counts(A) == 2


def test_a_table_shrinks_to_its_capacity_once_nothing_is_held() -> None:
    counts = reading(Counts(capacity=2), a=1, b=2)
    for key in (A, B):
        counts.add(one(key))
    reading(counts, c=3, d=4)
    assert len(counts) == 4
    for key in (A, B):
        counts.written(one(key))
    reading(counts, e=5, f=6)
    assert len(counts) == 2


def test_a_table_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="capacity 0 holds no count"):
        Counts(0)


SUBJECTS = st.sampled_from("abcd")
LIMIT = 3
CAPACITY = 2


class Interleavings(RuleBasedStateMachine):
    """Deciders, a reader, a writer and crashes in any order, over a store that is never asked."""

    def __init__(self) -> None:
        super().__init__()
        self.stored: Counter[Key] = Counter()
        self.messages: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.start()

    def start(self) -> None:
        self.counts, self.most_held = Counts(CAPACITY), 0
        self.page: list[tuple[str, tuple[Increment, ...]]] = []
        self.on_its_way: list[tuple[Key, int]] = []

    def allowance(self, subject: str) -> Allowance:
        return Allowance(subject, (Quota(LIMIT, Span.MONTH),), UNIVERSAL)

    @rule(subject=SUBJECTS)
    def submit(self, subject: str) -> None:
        allowance = self.allowance(subject)
        wanted = keys([allowance], 0)
        if not self.counts.known(wanted):
            missing = self.counts.to_read(wanted)
            self.on_its_way += [(key, self.stored[key]) for key in missing]
            return
        weighed = weigh([allowance], self.counts, 1, 0)
        pending = sum(name == subject for name, _ in self.page)
        assert bool(weighed.refused_by) is (self.messages[subject] + pending >= LIMIT)
        if not weighed.refused_by:
            self.counts.add(weighed.increments)
            self.page.append((subject, weighed.increments))

    @precondition(lambda self: self.on_its_way)
    @rule(place=st.integers(0, 3), fails=st.booleans())
    def a_value_arrives(self, place: int, fails: bool) -> None:
        key, total = self.on_its_way.pop(place % len(self.on_its_way))
        if fails:
            self.counts.unread([key])
        else:
            self.counts.read(key, total)

    @precondition(lambda self: self.page)
    @rule()
    def write(self) -> None:
        subject, increments = self.page.pop(0)
        self.stored.update({key: cost for key, cost, _ in increments})
        self.messages[subject] += 1
        self.counts.written(increments)

    @precondition(lambda self: self.page)
    @rule()
    def fail_to_write(self) -> None:
        self.counts.failed(self.page.pop(0)[1])

    @rule()
    def crash(self) -> None:
        self.start()

    @invariant()
    def no_quota_is_exceeded(self) -> None:
        for subject in "abcd":
            pending = sum(name == subject for name, _ in self.page)
            assert self.messages[subject] + pending <= LIMIT
            assert self.stored[Key(subject, "1970-01")] == self.messages[subject]

    @invariant()
    def the_table_is_bounded(self) -> None:
        held = {increments[0].key for _, increments in self.page}
        self.most_held = max(self.most_held, len(held))
        assert len(self.counts) <= CAPACITY + self.most_held


TestInterleavings = Interleavings.TestCase
