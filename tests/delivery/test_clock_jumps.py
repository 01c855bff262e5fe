"""The wall's clock is set an hour ahead or back: nothing is stuck, late, or delivered when over."""

import pytest

from smsc.delivery.agent import Result
from smsc.delivery.alarm import LONGEST_SLEEP_MS
from smsc.message import State, to_device
from tests.delivery.world import ANNA, LADDER, VALIDITY, World

HOUR = 3600
LONGEST_SLEEP = LONGEST_SLEEP_MS / 1000


async def failed_once(world: World) -> int:
    """Have a message fail its first attempt."""
    world.radio.answer = Result.FAILED
    world.attach()
    message_id = await world.send("again")
    world.radio.answer = Result.DELIVERED
    return message_id


async def test_a_retry_goes_on_within_the_longest_sleep_when_the_clock_is_set_ahead(
    world: World,
) -> None:
    message_id = await failed_once(world)
    world.clock.jump(HOUR / 2)
    await world.wait(LONGEST_SLEEP)
    assert await world.state(message_id) is State.DELIVERED


async def test_a_scheduled_message_goes_within_the_longest_sleep_when_the_clock_is_set_ahead(
    world: World,
) -> None:
    world.attach()
    at = world.clock.now() + HOUR * 1000
    message_id = await world.send(not_before=at, expires_at=at + HOUR * 1000)
    world.clock.jump(HOUR)
    await world.wait(LONGEST_SLEEP)
    assert await world.state(message_id) is State.DELIVERED


async def test_nothing_is_delivered_after_its_validity_when_the_clock_is_set_ahead(
    world: World,
) -> None:
    message_id = await world.send()
    world.clock.jump(VALIDITY)
    world.attach()
    await world.calm()
    assert world.radio.taken == []
    assert await world.state(message_id) is State.EXPIRED


async def test_what_is_over_ends_within_the_longest_sleep_when_the_clock_is_set_ahead(
    world: World,
) -> None:
    message_id = await world.send()
    world.clock.jump(VALIDITY)
    await world.wait(LONGEST_SLEEP)
    assert await world.state(message_id) is State.EXPIRED


async def test_nothing_expires_early_when_the_clock_is_set_back(world: World) -> None:
    message_id = await world.send()
    world.clock.jump(-HOUR)
    await world.wait(VALIDITY + HOUR - 1)
    assert await world.state(message_id) is State.ENROUTE
    await world.wait(1)
    assert await world.state(message_id) is State.EXPIRED


async def test_a_scheduled_message_waits_for_its_time_when_the_clock_is_set_back(
    world: World,
) -> None:
    world.attach()
    at = world.clock.now() + 60_000
    message_id = await world.send(not_before=at)
    world.clock.jump(-HOUR)
    await world.wait(HOUR + 59)
    assert world.radio.taken == []
    await world.wait(1)
    assert await world.state(message_id) is State.DELIVERED


@pytest.mark.parametrize("restart", [False, True])
async def test_what_had_come_due_when_the_clock_was_set_back_goes_as_soon_as_it_can(
    world: World, restart: bool
) -> None:
    message_id = await failed_once(world)
    world.detach()
    await world.wait(LADDER[0])
    world.clock.jump(-HOUR)
    if restart:
        await world.reopen()
    world.attach()
    await world.calm()
    assert await world.state(message_id) is State.DELIVERED


async def test_a_receipt_that_had_come_due_when_the_clock_was_set_back_is_given(
    world: World,
) -> None:
    world.bind()
    world.attach()
    world.fleet.answer = Result.FAILED
    message_id = await world.send(registered_delivery=1)
    world.unbind()
    world.fleet.answer = Result.DELIVERED
    await world.wait(LADDER[0])
    world.clock.jump(-HOUR)
    world.bind()
    await world.calm()
    assert world.fleet.receipts[1:] == [(message_id, "DELIVERED")]


async def test_a_look_is_not_forgotten_when_the_clock_is_set_back_as_its_time_comes(
    world: World,
) -> None:
    message_id = await failed_once(world)
    world.clock.advance(LADDER[0])
    world.clock.jump(-1)
    await world.calm()
    await world.wait(1)
    assert await world.state(message_id) is State.DELIVERED


async def test_what_is_new_goes_at_once_wherever_the_clock_was_set(world: World) -> None:
    world.attach()
    for seconds in (HOUR, -2 * HOUR, HOUR):
        world.clock.jump(seconds)
        message_id = await world.send()
        assert await world.state(message_id) is State.DELIVERED


async def test_a_device_is_tried_again_though_the_clock_was_set_back_while_it_waited(
    world: World,
) -> None:
    message_id = await failed_once(world)
    world.clock.jump(-HOUR)
    world.scheduler.wake(to_device(ANNA))
    await world.wait(HOUR + LADDER[0])
    assert await world.state(message_id) is State.DELIVERED
