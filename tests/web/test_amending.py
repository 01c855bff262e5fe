"""Messages that wait are cancelled and replaced; those that don't, or are another's, are not."""

from typing import Any

import pytest

from smsc.message import State
from tests.web.rooms import ANNA, BERT, FLEET, SLOW, Rooms

NOW = "2023-11-14T22:13:20Z"
"""When the clock of the rooms starts."""


async def sent(rooms: Rooms, **body: Any) -> str:
    response = await rooms.client.post("/v1/messages", json={"to": BERT, "text": "hello"} | body)
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


async def stored(rooms: Rooms, message_id: str) -> Any:
    history = await rooms.store.history(int(message_id))
    assert history is not None
    return history


async def test_a_message_that_waits_is_cancelled(rooms: Rooms) -> None:
    message_id = await sent(rooms)
    response = await rooms.client.delete(f"/v1/messages/{message_id}")
    assert (response.status_code, response.content) == (204, b"")
    assert (await stored(rooms, message_id)).state is State.DELETED


async def test_what_is_delivered_can_neither_be_cancelled_nor_replaced(rooms: Rooms) -> None:
    message_id = await sent(rooms, to=ANNA)
    await rooms.settled()
    path = f"/v1/messages/{message_id}"
    for response in (
        await rooms.client.delete(path),
        await rooms.client.patch(path, json={"text": "late"}),
    ):
        assert response.status_code == 409
        assert "has ended" in response.json()["detail"]
    assert (await stored(rooms, message_id)).state is State.DELIVERED


async def test_a_message_gets_another_text_and_stays_what_else_it_is(rooms: Rooms) -> None:
    message_id = await sent(rooms, receipt=True, priority=2)
    response = await rooms.client.patch(f"/v1/messages/{message_id}", json={"text": "жук"})
    assert response.status_code == 200
    assert (response.json()["text"], response.json()["data_coding"]) == ("жук", 8)
    message = (await stored(rooms, message_id)).message
    assert (message.registered_delivery, message.priority, message.dest.digits) == (1, 2, BERT)


async def test_a_message_gets_other_times_and_keeps_its_text(rooms: Rooms) -> None:
    message_id = await sent(rooms)
    body = {"not_before": "2023-11-14T22:23:20Z", "validity": "5m", "receipt": True}
    response = await rooms.client.patch(f"/v1/messages/{message_id}", json=body)
    assert (response.status_code, response.json()["text"]) == (200, "hello")
    message = (await stored(rooms, message_id)).message
    now = rooms.clock.now()
    assert (message.not_before, message.expires_at) == (now + 600_000, now + 900_000)
    assert message.registered_delivery == 1


async def test_a_header_stays_in_front_of_another_text(rooms: Rooms) -> None:
    message_id = await sent(rooms, udh="060504000007d1", hex="00ff", text=None)
    await rooms.client.patch(f"/v1/messages/{message_id}", json={"hex": "0102"})
    assert (await stored(rooms, message_id)).message.payload.hex() == "060504000007d10102"


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
async def test_messages_of_others_are_unknown(rooms: Rooms, method: str) -> None:
    message_id = await sent(rooms)
    async with rooms.client_of(SLOW) as client:
        response = await client.request(method, f"/v1/messages/{message_id}", json={})
    assert response.status_code == 404
    assert (await stored(rooms, message_id)).state is State.ENROUTE


async def test_what_a_device_sent_to_an_account_is_not_the_accounts_to_cancel(rooms: Rooms) -> None:
    body = {"to": "5678", "text": "hi"}
    response = await rooms.client.post(f"/v1/devices/{ANNA}/messages", json=body)
    (message_id,) = response.json()["ids"]
    async with rooms.client_of(SLOW) as client:
        assert (await client.get(f"/v1/messages/{message_id}")).status_code == 200
        assert (await client.delete(f"/v1/messages/{message_id}")).status_code == 404


async def test_a_replacement_that_cannot_be_sent_is_refused_and_changes_nothing(
    rooms: Rooms,
) -> None:
    message_id = await sent(rooms)
    for body, status in (
        ({"text": "x", "hex": "00"}, 422),
        ({"expires_at": "2001-01-01T00:00:00Z"}, 422),
        ({"expires_at": "0001-01-01T00:00:00+14:00"}, 422),
        ({"expires_at": "2023-11-14T22:23:20"}, 400),
        ({"validity": "soon"}, 422),
        ({"validity": "5m", "expires_at": "2023-11-14T22:23:20Z"}, 422),
        ({"txt": "x"}, 400),
    ):
        response = await rooms.client.patch(f"/v1/messages/{message_id}", json=body)
        assert response.status_code == status, response.text
    assert (await stored(rooms, message_id)).message.payload == b"hello"


async def test_a_message_is_sent_with_times_a_priority_and_a_header(rooms: Rooms) -> None:
    message_id = await sent(
        rooms,
        to=ANNA,
        not_before="2023-11-14T23:23:20+01:00",
        expires_at="2023-11-14T22:33:20Z",
        priority=3,
        udh="060504000007d1",
    )
    history = await stored(rooms, message_id)
    message, now = history.message, rooms.clock.now()
    assert history.state is State.SCHEDULED
    assert (message.not_before, message.expires_at) == (now + 600_000, now + 1_200_000)
    assert (message.priority, message.esm_class) == (3, 0x40)
    assert message.payload == bytes.fromhex("060504000007d1") + b"hello"
    assert message.account == FLEET


async def test_a_validity_begins_when_the_message_is_due(rooms: Rooms) -> None:
    message_id = await sent(rooms, validity="90s")
    assert (await stored(rooms, message_id)).message.expires_at == rooms.clock.now() + 90_000


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"expires_at": NOW}, "bad_validity"),
        ({"not_before": "2033-01-01T00:00:00Z"}, "bad_schedule"),
        ({"udh": "0a"}, "bad_udh"),
        ({"udh": "060504000007d1", "text": "x" * 154}, "too_long"),
    ],
)
async def test_what_does_not_fit_is_refused(
    rooms: Rooms, body: dict[str, Any], reason: str
) -> None:
    response = await rooms.client.post("/v1/messages", json={"to": BERT, "text": "x"} | body)
    assert (response.status_code, response.json()["reason"]) == (422, reason)
