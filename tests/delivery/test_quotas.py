"""Quotas of the calendar on the road: a message and its count are durable together, or neither."""

from typing import Any

import pytest

from smsc.delivery import counting
from smsc.delivery.directory import Terms
from smsc.delivery.petition import Ruling
from smsc.message import Address, State
from smsc.notation import RateOrQuota
from smsc.policies import compiled
from smsc.policy_table import Policy
from smsc.smpp.commands import ESM_MODE_DATAGRAM, ESM_MODE_TRANSACTION
from smsc_routing.calendar_quota import Key, Quota, Span
from smsc_routing.decision import Reason, Verdict
from smsc_routing.restrictions import Restrictions
from smsc_routing.traffic import Party
from tests.delivery.stage import Lazy
from tests.delivery.world import ANNA, BERT, CARL, FLEET, World

TODAY, TOMORROW, MONTH = "2023-11-14", "2023-11-15", "2023-11"
TO_ANNA = f"t:{ANNA}"
SECONDS_TO_MIDNIGHT = 6400
DATAGRAM: dict[str, Any] = {"esm_class": ESM_MODE_DATAGRAM}


def limits(*texts: str) -> tuple[RateOrQuota, ...]:
    return tuple(RateOrQuota(text) for text in texts)


def give(world: World, numbers: list[str] | None = None, **keys: Any) -> None:
    """Give devices a policy with these limits."""
    policy = compiled(Policy(name="meters", **keys))
    for number in numbers or [ANNA, BERT, CARL]:
        world.numbers.policies[number] = policy


def allot(world: World, *quotas: Quota) -> None:
    """Give the fleet's account quotas."""
    world.numbers.accounts[FLEET] = Terms(
        default_source="1234", restrictions=Restrictions(quotas=quotas)
    )


async def refusal(world: World, **fields: Any) -> Verdict:
    token = world.submit(**fields)
    await world.calm()
    return world.door.verdicts[token]


async def test_a_quota_counts_what_is_let_in_and_refuses_the_rest_until_midnight(
    world: World,
) -> None:
    give(world, mt_limit=limits("2/day"))
    await world.send()
    await world.send()
    refused = await refusal(world)
    assert refused.reason is Reason.QUOTA
    assert refused.detail == f"device {ANNA} may receive at most 2/day"
    assert refused.retry_after_ms == SECONDS_TO_MIDNIGHT * 1000
    await world.wait(SECONDS_TO_MIDNIGHT)
    await world.send()
    assert await world.count(TO_ANNA, TODAY) == 2
    assert await world.count(TO_ANNA, TOMORROW) == 1


async def test_a_quota_outlives_a_crash(world: World) -> None:
    give(world, mt_limit=limits("2/month"))
    await world.send()
    await world.reopen()
    await world.send()
    await world.reopen()
    assert (await refusal(world)).detail == f"device {ANNA} may receive at most 2/month"


async def test_the_count_stands_on_the_page_of_its_message(world: World) -> None:
    give(world, mt_limit=limits("5/day"), mt_limit_together=limits("9/month"))
    number = await world.send()
    (page,) = [batch for batch in world.store.batches if batch.arrivals]
    assert [message.id for message in page.arrivals] == [number]
    assert [(key, cost) for key, cost, _ in page.counts] == [
        (Key(TO_ANNA, TODAY), 1),
        (Key("T:meters", MONTH), 1),
    ]


async def test_a_quota_of_all_devices_together_is_used_up_by_any_of_them(world: World) -> None:
    give(world, mt_limit_together=limits("2/day"))
    await world.send(to=ANNA)
    await world.send(to=BERT)
    refused = await refusal(world, to=CARL)
    words = "the devices of policy 'meters' together may receive at most 2/day"
    assert (refused.reason, refused.detail) == (Reason.QUOTA, words)


