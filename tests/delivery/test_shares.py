"""A flood of one account's starves nobody: what is shared on the road, and how."""

from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.delivery import ledger, scheduler, transient
from smsc.delivery.agent import Outcome, Result
from smsc.delivery.lane import READY_IN_ORDER
from smsc.delivery.ledger import BACKLOG, BACKLOG_OCTETS
from smsc.delivery.reader import LANES_A_READ, SECONDS_FOR_ROOM
from smsc.delivery.rounds import QUANTUM
from smsc.delivery.shares import FREE_FOR_ALL, Shares
from smsc.delivery.turns import LANES_A_TURN
from smsc.message import Address, to_account, to_device
from smsc.smpp.commands import ESM_MODE_DATAGRAM
from smsc_encodings.segmentation import SURE_TO_FIT
from smsc_routing.decision import Reason
from smsc_routing.policy import Policy
from tests.delivery.world import ANNA, FLEET, LADDER, World

OTHER = "other"
CROWD = [str(number) for number in range(491_000, 492_000)]


def flood(world: World, to: list[str], each: int = 1) -> None:
    for number in to:
        for _ in range(each):
            world.submit("flood", to=number)


def polite(world: World, to: str = ANNA, **fields: Any) -> int:
    source = Address(0, 1, "7777")
    return world.submit("polite", to=to, account=OTHER, source=source, **fields)


def crowded(world: World, *more: str) -> None:
    """Have a crowd of devices within reach, and some more."""
    world.numbers.policies |= dict.fromkeys(CROWD, Policy())
    for number in (*CROWD, *more):
        world.radio.rooms[to_device(number)] = 1


# A room.


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=300))
def test_one_who_holds_nothing_always_finds_room(steps: list[tuple[str, bool]]) -> None:
    shares, held = Shares(40, {"a": 2}), dict.fromkeys("abc", 0)
    for account, takes in steps:
        if takes and not shares.denied(account):
            shares.take(account)
            held[account] += 1
        elif not takes and held[account]:
            shares.give_back(account)
            held[account] -= 1
    assert shares.taken == sum(held.values()) < shares.room
    assert not shares.denied("d")


