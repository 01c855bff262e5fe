"""Golden octets, and what two other codecs make of ours and we of theirs."""

from pathlib import Path
from typing import Any

import pytest
import smpplib.smpp
from aiosmpplib import protocol, state

from smsc.smpp import codec
from smsc.smpp.commands import CommandStatus
from smsc.smpp.parts import MessageDetails
from smsc.smpp.pdu import (
    REQUESTS,
    RESPONSES,
    AlertNotification,
    BindReceiver,
    BindReceiverResp,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    BroadcastSm,
    BroadcastSmResp,
    CancelBroadcastSm,
    CancelBroadcastSmResp,
    CancelSm,
    CancelSmResp,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    DistributionList,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Outbind,
    Pdu,
    QueryBroadcastSm,
    QueryBroadcastSmResp,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    ReplaceSmResp,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
    UnsuccessSme,
)
from smsc.smpp.retired import (
    ParamRetrieve,
    ParamRetrieveResp,
    QueryLastMsgs,
    QueryLastMsgsResp,
    QueryMsgDetails,
    QueryMsgDetailsResp,
)
from smsc.smpp.tlv import Tag, Tlv

GOLDEN = Path(__file__).parent / "golden"

RECEIPT = (
    b"id:7a1b sub:001 dlvrd:001 submit date:1801241238 done date:1801241239"
    b" stat:DELIVRD err:000 text:"
)

