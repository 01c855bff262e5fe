"""A connection on its way to the session: past its PROXY header, and through the TLS handshake.

Of a header exactly its own octets are taken from the socket, so what follows, TLS or SMPP, is
left to whoever reads next. All of it must be over within session_init_timer.
"""

import asyncio
import ssl
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, NamedTuple, cast

import structlog

from smsc.clock import Timer
from smsc.esme import proxy
from smsc.esme.account import NO_NAMES
from smsc.esme.connection import SECONDS_TO_HANG_UP, Connection, Door
from smsc.esme.whence import host_of, unmapped

log = structlog.get_logger()


class Entrance(NamedTuple):
    """Where peers come in: an address, the TLS they speak, and balancers who say who they are."""

    host: str
    port: int
    context: ssl.SSLContext | None = None
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()


class Arrival(asyncio.BufferedProtocol):
    """A connection that isn't a session yet."""

    def __init__(self, door: Door, entrance: Entrance) -> None:
        """Wait for the connection to be made."""
        self._door = door
        self._entrance = entrance
        self._transport: asyncio.Transport | None = None
        self._host = ""
        self._timer: Timer | None = None
        self._head = bytearray(proxy.HEAD_OCTETS)
        self._block = bytearray()
        self._wanted = memoryview(self._head)
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Expect a header of a balancer; anyone else goes on at once."""
        self._transport = cast(asyncio.Transport, transport)
        if self._door.full:
            self._transport.abort()
            return
        self._door.arriving.add(self)
        self._timer = self._door.clock.call_later(self._door.timers.session_init, self.cut)
        self._host = host_of(transport.get_extra_info("peername"))
        if not _within(self._host, self._entrance.proxies):
            self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget one who left before he was a peer."""
        self._leave()
        if self._task is not None:
            self._task.cancel()

    def cut(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    def _leave(self) -> None:
        self._transport = None
        self._door.arriving.discard(self)
        if self._timer is not None:
            self._timer.cancel()

    # The header.

    def get_buffer(self, sizehint: int) -> memoryview:
        """Read no further than the header goes."""
        return self._wanted

    def buffer_updated(self, nbytes: int) -> None:
        """Take some of the header."""
        self._wanted = self._wanted[nbytes:]
        if self._wanted:
            return
        try:
            if not self._block:
                self._block = bytearray(proxy.block_octets(self._head))
                self._wanted = memoryview(self._block)
            if not self._wanted:
                source = proxy.source(self._head, self._block)
                self._host = unmapped(source) if source else self._host
                self._go_on()
        except proxy.ProxyError as error:
            log.warning("proxy_header_refused", host=self._host, reason=str(error))
            self.cut()

    # What comes after it.

    def _go_on(self) -> None:
        assert self._transport is not None
        self._transport.pause_reading()
        if self._entrance.context is None:
            self._hand_over(self._transport, NO_NAMES, ())
        else:
            encrypting = self._encrypt(self._transport, self._entrance.context)
            self._task = asyncio.get_running_loop().create_task(encrypting)

    async def _encrypt(self, transport: asyncio.Transport, context: ssl.SSLContext) -> None:
        early = _Early()
        try:
            encrypted = await asyncio.get_running_loop().start_tls(
                transport,
                early,
                context,
                server_side=True,
                ssl_handshake_timeout=self._door.timers.session_init,
                ssl_shutdown_timeout=SECONDS_TO_HANG_UP,
            )
        except OSError as error:
            log.info("handshake_failed", host=self._host, reason=str(error))
            self._leave()
            return
        # uvloop says nothing of a peer that left in the middle of the handshake.
        if encrypted is None or early.lost or transport.is_closing() or self._door.closing:
            transport.abort()
            self._leave()
            return
        names = names_of(encrypted.get_extra_info("peercert"))
        self._hand_over(encrypted, names, early.octets)

    def _hand_over(
        self, transport: asyncio.Transport, names: frozenset[str], early: Sequence[bytes]
    ) -> None:
        self._leave()
        connection = Connection(self._door, self._host, names)
        transport.set_protocol(connection)
        connection.connection_made(transport)
        for octets in early:
            connection.data_received(octets)
        transport.resume_reading()


class _Early(asyncio.Protocol):
    """Keeps what a peer sends between the end of its handshake and the start of its session."""

    def __init__(self) -> None:
        self.octets: list[bytes] = []
        self.lost = False

    def data_received(self, data: bytes) -> None:
        self.octets.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True


def names_of(certificate: Any) -> frozenset[str]:
    """Return the names of a verified certificate: its common names, and its DNS names."""
    if not certificate:
        return NO_NAMES
    subject = (pair for part in certificate.get("subject", ()) for pair in part)
    common = {value for key, value in subject if key == "commonName"}
    others = certificate.get("subjectAltName", ())
    return frozenset(common | {value.lower() for key, value in others if key == "DNS"})


def _within(host: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    return bool(networks and host) and any(ip_address(host) in network for network in networks)
