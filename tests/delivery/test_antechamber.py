"""Submissions that wait for a read: decided on as if they had just come in, in their order."""

import pytest

from smsc.delivery import antechamber as room
from smsc.delivery.petition import Ruling
from smsc.message import Address, State
from smsc.smpp.commands import ESM_MODE_DATAGRAM
from smsc_routing.decision import Reason
from smsc_routing.policy import Policy
from smsc_routing.traffic import Party
from tests.delivery.stage import turn
from tests.delivery.world import ANNA, BERT, CARL, World


def verdict(world: World, token: int) -> Reason:
    return world.door.verdicts[token].reason


async def test_a_submission_to_a_device_that_is_unread_is_decided_on_when_it_is_read(
    world: World,
) -> None:
    world.numbers.unread = {ANNA}
    world.numbers.hold()
    world.attach()
    token = world.submit("hello")
    await world.calm()
    assert world.door.answers == 0
    world.numbers.release()
    await world.calm()
    assert await world.state(world.door.ids[token]) is State.DELIVERED


async def test_what_is_found_out_is_what_counts(world: World) -> None:
    world.numbers.unread = {ANNA, "33123456789"}
    world.numbers.policies[ANNA] = Policy("deaf", mt=False)
    tokens = [world.submit(), world.submit(to="33123456789")]
    await world.calm()
    assert [verdict(world, each) for each in tokens] == [
        Reason.SWITCHED_OFF,
        Reason.UNKNOWN_DESTINATION,
    ]


async def test_both_ends_of_a_message_may_be_unread(world: World) -> None:
    world.numbers.unread = {ANNA, BERT}
    world.attach(BERT)
    token = world.submit("psst", BERT, party=Party.DEVICE, account="", source=Address(1, 1, ANNA))
    await world.calm()
    assert token in world.door.ids
    assert world.numbers.unread == set()


async def test_messages_to_one_device_stay_in_their_order(world: World) -> None:
    world.numbers.unread = {ANNA}
    world.numbers.hold()
    world.attach()
    for text in ("one", "two"):
        world.submit(text)
        await turn()
    world.numbers.release()
    world.submit("three")
    await world.calm()
    assert world.radio.texts == ["one", "two", "three"]


async def test_if_somebody_else_reads_it_those_who_wait_come_before_those_who_come(
    world: World,
) -> None:
    world.numbers.unread = {ANNA}
    world.numbers.hold()
    world.attach()
    for text in ("one", "two"):
        world.submit(text)
    await turn()
    world.numbers.unread.clear()
    world.intake.antechamber.met([ANNA])
    world.submit("three")
    await world.calm()
    assert world.radio.texts == ["one", "two", "three"]
    world.numbers.release()
    await world.calm()
    assert world.door.answers == 3


async def test_other_numbers_are_not_held_up(world: World) -> None:
    world.numbers.unread = {ANNA}
    world.numbers.hold()
    world.submit()
    token = world.submit(to=BERT)
    await world.calm()
    assert list(world.door.ids) == [token]
    world.numbers.release()


async def test_many_are_read_together(world: World) -> None:
    numbers = [f"33{number:09d}" for number in range(800)]
    world.numbers.unread = set(numbers)
    world.numbers.policies.update(dict.fromkeys(numbers, Policy()))
    for number in numbers:
        world.submit(to=number)
    await world.calm()
    assert len(world.door.ids) == 800
    assert [len(read) for read in world.numbers.reads] == [500, 300]


async def test_whoever_waits_is_refused_if_the_store_cannot_be_read(world: World) -> None:
    world.numbers.unread = {ANNA}
    world.numbers.fails_to_read = True
    token = world.submit()
    await world.calm()
    assert verdict(world, token) is Reason.STORE_FAILED
    assert world.door.flushes[-1] == 1
    world.numbers.fails_to_read = False
    assert await world.send()


async def test_a_full_antechamber_lets_nobody_in_until_it_has_room(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "CALLERS", 2)
    world.numbers.unread = {ANNA}
    world.numbers.hold()
    waiting = [world.submit(), world.submit()]
    assert world.intake.fill == 1
    refused = [world.submit(), world.submit(esm_class=ESM_MODE_DATAGRAM)]
    assert [verdict(world, token) for token in refused] == [Reason.STORE_BEHIND] * 2
    world.numbers.release()
    await world.calm()
    assert list(world.door.ids) == waiting
    assert world.intake.fill == 0
    assert await world.send()


async def test_a_group_waits_as_one(world: World) -> None:
    world.numbers.unread = {ANNA, CARL}
    world.numbers.hold()
    door = world.submit_group([ANNA, BERT, CARL])
    await world.calm()
    assert door.answers == 0
    assert world.intake.fill == 3 / room.CALLERS
    world.numbers.release()
    await world.calm()
    first = door.ids[0]
    assert door.ids == {0: first, 1: first + 1, 2: first + 2}
    assert [set(read) for read in world.numbers.reads] == [{ANNA, CARL}]


async def test_a_group_is_refused_as_one_if_the_store_cannot_be_read(world: World) -> None:
    world.numbers.unread = {CARL}
    world.numbers.fails_to_read = True
    door = world.submit_group([ANNA, CARL])
    await world.calm()
    assert {each.reason for each in door.verdicts.values()} == {Reason.STORE_FAILED}
    assert len(door.verdicts) == 2


async def test_a_group_that_waits_is_not_overtaken_by_what_its_account_sends_later(
    world: World,
) -> None:
    world.numbers.unread = {CARL}
    world.numbers.hold()
    world.attach()
    world.submit_group([ANNA, CARL], "first")
    world.submit("second")
    world.submit_group([ANNA, BERT], "third")
    world.submit("fourth")
    await world.calm()
    assert world.radio.texts == []
    world.numbers.release()
    await world.calm()
    assert world.radio.texts == ["first", "second", "third", "fourth"]


async def test_who_cancels_waits_behind_what_his_account_sent_before(world: World) -> None:
    world.numbers.unread = {ANNA}
    world.numbers.hold()
    message = world.submit()
    token = world.cancel_all()
    await world.calm()
    assert token not in world.office.answers
    world.numbers.release()
    assert await world.ruling(token) is Ruling.GRANTED
    assert await world.state(world.door.ids[message]) is State.DELETED


async def test_who_asks_does_not_wait_for_another_account(world: World) -> None:
    number = await world.send()
    world.numbers.unread = {BERT}
    world.numbers.hold()
    world.submit(to=BERT, account="other", source=Address(0, 1, "7777"))
    token = world.cancel(number)
    assert await world.ruling(token) is Ruling.GRANTED
    world.numbers.release()


async def test_who_asks_is_answered_if_the_store_cannot_be_read_for_others(world: World) -> None:
    number = await world.send()
    world.numbers.unread = {BERT}
    world.numbers.fails_to_read = True
    world.submit(to=BERT)
    token = world.cancel(number)
    assert await world.ruling(token) is Ruling.GRANTED


async def test_nobody_waits_for_a_group_of_another_account(world: World) -> None:
    world.numbers.unread = {CARL}
    world.numbers.hold()
    world.submit_group([ANNA, CARL])
    token = world.submit(account="other", source=Address(0, 1, "7777"))
    await world.calm()
    assert list(world.door.ids) == [token]
    world.numbers.release()


async def test_when_a_group_could_not_be_read_its_account_is_not_held_up_any_longer(
    world: World,
) -> None:
    world.numbers.unread = {CARL}
    world.numbers.fails_to_read = True
    world.submit_group([ANNA, CARL])
    await world.calm()
    token = world.submit()
    await world.calm()
    assert token in world.door.ids
