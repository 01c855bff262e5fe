"""Devices that can't take messages now, over HTTP: why messages wait, and how they go."""

from typing import Any

import pytest

from tests.web.rooms import BERT, Rooms

EMIL = "491700000010"
FLAGS = ("messages_waiting", "mnrf", "mcef")


async def make(rooms: Rooms, **members: Any) -> None:
    response = await rooms.client.post("/v1/devices", json={"msisdn": EMIL, **members})
    assert response.status_code == 201, response.text


async def change(rooms: Rooms, **members: Any) -> None:
    response = await rooms.client.patch(f"/v1/devices/{EMIL}", json=members)
    assert response.status_code == 200, response.text


async def send(rooms: Rooms, *texts: str, to: str = EMIL) -> None:
    for text in texts:
        response = await rooms.client.post("/v1/messages", json={"to": to, "text": text})
        assert response.status_code == 201, response.text
    await rooms.settled()


async def flags(rooms: Rooms, who: str = EMIL) -> list[str]:
    device = (await rooms.client.get(f"/v1/devices/{who}")).json()
    return [flag for flag in FLAGS if device[flag]]


async def inbox(rooms: Rooms) -> tuple[int, list[str]]:
    await rooms.settled()
    answer = (await rooms.client.get(f"/v1/devices/{EMIL}/inbox")).json()
    return answer["received"], [message["text"] for message in answer["messages"]]


async def test_a_full_device_is_cleared_and_gets_what_waits(rooms: Rooms) -> None:
    await make(rooms, memory=1)
    await send(rooms, "one", "two")
    assert await flags(rooms) == ["messages_waiting", "mcef"]
    response = await rooms.client.delete(f"/v1/devices/{EMIL}/inbox")
    assert (response.status_code, response.content) == (204, b"")
    assert await inbox(rooms) == (2, ["two"])
    assert await flags(rooms) == []


async def test_a_full_device_gets_what_waits_when_its_memory_is_changed(rooms: Rooms) -> None:
    await make(rooms, memory=1)
    await send(rooms, "one", "two")
    await change(rooms, memory=None)
    assert await inbox(rooms) == (2, ["one", "two"])


async def test_a_device_comes_back_from_nb_iot(rooms: Rooms) -> None:
    await make(rooms, nb_iot=True)
    await send(rooms, "hello")
    assert await flags(rooms) == ["messages_waiting", "mnrf"]
    await change(rooms, nb_iot=False)
    assert await inbox(rooms) == (1, ["hello"])


async def test_a_device_of_the_config_has_flags_too(rooms: Rooms) -> None:
    assert await flags(rooms, BERT) == []
    await send(rooms, "hello", to=BERT)
    assert await flags(rooms, BERT) == ["messages_waiting", "mnrf"]


async def test_a_device_that_holds_nothing_may_be_cleared(rooms: Rooms) -> None:
    await make(rooms)
    assert (await rooms.client.delete(f"/v1/devices/{EMIL}/inbox")).status_code == 204
    assert await inbox(rooms) == (0, [])


@pytest.mark.parametrize("memory", [-1, 1_000_001, "x"])
async def test_a_memory_that_is_none_is_refused(rooms: Rooms, memory: object) -> None:
    body = {"msisdn": EMIL, "memory": memory}
    response = await rooms.client.post("/v1/devices", json=body)
    assert response.status_code == 400
    assert "memory" in response.text
