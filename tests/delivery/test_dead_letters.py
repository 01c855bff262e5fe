"""Receipts: kept until a receiver has taken them, or has refused them once too often."""

import pytest
from structlog.testing import capture_logs

from smsc.delivery.agent import Result
from smsc.message import State
from tests.delivery.world import FLEET, LADDER, RECEIPT_LADDER, World

T_APPN = 0x64


async def refused(world: World) -> int:
    """Have a message delivered whose receipt is refused, and return its id."""
    world.attach()
    world.fleet.answer, world.fleet.error = Result.FAILED, T_APPN
    world.bind()
    return await world.send(registered_delivery=1)


async def test_a_refused_receipt_comes_again_after_the_delays_of_its_own_ladder(
    world: World,
) -> None:
    number = await refused(world)
    for times, seconds in enumerate(RECEIPT_LADDER, start=1):
        assert world.fleet.receipts == [(number, "DELIVERED")] * times
        await world.wait(seconds - 0.1)
        assert len(world.fleet.taken) == times
        await world.wait(0.1)
    assert len(world.fleet.taken) == len(RECEIPT_LADDER) + 1


async def test_one_refused_after_the_last_delay_too_is_a_dead_letter(world: World) -> None:
    number = await refused(world)
    with capture_logs() as log:
        for seconds in RECEIPT_LADDER:
            assert world.journal.dead_letters == 0
            await world.wait(seconds)
    receipt = world.fleet.taken[0].message.id
    history = await world.history(receipt)
    assert (history.state, history.error) == (State.UNDELIVERABLE, T_APPN)
    assert world.journal.dead_letters == 1
    (line,) = [line for line in log if line["event"] == "dead_letter"]
    assert (line["message"], line["account"], line["about"]) == (receipt, FLEET, number)
    assert "hello" not in str(line)
    world.fleet.answer = Result.DELIVERED
    await world.wait(3600)
    assert len(world.fleet.taken) == len(RECEIPT_LADDER) + 1
    assert (world.scheduler.waiting, world.scheduler.in_hand) == (0, 0)


async def test_a_refusal_is_remembered_across_a_crash(world: World) -> None:
    await refused(world)
    await world.reopen()
    world.bind()
    await world.wait(RECEIPT_LADDER[0])
    assert world.fleet.taken[0].attempts == 1


@pytest.mark.parametrize("result", [Result.FAILED, Result.ABSENT, Result.BUSY])
async def test_what_is_no_refusal_brings_it_no_nearer_to_its_end(
    world: World, result: Result
) -> None:
    await refused(world)
    for _ in range(len(RECEIPT_LADDER) + 3):
        world.fleet.answer = None
        await world.wait(RECEIPT_LADDER[-1])
        if result is not Result.FAILED:
            world.unbind()
        world.fleet.reply_all(result)
        await world.calm()
        world.bind()
    await world.wait(RECEIPT_LADDER[-1])
    (attempt,) = world.fleet.in_air
    assert attempt.attempts == 1
    assert world.journal.dead_letters == 0


async def test_a_receipt_nobody_has_come_for_is_a_dead_letter_when_it_expires(
    world: World,
) -> None:
    world.attach()
    await world.send(registered_delivery=1)
    with capture_logs() as log:
        await world.wait(30 * 86_400)
    assert world.journal.dead_letters == 1
    assert [line["state"] for line in log if line["event"] == "dead_letter"] == ["EXPIRED"]


async def test_a_message_that_is_refused_goes_by_the_other_ladder_and_never_dies_of_it(
    world: World,
) -> None:
    world.fleet.answer, world.fleet.error = Result.FAILED, T_APPN
    world.bind()
    world.report()
    for seconds in [0, *LADDER, LADDER[-1]]:
        await world.wait(seconds)
    assert len(world.fleet.taken) == len(LADDER) + 2
    assert world.journal.dead_letters == 0


async def test_a_busy_receiver_costs_a_message_no_attempt(world: World) -> None:
    world.fleet.answer = None
    world.bind()
    world.report()
    await world.calm()
    world.unbind()
    world.fleet.reply_all(Result.BUSY)
    world.bind()
    await world.calm()
    (attempt,) = world.fleet.in_air
    assert attempt.attempts == 0