MEANT: dict[str, Pdu] = {
    "alert_notification": AlertNotification(
        10, 1, 1, "4917", esme_addr="1234", tlvs=(Tlv(Tag.ms_availability_status, 0),)
    ),
    "bind_transmitter_of_the_specification": BindTransmitter(
        1, "SMPP3TEST", "secret08", "SUBMIT1", 0x50, addr_ton=1, addr_npi=1
    ),
    "broadcast_sm": BroadcastSm(
        11,
        service_type="CBS",
        source_addr="1234",
        tlvs=(
            Tlv(Tag.broadcast_area_identifier, b"\x00berlin"),
            Tlv(Tag.broadcast_content_type, b"\x00\x00\x33"),
            Tlv(Tag.broadcast_rep_num, 3),
            Tlv(Tag.broadcast_frequency_interval, b"\x09\x00\x0a"),
            Tlv(Tag.message_payload, b"hi"),
        ),
    ),
    "broadcast_sm_resp": BroadcastSmResp(
        11,
        0,
        "0000000007",
        (
            Tlv(Tag.broadcast_error_status, CommandStatus.ESME_RINVBCASTALIAS_NAME),
            Tlv(Tag.broadcast_area_identifier, b"\x00mars"),
        ),
    ),
    "cancel_broadcast_sm": CancelBroadcastSm(
        13,
        service_type="CBS",
        source_addr="1234",
        tlvs=(Tlv(Tag.broadcast_content_type, b"\x00\x00\x33"),),
    ),
    "cancel_broadcast_sm_resp": CancelBroadcastSmResp(13),
    "data_sm": DataSm(
        5,
        source_addr="1234",
        dest_addr_ton=1,
        dest_addr_npi=1,
        destination_addr="4917",
        registered_delivery=1,
        data_coding=4,
        tlvs=(Tlv(Tag.message_payload, b"\x00\xff\x80"), Tlv(Tag.dest_port, 2001)),
    ),
    "deliver_sm_receipt": DeliverSm(
        9,
        source_addr_ton=1,
        source_addr_npi=1,
        source_addr="491700000001",
        dest_addr_ton=5,
        destination_addr="FLEET",
        esm_class=4,
        short_message=RECEIPT,
        tlvs=(
            Tlv(Tag.receipted_message_id, "7a1b"),
            Tlv(Tag.message_state, 2),
            Tlv(Tag.network_error_code, b"\x03\x00\x00"),
        ),
    ),
    "deliver_sm_resp": DeliverSmResp(9),
    "generic_nack": GenericNack(0, CommandStatus.ESME_RINVCMDID),
    "kannel_submit_sm_binary": SubmitSm(
        7,
        service_type="VMA",
        source_addr_ton=2,
        source_addr_npi=1,
        source_addr="1234",
        dest_addr_ton=1,
        dest_addr_npi=1,
        destination_addr="491700000001",
        esm_class=0x43,
        registered_delivery=0x11,
        data_coding=4,
        short_message=bytes.fromhex("06050407d10000cafe00"),
    ),
    "query_broadcast_sm": QueryBroadcastSm(12, "0000000007", source_addr="1234"),
    "query_broadcast_sm_resp": QueryBroadcastSmResp(
        12,
        0,
        "0000000007",
        (
            Tlv(Tag.message_state, 2),
            Tlv(Tag.broadcast_area_identifier, b"\x00berlin"),
            Tlv(Tag.broadcast_area_success, 100),
            Tlv(Tag.broadcast_end_time, "261121085200000+"),
            Tlv(Tag.user_message_reference, 513),
        ),
    ),
    "query_sm_resp": QuerySmResp(8, 0, "7a", "180124123900000+", message_state=2),
    "submit_multi": SubmitMulti(
        6,
        source_addr="1234",
        dest_address=(SmeAddress(1, 1, "4917"), DistributionList("fleet")),
        short_message=b"hi",
    ),
    "submit_multi_resp": SubmitMultiResp(
        6, 0, "7a", (UnsuccessSme(1, 1, "4917", CommandStatus.ESME_RINVDSTADR),)
    ),
    "submit_sm_resp": SubmitSmResp(3, 0, "7a1b"),
    "submit_sm_resp_error": SubmitSmResp(3, CommandStatus.ESME_RTHROTTLED),
    "submit_sm_resp_error_5_0": SubmitSmResp(
        3,
        CommandStatus.ESME_RPROHIBITED,
        tlvs=(Tlv(Tag.additional_status_info_text, "no mo"),),
    ),
    "traccar_bind_transceiver": BindTransceiver(1, "user", "password"),
    "traccar_submit_sm": SubmitSm(
        3,
        source_addr_ton=5,
        source_addr="+16125552701",
        dest_addr_ton=1,
        dest_addr_npi=1,
        destination_addr="16125559898",
        short_message=b"check123999",
    ),
    "traccar_submit_sm_ucs2": SubmitSm(
        4,
        source_addr_ton=5,
        dest_addr_ton=1,
        dest_addr_npi=1,
        destination_addr="16125559898",
        registered_delivery=1,
        data_coding=8,
        short_message="Geräte".encode("utf-16-be"),
    ),
    "bind_receiver": BindReceiver(2, "fleet", "secret", address_range="^1234"),
    "bind_receiver_resp": BindReceiverResp(2, 0, "smsc", (Tlv(Tag.sc_interface_version, 0x50),)),
    "bind_transmitter_resp": BindTransmitterResp(1, 0, "smsc"),
    "bind_transmitter_resp_error": BindTransmitterResp(1, CommandStatus.ESME_RINVPASWD),
    "bind_transceiver_resp": BindTransceiverResp(
        1, 0, "smsc", (Tlv(Tag.sc_interface_version, 0x50), Tlv(Tag.congestion_state, 15))
    ),
    "outbind": Outbind(1, "smsc", "secret"),
    "unbind": Unbind(11),
    "unbind_resp": UnbindResp(11),
    "enquire_link": EnquireLink(0x7FFFFFFF),
    "enquire_link_resp": EnquireLinkResp(0x7FFFFFFF),
    "data_sm_resp": DataSmResp(
        5,
        CommandStatus.ESME_RDELIVERYFAILURE,
        "7a",
        (
            Tlv(Tag.delivery_failure_reason, 3),
            Tlv(Tag.network_error_code, b"\x03\x00\x1b"),
            Tlv(Tag.additional_status_info_text, "off"),
        ),
    ),
    "query_sm": QuerySm(8, "7a", source_addr="1234"),
    "cancel_sm": CancelSm(12, "VMA", "7a", 0, 0, "1234", 1, 1, "4917"),
    "cancel_sm_resp": CancelSmResp(12, CommandStatus.ESME_RCANCELFAIL),
    "replace_sm": ReplaceSm(
        13,
        "7a",
        0,
        0,
        "1234",
        "000000010000000R",
        "000001000000000R",
        registered_delivery=1,
        short_message=b"hi",
    ),
    "replace_sm_resp": ReplaceSmResp(13),
    "submit_multi_resp_all_well": SubmitMultiResp(6, 0, "ABC"),
    "submit_multi_resp_of_the_forum": SubmitMultiResp(
        6,
        0,
        "ABC",
        (
            UnsuccessSme(1, 1, "55555", CommandStatus.ESME_RALYBND),
            UnsuccessSme(2, 8, "65455", CommandStatus.ESME_RINVSERTYP),
        ),
    ),
    "param_retrieve": ParamRetrieve(14, "timer"),
    "param_retrieve_resp": ParamRetrieveResp(14, 0, "30"),
    "query_last_msgs": QueryLastMsgs(15, source_addr="1234", no_of_messages=45),
    "query_last_msgs_resp": QueryLastMsgsResp(
        15, 0, (MessageDetails("0000000A"), MessageDetails("0000000B"))
    ),
    "query_msg_details": QueryMsgDetails(16, "0000000A", source_addr="1234", sm_length=160),
    "query_msg_details_resp": QueryMsgDetailsResp(
        16,
        source_addr="1234",
        dest_address=(SmeAddress(1, 1, "4917"),),
        priority_flag=1,
        registered_delivery=1,
        short_message=b"hi",
        message_id="0000000A",
        final_date="180124123900000+",
        message_state=2,
    ),
}


