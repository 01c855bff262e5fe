"""A conversation without a socket: each message is answered once, whatever is said and when."""

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from smsc.clock import SimulatedClock
from smsc.smpp.codec import decode, encode
from smsc.smpp.commands import CommandStatus
from smsc.smpp.pdu import (
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    GenericNack,
    Pdu,
    QuerySmResp,
    Response,
    SubmitSm,
    SubmitSmResp,
    UnbindResp,
)
from smsc.smpp.session import LONGEST_PDU
from smsc.upstream.conversation import MOST_UNREPLIED, Conversation
from smsc.upstream.frames import Frames
from smsc.upstream.ids import Ids
from smsc.upstream.line import Terms
from tests.upstream.office import Office, message

RESPONSE_SECONDS = 10.0
RECEIPT = b"id:1 stat:DELIVRD"


class Studio:
    """A conversation, and what it has written."""

    def __init__(self, window: int = 10, rate: float = 0) -> None:
        self.clock = SimulatedClock()
        self.office = Office()
        self.said: list[Pdu] = []
        self.writes = 0
        self.numbers = 0
        self._frames = Frames()
        terms = Terms(
            name="far",
            host="127.0.0.1",
            port=1,
            system_id="near",
            window=window,
            rate=rate,
            response_seconds=RESPONSE_SECONDS,
        )
        self.conversation = Conversation(
            terms, self.office, self.clock, Ids(), self._next_number, self._write
        )

    def _next_number(self) -> int:
        self.numbers += 1
        return self.numbers

    def _write(self, octets: bytes) -> None:
        self.writes += 1
        self.said += map(decode, self._frames.cut(octets))

    def hear(self, *pdus: Pdu) -> None:
        self.conversation.receive(b"".join(map(encode, pdus)))

    @property
    def submits(self) -> list[SubmitSm]:
        return [pdu for pdu in self.said if isinstance(pdu, SubmitSm)]


class Exchange(RuleBasedStateMachine):
    """Messages go out; answers, losses, timeouts and nonsense come in any order."""

    @initialize(window=st.integers(1, 8), rate=st.sampled_from([0, 0, 1, 50]))
    def begin(self, window: int, rate: float) -> None:
        self.window = window
        self.studio = Studio(window, rate)
        self.sent: list[int] = []

    @rule(count=st.integers(1, 8), unwritable=st.booleans())
    def send(self, count: int, unwritable: bool) -> None:
        conversation = self.studio.conversation
        count = min(count, conversation.room)
        if count == 0:
            return
        first = len(self.sent) + 1
        told = len(self.studio.office.batches)
        service_type = "much too long" if unwritable else ""
        conversation.send(
            [message(first + each, service_type=service_type) for each in range(count)]
        )
        self.sent += range(first, first + count)
        assert len(self.studio.office.batches) == told, "nobody is called within send"

    @rule(
        choice=st.randoms(use_true_random=False),
        status=st.sampled_from([0, 0, 0, 0x58, 0x400]),
        kind=st.sampled_from([SubmitSmResp, SubmitSmResp, GenericNack]),
        times=st.integers(1, 2),
    )
    def answer(self, choice: random.Random, status: int, kind: type[Response], times: int) -> None:
        if self.studio.submits:
            number = choice.choice(self.studio.submits).sequence_number
            self.studio.hear(*[kind(number, status)] * times)

    @rule(number=st.integers(0, 40), kind=st.sampled_from([DeliverSmResp, QuerySmResp]))
    def answer_otherwise(self, number: int, kind: type[Response]) -> None:
        self.studio.hear(kind(number))

    @rule(status=st.sampled_from([0, 8]))
    def deliver(self, status: int) -> None:
        self.studio.office.replies = status
        self.studio.hear(DeliverSm(1, esm_class=4, short_message=RECEIPT), EnquireLink(2))

    @rule(seconds=st.sampled_from([0.0, 0.1, 1.0, 6.0, RESPONSE_SECONDS]))
    def wait(self, seconds: float) -> None:
        self.studio.clock.advance(seconds)

    @rule(octets=st.binary(max_size=40), often=st.integers(0, 9))
    def garbage(self, octets: bytes, often: int) -> None:
        if often == 0:
            self.studio.conversation.receive(octets)

    @rule(often=st.integers(0, 9))
    def leave(self, often: int) -> None:
        if often == 0 and not self.studio.conversation.over:
            self.studio.conversation.leave(self.part)

    def part(self) -> None:
        assert self.studio.conversation.unanswered == 0

    @invariant()
    def each_is_answered_once_at_most(self) -> None:
        told = Counter(answer.message.id for answer in self.studio.office.answers)
        assert all(count == 1 for count in told.values()), told
        assert set(told) <= set(self.sent)

    @invariant()
    def none_is_forgotten(self) -> None:
        conversation = self.studio.conversation
        answered = len(self.studio.office.answers)
        waiting = conversation.unanswered + len(conversation._unsent)
        assert answered + waiting == len(self.sent)
        assert waiting <= self.window

    def teardown(self) -> None:
        if not hasattr(self, "studio"):
            return
        self.studio.conversation.end("lost")
        self.studio.clock.advance(2 * RESPONSE_SECONDS)
        told = [answer.message.id for answer in self.studio.office.answers]
        assert sorted(told) == self.sent
        assert self.studio.conversation.room == 0


