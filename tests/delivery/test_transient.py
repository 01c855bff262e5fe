"""Datagrams and transactions: one attempt, in the lane of their device, and never in the store."""

from typing import Any

import pytest

from smsc.delivery import transient
from smsc.delivery.agent import Result
from smsc.delivery.transient import SECONDS_BETWEEN_LOOKS, TRANSIENTS_A_LANE
from smsc.message import State
from smsc.smpp.commands import ESM_MODE_DATAGRAM, ESM_MODE_TRANSACTION
from smsc_routing.decision import Failure, FailureReason, Reason
from smsc_routing.policy import Policy
from tests.delivery.world import ANNA, BERT, LADDER, PATIENCE_SECONDS, World

DATAGRAM: dict[str, Any] = {"esm_class": ESM_MODE_DATAGRAM}
TRANSACTION: dict[str, Any] = {"esm_class": ESM_MODE_TRANSACTION}
MODES = pytest.mark.parametrize("mode", [DATAGRAM, TRANSACTION], ids=["datagram", "transaction"])
SOON = PATIENCE_SECONDS + SECONDS_BETWEEN_LOOKS


def failure(world: World, token: int) -> Failure:
    """Return how a transaction failed, as its sender was told."""
    verdict = world.door.verdicts[token]
    assert verdict.reason is Reason.NOT_DELIVERED
    assert verdict.failure is not None
    return verdict.failure


@MODES
async def test_one_reaches_its_device_and_is_never_written(
    world: World, mode: dict[str, Any]
) -> None:
    world.attach()
    await world.calm()
    written = len(world.store.batches)
    token = world.submit(**mode, registered_delivery=1)
    await world.calm()
    assert world.radio.texts == ["hello"]
    assert len(world.store.batches) == written
    assert await world.store.history(world.door.ids[token]) is None
    assert world.scheduler.in_hand == 0


async def test_a_datagram_is_answered_as_soon_as_it_is_let_in(world: World) -> None:
    world.attach()
    world.radio.answer = None
    token = world.submit(**DATAGRAM)
    assert token in world.door.ids


async def test_a_transaction_is_answered_when_the_device_has_it(world: World) -> None:
    world.attach()
    world.radio.answer = None
    token = world.submit(**TRANSACTION)
    await world.calm()
    assert world.door.answers == 0
    world.radio.reply_all(Result.DELIVERED)
    assert token in world.door.ids
    assert world.door.flushes[-1] == 1


async def test_both_are_answered_while_the_disk_stands_still(world: World) -> None:
    world.attach()
    await world.calm()
    await world.store.hold()
    stored = world.submit("stored")
    others = [world.submit(**DATAGRAM), world.submit(**TRANSACTION)]
    await world.calm()
    assert set(world.door.ids) == set(others)
    world.store.release()
    await world.calm()
    assert stored in world.door.ids


@pytest.mark.parametrize(
    ("result", "cause", "reason"),
    [
        (Result.ABSENT, 6, FailureReason.DESTINATION_UNAVAILABLE),
        (Result.REFUSED, 1, FailureReason.DESTINATION_INVALID),
        (Result.REFUSED, 13, FailureReason.DESTINATION_INVALID),
        (Result.REFUSED, 36, FailureReason.PERMANENT_NETWORK_ERROR),
        (Result.FAILED, 32, FailureReason.TEMPORARY_NETWORK_ERROR),
        (Result.BUSY, 0, FailureReason.TEMPORARY_NETWORK_ERROR),
    ],
)
async def test_a_transaction_that_fails_is_refused_with_the_reason(
    world: World, result: Result, cause: int, reason: FailureReason
) -> None:
    world.attach()
    world.radio.answer, world.radio.error = result, cause
    token = world.submit(**TRANSACTION, registered_delivery=1)
    await world.wait(LADDER[-1])
    assert failure(world, token) == Failure(reason, cause)
    assert len(world.radio.taken) == 1
    assert world.journal.transients == {("transaction", result): 1}


async def test_a_datagram_that_fails_is_dropped_and_counted(world: World) -> None:
    world.attach()
    world.radio.answer = Result.FAILED
    world.submit(**DATAGRAM, registered_delivery=0x11)
    await world.wait(LADDER[-1])
    assert len(world.radio.taken) == 1
    assert world.journal.transients == {("datagram", Result.FAILED): 1}
    assert (world.scheduler.waiting, world.scheduler.in_hand) == (0, 0)


