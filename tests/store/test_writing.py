"""What a store promises of a write: all of a batch or nothing, durable when it returns."""

from contextlib import suppress

import pytest

from smsc.message import Address, Message, Receipt, State
from smsc.store.store import History, StoreError
from tests.store.samples import ANNA, BERT, HOUR, NOW, Shelf, batch, end, message, place, queued


async def test_what_was_written_is_there_when_the_store_is_opened_again(shelf: Shelf) -> None:
    await shelf.write(queued(message(1), message(2)))
    await shelf.reopen()
    assert await shelf.line() == [1, 2]


async def test_a_message_comes_back_with_every_field_it_had(shelf: Shelf) -> None:
    receipt = Receipt(7, State.EXPIRED, 27, NOW - 5, NOW, "räksmörgås")
    written = Message(
        id=9,
        account="fleet",
        destination=ANNA,
        source=Address(5, 0, "FLEET"),
        dest=Address(1, 1, "491700000001"),
        payload=bytes(range(256)),
        accepted_at=NOW,
        expires_at=NOW + HOUR,
        not_before=NOW + 1,
        data_coding=8,
        esm_class=0x40,
        protocol_id=64,
        priority=3,
        registered_delivery=1,
        service_type="CMT",
        receipt=receipt,
    )
    await shelf.write(batch([written]))
    await shelf.reopen()
    history = await shelf.store.history(9)
    assert history is not None
    assert history.message == written


async def test_arrivals_waits_and_finals_go_in_one_batch(shelf: Shelf) -> None:
    goes, waits = message(1), message(2)
    await shelf.write(batch([goes, waits], [place(waits)], [end(goes)]))
    assert await shelf.state(1) is State.DELIVERED
    assert await shelf.state(2) is State.ENROUTE
    assert await shelf.line() == [2]


async def test_an_empty_batch_changes_nothing(shelf: Shelf) -> None:
    await shelf.write(queued(message(1)))
    assert not batch()
    await shelf.write(batch())
    assert await shelf.line() == [1]


async def test_a_batch_knows_whether_there_is_anything_to_write() -> None:
    waits = place(message(1))
    assert batch([message(1)])
    assert batch(waits=[waits])
    assert batch(finals=[end(message(1))])
    assert batch(looked_at=[(waits, NOW)])
    assert batch(moves={"1": True})


async def test_a_write_tells_how_long_it_took_and_how_much_of_that_was_the_disk(
    shelf: Shelf,
) -> None:
    written = await shelf.store.write(queued(message(1)), NOW)
    assert 0 < written.sync_seconds <= written.seconds


async def test_a_batch_with_an_id_that_exists_is_refused(shelf: Shelf) -> None:
    await shelf.write(queued(message(1)))
    with pytest.raises(StoreError, match="UNIQUE"):
        await shelf.write(queued(message(1, BERT)))


async def test_a_batch_that_fails_changes_nothing_at_all(shelf: Shelf) -> None:
    first, second = message(1), message(2)
    await shelf.write(queued(first, second))
    failing = batch(
        [message(3, BERT), message(1)],
        [place(message(3, BERT)), place(first, NOW + 5, 4)],
        [end(second, queued=True)],
        [(place(first), NOW + 1)],
        {"491700000001": False},
        oldest_in_hand=9,
    )
    with pytest.raises(StoreError):
        await shelf.write(failing)
    assert await shelf.queue() == [place(first), place(second)]
    assert await shelf.store.history(3) is None
    assert await shelf.state(2) is State.ENROUTE
    assert await shelf.store.next_due() == first.expires_at
    opened = await shelf.reopen()
    assert opened.moves == {}
    assert opened.last_id == 2


async def test_the_store_goes_on_after_a_batch_that_failed(shelf: Shelf) -> None:
    await shelf.write(queued(message(1)))
    with suppress(StoreError):
        await shelf.write(queued(message(1)))
    await shelf.write(queued(message(2)))
    await shelf.reopen()
    assert await shelf.line() == [1, 2]


