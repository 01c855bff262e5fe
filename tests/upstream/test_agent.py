"""How a message gets out: by turns, around links that are down or throttled, and once."""

import pytest

from smsc.message import Address, State
from smsc.smpp.commands import CommandStatus
from smsc_routing.routes import Route
from tests.delivery.world import FLEET, LADDER
from tests.upstream.wire import Wire
from tests.upstream.world import Abroad, answered

THROTTLED = CommandStatus.ESME_RTHROTTLED


async def leave_many(world: Abroad, count: int, **fields: object) -> None:
    for number in range(count):
        world.submit(f"{fields.get('account', FLEET)} {number}", "155500010001", **fields)
    await world.calm()


# --- room -------------------------------------------------------------------------------------


async def test_no_more_is_sent_than_there_is_room_for(world: Abroad) -> None:
    world.up("a")
    await leave_many(world, 25)
    assert len(world.a.unanswered) == 10
    world.a.answer(world.a.unanswered[:4])
    assert len(world.a.unanswered) == 10 and len(world.a.sent) == 14


async def test_a_line_that_keeps_a_rate_is_asked_again_for_room(world: Abroad) -> None:
    world.a.window = 0
    world.up("a")
    await leave_many(world, 3)
    world.a.window = 10
    await world.wait(0.1)
    assert len(world.a.sent) == 3


async def test_all_of_a_backlog_leaves_in_the_order_it_came(world: Abroad) -> None:
    await leave_many(world, 2500)
    world.up("a")
    while len(world.a.sent) < 2500:
        await world.calm()
        world.a.answer_all()
    assert world.a.texts == [f"fleet {number}" for number in range(2500)]


async def test_one_accounts_flood_does_not_starve_another(world: Abroad) -> None:
    world.up("a")
    await leave_many(world, 5000)
    await leave_many(world, 10, account="bank", source=Address(0, 1, "7"))
    sent = len(world.a.sent)
    for _ in range(3):
        world.a.answer_all()
        await world.calm()
    banks = [text for text in world.a.texts[sent:] if text.startswith("bank")]
    assert len(banks) == 10


async def test_a_link_is_shared_by_weight(world: Abroad) -> None:
    world.weights["bank"] = 3
    world.up("a")
    await leave_many(world, 100)
    await leave_many(world, 100, account="bank", source=Address(0, 1, "7"))
    sent = len(world.a.sent)
    for _ in range(8):
        world.a.answer_all()
        await world.calm()
    banks = [text for text in world.a.texts[sent:] if text.startswith("bank")]
    assert len(banks) == 60


# --- faults -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "status", [CommandStatus.ESME_RSYSERR, CommandStatus.ESME_RINVBNDSTS, THROTTLED, None]
)
async def test_a_fault_of_the_link_tries_the_next_at_once(
    world: Abroad, status: int | None
) -> None:
    world.up()
    await world.leave("next, please")
    world.a.answer_all(status)
    assert world.b.texts == ["next, please"]


async def test_only_when_all_links_failed_is_a_message_tried_later(world: Abroad) -> None:
    world.up()
    message_id = await world.leave()
    world.a.answer_all(CommandStatus.ESME_RSYSERR)
    world.b.answer_all(CommandStatus.ESME_RSYSERR)
    await world.calm()
    assert (await world.history(message_id)).attempts == 1
    await world.wait(LADDER[0])
    assert (len(world.a.sent), len(world.b.sent)) == (2, 1)


@pytest.mark.parametrize("status", [CommandStatus.ESME_RSUBMITFAIL, 0x0400])
async def test_a_fault_of_the_destination_or_an_unknown_one_is_tried_later(
    world: Abroad, status: int
) -> None:
    world.up()
    await world.leave()
    world.a.answer_all(status)
    await world.calm()
    assert world.b.sent == []
    await world.wait(LADDER[0])
    assert len(world.a.sent) == 2


async def test_a_message_that_is_refused_for_good_ends(world: Abroad) -> None:
    world.up()
    world.bind()
    message_id = await world.leave()
    world.a.answer_all(CommandStatus.ESME_RINVDSTADR)
    await world.calm()
    history = await world.history(message_id)
    assert (history.state, history.error) == (State.UNDELIVERABLE, 0x0B)
    assert world.fleet.receipts == [(message_id, "UNDELIVERABLE")]
    assert world.b.sent == []


