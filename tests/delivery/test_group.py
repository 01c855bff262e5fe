"""One text to several: durable together, known by one id, and each on its own road."""

import pytest

from smsc.delivery import amendments
from smsc.delivery.agent import Result
from smsc.delivery.petition import Ruling
from smsc.message import Address, State
from smsc_routing.decision import Reason
from tests.delivery.world import ANNA, BERT, CARL, LADDER, World

NOBODY = "440000000000"


async def test_all_stand_on_one_page_and_are_told_of_at_once(world: World) -> None:
    door = world.submit_group([ANNA, BERT, CARL])
    await world.calm()
    (page,) = [batch for batch in world.store.batches if batch.arrivals]
    assert [message.dest.digits for message in page.arrivals] == [ANNA, BERT, CARL]
    assert sorted(door.ids) == [0, 1, 2]
    assert door.flushes == [3]


async def test_each_gets_its_own_verdict(world: World) -> None:
    door = world.submit_group([ANNA, NOBODY, BERT])
    assert door.verdicts[1].reason is Reason.UNKNOWN_DESTINATION
    await world.calm()
    assert sorted(door.ids) == [0, 2]
    assert world.journal.submits.total() == 3


async def test_receipts_quote_the_id_of_the_first_that_was_accepted(world: World) -> None:
    world.bind()
    world.attach(BERT)
    world.attach(CARL)
    door = world.submit_group([NOBODY, BERT, CARL], registered_delivery=1)
    await world.calm()
    number = door.ids[1]
    assert world.fleet.receipts == [(number, "DELIVERED")] * 2
    assert {attempt.message.source.digits for attempt in world.fleet.taken} == {BERT, CARL}


async def test_a_group_of_one_goes_by_its_own_id(world: World) -> None:
    door = world.submit_group([ANNA])
    await world.calm()
    assert (await world.history(door.ids[0])).message.told_id == 0


async def test_when_the_page_cannot_be_written_nobody_gets_it(world: World) -> None:
    world.attach()
    world.store.fails_to_write = True
    door = world.submit_group([ANNA, BERT])
    await world.calm()
    assert {verdict.reason for verdict in door.verdicts.values()} == {Reason.STORE_FAILED}
    world.store.fails_to_write = False
    await world.wait(1)
    assert world.radio.texts == []
    assert (world.scheduler.waiting, world.scheduler.in_hand) == (0, 0)


async def test_a_recipient_picks_the_one_to_cancel(world: World) -> None:
    first, second, third = await world.group([ANNA, BERT, CARL])
    token = world.cancel(first, dest=Address(1, 1, BERT))
    assert await world.ruling(token) is Ruling.GRANTED
    assert [await world.state(each) for each in (first, second, third)] == [
        State.ENROUTE,
        State.DELETED,
        State.ENROUTE,
    ]


async def test_without_one_all_that_wait_are_cancelled(world: World) -> None:
    world.attach(ANNA)
    alone = await world.send(to=BERT)
    first, second, third = await world.group([ANNA, BERT, CARL])
    other, _ = await world.group([BERT, CARL])
    assert await world.ruling(world.cancel(first)) is Ruling.GRANTED
    assert await world.state(first) is State.DELIVERED
    assert {await world.state(each) for each in (second, third)} == {State.DELETED}
    assert not any([(await world.state(each)).final for each in (alone, other)])
    assert await world.ruling(world.cancel(first)) is Ruling.TOO_LATE


async def test_all_that_wait_are_replaced(world: World) -> None:
    first, *_ = await world.group([ANNA, BERT])
    world.replace(first)
    await world.calm()
    world.attach(ANNA)
    world.attach(BERT)
    await world.calm()
    assert world.radio.texts == ["new", "new"]


async def test_a_query_tells_of_all_as_of_one(world: World) -> None:
    world.attach(ANNA)
    first, *_ = await world.group([ANNA, BERT, CARL])
    assert await world.queried(first) == (State.ENROUTE, 0, 0)
    world.radio.answer, world.radio.error = Result.REFUSED, 9
    await world.wait(1)
    world.attach(BERT)
    await world.calm()
    world.radio.answer, world.radio.error = Result.DELIVERED, 0
    await world.wait(1)
    world.attach(CARL)
    await world.calm()
    assert await world.queried(first) == (State.UNDELIVERABLE, 9, world.clock.now())


async def test_a_query_of_all_delivered_tells_so(world: World) -> None:
    world.attach(ANNA)
    world.attach(BERT)
    await world.calm()
    first, *_ = await world.group([ANNA, BERT])
    assert (await world.queried(first))[0] is State.DELIVERED


async def test_those_that_are_present_are_replaced(world: World) -> None:
    old = [await world.send(to=to) for to in (ANNA, BERT)]
    kept = await world.send(to=CARL)
    first, second = await world.group([ANNA, BERT], replace=True)
    assert {await world.state(each) for each in old} == {State.DELETED}
    assert not any([(await world.state(each)).final for each in (kept, first, second)])
    assert second == first + 1
    assert (await world.history(second)).message.told_id == first
    token = world.cancel(first)
    assert await world.ruling(token) is Ruling.GRANTED
    assert {await world.state(each) for each in (first, second)} == {State.DELETED}


async def test_groups_beyond_what_a_turn_reads_come_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amendments, "MESSAGES_A_TURN", 2)
    groups = [await world.group([ANNA, BERT, CARL]) for _ in range(3)]
    tokens = [world.cancel(first) for first, *_ in groups]
    assert [await world.ruling(token) for token in tokens] == [Ruling.GRANTED] * 3
    assert world.scheduler.waiting == 0


async def test_a_group_goes_by_one_id_after_a_crash(world: World) -> None:
    world.radio.answer = None
    world.attach(ANNA)
    first, second = await world.group([ANNA, BERT], registered_delivery=1)
    world.radio.answer = Result.DELIVERED
    await world.reopen()
    world.bind()
    await world.ruling(world.cancel(first))
    await world.wait(LADDER[0])
    assert sorted(world.fleet.receipts) == [(first, "DELETED"), (first, "DELIVERED")]
    assert await world.state(second) is State.DELETED
