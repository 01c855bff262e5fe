"""Message modes over the wire: datagrams, transactions, and what tells of a device out of reach."""

import pytest

from smsc.esme.connection import SECONDS_OF_PAUSE
from smsc.message import State
from smsc.smpp import receipt
from smsc.smpp.commands import (
    ESM_MODE_DATAGRAM,
    ESM_MODE_TRANSACTION,
    ESM_TYPE_INTERMEDIATE_NOTIFICATION,
    CommandStatus,
)
from smsc.smpp.pdu import (
    AlertNotification,
    BindReceiver,
    BindTransmitter,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from smsc.smpp.tlv import Tag, Tlv
from tests.esme.peer import DEVICE, Peer
from tests.esme.road import ABSENT, BARRED, FAILING, PATIENCE_SECONDS, SLOW, Road

SET_DPF = (Tlv(Tag.set_dpf, 1),)


async def submitted(
    peer: Peer,
    to: str = DEVICE,
    esm_class: int = 0,
    tlvs: tuple[Tlv, ...] = (),
    registered_delivery: int = 0,
) -> SubmitSmResp:
    """Submit to a device, and return the answer."""
    pdu = SubmitSm(
        peer.number(),
        destination_addr=to,
        esm_class=esm_class,
        registered_delivery=registered_delivery,
        short_message=b"hello",
        tlvs=tlvs,
    )
    peer.send(pdu)
    answer = await peer.expect(SubmitSmResp)
    assert answer.sequence_number == pdu.sequence_number
    return answer


# Datagrams and transactions.


@pytest.mark.parametrize("mode", [ESM_MODE_DATAGRAM, ESM_MODE_TRANSACTION])
async def test_one_that_arrives_is_answered_with_an_id_and_leaves_no_record(
    road: Road, mode: int
) -> None:
    peer = await road.bound()
    answer = await submitted(peer, esm_class=mode, registered_delivery=1)
    assert (answer.command_status, answer.message_id) == (0, "0000000001")
    await road.until(lambda: road.inbox() == [b"hello"])
    await peer.heard()
    assert await road.store.history(1) is None


async def test_a_datagram_is_accepted_whatever_becomes_of_it(road: Road) -> None:
    peer = await road.bound()
    answer = await submitted(peer, ABSENT, ESM_MODE_DATAGRAM)
    assert answer.command_status == 0
    assert road.journal.transients == {("datagram", "absent"): 1}


@pytest.mark.parametrize(
    ("to", "reason", "cause", "words"),
    [
        (ABSENT, 0, 6, "the device can't be reached: cause 6"),
        (BARRED, 1, 13, "the network refused it for good: cause 13"),
        (FAILING, 3, 32, "the network failed to deliver it: cause 32"),
    ],
)
async def test_a_transaction_that_fails_is_answered_with_the_network_s_reason(
    road: Road, to: str, reason: int, cause: int, words: str
) -> None:
    facts = (
        Tlv(Tag.delivery_failure_reason, reason),
        Tlv(Tag.network_error_code, bytes([3, 0, cause])),
    )
    text = (Tlv(Tag.additional_status_info_text, words),)
    for version, status, tlvs in [
        (0x50, CommandStatus.ESME_RDELIVERYFAILURE, facts + text),
        (0x34, CommandStatus.ESME_RDELIVERYFAILURE, facts),
        (0x33, CommandStatus.ESME_RSUBMITFAIL, ()),
    ]:
        peer = await road.bound(BindTransmitter, version=version)
        answer = await submitted(peer, to, ESM_MODE_TRANSACTION)
        told = tuple(each for each in answer.tlvs if each.tag != Tag.congestion_state)
        assert (answer.command_status, told) == (status, tlvs)


async def test_a_transaction_is_answered_in_time_whatever_the_network_does(road: Road) -> None:
    peer = await road.bound()
    pdu = SubmitSm(9, destination_addr=SLOW, esm_class=ESM_MODE_TRANSACTION, short_message=b"x")
    peer.send(pdu)
    await peer.heard()
    road.clock.advance(PATIENCE_SECONDS)
    answer = await peer.expect(SubmitSmResp)
    assert answer.command_status == CommandStatus.ESME_RDELIVERYFAILURE
    assert answer.tlvs == (Tlv(Tag.delivery_failure_reason, 3),)


async def test_a_peer_that_leaves_before_the_outcome_does_no_harm(road: Road) -> None:
    peer = await road.bound()
    connection = road.connection(peer)
    peer.send(SubmitSm(9, destination_addr=SLOW, esm_class=ESM_MODE_TRANSACTION))
    await peer.heard()
    peer.hang_up()
    await road.forgotten(connection)
    road.clock.advance(PATIENCE_SECONDS)
    other = await road.bound()
    assert (await submitted(other)).command_status == 0


async def test_who_has_said_unbind_is_sent_no_message_while_his_transaction_is_under_way(
    road: Road,
) -> None:
    peer = await road.bound()
    peer.send(
        SubmitSm(9, destination_addr=SLOW, esm_class=ESM_MODE_TRANSACTION),
        Unbind(10),
    )
    await peer.heard()
    number = await road.device_sends(b"too late")
    for _ in range(3):
        await road.turn()
    road.clock.advance(PATIENCE_SECONDS)
    answers = await peer.ended()
    assert [(type(each), each.sequence_number) for each in answers] == [
        (SubmitSmResp, 9),
        (UnbindResp, 10),
    ]
    other = await road.bound()
    pdu = await other.expect(DeliverSm)
    other.send(DeliverSmResp(pdu.sequence_number))
    await other.heard()
    assert await road.state(number) is State.DELIVERED


# Devices that come back.


async def test_one_who_set_the_pending_flag_is_alerted_when_the_device_is_back(
    road: Road,
) -> None:
    peer = await road.bound()
    await submitted(peer, ABSENT, tlvs=SET_DPF)
    road.hlr.attach(ABSENT)
    alert = await peer.expect(AlertNotification)
    assert (alert.source_addr_ton, alert.source_addr_npi, alert.source_addr) == (0, 0, ABSENT)
    assert alert.esme_addr == "1234"
    assert alert.tlvs == (Tlv(Tag.ms_availability_status, 0),)
    await road.until(lambda: road.journal.finals[State.DELIVERED] == 3)
    await peer.heard()


async def test_without_the_flag_nobody_is_alerted(road: Road) -> None:
    peer = await road.bound()
    await submitted(peer, ABSENT, tlvs=(Tlv(Tag.set_dpf, 0),))
    road.hlr.attach(ABSENT)
    await road.until(lambda: road.journal.finals[State.DELIVERED] == 1)
    await peer.heard()


async def test_an_alert_waits_for_a_receiver_but_3_3_knows_none(road: Road) -> None:
    transmitter = await road.bound(BindTransmitter)
    await submitted(transmitter, ABSENT, tlvs=SET_DPF)
    road.hlr.attach(ABSENT)
    await road.until(lambda: road.scheduler.waiting == 1)
    old = await road.bound(BindReceiver, version=0x33)
    await road.until(lambda: road.journal.finals[State.UNDELIVERABLE] == 1)
    await old.heard()


async def test_an_alert_goes_to_the_receiver_that_knows_it(road: Road) -> None:
    old, new = await road.bound(version=0x33), await road.bound()
    await submitted(new, ABSENT, tlvs=SET_DPF)
    road.hlr.attach(ABSENT)
    await new.expect(AlertNotification)
    await old.heard()


async def test_a_transaction_says_whether_the_flag_was_set(road: Road) -> None:
    peer = await road.bound()
    for to, flag in [(ABSENT, 1), (FAILING, 0)]:
        answer = await submitted(peer, to, ESM_MODE_TRANSACTION, SET_DPF)
        assert Tlv(Tag.dpf_result, flag) in answer.tlvs
    road.hlr.attach(ABSENT)
    assert (await peer.expect(AlertNotification)).source_addr == ABSENT


async def test_a_data_sm_is_answered_like_a_submit_sm(road: Road) -> None:
    peer = await road.bound()
    tlvs = (Tlv(Tag.message_payload, b"hello"), *SET_DPF)
    for to, status in [(DEVICE, 0), (ABSENT, CommandStatus.ESME_RDELIVERYFAILURE)]:
        pdu = DataSm(9, destination_addr=to, esm_class=ESM_MODE_TRANSACTION, tlvs=tlvs)
        peer.send(pdu)
        answer = await peer.expect(DataSmResp)
        assert answer.command_status == status
    assert answer.tlvs == (
        Tlv(Tag.delivery_failure_reason, 0),
        Tlv(Tag.network_error_code, bytes([3, 0, 6])),
        Tlv(Tag.dpf_result, 1),
    )


@pytest.mark.parametrize("mode", [ESM_MODE_DATAGRAM, ESM_MODE_TRANSACTION])
async def test_a_submit_multi_is_answered_once_when_all_its_outcomes_are_there(
    road: Road, mode: int
) -> None:
    peer = await road.bound()
    for to in ((DEVICE, ABSENT), (DEVICE, DEVICE), (ABSENT, FAILING)):
        dests = tuple(SmeAddress(1, 1, number) for number in to)
        peer.send(SubmitMulti(9, dest_address=dests, esm_class=mode, short_message=b"hello"))
        answer = await peer.expect(SubmitMultiResp)
        missed = [] if mode == ESM_MODE_DATAGRAM else [n for n in to if n != DEVICE]
        if len(missed) == len(to):
            assert answer.command_status == CommandStatus.ESME_RDELIVERYFAILURE
            assert answer.tlvs == (
                Tlv(Tag.delivery_failure_reason, 0),
                Tlv(Tag.network_error_code, bytes([3, 0, 6])),
            )
        else:
            assert [each.destination_addr for each in answer.unsuccess_sme] == missed
        await peer.heard()
        assert await road.store.history(1) is None


# Notifications.


async def test_an_intermediate_notification_says_that_the_message_is_on_its_way(
    road: Road,
) -> None:
    peer = await road.bound()
    answer = await submitted(peer, ABSENT, registered_delivery=0x11)
    pdu = await peer.expect(DeliverSm)
    assert pdu.esm_class == ESM_TYPE_INTERMEDIATE_NOTIFICATION
    read = receipt.decode(pdu.short_message)
    assert (read.id, read.stat, read.err, read.dlvrd) == (answer.message_id, "ENROUTE", 6, 0)
    assert Tlv(Tag.message_state, State.ENROUTE) in pdu.tlvs


async def test_the_receipt_comes_to_the_receiver_that_was_notified(road: Road) -> None:
    sender = await road.bound(BindTransmitter)
    first, second = [await road.bound(BindReceiver) for _ in range(2)]
    # Three notifications for two receivers: it's the other one's turn when the receipts come.
    for _ in range(3):
        await submitted(sender, ABSENT, registered_delivery=0x11)
    turns = [first, second, first]
    notified = [await taken(peer) for peer in turns]
    road.hlr.attach(ABSENT)
    receipts = [await taken(peer) for peer in turns]
    assert receipts == notified


async def taken(peer: Peer) -> str:
    """Take the next receipt or notification, and return the id of the message it is about."""
    pdu = await peer.expect(DeliverSm)
    peer.send(DeliverSmResp(pdu.sequence_number))
    return receipt.decode(pdu.short_message).id


# Peers that are busy.


@pytest.mark.parametrize("status", [CommandStatus.ESME_RTHROTTLED, CommandStatus.ESME_RMSGQFUL])
async def test_a_peer_that_is_throttled_is_sent_nothing_for_a_while(
    road: Road, status: int
) -> None:
    peer = await road.bound()
    number = await road.device_sends(b"hello")
    pdu = await peer.expect(DeliverSm)
    peer.send(DeliverSmResp(pdu.sequence_number, status))
    await road.device_sends(b"another")
    await peer.heard()
    await road.until(lambda: road.scheduler.waiting == 2)
    road.clock.advance(SECONDS_OF_PAUSE - 0.01)
    await peer.heard()
    road.clock.advance(0.01)
    again = [await peer.expect(DeliverSm) for _ in range(2)]
    assert [each.short_message for each in again] == [b"hello", b"another"]
    history = await road.store.history(number)
    assert history is not None and history.attempts == 0


async def test_meanwhile_another_receiver_is_served(road: Road) -> None:
    first, second = await road.bound(), await road.bound()
    await road.device_sends(b"hello")
    pdu = await first.expect(DeliverSm)
    first.send(DeliverSmResp(pdu.sequence_number, CommandStatus.ESME_RTHROTTLED))
    assert (await second.expect(DeliverSm)).short_message == b"hello"
