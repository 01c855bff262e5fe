"""What a store promises of its queues: their order, who is left out, and who needs a look."""

import msgspec

from smsc.message import to_account, to_device
from smsc.store.schema import LONGEST_IN_ONE
from tests.store.samples import ANNA, BERT, HOUR, NOW, Shelf, batch, end, message, place, queued

LAST = to_device("5")
EVERYBODY = [to_device(f"4917{number:08d}") for number in range(1000)]


async def test_a_queue_is_in_the_order_of_ids(shelf: Shelf) -> None:
    await shelf.write(queued(message(3), message(1), message(2)))
    assert await shelf.line() == [1, 2, 3]


async def test_a_higher_priority_stands_before_a_lower_one(shelf: Shelf) -> None:
    await shelf.write(
        queued(message(1), message(2, priority=3), message(3, priority=1), message(4, priority=3))
    )
    assert await shelf.line() == [2, 4, 3, 1]


async def test_reading_stops_at_the_limit(shelf: Shelf) -> None:
    await shelf.write(queued(*(message(number) for number in range(1, 6))))
    assert await shelf.line(limit=2) == [1, 2]


async def test_queues_of_several_destinations_are_read_at_once(shelf: Shelf) -> None:
    await shelf.write(queued(message(1, ANNA), message(2, BERT), message(3, ANNA)))
    places = await shelf.store.waiting([BERT, ANNA, "device:0"], 1, NOW, True)
    assert places == {
        ANNA: [place(message(1, ANNA))],
        BERT: [place(message(2, BERT))],
        "device:0": [],
    }


async def test_a_message_in_hand_has_no_place_in_a_queue(shelf: Shelf) -> None:
    await shelf.write(batch([message(1)]))
    assert await shelf.line() == []


async def test_a_scheduled_message_is_left_out_until_its_time(shelf: Shelf) -> None:
    later = message(1, not_before=NOW + 10)
    await shelf.write(batch([later, message(2)], [place(later, NOW + 10), place(message(2))]))
    for in_order in (True, False):
        assert await shelf.line(in_order=in_order) == [2]
        assert await shelf.line(now=NOW + 10, in_order=in_order) == [1, 2]


async def test_a_failed_message_holds_its_place_where_order_matters(shelf: Shelf) -> None:
    failed = message(1)
    await shelf.write(batch([failed, message(2)], [place(failed, NOW + 10, 1), place(message(2))]))
    assert await shelf.queue() == [place(failed, NOW + 10, 1), place(message(2))]


async def test_a_failed_message_is_left_out_until_it_is_due_where_order_does_not_matter(
    shelf: Shelf,
) -> None:
    failed = message(1)
    await shelf.write(batch([failed, message(2)], [place(failed, NOW + 10, 1), place(message(2))]))
    assert await shelf.line(in_order=False) == [2]
    assert await shelf.line(in_order=False, now=NOW + 10) == [1, 2]


async def test_the_attempts_of_a_place_are_kept(shelf: Shelf) -> None:
    tried = message(1)
    await shelf.write(batch([tried], [place(tried, 0, 7)]))
    await shelf.reopen()
    assert await shelf.queue() == [place(tried, 0, 7)]


async def test_nothing_is_due_in_an_empty_store(shelf: Shelf) -> None:
    assert await shelf.due() == []
    assert await shelf.store.next_due() is None


async def test_a_place_needs_a_look_when_its_time_comes(shelf: Shelf) -> None:
    failed = message(1)
    await shelf.write(batch([failed], [place(failed, NOW + 10, 1)]))
    assert await shelf.store.next_due() == NOW + 10
    assert await shelf.due(NOW + 9) == []
    assert await shelf.due(NOW + 10) == [1]


async def test_a_place_that_may_go_at_once_needs_a_look_when_it_expires(shelf: Shelf) -> None:
    await shelf.write(queued(message(1, expires_at=NOW + 50)))
    assert await shelf.store.next_due() == NOW + 50
    assert await shelf.due(NOW + 49) == []
    assert await shelf.due(NOW + 50) == [1]


async def test_a_place_whose_time_would_come_after_its_end_needs_a_look_at_its_end(
    shelf: Shelf,
) -> None:
    failed = message(1, expires_at=NOW + 50)
    await shelf.write(batch([failed], [place(failed, NOW + HOUR, 1)]))
    assert await shelf.store.next_due() == NOW + 50


