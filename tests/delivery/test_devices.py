"""Messages to devices: in order, one at a time, waiting while nobody can take them."""

import pytest

from smsc.delivery.agent import Result
from smsc.delivery.lane import READY_IN_ORDER
from smsc.message import ACCOUNT, DEVICE, State, to_device
from tests.delivery.world import ANNA, BERT, CARL, LADDER, VALIDITY, World


async def test_a_message_for_an_attached_device_goes_at_once(world: World) -> None:
    world.attach()
    number = await world.send("hello")
    assert world.radio.texts == ["hello"]
    assert await world.state(number) is State.DELIVERED


async def test_a_message_that_went_at_once_never_stood_in_a_queue(world: World) -> None:
    world.attach()
    await world.calm()
    await world.send()
    assert all(not batch.waits for batch in world.store.batches)


async def test_a_message_is_not_handed_over_before_it_is_durable(world: World) -> None:
    world.attach()
    await world.calm()
    await world.store.hold()
    world.submit()
    await world.calm()
    assert world.radio.texts == []
    world.store.release()
    await world.calm()
    assert world.radio.texts == ["hello"]


async def test_a_message_for_a_detached_device_waits_in_the_store(world: World) -> None:
    number = await world.send()
    assert world.radio.taken == []
    assert world.scheduler.in_hand == 0
    assert world.scheduler.waiting == 1
    assert await world.state(number) is State.ENROUTE


async def test_what_waited_goes_when_the_device_attaches_in_the_order_it_came(
    world: World,
) -> None:
    for number in range(20):
        world.submit(str(number))
    await world.calm()
    world.attach()
    await world.calm()
    assert world.radio.texts == [str(number) for number in range(20)]
    assert world.scheduler.waiting == 0


async def test_an_attach_wakes_nobody_else(world: World) -> None:
    await world.send("for Anna", ANNA)
    world.attach(BERT)
    await world.calm()
    assert world.radio.texts == []


async def test_a_device_has_one_message_in_flight(world: World) -> None:
    world.attach()
    world.radio.answer = None
    for number in range(5):
        world.submit(str(number))
    await world.calm()
    assert world.radio.texts == ["0"]
    assert world.scheduler.in_hand == 5
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert world.radio.texts == ["0", "1"]


async def test_devices_do_not_wait_for_each_other(world: World) -> None:
    world.attach(ANNA)
    world.attach(BERT)
    world.radio.answer = None
    world.submit("first", ANNA)
    world.submit("second", BERT)
    await world.calm()
    assert world.radio.texts == ["first", "second"]


async def test_a_message_that_comes_while_older_ones_wait_goes_behind_them(world: World) -> None:
    world.submit("older")
    await world.calm()
    world.radio.answer = None
    world.attach()
    world.submit("newer")
    await world.calm()
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert world.radio.texts == ["older", "newer"]


async def test_a_failed_message_goes_again_after_the_delay_of_the_ladder(world: World) -> None:
    world.attach()
    world.radio.answer = Result.FAILED
    await world.send()
    for attempt, seconds in enumerate([*LADDER, LADDER[-1]], start=1):
        assert len(world.radio.taken) == attempt
        await world.wait(seconds - 0.1)
        assert len(world.radio.taken) == attempt
        await world.wait(0.1)
    assert [attempt.attempts for attempt in world.radio.taken] == [0, 1, 2, 3, 4]


async def test_those_behind_a_failed_message_wait_with_it(world: World) -> None:
    world.attach()
    world.radio.answer = None
    for text in ("first", "second"):
        world.submit(text)
    await world.calm()
    world.radio.reply_all(Result.FAILED)
    world.radio.answer = Result.DELIVERED
    await world.calm()
    world.submit("third")
    await world.wait(LADDER[0] - 1)
    assert world.radio.texts == ["first"]
    assert world.scheduler.waiting == 3
    await world.wait(1)
    assert world.radio.texts == ["first", "first", "second", "third"]


async def test_a_device_that_attaches_again_does_not_shorten_the_delay_of_a_failure(
    world: World,
) -> None:
    world.attach()
    world.radio.answer = Result.FAILED
    await world.send()
    world.detach()
    world.attach()
    await world.wait(LADDER[0] - 1)
    assert len(world.radio.taken) == 1
    await world.wait(1)
    assert len(world.radio.taken) == 2


