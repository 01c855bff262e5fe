"""Group commit: one write for a turn, no answer before it, and nothing lost when it fails."""

import asyncio
from pathlib import Path

import pytest

from smsc.delivery.agent import Result
from smsc.delivery.ledger import SECONDS_BETWEEN_TRIES, STORE_FAILED
from smsc.message import State
from smsc.store.sqlite import SqliteStore
from smsc.store.store import Batch, StoreBrokenError, Written
from smsc_routing.decision import Reason
from tests.delivery.world import ANNA, BERT, World


async def test_what_is_submitted_in_a_turn_is_written_at_once(world: World) -> None:
    for number in range(50):
        world.submit(str(number))
    await world.calm()
    assert [len(batch.arrivals) for batch in world.store.batches] == [50]
    assert len(world.door.ids) == 50


async def test_a_page_fills_while_another_is_being_written(world: World) -> None:
    await world.store.hold()
    world.submit()
    await world.calm()
    for _ in range(10):
        world.submit()
        await world.calm()
    world.store.release()
    await world.calm()
    assert [len(batch.arrivals) for batch in world.store.batches] == [1, 10]


async def test_nobody_is_answered_before_his_page_is_durable(world: World) -> None:
    await world.store.hold()
    world.submit()
    await world.calm()
    assert world.door.answers == 0
    world.store.release()
    await world.calm()
    assert world.door.answers == 1


async def test_answers_of_a_page_are_flushed_once(world: World) -> None:
    for _ in range(5):
        world.submit()
    await world.calm()
    assert world.door.flushes == [5]


async def test_ids_are_given_in_the_order_of_submission(world: World) -> None:
    tokens = [world.submit() for _ in range(5)]
    await world.calm()
    ids = [world.door.ids[token] for token in tokens]
    assert ids == sorted(set(ids))


async def test_what_is_not_durable_yet_is_the_backlog(world: World) -> None:
    await world.store.hold()
    world.submit()
    await world.calm()
    world.submit()
    assert world.ledger.backlog == 2
    world.store.release()
    await world.calm()
    assert world.ledger.backlog == 0


async def test_a_large_batch_need_not_wait_for_the_end_of_the_turn(world: World) -> None:
    await world.store.hold()
    for _ in range(500):
        world.submit()
    world.intake.hurry()
    world.submit("after the batch")
    await world.calm()
    world.store.release()
    await world.calm()
    assert [len(batch.arrivals) for batch in world.store.batches] == [500, 1]


async def test_a_small_batch_is_in_no_hurry(world: World) -> None:
    world.submit()
    world.intake.hurry()
    world.submit()
    await world.calm()
    assert [len(batch.arrivals) for batch in world.store.batches] == [2]


async def test_what_is_submitted_when_the_store_fails_is_refused(world: World) -> None:
    world.store.fails_to_write = True
    token = world.submit()
    await world.calm()
    assert world.door.verdicts == {token: STORE_FAILED}
    assert STORE_FAILED.reason is Reason.STORE_FAILED
    assert world.journal.store_failures == 1


async def test_a_refusal_is_flushed(world: World) -> None:
    world.store.fails_to_write = True
    world.submit()
    await world.calm()
    assert world.door.flushes == [1]


@pytest.mark.parametrize("attached", [True, False])
async def test_what_was_refused_is_nowhere(world: World, attached: bool) -> None:
    if attached:
        world.attach()
    world.store.fails_to_write = True
    world.submit()
    await world.calm()
    assert (world.scheduler.in_hand, world.scheduler.waiting) == (0, 0)
    world.store.fails_to_write = False
    await world.wait(SECONDS_BETWEEN_TRIES)
    world.attach()
    await world.send("after")
    assert world.radio.texts == ["after"]


