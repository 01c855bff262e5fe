"""The door for ESMEs: listeners, and a connection for each peer."""

import asyncio
from functools import partial

from smsc.esme.arrival import BACKLOG, Entrance, Gate
from smsc.esme.connection import Connection, Door


class Listener:
    """Accepts connections from ESMEs at its entrances."""

    def __init__(self, door: Door, *entrances: Entrance) -> None:
        """Name the entrances; port 0 takes any free one."""
        self._door = door
        self._entrances = entrances
        self._open: list[asyncio.Server | Gate] = []

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Return where it listens, an address for each entrance, once it does."""
        names = [each.sockets[0].getsockname() for each in self._open]
        return [(name[0], name[1]) for name in names]

    @property
    def address(self) -> tuple[str, int]:
        """Return the address of the first entrance."""
        return self.addresses[0]

    async def open(self) -> None:
        """Start to listen; raises OSError, and listens nowhere, if an address can't be had."""
        try:
            for entrance in self._entrances:
                self._open.append(await self._opened(entrance))
        except OSError:
            self._stop()
            raise

    async def _opened(self, entrance: Entrance) -> asyncio.Server | Gate:
        if entrance.plain:
            made = partial(Connection, self._door)
            loop = asyncio.get_running_loop()
            return await loop.create_server(made, entrance.host, entrance.port, backlog=BACKLOG)
        gate = Gate(self._door, entrance)
        await gate.open()
        return gate

    def _stop(self) -> None:
        for each in self._open:
            each.close()

    async def close(self, seconds: float) -> None:
        """Stop accepting, ask every peer to unbind, and hang up on those who don't in time."""
        door = self._door
        door.closing = True
        self._stop()
        for arriving in list(door.arriving):
            arriving.cancel()
        for connection in list(door.connections):
            connection.unbind()
        if door.connections:
            timer = door.clock.call_later(seconds, door.emptied.set)
            await door.emptied.wait()
            timer.cancel()
        for connection in list(door.connections):
            connection.cut()
