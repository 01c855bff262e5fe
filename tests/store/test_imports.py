"""Imports of devices: seen all at once or never, beside whatever else goes on."""

import asyncio
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from smsc.store.sqlite import SqliteStore
from smsc.store.store import Conflict, StoreError
from smsc.subscriber import MSISDN, Device, Identity
from tests.store.samples import NOW, Shelf, a_device, batch, keeping, message, queued, subscriber

IMSI, ID = Identity.IMSI, Identity.ID


async def brought(shelf: Shelf, *devices: Device) -> list[Conflict]:
    """Import devices from beginning to end."""
    number = await shelf.store.import_begun()
    conflicts = await shelf.store.imported(number, devices)
    await shelf.store.import_ended(number, keep=True)
    return conflicts


def rows(path: Path) -> list[str]:
    """Look how many rows there are of each device in a file that no store has open."""
    with closing(sqlite3.connect(path)) as file:
        return [f"{n} {i}" for n, i in file.execute("SELECT number, import FROM subscribers")]


def left(path: Path) -> tuple[int, int]:
    """Look how many imports and moves are left in it."""
    with closing(sqlite3.connect(path)) as file:
        ((imports, moves),) = file.execute(
            "SELECT (SELECT count(*) FROM imports), (SELECT count(*) FROM devices)"
        )
    return imports, moves


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "smsc.db"


async def opened(path: Path) -> SqliteStore:
    store = SqliteStore(path)
    await store.open(NOW)
    return store


async def test_nothing_of_an_import_is_seen_before_it_has_ended(shelf: Shelf) -> None:
    number = await shelf.store.import_begun()
    assert await shelf.store.imported(number, [subscriber("491", imsi="1")]) == []
    assert await shelf.store.devices(["491"]) == {}
    assert await shelf.store.identified(IMSI, "1") is None
    assert await shelf.store.listed("", 9) == []
    await shelf.store.import_ended(number, keep=True)
    device = subscriber("491", imsi="1", id="1")
    assert await shelf.store.devices(["491"]) == {"491": device}
    assert await shelf.store.identified(IMSI, "1") == device
    assert await shelf.store.listed("", 9) == [("491", device)]
    assert (await shelf.reopen()).devices == {"491": device}


async def test_an_import_that_is_given_up_is_never_seen(shelf: Shelf) -> None:
    await shelf.write(keeping(subscriber("491", imsi="1")))
    number = await shelf.store.import_begun()
    await shelf.store.imported(number, [subscriber("491", imsi="2"), subscriber("492")])
    await shelf.store.import_ended(number, keep=False)
    assert await shelf.store.listed("", 9) == [("491", subscriber("491", imsi="1", id="1"))]
    assert await shelf.store.identified(IMSI, "2") is None


async def test_an_import_that_had_not_ended_at_the_crash_is_never_seen(path: Path) -> None:
    store, crashed = await opened(path), path.parent / "crashed"
    number = await store.import_begun()
    await store.imported(number, [a_device(number) for number in range(300)])
    shutil.copytree(path.parent, crashed)
    await store.import_ended(number, keep=True)
    assert len(await store.listed("", 999)) == 300
    await store.close()
    store = await opened(crashed / path.name)
    assert await store.listed("", 999) == []
    with pytest.raises(StoreError, match=f"import {number} isn't under way: begin another"):
        await store.imported(number, [a_device(300)])
    assert await store.import_begun() > number
    await store.swept()
    await store.close()
    assert rows(crashed / path.name) == []


async def test_a_second_import_is_refused_until_the_first_has_ended(shelf: Shelf) -> None:
    number = await shelf.store.import_begun()
    with pytest.raises(StoreError, match="imported already: import these when that has ended"):
        await shelf.store.import_begun()
    await shelf.store.import_ended(number, keep=False)
    await shelf.store.import_begun()