TestExchange = Exchange.TestCase
TestExchange.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)


def test_many_submits_are_one_write_and_many_answers_one_call() -> None:
    studio = Studio(window=100)
    studio.conversation.send([message(number) for number in range(100)])
    assert (studio.writes, len(studio.submits)) == (1, 100)
    studio.hear(*(SubmitSmResp(each.sequence_number, 0, "1") for each in studio.submits))
    assert [len(batch) for batch in studio.office.batches] == [100]


def test_answers_are_told_before_the_receipts_that_came_with_them() -> None:
    studio = Studio()
    studio.conversation.send([message()])
    receipt = DeliverSm(1, esm_class=4, short_message=RECEIPT)
    studio.hear(receipt, SubmitSmResp(1, 0, "1"))
    assert studio.office.told == ["answered", "reported"]


def test_there_is_one_timer_however_many_messages_wait() -> None:
    studio = Studio(window=100)
    for number in range(100):
        studio.conversation.send([message(number)])
    assert len(studio.clock._timers) == 1


def test_silence_is_no_answer_once_the_time_is_over() -> None:
    studio = Studio()
    studio.conversation.send([message(1)])
    studio.clock.advance(4)
    studio.conversation.send([message(2)])
    studio.clock.advance(6)
    assert [(each.message.id, each.status) for each in studio.office.answers] == [(1, None)]
    studio.hear(SubmitSmResp(1, 0, "too late"))
    studio.clock.advance(4)
    assert [each.message.id for each in studio.office.answers] == [1, 2]


def test_an_id_without_its_nul_is_an_id() -> None:
    studio = Studio()
    studio.conversation.send([message()])
    octets = encode(SubmitSmResp(1, 0, "00AB"))[:-1]
    studio.conversation.receive(len(octets).to_bytes(4, "big") + octets[4:])
    assert studio.office.answers[0].remote_id == "ab"


def test_an_answer_without_an_id_is_one() -> None:
    studio = Studio()
    studio.conversation.send([message()])
    studio.conversation.receive(bytes.fromhex("00000010 80000004 00000000 00000001"))
    answer = studio.office.answers[0]
    assert (answer.status, answer.remote_id) == (0, "")


def test_a_rate_spreads_messages_over_time() -> None:
    studio = Studio(window=100, rate=10)
    assert studio.conversation.room == 10, "no more than leave within a second"
    studio.conversation.send([message(number) for number in range(10)])
    assert len(studio.submits) == 1
    studio.clock.advance(0.5)
    assert len(studio.submits) == 6
    assert studio.conversation.room == 6
    studio.clock.advance(0.5)
    assert len(studio.submits) == 10


# Deliveries.


