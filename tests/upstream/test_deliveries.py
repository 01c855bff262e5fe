"""Messages from other SMSCs, and deliveries whose TLVs aren't as they should be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.message import Address
from smsc.smpp.codec import HEADER, decode, encode
from smsc.smpp.commands import CommandStatus, PduError
from smsc.smpp.pdu import DataSm, DeliverSm
from smsc.smpp.tlv import TRAIL, Tag, Tlv
from smsc.upstream import leniency
from smsc.upstream.deliveries import meaning
from smsc.upstream.ids import Ids
from smsc.upstream.line import Arrival
from smsc_encodings import udh
from smsc_encodings.elements import Ports16


def arrival(pdu: DeliverSm | DataSm) -> Arrival:
    told = meaning(pdu, Ids())
    assert isinstance(told, Arrival), told
    return told


def test_a_message_arrives_as_it_was_sent() -> None:
    pdu = DeliverSm(
        *(1, "CMT", 1, 1, "491700000001", 0, 1, "1234"),
        esm_class=0x40,
        protocol_id=0x7F,
        priority_flag=1,
        data_coding=4,
        short_message=b"\x05\x00\x03\x01\x02\x01hello",
        tlvs=(Tlv(TRAIL, b"2 smsc-a smsc-b"),),
    )
    assert arrival(pdu) == Arrival(
        source=Address(1, 1, "491700000001"),
        dest=Address(0, 1, "1234"),
        payload=b"\x05\x00\x03\x01\x02\x01hello",
        data_coding=4,
        esm_class=0x40,
        protocol_id=0x7F,
        priority=1,
        service_type="CMT",
        trail="2 smsc-a smsc-b",
    )


def test_a_data_sm_is_a_message_too() -> None:
    pdu = DataSm(1, source_addr="1", destination_addr="2", tlvs=(Tlv(Tag.message_payload, b"x"),))
    assert arrival(pdu).payload == b"x"


def test_a_long_text_is_a_message_payload() -> None:
    assert arrival(DeliverSm(1, tlvs=(Tlv(Tag.message_payload, b"x" * 300),))).payload == b"x" * 300


def test_the_mode_of_the_other_smsc_is_its_own() -> None:
    assert arrival(DeliverSm(1, esm_class=0x83)).esm_class == 0x80


def test_a_part_told_by_tlvs_has_a_header_here() -> None:
    tlvs = (
        Tlv(Tag.sar_msg_ref_num, 0x1234),
        Tlv(Tag.sar_total_segments, 3),
        Tlv(Tag.sar_segment_seqnum, 2),
        Tlv(Tag.dest_port, 2001),
    )
    told = arrival(DeliverSm(1, short_message=b"part", tlvs=tlvs))
    header, body = udh.split_user_data(told.payload)
    assert told.esm_class == 0x40
    assert header.concatenation == udh.Concatenation(0x34, 3, 2)
    assert header.ports == Ports16(2001, 0)
    assert body == b"part"


@pytest.mark.parametrize(("total", "sequence"), [(0, 0), (1, 1), (2, 3), (2, 0)])
def test_a_part_that_cant_be_is_a_whole(total: int, sequence: int) -> None:
    tlvs = (
        Tlv(Tag.sar_msg_ref_num, 1),
        Tlv(Tag.sar_total_segments, total),
        Tlv(Tag.sar_segment_seqnum, sequence),
    )
    assert arrival(DeliverSm(1, short_message=b"whole", tlvs=tlvs)).payload == b"whole"


def test_a_header_that_is_there_stays_as_it_is() -> None:
    tlvs = (Tlv(Tag.dest_port, 2001),)
    told = arrival(DeliverSm(1, esm_class=0x40, short_message=b"\x00hello", tlvs=tlvs))
    assert told.payload == b"\x00hello"


# TLVs that can't be read.

GOOD = bytes.fromhex("001e 0002 3900")
MESSAGES = (
    DeliverSm(7, "CMT", 1, 1, "4917", 1, 1, "1234", 0x04, short_message=b"id:1 stat:DELIVRD"),
    DataSm(7, "CMT", 1, 1, "4917", 1, 1, "1234", 0x04),
)


def with_tlvs(pdu: DeliverSm | DataSm, octets: bytes) -> bytes:
    whole = encode(pdu)
    _, *rest = HEADER.unpack_from(whole)
    return HEADER.pack(len(whole) + len(octets), *rest) + whole[16:] + octets


@pytest.mark.parametrize("pdu", MESSAGES, ids=["deliver_sm", "data_sm"])
@pytest.mark.parametrize(
    "bad",
    ["0427 0002 0002", "0423 0001 03", "020c 0001 05", "0427 0009 02", "04", "ffff ffff 00"],
    ids=["state of two octets", "short error", "short reference", "too long", "rest", "endless"],
)
def test_the_tlvs_that_can_be_read_are(pdu: DeliverSm | DataSm, bad: str) -> None:
    octets = with_tlvs(pdu, GOOD + bytes.fromhex(bad))
    with pytest.raises(PduError):
        decode(octets)
    read = leniency.read(octets)
    assert isinstance(read, DeliverSm | DataSm)
    assert read.tlvs == (Tlv(Tag.receipted_message_id, "9"),)
    assert read.destination_addr == "1234"
    assert read.sequence_number == 7


def test_what_follows_a_tlv_that_cant_be_read_can() -> None:
    octets = with_tlvs(MESSAGES[0], bytes.fromhex("0427 0002 0002") + GOOD)
    read = leniency.read(octets)
    assert isinstance(read, DeliverSm)
    assert read.tlvs == (Tlv(Tag.receipted_message_id, "9"),)


def test_what_ends_before_its_tlvs_cant_be_read() -> None:
    octets = HEADER.pack(20, 5, 0, 9) + b"\0\0\0\0"
    with pytest.raises(PduError) as caught:
        leniency.read(octets)
    assert caught.value.status == CommandStatus.ESME_RINVCMDLEN


@given(st.sampled_from(MESSAGES), st.binary(max_size=200))
def test_no_tlvs_keep_a_delivery_from_being_read(pdu: DeliverSm | DataSm, octets: bytes) -> None:
    read = leniency.read(with_tlvs(pdu, octets))
    assert isinstance(read, DeliverSm | DataSm)
    assert read.source_addr == "4917"