async def test_what_comes_to_a_lane_that_was_refused_waits_its_turn(world: World) -> None:
    await world.send("older")
    world.radio.answer = None
    world.attach()
    await world.calm()
    world.store.fails_to_write = True
    world.submit("refused")
    await world.calm()
    world.store.fails_to_write = False
    await world.wait(SECONDS_BETWEEN_TRIES)
    world.submit("newer")
    await world.calm()
    world.radio.answer = Result.DELIVERED
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert world.radio.texts == ["older", "newer"]


async def test_while_the_store_fails_nothing_is_let_in(world: World) -> None:
    world.store.fails_to_write = True
    world.submit()
    await world.calm()
    token = world.submit()
    assert world.door.verdicts[token] == STORE_FAILED
    assert world.ledger.failing


async def test_the_store_is_tried_again_after_a_while(world: World) -> None:
    world.store.fails_to_write = True
    world.submit()
    await world.calm()
    world.store.fails_to_write = False
    await world.wait(SECONDS_BETWEEN_TRIES)
    assert not world.ledger.failing
    assert await world.state(await world.send()) is State.ENROUTE


async def test_the_end_of_a_message_is_kept_and_written_when_the_store_is_back(
    world: World,
) -> None:
    world.attach()
    world.bind()
    world.radio.answer = None
    number = await world.send(registered_delivery=1)
    world.store.fails_to_write = True
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert await world.state(number) is State.ENROUTE
    assert world.fleet.receipts == []
    world.store.fails_to_write = False
    await world.wait(SECONDS_BETWEEN_TRIES)
    assert await world.state(number) is State.DELIVERED
    assert world.fleet.receipts == [(number, "DELIVERED")]
    assert len(world.radio.taken) == 1


async def test_a_wait_is_kept_and_written_when_the_store_is_back(world: World) -> None:
    world.attach()
    world.radio.answer = None
    world.submit("first")
    world.submit("second")
    await world.calm()
    world.store.fails_to_write = True
    world.detach()
    world.radio.reply_all(Result.ABSENT)
    await world.calm()
    world.attach()
    await world.calm()
    world.store.fails_to_write = False
    world.radio.answer = Result.DELIVERED
    await world.wait(SECONDS_BETWEEN_TRIES)
    assert world.radio.texts == ["first", "first", "second"]
    assert world.scheduler.waiting == 0


async def test_a_store_that_fails_for_long_loses_nothing_of_ours(world: World) -> None:
    world.attach(ANNA)
    world.attach(BERT)
    world.radio.answer = None
    numbers = [await world.send(to=ANNA), await world.send(to=BERT)]
    world.store.fails_to_write = True
    world.radio.reply(world.radio.in_air[:1], Result.DELIVERED)
    await world.wait(SECONDS_BETWEEN_TRIES)
    world.radio.reply_all(Result.DELIVERED)
    await world.wait(SECONDS_BETWEEN_TRIES)
    await world.wait(SECONDS_BETWEEN_TRIES)
    world.store.fails_to_write = False
    await world.wait(SECONDS_BETWEEN_TRIES)
    assert [await world.state(number) for number in numbers] == [State.DELIVERED] * 2


async def test_moves_of_devices_outlive_a_failure(world: World) -> None:
    world.store.fails_to_write = True
    world.ledger.page.moves[ANNA] = True
    world.ledger.want()
    await world.calm()
    world.ledger.page.moves[BERT] = False
    world.store.fails_to_write = False
    await world.wait(SECONDS_BETWEEN_TRIES)
    written: dict[str, bool] = {}
    for batch in world.store.batches:
        written.update(batch.moves)
    assert written == {ANNA: True, BERT: False}


async def test_notes_outlive_a_failure_the_later_ones_before_the_earlier(world: World) -> None:
    world.store.fails_to_write = True
    world.ledger.page.notes.update({("a", "1"): b"one", ("a", "2"): b"two"})
    world.ledger.want()
    await world.calm()
    world.ledger.page.notes["a", "1"] = None
    world.store.fails_to_write = False
    world.clock.advance(SECONDS_BETWEEN_TRIES)
    await world.calm()
    (written,) = (batch.notes for batch in world.store.batches if batch.notes)
    assert written == {("a", "1"): None, ("a", "2"): b"two"}


