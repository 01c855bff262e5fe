"""What is kept of a message that went down the road: attempts, the end, and the receipt."""

from smsc.delivery.agent import Result
from smsc.message import State
from smsc.store.record import Failure, Record
from tests.delivery.world import ANNA, LADDER, World


async def record_of(world: World, message_id: int) -> Record:
    record = await world.store.record(message_id)
    assert record is not None
    return record


async def test_a_message_that_is_delivered_at_once_has_no_failures(world: World) -> None:
    world.attach()
    message_id = await world.send(registered_delivery=0)
    record = await record_of(world, message_id)
    assert (record.history.state, record.failures, record.receipt) == (State.DELIVERED, (), None)


async def test_each_failure_is_told_with_its_cause_and_then_the_end(world: World) -> None:
    world.radio.answer = None
    world.attach()
    message_id = await world.send()
    times = []
    for error, seconds in zip((6, 27), LADDER, strict=False):
        times.append(world.clock.now())
        world.radio.reply_all(Result.FAILED, error)
        await world.wait(seconds)
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    record = await record_of(world, message_id)
    assert record.failures == (Failure(times[0], 6), Failure(times[1], 27))
    assert (record.history.state, record.history.attempts) == (State.DELIVERED, 3)


async def test_the_receipt_is_told_with_when_it_was_made_and_answered(world: World) -> None:
    world.attach()
    message_id = await world.send(registered_delivery=1)
    receipt = (await record_of(world, message_id)).receipt
    assert receipt is not None and receipt.message.receipt is not None
    assert receipt.message.receipt.about == message_id
    assert receipt.state is State.ENROUTE
    await world.wait(60)
    world.bind()
    await world.calm()
    answered = (await record_of(world, message_id)).receipt
    assert answered is not None and answered.state is State.DELIVERED
    assert answered.done_at == answered.message.accepted_at + 60_000


async def test_a_message_that_expires_has_its_receipt_too(world: World) -> None:
    message_id = await world.send(to=ANNA, registered_delivery=1)
    await world.wait(4000)
    record = await record_of(world, message_id)
    assert record.history.state is State.EXPIRED
    assert record.receipt is not None
