"""TLVs by tag, by length and by type."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.smpp import tlv
from smsc.smpp.commands import CommandStatus, PduError
from smsc.smpp.tlv import TABLE, Kind, Tag, Tlv


def read(text: str) -> tuple[Tlv, ...]:
    octets = bytes.fromhex(text)
    return tlv.decode(octets, 0, len(octets))


def refusal(text: str) -> PduError:
    with pytest.raises(PduError) as caught:
        read(text)
    return caught.value


def test_no_octets_are_no_tlvs() -> None:
    assert read("") == ()


def test_integers_have_the_size_of_their_tag() -> None:
    assert read("0427 0001 02") == (Tlv(Tag.message_state, 2),)
    assert read("020a 0002 07d1") == (Tlv(Tag.source_port, 2001),)
    assert read("0017 0004 00015180") == (Tlv(Tag.qos_time_to_live, 86400),)


def test_c_octet_strings_are_text_without_their_nul() -> None:
    assert read("001e 0005 37613162 00") == (Tlv(Tag.receipted_message_id, "7a1b"),)


def test_a_c_octet_string_may_lack_its_nul() -> None:
    assert read("001e 0004 37613162") == (Tlv(Tag.receipted_message_id, "7a1b"),)


def test_octet_strings_are_bytes() -> None:
    assert read("0424 0003 00ff80") == (Tlv(Tag.message_payload, b"\x00\xff\x80"),)


def test_a_tlv_may_be_empty() -> None:
    assert read("130c 0000") == (Tlv(Tag.alert_on_message_delivery, b""),)


def test_unknown_tags_keep_their_octets() -> None:
    assert read("1501 0003 010200") == (Tlv(0x1501, b"\x01\x02\x00"),)


def test_tlvs_keep_their_order_and_may_repeat() -> None:
    text = "020a 0002 0001 0427 0001 02 020a 0002 0003"
    assert read(text) == (
        Tlv(Tag.source_port, 1),
        Tlv(Tag.message_state, 2),
        Tlv(Tag.source_port, 3),
    )


def test_only_the_octets_between_start_and_end_are_read() -> None:
    octets = bytes.fromhex("ffff 0427 0001 02 ffff")
    assert tlv.decode(octets, 2, 7) == (Tlv(Tag.message_state, 2),)


@pytest.mark.parametrize("text", ["04", "0427", "0427 00", "0427 0001", "0427 0002 02"])
def test_a_stream_that_ends_inside_a_tlv_is_refused(text: str) -> None:
    assert refusal(text).status is CommandStatus.ESME_RINVTLVSTREAM


def test_the_refusal_names_the_tag() -> None:
    assert refusal("0427 0002 02").reason == "TLV message_state says 2 octets, 1 are left"
    assert refusal("1501 0002 02").reason == "TLV 0x1501 says 2 octets, 1 are left"


@pytest.mark.parametrize(
    "text",
    [
        "0427 0002 0002",
        "0427 0000",
        "020a 0001 01",
        "0423 0002 0300",
        "001e 0000",
        "001e 0041" + "41" * 65,
        "060d 0007" + "00" * 7,
        "0381 0003 000101",
    ],
)
def test_a_length_that_the_tag_does_not_allow_is_refused(text: str) -> None:
    assert refusal(text).status is CommandStatus.ESME_RINVTLVLEN


def test_the_first_of_a_tag_is_found() -> None:
    tlvs = (Tlv(Tag.source_port, 1), Tlv(Tag.message_state, 2), Tlv(Tag.source_port, 3))
    assert tlv.first(tlvs, Tag.source_port) == 1
    assert tlv.first(tlvs, Tag.message_state) == 2
    assert tlv.first(tlvs, Tag.dest_port) is None


@pytest.mark.parametrize(
    ("unfit", "status"),
    [
        (Tlv(Tag.message_state, 256), CommandStatus.ESME_RINVTLVVAL),
        (Tlv(Tag.message_state, "2"), CommandStatus.ESME_RINVTLVVAL),
        (Tlv(Tag.receipted_message_id, b"7a1b"), CommandStatus.ESME_RINVTLVVAL),
        (Tlv(Tag.receipted_message_id, "7a\x001b"), CommandStatus.ESME_RINVTLVVAL),
        (Tlv(Tag.receipted_message_id, "Ж"), CommandStatus.ESME_RINVTLVVAL),
        (Tlv(Tag.receipted_message_id, "7" * 65), CommandStatus.ESME_RINVTLVLEN),
        (Tlv(Tag.message_payload, "text"), CommandStatus.ESME_RINVTLVVAL),
        (Tlv(Tag.network_error_code, b"\x03\x00"), CommandStatus.ESME_RINVTLVLEN),
        (Tlv(0x1501, 1), CommandStatus.ESME_RINVTLVVAL),
        (Tlv(0x1501, bytes(65536)), CommandStatus.ESME_RINVTLVLEN),
        (Tlv(65536, b""), CommandStatus.ESME_RINVTLVVAL),
    ],
)
def test_a_value_that_does_not_fit_its_tag_is_not_written(unfit: Tlv, status: int) -> None:
    with pytest.raises(PduError) as caught:
        tlv.encode([unfit])
    assert caught.value.status is status


# Each TLV by hand from its clause of 5.0, 4.8.4.1 to 4.8.4.64: its name, its octets, its value.
BY_NAME: dict[str, tuple[str, tlv.Value]] = {
    "additional_status_info_text": ("001d 0004 6f6666 00", "off"),
    "alert_on_message_delivery": ("130c 0001 02", b"\x02"),
    "billing_identification": ("060b 0003 010a0b", b"\x01\x0a\x0b"),
    "broadcast_area_identifier": ("0606 0003 00 5831", b"\x00X1"),
    "broadcast_area_success": ("0608 0001 64", 100),
    "broadcast_content_type_info": ("0602 0002 6869", b"hi"),
    "broadcast_channel_indicator": ("0600 0001 01", 1),
    "broadcast_content_type": ("0601 0003 01 0030", b"\x01\x00\x30"),
    "broadcast_end_time": (
        "0609 0011 313830313234313233393030303030 2b 00",
        "180124123900000+",
    ),
    "broadcast_error_status": ("0607 0004 0000010d", 0x10D),
    "broadcast_frequency_interval": ("0605 0003 09 000a", b"\x09\x00\x0a"),
    "broadcast_message_class": ("0603 0001 02", 2),
    "broadcast_rep_num": ("0604 0002 0100", 256),
    "broadcast_service_group": ("060a 0002 0001", b"\x00\x01"),
    "callback_num": ("0381 0007 01 01 01 34393137", b"\x01\x01\x014917"),
    "callback_num_atag": ("0303 0003 03 6869", b"\x03hi"),
    "callback_num_pres_ind": ("0302 0001 05", 5),
    "congestion_state": ("0428 0001 5a", 90),
    "delivery_failure_reason": ("0425 0001 03", 3),
    "dest_addr_np_country": ("0613 0005 0000000031", b"\x00\x00\x00\x001"),
    "dest_addr_np_information": ("0612 000a 30313233343536373839", b"0123456789"),
    "dest_addr_np_resolution": ("0611 0001 02", 2),
    "dest_addr_subunit": ("0005 0001 03", 3),
    "dest_bearer_type": ("0007 0001 01", 1),
    "dest_network_id": ("060e 0007 3236323031 31 00", "262011"),
    "dest_network_type": ("0006 0001 01", 1),
    "dest_node_id": ("0610 0006 303030303037", b"000007"),
    "dest_subaddress": ("0203 0003 a0 3132", b"\xa012"),
    "dest_telematics_id": ("0008 0002 1500", 0x1500),
    "dest_port": ("020b 0002 07d1", 2001),
    "display_time": ("1201 0001 01", 1),
    "dpf_result": ("0420 0001 01", 1),
    "its_reply_type": ("1380 0001 08", 8),
    "its_session_info": ("1383 0002 0102", b"\x01\x02"),
    "language_indicator": ("020d 0001 04", 4),
    "message_payload": ("0424 0003 00ff80", b"\x00\xff\x80"),
    "message_state": ("0427 0001 02", 2),
    "more_messages_to_send": ("0426 0001 01", 1),
    "ms_availability_status": ("0422 0001 02", 2),
    "ms_msg_wait_facilities": ("0030 0001 81", 0x81),
    "ms_validity": ("1204 0004 04 01 001e", b"\x04\x01\x00\x1e"),
    "network_error_code": ("0423 0003 03 001b", b"\x03\x00\x1b"),
    "number_of_messages": ("0304 0001 63", 99),
    "payload_type": ("0019 0001 01", 1),
    "privacy_indicator": ("0201 0001 03", 3),
    "qos_time_to_live": ("0017 0004 00015180", 86400),
    "receipted_message_id": ("001e 0005 37613162 00", "7a1b"),
    "sar_msg_ref_num": ("020c 0002 0102", 258),
    "sar_segment_seqnum": ("020f 0001 01", 1),
    "sar_total_segments": ("020e 0001 02", 2),
    "sc_interface_version": ("0210 0001 50", 0x50),
    "set_dpf": ("0421 0001 00", 0),
    "sms_signal": ("1203 0002 0103", 259),
    "source_addr_subunit": ("000d 0001 03", 3),
    "source_bearer_type": ("000f 0001 01", 1),
    "source_network_id": ("060d 0007 3236323031 31 00", "262011"),
    "source_network_type": ("000e 0001 01", 1),
    "source_node_id": ("060f 0006 303030303037", b"000007"),
    "source_port": ("020a 0002 07d1", 2001),
    "source_subaddress": ("0202 0003 a0 3132", b"\xa012"),
    "source_telematics_id": ("0010 0001 15", 0x15),
    "user_message_reference": ("0204 0002 0201", 513),
    "user_response_code": ("0205 0001 0f", 15),
    "ussd_service_op": ("0501 0001 12", 18),
}


@pytest.mark.parametrize("name", BY_NAME)
def test_each_tlv_is_read_and_written_by_its_name(name: str) -> None:
    text, value = BY_NAME[name]
    assert read(text) == (Tlv(Tag[name], value),)
    assert tlv.encode([Tlv(Tag[name], value)]) == bytes.fromhex(text)
    assert tlv.name(Tag[name]) == name


def test_the_tlvs_are_those_of_the_specification() -> None:
    assert {tag.name for tag in Tag} == set(BY_NAME)
    assert len(BY_NAME) == 64


@pytest.mark.parametrize(
    ("other", "name"),
    [
        ("destination_port", "dest_port"),
        ("alert_on_msg_delivery", "alert_on_message_delivery"),
        ("failed_broadcast_area_identifier", "broadcast_area_identifier"),
    ],
)
def test_a_tag_of_two_names_is_one(other: str, name: str) -> None:
    assert Tag[other] is Tag[name]


def test_every_tag_of_the_specification_is_in_the_table() -> None:
    assert set(TABLE) == set(Tag)


def values(row: tlv.Row) -> st.SearchStrategy[Any]:
    if row.kind is Kind.INTEGER:
        return st.integers(0, 256**row.longest - 1)
    if row.kind is Kind.OCTET_STRING:
        return st.binary(min_size=row.shortest, max_size=min(row.longest, 2000))
    characters = st.characters(min_codepoint=1, max_codepoint=255)
    return st.text(characters, min_size=row.shortest - 1, max_size=row.longest - 1)


KNOWN = st.sampled_from(sorted(TABLE)).flatmap(
    lambda tag: st.builds(Tlv, st.just(tag), values(TABLE[tag]))
)
VENDORS = st.builds(Tlv, st.integers(0x1400, 0x3FFF), st.binary(max_size=300))


@given(st.lists(KNOWN | VENDORS).map(tuple))
def test_tlvs_come_back_as_they_were_written(tlvs: tuple[Tlv, ...]) -> None:
    octets = tlv.encode(tlvs)
    assert tlv.decode(octets, 0, len(octets)) == tlvs


@given(st.sampled_from(sorted(TABLE)), st.binary(max_size=80))
def test_whatever_is_read_can_be_written(tag: int, value: bytes) -> None:
    octets = tag.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value
    try:
        tlvs = tlv.decode(octets, 0, len(octets))
    except PduError as error:
        assert error.status is CommandStatus.ESME_RINVTLVLEN
    else:
        again = tlv.encode(tlvs)
        assert tlv.decode(again, 0, len(again)) == tlvs


@given(st.binary(max_size=100))
def test_nothing_but_a_pdu_error_escapes(octets: bytes) -> None:
    try:
        tlv.decode(octets, 0, len(octets))
    except PduError as error:
        assert error.reason
