"""One connection of a client over HTTP/1.1: uvicorn's, with bounds on what a client may cost.

Everything that a client could draw out has an end: the head of a request and what comes to nothing
in octets, requests that wait for their turn in number, and each wait for the client in time. How
long a wait may last is counted down in seconds (`_left`) by whoever calls `tick`:

    until a head is complete        SECONDS_FOR_HEAD from its first octet
    until a body is complete        SECONDS_FOR_BODY, and again what OCTETS_A_SECOND have earned
    until he takes of an answer     SECONDS_TO_TAKE
    until the next request          SECONDS_TO_KEEP_ALIVE
    until he sees that it is over   SECONDS_TO_PART

What waits for the application isn't counted, nor what it holds back.
"""

import asyncio
import math
import socket
import struct
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote

import httptools
import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from smsc.web.exchange import Exchange
from smsc.web.problems import PROBLEM_JSON, Problem

LARGEST_HEAD: Final = 32 * 1024
MOST_CONNECTIONS: Final = 1000
MOST_REQUESTS_IN_LINE: Final = 100
"""Requests that a client may have sent before the answer to an earlier one."""
SECONDS_FOR_HEAD: Final = 20
SECONDS_FOR_BODY: Final = 70
"""Longer than an import waits for more of its file, which has words of its own for that."""
OCTETS_A_SECOND: Final = 1000
SECONDS_TO_TAKE: Final = 60
SECONDS_TO_KEEP_ALIVE: Final = 75
SECONDS_TO_PART: Final = 5

HANG_UP: Final = "smsc.hang_up"
"""The extension by which an application hangs up on its client, who must see that it did."""

_RESET: Final = struct.pack("ii", 1, 0)
_OURS: Final = math.inf
"""It isn't the client who is waited for."""

_json = msgspec.json.Encoder()