async def test_a_final_state_is_written_once(shelf: Shelf) -> None:
    ended = message(1)
    await shelf.write(batch([ended]))
    await shelf.write(batch(finals=[end(ended, State.EXPIRED, 27, NOW + 1, 3)]))
    await shelf.write(batch(finals=[end(ended, State.DELIVERED, 0, NOW + 2, 4)]))
    history = await shelf.store.history(1)
    assert history == History(ended, State.EXPIRED, 27, NOW + 1, 3)


async def test_every_final_state_can_be_written(shelf: Shelf) -> None:
    finals = [state for state in State if state.final]
    messages = [message(number) for number, _ in enumerate(finals, start=1)]
    ends = [end(each, state) for each, state in zip(messages, finals, strict=True)]
    await shelf.write(batch(messages, finals=ends))
    assert [await shelf.state(each.id) for each in messages] == finals


async def test_the_end_of_a_message_takes_it_out_of_its_queue_where_it_had_a_place(
    shelf: Shelf,
) -> None:
    first, second = message(1), message(2)
    await shelf.take(first, second)
    await shelf.write(batch(finals=[end(first, queued=True)]))
    assert await shelf.line() == [2]


async def test_a_scheduled_message_has_a_state_of_its_own(shelf: Shelf) -> None:
    later = message(1, not_before=NOW + 1000)
    await shelf.write(batch([later], [place(later, later.not_before)]))
    assert await shelf.state(1) is State.SCHEDULED


async def test_history_tells_the_attempts_and_the_error_of_the_end(shelf: Shelf) -> None:
    ended = message(1)
    await shelf.write(batch([ended], finals=[end(ended, State.UNDELIVERABLE, 9, NOW + 7, 5)]))
    assert await shelf.store.history(1) == History(ended, State.UNDELIVERABLE, 9, NOW + 7, 5)


async def test_a_message_on_its_way_has_a_history_without_an_end(shelf: Shelf) -> None:
    await shelf.write(batch([message(1)]))
    assert await shelf.store.history(1) == History(message(1), State.ENROUTE, 0, 0, 0)


async def test_a_message_that_never_was_has_no_history(shelf: Shelf) -> None:
    assert await shelf.store.history(1) is None


async def test_a_new_place_takes_the_place_of_the_old_one(shelf: Shelf) -> None:
    retried = message(1)
    await shelf.take(retried)
    await shelf.write(batch(waits=[place(retried, NOW + 10, 1)]))
    assert await shelf.queue() == [place(retried, NOW + 10, 1)]


async def test_a_message_that_was_in_hand_gets_a_place_when_it_must_wait(shelf: Shelf) -> None:
    in_hand = message(1)
    await shelf.write(batch([in_hand], oldest_in_hand=1))
    await shelf.write(batch(waits=[place(in_hand, NOW + 10, 1)], oldest_in_hand=2))
    opened = await shelf.reopen()
    assert opened.requeued == 0
    assert await shelf.queue() == [place(in_hand, NOW + 10, 1)]


async def test_the_places_of_many_messages_that_nobody_reads_are_kept_all_the_same(
    shelf: Shelf,
) -> None:
    for first in range(1, 30_001, 1500):
        numbers = range(first, first + 1500)
        messages = [message(number, f"device:{number * 7919 % 1009}") for number in numbers]
        await shelf.write(queued(*messages))
        assert await shelf.store.next_due() == NOW + HOUR
    opened = await shelf.reopen()
    assert opened.waiting == 30_000
    lines = await shelf.store.waiting([f"device:{n}" for n in range(1009)], 100, NOW, True)
    for line in lines.values():
        ids = [waiting.message.id for waiting in line]
        assert ids == sorted(ids)
    assert sum(len(line) for line in lines.values()) == 30_000