async def test_one_can_wait_until_everything_is_durable(world: World) -> None:
    world.submit()
    await world.ledger.written()
    assert world.door.answers == 1


async def test_there_is_nothing_to_wait_for_on_an_empty_page(world: World) -> None:
    await world.ledger.written()
    assert world.store.batches == []


async def test_waiting_for_a_page_ends_when_all_of_it_was_refused(world: World) -> None:
    await world.store.hold()
    world.submit()
    await world.calm()
    world.submit()
    waiting = asyncio.get_running_loop().create_task(world.ledger.written())
    await world.calm()
    world.store.fails_to_write = True
    world.store.release()
    await world.wait(SECONDS_BETWEEN_TRIES)
    assert len(world.door.verdicts) == 2
    world.store.fails_to_write = False
    await world.wait(SECONDS_BETWEEN_TRIES)
    assert waiting.done()


async def test_the_journal_tells_of_every_write(world: World) -> None:
    world.attach()
    for _ in range(3):
        world.submit()
    await world.calm()
    writes = len(world.store.batches)
    assert sum(world.journal.batch_size.counts) == writes
    assert world.journal.batch_size.total == 6
    assert sum(world.journal.write_seconds.counts) == writes
    assert sum(world.journal.sync_seconds.counts) == writes
    assert sum(world.journal.accept_seconds.counts) == 3


async def test_closing_writes_what_is_left(tmp_path: Path) -> None:
    world = World(tmp_path / "smsc.db")
    await world.open()
    await world.store.hold()
    tokens = [world.submit()]
    await world.calm()
    tokens.append(world.submit())
    world.store.release()
    await world.close()
    assert sorted(world.door.ids) == tokens
    await world.open()
    assert world.scheduler.waiting == 2
    await world.close()


async def test_closing_ends_even_if_the_store_fails(tmp_path: Path) -> None:
    world = World(tmp_path / "smsc.db")
    await world.open()
    world.attach()
    await world.calm()
    world.radio.answer = None
    await world.send()
    world.store.fails_to_write = True
    world.radio.reply_all(Result.DELIVERED)
    await world.close()
    await world.open()
    assert world.opened_with == 1
    await world.close()


async def test_a_store_that_can_write_again_is_found_out_though_nobody_submits(
    world: World,
) -> None:
    world.store.fails_to_write = True
    world.submit()
    await world.calm()
    for _ in range(3):
        await world.wait(SECONDS_BETWEEN_TRIES)
        assert world.ledger.failing
    world.store.fails_to_write = False
    await world.wait(SECONDS_BETWEEN_TRIES)
    assert not world.ledger.failing
    assert world.journal.store_failures == 4


async def test_nobody_is_let_in_for_a_trial(world: World) -> None:
    world.store.fails_to_write = True
    world.submit()
    await world.calm()
    world.store.fails_to_write = False
    await world.store.hold()
    await world.wait(SECONDS_BETWEEN_TRIES)
    token = world.submit()
    assert world.door.verdicts[token] == STORE_FAILED
    world.store.release()
    await world.calm()
    assert await world.send()


async def test_a_log_that_cannot_be_folded_is_counted_and_refuses_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = SqliteStore.write

    async def write(store: SqliteStore, batch: Batch, now: int) -> Written:
        return (await real(store, batch, now))._replace(trouble="the disk is bad")

    monkeypatch.setattr(SqliteStore, "write", write)
    assert await world.send()
    assert world.journal.fold_failures == 1
    assert not world.ledger.failing


async def test_a_store_that_another_process_must_open_is_told_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def write(store: SqliteStore, batch: Batch, now: int) -> Written:
        raise StoreBrokenError("start the SMSC again")

    told: list[bool] = []
    world.ledger.on_broken = lambda: told.append(True)
    monkeypatch.setattr(SqliteStore, "write", write)
    token = world.submit()
    await world.calm()
    assert told == [True]
    assert world.door.verdicts[token] == STORE_FAILED
