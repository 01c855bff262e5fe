"""The PDUs the generator writes and reads, against octets written by hand."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.pdu import (
    BIND_TRANSCEIVER,
    Receipt,
    Submits,
    bind,
    encode_text,
    numbers,
    receipt_in,
    status_name,
    submit,
)


def deliver_sm(esm_class: int, text: bytes, tlvs: bytes = b"") -> bytes:
    body = (
        b"\0\x01\x01447100000001\0\x03\x001234\0"
        + bytes([esm_class, 0, 0])
        + b"\0\0\0\0\0\0"
        + bytes([len(text)])
        + text
        + tlvs
    )
    return struct.pack(">4I", 16 + len(body), 5, 0, 9) + body


def test_a_bind_is_written_as_the_specification_lays_it_out() -> None:
    # SMPP 3.4, 4.1.5: system_id, password, system_type, version 0x34, TON, NPI, address_range
    expected = "0000001c 00000009 00000000 00000001 64656d6f00 7000 00 34 00 00 00"
    octets = bind(BIND_TRANSCEIVER, "demo", "p", 1)
    assert octets == bytes.fromhex(expected)


def test_a_submit_is_written_as_the_specification_lays_it_out() -> None:
    # SMPP 3.4, 4.4.1
    expected = (
        "00000034 00000004 00000000 00000000 00 03013132333400 0101343437313030303030303100"
        "00 00 00 00 00 01 00 08 00 04 00680069"
    )
    octets = submit("1234", "+44710000001", "hi".encode("utf-16-be"), 8, receipt=True)
    assert octets == bytes.fromhex(expected)


def test_a_datagram_differs_in_its_esm_class_alone() -> None:
    # SMPP 3.4, 5.2.12: messaging mode 1
    stored = submit("1234", "44710000001", b"hi", 0, receipt=False)
    datagram = submit("1234", "44710000001", b"hi", 0, receipt=False, esm_class=1)
    place = stored.index(b"44710000001\0") + 12
    assert datagram == stored[:place] + b"\x01" + stored[place + 1 :]


@given(
    position=st.integers(min_value=0, max_value=1000),
    count=st.integers(min_value=1, max_value=40),
    sequence=st.integers(min_value=1, max_value=0x7FFFFF00),
)
def test_a_slice_of_the_ring_is_whole_pdus_with_numbers_of_their_own(
    position: int, count: int, sequence: int
) -> None:
    pdus = [submit("1234", number, b"hello", 0, receipt=False) for number in numbers("44##", 7)]
    octets = bytes(Submits(pdus).cut(position, count, sequence))
    expected = b"".join(
        pdu[:12] + struct.pack(">I", sequence + step) + pdu[16:]
        for step in range(count)
        for pdu in [pdus[(position + step) % len(pdus)]]
    )
    assert octets == expected


def test_numbers_fit_the_pattern_and_are_distinct_and_always_the_same() -> None:
    chosen = numbers("4471####", 500)
    assert len(set(chosen)) == 500
    assert all(number.startswith("4471") and len(number) == 8 for number in chosen)
    assert all(number.isdecimal() for number in chosen)
    assert chosen == numbers("4471####", 500)


@pytest.mark.parametrize(("pattern", "count"), [("44710", 1), ("4471#", 10), ("100%", 1)])
def test_a_pattern_gives_no_more_numbers_than_it_has(pattern: str, count: int) -> None:
    assert len(numbers(pattern, 10_000)) == count


def test_a_receipt_is_read_from_its_text() -> None:
    octets = deliver_sm(0x04, b"id:0000000042 sub:001 dlvrd:001 stat:UNDELIV err:001 text:hi")
    assert receipt_in(octets, 0, len(octets)) == Receipt(b"0000000042", "UNDELIV")


def test_a_receipt_without_text_is_read_from_its_tlvs() -> None:
    octets = deliver_sm(0x04, b"", b"\x00\x1e\x00\x0342\0\x04\x27\x00\x01\x02")
    assert receipt_in(octets, 0, len(octets)) == Receipt(b"42", "DELIVRD")


def test_a_receipt_that_says_nothing_is_unreadable_not_an_error() -> None:
    octets = deliver_sm(0x04, b"sorry")
    assert receipt_in(octets, 0, len(octets)) == Receipt(b"", "unreadable")


def test_a_receipt_is_read_only_within_its_own_pdu() -> None:
    octets = deliver_sm(0x04, b"id:1 ") + deliver_sm(0x04, b"id:2 stat:DELIVRD")
    assert receipt_in(octets, 0, len(deliver_sm(0x04, b"id:1 "))) == Receipt(b"1", "unreadable")


def test_a_message_from_a_device_is_no_receipt() -> None:
    octets = deliver_sm(0x00, b"id:1 stat:DELIVRD")
    assert receipt_in(octets, 0, len(octets)) is None


def test_text_that_does_not_fit_says_what_to_do() -> None:
    with pytest.raises(ValueError, match="use --data-coding 8"):
        encode_text("caf\u00e9", 0)
    with pytest.raises(ValueError, match="shorten it"):
        encode_text("x" * 255, 0)


def test_a_status_without_a_name_is_shown_as_its_number() -> None:
    assert status_name(0x58) == "ESME_RTHROTTLED"
    assert status_name(0x400) == "0x00000400"
