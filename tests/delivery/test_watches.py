"""Watches: an account that asked is told when a device that couldn't be reached is back."""

from smsc.delivery.agent import Result
from smsc.delivery.petition import Ruling
from smsc.message import Address, Purpose, State
from tests.delivery.world import ANNA, FLEET, LADDER, VALIDITY, World


def alerts(world: World) -> list[str]:
    """Return the devices whose return the fleet was told of."""
    return [
        attempt.message.source.digits
        for attempt in world.fleet.taken
        if attempt.message.purpose is Purpose.ALERT
    ]


async def test_one_who_asked_is_told_when_the_device_attaches(world: World) -> None:
    world.bind()
    await world.send(watch=True, source=Address(5, 0, "FLEET"))
    assert alerts(world) == []
    world.attach()
    await world.calm()
    assert alerts(world) == [ANNA]
    (alert,) = [each.message for each in world.fleet.taken]
    assert (alert.account, alert.dest) == (FLEET, Address(5, 0, "FLEET"))
    assert world.scheduler.waiting == 0


async def test_one_who_did_not_ask_is_not_told(world: World) -> None:
    world.bind()
    await world.send()
    world.attach()
    await world.calm()
    assert world.fleet.taken == []


async def test_it_goes_before_all_messages_of_the_device(world: World) -> None:
    world.radio.answer = None
    world.submit("first", priority=4)
    world.submit("second", watch=True)
    await world.calm()
    world.attach()
    await world.calm()
    assert [attempt.message.purpose for attempt in world.radio.in_air] == [Purpose.WATCH]


async def test_a_device_is_watched_once_for_one_address_of_an_account(world: World) -> None:
    world.bind()
    for _ in range(3):
        await world.send(watch=True)
    await world.send(watch=True, source=Address(5, 0, "FLEET"))
    assert world.scheduler.waiting == 4 + 2
    world.attach()
    await world.calm()
    assert alerts(world) == [ANNA, ANNA]


async def test_a_device_that_an_attempt_finds_absent_is_watched(world: World) -> None:
    world.bind()
    world.attach()
    world.radio.answer = None
    await world.send(watch=True)
    world.detach()
    world.radio.reply_all(Result.ABSENT, 6)
    world.radio.answer = Result.DELIVERED
    await world.calm()
    assert alerts(world) == []
    world.attach()
    await world.calm()
    assert alerts(world) == [ANNA]


async def test_it_is_watched_anew_when_it_is_gone_again(world: World) -> None:
    world.bind()
    await world.send(watch=True)
    for _ in range(2):
        world.radio.answer = None
        world.attach()
        await world.calm()
        world.radio.reply_all(Result.DELIVERED)
        await world.calm()
        world.detach()
        world.radio.reply_all(Result.ABSENT, 6)
        await world.calm()
    assert alerts(world) == [ANNA, ANNA]


async def test_a_failure_that_is_no_absence_is_not_watched(world: World) -> None:
    world.bind()
    world.attach()
    world.radio.answer = Result.FAILED
    await world.send(watch=True)
    world.radio.answer = Result.DELIVERED
    await world.wait(LADDER[0])
    assert alerts(world) == []


async def test_a_watch_survives_a_crash(world: World) -> None:
    await world.send(watch=True)
    await world.reopen()
    world.attach()
    world.bind()
    await world.calm()
    assert alerts(world) == [ANNA]


async def test_a_watch_expires_with_its_message(world: World) -> None:
    world.bind()
    await world.send(watch=True)
    await world.wait(VALIDITY)
    assert world.scheduler.waiting == 0
    assert world.journal.finals == {State.EXPIRED: 2}
    world.attach()
    await world.calm()
    assert alerts(world) == []
    world.detach()
    await world.send(watch=True)
    assert world.scheduler.waiting == 2


async def test_a_watch_that_was_refused_with_its_message_can_be_set_again(world: World) -> None:
    world.bind()
    world.store.fails_to_write = True
    world.submit(watch=True)
    await world.calm()
    world.store.fails_to_write = False
    await world.wait(1)
    assert world.scheduler.waiting == 0
    await world.send(watch=True)
    world.attach()
    await world.calm()
    assert alerts(world) == [ANNA]


async def test_a_message_to_an_account_watches_nobody(world: World) -> None:
    world.report(watch=True)
    await world.calm()
    assert world.scheduler.waiting == 1


async def test_a_watch_is_no_message_that_its_account_could_ask_about_or_change(
    world: World,
) -> None:
    world.bind()
    number = await world.send(watch=True)
    watch = world.ledger.last_id
    assert watch > number
    tokens = [ask(watch) for ask in (world.query, world.cancel, world.replace)]
    assert [await world.ruling(token) for token in tokens] == [Ruling.UNKNOWN] * 3
    assert await world.ruling(world.cancel_all()) is Ruling.GRANTED
    assert await world.ruling(world.cancel_all()) is Ruling.TOO_LATE
    await world.send("instead", replace=True)
    world.attach()
    await world.calm()
    assert alerts(world) == [ANNA]
    assert await world.state(watch) is State.DELIVERED
    assert world.radio.texts[-1] == "instead"
