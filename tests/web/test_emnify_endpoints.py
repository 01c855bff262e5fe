"""Endpoints of the emnify dialect: made, shown, listed in pages, changed and removed as devices."""

from typing import Any

import pytest

from tests.web.emnify_caller import Caller
from tests.web.rooms import ANNA, BERT, DEVICES, Rooms

NUMBER = "4915100000001"
CROWD = "447100000007"


async def test_an_endpoint_is_shown_as_the_platform_shows_it(fleet: Caller) -> None:
    profile = await fleet.profile()
    path = await fleet.endpoint(name="pump", tags="demo", imei="350000000000010")
    assert await fleet.get(path) == {
        "id": int(path.rpartition("/")[2]),
        "name": "pump",
        "tags": "demo",
        "created": "2023-11-14T22:13:20.000+0000",
        "last_updated": "2023-11-14T22:13:20.000+0000",
        "status": {"id": 0, "description": "Enabled"},
        "service_profile": {"id": profile, "name": "default"},
        "tariff_profile": {"id": 1, "name": "default"},
        "imei": "350000000000010",
        "imei_lock": False,
        "ip_address": None,
        "ip_address_space": None,
        "sim": {
            "id": int(NUMBER),
            "iccid": "",
            "imsi": "",
            "msisdn": NUMBER,
            "status": {"id": 1, "description": "Activated"},
        },
    }


async def test_an_endpoint_is_a_device_of_the_native_api(rooms: Rooms, fleet: Caller) -> None:
    sim = {"msisdn": f"+{NUMBER}", "iccid": "8988", "imsi": "26201"}
    answer = await fleet.ask("POST", "/endpoint", json=await body(fleet, sim=sim))
    # The card is that of a device of the config.
    assert (answer.status_code, answer.json()["error_code"]) == (409, 1405)
    path = await fleet.endpoint(sim={"msisdn": f"+{NUMBER}", "iccid": "8989", "imsi": "26202"})
    device = (await rooms.client.get(f"/v1/devices/id:{path.rpartition('/')[2]}")).json()
    assert (device["msisdn"], device["iccid"], device["imsi"]) == (NUMBER, "8989", "26202")
    assert (device["policy"], device["attached"]) == ("default", True)


async def body(fleet: Caller, **more: Any) -> dict[str, Any]:
    profile = {"id": await fleet.profile()}
    return {"name": "x", "service_profile": profile, "sim": {"id": int(NUMBER)}} | more


async def test_devices_without_an_id_go_by_their_number(fleet: Caller) -> None:
    for number in (ANNA, CROWD):
        shown = await fleet.get(f"/endpoint/{number}")
        assert (shown["id"], shown["name"]) == (int(number), number)
        assert shown["created"] is None


@pytest.mark.parametrize("missing", ["name", "service_profile", "sim"])
async def test_what_an_endpoint_needs_is_told(fleet: Caller, missing: str) -> None:
    whole = await body(fleet)
    del whole[missing]
    answer = await fleet.ask("POST", "/endpoint", json=whole)
    assert answer.status_code == 422
    told = answer.json()
    assert (told["error_code"], told["error_token"]) == (1400, "InputValidationFailed")
    (error,) = told["errors"]
    assert (error["error_code"], error["error_token"]) == (1402, "Required")
    assert error["message"] == f"Endpoint - {missing} is required"


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"sim": {"id": None}}, 422, 1402),
        ({"sim": {"id": 10**15}}, 422, 1403),
        ({"sim": {"msisdn": "0x12"}}, 422, 1403),
        ({"sim": 5}, 422, 1403),
        ({"sim": {"id": "many"}}, 422, 1403),
        ({"service_profile": {"id": 5}}, 404, 1401),
        ({"service_profile": {"id": None}}, 422, 1402),
        ({"status": {"id": 7}}, 422, 1403),
        ({"name": "x" * 65}, 422, 1403),
        ({"name": "a/b"}, 422, 1403),
        ({"tags": "x" * 1025}, 422, 1403),
        ({"tags": 5}, 422, 1403),
        ({"imei": "no"}, 422, 1403),
        ({"sim": {"id": int(ANNA)}}, 409, 1406),
    ],
)
async def test_what_no_endpoint_can_be_is_told(
    fleet: Caller, more: dict[str, Any], status: int, code: int
) -> None:
    whole = await body(fleet, **more)
    assert await fleet.refused("POST", "/endpoint", json=whole) == (status, code)


