"""A session against a small model of itself, and against whatever octets there are."""

from collections.abc import Iterator
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from smsc.smpp.codec import decode, encode
from smsc.smpp.commands import CommandStatus
from smsc.smpp.pdu import (
    REQUESTS,
    AlertNotification,
    Bind,
    BindReceiver,
    BindResp,
    BindTransceiver,
    BindTransmitter,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Outbind,
    Pdu,
    Request,
    Response,
    SubmitSmResp,
    Unbind,
    UnbindResp,
    response_class,
)
from smsc.smpp.retired import ParamRetrieve, QueryLastMsgs, QueryMsgDetails
from smsc.smpp.session import LONGEST_PDU, Answer, Closed, Event, Session, State, Timers

TIMERS = Timers(session_init=5.0, enquire_link=30.0, inactivity=45.0, response=10.0)
AFTER: dict[type[Bind], State] = {
    BindReceiver: State.BOUND_RX,
    BindTransmitter: State.BOUND_TX,
    BindTransceiver: State.BOUND_TRX,
}
BOUND = {*AFTER.values()}
RECEIVE = {State.BOUND_RX, State.BOUND_TRX}
SEND = {State.BOUND_TX, State.BOUND_TRX}
BINDABLE: dict[State, set[type[Bind]]] = {
    State.OPEN: {BindReceiver, BindTransmitter, BindTransceiver},
    State.OUTBOUND: {BindReceiver, BindTransceiver},
}
NEVER = (DeliverSm, Outbind, AlertNotification, ParamRetrieve, QueryLastMsgs, QueryMsgDetails)
MESSAGES = tuple(kind for kind in REQUESTS if kind not in {*AFTER, *NEVER, Unbind, EnquireLink})

binds = st.sampled_from(list(AFTER))
sequence_numbers = st.integers(0, 0xFFFFFFFF)
ours = st.sampled_from([DeliverSm, DataSm])


def pdus(octets: bytes) -> Iterator[Pdu]:
    at = 0
    while at < len(octets):
        length = int.from_bytes(octets[at : at + 4], "big")
        yield decode(octets, at, length)
        at += length


class Asked(NamedTuple):
    at: float
    answer: type[Response]


