"""Devices of the store over HTTP: made, changed, removed and found by any identity, for good."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from smsc.subscriber import Identity
from tests.web.rooms import ANNA, BERT, Rooms

EMIL = "491700000010"
FINN = "491700000011"
CROWD = "447100000007"
IDENTITIES = {
    "iccid": "89490000000000000010",
    "imsi": "262010000000010",
    "imei": "350000000000010",
    "esn": "80A1B2C3",
    "meid": "A1000000123456",
    "name": "Truck 7",
    "thing_key": "truck-7",
    "id": "77",
}


async def answered(response: httpx.Response, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json()


async def made(rooms: Rooms, number: str = EMIL, **members: Any) -> Any:
    response = await rooms.client.post("/v1/devices", json={"msisdn": number, **members})
    return await answered(response, 201)


async def shown(rooms: Rooms, who: str) -> Any:
    """Return a device, but not what waits for it."""
    answer = await answered(await rooms.client.get(f"/v1/devices/{who}"))
    shown_alone = ("outage", "messages_waiting", "mnrf", "mcef")
    return {key: answer[key] for key in answer if key not in shown_alone}


async def changed(rooms: Rooms, who: str, **members: Any) -> Any:
    return await answered(await rooms.client.patch(f"/v1/devices/{who}", json=members))


async def refused(response: httpx.Response, status: int, *words: str) -> None:
    assert response.status_code == status, response.text
    told = response.json()["detail"]
    for word in words:
        assert word in told


# Making.


async def test_a_device_that_was_made_has_defaults_and_an_id(rooms: Rooms) -> None:
    device = await made(rooms)
    assert device.pop("id").isdigit()
    assert device == {
        "msisdn": EMIL,
        "attached": True,
        "policy": "default",
        "iccid": "",
        "imsi": "",
        "imei": "",
        "esn": "",
        "meid": "",
        "name": "",
        "thing_key": "",
        "link": "",
        "overrides": {},
        "latency": "0s",
        "error": 0,
        "permanent": False,
        "memory": 0,
        "nb_iot": False,
        "defined_in": "store",
    }


async def test_a_device_is_made_as_it_is_described(rooms: Rooms) -> None:
    described: dict[str, Any] = IDENTITIES | {
        "policy": "shy",
        "attached": False,
        "link": "att",
        "overrides": {"mo": False, "mt_limit": ["10/min"]},
        "latency": "1500ms",
        "error": 22,
        "permanent": True,
        "memory": 20,
        "nb_iot": True,
    }
    device = await made(rooms, **described)
    assert device == described | {"msisdn": EMIL, "defined_in": "store"}
    assert await shown(rooms, EMIL) == device


async def test_the_answer_to_a_new_device_says_where_it_is(rooms: Rooms) -> None:
    response = await rooms.client.post("/v1/devices", json={"msisdn": EMIL})
    assert response.headers["location"] == f"/v1/devices/{EMIL}"


async def test_devices_that_were_made_are_there_after_a_restart(tmp_path: Path) -> None:
    rooms = Rooms(tmp_path / "smsc.db")
    await rooms.open()
    device = await made(rooms, **IDENTITIES, overrides={"mo": False})
    await rooms.close()
    rooms = Rooms(tmp_path / "smsc.db")
    await rooms.open()
    assert await shown(rooms, EMIL) == device
    await rooms.close()


async def test_a_device_is_not_answered_before_it_is_durable(rooms: Rooms) -> None:
    rooms.store.running.clear()
    answer = asyncio.create_task(rooms.client.post("/v1/devices", json={"msisdn": EMIL}))
    while not rooms.ledger.failing and EMIL not in rooms.told:
        await rooms.client.get("/healthz")
    assert not answer.done()
    rooms.store.running.set()
    assert (await answer).status_code == 201


async def test_a_device_that_cannot_be_written_is_not_waited_for_forever(rooms: Rooms) -> None:
    rooms.store.running.clear()
    answer = asyncio.create_task(rooms.client.post("/v1/devices", json={"msisdn": EMIL}))
    while EMIL not in rooms.told:
        await rooms.client.get("/healthz")
    rooms.clock.advance(10)
    await refused(await answer, 503, EMIL, "isn't known")


async def test_a_number_that_has_a_device_is_not_given_twice(rooms: Rooms) -> None:
    await made(rooms)
    response = await rooms.client.post("/v1/devices", json={"msisdn": EMIL})
    await refused(response, 409, EMIL, "PATCH", "PUT")


async def test_a_number_of_a_population_may_have_a_device_of_its_own(rooms: Rooms) -> None:
    device = await made(rooms, CROWD, policy="shy")
    assert (device["policy"], device["defined_in"]) == ("shy", "store")


async def test_a_device_is_delivered_to_as_soon_as_it_was_made(rooms: Rooms) -> None:
    before = await rooms.client.post("/v1/messages", json={"to": EMIL, "text": "hi"})
    assert before.status_code == 404
    await made(rooms)
    after = await rooms.client.post("/v1/messages", json={"to": EMIL, "text": "hi"})
    assert after.status_code == 201
    await rooms.settled()
    assert (await shown(rooms, f"{EMIL}/inbox"))["received"] == 1


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"msisdn": "x"}, ["msisdn 'x'"]),
        ({"msisdn": "+491700000010"}, ["msisdn"]),
        ({"msisdn": ""}, ["msisdn"]),
        ({"msisdn": "1" * 16}, ["15 digits"]),
        ({"imsi": "26201x"}, ["imsi '26201x'"]),
        ({"id": "0"}, ["id '0'"]),
        ({"policy": "shi"}, ["policy 'shi'", "did you mean 'shy'"]),
        ({"overrides": {"moo": False}}, ["overrides: moo", "did you mean 'mo'"]),
        ({"overrides": {"mo": "perhaps"}}, ["overrides: mo"]),
        ({"overrides": {"mt_limit": ["often"]}}, ["overrides: mt_limit[0]", "10/min"]),
        ({"overrides": {"deliver_to": "nobody"}}, ["overrides: deliver_to"]),
        ({"overrides": {"name": "x"}}, ["overrides: name"]),
        ({"latency": "soon"}, ["latency 'soon'"]),
        ({"link": "x" * 65}, ["link"]),
    ],
)
async def test_a_device_that_cannot_be_so_is_told_why(
    rooms: Rooms, members: dict[str, Any], words: list[str]
) -> None:
    response = await rooms.client.post("/v1/devices", json={"msisdn": EMIL, **members})
    await refused(response, 422, *words)


@pytest.mark.parametrize(
    "members",
    [
        {"error": 1000},
        {"error": -1},
        {"overrides": []},
        {"attached": "perhaps"},
        {"imsy": "1"},
        {"id": 7},
    ],
)
async def test_a_member_of_the_wrong_kind_is_a_bad_request(
    rooms: Rooms, members: dict[str, Any]
) -> None:
    response = await rooms.client.post("/v1/devices", json={"msisdn": EMIL, **members})
    await refused(response, 400, next(iter(members)))


# Identities.


@pytest.mark.parametrize("kind", IDENTITIES)
async def test_a_device_is_found_by_any_of_its_identities(rooms: Rooms, kind: str) -> None:
    await made(rooms, **IDENTITIES)
    assert (await shown(rooms, f"{kind}:{IDENTITIES[kind]}"))["msisdn"] == EMIL
    assert (await shown(rooms, f"msisdn:{EMIL}"))["msisdn"] == EMIL


async def test_a_device_of_the_config_is_found_by_its_identities_too(rooms: Rooms) -> None:
    assert (await shown(rooms, "imsi:26201"))["msisdn"] == ANNA


async def test_hexadecimal_identities_are_the_same_in_capitals(rooms: Rooms) -> None:
    await made(rooms, esn="80a1b2c3")
    assert (await shown(rooms, "esn:80A1b2c3"))["esn"] == "80A1B2C3"


async def test_everything_about_a_device_goes_by_an_identity(rooms: Rooms) -> None:
    await made(rooms, imsi="262010000000010")
    who = "/v1/devices/imsi:262010000000010"
    assert (await answered(await rooms.client.post(f"{who}/detach")))["attached"] is False
    assert (await answered(await rooms.client.post(f"{who}/attach")))["attached"] is True
    body = {"to": "1234", "text": "hi"}
    await answered(await rooms.client.post(f"{who}/messages", json=body), 201)
    assert (await answered(await rooms.client.get(f"{who}/inbox")))["msisdn"] == EMIL
    assert (await rooms.client.delete(f"{who}/inbox")).status_code == 204
    assert (await answered(await rooms.client.patch(who, json={"policy": "shy"})))["msisdn"] == EMIL
    assert (await answered(await rooms.client.put(who, json={})))["msisdn"] == EMIL


@pytest.mark.parametrize("who", ["imsi:99999", "imsi:x", "imsy:1", "id:", ":", "name:a%00b"])
async def test_an_identity_that_no_device_has_is_not_found(rooms: Rooms, who: str) -> None:
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        body: dict[str, Any] | None = {} if method in ("PUT", "PATCH") else None
        response = await rooms.client.request(method, f"/v1/devices/{who}", json=body)
        await refused(response, 404)


async def test_an_identity_belongs_to_one_device(rooms: Rooms) -> None:
    await made(rooms, imsi="262010000000010")
    body = {"msisdn": FINN, "imsi": "262010000000010"}
    response = await rooms.client.post("/v1/devices", json=body)
    await refused(response, 409, "imsi", "262010000000010", EMIL)
    assert response.json()["errors"] == [{"key": "imsi", "value": "262010000000010", "owner": EMIL}]
    assert (await rooms.client.get(f"/v1/devices/{FINN}")).status_code == 404


async def test_an_identity_of_a_device_of_the_config_is_taken_too(rooms: Rooms) -> None:
    response = await rooms.client.post("/v1/devices", json={"msisdn": EMIL, "imsi": "26201"})
    await refused(response, 409, "imsi 26201", ANNA)


async def test_of_two_who_want_an_identity_at_once_one_gets_it(rooms: Rooms) -> None:
    wanted = [{"msisdn": number, "imsi": "262010000000010"} for number in (EMIL, FINN)]
    responses = await asyncio.gather(
        *(rooms.client.post("/v1/devices", json=body) for body in wanted)
    )
    assert sorted(response.status_code for response in responses) == [201, 409]


# Changing.


async def test_a_change_leaves_what_it_does_not_name(rooms: Rooms) -> None:
    before = await made(rooms, **IDENTITIES, overrides={"mo": False, "mt": False}, latency="1s")
    after = await changed(rooms, EMIL, policy="shy", overrides={"mt": None, "a2p": False})
    assert after == before | {"policy": "shy", "overrides": {"mo": False, "a2p": False}}


async def test_null_puts_a_member_back_to_its_default(rooms: Rooms) -> None:
    await made(rooms, **IDENTITIES, policy="shy", overrides={"mo": False}, error=5, latency="2s")
    device = await changed(
        rooms, EMIL, imsi=None, name="", policy=None, overrides=None, error=None, latency=None
    )
    assert device == await shown(rooms, EMIL)
    assert (device["imsi"], device["name"], device["policy"]) == ("", "", "default")
    assert (device["overrides"], device["error"], device["latency"]) == ({}, 0, "0s")
    assert device["iccid"] == IDENTITIES["iccid"]


async def test_a_change_does_not_move_a_device_unless_it_says_so(rooms: Rooms) -> None:
    await made(rooms)
    await rooms.client.post(f"/v1/devices/{EMIL}/detach")
    assert (await changed(rooms, EMIL, policy="shy"))["attached"] is False
    assert (await changed(rooms, EMIL, attached=True))["attached"] is True


async def test_a_device_that_is_attached_by_a_change_gets_what_waited(rooms: Rooms) -> None:
    await made(rooms, attached=False)
    await rooms.client.post("/v1/messages", json={"to": EMIL, "text": "at last"})
    assert (await shown(rooms, f"{EMIL}/inbox"))["messages"] == []
    await changed(rooms, EMIL, attached=True)
    while not (await shown(rooms, f"{EMIL}/inbox"))["messages"]:
        await rooms.ledger.written()


async def test_a_device_of_a_population_gets_a_row_of_its_own_by_a_change(rooms: Rooms) -> None:
    device = await changed(rooms, CROWD, overrides={"mt": False})
    assert (device["policy"], device["defined_in"]) == ("crowd", "store")
    assert device["overrides"] == {"mt": False}


async def test_an_override_is_in_force_for_the_next_message(rooms: Rooms) -> None:
    await made(rooms)
    await changed(rooms, EMIL, overrides={"mt": False})
    response = await rooms.client.post("/v1/messages", json={"to": EMIL, "text": "hi"})
    await refused(response, 403, "mt")
    await changed(rooms, EMIL, overrides={"mt": None})
    response = await rooms.client.post("/v1/messages", json={"to": EMIL, "text": "hi"})
    assert response.status_code == 201


async def test_a_device_whose_policy_was_removed_can_still_be_changed(rooms: Rooms) -> None:
    await rooms.client.put("/v1/policies/meters", json={})
    await made(rooms, policy="meters")
    await rooms.client.delete("/v1/policies/meters")
    device = await changed(rooms, EMIL, name="Truck 7")
    assert (device["policy"], device["name"]) == ("meters", "Truck 7")


async def test_nobody_can_be_changed_who_is_not_there(rooms: Rooms) -> None:
    response = await rooms.client.patch(f"/v1/devices/{EMIL}", json={"policy": "shy"})
    await refused(response, 404, EMIL)


# Replacing.


async def test_a_replaced_device_keeps_its_id_and_nothing_else(rooms: Rooms) -> None:
    described = {key: value for key, value in IDENTITIES.items() if key != "id"}
    before = await made(rooms, **described, policy="shy", overrides={"mo": False})
    response = await rooms.client.put(f"/v1/devices/{EMIL}", json={"imsi": "1"})
    after = await answered(response)
    assert (after["id"], after["imsi"], after["iccid"]) == (before["id"], "1", "")
    assert (after["policy"], after["overrides"]) == ("default", {})


async def test_a_device_that_is_put_is_made_if_it_was_not_there(rooms: Rooms) -> None:
    response = await rooms.client.put(f"/v1/devices/{EMIL}", json={"msisdn": EMIL, "imsi": "1"})
    assert (await answered(response, 201))["imsi"] == "1"


async def test_a_device_keeps_its_number(rooms: Rooms) -> None:
    response = await rooms.client.put(f"/v1/devices/{EMIL}", json={"msisdn": FINN})
    await refused(response, 422, "msisdn")
    response = await rooms.client.patch(f"/v1/devices/{ANNA}", json={"msisdn": FINN})
    await refused(response, 400, "msisdn")


# Removing.


async def test_a_removed_device_is_gone_for_good(rooms: Rooms) -> None:
    await made(rooms, imsi="262010000000010")
    response = await rooms.client.delete(f"/v1/devices/{EMIL}")
    assert (response.status_code, response.content) == (204, b"")
    for who in (EMIL, "imsi:262010000000010"):
        await refused(await rooms.client.get(f"/v1/devices/{who}"), 404)
    await refused(await rooms.client.delete(f"/v1/devices/{EMIL}"), 404)
    response = await rooms.client.post("/v1/messages", json={"to": EMIL, "text": "hi"})
    assert response.status_code == 404


async def test_what_a_removed_device_was_known_by_is_free(rooms: Rooms) -> None:
    await made(rooms, imsi="262010000000010")
    await rooms.client.delete("/v1/devices/imsi:262010000000010")
    assert (await made(rooms, FINN, imsi="262010000000010"))["msisdn"] == FINN


async def test_a_removed_device_of_a_population_is_one_of_many_again(rooms: Rooms) -> None:
    await made(rooms, CROWD, policy="shy")
    await rooms.client.delete(f"/v1/devices/{CROWD}")
    device = await shown(rooms, CROWD)
    assert (device["policy"], device["defined_in"]) == ("crowd", "population")


async def test_a_population_has_nothing_to_remove(rooms: Rooms) -> None:
    await refused(await rooms.client.delete(f"/v1/devices/{CROWD}"), 404)


# The config.


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_a_device_of_the_config_is_only_changed_there(rooms: Rooms, method: str) -> None:
    body = None if method == "DELETE" else {"policy": "shy"}
    response = await rooms.client.request(method, f"/v1/devices/{ANNA}", json=body)
    await refused(response, 409, ANNA, "configuration file")
    response = await rooms.client.post("/v1/devices", json={"msisdn": ANNA})
    await refused(response, 409, ANNA, "configuration file")


# Listings.


async def test_a_listing_has_devices_of_config_and_store_in_one_order(rooms: Rooms) -> None:
    await made(rooms, EMIL)
    await made(rooms, "491600000000")
    await rooms.client.post(f"/v1/devices/{CROWD}/detach")
    after, seen = "", []
    while after is not None:
        page = await answered(await rooms.client.get(f"/v1/devices?limit=2&after={after}"))
        seen += [(each["msisdn"], each["defined_in"]) for each in page["devices"]]
        after = page["next"]
    assert seen[:2] == [(CROWD, "population"), ("491600000000", "store")]
    assert seen[2:4] == [(ANNA, "config"), (BERT, "config")]
    assert seen[-1] == (EMIL, "store")


async def test_a_device_that_was_changed_while_the_store_hung_is_listed_as_it_is(
    rooms: Rooms,
) -> None:
    await made(rooms)
    rooms.store.running.clear()
    answer = asyncio.create_task(rooms.client.delete(f"/v1/devices/{EMIL}"))
    while rooms.told.get(EMIL, EMIL) is not None:
        await rooms.client.get("/healthz")
    page = await answered(await rooms.client.get("/v1/devices"))
    assert EMIL not in [each["msisdn"] for each in page["devices"]]
    rooms.store.running.set()
    await answer


async def test_nothing_is_changed_while_the_store_cannot_write(rooms: Rooms) -> None:
    rooms.store.full = True
    await rooms.client.post("/v1/messages", json={"to": ANNA, "text": "x"})
    response = await rooms.client.post("/v1/devices", json={"msisdn": EMIL})
    await refused(response, 503, "nothing was changed")
    assert (await rooms.client.get(f"/v1/devices/{EMIL}")).status_code == 404


def test_every_identity_is_a_member_of_a_device() -> None:
    assert set(IDENTITIES) == set(Identity)
