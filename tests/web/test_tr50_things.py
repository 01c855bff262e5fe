"""Things of TR50, found and listed; and what clients ask around them."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from smsc.web.catalogue import Catalogue, Configured
from smsc.web.tr50.room import Room
from smsc.web.tr50.sessions import Sessions
from tests.web.rooms import ANNA, BERT, FLEET, Rooms, token
from tests.web.tr50 import IDENTITIES, THING, as_application, ask, done, make_thing, refused

DESCRIBED = {
    "key": "mower-7",
    "esn": "80AB1",
    "iccid": "8949000000000000001",
    "imei": "356938035643809",
    "imsi": "262010000000007",
    "meid": "A10000009296F1",
    "name": "The mower",
    "id": "77",
    "msisdn": THING,
    "defKey": "default",
    "connected": True,
    "preferredSmsc": "smsc",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("key", "mower-7"),
        ("thingKey", "mower-7"),
        ("thingId", "77"),
        ("msisdn", THING),
        *((name, IDENTITIES[name]) for name in ("id", "iccid", "esn", "imei", "meid", "imsi")),
    ],
)
async def test_a_thing_is_found_by_whatever_it_is_known_by(
    rooms: Rooms, name: str, value: Any
) -> None:
    await make_thing(rooms)
    assert await done(rooms, "thing.find", {name: value}) == DESCRIBED


async def test_of_a_thing_only_what_is_known_is_told(rooms: Rooms) -> None:
    assert await done(rooms, "thing.find", {"msisdn": BERT}) == {
        "msisdn": BERT,
        "defKey": "default",
        "connected": False,
        "preferredSmsc": "smsc",
    }


async def test_an_application_finds_the_thing_it_runs_on(rooms: Rooms) -> None:
    await make_thing(rooms)
    assert await done(rooms, "thing.find", auth=as_application(token(FLEET))) == DESCRIBED


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, -90003),
        (None, -90003),
        ({"key": "nobody"}, -90008),
        ({"imei": "1"}, -90008),
        ({"msisdn": "155500010001"}, -90008),
        ({"imei": "abc"}, -90003),
        ({"id": "0"}, -90003),
        ({"key": 5}, -90003),
        ({"key": "x" * 65}, -90003),
    ],
)
async def test_a_thing_that_there_is_not_is_not_found(rooms: Rooms, params: Any, code: int) -> None:
    assert (await refused(rooms, "thing.find", params))[0] == code


async def test_things_are_listed_page_by_page_until_the_count_is_reached(rooms: Rooms) -> None:
    numbers: list[str] = []
    offset, count = 0, 1
    while offset < count:
        page = await done(rooms, "thing.list", {"offset": offset, "limit": "3"})
        numbers += [thing["msisdn"] for thing in page["result"]]
        assert len(page["result"]) <= 3
        offset, count = offset + 3, page["count"]
    everybody = await rooms.client.get("/v1/devices")
    assert numbers == [device["msisdn"] for device in everybody.json()["devices"]]
    assert numbers[:2] == [ANNA, BERT]


async def test_beyond_the_last_thing_there_is_nothing(rooms: Rooms) -> None:
    assert await done(rooms, "thing.list", {"offset": 100}) == {"count": 0, "result": []}


@pytest.mark.parametrize(
    "params",
    [{"offset": -1}, {"offset": "x"}, {"limit": 0}, {"limit": 1.5}, {"limit": []}, {"limit": True}],
)
async def test_a_list_has_an_offset_and_a_limit_that_are_numbers(
    rooms: Rooms, params: dict[str, Any]
) -> None:
    assert (await refused(rooms, "thing.list", params))[0] == -90003


async def test_a_limit_beyond_the_longest_list_is_cut(rooms: Rooms) -> None:
    page = await done(rooms, "thing.list", {"limit": 10**15})
    assert page["count"] == len(page["result"])


async def test_the_smscs_that_may_be_named_are_listed(rooms: Rooms) -> None:
    assert await done(rooms, "sms.smsc_list") == {"count": 1, "result": [{"name": "smsc"}]}


async def test_links_are_smscs_too(rooms: Rooms) -> None:
    outlets: list[Any] = [SimpleNamespace(name="far"), SimpleNamespace(name="elsewhere")]
    services = replace(rooms.services(), links=lambda: outlets)
    catalogue = Catalogue(Configured([]), rooms.store, rooms.hlr)
    room = Room(services, catalogue, Sessions(rooms.clock))
    assert room.smscs() == ["smsc", "elsewhere", "far"]


async def test_a_ping_is_answered_with_success_alone(rooms: Rooms) -> None:
    assert await ask(rooms, "diag.ping") == {"success": True}


async def test_the_time_is_told(rooms: Rooms) -> None:
    assert await done(rooms, "diag.time") == {"time": "2023-11-14T22:13:20.00+00:00"}


@pytest.mark.parametrize("params", [None, {"autoComplete": True, "limit": 0}])
async def test_a_mailbox_is_empty(rooms: Rooms, params: Any) -> None:
    assert await done(rooms, "mailbox.check", params) == {"messages": []}
