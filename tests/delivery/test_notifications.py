"""Intermediate notifications: once a message, before its receipt, and never after it."""

import pytest

from smsc.delivery.agent import Result
from smsc.message import ACCOUNT, State, to_account
from smsc.smpp.commands import ESM_TYPE_INTERMEDIATE_NOTIFICATION, ESM_TYPE_RECEIPT
from tests.delivery.world import ANNA, BERT, CARL, FLEET, LADDER, RECEIPT_LADDER, VALIDITY, World

ASKED = 0x11
"""A receipt in any case, and an intermediate notification."""
HOME = to_account(FLEET)


async def test_one_who_asked_hears_that_the_first_attempt_failed(world: World) -> None:
    world.bind()
    world.attach()
    world.radio.answer, world.radio.error = Result.FAILED, 32
    number = await world.send("later", registered_delivery=ASKED)
    (attempt,) = world.fleet.taken
    receipt = attempt.message.receipt
    assert receipt is not None
    assert attempt.message.esm_class == ESM_TYPE_INTERMEDIATE_NOTIFICATION
    assert (receipt.about, receipt.state, receipt.error) == (number, State.ENROUTE, 32)
    assert receipt.text == "later"


async def test_it_comes_once_however_often_the_message_fails(world: World) -> None:
    world.bind()
    world.attach()
    world.radio.answer = Result.FAILED
    number = await world.send(registered_delivery=ASKED)
    for seconds in LADDER:
        await world.wait(seconds)
    world.radio.answer = Result.DELIVERED
    await world.wait(LADDER[-1])
    assert world.fleet.receipts == [(number, "ENROUTE"), (number, "DELIVERED")]
    esm_classes = [attempt.message.esm_class for attempt in world.fleet.taken]
    assert esm_classes == [ESM_TYPE_INTERMEDIATE_NOTIFICATION, ESM_TYPE_RECEIPT]


async def test_one_who_did_not_ask_hears_nothing_before_the_end(world: World) -> None:
    world.bind()
    world.attach()
    world.radio.answer = Result.FAILED
    await world.send(registered_delivery=1)
    assert world.fleet.taken == []


async def test_one_who_asked_for_it_alone_gets_no_receipt(world: World) -> None:
    world.bind()
    number = await world.send(registered_delivery=0x10)
    world.attach()
    await world.calm()
    assert await world.state(number) is State.DELIVERED
    assert world.fleet.receipts == [(number, "ENROUTE")]


async def test_a_device_out_of_reach_is_told_of_when_the_message_is_accepted(
    world: World,
) -> None:
    world.bind()
    number = await world.send(registered_delivery=ASKED)
    assert world.fleet.receipts == [(number, "ENROUTE")]
    history = await world.history(number)
    assert (history.state, history.attempts, history.error) == (State.ENROUTE, 1, 6)


async def test_and_not_again_when_it_fails_or_the_process_dies_later(world: World) -> None:
    world.bind()
    number = await world.send(registered_delivery=ASKED)
    await world.reopen()
    world.radio.answer = Result.FAILED
    world.attach()
    await world.calm()
    world.radio.answer = Result.DELIVERED
    await world.wait(LADDER[-1])
    world.bind()
    await world.calm()
    assert world.fleet.receipts == [(number, "DELIVERED")]


async def test_a_device_that_is_found_absent_by_the_first_attempt_is_told_of(
    world: World,
) -> None:
    world.bind()
    world.attach()
    world.radio.answer = None
    number = await world.send(registered_delivery=ASKED)
    world.detach()
    world.radio.reply_all(Result.ABSENT, 6)
    await world.calm()
    assert world.fleet.receipts == [(number, "ENROUTE")]


async def test_a_scheduled_message_is_told_of_when_it_is_due(world: World) -> None:
    world.bind()
    number = await world.send(registered_delivery=ASKED, not_before=world.clock.now() + 20_000)
    assert world.fleet.taken == []
    await world.wait(20)
    assert world.fleet.receipts == [(number, "ENROUTE")]
    world.attach()
    await world.calm()
    assert world.fleet.receipts == [(number, "ENROUTE"), (number, "DELIVERED")]
    assert world.scheduler.waiting == 0


async def test_it_is_written_with_what_it_tells_of(world: World) -> None:
    number = await world.send(registered_delivery=ASKED)
    (batch,) = [batch for batch in world.store.batches if batch.arrivals]
    ids = [message.receipt and message.receipt.about for message in batch.arrivals]
    assert ids == [None, number]


