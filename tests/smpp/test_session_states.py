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
    CancelSm,
    DataSm,
    DeliverSm,
    EnquireLink,
    Outbind,
    Pdu,
    QuerySm,
    ReplaceSm,
    Request,
    Response,
    SubmitMulti,
    SubmitSm,
    Unbind,
    response_class,
)
from smsc.smpp.session import Session, State, Timers

OK = CommandStatus.ESME_ROK
WRONG_STATE = CommandStatus.ESME_RINVBNDSTS
BOUND_ALREADY = CommandStatus.ESME_RALYBND
NO_COMMAND = CommandStatus.ESME_RINVCMDID

# What becomes of a request: it comes out (None), or is answered at once with this status.
#                      OPEN         BINDING        BOUND_TX       BOUND_RX       BOUND_TRX
TABLE: dict[type[Request], tuple[CommandStatus | None, ...]] = {
    BindReceiver:      (None,        BOUND_ALREADY, BOUND_ALREADY, BOUND_ALREADY, BOUND_ALREADY),
    BindTransmitter:   (None,        BOUND_ALREADY, BOUND_ALREADY, BOUND_ALREADY, BOUND_ALREADY),
    BindTransceiver:   (None,        BOUND_ALREADY, BOUND_ALREADY, BOUND_ALREADY, BOUND_ALREADY),
    Unbind:            (WRONG_STATE, WRONG_STATE,   None,          None,          None),
    SubmitSm:          (WRONG_STATE, WRONG_STATE,   None,          WRONG_STATE,   None),
    SubmitMulti:       (WRONG_STATE, WRONG_STATE,   None,          WRONG_STATE,   None),
    DataSm:            (WRONG_STATE, WRONG_STATE,   None,          WRONG_STATE,   None),
    QuerySm:           (WRONG_STATE, WRONG_STATE,   None,          WRONG_STATE,   None),
    CancelSm:          (WRONG_STATE, WRONG_STATE,   None,          WRONG_STATE,   None),
    ReplaceSm:         (WRONG_STATE, WRONG_STATE,   None,          WRONG_STATE,   None),
    EnquireLink:       (OK,          OK,            OK,            OK,            OK),
    DeliverSm:         (NO_COMMAND,  NO_COMMAND,    NO_COMMAND,    NO_COMMAND,    NO_COMMAND),
    Outbind:           (NO_COMMAND,  NO_COMMAND,    NO_COMMAND,    NO_COMMAND,    NO_COMMAND),
    AlertNotification: (NO_COMMAND,  NO_COMMAND,    NO_COMMAND,    NO_COMMAND,    NO_COMMAND),
}  # fmt: skip
STATES = (State.OPEN, State.BINDING, State.BOUND_TX, State.BOUND_RX, State.BOUND_TRX)
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
    elif state is not State.OPEN:
        kind = STEPS.get(state, BindTransceiver)
        (bind,) = session.receive(encode(kind(1)), 0.0)
        if state is not State.BINDING:
            assert isinstance(bind, Bind)
            session.accept(bind, "smsc")
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
def test_only_a_bind_that_comes_out_changes_the_session(
    kind: type[Request], state: State, status: CommandStatus | None
) -> None:
    session = session_in(state)
    before = seen(session)
    session.receive(encode(pdu(kind)), 0.0)
    if status is None and issubclass(kind, Bind):
        before = before._replace(state=State.BINDING)
    assert seen(session) == before


@pytest.mark.parametrize("state", [*STATES, State.CLOSED])
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
