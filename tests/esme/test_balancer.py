"""Behind a balancer: the PROXY header says who a peer is, before SMPP and before TLS."""

import struct
from collections.abc import AsyncIterator
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from smsc.esme.account import Account
from smsc.esme.arrival import Entrance
from smsc.smpp.codec import encode
from smsc.smpp.commands import CommandStatus
from smsc.smpp.pdu import BindTransceiver, BindTransceiverResp, GenericNack
from smsc.store.sqlite import SqliteStore
from tests.esme.authority import Authority
from tests.esme.peer import Peer
from tests.esme.road import Road

SIGNATURE = bytes.fromhex("0D0A0D0A000D0A515549540A")
ACCOUNTS = (
    Account(system_id="fleet", password="secret"),
    Account(system_id="near", password="secret", allow_from=(ip_network("127.0.0.0/8"),)),
    Account(
        system_id="far",
        password="secret",
        allow_from=(ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")),
    ),
)
LOOPBACK = (ip_network("127.0.0.0/8"),)


def header(source: str, more: bytes = b"") -> bytes:
    """Return the header of a connection that was relayed for this source."""
    packed = ip_address(source).packed
    family = 0x11 if len(packed) == 4 else 0x21
    block = packed + packed + struct.pack(">HH", 40000, 2775) + more
    return SIGNATURE + struct.pack(">BBH", 0x21, family, len(block)) + block


LOCAL = SIGNATURE + struct.pack(">BBH", 0x20, 0, 0)


@pytest.fixture
async def road(tmp_path: Path) -> AsyncIterator[Road]:
    """A road whose peers come through a balancer on this machine, in clear and over TLS."""
    encrypted = Authority(tmp_path).entrance()._replace(proxies=LOOPBACK)
    entrances = (
        Entrance("127.0.0.1", 0, None, LOOPBACK),
        encrypted,
        Entrance("127.0.0.1", 0, None, (ip_network("10.0.0.0/8"),)),
    )
    async with Road(SqliteStore(tmp_path / "smsc.db"), ACCOUNTS, entrances) as road:
        yield road


async def relayed(road: Road, octets: bytes, entrance: int = 0) -> Peer:
    peer = await Peer.connect(road.listener.addresses[entrance], header=octets)
    road.peers.append(peer)
    return peer


@pytest.mark.parametrize(
    "octets",
    [
        header("192.0.2.7"),
        header("2001:db8::7"),
        header("::ffff:192.0.2.7"),
        header("192.0.2.7", bytes(500)),
    ],
    ids=["IPv4", "IPv6", "IPv4 in IPv6", "with TLVs"],
)
async def test_a_relayed_peer_is_where_the_header_says(road: Road, octets: bytes) -> None:
    peer = await relayed(road, octets)
    refused = await peer.bind(system_id="near")
    assert refused.command_status == CommandStatus.ESME_RBINDFAIL
    assert (await peer.bind(system_id="far")).command_status == 0


async def test_what_comes_with_the_header_is_not_lost(road: Road) -> None:
    bind = encode(BindTransceiver(1, "far", "secret"))
    peer = await relayed(road, header("192.0.2.7") + bind)
    assert (await peer.expect(BindTransceiverResp)).command_status == 0
    await peer.heard()


async def test_a_header_may_come_an_octet_at_a_time(road: Road) -> None:
    peer = await relayed(road, b"")
    for octet in header("192.0.2.7"):
        peer.write(bytes((octet,)))
        await peer.sent()
        await road.turn()
    assert (await peer.bind(system_id="far")).command_status == 0


async def test_the_balancer_itself_is_where_it_is(road: Road) -> None:
    peer = await relayed(road, LOCAL)
    assert (await peer.bind(system_id="near")).command_status == 0


async def test_a_header_comes_before_tls_too(road: Road, tmp_path: Path) -> None:
    (tmp_path / "client").mkdir()
    authority = Authority(tmp_path / "client")
    context = authority.client()
    context.check_hostname = False
    context.load_verify_locations(tmp_path / "clients.crt")
    peer = await Peer.connect(road.listener.addresses[1], context, header("192.0.2.7"))
    road.peers.append(peer)
    assert (await peer.bind(system_id="far")).command_status == 0


async def test_one_who_is_locked_out_is_so_by_the_address_of_the_header(road: Road) -> None:
    peer = await relayed(road, header("192.0.2.7"))
    for _ in range(5):
        await peer.bind(password="wrong")
    refused = await peer.bind()
    assert refused.command_status == CommandStatus.ESME_RBINDFAIL
    assert road.journal.refused_binds["locked_out"] == 1
    other = await relayed(road, header("192.0.2.8"))
    assert (await other.bind()).command_status == 0


@pytest.mark.parametrize(
    "octets",
    [
        encode(BindTransceiver(1, "fleet", "secret")),
        b"PROXY TCP4 192.0.2.7 192.0.2.1 40000 2775\r\n",
        header("192.0.2.7")[:14] + b"\xff\xff",
        header("192.0.2.7")[:13] + b"\x12" + header("192.0.2.7")[14:],
        SIGNATURE + struct.pack(">BBH", 0x21, 0x11, 4) + bytes(4),
    ],
    ids=["none", "version 1", "too long", "UDP", "cut off"],
)
async def test_a_balancer_that_says_no_proper_header_is_cut(road: Road, octets: bytes) -> None:
    peer = await relayed(road, octets)
    assert await peer.ended() == []
    await road.until(lambda: not road.door.arriving)
    assert not road.door.connections


async def test_a_header_that_never_ends_is_cut_when_it_is_time_to_bind(road: Road) -> None:
    peer = await relayed(road, header("192.0.2.7")[:20])
    await road.until(lambda: len(road.door.arriving) == 1)
    road.clock.advance(5)
    assert await peer.ended() == []


async def test_a_balancer_that_hangs_up_is_forgotten(road: Road) -> None:
    peer = await relayed(road, header("192.0.2.7")[:20])
    await road.until(lambda: len(road.door.arriving) == 1)
    peer.hang_up()
    await road.until(lambda: not road.door.arriving)


async def test_one_who_is_no_balancer_needs_no_header_and_is_believed_none(road: Road) -> None:
    peer = await relayed(road, b"", entrance=2)
    assert (await peer.bind(system_id="near")).command_status == 0
    liar = await relayed(road, header("192.0.2.7"), entrance=2)
    assert await liar.ended() == [GenericNack(0, CommandStatus.ESME_RINVCMDLEN)]
