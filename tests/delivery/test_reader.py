"""Who reads queues: the sweep at the start, errors of the disk, and the bound of memory."""

from pathlib import Path

import pytest

from smsc.delivery import reader
from smsc.delivery.agent import Result
from smsc.delivery.lane import READY_IN_ORDER
from smsc.delivery.ledger import SECONDS_BETWEEN_TRIES
from smsc.delivery.scheduler import EVERY_DESTINATION, IN_HAND
from smsc.delivery.shares import FREE_FOR_ALL
from smsc.message import to_device
from smsc.store.store import Queue
from smsc_routing.policy import Policy
from tests.delivery.world import ANNA, BERT, CARL, LADDER, VALIDITY, World

EVERYBODY = [str(number) for number in range(491_000, 491_450)]


async def test_until_a_queue_was_looked_at_nothing_new_goes_before_it(tmp_path: Path) -> None:
    world = World(tmp_path / "smsc.db")
    await world.open()
    await world.send("older")
    await world.crash()
    world.radio.rooms[to_device(ANNA)] = 1
    await world.open(reading=False)
    await world.store.hold()
    await world.start_reading()
    world.submit("newer")
    await world.calm()
    world.store.release()
    await world.calm()
    assert world.radio.texts == ["older", "newer"]
    await world.close()


async def test_every_destination_with_a_queue_is_looked_at_after_a_start(world: World) -> None:
    world.numbers.policies |= dict.fromkeys(EVERYBODY, Policy())
    for number in EVERYBODY:
        world.submit(number, to=number)
    await world.calm()
    assert world.scheduler.waiting == len(EVERYBODY)
    world.radio.room = 1
    await world.reopen()
    await world.until(lambda: len(world.radio.taken) == len(EVERYBODY))
    assert sorted(world.radio.texts) == EVERYBODY
    await world.until(lambda: world.scheduler.waiting == 0)


async def greeting(
    world: World, monkeypatch: pytest.MonkeyPatch, busy: bool
) -> tuple[list[str], float]:
    """Start a world where many wait; return where pages of them begin, and what each takes."""
    monkeypatch.setattr(reader, "NAMES_A_READ", 100)
    world.numbers.policies |= dict.fromkeys(EVERYBODY, Policy())
    for number in EVERYBODY:
        world.submit(number, to=number)
    await world.calm()
    await world.crash()
    await world.open(reading=False)
    pages: list[str] = []
    seconds, read = 0.01, world.store.queues

    async def slowly(after: str, limit: int) -> list[Queue]:
        pages.append(after)
        found = await read(after, limit)
        world.clock.advance(seconds)
        if busy:
            world.submit("meanwhile")
        return found

    monkeypatch.setattr(world.store, "queues", slowly)
    await world.start_reading()
    return pages, seconds


async def test_looking_at_all_destinations_rests_while_messages_are_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages, seconds = await greeting(world, monkeypatch, busy=True)
    assert len(pages) == 1
    await world.wait(seconds * (reader.REST + 0.5))
    assert len(pages) == 2
    for _ in EVERYBODY[::100]:
        await world.wait(seconds * (reader.REST + 0.5))
    assert world.scheduler.swept == EVERY_DESTINATION


async def test_looking_at_all_destinations_does_not_rest_when_nobody_writes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages, _ = await greeting(world, monkeypatch, busy=False)
    assert len(pages) == len(EVERYBODY[::100])
    assert world.scheduler.swept == EVERY_DESTINATION


async def test_queues_of_many_devices_are_read_together(world: World) -> None:
    world.numbers.policies |= dict.fromkeys(EVERYBODY, Policy())
    for number in EVERYBODY:
        world.submit(number, to=number)
    await world.calm()
    for number in EVERYBODY:
        world.attach(number)
    await world.until(lambda: len(world.radio.delivered) == len(EVERYBODY))
    assert len(world.store.reads) < len(EVERYBODY) / 10


