"""What another SMSC is asked, for a message of ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.message import Address
from smsc.smpp import times
from smsc.smpp.codec import decode, encode
from smsc.smpp.pdu import SubmitSm
from smsc.smpp.tlv import TRAIL, Tag, Tlv
from smsc.upstream.submit import submit_sm, validity_period
from tests.upstream.office import NOW, message

DAY_MS = 24 * 3600 * 1000


def test_a_message_goes_as_it_is() -> None:
    sent = message(
        source=Address(5, 0, "FLEET"),
        dest=Address(1, 1, "442012345678"),
        payload=b"\x05\x00\x03\x01\x02\x01hello",
        esm_class=0x40,
        data_coding=4,
        protocol_id=0x41,
        priority=2,
        service_type="CMT",
    )
    assert submit_sm(sent, 7, NOW) == SubmitSm(
        *(7, "CMT", 5, 0, "FLEET", 1, 1, "442012345678", 0x40, 0x41, 2),
        validity_period="000000010000000R",
        registered_delivery=1,
        data_coding=4,
        short_message=b"\x05\x00\x03\x01\x02\x01hello",
    )


@pytest.mark.parametrize(("asked", "asks"), [(0, 1), (2, 1), (0x11, 1), (0x0C, 0x0D)])
def test_a_receipt_of_its_end_is_asked_for_and_what_the_recipient_says(
    asked: int, asks: int
) -> None:
    assert submit_sm(message(registered_delivery=asked), 1, NOW).registered_delivery == asks


@pytest.mark.parametrize(("mode", "asks"), [(0, 1), (1, 0), (2, 0), (3, 1)])
def test_no_receipt_is_asked_for_of_what_is_not_stored(mode: int, asks: int) -> None:
    assert submit_sm(message(esm_class=mode), 1, NOW).registered_delivery == asks


@pytest.mark.parametrize("mode", [0, 1, 2, 3])
def test_the_mode_is_the_other_smscs(mode: int) -> None:
    assert submit_sm(message(esm_class=0xC0 | mode), 1, NOW).esm_class == 0xC0


def test_more_octets_than_a_short_message_has_are_a_payload() -> None:
    assert submit_sm(message(payload=b"x" * 254), 1, NOW).short_message == b"x" * 254
    long = submit_sm(message(payload=b"x" * 255), 1, NOW)
    assert long.short_message == b""
    assert long.tlvs == (Tlv(Tag.message_payload, b"x" * 255),)


def test_where_it_has_been_goes_along() -> None:
    sent = submit_sm(message(trail="2 smsc-a smsc-b"), 1, NOW)
    assert sent.tlvs == (Tlv(TRAIL, b"2 smsc-a smsc-b"),)
    assert decode(encode(sent)) == sent


def test_a_priority_is_one_of_the_four() -> None:
    assert submit_sm(message(priority=4), 1, NOW).priority_flag == 3


@given(st.integers(1, 30 * DAY_MS // 1000))
def test_up_to_thirty_days_are_a_relative_time(seconds: int) -> None:
    text = validity_period(NOW + 1000 * seconds, NOW)
    assert text.endswith("R")
    assert times.parse(text, NOW) == NOW + 1000 * seconds


@given(st.integers(30 * DAY_MS + 1000, 3000 * DAY_MS))
def test_more_are_an_absolute_one(ms: int) -> None:
    text = validity_period(NOW + ms, NOW)
    assert text.endswith("+")
    assert 0 <= NOW + ms - times.parse(text, NOW) < 100


@given(st.integers(-(10**12), 999))
def test_what_expires_now_has_a_second(ms: int) -> None:
    assert validity_period(NOW + ms, NOW) == "000000000001000R"
