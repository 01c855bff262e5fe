"""Many devices with messages come within reach in the same moment: all are served, and fairly."""

import pytest

from smsc.delivery import reader, roll
from smsc.delivery.agent import Result
from smsc.message import Address, State, to_account, to_device
from smsc_routing.policy import Policy
from tests.delivery.world import FLEET, VALIDITY, World

OTHER = "other"
CROWD = [str(number) for number in range(491_000, 491_900)]
LAST = [str(number) for number in range(499_000, 499_060)]
"""Those of the other account: their queues are the last ones."""


async def waiting(world: World) -> None:
    """Have a message of one account wait for each of a crowd, and of another for some more."""
    world.numbers.policies |= dict.fromkeys([*CROWD, *LAST], Policy())
    for number in CROWD:
        world.submit(number, to=number)
    for number in LAST:
        world.submit(number, to=number, account=OTHER, source=Address(0, 1, "7777"))
    await world.calm()
    assert world.scheduler.waiting == len(CROWD) + len(LAST)


def storm(world: World) -> None:
    """Have everybody come within reach at once."""
    world.radio.room = 1
    world.reader.greet_again()


@pytest.fixture(autouse=True)
def little_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "LANES_A_READ", 20)
    monkeypatch.setattr(reader, "NAMES_A_READ", 200)
    monkeypatch.setattr(roll, "NAMES_A_READ", 200)


async def test_everybody_gets_his_message_once(world: World) -> None:
    await waiting(world)
    storm(world)
    await world.until(lambda: world.scheduler.waiting == 0)
    assert sorted(world.radio.texts) == sorted([*CROWD, *LAST])


async def test_who_has_few_messages_does_not_wait_for_the_crowd_of_another(world: World) -> None:
    await waiting(world)
    storm(world)
    await world.until(lambda: set(LAST) <= set(world.radio.texts))
    assert len(world.radio.texts) < (len(CROWD) + len(LAST)) / 2
    await world.until(lambda: world.scheduler.waiting == 0)


async def test_the_road_holds_no_more_than_some_of_it_at_a_time(world: World) -> None:
    await waiting(world)
    storm(world)
    most = 0

    def over() -> bool:
        nonlocal most
        most = max(most, len(world.scheduler.lanes))
        return world.scheduler.waiting == 0

    await world.until(over)
    assert most <= 200


async def test_who_submits_meanwhile_is_answered_before_the_storm_is_over(world: World) -> None:
    await waiting(world)
    storm(world)
    await world.until(lambda: len(world.radio.texts) > 0)
    token = world.submit("meanwhile")
    await world.until(lambda: token in world.door.ids)
    assert len(world.radio.texts) < len(CROWD)
    await world.until(lambda: "meanwhile" in world.radio.texts)


async def test_receipts_that_wait_do_not_stand_behind_the_crowd(world: World) -> None:
    await waiting(world)
    for number in range(30):
        world.report(str(number))
    await world.calm()
    storm(world)
    await world.until(lambda: len(world.radio.texts) > 100)
    world.bind()
    await world.until(lambda: len(world.fleet.delivered) == 30)
    assert len(world.radio.texts) < len(CROWD) / 2
    await world.until(lambda: world.scheduler.waiting == 0)


async def test_what_comes_for_an_account_in_the_storm_goes_at_once(world: World) -> None:
    await waiting(world)
    world.bind()
    storm(world)
    await world.until(lambda: len(world.radio.texts) > 100)
    world.store.reads.clear()
    world.report("hello")
    await world.until(lambda: world.fleet.texts == ["hello"])
    assert not any(to_account(FLEET) in names for names in world.store.reads)
    await world.until(lambda: world.scheduler.waiting == 0)


async def test_what_is_new_for_a_device_does_not_go_before_what_waits_for_it(world: World) -> None:
    await waiting(world)
    storm(world)
    world.submit("new", to=CROWD[-1])
    await world.until(lambda: "new" in world.radio.texts)
    assert world.radio.texts.index(CROWD[-1]) < world.radio.texts.index("new")


async def test_a_second_storm_in_the_middle_of_the_first_loses_nobody(world: World) -> None:
    await waiting(world)
    for number in CROWD[:400]:
        world.radio.rooms[to_device(number)] = 0
    storm(world)
    await world.until(lambda: len(world.radio.texts) > 100)
    world.radio.rooms.clear()
    world.reader.greet_again()
    await world.until(lambda: world.scheduler.waiting == 0)
    assert sorted(world.radio.texts) == sorted([*CROWD, *LAST])


async def test_a_disk_that_fails_in_the_middle_of_it_makes_nobody_forgotten(world: World) -> None:
    await waiting(world)
    storm(world)
    await world.until(lambda: len(world.radio.texts) > 100)
    world.store.fails_to_read = True
    await world.until(lambda: world.reader.failing)
    world.store.fails_to_read = False
    await world.wait(1)
    await world.until(lambda: world.scheduler.waiting == 0)
    assert sorted(world.radio.texts) == sorted([*CROWD, *LAST])


async def test_devices_that_are_within_reach_again_get_nothing_that_expired_meanwhile(
    world: World,
) -> None:
    await waiting(world)
    await world.crash()
    world.clock.advance(VALIDITY)
    world.radio.room = 1
    await world.open()
    await world.until(lambda: world.scheduler.waiting == 0)
    assert world.radio.texts == []
    assert world.journal.finals == {State.EXPIRED: len(CROWD) + len(LAST)}


async def test_what_expires_while_the_storm_is_on_is_not_delivered(world: World) -> None:
    await waiting(world)
    storm(world)
    await world.until(lambda: len(world.radio.texts) > 100)
    delivered = len(world.radio.texts)
    world.clock.advance(VALIDITY)
    await world.until(lambda: world.scheduler.waiting == 0)
    assert len(world.radio.texts) == delivered
    assert world.journal.finals[State.EXPIRED] == len(CROWD) + len(LAST) - delivered


async def test_one_that_takes_long_keeps_nobody_else_waiting(world: World) -> None:
    await waiting(world)
    world.radio.answer = None
    world.radio.rooms[to_device(CROWD[0])] = 1
    world.scheduler.wake(to_device(CROWD[0]))
    await world.until(lambda: world.radio.texts == [CROWD[0]])
    world.radio.answer = Result.DELIVERED
    storm(world)
    await world.until(lambda: len(world.radio.delivered) == len(CROWD) + len(LAST) - 1)
    assert [each.message.payload.decode() for each in world.radio.in_air] == [CROWD[0]]
