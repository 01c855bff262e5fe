"""What a client may cost at most: in octets, in requests at once, in connections, and in time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
import pytest_asyncio

from smsc.clock import SimulatedClock
from smsc.web import connection
from smsc.web.connection import (
    LARGEST_HEAD,
    MOST_REQUESTS_IN_LINE,
    OCTETS_A_SECOND,
    SECONDS_FOR_BODY,
    SECONDS_FOR_HEAD,
    SECONDS_TO_KEEP_ALIVE,
    SECONDS_TO_TAKE,
    Connection,
)
from smsc.web.server import WebServer

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
CHUNKED = b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
MORE_THAN_SOCKETS_HOLD = 64 * 1024 * 1024


class App:
    """Answers with the path; /echo reads first, /flood answers without an end, /wait when let."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[str] = asyncio.Queue()
        self.let = asyncio.Event()
        self.fields: list[tuple[bytes, bytes]] = []
        self.octets = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] != "/turn":
            self.fields = scope["headers"]
            self.events.put_nowait(scope["path"])
        if scope["path"] == "/wait":
            await self.let.wait()
        if scope["path"] in ("/echo", "/wait"):
            await self._read(receive)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if scope["path"] == "/flood":
            await self._flood(send)
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    async def _read(self, receive: Any) -> None:
        more = True
        while more:
            event = await receive()
            self.octets += len(event.get("body", b""))
            more = event.get("more_body", False)
            self.events.put_nowait(event["type"])

    async def _flood(self, send: Any) -> None:
        for _ in range(MORE_THAN_SOCKETS_HOLD // 65536):
            await send({"type": "http.response.body", "body": bytes(65536), "more_body": True})
        self.events.put_nowait("taken")

    async def saw(self, *events: str) -> None:
        """Wait for these, in their order."""
        for expected in events:
            assert await asyncio.wait_for(self.events.get(), 10) == expected


class Peer:
    """A client that writes what it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def send(self, octets: bytes) -> None:
        self._writer.write(octets)

    async def sent(self, octets: bytes) -> None:
        """Write, and have it on its way, or find that nobody takes it."""
        self.send(octets)
        await asyncio.gather(self._writer.drain(), return_exceptions=True)

    async def answer(self) -> bytes:
        """Read one answer, of which the whole is chunked."""
        return await asyncio.wait_for(self._reader.readuntil(b"0\r\n\r\n"), 10)

    async def end(self) -> bytes:
        """Read to the end; a reset is one."""
        try:
            return await asyncio.wait_for(self._reader.read(), 10)
        except ConnectionResetError:
            return b"reset"

    async def close(self) -> None:
        self._writer.close()
        await asyncio.gather(self._writer.wait_closed(), return_exceptions=True)


class World:
    """A server on a simulated clock, and clients of it."""

    def __init__(self) -> None:
        self.app = App()
        self.clock = SimulatedClock()
        self.server = WebServer(self.app, "127.0.0.1", 0, self.clock)
        self._peers: list[Peer] = []

    async def call(self, octets: bytes = b"") -> Peer:
        peer = Peer(*await asyncio.open_connection(*self.server.address))
        self._peers.append(peer)
        peer.send(octets)
        return peer

    async def open(self) -> None:
        await self.server.open()
        self._turner = await self.call()
        await self.until(lambda: True)
        (self._turning,) = self.server._connections()

    def carriers(self) -> list[Connection]:
        """Return the server's sides of connections, but for our own."""
        return [each for each in self.server._connections() if each is not self._turning]

    async def until(self, happened: Callable[[], bool]) -> None:
        """Let the server do what it has to."""
        for _ in range(10_000):
            self._turner.send(GET.replace(b"/ ", b"/turn "))
            await self._turner.answer()
            if happened():
                return
        raise AssertionError

    async def close(self) -> None:
        self.app.let.set()
        for peer in self._peers:
            await peer.close()
        await self.server.close()


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    await made.open()
    yield made
    await made.close()


def is_problem(answer: bytes, status: int) -> None:
    head, _, body = answer.rpartition(b"\r\n\r\n")
    assert b"HTTP/1.1 %d " % status in head
    assert b"content-type: application/problem+json" in head
    assert b"connection: close" in head
    assert b'"detail":"' in body


def is_cut_off(answer: bytes) -> None:
    """Check that nothing was served; a refusal may be lost if the client went on sending."""
    if answer not in (b"", b"reset"):
        is_problem(answer, 431)


# In octets.


def head(octets: int) -> bytes:
    """Make a head whose fields have so many octets, targets and names among them."""
    field = b"X-More: " + b"x" * 1000 + b"\r\n"
    counted = len(b"/HostxX-More")
    fields = field * ((octets - counted) // 1006)
    rest = octets - len(b"/Hostx") - fields.count(b"X-More") * 1006 - len(b"Z")
    return b"GET / HTTP/1.1\r\nHost: x\r\n" + fields + b"Z: " + b"z" * rest + b"\r\n\r\n"


async def test_a_head_is_read_up_to_its_bound_and_not_an_octet_further(world: World) -> None:
    peer = await world.call(head(LARGEST_HEAD))
    assert b"200 OK" in await peer.answer()
    peer.send(head(LARGEST_HEAD + 1))
    is_problem(await peer.end(), 431)


@pytest.mark.parametrize(
    "beginning",
    [
        b"GET /",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-More: ",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-",
        CHUNKED + b"5;",
        CHUNKED + b"0\r\nX-More: ",
    ],
    ids=["target", "value", "name", "chunk extension", "trailer"],
)
async def test_what_never_ends_is_cut_off(world: World, beginning: bytes) -> None:
    peer = await world.call(beginning)
    await peer.sent(b"x" * 20 * LARGEST_HEAD)
    is_cut_off(await peer.end())


async def test_fields_behind_a_body_are_not_taken_for_those_of_the_head(world: World) -> None:
    peer = await world.call(CHUNKED + b"1\r\nx\r\n0\r\nAuthorization: Bearer x\r\n\r\n")
    await peer.answer()
    assert dict(world.app.fields).keys() == {b"host", b"transfer-encoding"}


async def test_many_fields_behind_a_body_are_cut_off(world: World) -> None:
    peer = await world.call(CHUNKED + b"0\r\n" + b"X: x\r\n" * LARGEST_HEAD)
    is_cut_off(await peer.end())


# In requests.


async def test_requests_that_come_at_once_are_answered_in_their_order(world: World) -> None:
    count = MOST_REQUESTS_IN_LINE
    peer = await world.call(
        b"".join(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % number for number in range(count))
    )
    for number in range(count):
        assert b"/%d\r\n" % number in await peer.answer()


async def test_whoever_sends_more_before_an_answer_is_cut_off(world: World) -> None:
    wait = GET.replace(b"/ ", b"/wait ")
    peer = await world.call(wait + GET * 10 * MOST_REQUESTS_IN_LINE)
    assert await peer.end() in (b"", b"reset")


async def test_what_is_wrong_is_not_told_as_the_answer_to_an_earlier_request(world: World) -> None:
    peer = await world.call(GET.replace(b"/ ", b"/wait ") + b"\x00 nonsense\r\n\r\n")
    assert await peer.end() in (b"", b"reset")


@pytest.mark.parametrize("hosts", [b"", b"Host: x\r\nHost: y\r\n"])
async def test_a_request_names_its_host_once(world: World, hosts: bytes) -> None:
    peer = await world.call(b"GET / HTTP/1.1\r\n" + hosts + b"\r\n")
    is_problem(await peer.end(), 400)


async def test_who_wants_another_protocol_is_answered_in_this_one_and_no_more(world: World) -> None:
    upgrade = b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    peer = await world.call(GET.replace(b"\r\n\r\n", b"\r\n" + upgrade) + GET)
    answer = await peer.end()
    assert answer.count(b"HTTP/1.1 200 OK") == 1
    assert b"connection: close" in answer


# In connections.


async def test_more_connections_than_there_may_be_are_refused_until_one_ends(world: World) -> None:
    with patch.object(connection, "MOST_CONNECTIONS", 3):
        first, second = await world.call(GET), await world.call(GET)
        await first.answer(), await second.answer()
        is_problem(await (await world.call()).end(), 503)
        first.send(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        await first.end()
        third = await world.call(GET)
        assert b"200 OK" in await third.answer()


# In time.


async def test_a_client_that_says_nothing_is_let_go(world: World) -> None:
    silent = await world.call()
    await world.until(lambda: bool(world.carriers()))
    world.clock.advance(SECONDS_FOR_HEAD)
    assert await silent.end() == b""


async def test_a_connection_is_kept_for_a_while(world: World) -> None:
    peer = await world.call(GET)
    await peer.answer()
    world.clock.advance(SECONDS_TO_KEEP_ALIVE - 1)
    peer.send(GET)
    assert b"200 OK" in await peer.answer()
    world.clock.advance(SECONDS_TO_KEEP_ALIVE)
    assert await peer.end() == b""


async def test_a_head_has_its_time_however_it_trickles(world: World) -> None:
    peer = await world.call(b"GET / HTTP/1.1\r\n")
    await world.until(lambda: [each._reading for each in world.carriers()] == [True])
    (carrier,) = world.carriers()

    def come() -> tuple[int, int]:
        return carrier._head, carrier._idle

    def changed(before: tuple[int, int]) -> bool:
        return come() != before

    for _ in range(SECONDS_FOR_HEAD):
        before = come()
        peer.send(b"X: x\r\n")
        await world.until(partial(changed, before))
        world.clock.advance(1)
    is_problem(await peer.end(), 408)


async def test_a_body_that_trickles_is_given_up_and_the_application_told(world: World) -> None:
    peer = await world.call(POST)
    await world.app.saw("/echo")
    for _ in range(SECONDS_FOR_BODY):
        peer.send(b"x")
        await world.app.saw("http.request")
        world.clock.advance(1)
    world.clock.advance(1)
    is_problem(await peer.end(), 408)
    await world.app.saw("http.disconnect")


async def test_a_body_that_keeps_coming_may_take_as_long_as_it_needs(world: World) -> None:
    piece = bytes(SECONDS_FOR_BODY * OCTETS_A_SECOND)
    peer = await world.call(POST.replace(b"1000000", b"%d" % (10 * len(piece))))
    await world.app.saw("/echo")
    for _ in range(10):
        world.clock.advance(SECONDS_FOR_BODY - 1)
        before = world.app.octets
        peer.send(piece)
        while world.app.octets < before + len(piece):
            await world.app.saw("http.request")
    assert b"/echo" in await peer.answer()


async def test_a_client_is_not_to_blame_when_the_application_does_not_read(world: World) -> None:
    peer = await world.call(POST.replace(b"/echo", b"/wait") + bytes(1_000_000))
    await world.app.saw("/wait")
    await world.until(lambda: world.carriers()[0].flow.read_paused)
    world.clock.advance(3600)
    world.app.let.set()
    assert b"/wait" in await peer.answer()


async def test_who_does_not_take_his_answer_is_cut_off(world: World) -> None:
    peer = await world.call(GET.replace(b"/ ", b"/flood "))
    await world.app.saw("/flood")
    await world.until(lambda: world.carriers()[0].flow.write_paused)
    world.clock.advance(SECONDS_TO_TAKE)
    await world.app.saw("taken")
    assert not world.carriers()
    assert len(await peer.end()) < MORE_THAN_SOCKETS_HOLD


async def test_the_rest_of_a_body_that_was_answered_early_has_its_time_and_no_more(
    world: World,
) -> None:
    peer = await world.call(POST.replace(b"/echo", b"/early"))
    await peer.answer()
    for _ in range(SECONDS_FOR_BODY):
        peer.send(bytes(OCTETS_A_SECOND))
        await world.until(lambda: True)
        world.clock.advance(1)
    assert await peer.end() in (b"", b"reset")
