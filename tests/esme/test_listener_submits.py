"""Submits over the wire: answered when they are durable, refused with the reason."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from smsc.esme import connection
from smsc.message import State
from smsc.smpp import tlv
from smsc.smpp.commands import CommandStatus
from smsc.smpp.pdu import (
    BindReceiver,
    EnquireLink,
    EnquireLinkResp,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from smsc.smpp.tlv import Tag, Tlv
from smsc.store.sqlite import SqliteStore
from smsc.store.store import Batch, StoreError, Written
from tests.esme.peer import DEVICE
from tests.esme.road import Road, transport_of


class Disk(SqliteStore):
    """A store that writes when it is let, and fails when it is told to."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.asked = asyncio.Event()
        self.may_go = asyncio.Event()
        self.full = False

    def write(self, batch: Batch, now: int) -> asyncio.Future[Written]:
        self.asked.set()
        if self.may_go.is_set() and not self.full:
            return super().write(batch, now)
        return asyncio.ensure_future(self._write_later(batch, now))

    async def _write_later(self, batch: Batch, now: int) -> Written:
        await self.may_go.wait()
        if self.full:
            raise StoreError("disk full")
        return await super().write(batch, now)


@pytest.fixture
async def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "smsc.db")


@pytest.fixture
async def slow_road(disk: Disk) -> AsyncIterator[Road]:
    """A road whose disk takes as long as the test wants."""
    async with Road(disk) as road:
        yield road
        disk.may_go.set()


# Accepted.


async def test_a_submit_reaches_its_device(road: Road) -> None:
    peer = await road.bound()
    answer = await peer.submit(b"hello")
    assert answer.command_status == 0
    assert await road.state(answer.message_id) is State.DELIVERED
    assert road.inbox() == [b"hello"]


async def test_a_submit_is_answered_only_when_it_is_durable(disk: Disk, slow_road: Road) -> None:
    peer = await slow_road.bound()
    submit = peer.submit_sm()
    peer.send(submit)
    await disk.asked.wait()
    await peer.heard()  # nothing else came
    assert await disk.history(1) is None
    assert slow_road.inbox() == []
    disk.may_go.set()
    answer = await peer.expect(SubmitSmResp)
    assert answer == SubmitSmResp(submit.sequence_number, 0, "0000000001")
    assert await disk.history(1) is not None


async def test_many_submits_at_once_are_answered_each_by_its_number(road: Road) -> None:
    peer = await road.bound()
    submits = [peer.submit_sm(b"%d" % place) for place in range(500)]
    peer.send(*submits)
    answers = [await peer.expect(SubmitSmResp) for _ in submits]
    assert [answer.sequence_number for answer in answers] == [s.sequence_number for s in submits]
    assert {answer.command_status for answer in answers} == {0}
    ids = [int(answer.message_id) for answer in answers]
    assert ids == sorted(set(ids))


async def test_a_3_3_peer_gets_ids_of_eight_hexadecimal_digits(road: Road) -> None:
    peer = await road.bound(version=0x33)
    assert (await peer.submit()).message_id == "00000001"


async def test_a_message_whose_sender_left_meanwhile_goes_its_way(
    disk: Disk, slow_road: Road
) -> None:
    peer = await slow_road.bound()
    connection = slow_road.connection(peer)
    peer.send(peer.submit_sm())
    await disk.asked.wait()
    peer.hang_up()
    await slow_road.forgotten(connection)
    disk.may_go.set()
    await slow_road.until(lambda: slow_road.inbox() == [b"hello"])
    assert await slow_road.state(1) is State.DELIVERED


async def test_a_refusal_for_a_sender_who_left_meanwhile_goes_nowhere(
    disk: Disk, slow_road: Road
) -> None:
    peer, witness = await slow_road.bound(), await slow_road.bound()
    connection = slow_road.connection(peer)
    disk.full = True
    peer.send(peer.submit_sm())
    await disk.asked.wait()
    peer.hang_up()
    await slow_road.forgotten(connection)
    disk.may_go.set()
    await slow_road.until(lambda: slow_road.ledger.failing)
    assert (await witness.submit()).command_status == CommandStatus.ESME_RSYSERR
    assert slow_road.inbox() == []


# Refused.


