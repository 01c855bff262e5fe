"""How an answer is written: where it ends, and when it goes out."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from smsc.web.server import WebServer

Fields = list[tuple[bytes, bytes]]
LENGTH = (b"content-length", b"5")


class App:
    """Answers as it is told; the last piece of a body when it is let."""

    def __init__(self) -> None:
        self.status = 200
        self.fields: Fields = []
        self.body = [b"hello"]
        self.let = asyncio.Event()
        self.let.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.fields})
        for piece in self.body[:-1]:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await self.let.wait()
        await send({"type": "http.response.body", "body": self.body[-1]})


class World:
    """A server of such an application, and one connection to it."""

    def __init__(self) -> None:
        self.app = App()
        self.server = WebServer(self.app, "127.0.0.1", 0)

    async def open(self) -> None:
        await self.server.open()
        self.reader, self.writer = await asyncio.open_connection(*self.server.address)

    def ask(self, line: bytes = b"GET / HTTP/1.1", fields: bytes = b"") -> None:
        self.writer.write(line + b"\r\nHost: x\r\n" + fields + b"\r\n")

    async def head(self) -> bytes:
        return await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 10)

    async def answers(self, *lines: bytes) -> bytes:
        """Ask for these, have the connection closed after the last, and read all."""
        for line in lines[:-1]:
            self.ask(line)
        self.ask(lines[-1], b"Connection: close\r\n")
        return await self.rest()

    async def rest(self) -> bytes:
        return await asyncio.wait_for(self.reader.read(), 10)

    async def close(self) -> None:
        self.app.let.set()
        self.writer.close()
        await asyncio.gather(self.writer.wait_closed(), return_exceptions=True)
        await self.server.close()


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    await made.open()
    yield made
    await made.close()


async def test_an_answer_that_tells_its_length_is_not_chunked(world: World) -> None:
    world.app.fields = [LENGTH]
    answer = await world.answers(b"GET / HTTP/1.1")
    assert b"transfer-encoding" not in answer
    assert answer.endswith(b"\r\n\r\nhello")


async def test_an_answer_of_unknown_length_is_chunked_and_has_no_empty_chunk(world: World) -> None:
    world.app.body = [b"hello", b"", b""]
    answer = await world.answers(b"GET / HTTP/1.1")
    assert b"transfer-encoding: chunked\r\n" in answer
    assert answer.endswith(b"\r\n\r\n5\r\nhello\r\n0\r\n\r\n")


async def test_the_head_of_unknown_length_goes_before_there_is_anything_to_tell(
    world: World,
) -> None:
    world.app.let.clear()
    world.ask()
    assert (await world.head()).startswith(b"HTTP/1.1 200 OK\r\n")


async def test_to_http_1_0_the_end_of_the_connection_is_the_end_of_the_answer(
    world: World,
) -> None:
    world.ask(b"GET / HTTP/1.0")
    answer = await world.rest()
    assert b"transfer-encoding" not in answer
    assert answer.endswith(b"connection: close\r\n\r\nhello")


@pytest.mark.parametrize(
    ("line", "status"),
    [(b"HEAD / HTTP/1.1", 200), (b"GET / HTTP/1.1", 204), (b"GET / HTTP/1.1", 304)],
)
@pytest.mark.parametrize("fields", [[], [LENGTH]])
async def test_an_answer_without_a_body_ends_with_its_head(
    world: World, line: bytes, status: int, fields: Fields
) -> None:
    world.app.status, world.app.fields = status, fields
    answer = await world.answers(line, line)
    heads = answer.split(b"\r\n\r\n")
    assert [head[:12] for head in heads] == [b"HTTP/1.1 %d" % status] * 2 + [b""]
    assert b"transfer-encoding" not in answer


@pytest.mark.parametrize("body", [[b"hell"], [b"hello", b"!"], [b"hello!"]])
async def test_an_answer_that_is_not_as_long_as_it_told_is_not_passed_off_as_whole(
    world: World, body: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    world.app.fields, world.app.body = [LENGTH], body
    with caplog.at_level(logging.ERROR):
        answer = await world.answers(b"GET / HTTP/1.1")
    assert "isn't as long as its Content-Length says" in caplog.text
    assert not answer.endswith(b"!")
    assert answer == b"" or body[0] == b"hello"


@pytest.mark.parametrize("octet", [b"\n", b"\r", b"\0"])
async def test_a_field_cannot_bring_others_with_it(
    world: World, octet: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    world.app.fields = [(b"location", b"/" + octet + b"set-cookie: a=b")]
    with caplog.at_level(logging.ERROR):
        answer = await world.answers(b"GET / HTTP/1.1")
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"set-cookie" not in answer


async def test_an_application_that_closes_the_connection_says_so_once(world: World) -> None:
    world.app.fields = [LENGTH, (b"Connection", b"close")]
    world.ask()
    answer = await world.rest()
    assert answer.lower().count(b"connection: close") == 1
