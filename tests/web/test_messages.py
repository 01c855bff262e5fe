"""Messages over HTTP: 201 means durable, a refusal says why, and accounts see only their own."""

import asyncio
from typing import Any

import pytest

from smsc.delivery.directory import Terms
from smsc.message import State, to_links
from smsc_routing.decision import Reason
from tests.web.rooms import ANNA, BERT, CARL, DORA, FLEET, SLOW, TERMS, Rooms

ELSEWHERE = "155500010001"
PROBLEM = "application/problem+json"


async def send(rooms: Rooms, **body: Any) -> str:
    response = await rooms.client.post("/v1/messages", json={"to": ANNA, "text": "hello"} | body)
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


async def refused(rooms: Rooms, status: int, **body: Any) -> dict[str, Any]:
    response = await rooms.client.post("/v1/messages", json=body)
    assert (response.status_code, response.headers["content-type"]) == (status, PROBLEM)
    told: dict[str, Any] = response.json()
    assert told["status"] == status
    assert told["title"]
    assert told["detail"]
    return told


async def test_a_message_is_in_the_store_when_it_is_answered(rooms: Rooms) -> None:
    response = await rooms.client.post("/v1/messages", json={"to": BERT, "text": "hello"})
    assert response.status_code == 201
    assert response.json() == {"id": "0000000001", "data_coding": 0, "parts": 1}
    assert response.headers["location"] == "/v1/messages/0000000001"
    history = await rooms.store.history(1)
    assert history is not None
    assert (history.message.payload, history.message.account) == (b"hello", FLEET)
    assert history.message.source.digits == "1234"
    assert history.message.registered_delivery == 0


async def test_a_message_leaves_over_the_link_that_is_asked_for(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TERMS, FLEET, Terms(default_source="1234", external=True))
    rooms.exits.change([], {"far"})
    await send(rooms, to=ELSEWHERE, link="far")
    history = await rooms.store.history(1)
    assert history is not None
    assert (history.message.link, history.message.destination) == ("far", to_links(("far",), FLEET))
    told = await refused(rooms, 404, to=ELSEWHERE, text="hello", link="fra")
    assert told["reason"] == Reason.UNKNOWN_DESTINATION


async def test_what_became_of_a_message_can_be_asked(rooms: Rooms) -> None:
    message_id = await send(rooms, **{"from": "FLEET"})
    await rooms.settled()
    answer = (await rooms.client.get(f"/v1/messages/{message_id}")).json()
    assert answer == {
        "id": message_id,
        "state": "DELIVERED",
        "error": 0,
        "attempts": 1,
        "from": "FLEET",
        "to": ANNA,
        "accepted_at": "2023-11-14T22:13:20Z",
        "done_at": "2023-11-14T22:13:20Z",
        "account": FLEET,
        "text": "hello",
        "data_coding": 0,
        "udh": "",
        "hex": "68656c6c6f",
        "erased": False,
        "history": [
            event("accepted", "ENROUTE"),
            event("ended", "DELIVERED"),
        ],
    }


def event(name: str, state: str) -> dict[str, Any]:
    return {
        "event": name,
        "at": "2023-11-14T22:13:20Z",
        "state": state,
        "error": 0,
        "cause": "",
    }


async def test_a_message_that_waits_is_not_done(rooms: Rooms) -> None:
    message_id = await send(rooms, to=BERT)
    answer = (await rooms.client.get(f"/v1/messages/{message_id}")).json()
    assert (answer["state"], answer["done_at"]) == (State.ENROUTE.name, None)


async def test_text_is_written_in_the_smallest_alphabet(rooms: Rooms) -> None:
    for text, data_coding, parts in (("€" * 80, 0, 1), ("ж" * 70, 8, 1), ("ж" * 71, 8, 2)):
        response = await rooms.client.post("/v1/messages", json={"to": ANNA, "text": text})
        answer = response.json()
        assert (answer["data_coding"], answer["parts"]) == (data_coding, parts)
    await rooms.settled()
    device = rooms.devices.find(ANNA)
    assert device is not None
    received = [(message.text, message.parts) for message in device.inbox]
    assert received == [("€" * 80, 1), ("ж" * 70, 1), ("ж" * 71, 2)]


async def test_parts_are_counted_as_they_go_on_the_air(rooms: Rooms) -> None:
    for text, parts in (("ü" * 160, 1), ("ç" * 71, 2)):
        body = {"to": ANNA, "text": text, "data_coding": 3}
        response = await rooms.client.post("/v1/messages", json=body)
        assert response.json()["parts"] == parts
    await rooms.settled()
    device = rooms.devices.find(ANNA)
    assert device is not None
    received = [(message.text, message.parts) for message in device.inbox]
    assert received == [("ü" * 160, 1), ("ç" * 71, 2)]


@pytest.mark.parametrize(
    ("body", "octets", "data_coding"),
    [
        ({"hex": "00ff"}, b"\x00\xff", 4),
        ({"hex": "00FF", "data_coding": 0xF5}, b"\x00\xff", 0xF5),
        ({"hex": ""}, b"", 4),
        ({"text": "ü", "data_coding": 3}, b"\xfc", 3),
        ({"text": ""}, b"", 0),
    ],
)
async def test_octets_and_data_coding_are_as_they_were_asked_for(
    rooms: Rooms, body: dict[str, Any], octets: bytes, data_coding: int
) -> None:
    await rooms.client.post("/v1/messages", json={"to": BERT} | body)
    history = await rooms.store.history(1)
    assert history is not None
    assert (history.message.payload, history.message.data_coding) == (octets, data_coding)


