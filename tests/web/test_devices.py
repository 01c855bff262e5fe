"""Devices over HTTP: they are listed in pages, moved for good, and send as phones do."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from smsc.message import Address, Broadcast, BroadcastArea
from smsc_routing.decision import Reason
from tests.web.rooms import ANNA, BERT, CARL, DEVICES, DORA, Rooms

NOBODY = "33123456789"
CROWD = "447100000007"


async def ask(rooms: Rooms, path: str) -> Any:
    response = await rooms.client.get(path)
    assert response.status_code == 200, response.text
    return response.json()


async def move(rooms: Rooms, number: str, how: str) -> Any:
    response = await rooms.client.post(f"/v1/devices/{number}/{how}")
    assert response.status_code == 200, response.text
    return response.json()


async def test_a_device_is_shown_with_its_cards_and_whether_it_is_attached(rooms: Rooms) -> None:
    assert await ask(rooms, f"/v1/devices/{ANNA}") == {
        "msisdn": ANNA,
        "attached": True,
        "policy": "default",
        "iccid": "8988",
        "imsi": "26201",
        "imei": "35",
        "esn": "",
        "meid": "",
        "name": "",
        "thing_key": "",
        "id": "",
        "link": "",
        "overrides": {},
        "latency": "0s",
        "error": 0,
        "permanent": False,
        "memory": 0,
        "nb_iot": False,
        "defined_in": "config",
        "messages_waiting": False,
        "mnrf": False,
        "mcef": False,
        "outage": False,
    }


async def test_a_device_of_a_population_is_shown_though_nothing_happened_to_it(
    rooms: Rooms,
) -> None:
    device = await ask(rooms, f"/v1/devices/{CROWD}")
    assert (device["policy"], device["attached"]) == ("crowd", True)


async def test_a_listing_goes_page_by_page_until_there_is_no_next(rooms: Rooms) -> None:
    after, seen = "", []
    while after is not None:
        page = await ask(rooms, f"/v1/devices?limit=3&after={after}")
        seen.append([device["msisdn"] for device in page["devices"]])
        after = page["next"]
    assert seen == [[ANNA, BERT, CARL], [DORA]]
    assert page["populations"] == [{"pattern": "4471########", "attached": True, "policy": "crowd"}]


async def test_a_listing_shows_a_hundred_if_nobody_says_how_many(rooms: Rooms) -> None:
    page = await ask(rooms, "/v1/devices")
    assert len(page["devices"]) == len(DEVICES)
    assert page["next"] is None


async def test_a_page_has_from_one_to_a_thousand_devices(rooms: Rooms) -> None:
    for limit in ("0", "1001", "-1", "x", "", "9" * 30):
        response = await rooms.client.get(f"/v1/devices?limit={limit}")
        assert response.status_code == 400
        assert response.json()["detail"].startswith("limit: ")


async def test_a_device_that_attaches_gets_what_waited_for_it(rooms: Rooms) -> None:
    await rooms.client.post("/v1/messages", json={"to": BERT, "text": "at last"})
    assert (await ask(rooms, f"/v1/devices/{BERT}/inbox"))["messages"] == []
    assert (await move(rooms, BERT, "attach"))["attached"] is True
    while not (inbox := await ask(rooms, f"/v1/devices/{BERT}/inbox"))["messages"]:
        await rooms.ledger.written()
    assert inbox == {
        "msisdn": BERT,
        "received": 1,
        "messages": [
            {
                "from": "1234",
                "text": "at last",
                "hex": b"at last".hex(),
                # From 1234 at 2023-11-14 22:13:20, GMT.
                "tpdus": ["040481214300003211412231020007613a881d9ed301"],
                "data_coding": 0,
                "parts": 1,
                "received_at": "2023-11-14T22:13:20Z",
                "broadcast": False,
            }
        ],
    }


async def test_a_broadcast_is_marked_in_the_inbox_of_a_device_nothing_happened_to(
    rooms: Rooms,
) -> None:
    area = BroadcastArea(b"\0crowd", "crowd")
    now = rooms.clock.now()
    source = Address(0, 1, "1234")
    made = Broadcast(1, "fleet", source, b"storm", 0, "", b"\0\0\x33", (area,), 1, 8, 1, now, now)
    rooms.cell.transmit(made, lambda successes: None)
    inbox = await ask(rooms, f"/v1/devices/{CROWD}/inbox")
    (message,) = inbox["messages"]
    assert (inbox["received"], message["text"], message["broadcast"]) == (1, "storm", True)
    assert message["tpdus"] == []


async def test_octets_that_are_no_text_are_shown_as_hex_alone(rooms: Rooms) -> None:
    await rooms.client.post("/v1/messages", json={"to": ANNA, "hex": "00ff"})
    await rooms.settled()
    (message,) = (await ask(rooms, f"/v1/devices/{ANNA}/inbox"))["messages"]
    assert (message["text"], message["hex"], message["data_coding"]) == (None, "00ff", 4)


async def test_a_device_that_was_moved_is_still_there_after_a_restart(tmp_path: Path) -> None:
    for attached in (True, False):
        rooms = Rooms(tmp_path / "smsc.db")
        await rooms.open()
        assert (await ask(rooms, f"/v1/devices/{ANNA}"))["attached"] is attached
        await move(rooms, ANNA, "detach")
        await rooms.close()


async def test_a_move_is_not_answered_before_it_is_durable(rooms: Rooms) -> None:
    rooms.store.running.clear()
    answer = asyncio.create_task(rooms.client.post(f"/v1/devices/{ANNA}/detach"))
    while rooms.hlr.attached(ANNA):
        await rooms.client.get("/healthz")
    await rooms.client.get("/healthz")
    assert not answer.done()
    rooms.store.running.set()
    assert (await answer).json()["attached"] is False


async def test_a_move_that_cannot_be_written_is_not_waited_for_forever(rooms: Rooms) -> None:
    rooms.store.running.clear()
    answer = asyncio.create_task(rooms.client.post(f"/v1/devices/{ANNA}/detach"))
    while rooms.hlr.attached(ANNA):
        await rooms.client.get("/healthz")
    rooms.clock.advance(10)
    response = await answer
    assert response.status_code == 503
    assert ANNA in response.json()["detail"]


async def test_moving_a_device_to_where_it_is_changes_nothing(rooms: Rooms) -> None:
    assert (await move(rooms, ANNA, "attach"))["attached"] is True
    assert not rooms.ledger.page


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/inbox"),
        ("DELETE", "/inbox"),
        ("POST", "/attach"),
        ("POST", "/detach"),
        ("POST", "/messages"),
    ],
)
async def test_a_number_that_no_device_has_is_not_found(
    rooms: Rooms, method: str, path: str
) -> None:
    body = {"to": "1234", "text": ""} if path == "/messages" else None
    for number in (NOBODY, "x", "%00", "٤٩١٧٠٠٠٠٠٠٠١", "9" * 300):
        response = await rooms.client.request(method, f"/v1/devices/{number}{path}", json=body)
        assert response.status_code == 404
        assert "[[devices]]" in response.json()["detail"]


@pytest.mark.parametrize(("word", "esm_class"), [("delivery", 0x08), ("user", 0x10)])
async def test_a_device_may_acknowledge(rooms: Rooms, word: str, esm_class: int) -> None:
    body = {"to": "1234", "text": "read", "acknowledges": word}
    response = await rooms.client.post(f"/v1/devices/{ANNA}/messages", json=body)
    (message_id,) = response.json()["ids"]
    history = await rooms.store.history(int(message_id))
    assert history is not None
    assert history.message.esm_class == esm_class


@pytest.mark.parametrize(
    ("body", "payload", "data_coding", "esm_class"),
    [
        ({"hex": "00ff1b20"}, "00ff1b20", 4, 0),
        ({"hex": "00ff", "udh": "060504000007D1"}, "060504000007d100ff", 4, 0x40),
        ({"hex": "00ff", "data_coding": 0xF5}, "00ff", 0xF5, 0),
        ({"text": "", "udh": "060504000007d1"}, "060504000007d1", 0, 0x40),
        ({"text": "@", "data_coding": 0xF1}, "00", 0xF1, 0),
    ],
)
async def test_octets_and_headers_that_a_device_sends_are_untouched(
    rooms: Rooms, body: dict[str, Any], payload: str, data_coding: int, esm_class: int
) -> None:
    response = await rooms.client.post(f"/v1/devices/{ANNA}/messages", json={"to": "1234"} | body)
    (message_id,) = response.json()["ids"]
    history = await rooms.store.history(int(message_id))
    assert history is not None
    message = history.message
    assert (message.payload.hex(), message.data_coding, message.esm_class) == (
        payload,
        data_coding,
        esm_class,
    )


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "x", "hex": "00"},
        {"hex": "0"},
        {"text": "x", "udh": "zz"},
        {"text": "x", "udh": "05"},
        {"text": "x", "udh": "060504000007d100"},
        {"text": "x", "data_coding": 4},
        {"hex": "00", "udh": "8c" + "00" * 140},
    ],
)
async def test_what_a_device_cannot_write_is_a_problem(rooms: Rooms, body: dict[str, Any]) -> None:
    response = await rooms.client.post(f"/v1/devices/{ANNA}/messages", json={"to": "1234"} | body)
    assert response.status_code == 422, response.text


async def test_a_long_text_of_a_device_is_a_message_for_each_part(rooms: Rooms) -> None:
    response = await rooms.client.post(
        f"/v1/devices/{ANNA}/messages", json={"to": "1234", "text": "x" * 400}
    )
    assert response.status_code == 201
    assert response.json() == {"ids": ["0000000001", "0000000002", "0000000003"]}
    for number in (1, 2, 3):
        assert await rooms.store.history(number) is not None


async def test_what_a_device_sends_to_another_arrives(rooms: Rooms) -> None:
    await rooms.client.post(f"/v1/devices/{ANNA}/messages", json={"to": DORA, "text": "hi"})
    await rooms.settled()
    (message,) = (await ask(rooms, f"/v1/devices/{DORA}/inbox"))["messages"]
    assert (message["from"], message["text"]) == (ANNA, "hi")


async def test_parts_that_went_before_a_refusal_are_named(rooms: Rooms) -> None:
    response = await rooms.client.post(
        f"/v1/devices/{DORA}/messages", json={"to": "1234", "text": "x" * 400}
    )
    assert (response.status_code, response.headers["retry-after"]) == (429, "30")
    told = response.json()
    assert (told["reason"], told["ids"]) == (Reason.RATE_LIMIT, ["0000000001", "0000000002"])


async def test_a_detached_device_sends_nothing(rooms: Rooms) -> None:
    response = await rooms.client.post(
        f"/v1/devices/{BERT}/messages", json={"to": "1234", "text": "hi"}
    )
    assert response.status_code == 409
    assert f"smsc devices attach {BERT}" in response.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"to": "99", "text": "hi"}, 404),
        ({"to": "", "text": "hi"}, 422),
        ({"to": CARL, "text": "hi"}, 403),
        ({"to": "1234", "text": "x" * 40_000}, 422),
    ],
)
async def test_what_a_device_may_not_send_is_a_problem(
    rooms: Rooms, body: dict[str, str], status: int
) -> None:
    response = await rooms.client.post(f"/v1/devices/{DORA}/messages", json=body)
    assert response.status_code == status, response.text
    assert response.json()["reason"]
