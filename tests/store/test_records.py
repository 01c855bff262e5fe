"""All that is kept of one message: how attempts failed, how it ended, and its receipt."""

import msgspec
import pytest

from smsc.message import Receipt, State, to_account
from smsc.store import attempts
from smsc.store.record import Failure, Record
from smsc.store.store import History
from tests.store.samples import NOW, Shelf, batch, end, message, place, queued


async def test_nothing_is_kept_of_a_message_that_there_is_not(shelf: Shelf) -> None:
    assert await shelf.store.record(1) is None


async def test_a_message_that_goes_well_has_no_failures(shelf: Shelf) -> None:
    await shelf.write(batch([message(1)], finals=[end(message(1), at=NOW + 5, attempts=1)]))
    delivered = History(message(1), State.DELIVERED, 0, NOW + 5, 1)
    assert await shelf.store.record(1) == Record(delivered)


async def test_each_attempt_that_failed_for_now_is_told_with_its_time_and_cause(
    shelf: Shelf,
) -> None:
    await shelf.take(message(1), message(2))
    for number, error in enumerate([6, 27, 6], start=1):
        waits = place(message(1), NOW + 99, number)._replace(error=error)
        await shelf.write(batch(waits=[waits]), NOW + number)
    record = await shelf.store.record(1)
    assert record is not None
    assert record.failures == (Failure(NOW + 1, 6), Failure(NOW + 2, 27), Failure(NOW + 3, 6))
    assert await shelf.store.record(2) == Record(History(message(2), State.ENROUTE, 0, 0, 0))


async def test_one_that_waits_again_without_having_been_tried_has_not_failed_again(
    shelf: Shelf,
) -> None:
    await shelf.take(message(1))
    for later in (1, 2, 3):
        waits = place(message(1), 0, attempts=1)._replace(error=6)
        await shelf.write(batch(waits=[waits]), NOW + later)
    record = await shelf.store.record(1)
    assert record is not None and record.failures == (Failure(NOW + 1, 6),)


async def test_one_that_was_replaced_is_as_one_that_was_not_tried(shelf: Shelf) -> None:
    await shelf.take(message(1))
    await shelf.write(batch(waits=[place(message(1), 0, 1)._replace(error=6)]))
    new = msgspec.structs.replace(message(1), payload=b"new")
    await shelf.write(batch(waits=[place(new)], rewritten=[new]))
    assert await shelf.store.record(1) == Record(History(new, State.ENROUTE, 0, 0, 0))
    await shelf.write(batch(waits=[place(new, 0, 1)._replace(error=27)]), NOW + 9)
    record = await shelf.store.record(1)
    assert record is not None and record.failures == (Failure(NOW + 9, 27),)


async def test_no_message_leaves_more_than_a_bounded_number_of_failures(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "MOST_NOTED", 3)
    await shelf.take(message(1))
    for number in range(1, 9):
        await shelf.write(batch(waits=[place(message(1), 0, number)]), NOW + number)
    record = await shelf.store.record(1)
    assert record is not None
    assert [failure.at for failure in record.failures] == [NOW + 1, NOW + 2, NOW + 3]
    assert record.history.attempts == 8


async def test_the_receipt_is_told_with_how_far_it_has_come(shelf: Shelf) -> None:
    told = Receipt(1, State.DELIVERED, 0, NOW, NOW + 5, "hello")
    receipt = message(2, to_account("fleet"), payload=b"", receipt=told)
    ended = msgspec.structs.replace(end(message(1), at=NOW + 5), receipt_id=2)
    await shelf.write(batch([message(1), receipt], finals=[ended]))
    delivered = History(message(1), State.DELIVERED, 0, NOW + 5, 0, receipt_id=2)
    made = History(receipt, State.ENROUTE, 0, 0, 0)
    assert await shelf.store.record(1) == Record(delivered, (), made)
    await shelf.write(batch(finals=[end(receipt, at=NOW + 8, attempts=1)]))
    answered = History(receipt, State.DELIVERED, 0, NOW + 8, 1)
    assert await shelf.store.record(1) == Record(delivered, (), answered)


async def test_all_of_it_is_there_after_a_restart(shelf: Shelf) -> None:
    await shelf.write(queued(message(1), message(2)))
    await shelf.write(batch(waits=[place(message(1), NOW + 99, 1)._replace(error=6)]))
    ended = msgspec.structs.replace(end(message(1), queued=True), receipt_id=2)
    await shelf.write(batch(finals=[ended]))
    before = await shelf.store.record(1)
    await shelf.reopen()
    assert await shelf.store.record(1) == before
    assert before is not None and before.failures and before.receipt is not None
