"""A webhook over a real socket, and a receiver that fails, stalls, resets, redirects, recovers."""

import asyncio
import hmac
import json
import socket
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smsc.web.webhooks.caller import Unanswered
from smsc.web.webhooks.circuit import FAILURES
from smsc.web.webhooks.event import Call, Event
from smsc.web.webhooks.shapes import SHAPES
from tests.web.rooms import ANNA, Rooms
from tests.web.webhook_receiver import SECONDS_AT_MOST, Process
from tests.web.webhook_samples import SECRET


@pytest.fixture(scope="module")
def receiver() -> Iterator[Process]:
    with Process() as process:
        yield process


async def hooked(rooms: Rooms, receiver: Process, name: str, **keys: Any) -> None:
    """Have what comes to fleet told to the receiver."""
    body = {"url": receiver.hook(name), "account": "fleet", "allow_private": True} | keys
    response = await rooms.client.put(f"/v1/webhooks/{name}", json=body)
    assert response.status_code in (200, 201), response.text


async def sent(rooms: Rooms, text: str = "hello", sender: str = ANNA) -> list[str]:
    """Have a device send a text to fleet; return the ids of its parts."""
    body = {"to": "1234", "text": text}
    response = await rooms.client.post(f"/v1/devices/{sender}/messages", json=body)
    assert response.status_code == 201, response.text
    ids: list[str] = response.json()["ids"]
    return ids


async def seen(receiver: Process, name: str, count: int) -> list[dict[str, Any]]:
    return await asyncio.to_thread(receiver.seen, name, count)


async def texts(receiver: Process, name: str, count: int) -> list[str]:
    calls = await seen(receiver, name, count)
    return [json.loads(call["body"])["data"]["text"] for call in calls]


async def state(rooms: Rooms, message_id: str) -> tuple[str, int, int]:
    shown = (await rooms.client.get(f"/v1/messages/{message_id}")).json()
    return shown["state"], shown["error"], shown["attempts"]


async def became(rooms: Rooms, message_id: str, *wanted: Any) -> None:
    """Wait until a message stands so."""
    async with asyncio.timeout(SECONDS_AT_MOST):
        while (await state(rooms, message_id)) != wanted:
            await rooms.client.get("/healthz")


async def status(rooms: Rooms, name: str) -> Any:
    return (await rooms.client.get(f"/v1/webhooks/{name}")).json()


async def came_to(rooms: Rooms, name: str, wanted: str) -> None:
    """Wait until a webhook is in this state."""
    async with asyncio.timeout(SECONDS_AT_MOST):
        while (await status(rooms, name))["state"] != wanted:
            await rooms.client.get("/healthz")


# What goes well.


async def test_a_message_to_the_account_is_posted_signed_and_done(
    rooms: Rooms, receiver: Process
) -> None:
    await hooked(rooms, receiver, "well", secrets=[SECRET])
    (message_id,) = await sent(rooms)
    (call,) = await seen(receiver, "well", 1)
    told = json.loads(call["body"])
    assert call["method"] == "POST"
    assert (told["type"], told["data"]["id"]) == ("message.received", message_id)
    assert call["headers"]["Content-Type"] == "application/json"
    stamp = call["headers"]["webhook-timestamp"]
    assert int(stamp) == rooms.clock.now() // 1000
    await became(rooms, message_id, "DELIVERED", 0, 1)
    (shown,) = (await status(rooms, "well"))["calls"]
    assert (shown["message"], shown["method"], shown["status"]) == (message_id, "POST", 200)


async def test_the_receipt_of_what_was_sent_over_http_comes_to_the_webhook(
    rooms: Rooms, receiver: Process
) -> None:
    await hooked(rooms, receiver, "receipts")
    body = {"to": ANNA, "text": "hi", "receipt": True}
    message_id = (await rooms.client.post("/v1/messages", json=body)).json()["id"]
    (call,) = await seen(receiver, "receipts", 1)
    told = json.loads(call["body"])
    assert told["type"] == "message.status"
    assert (told["data"]["id"], told["data"]["state"]) == (message_id, "DELIVERED")


async def test_a_webhook_of_some_addresses_gets_what_comes_to_these(
    rooms: Rooms, receiver: Process
) -> None:
    await hooked(rooms, receiver, "all")
    await hooked(rooms, receiver, "one", addresses=["1234"])
    await sent(rooms, "to 1234")
    assert await texts(receiver, "one", 1) == ["to 1234"]
    body = {"to": "FLEET", "text": "to a name"}
    await rooms.client.post(f"/v1/devices/{ANNA}/messages", json=body)
    assert await texts(receiver, "all", 1) == ["to a name"]


