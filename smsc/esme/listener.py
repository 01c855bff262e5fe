"""The door for ESMEs: a TCP listener, and a connection for each peer."""

import asyncio
from functools import partial

from smsc.esme.connection import Connection, Door


class Listener:
    """Accepts connections from ESMEs at one address."""

    def __init__(self, door: Door, host: str, port: int) -> None:
        """Name the address; port 0 takes any free one."""
        self._door = door
        self._host = host
        self._port = port
        self._server: asyncio.Server | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Return where it listens, once it does."""
        assert self._server is not None
        host, port = self._server.sockets[0].getsockname()[:2]
        return host, port

    async def open(self) -> None:
        """Start to listen; raises OSError if the address can't be had."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            partial(Connection, self._door), self._host, self._port, backlog=1024
        )

    async def close(self, seconds: float) -> None:
        """Stop accepting, ask every peer to unbind, and hang up on those who don't in time."""
        self._door.closing = True
        if self._server is not None:
            self._server.close()
        for connection in list(self._door.connections):
            connection.unbind()
        if self._door.connections:
            timer = self._door.clock.call_later(seconds, self._door.emptied.set)
            await self._door.emptied.wait()
            timer.cancel()
        for connection in list(self._door.connections):
            connection.cut()
