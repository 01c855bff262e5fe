"""What PDUs may say that changes nothing: it is read, and has no effect."""

from typing import Any, Final

import pytest

from smsc.esme import translate
from smsc.esme.dialect import Profile, dialect_of
from smsc.message import State
from smsc.smpp import tlv
from smsc.smpp.commands import Version
from smsc.smpp.pdu import (
    BindReceiver,
    BindTransceiver,
    BindTransceiverResp,
    CancelSm,
    DataSm,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    QuerySm,
    ReplaceSm,
    Request,
    Response,
    SmeAddress,
    SubmitMulti,
    SubmitSm,
    Unbind,
    UnbindResp,
)
from smsc.smpp.tlv import TABLE, Kind, Tag, Tlv
from tests.esme.peer import DEVICE
from tests.esme.road import Road
from tests.esme.studio import NEEDED, Studio, accepted

VENDORS: Final = 0x1400

OF_SUBMISSIONS: Final = (
    Tag.dest_addr_subunit,
    Tag.source_addr_subunit,
    Tag.dest_network_type,
    Tag.source_network_type,
    Tag.dest_bearer_type,
    Tag.source_bearer_type,
    Tag.dest_telematics_id,
    Tag.source_telematics_id,
    Tag.payload_type,
    Tag.ms_msg_wait_facilities,
    Tag.privacy_indicator,
    Tag.language_indicator,
    Tag.source_subaddress,
    Tag.dest_subaddress,
    Tag.user_response_code,
    Tag.callback_num,
    Tag.callback_num_pres_ind,
    Tag.callback_num_atag,
    Tag.number_of_messages,
    Tag.more_messages_to_send,
    Tag.ussd_service_op,
    Tag.display_time,
    Tag.sms_signal,
    Tag.ms_validity,
    Tag.alert_on_message_delivery,
    Tag.its_reply_type,
    Tag.its_session_info,
    Tag.billing_identification,
    Tag.source_network_id,
    Tag.dest_network_id,
    Tag.source_node_id,
    Tag.dest_node_id,
    Tag.dest_addr_np_resolution,
    Tag.dest_addr_np_information,
    Tag.dest_addr_np_country,
    VENDORS,
)
OF_DELIVERIES: Final = (
    Tag.receipted_message_id,
    Tag.message_state,
    Tag.network_error_code,
    Tag.dpf_result,
)
OF_BROADCASTS: Final = (
    Tag.alert_on_message_delivery,
    Tag.broadcast_content_type_info,
    Tag.broadcast_service_group,
    Tag.callback_num,
    Tag.callback_num_atag,
    Tag.callback_num_pres_ind,
    Tag.dest_addr_subunit,
    Tag.dest_subaddress,
    Tag.dest_port,
    Tag.display_time,
    Tag.language_indicator,
    Tag.ms_validity,
    Tag.payload_type,
    Tag.privacy_indicator,
    Tag.sms_signal,
    Tag.source_addr_subunit,
    Tag.source_port,
    Tag.source_subaddress,
)


def something(tag: int) -> Tlv:
    """Return a TLV that says something other than nothing."""
    row = TABLE.get(tag)
    if row is None or row.kind is Kind.OCTET_STRING:
        return Tlv(tag, b"\1" * (max(row.shortest, 1) if row is not None else 3))
    return Tlv(tag, 1 if row.kind is Kind.INTEGER else "1" * (row.shortest - 1 or 1))


def by_name(tag: int) -> str:
    return tlv.name(tag)


# What is asked for.


@pytest.mark.parametrize("tag", OF_SUBMISSIONS, ids=by_name)
def test_a_tlv_that_means_nothing_to_us_changes_no_submission(tag: int) -> None:
    dialect = dialect_of("fleet", Profile(), Version.V50, {})
    plain = SubmitSm(7, destination_addr=DEVICE, short_message=b"hello")
    told = SubmitSm(7, destination_addr=DEVICE, short_message=b"hello", tlvs=(something(tag),))
    assert translate.submission(told, dialect, 0) == translate.submission(plain, dialect, 0)