async def test_a_sim_has_one_endpoint_and_a_name_one(fleet: Caller) -> None:
    await fleet.endpoint(name="one")
    assert await fleet.refused("POST", "/endpoint", json=await body(fleet)) == (409, 1405)
    other = await body(fleet, name="one", sim={"id": int(NUMBER) + 1})
    assert await fleet.refused("POST", "/endpoint", json=other) == (409, 1405)


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("id", "status", "code"),
    [
        ("None", 400, 1000),
        ("1.5", 400, 1000),
        ("9" * 20, 400, 1000),
        ("9" * 19, 404, 1401),
        ("-1", 404, 1401),
        ("0", 404, 1401),
        ("77", 404, 1401),
        ("%27%3B--", 400, 1000),
    ],
)
async def test_an_id_that_is_none_is_told(
    fleet: Caller, method: str, id: str, status: int, code: int
) -> None:
    assert await fleet.refused(method, f"/endpoint/{id}", json={}) == (status, code)


async def test_a_wrong_id_is_told_in_the_platform_s_words(fleet: Caller) -> None:
    answer = await fleet.ask("GET", "/endpoint/None")
    words = 'Cannot parse parameter id as Long: For input string: "None"'
    assert answer.json() == {"error_code": 1000, "error_token": "BadRequest", "message": words}
    told = (await fleet.ask("GET", "/endpoint/-1")).json()
    assert told["message"] == "Endpoint with Id '-1' not found."


async def test_what_is_given_is_changed_and_the_rest_stays(fleet: Caller) -> None:
    path = await fleet.endpoint(name="pump", tags="demo", imei="36")
    fleet.rooms.clock.advance(60)
    crowd = {"id": await fleet.profile("crowd"), "name": "whatever"}
    await fleet.change(path, {"name": "lift", "service_profile": crowd, "ip_address": "10.0.0.1"})
    shown = await fleet.get(path)
    assert (shown["name"], shown["tags"], shown["imei"]) == ("lift", "demo", "36")
    assert shown["service_profile"]["name"] == "crowd"
    assert (shown["created"], shown["last_updated"]) == (
        "2023-11-14T22:13:20.000+0000",
        "2023-11-14T22:14:20.000+0000",
    )
    await fleet.change(path, {"imei": None, "tags": None, "imei_lock": True})
    shown = await fleet.get(path)
    assert (shown["imei"], shown["tags"], shown["imei_lock"]) == (None, "", True)


async def test_what_is_noted_of_an_endpoint_outlives_a_restart(rooms: Rooms) -> None:
    path = await Caller(rooms).endpoint(tags="kept")
    await rooms.close()
    await rooms.open()
    assert (await Caller(rooms).get(path))["tags"] == "kept"


async def test_a_disabled_endpoint_is_out_of_reach_until_it_is_enabled(
    rooms: Rooms, fleet: Caller
) -> None:
    path = await fleet.endpoint()
    await fleet.change(path, {"status": {"id": 1}})
    assert (await fleet.get(path))["status"] == {"id": 1, "description": "Disabled"}
    assert not rooms.hlr.attached(NUMBER)
    assert await connectivity(fleet, path) == "BLOCKED"
    await fleet.change(path, {"status": {"id": 0.0}})
    assert rooms.hlr.attached(NUMBER)
    assert await connectivity(fleet, path) == "ATTACHED"


async def connectivity(fleet: Caller, path: str) -> Any:
    return (await fleet.get(f"{path}/connectivity"))["status"]["description"]


async def test_a_sim_is_released_and_put_back(rooms: Rooms, fleet: Caller) -> None:
    path = await fleet.endpoint()
    await fleet.change(path, {"sim": {"id": None}})
    assert "sim" not in await fleet.get(path)
    assert not rooms.hlr.attached(NUMBER)
    assert await fleet.refused("PATCH", path, json={"sim": {"id": 5}}) == (409, 1406)
    await fleet.change(path, {"sim": {"id": int(NUMBER)}})
    assert (await fleet.get(path))["sim"]["msisdn"] == NUMBER
    assert rooms.hlr.attached(NUMBER)


async def test_a_device_of_the_config_has_tags_but_keeps_its_name(fleet: Caller) -> None:
    path = f"/endpoint/{ANNA}"
    await fleet.change(path, {"tags": "first"})
    assert (await fleet.get(path))["tags"] == "first"
    for change in ({"name": "anna"}, {"service_profile": {"id": await fleet.profile("crowd")}}):
        assert await fleet.refused("PATCH", path, json=change) == (409, 1406)
    assert await fleet.refused("DELETE", path) == (409, 1406)


