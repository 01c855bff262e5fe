"""Many messages at once: each is accepted or refused by itself, in one answer."""

import asyncio
from typing import Any

from smsc.web.batch import LARGEST_BATCH, MOST_MESSAGES
from tests.web.rooms import ANNA, BERT, FLEET, Rooms


async def batch(rooms: Rooms, *messages: dict[str, Any]) -> dict[str, Any]:
    response = await rooms.client.post("/v1/messages/batch", json={"messages": messages})
    assert response.status_code == 200, response.text
    told: dict[str, Any] = response.json()
    return told


async def test_all_are_in_the_store_when_they_are_answered(rooms: Rooms) -> None:
    told = await batch(rooms, *({"to": BERT, "text": f"hello {n}"} for n in range(200)))
    assert (told["accepted"], told["refused"], len(told["verdicts"])) == (200, 0, 200)
    for n, verdict in enumerate(told["verdicts"]):
        assert verdict == {"status": 201, "id": f"{n + 1:010d}", "data_coding": 0, "parts": 1}
        history = await rooms.store.history(n + 1)
        assert history is not None
        assert (history.message.payload, history.message.account) == (f"hello {n}".encode(), FLEET)


async def test_each_is_refused_for_its_own_reason_and_the_others_are_accepted(rooms: Rooms) -> None:
    told = await batch(
        rooms,
        {"to": ANNA, "text": "ж" * 71, "receipt": True},
        {"to": "5555555555", "text": "x"},
        {"to": ANNA},
        {"to": ANNA, "text": "x", "from": "5678"},
        {"to": ANNA, "hex": "zz"},
        {"to": BERT, "hex": "00ff"},
    )
    assert (told["accepted"], told["refused"]) == (2, 4)
    first, unknown, nothing, source, digits, last = told["verdicts"]
    assert first == {"status": 201, "id": "0000000001", "data_coding": 8, "parts": 2}
    assert last == {"status": 201, "id": "0000000002", "data_coding": 4, "parts": 1}
    assert (unknown["status"], unknown["reason"]) == (404, "unknown_destination")
    assert (source["status"], source["reason"]) == (403, "source_not_allowed")
    assert nothing["status"] == digits["status"] == 422
    assert "text or hex" in nothing["detail"]


async def test_a_rate_says_for_each_when_to_try_again(rooms: Rooms) -> None:
    async with rooms.client_of("slow") as client:
        messages = [{"to": ANNA, "text": "x"}] * 3
        response = await client.post("/v1/messages/batch", json={"messages": messages})
    first, *others = response.json()["verdicts"]
    assert first["id"]
    assert [(each["status"], each["retry_after"]) for each in others] == [(429, 60)] * 2


async def test_a_batch_is_bounded(rooms: Rooms) -> None:
    message = {"to": ANNA, "text": "x"}
    for messages, status in (([], 400), ([message] * (MOST_MESSAGES + 1), 400)):
        body = {"messages": messages}
        response = await rooms.client.post("/v1/messages/batch", json=body)
        assert response.status_code == status
    response = await rooms.client.post("/v1/messages/batch", content=b" " * (LARGEST_BATCH + 1))
    assert response.status_code == 413
    told = await batch(rooms, *[message | {"text": "x" * 1000}] * MOST_MESSAGES)
    assert told["accepted"] == MOST_MESSAGES


async def test_a_member_of_the_wrong_kind_is_named_and_nothing_is_accepted(rooms: Rooms) -> None:
    messages = [{"to": ANNA, "text": "x"}, {"to": ANNA, "text": 5}]
    response = await rooms.client.post("/v1/messages/batch", json={"messages": messages})
    assert response.status_code == 400
    assert "messages[1].text" in response.text
    assert await rooms.store.history(1) is None


async def test_a_store_that_cannot_write_refuses_each_of_them(rooms: Rooms) -> None:
    rooms.store.full = True
    told = await batch(rooms, *[{"to": ANNA, "text": "x"}] * 3)
    assert [each["reason"] for each in told["verdicts"]] == ["store_failed"] * 3


async def test_a_store_that_hangs_is_waited_for_so_long_and_no_longer(rooms: Rooms) -> None:
    rooms.store.running.clear()
    sending = asyncio.ensure_future(
        rooms.client.post("/v1/messages/batch", json={"messages": [{"to": ANNA, "text": "x"}] * 60})
    )
    while rooms.ledger.backlog < 60:
        await rooms.client.get("/healthz")
    rooms.clock.advance(10)
    response = await sending
    assert response.status_code == 503
    assert "isn't known" in response.json()["detail"]
