"""Live events: told as they become durable, resumed where a client left, and never waited for."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from smsc.web import events, feed
from tests.web.rooms import ANNA, BERT, FLEET, SLOW, Rooms


class Stream:
    """An open stream of events."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def event(self) -> dict[str, str]:
        """Return the next event, comments among them."""
        fields: dict[str, str] = {}
        async for line in self._lines:
            if not line:
                return fields
            name, _, value = line.partition(":")
            fields[name or "comment"] = value.strip()
        raise EOFError

    async def told(self) -> dict[str, Any]:
        """Return the data of the next event."""
        data: dict[str, Any] = json.loads((await self.event())["data"])
        return data


@asynccontextmanager
async def watching(rooms: Rooms, account: str = FLEET, last: str = "") -> AsyncIterator[Stream]:
    headers = {"Last-Event-ID": last} if last else {}
    async with (
        rooms.client_of(account) as client,
        client.stream("GET", "/v1/events", headers=headers, timeout=20) as response,
    ):
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        stream = Stream(response)
        yield stream


async def send(rooms: Rooms, to: str, account: str = FLEET, **body: Any) -> str:
    async with rooms.client_of(account) as client:
        response = await client.post("/v1/messages", json={"to": to, "text": "hi"} | body)
    return str(response.json()["id"])


async def test_what_happens_to_messages_is_told(rooms: Rooms) -> None:
    async with watching(rooms, SLOW) as stream:
        assert await stream.event() == {"comment": "welcome"}
        message_id = await send(rooms, ANNA, SLOW, receipt=True)
        told = [await stream.told() for _ in range(3)]
    assert [each["event"] for each in told] == ["accepted", "delivered", "receipt"]
    assert {each["id"] for each in told} == {message_id}
    assert {(each["from"], each["to"], each["account"]) for each in told} == {("5678", ANNA, SLOW)}
    assert [each["state"] for each in told] == ["ENROUTE", "DELIVERED", "DELIVERED"]


async def test_a_message_that_is_cancelled_or_fails_is_told_as_failed(rooms: Rooms) -> None:
    async with watching(rooms) as stream:
        await stream.event()
        message_id = await send(rooms, BERT)
        assert (await stream.told())["event"] == "accepted"
        await rooms.client.delete(f"/v1/messages/{message_id}")
        told = await stream.told()
    assert (told["event"], told["state"]) == ("failed", "DELETED")


async def test_an_account_is_told_of_its_own_messages_and_an_operator_of_all(rooms: Rooms) -> None:
    async with watching(rooms, SLOW) as slow, watching(rooms, FLEET) as fleet:
        await slow.event()
        await fleet.event()
        first = await send(rooms, BERT, FLEET)
        second = await send(rooms, BERT, SLOW)
        assert (await slow.told())["id"] == second
        assert [(await fleet.told())["id"] for _ in range(2)] == [first, second]


async def test_what_a_device_sends_is_told_to_the_account_it_goes_to(rooms: Rooms) -> None:
    async with watching(rooms, SLOW) as stream:
        await stream.event()
        body = {"to": "5678", "text": "hi"}
        await rooms.client.post(f"/v1/devices/{ANNA}/messages", json=body)
        told = await stream.told()
    assert (told["event"], told["from"], told["account"]) == ("accepted", ANNA, SLOW)


async def test_a_client_that_comes_back_is_told_what_it_missed(rooms: Rooms) -> None:
    async with watching(rooms) as stream:
        await stream.event()
        await send(rooms, BERT)
        last = (await stream.event())["id"]
    missed = [await send(rooms, BERT) for _ in range(3)]
    async with watching(rooms, last=last) as stream:
        assert await stream.event() == {"comment": "welcome back"}
        assert [(await stream.told())["id"] for _ in range(3)] == missed


@pytest.mark.parametrize("last", ["x", "0-5", "-", "0-99999999999999999999", "'; DROP TABLE x"])
async def test_a_client_whose_place_is_unknown_is_told_of_the_gap(rooms: Rooms, last: str) -> None:
    async with watching(rooms, last=last) as stream:
        assert (await stream.event())["event"] == "gap"


async def test_a_ring_is_bounded_and_who_missed_more_is_told_of_the_gap(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "EVENTS_OF_A_RING", 2)
    async with watching(rooms) as stream:
        await stream.event()
        await send(rooms, BERT)
        last = (await stream.event())["id"]
    missed = [await send(rooms, BERT) for _ in range(4)]
    async with watching(rooms, last=last) as stream:
        assert (await stream.event())["event"] == "gap"
        assert [(await stream.told())["id"] for _ in range(2)] == missed[2:]


async def test_a_quiet_stream_has_a_heartbeat(rooms: Rooms) -> None:
    async with watching(rooms) as stream:
        await stream.event()
        beat = asyncio.ensure_future(stream.event())
        await rooms.client.get("/healthz")
        rooms.clock.advance(events.SECONDS_BETWEEN_HEARTBEATS)
        assert await beat == {"comment": "nothing new"}


async def test_the_road_is_listened_to_only_while_somebody_watches(rooms: Rooms) -> None:
    untouched = rooms.ledger.on_written
    async with watching(rooms) as stream:
        await stream.event()
        assert rooms.ledger.on_written != untouched
    while rooms.ledger.on_written != untouched:
        rooms.clock.advance(feed.SECONDS_KEPT)
        await rooms.client.get("/healthz")


async def test_an_account_has_so_many_streams_and_no_more(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "MOST_OF_AN_ACCOUNT", 1)
    async with watching(rooms) as stream:
        await stream.event()
        response = await rooms.client.get("/v1/events")
        assert (response.status_code, response.headers["retry-after"]) == (429, "10")


async def test_so_many_accounts_are_watched_and_no_more(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "MOST_RINGS", 1)
    async with watching(rooms) as stream, rooms.client_of(SLOW) as client:
        await stream.event()
        assert (await client.get("/v1/events")).status_code == 429


async def test_who_takes_nothing_is_cut_off_and_keeps_nobody(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "EVENTS_OF_A_RING", 3)
    made = feed.Feed(rooms.ledger, rooms.clock)
    reading = events._events(made, None, None, rooms.clock, lambda: None)
    assert await anext(reading) == b": welcome\n\n"
    for _ in range(5):
        await send(rooms, BERT)
    with pytest.raises(StopAsyncIteration):
        await anext(reading)
    assert made.watched(None) == 0


async def test_who_is_sent_something_and_takes_nothing_for_a_minute_is_hung_up_on(
    rooms: Rooms,
) -> None:
    hung_up: list[bool] = []
    made = feed.Feed(rooms.ledger, rooms.clock)
    reading = events._events(made, None, None, rooms.clock, lambda: hung_up.append(True))
    await anext(reading)
    rooms.clock.advance(events.SECONDS_TO_TAKE)
    assert hung_up == [True]
    await reading.aclose()  # type: ignore[attr-defined]