async def test_a_device_takes_the_place_of_the_one_with_its_number(shelf: Shelf) -> None:
    await shelf.write(keeping(subscriber("491", imsi="1", iccid="5")))
    assert await brought(shelf, subscriber("491", policy="meters", imsi="2")) == []
    assert await shelf.device("491") == subscriber("491", policy="meters", imsi="2", id="1")
    assert await shelf.store.identified(IMSI, "1") is None
    assert await shelf.store.identified(Identity.ICCID, "5") is None
    assert len(await shelf.store.listed("", 9)) == 1


async def test_who_is_attached_stays_so_and_who_is_not_does_not(shelf: Shelf) -> None:
    await shelf.write(keeping(subscriber("491", attached=False), subscriber("492")))
    await shelf.write(batch(moves={"493": False}))
    number = await shelf.store.import_begun()
    await shelf.store.imported(number, [subscriber(n) for n in ("491", "492", "493", "494")])
    await shelf.write(batch(moves={"491": True, "492": False, "494": False}))
    await shelf.store.import_ended(number, keep=True)
    found = [(await shelf.device(n)).attached for n in ("491", "492", "493", "494")]
    assert found == [True, False, False, False]


async def test_a_device_that_is_new_is_attached_as_its_file_says(shelf: Shelf) -> None:
    await brought(shelf, subscriber("491", attached=False), subscriber("492"))
    assert not (await shelf.device("491")).attached
    assert (await shelf.device("492")).attached


async def test_those_in_conflict_are_left_out_and_told(shelf: Shelf) -> None:
    await shelf.write(keeping(subscriber("491", imsi="1")))
    number = await shelf.store.import_begun()
    first = [subscriber("492", imsi="2"), subscriber("493", imsi="1"), subscriber("492")]
    assert await shelf.store.imported(number, first) == [
        Conflict("493", IMSI, "1", "491"),
        Conflict("492", MSISDN, "492", "492"),
    ]
    second = [subscriber("492"), subscriber("494", imsi="2"), subscriber("495", id="-7")]
    assert await shelf.store.imported(number, second) == [
        Conflict("492", MSISDN, "492", "492"),
        Conflict("494", IMSI, "2", "492"),
        Conflict("495", ID, "-7", ""),
    ]
    await shelf.store.import_ended(number, keep=True)
    assert [number for number, _ in await shelf.store.listed("", 9)] == ["491", "492"]


@pytest.mark.parametrize("at_once", [True, False])
async def test_what_came_before_in_a_file_lets_go_of_an_identity(
    shelf: Shelf, at_once: bool
) -> None:
    await shelf.write(keeping(subscriber("491", imsi="1")))
    number = await shelf.store.import_begun()
    devices = [subscriber("491", imsi="2"), subscriber("492", imsi="1")]
    slices: Sequence[Sequence[Device]] = [devices] if at_once else [[each] for each in devices]
    for each in slices:
        assert await shelf.store.imported(number, each) == []
    await shelf.store.import_ended(number, keep=True)
    found = await shelf.store.identified(IMSI, "1")
    assert found is not None
    assert found.number == "492"


async def test_what_an_import_will_have_is_not_to_be_had_by_hand(shelf: Shelf) -> None:
    number = await shelf.store.import_begun()
    await shelf.store.imported(number, [subscriber("491", imsi="1")])
    by_hand = subscriber("492", imsi="1")
    assert await shelf.store.conflicts([by_hand]) == [Conflict("492", IMSI, "1", "491")]
    await shelf.write(keeping(by_hand))
    await shelf.store.import_ended(number, keep=True)
    assert IMSI not in (await shelf.device("492")).identities


async def test_a_device_made_by_hand_meanwhile_gives_way(shelf: Shelf) -> None:
    number = await shelf.store.import_begun()
    await shelf.store.imported(number, [subscriber("491", imsi="1")])
    await shelf.write(keeping(subscriber("491", imsi="9", attached=False)))
    assert await shelf.device("491") == subscriber("491", imsi="9", id="1", attached=False)
    await shelf.store.import_ended(number, keep=True)
    assert await shelf.device("491") == subscriber("491", imsi="1", id="1", attached=False)
    await shelf.write(keeping(gone=["491"]))
    assert await shelf.store.devices(["491"]) == {}


