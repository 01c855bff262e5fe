"""Messages looked for over HTTP: what all criteria name and one may see, page by page."""

from typing import Any

import pytest

from smsc.message import Address, Message, to_device
from smsc.store.store import Batch
from tests.web.rooms import ANNA, BERT, DORA, FLEET, SLOW, Rooms

START = "2023-11-14T22:13:20Z"
PROBLEM = "application/problem+json"


async def send(rooms: Rooms, account: str = FLEET, **body: Any) -> str:
    async with rooms.client_of(account) as client:
        response = await client.post("/v1/messages", json={"to": BERT, "text": "hello"} | body)
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


async def from_device(rooms: Rooms, number: str, to: str) -> str:
    response = await rooms.client.post(
        f"/v1/devices/{number}/messages", json={"to": to, "text": "hi"}
    )
    (message_id,) = response.json()["ids"]
    return str(message_id)


async def page(rooms: Rooms, who: str = FLEET, /, **query: Any) -> dict[str, Any]:
    async with rooms.client_of(who) as client:
        response = await client.get("/v1/messages", params=query)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def found(rooms: Rooms, who: str = FLEET, /, **query: Any) -> list[str]:
    """Return the ids on all pages."""
    ids: list[str] = []
    while True:
        answer = await page(rooms, who, **query)
        ids += [message["id"] for message in answer["messages"]]
        if answer["next"] is None:
            return ids
        query["after"] = answer["next"]


async def wrong(rooms: Rooms, status: int, who: str = FLEET, /, **query: Any) -> dict[str, Any]:
    async with rooms.client_of(who) as client:
        response = await client.get("/v1/messages", params=query)
    assert (response.status_code, response.headers["content-type"]) == (status, PROBLEM)
    told: dict[str, Any] = response.json()
    return told


async def test_the_newest_messages_come_first_unless_the_oldest_are_asked_for(rooms: Rooms) -> None:
    ids = [await send(rooms) for _ in range(5)]
    assert await found(rooms, limit=2) == ids[::-1]
    assert await found(rooms, limit=2, order="oldest") == ids


async def test_a_message_in_a_list_is_as_it_is_shown_alone_but_for_its_history(
    rooms: Rooms,
) -> None:
    message_id = await send(rooms, text="€ 5")
    (listed,) = (await page(rooms))["messages"]
    alone = (await rooms.client.get(f"/v1/messages/{message_id}")).json()
    assert alone.pop("history")
    assert listed == alone
    assert (listed["text"], listed["hex"]) == ("€ 5", "1b652035")


async def test_an_account_sees_what_it_sent_and_what_devices_sent_to_it(rooms: Rooms) -> None:
    own = await send(rooms, SLOW, receipt=True)
    await send(rooms, FLEET)
    sent_to_it = await from_device(rooms, ANNA, "5678")
    await from_device(rooms, ANNA, "1234")
    await from_device(rooms, ANNA, DORA)
    assert await found(rooms, SLOW) == [sent_to_it, own]
    assert await found(rooms, SLOW, account=SLOW) == [sent_to_it, own]
    assert {m["account"] for m in (await page(rooms, SLOW))["messages"]} == {SLOW}


async def test_who_is_no_operator_may_not_ask_for_another_account(rooms: Rooms) -> None:
    told = await wrong(rooms, 403, SLOW, account=FLEET)
    assert "leave account out, or set operator = true" in told["detail"]


async def test_an_operator_sees_all_accounts_and_what_devices_write_to_each_other(
    rooms: Rooms,
) -> None:
    ids = [await send(rooms, SLOW), await send(rooms), await from_device(rooms, ANNA, DORA)]
    assert await found(rooms, order="oldest") == ids
    accounts = [m["account"] for m in (await page(rooms, order="oldest"))["messages"]]
    assert accounts == [SLOW, FLEET, ""]
    assert await found(rooms, account=SLOW) == ids[:1]


async def test_receipts_are_not_messages(rooms: Rooms) -> None:
    message_id = await send(rooms, to=ANNA, receipt=True)
    await rooms.settled()
    assert await rooms.store.history(2) is not None
    assert await found(rooms) == [message_id]