async def test_nothing_is_read_for_devices_that_are_detached(world: World) -> None:
    for number in (ANNA, BERT, CARL):
        await world.send(to=number)
    await world.wait(60)
    assert world.store.reads == []


async def test_a_queue_that_could_not_be_read_is_read_again(world: World) -> None:
    await world.send("hello")
    world.store.fails_to_read = True
    world.attach()
    await world.until(lambda: bool(world.store.reads))
    await world.calm()
    assert world.reader.failing
    world.store.fails_to_read = False
    await world.wait(SECONDS_BETWEEN_TRIES)
    await world.until(lambda: world.radio.texts == ["hello"])
    assert not world.reader.failing


async def test_no_queue_is_forgotten_when_the_disk_fails_for_several_kinds(
    world: World,
) -> None:
    await world.send("down", registered_delivery=0)
    world.report("up")
    await world.calm()
    world.store.fails_to_read = True
    world.attach()
    world.bind()
    await world.until(lambda: bool(world.store.reads))
    await world.calm()
    world.store.fails_to_read = False
    await world.wait(SECONDS_BETWEEN_TRIES)
    await world.until(lambda: world.radio.texts == ["down"] and world.fleet.texts == ["up"])


async def test_a_look_that_failed_is_made_again(world: World) -> None:
    world.attach()
    world.radio.answer = Result.FAILED
    await world.send()
    world.radio.answer = Result.DELIVERED
    world.store.fails_to_read = True
    await world.wait(LADDER[0])
    world.store.fails_to_read = False
    await world.wait(SECONDS_BETWEEN_TRIES)
    await world.until(lambda: len(world.radio.taken) == 2)


async def test_a_start_on_a_disk_that_cannot_be_read_goes_on_when_it_can(
    world: World,
) -> None:
    await world.send("hello")
    world.radio.rooms[to_device(ANNA)] = 1
    await world.crash()
    await world.open(reading=False)
    world.store.fails_to_read = True
    await world.start_reading()
    world.store.fails_to_read = False
    await world.wait(SECONDS_BETWEEN_TRIES)
    await world.until(lambda: world.radio.texts == ["hello"])


async def test_many_places_that_come_due_at_once_are_all_looked_at(world: World) -> None:
    for number in range(1200):
        world.submit(str(number), to=(ANNA, BERT)[number % 2])
    await world.calm()
    world.clock.advance(VALIDITY)
    for _ in range(5):
        await world.wait(1)
    assert world.scheduler.waiting == 0
    assert world.journal.finals.total() == 1200


async def test_a_wait_longer_than_the_longest_sleep_is_not_cut_short(world: World) -> None:
    world.attach()
    await world.send("far", not_before=world.clock.now() + 10 * 3_600_000)
    await world.wait(10 * 3600 - 1)
    assert world.radio.texts == []
    await world.wait(1)
    assert world.radio.texts == ["far"]


async def test_memory_holds_a_bounded_number_of_messages(world: World) -> None:
    most = round(IN_HAND * FREE_FOR_ALL)
    devices = [str(number) for number in range(491_000, 491_000 + (most + 1000) // READY_IN_ORDER)]
    world.numbers.policies |= dict.fromkeys(devices, Policy())
    world.radio.answer = None
    for number in devices:
        world.attach(number)
    await world.calm()
    for number in devices:
        for _ in range(READY_IN_ORDER):
            world.submit("x", to=number)
        await world.until(lambda: world.ledger.backlog == 0)
    # A message takes a little more room than what it takes without its text.
    assert most - 100 < world.scheduler.in_hand <= most
    assert world.scheduler.waiting == most + 1000 - world.scheduler.in_hand
    world.radio.answer = Result.DELIVERED
    world.radio.reply_all(Result.DELIVERED)
    await world.wait(1)
    await world.until(lambda: len(world.radio.delivered) == most + 1000)
    await world.calm()
    assert (world.scheduler.in_hand, world.scheduler.waiting) == (0, 0)