async def test_an_endpoint_is_removed_with_its_device(rooms: Rooms, fleet: Caller) -> None:
    path = await fleet.endpoint(tags="old")
    answer = await fleet.ask("DELETE", path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert await fleet.refused("GET", path) == (404, 1401)
    assert (await fleet.get(await fleet.endpoint()))["tags"] == ""


async def test_a_device_of_a_population_can_t_be_removed(fleet: Caller) -> None:
    assert await fleet.refused("DELETE", f"/endpoint/{CROWD}") == (409, 1406)


async def test_nothing_is_changed_while_the_store_can_t_write(rooms: Rooms, fleet: Caller) -> None:
    path = await fleet.endpoint()
    rooms.store.full = True
    rooms.hlr.detach(BERT)
    rooms.hlr.attach(BERT)
    while not rooms.ledger.failing:
        await fleet.get("/esme_interface_type")
    assert await fleet.refused("PATCH", path, json={"tags": "x"}) == (503, 1001)
    other = await body(fleet, sim={"id": 33612345678})
    assert await fleet.refused("POST", "/endpoint", json=other) == (503, 1001)


# Lists.


async def names(fleet: Caller, query: str) -> list[str]:
    return [each["name"] for each in await fleet.get(f"/endpoint?{query}")]


async def test_a_list_comes_in_pages_that_say_where_they_stand(fleet: Caller) -> None:
    answer = await fleet.ask("GET", "/endpoint?per_page=3&page=2&sort=msisdn")
    assert [each["name"] for each in answer.json()] == sorted(DEVICES)[3:]
    told = {
        name: answer.headers[f"X-{name}"]
        for name in ("Count-Per-Page", "Current-Page", "Total-Count", "Total-Pages", "Sort")
    }
    assert told == {
        "Count-Per-Page": "3",
        "Current-Page": "2",
        "Total-Count": "4",
        "Total-Pages": "2",
        "Sort": "msisdn",
    }
    links = {link["rel"]: link["url"] for link in answer.links.values()}
    assert {*links} == {"first", "prev", "last"}
    assert links["prev"].endswith("/api/v1/endpoint?page=1&per_page=3&sort=msisdn")


@pytest.mark.parametrize(
    ("query", "page", "shown"),
    [
        ("page=99&per_page=2", "2", 2),
        ("page=0&per_page=3", "1", 3),
        ("page=-5&per_page=3", "1", 3),
        ("per_page=0", "1", 4),
        ("per_page=-1", "1", 4),
        ("per_page=5000", "1", 4),
        ("page=&per_page=", "1", 4),
    ],
)
async def test_a_page_that_is_not_there_is_the_nearest(
    fleet: Caller, query: str, page: str, shown: int
) -> None:
    answer = await fleet.ask("GET", f"/endpoint?{query}")
    assert (answer.headers["X-Current-Page"], len(answer.json())) == (page, shown)
    per_page = int(answer.headers["X-Count-Per-Page"])
    assert per_page == 1000 or f"per_page={per_page}" in query


async def test_a_page_that_is_no_number_is_told(fleet: Caller) -> None:
    for query in ("page=x", "per_page=1.5", f"page={'9' * 30}"):
        assert await fleet.refused("GET", f"/endpoint?{query}") == (400, 1000)


async def test_a_list_is_filtered(fleet: Caller) -> None:
    await fleet.endpoint(name="Pump 1", tags="demo,wet")
    await fleet.endpoint("4915100000002", name="lift", tags="demo", status={"id": 1})
    assert await names(fleet, "q=name%3Apump") == ["Pump 1"]
    assert {*await names(fleet, "q=tags:demo&sort=id")} == {"Pump 1", "lift"}
    assert await names(fleet, "q=status:1,tags:demo") == ["lift"]
    assert await names(fleet, "q=sim_status:2") == []
    assert await names(fleet, "q=iccid:8988") == [ANNA]
    assert await names(fleet, "q=created:2023-11-14 22:13:20,name:lift") == ["lift"]


async def test_a_list_is_sorted(rooms: Rooms, fleet: Caller) -> None:
    for last, name in enumerate(("b", "c", "a")):
        await fleet.endpoint(f"491510000000{last}", name=name, tags="mine")
    assert await names(fleet, "q=tags:mine&sort=name") == ["a", "b", "c"]
    assert await names(fleet, "q=tags:mine&sort=-name") == ["c", "b", "a"]
    assert await names(fleet, "q=tags:mine&sort=status,-id") == ["a", "c", "b"]
    # As the SDK says it.
    assert await names(fleet, "q=tags:mine&sort=DeviceSort.NAME") == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("q=colour:red", 1301),
        ("q=name", 1301),
        ("q=" + "name:x," * 200, 1301),
        ("sort=colour", 1302),
        ("sort='; DROP TABLE notes", 1302),
    ],
)
async def test_a_query_for_what_there_is_not_is_told(fleet: Caller, query: str, code: int) -> None:
    assert await fleet.refused("GET", f"/endpoint?{query}") == (422, code)


