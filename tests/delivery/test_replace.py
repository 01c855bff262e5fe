"""Another text in the place of a message that waits: same id, same turn, nothing sent twice."""

from typing import Any

import pytest

from smsc.config import parse
from smsc.delivery.agent import Result
from smsc.delivery.petition import Ruling
from smsc.message import Address, State
from smsc.policies import Policies
from smsc.smpp.commands import ESM_UDHI
from smsc_routing.decision import Reason
from tests.delivery.stage import Lazy
from tests.delivery.world import ANNA, BERT, LADDER, VALIDITY, World


async def test_the_new_text_goes_out_under_the_old_id_and_in_its_turn(world: World) -> None:
    first, second, third = [await world.send(text) for text in ("first", "second", "third")]
    assert await world.ruling(world.replace(second, "new")) is Ruling.GRANTED
    assert world.scheduler.waiting == 3
    world.attach()
    await world.calm()
    assert world.radio.texts == ["first", "new", "third"]
    assert [attempt.message.id for attempt in world.radio.taken] == [first, second, third]
    assert await world.state(second) is State.DELIVERED


async def test_the_new_wish_for_a_receipt_counts(world: World) -> None:
    world.bind()
    number = await world.send(registered_delivery=0)
    other = await world.send(registered_delivery=1)
    world.replace(number, registered_delivery=1)
    world.replace(other, registered_delivery=0)
    world.attach()
    await world.calm()
    assert world.fleet.receipts == [(number, "DELIVERED")]


async def test_what_is_not_named_stays_as_it_was(world: World) -> None:
    number = await world.send(
        data_coding=8, priority=2, service_type="VMA", protocol_id=5, user_reference=7
    )
    before = (await world.history(number)).message
    world.replace(number, "\0n")
    await world.calm()
    after = (await world.history(number)).message
    assert after.payload == b"\0n"
    for name in set(before.__struct_fields__) - {"payload"}:
        assert getattr(after, name) == getattr(before, name)


async def test_a_message_in_the_air_cannot_be_replaced_but_those_behind_it_keep_their_turn(
    world: World,
) -> None:
    world.attach()
    world.radio.answer = None
    numbers = [await world.send(text) for text in ("first", "second", "third")]
    assert await world.ruling(world.replace(numbers[0])) is Ruling.TOO_LATE
    assert await world.ruling(world.replace(numbers[1])) is Ruling.GRANTED
    world.submit("fourth")
    await world.calm()
    world.radio.answer = Result.DELIVERED
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert world.radio.texts == ["first", "new", "third", "fourth"]
    assert (world.scheduler.waiting, world.scheduler.in_hand) == (0, 0)


async def test_a_text_is_not_sent_before_it_is_durable(world: World) -> None:
    world.attach()
    world.radio.answer = None
    await world.send("first")
    number = await world.send("second")
    await world.store.hold()
    world.replace(number)
    await world.calm()
    held = world.store.hold_next()
    world.store.release()
    await held
    await world.calm()
    world.radio.answer = Result.DELIVERED
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert world.radio.texts == ["first"]
    world.store.release()
    await world.calm()
    assert world.radio.texts == ["first", "new"]


async def test_a_message_that_ended_cannot_be_replaced(world: World) -> None:
    world.attach()
    number = await world.send("old")
    assert await world.ruling(world.replace(number)) is Ruling.TOO_LATE
    assert (await world.history(number)).message.payload == b"old"


@pytest.mark.parametrize("foreign", [{"account": "other"}, {"source": Address(0, 1, "FLEET")}])
async def test_only_its_sender_replaces_a_message(world: World, foreign: dict[str, Any]) -> None:
    number = await world.send("old")
    assert await world.ruling(world.replace(number, **foreign)) is Ruling.UNKNOWN


async def test_a_replaced_message_starts_from_the_beginning(world: World) -> None:
    world.attach()
    world.radio.answer, world.radio.error = Result.FAILED, 22
    number = await world.send("old")
    world.radio.answer = None
    world.replace(number)
    await world.calm()
    assert world.radio.texts == ["old", "new"]
    assert world.radio.taken[1].attempts == 0
    history = await world.history(number)
    assert (history.error, history.attempts) == (0, 0)
    world.radio.reply_all(Result.FAILED)
    world.radio.answer = Result.DELIVERED
    await world.wait(LADDER[0] - 1)
    assert len(world.radio.texts) == 2
    await world.wait(1)
    assert world.radio.texts == ["old", "new", "new"]


# Times.


async def test_a_message_is_put_off(world: World) -> None:
    number = await world.send()
    world.replace(number, not_before=world.clock.now() + 20_000)
    await world.calm()
    world.attach()
    assert (await world.queried(number))[0] is State.SCHEDULED
    await world.wait(19)
    assert world.radio.texts == []
    await world.wait(1)
    assert world.radio.texts == ["new"]


async def test_a_message_is_brought_forward(world: World) -> None:
    world.attach()
    number = await world.send(not_before=world.clock.now() + 20_000)
    world.replace(number, not_before=world.clock.now() + 5000)
    await world.wait(5)
    assert world.radio.texts == ["new"]


async def test_a_message_whose_new_time_has_come_goes_at_once(world: World) -> None:
    world.attach()
    number = await world.send(not_before=world.clock.now() + 20_000)
    world.replace(number, not_before=world.clock.now() - 1)
    await world.calm()
    assert world.radio.texts == ["new"]


