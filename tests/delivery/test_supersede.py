"""replace_if_present: the new takes the place of the old, and one of them is always there."""

from typing import Any

import pytest

from smsc.delivery import amendments
from smsc.delivery.agent import Result
from smsc.message import Address, State
from smsc_routing.decision import Reason
from tests.delivery.world import ANNA, BERT, LADDER, World


async def test_the_old_ends_as_deleted_on_the_page_on_which_the_new_arrives(world: World) -> None:
    world.bind()
    old = await world.send("old", registered_delivery=1)
    new = await world.send("new", replace=True)
    (page,) = [batch for batch in world.store.batches if new in [m.id for m in batch.arrivals]]
    assert [(end.message.id, end.state) for end in page.finals] == [(old, State.DELETED)]
    assert world.fleet.receipts == [(old, "DELETED")]
    world.attach()
    await world.calm()
    assert world.radio.texts == ["new"]
    assert await world.state(new) is State.DELIVERED


@pytest.mark.parametrize(
    "other",
    [
        {"service_type": "CMT"},
        {"source": Address(0, 1, "FLEET")},
        {"to": BERT},
        {"account": "other", "source": Address(0, 1, "4400")},
    ],
)
async def test_one_that_differs_is_left_alone(world: World, other: dict[str, Any]) -> None:
    old = await world.send("old", **other)
    source = {"source": other["source"]} if "account" in other else {}
    await world.send("new", replace=True, **source)
    assert not (await world.state(old)).final


async def test_one_that_was_changed_just_before_is_replaced_too(world: World) -> None:
    old = await world.send("old")
    world.replace(old, "newer")
    new = await world.send("newest", replace=True)
    assert [await world.state(number) for number in (old, new)] == [State.DELETED, State.ENROUTE]
    assert world.scheduler.waiting == 1


async def test_where_nothing_is_present_it_is_an_ordinary_submission(world: World) -> None:
    world.attach()
    number = await world.send("new", replace=True)
    assert world.radio.texts == ["new"]
    assert await world.state(number) is State.DELIVERED


async def test_one_in_the_air_goes_on_and_those_behind_it_are_replaced(world: World) -> None:
    world.attach()
    world.radio.answer = None
    first, second = await world.send("first"), await world.send("second")
    await world.send("new", replace=True)
    world.radio.answer = Result.DELIVERED
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert world.radio.texts == ["first", "new"]
    assert [await world.state(each) for each in (first, second)] == [
        State.DELIVERED,
        State.DELETED,
    ]


async def test_one_that_held_up_the_line_is_replaced_and_the_new_goes(world: World) -> None:
    world.attach()
    world.radio.answer = Result.FAILED
    await world.send("old")
    world.radio.answer = Result.DELIVERED
    await world.send("new", replace=True)
    assert world.radio.texts == ["old", "new"]
    await world.wait(LADDER[0])
    assert world.radio.texts == ["old", "new"]


async def test_of_several_handed_in_together_the_last_one_stays(world: World) -> None:
    tokens = [world.submit(str(each), replace=True) for each in range(4)]
    await world.calm()
    states = [await world.state(world.door.ids[token]) for token in tokens]
    assert states == [State.DELETED] * 3 + [State.ENROUTE]


async def test_so_it_is_where_the_device_is_busy_with_another(world: World) -> None:
    world.attach()
    world.radio.answer = None
    await world.send("in the air", service_type="CMT")
    for each in range(4):
        world.submit(str(each), replace=True)
    await world.calm()
    world.radio.answer = Result.DELIVERED
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert world.radio.texts == ["in the air", "3"]


async def test_one_that_is_just_put_back_is_replaced_when_it_waits(world: World) -> None:
    world.attach()
    world.radio.answer = None
    await world.send("old")
    await world.store.hold()
    world.submit("new", replace=True)
    await world.calm()
    world.radio.reply_all(Result.FAILED)
    world.radio.answer = Result.DELIVERED
    world.store.release()
    await world.wait(LADDER[0])
    assert world.radio.texts == ["old", "new"]