async def test_a_message_the_device_will_never_take_ends_there(world: World) -> None:
    world.attach()
    world.radio.answer = Result.REFUSED
    world.radio.error = 9
    number = await world.send()
    history = await world.history(number)
    assert (history.state, history.error) == (State.UNDELIVERABLE, 9)
    assert world.scheduler.waiting == 0


async def test_a_device_that_was_absent_gets_its_messages_when_it_is_back(world: World) -> None:
    world.attach()
    world.radio.answer = None
    for text in ("first", "second"):
        world.submit(text)
    await world.calm()
    world.detach()
    world.radio.reply_all(Result.ABSENT)
    await world.wait(LADDER[-1])
    assert world.radio.texts == ["first"]
    assert world.scheduler.in_hand == 0
    assert world.scheduler.waiting == 2
    world.radio.answer = Result.DELIVERED
    world.attach()
    await world.calm()
    assert world.radio.texts == ["first", "first", "second"]


async def test_what_is_ready_for_a_device_that_left_waits_in_the_store(world: World) -> None:
    world.attach()
    world.radio.answer = None
    for number in range(3):
        world.submit(str(number))
    await world.calm()
    world.detach()
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert world.radio.texts == ["0"]
    assert (world.scheduler.in_hand, world.scheduler.waiting) == (0, 2)


async def test_a_higher_priority_goes_before_what_is_ready(world: World) -> None:
    world.attach()
    await world.calm()
    world.radio.answer = None
    await world.send("in the air")
    for text, priority in [("low", 0), ("high", 3), ("middle", 1), ("top", 3)]:
        world.submit(text, priority=priority)
    await world.calm()
    world.radio.answer = Result.DELIVERED
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert world.radio.texts == ["in the air", "high", "top", "middle", "low"]


async def test_a_higher_priority_goes_before_what_waits(world: World) -> None:
    for text, priority in [("low", 0), ("high", 3), ("middle", 1)]:
        world.submit(text, priority=priority)
    await world.calm()
    world.attach()
    await world.calm()
    assert world.radio.texts == ["high", "middle", "low"]


async def test_a_scheduled_message_goes_when_its_time_comes(world: World) -> None:
    world.attach()
    number = await world.send("later", not_before=world.clock.now() + 20_000)
    assert await world.state(number) is State.SCHEDULED
    await world.send("now")
    await world.wait(19)
    assert world.radio.texts == ["now"]
    await world.wait(1)
    assert world.radio.texts == ["now", "later"]
    assert await world.state(number) is State.DELIVERED


async def test_a_scheduled_message_for_a_detached_device_goes_at_its_attach(world: World) -> None:
    await world.send("later", not_before=world.clock.now() + 20_000)
    await world.wait(30)
    assert world.radio.texts == []
    world.attach()
    await world.calm()
    assert world.radio.texts == ["later"]


async def test_a_message_expires_while_its_device_is_detached(world: World) -> None:
    number = await world.send(registered_delivery=1)
    world.bind()
    await world.wait(VALIDITY - 1)
    assert await world.state(number) is State.ENROUTE
    await world.wait(1)
    assert await world.state(number) is State.EXPIRED
    assert world.fleet.receipts == [(number, "EXPIRED")]
    assert world.scheduler.waiting == 0


async def test_a_message_expires_whose_device_left_in_the_middle_of_it(world: World) -> None:
    number = await world.send()
    world.radio.answer = None
    world.attach()
    await world.calm()
    world.detach()
    world.radio.reply_all(Result.ABSENT)
    await world.wait(VALIDITY)
    assert await world.state(number) is State.EXPIRED
    assert world.scheduler.waiting == 0


async def test_an_expired_message_does_not_hold_back_those_behind_it(world: World) -> None:
    world.attach()
    world.radio.answer = Result.FAILED
    await world.send("brief", expires_at=world.clock.now() + 5000)
    await world.send("behind")
    world.radio.answer = Result.DELIVERED
    await world.wait(5)
    assert world.radio.texts == ["brief", "behind"]


async def test_a_message_that_expires_behind_a_slow_one_is_not_tried(world: World) -> None:
    world.attach()
    world.radio.answer = None
    world.submit("slow")
    brief = world.submit("brief", expires_at=world.clock.now() + 5000)
    await world.wait(6)
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert world.radio.texts == ["slow"]
    assert await world.state(world.door.ids[brief]) is State.EXPIRED