async def test_a_policy_delivers_to_a_webhook_by_its_name(rooms: Rooms, receiver: Process) -> None:
    await hooked(rooms, receiver, "meters", account="")
    keys = {"deliver_to": "meters"}
    assert (await rooms.client.put("/v1/policies/meter", json=keys)).status_code == 201
    device = {"msisdn": "491700000077", "policy": "meter"}
    assert (await rooms.client.post("/v1/devices", json=device)).status_code == 201
    body = {"to": "9999", "text": "from a meter"}
    await rooms.client.post("/v1/devices/491700000077/messages", json=body)
    assert await texts(receiver, "meters", 1) == ["from a meter"]
    gone = await rooms.client.delete("/v1/webhooks/meters")
    assert (gone.status_code, "meter" in gone.json()["detail"]) == (409, True)


async def test_emnify_is_told_which_device_it_was(rooms: Rooms, receiver: Process) -> None:
    device = {"msisdn": "491700000078", "name": "Pump 7", "id": "4711"}
    assert (await rooms.client.post("/v1/devices", json=device)).status_code == 201
    await hooked(rooms, receiver, "pumps", shape="emnify", secrets=["api secret"])
    await sent(rooms, "dry", "491700000078")
    (call,) = await seen(receiver, "pumps", 1)
    assert json.loads(call["body"])["endpoint"] == {"id": 4711, "name": "Pump 7"}
    assert call["headers"]["Authorization"].startswith("Bearer ")


async def test_the_host_that_voip_number_documents_is_forged_unless_it_is_switched_off(
    rooms: Rooms, receiver: Process
) -> None:
    await hooked(rooms, receiver, "voip", shape="voipnumber")
    await sent(rooms)
    await hooked(rooms, receiver, "voip", shape="voipnumber", host="")
    await seen(receiver, "voip", 1)
    await sent(rooms)
    hosts = [call["headers"]["Host"] for call in await seen(receiver, "voip", 2)]
    assert hosts == ["api.voipnumber.net", f"127.0.0.1:{receiver.port}"]


# What goes wrong.

FAILURES_TOLD = [
    ({"status": 500}, 500),
    ({"status": 400}, 400),
    ({"status": 301, "headers": {"Location": "/hooks/elsewhere"}}, 301),
    ({"status": 307, "headers": {"Location": "/hooks/elsewhere"}}, 307),
    ({"do": "reset"}, Unanswered.BROKEN),
    ({"do": "stall"}, Unanswered.NO_ANSWER),
    ({"do": "headers"}, Unanswered.BROKEN),
]


@pytest.mark.parametrize(("step", "error"), FAILURES_TOLD)
async def test_what_failed_is_tried_again_and_says_why(
    rooms: Rooms, receiver: Process, step: dict[str, Any], error: int
) -> None:
    name = "fails-" + str(step.get("do", error))
    receiver.script(name, step)
    await hooked(rooms, receiver, name, timeout="500ms", secrets=[SECRET])
    (message_id,) = await sent(rooms)
    await became(rooms, message_id, "ENROUTE", error, 1)
    rooms.clock.advance(5)
    first, second = await seen(receiver, name, 2)
    await became(rooms, message_id, "DELIVERED", 0, 2)
    assert first["body"] == second["body"]
    assert first["headers"]["webhook-id"] == second["headers"]["webhook-id"]
    stamps = [int(each["headers"]["webhook-timestamp"]) for each in (first, second)]
    assert stamps[1] >= stamps[0] + 5
    assert await seen(receiver, "elsewhere", 0) == []


