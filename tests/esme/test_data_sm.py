"""data_sm over the wire, in both directions."""

from pathlib import Path

import pytest

from smsc.esme.account import Account
from smsc.esme.dialect import DeliverWith, Profile
from smsc.esme.ids import Base
from smsc.message import State
from smsc.smpp.commands import CommandStatus
from smsc.smpp.pdu import BindReceiver, DataSm, DataSmResp, DeliverSm
from smsc.smpp.tlv import Tag, Tlv
from smsc.store.sqlite import SqliteStore
from tests.esme.peer import DEVICE, Peer
from tests.esme.road import Road


def data_sm(peer: Peer, *tlvs: Tlv, registered_delivery: int = 0) -> DataSm:
    return DataSm(
        peer.number(),
        dest_addr_ton=1,
        dest_addr_npi=1,
        destination_addr=DEVICE,
        registered_delivery=registered_delivery,
        tlvs=tlvs,
    )


async def test_it_takes_the_road_of_a_submit_sm(road: Road) -> None:
    peer = await road.bound()
    pdu = data_sm(peer, Tlv(Tag.message_payload, b"hello"), registered_delivery=1)
    peer.send(pdu)
    answer = await peer.expect(DataSmResp)
    assert (answer.sequence_number, answer.command_status) == (pdu.sequence_number, 0)
    receipt = await peer.expect(DeliverSm)
    assert Tlv(Tag.receipted_message_id, answer.message_id) in receipt.tlvs
    assert road.inbox() == [b"hello"]


async def test_many_are_answered_each(road: Road) -> None:
    peer = await road.bound()
    pdus = [data_sm(peer, Tlv(Tag.message_payload, b"%d" % at)) for at in range(50)]
    peer.send(*pdus)
    answers = [await peer.expect(DataSmResp) for _ in pdus]
    assert {each.sequence_number for each in answers} == {each.sequence_number for each in pdus}
    assert len({each.message_id for each in answers}) == len(pdus)


async def test_it_is_refused_as_a_submit_sm_is(road: Road) -> None:
    peer = await road.bound(version=0x50)
    peer.send(DataSm(7, destination_addr="4900000000"))
    answer = await peer.expect(DataSmResp)
    assert answer.command_status == CommandStatus.ESME_RINVDSTADR
    assert answer.tlvs[0].tag == Tag.additional_status_info_text


async def test_one_that_cannot_be_read_is_refused_and_counted(road: Road) -> None:
    peer = await road.bound()
    segment = (
        Tlv(Tag.sar_msg_ref_num, 1),
        Tlv(Tag.sar_total_segments, 2),
        Tlv(Tag.sar_segment_seqnum, 3),
    )
    peer.send(data_sm(peer, *segment))
    answer = await peer.expect(DataSmResp)
    assert answer.command_status == CommandStatus.ESME_RINVTLVVAL
    assert road.journal.submits["none", "malformed"] == 1


async def test_it_is_worth_something_for_so_many_seconds_only(road: Road) -> None:
    peer = await road.bound()
    peer.send(data_sm(peer, Tlv(Tag.qos_time_to_live, 0)))
    answer = await peer.expect(DataSmResp)
    assert answer.command_status == CommandStatus.ESME_RINVEXPIRY
    peer.send(data_sm(peer, Tlv(Tag.qos_time_to_live, 90)))
    answer = await peer.expect(DataSmResp)
    await road.ledger.written()
    history = await road.store.history(int(answer.message_id))
    assert history is not None
    assert history.message.expires_at == road.clock.now() + 90_000


@pytest.mark.parametrize("tlvs", [(), (Tlv(Tag.message_payload, b""),)])
async def test_it_may_be_empty(road: Road, tlvs: tuple[Tlv, ...]) -> None:
    peer = await road.bound()
    peer.send(data_sm(peer, *tlvs))
    assert (await peer.expect(DataSmResp)).command_status == 0
    await road.until(lambda: road.inbox() == [b""])


async def test_an_account_may_get_its_messages_by_data_sm(tmp_path: Path) -> None:
    fleet = Account(
        system_id="fleet",
        password="secret",
        addresses=("1234",),
        profile=Profile(deliver_with=DeliverWith.DATA_SM, message_id=Base.HEXADECIMAL),
    )
    async with Road(SqliteStore(tmp_path / "smsc.db"), (fleet,)) as road:
        peer = await road.bound(BindReceiver)
        number = await road.device_sends(b"hello")
        pdu = await peer.expect(DataSm)
        assert pdu.tlvs == (Tlv(Tag.message_payload, b"hello"),)
        peer.send(DataSmResp(pdu.sequence_number, message_id="x"))
        await peer.heard()
        assert await road.state(number) is State.DELIVERED
