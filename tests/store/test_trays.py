"""Queues that lie in several trays: they are read as one, and the oldest tray is emptied."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from smsc.store import gathering, schema, trays
from smsc.store.sqlite import SqliteStore
from smsc.store.store import Queue, Start
from smsc.store.trays import REST
from tests.store.samples import ANNA, BERT, HOUR, NOW, Shelf, batch, end, message, place, queued

FILE = "smsc.db"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a new tray for every four messages, and put places in without gathering many."""
    monkeypatch.setattr(trays, "BITS", 2)
    monkeypatch.setattr(trays, "TRAYS", 3)
    monkeypatch.setattr(trays, "MOVED_AT_ONCE", 3)
    monkeypatch.setattr(gathering, "GENERATION", 1)
    monkeypatch.setattr(gathering, "SLICE_AT_LEAST", 100)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Name the file of the store that is on the shelf."""
    return tmp_path / FILE


def rows(file: Path) -> Iterator[tuple[int, int]]:
    """Read the tray and the message of each place of a store that is closed."""
    with closing(sqlite3.connect(file)) as connection:
        yield from connection.execute("SELECT tray, id FROM queue ORDER BY id")


async def crowd(shelf: Shelf, count: int = 24) -> None:
    """Have messages wait in more trays than there should be."""
    for number in range(1, count + 1):
        await shelf.write(queued(message(number, ANNA if number % 2 else BERT)))


async def test_a_queue_is_read_from_all_trays_in_order(shelf: Shelf) -> None:
    some = [message(number, priority=number % 3) for number in range(1, 12)]
    await shelf.write(queued(*some))
    assert await shelf.line() == [2, 5, 8, 11, 1, 4, 7, 10, 3, 6, 9]
    assert await shelf.line(limit=5) == [2, 5, 8, 11, 1]


async def test_a_queue_is_read_on_from_a_message_over_all_trays(shelf: Shelf) -> None:
    some = [message(number, priority=number % 2) for number in range(1, 12)]
    await shelf.write(queued(*some))
    (found,) = await shelf.store.lines([Start(ANNA, some[8])], 3)
    assert [each.message.id for each in found] == [11, 2, 4]


async def test_destinations_of_all_trays_are_listed_once_each(shelf: Shelf) -> None:
    names = [f"device:{number:04d}" for number in range(60)]
    everybody = [*names, *reversed(names)]
    await shelf.write(queued(*(message(at, name) for at, name in enumerate(everybody, start=1))))
    found: list[str] = []
    while page := await shelf.store.queues(found[-1] if found else "", 7):
        found.extend(queue.destination for queue in page)
    assert found == names


async def test_the_oldest_trays_are_emptied_until_there_are_not_too_many(
    shelf: Shelf, file: Path
) -> None:
    await crowd(shelf)
    await shelf.store.close()
    found = list(rows(file))
    assert [number for _, number in found] == list(range(1, 25))
    assert len({tray for tray, _ in found}) <= trays.TRAYS + 2
    assert {tray for tray, number in found if number < 8} == {REST}
    shelf.store = SqliteStore(file)
    await shelf.open()


async def test_what_lay_in_a_tray_that_was_emptied_is_found_and_ended_as_before(
    shelf: Shelf,
) -> None:
    await crowd(shelf)
    assert await shelf.line(ANNA) == list(range(1, 25, 2))
    first, second = message(1), message(3)
    await shelf.write(batch(finals=[end(first, queued=True)]))
    await shelf.write(batch(waits=[place(second, NOW + HOUR, 2)]))
    assert (await shelf.queue(limit=1))[0].not_before == NOW + HOUR
    assert await shelf.line(in_order=False) == list(range(5, 25, 2))
    assert (await shelf.reopen()).waiting == 23


async def test_trays_whose_messages_are_all_delivered_are_forgotten(
    shelf: Shelf, file: Path
) -> None:
    for number in range(1, 40):
        each = message(number)
        await shelf.write(queued(each))
        await shelf.line()
        await shelf.write(batch(finals=[end(each, queued=True)]))
    assert (await shelf.reopen()).waiting == 0
    await shelf.store.close()
    with closing(sqlite3.connect(file)) as connection:
        ((emptied,),) = connection.execute("SELECT value FROM marks WHERE name = 'emptied'")
    assert emptied >= trays.tray_of(39) - trays.TRAYS
    shelf.store = SqliteStore(file)
    await shelf.open()


async def test_how_many_wait_is_known_after_a_crash_without_counting(
    shelf: Shelf, file: Path
) -> None:
    await crowd(shelf)
    await shelf.line(BERT)
    await shelf.write(batch(finals=[end(message(24, BERT), queued=True)]))
    remains = file.parent / "remains"
    remains.mkdir()
    for each in file.parent.glob(f"{FILE}*"):
        (remains / each.name).write_bytes(each.read_bytes())
    store = SqliteStore(remains / FILE)
    opened = await store.open(NOW)
    await store.close()
    assert opened.waiting == len(list(rows(remains / FILE))) == 23


async def test_queues_of_an_older_file_are_put_into_trays(file: Path) -> None:
    before = next(at for at, step in enumerate(schema.STEPS) if "tray INTEGER" in step)
    with closing(sqlite3.connect(file)) as old:
        for step in schema.STEPS[:before]:
            old.executescript(step)
        old.execute(f"PRAGMA user_version = {before}")
        old.execute("INSERT INTO queue VALUES ('device:1', -1, 7, 0, 2, 99)")
        old.execute("INSERT INTO queue VALUES ('device:2', 0, 600000, 5, 0, 88)")
        old.commit()
    store = SqliteStore(file)
    assert (await store.open(NOW)).waiting == 2
    assert await store.queues("", 9) == [Queue("device:1", ""), Queue("device:2", "")]
    assert await store.next_due() == 88
    await store.close()
    assert list(rows(file)) == [(0, 7), (600_000 >> 18, 600_000)]
