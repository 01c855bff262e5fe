"""Taking messages back: whatever waits ends as deleted, whatever is on its way goes on."""

from typing import Any

import pytest

from smsc.delivery import amendments
from smsc.delivery.agent import Result
from smsc.delivery.petition import Ruling
from smsc.message import Address, State
from smsc_routing.decision import Reason
from tests.delivery.world import ANNA, BERT, LADDER, World

NO_ADDRESS = "1" * 16
OTHER_SOURCE = Address(0, 1, "FLEET")


async def test_a_message_that_waits_ends_as_deleted_and_is_never_delivered(world: World) -> None:
    number = await world.send("hello")
    assert await world.ruling(world.cancel(number)) is Ruling.GRANTED
    assert await world.state(number) is State.DELETED
    assert world.scheduler.waiting == 0
    world.attach()
    await world.calm()
    assert world.radio.texts == []


async def test_its_sender_is_told_by_receipt_if_it_asked_for_one(world: World) -> None:
    world.bind()
    number = await world.send("hello", registered_delivery=1)
    world.cancel(number)
    await world.calm()
    assert world.fleet.receipts == [(number, "DELETED")]


async def test_the_answer_comes_when_the_end_is_durable(world: World) -> None:
    number = await world.send("hello")
    await world.store.hold()
    token = world.cancel(number)
    await world.calm()
    held = world.store.hold_next()
    world.store.release()
    await held
    await world.calm()
    assert token not in world.office.answers
    world.store.release()
    assert await world.ruling(token) is Ruling.GRANTED


async def test_a_message_that_ended_cannot_be_cancelled(world: World) -> None:
    world.attach()
    number = await world.send("hello")
    assert await world.ruling(world.cancel(number)) is Ruling.TOO_LATE
    assert await world.state(number) is State.DELIVERED


async def test_a_message_in_the_air_cannot_be_cancelled_but_one_behind_it_can(
    world: World,
) -> None:
    world.attach()
    world.radio.answer = None
    first, second, third = [await world.send(text) for text in ("first", "second", "third")]
    assert await world.ruling(world.cancel(first)) is Ruling.TOO_LATE
    assert await world.ruling(world.cancel(second)) is Ruling.GRANTED
    world.radio.answer = Result.DELIVERED
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert world.radio.texts == ["first", "third"]
    assert await world.state(second) is State.DELETED
    assert await world.state(third) is State.DELIVERED
    assert (world.scheduler.waiting, world.scheduler.in_hand) == (0, 0)


async def test_a_message_read_from_its_queue_and_not_in_the_air_yet_can_be_cancelled(
    world: World,
) -> None:
    numbers = [await world.send(text) for text in ("first", "second", "third")]
    world.radio.answer = None
    world.attach()
    await world.calm()
    assert await world.ruling(world.cancel(numbers[1])) is Ruling.GRANTED
    world.radio.answer = Result.DELIVERED
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert world.radio.texts == ["first", "third"]
    assert (world.scheduler.waiting, world.scheduler.in_hand) == (0, 0)


async def test_what_waited_behind_a_failed_message_goes_when_that_is_cancelled(
    world: World,
) -> None:
    world.attach()
    world.radio.answer = Result.FAILED
    first = await world.send("first")
    await world.send("second")
    world.radio.answer = Result.DELIVERED
    assert await world.ruling(world.cancel(first)) is Ruling.GRANTED
    assert world.radio.texts == ["first", "second"]


async def test_a_message_that_is_just_put_back_is_cancelled_when_it_waits(world: World) -> None:
    world.attach()
    world.radio.answer = None
    number = await world.send("hello")
    await world.store.hold()
    token = world.cancel(number)
    await world.calm()
    world.radio.reply_all(Result.FAILED)
    world.store.release()
    assert await world.ruling(token) is Ruling.GRANTED
    await world.wait(LADDER[0])
    assert world.radio.texts == ["hello"]
    assert await world.state(number) is State.DELETED


async def test_a_cancelled_message_keeps_the_cause_and_the_count_of_its_attempts(
    world: World,
) -> None:
    world.attach()
    world.radio.answer, world.radio.error = Result.FAILED, 22
    number = await world.send("hello")
    world.cancel(number)
    await world.calm()
    history = await world.history(number)
    assert (history.state, history.error, history.attempts) == (State.DELETED, 22, 1)


async def test_an_attempt_that_failed_while_the_store_was_read_counts(world: World) -> None:
    number = await world.send("hello")
    world.radio.answer = None
    world.attach()
    await world.calm()
    await world.store.hold()
    tokens = [world.cancel(number), world.cancel_all(BERT)]
    await world.calm()
    # Between the two reads of the turn, the failure is written.
    world.radio.reply_all(Result.FAILED, 22)
    await world.calm()
    world.store.release()
    assert await world.ruling(tokens[0]) is Ruling.GRANTED
    history = await world.history(number)
    assert (history.state, history.error, history.attempts) == (State.DELETED, 22, 1)


