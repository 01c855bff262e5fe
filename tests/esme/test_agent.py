"""The delivery agent for accounts: who gets what, and what an ESME's answer means."""

from collections.abc import Sequence

import msgspec
import pytest

from smsc.clock import SimulatedClock
from smsc.delivery.agent import Agent, Attempt, Outcome, Result
from smsc.esme import agent
from smsc.esme.agent import EsmeAgent, outcome
from smsc.esme.bindings import Bindings
from smsc.message import Purpose, Receipt, State, to_account
from smsc.smpp.commands import CommandStatus, Version
from smsc.smpp.pdu import DeliverSmResp, GenericNack
from tests.esme.receiver import Receiver, attempt

RECEIPT = Receipt(7, State.DELIVERED, 0, 0, 0, "")


class Road:
    """An agent over some bindings, and the outcomes it reported."""

    def __init__(self) -> None:
        self.bindings = Bindings()
        self.outcomes: list[Outcome] = []
        self.clock = SimulatedClock()
        self.agent = EsmeAgent(self.bindings, self.settle, self.clock)

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        self.outcomes += outcomes

    def bind(self, account: str = "fleet", window: int = 2) -> Receiver:
        receiver = Receiver()
        self.bindings.add(account, receiver, window)
        return receiver


def test_it_is_an_agent_that_keeps_no_order() -> None:
    made: Agent = Road().agent
    assert made.kind == "account"
    assert not made.in_order


def test_the_capacity_for_an_account_is_the_room_of_its_receivers() -> None:
    road = Road()
    assert road.agent.capacity(to_account("fleet")) == 0
    road.bind()
    road.bind()
    assert road.agent.capacity(to_account("fleet")) == 4
    assert road.agent.capacity(to_account("other")) == 0


def test_a_batch_is_spread_over_the_receivers_and_each_is_flushed_once() -> None:
    road = Road()
    first, second = road.bind(), road.bind()
    batch = [attempt(number) for number in range(4)]
    road.agent.deliver(batch)
    assert (first.given, second.given) == (batch[::2], batch[1::2])
    assert (first.flushed, second.flushed) == (1, 1)
    assert road.outcomes == []


def test_each_message_goes_to_its_own_account() -> None:
    road = Road()
    fleet, other = road.bind("fleet"), road.bind("other")
    batch = [attempt(1, "other"), attempt(2, "fleet")]
    road.agent.deliver(batch)
    assert (fleet.given, other.given) == ([batch[1]], [batch[0]])


def test_a_message_for_an_account_without_room_waits_until_it_is_back() -> None:
    road = Road()
    receiver = road.bind(window=1)
    batch = [attempt(1), attempt(2), attempt(3, "absent")]
    road.agent.deliver(batch)
    assert receiver.given == batch[:1]
    assert road.outcomes == [Outcome(each, Result.ABSENT) for each in batch[1:]]


# Alerts, and receipts that follow a notification.


def alert() -> Attempt:
    return Attempt(msgspec.structs.replace(attempt().message, purpose=Purpose.ALERT))


def told(number: int, state: State) -> Attempt:
    """Return a notification or receipt about a message of this number."""
    receipt = Receipt(number, state, 0, 0, 0, "")
    message = attempt(100 + number, receipt=receipt).message
    return Attempt(msgspec.structs.replace(message, follows=number))


def test_an_alert_is_told_and_is_delivered_with_that() -> None:
    road = Road()
    receiver = road.bind(window=1)
    batch = [attempt(1), alert()]
    road.agent.deliver(batch)
    assert (receiver.given, receiver.told) == (batch[:1], [batch[1].message])
    assert road.outcomes == [Outcome(batch[1], Result.DELIVERED)]


def test_an_alert_for_a_receiver_that_does_not_read_is_tried_again() -> None:
    road = Road()
    road.bind().writable = False
    open_attempt = alert()
    road.agent.deliver([open_attempt])
    assert road.outcomes == [Outcome(open_attempt, Result.FAILED)]


def test_an_alert_that_no_receiver_knows_is_given_up() -> None:
    road = Road()
    road.bind().session.version = Version.V33
    open_attempt = alert()
    road.agent.deliver([open_attempt])
    assert road.outcomes == [Outcome(open_attempt, Result.REFUSED)]


