"""Devices of which nothing is in memory: looked up, and whatever waits for them goes then."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smsc.delivery.directory import Unread
from smsc.message import State, to_device
from smsc.network import enquiries as room
from smsc.smpp.commands import ESM_MODE_TRANSACTION
from smsc.subscriber import Device
from tests.delivery.stage import turn
from tests.network.town import CROWD, NUMBERS, PROMPT, ROW, SLOW, Town


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    town = Town(tmp_path / "smsc.db")
    await town.open()
    yield town
    town.store.clear_up()
    await town.close()


async def gone(town: Town, number: str) -> None:
    """Crowd a device out of memory."""
    await town.ledger.written()
    await town.crowd_out()
    with pytest.raises(Unread):
        town.hlr.find(number)


@pytest.mark.parametrize("number", [PROMPT, CROWD, ROW])
async def test_a_message_to_an_unread_device_arrives(town: Town, number: str) -> None:
    await town.send("hello", number)
    assert town.texts(number) == ["hello"]


async def test_a_device_that_was_detached_long_ago_is_so_still(town: Town) -> None:
    for number in (PROMPT, CROWD, ROW):
        await town.move(number, attached=False)
        await gone(town, number)
        assert await town.state(await town.send("hello", number)) is State.ENROUTE
        assert town.texts(number) == []


async def test_what_waits_goes_when_its_device_attaches(town: Town) -> None:
    await town.move(PROMPT, attached=False)
    for text in ("one", "two"):
        await town.send(text, PROMPT)
    await gone(town, PROMPT)
    await town.move(PROMPT, attached=True)
    await town.calm()
    assert town.texts(PROMPT) == ["one", "two"]


async def test_what_is_in_the_air_for_a_device_that_is_unread_arrives_when_it_is_known(
    town: Town,
) -> None:
    await town.send("hello", SLOW)
    await gone(town, SLOW)
    await town.wait(1)
    assert town.texts(SLOW) == ["hello"]
    assert not any(batch.waits for batch in town.store.batches)


async def test_a_transaction_to_a_slow_device_that_is_unread_is_answered(town: Town) -> None:
    token = town.submit("hello", SLOW, esm_class=ESM_MODE_TRANSACTION)
    await town.calm()
    await gone(town, SLOW)
    await town.wait(1)
    assert town.texts(SLOW) == ["hello"]
    assert token in town.door.ids


async def test_what_is_due_for_a_device_that_is_unread_goes(town: Town) -> None:
    await town.send("hello", PROMPT, not_before=town.clock.now() + 10_000)
    await gone(town, PROMPT)
    await town.wait(11)
    assert town.texts(PROMPT) == ["hello"]


async def test_a_store_that_cannot_be_read_holds_up_deliveries_until_it_can(town: Town) -> None:
    await town.send("hello", SLOW)
    await gone(town, SLOW)
    town.store.fails_to_read = True
    await town.wait(1)
    assert town.texts(SLOW) == []
    town.store.fails_to_read = False
    await town.wait(room.SECONDS_BETWEEN_TRIES)
    assert town.texts(SLOW) == ["hello"]


async def test_after_a_restart_queues_are_read_of_devices_within_reach(tmp_path: Path) -> None:
    town = Town(tmp_path / "smsc.db", most=1000)
    await town.open()
    for number in NUMBERS:
        await town.move(number, attached=False)
        await town.send("hello", number)
    await town.move(CROWD, attached=True)
    await town.ledger.written()
    await town.crash()
    town.devices.touch(CROWD)
    await town.open()
    assert town.texts(CROWD)[-1:] == ["hello"]
    assert town.texts(PROMPT) == []
    await town.close()


async def test_a_sweep_over_many_devices_reads_them_together(tmp_path: Path) -> None:
    numbers = [f"4471{number:08d}" for number in range(450)]
    town = Town(tmp_path / "smsc.db", most=10_000)
    await town.open()
    await town.hlr.read(numbers)
    for number in numbers:
        town.hlr.detach(number)
        town.submit("hello", number)
    await town.calm()
    await town.crash()
    await town.open(reading=False)
    asked: list[int] = []
    read = town.store.devices

    async def devices(numbers: object) -> object:
        assert isinstance(numbers, list)
        asked.append(len(numbers))
        return await read(numbers)

    town.store.devices = devices  # type: ignore[method-assign,assignment]
    await town.start_reading()
    assert sorted(asked) == [50, 200, 200]
    await town.close()


async def test_when_the_store_has_others_than_it_had_what_waits_for_them_goes(town: Town) -> None:
    await town.move(PROMPT, attached=False)
    await town.send("hello", PROMPT)
    await town.ledger.written()
    await town._keep(Device(number=PROMPT))
    await town.calm()
    assert town.texts(PROMPT) == []
    town.hlr.renew()
    await town.calm()
    assert town.texts(PROMPT) == ["hello"]


async def test_if_more_must_be_looked_up_than_can_be_put_down_everybody_is_looked_at(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (PROMPT, CROWD, ROW):
        await town.move(number, attached=False)
        await town.send("hello", number)
        await town.ledger.written()
        # As if another process had done it: nobody is told.
        await town._keep(Device(number=number))
    await gone(town, PROMPT)
    await gone(town, CROWD)
    monkeypatch.setattr(room, "ENQUIRIES", 1)
    town.scheduler.wake(*map(to_device, (PROMPT, CROWD, ROW)))
    await town.calm()
    assert [town.texts(number) for number in (PROMPT, CROWD, ROW)] == [["hello"]] * 3


async def test_what_waits_since_its_device_was_forgotten_goes_before_what_comes(
    town: Town,
) -> None:
    await town.hlr.read([PROMPT])
    town.submit("one", PROMPT)
    town.hlr.renew()
    town.store.devices_open.clear()
    await town.calm()
    assert town.scheduler.waiting == 1
    town.submit("two", PROMPT)
    await town.calm()
    town.store.devices_open.set()
    await town.calm()
    assert town.texts(PROMPT) == ["one", "two"]


OF_A_DEVICE = ["submit", "attach", "detach", "change"]
OF_ALL = ["crowd out", "forget", "renew", "turn", "hold", "read no devices", "read devices", "wait"]


def steps(numbers: Sequence[str], *kinds: str) -> st.SearchStrategy[list[tuple[str, str]]]:
    return st.lists(st.tuples(st.sampled_from(kinds), st.sampled_from(numbers)), max_size=25)


FORGOTTEN_IN_BETWEEN = [
    *("submit", "calm", "read no devices", "submit", "forget"),
    *("calm", "submit", "read devices"),
]
STEPS = st.one_of(
    steps(NUMBERS, *OF_A_DEVICE, *OF_ALL, "calm"),
    # Much at once for one device: here turns are what is hard.
    steps([PROMPT], "submit", "forget", "calm", "turn", "read no devices", "read devices"),
)


@settings(max_examples=60, deadline=None)
@given(STEPS, st.integers(1, 2))
@example([(step, PROMPT) for step in FORGOTTEN_IN_BETWEEN], 1)
def test_every_message_is_delivered_once_and_in_order_as_soon_as_its_device_is_attached(
    steps: list[tuple[str, str]], most: int
) -> None:
    asyncio.run(_run(steps, most))


async def _run(steps: list[tuple[str, str]], most: int) -> None:
    async with opened(most) as town:
        sent: dict[str, list[str]] = {number: [] for number in NUMBERS}
        doors: list[asyncio.Task[None]] = []
        for step, number in steps:
            await _step(town, sent, doors, step, number)
        town.store.clear_up()
        await asyncio.gather(*doors)
        for number in NUMBERS:
            await town.move(number, attached=True)
        # One that is slow takes a second for each.
        for _ in sent[SLOW]:
            await town.wait(1)
        await town.calm()
        for number in NUMBERS:
            assert town.texts(number) == sent[number]


async def _step(
    town: Town,
    sent: dict[str, list[str]],
    doors: list[asyncio.Task[None]],
    step: str,
    number: str,
) -> None:
    loop = asyncio.get_running_loop()
    if step == "submit":
        text = f"{len(sent[number])}"
        sent[number].append(text)
        town.submit(text, number)
    elif step in ("attach", "detach"):
        doors.append(loop.create_task(town.move(number, step == "attach")))
    elif step == "change":
        doors.append(loop.create_task(_change(town, number)))
    elif step == "crowd out":
        doors.append(loop.create_task(town.crowd_out()))
    elif step == "forget":
        town.known.forget()
    elif step == "renew":
        town.hlr.renew()
    elif step == "turn":
        await turn()
    elif step == "hold":
        if not town.store.held:
            await town.store.hold()
    elif step == "read no devices":
        town.store.devices_open.clear()
    elif step == "read devices":
        town.store.devices_open.set()
    else:
        if town.store.held:
            town.store.release()
        await town.calm() if step == "calm" else await town.wait(1)


async def _change(town: Town, number: str) -> None:
    device = await town.hlr.device(number)
    await town.hlr.read([number])
    town.hlr.put(msgspec.structs.replace(device, attached=not device.attached))


@asynccontextmanager
async def opened(most: int) -> AsyncIterator[Town]:
    with TemporaryDirectory() as folder:
        town = Town(Path(folder) / "smsc.db", most)
        await town.open()
        yield town
        await town.close()
