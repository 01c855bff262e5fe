"""How a session finds the PDUs in a stream of octets, and what it does when it can't."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.smpp.codec import encode
from smsc.smpp.commands import CommandStatus
from smsc.smpp.pdu import (
    Bind,
    BindTransceiver,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    SubmitSm,
    Unbind,
)
from smsc.smpp.session import LONGEST_PDU, Closed, Event, Session, State, Timers

STREAM = b"".join(
    map(
        encode,
        (
            SubmitSm(2, short_message=b"hello"),
            EnquireLink(3),
            SubmitSm(4, short_message=bytes(range(256))[:255]),
            BindTransceiver(5),
            Unbind(6),
        ),
    )
)


def bound() -> Session:
    session = Session(Timers(), 0.0)
    (bind,) = session.receive(encode(BindTransceiver(1)), 0.0)
    assert isinstance(bind, Bind)
    session.accept(bind, "smsc")
    session.octets_to_send()
    return session


def received(session: Session, *pieces: bytes) -> list[Event]:
    return [event for piece in pieces for event in session.receive(piece, 0.0)]


def header(length: int) -> bytes:
    return length.to_bytes(4, "big") + bytes.fromhex("00000004 00000000 00000009")


def test_octets_one_by_one_say_the_same_as_all_at_once() -> None:
    whole, dripping = bound(), bound()
    events = received(whole, STREAM)
    assert len(events) == 3
    assert received(dripping, *(bytes([octet]) for octet in STREAM)) == events
    assert dripping.octets_to_send() == whole.octets_to_send()


@given(st.lists(st.integers(0, len(STREAM)), max_size=10).map(sorted))
def test_wherever_the_stream_is_cut_it_says_the_same(cuts: list[int]) -> None:
    whole, cut = bound(), bound()
    pieces = [STREAM[a:b] for a, b in zip([0, *cuts], [*cuts, len(STREAM)], strict=True)]
    assert received(cut, *pieces) == received(whole, STREAM)
    assert cut.octets_to_send() == whole.octets_to_send()


def test_a_thousand_pdus_at_once_come_out_in_their_order() -> None:
    submits = [SubmitSm(number, short_message=b"hello") for number in range(1, 1001)]
    assert received(bound(), b"".join(map(encode, submits))) == submits


READ = 256 * 1024
"""More than any transport hands over at once."""


def test_a_read_full_of_the_shortest_requests_is_answered_in_as_many_octets() -> None:
    session = bound()
    count = READ // 16
    assert received(session, encode(EnquireLink(7)) * count) == []
    assert session.octets_to_send() == encode(EnquireLinkResp(7)) * count


def test_a_read_full_of_answers_that_nobody_waits_for_leaves_nothing_behind() -> None:
    session = bound()
    octets = b"".join(encode(DeliverSmResp(number)) for number in range(READ // 17))
    tracemalloc.start()
    try:
        assert received(session, octets) == []
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert session.octets_to_send() == b""
    assert session.outstanding == 0
    assert held < 10_000


def test_a_pdu_full_of_empty_tlvs_is_taken() -> None:
    session = bound()
    count = (LONGEST_PDU - 16) // 4
    octets = (16 + 4 * count).to_bytes(4, "big") + bytes.fromhex("00000015 00000000 00000009")
    assert received(session, octets + bytes.fromhex("1400 0000") * count) == []
    assert session.octets_to_send() == encode(EnquireLinkResp(9))


def test_no_octets_say_nothing() -> None:
    assert received(bound(), b"") == []


@pytest.mark.parametrize("length", [0, 1, 15, LONGEST_PDU + 1, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_length_that_cannot_be_ends_the_session(length: int) -> None:
    session = bound()
    events = received(session, header(length))
    assert events == [Closed(f"a PDU can't be {length} octets long")]
    nack = GenericNack(0, CommandStatus.ESME_RINVCMDLEN)
    assert session.octets_to_send() == encode(nack)
    assert session.state is State.CLOSED


def test_what_came_before_a_lost_frame_counts_and_what_comes_after_does_not() -> None:
    session = bound()
    first, last = SubmitSm(2), SubmitSm(3)
    events = received(session, encode(first) + header(3) + encode(last), encode(last))
    assert events == [first, Closed("a PDU can't be 3 octets long")]


def test_a_lost_frame_is_noticed_before_the_rest_of_its_pdu_came() -> None:
    session = bound()
    assert received(session, header(LONGEST_PDU)) == []
    assert not session.closed
    session = bound()
    assert received(session, header(LONGEST_PDU + 1))
    assert session.closed


def test_the_longest_pdu_there_may_be_is_taken() -> None:
    session = bound()
    body = bytes(LONGEST_PDU - 16)
    assert received(session, header(LONGEST_PDU) + body) == []
    assert not session.closed
    assert session.octets_to_send()


def test_a_session_that_is_full_of_a_partial_pdu_holds_no_more_than_that() -> None:
    session = bound()
    session.receive(header(LONGEST_PDU), 0.0)
    tracemalloc.start()
    try:
        for _ in range(LONGEST_PDU - 17):
            session.receive(b"\0", 0.0)
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 2 * LONGEST_PDU
    assert peak < 4 * LONGEST_PDU


def test_what_was_held_is_let_go_with_its_pdu() -> None:
    session = bound()
    octets = encode(SubmitSm(2, short_message=b"x" * 200))
    tracemalloc.start()
    try:
        for _ in range(1000):
            session.receive(octets[:100], 0.0)
            assert session.receive(octets[100:], 0.0)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 10_000
