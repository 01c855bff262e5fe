"""The codec: every PDU comes back, and what is none is refused in words."""

from typing import Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smsc.smpp import codec, tlv
from smsc.smpp.commands import CommandId, CommandStatus, PduError
from smsc.smpp.layout import Counted, Integer, Row, Text, fields
from smsc.smpp.parts import MessageDetails
from smsc.smpp.pdu import (
    REQUESTS,
    RESPONSES,
    BindTransceiver,
    BindTransceiverResp,
    CancelSm,
    DataSm,
    DataSmResp,
    DeliverSmResp,
    DistributionList,
    EnquireLink,
    EnquireLinkResp,
    Pdu,
    QuerySm,
    Request,
    Response,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
    UnbindResp,
    UnsuccessSme,
)
from smsc.smpp.tlv import Tag, Tlv

SUBMIT = codec.encode(SubmitSm(3, source_addr="+16125552701", short_message=b"check123999"))


def refusal(octets: bytes) -> PduError:
    with pytest.raises(PduError) as caught:
        codec.decode(octets)
    return caught.value


def with_length(octets: bytes) -> bytes:
    return len(octets).to_bytes(4, "big") + octets[4:]


# Every PDU, from the table

CHARACTERS = st.characters(min_codepoint=1, max_codepoint=255)


def values(name: str, row: Row) -> st.SearchStrategy[Any]:
    if isinstance(row, Integer):
        return st.integers(0, 256**row.size - 1)
    if isinstance(row, Text):
        return st.text(CHARACTERS, max_size=row.longest - 1)
    if isinstance(row, Counted):
        return st.binary(max_size=row.longest)
    return st.lists(ENTRIES[name], max_size=5).map(tuple)


