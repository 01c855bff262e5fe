"""Messages as a file over HTTP: whole or visibly broken, a slice at a time, harmless to open."""

import asyncio
import csv
import json
import logging
import socket
from collections.abc import Mapping
from io import StringIO
from typing import Any

import httpx
import pytest

from smsc.store.record import Criteria, Listing
from smsc.store.store import StoreError
from smsc.web import export
from smsc.web.spreadsheet import COLUMNS, FORMATS, harmless
from tests.web.rooms import ANNA, BERT, FLEET, SLOW, Rooms, token
from tests.web.test_search import from_device, send, write

LONG = b"x" * 30_000


async def exported(rooms: Rooms, who: str = FLEET, /, **query: Any) -> httpx.Response:
    async with rooms.client_of(who) as client:
        response = await client.get("/v1/messages/export", params=query)
    assert response.status_code == 200, response.text
    return response


def ids(response: httpx.Response) -> list[str]:
    """Return the ids in an export, in either format."""
    if response.headers["content-type"] == "application/x-ndjson":
        return [json.loads(line)["id"] for line in response.text.splitlines()]
    return [row["id"] for row in csv.DictReader(StringIO(response.text, newline=""))]


@pytest.mark.parametrize("form", ["csv", "ndjson"])
async def test_all_messages_are_written_oldest_first_in_slices(
    rooms: Rooms, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MESSAGES_AT_ONCE", 2)
    sent = [await send(rooms) for _ in range(5)]
    assert ids(await exported(rooms, format=form)) == sent


async def test_a_line_of_json_is_a_message_as_it_is_listed(rooms: Rooms) -> None:
    await send(rooms, text="two\nlines")
    (line,) = (await exported(rooms, format="ndjson")).text.splitlines()
    (listed,) = (await rooms.client.get("/v1/messages")).json()["messages"]
    assert json.loads(line) == listed


async def test_csv_has_the_same_members_under_their_names(rooms: Rooms) -> None:
    await send(rooms, text='two\nlines, "quoted"')
    answer = await exported(rooms)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    (row,) = csv.DictReader(StringIO(answer.text, newline=""))
    (listed,) = (await rooms.client.get("/v1/messages")).json()["messages"]
    assert list(row) == list(COLUMNS) == list(listed)
    assert row == {key: as_cell(value) for key, value in listed.items()}


def as_cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


async def test_nothing_found_is_a_file_without_messages(rooms: Rooms) -> None:
    answer = await exported(rooms, state="EXPIRED")
    assert answer.text.splitlines() == [",".join(COLUMNS)]
    assert (await exported(rooms, format="ndjson")).text == ""


async def test_the_head_tells_between_which_ids_it_goes(rooms: Rooms) -> None:
    sent = [await send(rooms) for _ in range(3)]
    head = (await exported(rooms)).headers
    assert head["smsc-first-id"] <= sent[0]
    assert head["smsc-last-id"] >= sent[-1]


async def test_what_is_exported_can_be_chosen_and_is_of_ones_own(rooms: Rooms) -> None:
    own = await send(rooms, SLOW, to=BERT)
    await send(rooms, FLEET, to=BERT)
    await from_device(rooms, ANNA, "1234")
    assert ids(await exported(rooms, SLOW)) == [own]
    assert ids(await exported(rooms, account=SLOW, device=BERT, state="ENROUTE")) == [own]
    async with rooms.client_of(SLOW) as client:
        answer = await client.get("/v1/messages/export", params={"account": FLEET})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"format": "xlsx"}, "format: Invalid enum value 'xlsx'"),
        ({"limit": "5"}, "limit: no such parameter"),
        ({"since": "never"}, "since: 'never' is no time"),
    ],
)
async def test_a_parameter_that_is_wrong_is_named(
    rooms: Rooms, query: dict[str, str], words: str
) -> None:
    answer = await rooms.client.get("/v1/messages/export", params=query)
    assert answer.status_code == 400
    assert words in answer.json()["detail"]


