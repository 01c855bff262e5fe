"""The door for ESMEs: listeners, and a connection for each peer."""

import asyncio
from functools import partial

from smsc.esme.arrival import Arrival, Entrance
from smsc.esme.connection import Connection, Door


class Listener:
    """Accepts connections from ESMEs at its entrances."""

    def __init__(self, door: Door, *entrances: Entrance) -> None:
        """Name the entrances; port 0 takes any free one."""
        self._door = door
        self._entrances = entrances
        self._servers: list[asyncio.Server] = []

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Return where it listens, an address for each entrance, once it does."""
        names = [server.sockets[0].getsockname() for server in self._servers]
        return [(name[0], name[1]) for name in names]

    @property
    def address(self) -> tuple[str, int]:
        """Return the address of the first entrance."""
        return self.addresses[0]

    async def open(self) -> None:
        """Start to listen; raises OSError, and listens nowhere, if an address can't be had."""
        loop = asyncio.get_running_loop()
        try:
            for entrance in self._entrances:
                direct = entrance.context is None and not entrance.proxies
                made = (
                    partial(Connection, self._door)
                    if direct
                    else partial(Arrival, self._door, entrance)
                )
                server = await loop.create_server(made, entrance.host, entrance.port, backlog=1024)
                self._servers.append(server)
        except OSError:
            self._stop()
            raise

    def _stop(self) -> None:
        for server in self._servers:
            server.close()

    async def close(self, seconds: float) -> None:
        """Stop accepting, ask every peer to unbind, and hang up on those who don't in time."""
        door = self._door
        door.closing = True
        self._stop()
        for arrival in list(door.arriving):
            arrival.cut()
        for connection in list(door.connections):
            connection.unbind()
        if door.connections:
            timer = door.clock.call_later(seconds, door.emptied.set)
            await door.emptied.wait()
            timer.cancel()
        for connection in list(door.connections):
            connection.cut()