@pytest.mark.parametrize("tag", OF_SUBMISSIONS + OF_DELIVERIES, ids=by_name)
def test_nor_does_it_change_what_a_data_sm_asks_for(tag: int) -> None:
    dialect = dialect_of("fleet", Profile(), Version.V50, {})
    text = Tlv(Tag.message_payload, b"hello")
    plain = DataSm(7, destination_addr=DEVICE, tlvs=(text,))
    told = DataSm(7, destination_addr=DEVICE, tlvs=(something(tag), text))
    assert translate.data(told, dialect, 0) == translate.data(plain, dialect, 0)


def test_the_time_to_live_of_a_data_sm_means_nothing_in_a_submit_sm() -> None:
    dialect = dialect_of("fleet", Profile(), Version.V50, {})
    told = SubmitSm(7, tlvs=(Tlv(Tag.qos_time_to_live, 0),))
    assert translate.submission(told, dialect, 0) == translate.submission(SubmitSm(7), dialect, 0)


async def test_a_submit_multi_is_served_whatever_else_its_tlvs_say(road: Road) -> None:
    peer = await road.bound(version=0x50)
    dests = (SmeAddress(1, 1, DEVICE),)
    tlvs = tuple(map(something, OF_SUBMISSIONS))
    peer.send(SubmitMulti(7, dest_address=dests, short_message=b"hello", tlvs=tlvs))
    answer = await peer.expect(Response)
    assert answer.command_status == 0
    await road.until(lambda: road.inbox() == [b"hello"])


async def test_a_broadcast_is_heard_whatever_else_its_tlvs_say(studio: Studio) -> None:
    peer = await studio.bound(version=0x50)
    await accepted(peer, *NEEDED, *map(something, OF_BROADCASTS))
    await studio.wait(0)
    assert studio.inbox() == [b"storm"]


# What manages the session.


async def test_an_account_gets_all_its_messages_whatever_a_bind_says_of_them(road: Road) -> None:
    peer = await road.peer()
    bind = BindTransceiver(1, "fleet", "secret", "VMS", 0x34, 1, 1, "^44", (something(VENDORS),))
    peer.send(bind)
    assert (await peer.expect(BindTransceiverResp)).command_status == 0
    await road.device_sends(b"hello")
    assert (await peer.expect(DeliverSm)).short_message == b"hello"


@pytest.mark.parametrize(
    "kind", [EnquireLink, QuerySm, CancelSm, ReplaceSm], ids=lambda kind: kind.__name__
)
async def test_a_tlv_that_a_request_does_not_have_changes_no_answer(
    road: Road, kind: type[Request]
) -> None:
    peer = await road.bound()
    fields: list[dict[str, Any]] = [{"tlvs": (something(VENDORS),)}, {}]
    peer.send(*(kind(7, **each) for each in fields))
    assert await peer.expect(Response) == await peer.expect(Response)


async def test_nor_does_it_keep_an_unbind_from_being_answered(road: Road) -> None:
    peer = await road.bound()
    peer.send(Unbind(7, (something(VENDORS),)))
    assert await peer.ended() == [UnbindResp(7)]


# What is answered to us.


async def test_an_answer_says_nothing_but_its_status(road: Road) -> None:
    peer = await road.bound(BindReceiver, version=0x50)
    tlvs = (
        Tlv(Tag.congestion_state, 100),
        Tlv(Tag.delivery_failure_reason, 1),
        Tlv(Tag.network_error_code, b"\3\0\1"),
        Tlv(Tag.additional_status_info_text, "no"),
    )
    numbers = [await road.device_sends(text) for text in (b"one", b"two")]
    for text in (b"one", b"two"):
        pdu = await peer.expect(DeliverSm)
        assert pdu.short_message == text
        peer.send(DeliverSmResp(pdu.sequence_number, 0, "whatever", tlvs))
    await peer.heard()
    assert [await road.state(number) for number in numbers] == [State.DELIVERED] * 2
