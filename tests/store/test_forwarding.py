"""Messages that other SMSCs have: known by their ids there, over restarts, until they end."""

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from smsc.message import State
from smsc.store import schema
from smsc.store.forwarding import LATEST_OF_AN_ID
from smsc.store.sqlite import SqliteStore
from smsc.store.store import Forwarded, History, StoreError
from tests.store.samples import (
    HOUR,
    NOW,
    Shelf,
    batch,
    end,
    forwarding,
    message,
    place,
)

LINK = "link:world/fleet"
DEADLINE = NOW + HOUR


def taken(
    number: int, remote_id: str = "A1", link: str = "world", deadline: int = DEADLINE
) -> Forwarded:
    return Forwarded(message(number, LINK), link, remote_id, deadline)


async def test_a_forwarded_message_is_known_by_its_id_over_its_link(shelf: Shelf) -> None:
    await shelf.write(batch([message(1, LINK), message(2, LINK)]))
    assert forwarding(taken(1))
    await shelf.write(forwarding(taken(1), taken(2, "A2")))
    assert await shelf.store.forwarded("world", ["A1", "A2", "A3"]) == {
        "A1": (taken(1),),
        "A2": (taken(2, "A2"),),
    }
    assert await shelf.store.forwarded("other", ["A1"]) == {}
    assert await shelf.store.forwarded("world", ["a1"]) == {}


async def test_it_is_known_after_a_restart_and_has_no_place(shelf: Shelf) -> None:
    await shelf.write(batch([message(1, LINK)], oldest_in_hand=1))
    await shelf.write(forwarding(taken(1)._replace(attempts=3)))
    opened = await shelf.reopen()
    assert (opened.requeued, opened.waiting) == (0, 0)
    assert await shelf.store.forwarded("world", ["A1"]) == {"A1": (taken(1)._replace(attempts=3),)}
    ((found,),) = (await shelf.store.find([1], 9)).values()
    assert found.place is None
    assert found.history == History(message(1, LINK), State.ENROUTE, 0, 0, 3)
    assert await shelf.history(1) == found.history


async def test_others_in_hand_get_their_places(shelf: Shelf) -> None:
    await shelf.write(batch([message(n, LINK) for n in (1, 2, 3)], oldest_in_hand=1))
    await shelf.write(forwarding(taken(2)))
    assert (await shelf.reopen()).requeued == 2
    assert await shelf.line(LINK) == [1, 3]


async def test_a_message_that_waited_leaves_its_queue_when_it_is_forwarded(shelf: Shelf) -> None:
    await shelf.take(message(1, LINK), message(2, LINK))
    await shelf.write(forwarding(taken(1)._replace(queued=True, attempts=2)))
    assert await shelf.line(LINK) == [2]
    assert (await shelf.history(1)).attempts == 2
    assert (await shelf.reopen()).waiting == 1


async def test_it_may_be_forwarded_in_the_batch_it_arrives_with(shelf: Shelf) -> None:
    arriving = batch([message(1, LINK)], oldest_in_hand=1)
    arriving.forwarded.append(taken(1))
    await shelf.write(arriving)
    assert (await shelf.reopen()).requeued == 0
    assert await shelf.store.forwarded("world", ["A1"]) == {"A1": (taken(1),)}


async def test_its_end_forgets_it(shelf: Shelf) -> None:
    await shelf.write(batch([message(1, LINK), message(2, LINK)], oldest_in_hand=1))
    await shelf.write(forwarding(taken(1), taken(2)))
    await shelf.write(batch(finals=[end(message(1, LINK), forwarded=True)], oldest_in_hand=1))
    assert await shelf.store.forwarded("world", ["A1"]) == {"A1": (taken(2),)}
    assert await shelf.state(1) is State.DELIVERED
    assert (await shelf.reopen()).requeued == 0