def test_a_receipt_goes_to_the_receiver_that_was_notified() -> None:
    road = Road()
    first, second = road.bind(window=9), road.bind(window=9)
    road.agent.deliver([told(1, State.ENROUTE), attempt(2), attempt(3)])
    road.agent.deliver([told(1, State.DELIVERED)])
    assert [given.message.id for given in first.given] == [101, 3, 101]
    assert [given.message.id for given in second.given] == [2]


def test_a_receipt_waits_for_the_one_that_was_notified_if_its_window_is_full() -> None:
    road = Road()
    road.bind(window=1)
    road.bind(window=1)
    final = told(1, State.DELIVERED)
    road.agent.deliver([told(1, State.ENROUTE), final])
    assert road.outcomes == [Outcome(final, Result.FAILED)]


def test_a_receipt_goes_to_another_if_the_one_that_was_notified_has_left() -> None:
    road = Road()
    first, second = road.bind(), road.bind()
    road.agent.deliver([told(1, State.ENROUTE)])
    road.bindings.remove("fleet", first)
    final = told(1, State.DELIVERED)
    road.agent.deliver([final])
    assert second.given == [final]


def test_only_so_many_notified_receivers_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent, "NOTIFIED", 2)
    road = Road()
    for _ in range(4):
        road.bind(window=9)
    road.agent.deliver([told(number, State.ENROUTE) for number in range(1, 4)])
    assert len(road.agent._notified) == 2


# What an answer means.


def meaning(status: int | None, attempt: Attempt) -> tuple[Result, int]:
    response = None if status is None else DeliverSmResp(1, status)
    read = outcome(attempt, response)
    assert read.attempt is attempt
    return read.result, read.error


@pytest.mark.parametrize("receipt", [None, RECEIPT], ids=["message", "receipt"])
def test_an_answer_that_is_fine_is_the_end(receipt: Receipt | None) -> None:
    assert meaning(0, attempt(receipt=receipt)) == (Result.DELIVERED, 0)


@pytest.mark.parametrize("receipt", [None, RECEIPT], ids=["message", "receipt"])
def test_without_an_answer_it_is_tried_again(receipt: Receipt | None) -> None:
    assert meaning(None, attempt(receipt=receipt)) == (Result.FAILED, 0)


@pytest.mark.parametrize("status", [CommandStatus.ESME_RX_P_APPN, CommandStatus.ESME_RX_R_APPN])
def test_a_message_that_is_refused_for_good_is_given_up(status: CommandStatus) -> None:
    assert meaning(status, attempt()) == (Result.REFUSED, status)


@pytest.mark.parametrize("status", [CommandStatus.ESME_RX_P_APPN, CommandStatus.ESME_RX_R_APPN])
def test_a_receipt_is_never_given_up_for_a_refusal(status: CommandStatus) -> None:
    assert meaning(status, attempt(receipt=RECEIPT)) == (Result.FAILED, status)


@pytest.mark.parametrize(
    "status",
    [
        CommandStatus.ESME_RX_T_APPN,
        CommandStatus.ESME_RSYSERR,
        CommandStatus.ESME_RUNKNOWNERR,
        0x4FF,
        0xFFFFFFFF,
    ],
)
def test_any_other_refusal_is_tried_again(status: int) -> None:
    assert meaning(status, attempt()) == (Result.FAILED, status)


@pytest.mark.parametrize("receipt", [None, RECEIPT], ids=["message", "receipt"])
@pytest.mark.parametrize("status", [CommandStatus.ESME_RMSGQFUL, CommandStatus.ESME_RTHROTTLED])
def test_a_receiver_that_is_throttled_or_full_is_busy_whatever_it_was_sent(
    status: CommandStatus, receipt: Receipt | None
) -> None:
    assert meaning(status, attempt(receipt=receipt)) == (Result.BUSY, status)


def test_a_generic_nack_is_a_refusal_like_any_other() -> None:
    open_attempt = attempt()
    nack = GenericNack(1, CommandStatus.ESME_RINVCMDID)
    assert outcome(open_attempt, nack) == Outcome(open_attempt, Result.FAILED, nack.command_status)