async def test_a_mistake_of_ours_loses_no_message(
    rooms: Rooms, receiver: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(event: Event, now_s: int) -> Call | None:
        raise ZeroDivisionError

    await hooked(rooms, receiver, "ours", shape="zapier")
    with monkeypatch.context() as broken_for_now:
        broken_for_now.setitem(SHAPES, "zapier", broken)
        (message_id,) = await sent(rooms)
        await became(rooms, message_id, "ENROUTE", 0, 1)
    rooms.clock.advance(5)
    await became(rooms, message_id, "DELIVERED", 0, 2)


async def test_the_history_of_a_message_tells_what_was_answered_and_the_account_finds_it(
    rooms: Rooms, receiver: Process
) -> None:
    receiver.script("told", {"status": 503}, {"do": "reset"})
    await hooked(rooms, receiver, "told")
    (message_id,) = await sent(rooms)
    await became(rooms, message_id, "ENROUTE", 503, 1)
    rooms.clock.advance(5)
    await became(rooms, message_id, "ENROUTE", Unanswered.BROKEN, 2)
    rooms.clock.advance(295)
    await became(rooms, message_id, "DELIVERED", 0, 3)
    record = (await rooms.client.get(f"/v1/messages/{message_id}")).json()
    told = [(each["error"], each["cause"]) for each in record["history"]]
    assert told == [
        (0, ""),
        (503, "HTTP 503 Service Unavailable"),
        (Unanswered.BROKEN, "no answer of HTTP"),
        (0, ""),
    ]
    found = (await rooms.client.get("/v1/messages")).json()["messages"]
    assert [(each["id"], each["account"]) for each in found] == [(message_id, "fleet")]


async def test_an_answer_without_end_is_taken_and_hung_up_on(
    rooms: Rooms, receiver: Process
) -> None:
    receiver.script("flood", {"do": "flood"})
    await hooked(rooms, receiver, "flood", concurrency=1)
    ids = [*await sent(rooms, "one"), *await sent(rooms, "two")]
    for message_id in ids:
        await became(rooms, message_id, "DELIVERED", 0, 1)


async def test_retry_after_is_waited_for(rooms: Rooms, receiver: Process) -> None:
    receiver.script("later", {"status": 429, "headers": {"Retry-After": "600"}})
    await hooked(rooms, receiver, "later")
    (message_id,) = await sent(rooms, "first")
    await became(rooms, message_id, "ENROUTE", 429, 1)
    await sent(rooms, "second")
    rooms.clock.advance(599)
    assert (await status(rooms, "later"))["state"] == "resting"
    rooms.clock.advance(2)
    assert sorted(await texts(receiver, "later", 3)) == ["first", "first", "second"]
    await became(rooms, message_id, "DELIVERED", 0, 2)


async def test_a_receiver_that_is_gone_is_called_no_more_until_somebody_enables_it(
    tmp_path: Path, receiver: Process
) -> None:
    rooms = Rooms(tmp_path / "smsc.db")
    await rooms.open()
    receiver.script("gone", {"status": 410})
    await hooked(rooms, receiver, "gone")
    (message_id,) = await sent(rooms, "first")
    await became(rooms, message_id, "ENROUTE", 410, 1)
    (other_id,) = await sent(rooms, "second")
    assert (await status(rooms, "gone"))["state"] == "disabled"
    await rooms.close()
    rooms = Rooms(tmp_path / "smsc.db")
    await rooms.open()
    rooms.clock.advance(60)
    shown = await status(rooms, "gone")
    assert (shown["state"], shown["waiting"], shown["calls"]) == ("disabled", 2, [])
    enabled = await rooms.client.post("/v1/webhooks/gone/enable")
    assert enabled.json()["state"] == "enabled"
    rooms.clock.advance(60)
    await became(rooms, message_id, "DELIVERED", 0, 2)
    await became(rooms, other_id, "DELIVERED", 0, 1)
    assert sorted(await texts(receiver, "gone", 3)) == ["first", "first", "second"]
    await rooms.close()


async def test_what_waits_for_a_receiver_that_is_gone_expires(
    rooms: Rooms, receiver: Process
) -> None:
    receiver.script("lost", {"status": 410})
    await hooked(rooms, receiver, "lost")
    (message_id,) = await sent(rooms)
    await came_to(rooms, "lost", "disabled")
    await rooms.settled()
    rooms.clock.advance(3601)
    await became(rooms, message_id, "EXPIRED", 410, 1)


@pytest.mark.parametrize("answer", [404, 405])
async def test_who_knows_no_patch_is_sent_a_post_from_then_on(
    rooms: Rooms, receiver: Process, answer: int
) -> None:
    name = f"posts-{answer}"
    receiver.script(name, {"status": answer})
    await hooked(rooms, receiver, name, shape="emnify")
    body = {"to": ANNA, "text": "hi", "receipt": True}
    for _ in range(2):
        await rooms.client.post("/v1/messages", json=body)
        await rooms.settled()
    methods = [call["method"] for call in await seen(receiver, name, 3)]
    assert methods == ["PATCH", "POST", "POST"]


async def test_one_that_stalls_delays_no_other(rooms: Rooms, receiver: Process) -> None:
    receiver.script("tardy", *({"do": "stall"},) * 3)
    await hooked(rooms, receiver, "tardy", concurrency=2)
    await hooked(rooms, receiver, "swift", addresses=["FLEET"])
    tardy = [await sent(rooms, f"tardy {number}") for number in range(3)]
    await seen(receiver, "tardy", 2)
    for number in range(20):
        body = {"to": "FLEET", "text": f"swift {number}"}
        await rooms.client.post(f"/v1/devices/{ANNA}/messages", json=body)
    assert len(await texts(receiver, "swift", 20)) == 20
    assert (await status(rooms, "tardy"))["under_way"] == 2
    assert [(await state(rooms, each))[0] for (each,) in tardy] == ["ENROUTE"] * 3


async def test_after_failures_in_a_row_it_rests_and_then_is_probed_by_one_call(
    rooms: Rooms, receiver: Process
) -> None:
    receiver.script("broken", *({"status": 500},) * (FAILURES + 1))
    await hooked(rooms, receiver, "broken", concurrency=1)
    ids = [each for number in range(FAILURES + 5) for each in await sent(rooms, f"{number}")]
    await came_to(rooms, "broken", "resting")
    assert len(await seen(receiver, "broken", FAILURES)) == FAILURES
    rooms.clock.advance(1)
    assert len(await seen(receiver, "broken", FAILURES + 1)) == FAILURES + 1
    await came_to(rooms, "broken", "resting")
    rooms.clock.advance(2)
    await seen(receiver, "broken", FAILURES + 2)
    await came_to(rooms, "broken", "enabled")
    rooms.clock.advance(10)
    for number, message_id in enumerate(ids):
        await became(rooms, message_id, "DELIVERED", 0, 1 + (number <= FAILURES))


# Order.


async def test_parts_wait_for_the_part_before_them_that_failed(
    rooms: Rooms, receiver: Process
) -> None:
    receiver.script("parts", {"status": 500})
    await hooked(rooms, receiver, "parts")
    ids = await sent(rooms, "x" * 400)
    assert len(ids) == 3
    await became(rooms, ids[0], "ENROUTE", 500, 1)
    while any([(await state(rooms, each))[0] != "DELIVERED" for each in ids]):
        rooms.clock.advance(1)
    calls = [json.loads(call["body"])["data"]["part"] for call in await seen(receiver, "parts", 4)]
    assert [part["number"] for part in calls] == [1, 1, 2, 3]


# Where it may lead.


async def test_a_name_that_leads_to_this_machine_is_not_called(
    rooms: Rooms, receiver: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_up = socket.getaddrinfo

    def lying(host: Any, port: Any, *others: Any, **more: Any) -> Any:
        there = "127.0.0.1" if host == "hooks.example" else host
        return look_up(there, port, *others, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lying)
    url = f"http://hooks.example:{receiver.port}/hooks/inward"
    await hooked(rooms, receiver, "inward", url=url, allow_private=False)
    (message_id,) = await sent(rooms)
    await became(rooms, message_id, "ENROUTE", Unanswered.REFUSED, 1)
    assert "hooks.example" in (await status(rooms, "inward"))["calls"][0]["words"]
    await hooked(rooms, receiver, "inward", url=url)
    rooms.clock.advance(5)
    assert len(await seen(receiver, "inward", 1)) == 1


async def test_calls_under_way_may_end_when_it_is_stopped(rooms: Rooms, receiver: Process) -> None:
    await hooked(rooms, receiver, "stopped")
    (message_id,) = await sent(rooms)
    await rooms.webhook_agent.close()
    await became(rooms, message_id, "DELIVERED", 0, 1)
    await sent(rooms, "later")
    assert (await status(rooms, "stopped"))["under_way"] == 0


async def test_a_signature_holds_on_the_wire(rooms: Rooms, receiver: Process) -> None:
    await hooked(rooms, receiver, "wire", secrets=[SECRET])
    await sent(rooms, "ünïcödé €")
    (call,) = await seen(receiver, "wire", 1)
    headers = call["headers"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{call['body']}"
    key = b64decode(SECRET.removeprefix("whsec_"))
    expected = b64encode(hmac.digest(key, signed.encode(), "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
