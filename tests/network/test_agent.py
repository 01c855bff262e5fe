"""The last leg: what becomes of an attempt when it arrives at its device."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.cause import Cause
from smsc.clock import SimulatedClock
from smsc.delivery.agent import Agent, Attempt, Outcome, Result
from smsc.message import Address, Message, Purpose, to_device
from smsc.network.agent import DeviceAgent
from smsc.network.device import INBOX, Devices
from smsc.network.hlr import Subscription
from smsc.network.tpdus import read
from smsc_encodings.dcs import Alphabet, data_coding_for, encode_text
from smsc_encodings.segmentation import smallest
from tests.network.shelf import register

PROMPT = "491700000001"
ABSENT = "491700000002"
FAILING = "491700000003"
REFUSING = "491700000004"
SLOW = "491700000005"
NOBODY = "33123456789"
ROWS = {
    PROMPT: Subscription(),
    ABSENT: Subscription(attached=False),
    FAILING: Subscription(error=31),
    REFUSING: Subscription(error=9, permanent=True),
    SLOW: Subscription(latency_ms=250),
}


class Network:
    """An agent with all it stands on, and the outcomes it reported, batch by batch."""

    def __init__(self, clock: SimulatedClock | None = None) -> None:
        self.clock = clock or SimulatedClock()
        self.hlr = register(ROWS, [("4471########", Subscription())])
        self.devices = Devices()
        self.batches: list[list[Outcome]] = []
        self.agent = DeviceAgent(self.hlr, self.devices, self.clock, self.settle)

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        self.batches.append(list(outcomes))

    def deliver(self, message: Message) -> tuple[Result, int]:
        self.agent.deliver([Attempt(message)])
        ((outcome,),) = self.batches
        return outcome.result, outcome.error

    def inbox(self, number: str) -> list[str | None]:
        device = self.devices.find(number)
        return [] if device is None else [received.text for received in device.inbox]


def message(
    number: str = PROMPT, payload: bytes = b"hello", data_coding: int = 0, esm_class: int = 0
) -> Message:
    return Message(
        7,
        "fleet",
        to_device(number),
        Address(5, 0, "FLEET"),
        Address(1, 1, number),
        payload,
        0,
        0,
        data_coding=data_coding,
        esm_class=esm_class,
    )


def test_it_is_an_agent_that_keeps_the_order_of_a_device() -> None:
    agent: Agent = Network().agent
    assert agent.in_order
    assert agent.kind == "device"


def test_an_attached_device_has_room_for_one_and_others_for_none() -> None:
    agent = Network().agent
    rooms = {number: agent.capacity(to_device(number)) for number in (PROMPT, ABSENT, NOBODY)}
    assert rooms == {PROMPT: 1, ABSENT: 0, NOBODY: 0}


def test_a_prompt_device_has_the_message_before_the_call_is_over() -> None:
    network = Network()
    assert network.deliver(message()) == (Result.DELIVERED, 0)
    device = network.devices.find(PROMPT)
    assert device is not None
    (received,) = device.inbox
    assert (received.source, received.text, received.at) == ("FLEET", "hello", network.clock.now())


def test_a_number_of_a_population_gets_a_device_with_its_first_message() -> None:
    network = Network()
    assert len(network.devices) == 0
    assert network.deliver(message("447112345678")) == (Result.DELIVERED, 0)
    assert network.inbox("447112345678") == ["hello"]


@pytest.mark.parametrize(
    ("number", "result", "error"),
    [
        (NOBODY, Result.REFUSED, Cause.UNKNOWN_SUBSCRIBER),
        (ABSENT, Result.ABSENT, Cause.ABSENT_SUBSCRIBER_SM),
        (FAILING, Result.FAILED, Cause.SUBSCRIBER_BUSY_FOR_MT_SMS),
        (REFUSING, Result.REFUSED, Cause.ILLEGAL_SUBSCRIBER),
    ],
)
def test_a_device_that_does_not_take_it_says_why_and_has_nothing(
    number: str, result: Result, error: int
) -> None:
    network = Network()
    assert network.deliver(message(number)) == (result, error)
    assert len(network.devices) == 0


@pytest.mark.parametrize("number", [PROMPT, FAILING, SLOW])
def test_a_watch_ends_at_once_where_the_device_is_within_reach_and_sends_it_nothing(
    number: str,
) -> None:
    network = Network()
    watch = msgspec.structs.replace(message(number), purpose=Purpose.WATCH)
    assert network.deliver(watch) == (Result.DELIVERED, 0)
    assert len(network.devices) == 0


def test_a_watch_of_a_device_out_of_reach_finds_it_absent() -> None:
    watch = msgspec.structs.replace(message(ABSENT), purpose=Purpose.WATCH)
    assert Network().deliver(watch)[0] is Result.ABSENT


def test_a_device_out_of_reach_is_absent_whatever_error_it_injects() -> None:
    network = Network()
    network.hlr.detach(FAILING)
    assert network.deliver(message(FAILING))[0] is Result.ABSENT


def test_a_slow_device_answers_after_its_latency() -> None:
    network = Network()
    network.agent.deliver([Attempt(message(SLOW)), Attempt(message(PROMPT))])
    assert [[o.attempt.message.destination for o in b] for b in network.batches] == [
        [to_device(PROMPT)]
    ]
    network.clock.advance(0.249)
    assert network.inbox(SLOW) == []
    network.clock.advance(0.001)
    assert network.inbox(SLOW) == ["hello"]
    assert [outcome.result for outcome in network.batches[1]] == [Result.DELIVERED]


def test_what_counts_is_where_the_device_is_when_the_message_arrives() -> None:
    network = Network()
    network.agent.deliver([Attempt(message(SLOW))])
    network.hlr.detach(SLOW)
    network.clock.advance(1)
    assert network.batches[0][0].result is Result.ABSENT
    network.agent.deliver([Attempt(message(SLOW))])
    network.hlr.attach(SLOW)
    network.clock.advance(1)
    assert network.batches[1][0].result is Result.DELIVERED


def test_after_close_nothing_is_answered_any_more() -> None:
    network = Network()
    network.agent.deliver([Attempt(message(SLOW))])
    network.agent.close()
    network.clock.advance(1)
    assert network.batches == []


def test_a_batch_is_answered_in_one_batch_in_its_order() -> None:
    network = Network()
    batch = [Attempt(message(number)) for number in (ABSENT, PROMPT, FAILING, PROMPT)]
    network.agent.deliver(batch)
    assert [[outcome.attempt for outcome in answered] for answered in network.batches] == [batch]


def test_a_long_message_arrives_in_parts_and_is_whole_in_the_inbox() -> None:
    network = Network()
    assert network.deliver(message(payload=b"x" * 400)) == (Result.DELIVERED, 0)
    device = network.devices.find(PROMPT)
    assert device is not None
    assert [(received.octets, received.parts) for received in device.inbox] == [(b"x" * 400, 3)]


def test_long_messages_between_two_have_references_of_their_own() -> None:
    network = Network()
    for _ in range(256):
        network.agent.deliver([Attempt(message(payload=b"x" * 200))])
        network.agent.deliver([Attempt(message("447112345678", payload=b"x" * 200))])
    assert len(set(references(network))) == INBOX
    assert len(set(references(network, "447112345678"))) == INBOX


def references(network: Network, number: str = PROMPT) -> list[int]:
    """The references of the long messages in an inbox; both parts have the same."""
    device = network.devices.find(number)
    assert device is not None
    found = []
    for received in device.inbox:
        first, second = [read(octets).udh for octets in received.tpdus]
        assert first is not None and second is not None
        assert first.concatenation is not None and second.concatenation is not None
        assert first.concatenation.reference == second.concatenation.reference
        found.append(first.concatenation.reference)
    return found


def test_a_restart_does_not_begin_with_the_references_just_used() -> None:
    before, after = Network(), Network(SimulatedClock(SimulatedClock().now() + 60_000))
    for network in (before, after):
        network.deliver(message(payload=b"x" * 200))
    assert references(before) != references(after)


def test_a_message_with_a_header_of_its_own_goes_as_it_is() -> None:
    first = message(payload=bytes.fromhex("050003420201") + b"hel", esm_class=0x43)
    second = message(payload=bytes.fromhex("050003420202") + b"lo", esm_class=0x43)
    network = Network()
    network.agent.deliver([Attempt(first)])
    assert network.inbox(PROMPT) == []
    network.agent.deliver([Attempt(second)])
    assert network.inbox(PROMPT) == ["hello"]


@pytest.mark.parametrize(
    ("payload", "esm_class"),
    [
        (b"x" * (255 * 153 + 1), 0),
        (b"", 0x40),
        (b"\x05\x00", 0x40),
        (b"\x00" + b"x" * 160, 0x40),
        (bytes.fromhex("050003420201") + b"x" * 154, 0x40),
        (b"\xff" + b"x" * 255, 0x40),
    ],
    ids=["256 parts", "no header", "half a header", "full", "too long", "all header"],
)
def test_what_cannot_be_cut_into_parts_is_refused(payload: bytes, esm_class: int) -> None:
    network = Network()
    outcome = network.deliver(message(payload=payload, esm_class=esm_class))
    assert outcome == (Result.REFUSED, Cause.UNEXPECTED_DATA_VALUE)
    assert len(network.devices) == 0


def test_the_longest_message_there_is_arrives() -> None:
    network = Network()
    assert network.deliver(message(payload=b"x" * 255 * 153)) == (Result.DELIVERED, 0)
    assert network.inbox(PROMPT) == ["x" * 255 * 153]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=1000))
def test_whatever_text_is_sent_the_inbox_shows_the_same(text: str) -> None:
    network = Network()
    alphabet = smallest(text)
    payload, data_coding = encode_text(text, alphabet), data_coding_for(alphabet)
    assert network.deliver(message(payload=payload, data_coding=data_coding))[0] is Result.DELIVERED
    assert network.inbox(PROMPT) == [text]


@given(st.binary(max_size=1000), st.integers(0, 255), st.sampled_from([0, 0x40]))
def test_whatever_octets_come_there_is_one_outcome_and_none_escapes(
    payload: bytes, data_coding: int, esm_class: int
) -> None:
    result, error = Network().deliver(message(PROMPT, payload, data_coding, esm_class))
    assert (result, error) in {
        (Result.DELIVERED, 0),
        (Result.REFUSED, Cause.UNEXPECTED_DATA_VALUE),
    }
    if not esm_class:
        assert result is Result.DELIVERED


def test_binary_arrives_octet_for_octet() -> None:
    network = Network()
    octets = bytes(range(256))
    network.deliver(message(payload=octets, data_coding=data_coding_for(Alphabet.OCTET)))
    device = network.devices.find(PROMPT)
    assert device is not None
    assert [(received.octets, received.text) for received in device.inbox] == [(octets, None)]