async def test_a_message_that_could_not_be_written_is_not_told_of(world: World) -> None:
    world.bind()
    world.store.fails_to_write = True
    world.submit(registered_delivery=ASKED)
    await world.calm()
    world.store.fails_to_write = False
    await world.wait(1)
    assert world.fleet.taken == []
    assert world.scheduler.waiting == 0


async def test_a_device_as_sender_has_no_home_for_one(world: World) -> None:
    world.fleet.answer = Result.FAILED
    world.bind()
    world.report(registered_delivery=ASKED)
    await world.wait(LADDER[0])
    assert world.fleet.receipts == []


@pytest.mark.parametrize("result", [Result.FAILED, Result.ABSENT])
async def test_one_that_the_receipt_has_overtaken_is_dropped(world: World, result: Result) -> None:
    world.fleet.answer = None
    world.bind()
    number = await world.send(registered_delivery=ASKED)
    world.attach()
    await world.calm()
    assert world.fleet.receipts == [(number, "ENROUTE"), (number, "DELIVERED")]
    notification, receipt = world.fleet.in_air
    world.fleet.reply([receipt], Result.DELIVERED)
    world.fleet.reply([notification], result, 0x64)
    world.fleet.answer = Result.DELIVERED
    await world.wait(RECEIPT_LADDER[0])
    assert world.fleet.receipts == [(number, "ENROUTE"), (number, "DELIVERED")]
    assert await world.state(notification.message.id) is State.DELETED
    assert (world.scheduler.waiting, world.scheduler.in_hand) == (0, 0)
    assert world.journal.dead_letters == 0


async def test_one_without_a_receipt_after_it_comes_however_late(world: World) -> None:
    number = await world.send(registered_delivery=0x10)
    world.attach()
    await world.calm()
    world.bind()
    await world.calm()
    assert world.fleet.receipts == [(number, "ENROUTE")]


async def test_one_that_waits_for_a_receiver_comes_while_its_message_waits(world: World) -> None:
    number = await world.send(registered_delivery=ASKED)
    await world.reopen()
    world.bind()
    await world.calm()
    assert world.fleet.receipts == [(number, "ENROUTE")]


async def test_dropping_one_ends_it_once_however_slow_the_disk(world: World) -> None:
    await world.send(registered_delivery=ASKED)
    world.attach()
    await world.calm()
    await world.store.hold()
    world.bind()
    held = world.store.hold_next()
    await world.calm()
    world.store.release()
    await held
    world.scheduler.wake(HOME)
    held = world.store.hold_next()
    await world.calm()
    world.store.release()
    await held
    world.store.release()
    await world.calm()
    ends = [end.message.id for batch in world.store.batches for end in batch.finals]
    assert len(ends) == len(set(ends)) == 3
    assert world.scheduler.waiting == 0


async def test_a_message_nobody_delivers_is_not_told_of_as_absent(world: World) -> None:
    world.scheduler.serve({ACCOUNT: world.fleet})
    world.bind()
    number = await world.send(registered_delivery=ASKED)
    await world.wait(VALIDITY)
    assert world.fleet.receipts == [(number, "EXPIRED")]
    assert ANNA not in world.radio.rooms


async def test_a_receipt_that_is_written_while_a_notification_is_looked_up_is_not_missed(
    world: World,
) -> None:
    for text in ("first", "second"):
        world.submit(text)
    number = await world.send(registered_delivery=ASKED)
    await world.store.hold()
    world.attach(ANNA)
    await world.calm()
    world.store.release()
    for each in (ANNA, BERT, CARL):
        world.attach(each)
    world.bind()
    await world.wait(60)
    assert (number, "DELIVERED") in world.fleet.receipts
    assert (world.scheduler.waiting, world.scheduler.in_hand) == (0, 0)


async def test_no_message_of_a_group_is_lost_in_a_crash_for_what_tells_of_another(
    world: World,
) -> None:
    world.bind()
    world.attach(BERT)
    await world.calm()
    world.fleet.answer = world.radio.answer = None
    door = world.submit_group([ANNA, BERT], registered_delivery=0x10)
    await world.calm()
    assert world.fleet.receipts == [(door.ids[0], "ENROUTE")]
    await world.reopen()
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert await world.state(door.ids[1]) is State.DELIVERED
