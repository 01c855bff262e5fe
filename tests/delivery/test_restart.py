"""After a crash: everything that was accepted is there, goes on, and is told of."""

from smsc.delivery.agent import Result
from smsc.message import State, to_account, to_device
from tests.delivery.world import ANNA, BERT, FLEET, LADDER, VALIDITY, World


async def test_a_message_that_waited_goes_after_a_restart(world: World) -> None:
    number = await world.send("hello")
    await world.reopen()
    assert world.scheduler.waiting == 1
    world.attach()
    await world.calm()
    assert world.radio.texts == ["hello"]
    assert await world.state(number) is State.DELIVERED


async def test_a_device_that_is_attached_at_the_start_gets_what_waited(world: World) -> None:
    await world.send("hello")
    world.radio.rooms[to_device(ANNA)] = 1
    await world.reopen()
    assert world.radio.texts == ["hello"]


async def test_a_message_in_hand_at_the_crash_is_delivered_again(world: World) -> None:
    world.attach()
    await world.calm()
    world.radio.answer = None
    number = await world.send("hello")
    assert world.radio.texts == ["hello"]
    await world.reopen()
    assert world.opened_with == 1
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert world.radio.texts == ["hello"]
    assert await world.state(number) is State.DELIVERED


async def test_an_outcome_that_was_not_written_before_the_crash_never_happened(
    world: World,
) -> None:
    world.attach()
    await world.calm()
    world.radio.answer = None
    await world.send("hello")
    await world.store.hold()
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    await world.crash()
    world.radio.answer = Result.DELIVERED
    await world.open()
    assert world.radio.texts == ["hello"]


async def test_a_delivered_message_is_not_delivered_again(world: World) -> None:
    world.attach()
    await world.send("hello")
    await world.reopen()
    await world.wait(VALIDITY)
    assert world.opened_with == 0
    assert world.radio.texts == []


async def test_a_submission_that_was_not_written_before_the_crash_was_not_accepted(
    world: World,
) -> None:
    world.attach()
    await world.calm()
    await world.store.hold()
    world.submit("lost")
    await world.calm()
    await world.reopen()
    assert world.door.answers == 0
    assert world.radio.texts == []


async def test_ids_go_on_where_they_were(world: World) -> None:
    first = await world.send()
    await world.reopen()
    assert await world.send() > first


async def test_older_messages_go_first_after_a_restart(world: World) -> None:
    world.attach()
    await world.calm()
    world.radio.answer = None
    for number in range(4):
        world.submit(str(number))
    await world.calm()
    await world.crash()
    await world.open(reading=False)
    await world.store.hold()
    await world.start_reading()
    world.submit("4")
    await world.calm()
    world.store.release()
    world.radio.answer = Result.DELIVERED
    await world.calm()
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert world.radio.texts == ["0", "1", "2", "3", "4"]


async def test_the_delay_of_a_failed_message_outlives_a_restart(world: World) -> None:
    world.attach()
    world.radio.answer = Result.FAILED
    await world.send("first")
    await world.send("second")
    world.radio.answer = Result.DELIVERED
    await world.reopen()
    await world.wait(LADDER[0] - 1)
    assert world.radio.texts == []
    await world.wait(1)
    assert world.radio.texts == ["first", "second"]
    assert world.radio.taken[0].attempts == 1


async def test_a_message_that_expired_while_nobody_ran_is_expired_at_the_start(
    world: World,
) -> None:
    number = await world.send(registered_delivery=1)
    world.bind()
    await world.crash()
    world.clock.advance(VALIDITY)
    await world.open()
    await world.wait(1)
    assert await world.state(number) is State.EXPIRED
    assert world.fleet.receipts == [(number, "EXPIRED")]


async def test_a_scheduled_message_keeps_its_time_through_a_restart(world: World) -> None:
    world.attach()
    await world.send("later", not_before=world.clock.now() + 20_000)
    await world.reopen()
    await world.wait(19)
    assert world.radio.texts == []
    await world.wait(1)
    assert world.radio.texts == ["later"]


async def test_a_receipt_outlives_a_restart(world: World) -> None:
    world.attach()
    number = await world.send(registered_delivery=1)
    await world.reopen()
    world.bind()
    await world.calm()
    assert world.fleet.receipts == [(number, "DELIVERED")]


async def test_a_receipt_in_the_air_at_the_crash_comes_again(world: World) -> None:
    world.attach()
    world.bind()
    await world.calm()
    world.fleet.answer = None
    number = await world.send(registered_delivery=1)
    assert world.fleet.receipts == [(number, "DELIVERED")]
    await world.crash()
    world.fleet.answer = Result.DELIVERED
    await world.open()
    assert world.fleet.receipts == [(number, "DELIVERED")]
    assert world.fleet.rooms == {to_account(FLEET): 10}


async def test_a_crash_in_the_middle_of_a_write_keeps_all_of_it_or_nothing(world: World) -> None:
    world.submit("one", ANNA)
    world.submit("two", BERT)
    await world.reopen()
    assert world.scheduler.waiting in (0, 2)
