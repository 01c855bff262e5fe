"""Devices that can't take a message: their memory is full, or no SMS reaches them; their flags."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from smsc.cause import Cause
from smsc.config import ConfigError, parse
from smsc.message import Purpose, State
from smsc.network.device import INBOX
from smsc.network.waiting import Flags, flags
from smsc.subscriber import Device
from tests.delivery.world import LADDER
from tests.network.town import PROMPT, Town

SMALL = "333"
SMALL_DEVICE = Device(number=SMALL, memory=2)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    town = Town(tmp_path / "smsc.db", most=1000)
    await town.open()
    await change(town, SMALL_DEVICE)
    yield town
    town.store.clear_up()
    await town.close()


async def change(town: Town, device: Device) -> None:
    await town.hlr.read([device.number])
    town.hlr.put(device)
    await town.calm()


async def fill(town: Town, *texts: str) -> int:
    """Send what fits, and these texts; return the id of the last."""
    for text in ("one", "two", *texts):
        last = await town.send(text, SMALL)
    return last


async def seen(town: Town, number: str = SMALL) -> Flags:
    await town.calm()
    return await flags(number, town.hlr, town.devices, town.store, town.clock.now())


# Memory.


async def test_a_device_holds_as_many_messages_as_it_has_memory_for(town: Town) -> None:
    last = await fill(town, "three")
    assert town.texts(SMALL) == ["one", "two"]
    history = await town.history(last)
    assert (history.state, history.error) == (State.ENROUTE, Cause.MEMORY_CAPACITY_EXCEEDED)


async def test_a_device_without_a_memory_of_its_own_is_never_full(town: Town) -> None:
    for number in range(INBOX + 1):
        assert await town.state(await town.send(str(number), PROMPT)) is State.DELIVERED


async def test_a_memory_may_hold_more_than_the_inbox_shows(town: Town) -> None:
    await change(town, msgspec.structs.replace(SMALL_DEVICE, memory=INBOX + 1))
    for number in range(INBOX + 2):
        last = await town.send(str(number), SMALL)
    assert len(town.texts(SMALL)) == INBOX
    assert await town.state(last) is State.ENROUTE


async def test_a_long_message_is_one_message(town: Town) -> None:
    for text in ("one" * 100, "two" * 100):
        assert await town.state(await town.send(text, SMALL)) is State.DELIVERED


async def test_what_waits_goes_in_order_when_the_device_is_cleared(town: Town) -> None:
    await fill(town, "three", "four", "five")
    town.devices.clear(SMALL)
    await town.calm()
    assert town.texts(SMALL) == ["three", "four"]
    town.devices.clear(SMALL)
    await town.calm()
    assert town.texts(SMALL) == ["five"]
    assert town.scheduler.waiting == 0


async def test_a_device_that_is_never_cleared_is_tried_by_the_ladder(town: Town) -> None:
    last = await fill(town, "three")
    await town.wait(LADDER[0])
    assert (await town.history(last)).attempts == 2


async def test_what_waits_goes_when_the_device_gets_more_memory(town: Town) -> None:
    await fill(town, "three", "four")
    await change(town, msgspec.structs.replace(SMALL_DEVICE, memory=3))
    assert town.texts(SMALL) == ["one", "two", "three"]
    await change(town, msgspec.structs.replace(SMALL_DEVICE, memory=0))
    assert town.texts(SMALL) == ["one", "two", "three", "four"]


async def test_a_device_that_was_cleared_while_detached_gets_what_waits_when_it_attaches(
    town: Town,
) -> None:
    await fill(town, "three")
    await town.move(SMALL, attached=False)
    town.devices.clear(SMALL)
    await town.calm()
    assert town.texts(SMALL) == []
    await town.move(SMALL, attached=True)
    await town.calm()
    assert town.texts(SMALL) == ["three"]


async def test_a_device_that_attaches_with_a_full_memory_is_not_available_yet(town: Town) -> None:
    town.bind()
    await fill(town)
    await town.move(SMALL, attached=False)
    await town.send("three", SMALL, watch=True)
    await town.move(SMALL, attached=True)
    await town.calm()
    assert town.fleet.taken == []
    town.devices.clear(SMALL)
    await town.calm()
    assert [attempt.message.purpose for attempt in town.fleet.taken] == [Purpose.ALERT]
    assert town.texts(SMALL) == ["three"]


async def test_who_asked_for_a_device_whose_memory_is_said_to_be_full_is_not_told_in_vain(
    town: Town,
) -> None:
    town.bind()
    await change(town, Device(number=SMALL, error=Cause.MEMORY_CAPACITY_EXCEEDED))
    await town.send("hello", SMALL, watch=True)
    town.devices.clear(SMALL)
    await town.calm()
    assert town.fleet.taken == []
    assert (await seen(town)).mcef


def test_a_memory_of_the_config_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"smsc\.toml:3: devices\[0\]\.memory = -1: write 1 to"):
        parse('[[devices]]\nmsisdn = "491"\nmemory = -1\n', "smsc.toml")


# NB-IoT.


async def test_a_device_over_nb_iot_only_gets_what_waits_when_it_is_elsewhere(town: Town) -> None:
    device = Device(number=SMALL, nb_iot=True)
    await change(town, device)
    assert await town.state(await town.send("hello", SMALL)) is State.ENROUTE
    assert town.scheduler.waiting == 1
    await change(town, msgspec.structs.replace(device, nb_iot=False))
    assert town.texts(SMALL) == ["hello"]


async def test_it_has_a_cause_of_its_own_while_it_is_attached(town: Town) -> None:
    town.bind()
    await change(town, Device(number=SMALL, nb_iot=True))
    message = await town.send("hello", SMALL, watch=True)
    assert (await town.history(message)).error == Cause.NB_IOT_ONLY
    await town.move(SMALL, attached=False)
    message = await town.send("hello", SMALL, watch=True)
    assert (await town.history(message)).error == Cause.ABSENT_SUBSCRIBER_SM


async def test_one_that_gets_there_while_a_message_is_on_its_way_does_not_take_it(
    town: Town,
) -> None:
    await change(town, Device(number=SMALL, latency_ms=1000))
    last = await town.send("hello", SMALL)
    await change(town, Device(number=SMALL, latency_ms=1000, nb_iot=True))
    await town.wait(1)
    assert town.texts(SMALL) == []
    assert (await town.history(last)).error == Cause.NB_IOT_ONLY


# Flags.


async def test_a_device_that_nothing_waits_for_has_no_flags(town: Town) -> None:
    await fill(town)
    assert await seen(town) == Flags()
    await town.move(SMALL, attached=False)
    assert await seen(town) == Flags()


async def test_the_memory_flag_is_set_by_a_message_and_cleared_with_the_memory(town: Town) -> None:
    await fill(town, "three")
    assert await seen(town) == Flags(waiting=True, mcef=True)
    town.devices.clear(SMALL)
    assert await seen(town) == Flags()


async def test_the_reach_flag_is_set_by_a_message_and_cleared_by_attaching(town: Town) -> None:
    await town.move(SMALL, attached=False)
    await town.send("hello", SMALL)
    assert await seen(town) == Flags(waiting=True, mnrf=True)
    await town.move(SMALL, attached=True)
    assert await seen(town) == Flags()


async def test_a_device_over_nb_iot_only_is_out_of_reach(town: Town) -> None:
    await change(town, Device(number=SMALL, nb_iot=True))
    await town.send("hello", SMALL)
    assert await seen(town) == Flags(waiting=True, mnrf=True)


async def test_both_flags_may_be_set(town: Town) -> None:
    await fill(town, "three")
    await town.move(SMALL, attached=False)
    assert await seen(town) == Flags(waiting=True, mnrf=True, mcef=True)


async def test_a_cleared_memory_clears_its_flag_alone(town: Town) -> None:
    await fill(town, "three")
    await town.move(SMALL, attached=False)
    town.devices.clear(SMALL)
    assert await seen(town) == Flags(waiting=True, mnrf=True)


async def test_a_message_that_another_failure_keeps_waiting_sets_neither_flag(town: Town) -> None:
    await change(town, Device(number=SMALL, error=Cause.SUBSCRIBER_BUSY_FOR_MT_SMS))
    await town.send("hello", SMALL)
    assert await seen(town) == Flags(waiting=True)


async def test_what_waits_for_a_device_that_was_removed_is_seen(town: Town) -> None:
    await town.move(SMALL, attached=False)
    await town.send("hello", SMALL)
    town.hlr.remove(SMALL)
    assert await seen(town) == Flags(waiting=True)


async def test_after_a_restart_a_memory_is_empty_and_the_ladder_goes_on(town: Town) -> None:
    await fill(town, "three")
    town.devices = type(town.devices)()
    await town.reopen()
    assert await seen(town) == Flags(waiting=True)
    await town.wait(LADDER[0])
    assert town.texts(SMALL) == ["three"]