def golden(name: str) -> bytes:
    lines = (GOLDEN / f"{name}.hex").read_text().splitlines()
    return bytes.fromhex("".join(line for line in lines if not line.startswith("#")))


def test_every_golden_file_is_explained() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(MEANT)


@pytest.mark.parametrize("kind", REQUESTS + RESPONSES)
def test_every_pdu_has_golden_octets(kind: type[Pdu]) -> None:
    assert kind in {type(pdu) for pdu in MEANT.values()}


@pytest.mark.parametrize("name", MEANT)
def test_every_golden_file_says_where_its_octets_come_from(name: str) -> None:
    assert (GOLDEN / f"{name}.hex").read_text().startswith("# ")


@pytest.mark.parametrize("name", MEANT)
def test_golden_octets_mean_their_pdu(name: str) -> None:
    assert codec.decode(golden(name)) == MEANT[name]


@pytest.mark.parametrize("name", MEANT)
def test_pdus_are_written_as_their_golden_octets(name: str) -> None:
    assert codec.encode(MEANT[name]) == golden(name)


# Other people's codecs


class Sequence:
    """What smpplib asks its client for."""

    sequence = 7

    def next_sequence(self) -> int:
        return self.sequence


@pytest.mark.parametrize(
    "pdu",
    [MEANT[name] for name in ("traccar_submit_sm", "kannel_submit_sm_binary")],
)
def test_smpplib_reads_our_submit_sm(pdu: SubmitSm) -> None:
    theirs: Any = smpplib.smpp.parse_pdu(codec.encode(pdu), client=Sequence())
    for name in ("esm_class", "registered_delivery", "data_coding", "short_message"):
        assert getattr(theirs, name) == getattr(pdu, name)
    assert theirs.source_addr.rstrip(b"\0").decode() == pdu.source_addr
    assert theirs.destination_addr.rstrip(b"\0").decode() == pdu.destination_addr


def test_we_read_the_submit_sm_of_smpplib() -> None:
    theirs: Any = smpplib.smpp.make_pdu(
        "submit_sm",
        client=Sequence(),
        source_addr_ton=5,
        source_addr="FLEET",
        dest_addr_ton=1,
        dest_addr_npi=1,
        destination_addr="491700000001",
        esm_class=0x40,
        short_message=b"\x05\x00\x03\x01\x02\x01hi",
        user_message_reference=513,
    )
    assert codec.decode(theirs.generate()) == SubmitSm(
        7,
        source_addr_ton=5,
        source_addr="FLEET",
        dest_addr_ton=1,
        dest_addr_npi=1,
        destination_addr="491700000001",
        esm_class=0x40,
        short_message=b"\x05\x00\x03\x01\x02\x01hi",
        tlvs=(Tlv(Tag.user_message_reference, 513),),
    )


def test_aiosmpplib_reads_our_receipt() -> None:
    octets = golden("deliver_sm_receipt")
    header = protocol.SmppMessage.parse_header(octets[:16])
    theirs: Any = protocol.DeliverSm.from_pdu(octets, header, "ascii")
    assert theirs.is_receipt()
    assert theirs.parse_receipt()["id"] == "7a1b"
    assert theirs.source.number == "491700000001"


def test_we_read_the_deliver_sm_of_aiosmpplib() -> None:
    theirs: Any = protocol.DeliverSm(
        sequence_num=5,
        source=state.PhoneNumber("491700000001", state.TON.INTERNATIONAL, state.NPI.ISDN),
        destination=state.PhoneNumber("1234", state.TON.UNKNOWN, state.NPI.UNKNOWN),
        short_message="hello",
        registered_delivery=0,
    )
    assert codec.decode(theirs.pdu()) == DeliverSm(
        5,
        source_addr_ton=1,
        source_addr_npi=1,
        source_addr="491700000001",
        destination_addr="1234",
        short_message=b"hello",
    )


def test_aiosmpplib_and_we_write_the_same_bind() -> None:
    theirs: Any = protocol.BindTransceiver(
        sequence_num=1, system_id="user", password="password", interface_version=0x34
    )
    assert theirs.pdu() == golden("traccar_bind_transceiver")


def test_smpplib_and_we_write_the_same_unbind() -> None:
    theirs: Any = smpplib.smpp.make_pdu("unbind", client=Sequence())
    assert theirs.generate() == codec.encode(Unbind(7))
