"""POST /v1/backup: a copy of everything, for an operator alone, and nothing of it stays behind."""

import asyncio
import os
from pathlib import Path

import httpx
import pytest

from smsc.store import backup
from smsc.store.backup import verify
from tests.web.rooms import ANNA, SLOW, Rooms


@pytest.fixture(autouse=True)
def roomy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "ROOM_TO_SPARE", 0)


async def backed_up(rooms: Rooms) -> httpx.Response:
    return await rooms.client.post("/v1/backup")


async def test_an_operator_gets_a_copy_with_every_message(rooms: Rooms, tmp_path: Path) -> None:
    for _ in range(3):
        await rooms.client.post("/v1/messages", json={"to": ANNA, "text": "hello"})
    await rooms.settled()
    response = await backed_up(rooms)
    assert response.status_code == 200
    copy = tmp_path / "a copy"
    copy.write_bytes(response.content)
    assert verify(copy) == 3
    assert response.headers["content-type"] == "application/vnd.sqlite3"


async def test_no_copy_stays_behind(rooms: Rooms, tmp_path: Path) -> None:
    await backed_up(rooms)
    assert not [name for _, _, names in os.walk(tmp_path) for name in names if "copy" in name]


async def test_an_account_that_is_no_operators_gets_nothing(rooms: Rooms) -> None:
    async with rooms.client_of(SLOW) as client:
        response = await client.post("/v1/backup")
    assert response.status_code == 403
    assert "operator = true" in response.json()["detail"]


async def test_one_copy_is_made_at_a_time(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, really = asyncio.Event(), asyncio.Event(), rooms.store.backup

    async def waits() -> Path:
        begun.set()
        await go_on.wait()
        return await really()

    monkeypatch.setattr(rooms.store, "backup", waits)
    first = asyncio.create_task(backed_up(rooms))
    await begun.wait()
    assert (await backed_up(rooms)).status_code == 409
    go_on.set()
    assert (await first).status_code == 200
    assert (await backed_up(rooms)).status_code == 200


async def test_without_room_it_says_what_is_needed_and_may_be_asked_again(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(backup, "ROOM_TO_SPARE", 1 << 60)
        response = await backed_up(rooms)
    assert response.status_code == 507
    assert "make room" in response.json()["detail"]
    assert (await backed_up(rooms)).status_code == 200


async def test_who_does_not_fetch_a_copy_within_an_hour_is_cut_off(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, go_on = asyncio.Event(), asyncio.Event()

    async def hangs(read: object, count: int) -> bytes:
        reading.set()
        await go_on.wait()
        return b""

    await rooms.client.get("/healthz")
    with monkeypatch.context() as patch:
        patch.setattr("smsc.web.backup.asyncio.to_thread", hangs)
        fetching = asyncio.create_task(backed_up(rooms))
        await reading.wait()
        rooms.clock.advance(3601)
        with pytest.raises(httpx.RemoteProtocolError):
            await fetching
    assert (await backed_up(rooms)).status_code == 200
