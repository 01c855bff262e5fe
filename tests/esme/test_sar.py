"""Parts and ports: TLVs on the wire, a user data header inside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.esme import sar
from smsc.esme.words import Untranslatable
from smsc.message import Address, Message
from smsc.smpp.commands import CommandStatus
from smsc.smpp.tlv import Tag, Value
from smsc_encodings import udh
from smsc_encodings.elements import Ports16
from smsc_encodings.udh import Concatenation, Element, InformationElement

UDHI = 0x40
CONCATENATION = bytes.fromhex("050003070201")


def of(reference: int, total: int, sequence: int) -> dict[int, Value]:
    return {
        Tag.sar_msg_ref_num: reference,
        Tag.sar_total_segments: total,
        Tag.sar_segment_seqnum: sequence,
    }


def ports(source: int, dest: int) -> dict[int, Value]:
    return {Tag.source_port: source, Tag.dest_port: dest}


def refused(payload: bytes, esm_class: int, given: dict[int, Value]) -> CommandStatus:
    with pytest.raises(Untranslatable) as caught:
        sar.with_header(payload, esm_class, given)
    assert caught.value.reason
    return caught.value.status


# In.


def test_a_segment_gets_a_header_with_a_reference_of_8_bits() -> None:
    octets, esm_class = sar.with_header(b"hello", 0x03, of(7, 2, 1))
    assert (octets, esm_class) == (CONCATENATION + b"hello", 0x43)


def test_of_a_longer_reference_the_lowest_8_bits_count() -> None:
    octets, _ = sar.with_header(b"x" * 153, 0, of(0x1207, 2, 1))
    assert octets == CONCATENATION + b"x" * 153


def test_a_message_in_one_segment_has_no_header() -> None:
    assert sar.with_header(b"hello", 0, of(7, 1, 1)) == (b"hello", 0)


@pytest.mark.parametrize("missing", list(of(7, 2, 1)))
def test_each_of_the_three_is_ignored_without_the_others(missing: int) -> None:
    given = of(7, 2, 1)
    del given[missing]
    assert sar.with_header(b"hello", 0, given) == (b"hello", 0)


@pytest.mark.parametrize(("total", "sequence"), [(0, 0), (2, 0), (2, 3), (0, 1), (1, 2)])
def test_a_segment_that_no_message_has_is_refused(total: int, sequence: int) -> None:
    assert refused(b"x", 0, of(7, total, sequence)) is CommandStatus.ESME_RINVTLVVAL


def test_ports_become_an_element_with_the_destination_first() -> None:
    octets, esm_class = sar.with_header(b"hello", 0, ports(9, 2001))
    assert (octets, esm_class) == (bytes.fromhex("06050407d10009") + b"hello", UDHI)


@pytest.mark.parametrize(
    ("given", "expected"),
    [({Tag.dest_port: 2001}, "06050407d10000"), ({Tag.source_port: 9}, "06050400000009")],
)
def test_a_port_may_be_alone(given: dict[int, Value], expected: str) -> None:
    assert sar.with_header(b"", 0, given) == (bytes.fromhex(expected), UDHI)


def test_segments_and_ports_share_a_header() -> None:
    octets, _ = sar.with_header(b"hello", 0, of(7, 2, 1) | ports(9, 2001))
    assert octets == bytes.fromhex("0b000307020105 0407d10009") + b"hello"


def test_a_header_is_completed_by_what_the_tlvs_say() -> None:
    there = bytes.fromhex("06050407d10009") + b"hello"
    octets, _ = sar.with_header(there, UDHI, of(7, 2, 1))
    assert octets == bytes.fromhex("0b000307020105 0407d10009") + b"hello"


@pytest.mark.parametrize("header", ["050003070201", "060804120702 01"])
def test_what_is_said_twice_alike_is_no_error(header: str) -> None:
    there = bytes.fromhex(header) + b"hello"
    assert sar.with_header(there, UDHI, of(0x1207, 2, 1)) == (there, UDHI)


@pytest.mark.parametrize("given", [of(8, 2, 1), of(7, 3, 1), of(7, 2, 2)])
def test_a_header_and_tlvs_that_contradict_each_other_are_refused(given: dict[int, Value]) -> None:
    assert refused(CONCATENATION, UDHI, given) is CommandStatus.ESME_RTLVNOTALLWD


def test_ports_that_contradict_each_other_are_refused() -> None:
    there = bytes.fromhex("06050407d10009")
    assert refused(there, UDHI, ports(9, 2002)) is CommandStatus.ESME_RTLVNOTALLWD


@pytest.mark.parametrize(
    "payload", [b"", b"\x05\x00", b"\x02\x00\x05", b"\xff" + b"\xf0\x00" * 128]
)
def test_a_header_that_cannot_be_completed_is_refused(payload: bytes) -> None:
    assert refused(payload, UDHI, ports(9, 2001)) is CommandStatus.ESME_RINVESMCLASS


def test_other_tlvs_make_no_header() -> None:
    assert sar.with_header(b"hello", 0, {Tag.user_message_reference: 7}) == (b"hello", 0)


# Out.

PARTS = st.integers(2, 255).flatmap(
    lambda total: st.builds(
        Concatenation,
        st.integers(0, 255),
        st.just(total),
        st.integers(1, total),
        st.just(False),
    )
)
PORTS = st.builds(Ports16, st.integers(0, 65535), st.integers(0, 65535))
OTHERS = st.builds(Element, st.integers(0x20, 0xFF), st.binary(max_size=8))


@given(st.none() | PARTS, st.none() | PORTS, st.lists(OTHERS, max_size=3), st.binary(max_size=140))
def test_what_a_header_says_comes_back_from_its_tlvs(
    part: Concatenation | None, port: Ports16 | None, others: list[Element], body: bytes
) -> None:
    elements: list[InformationElement] = [
        each for each in (part, port, *others) if each is not None
    ]
    payload = udh.encode(elements) + body
    found = sar.stripped(payload, UDHI)
    assert bool(found.esm_class & UDHI) is bool(others)
    back, esm_class = sar.with_header(found.payload, found.esm_class, dict(found.tlvs))
    if elements:
        assert (back, esm_class) == (payload, UDHI)
    else:
        assert (back, esm_class) == (body, 0)


def test_a_wide_reference_is_told_whole() -> None:
    found = sar.stripped(bytes.fromhex("06080412070201") + b"hello", UDHI)
    assert dict(found.tlvs) == of(0x1207, 2, 1)
    assert (found.payload, found.esm_class) == (b"hello", 0)


@given(st.binary(max_size=160))
def test_whatever_the_octets_something_comes_out(payload: bytes) -> None:
    found = sar.stripped(payload, UDHI)
    assert payload.endswith(found.payload) or found.esm_class & UDHI


# Whole messages.


def message(payload: bytes, esm_class: int) -> Message:
    source, dest = Address(1, 1, "491700000001"), Address(0, 1, "1234")
    return Message(7, "", "account:fleet", source, dest, payload, 0, 0, esm_class=esm_class)


@given(st.lists(st.binary(max_size=153), min_size=1, max_size=255), st.integers(0, 255))
def test_parts_are_joined_in_their_order(bodies: list[bytes], reference: int) -> None:
    total = len(bodies)
    parts = [
        message(udh.encode([Concatenation(reference, total, at)]) + body, esm_class=UDHI)
        for at, body in enumerate(bodies, 1)
    ]
    assert [sar.part_of(part) for part in parts] == [
        Concatenation(reference, total, at) for at in range(1, total + 1)
    ]
    joined = sar.joined(parts)
    assert (joined.payload, joined.esm_class) == (b"".join(bodies), 0)


def test_the_rest_of_a_header_stays_before_the_joined_text() -> None:
    national = Element(0x25, b"\x01")
    parts = [
        message(udh.encode((Concatenation(7, 2, at), national)) + text, esm_class=UDHI)
        for at, text in ((1, b"hello "), (2, b"world"))
    ]
    joined = sar.joined(parts)
    assert (joined.payload, joined.esm_class) == (b"\x03\x25\x01\x01hello world", UDHI)


def test_what_has_no_readable_header_is_no_part() -> None:
    assert sar.part_of(message(b"", esm_class=UDHI)) is None
    assert sar.part_of(message(b"\x09\x00", esm_class=UDHI)) is None
    assert sar.part_of(message(b"\x00hello", esm_class=UDHI)) is None
