"""Deliveries over the wire: what devices send, and receipts, until an answer settles them."""

import asyncio

import pytest

from smsc.message import Address, Message, State, to_account
from smsc.smpp import receipt
from smsc.smpp.commands import ESM_TYPE_RECEIPT, CommandStatus
from smsc.smpp.pdu import (
    BindReceiver,
    BindTransmitter,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    GenericNack,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from smsc.smpp.tlv import Tag, Tlv
from tests.esme.peer import DEVICE, Peer
from tests.esme.road import RETRY_SECONDS, Road


async def delivered(peer: Peer) -> DeliverSm:
    """Take the next deliver_sm, and answer that all is well."""
    pdu = await peer.expect(DeliverSm)
    peer.send(DeliverSmResp(pdu.sequence_number))
    return pdu


# What devices send.


async def test_what_a_device_sends_comes_to_the_owner_of_the_address(road: Road) -> None:
    peer = await road.bound()
    await road.device_sends(b"hello")
    pdu = await delivered(peer)
    assert (pdu.source_addr, pdu.destination_addr) == (DEVICE, "1234")
    assert (pdu.short_message, pdu.esm_class, pdu.tlvs) == (b"hello", 0, ())


async def test_it_is_delivered_when_the_peer_says_so_and_not_before(road: Road) -> None:
    peer = await road.bound()
    number = await road.device_sends(b"hello")
    pdu = await peer.expect(DeliverSm)
    assert await road.state(number) is State.ENROUTE
    peer.send(DeliverSmResp(pdu.sequence_number))
    await peer.heard()
    assert await road.state(number) is State.DELIVERED


async def test_it_waits_for_a_receiver_to_bind(road: Road) -> None:
    transmitter = await road.bound(BindTransmitter)
    await road.bound(system_id="other")
    await road.device_sends(b"hello")
    await transmitter.heard()
    receiver = await road.bound(BindReceiver)
    assert (await delivered(receiver)).short_message == b"hello"


async def test_what_waits_comes_in_its_order_within_the_window(road: Road) -> None:
    for number in range(5):
        await road.device_sends(b"%d" % number)
    peer = await road.bound()
    first, second = await peer.expect(DeliverSm), await peer.expect(DeliverSm)
    await peer.heard()  # the window of two is full
    peer.send(DeliverSmResp(second.sequence_number), DeliverSmResp(first.sequence_number))
    rest = [await delivered(peer) for _ in range(3)]
    texts = [pdu.short_message for pdu in (first, second, *rest)]
    assert texts == [b"0", b"1", b"2", b"3", b"4"]


async def two_texts(peer: Peer) -> list[bytes]:
    return [(await delivered(peer)).short_message for _ in range(2)]


async def test_receivers_of_one_account_take_turns(road: Road) -> None:
    peers = [await road.bound(), await road.bound()]
    for number in range(4):
        await road.device_sends(b"%d" % number)
    texts = await asyncio.gather(*(two_texts(peer) for peer in peers))
    assert texts == [[b"0", b"2"], [b"1", b"3"]]


async def test_what_fits_no_deliver_sm_is_given_up(road: Road) -> None:
    peer = await road.bound()
    number = road.ledger.number()
    source = Address(5, 0, "x" * 21)
    road.scheduler.place(Message(number, "", to_account("fleet"), source, source, b"", 0, 1 << 50))
    await road.until(lambda: road.journal.finals[State.UNDELIVERABLE] == 1)
    assert await road.state(number) is State.UNDELIVERABLE
    await road.device_sends(b"hello")
    assert (await delivered(peer)).short_message == b"hello"


# Receipts.


async def test_a_receipt_comes_after_the_answer_and_names_the_message(road: Road) -> None:
    peer = await road.bound()
    peer.send(peer.submit_sm(b"hello", registered_delivery=1))
    answer = await peer.expect(SubmitSmResp)
    pdu = await delivered(peer)
    assert pdu.esm_class == ESM_TYPE_RECEIPT
    assert (pdu.source_addr, pdu.destination_addr) == (DEVICE, "1234")
    read = receipt.decode(pdu.short_message)
    assert (read.id, read.stat, read.text) == (answer.message_id, "DELIVRD", "hello")
    assert Tlv(Tag.receipted_message_id, answer.message_id) in pdu.tlvs


async def test_a_3_3_peer_gets_its_receipt_without_tlvs(road: Road) -> None:
    peer = await road.bound(version=0x33)
    peer.send(peer.submit_sm(registered_delivery=1))
    answer = await peer.expect(SubmitSmResp)
    pdu = await delivered(peer)
    assert pdu.tlvs == ()
    assert receipt.decode(pdu.short_message).id == answer.message_id


async def test_a_receipt_goes_to_any_receiver_of_the_account(road: Road) -> None:
    transmitter, receiver = await road.bound(BindTransmitter), await road.bound(BindReceiver)
    transmitter.send(transmitter.submit_sm(registered_delivery=1))
    answer = await transmitter.expect(SubmitSmResp)
    pdu = await delivered(receiver)
    assert receipt.decode(pdu.short_message).id == answer.message_id


async def test_without_being_asked_for_there_is_no_receipt(road: Road) -> None:
    peer = await road.bound()
    await peer.submit()
    await road.until(lambda: road.inbox() != [])
    await peer.heard()


# Answers that are none.


@pytest.mark.parametrize(
    "status", [CommandStatus.ESME_RX_T_APPN, CommandStatus.ESME_RUNKNOWNERR, 0x4FF]
)
async def test_what_a_peer_does_not_take_is_tried_again_after_a_while(
    road: Road, status: int
) -> None:
    peer = await road.bound()
    number = await road.device_sends(b"hello")
    pdu = await peer.expect(DeliverSm)
    peer.send(DeliverSmResp(pdu.sequence_number, status))
    await peer.heard()
    assert await road.state(number) is State.ENROUTE
    road.clock.advance(RETRY_SECONDS - 0.01)
    await peer.heard()
    road.clock.advance(0.01)
    assert (await delivered(peer)).short_message == b"hello"
    await peer.heard()
    assert await road.state(number) is State.DELIVERED


async def test_what_a_peer_nacks_is_tried_again_too(road: Road) -> None:
    peer = await road.bound()
    await road.device_sends(b"hello")
    pdu = await peer.expect(DeliverSm)
    peer.send(GenericNack(pdu.sequence_number, CommandStatus.ESME_RINVCMDID))
    await peer.heard()
    await road.ledger.written()
    road.clock.advance(RETRY_SECONDS)
    assert (await delivered(peer)).short_message == b"hello"


async def test_while_one_waits_to_be_tried_again_the_others_go(road: Road) -> None:
    peer = await road.bound()
    await road.device_sends(b"bad")
    pdu = await peer.expect(DeliverSm)
    peer.send(DeliverSmResp(pdu.sequence_number, CommandStatus.ESME_RX_T_APPN))
    await peer.heard()
    await road.device_sends(b"good")
    assert (await delivered(peer)).short_message == b"good"


async def test_what_a_peer_refuses_for_good_is_given_up(road: Road) -> None:
    peer = await road.bound()
    number = await road.device_sends(b"hello")
    pdu = await peer.expect(DeliverSm)
    peer.send(DeliverSmResp(pdu.sequence_number, CommandStatus.ESME_RX_R_APPN))
    await peer.heard()
    assert await road.state(number) is State.UNDELIVERABLE


async def test_what_a_peer_never_answers_is_tried_again(road: Road) -> None:
    peer = await road.bound()
    await road.device_sends(b"hello")
    first = await peer.expect(DeliverSm)
    road.clock.advance(10)
    await peer.heard()
    await road.ledger.written()
    road.clock.advance(RETRY_SECONDS)
    second = await delivered(peer)
    assert second.short_message == b"hello"
    assert second.sequence_number != first.sequence_number


async def test_an_answer_that_comes_too_late_counts_no_more(road: Road) -> None:
    peer = await road.bound()
    number = await road.device_sends(b"hello")
    pdu = await peer.expect(DeliverSm)
    road.clock.advance(10)
    peer.send(DeliverSmResp(pdu.sequence_number))
    await peer.heard()
    assert await road.state(number) is State.ENROUTE


# Connections that end.


async def test_what_a_lost_peer_did_not_answer_comes_to_another_binding(road: Road) -> None:
    first, second = await road.bound(), await road.bound()
    number = await road.device_sends(b"hello")
    await first.expect(DeliverSm)
    first.hang_up()
    assert (await delivered(second)).short_message == b"hello"
    await second.heard()
    assert await road.state(number) is State.DELIVERED


async def test_what_a_lost_peer_did_not_answer_waits_for_the_next_binding(road: Road) -> None:
    first = await road.bound()
    connection = road.connection(first)
    await road.device_sends(b"hello")
    await first.expect(DeliverSm)
    first.hang_up()
    await road.forgotten(connection)
    assert (await delivered(await road.bound())).short_message == b"hello"


async def test_what_a_silent_peer_did_not_answer_comes_to_another_binding(road: Road) -> None:
    silent, other = await road.bound(), await road.bound()
    road.clock.advance(25)
    await other.heard()
    await road.device_sends(b"hello")
    await silent.expect(DeliverSm)
    road.clock.advance(5)
    await silent.expect(EnquireLink)
    road.clock.advance(5)
    await other.heard()
    await road.ledger.written()
    road.clock.advance(RETRY_SECONDS)
    assert (await delivered(other)).short_message == b"hello"


async def test_what_was_on_its_way_at_an_unbind_comes_to_another_binding(road: Road) -> None:
    first, second = await road.bound(), await road.bound()
    await road.device_sends(b"hello")
    await first.expect(DeliverSm)
    first.send(Unbind(99))
    assert await first.ended() == [UnbindResp(99)]
    assert (await delivered(second)).short_message == b"hello"


async def test_an_answer_and_an_unbind_in_one_go_both_count(road: Road) -> None:
    peer = await road.bound()
    number = await road.device_sends(b"hello")
    pdu = await peer.expect(DeliverSm)
    peer.send(DeliverSmResp(pdu.sequence_number), Unbind(99))
    assert await peer.ended() == [UnbindResp(99)]
    assert await road.state(number) is State.DELIVERED


async def test_nothing_that_was_answered_comes_again_when_peers_come_and_go(road: Road) -> None:
    for number in range(10):
        await road.device_sends(b"%d" % number)
    texts: list[bytes] = []
    while len(texts) < 10:
        peer = await road.bound()
        texts += [(await delivered(peer)).short_message for _ in range(2)]
        await peer.heard()
        connection = road.connection(peer)
        peer.hang_up()  # whatever else came is not answered
        await road.forgotten(connection)
    assert sorted(texts) == [b"%d" % number for number in range(10)]


async def test_an_answer_that_takes_long_holds_back_no_message_behind_it(road: Road) -> None:
    for text in (b"1", b"2", b"3", b"4"):
        await road.device_sends(text)
    peer = await road.bound()
    never_answered = await peer.expect(DeliverSm)
    others = [await delivered(peer) for _ in range(3)]
    assert never_answered.short_message == b"1"
    assert [pdu.short_message for pdu in others] == [b"2", b"3", b"4"]
