"""The line before a full page: nobody waits for all of a flood to be written."""

from typing import Any

from smsc.delivery.ledger import STORE_FAILED
from smsc.delivery.line import ON_A_PAGE
from smsc.delivery.petition import Ruling
from smsc.message import Address, State
from smsc.smpp.commands import ESM_MODE_DATAGRAM
from smsc_routing.decision import Reason
from tests.delivery.world import ANNA, BERT, FLEET, World

OTHER: dict[str, Any] = {"account": "other", "source": Address(0, 1, "7777")}


async def answered(world: World, *tokens: int) -> None:
    await world.until(lambda: all(token in world.door.ids for token in tokens))


def arrivals(world: World) -> list[int]:
    return [len(batch.arrivals) for batch in world.store.batches]


async def test_a_page_has_room_for_so_many_submissions(world: World) -> None:
    tokens = [world.submit() for _ in range(2 * ON_A_PAGE + 10)]
    await answered(world, *tokens)
    assert arrivals(world) == [ON_A_PAGE, ON_A_PAGE, 10]


async def test_what_one_submitted_keeps_its_order(world: World) -> None:
    tokens = [world.submit() for _ in range(3 * ON_A_PAGE)]
    await answered(world, *tokens)
    ids = [world.door.ids[token] for token in tokens]
    assert ids == sorted(ids)


async def test_one_message_is_on_the_next_page_whatever_a_flood_has_in_line(world: World) -> None:
    await world.store.hold()
    flood = [world.submit() for _ in range(5 * ON_A_PAGE)]
    await world.calm()
    flood += [world.submit() for _ in range(ON_A_PAGE)]
    token = world.submit(**OTHER)
    world.store.release()
    await answered(world, token, *flood)
    assert token in list(world.door.ids)[ON_A_PAGE : 3 * ON_A_PAGE]


async def test_two_floods_share_pages_by_weight(world: World) -> None:
    world.weights["other"] = 3
    await world.store.hold()
    for _ in range(2 * ON_A_PAGE):
        world.submit("one")
        world.submit("other", **OTHER)
    world.store.release()
    await world.until(lambda: len(world.store.batches) >= 2)
    texts = [message.payload for message in world.store.batches[1].arrivals]
    assert texts.count(b"other") == 3 * texts.count(b"one") > 0


async def test_those_in_line_are_the_backlog_too(world: World) -> None:
    await world.store.hold()
    for _ in range(ON_A_PAGE + 10):
        world.submit("hello")
    assert world.ledger.backlog == ON_A_PAGE + 10
    assert world.ledger.held(FLEET) == (ON_A_PAGE + 10, (ON_A_PAGE + 10) * 5)
    assert world.ledger.line.octets == 10 * 5


async def test_those_in_line_are_refused_when_the_store_fails(world: World) -> None:
    world.store.fails_to_write = True
    tokens = [world.submit() for _ in range(3 * ON_A_PAGE)]
    await world.calm()
    # Those of the second page are tried again with it.
    told = tokens[:ON_A_PAGE] + tokens[2 * ON_A_PAGE :]
    assert world.door.verdicts == dict.fromkeys(told, STORE_FAILED)
    assert world.door.flushes[-1] == len(told)
    world.store.fails_to_write = False
    await world.wait(1)
    assert world.door.ids.keys() == set(tokens[ON_A_PAGE : 2 * ON_A_PAGE])


async def test_one_in_line_who_is_refused_is_told(world: World) -> None:
    for _ in range(ON_A_PAGE):
        world.submit()
    token = world.submit(to="440000000000")
    await world.calm()
    assert world.door.verdicts[token].reason is Reason.UNKNOWN_DESTINATION
    assert world.door.flushes[-1] == ON_A_PAGE + 1


async def test_a_group_waits_in_line_and_goes_together(world: World) -> None:
    for _ in range(ON_A_PAGE + 1):
        world.submit()
    door = world.submit_group([ANNA, BERT])
    assert door.answers == 0
    await world.calm()
    assert sorted(door.ids) == [0, 1]
    assert arrivals(world) == [ON_A_PAGE, 3]


async def test_what_is_not_stored_waits_in_no_line(world: World) -> None:
    world.attach()
    for _ in range(ON_A_PAGE + 1):
        world.submit(to=BERT)
    token = world.submit(esm_class=ESM_MODE_DATAGRAM)
    assert token in world.door.ids


async def test_who_cancels_all_cancels_what_is_in_line_before(world: World) -> None:
    for _ in range(ON_A_PAGE):
        world.submit(to=BERT)
    token = world.submit()
    petition = world.cancel_all()
    assert await world.ruling(petition) is Ruling.GRANTED
    assert await world.state(world.door.ids[token]) is State.DELETED


async def test_what_is_in_line_at_a_crash_was_never_promised(world: World) -> None:
    await world.store.hold()
    for _ in range(ON_A_PAGE + 5):
        world.submit()
    await world.calm()
    await world.reopen()
    assert world.door.answers == 0 and world.opened_with == 0
    await world.send()
