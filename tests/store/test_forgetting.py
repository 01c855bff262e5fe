"""What has ended is forgotten when it was kept for long enough; what hasn't, never."""

import msgspec
import pytest

from smsc.message import Message, Receipt, State, to_account, to_device
from smsc.store import forgetting, search, segments
from smsc.store.record import Criteria, Forgotten, Keep
from smsc.store.sqlite import SqliteStore
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
from tests.store.test_forwarding import taken

DAY = 24 * HOUR
KEEP = Keep(records=10 * DAY, texts=2 * DAY)
RECORDS_ALONE = Keep(records=10 * DAY, texts=10 * DAY)


async def forget(shelf: Shelf, now: int, keep: Keep = KEEP) -> Forgotten:
    """Forget all that there is to forget; return how many in all, and when there is more."""
    records = texts = 0
    while True:
        some = await shelf.store.forget(now, keep)
        records, texts = records + some.records, texts + some.texts
        if some.next_at > now:
            return Forgotten(records, texts, some.next_at)


async def kept(shelf: Shelf, *ids: int) -> list[int]:
    return [each for each in ids if await shelf.store.history(each) is not None]


def later(number: int, at: int) -> Message:
    """Make a message that is accepted at this time."""
    return msgspec.structs.replace(message(number), accepted_at=at, expires_at=at + HOUR)


async def ended(shelf: Shelf, *ids: int, at: int = NOW) -> None:
    """Write messages that end at once, and one behind them that hasn't ended."""
    messages = [message(number) for number in ids]
    behind = later(max(ids) + 1, at)
    await shelf.write(batch([*messages, behind], finals=[end(each, at=at) for each in messages]))


async def test_a_record_goes_when_it_was_kept_for_long_enough(shelf: Shelf) -> None:
    await ended(shelf, 1, 2, 3)
    assert (await forget(shelf, NOW + 10 * DAY - 1, RECORDS_ALONE)).records == 0
    assert await kept(shelf, 1, 2, 3) == [1, 2, 3]
    assert (await forget(shelf, NOW + 10 * DAY, RECORDS_ALONE)).records == 3
    assert await kept(shelf, 1, 2, 3, 4) == [4]


async def test_when_there_will_be_more_to_forget_is_told(shelf: Shelf) -> None:
    await ended(shelf, 1)
    assert (await forget(shelf, NOW, RECORDS_ALONE)).next_at == NOW + 10 * DAY
    assert (await forget(shelf, NOW, KEEP)).next_at == NOW + 2 * DAY


async def test_of_an_empty_store_there_is_nothing_to_forget_before_something_may_have_come(
    shelf: Shelf,
) -> None:
    assert await shelf.store.forget(NOW, KEEP) == Forgotten(0, 0, NOW + 2 * DAY)
    at_once = Keep(records=10 * DAY, texts=0)
    assert await shelf.store.forget(NOW, at_once) == Forgotten(0, 0, NOW + 1000)


async def test_it_counts_from_the_end_and_not_from_the_acceptance(shelf: Shelf) -> None:
    await shelf.write(batch([message(1), message(2)], finals=[end(message(1), at=NOW + 5 * DAY)]))
    assert (await forget(shelf, NOW + 14 * DAY, RECORDS_ALONE)).next_at == NOW + 15 * DAY
    assert await kept(shelf, 1) == [1]
    await forget(shelf, NOW + 15 * DAY, RECORDS_ALONE)
    assert await kept(shelf, 1) == []


async def test_what_has_not_ended_is_never_forgotten(shelf: Shelf) -> None:
    waits, leaves, moves = message(1), message(2, "link:world/fleet"), message(3)
    await shelf.write(batch([waits, leaves, moves, message(4)], [place(waits)]))
    await shelf.write(forwarding(taken(2)))
    for days in range(1, 200, 9):
        await forget(shelf, NOW + days * DAY, Keep(records=0, texts=0))
    assert await kept(shelf, 1, 2, 3, 4) == [1, 2, 3, 4]
    assert (await shelf.history(1)).message == waits
    assert await shelf.line() == [1]


