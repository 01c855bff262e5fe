"""TLS: who gets through the handshake, who binds with which certificate, and what is cut off."""

import asyncio
import errno
import socket
import ssl
import warnings
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from smsc.esme import connection
from smsc.esme.account import Account
from smsc.esme.arrival import SECONDS_WITHOUT_SOCKETS, Entrance
from smsc.smpp.codec import encode
from smsc.smpp.commands import CommandStatus
from smsc.smpp.pdu import (
    BindTransceiver,
    BindTransceiverResp,
    EnquireLink,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from smsc.store.sqlite import SqliteStore
from tests.esme.authority import Authority
from tests.esme.peer import Peer
from tests.esme.road import Road, transport_of

ACCOUNTS = (
    Account(system_id="fleet", password="secret", addresses=("1234",)),
    Account(system_id="named", password="secret", certificate="esme.example"),
)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
async def road(tmp_path: Path, authority: Authority) -> AsyncIterator[Road]:
    """A road with a plain entrance, and one for TLS."""
    entrances = (Entrance("127.0.0.1", 0), authority.entrance())
    async with Road(SqliteStore(tmp_path / "smsc.db"), ACCOUNTS, entrances) as road:
        yield road


async def encrypted(road: Road, context: ssl.SSLContext) -> Peer:
    """Return a peer that is through the handshake, as far as it can tell."""
    peer = await Peer.connect(road.listener.addresses[1], context)
    road.peers.append(peer)
    return peer


async def test_a_peer_binds_and_submits_over_tls(road: Road, authority: Authority) -> None:
    peer = await encrypted(road, authority.client())
    assert (await peer.bind()).command_status == 0
    assert (await peer.submit(b"hello")).command_status == 0
    await road.until(lambda: road.inbox() == [b"hello"])
    peer.send(Unbind(9))
    assert await peer.ended() == [UnbindResp(9)]


async def test_a_bind_that_comes_with_the_end_of_the_handshake_is_not_lost(
    road: Road, authority: Authority
) -> None:
    peers = []
    for _ in range(5):
        peer = await encrypted(road, authority.client())
        peer.send(BindTransceiver(1, "fleet", "secret"))
        peers.append(peer)
    for peer in peers:
        assert (await peer.expect(BindTransceiverResp)).command_status == 0


async def test_much_that_is_submitted_at_once_over_tls_is_answered(
    road: Road, authority: Authority
) -> None:
    peer = await encrypted(road, authority.client())
    await peer.bind()
    peer.send(*(peer.submit_sm(b"x" * 150) for _ in range(900)))
    for _ in range(900):
        assert (await peer.expect(SubmitSmResp)).command_status == 0


@pytest.mark.parametrize(
    ("names", "common_name"),
    [(("esme.example",), None), (("ESME.Example",), None), (("other",), "esme.example")],
    ids=["DNS", "DNS in capitals", "common name"],
)
async def test_an_account_with_a_certificate_binds_with_it(
    road: Road, authority: Authority, names: tuple[str, ...], common_name: str | None
) -> None:
    peer = await encrypted(road, authority.client(*names, common_name=common_name))
    assert (await peer.bind(system_id="named")).command_status == 0


async def test_with_another_certificate_or_none_or_without_tls_it_does_not(
    road: Road, authority: Authority
) -> None:
    others = [
        await encrypted(road, authority.client("other.example")),
        await encrypted(road, authority.client()),
        await road.peer(),
    ]
    for peer in others:
        refused = await peer.bind(system_id="named")
        assert refused.command_status == CommandStatus.ESME_RBINDFAIL
    assert road.journal.refused_binds == {"wrong_certificate": 3}


async def test_a_certificate_that_is_not_asked_for_does_no_harm(
    road: Road, authority: Authority
) -> None:
    peer = await encrypted(road, authority.client("other.example"))
    assert (await peer.bind()).command_status == 0


async def test_a_certificate_of_another_authority_is_shown_out(
    road: Road, authority: Authority, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other").client("esme.example")
    stranger.load_verify_locations(authority.client_ca)
    with pytest.raises((ConnectionError, ssl.SSLError, asyncio.IncompleteReadError)):
        peer = await encrypted(road, stranger)
        await peer.bind(system_id="named")
    await road.until(lambda: not road.door.arriving)
    assert road.bindings.counts() == {}


async def test_nothing_older_than_tls_1_2_gets_in(road: Road, authority: Authority) -> None:
    old = authority.client()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises((ConnectionError, ssl.SSLError)):
        await encrypted(road, old)
    await road.until(lambda: not road.door.arriving)


async def test_one_who_speaks_smpp_without_tls_is_hung_up_on(road: Road) -> None:
    peer = await Peer.connect(road.listener.addresses[1])
    road.peers.append(peer)
    peer.write(encode(BindTransceiver(1, "fleet", "secret")))
    await peer.shown_out()
    await road.until(lambda: not road.door.arriving)
    assert road.bindings.counts() == {}


async def test_one_who_says_nothing_is_cut_when_it_is_time_to_bind(road: Road) -> None:
    peer = await Peer.connect(road.listener.addresses[1])
    road.peers.append(peer)
    await road.until(lambda: len(road.door.arriving) == 1)
    road.clock.advance(5)
    assert await peer.ended() == []
    await road.until(lambda: not road.door.arriving)


async def test_one_who_hangs_up_in_the_handshake_is_forgotten(road: Road) -> None:
    peer = await Peer.connect(road.listener.addresses[1])
    await road.until(lambda: len(road.door.arriving) == 1)
    await peer.close()
    await road.until(lambda: not road.door.arriving)
    assert not road.door.connections


async def test_when_no_socket_is_left_it_is_tried_again_in_a_while(
    road: Road, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    right, failed = loop.sock_accept, asyncio.Event()

    async def accept(listening: socket.socket) -> tuple[socket.socket, Any]:
        if failed.is_set():
            return await right(listening)
        failed.set()
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(loop, "sock_accept", accept)
    # The call that is under way is of the old kind.
    assert (await (await encrypted(road, authority.client())).bind()).command_status == 0
    await failed.wait()
    later = asyncio.create_task(encrypted(road, authority.client()))
    await road.turn()
    road.clock.advance(SECONDS_WITHOUT_SOCKETS)
    assert (await (await later).bind()).command_status == 0


async def test_those_in_the_handshake_count_among_the_connections(
    road: Road, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CONNECTIONS", 1)
    first = await Peer.connect(road.listener.addresses[1])
    road.peers.append(first)
    await road.until(lambda: len(road.door.arriving) == 1)
    assert await (await road.peer()).ended() == []


async def test_those_in_the_handshake_are_cut_when_we_close(road: Road) -> None:
    peer = await Peer.connect(road.listener.addresses[1])
    road.peers.append(peer)
    await road.until(lambda: len(road.door.arriving) == 1)
    await road.listener.close(5)
    assert await peer.ended() == []


async def test_a_peer_over_tls_that_does_not_read_is_no_longer_read_from(
    road: Road, authority: Authority
) -> None:
    peer = await encrypted(road, authority.client())
    await peer.bind()
    (connection,) = road.door.connections
    transport = transport_of(connection)
    assert transport.is_reading()
    connection.pause_writing()
    assert not transport.is_reading()
    connection.resume_writing()
    assert transport.is_reading()
    peer.send(EnquireLink(7))
    await peer.read()
