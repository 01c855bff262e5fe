"""What the agent hands to a device fits the SMS-DELIVER of the air (3GPP TS 23.040, 9.2.2.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.message import Address, Message, to_device
from smsc.network.agent import parts_of
from smsc.network.device import Device
from smsc_encodings import dcs, tpdu, udh
from smsc_encodings.address import address_for
from smsc_encodings.dcs import alphabet_of, dcs_for
from smsc_encodings.elements import Ports16
from smsc_encodings.errors import EncodingError
from smsc_encodings.segmentation import Part
from smsc_encodings.timestamps import Timestamp
from smsc_encodings.tpdu import MT, Deliver

NUMBER = "491700000001"
AT = Timestamp(26, 11, 21, 10, 40, 43)
# 0, binary and UCS2, and what a TP-DCS says itself; ASCII and Latin-1 are in no TPDU.
CARRIED = [0x00, 0x04, 0x08, 0x10, 0x15, 0x18, 0x51, 0xC8, 0xD0, 0xE8, 0xF1, 0xF6]


def message(payload: bytes, data_coding: int, esm_class: int = 0) -> Message:
    source, dest = Address(5, 0, "FLEET"), Address(1, 1, NUMBER)
    return Message(
        7,
        "fleet",
        to_device(NUMBER),
        source,
        dest,
        payload,
        0,
        0,
        data_coding=data_coding,
        esm_class=esm_class,
    )


def over_the_air(part: Part, data_coding: int) -> Deliver:
    """Write a part as the SMSC would, and read it as a phone does."""
    scheme = dcs.decode(data_coding) if data_coding >= 0x10 else dcs_for(alphabet_of(data_coding))
    sent = Deliver(address_for("FLEET"), AT, part.body, part.header, scheme)
    received = tpdu.decode(tpdu.encode(sent), MT)
    assert isinstance(received, Deliver)
    return received


@st.composite
def payloads(draw: st.DrawFn, data_coding: int) -> bytes:
    octets = draw(st.binary(max_size=700))
    return bytes(o & 0x7F for o in octets) if dcs.decode(data_coding).septets else octets


@given(st.sampled_from(CARRIED).flatmap(lambda each: st.tuples(st.just(each), payloads(each))))
def test_every_part_of_a_message_arrives_as_it_was_cut(sent: tuple[int, bytes]) -> None:
    data_coding, payload = sent
    for part in parts_of(message(payload, data_coding)):
        received = over_the_air(part, data_coding)
        assert (received.header, received.body) == part


@given(st.sampled_from(CARRIED).flatmap(lambda each: st.tuples(st.just(each), payloads(each))))
def test_a_message_with_a_header_of_its_own_arrives_as_it_was(sent: tuple[int, bytes]) -> None:
    data_coding, payload = sent
    header = udh.encode([Ports16(2948, 0)])
    try:
        (part,) = parts_of(message(header + payload, data_coding, esm_class=0x40))
    except EncodingError:
        with pytest.raises(EncodingError, match="TP-UD holds 140 octets"):
            over_the_air(Part(header, payload), data_coding)
        return
    received = over_the_air(part, data_coding)
    assert (received.header, received.body) == (header, payload)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), st.sampled_from([0, 8]))
def test_the_inbox_shows_what_a_phone_would(text: str, data_coding: int) -> None:
    try:
        payload = dcs.encode_text(text, alphabet_of(data_coding))
    except EncodingError:
        return
    phone = Device(NUMBER)
    for part in parts_of(message(payload, data_coding)):
        received = over_the_air(part, data_coding)
        phone.take([Part(received.header, received.body)], "FLEET", data_coding, 0)
    assert [received.text for received in phone.inbox] == [text]
