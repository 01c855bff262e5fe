"""The timers of a session, without a clock: what `deadline` promises and `advance` does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.smpp.codec import decode, encode
from smsc.smpp.pdu import (
    Bind,
    BindTransceiver,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Pdu,
    SubmitSm,
    Unbind,
    UnbindResp,
)
from smsc.smpp.session import Answer, Closed, Session, Timers

TIMERS = Timers(session_init=5.0, enquire_link=30.0, inactivity=300.0, response=10.0)
NEVER_BOUND = Closed("no bind within session_init_timer")
SILENT = Closed("no enquire_link_resp within response_timer")


def bound(timers: Timers = TIMERS, now: float = 0.0) -> Session:
    session = Session(timers, now)
    (bind,) = session.receive(encode(BindTransceiver(1)), now)
    assert isinstance(bind, Bind)
    session.accept(bind, "smsc")
    session.octets_to_send()
    return session


def deliver(session: Session, token: object, now: float) -> None:
    session.request(DeliverSm(session.next_sequence_number()), token, now)
    session.octets_to_send()


# session_init_timer


def test_a_session_that_is_not_bound_in_time_is_over() -> None:
    session = Session(TIMERS, 100.0)
    assert session.deadline == 105.0
    assert session.advance(104.9) == []
    assert session.advance(105.0) == [NEVER_BOUND]
    assert session.closed


def test_talking_without_binding_gains_no_time() -> None:
    session = Session(TIMERS, 0.0)
    session.receive(encode(EnquireLink(1)), 4.9)
    assert session.advance(5.0) == [NEVER_BOUND]


def test_a_bind_that_is_not_decided_in_time_is_over_too() -> None:
    session = Session(TIMERS, 0.0)
    session.receive(encode(BindTransceiver(1)), 0.0)
    assert session.advance(5.0) == [NEVER_BOUND]


def test_an_esme_that_was_asked_has_as_long_to_bind() -> None:
    session = Session(TIMERS, 100.0)
    session.outbind("smsc", "secret")
    assert session.deadline == 105.0
    assert session.advance(104.9) == []
    assert session.advance(105.0) == [NEVER_BOUND]


def test_a_bound_session_need_not_bind_again() -> None:
    session = bound()
    assert session.advance(5.0) == []
    assert session.bound


# enquire_link_timer


def test_a_quiet_peer_is_asked_whether_it_is_there() -> None:
    session = bound()
    assert session.deadline == 30.0
    assert session.advance(30.0) == []
    assert decode(session.octets_to_send()) == EnquireLink(1)


def test_a_peer_that_talks_is_not_asked() -> None:
    session = bound()
    session.receive(encode(SubmitSm(2)), 20.0)
    assert session.deadline == 50.0
    assert session.advance(30.0) == []
    assert session.octets_to_send() == b""


@pytest.mark.parametrize("answer", [EnquireLinkResp(1), GenericNack(1, 3)])
def test_a_peer_that_answers_is_asked_again_only_when_it_is_quiet_again(
    answer: EnquireLinkResp | GenericNack,
) -> None:
    session = bound()
    session.advance(30.0)
    session.octets_to_send()
    assert session.receive(encode(answer), 31.0) == []
    assert session.deadline == 61.0
    assert session.advance(60.9) == []
    assert session.octets_to_send() == b""
    session.advance(61.0)
    assert decode(session.octets_to_send()) == EnquireLink(2)


def test_a_peer_is_asked_once_at_a_time() -> None:
    session = bound()
    session.advance(30.0)
    session.octets_to_send()
    assert session.advance(35.0) == []
    assert session.octets_to_send() == b""


def test_while_it_is_asked_there_is_nothing_to_do_but_wait_for_the_answer() -> None:
    session = bound()
    session.advance(30.0)
    assert session.deadline == 40.0


def test_a_peer_that_does_not_answer_is_gone() -> None:
    session = bound()
    session.advance(30.0)
    assert session.advance(40.0) == [SILENT]
    assert session.closed


def test_an_enquire_link_takes_no_place_in_the_window() -> None:
    session = bound()
    deliver(session, "token", 25.0)
    session.advance(30.0)
    assert session.outstanding == 1


@pytest.mark.parametrize("sign", [EnquireLink(7), SubmitSm(7), DeliverSmResp(7), UnbindResp(7)])
def test_any_pdu_answers_our_enquire_link(sign: Pdu) -> None:
    session = bound()
    session.advance(30.0)
    session.octets_to_send()
    session.receive(encode(sign), 31.0)
    session.octets_to_send()
    assert session.advance(40.0) == []
    assert session.bound
    assert session.octets_to_send() == b""
    assert session.deadline == 61.0


def test_what_was_heard_before_our_enquire_link_is_no_answer_to_it() -> None:
    session = bound()
    session.receive(encode(SubmitSm(7)), 1.0)
    session.advance(31.0)
    assert session.advance(41.0) == [SILENT]


def test_only_its_own_answer_answers_our_unbind() -> None:
    session = bound()
    session.unbind(0.0)
    session.receive(encode(EnquireLink(7)), 5.0)
    assert session.advance(10.0) == [Closed("no unbind_resp within response_timer")]


# inactivity_timer


def test_a_peer_that_says_nothing_for_too_long_is_gone() -> None:
    session = bound(Timers(enquire_link=1000.0, inactivity=300.0))
    assert session.deadline == 300.0
    assert session.advance(299.0) == []
    assert session.advance(300.0) == [Closed("nothing heard within inactivity_timer")]


def test_any_pdu_is_a_sign_of_life() -> None:
    session = bound(Timers(enquire_link=1000.0, inactivity=300.0))
    session.receive(encode(EnquireLink(2)), 200.0)
    assert session.advance(300.0) == []
    assert session.advance(500.0) == [Closed("nothing heard within inactivity_timer")]


def test_a_bind_that_only_ever_says_it_is_there_is_kept() -> None:
    session = bound(Timers(enquire_link=1000.0, inactivity=300.0))
    for number in range(100):
        session.receive(encode(EnquireLink(number)), 299.0 * number)
        assert session.advance(299.0 * number) == []
    assert session.bound


def test_half_a_pdu_is_none() -> None:
    session = bound(Timers(enquire_link=1000.0, inactivity=300.0))
    session.receive(encode(EnquireLink(2))[:15], 200.0)
    assert session.advance(300.0) != []


# response_timer


def test_a_request_without_an_answer_is_given_up_in_time() -> None:
    session = bound()
    deliver(session, "token", 3.0)
    assert session.deadline == 13.0
    assert session.advance(12.9) == []
    assert session.advance(13.0) == [Answer("token", None)]
    assert session.bound
    assert session.outstanding == 0


def test_requests_are_given_up_each_in_its_time() -> None:
    session = bound()
    for token, at in (("first", 1.0), ("second", 2.0), ("third", 9.0)):
        deliver(session, token, at)
    assert session.advance(12.0) == [Answer("first", None), Answer("second", None)]
    assert session.deadline == 19.0


def test_an_answered_request_is_not_given_up() -> None:
    session = bound()
    deliver(session, "token", 0.0)
    session.receive(encode(DeliverSmResp(1)), 5.0)
    assert session.advance(10.0) == []


def test_an_unbind_of_ours_that_is_not_answered_ends_the_session() -> None:
    session = bound()
    deliver(session, "token", 0.0)
    session.unbind(1.0)
    assert session.advance(11.0) == [
        Answer("token", None),
        Closed("no unbind_resp within response_timer"),
    ]
    assert session.closed


def test_an_unbind_of_the_peer_stops_no_timer() -> None:
    session = bound()
    session.receive(encode(Unbind(2)), 0.0)
    session.advance(30.0)
    assert session.advance(40.0) == [SILENT]


# The promise of `deadline`.

SECONDS = st.integers(1, 400).map(float)
STEPS = st.lists(
    st.sampled_from(["bind", "submit", "deliver", "answer", "unbind", "wait", "wait", "wait"]),
    min_size=5,
).map(lambda steps: ["bind", *steps])


def take(session: Session, step: str, now: float) -> None:
    """Let one thing happen to a session, if it can."""
    if step == "bind":
        for event in session.receive(encode(BindTransceiver(1)), now):
            assert isinstance(event, Bind)
            session.accept(event, "smsc")
    elif step == "submit":
        session.receive(encode(SubmitSm(2)), now)
    elif step == "answer":
        session.receive(encode(DeliverSmResp(1)) + encode(EnquireLinkResp(2)), now)
    elif step == "deliver" and session.bound:
        session.request(DeliverSm(session.next_sequence_number()), "token", now)
    elif step == "unbind" and session.bound:
        session.unbind(now)
    session.octets_to_send()


def did(session: Session, now: float) -> bool:
    deadline = session.deadline
    said = bool(session.advance(now)) | bool(session.octets_to_send())
    return said or session.deadline != deadline


@given(st.builds(Timers, SECONDS, SECONDS, SECONDS, SECONDS), STEPS, st.data())
def test_before_the_deadline_advance_does_nothing_and_at_the_deadline_something(
    timers: Timers, steps: list[str], data: st.DataObject
) -> None:
    session, now = Session(timers, 0.0), 0.0
    for step in steps:
        if step == "wait":
            assert session.deadline > now
            early = data.draw(st.floats(now, min(session.deadline, 1e6), exclude_max=True))
            assert not did(session, early)
            now = data.draw(st.sampled_from([early, session.deadline]))
            if now == session.deadline:
                assert did(session, now)
        else:
            take(session, step, now)
        if session.closed:
            return


@given(st.builds(Timers, SECONDS, SECONDS, SECONDS, SECONDS))
def test_whatever_the_timers_a_silent_peer_is_gone_after_a_few_steps(timers: Timers) -> None:
    session = bound(timers)
    for _ in range(3):
        session.advance(session.deadline)
    assert session.closed


@pytest.mark.parametrize("session", [Session(TIMERS, 0.0), bound()])
def test_a_closed_session_has_no_deadline(session: Session) -> None:
    session.close()
    assert session.deadline == float("inf")