async def test_what_a_device_sends_has_quotas_of_its_own(world: World) -> None:
    give(world, mo_limit=limits("1/day"), mo_limit_together=limits("2/day"))
    sent: dict[str, Any] = {"party": Party.DEVICE, "account": "", "to": "1234"}
    await world.send(source=Address(1, 1, ANNA), **sent)
    refused = await refusal(world, source=Address(1, 1, ANNA), **sent)
    assert refused.detail == f"device {ANNA} may send at most 1/day"
    await world.send(source=Address(1, 1, BERT), **sent)
    refused = await refusal(world, source=Address(1, 1, CARL), **sent)
    assert refused.detail == "the devices of policy 'meters' together may send at most 2/day"


async def test_an_account_has_quotas_too(world: World) -> None:
    allot(world, Quota(2, Span.DAY))
    await world.send(to=ANNA)
    await world.send(to=BERT)
    assert (await refusal(world)).detail == "account 'fleet' may send at most 2/day"


async def test_a_long_message_counts_its_parts(world: World) -> None:
    give(world, mt_limit=limits("4/day"))
    await world.send("x" * 400)
    assert await world.count(TO_ANNA, TODAY) == 3
    assert (await refusal(world, text="x" * 200)).reason is Reason.QUOTA
    await world.send()


async def test_a_receipt_is_not_counted(world: World) -> None:
    give(world, mt_limit=limits("5/day"), mo_limit=limits("5/day"))
    allot(world, Quota(5, Span.DAY))
    world.attach()
    world.bind()
    await world.send(registered_delivery=1)
    assert len(world.fleet.receipts) == 1
    keys = [Key(TO_ANNA, TODAY), Key("o:1234", TODAY), Key("a:fleet", TODAY)]
    assert list((await world.store.counts(keys)).values()) == [1, 0, 1]


async def test_what_could_not_be_written_is_not_counted(world: World) -> None:
    give(world, mt_limit=limits("2/day"))
    await world.send()
    world.store.fails_to_write = True
    assert (await refusal(world)).reason is Reason.STORE_FAILED
    world.store.fails_to_write = False
    await world.wait(1)
    await world.send()
    assert (await refusal(world)).reason is Reason.QUOTA
    assert await world.count(TO_ANNA, TODAY) == 2


async def test_a_count_that_is_being_written_is_seen_by_the_next(world: World) -> None:
    give(world, mt_limit=limits("1/day"))
    allot(world)
    await world.send(to=BERT)
    first = world.submit()
    await world.until(lambda: world.ledger.backlog > 0)
    await world.store.hold()
    second = world.submit()
    assert world.door.verdicts[second].reason is Reason.QUOTA
    world.store.release()
    await world.calm()
    assert first in world.door.ids


async def test_a_count_that_can_not_be_read_refuses_for_now(world: World) -> None:
    give(world, mt_limit=limits("1/day"))
    world.store.fails_to_read = True
    assert (await refusal(world)).reason is Reason.STORE_FAILED
    world.store.fails_to_read = False
    await world.send()


async def test_counts_are_read_once_and_together(world: World) -> None:
    give(world, mt_limit=limits("5/day", "50/month"), mt_limit_together=limits("9/month"))
    tokens = [world.submit() for _ in range(3)]
    await world.calm()
    await world.send()
    assert set(tokens) <= set(world.door.ids)
    (keys,) = world.store.counts_read
    assert keys == (Key(TO_ANNA, TODAY), Key(TO_ANNA, MONTH), Key("T:meters", MONTH))


async def test_messages_that_wait_for_a_count_keep_their_order(world: World) -> None:
    give(world, mt_limit=limits("9/day"))
    world.attach()
    await world.store.hold()
    for text in ("first", "second"):
        world.submit(text)
    await world.calm()
    world.store.release()
    world.submit("third")
    await world.calm()
    assert world.radio.texts == ["first", "second", "third"]


