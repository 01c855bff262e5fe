"""Looking for messages by id and on in queues, and writing other records in their place."""

import msgspec

from smsc.message import State
from smsc.store.store import Found, History, Start
from tests.store.samples import ANNA, BERT, NOW, Shelf, batch, end, message, place, queued

EVERYTHING = 1000


async def test_a_message_is_found_with_its_place(shelf: Shelf) -> None:
    waits, in_hand = message(1), message(2)
    await shelf.write(queued(waits))
    await shelf.write(batch([in_hand]))
    found = await shelf.store.find([1, 2, 3], EVERYTHING)
    assert [[each.place for each in group] for group in found.values()] == [
        [place(waits)],
        [None],
        [],
    ]
    assert found[2] == [Found((await shelf.history(2)), None)]


async def test_a_message_that_ended_has_no_place(shelf: Shelf) -> None:
    await shelf.take(message(1))
    await shelf.write(batch(finals=[end(message(1), queued=True)]))
    ((found,),) = (await shelf.store.find([1], EVERYTHING)).values()
    assert found.place is None
    assert found.history.state is State.DELIVERED


async def test_messages_that_share_an_id_are_found_together(shelf: Shelf) -> None:
    group = [message(number, told_id=2) for number in (2, 3, 4)]
    await shelf.write(batch([message(1), *group, message(5), message(6, told_id=6)]))
    found = await shelf.store.find([2, 6, 1], EVERYTHING)
    ids = {number: [each.history.message.id for each in some] for number, some in found.items()}
    assert ids == {2: [2, 3, 4], 6: [6], 1: [1]}


async def test_no_more_is_looked_for_than_is_wanted(shelf: Shelf) -> None:
    await shelf.write(batch([message(number) for number in (1, 2, 3)]))
    assert list(await shelf.store.find([3, 1, 2], 2)) == [3, 1]


async def test_a_queue_is_read_on_behind_a_place(shelf: Shelf) -> None:
    first, second, third = message(2, priority=1), message(1), message(3)
    await shelf.write(queued(first, second, third, message(4, BERT)))
    starts = [Start(ANNA), Start(ANNA, first), Start(ANNA, third), Start(BERT)]
    lines = await shelf.store.lines(starts, 2)
    assert [[each.message.id for each in line] for line in lines] == [[2, 1], [1, 3], [], [4]]


async def test_what_is_not_due_is_read_too(shelf: Shelf) -> None:
    await shelf.write(batch([message(1)], [place(message(1), NOW + 5)]))
    ((waiting,),) = await shelf.store.lines([Start(ANNA)], EVERYTHING)
    assert waiting.not_before == NOW + 5


async def test_a_record_is_written_anew_with_its_place(shelf: Shelf) -> None:
    old = message(1)
    await shelf.take(old)
    await shelf.write(batch(waits=[place(old, NOW + 5, attempts=2)._replace(error=9)]))
    new = msgspec.structs.replace(old, payload=b"new", not_before=NOW + 9)
    await shelf.write(batch(waits=[place(new, NOW + 9)], rewritten=[new]))
    ((found,),) = (await shelf.store.find([1], EVERYTHING)).values()
    assert found.place == place(new, NOW + 9)
    assert found.history == History(new, State.SCHEDULED, 0, 0, 0)
    await shelf.reopen()
    assert await shelf.queue(now=NOW + 9) == [place(new, NOW + 9)]


async def test_the_record_of_a_message_that_ended_stays_as_it_is(shelf: Shelf) -> None:
    await shelf.write(batch([message(1)]))
    await shelf.write(batch(finals=[end(message(1))]))
    await shelf.write(batch(rewritten=[message(1, payload=b"new")]))
    assert (await shelf.history(1)).message.payload == b"hello"
    assert await shelf.state(1) is State.DELIVERED