async def test_a_receipt_is_asked_for_in_the_words_of_smpp(rooms: Rooms) -> None:
    await send(rooms, to=BERT, receipt=True)
    history = await rooms.store.history(1)
    assert history is not None
    assert history.message.registered_delivery == 1


@pytest.mark.parametrize(
    ("body", "status", "reason", "words"),
    [
        ({"to": "99", "text": ""}, 404, Reason.UNKNOWN_DESTINATION, "99"),
        ({"to": "", "text": ""}, 422, Reason.MALFORMED_NUMBER, "printable characters"),
        ({"to": ANNA, "text": "", "from": "5678"}, 403, Reason.SOURCE_NOT_ALLOWED, "5678"),
        ({"to": CARL, "text": ""}, 403, Reason.SWITCHED_OFF, "mt"),
        ({"to": ANNA, "text": "x" * 39_016}, 422, Reason.TOO_LONG, "255 parts"),
        ({"to": ANNA, "text": "ж", "data_coding": 0}, 422, Reason.BAD_DATA_CODING, "position 0"),
        ({"to": ANNA, "text": "x", "data_coding": 4}, 422, Reason.BAD_DATA_CODING, "octet"),
    ],
)
async def test_a_refusal_says_why_in_a_word_and_in_words(
    rooms: Rooms, body: dict[str, Any], status: int, reason: Reason, words: str
) -> None:
    told = await refused(rooms, status, **body)
    assert told["reason"] == reason
    assert words in told["detail"]
    assert rooms.ledger.last_id == 0


@pytest.mark.parametrize(
    "body",
    [{}, {"text": "a", "hex": "61"}, {"hex": "6"}, {"hex": "xy"}],
    ids=["neither", "both", "half an octet", "no hex"],
)
async def test_a_message_that_is_neither_text_nor_octets_is_refused(
    rooms: Rooms, body: dict[str, Any]
) -> None:
    await refused(rooms, 422, to=ANNA, **body)


async def test_an_account_that_is_too_fast_is_told_when_to_try_again(rooms: Rooms) -> None:
    async with rooms.client_of(SLOW) as slow:
        first, second = [
            await slow.post("/v1/messages", json={"to": ANNA, "text": str(i)}) for i in range(2)
        ]
    assert first.status_code == 201
    assert (second.status_code, second.headers["retry-after"]) == (429, "60")
    assert second.json()["reason"] == Reason.RATE_LIMIT


async def test_a_store_that_cannot_write_accepts_nothing_and_says_so(rooms: Rooms) -> None:
    rooms.store.full = True
    for _ in range(2):
        response = await rooms.client.post("/v1/messages", json={"to": ANNA, "text": "hello"})
        assert (response.status_code, response.headers["retry-after"]) == (503, "1")
        assert response.json()["reason"] == Reason.STORE_FAILED
    rooms.store.full = False
    rooms.clock.advance(1)
    while rooms.ledger.failing:
        await rooms.client.get("/healthz")
    assert await send(rooms) > "0000000001"


async def test_a_store_that_hangs_is_not_waited_for_longer_than_ten_seconds(rooms: Rooms) -> None:
    rooms.store.running.clear()
    body = {"to": ANNA, "text": "hello"}
    answer = asyncio.create_task(rooms.client.post("/v1/messages", json=body))
    while not rooms.ledger.backlog:
        await rooms.client.get("/healthz")
    rooms.clock.advance(9.9)
    await rooms.client.get("/healthz")
    assert not answer.done()
    rooms.clock.advance(0.2)
    response = await answer
    assert response.status_code == 503
    assert "isn't known" in response.json()["detail"]


async def test_an_account_sees_no_messages_of_others_and_no_receipts(rooms: Rooms) -> None:
    message_id = await send(rooms, receipt=True)
    await rooms.settled()
    assert (await rooms.client.get(f"/v1/messages/{message_id}")).status_code == 200
    async with rooms.client_of(SLOW) as other:
        response = await other.get(f"/v1/messages/{message_id}")
    assert response.status_code == 404
    receipt = await rooms.store.history(2)
    assert receipt is not None
    assert receipt.message.receipt is not None
    assert (await rooms.client.get("/v1/messages/0000000002")).status_code == 404


async def test_an_account_sees_what_devices_sent_to_it(rooms: Rooms) -> None:
    response = await rooms.client.post(
        f"/v1/devices/{ANNA}/messages", json={"to": "1234", "text": "hi"}
    )
    (message_id,) = response.json()["ids"]
    answer = (await rooms.client.get(f"/v1/messages/{message_id}")).json()
    assert (answer["from"], answer["to"], answer["state"]) == (ANNA, "1234", "ENROUTE")
    async with rooms.client_of(SLOW) as other:
        assert (await other.get(f"/v1/messages/{message_id}")).status_code == 404


async def test_what_devices_write_to_each_other_only_an_operator_sees(rooms: Rooms) -> None:
    response = await rooms.client.post(
        f"/v1/devices/{ANNA}/messages", json={"to": DORA, "text": "hi"}
    )
    (message_id,) = response.json()["ids"]
    async with rooms.client_of(SLOW) as other:
        assert (await other.get(f"/v1/messages/{message_id}")).status_code == 404
    seen = (await rooms.client.get(f"/v1/messages/{message_id}")).json()
    assert (seen["from"], seen["to"], seen["account"]) == (ANNA, DORA, "")


@pytest.mark.parametrize("message_id", ["abc", "-1", "٣", "9" * 30, "1.0", "0000000009", "%00"])
async def test_an_id_that_nobody_has_is_not_found(rooms: Rooms, message_id: str) -> None:
    response = await rooms.client.get(f"/v1/messages/{message_id}")
    assert (response.status_code, response.headers["content-type"]) == (404, PROBLEM)
