"""A session against a small model of itself, and against whatever octets there are."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from smsc.smpp.codec import decode, encode
from smsc.smpp.commands import CommandStatus
from smsc.smpp.pdu import (
    Bind,
    BindReceiver,
    BindResp,
    BindTransceiver,
    BindTransmitter,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Pdu,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
    response_class,
)
from smsc.smpp.session import LONGEST_PDU, Answer, Closed, Event, Session, State, Timers

TIMERS = Timers(session_init=5.0, enquire_link=30.0, inactivity=45.0, response=10.0)
AFTER: dict[type[Bind], State] = {
    BindReceiver: State.BOUND_RX,
    BindTransmitter: State.BOUND_TX,
    BindTransceiver: State.BOUND_TRX,
}
BOUND = set(AFTER.values())
RECEIVE = {State.BOUND_RX, State.BOUND_TRX}
SEND = {State.BOUND_TX, State.BOUND_TRX}

binds = st.sampled_from(list(AFTER))
sequence_numbers = st.integers(0, 0xFFFFFFFF)


def pdus(octets: bytes) -> Iterator[Pdu]:
    at = 0
    while at < len(octets):
        length = int.from_bytes(octets[at : at + 4], "big")
        yield decode(octets, at, length)
        at += length


class SessionMachine(RuleBasedStateMachine):
    """The model: a state, what is asked of the peer and when, and when the peer was last heard."""

    def __init__(self) -> None:
        super().__init__()
        self.session = Session(TIMERS, 0.0)
        self.now = 0.0
        self.state = State.OPEN
        self.heard = 0.0
        self.bind: Bind | None = None
        self.asked: dict[int, float] = {}
        """When each deliver_sm was sent; its token is its sequence number."""
        self.enquired: tuple[int, float] | None = None
        self.unbound: tuple[int, float] | None = None
        self.answered: list[object] = []
        self.sent = 0

    # What the peer does.

    def receive(self, pdu: Pdu, *expected: Event) -> None:
        assert self.session.receive(encode(pdu), self.now) == list(expected)
        self.heard = self.now

    def says(self, *expected: Pdu) -> None:
        assert list(pdus(self.session.octets_to_send())) == list(expected)

    @property
    def bound(self) -> bool:
        return self.state in BOUND

    @precondition(lambda self: self.state is not State.CLOSED)
    @rule(kind=binds, number=sequence_numbers)
    def peer_binds(self, kind: type[Bind], number: int) -> None:
        bind = kind(number, "fleet")
        if self.state is State.OPEN:
            self.receive(bind, bind)
            self.says()
            self.bind, self.state = bind, State.BINDING
        else:
            self.receive(bind)
            answer = response_class(kind.command_id)
            self.says(answer(number, CommandStatus.ESME_RALYBND))

    @precondition(lambda self: self.state is not State.CLOSED)
    @rule(number=sequence_numbers, text=st.binary(max_size=20))
    def peer_submits(self, number: int, text: bytes) -> None:
        submit = SubmitSm(number, short_message=text)
        if self.state in SEND:
            self.receive(submit, submit)
            self.session.respond(SubmitSmResp(number, 0, "1"))
            self.says(SubmitSmResp(number, 0, "1"))
        else:
            self.receive(submit)
            self.says(SubmitSmResp(number, CommandStatus.ESME_RINVBNDSTS))

    @precondition(lambda self: self.state is not State.CLOSED)
    @rule(number=sequence_numbers)
    def peer_enquires(self, number: int) -> None:
        self.receive(EnquireLink(number))
        self.says(EnquireLinkResp(number))

    @precondition(lambda self: self.state is not State.CLOSED)
    @rule(number=sequence_numbers)
    def peer_unbinds(self, number: int) -> None:
        unbind = Unbind(number)
        if self.bound:
            self.receive(unbind, unbind)
            self.session.part(unbind)
            self.says(UnbindResp(number))
            self.state = State.CLOSED
        else:
            self.receive(unbind)
            self.says(UnbindResp(number, CommandStatus.ESME_RINVBNDSTS))

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), status=st.sampled_from([0, 8, 0x64]), nack=st.booleans())
    def peer_answers(self, data: st.DataObject, status: int, nack: bool) -> None:
        number = data.draw(st.sampled_from(list(self.asked)))
        answer = GenericNack(number, status) if nack else DeliverSmResp(number, status)
        if self.state is State.CLOSED:
            return
        self.receive(answer, Answer(number, answer))
        self.answered.append(number)
        del self.asked[number]

    @precondition(lambda self: self.state is not State.CLOSED)
    @rule(number=sequence_numbers)
    def peer_answers_what_nobody_asked(self, number: int) -> None:
        self.receive(SubmitSmResp(number))
        if number not in self.asked:
            self.receive(DeliverSmResp(number))
        self.says()

    @precondition(lambda self: self.enquired and self.state is not State.CLOSED)
    @rule()
    def peer_answers_enquire_link(self) -> None:
        assert self.enquired is not None
        self.receive(EnquireLinkResp(self.enquired[0]))
        self.enquired = None

    @precondition(lambda self: self.unbound and self.state is not State.CLOSED)
    @rule()
    def peer_answers_unbind(self) -> None:
        assert self.unbound is not None
        self.receive(UnbindResp(self.unbound[0]), Closed("unbound"))
        self.state = State.CLOSED

    @precondition(lambda self: self.state is not State.CLOSED)
    @rule(length=st.integers(0, 15) | st.integers(LONGEST_PDU + 1, 0xFFFFFFFF))
    def peer_loses_the_frame(self, length: int) -> None:
        (event,) = self.session.receive(length.to_bytes(4, "big") + bytes(12), self.now)
        assert isinstance(event, Closed)
        self.says(GenericNack(0, CommandStatus.ESME_RINVCMDLEN))
        self.state = State.CLOSED

    # What we do.

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
            self.state = State.OPEN
        (answer,) = pdus(self.session.octets_to_send())
        assert isinstance(answer, BindResp)
        assert type(answer) is kind
        assert (answer.command_status == 0) is right

    @precondition(lambda self: self.state in RECEIVE)
    @rule()
    def we_deliver(self) -> None:
        number = self.next_number()
        self.session.request(DeliverSm(number), number, self.now)
        self.says(DeliverSm(number))
        self.asked[number] = self.now

    @precondition(lambda self: self.bound)
    @rule()
    def we_unbind(self) -> None:
        self.session.unbind(self.now)
        if self.unbound is None:
            self.sent += 1
            self.unbound = (self.sent, self.now)
            self.says(Unbind(self.sent))
        self.says()

    def next_number(self) -> int:
        self.sent += 1
        assert self.session.next_sequence_number() == self.sent
        return self.sent

    # What the time does.

    @rule(seconds=st.floats(0.0, 8.0))
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
        if self.state in (State.OPEN, State.BINDING):
            self.bind_timer(expected)
        elif self.bound:
            self.response_timer(expected)
        if self.bound:
            self.quiet_timers(expected)
        assert events == expected
        self.says(*self.asking)

    asking: tuple[Pdu, ...] = ()

    def bind_timer(self, expected: list[Event]) -> None:
        self.asking = ()
        if self.now >= TIMERS.session_init:
            expected.append(Closed("no bind within session_init_timer"))
            self.state = State.CLOSED

    def response_timer(self, expected: list[Event]) -> None:
        self.asking = ()
        waiting = {number: (at, "") for number, at in self.asked.items()}
        for name, ours in (("enquire_link", self.enquired), ("unbind", self.unbound)):
            if ours is not None:
                waiting[ours[0]] = (ours[1], name)
        for number in sorted(waiting):
            at, name = waiting[number]
            if self.now < at + TIMERS.response:
                return
            if name:
                expected.append(Closed(f"no {name}_resp within response_timer"))
                self.state = State.CLOSED
                return
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
    st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8, 9, 0x0B, 0x15, 0x21, 0x102, 0x103, 0xF00]).flatmap(
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