class _Refused(Exception):
    """A request that can't be read on."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class Connection(HttpToolsProtocol):
    """Reads requests off a socket, has the application answer them, one at a time and in order."""

    scope: Any

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Make it as uvicorn does."""
        super().__init__(*arguments, **named)
        self._left: float = SECONDS_FOR_HEAD
        self._reading = False
        """Whether a request has begun and isn't complete."""
        self._in_head = False
        self._head = 0
        """Octets of the fields of this request."""
        self._idle = 0
        """Octets that came since anything was complete that they are part of."""
        self._hosts = 0

    def connection_made(self, transport: Any) -> None:
        """Let a client in, unless there are too many."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            self._refuse(
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"there are {MOST_CONNECTIONS} connections already; try again later",
            )

    # What a client sends.

    def data_received(self, data: bytes) -> None:
        """Read what has come."""
        if self.transport.is_closing():
            return
        self._idle += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # We go on as before, and nothing behind it is taken for a request.
            self.cycle.keep_alive = False
            self.flow.pause_reading()
        except httptools.HttpParserError as error:
            why = error.__context__
            if not isinstance(why, _Refused):
                why = _Refused(HTTPStatus.BAD_REQUEST, "this is no request of HTTP/1.1")
            self._refuse(why.status, why.detail)
        else:
            if self._idle > LARGEST_HEAD and self._reading:
                self._refuse(*_TOO_LARGE)

    def on_message_begin(self) -> None:
        """Begin to read a request."""
        if len(self.pipeline) >= MOST_REQUESTS_IN_LINE:
            raise _Refused(HTTPStatus.TOO_MANY_REQUESTS, "wait for an answer now and then")
        super().on_message_begin()
        self.scope["extensions"] = {HANG_UP: self.hang_up}
        self._reading = self._in_head = True
        self._head = self._idle = self._hosts = 0
        self._left = SECONDS_FOR_HEAD

    def on_url(self, url: bytes) -> None:
        """Take a piece of the target."""
        self._count(len(url))
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field of the head; those behind the body (RFC 9110, 6.5) are let go."""
        self._count(len(name) + len(value))
        if self._in_head:
            name = name.lower()
            self._hosts += name == b"host"
            super().on_header(name, value)

    def _count(self, octets: int) -> None:
        self._idle = 0
        self._head += octets
        if self._head > LARGEST_HEAD:
            raise _Refused(*_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """Have a request answered whose head is complete, when it is its turn."""
        version = self.parser.get_http_version()
        if self._hosts != 1 and version == "1.1":
            raise _Refused(HTTPStatus.BAD_REQUEST, "a request names its Host, once (RFC 9112, 3.2)")
        self._read_target(version)
        earlier, self.cycle = self.cycle, self._exchange(version)
        self._in_head = False
        self._left = SECONDS_FOR_BODY
        if earlier is None or earlier.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def _read_target(self, version: str) -> None:
        target = httptools.parse_url(self.url)
        if target.path is None:
            raise _Refused(HTTPStatus.BAD_REQUEST, "a target is a path, such as /v1/messages")
        path = target.path.decode("ascii")
        scope = self.scope
        scope["method"] = self.parser.get_method().decode("ascii")
        scope["http_version"] = version
        scope["path"] = unquote(path) if "%" in path else path
        scope["raw_path"] = target.path
        scope["query_string"] = target.query or b""

    def _exchange(self, version: str) -> Exchange:
        return Exchange(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and self.parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._idle = 0
        if not self.cycle.response_complete:
            self._left = min(SECONDS_FOR_BODY, self._left + len(body) / OCTETS_A_SECOND)
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request: it is our turn, unless it was answered already."""
        self._reading = False
        answered = self.cycle.response_complete
        self._left = SECONDS_TO_KEEP_ALIVE if answered else _OURS
        super().on_message_complete()

    # What the client is answered.

    def on_response_complete(self) -> None:
        """Turn to the next request; what is left of this one's body has its time, no more."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            self._left = SECONDS_TO_PART
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self._left = SECONDS_FOR_BODY if self._reading else SECONDS_TO_KEEP_ALIVE

    def pause_writing(self) -> None:
        """Wait for the client to take what he is sent."""
        super().pause_writing()
        self._left = SECONDS_TO_TAKE

    def resume_writing(self) -> None:
        """Go on when he has."""
        super().resume_writing()
        self._left = SECONDS_FOR_BODY if self._reading else _OURS

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        """Answer with a problem and close: what comes next can't be told from what came."""
        self._left = SECONDS_TO_PART
        if self._mistakable:
            self.transport.abort()
            return
        body = _json.encode(Problem(status=status, title=status.phrase, detail=detail))
        self.transport.write(
            STATUS_LINE[status]
            + b"content-type: %b\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b"
            % (PROBLEM_JSON.encode(), len(body), body)
        )
        self.transport.close()

    @property
    def _mistakable(self) -> bool:
        """Whether an answer now would be taken for that of an earlier request, or a part of it."""
        cycle = self.cycle
        if cycle is None:
            return False
        if self._reading and not self._in_head:
            return bool(self.pipeline) or cycle.response_started
        return not cycle.response_complete

    # How long it may last.

    def tick(self, seconds: float) -> None:
        """Let so much time go by: close the connection if the client took too long."""
        if self.transport.is_closing():
            self._left = min(self._left, SECONDS_TO_PART)
        elif self._held_back:
            return
        self._left -= seconds
        if self._left > 0:
            return
        if self.transport.is_closing() or self.flow.write_paused:
            self.transport.abort()
        elif self._reading:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "the request took too long to come; try again")
        else:
            self._left = SECONDS_TO_PART
            self.transport.close()

    @property
    def _held_back(self) -> bool:
        """Whether it is the application that doesn't take more of a body now."""
        return self.flow.read_paused and not self.flow.write_paused

    def hang_up(self) -> None:
        """Reset the connection in the middle of its answer, with what hasn't been taken yet.

        To HTTP/1.0 a connection that is closed is the proper end of an answer.
        """
        carrier = self.transport.get_extra_info("socket")
        carrier.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transport.abort()


_TOO_LARGE: Final = (
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    f"the head of a request has at most {LARGEST_HEAD} octets; send less",
)
