"""Parts that wait for each other: none is lost, none is told of twice, and none waits for ever."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from smsc.delivery.agent import Attempt
from smsc.esme.joiner import LIFE_SECONDS, PARTS_HELD, Joiner
from smsc.message import Address, Message

DEVICE = "491700000001"


def part(
    sequence: int, total: int = 2, reference: int = 7, text: bytes = b"", source: str = DEVICE
) -> Attempt:
    header = bytes((5, 0, 3, reference, total, sequence))
    return Attempt(
        Message(
            1,
            "",
            "account:fleet",
            Address(1, 1, source),
            Address(0, 1, "1234"),
            header + (text or b"part %d" % sequence),
            0,
            0,
            esm_class=0x40,
        )
    )


def test_parts_leave_together_in_their_order() -> None:
    joiner = Joiner()
    second, first = part(2), part(1)
    assert joiner.add("fleet", second, 0) == (None, ())
    assert joiner.held("fleet") == 1
    whole, loose = joiner.add("fleet", first, 1)
    assert whole is not None and loose == ()
    assert whole.parts == whole.attempts == (first, second)
    assert joiner.held("fleet") == 0
    assert joiner.deadline is None


def test_parts_of_others_are_kept_apart() -> None:
    joiner = Joiner()
    joiner.add("fleet", part(1), 0)
    for other in (part(2, reference=8), part(2, total=3), part(2, source="491700000002")):
        assert joiner.add("fleet", other, 0) == (None, ())
    assert joiner.add("other", part(2), 0) == (None, ())
    assert (joiner.held("fleet"), joiner.held("other")) == (4, 1)


def test_parts_that_are_read_in_different_ways_are_kept_apart() -> None:
    joiner = Joiner()
    joiner.add("fleet", part(1), 0)
    ucs2 = Attempt(replace(part(2).message, data_coding=8))
    assert joiner.add("fleet", ucs2, 0) == (None, ())
    turkish = Attempt(replace(part(2).message, payload=bytes.fromhex("08000307020224010163")))
    assert joiner.add("fleet", turkish, 0) == (None, ())
    assert joiner.held("fleet") == 3


def test_a_part_that_comes_again_shares_the_fate_of_the_first() -> None:
    joiner = Joiner()
    first, again, second = part(1), part(1), part(2)
    joiner.add("fleet", first, 0)
    assert joiner.add("fleet", again, 0) == (None, ())
    whole, _ = joiner.add("fleet", second, 0)
    assert whole is not None
    assert whole.parts == (first, second)
    assert whole.attempts == (first, second, again)


def test_a_part_that_contradicts_its_set_begins_another() -> None:
    joiner = Joiner()
    old, new, second = part(1), part(1, text=b"another"), part(2)
    joiner.add("fleet", old, 0)
    assert joiner.add("fleet", new, 0) == (None, (old,))
    whole, _ = joiner.add("fleet", second, 0)
    assert whole is not None and whole.parts == (new, second)


def test_what_is_no_part_goes_as_it_is() -> None:
    joiner = Joiner()
    odd = Attempt(replace(part(1).message, payload=b"\x09"))
    assert joiner.add("fleet", odd, 0) == (None, (odd,))
    assert joiner.held("fleet") == 0


def test_a_set_that_stays_incomplete_is_let_go_in_parts() -> None:
    joiner = Joiner(life=60)
    first, later = part(1), part(1, reference=8)
    joiner.add("fleet", first, 0)
    joiner.add("fleet", later, 30)
    assert joiner.deadline == 60
    assert joiner.overdue(59) == ()
    assert joiner.overdue(60) == (first,)
    assert joiner.deadline == 90
    assert joiner.overdue(90) == (later,)
    assert joiner.held("fleet") == 0
    assert joiner.deadline is None


def test_of_too_many_parts_the_oldest_set_goes_first() -> None:
    joiner = Joiner(most=2)
    oldest, other, latest = (part(1, reference=number) for number in range(3))
    joiner.add("fleet", oldest, 0)
    joiner.add("fleet", other, 1)
    assert joiner.add("fleet", latest, 2) == (None, (oldest,))
    assert joiner.held("fleet") == 2


def test_the_longest_message_there_is_can_be_joined() -> None:
    joiner = Joiner()
    for sequence in range(1, 255):
        assert joiner.add("fleet", part(sequence, 255), 0) == (None, ())
    whole, _ = joiner.add("fleet", part(255, 255), 0)
    assert whole is not None and len(whole.parts) == 255
    assert PARTS_HELD >= 255 and LIFE_SECONDS > 0


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["fleet", "other"]),
            st.integers(0, 2),
            st.integers(1, 4).flatmap(
                lambda total: st.tuples(st.just(total), st.integers(1, total))
            ),
            st.sampled_from([b"x", b"y"]),
            st.integers(0, 30),
        ),
        max_size=60,
    )
)
def test_every_part_leaves_once_or_is_held(
    steps: list[tuple[str, int, tuple[int, int], bytes, int]],
) -> None:
    joiner = Joiner(most=5, life=60)
    now = 0
    given_in: list[Attempt] = []
    out: list[Attempt] = []
    for account, reference, (total, sequence), text, seconds in steps:
        now += seconds
        out += joiner.overdue(now)
        attempt = part(sequence, total, reference, text)
        given_in.append(attempt)
        whole, loose = joiner.add(account, attempt, now)
        out += loose
        if whole is not None:
            assert len(whole.parts) == total
            out += whole.attempts
        assert joiner.held(account) <= 5
        assert len(given_in) == len(out) + joiner.held("fleet") + joiner.held("other")
    out += joiner.overdue(now + 60)
    assert sorted(map(id, out)) == sorted(map(id, given_in))
