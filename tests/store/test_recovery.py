"""What a store finds when it is opened after its process died."""

import shutil
from pathlib import Path

import pytest

from smsc.message import State
from smsc.store.gathering import GENERATION
from smsc.store.sqlite import SqliteStore
from smsc.store.store import Opened, StoreError
from tests.store.samples import ANNA, BERT, NOW, Shelf, batch, end, message, place, queued


async def test_a_new_store_is_empty(shelf: Shelf) -> None:
    opened = await shelf.reopen()
    assert opened._replace(instance=0) == Opened(0, 0, 0, {}, [])


async def test_the_last_id_is_known_when_its_message_is_long_final(shelf: Shelf) -> None:
    await shelf.write(batch([message(41), message(42)], finals=[end(message(42))]))
    assert (await shelf.reopen()).last_id == 42


async def test_a_message_in_hand_at_the_crash_gets_a_place(shelf: Shelf) -> None:
    await shelf.write(batch([message(1)], oldest_in_hand=1))
    opened = await shelf.reopen()
    assert opened.requeued == 1
    assert opened.waiting == 1
    assert await shelf.queue() == [place(message(1))]


async def test_messages_in_hand_get_their_places_in_the_order_they_had(shelf: Shelf) -> None:
    older = message(1)
    await shelf.write(queued(older))
    in_hand = [message(2), message(3, BERT), message(4, priority=2)]
    await shelf.write(batch(in_hand, oldest_in_hand=2))
    assert (await shelf.reopen()).requeued == 3
    assert await shelf.line(ANNA) == [4, 1, 2]
    assert await shelf.line(BERT) == [3]


async def test_a_message_with_a_place_keeps_it_and_is_not_counted(shelf: Shelf) -> None:
    failed = message(1)
    await shelf.write(batch([failed], [place(failed, NOW + 10, 3)], oldest_in_hand=1))
    opened = await shelf.reopen()
    assert opened.requeued == 0
    assert opened.waiting == 1
    assert await shelf.queue() == [place(failed, NOW + 10, 3)]


async def test_a_final_message_is_not_in_hand(shelf: Shelf) -> None:
    ended = message(1)
    await shelf.write(batch([ended], oldest_in_hand=1))
    await shelf.write(batch(finals=[end(ended)], oldest_in_hand=1))
    opened = await shelf.reopen()
    assert opened.requeued == 0
    assert opened.waiting == 0
    assert await shelf.state(1) is State.DELIVERED


async def test_nothing_older_than_the_mark_is_looked_at(shelf: Shelf) -> None:
    await shelf.write(batch([message(1), message(2)], oldest_in_hand=2))
    assert (await shelf.reopen()).requeued == 1
    assert await shelf.line() == [2]


async def test_the_mark_moves_on_with_every_batch(shelf: Shelf) -> None:
    await shelf.write(batch([message(1)], oldest_in_hand=1))
    await shelf.write(batch([message(2)], finals=[end(message(1))], oldest_in_hand=2))
    assert (await shelf.reopen()).requeued == 1


async def test_the_mark_of_a_batch_that_failed_does_not_count(shelf: Shelf) -> None:
    await shelf.write(batch([message(1)], oldest_in_hand=1))
    with pytest.raises(StoreError):
        await shelf.write(batch([message(1)], oldest_in_hand=5))
    await shelf.write(batch([message(2)], oldest_in_hand=1))
    assert (await shelf.reopen()).requeued == 2


async def test_the_mark_of_a_batch_that_is_written_again_counts(shelf: Shelf) -> None:
    await shelf.write(batch([message(1), message(2)], oldest_in_hand=1))
    with pytest.raises(StoreError):
        await shelf.write(batch([message(1)], oldest_in_hand=2))
    await shelf.write(batch([message(3)], finals=[end(message(1))], oldest_in_hand=2))
    assert (await shelf.reopen()).requeued == 2


async def test_what_was_recovered_once_is_not_counted_again(shelf: Shelf) -> None:
    await shelf.write(batch([message(1)], oldest_in_hand=1))
    await shelf.reopen()
    opened = await shelf.reopen()
    assert opened.requeued == 0
    assert opened.waiting == 1


async def test_a_recovered_message_needs_a_look_when_it_expires(shelf: Shelf) -> None:
    await shelf.write(batch([message(1, expires_at=NOW + 50)], oldest_in_hand=1))
    await shelf.reopen(NOW + 10)
    assert await shelf.store.next_due() == NOW + 50


async def test_more_messages_in_hand_than_are_read_at_once_are_all_recovered(shelf: Shelf) -> None:
    messages = [message(number, f"device:{number % 7}") for number in range(1, 2502)]
    await shelf.write(batch(messages, oldest_in_hand=1))
    opened = await shelf.reopen()
    assert opened.requeued == opened.waiting == len(messages)


async def test_moves_of_devices_are_remembered(shelf: Shelf) -> None:
    await shelf.write(batch(moves={"491": True, "492": False}))
    await shelf.write(batch(moves={"491": False, "493": True}))
    assert (await shelf.reopen()).moves == {"491": False, "492": False, "493": True}


async def test_all_places_are_counted_at_the_opening(shelf: Shelf) -> None:
    await shelf.write(queued(message(1, ANNA), message(2, BERT)))
    assert (await shelf.reopen()).waiting == 2


async def test_places_that_were_only_gathered_at_the_crash_are_given_again(tmp_path: Path) -> None:
    store, crashed = SqliteStore(tmp_path / "smsc.db"), tmp_path / "crashed"
    await store.open(NOW)
    destinations = [f"device:{number}" for number in range(50)]
    for first in range(1, GENERATION + 2000, 400):
        arrivals = [message(n, destinations[n * 7919 % 50]) for n in range(first, first + 400)]
        written = batch(arrivals, [place(each) for each in arrivals])
        written.oldest_in_hand = first + 400
        await store.write(written, NOW)
    crashed.mkdir()
    for name in ("smsc.db", "smsc.db-wal"):
        shutil.copy(tmp_path / name, crashed / name)
    await store.close()
    again = SqliteStore(crashed / "smsc.db")
    opened = await again.open(NOW)
    lines = await again.waiting(destinations, opened.last_id, NOW, True)
    await again.close()
    found = [waiting.message.id for line in lines.values() for waiting in line]
    assert sorted(found) == list(range(1, opened.last_id + 1))
    assert 0 < opened.requeued < opened.waiting == opened.last_id