async def test_what_ends_late_goes_within_a_day_of_its_time(shelf: Shelf) -> None:
    waiting = msgspec.structs.replace(message(1), expires_at=NOW + 300 * DAY)
    await shelf.write(batch([waiting, message(2)]))
    await forget(shelf, NOW + 20 * DAY)
    await shelf.write(batch(finals=[end(waiting, at=NOW + 20 * DAY)]))
    for days in range(21, 30):
        await forget(shelf, NOW + days * DAY)
        assert await kept(shelf, 1) == [1]
    await forget(shelf, NOW + 31 * DAY)
    assert await kept(shelf, 1) == []


async def test_the_newest_stays_for_ids_go_on_from_it(shelf: Shelf) -> None:
    await shelf.write(batch([message(1), message(2)], finals=[end(message(1)), end(message(2))]))
    await forget(shelf, NOW + 99 * DAY)
    assert await kept(shelf, 1, 2) == [2]
    assert (await shelf.reopen()).last_id == 2
    await shelf.write(batch([message(3)]))
    await forget(shelf, NOW + 99 * DAY)
    assert await kept(shelf, 2, 3) == [3]


async def test_its_failures_and_its_receipt_go_in_their_time(shelf: Shelf) -> None:
    await shelf.take(message(1))
    await shelf.write(batch(waits=[place(message(1), NOW, 1)]))
    told = Receipt(1, State.DELIVERED, 0, NOW, NOW, "hello")
    receipt = message(2, to_account("fleet"), payload=b"", receipt=told)
    gone = msgspec.structs.replace(end(message(1), queued=True), receipt_id=2)
    answered = end(receipt, at=NOW + DAY)
    await shelf.write(batch([receipt, later(3, NOW + DAY)], finals=[gone, answered]))
    await forget(shelf, NOW + 10 * DAY)
    assert await kept(shelf, 1, 2) == [2]
    await forget(shelf, NOW + 11 * DAY)
    assert await kept(shelf, 1, 2) == []
    await shelf.write(batch([message(4)]))
    assert await shelf.store.record(1) is None


async def test_a_record_whose_receipt_is_forgotten_is_told_without(shelf: Shelf) -> None:
    ended_late = msgspec.structs.replace(end(message(1), at=NOW + DAY), receipt_id=2)
    ends = [ended_late, end(message(2))]
    await shelf.write(batch([message(1), message(2), message(3)], finals=ends))
    await forget(shelf, NOW + 10 * DAY)
    record = await shelf.store.record(1)
    assert record is not None and record.history.receipt_id == 2 and record.receipt is None


async def test_a_text_goes_before_its_record(shelf: Shelf) -> None:
    await ended(shelf, 1)
    assert (await forget(shelf, NOW + 2 * DAY - 1)).texts == 0
    assert (await shelf.history(1)).message.payload
    assert (await forget(shelf, NOW + 2 * DAY)).texts == 1
    history = await shelf.history(1)
    assert history.message == msgspec.structs.replace(message(1), payload=b"")
    assert (history.state, history.done_at, history.erased) == (State.DELIVERED, NOW, True)


async def test_the_text_that_a_receipt_quotes_goes_too(shelf: Shelf) -> None:
    told = Receipt(1, State.DELIVERED, 0, NOW, NOW, "hello")
    receipt = message(1, to_account("fleet"), payload=b"", receipt=told)
    await shelf.write(batch([receipt], finals=[end(receipt)]))
    await forget(shelf, NOW + 2 * DAY)
    found = (await shelf.history(1)).message.receipt
    assert found == msgspec.structs.replace(told, text="")


async def test_what_has_no_text_is_left_as_it_is(shelf: Shelf) -> None:
    await shelf.write(batch([message(1, payload=b"")], finals=[end(message(1))]))
    assert (await forget(shelf, NOW + 2 * DAY)).texts == 0
    assert not (await shelf.history(1)).erased


async def test_texts_that_are_kept_as_long_as_records_go_with_them(shelf: Shelf) -> None:
    await ended(shelf, 1, 2)
    assert (await forget(shelf, NOW + 10 * DAY, RECORDS_ALONE)).texts == 0


