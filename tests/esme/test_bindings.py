"""Bindings: which sessions of an account are bound, and which takes the next message."""

from smsc.esme.bindings import Binding, Bindings
from smsc.esme.dialect import LongMessages, Profile
from smsc.message import to_account
from smsc.smpp.commands import Version
from smsc.smpp.pdu import BindReceiver, BindTransceiver, BindTransmitter
from smsc.smpp.session import State
from tests.esme.receiver import Receiver, attempt


class Woken(list[str]):
    """The destinations that were woken."""


def bindings_of(*receivers: Receiver, window: int = 2) -> Bindings:
    bindings = Bindings()
    for receiver in receivers:
        bindings.add("fleet", receiver, window)
    return bindings


def taken(bindings: Bindings, times: int) -> list[Binding | None]:
    """Let so many messages be taken, and return by whom."""
    takers = []
    for number in range(times):
        taker = bindings.next_receiver("fleet")
        if taker is not None:
            taker.deliver(attempt(number))
        takers.append(taker)
    return takers


# Who is bound.


def test_nobody_is_bound_at_first() -> None:
    bindings = Bindings()
    assert bindings.counts() == {}
    assert bindings.count("fleet") == bindings.room("fleet") == 0
    assert bindings.next_receiver("fleet") is None


def test_sessions_are_counted_by_account() -> None:
    bindings = bindings_of(Receiver(), Receiver(BindTransmitter))
    bindings.add("other", Receiver(), 1)
    assert bindings.counts() == {"fleet": 2, "other": 1}
    assert bindings.count("fleet") == 2


def test_sessions_are_counted_by_the_way_they_were_bound() -> None:
    bindings = bindings_of(Receiver(), Receiver(), Receiver(BindTransmitter))
    counts = [bindings.count("fleet", state) for state in State]
    assert dict(zip(State, counts, strict=True)) == dict.fromkeys(State, 0) | {
        State.BOUND_RX: 2,
        State.BOUND_TX: 1,
    }


def test_an_account_without_a_receiver_is_missed_when_room_is_asked_for() -> None:
    bindings = bindings_of(Receiver(BindTransmitter))
    missed: list[str] = []
    bindings.missed = missed.append
    assert not bindings.receives("fleet")
    assert bindings.room("fleet") == 0
    bindings.add("fleet", Receiver(), 1)
    assert bindings.receives("fleet")
    assert bindings.room("fleet") == 1
    assert missed == ["fleet"]


def test_a_session_that_left_is_counted_and_asked_no_more() -> None:
    first, second = Receiver(), Receiver(BindTransmitter)
    bindings = bindings_of(first, second)
    bindings.remove("fleet", first)
    assert bindings.counts() == {"fleet": 1}
    assert bindings.next_receiver("fleet") is None
    bindings.remove("fleet", second)
    assert bindings.counts() == {}


def test_an_account_is_woken_when_a_receiver_is_bound_or_reads_again() -> None:
    bindings, woken = Bindings(), Woken()
    bindings.wake = woken.append
    bindings.add("fleet", Receiver(BindTransmitter), 1)
    assert woken == []
    bindings.add("fleet", Receiver(BindReceiver), 1)
    bindings.add("fleet", Receiver(BindTransceiver), 1)
    bindings.restored("fleet")
    assert woken == [to_account("fleet")] * 3


# Who takes the next message.


def test_a_transmitter_takes_nothing() -> None:
    bindings = bindings_of(Receiver(BindTransmitter))
    assert bindings.next_receiver("fleet") is None
    assert bindings.room("fleet") == 0


def test_receivers_take_turns() -> None:
    a, b, c = Receiver(), Receiver(BindTransceiver), Receiver()
    assert taken(bindings_of(a, b, c), 6) == [a, b, c, a, b, c]


def test_a_receiver_takes_no_more_than_its_window() -> None:
    a, b = Receiver(), Receiver()
    assert taken(bindings_of(a, b), 5) == [a, b, a, b, None]


def test_a_receiver_that_answered_takes_again() -> None:
    a, b = Receiver(), Receiver()
    bindings = bindings_of(a, b)
    taken(bindings, 4)
    b.answer()
    assert taken(bindings, 3) == [b, b, None]


def test_one_with_a_full_window_is_passed_over() -> None:
    a, b = Receiver(), Receiver()
    bindings = bindings_of(a)
    taken(bindings, 2)
    bindings.add("fleet", b, 2)
    assert taken(bindings, 2) == [b, b]


def test_one_that_does_not_read_is_passed_over_until_it_does() -> None:
    a, b = Receiver(), Receiver()
    bindings = bindings_of(a, b)
    a.writable = False
    assert taken(bindings, 3) == [b, b, None]
    a.writable = True
    assert taken(bindings, 2) == [a, a]


def test_accounts_do_not_share_receivers() -> None:
    other = Receiver()
    bindings = bindings_of()
    bindings.add("other", other, 1)
    assert bindings.next_receiver("fleet") is None
    assert bindings.next_receiver("other") is other


# How much room there is.


def test_the_room_of_an_account_is_all_windows_of_its_receivers() -> None:
    assert bindings_of(Receiver(), Receiver(), Receiver(BindTransmitter)).room("fleet") == 4


def test_the_room_counts_what_is_taken_too() -> None:
    bindings = bindings_of(Receiver(), Receiver())
    taken(bindings, 3)
    assert bindings.room("fleet") == 4


def test_one_that_does_not_read_has_no_room() -> None:
    a, b = Receiver(), Receiver()
    bindings = bindings_of(a, b)
    a.writable = False
    assert bindings.room("fleet") == 2
    b.writable = False
    assert bindings.room("fleet") == 0


def test_what_is_stuck_with_one_that_does_not_read_takes_no_room_from_others() -> None:
    a, b = Receiver(), Receiver()
    bindings = bindings_of(a)
    taken(bindings, 2)
    a.writable = False
    bindings.add("fleet", b, 2)
    stuck = a.session.outstanding
    assert bindings.room("fleet") - stuck == 2


def test_as_many_messages_are_taken_as_there_is_room_for() -> None:
    a, b, c = Receiver(), Receiver(), Receiver()
    bindings = bindings_of(a, b, c, window=3)
    taken(bindings, 5)
    b.writable = False
    a.session.unbind(0.0)
    open_now = sum(each.session.outstanding for each in (a, b, c))
    room = bindings.room("fleet") - open_now
    assert taken(bindings, room + 1).index(None) == room


# Parts that wait for each other.


def test_parts_are_joined_for_receivers_whose_account_wants_it_and_that_know_tlvs() -> None:
    whole = Profile(long_messages=LongMessages.REASSEMBLED)
    assert not Bindings().joins("fleet")
    assert not bindings_of(Receiver()).joins("fleet")
    assert bindings_of(Receiver(profile=whole)).joins("fleet")
    assert not bindings_of(Receiver(profile=whole, version=Version.V33)).joins("fleet")