@given(st.integers(1, 100), st.integers(1, 50))
def test_nobody_is_denied_while_most_is_free(weight: int, others: int) -> None:
    shares = Shares(1000, {"a": weight})
    for other in range(others):
        shares.take(str(other), 799 // others)
        assert not shares.denied(str(other))
    assert not shares.denied("a")


@pytest.mark.parametrize(("one", "other"), [(1, 1), (1, 3), (10, 1), (100, 1), (7, 9)])
def test_those_who_would_fill_it_come_to_hold_what_their_weights_say(one: int, other: int) -> None:
    shares = Shares(10_000, {"one": one, "other": other})
    held, line = {"one": 0, "other": 0}, deque[str]()
    for _ in range(60_000):
        if shares.taken > shares.room * FREE_FOR_ALL:
            leaver = line.popleft()
            shares.give_back(leaver)
            held[leaver] -= 1
        for account in ("one", "other"):
            if not shares.denied(account):
                shares.take(account)
                held[account] += 1
                line.append(account)
    assert held["one"] / one == pytest.approx(held["other"] / other, rel=0.1)


# What isn't durable yet.


async def test_a_flood_is_refused_before_the_backlog_is_full(world: World) -> None:
    await world.store.hold()
    flood(world, [ANNA], BACKLOG)
    assert world.ledger.backlog == BACKLOG * FREE_FOR_ALL
    assert {verdict.reason for verdict in world.door.verdicts.values()} == {Reason.STORE_BEHIND}


async def test_others_get_in_while_a_flood_is_refused(world: World) -> None:
    await world.store.hold()
    flood(world, [ANNA], BACKLOG)
    token = polite(world)
    world.store.release()
    await world.until(lambda: world.ledger.backlog == 0)
    assert token in world.door.ids


async def test_what_devices_send_has_a_share_of_its_own(world: World) -> None:
    await world.store.hold()
    flood(world, [ANNA], BACKLOG)
    token = world.report()
    world.store.release()
    await world.until(lambda: world.ledger.backlog == 0)
    assert token in world.door.ids


async def test_long_messages_of_a_flood_leave_room_for_others(world: World) -> None:
    await world.store.hold()
    for _ in range(BACKLOG_OCTETS // SURE_TO_FIT):
        world.submit(payload=b"x" * SURE_TO_FIT)
    assert world.door.verdicts
    token = polite(world)
    world.store.release()
    await world.until(lambda: world.ledger.backlog == 0)
    assert token in world.door.ids


async def test_the_backlog_is_shared_by_weight(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "BACKLOG", 130)
    world.weights |= {FLEET: 1, OTHER: 2}
    await world.store.hold()
    # 10 are free when both have their share: 40, and 80.
    for _ in range(80):
        polite(world)
    flood(world, [ANNA], 50)
    assert (world.ledger.page.held(OTHER)[0], world.ledger.page.held(FLEET)[0]) == (80, 40)
    assert world.door.verdicts[polite(world)].reason is Reason.STORE_BEHIND


async def test_what_a_failed_write_brings_back_is_counted_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "BACKLOG", 100)
    world.attach()
    world.bind(room=0)
    world.radio.answer = None
    for _ in range(5):
        world.submit(registered_delivery=1)
    await world.calm()
    world.store.fails_to_write = True
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert world.ledger.page.held(FLEET)[0] == len(world.ledger.page.arrivals)


# What is in memory.


async def roomy_for(messages: int, path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Open a world that has so many messages in hand at most."""
    monkeypatch.setattr(scheduler, "OCTETS_IN_HAND", messages * scheduler.OCTETS_EACH)
    world = World(path / "smsc.db")
    await world.open()
    crowded(world, ANNA)
    return world


async def test_a_flood_waits_in_the_store_while_others_are_taken_in_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await roomy_for(100, tmp_path, monkeypatch)
    world.radio.answer = None
    flood(world, CROWD[:200])
    await world.calm()
    assert len(world.radio.taken) == world.scheduler.in_hand == 100 * FREE_FOR_ALL
    polite(world)
    await world.calm()
    assert world.radio.texts[-1] == "polite"
    world.radio.answer = Result.DELIVERED
    world.radio.reply_all(Result.DELIVERED)
    await world.wait(1)
    await world.wait(1)
    assert len(world.radio.delivered) == 201
    assert (world.scheduler.in_hand, world.scheduler.waiting) == (0, 0)
    await world.close()


async def test_queues_of_others_are_read_while_a_flood_has_its_share_in_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await roomy_for(100, tmp_path, monkeypatch)
    world.radio.answer = None
    flood(world, CROWD[:200])
    world.detach()
    polite(world)
    await world.calm()
    world.attach()
    await world.wait(SECONDS_FOR_ROOM)
    assert world.radio.texts[-1] == "polite"
    await world.close()


async def test_datagrams_of_a_flood_leave_room_for_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transient, "TRANSIENTS", 50)
    crowded(world, ANNA)
    world.radio.answer = None
    for number in CROWD[:50]:
        world.submit(to=number, esm_class=ESM_MODE_DATAGRAM)
    assert world.door.verdicts
    token = polite(world, esm_class=ESM_MODE_DATAGRAM)
    await world.calm()
    assert token in world.door.ids


# Whose turn it is.


async def test_one_message_does_not_wait_for_a_flood_that_became_durable_with_it(
    world: World,
) -> None:
    crowded(world, ANNA)
    await world.store.hold()
    flood(world, CROWD)
    polite(world)
    world.store.release()
    await world.until(lambda: len(world.radio.taken) == len(CROWD) + 1)
    assert world.radio.texts.index("polite") <= QUANTUM


async def test_the_greater_weight_goes_so_much_faster(world: World) -> None:
    world.weights[OTHER] = 3
    crowded(world, ANNA)
    await world.store.hold()
    flood(world, CROWD[:500])
    for number in CROWD[500:]:
        polite(world, to=number)
    world.store.release()
    await world.until(lambda: len(world.radio.taken) == len(CROWD))
    assert world.radio.texts[: 4 * QUANTUM * 10].count("polite") == 3 * QUANTUM * 10


async def test_a_datagram_does_not_wait_for_a_flood(world: World) -> None:
    crowded(world, ANNA)
    for number in CROWD:
        world.submit("flood", to=number, esm_class=ESM_MODE_DATAGRAM)
    polite(world, esm_class=ESM_MODE_DATAGRAM)
    await world.until(lambda: len(world.radio.taken) == len(CROWD) + 1)
    assert world.radio.texts.index("polite") <= QUANTUM


# Whose queue is read.


async def test_a_queue_is_not_read_after_all_those_of_a_flood(world: World) -> None:
    crowded(world, ANNA)
    await world.store.hold()
    flood(world, CROWD, READY_IN_ORDER + 1)
    for _ in range(READY_IN_ORDER + 1):
        polite(world)
    world.store.release()
    await world.until(lambda: len(world.radio.delivered) == (len(CROWD) + 1) * (READY_IN_ORDER + 1))
    read = [name for names in world.store.reads for name in names]
    assert len(read) > len(CROWD)
    # Two reads may have begun before it ran dry, the first of few.
    assert read.index(to_device(ANNA)) < 2 * LANES_A_READ + QUANTUM


async def test_all_that_was_retried_at_once_is_read_by_account(world: World) -> None:
    crowded(world, ANNA)
    world.radio.answer = Result.FAILED
    flood(world, CROWD[:300])
    polite(world)
    await world.calm()
    world.radio.answer = Result.DELIVERED
    before = len(world.store.reads)
    await world.wait(LADDER[0])
    await world.until(lambda: len(world.radio.delivered) == 301)
    assert to_device(ANNA) in world.store.reads[before]


# Both ends.


async def test_an_account_is_told_of_its_own_messages_by_its_own_turn(world: World) -> None:
    crowded(world, ANNA)
    world.fleet.rooms |= {to_account(FLEET): 10, to_account(OTHER): 10}
    await world.store.hold()
    flood(world, CROWD)
    token = polite(world, registered_delivery=1)
    world.store.release()
    await world.until(lambda: len(world.radio.delivered) == len(CROWD) + 1)
    await world.calm()
    assert world.fleet.receipts == [(world.door.ids[token], "DELIVERED")]


async def test_reports_of_devices_wait_for_no_flood_of_an_account(world: World) -> None:
    crowded(world, ANNA)
    world.bind()
    await world.calm()
    await world.store.hold()
    flood(world, CROWD)
    world.report("polite")
    before: list[int] = []

    def settle(outcomes: Sequence[Outcome]) -> None:
        before.append(len(world.radio.taken))
        world.scheduler.settle(outcomes)

    world.fleet.settle = settle
    world.store.release()
    await world.until(lambda: "polite" in world.fleet.texts)
    assert before[0] <= LANES_A_TURN