async def test_messages_that_come_meanwhile_are_left_out(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MESSAGES_AT_ONCE", 1)
    sent = [await send(rooms) for _ in range(2)]
    search = rooms.store.search

    async def busy(*what: Any, **more: Any) -> Listing:
        await send(rooms)
        return await search(*what, **more)

    monkeypatch.setattr(rooms.store, "search", busy)
    assert ids(await exported(rooms)) == sent


def test_what_a_spreadsheet_would_run_gets_an_apostrophe() -> None:
    for formula in ("=1+1", "+49", "-1", "@SUM(A1)", "\uff1d1"):
        assert harmless(formula) == f"'{formula}"
    assert harmless("  =1+1") == "'  =1+1"
    assert harmless("\t=1+1") == "'\t'=1+1"
    assert harmless("a;=1+1\n-2") == "a;'=1+1\n'-2"
    for plain in ("hello", "1=1", "a - b", "", "491700000001"):
        assert harmless(plain) == plain


async def test_a_formula_in_a_text_is_harmless_in_csv_and_as_it_was_elsewhere(
    rooms: Rooms,
) -> None:
    await send(rooms, text="=HYPERLINK(1)")
    (row,) = csv.DictReader(StringIO((await exported(rooms)).text, newline=""))
    assert (row["text"], row["hex"]) == ("'=HYPERLINK(1)", b"=HYPERLINK(1)".hex())
    (line,) = (await exported(rooms, format="ndjson")).text.splitlines()
    assert json.loads(line)["text"] == "=HYPERLINK(1)"


def failing_after(rooms: Rooms, slices: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the store break after so many slices of one message."""
    monkeypatch.setattr(export, "MESSAGES_AT_ONCE", 1)
    search, left = rooms.store.search, iter(range(slices))

    async def breaking(criteria: Criteria, *what: Any, **more: Any) -> Listing:
        if next(left, None) is None:
            raise StoreError("the disk is gone")
        return await search(criteria, *what, **more)

    monkeypatch.setattr(rooms.store, "search", breaking)


async def test_a_store_that_breaks_in_the_middle_breaks_the_connection(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await send(rooms)
    failing_after(rooms, 2, monkeypatch)
    with pytest.raises(httpx.TransportError):
        await exported(rooms)
    assert (await rooms.client.get("/healthz")).status_code == 200


async def test_a_client_of_http_1_0_sees_that_it_was_broken_off(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await send(rooms)
    failing_after(rooms, 2, monkeypatch)
    reader, writer = await asyncio.open_connection(*rooms.server.address)
    writer.write(request("1.0"))
    with pytest.raises(ConnectionResetError):
        await reader.read(-1)
    writer.close()


async def test_a_store_that_cannot_be_read_at_all_is_told_as_ever(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send(rooms)
    failing_after(rooms, 0, monkeypatch)
    answer = await rooms.client.get("/v1/messages/export")
    assert answer.status_code == 503
    assert "can't be read" in answer.json()["detail"]


def request(version: str, query: Mapping[str, str] = httpx.QueryParams()) -> bytes:
    return (
        f"GET /v1/messages/export?{httpx.QueryParams(query)} HTTP/{version}\r\nHost: here\r\n"
        f"Authorization: Bearer {token(FLEET)}\r\n\r\n"
    ).encode()


class Slow:
    """A client that asks for an export and takes next to nothing of it."""

    def __init__(self, rooms: Rooms) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.setblocking(False)
        self._address = rooms.server.address

    async def ask(self) -> bytes:
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self._socket, self._address)
        await loop.sock_sendall(self._socket, request("1.1"))
        return await loop.sock_recv(self._socket, 12)

    async def rest(self) -> bytes:
        """Take all that there is, until the end; raises ConnectionResetError."""
        octets = b""
        while more := await asyncio.get_running_loop().sock_recv(self._socket, 1 << 20):
            octets += more
        return octets

    def leave(self) -> None:
        self._socket.close()


async def test_who_takes_nothing_for_a_minute_is_hung_up_on_and_was_read_for_no_further(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MESSAGES_AT_ONCE", 1)
    await write(rooms, 400, LONG)
    search, slices = rooms.store.search, []

    async def counted(*what: Any, **more: Any) -> Listing:
        slices.append(1)
        return await search(*what, **more)

    monkeypatch.setattr(rooms.store, "search", counted)
    slow = Slow(rooms)
    assert await slow.ask() == b"HTTP/1.1 200"
    before = -1
    while before != len(slices):
        before = len(slices)
        for _ in range(20):
            await rooms.client.get("/healthz")
    assert len(slices) < 400
    rooms.clock.advance(61)
    with pytest.raises(ConnectionResetError):
        await slow.rest()
    slow.leave()


async def test_an_export_that_nobody_fetches_makes_room(rooms: Rooms) -> None:
    exports = export.Exports(rooms.services())
    await send(rooms)
    for _ in range(3):
        octets = exports.octets(FLEET, Criteria(), 1, FORMATS["csv"], lambda: None)
        assert await anext(octets)
        del octets
        await rooms.client.get("/healthz")


async def test_a_server_that_closes_breaks_off_what_it_was_sending_without_complaint(
    rooms: Rooms, caplog: pytest.LogCaptureFixture
) -> None:
    await write(rooms, 400, LONG)
    slow = Slow(rooms)
    assert await slow.ask() == b"HTTP/1.1 200"
    await rooms.server.close()
    octets = await slow.rest()
    assert not octets.endswith(b"\r\n0\r\n\r\n")
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []
    slow.leave()


async def test_an_account_has_two_exports_at_a_time_and_who_goes_away_makes_room(
    rooms: Rooms,
) -> None:
    await write(rooms, 400, LONG)
    clients = [Slow(rooms), Slow(rooms)]
    for client in clients:
        assert await client.ask() == b"HTTP/1.1 200"
    refused = await rooms.client.get("/v1/messages/export")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
    assert "2 exports of account fleet are under way" in refused.json()["detail"]
    async with rooms.client_of(SLOW) as other:
        assert (await other.get("/v1/messages/export")).status_code == 200
    clients[0].leave()
    only = {"until": "2000-01-01T00:00:00Z"}
    while (await rooms.client.get("/v1/messages/export", params=only)).status_code == 429:
        await rooms.client.get("/healthz")
    clients[1].leave()
