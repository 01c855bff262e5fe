"""Messages and receipts to applications: many at once, none holding back another."""

from smsc.delivery.agent import Result
from smsc.delivery.ledger import SECONDS_BETWEEN_TRIES
from smsc.message import State, to_account
from tests.delivery.stage import turn
from tests.delivery.world import ANNA, BERT, FLEET, LADDER, World

HOME = to_account(FLEET)
MONTH = 30 * 86_400


async def test_an_application_takes_as_many_at_once_as_it_has_room_for(world: World) -> None:
    world.fleet.answer = None
    world.bind(room=3)
    for number in range(5):
        world.report(str(number))
    await world.calm()
    assert world.fleet.texts == ["0", "1", "2"]
    assert world.scheduler.in_hand == 5
    world.fleet.reply(world.fleet.in_air[1:2], Result.DELIVERED)
    await world.calm()
    assert world.fleet.texts == ["0", "1", "2", "3"]
    assert world.fleet.most_in_air[HOME] == 3


async def test_a_failed_message_does_not_hold_back_others(world: World) -> None:
    world.fleet.answer = None
    world.bind(room=1)
    world.report("failing")
    await world.calm()
    world.fleet.answer = Result.DELIVERED
    world.fleet.reply_all(Result.FAILED)
    world.report("other")
    await world.calm()
    assert world.fleet.texts == ["failing", "other"]
    await world.wait(LADDER[0] - 1)
    assert world.fleet.texts == ["failing", "other"]
    await world.wait(1)
    assert world.fleet.texts == ["failing", "other", "failing"]
    assert world.scheduler.waiting == 0


async def test_several_that_failed_each_come_again_in_their_time(world: World) -> None:
    world.fleet.answer = Result.FAILED
    world.bind()
    world.report("one")
    await world.calm()
    await world.wait(4)
    world.report("two")
    await world.calm()
    world.fleet.answer = Result.DELIVERED
    await world.wait(LADDER[0] - 4)
    assert world.fleet.texts == ["one", "two", "one"]
    await world.wait(4)
    assert world.fleet.texts == ["one", "two", "one", "two"]


async def test_a_receipt_waits_until_its_receiver_binds(world: World) -> None:
    world.attach()
    number = await world.send(registered_delivery=1)
    assert world.fleet.taken == []
    assert world.scheduler.waiting == 1
    world.bind()
    await world.calm()
    assert world.fleet.receipts == [(number, "DELIVERED")]
    assert world.scheduler.waiting == 0


async def test_a_receipt_that_its_receiver_did_not_take_comes_again(world: World) -> None:
    world.attach()
    world.fleet.answer = None
    world.bind()
    number = await world.send(registered_delivery=1)
    world.unbind()
    world.fleet.reply_all(Result.ABSENT)
    await world.calm()
    assert world.scheduler.waiting == 1
    world.fleet.answer = Result.DELIVERED
    world.bind()
    await world.calm()
    assert world.fleet.receipts == [(number, "DELIVERED")] * 2
    assert world.scheduler.waiting == 0


async def test_a_receipt_tells_the_cause_of_a_refusal(world: World) -> None:
    world.attach()
    world.bind()
    world.radio.answer, world.radio.error = Result.REFUSED, 27
    await world.send("to nobody", registered_delivery=2)
    receipt = world.fleet.taken[0].message.receipt
    assert receipt is not None
    assert (receipt.state, receipt.error, receipt.text) == (State.UNDELIVERABLE, 27, "to nobody")


async def test_a_receipt_is_written_with_the_end_it_tells_of(world: World) -> None:
    world.attach()
    number = await world.send(registered_delivery=1)
    (batch,) = [batch for batch in world.store.batches if batch.finals]
    assert [final.message.id for final in batch.finals] == [number]
    assert [each.receipt and each.receipt.about for each in batch.arrivals] == [number]


async def test_a_receipt_expires_when_nobody_has_come_for_it_in_a_month(world: World) -> None:
    world.attach()
    await world.send(registered_delivery=1)
    await world.wait(MONTH)
    assert world.scheduler.waiting == 0
    assert world.journal.finals == {State.DELIVERED: 1, State.EXPIRED: 1}
    world.bind()
    await world.calm()
    assert world.fleet.taken == []


async def test_receipts_of_many_messages_wait_and_all_arrive(world: World) -> None:
    world.attach(ANNA)
    world.attach(BERT)
    for number in range(1200):
        world.submit(str(number), to=(ANNA, BERT)[number % 2], registered_delivery=1)
    await world.until(lambda: len(world.radio.delivered) == 1200)
    await world.calm()
    assert world.scheduler.waiting == 1200
    world.bind(room=7)
    await world.until(lambda: len(world.fleet.delivered) == 1200)
    assert sorted(world.fleet.receipts) == sorted(
        (number, "DELIVERED") for number in world.door.ids.values()
    )
    assert world.fleet.most_in_air[HOME] <= 7


async def test_more_room_lets_more_go(world: World) -> None:
    world.fleet.answer = None
    world.bind(room=1)
    for number in range(3):
        world.report(str(number))
    await world.calm()
    assert len(world.fleet.in_air) == 1
    world.bind(room=3)
    await world.calm()
    assert len(world.fleet.in_air) == 3


async def test_what_is_ready_for_an_application_that_left_waits_in_the_store(world: World) -> None:
    world.fleet.answer = None
    world.bind(room=1)
    for number in range(3):
        world.report(str(number))
    await world.calm()
    world.unbind()
    world.fleet.reply_all(Result.ABSENT)
    await world.calm()
    assert (world.scheduler.in_hand, world.scheduler.waiting) == (0, 3)


async def test_higher_priority_goes_first_to_an_application_too(world: World) -> None:
    for text, priority in [("low", 0), ("high", 2)]:
        world.report(text, priority=priority)
    await world.calm()
    world.bind(room=1)
    await world.calm()
    assert world.fleet.texts == ["high", "low"]


async def test_a_queue_is_not_read_over_and_over_while_a_place_in_it_cannot_be_written(
    world: World,
) -> None:
    world.bind()
    await world.calm()
    world.fleet.answer = None
    world.report("failing")
    await world.calm()
    world.store.fails_to_write = True
    world.fleet.reply_all(Result.FAILED)
    for _ in range(100):
        await turn()
    assert len(world.store.reads) < 5
    world.store.fails_to_write = False
    world.fleet.answer = Result.DELIVERED
    await world.wait(SECONDS_BETWEEN_TRIES)
    await world.wait(LADDER[0])
    assert world.fleet.texts == ["failing", "failing"]