@pytest.mark.parametrize(
    "foreign",
    [
        {"account": "other"},
        {"source": OTHER_SOURCE},
        {"source": Address(0, 1, NO_ADDRESS)},
        {"dest": Address(1, 1, BERT)},
        {"dest": Address(1, 1, NO_ADDRESS)},
    ],
)
async def test_what_is_not_as_its_sender_says_is_unknown(
    world: World, foreign: dict[str, object]
) -> None:
    number = await world.send("hello")
    assert await world.ruling(world.cancel(number, **foreign)) is Ruling.UNKNOWN
    assert not (await world.state(number)).final


@pytest.mark.parametrize("number", [1, 10**17])
async def test_an_id_that_was_never_given_out_is_unknown(world: World, number: int) -> None:
    assert await world.ruling(world.cancel(number)) is Ruling.UNKNOWN


async def test_a_receipt_cannot_be_cancelled(world: World) -> None:
    world.attach()
    number = await world.send("hello", registered_delivery=1)
    source = Address(1, 1, ANNA)
    assert await world.ruling(world.cancel(number + 1, source=source)) is Ruling.UNKNOWN


async def test_no_source_is_the_default_one(world: World) -> None:
    number = await world.send("hello", source=Address(0, 0, ""))
    assert await world.ruling(world.cancel(number, source=Address(0, 0, ""))) is Ruling.GRANTED


async def test_a_recipient_is_compared_as_a_number(world: World) -> None:
    number = await world.send("hello")
    token = world.cancel(number, dest=Address(0, 0, f"+{ANNA}"))
    assert await world.ruling(token) is Ruling.GRANTED


# All that match.


async def test_all_that_match_are_cancelled_and_no_other(world: World) -> None:
    nobodys: dict[str, Any] = {"source": Address(1, 1, "4400"), "service_type": "VMA"}
    later = world.clock.now() + 10_000
    gone = [
        await world.send(**nobodys),
        await world.send(**nobodys, priority=2),
        await world.send(**nobodys, not_before=later),
    ]
    kept = [
        await world.send(**nobodys | {"service_type": "CMT"}),
        await world.send(**nobodys | {"source": OTHER_SOURCE}),
        await world.send(**nobodys, to=BERT),
        await world.send(**nobodys, account="other"),
    ]
    assert await world.ruling(world.cancel_all(**nobodys)) is Ruling.GRANTED
    assert {await world.state(number) for number in gone} == {State.DELETED}
    assert not any([(await world.state(number)).final for number in kept])
    assert world.scheduler.waiting == len(kept)


async def test_no_service_type_is_any(world: World) -> None:
    numbers = [await world.send(service_type=each) for each in ("", "VMA", "CMT")]
    world.cancel_all()
    await world.calm()
    assert {await world.state(number) for number in numbers} == {State.DELETED}


async def test_what_waits_in_memory_is_cancelled_too(world: World) -> None:
    world.attach()
    world.radio.answer = None
    numbers = [await world.send(text) for text in ("first", "second", "third")]
    assert await world.ruling(world.cancel_all()) is Ruling.GRANTED
    assert [await world.state(number) for number in numbers[1:]] == [State.DELETED] * 2
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert world.radio.texts == ["first"]
    assert await world.state(numbers[0]) is State.DELIVERED


async def test_what_was_submitted_just_before_is_cancelled_too(world: World) -> None:
    token = world.submit("hello")
    world.cancel_all()
    await world.calm()
    assert await world.state(world.door.ids[token]) is State.DELETED


async def test_where_nothing_matches_nothing_is_granted(world: World) -> None:
    await world.send(source=OTHER_SOURCE)
    assert await world.ruling(world.cancel_all()) is Ruling.TOO_LATE
    assert await world.ruling(world.cancel_all(NO_ADDRESS)) is Ruling.TOO_LATE


async def test_a_long_queue_is_gone_through_in_pages(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amendments, "MESSAGES_A_TURN", 10)
    for number in range(35):
        world.submit(str(number), priority=number % 3)
    await world.calm()
    assert await world.ruling(world.cancel_all()) is Ruling.GRANTED
    assert world.scheduler.waiting == 0
    assert {await world.state(number) for number in world.door.ids.values()} == {State.DELETED}


# The line.


async def test_many_are_done_with_one_read_and_one_write(world: World) -> None:
    numbers = [await world.send() for _ in range(20)]
    writes, reads = len(world.store.batches), world.store.searches
    for number in numbers:
        world.cancel(number)
    await world.calm()
    assert world.office.flushes[0] == len(numbers)
    assert len(world.store.batches) == writes + 1
    assert world.store.searches == reads + 1


async def test_more_than_a_turn_takes_come_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amendments, "NEW_A_TURN", 3)
    monkeypatch.setattr(amendments, "QUEUES_A_TURN", 2)
    monkeypatch.setattr(amendments, "MESSAGES_A_TURN", 2)
    numbers = [await world.send(to=to) for to in (ANNA, BERT, ANNA, BERT, ANNA)]
    tokens = [world.cancel(number) for number in numbers]
    tokens += [world.cancel_all(to) for to in (ANNA, BERT, ANNA)]
    rulings = [await world.ruling(token) for token in tokens]
    assert rulings == [Ruling.GRANTED] * 5 + [Ruling.TOO_LATE] * 3
    assert not world.amendments.asked