async def test_what_is_due_comes_earliest_first_up_to_the_limit(shelf: Shelf) -> None:
    delays = {1: 30, 2: 10, 3: 20, 4: 40}
    messages = [message(number) for number in delays]
    await shelf.write(batch(messages, [place(each, NOW + delays[each.id], 1) for each in messages]))
    assert await shelf.due(NOW + 30) == [2, 3, 1]
    assert await shelf.due(NOW + 30, limit=2) == [2, 3]


async def test_a_place_that_was_looked_at_stays_and_is_due_again_when_told(shelf: Shelf) -> None:
    looked_at = place(message(1, expires_at=NOW + 50))
    await shelf.take(looked_at.message)
    await shelf.write(batch(looked_at=[(looked_at, NOW + 70)]))
    assert await shelf.due(NOW + 69) == []
    assert await shelf.due(NOW + 70) == [1]
    assert await shelf.queue() == [looked_at]


async def test_looking_at_a_place_that_is_gone_does_not_bring_it_back(shelf: Shelf) -> None:
    gone = message(1)
    await shelf.take(gone)
    await shelf.write(batch(finals=[end(gone, queued=True)], looked_at=[(place(gone), NOW + 5)]))
    assert await shelf.line() == []
    assert await shelf.store.next_due() is None


async def test_destinations_are_listed_once_each_and_in_order(shelf: Shelf) -> None:
    fleet = to_account("fleet")
    await shelf.write(queued(message(1, BERT), message(2, ANNA), message(3, BERT)))
    await shelf.write(queued(message(4, fleet)))
    assert [name for name, _ in await shelf.store.queues("", 10)] == [fleet, ANNA, BERT]


async def test_a_queue_is_listed_with_the_account_whose_message_is_the_next(shelf: Shelf) -> None:
    first = msgspec.structs.replace(message(2, ANNA, priority=1), account="other")
    await shelf.write(queued(message(1, ANNA), first, message(3, BERT)))
    await shelf.write(queued(message(4, LAST, payload=bytes(2 * LONGEST_IN_ONE))))
    # It isn't looked at what is long: it may be anybody's.
    expected = [(ANNA, "other"), (BERT, "fleet"), (LAST, "")]
    assert await shelf.store.queues("", 10) == expected


async def test_long_messages_and_short_ones_are_read_in_their_order(shelf: Shelf) -> None:
    long = message(1, payload=bytes(2 * LONGEST_IN_ONE))
    expected = [message(3, priority=1), long, message(2)]
    await shelf.write(queued(*expected))
    assert [each.message for each in await shelf.queue()] == expected
    due = await shelf.store.due(NOW + HOUR, 10)
    assert {each.message.id: each.message for each in due} == {each.id: each for each in expected}


async def test_a_destination_with_nothing_waiting_is_not_listed(shelf: Shelf) -> None:
    gone = message(1, ANNA)
    await shelf.take(gone, message(2, BERT))
    await shelf.write(batch([message(3, "device:9")], finals=[end(gone, queued=True)]))
    assert [name for name, _ in await shelf.store.queues("", 10)] == [BERT]


async def test_many_destinations_are_paged_through_without_loss_or_repetition(
    shelf: Shelf,
) -> None:
    numbers = enumerate([*EVERYBODY, *EVERYBODY], start=1)
    await shelf.write(queued(*(message(number, name) for number, name in numbers)))
    found: list[str] = []
    while page := await shelf.store.queues(found[-1] if found else "", 64):
        assert len(page) <= 64
        found.extend(name for name, _ in page)
    assert found == EVERYBODY


async def test_paging_on_from_the_last_destination_finds_nothing(shelf: Shelf) -> None:
    await shelf.write(queued(message(1, ANNA)))
    assert await shelf.store.queues(ANNA, 10) == []


async def test_paging_does_not_need_the_destination_it_goes_on_from(shelf: Shelf) -> None:
    await shelf.write(queued(message(1, ANNA), message(2, BERT)))
    assert [name for name, _ in await shelf.store.queues(ANNA + "0", 10)] == [BERT]