class SessionMachine(RuleBasedStateMachine):
    """The model: a state, what is asked of the peer and when, and when the peer was last heard."""

    def __init__(self) -> None:
        super().__init__()
        self.session = Session(TIMERS, 0.0)
        self.now = 0.0
        self.state = State.OPEN
        self.unbound_state = State.OPEN
        self.heard = 0.0
        self.bind: Bind | None = None
        self.unbinding: Unbind | None = None
        self.asked: dict[int, Asked] = {}
        """What the peer is to answer; the token of a request is its sequence number."""
        self.enquired: tuple[int, float] | None = None
        self.unbound: tuple[int, float] | None = None
        self.answered: list[object] = []
        self.sent = 0
        self.asking: tuple[Pdu, ...] = ()

    @initialize(kind=st.none() | binds, asked=st.booleans())
    def begin(self, kind: type[Bind] | None, asked: bool) -> None:
        """Begin anywhere between the connection and a bind."""
        if asked:
            self.we_ask_for_a_bind()
        if kind is not None:
            self.peer_binds(kind, 1, 0x34)
        if self.state is State.BINDING:
            self.bind_is_decided(right=True)

    # What the peer does.

    def receive(self, octets: bytes, *expected: Event) -> None:
        """Take octets in two pieces, the first of which is no PDU yet."""
        cut = self.sent % max(len(octets), 1)
        assert self.session.receive(octets[:cut], self.now) == []
        assert self.session.receive(octets[cut:], self.now) == list(expected)
        self.heard = self.now

    def says(self, *expected: Pdu) -> None:
        assert list(pdus(self.session.octets_to_send())) == list(expected)

    @property
    def bound(self) -> bool:
        return self.state in BOUND or self.state is State.UNBOUND

    @precondition(lambda self: self.state is not State.CLOSED)
    @rule(kind=binds, number=sequence_numbers, version=st.sampled_from([0x33, 0x34, 0x50]))
    def peer_binds(self, kind: type[Bind], number: int, version: int) -> None:
        bind = kind(number, "fleet", interface_version=version)
        if kind in BINDABLE.get(self.state, ()):
            self.receive(encode(bind), bind)
            self.says()
            self.bind, self.state = bind, State.BINDING
        else:
            self.receive(encode(bind))
            status = CommandStatus.ESME_RALYBND
            if self.state in (State.OUTBOUND, State.UNBOUND):
                status = CommandStatus.ESME_RINVBNDSTS
            self.says(response_class(kind.command_id)(number, status))

    @precondition(lambda self: self.state is not State.CLOSED)
    @rule(kind=st.sampled_from(MESSAGES), number=sequence_numbers)
    def peer_asks(self, kind: type[Request], number: int) -> None:
        request, answer = kind(number), response_class(kind.command_id)
        if self.state in SEND:
            self.receive(encode(request), request)
            self.session.respond(answer(number))
            self.says(answer(number))
        else:
            self.receive(encode(request))
            self.says(answer(number, CommandStatus.ESME_RINVBNDSTS))

    @precondition(lambda self: self.state is not State.CLOSED)
    @rule(kind=st.sampled_from(NEVER), number=sequence_numbers)
    def peer_asks_what_an_esme_may_not(self, kind: type[Request], number: int) -> None:
        self.receive(encode(kind(number)))
        self.says(response_class(kind.command_id)(number, CommandStatus.ESME_RINVCMDID))

    @precondition(lambda self: self.state is not State.CLOSED)
    @rule(number=sequence_numbers)
    def peer_asks_what_nobody_knows(self, number: int) -> None:
        self.receive(bytes.fromhex("00000010 00000F00 00000000") + number.to_bytes(4, "big"))
        self.says(GenericNack(number, CommandStatus.ESME_RINVCMDID))

    @precondition(lambda self: self.state is not State.CLOSED)
    @rule(number=sequence_numbers)
    def peer_garbles_a_request(self, number: int) -> None:
        octets = bytes.fromhex("00000011 00000004 00000000") + number.to_bytes(4, "big") + b"\0"
        self.receive(octets)
        self.says(SubmitSmResp(number, CommandStatus.ESME_RINVCMDLEN))

    @precondition(lambda self: self.state is not State.CLOSED)
    @rule(number=sequence_numbers)
    def peer_enquires(self, number: int) -> None:
        self.receive(encode(EnquireLink(number)))
        self.says(EnquireLinkResp(number))

    @precondition(lambda self: self.state is not State.CLOSED)
    @rule(number=sequence_numbers)
    def peer_unbinds(self, number: int) -> None:
        unbind = Unbind(number)
        if self.state in BOUND:
            self.receive(encode(unbind), unbind)
            self.says()
            self.unbinding, self.state = unbind, State.UNBOUND
        else:
            self.receive(encode(unbind))
            self.says(UnbindResp(number, CommandStatus.ESME_RINVBNDSTS))

    @precondition(lambda self: self.asked and self.state is not State.CLOSED)
    @rule(data=st.data(), status=st.sampled_from([0, 8, 0x64]), nack=st.booleans())
    def peer_answers(self, data: st.DataObject, status: int, nack: bool) -> None:
        number = data.draw(st.sampled_from(list(self.asked)))
        answer = (GenericNack if nack else self.asked[number].answer)(number, status)
        self.receive(encode(answer), Answer(number, answer))
        self.answered.append(number)
        del self.asked[number]
        self.receive(encode(answer))
        self.says()

    @precondition(lambda self: self.asked and self.state is not State.CLOSED)
    @rule(data=st.data())
    def peer_answers_in_another_kind(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(list(self.asked)))
        for kind in (DeliverSmResp, DataSmResp, SubmitSmResp, EnquireLinkResp, UnbindResp):
            if kind is not self.asked[number].answer:
                self.receive(encode(kind(number)))
        self.says()

    @precondition(lambda self: self.asked and self.state is not State.CLOSED)
    @rule(data=st.data())
    def peer_garbles_an_answer(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(list(self.asked)))
        command_id = self.asked[number].answer.command_id
        octets = b"\0\0\0\x13" + command_id.to_bytes(4, "big") + bytes(4)
        octets += number.to_bytes(4, "big") + b"\0\x04\x24"
        answer: Response = DeliverSmResp(number)
        if command_id == DataSmResp.command_id:
            answer = GenericNack(number, CommandStatus.ESME_RINVTLVSTREAM)
        self.receive(octets, Answer(number, answer))
        self.answered.append(number)
        del self.asked[number]

    @precondition(lambda self: self.state is not State.CLOSED)
    @rule(number=sequence_numbers)
    def peer_answers_what_nobody_asked(self, number: int) -> None:
        self.receive(encode(SubmitSmResp(number)))
        if number not in self.asked:
            self.receive(encode(DeliverSmResp(number)))
            self.receive(encode(DataSmResp(number)))
        self.says()

    @precondition(lambda self: self.enquired and self.state is not State.CLOSED)
    @rule()
    def peer_answers_enquire_link(self) -> None:
        assert self.enquired is not None
        self.receive(encode(EnquireLinkResp(self.enquired[0])))
        self.enquired = None

    @precondition(lambda self: self.unbound and self.state is not State.CLOSED)
    @rule()
    def peer_answers_unbind(self) -> None:
        assert self.unbound is not None
        self.receive(encode(UnbindResp(self.unbound[0])), Closed("unbound"))
        self.state = State.CLOSED

    @precondition(lambda self: self.state is not State.CLOSED)
    @rule(length=st.integers(0, 15) | st.integers(LONGEST_PDU + 1, 0xFFFFFFFF))
    def peer_loses_the_frame(self, length: int) -> None:
        (event,) = self.session.receive(length.to_bytes(4, "big") + bytes(12), self.now)
        assert isinstance(event, Closed)
        self.says(GenericNack(0, CommandStatus.ESME_RINVCMDLEN))
        self.state = State.CLOSED

    @precondition(lambda self: self.state is State.CLOSED)
    @rule(octets=st.binary(max_size=40))
    def peer_goes_on_after_the_end(self, octets: bytes) -> None:
        assert self.session.receive(octets, self.now) == []
        self.says()

    # What we do.

    def we_ask_for_a_bind(self) -> None:
        self.session.outbind("smsc", "secret")
        self.sent += 1
        self.says(Outbind(self.sent, "smsc", "secret"))
        self.state = self.unbound_state = State.OUTBOUND

    @precondition(lambda self: self.state is State.BINDING)
    @rule(right=st.booleans())
    def bind_is_decided(self, right: bool) -> None:
        assert self.bind is not None
        kind = response_class(self.bind.command_id)
        if right:
            self.session.accept(self.bind, "smsc")
            self.state = AFTER[type(self.bind)]
        else:
            self.session.refuse(self.bind, CommandStatus.ESME_RINVPASWD)
            self.state = self.unbound_state
        (answer,) = pdus(self.session.octets_to_send())
        assert isinstance(answer, BindResp)
        assert type(answer) is kind
        assert (answer.command_status == 0) is right
        assert bool(answer.tlvs) is (right and self.bind.interface_version > 0x33)

    @precondition(lambda self: self.state in RECEIVE)
    @rule(kind=ours)
    def we_deliver(self, kind: type[Request]) -> None:
        number = self.next_number()
        self.session.request(kind(number), number, self.now)
        self.says(kind(number))
        self.asked[number] = Asked(self.now, response_class(kind.command_id))

    @precondition(lambda self: self.state in RECEIVE)
    @rule()
    def we_alert(self) -> None:
        number = self.next_number()
        self.session.tell(AlertNotification(number))
        self.says(AlertNotification(number))

    @precondition(lambda self: self.bound)
    @rule()
    def we_unbind(self) -> None:
        self.session.unbind(self.now)
        if self.unbound is None:
            self.sent += 1
            self.unbound = (self.sent, self.now)
            self.says(Unbind(self.sent))
        self.says()

    @precondition(lambda self: self.state is State.UNBOUND)
    @rule()
    def we_part(self) -> None:
        assert self.unbinding is not None
        self.session.part(self.unbinding)
        self.says(UnbindResp(self.unbinding.sequence_number))
        self.state = State.CLOSED

    def next_number(self) -> int:
        self.sent += 1
        assert self.session.next_sequence_number() == self.sent
        return self.sent

    # What the time does.

    @precondition(lambda self: self.bound)
    @rule()
    def we_did_not_listen(self) -> None:
        self.session.resume(self.now)
        self.heard = self.now
        self.asked = {number: asked._replace(at=self.now) for number, asked in self.asked.items()}
        if self.enquired is not None:
            self.enquired = (self.enquired[0], self.now)
        if self.unbound is not None:
            self.unbound = (self.unbound[0], self.now)

    @rule(seconds=st.floats(0.0, 20.0))
    def time_passes(self, seconds: float) -> None:
        until = self.now + seconds
        while self.state is not State.CLOSED and self.session.deadline <= until:
            self.now = self.session.deadline
            self.advance()
        self.now = until
        self.advance()

    def advance(self) -> None:
        events = self.session.advance(self.now)
        expected: list[Event] = []
        self.asking = ()
        if self.state in (State.OPEN, State.OUTBOUND, State.BINDING):
            self.bind_timer(expected)
        elif self.bound:
            self.response_timer(expected)
        if self.bound:
            self.quiet_timers(expected)
        assert events == expected
        self.says(*self.asking)

    def bind_timer(self, expected: list[Event]) -> None:
        if self.now >= TIMERS.session_init:
            expected.append(Closed("no bind within session_init_timer"))
            self.state = State.CLOSED

    def response_timer(self, expected: list[Event]) -> None:
        waiting = {number: (asked.at, "") for number, asked in self.asked.items()}
        for name, ours in (("enquire_link", self.enquired), ("unbind", self.unbound)):
            if ours is not None:
                waiting[ours[0]] = (ours[1], name)
        for number in sorted(waiting):
            at, name = waiting[number]
            if self.now < at + TIMERS.response:
                return
            if name == "enquire_link" and self.heard > at:
                self.enquired = None
            elif name:
                expected.append(Closed(f"no {name}_resp within response_timer"))
                self.state = State.CLOSED
                return
            else:
                expected.append(Answer(number, None))
                self.answered.append(number)
                del self.asked[number]

    def quiet_timers(self, expected: list[Event]) -> None:
        if self.now >= self.heard + TIMERS.inactivity:
            expected.append(Closed("nothing heard within inactivity_timer"))
            self.state = State.CLOSED
        elif self.now >= self.heard + TIMERS.enquire_link and self.enquired is None:
            self.sent += 1
            self.enquired = (self.sent, self.now)
            self.asking = (EnquireLink(self.sent),)

    # What is always so.

    @invariant()
    def it_stands_where_the_model_stands(self) -> None:
        assert self.session.state is self.state
        assert self.session.bound is self.bound
        assert self.session.closed is (self.state is State.CLOSED)
        assert self.session.receives is (self.state in RECEIVE)

    @invariant()
    def it_has_asked_what_the_model_has_asked(self) -> None:
        assert self.session.outstanding == len(self.asked)

    @invariant()
    def its_deadline_is_yet_to_come(self) -> None:
        assert self.session.deadline > self.now

    def teardown(self) -> None:
        left = self.session.close()
        assert left == list(self.asked)
        assert len({*left, *self.answered}) == len(left) + len(self.answered)


