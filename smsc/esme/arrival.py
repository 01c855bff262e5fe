"""A connection on its way to the session: past its PROXY header, and through the TLS handshake.

Of a header exactly its own octets are taken from the socket, so what follows, TLS or SMPP, is
left to whoever reads next. All of it must be over within session_init_timer. Peers that arrive
count among the connections, so no number of them keeps more than that many sockets.
"""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, Final, NamedTuple

import structlog

from smsc.esme import proxy
from smsc.esme.connection import SECONDS_TO_HANG_UP, Connection, Door
from smsc.esme.whence import host_of, unmapped

log = structlog.get_logger()

BACKLOG: Final = 1024
SECONDS_WITHOUT_SOCKETS: Final = 1.0
"""How long to wait when the machine has no socket left for another peer."""


class Entrance(NamedTuple):
    """Where peers come in: an address, the TLS they speak, and balancers who say who they are."""

    host: str
    port: int
    context: ssl.SSLContext | None = None
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether a peer is a session as soon as it is connected."""
        return self.context is None and not self.proxies


class Gate:
    """Accepts peers at an entrance that isn't plain."""

    def __init__(self, door: Door, entrance: Entrance) -> None:
        """Lead peers from this entrance to the door."""
        self._door = door
        self._entrance = entrance
        self._accepting: list[asyncio.Task[None]] = []
        self.sockets: list[socket.socket] = []

    async def open(self) -> None:
        """Start to listen; raises OSError, and listens nowhere, if the address can't be had."""
        loop = asyncio.get_running_loop()
        host, port = self._entrance.host or None, self._entrance.port
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        try:
            for family, address in dict.fromkeys((each[0], each[4]) for each in found):
                self.sockets.append(_listening(family, address))
        except OSError:
            self.close()
            raise
        self._accepting = [loop.create_task(self._accept(each)) for each in self.sockets]

    def close(self) -> None:
        """Accept nobody any more."""
        for task in self._accepting:
            task.cancel()
        for each in self.sockets:
            each.close()

    async def _accept(self, listening: socket.socket) -> None:
        loop, door = asyncio.get_running_loop(), self._door
        while True:
            try:
                peer, address = await loop.sock_accept(listening)
            except OSError as error:
                log.error("not_accepting", reason=str(error))
                await self._pause()
                continue
            if door.full:
                peer.close()
                continue
            task = loop.create_task(self._arrive(peer, host_of(address)))
            door.arriving.add(task)
            task.add_done_callback(door.arriving.discard)

    async def _pause(self) -> None:
        over = asyncio.Event()
        self._door.clock.call_later(SECONDS_WITHOUT_SOCKETS, over.set)
        await over.wait()

    async def _arrive(self, peer: socket.socket, host: str) -> None:
        """Lead one peer to its session, or out."""
        task = asyncio.current_task()

        def cut() -> None:
            assert task is not None
            task.cancel()

        timer = self._door.clock.call_later(self._door.timers.session_init, cut)
        handed_over = False
        try:
            if _within(host, self._entrance.proxies):
                host = await _behind(peer) or host
            handed_over = True
            await self._hand_over(peer, host)
        except proxy.ProxyError as error:
            log.warning("proxy_header_refused", host=host, reason=str(error))
        except OSError as error:
            log.info("handshake_failed", host=host, reason=str(error))
        finally:
            timer.cancel()
            if not handed_over:
                peer.close()

    async def _hand_over(self, peer: socket.socket, host: str) -> None:
        encrypted = self._entrance.context is not None
        await asyncio.get_running_loop().connect_accepted_socket(
            lambda: Connection(self._door, host),
            peer,
            ssl=self._entrance.context,
            ssl_handshake_timeout=self._door.timers.session_init if encrypted else None,
            ssl_shutdown_timeout=SECONDS_TO_HANG_UP if encrypted else None,
        )


def _listening(family: int, address: Any) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
        made.listen(BACKLOG)
    except OSError:
        made.close()
        raise
    return made


async def _behind(balancer: socket.socket) -> str:
    """Return who is behind a balancer, "" for itself; raises `ProxyError` or OSError."""
    head = await _exactly(balancer, proxy.HEAD_OCTETS)
    block = await _exactly(balancer, proxy.block_octets(head))
    source = proxy.source(head, block)
    return unmapped(source) if source else ""


async def _exactly(peer: socket.socket, octets: int) -> bytes:
    loop, read = asyncio.get_running_loop(), bytearray(octets)
    left = memoryview(read)
    while left:
        taken = await loop.sock_recv_into(peer, left)
        if not taken:
            raise proxy.ProxyError("it ended before its header did")
        left = left[taken:]
    return bytes(read)


def _within(host: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    return bool(networks and host) and any(ip_address(host) in network for network in networks)