async def test_one_submitted_just_before_is_replaced_too(world: World) -> None:
    old, new = world.submit("old"), world.submit("new", replace=True)
    await world.calm()
    assert await world.state(world.door.ids[old]) is State.DELETED
    assert await world.state(world.door.ids[new]) is State.ENROUTE


async def test_a_cancellation_behind_it_takes_the_new_one_back(world: World) -> None:
    await world.send("old")
    world.submit("new", replace=True)
    world.cancel_all()
    await world.calm()
    assert world.scheduler.waiting == 0
    assert set(world.journal.finals) == {State.DELETED}


async def test_so_it_does_where_the_device_is_busy_with_another(world: World) -> None:
    world.attach()
    world.radio.answer = None
    await world.send("in the air")
    world.submit("new", replace=True)
    world.cancel_all()
    await world.calm()
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert world.radio.texts == ["in the air"]


async def test_a_long_queue_is_replaced_in_pages_and_the_new_is_there_from_the_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amendments, "MESSAGES_A_TURN", 10)
    old = [await world.send() for _ in range(25)]
    new = await world.send("new", replace=True)
    assert {await world.state(number) for number in old} == {State.DELETED}
    assert await world.state(new) is State.ENROUTE
    first_end = next(n for n, batch in enumerate(world.store.batches) if batch.finals)
    assert [message.id for message in world.store.batches[first_end].arrivals] == [new]


async def test_a_refused_submission_replaces_nothing(world: World) -> None:
    old = await world.send("old")
    token = world.submit("new", replace=True, expires_at=1)
    await world.calm()
    assert world.door.verdicts[token].reason is Reason.BAD_VALIDITY
    assert not (await world.state(old)).final


async def test_while_the_store_cannot_be_read_it_is_refused(world: World) -> None:
    old = await world.send("old")
    world.store.fails_to_read = True
    token = world.submit("new", replace=True)
    await world.calm()
    assert world.door.verdicts[token].reason is Reason.STORE_FAILED
    world.store.fails_to_read = False
    await world.wait(1)
    assert not (await world.state(old)).final
    assert world.scheduler.waiting == 1


async def test_when_the_store_cannot_be_written_both_stay_until_it_can(world: World) -> None:
    old = await world.send("old")
    await world.store.hold()
    token = world.submit("new", replace=True)
    await world.calm()
    world.store.fails_to_write = True
    world.store.release()
    await world.calm()
    assert world.door.answers == 1
    world.store.fails_to_write = False
    await world.wait(1)
    assert await world.state(old) is State.DELETED
    assert await world.state(world.door.ids[token]) is State.ENROUTE


async def test_a_line_that_is_full_is_closed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(amendments, "LONGEST_LINE", 1)
    tokens = [world.submit(str(each), replace=True) for each in range(2)]
    assert world.door.verdicts[tokens[1]].reason is Reason.STORE_BEHIND
    await world.calm()
    assert tokens[0] in world.door.ids


async def test_a_crash_before_it_is_written_leaves_the_old(world: World) -> None:
    await world.send("old")
    await world.store.hold()
    world.submit("new", replace=True)
    await world.calm()
    held = world.store.hold_next()
    world.store.release()
    await held
    await world.calm()
    await world.reopen()
    world.attach(ANNA)
    await world.calm()
    assert world.radio.texts == ["old"]


async def test_one_that_came_to_be_due_while_it_waited_for_its_turn_goes(world: World) -> None:
    for number in range(3):
        world.submit(f"old {number}")
    await world.calm()
    await world.store.hold()
    world.attach()
    await world.calm()
    world.submit("plain")
    await world.calm()
    later = world.clock.now() + 15_000
    for text in ("new", "newest"):
        world.submit(text, not_before=later, replace=True)
    await world.calm()
    world.clock.advance(30)
    await world.calm()
    world.store.release()
    await world.wait(60)
    assert world.radio.texts[-1] == "newest"
    assert world.scheduler.waiting == 0