async def test_answers_are_counted_by_what_they_mean(world: Abroad) -> None:
    world.up()
    await world.leave()
    world.a.answer_all(CommandStatus.ESME_RSYSERR)
    world.b.answer_all()
    assert answered(world.journal.link_answers) == {("a", "link_fault"): 1, ("b", "taken"): 1}


# --- throttling -------------------------------------------------------------------------------


async def test_a_throttled_link_rests_and_what_waits_for_it_goes_another_way(
    world: Abroad,
) -> None:
    world.up()
    world.b.window = 100
    await leave_many(world, 30)
    world.a.answer(world.a.unanswered[:1], THROTTLED)
    assert len(world.a.sent) == 10 and len(world.b.sent) == 21


async def test_a_throttled_link_without_another_is_tried_again_after_its_rest(
    world: Abroad,
) -> None:
    world.up("a")
    message_id = await world.leave()
    world.a.answer_all(THROTTLED)
    await world.wait(0.9)
    assert len(world.a.sent) == 1
    await world.wait(0.2)
    assert len(world.a.sent) == 2
    assert (await world.history(message_id)).attempts == 0


async def test_rests_get_longer_until_the_link_takes_something(world: Abroad) -> None:
    world.up("a")
    await world.leave()

    async def rest() -> int:
        world.a.answer_all(THROTTLED)
        seconds = 0
        await world.calm()
        while not world.a.unanswered:
            await world.wait(1)
            seconds += 1
        return seconds

    assert [await rest() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    world.a.answer_all()
    await world.leave()
    assert await rest() == 1


async def test_many_throttled_answers_are_one_rest(world: Abroad) -> None:
    world.up("a")
    await leave_many(world, 10)
    world.a.answer_all(THROTTLED)
    await world.wait(1.1)
    assert len(world.a.sent) == 20


# --- links that are lost ----------------------------------------------------------------------


async def test_what_waits_for_a_lost_link_goes_another_way(world: Abroad) -> None:
    world.up()
    world.b.window = 100
    await leave_many(world, 30)
    world.a.down()
    assert len(world.b.sent) == 30


async def test_what_waits_for_the_only_link_goes_back_to_the_store(world: Abroad) -> None:
    world.up("a")
    await leave_many(world, 30)
    world.a.down()
    await world.calm()
    assert (world.scheduler.waiting, world.scheduler.in_hand) == (30, 0)
    world.up("a")
    await world.calm()
    # Those that may be on the other side wait for their next attempt, so as not to break it again.
    assert len(world.a.unanswered) == 10
    assert {message.id for message in world.a.unanswered}.isdisjoint(
        message.id for message in world.a.sent[:10]
    )


async def test_what_was_never_answered_is_tried_again(world: Abroad) -> None:
    world.up("a")
    await world.leave()
    world.a.down()
    world.up("a")
    await world.wait(LADDER[0])
    assert len(world.a.sent) == 2


async def test_a_lane_that_is_shut_is_not_tried_in_vain(world: Abroad) -> None:
    world.reroute(Route("", ("a",)))
    world.up("b")
    await leave_many(world, 20)
    attempts = world.journal.deliveries.total()
    await world.wait(60)
    assert world.journal.deliveries.total() == attempts <= 20
    assert world.scheduler.waiting == 20


async def test_a_link_that_is_gone_for_good_leaves_nothing_behind(world: Abroad) -> None:
    world.up()
    world.b.window = 100
    await leave_many(world, 30)
    world.a.bound = False
    world.a.answer_all(None)
    world.agent.remove("a")
    world.exits.change((Route("", ("b",)),), frozenset({"b"}))
    world.agent.rerouted()
    await world.calm()
    assert len(world.b.sent) == 30


async def test_a_link_put_in_the_place_of_another_is_used(world: Abroad) -> None:
    world.up("a")
    await world.leave("first")
    world.a.bound = False
    world.a.answer_all(None)
    world.agent.remove("a")
    new = world.wires["a"] = Wire("a", world.agent)
    world.agent.add(new)
    new.up()
    await world.wait(LADDER[0])
    assert new.texts == ["first"]


async def test_a_message_that_expires_while_it_waits_for_room_is_not_sent(world: Abroad) -> None:
    world.a.window = 0
    world.up("a")
    message_id = await world.leave(expires_at=world.clock.now() + 5000)
    await world.wait(6)
    world.a.window = 10
    await world.wait(1)
    assert world.a.sent == []
    await world.wait(10)
    assert await world.state(message_id) is State.EXPIRED