@pytest.mark.parametrize(
    ("submit", "status"),
    [
        (SubmitSm(7, destination_addr="4917"), CommandStatus.ESME_RINVDSTADR),
        (SubmitSm(7, destination_addr=""), CommandStatus.ESME_RINVDSTADR),
        (SubmitSm(7, source_addr="5678", destination_addr=DEVICE), CommandStatus.ESME_RINVSRCADR),
        (SubmitSm(7, destination_addr=DEVICE, priority_flag=5), CommandStatus.ESME_RINVPRTFLG),
        (SubmitSm(7, destination_addr=DEVICE, validity_period="x"), CommandStatus.ESME_RINVEXPIRY),
        (
            SubmitSm(7, destination_addr=DEVICE, schedule_delivery_time="x"),
            CommandStatus.ESME_RINVSCHED,
        ),
        (SubmitSm(7, destination_addr=DEVICE, esm_class=0x40), CommandStatus.ESME_RINVESMCLASS),
        (
            SubmitSm(
                7,
                destination_addr=DEVICE,
                short_message=b"a",
                tlvs=(Tlv(Tag.message_payload, b"b"),),
            ),
            CommandStatus.ESME_ROPTPARNOTALLWD,
        ),
    ],
)
async def test_a_submit_that_is_not_accepted_is_answered_with_its_status(
    road: Road, submit: SubmitSm, status: CommandStatus
) -> None:
    peer = await road.bound()
    peer.send(submit)
    assert await peer.read() == SubmitSmResp(7, status)
    assert (await peer.submit()).command_status == 0


async def test_a_5_0_peer_is_told_the_reason_in_words(road: Road) -> None:
    peer = await road.bound(version=0x50)
    peer.send(SubmitSm(7, source_addr="5678", destination_addr=DEVICE))
    answer = await peer.expect(SubmitSmResp)
    assert "5678" in str(tlv.first(answer.tlvs, Tag.additional_status_info_text))


async def test_a_5_0_peer_is_told_in_words_what_is_malformed(road: Road) -> None:
    peer = await road.bound(version=0x50)
    peer.send(SubmitSm(7, destination_addr=DEVICE, validity_period="tomorrow"))
    answer = await peer.expect(SubmitSmResp)
    assert answer.command_status == CommandStatus.ESME_RINVEXPIRY
    assert "tomorrow" in str(tlv.first(answer.tlvs, Tag.additional_status_info_text))


async def test_a_malformed_submit_is_counted(road: Road) -> None:
    peer = await road.bound()
    peer.send(SubmitSm(7, destination_addr=DEVICE, priority_flag=5))
    await peer.expect(SubmitSmResp)
    assert road.journal.submits == {("none", "malformed"): 1}


async def test_a_receiver_may_not_submit(road: Road) -> None:
    peer = await road.bound(BindReceiver)
    assert (await peer.submit()).command_status == CommandStatus.ESME_RINVBNDSTS


async def test_nobody_submits_before_binding(road: Road) -> None:
    peer = await road.peer()
    assert (await peer.submit()).command_status == CommandStatus.ESME_RINVBNDSTS


async def test_when_the_store_cannot_write_nothing_is_accepted(disk: Disk, slow_road: Road) -> None:
    peer = await slow_road.bound()
    disk.full = True
    disk.may_go.set()
    for _ in range(2):
        assert (await peer.submit()).command_status == CommandStatus.ESME_RSYSERR
    assert slow_road.inbox() == []
    disk.full = False
    slow_road.clock.advance(1)
    await slow_road.until(lambda: not slow_road.ledger.failing)
    assert (await peer.submit()).command_status == 0


# In between.


async def test_an_unbind_is_answered_after_the_submits_before_it(
    disk: Disk, slow_road: Road
) -> None:
    peer = await slow_road.bound()
    submits = [peer.submit_sm() for _ in range(3)]
    peer.send(*submits, Unbind(99))
    await disk.asked.wait()
    peer.send(EnquireLink(100))
    assert await peer.read() == EnquireLinkResp(100)
    disk.may_go.set()
    *answers, last = await peer.ended()
    assert [answer.sequence_number for answer in answers] == [s.sequence_number for s in submits]
    assert {type(answer) for answer in answers} == {SubmitSmResp}
    assert last == UnbindResp(99)


async def test_who_has_too_many_unanswered_submits_is_not_read_from_until_they_are_answered(
    disk: Disk, slow_road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "UNANSWERED_SUBMITS", 3)
    peer = await slow_road.bound()
    transport = transport_of(slow_road.connection(peer))
    peer.send(peer.submit_sm(), peer.submit_sm())
    await peer.heard()
    assert transport.is_reading()
    peer.send(peer.submit_sm())
    await slow_road.until(lambda: not transport.is_reading())
    disk.may_go.set()
    for _ in range(3):
        assert (await peer.expect(SubmitSmResp)).command_status == 0
    assert (await peer.submit()).command_status == 0
    assert transport.is_reading()