def structs(kind: type, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(kind, **{name: values(name, row) for name, row in fields(kind)}, **more)


ENTRIES: dict[str, st.SearchStrategy[Any]] = {
    "dest_address": st.one_of(structs(SmeAddress), structs(DistributionList)),
    "unsuccess_sme": structs(UnsuccessSme),
    "message_details": structs(MessageDetails),
}


def tlv_values(row: tlv.Row) -> st.SearchStrategy[Any]:
    longest = min(row.longest, 300)
    if row.kind is tlv.Kind.INTEGER:
        return st.integers(0, 256**row.longest - 1)
    if row.kind is tlv.Kind.OCTET_STRING:
        return st.binary(min_size=row.shortest, max_size=longest)
    return st.text(CHARACTERS, min_size=row.shortest - 1, max_size=longest - 1)


TLVS = st.lists(
    st.sampled_from(sorted(tlv.TABLE)).flatmap(
        lambda tag: st.builds(Tlv, st.just(tag), tlv_values(tlv.TABLE[tag]))
    ),
    max_size=4,
).map(tuple)
NUMBERS = st.integers(0, 2**32 - 1)
ANY_REQUEST = st.one_of([structs(kind, sequence_number=NUMBERS, tlvs=TLVS) for kind in REQUESTS])
ANY_SUCCESS = st.one_of([structs(kind, sequence_number=NUMBERS, tlvs=TLVS) for kind in RESPONSES])
ANY_PDU = st.one_of(ANY_REQUEST, ANY_SUCCESS)


@pytest.mark.parametrize("kind", REQUESTS + RESPONSES)
@given(data=st.data())
def test_every_pdu_comes_back_as_it_was_written(kind: type[Pdu], data: st.DataObject) -> None:
    pdu = data.draw(structs(kind, sequence_number=NUMBERS, tlvs=TLVS))
    assert codec.decode(codec.encode(pdu)) == pdu


@given(ANY_PDU)
def test_command_length_counts_all_octets(pdu: Pdu) -> None:
    octets = codec.encode(pdu)
    assert int.from_bytes(octets[:4], "big") == len(octets)


@given(ANY_PDU)
def test_what_was_read_is_written_as_the_same_octets(pdu: Pdu) -> None:
    octets = codec.encode(pdu)
    assert codec.encode(codec.decode(octets)) == octets


@given(ANY_PDU, st.binary(max_size=20), st.binary(max_size=20))
def test_a_pdu_is_read_from_the_middle_of_a_buffer(pdu: Pdu, before: bytes, after: bytes) -> None:
    octets = codec.encode(pdu)
    for buffer in (bytearray, memoryview, bytes):
        read = codec.decode(buffer(before + octets + after), len(before), len(octets))
        assert read == pdu


# Octets that are no PDU


def reads_or_refuses(octets: bytes) -> None:
    try:
        pdu = codec.decode(octets)
    except PduError as error:
        assert error.status is not CommandStatus.ESME_ROK
        assert error.reason
    else:
        codec.encode(pdu)


@given(st.binary(max_size=200))
@example(b"")
def test_arbitrary_octets_are_refused_in_words(octets: bytes) -> None:
    reads_or_refuses(octets)


@given(st.sampled_from(REQUESTS + RESPONSES), st.binary(max_size=200))
def test_arbitrary_bodies_are_read_or_refused(kind: type[Pdu], body: bytes) -> None:
    header = codec.HEADER.pack(16 + len(body), kind.command_id, 0, 1)
    reads_or_refuses(header + body)


@given(ANY_PDU, st.data())
def test_truncated_pdus_are_read_or_refused(pdu: Pdu, data: st.DataObject) -> None:
    octets = codec.encode(pdu)
    end = data.draw(st.integers(0, len(octets)))
    reads_or_refuses(octets[:end])
    if end >= 16:
        reads_or_refuses(with_length(octets[:end]))


@given(ANY_PDU, st.data())
def test_pdus_with_a_wrong_octet_are_read_or_refused(pdu: Pdu, data: st.DataObject) -> None:
    octets = bytearray(codec.encode(pdu))
    octets[data.draw(st.integers(4, len(octets) - 1))] = data.draw(st.integers(0, 255))
    reads_or_refuses(bytes(octets))


def test_fewer_octets_than_a_header_are_refused() -> None:
    assert refusal(b"\0\0\0\x0f" + bytes(11)).status is CommandStatus.ESME_RINVCMDLEN


def test_a_command_length_other_than_the_octets_is_refused() -> None:
    error = refusal(codec.HEADER.pack(17, 0x15, 0, 7))
    assert (error.status, error.command_id, error.sequence_number) == (2, 0x15, 7)
    assert error.reason == "command_length says 17, there are 16 octets"


def test_an_unknown_command_is_refused() -> None:
    error = refusal(codec.HEADER.pack(16, 0x10203, 0, 9))
    assert (error.status, error.command_id, error.sequence_number) == (3, 0x10203, 9)
    assert error.reason == "there is no command_id 0x00010203"


def test_a_request_without_its_body_is_refused() -> None:
    error = refusal(codec.HEADER.pack(16, 4, 0, 9))
    assert (error.status, error.command_id, error.sequence_number) == (2, 4, 9)
    assert error.reason == "submit_sm ends before its last field"


def test_a_body_that_ends_inside_a_string_is_refused() -> None:
    error = refusal(codec.HEADER.pack(19, 4, 0, 9) + b"VMA")
    assert error.status is CommandStatus.ESME_RINVCMDLEN
    assert error.reason == "the PDU ends inside service_type"


def test_an_sm_length_beyond_the_pdu_is_refused() -> None:
    octets = with_length(SUBMIT[:-1])
    error = refusal(octets)
    assert error.status is CommandStatus.ESME_RINVMSGLEN
    assert error.reason == "sm_length says 11, 10 octets are left"


def test_octets_after_the_last_field_that_are_no_tlv_are_refused() -> None:
    error = refusal(with_length(SUBMIT + b"\0\0"))
    assert error.status is CommandStatus.ESME_RINVTLVSTREAM
    assert (error.command_id, error.sequence_number) == (4, 3)


def test_a_destination_that_is_neither_address_nor_list_is_refused() -> None:
    octets = codec.encode(SubmitMulti(1, dest_address=(DistributionList("fleet"),)))
    octets = octets.replace(b"\x02fleet", b"\x03fleet")
    assert refusal(octets).status is CommandStatus.ESME_RINVDESTFLAG


class Overlong(NamedTuple):
    pdu: Pdu
    status: CommandStatus


OVERLONG = {
    "service_type": Overlong(SubmitSm(1, service_type="S" * 6), CommandStatus.ESME_RINVSERTYP),
    "source_addr": Overlong(SubmitSm(1, source_addr="1" * 21), CommandStatus.ESME_RINVSRCADR),
    "destination_addr": Overlong(
        SubmitSm(1, destination_addr="1" * 21), CommandStatus.ESME_RINVDSTADR
    ),
    "schedule_delivery_time": Overlong(
        SubmitSm(1, schedule_delivery_time="0" * 17), CommandStatus.ESME_RINVSCHED
    ),
    "validity_period": Overlong(
        SubmitSm(1, validity_period="0" * 17), CommandStatus.ESME_RINVEXPIRY
    ),
    "system_id": Overlong(BindTransceiver(1, system_id="s" * 16), CommandStatus.ESME_RINVSYSID),
    "password": Overlong(BindTransceiver(1, password="p" * 65), CommandStatus.ESME_RINVPASWD),
    "system_type": Overlong(
        BindTransceiver(1, system_type="t" * 13), CommandStatus.ESME_RINVSYSTYP
    ),
    "address_range": Overlong(
        BindTransceiver(1, address_range="1" * 41), CommandStatus.ESME_RBINDFAIL
    ),
    "message_id": Overlong(QuerySm(1, message_id="1" * 65), CommandStatus.ESME_RINVMSGID),
}


@pytest.mark.parametrize("name", OVERLONG)
def test_an_overlong_string_is_not_written_and_its_status_names_it(name: str) -> None:
    with pytest.raises(PduError, match=name) as caught:
        codec.encode(OVERLONG[name].pdu)
    assert caught.value.status is OVERLONG[name].status


@pytest.mark.parametrize("name", OVERLONG)
def test_an_overlong_string_is_not_read_and_its_status_names_it(name: str) -> None:
    pdu = OVERLONG[name].pdu
    octets = codec.encode(type(pdu)(1))
    # Every string before the overlong one is empty, every integer but interface_version 0.
    before = [row for other, row in fields(type(pdu))]
    names = [other for other, _ in fields(type(pdu))]
    at = 16 + len(before[: names.index(name)])
    body = getattr(pdu, name).encode() + octets[at:]
    error = refusal(with_length(octets[:at] + body + bytes(60)))
    assert error.status is OVERLONG[name].status
    assert name in error.reason


def test_the_longest_strings_of_the_specification_are_read() -> None:
    pdu = SubmitSm(
        1,
        service_type="S" * 5,
        source_addr="1" * 20,
        destination_addr="2" * 20,
        schedule_delivery_time="0" * 15 + "R",
        validity_period="0" * 15 + "R",
    )
    assert codec.decode(codec.encode(pdu)) == pdu


def test_data_sm_has_longer_addresses_than_submit_sm() -> None:
    pdu = DataSm(1, source_addr="1" * 64, destination_addr="2" * 64)
    assert codec.decode(codec.encode(pdu)) == pdu


# What real clients do


def test_a_short_message_of_255_octets_is_read() -> None:
    pdu = SubmitSm(1, destination_addr="1", short_message=bytes(255))
    assert codec.decode(codec.encode(pdu)) == pdu


def test_a_password_longer_than_the_specification_allows_is_read() -> None:
    pdu = BindTransceiver(1, "user", "p" * 64)
    assert codec.decode(codec.encode(pdu)) == pdu


@pytest.mark.parametrize("kind", RESPONSES)
@pytest.mark.parametrize("status", [0, 8, 0x4FF])
def test_a_response_may_be_its_header_alone(kind: type[Response], status: int) -> None:
    octets = codec.HEADER.pack(16, kind.command_id, status, 7)
    assert codec.decode(octets) == kind(7, status)


def test_the_body_of_an_error_response_need_not_make_sense() -> None:
    octets = codec.HEADER.pack(20, CommandId.submit_sm_resp, 8, 7) + b"oops"
    assert codec.decode(octets) == SubmitSmResp(7, 8)


@pytest.mark.parametrize("kind", [DeliverSmResp, EnquireLinkResp, UnbindResp])
@pytest.mark.parametrize("body", [b"oops", b"\0\0", b"\0\x04\x24"])
def test_the_body_of_a_response_that_only_has_a_status_need_not_either(
    kind: type[Response], body: bytes
) -> None:
    octets = codec.HEADER.pack(16 + len(body), kind.command_id, 0, 7) + body
    assert codec.decode(octets) == kind(7)


def test_the_body_of_a_good_response_does() -> None:
    error = refusal(codec.HEADER.pack(20, CommandId.submit_sm_resp, 0, 7) + b"oops")
    assert error.reason == "the PDU ends inside message_id"


def test_a_request_may_carry_a_status() -> None:
    assert codec.decode(codec.HEADER.pack(16, 0x15, 8, 7)) == EnquireLink(7)


def test_addresses_keep_every_octet() -> None:
    octets = SUBMIT.replace(b"+16125552701", b"\x01\x7f\x80\xa1\xe4\xff +1'\"\\")
    pdu = codec.decode(octets)
    assert isinstance(pdu, SubmitSm)
    assert pdu.source_addr == "\x01\x7f\x80\xa1\xe4\xff +1'\"\\"
    assert codec.encode(pdu) == octets


# What is not written


@pytest.mark.parametrize("pdu", [BindTransceiverResp(1, 13, "smsc"), SubmitSmResp(1, 13, "7a")])
def test_an_error_to_a_bind_or_a_submit_sm_has_no_body(pdu: Pdu) -> None:
    assert len(codec.encode(pdu)) == 16


@pytest.mark.parametrize("pdu", [DeliverSmResp(1, 13), DataSmResp(1, 13)])
def test_errors_to_other_requests_keep_their_body(pdu: Pdu) -> None:
    assert len(codec.encode(pdu)) == 17


UNWRITABLE: list[tuple[Any, CommandStatus, str]] = [
    (SubmitSm(1, source_addr="4\x009"), CommandStatus.ESME_RINVSRCADR, "source_addr"),
    (SubmitSm(1, destination_addr="Ж"), CommandStatus.ESME_RINVDSTADR, "destination_addr"),
    (SubmitSm(1, dest_addr_ton=256), CommandStatus.ESME_RINVDSTTON, "dest_addr_ton"),
    (SubmitSm(1, esm_class=-1), CommandStatus.ESME_RINVESMCLASS, "esm_class"),
    (SubmitSm(1, short_message=bytes(256)), CommandStatus.ESME_RINVMSGLEN, "short_message"),
    (SubmitMulti(1, dest_address=(SmeAddress(),) * 256), CommandStatus.ESME_RINVNUMDESTS, "dest"),
    (
        SubmitMulti(1, dest_address=(DistributionList("x" * 21),)),
        CommandStatus.ESME_RINVDLNAME,
        "dl_name",
    ),
    (
        SubmitMultiResp(1, 0, "", (UnsuccessSme(error_status_code=2**32),)),
        CommandStatus.ESME_RSUBMITFAIL,
        "error_status_code",
    ),
    (
        SubmitMulti(1, dest_address=(SmeAddress(1, 1, "4917"),), priority_flag=256),
        CommandStatus.ESME_RINVPRTFLG,
        "priority_flag",
    ),
    (CancelSm(2**32), CommandStatus.ESME_RINVCMDLEN, "CancelSm"),
    (EnquireLink(1, tlvs=(Tlv(Tag.message_state, 256),)), CommandStatus.ESME_RINVTLVVAL, "message"),
]


@pytest.mark.parametrize(("pdu", "status", "word"), UNWRITABLE)
def test_a_value_that_does_not_fit_is_named(pdu: Request, status: CommandStatus, word: str) -> None:
    with pytest.raises(PduError, match=word) as caught:
        codec.encode(pdu)
    assert caught.value.status is status
    assert caught.value.command_id == pdu.command_id
    assert caught.value.sequence_number == pdu.sequence_number


def test_a_password_stays_out_of_the_words() -> None:
    with pytest.raises(PduError) as caught:
        codec.encode(BindTransceiver(1, password="hunter2" * 10))
    assert "hunter2" not in str(caught.value)


@given(st.integers(1, 0x7FFFFFFF), st.text("0123456789ABCDEF", max_size=64))
def test_the_answer_to_a_submit_that_was_accepted_is_written_sooner_but_no_other(
    number: int, message_id: str
) -> None:
    expected = codec.encode(SubmitSmResp(number, 0, message_id))
    assert codec.submit_sm_resp(number, message_id) == expected
