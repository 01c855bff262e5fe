"""A request that is repeated with its key is answered as before, and nothing is done twice."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.web.rooms import ANNA, BERT, SLOW, Rooms

HOUR_MS = 3_600_000
MESSAGE = {"to": BERT, "text": "hello"}


async def post(
    rooms: Rooms, key: str, body: Any, path: str = "/v1/messages", client: Any = None
) -> httpx.Response:
    headers = {"Idempotency-Key": key}
    response: httpx.Response = await (client or rooms.client).post(path, json=body, headers=headers)
    return response


async def test_the_same_request_gets_the_same_answer_and_sends_nothing_more(rooms: Rooms) -> None:
    first = await post(rooms, "a", MESSAGE)
    again = await post(rooms, "a", MESSAGE)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    assert await rooms.store.history(2) is None


async def test_a_key_with_another_body_is_refused(rooms: Rooms) -> None:
    await post(rooms, "a", MESSAGE)
    for body, path in (
        (MESSAGE | {"text": "other"}, "/v1/messages"),
        ({"messages": [MESSAGE]}, "/v1/messages/batch"),
    ):
        response = await post(rooms, "a", body, path)
        assert response.status_code == 422
        assert "given to another request" in response.json()["detail"]
    assert await rooms.store.history(2) is None


async def test_keys_are_an_accounts_own(rooms: Rooms) -> None:
    first = await post(rooms, "a", MESSAGE)
    async with rooms.client_of(SLOW) as client:
        other = await post(rooms, "a", MESSAGE, client=client)
    assert other.status_code == 201
    assert other.json()["id"] != first.json()["id"]


async def test_a_request_is_known_after_a_restart(rooms: Rooms, tmp_path: Path) -> None:
    first = await post(rooms, "a", MESSAGE)
    await rooms.close()
    reopened = Rooms(tmp_path / "smsc.db")
    await reopened.open()
    again = await post(reopened, "a", MESSAGE)
    assert again.content == first.content
    await reopened.close()
    # For the fixture to close.
    await rooms.open()


async def test_a_request_that_is_under_way_is_not_done_again(rooms: Rooms) -> None:
    rooms.store.running.clear()
    first = asyncio.ensure_future(post(rooms, "a", MESSAGE))
    while not rooms.ledger.backlog:
        await rooms.client.get("/healthz")
    meanwhile = await post(rooms, "a", MESSAGE)
    assert meanwhile.status_code == 409
    rooms.store.running.set()
    answer = await first
    assert answer.status_code == 201
    assert (await post(rooms, "a", MESSAGE)).content == answer.content


async def test_a_request_whose_client_was_told_nothing_is_not_done_again(rooms: Rooms) -> None:
    rooms.store.running.clear()
    first = asyncio.ensure_future(post(rooms, "a", MESSAGE))
    while not rooms.ledger.backlog:
        await rooms.client.get("/healthz")
    rooms.clock.advance(10)
    assert (await first).status_code == 503
    # It isn't known yet whether the message is on the disk.
    assert (await post(rooms, "a", MESSAGE)).status_code == 409
    rooms.store.running.set()
    await rooms.settled()
    assert (await post(rooms, "a", MESSAGE)).json()["id"] == "0000000001"


async def test_a_key_is_free_again_after_a_day(rooms: Rooms) -> None:
    first = await post(rooms, "a", MESSAGE)
    rooms.clock.advance(24 * 3600 - 1)
    assert (await post(rooms, "a", MESSAGE)).json() == first.json()
    rooms.clock.advance(2)
    assert (await post(rooms, "a", MESSAGE)).json() != first.json()


async def test_what_was_refused_may_be_tried_again(rooms: Rooms) -> None:
    rooms.store.full = True
    assert (await post(rooms, "a", MESSAGE)).status_code == 503
    rooms.store.full = False
    rooms.clock.advance(1)
    await rooms.ledger.written()
    assert (await post(rooms, "a", MESSAGE)).status_code == 201


async def test_a_batch_is_sent_once_and_what_was_refused_is_tried_again(rooms: Rooms) -> None:
    body = {"messages": [MESSAGE, {"to": "5555555555", "text": "x"}] * 60}
    first = (await post(rooms, "b", body, "/v1/messages/batch")).json()
    again = (await post(rooms, "b", body, "/v1/messages/batch")).json()
    assert first == again
    assert (first["accepted"], first["refused"]) == (60, 60)
    assert rooms.ledger.last_id == 60


async def test_what_a_device_sends_is_sent_once(rooms: Rooms) -> None:
    path = f"/v1/devices/{ANNA}/messages"
    body = {"to": "1234", "text": "x" * 200}
    first = await post(rooms, "c", body, path)
    assert len(first.json()["ids"]) == 2
    assert (await post(rooms, "c", body, path)).content == first.content
    assert rooms.ledger.last_id == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "ü"])
async def test_a_key_that_is_none_is_a_problem(rooms: Rooms, key: str) -> None:
    response = await rooms.client.post(
        "/v1/messages", json=MESSAGE, headers={b"Idempotency-Key": key.encode()}
    )
    assert response.status_code == 400
    assert "idempotency_key" in response.text
    assert await rooms.store.history(1) is None


async def test_nothing_is_remembered_of_requests_in_memory(rooms: Rooms) -> None:
    await post(rooms, "a", MESSAGE)
    await post(rooms, "a", MESSAGE)
    assert rooms.ledger.claims == {}
