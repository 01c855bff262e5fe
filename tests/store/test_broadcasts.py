"""Broadcasts in the store: saved as they are, read when it opens, forgotten when told."""

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from smsc.message import State
from smsc.store import schema
from smsc.store.sqlite import SqliteStore
from tests.store.samples import (
    NOW,
    Shelf,
    a_broadcast,
    batch,
    broadcasting,
    message,
    queued,
)


async def test_a_broadcast_is_there_after_a_restart(shelf: Shelf) -> None:
    await shelf.write(broadcasting(a_broadcast(7), a_broadcast(5)))
    assert (await shelf.reopen()).broadcasts == [a_broadcast(5), a_broadcast(7)]


async def test_what_was_saved_last_counts(shelf: Shelf) -> None:
    ended = msgspec.structs.replace(
        a_broadcast(7, user_reference=513), sent=3, state=State.DELIVERED, ended_at=NOW + 1
    )
    await shelf.write(broadcasting(a_broadcast(7)))
    await shelf.write(broadcasting(ended))
    assert (await shelf.reopen()).broadcasts == [ended]


async def test_a_forgotten_broadcast_is_gone(shelf: Shelf) -> None:
    await shelf.write(broadcasting(a_broadcast(7), a_broadcast(8)))
    await shelf.write(broadcasting(a_broadcast(8), forgotten=[7]))
    assert (await shelf.reopen()).broadcasts == [a_broadcast(8)]


async def test_one_that_is_saved_and_forgotten_at_once_is_gone(shelf: Shelf) -> None:
    await shelf.write(broadcasting(a_broadcast(7), forgotten=[7]))
    assert (await shelf.reopen()).broadcasts == []


async def test_the_last_id_counts_broadcasts_and_messages(shelf: Shelf) -> None:
    await shelf.write(queued(message(3)))
    await shelf.write(broadcasting(a_broadcast(7)))
    assert (await shelf.reopen()).last_id == 7
    await shelf.write(batch([message(9)]))
    assert (await shelf.reopen()).last_id == 9


async def test_the_id_of_a_forgotten_broadcast_is_not_given_again(shelf: Shelf) -> None:
    await shelf.write(broadcasting(a_broadcast(7)))
    await shelf.write(broadcasting(a_broadcast(5), forgotten=[7]))
    assert (await shelf.reopen()).last_id == 7


async def test_a_batch_of_broadcasts_alone_is_something_to_write() -> None:
    assert broadcasting(a_broadcast(1))
    assert not batch()


async def test_a_file_without_broadcasts_is_brought_up_with_its_messages(
    tmp_path: Path,
) -> None:
    path = tmp_path / "smsc.db"
    with closing(sqlite3.connect(path)) as older:
        older.executescript(schema.STEPS[0])
        older.execute("PRAGMA user_version = 1")
        record = msgspec.msgpack.encode(message(42))
        older.execute("INSERT INTO messages (id, state, record) VALUES (42, 2, ?)", (record,))
        older.commit()
    store = SqliteStore(path)
    opened = await store.open(NOW)
    assert (opened.last_id, opened.broadcasts) == (42, [])
    await store.write(broadcasting(a_broadcast(43)), NOW)
    await store.close()