async def test_a_device_that_came_meanwhile_moves_no_page(fleet: Caller) -> None:
    first = await names(fleet, "per_page=2")
    await fleet.endpoint("1200000000")
    second = await names(fleet, "per_page=2&page=2")
    assert [*first, *second] == sorted(DEVICES)
    assert (await names(fleet, "per_page=2"))[0] == "device 1200000000"


async def test_no_more_is_listed_than_a_walk_may_take(
    fleet: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smsc.web.emnify.roll.MOST", 3)
    monkeypatch.setattr("smsc.web.emnify.roll.DEVICES_AT_ONCE", 2)
    monkeypatch.setattr("smsc.web.emnify.roll.REMEMBERED", 1)
    answer = await fleet.ask("GET", "/endpoint")
    assert [each["name"] for each in answer.json()] == sorted(DEVICES)[:3]
    assert answer.headers["X-Total-Count"] == "3"


# SIMs.


async def test_sims_are_listed_with_their_endpoints(fleet: Caller) -> None:
    path = await fleet.endpoint(name="pump")
    answer = await fleet.ask("GET", "/sim?q=msisdn:" + NUMBER)
    assert answer.headers["X-Total-Count"] == "1"
    (sim,) = answer.json()
    assert sim == await fleet.get(f"/sim/{NUMBER}")
    assert sim["endpoint"]["id"] == int(path.rpartition("/")[2])
    await fleet.change(path, {"sim": {"id": None}})
    (free,) = await fleet.get("/sim?q=endpoint:null")
    assert free["msisdn"] == NUMBER


async def test_a_suspended_sim_is_out_of_reach_until_it_is_activated(
    rooms: Rooms, fleet: Caller
) -> None:
    await fleet.change(f"/sim/{ANNA}", {"status": {"id": 2, "description": "Suspended"}})
    assert (await fleet.get(f"/sim/{ANNA}"))["status"]["id"] == 2
    assert not rooms.hlr.attached(ANNA)
    await fleet.change(f"/sim/{ANNA}", {"status": {"id": 1}})
    assert rooms.hlr.attached(ANNA)


async def test_what_is_no_sim_is_told(fleet: Caller) -> None:
    assert await fleet.refused("GET", "/sim/x") == (400, 1000)
    assert await fleet.refused("GET", "/sim/77") == (404, 1401)
    change = {"status": {"id": 9}}
    assert await fleet.refused("PATCH", f"/sim/{ANNA}", json=change) == (422, 1403)


# Connectivity.


async def test_connectivity_tells_who_is_within_reach(fleet: Caller) -> None:
    told = await fleet.get(f"/endpoint/{BERT}/connectivity")
    assert told == {"status": {"description": "OFFLINE"}, "services": []}
    assert await connectivity(fleet, f"/endpoint/{ANNA}") == "ATTACHED"


async def test_a_reset_has_a_device_leave_and_come_back(rooms: Rooms, fleet: Caller) -> None:
    moves: list[bool] = []
    tell = rooms.hlr.moved

    def moved(number: str, attached: bool) -> None:
        moves.append(attached)
        tell(number, attached)

    rooms.hlr.moved = moved
    await fleet.change(f"/endpoint/{ANNA}/connectivity", {"location": None})
    assert moves == [False, True]
    await fleet.change(f"/endpoint/{ANNA}/connectivity", {"pdp_context": None})
    await fleet.change(f"/endpoint/{BERT}/connectivity", {"location": None, "pdp_context": None})
    assert moves == [False, True]


async def test_a_reset_of_nothing_is_told(fleet: Caller) -> None:
    path = f"/endpoint/{ANNA}/connectivity"
    assert await fleet.refused("PATCH", path, json={}) == (422, 1402)
    assert await fleet.refused("PATCH", path, json={"location": "here"}) == (422, 1403)
    gone = "/endpoint/77/connectivity"
    assert await fleet.refused("PATCH", gone, json={"location": None}) == (404, 1401)


async def test_there_are_no_events_and_no_operators(fleet: Caller) -> None:
    answer = await fleet.ask("GET", f"/endpoint/{ANNA}/event")
    assert (answer.json(), answer.headers["X-Total-Pages"]) == ([], "1")
    assert await fleet.get(f"/endpoint/{ANNA}/operator_blacklist") == []
    assert await fleet.get("/operator") == []
    for method in ("PUT", "DELETE"):
        path = f"/endpoint/{ANNA}/operator_blacklist/3"
        assert await fleet.refused(method, path) == (409, 1406)
