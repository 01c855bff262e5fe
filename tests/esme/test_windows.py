"""Windows of those who submit: what is beyond is refused; and how congested we say we are."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from smsc.delivery import ledger
from smsc.esme.account import Account
from smsc.smpp import tlv
from smsc.smpp.commands import CommandStatus
from smsc.smpp.congestion import CARRIERS
from smsc.smpp.pdu import (
    REQUESTS,
    BindReceiver,
    BindTransceiverResp,
    DataSm,
    DataSmResp,
    EnquireLinkResp,
    QuerySm,
    QuerySmResp,
    Response,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
    response_class,
)
from smsc.smpp.tlv import Tag, Tlv
from tests.esme.peer import DEVICE, Peer
from tests.esme.road import Road, transport_of
from tests.esme.test_listener_submits import Disk

WINDOW = 4
ACCOUNTS = (
    Account(system_id="fleet", password="secret", addresses=("1234",), submit_window=WINDOW),
)


@pytest.fixture
async def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "smsc.db")


@pytest.fixture
async def road(disk: Disk) -> AsyncIterator[Road]:
    """A road whose disk takes as long as the test wants."""
    async with Road(disk, ACCOUNTS) as road:
        yield road
        disk.may_go.set()


def congestion(response: Response) -> object:
    """Return what a response says of our congestion, None if it says nothing."""
    return tlv.first(getattr(response, "tlvs", ()), Tag.congestion_state)


async def filled(peer: Peer, disk: Disk) -> list[SubmitSm]:
    """Submit as much as may be unanswered, and return it; nothing is answered."""
    submits = [peer.submit_sm() for _ in range(WINDOW)]
    peer.send(*submits)
    await disk.asked.wait()
    await peer.heard()
    return submits


# The window.


async def test_what_comes_beyond_the_window_is_throttled_and_not_looked_at(
    road: Road, disk: Disk
) -> None:
    peer = await road.bound()
    submits = await filled(peer, disk)
    peer.send(late := peer.submit_sm())
    expected = SubmitSmResp(late.sequence_number, CommandStatus.ESME_RTHROTTLED)
    assert await peer.read() == expected
    assert road.journal.submits["none", "window"] == 1
    disk.may_go.set()
    for submit in submits:
        answer = await peer.expect(SubmitSmResp)
        assert (answer.sequence_number, answer.command_status) == (submit.sequence_number, 0)
    assert (await peer.submit()).command_status == 0
    assert road.journal.submits["a2p_mt", "accepted"] == WINDOW + 1


async def test_it_is_so_within_one_segment_too(road: Road, disk: Disk) -> None:
    peer = await road.bound()
    disk.may_go.set()
    peer.send(*(peer.submit_sm() for _ in range(WINDOW + 3)))
    answers = [await peer.expect(SubmitSmResp) for _ in range(WINDOW + 3)]
    statuses = [answer.command_status for answer in answers]
    assert sorted(statuses) == [0] * WINDOW + [CommandStatus.ESME_RTHROTTLED] * 3


async def test_the_windows_of_two_sessions_are_their_own(road: Road, disk: Disk) -> None:
    one, other = await road.bound(), await road.bound()
    await filled(one, disk)
    other.send(other.submit_sm())
    await other.heard()
    disk.may_go.set()
    assert (await other.expect(SubmitSmResp)).command_status == 0


async def test_session_requests_are_answered_though_the_window_is_full(
    road: Road, disk: Disk
) -> None:
    peer = await road.bound()
    await filled(peer, disk)
    await peer.heard()
    peer.send(Unbind(99))
    disk.may_go.set()
    *answers, last = await peer.ended()
    assert len(answers) == WINDOW
    assert last == UnbindResp(99)


async def test_what_is_refused_takes_no_room(road: Road, disk: Disk) -> None:
    peer = await road.bound()
    for number in range(3 * WINDOW):
        peer.send(SubmitSm(number + 1, destination_addr="nobody", priority_flag=5))
        answer = await peer.expect(SubmitSmResp)
        assert answer.command_status == CommandStatus.ESME_RINVPRTFLG


# How congested we are.


@pytest.mark.parametrize("version", [0x33, 0x34])
async def test_an_older_peer_is_told_nothing(road: Road, disk: Disk, version: int) -> None:
    disk.may_go.set()
    peer = await road.bound(version=version)
    assert (await peer.submit()).tlvs == ()


async def test_a_5_0_peer_is_told_that_we_are_idle(road: Road, disk: Disk) -> None:
    disk.may_go.set()
    peer = await road.bound(version=0x50)
    assert (await peer.submit()).tlvs == (Tlv(Tag.congestion_state, 0),)


async def test_a_full_window_is_congestion(road: Road, disk: Disk) -> None:
    peer = await road.bound(version=0x50)
    await filled(peer, disk)
    peer.send(peer.submit_sm())
    late = await peer.expect(SubmitSmResp)
    assert late.command_status == CommandStatus.ESME_RTHROTTLED
    assert congestion(late) == 100


async def test_a_window_that_is_half_full_is_congestion_too(road: Road, disk: Disk) -> None:
    peer = await road.bound(version=0x50)
    peer.send(peer.submit_sm(), peer.submit_sm())
    await disk.asked.wait()
    await peer.heard()
    peer.send(SubmitSm(9, priority_flag=5))
    assert congestion(await peer.expect(SubmitSmResp)) == 50


async def test_what_is_not_durable_yet_is_congestion_for_everybody(
    road: Road, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "BACKLOG", 10)
    one, other = await road.bound(), await road.bound(version=0x50)
    await filled(one, disk)
    other.send(SubmitSm(9, priority_flag=5))
    assert congestion(await other.expect(SubmitSmResp)) == 40
    disk.may_go.set()
    for _ in range(WINDOW):
        await one.expect(SubmitSmResp)
    assert congestion(await other.submit()) == 0


async def test_octets_that_are_not_durable_yet_count_too(
    road: Road, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "BACKLOG_OCTETS", 1000)
    one, other = await road.bound(), await road.bound(version=0x50)
    one.send(one.submit_sm(b"x" * 250))
    await disk.asked.wait()
    other.send(SubmitSm(9, priority_flag=5))
    assert congestion(await other.expect(SubmitSmResp)) == 25


async def test_one_that_holds_more_than_its_share_is_not_heard_for_a_second(
    road: Road, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "BACKLOG", 3)
    peer = await road.bound()
    peer.send(*[peer.submit_sm() for _ in range(4)])
    answer = await peer.expect(SubmitSmResp)
    assert answer.command_status == CommandStatus.ESME_RTHROTTLED
    transport = transport_of(road.connection(peer))
    await road.until(lambda: not transport.is_reading())
    disk.may_go.set()
    for _ in range(3):
        assert (await peer.expect(SubmitSmResp)).command_status == CommandStatus.ESME_ROK
    assert not transport.is_reading()
    road.clock.advance(1)
    assert transport.is_reading()
    assert (await peer.submit()).command_status == CommandStatus.ESME_ROK


async def test_refusals_say_it_beside_their_words(road: Road, disk: Disk) -> None:
    peer = await road.bound(version=0x50)
    peer.send(SubmitSm(9, destination_addr=DEVICE, priority_flag=5))
    answer = await peer.expect(SubmitSmResp)
    assert [each.tag for each in answer.tlvs] == [
        Tag.additional_status_info_text,
        Tag.congestion_state,
    ]


@pytest.mark.parametrize("kind", sorted(CARRIERS, key=str), ids=lambda kind: kind.__name__)
async def test_every_answer_to_an_operation_says_it(
    road: Road, disk: Disk, kind: type[Response]
) -> None:
    peer = await road.bound(version=0x50)
    (asks,) = [each for each in REQUESTS if response_class(each.command_id) is kind]
    peer.send(asks(9))
    assert congestion(await peer.expect(kind)) == 0


async def test_answers_to_what_we_do_not_serve_say_it_and_those_about_the_session_do_not(
    road: Road, disk: Disk
) -> None:
    peer = await road.peer()
    answer = await peer.bind(version=0x50)
    assert isinstance(answer, BindTransceiverResp) and congestion(answer) is None
    peer.send(QuerySm(9))
    assert congestion(await peer.expect(QuerySmResp)) == 0
    peer.send(DataSm(10))
    assert congestion(await peer.expect(DataSmResp)) == 0
    await peer.heard()
    peer.send(Unbind(11))
    last = (await peer.ended())[-1]
    assert isinstance(last, UnbindResp | EnquireLinkResp) and congestion(last) is None


async def test_the_first_answer_says_it_though_nobody_has_looked_at_the_request(
    road: Road, disk: Disk
) -> None:
    peer = await road.bound(BindReceiver, version=0x50)
    peer.send(SubmitSm(9))
    assert congestion(await peer.expect(SubmitSmResp)) == 0
