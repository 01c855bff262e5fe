"""Devices: parts joined, an inbox with an end, text for whoever looks, and a bounded registry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.message import Address
from smsc.network.device import INBOX, INBOX_OCTETS, Device, Devices, Received
from smsc.network.tpdus import Delivery
from smsc_encodings import udh
from smsc_encodings.dcs import Alphabet, decode_text
from smsc_encodings.errors import EncodingError
from smsc_encodings.segmentation import Part, split, split_octets
from smsc_encodings.shift_tables import Language
from tests.network.parts import sent, take

PORTS = udh.encode([udh.Element(0x05, bytes.fromhex("07d10000"))])


def device() -> Device:
    return Device("491700000001")


def take_text(device: Device, text: str, source: str = "1234", now: int = 0) -> None:
    segments = split(text, reference=7)
    data_coding = 8 if segments.encoding is Alphabet.UCS2 else 0
    take(device, segments.parts, source, data_coding, now)


def test_a_message_in_one_part_is_in_the_inbox_as_it_came() -> None:
    phone = device()
    take(phone, [Part(b"", b"hello")], "1234", 0, 42)
    (received,) = phone.inbox
    assert (received.source, received.text, received.octets) == ("1234", "hello", b"hello")
    assert (received.data_coding, received.at, received.parts) == (0, 42, 1)


def test_the_newest_message_is_the_last() -> None:
    phone = device()
    take_text(phone, "first")
    take_text(phone, "second")
    assert [received.text for received in phone.inbox] == ["first", "second"]


def test_a_long_message_is_one_in_the_inbox_and_tells_its_parts() -> None:
    phone = device()
    take_text(phone, "x" * 400)
    (received,) = phone.inbox
    assert (received.text, received.parts) == ("x" * 400, 3)


@given(st.text(max_size=800))
def test_whatever_text_is_sent_the_inbox_shows_it(text: str) -> None:
    phone = device()
    try:
        take_text(phone, text)
    except EncodingError:
        assert any(0xD800 <= ord(character) <= 0xDFFF for character in text)
        return
    assert [received.text for received in phone.inbox] == [text]


def test_parts_wait_for_the_rest_in_any_order_and_over_calls() -> None:
    phone = device()
    first, second = split_octets(b"x" * 200, Alphabet.GSM7, reference=1)
    take(phone, [second], "1234", 0, 0)
    assert (phone.inbox, phone.unfinished) == ((), 1)
    take(phone, [first], "1234", 0, 5)
    assert (len(phone.inbox), phone.unfinished) == (1, 0)
    assert phone.inbox[0].at == 5


def test_parts_of_two_senders_with_one_reference_do_not_mix() -> None:
    phone = device()
    for source, letter in (("1", b"a"), ("2", b"b")):
        take(phone, split_octets(letter * 200, Alphabet.GSM7, reference=1)[:1], source)
    assert phone.unfinished == 2
    take(phone, split_octets(b"b" * 200, Alphabet.GSM7, reference=1)[1:], "2", 0, 0)
    assert [received.octets for received in phone.inbox] == [b"b" * 200]


def test_a_part_that_comes_again_is_counted_and_shown_once() -> None:
    phone = device()
    assert (phone.duplicates, phone.unfinished) == (0, 0)
    first, second = split_octets(b"x" * 200, Alphabet.GSM7, reference=1)
    take(phone, [first, first, second], "1234", 0, 0)
    assert phone.duplicates == 1
    assert len(phone.inbox) == 1


def test_a_message_that_comes_again_is_shown_again() -> None:
    phone = device()
    take_text(phone, "twice")
    take_text(phone, "twice")
    assert len(phone.inbox) == phone.received == 2


def test_a_part_whose_others_never_came_is_given_up_after_an_hour() -> None:
    phone = device()
    first, second = split_octets(b"x" * 200, Alphabet.GSM7, reference=1)
    take(phone, [first], "1234", 0, 0)
    take(phone, [second], "1234", 0, 3600 * 1000)
    assert (phone.inbox, phone.unfinished) == ((), 1)


def test_a_wall_clock_that_jumps_back_does_not_upset_the_joining() -> None:
    phone = device()
    first, second = split_octets(b"x" * 200, Alphabet.GSM7, reference=1)
    take(phone, [first], "1234", 0, 10_000)
    take(phone, [second], "1234", 0, 0)
    assert [received.at for received in phone.inbox] == [0]


@pytest.mark.parametrize("text", ["ş" * 80, "ş" * 200, "नमस्ते " * 22])
def test_a_text_in_a_national_language_is_shown_as_its_header_says(text: str) -> None:
    phone = device()
    segments = split(text, reference=7, languages=[Language.TURKISH, Language.HINDI])
    assert segments.encoding is Alphabet.GSM7
    take(phone, segments.parts, "1234", 0, 0)
    assert [received.text for received in phone.inbox] == [text]


def test_a_national_language_means_nothing_beside_octets_that_are_not_gsm() -> None:
    phone = device()
    shift = udh.encode([udh.Element(0x25, b"\x06")])
    take(phone, [Part(shift, "नमस्ते".encode("utf-16-be"))], "1234", 8, 0)
    assert phone.inbox[0].text == "नमस्ते"


def test_a_header_that_is_about_other_things_is_stripped() -> None:
    phone = device()
    take(phone, [Part(PORTS, b"\x01\x02")], "1234", 4, 0)
    (received,) = phone.inbox
    assert (received.octets, received.text, received.parts) == (b"\x01\x02", None, 1)


def test_a_header_that_cannot_be_read_is_an_error_and_nothing_is_kept() -> None:
    phone = device()
    with pytest.raises(EncodingError):
        take(phone, [Part(b"\x05\x00", b"x")], "1234", 0, 0)
    assert phone.received == 0


@pytest.mark.parametrize(
    ("octets", "scheme", "text"),
    [
        (b"\x00", 0, "@"),
        ("жизнь".encode("utf-16-be"), 8, "жизнь"),
        ("жизнь".encode("utf-16-be"), 0x18, "жизнь"),
        (b"flash", 0xF0, "flash"),
        (b"\x01\x02", 4, None),
        (b"\x01\x02", 0xF5, None),
        (b"\x01\x02", 0x20, None),
        (b"\x00", 8, None),
    ],
)
def test_text_is_what_tp_dcs_says_and_none_where_there_is_no_text(
    octets: bytes, scheme: int, text: str | None
) -> None:
    phone = device()
    take(phone, [Part(b"", octets)], scheme=scheme)
    assert [each.text for each in phone.inbox] == [text]


@pytest.mark.parametrize(
    ("octets", "data_coding", "text"), [(b"\xfc", 3, "ü"), (b"\xff", 0, None), (b"", 4, None)]
)
def test_the_text_of_a_broadcast_is_what_data_coding_says_and_it_has_no_tpdu(
    octets: bytes, data_coding: int, text: str | None
) -> None:
    whole = Delivery(Address(0, 1, "1234"), octets, data_coding, 0)
    heard = Received((whole,), 0, len(octets), broadcast=True)
    assert (heard.text, heard.octets, heard.tpdus) == (text, octets, ())


def test_parts_in_other_alphabets_are_read_each_in_its_own() -> None:
    phone = device()
    header = bytes.fromhex("0500030702")
    take(phone, [Part(header + b"\1", b"gsm \x00 ")], scheme=0)
    take(phone, [Part(header + b"\2", "ж".encode("utf-16-be"))], scheme=8)
    assert [each.text for each in phone.inbox] == ["gsm @ ж"]


def test_a_message_with_a_part_that_is_no_text_has_none() -> None:
    phone = device()
    header = bytes.fromhex("0500030702")
    take(phone, [Part(header + b"\1", b"gsm")], scheme=0)
    take(phone, [Part(header + b"\2", b"\xff")], scheme=4)
    assert [each.text for each in phone.inbox] == [None]


@pytest.mark.parametrize(
    ("octets", "scheme", "at"),
    [(b"x[" + b"\x1b\x3c" * 3, 0, 3), ("😀".encode("utf-16-be"), 8, 2)],
    ids=["an escape and its character", "surrogates"],
)
def test_a_character_that_its_sender_cut_in_two_is_read_all_the_same(
    octets: bytes, scheme: int, at: int
) -> None:
    phone = device()
    header = bytes.fromhex("0500030702")
    take(
        phone, [Part(header + b"\1", octets[:at]), Part(header + b"\2", octets[at:])], scheme=scheme
    )
    assert [each.text for each in phone.inbox] == [decode_text(octets, scheme)]


def test_the_tpdus_of_a_joined_message_are_those_it_came_in_in_order() -> None:
    phone = device()
    first, second = sent(split_octets(b"x" * 200, Alphabet.GSM7, reference=1))
    phone.take([second], 0)
    phone.take([first], 0)
    assert phone.inbox[0].tpdus == (first.octets, second.octets)


def test_an_inbox_full_of_long_messages_keeps_the_latest_that_fit() -> None:
    phone = device()
    for _ in range(10):
        take(phone, [Part(b"", b"x" * (INBOX_OCTETS // 2))], "1234", 4, 0)
    assert len(phone.inbox) == 2
    take(phone, [Part(b"", b"y" * (2 * INBOX_OCTETS))], "1234", 4, 0)
    assert [received.octets[:1] for received in phone.inbox] == [b"y"]
    assert phone.received == 11


def test_the_inbox_keeps_the_latest_and_counts_them_all() -> None:
    phone = device()
    for number in range(250):
        take_text(phone, str(number))
    assert phone.received == 250
    assert [received.text for received in phone.inbox] == [str(n) for n in range(250 - INBOX, 250)]


def test_a_device_exists_once_it_is_touched() -> None:
    devices = Devices()
    assert devices.find("1") is None
    assert len(devices) == 0
    phone = devices.touch("1")
    assert devices.find("1") is devices.touch("1") is phone
    assert phone.number == "1"
    assert len(devices) == 1


def test_the_device_that_was_quiet_the_longest_is_forgotten_and_counted() -> None:
    devices = Devices(limit=2)
    for number in "1213":
        devices.touch(number)
    assert devices.find("2") is None
    assert devices.find("1") is not None
    assert (len(devices), devices.evicted) == (2, 1)


def test_looking_at_a_device_does_not_keep_it() -> None:
    devices = Devices(limit=2)
    devices.touch("1")
    devices.touch("2")
    devices.find("1")
    devices.touch("3")
    assert devices.find("1") is None


def test_a_registry_gives_its_devices_their_inbox() -> None:
    phone = Devices(inbox=1).touch("1")
    take_text(phone, "first")
    take_text(phone, "second")
    assert [received.text for received in phone.inbox] == ["second"]


@pytest.mark.parametrize(("limit", "inbox"), [(0, 1), (1, 0)])
def test_a_registry_without_room_is_refused(limit: int, inbox: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Devices(limit, inbox)


def test_a_device_holds_messages_that_its_inbox_no_longer_shows_but_no_broadcasts() -> None:
    phone = Device("1", inbox=1)
    for text in ("one", "two"):
        take_text(phone, text)
    phone.hear(Received((), 0, 0, broadcast=True))
    assert (phone.held, phone.received, len(phone.inbox)) == (2, 3, 1)


def test_a_device_that_is_cleared_holds_nothing_but_parts_that_wait_for_others() -> None:
    phone = device()
    first, *others = split("x" * 200, reference=7).parts
    take_text(phone, "whole")
    take(phone, [first])
    phone.clear()
    assert (phone.held, phone.received, phone.inbox, phone.unfinished) == (0, 1, (), 1)
    take(phone, others)
    assert phone.held == 1


def test_a_device_that_is_cleared_says_so_whether_or_not_it_is_in_memory() -> None:
    devices = Devices()
    told: list[str] = []
    devices.on_memory_available = told.append
    devices.touch("1")
    for number in ("1", "2"):
        devices.clear(number)
    assert told == ["1", "2"]
    assert len(devices) == 1