def test_replies_go_out_when_they_are_given_in_any_order_and_once() -> None:
    studio = Studio()
    studio.hear(*(DeliverSm(number, short_message=b"x") for number in (1, 2, 3)))
    first, second, _ = (reply for _, reply in studio.office.arrivals)
    studio.clock.advance(60)
    assert studio.said == []
    second(0)
    first(CommandStatus.ESME_RX_T_APPN)
    first(0)
    studio.clock.advance(0)
    assert studio.said == [
        DeliverSmResp(2),
        DeliverSmResp(1, CommandStatus.ESME_RX_T_APPN),
    ]
    assert studio.writes == 1


def test_a_reply_after_the_end_is_lost_with_its_connection() -> None:
    studio = Studio()
    studio.hear(DeliverSm(1, short_message=b"x"))
    studio.conversation.end("lost")
    studio.office.arrivals[0][1](0)
    studio.clock.advance(1)
    assert studio.said == []


def test_what_nobody_can_understand_is_answered_so_that_it_doesnt_come_again() -> None:
    studio = Studio()
    studio.hear(DeliverSm(9, esm_class=4, short_message=b"your message has arrived"))
    assert studio.said == [DeliverSmResp(9)]
    assert studio.office.told == []


def test_with_many_unreplied_it_reads_no_more_until_one_is_replied_to() -> None:
    studio, resumed = Studio(), list[bool]()
    studio.conversation.on_room = lambda: resumed.append(True)
    studio.hear(*(DeliverSm(number, short_message=b"x") for number in range(MOST_UNREPLIED)))
    assert studio.conversation.full
    studio.office.arrivals[0][1](0)
    assert not studio.conversation.full
    assert resumed == [True]


def test_while_it_doesnt_read_no_answer_is_late() -> None:
    studio = Studio()
    studio.conversation.send([message()])
    studio.hear(*(DeliverSm(number, short_message=b"x") for number in range(MOST_UNREPLIED)))
    studio.clock.advance(10 * RESPONSE_SECONDS)
    assert studio.office.answers == []
    studio.office.arrivals[0][1](0)
    studio.clock.advance(RESPONSE_SECONDS - 1)
    assert studio.office.answers == []
    studio.clock.advance(1)
    assert [each.status for each in studio.office.answers] == [None]


# Octets of any kind.

PDUS: list[Pdu] = [
    DeliverSm(1, esm_class=4, short_message=RECEIPT),
    DeliverSm(2, source_addr="4917", short_message=b"x"),
    SubmitSmResp(1, 0, "1"),
    EnquireLink(3),
    UnbindResp(4),
    GenericNack(1, 3),
]


@st.composite
def mutants(draw: st.DrawFn) -> bytes:
    """Return PDUs, some of whose octets are others."""
    octets = bytearray(
        b"".join(map(encode, draw(st.lists(st.sampled_from(PDUS), min_size=1, max_size=6))))
    )
    for at in draw(st.lists(st.integers(0, len(octets) - 1), max_size=6)):
        octets[at] = draw(st.integers(0, 255))
    return bytes(octets)


@given(st.one_of(mutants(), st.binary(max_size=200)), st.integers(1, 50))
def test_no_octets_break_it_in_whatever_pieces_they_come(octets: bytes, size: int) -> None:
    studio = Studio()
    studio.conversation.send([message(number) for number in range(1, 4)])
    for at in range(0, len(octets), size):
        if not studio.conversation.over:
            studio.conversation.receive(octets[at : at + size])
        assert len(studio.conversation._frames._held) <= LONGEST_PDU
    studio.conversation.end("lost")
    assert sorted(each.message.id for each in studio.office.answers) == [1, 2, 3]


@given(mutants(), st.integers(1, 50))
def test_pieces_make_no_difference(octets: bytes, size: int) -> None:
    whole, cut = Studio(), Studio()
    for studio in (whole, cut):
        studio.office.replies = 0
        studio.conversation.send([message()])
    whole.conversation.receive(octets)
    for at in range(0, len(octets), size):
        if not cut.conversation.over:
            cut.conversation.receive(octets[at : at + size])
    for studio in (whole, cut):
        studio.clock.advance(0)
    assert Counter(map(repr, whole.said)) == Counter(map(repr, cut.said))
    assert whole.conversation.over == cut.conversation.over
