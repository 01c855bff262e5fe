"""A peer that never reads: it is no longer read from, holds little memory, and is gone in time."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from smsc.esme.connection import SECONDS_TO_HANG_UP, WRITE_BUFFER, Connection
from smsc.message import State
from smsc.smpp.codec import encode
from smsc.smpp.pdu import (
    BindReceiver,
    BindTransceiver,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    SubmitSm,
    SubmitSmResp,
)
from tests.esme.peer import DEVICE, Peer
from tests.esme.road import Road, transport_of

KERNEL_BUFFER = 4096
SUBMITS_A_BURST = 200


class SlowReader:
    """A bound peer that submits as fast as it can, asks for receipts, and never reads."""

    def __init__(self, connection: Connection, wire: socket.socket) -> None:
        self.connection = connection
        self.transport = transport_of(connection)
        self.most = 0
        """The most octets that were ever waiting for it."""
        self._wire = wire
        self._flood: asyncio.Task[None] | None = None

    @classmethod
    async def bind(cls, road: Road) -> "SlowReader":
        loop = asyncio.get_running_loop()
        wire = socket.socket()
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KERNEL_BUFFER)
        wire.setblocking(False)
        await loop.sock_connect(wire, road.listener.address)
        await loop.sock_sendall(wire, encode(BindTransceiver(1, "fleet", "secret")))
        await road.until(lambda: road.bindings.count("fleet") == 1)
        (connection,) = (each for each in road.door.connections if each.session.receives)
        slow = cls(connection, wire)
        end = slow.transport.get_extra_info("socket")
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER)
        return slow

    def flood(self) -> None:
        """Submit for ever."""
        self._flood = asyncio.get_running_loop().create_task(self._submit())

    async def _submit(self) -> None:
        loop = asyncio.get_running_loop()
        submits = [
            SubmitSm(number, destination_addr=DEVICE, registered_delivery=1)
            for number in range(1, SUBMITS_A_BURST + 1)
        ]
        burst = b"".join(map(encode, submits))
        try:
            while True:
                await loop.sock_sendall(self._wire, burst)
        except OSError:
            return

    @property
    def waiting(self) -> int:
        """How many octets wait in our memory for it."""
        octets = self.transport.get_write_buffer_size()
        self.most = max(self.most, octets)
        return octets

    @property
    def stuck(self) -> bool:
        """Whether it is neither written to nor read from any more."""
        return self.waiting > 0 and not (self.connection.writable or self.transport.is_reading())

    async def close(self) -> None:
        if self._flood is not None:
            self._flood.cancel()
            await asyncio.wait([self._flood])
        self._wire.close()


@pytest.fixture
async def slow(road: Road) -> AsyncIterator[SlowReader]:
    slow = await SlowReader.bind(road)
    yield slow
    await slow.close()


async def served(peer: Peer, submits: int = 50) -> None:
    """Submit, and get every answer."""
    for _ in range(submits):
        assert (await peer.submit()).command_status == 0


async def stuck(slow: SlowReader, healthy: Peer) -> None:
    """Flood until nothing goes any more, while another peer is served."""
    slow.flood()
    async with asyncio.timeout(60):
        while not slow.stuck:
            await served(healthy, 1)


async def test_it_is_not_read_from_and_others_are_served(road: Road, slow: SlowReader) -> None:
    healthy = await road.bound(system_id="other")
    await stuck(slow, healthy)
    submitted = road.journal.submits.total()
    await served(healthy, 200)
    assert slow.stuck
    assert road.journal.submits.total() == submitted + 200


async def test_what_waits_for_it_is_bounded(road: Road, slow: SlowReader) -> None:
    healthy = await road.bound(system_id="other")
    await stuck(slow, healthy)
    await served(healthy, 200)
    assert slow.waiting > WRITE_BUFFER // 2
    assert slow.most < 2 * WRITE_BUFFER


async def test_its_receipts_wait_in_the_store_but_for_a_window_of_them(
    road: Road, slow: SlowReader
) -> None:
    healthy = await road.bound(system_id="other")
    await stuck(slow, healthy)
    assert slow.connection.session.outstanding <= 2
    assert road.scheduler.in_hand < 2 * 1000 + 10


async def test_it_is_closed_by_the_timers_and_cut_if_that_does_not_help(
    road: Road, slow: SlowReader
) -> None:
    healthy = await road.bound(system_id="other")
    await stuck(slow, healthy)
    road.clock.advance(30)
    await healthy.is_enquired()
    road.clock.advance(10)
    await healthy.heard()
    assert road.bindings.counts() == {"other": 1}
    assert slow.connection in road.door.connections
    road.clock.advance(SECONDS_TO_HANG_UP)
    await road.forgotten(slow.connection)
    await served(healthy)


async def test_what_it_did_not_answer_goes_to_others_before_it_is_cut(
    road: Road, slow: SlowReader
) -> None:
    healthy = await road.bound(system_id="other")
    await stuck(slow, healthy)
    road.clock.advance(30)
    await healthy.is_enquired()
    road.clock.advance(10)
    assert slow.connection in road.door.connections
    assert slow.connection.session.outstanding == 0
    receiver = await road.bound()
    for _ in range(10):
        pdu = await receiver.expect(DeliverSm)
        assert pdu.short_message.startswith(b"id:")
        receiver.send(DeliverSmResp(pdu.sequence_number))


async def test_a_peer_that_reads_again_is_served_again(road: Road) -> None:
    peer = await road.bound()
    transport = transport_of(road.connection(peer))
    end = transport.get_extra_info("socket")
    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER)
    connection = road.connection(peer)
    peer.send(*(peer.submit_sm() for _ in range(1000)))
    connection.pause_writing()
    assert not transport.is_reading()
    await road.device_sends(b"hello")
    assert connection.session.outstanding == 0
    connection.resume_writing()
    assert transport.is_reading()
    answers = {type(await peer.read()) for _ in range(1001)}
    assert answers == {SubmitSmResp, DeliverSm}


async def test_a_receiver_that_never_answers_is_closed_and_its_messages_go_to_another(
    road: Road,
) -> None:
    silent, healthy = await road.bound(BindReceiver), await road.bound(BindReceiver)
    texts = {b"message %d" % number for number in range(6)}
    for text in texts:
        await road.device_sends(text)
    taken: set[bytes] = set()

    async def answer() -> None:
        while True:
            pdu = await healthy.read()
            if isinstance(pdu, DeliverSm):
                taken.add(pdu.short_message)
                healthy.send(DeliverSmResp(pdu.sequence_number))
            elif isinstance(pdu, EnquireLink):
                healthy.send(EnquireLinkResp(pdu.sequence_number))

    answering = asyncio.create_task(answer())
    connection = road.connection(silent)
    async with asyncio.timeout(60):
        while taken != texts or connection in road.door.connections:
            assert connection.session.outstanding <= 2
            road.clock.advance(1)
            await road.turn()
    assert road.bindings.counts() == {"fleet": 1}
    await road.until(lambda: road.journal.finals[State.DELIVERED] == len(texts))
    answering.cancel()
    await asyncio.wait([answering])