TestSession = SessionMachine.TestCase


# Whatever octets there are.

plausible = st.builds(
    lambda command_id, status, number, body: (
        (16 + len(body)).to_bytes(4, "big")
        + command_id.to_bytes(4, "big")
        + status.to_bytes(4, "big")
        + number.to_bytes(4, "big")
        + body
    ),
    st.sampled_from([*(kind.command_id for kind in REQUESTS), 0xF00]).flatmap(
        lambda command_id: st.sampled_from([command_id, command_id | 0x80000000])
    ),
    st.sampled_from([0, 8]),
    st.integers(0, 3),
    st.binary(max_size=60),
)


@given(st.lists(st.binary(max_size=40) | plausible, max_size=20), st.booleans())
def test_whatever_octets_come_nothing_is_raised_and_all_answers_are_pdus(
    pieces: list[bytes], bound: bool
) -> None:
    session = Session(TIMERS, 0.0)
    if bound:
        (bind,) = session.receive(encode(BindTransceiver(1)), 0.0)
        assert isinstance(bind, Bind)
        session.accept(bind, "smsc")
        session.request(DeliverSm(1), "token", 0.0)
    for piece in pieces:
        for event in session.receive(piece, 0.0):
            if isinstance(event, Bind):
                session.refuse(event, CommandStatus.ESME_RBINDFAIL)
    assert all(isinstance(pdu, Pdu) for pdu in pdus(session.octets_to_send()))
