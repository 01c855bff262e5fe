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
