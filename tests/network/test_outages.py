"""Outages: where there is one nobody is within reach, and when it ends all are back at once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from smsc.delivery.directory import Unread
from smsc.message import State
from smsc.network.hlr import Subscription
from smsc.network.origin import DeviceDetached, Origin
from smsc.network.outages import OUTAGES, Outages
from smsc.store.store import StoreError
from tests.network.shelf import Shelf, register
from tests.network.town import CROWD, PROMPT, ROW, SLOW, Town

ANNA = "491700000001"
BERT = "491700000002"
MEMBER = "447100000002"
HERE = Subscription()
AWAY = Subscription(attached=False)
POPULATIONS = [("4471########", HERE)]


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    town = Town(tmp_path / "smsc.db", most=100)
    await town.open()
    yield town
    town.store.clear_up()
    await town.close()


# The register.


def test_nobody_of_the_pattern_is_within_reach_however_he_is_known() -> None:
    hlr = register({ANNA: HERE}, POPULATIONS)
    for pattern, number in (("4917########", ANNA), ("44710#######", MEMBER)):
        assert hlr.attached(number)
        assert not hlr.begin_outage(pattern)
        assert not hlr.attached(number)
    assert hlr.attached("447110000000")


def test_it_moves_nobody() -> None:
    hlr = register({ANNA: HERE, BERT: AWAY})
    moved: list[tuple[str, bool]] = []
    hlr.moved = lambda number, attached: moved.append((number, attached))
    hlr.begin_outage("4917########")
    assert (hlr.stands(ANNA), hlr.stands(BERT)) == ((HERE, True), (AWAY, False))
    assert hlr.end_outage("4917########")
    assert (hlr.attached(ANNA), hlr.attached(BERT), moved) == (True, False, [])


def test_a_device_may_be_moved_meanwhile_and_is_there_when_it_ends() -> None:
    hlr = register({ANNA: HERE, BERT: AWAY})
    hlr.begin_outage("4917########")
    assert hlr.attach(BERT) and hlr.detach(ANNA)
    assert not hlr.attached(BERT)
    hlr.end_outage("4917########")
    assert (hlr.attached(ANNA), hlr.attached(BERT)) == (False, True)


def test_of_several_each_has_to_end() -> None:
    hlr = register({ANNA: HERE})
    hlr.begin_outage("4917########")
    hlr.begin_outage(ANNA)
    hlr.end_outage("4917########")
    assert not hlr.attached(ANNA)
    hlr.end_outage(ANNA)
    assert hlr.attached(ANNA)


def test_one_that_is_there_begins_no_second_time_and_one_that_is_not_never_ends() -> None:
    hlr = register({})
    told: list[tuple[str, bool]] = []
    hlr.outage = lambda pattern, begun: told.append((pattern, begun))
    assert not hlr.begin_outage("49##")
    assert hlr.begin_outage("49##")
    assert not hlr.end_outage("48##")
    assert hlr.end_outage("49##")
    assert not hlr.end_outage("49##")
    assert told == [("49##", True), ("49##", False)]


def test_when_one_ends_everybody_is_looked_at() -> None:
    hlr = register({})
    renewed: list[frozenset[str]] = []
    hlr.on_renewed = lambda: renewed.append(hlr.outages.patterns)
    hlr.begin_outage("49##")
    assert renewed == []
    hlr.end_outage("49##")
    assert renewed == [frozenset()]


@pytest.mark.parametrize("pattern", ["", "49x", "#" * 16, "49 #", "\u0664\u0669"])
def test_a_pattern_that_is_none_is_refused(pattern: str) -> None:
    hlr = register({ANNA: HERE})
    with pytest.raises(ValueError, match="no pattern of numbers"):
        hlr.begin_outage(pattern)
    assert hlr.attached(ANNA) and not hlr.outages


def test_there_are_no_more_than_a_number_of_them() -> None:
    hlr = register({})
    for number in range(OUTAGES):
        hlr.begin_outage(f"{number:03d}####")
    with pytest.raises(StoreError, match="end one"):
        hlr.begin_outage("999####")
    assert hlr.begin_outage("000####")
    assert len(hlr.outages.patterns) == OUTAGES


def test_one_that_changes_nothing_for_others_stays_as_it_is() -> None:
    before = Outages(["49##"])
    assert before.have("4911") and not before.have("4811")
    assert before and not Outages()


async def test_a_device_that_must_be_read_must_be_so_in_an_outage_too() -> None:
    hlr = register({}, [], Shelf({ANNA: True}))
    hlr.renew()
    hlr.begin_outage(ANNA)
    with pytest.raises(Unread):
        hlr.attached(ANNA)


# The road.


@pytest.mark.parametrize("number", [PROMPT, CROWD, ROW])
async def test_a_message_waits_for_the_end(town: Town, number: str) -> None:
    town.hlr.begin_outage(number)
    sent = await town.send("hello", number)
    assert (town.texts(number), await town.state(sent)) == ([], State.ENROUTE)
    town.hlr.end_outage(number)
    await town.calm()
    assert (town.texts(number), await town.state(sent)) == (["hello"], State.DELIVERED)


async def test_what_is_on_its_way_when_it_begins_waits_too(town: Town) -> None:
    await town.send("hello", SLOW)
    town.hlr.begin_outage(SLOW)
    await town.wait(1)
    assert town.texts(SLOW) == []
    town.hlr.end_outage(SLOW)
    await town.wait(1)
    assert town.texts(SLOW) == ["hello"]


async def test_who_is_detached_when_it_ends_stays_so(town: Town) -> None:
    town.hlr.begin_outage("4471########")
    await town.move(CROWD, attached=False)
    await town.send("hello", CROWD)
    town.hlr.end_outage("4471########")
    await town.calm()
    assert town.texts(CROWD) == []


async def test_it_outlives_a_restart_and_so_does_its_end(town: Town) -> None:
    town.hlr.begin_outage("4471########")
    town.hlr.begin_outage(ROW)
    await town.send("hello", CROWD)
    await town.reopen()
    assert town.hlr.outages.patterns == {"4471########", ROW}
    await town.calm()
    assert town.texts(CROWD) == []
    town.hlr.end_outage("4471########")
    await town.ledger.written()
    await town.reopen()
    assert town.hlr.outages.patterns == {ROW}
    await town.until(lambda: town.texts(CROWD) == ["hello"])


async def test_one_that_could_not_be_written_is_written_when_that_is_possible(town: Town) -> None:
    town.store.fails_to_write = True
    town.hlr.begin_outage("1#")
    await town.calm()
    town.hlr.end_outage("1#")
    town.hlr.begin_outage("2#")
    town.store.fails_to_write = False
    await town.wait(1)
    await asyncio.wait_for(town.ledger.written(), 10)
    await town.reopen()
    assert town.hlr.outages.patterns == {"2#"}


async def test_a_device_in_an_outage_does_not_send(town: Town) -> None:
    town.hlr.begin_outage(ROW)
    await town.hlr.read([ROW])
    origin = Origin(town.intake.submit, town.hlr, town.clock)
    with pytest.raises(DeviceDetached, match=f"outage where device {ROW} is.*smsc outages list"):
        origin.send(ROW, "1234", "hello", town.door, 1)
