"""What waits for a device that will say when it is available (3GPP TS 23.040, 3.2.7 and 3.3)."""

from smsc.cause import Cause
from smsc.delivery.agent import Result
from smsc.message import Purpose, State
from smsc.smpp.commands import ESM_MODE_TRANSACTION
from smsc_routing.decision import FailureReason
from tests.delivery.world import ANNA, BERT, FLEET, LADDER, World

FULL = int(Cause.MEMORY_CAPACITY_EXCEEDED)


def full(world: World, error: int = FULL) -> None:
    """Have every device answer that its memory is full."""
    world.attach()
    world.radio.answer, world.radio.error = Result.FAILED, error


def available(world: World) -> None:
    """Have the devices take everything, and Anna's say so."""
    world.radio.answer, world.radio.error = Result.DELIVERED, 0
    world.alert()


def alerts(world: World) -> int:
    purposes = [attempt.message.purpose for attempt in world.fleet.taken]
    return purposes.count(Purpose.ALERT)


async def test_what_a_full_device_refused_goes_as_soon_as_it_has_memory(world: World) -> None:
    full(world)
    for text in ("one", "two", "three"):
        await world.send(text)
    assert world.radio.texts == ["one"]
    available(world)
    await world.calm()
    assert world.radio.texts == ["one", "one", "two", "three"]
    assert world.scheduler.waiting == 0


async def test_if_the_device_never_says_so_the_ladder_of_its_cause_counts(world: World) -> None:
    full(world)
    await world.send()
    for tries, seconds in enumerate(LADDER, start=1):
        await world.wait(seconds - 1)
        assert len(world.radio.taken) == tries
        await world.wait(1)
        assert len(world.radio.taken) == tries + 1


async def test_what_fails_again_waits_for_its_next_delay(world: World) -> None:
    full(world)
    await world.send()
    world.alert()
    await world.calm()
    assert len(world.radio.taken) == 2
    await world.wait(LADDER[1] - 1)
    assert len(world.radio.taken) == 2
    await world.wait(1)
    assert len(world.radio.taken) == 3


async def test_all_that_has_failed_goes_in_the_order_of_delivery(world: World) -> None:
    full(world)
    await world.send("usual")
    for priority in (1, 2, 3):
        await world.send(f"of priority {priority}", priority=priority)
    assert len(world.radio.taken) == 4
    world.radio.taken.clear()
    available(world)
    await world.calm()
    assert world.radio.texts == [
        "of priority 3",
        "of priority 2",
        "of priority 1",
        "usual",
    ]


async def test_more_that_has_failed_than_is_read_at_once_goes_too(world: World) -> None:
    full(world)
    for number in range(4):
        for priority in range(4):
            await world.send(f"{priority}/{number}", priority=priority)
            world.alert()
            await world.calm()
    available(world)
    await world.calm()
    assert world.scheduler.waiting == 0
    assert len(world.radio.delivered) == 16
    assert world.radio.most_in_air == {f"device:{ANNA}": 1}


async def test_a_device_that_has_memory_but_is_detached_gets_all_when_it_attaches(
    world: World,
) -> None:
    full(world)
    await world.send()
    world.detach()
    available(world)
    await world.calm()
    assert world.radio.delivered == []
    world.attach()
    await world.calm()
    assert len(world.radio.delivered) == 1


async def test_what_failed_for_another_cause_waits_for_its_delay(world: World) -> None:
    full(world, Cause.SYSTEM_FAILURE)
    await world.send()
    available(world)
    await world.calm()
    assert world.radio.delivered == []
    await world.wait(LADDER[0])
    assert len(world.radio.delivered) == 1


async def test_a_scheduled_message_does_not_go_early(world: World) -> None:
    full(world)
    later = world.clock.now() + 60_000
    await world.send("later", not_before=later)
    await world.send("now")
    available(world)
    await world.calm()
    assert [each.message.payload for each in world.radio.delivered] == [b"now"]


async def test_other_devices_do_not_wait_for_one_that_is_full(world: World) -> None:
    full(world)
    await world.send()
    world.attach(BERT)
    world.radio.answer = Result.DELIVERED
    assert await world.state(await world.send("other", BERT)) is State.DELIVERED
    assert world.scheduler.waiting == 1


async def test_a_device_that_says_so_while_a_message_is_on_its_way_is_tried_once_more(
    world: World,
) -> None:
    world.attach()
    world.radio.answer = None
    await world.send()
    world.radio.reply_all(Result.FAILED, FULL)
    world.radio.answer = Result.DELIVERED
    # The place that it got isn't durable yet.
    world.alert()
    await world.calm()
    assert len(world.radio.delivered) == 1


async def test_one_who_asked_is_told_when_the_device_has_memory(world: World) -> None:
    world.bind()
    full(world)
    await world.send(watch=True)
    await world.wait(LADDER[0])
    assert alerts(world) == 0
    available(world)
    await world.calm()
    assert alerts(world) == 1
    assert world.scheduler.waiting == 0


async def test_one_who_asked_is_told_by_the_ladder_too(world: World) -> None:
    world.bind()
    full(world)
    await world.send(watch=True)
    world.radio.answer = Result.DELIVERED
    await world.wait(LADDER[0])
    assert alerts(world) == 1


async def test_a_device_of_another_temporary_cause_is_not_watched(world: World) -> None:
    world.bind()
    full(world, Cause.SUBSCRIBER_BUSY_FOR_MT_SMS)
    await world.send(watch=True)
    available(world)
    await world.wait(LADDER[0])
    assert alerts(world) == 0


async def test_a_transaction_that_a_full_device_refused_sets_a_watch(world: World) -> None:
    world.bind()
    full(world)
    token = world.submit(watch=True, esm_class=ESM_MODE_TRANSACTION)
    await world.calm()
    failure = world.door.verdicts[token].failure
    assert failure is not None
    assert (failure.reason, failure.cause, failure.watched) == (
        FailureReason.TEMPORARY_NETWORK_ERROR,
        FULL,
        True,
    )
    available(world)
    await world.calm()
    assert alerts(world) == 1
    assert world.scheduler.waiting == 0


async def test_a_watch_for_memory_survives_a_crash(world: World) -> None:
    world.bind()
    full(world)
    await world.send(watch=True)
    await world.reopen()
    world.bind()
    world.radio.answer = Result.DELIVERED
    world.attach()
    await world.calm()
    assert alerts(world) == 1
    assert FLEET in {attempt.message.account for attempt in world.fleet.taken}
