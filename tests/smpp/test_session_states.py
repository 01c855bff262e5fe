"""Every PDU in every state of a session: what may come, and that what may not changes nothing."""

from typing import NamedTuple

import pytest

from smsc.smpp.codec import decode, encode
from smsc.smpp.commands import CommandStatus, Version
from smsc.smpp.pdu import (
    REQUESTS,
    RESPONSES,
    AlertNotification,
    Bind,
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    BroadcastSm,
    CancelBroadcastSm,
    CancelSm,
    DataSm,
    DeliverSm,
    EnquireLink,
    Outbind,
    Pdu,
    QueryBroadcastSm,
    QuerySm,
    ReplaceSm,
    Request,
    Response,
    SubmitMulti,
    SubmitSm,
    Unbind,
    response_class,
)
from smsc.smpp.retired import ParamRetrieve, QueryLastMsgs, QueryMsgDetails
from smsc.smpp.session import Session, State, Timers

OK = CommandStatus.ESME_ROK
WRONG = CommandStatus.ESME_RINVBNDSTS
BOUND = CommandStatus.ESME_RALYBND
NO_COMMAND = CommandStatus.ESME_RINVCMDID

# What becomes of a request: it comes out (None), or is answered at once with this status.
TABLE: dict[type[Request], tuple[CommandStatus | None, ...]] = {
    #                   OPEN      OUTBOUND  BINDING   BOUND_TX  BOUND_RX  BOUND_TRX UNBOUND
    BindReceiver:      (None,     None,     BOUND,    BOUND,    BOUND,    BOUND,    WRONG),
    BindTransmitter:   (None,     WRONG,    BOUND,    BOUND,    BOUND,    BOUND,    WRONG),
    BindTransceiver:   (None,     None,     BOUND,    BOUND,    BOUND,    BOUND,    WRONG),
    Unbind:            (WRONG,    WRONG,    WRONG,    None,     None,     None,     WRONG),
    SubmitSm:          (WRONG,    WRONG,    WRONG,    None,     WRONG,    None,     WRONG),
    SubmitMulti:       (WRONG,    WRONG,    WRONG,    None,     WRONG,    None,     WRONG),
    DataSm:            (WRONG,    WRONG,    WRONG,    None,     WRONG,    None,     WRONG),
    QuerySm:           (WRONG,    WRONG,    WRONG,    None,     WRONG,    None,     WRONG),
    CancelSm:          (WRONG,    WRONG,    WRONG,    None,     WRONG,    None,     WRONG),
    ReplaceSm:         (WRONG,    WRONG,    WRONG,    None,     WRONG,    None,     WRONG),
    BroadcastSm:       (WRONG,    WRONG,    WRONG,    None,     WRONG,    None,     WRONG),
    QueryBroadcastSm:  (WRONG,    WRONG,    WRONG,    None,     WRONG,    None,     WRONG),
    CancelBroadcastSm: (WRONG,    WRONG,    WRONG,    None,     WRONG,    None,     WRONG),
    EnquireLink:       (OK,       OK,       OK,       OK,       OK,       OK,       OK),
    DeliverSm:         (NO_COMMAND,) * 7,
    Outbind:           (NO_COMMAND,) * 7,
    AlertNotification: (NO_COMMAND,) * 7,
    ParamRetrieve:     (NO_COMMAND,) * 7,
    QueryLastMsgs:     (NO_COMMAND,) * 7,
    QueryMsgDetails:   (NO_COMMAND,) * 7,
}  # fmt: skip
STATES = tuple(state for state in State if state is not State.CLOSED)
AFTER: dict[type[Request], State] = {
    BindReceiver: State.BINDING,
    BindTransmitter: State.BINDING,
    BindTransceiver: State.BINDING,
    Unbind: State.UNBOUND,
}
ROWS = [
    pytest.param(kind, state, status, id=f"{kind.__name__}-{state.value}")
    for kind, row in TABLE.items()
    for state, status in zip(STATES, row, strict=True)
]
STEPS: dict[State, type[Bind]] = {
    State.BOUND_TX: BindTransmitter,
    State.BOUND_RX: BindReceiver,
    State.BOUND_TRX: BindTransceiver,
}


def session_in(state: State) -> Session:
    session = Session(Timers(), 0.0)
    if state is State.CLOSED:
        session.close()
    elif state is State.OUTBOUND:
        session.outbind("smsc", "secret")
    elif state is not State.OPEN:
        kind = STEPS.get(state, BindTransceiver)
        (bind,) = session.receive(encode(kind(1)), 0.0)
        if state is not State.BINDING:
            assert isinstance(bind, Bind)
            session.accept(bind, "smsc")
    if state is State.UNBOUND:
        session.receive(encode(Unbind(2)), 0.0)
    session.octets_to_send()
    assert session.state is state
    return session


class Seen(NamedTuple):
    """All that can be seen of a session from outside."""

    state: State
    version: Version
    outstanding: int
    deadline: float


def seen(session: Session) -> Seen:
    return Seen(session.state, session.version, session.outstanding, session.deadline)


def pdu(kind: type[Pdu]) -> Pdu:
    return kind(42)


def test_the_table_has_every_request() -> None:
    assert set(TABLE) == set(REQUESTS)


@pytest.mark.parametrize(("kind", "state", "status"), ROWS)
def test_a_request_comes_out_where_the_table_lets_it_and_is_answered_at_once_where_not(
    kind: type[Request], state: State, status: CommandStatus | None
) -> None:
    session = session_in(state)
    events = session.receive(encode(pdu(kind)), 0.0)
    octets = session.octets_to_send()
    if status is None:
        assert (events, octets) == ([kind(42)], b"")
    else:
        assert events == []
        assert decode(octets) == response_class(kind.command_id)(42, status)


@pytest.mark.parametrize(("kind", "state", "status"), ROWS)
def test_only_a_bind_or_an_unbind_that_comes_out_changes_the_session(
    kind: type[Request], state: State, status: CommandStatus | None
) -> None:
    session = session_in(state)
    before = seen(session)
    session.receive(encode(pdu(kind)), 0.0)
    if status is None:
        before = before._replace(state=AFTER.get(kind, state))
    assert seen(session) == before


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", RESPONSES)
def test_a_response_that_nobody_asked_for_changes_nothing_in_any_state(
    kind: type[Response], state: State
) -> None:
    session = session_in(state)
    before = seen(session)
    assert session.receive(encode(pdu(kind)), 0.0) == []
    assert session.octets_to_send() == b""
    assert seen(session) == before


@pytest.mark.parametrize("kind", REQUESTS)
def test_a_closed_session_answers_no_request(kind: type[Request]) -> None:
    session = session_in(State.CLOSED)
    before = seen(session)
    assert session.receive(encode(pdu(kind)), 0.0) == []
    assert session.octets_to_send() == b""
    assert seen(session) == before
