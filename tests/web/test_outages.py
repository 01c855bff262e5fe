"""Outages over HTTP: they begin, are listed, and end; whoever was in one has his messages then."""

from urllib.parse import quote

import pytest

from smsc.network.outages import OUTAGES
from tests.web.rooms import ANNA, BERT, Rooms

ALL = "4917########"


async def begin(rooms: Rooms, pattern: str = ALL) -> int:
    return (await rooms.client.post("/v1/outages", json={"msisdn": pattern})).status_code


async def end(rooms: Rooms, pattern: str = ALL) -> int:
    return (await rooms.client.delete(f"/v1/outages/{quote(pattern)}")).status_code


async def listed(rooms: Rooms) -> list[str]:
    answer = (await rooms.client.get("/v1/outages")).json()
    return [each["msisdn"] for each in answer["outages"]]


async def test_an_outage_is_made_listed_and_ended(rooms: Rooms) -> None:
    assert await listed(rooms) == []
    assert await begin(rooms) == 201
    assert await begin(rooms, ANNA) == 201
    assert await begin(rooms) == 200
    assert await listed(rooms) == [ALL, ANNA]
    assert await end(rooms) == 204
    assert await listed(rooms) == [ANNA]


async def test_a_message_waits_for_the_end(rooms: Rooms) -> None:
    await begin(rooms)
    response = await rooms.client.post("/v1/messages", json={"to": ANNA, "text": "hello"})
    assert response.status_code == 201
    await rooms.settled()
    device = (await rooms.client.get(f"/v1/devices/{ANNA}")).json()
    assert (device["attached"], device["outage"], device["mnrf"]) == (True, True, True)
    await end(rooms)
    await rooms.settled()
    inbox = (await rooms.client.get(f"/v1/devices/{ANNA}/inbox")).json()
    assert [each["text"] for each in inbox["messages"]] == ["hello"]
    device = (await rooms.client.get(f"/v1/devices/{ANNA}")).json()
    assert (device["outage"], device["mnrf"]) == (False, False)


async def test_a_device_is_attached_in_an_outage_and_within_reach_after_it(rooms: Rooms) -> None:
    await begin(rooms)
    assert (await rooms.client.post(f"/v1/devices/{BERT}/attach")).json()["attached"]
    assert not rooms.hlr.attached(BERT)
    await end(rooms)
    assert rooms.hlr.attached(BERT)


async def test_a_device_that_is_changed_in_an_outage_stays_attached(rooms: Rooms) -> None:
    number = "447100000001"
    await begin(rooms, number)
    response = await rooms.client.patch(f"/v1/devices/{number}", json={"memory": 3})
    assert response.json()["attached"]
    await end(rooms, number)
    assert rooms.hlr.attached(number)


async def test_a_device_in_an_outage_sends_nothing_and_its_user_is_told_why(rooms: Rooms) -> None:
    await begin(rooms)
    body = {"to": "1234", "text": "hello"}
    response = await rooms.client.post(f"/v1/devices/{ANNA}/messages", json=body)
    assert response.status_code == 409
    assert "outage" in response.json()["detail"]


async def test_an_outage_that_is_not_there_cannot_end(rooms: Rooms) -> None:
    response = await rooms.client.delete(f"/v1/outages/{quote(ALL)}")
    assert response.status_code == 404
    assert "GET /v1/outages" in response.json()["detail"]


@pytest.mark.parametrize("pattern", ["", "49x", "#" * 16])
async def test_what_is_no_pattern_is_refused(rooms: Rooms, pattern: str) -> None:
    response = await rooms.client.post("/v1/outages", json={"msisdn": pattern})
    assert response.status_code == 422
    assert "no pattern of numbers" in response.json()["detail"]
    assert await listed(rooms) == []


async def test_one_too_many_is_refused(rooms: Rooms) -> None:
    for number in range(OUTAGES):
        rooms.hlr.begin_outage(f"{number:03d}####")
    assert await begin(rooms) == 409
    assert await begin(rooms, "000####") == 200


async def test_nothing_begins_or_ends_while_the_store_cannot_write(rooms: Rooms) -> None:
    await begin(rooms)
    rooms.store.full = True
    rooms.ledger.page.moves["1"] = True
    rooms.ledger.want()
    while not rooms.ledger.failing:
        await rooms.client.get("/v1/outages")
    assert (await begin(rooms, ANNA), await end(rooms)) == (503, 503)
    assert await listed(rooms) == [ALL]
    rooms.store.full = False