async def test_the_second_to_cancel_is_too_late(world: World) -> None:
    number = await world.send(registered_delivery=1)
    tokens = [world.cancel(number), world.cancel(number), world.cancel_all()]
    rulings = [await world.ruling(token) for token in tokens]
    assert rulings == [Ruling.GRANTED, Ruling.TOO_LATE, Ruling.TOO_LATE]
    assert world.journal.finals.total() == 1


async def test_a_line_that_is_full_is_closed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(amendments, "LONGEST_LINE", 2)
    number = await world.send()
    tokens = [world.cancel(number) for _ in range(3)]
    last = world.office.answers[tokens[2]]
    assert last.verdict is not None and last.verdict.reason is Reason.STORE_BEHIND
    assert await world.ruling(tokens[0]) is Ruling.GRANTED
    assert await world.ruling(world.cancel(number)) is Ruling.TOO_LATE


async def test_while_the_store_cannot_write_nothing_is_let_in_and_nothing_is_forgotten(
    world: World,
) -> None:
    number = await world.send()
    world.store.fails_to_write = True
    begun = world.cancel(number)
    await world.calm()
    refused = await world.answered(world.cancel(number))
    assert refused.verdict is not None and refused.verdict.reason is Reason.STORE_FAILED
    assert begun not in world.office.answers
    world.store.fails_to_write = False
    await world.wait(1)
    assert await world.ruling(begun) is Ruling.GRANTED
    assert await world.state(number) is State.DELETED


async def test_while_the_store_cannot_be_read_nothing_is_granted(world: World) -> None:
    number = await world.send()
    world.store.fails_to_read = True
    answer = await world.answered(world.cancel(number))
    assert answer.verdict is not None and answer.verdict.reason is Reason.STORE_FAILED
    world.store.fails_to_read = False
    await world.wait(1)
    assert await world.ruling(world.cancel(number)) is Ruling.GRANTED


async def test_a_long_cancellation_goes_on_when_the_store_can_be_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amendments, "MESSAGES_A_TURN", 10)
    numbers = [await world.send() for _ in range(15)]
    await world.store.hold()
    token = world.cancel_all()
    await world.calm()
    # The first page is read and its ends written, and then the disk goes bad.
    for _ in range(2):
        held = world.store.hold_next()
        await world.calm()
        world.store.release()
        await held
        await world.calm()
    world.store.fails_to_read = True
    world.store.release()
    await world.calm()
    assert token not in world.office.answers
    world.store.fails_to_read = False
    await world.wait(1)
    assert await world.ruling(token) is Ruling.GRANTED
    assert {await world.state(number) for number in numbers} == {State.DELETED}


async def test_what_never_comes_to_rest_is_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.attach()
    world.radio.answer = None
    number = await world.send()
    monkeypatch.setattr(world.scheduler, "moving", lambda *_: True)
    assert await world.ruling(world.cancel(number)) is Ruling.TOO_LATE
    assert await world.ruling(world.cancel_all()) is Ruling.TOO_LATE


async def test_it_is_counted_what_was_asked_and_what_came_of_it(world: World) -> None:
    number = await world.send()
    for _ in range(2):
        await world.ruling(world.cancel(number))
    await world.ruling(world.cancel(number + 1))
    assert world.journal.amendments == {
        ("cancel", "granted"): 1,
        ("cancel", "too_late"): 1,
        ("cancel", "unknown"): 1,
    }


# After a crash.


async def test_a_cancelled_message_stays_so_after_a_crash(world: World) -> None:
    number = await world.send(registered_delivery=1)
    await world.ruling(world.cancel(number))
    await world.reopen()
    world.attach()
    world.bind()
    await world.calm()
    assert world.radio.texts == []
    assert world.fleet.receipts == [(number, "DELETED")]
    assert await world.state(number) is State.DELETED


async def test_a_cancellation_that_was_not_written_before_the_crash_never_happened(
    world: World,
) -> None:
    number = await world.send("hello")
    await world.store.hold()
    token = world.cancel(number)
    await world.calm()
    held = world.store.hold_next()
    world.store.release()
    await held
    await world.calm()
    await world.reopen()
    assert token not in world.office.answers
    world.attach()
    await world.calm()
    assert world.radio.texts == ["hello"]
    assert await world.state(number) is State.DELIVERED


async def test_a_message_in_hand_that_was_cancelled_does_not_come_back_after_a_crash(
    world: World,
) -> None:
    world.attach()
    world.radio.answer = None
    await world.send("first")
    second = await world.send("second")
    await world.ruling(world.cancel(second))
    world.radio.answer = Result.DELIVERED
    await world.reopen()
    assert world.radio.texts == ["first"]
    assert await world.state(second) is State.DELETED
