"""PDUs told field by field: all their octets, each value as the codec reads it."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.smpp import codec
from smsc.smpp.commands import PduError
from smsc.smpp.explain import explain, is_smpp
from smsc.smpp.layout import Integer, Text, fields
from smsc.smpp.meanings import CLAUSES, tlv_clause
from smsc.smpp.pdu import (
    REQUESTS,
    RESPONSES,
    BindTransceiver,
    DataSm,
    DeliverSm,
    EnquireLink,
    GenericNack,
    Pdu,
    SubmitSm,
    SubmitSmResp,
)
from smsc.smpp.tlv import TABLE, Tag, Tlv
from smsc_encodings import gsm7, udh
from smsc_encodings.elements import Ports16
from smsc_encodings.errors import EncodingError
from smsc_encodings.explanation import Fact, walk
from smsc_encodings.national import Shifts
from smsc_encodings.shift_tables import Language

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.hex"))


def golden(path: Path) -> bytes:
    lines = path.read_text("utf-8").splitlines()
    return bytes.fromhex("".join(line for line in lines if not line.startswith("#")))


def told(pdu: Pdu) -> dict[str, Fact]:
    """Explain a PDU; return its facts by name, the last of each."""
    return {fact.name: fact for _, fact in walk(explain(codec.encode(pdu)))}


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_the_facts_of_a_pdu_cover_its_octets(path: Path) -> None:
    octets = golden(path)
    (fact,) = explain(octets)
    assert b"".join(inner.octets for inner in fact.facts) == octets
    for _, each in walk([fact]):
        assert octets[each.offset :].startswith(each.octets)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_each_value_is_what_the_codec_reads(path: Path) -> None:
    octets = golden(path)
    pdu = codec.decode(octets)
    facts = {fact.name: fact for fact in explain(octets)[0].facts}
    for name, row in fields(type(pdu)):
        if name not in facts:
            continue
        value = getattr(pdu, name)
        if isinstance(row, Text):
            assert facts[name].value == value
        elif isinstance(row, Integer):
            assert int(facts[name].value, 0) == value
    shown = [fact.name for fact in explain(octets)[0].facts if fact.name.startswith("TLV ")]
    assert len(shown) == len(getattr(pdu, "tlvs", ()))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_what_is_smpp_is_seen_to_be(path: Path) -> None:
    assert is_smpp(golden(path))


@pytest.mark.parametrize(
    "octets", ["", "0000", "0011000B916407281553F80000AA00", "0791" + "00" * 9]
)
def test_a_tpdu_is_not_taken_for_smpp(octets: str) -> None:
    assert not is_smpp(bytes.fromhex(octets))


def test_pdus_that_stand_one_after_the_other_are_told_in_their_order() -> None:
    octets = codec.encode(EnquireLink(1)) + codec.encode(GenericNack(2, 3))
    first, second = explain(octets)
    assert (first.name, second.name) == ("enquire_link", "generic_nack")
    assert second.offset == 16
    assert [fact.value for fact in second.facts][2:] == ["0x00000003", "2"]


# Meanings.


def test_the_parts_of_esm_class_and_registered_delivery_are_told() -> None:
    facts = told(SubmitSm(1, esm_class=0xC2, registered_delivery=0x1D))
    assert facts["mode"].meaning == "transaction (forward)"
    assert facts["UDHI"].value == "1"
    assert facts["reply path"].meaning == "set"
    assert facts["type"].meaning == "a message"
    assert facts["receipt"].meaning == "success or failure"
    assert facts["acknowledgement"].meaning == "delivery and user"
    assert facts["intermediate"].value == "1"
    assert told(DeliverSm(1, esm_class=0x04))["type"].meaning == "delivery receipt"


def test_addresses_statuses_and_versions_are_named() -> None:
    facts = told(SubmitSm(1, source_addr_ton=5, dest_addr_npi=18))
    assert facts["source_addr_ton"].meaning == "alphanumeric"
    assert facts["dest_addr_npi"].meaning == "WAP"
    assert told(SubmitSmResp(1, 0x58))["command_status"].meaning == "ESME_RTHROTTLED"
    assert told(SubmitSmResp(1, 0x400))["command_status"].meaning == "specific to the SMSC's vendor"
    assert told(BindTransceiver(1))["interface_version"].meaning == "SMPP 3.4"


@pytest.mark.parametrize(
    ("data_coding", "octets", "text"),
    [(0, b"\x00", "@"), (3, b"\xe9", "é"), (8, b"\x20\xac", "€"), (0xF1, b"$", "¤")],
)
def test_a_message_is_shown_as_its_data_coding_says(
    data_coding: int, octets: bytes, text: str
) -> None:
    facts = told(SubmitSm(1, data_coding=data_coding, short_message=octets))
    assert facts["text"].value == text
    payload = (Tlv(Tag.message_payload, octets),)
    assert told(DataSm(1, data_coding=data_coding, tlvs=payload))["text"].value == text


def test_a_binary_message_is_shown_as_octets_and_why() -> None:
    facts = told(SubmitSm(1, data_coding=4, short_message=b"\xca\xfe"))
    assert facts["octets"].value == "cafe"
    assert "0x04 is binary" in facts["octets"].meaning


def test_a_header_is_told_in_front_of_the_text() -> None:
    header = udh.encode([Ports16(2948, 9200)])
    facts = told(SubmitSm(1, esm_class=0x40, short_message=header + b"hi"))
    assert facts["IEI 0x05"].value == "destination 2948, source 9200"
    assert facts["IEI 0x05"].meaning == "application port (16 bit): WAP push"
    assert facts["text"].value == "hi"


def test_a_text_is_shown_with_the_language_that_its_header_announces() -> None:
    turkish = Shifts(Language.TURKISH)
    octets = udh.encode(turkish.elements) + gsm7.encode("ğ", *turkish)
    facts = told(SubmitSm(1, esm_class=0x40, short_message=octets))
    assert facts["IEI 0x25"].meaning == "national language locking shift: Turkish"
    assert facts["text"].value == "ğ"


def test_a_header_that_cannot_be_read_says_where() -> None:
    facts = told(SubmitSm(1, esm_class=0x40, short_message=b"\x05hi"))
    at = facts["user data header"].offset
    assert f"offset {at} claims 5 octets where 2 follow" in facts["user data header"].meaning


@pytest.mark.parametrize(
    ("written", "meaning"),
    [
        ("", ""),
        ("000002000000000R", "from now: 2 days"),
        ("000000000000000R", "from now: at once"),
        ("261121104043004+", "2026-11-21T09:40:43Z"),
        ("269921104043000+", "'269921104043000+' is no time: month must be in 1..12"),
        ("tomorrow", "'tomorrow' is no time: not YYMMDDhhmmsstnn and one of + - R"),
    ],
)
def test_a_time_is_told_in_words(written: str, meaning: str) -> None:
    assert told(SubmitSm(1, validity_period=written))["validity_period"].meaning == meaning


@pytest.mark.parametrize(
    ("tag", "value", "meaning"),
    [
        (Tag.message_state, 2, "DELIVERED"),
        (Tag.network_error_code, b"\x03\x00\x1b", "GSM, 27"),
        (Tag.congestion_state, 85, "optimum"),
        (Tag.congestion_state, 100, "congested"),
        (Tag.ms_msg_wait_facilities, 0x82, "e-mail indicator on"),
        (Tag.ussd_service_op, 18, "USSR confirm"),
        (Tag.delivery_failure_reason, 9, "reserved"),
        (0x1401, b"\1", "unknown: kept as it is"),
    ],
)
def test_the_value_of_a_tlv_is_told(tag: int, value: int | bytes, meaning: str) -> None:
    (fact,) = (
        fact
        for fact in explain(codec.encode(DataSm(1, tlvs=(Tlv(tag, value),))))[0].facts
        if fact.name.startswith("TLV ")
    )
    assert fact.meaning == meaning


def test_every_tlv_of_the_table_has_its_clause_and_each_another() -> None:
    clauses = [tlv_clause(tag) for tag in TABLE]
    assert len(set(clauses)) == len(TABLE) == 64
    assert all(clause.startswith("4.8.4.") for clause in clauses)
    assert tlv_clause(0x1401) == ""


def test_every_field_has_its_clause_but_those_of_3_3_alone() -> None:
    of_3_3 = {"param_name", "param_value", "no_of_messages", "message_details"}
    lists = {"dest_address", "unsuccess_sme"}
    names = {name for kind in REQUESTS + RESPONSES for name, _ in fields(kind)}
    assert names - set(CLAUSES) == of_3_3 | lists


# What is refused, and where.

SUBMIT = codec.encode(SubmitSm(3, source_addr="1234", short_message=b"hi"))


def resized(octets: bytes) -> bytes:
    return len(octets).to_bytes(4, "big") + octets[4:]


@pytest.mark.parametrize(
    ("octets", "message", "offset"),
    [
        (b"", "offset 0 needs a header of 16 octets, 0 are left", 0),
        (SUBMIT[:10], "offset 0 needs a header of 16 octets, 10 are left", 0),
        (SUBMIT[:-1], "command_length at offset 0 says 39, 38 octets are there", 0),
        (b"\0\0\0\x0f" + SUBMIT[4:], "command_length at offset 0 says 15", 0),
        (SUBMIT + b"\0", "offset 39 needs a header", 39),
        (SUBMIT[:4] + b"\0\0\1\0" + SUBMIT[8:], "command_id at offset 4 is 0x00000100", 4),
        (resized(SUBMIT[:22]), "source_addr at offset 19 has no NUL in the 3 octets", 19),
        (resized(SUBMIT[:-1]), "short_message at offset 37 needs 2 octets, 1 are left", 37),
        (resized(SUBMIT + b"\4\x24"), "2 octets at offset 39 follow the last field", 39),
        (resized(SUBMIT + b"\4\x24\0\1"), "TLV message_payload at offset 43 needs 1 octets", 43),
        (resized(SUBMIT + b"\4\x27\0\2\0\0"), "TLV message_state can't be 2 octets", 43),
    ],
)
def test_what_is_no_pdu_is_refused_with_the_offset(
    octets: bytes, message: str, offset: int
) -> None:
    with pytest.raises(EncodingError, match=message) as refused:
        explain(octets)
    assert refused.value.offset == offset


def test_the_body_of_an_error_response_may_be_anything() -> None:
    octets = resized(codec.encode(SubmitSmResp(3, 0x58)) + b"\xff\xff")
    facts = {fact.name: fact for fact in explain(octets)[0].facts}
    assert facts["body"].value == "ffff"
    assert codec.decode(octets) == SubmitSmResp(3, 0x58)


def test_the_body_of_any_response_may_be_left_out() -> None:
    octets = resized(codec.encode(SubmitSmResp(3, message_id="7"))[:16])
    assert codec.decode(octets) == SubmitSmResp(3)
    assert len(explain(octets)[0].facts) == 4


def garbled(octets: bytes) -> Iterator[st.SearchStrategy[bytes]]:
    yield st.integers(0, len(octets)).map(lambda size: resized(octets[:size]))
    yield st.tuples(st.integers(8, len(octets) - 1), st.binary(min_size=1, max_size=3)).map(
        lambda cut: resized(octets[: cut[0]] + cut[1] + octets[cut[0] + 1 :])
    )


SOUP = st.binary(max_size=60) | st.one_of(
    [strategy for path in GOLDEN for strategy in garbled(golden(path))]
)


@given(SOUP)
def test_nothing_but_encoding_errors_with_an_offset_is_raised(octets: bytes) -> None:
    try:
        facts = explain(octets)
    except EncodingError as error:
        assert error.offset is not None
        assert 0 <= error.offset <= len(octets)
    else:
        assert all(fact.octets in octets for _, fact in walk(facts))


@given(SOUP)
def test_what_the_codec_reads_is_explained_and_what_it_refuses_is_not(octets: bytes) -> None:
    try:
        codec.decode(octets)
    except PduError:
        with pytest.raises(EncodingError):
            explain(octets)
    else:
        (fact,) = explain(octets)
        assert fact.facts


def test_a_password_is_not_left_out_for_the_octets_are_there_anyway() -> None:
    assert told(BindTransceiver(1, "fleet", "secret"))["password"].value == "secret"
    assert "secret" not in repr(msgspec.structs.replace(BindTransceiver(1, "fleet", "secret")))