async def test_a_message_that_waits_for_its_device_is_not_overtaken_while_counts_are_read(
    world: World,
) -> None:
    give(world, [BERT], mt_limit=limits("9/day"))
    world.numbers = Lazy({ANNA}, world.numbers)
    await world.reopen()
    world.attach()
    await world.store.hold()
    world.submit(to=BERT)
    world.submit("first")
    await world.calm()
    world.submit("second")
    await world.calm()
    world.store.release()
    await world.calm()
    assert world.radio.texts == ["first", "second"]


async def test_a_group_that_waits_for_a_device_and_then_a_count_is_not_overtaken(
    world: World,
) -> None:
    give(world, [CARL], mt_limit=limits("9/day"))
    world.numbers.unread = {CARL}
    world.numbers.hold()
    world.attach()
    world.submit_group([ANNA, CARL], "first")
    world.submit("second")
    await world.store.hold()
    world.numbers.release()
    await world.calm()
    world.submit("third")
    world.store.release()
    await world.calm()
    assert world.radio.texts == ["first", "second", "third"]


async def test_what_waits_for_a_device_and_then_a_count_is_cancelled_by_who_comes_after_it(
    world: World,
) -> None:
    give(world, [ANNA], mt_limit=limits("9/day"))
    world.numbers.unread = {ANNA}
    world.numbers.hold()
    message = world.submit()
    token = world.cancel_all()
    await world.store.hold()
    world.numbers.release()
    await world.calm()
    assert token not in world.office.answers
    world.store.release()
    assert await world.ruling(token) is Ruling.GRANTED
    assert await world.state(world.door.ids[message]) is State.DELETED


async def test_a_count_that_there_is_no_room_for_is_read_again(world: World) -> None:
    give(world, mt_limit=limits("2/day"))
    world.counts_known = 1
    await world.reopen()
    for number in (ANNA, BERT, ANNA):
        await world.send(to=number)
    assert len(world.ledger.counts) == 1
    assert (await refusal(world)).reason is Reason.QUOTA


async def test_one_without_a_quota_does_not_wait_for_those_with_one(world: World) -> None:
    give(world, [ANNA], mt_limit=limits("9/day"))
    await world.store.hold()
    counted, free = world.submit(to=ANNA), world.submit(to=BERT)
    await world.until(lambda: world.ledger.backlog > 0)
    assert world.ledger.backlog == 1
    world.store.release()
    await world.calm()
    assert {counted, free} <= set(world.door.ids)


async def test_midnight_between_the_reading_of_a_count_and_the_verdict_is_of_the_new_day(
    world: World,
) -> None:
    give(world, mt_limit=limits("1/day"))
    await world.send()
    await world.reopen()
    await world.store.hold()
    token = world.submit()
    await world.calm()
    world.clock.advance(SECONDS_TO_MIDNIGHT)
    world.store.release()
    await world.calm()
    assert token in world.door.ids
    assert await world.count(TO_ANNA, TOMORROW) == 1


# Several at once.


async def test_a_group_is_counted_one_by_one(world: World) -> None:
    give(world, mt_limit_together=limits("2/day"))
    door = world.submit_group([ANNA, BERT, CARL])
    await world.calm()
    assert sorted(door.ids) == [0, 1]
    assert door.verdicts[2].reason is Reason.QUOTA
    assert await world.count("T:meters", TODAY) == 2


async def test_a_group_reads_all_its_counts_at_once(world: World) -> None:
    give(world, mt_limit=limits("2/day"))
    await world.group([ANNA, BERT, CARL])
    assert world.store.counts_read == [tuple(Key(f"t:{n}", TODAY) for n in (ANNA, BERT, CARL))]


async def test_a_group_that_could_not_be_written_is_not_counted(world: World) -> None:
    give(world, mt_limit=limits("1/day"))
    await world.group([CARL])
    world.store.fails_to_write = True
    door = world.submit_group([ANNA, BERT])
    await world.calm()
    assert [door.verdicts[token].reason for token in (0, 1)] == [Reason.STORE_FAILED] * 2
    world.store.fails_to_write = False
    await world.wait(1)
    await world.group([ANNA, BERT])
    assert await world.count(TO_ANNA, TODAY) == 1


