"""A request and its answer on one connection: uvicorn's, but for how the answer is written.

A head goes out with the first piece of its body, in one write, if it tells how long that is; one
that doesn't goes at once, for it may be long before there is something to tell.
"""

from collections.abc import Iterable
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

_BODILESS: Final = frozenset({204, 304})

Fields = Iterable[tuple[bytes, bytes]]


class Exchange(RequestResponseCycle):
    """Takes the request from the connection, and what the application answers."""

    def __init__(self, **named: Any) -> None:
        """Make it as uvicorn does."""
        super().__init__(**named)
        self._head = b""
        """What has yet to be written, together with what follows."""
        self._bodiless = self.scope["method"] == "HEAD"

    async def send(self, message: Any) -> None:
        """Take a message of the application (ASGI 2.3)."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        kind = message["type"]
        if kind == "http.response.start" and not self.response_started:
            self._begin(message["status"], message.get("headers", ()))
        elif kind == "http.response.body" and self.response_started and not self.response_complete:
            self._go_on(message.get("body", b""), message.get("more_body", False))
        else:
            raise RuntimeError(f"the application sent {kind!r} out of turn")

    def _begin(self, status: int, fields: Fields) -> None:
        said: dict[bytes, bytes] = {}
        lines: list[bytes] = []
        for name, value in (*self.default_headers, *fields):
            said[name.lower()] = value
            lines.append(b"%b: %b\r\n" % (name, value))
        head = b"".join(lines)
        if head.count(b"\n") > len(lines) or head.count(b"\r") > len(lines) or b"\0" in head:
            raise RuntimeError(f"a field of an answer has more than a line: {head!r}")
        self.response_started = True
        self.waiting_for_100_continue = False
        self._bodiless = self._bodiless or status in _BODILESS
        self._head = b"".join((STATUS_LINE[status], head, *self._framing(said), b"\r\n"))
        if b"content-length" not in said:
            self._write(b"")

    def _framing(self, said: dict[bytes, bytes]) -> list[bytes]:
        """Settle where the answer ends, and return the fields that are needed for it besides."""
        needed: list[bytes] = []
        if said.get(b"connection", b"").lower() == b"close":
            self.keep_alive = False
        elif not self.keep_alive:
            needed.append(b"connection: close\r\n")
        if b"content-length" in said:
            self.chunked_encoding = False
            self.expected_content_length = int(said[b"content-length"])
        elif self.scope["http_version"] == "1.1" and not self._bodiless:
            self.chunked_encoding = True
            needed.append(b"transfer-encoding: chunked\r\n")
        return needed

    def _go_on(self, body: bytes, more: bool) -> None:
        if self._bodiless:
            body = b""
        elif self.chunked_encoding:
            body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + (
                b"" if more else b"0\r\n\r\n"
            )
        elif self.chunked_encoding is not None:
            self.expected_content_length -= len(body)
            if self.expected_content_length < 0 or (self.expected_content_length and not more):
                raise RuntimeError("an answer isn't as long as its Content-Length says")
        self._write(body)
        if not more:
            self._end()

    def _write(self, octets: bytes) -> None:
        octets, self._head = self._head + octets, b""
        if octets:
            self.transport.write(octets)

    def _end(self) -> None:
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()
