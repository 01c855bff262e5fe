"""Requests nobody should send: each is answered by a problem, and the next one is served."""

import asyncio
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from structlog.testing import capture_logs

from smsc.store.record import Record
from smsc.store.store import StoreError
from smsc.web.connection import LARGEST_HEAD
from smsc.web.problems import LARGEST_BODY
from tests.web.rooms import ANNA, FLEET, Rooms, token

PROBLEM = "application/problem+json"
BODIES = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"\xff\xfe",
    b'{"to": 5, "text": "x"}',
    b'{"to": "1", "text": null, "extra": 1}',
    b'{"to": "1", "text": "x", "receipt": "perhaps"}',
    b'{"to": "1", "text": "x", "data_coding": 256}',
    b'{"to": "1", "text": "x", "data_coding": -1}',
    b'{"to": "1", "text": "x", "data_coding": 1e400}',
    b'{"to": "1", "text": "\\ud800"}',
    b'{"text": "x"}',
    b"[" * 60_000,
)


def is_problem(response: httpx.Response, status: int) -> None:
    assert (response.status_code, response.headers["content-type"]) == (status, PROBLEM)
    told = response.json()
    assert told["status"] == status
    assert told["title"]
    assert told["detail"]


async def test_a_body_that_is_not_as_it_should_be_is_a_problem(rooms: Rooms) -> None:
    for body in BODIES:
        is_problem(await rooms.client.post("/v1/messages", content=body), 400)


async def test_a_problem_with_a_body_names_the_field(rooms: Rooms) -> None:
    response = await rooms.client.post("/v1/messages", json={"to": 5, "text": "x"})
    assert "to: " in response.json()["detail"]
    assert response.json()["errors"][0]["key"] == "to"


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_that_is_too_large_is_refused(rooms: Rooms, chunked: bool) -> None:
    async def chunks() -> Any:
        for _ in range(20):
            yield b" " * (LARGEST_BODY // 10)

    content = chunks() if chunked else b" " * (LARGEST_BODY + 1)
    is_problem(await rooms.client.post("/v1/messages", content=content), 413)
    assert (await rooms.client.get("/healthz")).status_code == 200


async def test_a_path_that_leads_nowhere_and_a_wrong_method_are_problems(rooms: Rooms) -> None:
    is_problem(await rooms.client.get("/v2"), 404)
    is_problem(await rooms.client.get("/v1/../../etc/passwd"), 404)
    response = await rooms.client.delete("/v1/messages")
    is_problem(response, 405)
    assert "POST" in response.headers["allow"]


@pytest.mark.parametrize("path", ["/v1/messages/1", "/v1/devices", f"/v1/devices/{ANNA}/inbox"])
async def test_nobody_is_let_in_without_a_token(rooms: Rooms, path: str) -> None:
    async with httpx.AsyncClient(base_url=rooms.url, trust_env=False) as stranger:
        is_problem(await stranger.get(path), 401)
        for header in (
            b"",
            b"Bearer",
            b"fleet",
            b"Basic ZGVtbw==",
            b"Bearer x",
            b"Bearer \xff\xfe",
        ):
            response = await stranger.get(path, headers={b"Authorization": header})
            is_problem(response, 401)
            assert response.headers["www-authenticate"].startswith('Bearer realm="smsc"')


async def test_the_scheme_of_a_token_may_be_written_in_any_case(rooms: Rooms) -> None:
    headers = {b"authorization": f"bEARER {token(FLEET)}".encode()}
    async with httpx.AsyncClient(base_url=rooms.url, trust_env=False) as client:
        assert (await client.get("/v1/devices", headers=headers)).status_code == 200


async def test_a_mistake_of_ours_is_a_problem_that_tells_the_log_and_not_the_client(
    rooms: Rooms,
) -> None:
    with patch.object(rooms.devices, "find", None), capture_logs() as logs:
        response = await rooms.client.get(f"/v1/devices/{ANNA}/inbox")
    is_problem(response, 500)
    assert "NoneType" not in response.text
    assert "NoneType" in logs[0]["traceback"]
    assert token(FLEET) not in str(logs)


async def test_a_store_that_cannot_be_read_is_a_problem_that_names_no_file(rooms: Rooms) -> None:
    async def record(message_id: int) -> Record | None:
        raise StoreError("store /secret/smsc.db: disk I/O error")

    with patch.object(rooms.store, "record", record):
        response = await rooms.client.get("/v1/messages/0000000001")
    is_problem(response, 503)
    assert "/secret" not in response.text


@pytest.mark.parametrize(
    "octets",
    [
        b"\x16\x03\x01\x02\x00\x01",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x00" * 100,
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    ],
)
async def test_what_is_no_http_harms_nobody(rooms: Rooms, octets: bytes) -> None:
    reader, writer = await asyncio.open_connection(*rooms.server.address)
    writer.write(octets)
    writer.write_eof()
    await asyncio.gather(reader.read(), return_exceptions=True)
    writer.close()
    await asyncio.gather(writer.wait_closed(), return_exceptions=True)
    assert (await rooms.client.get("/healthz")).status_code == 200


async def test_a_head_without_an_end_is_cut_off(rooms: Rooms) -> None:
    reader, writer = await asyncio.open_connection(*rooms.server.address)
    writer.write(b"GET /healthz HTTP/1.1\r\n")
    line = b"X-More: " + b"x" * 8000 + b"\r\n"
    writer.write(line * (2 * LARGEST_HEAD // len(line)))
    (answer,) = await asyncio.gather(reader.read(), return_exceptions=True)
    assert isinstance(answer, OSError) or (isinstance(answer, bytes) and b" 431 " in answer)
    writer.close()
    await asyncio.gather(writer.wait_closed(), return_exceptions=True)
    assert (await rooms.client.get("/healthz")).status_code == 200


async def test_a_body_that_never_comes_keeps_nobody_else_waiting(rooms: Rooms) -> None:
    slow = [await asyncio.open_connection(*rooms.server.address) for _ in range(50)]
    head = f"POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token(FLEET)}\r\n"
    for _, writer in slow:
        writer.write(head.encode() + b"Content-Length: 60000\r\n\r\n{")
    response = await rooms.client.post("/v1/messages", json={"to": ANNA, "text": "x"})
    assert response.status_code == 201
    for _, writer in slow:
        writer.close()
    await asyncio.gather(*(writer.wait_closed() for _, writer in slow), return_exceptions=True)
    assert (await rooms.client.get("/healthz")).status_code == 200
    assert await rooms.store.history(2) is None


async def test_a_flood_of_headers_is_answered_or_cut_off(rooms: Rooms) -> None:
    for count in (500, 5000):
        reader, writer = await asyncio.open_connection(*rooms.server.address)
        lines = "".join(f"X-{number}: y\r\n" for number in range(count))
        head = f"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\n"
        writer.write(head.encode())
        (answer,) = await asyncio.gather(reader.read(), return_exceptions=True)
        assert isinstance(answer, OSError) or str(answer).startswith(
            ("b'HTTP/1.1 200", "b'HTTP/1.1 4")
        )
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)
    assert (await rooms.client.get("/healthz")).status_code == 200


@pytest.mark.parametrize("path", ["/v1/messages/batch", "/v1/explain", "/v1/policies/made"])
async def test_bodies_of_other_paths_are_read_as_strictly(rooms: Rooms, path: str) -> None:
    method = "PUT" if "policies" in path else "POST"
    for body in (b"{", b"null", b"[]", b'"text"', b"\xff\xfe", b"[" * 60_000):
        is_problem(await rooms.client.request(method, path, content=body), 400)