# Those that take the place of others.


async def test_one_that_replaces_another_is_counted_on_the_page_on_which_it_arrives(
    world: World,
) -> None:
    give(world, mt_limit=limits("2/day"))
    await world.send("old")
    new = await world.send("new", replace=True)
    (page,) = [batch for batch in world.store.batches if new in [m.id for m in batch.arrivals]]
    assert [(key, cost) for key, cost, _ in page.counts] == [(Key(TO_ANNA, TODAY), 1)]
    assert (await refusal(world, replace=True)).reason is Reason.QUOTA


async def test_one_that_could_not_look_for_those_it_replaces_is_not_counted(world: World) -> None:
    give(world, mt_limit=limits("2/day"))
    await world.send("old")
    world.store.fails_to_read = True
    assert (await refusal(world, replace=True)).reason is Reason.STORE_FAILED
    world.store.fails_to_read = False
    await world.wait(5)
    await world.send("new", replace=True)
    assert await world.count(TO_ANNA, TODAY) == 2


async def test_one_that_replaces_another_while_the_store_fails_is_counted_once(
    world: World,
) -> None:
    give(world, mt_limit=limits("3/day"))
    await world.send("old")
    token = world.submit("new", replace=True)
    await world.until(lambda: world.ledger.backlog > 0)
    world.store.fails_to_write = True
    await world.calm()
    world.store.fails_to_write = False
    await world.wait(1)
    assert token in world.door.ids
    await world.send()
    assert (await refusal(world)).reason is Reason.QUOTA
    assert await world.count(TO_ANNA, TODAY) == 3


async def test_one_that_is_to_replace_another_is_refused_without_a_count_if_the_line_is_full(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(world, mt_limit=limits("1/day"))
    monkeypatch.setattr("smsc.delivery.amendments.LONGEST_LINE", 0)
    assert (await refusal(world, replace=True)).reason is Reason.STORE_BEHIND
    await world.send()


# What isn't stored.


@pytest.mark.parametrize("mode", [ESM_MODE_DATAGRAM, ESM_MODE_TRANSACTION])
async def test_what_is_not_stored_is_counted_all_the_same(world: World, mode: int) -> None:
    give(world, mt_limit=limits("2/day"))
    world.attach()
    for _ in range(2):
        await world.send(esm_class=mode)
    assert (await refusal(world, esm_class=mode)).reason is Reason.QUOTA
    await world.reopen()
    assert await world.count(TO_ANNA, TODAY) == 2
    assert (await refusal(world)).reason is Reason.QUOTA


async def test_what_is_not_stored_is_refused_while_it_can_not_be_counted(world: World) -> None:
    give(world, [ANNA], mt_limit=limits("2/day"))
    world.attach()
    await world.send(**DATAGRAM)
    world.store.fails_to_write = True
    await refusal(world, to=BERT)
    assert (await refusal(world, **DATAGRAM)).reason is Reason.STORE_FAILED


async def test_only_so_much_that_is_not_stored_waits_to_be_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "BACKLOG", 2)
    give(world, mt_limit=limits("9/day"))
    world.attach()
    await world.send(**DATAGRAM)
    await world.store.hold()
    tokens = [world.submit(**DATAGRAM) for _ in range(3)]
    assert world.door.verdicts[tokens[-1]].reason is Reason.STORE_BEHIND
    world.store.release()
    await world.calm()
    await world.send(**DATAGRAM)


async def test_a_datagram_that_was_counted_on_a_page_that_failed_is_counted_on_the_next(
    world: World,
) -> None:
    give(world, mt_limit=limits("9/day"))
    world.attach()
    await world.send(**DATAGRAM)
    world.submit(**DATAGRAM)
    world.store.fails_to_write = True
    await world.calm()
    world.store.fails_to_write = False
    await world.wait(1)
    assert await world.count(TO_ANNA, TODAY) == 2
    await world.send(**DATAGRAM)
    assert await world.count(TO_ANNA, TODAY) == 3