async def test_messages_are_found_by_device_under_any_of_its_names(rooms: Rooms) -> None:
    sent = await send(rooms, to=ANNA)
    await send(rooms, to=BERT)
    answered = await from_device(rooms, ANNA, "1234")
    for name in (ANNA, f"+{ANNA}", "imsi:26201"):
        assert await found(rooms, device=name) == [answered, sent]


async def test_a_device_that_nobody_is_is_not_found(rooms: Rooms) -> None:
    told = await wrong(rooms, 404, device="imsi:1")
    assert told["detail"] == "no device has imsi 1"


async def test_messages_are_found_by_any_of_several_states(rooms: Rooms) -> None:
    delivered, waiting = await send(rooms, to=ANNA), await send(rooms, to=BERT)
    await rooms.settled()
    assert await found(rooms, state="DELIVERED") == [delivered]
    assert await found(rooms, state="enroute") == [waiting]
    assert await found(rooms, state=["ENROUTE", "DELIVERED"]) == [waiting, delivered]
    assert await found(rooms, state="EXPIRED") == []


async def test_times_are_of_acceptance_and_the_end_is_not_included(rooms: Rooms) -> None:
    first = await send(rooms)
    rooms.clock.advance(0.001)
    second = await send(rooms)
    after = "2023-11-14T22:13:20.001Z"
    assert await found(rooms, since=START, until=after) == [first]
    assert await found(rooms, since=after) == [second]
    assert await found(rooms, since="2023-11-14T23:13:20.0001+01:00") == [second]
    assert await found(rooms, until=START) == []


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
async def test_any_time_there_is_may_be_asked_for(rooms: Rooms, at: str) -> None:
    message_id = await send(rooms)
    assert await found(rooms, since=at) + await found(rooms, until=at) == [message_id]


async def test_what_is_asked_for_must_all_hold(rooms: Rooms) -> None:
    await send(rooms, to=ANNA)
    both = await send(rooms, to=BERT)
    await send(rooms, SLOW, to=BERT)
    assert await found(rooms, account=FLEET, device=BERT, state="ENROUTE", since=START) == [both]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"state": "EXPIERD"}, "state: 'EXPIERD' is no state; did you mean 'EXPIRED'?"),
        ({"since": "yesterday"}, "since: 'yesterday' is no time of RFC 3339"),
        ({"until": "2023-11-14T22:13:20"}, "until: '2023-11-14T22:13:20' is no time"),
        ({"until": "2023-11-14T22:13:20 01:00"}, "with %2B for +"),
        ({"limit": "0"}, "limit: Expected `int` >= 1"),
        ({"limit": "501"}, "limit: Expected `int` <= 500"),
        ({"order": "random"}, "order: Invalid enum value 'random'"),
        ({"after": "61"}, "after: doesn't come from a page in this order"),
        ({"after": "n61", "order": "oldest"}, "after: doesn't come from a page in this order"),
        ({"stat": "EXPIRED"}, "stat: no such parameter; did you mean 'state'?"),
        ({"device": ""}, "device: is empty; give a value, or leave it out"),
        ({"account": ""}, "account: is empty; give a value, or leave it out"),
        ({"device": [ANNA, BERT]}, "device: is given more than once"),
    ],
)
async def test_a_parameter_that_is_wrong_is_named_with_its_cure(
    rooms: Rooms, query: dict[str, Any], words: str
) -> None:
    told = await wrong(rooms, 400, **query)
    assert words in told["detail"]
    assert told["errors"][0]["source"] == "query"


async def test_a_page_of_long_messages_is_short_and_goes_on(rooms: Rooms) -> None:
    await write(rooms, 12, payload=b"x" * 35_000)
    answer = await page(rooms)
    assert len(answer["messages"]) == 8
    assert answer["next"] is not None
    assert await found(rooms) == [f"{number:010d}" for number in range(12, 0, -1)]


async def write(rooms: Rooms, count: int, payload: bytes = b"hello") -> None:
    """Put messages into the store as if the account had sent them long ago."""
    batch = Batch()
    now = rooms.clock.now()
    batch.arrivals = [
        Message(
            number,
            FLEET,
            to_device(BERT),
            Address(1, 1, "1234"),
            Address(1, 1, BERT),
            payload,
            now,
            now + 3_600_000,
        )
        for number in range(1, count + 1)
    ]
    await rooms.store.write(batch, now)