@MODES
async def test_one_for_a_device_out_of_reach_ends_at_once(
    world: World, mode: dict[str, Any]
) -> None:
    token = world.submit(**mode)
    assert world.door.answers == 1
    if mode is TRANSACTION:
        assert failure(world, token) == Failure(FailureReason.DESTINATION_UNAVAILABLE, 6)
    world.attach()
    await world.calm()
    assert world.radio.taken == []


async def test_those_in_line_end_when_their_device_goes(world: World) -> None:
    world.attach()
    world.radio.answer = None
    tokens = [world.submit(str(number), **TRANSACTION) for number in range(3)]
    await world.calm()
    world.detach()
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert tokens[0] in world.door.ids
    assert [failure(world, token).reason for token in tokens[1:]] == [0, 0]
    assert world.scheduler.in_hand == 0


async def test_a_device_has_one_message_in_flight_of_whatever_mode(world: World) -> None:
    world.attach()
    world.radio.answer = None
    for number in range(3):
        world.submit(f"datagram {number}", **DATAGRAM)
        world.submit(f"stored {number}")
    for _ in range(6):
        await world.calm()
        assert len(world.radio.in_air) == 1
        world.radio.reply_all(Result.DELIVERED)
    assert len(world.radio.delivered) == 6


async def test_one_goes_behind_what_is_ready(world: World) -> None:
    world.attach()
    world.radio.answer = None
    for text in ("in the air", "ready"):
        world.submit(text)
    await world.calm()
    world.submit("datagram", **DATAGRAM)
    world.submit("urgent datagram", **DATAGRAM, priority=1)
    world.radio.answer = Result.DELIVERED
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert world.radio.texts == ["in the air", "ready", "urgent datagram", "datagram"]


async def test_a_flood_of_datagrams_does_not_keep_back_what_waits_in_the_store(
    world: World,
) -> None:
    world.attach()
    world.radio.answer = Result.FAILED
    await world.send("stored")
    world.radio.answer = None
    world.submit("0", **DATAGRAM)
    await world.wait(LADDER[0])
    for number in range(1, 10):
        world.submit(str(number), **DATAGRAM)
        world.radio.reply_all(Result.DELIVERED)
        await world.calm()
    assert "stored" in world.radio.texts[1:4]


async def test_one_goes_though_a_failed_message_waits_to_be_tried_again(world: World) -> None:
    world.attach()
    world.radio.answer = Result.FAILED
    await world.send("failing")
    world.radio.answer = Result.DELIVERED
    world.submit("datagram", **DATAGRAM)
    await world.calm()
    assert world.radio.texts == ["failing", "datagram"]
    await world.send("newer")
    assert world.radio.texts == ["failing", "datagram"]
    await world.wait(LADDER[0])
    assert world.radio.texts == ["failing", "datagram", "failing", "newer"]


# Bounds.


async def test_a_transaction_without_an_outcome_is_given_up(world: World) -> None:
    world.attach()
    world.radio.answer = None
    token = world.submit(**TRANSACTION)
    await world.wait(SOON)
    assert failure(world, token) == Failure(FailureReason.TEMPORARY_NETWORK_ERROR)
    assert world.door.flushes[-1] == 1
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert world.scheduler.in_hand == 0
    assert world.journal.transients == {("transaction", transient.LATE): 1}


async def test_a_transaction_is_not_waited_for_beyond_its_validity(world: World) -> None:
    world.attach()
    world.radio.answer = None
    token = world.submit(**TRANSACTION, expires_at=world.clock.now() + 3000)
    await world.wait(3 + SECONDS_BETWEEN_LOOKS)
    assert token in world.door.verdicts


@MODES
async def test_one_that_stood_in_line_too_long_is_not_sent_any_more(
    world: World, mode: dict[str, Any]
) -> None:
    world.attach()
    world.radio.answer = None
    await world.send("slow")
    world.submit("late", **mode)
    await world.wait(SOON)
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert world.radio.texts == ["slow"]
    assert sum(world.journal.transients.values()) == 1
    assert world.scheduler.in_hand == 0


async def test_a_line_for_one_device_is_no_longer_than_a_bound(world: World) -> None:
    world.attach()
    world.radio.answer = None
    for _ in range(TRANSIENTS_A_LANE + 5):
        world.submit(**DATAGRAM)
    await world.calm()
    assert world.scheduler.in_hand == TRANSIENTS_A_LANE
    assert world.journal.transients == {("datagram", Result.FAILED): 5}


