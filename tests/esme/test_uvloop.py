"""The loop that a server runs on has a TLS and a way to read of its own: the same holds there."""

import asyncio
from collections.abc import Awaitable, Callable
from ipaddress import ip_network
from pathlib import Path

import pytest
import uvloop

from smsc.smpp.codec import encode
from smsc.smpp.pdu import BindTransceiver, BindTransceiverResp, Unbind, UnbindResp
from smsc.store.sqlite import SqliteStore
from tests.esme.authority import Authority
from tests.esme.peer import Peer
from tests.esme.road import Road
from tests.esme.test_balancer import ACCOUNTS, header

Scenario = Callable[[Road, Authority], Awaitable[None]]


def played(scenario: Scenario, folder: Path) -> None:
    """Play a scenario on uvloop: the first entrance is for balancers, the others for TLS."""

    async def play() -> None:
        authority = Authority(folder)
        encrypted = authority.entrance()
        relayed = encrypted._replace(proxies=(ip_network("127.0.0.0/8"),))
        entrances = (relayed._replace(context=None), encrypted, relayed)
        async with Road(SqliteStore(folder / "smsc.db"), ACCOUNTS, entrances) as road:
            await scenario(road, authority)

    uvloop.run(play())


async def relayed_in_one_go(road: Road, authority: Authority) -> None:
    """A header and a bind in one segment."""
    bind = encode(BindTransceiver(1, "far", "secret"))
    peer = await Peer.connect(road.listener.addresses[0], header=header("192.0.2.7") + bind)
    road.peers.append(peer)
    assert (await peer.expect(BindTransceiverResp)).command_status == 0
    await peer.heard()


async def relayed_in_pieces(road: Road, authority: Authority) -> None:
    """A header an octet at a time."""
    peer = await Peer.connect(road.listener.addresses[0])
    road.peers.append(peer)
    for octet in header("2001:db8::7"):
        peer.write(bytes((octet,)))
        await peer.sent()
        await road.turn()
    assert (await peer.bind(system_id="far")).command_status == 0


async def relayed_wrongly(road: Road, authority: Authority) -> None:
    """No header where one is due."""
    peer = await Peer.connect(road.listener.addresses[0])
    road.peers.append(peer)
    peer.write(encode(BindTransceiver(1, "far", "secret")))
    assert await peer.ended() == []


async def encrypted(road: Road, authority: Authority) -> None:
    """A session over TLS, behind a header or not."""
    for entrance, said, name in ((1, b"", "near"), (2, header("192.0.2.7"), "far")):
        address = road.listener.addresses[entrance]
        peer = await Peer.connect(address, authority.client(), said)
        road.peers.append(peer)
        assert (await peer.bind(system_id=name)).command_status == 0
        peer.send(*(peer.submit_sm() for _ in range(500)))
        for _ in range(500):
            await peer.read()
        peer.send(Unbind(9))
        assert await peer.ended() == [UnbindResp(9)]


async def silent(road: Road, authority: Authority) -> None:
    """Peers that never begin their handshake: one hangs up, the other is hung up on."""
    peers = [await Peer.connect(road.listener.addresses[1]) for _ in range(2)]
    await road.until(lambda: len(road.door.arriving) == 2)
    await peers[0].close()
    await road.until(lambda: len(road.door.arriving) == 1)
    road.clock.advance(5)
    assert await peers[1].ended() == []
    await road.until(lambda: not road.door.arriving)
    await peers[1].close()
    assert not road.door.connections


async def broken_off(road: Road, authority: Authority) -> None:
    """A peer that sends what is no TLS."""
    peer = await Peer.connect(road.listener.addresses[1])
    peer.write(encode(BindTransceiver(1, "fleet", "secret")))
    await peer.shown_out()
    await peer.close()
    await road.until(lambda: not road.door.arriving)
    assert not road.door.connections


async def closing(road: Road, authority: Authority) -> None:
    """Peers in the handshake, and in a session over TLS, when we close."""
    arriving = await Peer.connect(road.listener.addresses[1])
    peer = await Peer.connect(road.listener.addresses[1], authority.client())
    road.peers += (arriving, peer)
    await peer.bind()
    closing = asyncio.create_task(road.listener.close(5))
    assert await arriving.ended() == []
    unbind = await peer.expect(Unbind)
    peer.send(UnbindResp(unbind.sequence_number))
    assert await peer.ended() == []
    await closing


@pytest.mark.parametrize(
    "scenario",
    [
        relayed_in_one_go,
        relayed_in_pieces,
        relayed_wrongly,
        encrypted,
        silent,
        broken_off,
        closing,
    ],
    ids=lambda scenario: str(scenario.__name__),
)
def test_on_uvloop_it_is_the_same(scenario: Scenario, tmp_path: Path) -> None:
    played(scenario, tmp_path)
