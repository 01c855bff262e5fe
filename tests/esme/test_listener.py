"""The listener: who gets in, who is turned away, and who is shown out."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from smsc.esme import connection
from smsc.esme.account import Account
from smsc.smpp.codec import encode
from smsc.smpp.commands import CommandStatus
from smsc.smpp.pdu import (
    Bind,
    BindReceiver,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    DataSm,
    DataSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Unbind,
    UnbindResp,
    response_class,
)
from smsc.smpp.session import Session
from smsc.smpp.tlv import Tag, Tlv
from smsc.store.sqlite import SqliteStore
from tests.esme.road import Road

LIMITED = (
    Account(
        system_id="limited",
        password="secret",
        max_transmitters=1,
        max_receivers=1,
        max_transceivers=1,
    ),
    Account(system_id="receiver", password="secret", max_transceivers=0, max_transmitters=0),
)
BINDS = [BindReceiver, BindTransmitter, BindTransceiver]
LOST_FRAME = bytes(16)


@pytest.fixture
async def limited_road(tmp_path: Path) -> AsyncIterator[Road]:
    """A road to accounts that may not bind in any way they like."""
    async with Road(SqliteStore(tmp_path / "smsc.db"), LIMITED) as road:
        yield road


# Getting in.


@pytest.mark.parametrize("kind", BINDS)
async def test_with_the_right_password_a_peer_is_bound(road: Road, kind: type[Bind]) -> None:
    peer = await road.peer()
    answer = await peer.bind(kind)
    assert type(answer) is response_class(kind.command_id)
    assert (answer.command_status, answer.system_id) == (0, "smsc")
    assert road.bindings.counts() == {"fleet": 1}


@pytest.mark.parametrize("version", [0x00, 0x33, 0x34, 0x50])
async def test_only_a_peer_that_knows_tlvs_is_told_our_version(road: Road, version: int) -> None:
    answer = await (await road.peer()).bind(version=version)
    expected = (Tlv(Tag.sc_interface_version, 0x50),) if version >= 0x34 else ()
    assert answer.tlvs == expected


@pytest.mark.parametrize(
    ("system_id", "password", "status", "reason"),
    [
        ("fleet", "wrong", CommandStatus.ESME_RINVPASWD, "wrong_password"),
        ("fleet", "", CommandStatus.ESME_RINVPASWD, "wrong_password"),
        ("nobody", "secret", CommandStatus.ESME_RINVSYSID, "unknown_system_id"),
        ("faraway", "secret", CommandStatus.ESME_RBINDFAIL, "address_not_allowed"),
    ],
)
async def test_a_bind_is_refused_with_its_status_and_counted(
    road: Road, system_id: str, password: str, status: CommandStatus, reason: str
) -> None:
    peer = await road.peer()
    answer = await peer.bind(BindTransceiver, system_id, password)
    assert answer == BindTransceiverResp(1, status)
    assert road.journal.refused_binds == {reason: 1}
    assert road.bindings.counts() == {}


async def test_who_was_refused_may_try_again_on_the_same_connection(road: Road) -> None:
    peer = await road.peer()
    await peer.bind(password="wrong")
    assert (await peer.bind()).command_status == 0
    assert (await peer.submit()).command_status == 0


async def test_an_account_has_no_more_than_its_binds(road: Road) -> None:
    peers = [await road.bound(kind) for kind in BINDS]
    late = await road.peer()
    assert (await late.bind()).command_status == CommandStatus.ESME_RBINDFAIL
    assert road.journal.refused_binds == {"max_binds": 1}
    peers[0].send(Unbind(9))
    await peers[0].ended()
    assert (await late.bind()).command_status == 0


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (BindTransmitter, "max_transmitters"),
        (BindReceiver, "max_receivers"),
        (BindTransceiver, "max_transceivers"),
    ],
)
async def test_an_account_has_no_more_binds_of_a_kind_than_it_may(
    limited_road: Road, kind: type[Bind], reason: str
) -> None:
    road = limited_road
    first = await road.bound(kind, "limited")
    late = await road.peer()
    assert (await late.bind(kind, "limited")).command_status == CommandStatus.ESME_RBINDFAIL
    assert road.journal.refused_binds == {reason: 1}
    for other in set(BINDS) - {kind}:
        await road.bound(other, "limited")
    first.send(Unbind(9))
    await first.ended()
    assert (await late.bind(kind, "limited")).command_status == 0


async def test_a_kind_of_bind_may_be_forbidden(limited_road: Road) -> None:
    peer = await limited_road.peer()
    refused = await peer.bind(BindTransceiver, "receiver")
    assert refused.command_status == CommandStatus.ESME_RBINDFAIL
    assert (await peer.bind(BindReceiver, "receiver")).command_status == 0


async def test_a_name_that_no_account_has_is_not_logged(road: Road) -> None:
    peer = await road.peer()
    with capture_logs() as log:
        await peer.bind(system_id="hunter2")
    (line,) = log
    assert (line["event"], line["account"]) == ("bind_refused", "")


async def test_one_who_tries_passwords_is_locked_out_and_the_account_is_not(road: Road) -> None:
    await road.bound()
    thief = await road.peer()
    with capture_logs() as log:
        for _ in range(5):
            assert (await thief.bind(password="x")).command_status == CommandStatus.ESME_RINVPASWD
        refused = await thief.bind()
    told = [(each["event"], each["account"]) for each in log]
    assert told == [("bind_refused", "fleet")] * 4 + [
        ("locked_out", "fleet"),
        ("bind_refused", "fleet"),
    ]
    assert refused.command_status == CommandStatus.ESME_RBINDFAIL
    assert road.journal.refused_binds == {"wrong_password": 5, "locked_out": 1}
    assert (await thief.bind(system_id="other")).command_status == 0
    road.clock.advance(10)
    assert (await (await road.peer()).bind()).command_status == 0


async def test_the_binds_of_one_account_take_none_from_another(road: Road) -> None:
    for _ in range(3):
        await road.bound()
    await road.bound(system_id="other")
    assert road.bindings.counts() == {"fleet": 3, "other": 1}


async def test_a_second_bind_is_refused_and_the_first_one_stands(road: Road) -> None:
    peer = await road.bound()
    answer = await peer.bind(system_id="other")
    assert answer.command_status == CommandStatus.ESME_RALYBND
    assert road.bindings.counts() == {"fleet": 1}
    assert (await peer.submit()).command_status == 0


async def test_one_connection_too_many_is_cut(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "CONNECTIONS", 1)
    first = await road.bound()
    second = await road.peer()
    assert await second.ended() == []
    await first.heard()


async def test_who_comes_while_we_close_is_cut(road: Road) -> None:
    road.door.closing = True
    assert await (await road.peer()).ended() == []


async def test_a_bind_and_a_lost_frame_in_one_go_bind_nobody(road: Road) -> None:
    woken: list[str] = []
    road.bindings.wake = woken.append
    peer = await road.peer()
    peer.write(encode(BindTransceiver(1, "fleet", "secret")) + LOST_FRAME)
    assert await peer.ended() == [GenericNack(0, CommandStatus.ESME_RINVCMDLEN)]
    assert woken == []


async def test_a_wrong_bind_and_a_lost_frame_in_one_go_do_not_open_the_session_again(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Bind] = []
    monkeypatch.setattr(Session, "refuse", lambda session, bind, status: opened.append(bind))
    peer = await road.peer()
    peer.write(encode(BindTransceiver(1, "fleet", "wrong")) + LOST_FRAME)
    assert await peer.ended() == [GenericNack(0, CommandStatus.ESME_RINVCMDLEN)]
    assert opened == []


async def test_who_hangs_up_while_the_password_is_verified_is_not_bound(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, never = asyncio.Event(), asyncio.Event()

    async def authenticate(
        system_id: str, password: str, host: str, names: frozenset[str]
    ) -> Account:
        asked.set()
        await never.wait()
        raise AssertionError

    monkeypatch.setattr(road.door.accounts, "authenticate", authenticate)
    peer = await road.peer()
    peer.send(BindTransceiver(1, "fleet", "secret"))
    await asked.wait()
    connection = road.connection(peer)
    peer.hang_up()
    await road.forgotten(connection)
    assert road.bindings.counts() == {}


async def test_one_whose_password_takes_long_to_verify_is_not_hung_up_on(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, may_go = asyncio.Event(), asyncio.Event()
    right = road.door.accounts.authenticate

    async def authenticate(
        system_id: str, password: str, host: str, names: frozenset[str]
    ) -> Account:
        asked.set()
        await may_go.wait()
        return await right(system_id, password, host, names)

    monkeypatch.setattr(road.door.accounts, "authenticate", authenticate)
    peer, wrong = await road.peer(), await road.peer()
    peer.send(BindTransceiver(1, "fleet", "secret"))
    wrong.send(BindTransceiver(1, "fleet", "wrong"))
    await asked.wait()
    road.clock.advance(20)
    may_go.set()
    assert (await peer.expect(BindTransceiverResp)).command_status == 0
    assert (await wrong.expect(BindTransceiverResp)).command_status != 0
    road.clock.advance(0.5)
    assert await wrong.ended() == []


async def test_a_bind_that_fails_by_a_fault_of_ours_is_cut(road: Road) -> None:
    road.door.system_id = "longer than fifteen octets"
    peer = await road.peer()
    peer.send(BindTransceiver(1, "fleet", "secret"))
    assert await peer.ended() == []
    assert road.bindings.counts() == {}


# Being there.


async def test_what_we_do_not_do_is_answered_by_its_own_response(road: Road) -> None:
    road.door.operations = {}
    peer = await road.bound()
    peer.send(DataSm(7))
    assert await peer.read() == DataSmResp(7, CommandStatus.ESME_RINVCMDID)
    await peer.heard()


async def test_a_peer_that_asks_whether_we_are_there_is_told(road: Road) -> None:
    peer = await road.peer()
    peer.send(EnquireLink(7))
    assert await peer.read() == EnquireLinkResp(7)


async def test_a_quiet_peer_is_asked_and_stays_if_it_answers(road: Road) -> None:
    peer = await road.bound()
    for _ in range(3):
        road.clock.advance(30)
        await peer.is_enquired()
    assert road.bindings.counts() == {"fleet": 1}


# Being shown out.


async def test_who_does_not_bind_in_time_is_hung_up_on(road: Road) -> None:
    peer = await road.peer()
    await peer.heard()
    road.clock.advance(5)
    assert await peer.ended() == []


async def test_who_is_refused_gains_no_time(road: Road) -> None:
    peer = await road.peer()
    await peer.bind(password="wrong")
    road.clock.advance(5)
    assert await peer.ended() == []


async def test_a_peer_that_does_not_answer_is_hung_up_on(road: Road) -> None:
    peer = await road.bound()
    road.clock.advance(30)
    await peer.expect(EnquireLink)
    road.clock.advance(9.9)
    assert road.bindings.counts() == {"fleet": 1}
    road.clock.advance(0.1)
    assert await peer.ended() == []
    assert road.bindings.counts() == {}


async def test_a_lost_frame_is_told_and_hung_up_on(road: Road) -> None:
    peer = await road.bound()
    peer.write(LOST_FRAME)
    assert await peer.ended() == [GenericNack(0, CommandStatus.ESME_RINVCMDLEN)]
    assert road.bindings.counts() == {}


async def test_an_unbind_is_answered_and_hung_up_on(road: Road) -> None:
    peer = await road.bound()
    peer.send(Unbind(9))
    assert await peer.ended() == [UnbindResp(9)]
    assert road.bindings.counts() == {}


async def test_a_peer_that_hangs_up_is_forgotten(road: Road) -> None:
    peer = await road.bound()
    connection = road.connection(peer)
    peer.hang_up()
    await road.forgotten(connection)
    assert road.bindings.counts() == {}
