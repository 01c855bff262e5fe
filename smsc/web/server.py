"""The listener for HTTP: uvicorn inside our own event loop, on a socket of ours."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, cast

import uvicorn
from litestar.types import ASGIApp

from smsc.clock import Clock, SystemClock, Timer
from smsc.web.connection import HANG_UP, Connection

__all__ = ["HANG_UP", "WebServer"]

BACKLOG: Final = 1024
SECONDS_A_TICK: Final = 1.0
SECONDS_TO_HANG_UP: Final = 0.5


class _Server(uvicorn.Server):
    """Uvicorn that leaves the signals alone, and tells when it serves."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.serving = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none: whoever runs the loop decides what a signal does."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self.serving.set()


class WebServer:
    """Serves an application at one address."""

    def __init__(self, app: ASGIApp, host: str, port: int, clock: Clock | None = None) -> None:
        """Name the address; port 0 takes any free one."""
        self._clock = clock or SystemClock()
        self._timer: Timer | None = None
        self._app = app
        self._host = host
        self._port = port
        self._address: tuple[str, int] | None = None
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Return where it listens, once it does."""
        assert self._address is not None
        return self._address

    async def open(self) -> None:
        """Start to serve; raises OSError if the address can't be had."""
        listener = _bound(self._host, self._port)
        host, port = listener.getsockname()[:2]
        self._address = host, port
        self._server = server = _Server(
            uvicorn.Config(
                self._serve,
                interface="asgi3",
                http=Connection,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                backlog=BACKLOG,
            )
        )
        self._task = asyncio.get_running_loop().create_task(server.serve([listener]))
        serving = asyncio.ensure_future(server.serving.wait())
        await asyncio.wait({self._task, serving}, return_when=asyncio.FIRST_COMPLETED)
        serving.cancel()
        if self._task.done():
            listener.close()
            await self._task
        self._tick()

    async def close(self) -> None:
        """Stop accepting, let running requests end, and soon hang up on whoever is left."""
        server, task = self._server, self._task
        if server is None or task is None:
            return
        if self._timer is not None:
            self._timer.cancel()
        server.should_exit = True
        await asyncio.wait({task}, timeout=SECONDS_TO_HANG_UP)
        if not task.done():
            for connection in self._connections():
                connection.transport.abort()
            for request in list(server.server_state.tasks):
                request.cancel()
            server.force_exit = True
        await task

    def _tick(self) -> None:
        for connection in self._connections():
            connection.tick(SECONDS_A_TICK)
        self._timer = self._clock.call_later(SECONDS_A_TICK, self._tick)

    def _connections(self) -> list[Connection]:
        assert self._server is not None
        return cast(list[Connection], list(self._server.server_state.connections))

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            # Whoever was hung up on by `close` would be logged as a mistake of ours.
            if self._server is None or not self._server.should_exit:
                raise


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)
