"""Outbind: an ESME that listens is called when messages wait for it, and only then."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from smsc.esme.account import Account
from smsc.esme.outbind import FIRST_WAIT, LONGEST_WAIT, Outbinders
from smsc.message import State, to_account
from smsc.smpp.commands import CommandStatus
from smsc.smpp.pdu import (
    Bind,
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    DeliverSm,
    DeliverSmResp,
    Outbind,
    Unbind,
    UnbindResp,
)
from smsc.store.sqlite import SqliteStore
from smsc.store.store import StoreError
from tests.esme.peer import SECONDS_AT_MOST, Peer
from tests.esme.road import Road


class Esme:
    """An ESME that listens for calls."""

    def __init__(self) -> None:
        self.calls: asyncio.Queue[Peer] = asyncio.Queue()
        self._peers: list[Peer] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self.socket.getsockname()[:2]

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._called, sock=self.socket)

    async def _called(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(reader, writer)
        self._peers.append(peer)
        self.calls.put_nowait(peer)

    async def called(self) -> Peer:
        """Return the next call, once it has said outbind."""
        async with asyncio.timeout(SECONDS_AT_MOST):
            peer = await self.calls.get()
        assert await peer.expect(Outbind) == Outbind(1, "smsc", "letmein")
        return peer

    def stop(self) -> None:
        """Listen no more."""
        self._server.close()

    async def close(self) -> None:
        self._server.close()
        for peer in self._peers:
            await peer.close()


class Calling:
    """A road to an account that wants to be called, and the ESME behind it."""

    def __init__(self, road: Road, esme: Esme, account: Account) -> None:
        self.road = road
        self.esme = esme
        self.asked = 0
        self.broken = False
        self.outbinders = Outbinders(road.door, [account], self._waits, chance=lambda: 1.0)
        road.bindings.missed = self.outbinders.missed

    async def _waits(self, account: str) -> bool:
        self.asked += 1
        if self.broken:
            raise StoreError("no disk")
        await self.road.ledger.written()
        queue = to_account(account)
        places = await self.road.store.waiting([queue], 1, self.road.clock.now(), False)
        return bool(places[queue])

    async def considered(self, times: int) -> None:
        """Wait until it has been looked so often in all whether something waits."""
        await self.road.until(lambda: self.asked >= times)

    async def passed(self, seconds: float) -> None:
        """Let time pass, and everything happen that comes of it."""
        self.road.clock.advance(seconds)
        for _ in range(20):
            await self.road.turn()

    async def received(self, peer: Peer, kind: type[Bind] = BindReceiver) -> bytes:
        """Bind as asked, and return what is delivered then."""
        peer.send(kind(peer.number(), "fleet", "secret"))
        answer = await peer.read()
        assert getattr(answer, "command_status", None) == 0
        pdu = await peer.expect(DeliverSm)
        peer.send(DeliverSmResp(pdu.sequence_number))
        return pdu.short_message


@pytest.fixture
async def calling(tmp_path: Path) -> AsyncIterator[Calling]:
    esme = Esme()
    account = Account(
        system_id="fleet",
        password="secret",
        addresses=("1234",),
        outbind=esme.address,
        outbind_password="letmein",
    )
    async with Road(SqliteStore(tmp_path / "smsc.db"), [account]) as road:
        calling = Calling(road, esme, account)
        await esme.listen()
        calling.outbinders.open()
        yield calling
        await calling.outbinders.close()
        await esme.close()


@pytest.mark.parametrize("kind", [BindReceiver, BindTransceiver])
async def test_it_is_called_when_a_message_waits_and_gets_it(
    calling: Calling, kind: type[Bind]
) -> None:
    message_id = await calling.road.device_sends(b"hello")
    peer = await calling.esme.called()
    assert await calling.received(peer, kind) == b"hello"
    await calling.road.until(lambda: calling.road.scheduler.waiting == 0)
    assert await calling.road.state(message_id) is State.DELIVERED


async def test_it_is_not_called_while_nothing_waits(calling: Calling) -> None:
    calling.outbinders.missed("fleet")
    await calling.considered(1)
    await calling.passed(LONGEST_WAIT)
    assert calling.esme.calls.empty()


async def test_one_who_is_bound_already_is_not_called(calling: Calling) -> None:
    peer = await calling.road.bound(BindReceiver)
    await calling.road.device_sends(b"hello")
    pdu = await peer.expect(DeliverSm)
    peer.send(DeliverSmResp(pdu.sequence_number))
    await peer.heard()
    await calling.passed(FIRST_WAIT)
    assert calling.esme.calls.empty()


async def test_a_transmitter_alone_is_not_enough(calling: Calling) -> None:
    await calling.road.bound(BindTransmitter)
    await calling.road.device_sends(b"hello")
    assert await calling.received(await calling.esme.called()) == b"hello"


async def test_there_is_one_call_at_a_time(calling: Calling) -> None:
    for _ in range(5):
        await calling.road.device_sends(b"hello")
    peer = await calling.esme.called()
    await calling.passed(4)
    assert calling.esme.calls.empty()
    assert await calling.received(peer) == b"hello"


async def test_one_who_does_not_bind_is_called_again_after_a_while(calling: Calling) -> None:
    await calling.road.device_sends(b"hello")
    first = await calling.esme.called()
    calling.road.clock.advance(5)
    assert await first.ended() == []
    await calling.passed(0)
    assert calling.esme.calls.empty()
    await calling.passed(FIRST_WAIT)
    assert await calling.received(await calling.esme.called()) == b"hello"


async def test_the_time_between_calls_grows_to_a_longest_one(calling: Calling) -> None:
    await calling.road.device_sends(b"hello")
    waits, wait = [], FIRST_WAIT
    peer = await calling.esme.called()
    for _ in range(11):
        await peer.close()
        await calling.passed(0)
        await calling.passed(wait - 0.01)
        assert calling.esme.calls.empty()
        await calling.passed(0.01)
        peer = await calling.esme.called()
        waits.append(wait)
        wait = min(wait * 2, LONGEST_WAIT)
    assert waits[-1] == LONGEST_WAIT


async def test_it_is_not_called_again_when_what_waited_is_no_more(calling: Calling) -> None:
    await calling.road.device_sends(b"hello")
    peer = await calling.esme.called()
    calling.esme.stop()
    await peer.close()
    await calling.passed(0)
    await calling.passed(25 * 3600)
    await calling.road.until(lambda: calling.road.scheduler.waiting == 0)
    await calling.passed(LONGEST_WAIT)
    asked = calling.asked
    await calling.passed(LONGEST_WAIT)
    assert calling.asked == asked


async def test_what_it_left_unanswered_has_it_called_again(calling: Calling) -> None:
    await calling.road.device_sends(b"hello")
    peer = await calling.esme.called()
    peer.send(BindReceiver(1, "fleet", "secret"))
    await peer.read()
    await peer.expect(DeliverSm)
    await peer.close()
    await calling.passed(0)
    await calling.passed(FIRST_WAIT)
    assert await calling.received(await calling.esme.called()) == b"hello"


async def test_one_who_unbinds_when_all_is_delivered_is_called_for_the_next_message(
    calling: Calling,
) -> None:
    for text in (b"first", b"second", b"third"):
        await calling.road.device_sends(text)
        await calling.passed(FIRST_WAIT)
        peer = await calling.esme.called()
        assert await calling.received(peer) == text
        peer.send(Unbind(9))
        assert await peer.ended() == [UnbindResp(9)]
        await calling.road.until(lambda: not calling.road.door.connections)


async def test_a_wrong_bind_on_such_a_connection_is_refused_like_any_other(
    calling: Calling,
) -> None:
    await calling.road.device_sends(b"hello")
    peer = await calling.esme.called()
    refused = await peer.bind(BindReceiver, password="wrong")
    assert refused.command_status == CommandStatus.ESME_RINVPASWD
    assert await calling.received(peer) == b"hello"


async def test_one_whose_line_is_dead_is_called_when_it_is_back(tmp_path: Path) -> None:
    esme = Esme()
    esme.socket.close()
    account = Account(
        system_id="fleet",
        password="secret",
        addresses=("1234",),
        outbind=esme.address,
        outbind_password="letmein",
    )
    async with Road(SqliteStore(tmp_path / "smsc.db"), [account]) as road:
        calling = Calling(road, esme, account)
        calling.outbinders.open()
        await road.device_sends(b"hello")
        await calling.considered(2)
        await calling.passed(0)
        esme.socket = socket.create_server(esme.address)
        await esme.listen()
        await calling.passed(FIRST_WAIT)
        assert await calling.received(await esme.called()) == b"hello"
        await calling.outbinders.close()
        await esme.close()


async def test_a_store_that_cannot_be_read_is_asked_again(calling: Calling) -> None:
    calling.broken = True
    await calling.road.device_sends(b"hello")
    await calling.considered(1)
    await calling.passed(0)
    assert calling.esme.calls.empty()
    calling.broken = False
    await calling.passed(FIRST_WAIT)
    assert await calling.received(await calling.esme.called()) == b"hello"


async def test_accounts_without_it_are_called_nowhere(calling: Calling) -> None:
    calling.outbinders.missed("other")
    await calling.passed(FIRST_WAIT)
    assert calling.asked == 0