async def test_a_new_validity_counts(world: World) -> None:
    numbers = [await world.send(expires_at=world.clock.now() + 50_000) for _ in range(2)]
    world.replace(numbers[0], expires_at=world.clock.now() + 10_000)
    world.replace(numbers[1], expires_at=world.clock.now() + 10_000_000_000)
    await world.wait(10)
    assert [await world.state(number) for number in numbers] == [State.EXPIRED, State.ENROUTE]
    await world.wait(VALIDITY - 10)
    assert await world.state(numbers[1]) is State.EXPIRED


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"text": "x" * 40_000}, Reason.TOO_LONG),
        ({"expires_at": 1}, Reason.BAD_VALIDITY),
        ({"not_before": 1 << 60}, Reason.BAD_SCHEDULE),
    ],
)
async def test_what_could_not_be_submitted_cannot_replace(
    world: World, fields: dict[str, Any], reason: Reason
) -> None:
    number = await world.send("old")
    answer = await world.answered(world.replace(number, **fields))
    assert answer.ruling is Ruling.REFUSED
    assert answer.verdict is not None and answer.verdict.reason is reason
    assert world.journal.amendments == {("replace", reason): 1}
    world.attach()
    await world.calm()
    assert world.radio.texts == ["old"]


async def test_where_there_was_a_header_there_must_be_one(world: World) -> None:
    number = await world.send("\x02\x70\0hello", esm_class=ESM_UDHI)
    answer = await world.answered(world.replace(number, "\x20"))
    assert answer.verdict is not None and answer.verdict.reason is Reason.BAD_UDH


# One after another.


async def test_of_many_that_replace_it_the_last_one_counts(world: World) -> None:
    number = await world.send()
    tokens = [world.replace(number, str(each)) for each in range(5)]
    assert [await world.ruling(token) for token in tokens] == [Ruling.GRANTED] * 5
    world.attach()
    await world.calm()
    assert world.radio.texts == ["4"]


async def test_a_query_behind_a_replacement_sees_it(world: World) -> None:
    number = await world.send()
    world.replace(number, not_before=world.clock.now() + 5000)
    assert (await world.queried(number))[0] is State.SCHEDULED


async def test_a_replacement_that_could_not_be_written_is_written_later(world: World) -> None:
    number = await world.send("old")
    await world.store.hold()
    token = world.replace(number)
    await world.calm()
    held = world.store.hold_next()
    world.store.release()
    await held
    await world.calm()
    world.store.fails_to_write = True
    world.store.release()
    await world.calm()
    assert token not in world.office.answers
    world.store.fails_to_write = False
    await world.wait(1)
    assert await world.ruling(token) is Ruling.GRANTED
    world.attach()
    await world.calm()
    assert world.radio.texts == ["new"]


async def test_a_replaced_message_is_as_it_was_replaced_after_a_crash(world: World) -> None:
    world.attach()
    world.radio.answer = None
    await world.send("first")
    second, third = await world.send("second"), await world.send("third", BERT)
    for number in (second, third):
        await world.ruling(world.replace(number, f"new {number}"))
    world.radio.answer = Result.DELIVERED
    await world.reopen()
    world.attach(BERT)
    await world.calm()
    assert world.radio.texts == ["first", f"new {second}", f"new {third}"]


# How it stands.


async def test_a_query_tells_state_error_and_end(world: World) -> None:
    number = await world.send()
    assert await world.queried(number) == (State.ENROUTE, 0, 0)
    world.radio.error = 22
    world.radio.answer = Result.FAILED
    world.attach()
    await world.calm()
    assert await world.queried(number) == (State.ENROUTE, 22, 0)
    world.radio.answer = Result.REFUSED
    await world.wait(LADDER[0])
    assert await world.queried(number) == (State.UNDELIVERABLE, 22, world.clock.now())


async def test_a_message_whose_hour_has_come_is_no_longer_scheduled(world: World) -> None:
    number = await world.send(not_before=world.clock.now() + 5000)
    assert (await world.queried(number))[0] is State.SCHEDULED
    await world.wait(5)
    assert (await world.queried(number))[0] is State.ENROUTE


@pytest.mark.parametrize("foreign", [{"account": "other"}, {"source": Address(1, 1, ANNA)}])
async def test_only_its_sender_may_ask(world: World, foreign: dict[str, Any]) -> None:
    number = await world.send()
    assert await world.ruling(world.query(number, **foreign)) is Ruling.UNKNOWN


async def test_queries_need_no_write(world: World) -> None:
    number = await world.send()
    writes = len(world.store.batches)
    await world.ruling(world.query(number))
    assert len(world.store.batches) == writes


# Rules of the device's policy.

STRICT = '[[policies]]\nname = "strict"\nmax_segments = 1\nforbidden_text = ["https?://"]'


@pytest.mark.parametrize(
    ("text", "reason"),
    [("see http://x", Reason.SWITCHED_OFF), ("x" * 161, Reason.TOO_LONG)],
)
async def test_a_text_that_could_not_be_sent_can_not_replace_another(
    world: World, text: str, reason: Reason
) -> None:
    world.numbers.policies[ANNA] = Policies(parse(STRICT, "smsc.toml").policies).find("strict")
    number = await world.send("old")
    verdict = (await world.answered(world.replace(number, text))).verdict
    assert verdict is not None
    assert verdict.reason is reason
    assert "of policy 'strict' of the receiver" in verdict.detail
    assert await world.ruling(world.replace(number, "new")) is Ruling.GRANTED
    assert (await world.history(number)).message.payload == b"new"


async def test_the_policy_is_read_first_where_it_is_not_in_memory(world: World) -> None:
    number = await world.send("old")
    world.numbers.policies[ANNA] = Policies(parse(STRICT, "smsc.toml").policies).find("strict")
    world.numbers = Lazy({ANNA}, world.numbers)
    await world.reopen()
    answer = await world.answered(world.replace(number, "see http://x"))
    assert answer.ruling is Ruling.REFUSED
