"""The server: an address of its own, the signals of nobody, and an end that doesn't wait."""

import asyncio
import signal
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from litestar.types import Receive, Scope, Send

from smsc.web.server import WebServer

Peer = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class App:
    """Answers at once, but at /hang never."""

    def __init__(self) -> None:
        self.hanging = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/hang":
            self.hanging.set()
            await asyncio.Event().wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


@pytest_asyncio.fixture
async def server() -> AsyncIterator[WebServer]:
    made = WebServer(App(), "127.0.0.1", 0)
    await made.open()
    yield made
    await made.close()


SECONDS_AT_MOST = 10.0  # a peer that is kept alive would last for longer


async def connect(server: WebServer, octets: bytes) -> Peer:
    reader, writer = await asyncio.open_connection(*server.address)
    writer.write(octets)
    await writer.drain()
    return reader, writer


async def ends_in_time(server: WebServer, *peers: Peer) -> None:
    async with asyncio.timeout(SECONDS_AT_MOST):
        await server.close()
    for _, writer in peers:
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


async def test_port_0_is_any_free_port_and_the_address_tells_which(server: WebServer) -> None:
    host, port = server.address
    assert host == "127.0.0.1"
    assert port > 0
    async with httpx.AsyncClient(trust_env=False) as client:
        response = await client.get(f"http://{host}:{port}/")
    assert response.status_code == 204
    assert "server" not in response.headers


async def test_an_address_that_is_taken_is_an_oserror_that_names_it(server: WebServer) -> None:
    with pytest.raises(OSError, match=r"127\.0\.0\.1"):
        await WebServer(App(), *server.address).open()


async def test_it_listens_on_an_ipv6_address() -> None:
    server = WebServer(App(), "::1", 0)
    await server.open()
    _, writer = await asyncio.open_connection(*server.address)
    writer.close()
    await writer.wait_closed()
    await server.close()


async def test_signals_stay_with_whoever_had_them() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    server = WebServer(App(), "127.0.0.1", 0)
    await server.open()
    during = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    await server.close()
    assert during == before


async def test_a_client_that_keeps_its_connection_does_not_keep_the_server() -> None:
    server = WebServer(App(), "127.0.0.1", 0)
    await server.open()
    reader, writer = await connect(server, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert await reader.readline() == b"HTTP/1.1 204 No Content\r\n"
    await ends_in_time(server, (reader, writer))


async def test_a_client_that_never_ends_its_request_does_not_keep_the_server() -> None:
    server = WebServer(App(), "127.0.0.1", 0)
    await server.open()
    silent = await connect(server, b"")
    halting = await connect(server, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf")
    await ends_in_time(server, silent, halting)


async def test_a_request_that_is_never_answered_does_not_keep_the_server() -> None:
    app = App()
    server = WebServer(app, "127.0.0.1", 0)
    await server.open()
    hanging = await connect(server, b"GET /hang HTTP/1.1\r\nHost: x\r\n\r\n")
    await app.hanging.wait()
    await ends_in_time(server, hanging)


async def test_closing_twice_or_before_opening_is_harmless(server: WebServer) -> None:
    await server.close()
    await server.close()
    await WebServer(App(), "127.0.0.1", 0).close()


async def test_nobody_is_let_in_after_the_end(server: WebServer) -> None:
    await server.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(*server.address)