async def test_times_that_are_made_shorter_hold_for_what_was_looked_at_before(
    shelf: Shelf,
) -> None:
    await shelf.write(batch([message(1), message(2)], finals=[end(message(1), at=NOW + 5 * DAY)]))
    await forget(shelf, NOW + 11 * DAY, RECORDS_ALONE)
    assert await kept(shelf, 1) == [1]
    await forget(shelf, NOW + 11 * DAY, Keep(records=6 * DAY, texts=6 * DAY))
    assert await kept(shelf, 1) == []


async def test_a_clock_that_was_ahead_keeps_nobody_behind(shelf: Shelf) -> None:
    ahead = later(2, NOW + 300 * DAY)
    messages = [message(1), ahead, message(3), message(4)]
    ends = [end(message(1)), end(ahead, at=NOW + 300 * DAY), end(message(3))]
    await shelf.write(batch(messages, finals=ends))
    await forget(shelf, NOW + 10 * DAY)
    assert await kept(shelf, 1, 2, 3) == [2]
    await forget(shelf, NOW + 310 * DAY)
    assert await kept(shelf, 2) == []


async def test_a_slice_is_a_small_one(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "ROWS_AT_ONCE", 4)
    await ended(shelf, *range(1, 11))
    done = [await shelf.store.forget(NOW + 10 * DAY, RECORDS_ALONE) for _ in range(4)]
    assert [some.records for some in done] == [4, 4, 2, 0]
    assert [some.next_at > NOW + 10 * DAY for some in done] == [False, False, False, True]


async def test_it_goes_on_where_it_was_after_a_restart(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "ROWS_AT_ONCE", 4)
    await ended(shelf, *range(1, 11))
    await shelf.store.forget(NOW + 10 * DAY, KEEP)
    await shelf.reopen()
    assert (await forget(shelf, NOW + 10 * DAY)).records == 6


async def test_others_that_share_an_id_are_found_when_the_first_is_forgotten(shelf: Shelf) -> None:
    group = [message(number, told_id=1) for number in (1, 2, 3)]
    await shelf.write(batch([*group, message(4)], finals=[end(group[0])]))
    await forget(shelf, NOW + 10 * DAY)
    found = (await shelf.store.find([1], 99))[1]
    assert [each.history.message.id for each in found] == [2, 3]


async def test_a_segment_of_the_index_goes_with_its_last_message(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room, name, size in (
        (segments, "SIZE", 10),
        (search, "SIZE", 10),
        (segments, "ENTRIES_AT_ONCE", 3),
    ):
        monkeypatch.setattr(room, name, size)
    messages = [message(number, to_device(f"49{number}")) for number in range(1, 40)]
    ends = [end(each, at=NOW + DAY * (each.id == 15)) for each in messages[:30]]
    await shelf.write(batch(messages, finals=ends))
    while await shelf.store.index():
        pass
    await forget(shelf, NOW + 10 * DAY)
    assert await entries(shelf) == 11
    listing = await shelf.store.search(Criteria(device="4915"), None, 9, True)
    assert [history.message.id for history in listing.found] == [15]
    await forget(shelf, NOW + 11 * DAY)
    assert await entries(shelf) == 0
    listing = await shelf.store.search(Criteria(account="fleet"), None, 99, False)
    assert [history.message.id for history in listing.found] == list(range(31, 40))


async def entries(shelf: Shelf) -> int:
    """Count what the index has."""
    store = shelf.store
    assert isinstance(store, SqliteStore)
    return await store._ask(lambda: sum(1 for _ in store._db.execute("SELECT * FROM parties")))


async def test_a_text_that_was_erased_is_not_in_the_file_any_more(shelf: Shelf) -> None:
    secret = b"a secret of forty letters, or about that"
    texts = [message(number, payload=b"%d is %s" % (number, secret)) for number in range(1, 40)]
    await shelf.write(batch([*texts, message(40)], finals=[end(each) for each in texts]))
    store = shelf.store
    assert isinstance(store, SqliteStore)
    await shelf.reopen()
    assert store._path.read_bytes().count(secret) == len(texts)
    await forget(shelf, NOW + 2 * DAY)
    await shelf.reopen()
    assert secret not in store._path.read_bytes()
