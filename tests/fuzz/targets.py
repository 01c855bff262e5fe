"""What mutants are thrown at: the codec, a session, and the sockets of a whole SMSC.

Each target takes octets, and raises AssertionError, or whatever else escaped, if it misbehaves.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

from smsc.centre import ServiceCentre
from smsc.config import load
from smsc.smpp.codec import decode, encode
from smsc.smpp.commands import CommandStatus, PduError
from smsc.smpp.pdu import (
    Bind,
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    DataSm,
    DeliverSm,
    Pdu,
    Request,
    Response,
    Unbind,
    response_class,
)
from smsc.smpp.session import LONGEST_PDU, Answer, Closed, Event, Session, State, Timers
from tests.esme.peer import SECONDS_AT_MOST, Peer
from tests.journeys.server import demo_world

MOST_OUTSTANDING = 20
SECONDS_A_MUTANT = 0.01


def codec(octets: bytes) -> bool:
    """Read octets: they are refused in words, or what they say can be written and read again."""
    try:
        pdu = decode(octets)
    except PduError as error:
        assert error.status is not CommandStatus.ESME_ROK
        assert error.reason
        return False
    written = encode(pdu)
    assert encode(decode(written)) == written
    return True


def pdus(octets: bytes) -> Iterator[Pdu]:
    """Yield the PDUs of what a session has to send; each is whole and can be read."""
    at = 0
    while at < len(octets):
        length = int.from_bytes(octets[at : at + 4], "big")
        yield decode(octets, at, length)
        at += length


class Sessions:
    """One session after another, each used until it is closed by what it was sent."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.now = 0.0
        self.begun = 0
        self.tokens: set[int] = set()
        self.stream = bytearray()
        """All that the session in use was sent."""
        self._begin()

    def _begin(self) -> None:
        self.begun += 1
        self.session = Session(Timers(), self.now)
        self.tokens.clear()
        self.stream.clear()
        start = self.chance.random()
        if start < 0.1:
            self.session.outbind("smsc", "secret")
        elif start < 0.9:
            kind = self.chance.choice((BindTransceiver, BindTransceiver, BindReceiver))
            version = self.chance.choice((0x33, 0x34, 0x50))
            self._receive(encode(kind(1, "fleet", "secret", interface_version=version)))
        self._send()

    def take(self, octets: bytes) -> None:
        """Give octets to a session, in pieces, and do what their receiver would."""
        if self.session.closed:
            self._begin()
        cut = self.chance.randint(0, len(octets))
        self._receive(octets[:cut])
        self._receive(octets[cut:])
        self._deliver()
        self._time()
        self._send()
        assert self.session.outstanding == len(self.tokens) <= MOST_OUTSTANDING
        if self.session.closed:
            left = self.session.close()
            assert set(left) == self.tokens
            assert self.session.outstanding == 0

    def _receive(self, octets: bytes) -> None:
        self.stream += octets
        for event in self.session.receive(octets, self.now):
            self._serve(event)
        assert len(self.session._held) <= LONGEST_PDU

    def _serve(self, event: Event) -> None:
        session = self.session
        if isinstance(event, Closed):
            assert session.closed
        elif isinstance(event, Answer):
            assert isinstance(event.token, int)
            self.tokens.remove(event.token)
            assert event.response is None or isinstance(event.response, Response)
        elif isinstance(event, Bind):
            if session.state is State.BINDING and self.chance.random() < 0.9:
                session.accept(event, "smsc")
            elif session.state is State.BINDING:
                session.refuse(event, CommandStatus.ESME_RINVPASWD)
        elif isinstance(event, Unbind):
            session.part(event)
        else:
            assert isinstance(event, Request)
            session.respond(response_class(event.command_id)(event.sequence_number))

    def _deliver(self) -> None:
        session = self.session
        if session.receives and len(self.tokens) < MOST_OUTSTANDING:
            number = session.next_sequence_number()
            kind = self.chance.choice((DeliverSm, DataSm))
            session.request(kind(number), number, self.now)
            self.tokens.add(number)

    def _time(self) -> None:
        self.now += SECONDS_A_MUTANT * self.chance.choice((0, 1, 1, 1, 100))
        for event in self.session.advance(self.now):
            self._serve(event)

    def _send(self) -> None:
        for pdu in pdus(self.session.octets_to_send()):
            assert isinstance(pdu, Pdu)


class Doors:
    """The SMPP door of a whole SMSC, with a neighbour that must be served whatever happens."""

    def __init__(self, centre: ServiceCentre, neighbour: Peer, failures: list[Any]) -> None:
        self.centre = centre
        self.neighbour = neighbour
        self.failures = failures

    async def take(self, mutants: Iterable[bytes]) -> None:
        """Send mutants from a peer that has bound, and see that the neighbour is served."""
        peer = await Peer.connect(self.centre.smpp_address)
        try:
            await peer.bind(BindTransceiver, "demo", "demo")
            for mutant in mutants:
                peer.write(mutant)
            await peer.ended_after_all_was_sent()
        except ConnectionError:
            # Whoever sends nonsense may be hung up on before all of it was sent.
            pass
        finally:
            await peer.close()
        async with asyncio.timeout(SECONDS_AT_MOST):
            while self.centre.bindings.counts() != {"demo": 1}:
                await self.neighbour.heard()
        assert (await self.neighbour.submit()).command_status == 0
        assert self.failures == []


@asynccontextmanager
async def doors(folder: Path) -> AsyncIterator[Doors]:
    """Open an SMSC with the demo world in a folder, and close it again."""
    failures: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
    centre = ServiceCentre(load(demo_world(folder)))
    await centre.open()
    try:
        neighbour = await Peer.connect(centre.smpp_address)
        # A transmitter: what the mutants have sent to their account is none of its business.
        await neighbour.bind(BindTransmitter, "demo", "demo")
        yield Doors(centre, neighbour, failures)
        await neighbour.close()
    finally:
        await centre.close()
    assert failures == []