async def test_what_was_replaced_is_swept_away(path: Path) -> None:
    store = await opened(path)
    await store.write(keeping(*map(a_device, range(250))), NOW)
    await store.write(batch(moves={a_device(number).number: False for number in (7, 300)}), NOW)
    number = await store.import_begun()
    await store.imported(number, [a_device(each) for each in range(350)])
    await store.import_ended(number, keep=True)
    await store.swept()
    assert len(await store.listed("", 999)) == 350
    await store.close()
    assert sorted(rows(path)) == [f"{a_device(each).number} {number}" for each in range(350)]
    assert left(path) == (0, 0)


async def test_what_was_given_up_is_swept_away_and_nothing_else(path: Path) -> None:
    store = await opened(path)
    await store.write(keeping(a_device(1)), NOW)
    number = await store.import_begun()
    await store.imported(number, [a_device(each) for each in range(250)])
    await store.write(keeping(a_device(2)), NOW)
    await store.import_ended(number, keep=False)
    await store.swept()
    await store.close()
    assert rows(path) == [f"{a_device(each).number} 0" for each in (1, 2)]
    assert left(path) == (0, 0)


async def test_sweeping_goes_on_where_it_was_when_the_store_is_opened_again(path: Path) -> None:
    store = await opened(path)
    for _ in range(2):
        number = await store.import_begun()
        await store.imported(number, [a_device(each) for each in range(350)])
        await store.import_ended(number, keep=True)
    await store.close()
    store = await opened(path)
    await store.swept()
    assert len(await store.listed("", 999)) == 350
    await store.close()
    assert len(rows(path)) == 350
    assert left(path) == (0, 0)


async def test_an_import_in_the_rows_of_those_that_are_gone_is_given_up_too(shelf: Shelf) -> None:
    await shelf.write(keeping(subscriber("491")))
    number = await shelf.store.import_begun()
    await shelf.write(keeping(gone=["491"]))
    await shelf.store.imported(number, [subscriber("491")])
    await shelf.reopen()
    await shelf.reopen()
    assert await shelf.store.devices(["491"]) == {}


async def test_an_id_of_an_import_that_was_given_up_is_not_given_again(shelf: Shelf) -> None:
    number = await shelf.store.import_begun()
    await shelf.store.imported(number, [subscriber("491"), subscriber("492", id="70")])
    await shelf.store.import_ended(number, keep=False)
    await shelf.write(keeping(subscriber("493")))
    assert await shelf.ids("493") == ["71"]


async def test_messages_are_written_between_the_parts_of_a_slice(shelf: Shelf) -> None:
    number = await shelf.store.import_begun()
    order: list[str] = []

    async def slice_of_many() -> None:
        await shelf.store.imported(number, [a_device(each) for each in range(1000)])
        order.append("slice")

    importing = asyncio.create_task(slice_of_many())
    for each in (1, 2, 3):
        await shelf.write(queued(message(each)))
        order.append("message")
    await importing
    assert order == ["message", "message", "message", "slice"]


async def test_a_listing_passes_many_that_are_not_seen(shelf: Shelf) -> None:
    await shelf.write(keeping(subscriber("1"), subscriber("9")))
    number = await shelf.store.import_begun()
    await shelf.store.imported(number, [a_device(each) for each in range(2500)])
    assert [number for number, _ in await shelf.store.listed("", 9)] == ["1", "9"]


async def test_a_store_that_is_closed_in_the_middle_gives_up_the_import(path: Path) -> None:
    store = await opened(path)
    number = await store.import_begun()
    importing = asyncio.create_task(store.imported(number, [a_device(n) for n in range(1000)]))
    await store.write(queued(message(1)), NOW)
    await store.close()
    with pytest.raises((StoreError, RuntimeError)):
        await importing
    store = await opened(path)
    assert await store.listed("", 9) == []
    await store.swept()
    await store.close()
    assert rows(path) == []
