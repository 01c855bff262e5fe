"""An ESME over a real socket that says what a test tells it to, and nothing of its own accord."""

import asyncio
import ssl
from typing import TypeVar

from smsc.smpp.codec import decode, encode
from smsc.smpp.pdu import (
    Bind,
    BindResp,
    BindTransceiver,
    EnquireLink,
    EnquireLinkResp,
    Pdu,
    SubmitSm,
    SubmitSmResp,
)

P = TypeVar("P", bound=Pdu)

SECONDS_AT_MOST = 10.0
DEVICE = "491700000001"


class Peer:
    """One connection; what is expected and doesn't come in time fails the test."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._sequence_number = 0

    @classmethod
    async def connect(
        cls, address: tuple[str, int], context: ssl.SSLContext | None = None, header: bytes = b""
    ) -> "Peer":
        """Connect, say a balancer's header, and then speak TLS if there is a context."""
        reader, writer = await asyncio.open_connection(*address)
        if header:
            writer.write(header)
        if context is not None:
            await writer.start_tls(context, server_hostname=address[0])
        return cls(reader, writer)

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._writer.get_extra_info("sockname")[:2]
        return host, port

    def number(self) -> int:
        """Return the next sequence number."""
        self._sequence_number += 1
        return self._sequence_number

    # Saying and hearing.

    def send(self, *pdus: Pdu) -> None:
        self.write(b"".join(map(encode, pdus)))

    def write(self, octets: bytes) -> None:
        self._writer.write(octets)

    async def sent(self) -> None:
        """Wait until the kernel has nearly everything that was written."""
        async with asyncio.timeout(SECONDS_AT_MOST):
            await self._writer.drain()

    async def read(self) -> Pdu:
        """Return the next PDU from the server."""
        async with asyncio.timeout(SECONDS_AT_MOST):
            head = await self._reader.readexactly(4)
            return decode(head + await self._reader.readexactly(int.from_bytes(head, "big") - 4))

    async def expect(self, kind: type[P]) -> P:
        """Return the next PDU, which is of this kind."""
        pdu = await self.read()
        assert isinstance(pdu, kind), pdu
        return pdu

    async def ended(self) -> list[Pdu]:
        """Return what still came until the server hung up."""
        pdus = []
        try:
            while True:
                pdus.append(await self.read())
        except (asyncio.IncompleteReadError, ConnectionError):
            return pdus

    async def ended_after_all_was_sent(self) -> list[Pdu]:
        """Say no more, and return what still came until the server hung up."""
        self._writer.write_eof()
        return await self.ended()

    async def shown_out(self) -> None:
        """Wait until the server has hung up, whatever it said before."""
        async with asyncio.timeout(SECONDS_AT_MOST):
            await self._reader.read()

    def hang_up(self) -> None:
        self._writer.close()

    async def close(self) -> None:
        """Hang up, if that isn't done, and let go of the socket."""
        self._writer.transport.abort()
        try:
            await self._writer.wait_closed()
        except ConnectionError:
            return

    # Common exchanges.

    async def bind(
        self,
        kind: type[Bind] = BindTransceiver,
        system_id: str = "fleet",
        password: str = "secret",
        version: int = 0x34,
    ) -> BindResp:
        self.send(kind(self.number(), system_id, password, interface_version=version))
        return await self.expect(BindResp)

    def submit_sm(self, text: bytes = b"hello", registered_delivery: int = 0) -> SubmitSm:
        """Return a submit_sm to a device that takes it, from the account's own address."""
        return SubmitSm(
            self.number(),
            dest_addr_ton=1,
            dest_addr_npi=1,
            destination_addr=DEVICE,
            registered_delivery=registered_delivery,
            short_message=text,
        )

    async def submit(self, text: bytes = b"hello") -> SubmitSmResp:
        pdu = self.submit_sm(text)
        self.send(pdu)
        answer = await self.expect(SubmitSmResp)
        assert answer.sequence_number == pdu.sequence_number
        return answer

    async def heard(self) -> None:
        """Wait until the server has taken everything that was sent so far."""
        enquire_link = EnquireLink(self.number())
        self.send(enquire_link)
        assert await self.read() == EnquireLinkResp(enquire_link.sequence_number)

    async def is_enquired(self) -> None:
        """Answer the server's enquire_link, and wait until it knows."""
        enquire_link = await self.expect(EnquireLink)
        self.send(EnquireLinkResp(enquire_link.sequence_number))
        await self.heard()
