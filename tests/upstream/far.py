"""The far end of a link over a real socket, which says what a test tells it to."""

import asyncio
import ssl
from collections.abc import Sequence
from types import TracebackType
from typing import TypeVar

from smsc.smpp.codec import decode, encode
from smsc.smpp.pdu import (
    BindTransceiver,
    BindTransceiverResp,
    EnquireLink,
    EnquireLinkResp,
    Pdu,
    SubmitSm,
    SubmitSmResp,
)

P = TypeVar("P", bound=Pdu)
SECONDS_AT_MOST = 10.0


class Call:
    """One connection that a link has made."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def send(self, *pdus: Pdu) -> None:
        self.write(b"".join(map(encode, pdus)))

    def write(self, octets: bytes) -> None:
        self._writer.write(octets)

    async def sent(self) -> None:
        """Wait until the kernel has nearly everything that was written."""
        async with asyncio.timeout(SECONDS_AT_MOST):
            await self._writer.drain()

    async def octets(self) -> bytes:
        """Return the next PDU as it came."""
        async with asyncio.timeout(SECONDS_AT_MOST):
            head = await self._reader.readexactly(4)
            return head + await self._reader.readexactly(int.from_bytes(head, "big") - 4)

    async def read(self) -> Pdu:
        return decode(await self.octets())

    async def expect(self, kind: type[P]) -> P:
        """Return the next PDU, which is of this kind."""
        pdu = await self.read()
        assert isinstance(pdu, kind), pdu
        return pdu

    async def submits(self, count: int) -> list[SubmitSm]:
        return [await self.expect(SubmitSm) for _ in range(count)]

    async def accept(self, *following: Pdu) -> BindTransceiver:
        """Take the bind, and say at once what follows."""
        bind = await self.expect(BindTransceiver)
        self.send(BindTransceiverResp(bind.sequence_number, 0, "far"), *following)
        return bind

    async def refuse(self, status: int) -> None:
        bind = await self.expect(BindTransceiver)
        self.send(BindTransceiverResp(bind.sequence_number, status))

    async def heard(self) -> None:
        """Wait until the link has taken everything that was sent so far."""
        self.send(EnquireLink(0x7F000000))
        assert await self.read() == EnquireLinkResp(0x7F000000)

    async def ended(self) -> list[Pdu]:
        """Return what still came until the link hung up."""
        pdus = []
        try:
            while True:
                pdus.append(await self.read())
        except (asyncio.IncompleteReadError, ConnectionError):
            return pdus

    def hang_up(self) -> None:
        """Say no more."""
        self._writer.close()

    async def close(self) -> None:
        """Hang up, and let go of the socket."""
        self._writer.transport.abort()
        try:
            await self._writer.wait_closed()
        except (ConnectionError, ssl.SSLError):
            return


def answers(submits: Sequence[SubmitSm], first: int = 1) -> list[SubmitSmResp]:
    """Accept submits under ids that count."""
    return [
        SubmitSmResp(submit.sequence_number, 0, str(number))
        for number, submit in enumerate(submits, first)
    ]


class FarEnd:
    """Listens between `async with` and its end."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._context = context
        self._calls: asyncio.Queue[Call] = asyncio.Queue()
        self._all: list[Call] = []

    async def __aenter__(self) -> "FarEnd":
        self._server = await asyncio.start_server(self._called, "127.0.0.1", 0, ssl=self._context)
        self.host, self.port = self._server.sockets[0].getsockname()[:2]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._server.close()
        for call in self._all:
            await call.close()

    async def _called(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call = Call(reader, writer)
        self._all.append(call)
        self._calls.put_nowait(call)

    async def call(self) -> Call:
        """Return the next connection."""
        async with asyncio.timeout(SECONDS_AT_MOST):
            return await self._calls.get()

    async def bound(self) -> Call:
        """Return the next connection, bound."""
        call = await self.call()
        await call.accept()
        return call