async def test_a_message_that_is_with_the_device_at_its_end_may_still_be_delivered(
    world: World,
) -> None:
    number = await world.send()
    world.radio.answer = None
    world.attach()
    await world.wait(VALIDITY + 1)
    assert await world.state(number) is State.ENROUTE
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert await world.state(number) is State.DELIVERED


async def test_a_message_that_fails_after_its_end_expires(world: World) -> None:
    number = await world.send()
    world.radio.answer = None
    world.attach()
    await world.wait(VALIDITY + 1)
    world.radio.reply_all(Result.FAILED)
    await world.wait(0.1)
    assert await world.state(number) is State.EXPIRED
    assert len(world.radio.taken) == 1


async def test_a_destination_that_nobody_serves_waits_until_it_expires(world: World) -> None:
    world.scheduler.serve({ACCOUNT: world.fleet})
    number = await world.send()
    await world.wait(VALIDITY)
    assert await world.state(number) is State.EXPIRED


@pytest.mark.parametrize("result", list(Result))
async def test_every_result_is_tallied_by_kind(world: World, result: Result) -> None:
    world.radio.answer = None
    world.attach()
    await world.send()
    if result is Result.ABSENT:
        world.detach()
    world.radio.reply_all(result)
    await world.calm()
    assert world.journal.deliveries == {(DEVICE, result): 1}


async def test_a_destination_that_has_nothing_to_do_is_forgotten(world: World) -> None:
    world.attach()
    await world.send("one")
    assert (world.scheduler.in_hand, world.scheduler.waiting) == (0, 0)
    # A detach that nobody tells the scheduler of is noticed, because nothing is remembered.
    world.detach()
    await world.send("two")
    assert (world.scheduler.in_hand, world.scheduler.waiting) == (0, 1)
    assert world.radio.texts == ["one"]


async def test_a_long_line_for_one_device_waits_in_the_store_and_goes_in_order(
    world: World,
) -> None:
    world.attach()
    await world.calm()
    world.radio.answer = None
    for number in range(1500):
        world.submit(str(number))
    await world.until(lambda: len(world.door.ids) == 1500)
    assert world.scheduler.in_hand == READY_IN_ORDER
    assert world.scheduler.waiting == 1500 - READY_IN_ORDER
    world.radio.answer = Result.DELIVERED
    world.radio.reply_all(Result.DELIVERED)
    await world.until(lambda: len(world.radio.delivered) == 1500)
    assert world.radio.texts == [str(number) for number in range(1500)]
    assert world.radio.most_in_air[to_device(ANNA)] == 1


async def test_many_devices_that_attach_at_once_are_all_served(world: World) -> None:
    world.numbers.policies |= {str(number): world.numbers.policies[CARL] for number in range(700)}
    for number in range(700):
        world.submit(str(number), to=str(number))
    await world.calm()
    for number in range(700):
        world.attach(str(number))
    await world.until(lambda: len(world.radio.delivered) == 700)
    assert sorted(world.radio.texts, key=int) == [str(number) for number in range(700)]


async def test_a_higher_priority_goes_though_a_lower_one_waits_to_be_tried_again(
    world: World,
) -> None:
    world.attach()
    world.radio.answer = Result.FAILED
    await world.send("failing")
    world.radio.answer = Result.DELIVERED
    await world.send("same")
    await world.send("high", priority=1)
    assert world.radio.texts == ["failing", "high"]
    await world.wait(LADDER[0])
    assert world.radio.texts == ["failing", "high", "failing", "same"]


async def test_one_that_was_ready_when_the_lower_one_failed_goes_too(world: World) -> None:
    world.attach()
    world.radio.answer = None
    await world.send("failing")
    world.submit("high", priority=1)
    await world.calm()
    world.radio.answer = Result.DELIVERED
    world.radio.reply_all(Result.FAILED)
    await world.calm()
    assert world.radio.texts == ["failing", "high"]


async def test_a_lower_priority_waits_for_a_higher_one_that_has_failed(world: World) -> None:
    world.attach()
    world.radio.answer = Result.FAILED
    await world.send("high", priority=2)
    world.radio.answer = Result.DELIVERED
    await world.send("lower", priority=1)
    assert world.radio.texts == ["high"]
    await world.wait(LADDER[0])
    assert world.radio.texts == ["high", "high", "lower"]
