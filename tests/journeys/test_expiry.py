"""Messages that expire, by a clock that stands until the test moves it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from smsc.centre import ServiceCentre
from smsc.clock import SimulatedClock
from smsc.config import load
from smsc.message import State
from smsc.smpp import receipt
from smsc.smpp.pdu import (
    Bind,
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    Pdu,
    SubmitSm,
    SubmitSmResp,
)
from smsc.smpp.times import format_absolute
from tests.esme.peer import Peer
from tests.journeys.server import DETACHED, demo_world

HOUR = 3600.0
ENQUIRE_LINK_TIMER = 30.0
ONE_HOUR = "000000010000000R"
MEMORY_FULL = "491700000003"


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock()


@pytest.fixture
async def centre(tmp_path: Path, clock: SimulatedClock) -> AsyncIterator[ServiceCentre]:
    centre = ServiceCentre(load(demo_world(tmp_path)), clock)
    await centre.open()
    yield centre
    await centre.close()


@asynccontextmanager
async def bound(centre: ServiceCentre, kind: type[Bind]) -> AsyncIterator[Peer]:
    """Bind, and hang up in the end: by a clock that stands, nobody is waited for in vain."""
    peer = await Peer.connect(centre.smpp_address)
    try:
        assert (await peer.bind(kind, "demo", "demo")).command_status == 0
        yield peer
    finally:
        await peer.close()


async def _submit(peer: Peer, to: str, validity_period: str) -> str:
    pdu = SubmitSm(
        peer.number(),
        destination_addr=to,
        validity_period=validity_period,
        registered_delivery=1,
        short_message=b"soon or never",
    )
    peer.send(pdu)
    answer = await peer.expect(SubmitSmResp)
    assert answer.command_status == 0
    return answer.message_id


def _told(pdu: Pdu) -> receipt.Receipt:
    assert isinstance(pdu, DeliverSm)
    return receipt.decode(pdu.short_message)


async def _take_receipt(peer: Peer) -> receipt.Receipt:
    pdu = await peer.read()
    peer.send(DeliverSmResp(pdu.sequence_number))
    return _told(pdu)


async def _state(centre: ServiceCentre, message_id: str) -> State:
    await centre.ledger.written()
    history = await centre.store.history(int(message_id))
    assert history is not None
    return history.state


@pytest.mark.parametrize("absolute", [False, True], ids=["relative", "absolute"])
async def test_a_message_whose_time_runs_out_is_receipted_as_expired_to_whoever_binds_next(
    centre: ServiceCentre, clock: SimulatedClock, absolute: bool
) -> None:
    in_an_hour = format_absolute(clock.now() + int(HOUR * 1000)) if absolute else ONE_HOUR
    async with bound(centre, BindTransmitter) as transmitter:
        message_id = await _submit(transmitter, DETACHED, in_an_hour)

    clock.advance(HOUR - 1)
    assert await _state(centre, message_id) is State.ENROUTE
    clock.advance(1)
    async with bound(centre, BindReceiver) as receiver:
        told = await _take_receipt(receiver)
    assert (told.id, told.stat, told.dlvrd) == (message_id, "EXPIRED", 0)
    assert told.done_date_ms - told.submit_date_ms == HOUR * 1000
    assert await _state(centre, message_id) is State.EXPIRED


@pytest.mark.parametrize("to", [DETACHED, MEMORY_FULL])
async def test_an_application_that_stays_bound_hears_of_it_when_the_hour_is_over(
    centre: ServiceCentre, clock: SimulatedClock, to: str
) -> None:
    async with bound(centre, BindTransceiver) as peer:
        message_id = await _submit(peer, to, ONE_HOUR)
        for _ in range(int(HOUR / ENQUIRE_LINK_TIMER) - 1):
            clock.advance(ENQUIRE_LINK_TIMER)
            await peer.is_enquired()
        clock.advance(ENQUIRE_LINK_TIMER)
        pdus = {type(pdu): pdu for pdu in [await peer.read(), await peer.read()]}
    assert pdus.keys() == {EnquireLink, DeliverSm}
    told = _told(pdus[DeliverSm])
    assert (told.id, told.stat) == (message_id, "EXPIRED")


async def test_a_device_that_attaches_after_the_hour_does_not_get_the_message(
    centre: ServiceCentre, clock: SimulatedClock
) -> None:
    async with bound(centre, BindTransmitter) as transmitter:
        late = await _submit(transmitter, DETACHED, ONE_HOUR)
        in_time = await _submit(transmitter, DETACHED, "000000020000000R")

    clock.advance(HOUR)
    centre.hlr.attach(DETACHED)
    async with bound(centre, BindReceiver) as receiver:
        told = [await _take_receipt(receiver) for _ in range(2)]
    assert {each.id: each.stat for each in told} == {late: "EXPIRED", in_time: "DELIVRD"}
    device = centre.devices.find(DETACHED)
    assert device is not None
    assert device.received == 1