@MODES
async def test_nobody_is_let_in_beyond_a_bound_on_all(
    world: World, mode: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transient, "TRANSIENTS", 2)
    world.attach()
    world.radio.answer = None
    tokens = [world.submit(**mode) for _ in range(3)]
    assert world.door.verdicts[tokens[2]].reason is Reason.STORE_BEHIND
    await world.calm()
    world.radio.answer = Result.DELIVERED
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    token = world.submit(**mode)
    await world.calm()
    assert token in world.door.ids


@MODES
async def test_a_schedule_is_refused(world: World, mode: dict[str, Any]) -> None:
    token = world.submit(**mode, not_before=world.clock.now() + 60_000)
    assert world.door.verdicts[token].reason is Reason.BAD_SCHEDULE


@MODES
async def test_a_crash_forgets_them(world: World, mode: dict[str, Any]) -> None:
    world.attach()
    world.radio.answer = None
    world.submit(**mode)
    await world.calm()
    await world.reopen()
    await world.calm()
    assert world.radio.taken == []
    assert (world.opened_with, world.scheduler.in_hand) == (0, 0)


async def test_store_and_forward_is_stored_whether_asked_for_or_not(world: World) -> None:
    for mode in (0, 3):
        number = await world.send(esm_class=mode)
        assert await world.state(number) is State.ENROUTE


# A transaction whose sender will be told when the device is back.


async def test_a_transaction_may_have_its_device_watched(world: World) -> None:
    world.bind()
    token = world.submit(**TRANSACTION, watch=True)
    assert world.door.answers == 0
    await world.calm()
    assert failure(world, token).watched is True
    world.attach(ANNA)
    await world.calm()
    assert [attempt.message.purpose.name for attempt in world.fleet.taken] == ["ALERT"]


async def test_a_second_one_is_told_that_the_device_is_watched_already(world: World) -> None:
    tokens = [world.submit(**TRANSACTION, watch=True) for _ in range(2)]
    await world.calm()
    assert [failure(world, token).watched for token in tokens] == [True, True]
    assert world.scheduler.waiting == 1


async def test_so_is_one_that_comes_later(world: World) -> None:
    for _ in range(2):
        token = world.submit(**TRANSACTION, watch=True)
        await world.calm()
        assert failure(world, token).watched is True


async def test_an_alert_is_not_lost_with_an_answer_that_needs_nothing_written(
    world: World,
) -> None:
    for number in (ANNA, BERT):
        world.submit(to=number, **TRANSACTION, watch=True)
    await world.calm()
    world.bind()
    world.radio.answer = None
    world.attach(ANNA)
    await world.calm()
    world.store.fails_to_write = True
    world.radio.reply_all(Result.DELIVERED)
    token = world.submit(to=BERT, **TRANSACTION, watch=True)
    await world.calm()
    assert failure(world, token).watched is False
    world.store.fails_to_write = False
    await world.wait(1)
    assert [attempt.message.source.digits for attempt in world.fleet.taken] == [ANNA]


async def test_a_watch_that_cannot_be_written_is_not_promised(world: World) -> None:
    world.store.fails_to_write = True
    token = world.submit(**TRANSACTION, watch=True)
    await world.calm()
    assert failure(world, token).watched is False
    world.store.fails_to_write = False
    await world.wait(1)
    assert world.scheduler.waiting == 0
    token = world.submit(**TRANSACTION, watch=True)
    await world.calm()
    assert failure(world, token).watched is True


async def test_one_that_failed_otherwise_has_no_watch(world: World) -> None:
    world.attach()
    world.radio.answer = Result.FAILED
    token = world.submit(**TRANSACTION, watch=True)
    await world.calm()
    assert failure(world, token).watched is False
    assert world.scheduler.waiting == 0


async def test_what_a_door_hands_in_at_once_has_gone_when_it_is_through(world: World) -> None:
    numbers = [f"4917{number:08d}" for number in range(500)]
    world.numbers.policies |= {number: Policy() for number in numbers}
    world.radio.room = 1
    for number in numbers:
        world.submit(to=number, **DATAGRAM)
    world.intake.hurry()
    assert len(world.radio.delivered) == len(numbers)


async def test_one_replaces_nothing_whatever_it_asks_for(world: World) -> None:
    number = await world.send("old")
    world.submit("passing", esm_class=ESM_MODE_DATAGRAM, replace=True)
    await world.calm()
    assert await world.state(number) is State.ENROUTE
    world.attach()
    await world.calm()
    assert world.radio.texts == ["old"]