async def test_it_may_end_in_the_batch_in_which_it_is_forwarded(shelf: Shelf) -> None:
    await shelf.write(batch([message(1, LINK)]))
    both = forwarding(taken(1))
    both.finals.append(end(message(1, LINK), forwarded=True))
    await shelf.write(both)
    assert await shelf.store.forwarded("world", ["A1"]) == {}
    assert await shelf.store.next_deadline() is None


async def test_of_messages_with_one_id_the_latest_forwarded_comes_first(shelf: Shelf) -> None:
    await shelf.write(batch([message(n, LINK) for n in (1, 2, 3)]))
    await shelf.write(forwarding(taken(3)))
    await shelf.write(forwarding(taken(1)))
    await shelf.write(forwarding(taken(2)))
    found = await shelf.store.forwarded("world", ["A1"])
    assert found == {"A1": (taken(2), taken(1), taken(3))}


async def test_an_id_that_is_given_out_ever_again_finds_only_some(shelf: Shelf) -> None:
    numbers = range(1, LATEST_OF_AN_ID + 9)
    await shelf.write(batch([message(number, LINK) for number in numbers]))
    await shelf.write(forwarding(*map(taken, numbers)))
    found = (await shelf.store.forwarded("world", ["A1", "A1"]))["A1"]
    assert found == tuple(taken(number) for number in reversed(numbers))[:LATEST_OF_AN_ID]


async def test_what_is_forwarded_again_is_known_by_its_latest_id(shelf: Shelf) -> None:
    await shelf.write(batch([message(1, LINK)]))
    await shelf.write(forwarding(taken(1)))
    again = taken(1, "B1", "other")._replace(attempts=2)
    await shelf.write(forwarding(again))
    assert await shelf.store.forwarded("world", ["A1"]) == {}
    assert await shelf.store.forwarded("other", ["B1"]) == {"B1": (again,)}
    assert len(await shelf.store.overdue(DEADLINE, 9)) == 1


async def test_the_overdue_come_earliest_first(shelf: Shelf) -> None:
    await shelf.write(batch([message(n, LINK) for n in (1, 2, 3)]))
    late, early, last = taken(1, deadline=NOW + 2), taken(2, deadline=NOW + 1), taken(3)
    assert await shelf.store.next_deadline() is None
    await shelf.write(forwarding(late, early, last))
    assert await shelf.store.next_deadline() == NOW + 1
    assert await shelf.store.overdue(NOW, 9) == []
    assert await shelf.store.overdue(NOW + 2, 9) == [early, late]
    assert await shelf.store.overdue(NOW + 2, 1) == [early]


async def test_a_batch_that_fails_forwards_nothing(shelf: Shelf) -> None:
    await shelf.take(message(1, LINK))
    doomed = forwarding(taken(1)._replace(queued=True))
    doomed.arrivals.append(message(1, LINK))
    with pytest.raises(StoreError):
        await shelf.write(doomed)
    assert await shelf.store.forwarded("world", ["A1"]) == {}
    assert await shelf.queue(LINK) == [place(message(1, LINK))]


async def test_a_file_from_before_there_were_links_takes_forwarded_messages(tmp_path: Path) -> None:
    path = tmp_path / "smsc.db"
    record = msgspec.msgpack.encode(message(1, LINK))
    with closing(sqlite3.connect(path)) as old, old:
        for step in schema.STEPS[:2]:
            old.executescript(step)
        old.execute("INSERT INTO messages (id, state, record) VALUES (1, 1, ?)", (record,))
        old.execute("INSERT INTO queue VALUES (?, 0, 1, 0, 0, ?)", (LINK, NOW + HOUR))
        old.execute("PRAGMA user_version = 2")
    shelf = Shelf(lambda: SqliteStore(path))
    assert (await shelf.open()).waiting == 1
    assert await shelf.line(LINK) == [1]
    await shelf.write(forwarding(taken(1)._replace(queued=True)))
    assert await shelf.store.next_deadline() == DEADLINE
    await shelf.store.close()
