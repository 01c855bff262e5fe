"""From messages to deliver_sm: what a device sent, and receipts."""

from typing import Any

import pytest
from msgspec.structs import replace

from smsc.esme import translate
from smsc.esme.dialect import DeliverWith, LongMessages, Profile, ReceiptProfile, dialect_of
from smsc.esme.ids import Base, ids_of
from smsc.message import Address, Message, Receipt, State, to_account
from smsc.smpp import receipt
from smsc.smpp.codec import decode, encode
from smsc.smpp.commands import ESM_TYPE_RECEIPT, Version
from smsc.smpp.pdu import AlertNotification, DataSm, DeliverSm
from smsc.smpp.tlv import Tag, Tlv
from smsc_encodings.data_coding import Zero

SUBMITTED = 1_700_000_000_000  # 2023-11-14 22:13:20 UTC
DONE = SUBMITTED + 120_000
VERSIONS = list(Version)
PLAIN = Profile()


def message(payload: bytes = b"hello", data_coding: int = 0, esm_class: int = 0) -> Message:
    return Message(
        9,
        "",
        to_account("fleet"),
        Address(1, 1, "491700000001"),
        Address(0, 1, "1234"),
        payload,
        SUBMITTED,
        DONE,
        data_coding=data_coding,
        esm_class=esm_class,
        protocol_id=0x41,
        priority=2,
        service_type="VMA",
    )


def receipt_of(state: State, error: int = 0, text: str = "hello", about: int = 31) -> Message:
    return Message(
        10,
        "fleet",
        to_account("fleet"),
        Address(1, 1, "491700000001"),
        Address(5, 0, "FLEET"),
        b"",
        DONE,
        DONE + 1,
        esm_class=ESM_TYPE_RECEIPT,
        receipt=Receipt(about, state, error, SUBMITTED, DONE, text),
    )


def delivered(
    message: Message, version: Version = Version.V34, profile: Profile = PLAIN
) -> DeliverSm:
    """Return the deliver_sm as the peer reads it off the wire."""
    pdu = decode(encode(translate.delivery(message, 7, dialect_of("fleet", profile, version, {}))))
    assert isinstance(pdu, DeliverSm)
    return pdu


# What a device sent.


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_device_sent_comes_in_short_message_without_tlvs(version: Version) -> None:
    assert delivered(message(), version) == DeliverSm(
        7,
        service_type="VMA",
        source_addr_ton=1,
        source_addr_npi=1,
        source_addr="491700000001",
        dest_addr_ton=0,
        dest_addr_npi=1,
        destination_addr="1234",
        protocol_id=0x41,
        priority_flag=2,
        short_message=b"hello",
    )


def test_binary_with_a_header_comes_octet_for_octet() -> None:
    octets = b"\x06\x05\x04\x07\xd1\x00\x00" + bytes(range(100))
    pdu = delivered(message(octets, data_coding=4, esm_class=0x40))
    assert (pdu.short_message, pdu.data_coding, pdu.esm_class) == (octets, 4, 0x40)


@pytest.mark.parametrize("octets", [0, 1, 254])
def test_up_to_254_octets_fit_into_short_message(octets: int) -> None:
    pdu = delivered(message(b"x" * octets))
    assert (pdu.short_message, pdu.tlvs) == (b"x" * octets, ())


@pytest.mark.parametrize("octets", [255, 1000, 0xFFFF])
def test_longer_ones_come_in_message_payload(octets: int) -> None:
    pdu = delivered(message(b"x" * octets))
    assert (pdu.short_message, pdu.tlvs) == (b"", (Tlv(Tag.message_payload, b"x" * octets),))


# Receipts.


@pytest.mark.parametrize("esm_class", [0x08, 0x10, 0x48])
def test_an_acknowledgement_comes_as_what_it_is(esm_class: int) -> None:
    assert delivered(message(esm_class=esm_class)).esm_class == esm_class


def test_what_the_sender_asks_the_recipient_to_acknowledge_is_passed_on_and_no_more() -> None:
    asked = replace(message(), registered_delivery=0x1D)
    assert delivered(asked).registered_delivery == 0x0C


def test_a_receipt_goes_from_the_recipient_to_the_sender_and_says_that_it_is_one() -> None:
    pdu = delivered(receipt_of(State.DELIVERED))
    assert pdu.esm_class == ESM_TYPE_RECEIPT
    assert (pdu.source_addr, pdu.destination_addr) == ("491700000001", "FLEET")
    assert (pdu.data_coding, pdu.registered_delivery) == (0, 0)


@pytest.mark.parametrize("version", [Version.V34, Version.V50])
def test_a_receipt_has_the_text_of_appendix_b_and_says_the_same_in_tlvs(version: Version) -> None:
    pdu = delivered(receipt_of(State.DELIVERED), version)
    assert pdu.short_message == (
        b"id:0000000031 sub:001 dlvrd:001 submit date:2311142213 done date:2311142215"
        b" stat:DELIVRD err:000 text:hello"
    )
    assert pdu.tlvs == (Tlv(Tag.receipted_message_id, "0000000031"), Tlv(Tag.message_state, 2))


def test_a_receipt_of_3_3_has_an_id_of_eight_hexadecimal_digits_and_no_tlvs() -> None:
    pdu = delivered(receipt_of(State.DELIVERED), Version.V33)
    assert pdu.short_message.startswith(b"id:0000001F sub:001 dlvrd:001 ")
    assert pdu.tlvs == ()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("about", [1, 0x7FFFFFFF, 0x123456789A])
def test_a_receipt_names_the_message_as_its_submit_sm_resp_did(
    version: Version, about: int
) -> None:
    pdu = delivered(receipt_of(State.DELIVERED, about=about), version)
    written = ids_of(version, Base.DECIMAL).write(about)
    assert receipt.decode(pdu.short_message).id == written


@pytest.mark.parametrize(
    ("state", "stat", "dlvrd"),
    [
        (State.DELIVERED, "DELIVRD", 1),
        (State.EXPIRED, "EXPIRED", 0),
        (State.DELETED, "DELETED", 0),
        (State.UNDELIVERABLE, "UNDELIV", 0),
        (State.ACCEPTED, "ACCEPTD", 0),
        (State.UNKNOWN, "UNKNOWN", 0),
        (State.REJECTED, "REJECTD", 0),
        (State.SKIPPED, "SKIPPED", 0),
    ],
)
def test_a_receipt_tells_each_final_state_in_its_word(state: State, stat: str, dlvrd: int) -> None:
    pdu = delivered(receipt_of(state, error=9))
    read = receipt.decode(pdu.short_message)
    assert (read.stat, read.dlvrd, read.err) == (stat, dlvrd, 9)
    assert pdu.tlvs[1] == Tlv(Tag.message_state, int(state))


def test_a_receipt_shows_no_more_than_20_characters_of_the_text_in_ascii() -> None:
    pdu = delivered(receipt_of(State.DELIVERED, text="grüße aus der weiten welt"))
    assert pdu.short_message.endswith(b" text:gr??e aus der weiten")


@pytest.mark.parametrize("version", VERSIONS)
def test_every_receipt_fits_into_short_message(version: Version) -> None:
    longest = receipt_of(State.UNDELIVERABLE, error=255, text="x" * 20, about=1 << 62)
    assert 0 < len(delivered(longest, version).short_message) <= 254


def test_a_receipt_brings_back_the_submitters_own_number() -> None:
    pdu = delivered(replace(receipt_of(State.DELIVERED), user_reference=0))
    assert pdu.tlvs[2:] == (Tlv(Tag.user_message_reference, 0),)


def test_a_receipt_tells_the_cause_of_the_network() -> None:
    pdu = delivered(receipt_of(State.UNDELIVERABLE, error=27))
    assert pdu.tlvs[2:] == (Tlv(Tag.network_error_code, b"\x03\x00\x1b"),)


def with_receipts(**wanted: Any) -> Profile:
    return Profile(receipt=ReceiptProfile(**wanted))


@pytest.mark.parametrize("version", [Version.V34, Version.V50])
def test_an_account_may_want_hexadecimal_ids_in_receipts(version: Version) -> None:
    pdu = delivered(receipt_of(State.DELIVERED), version, with_receipts(base=Base.HEXADECIMAL))
    assert pdu.short_message.startswith(b"id:0000001F sub:001 ")
    assert pdu.tlvs[0] == Tlv(Tag.receipted_message_id, "0000001F")


def test_an_account_may_want_hexadecimal_ids_in_responses_only() -> None:
    dialect = dialect_of("fleet", Profile(message_id=Base.HEXADECIMAL), Version.V34, {})
    assert dialect.ids.write(31) == "0000001F"
    assert dialect.receipt_ids.write(31) == "0000000031"


def test_an_account_may_want_receipts_without_tlvs() -> None:
    told = replace(receipt_of(State.UNDELIVERABLE, error=27), user_reference=5)
    assert delivered(told, profile=with_receipts(tlvs=False)).tlvs == ()


def test_an_account_may_want_another_layout_and_seconds() -> None:
    profile = with_receipts(text="{stat}/{id}/{err}/{done_date}", seconds=True)
    pdu = delivered(receipt_of(State.EXPIRED, error=27), profile=profile)
    assert pdu.short_message == b"EXPIRED/0000000031/027/231114221520"


def test_an_alert_tells_the_device_and_the_address_that_asked() -> None:
    told = replace(receipt_of(State.DELIVERED), receipt=None)
    assert translate.alert(told, 7) == AlertNotification(
        7,
        source_addr_ton=1,
        source_addr_npi=1,
        source_addr="491700000001",
        esme_addr_ton=5,
        esme_addr_npi=0,
        esme_addr="FLEET",
        tlvs=(Tlv(Tag.ms_availability_status, 0),),
    )


# What the account has agreed on.


@pytest.mark.parametrize("esm_class", [0x01, 0x02, 0x03])
def test_the_mode_of_a_message_is_of_no_interest_to_its_recipient(esm_class: int) -> None:
    assert delivered(message(esm_class=esm_class | 0x90)).esm_class == 0x90


def test_the_senders_own_number_for_a_message_comes_with_it() -> None:
    numbered = replace(message(), user_reference=513)
    for version in (Version.V34, Version.V50):
        assert delivered(numbered, version).tlvs == (Tlv(Tag.user_message_reference, 513),)
    assert delivered(numbered, Version.V33).tlvs == ()


@pytest.mark.parametrize("long", LongMessages)
@pytest.mark.parametrize("version", VERSIONS)
def test_a_short_text_comes_in_short_message_unless_it_is_never_wanted_there(
    long: LongMessages, version: Version
) -> None:
    pdu = delivered(message(), version, Profile(long_messages=long))
    if long is LongMessages.MESSAGE_PAYLOAD and version > Version.V33:
        assert (pdu.short_message, pdu.tlvs) == (b"", (Tlv(Tag.message_payload, b"hello"),))
    else:
        assert (pdu.short_message, pdu.tlvs) == (b"hello", ())


PART = bytes.fromhex("050003070201")
PORTS = bytes.fromhex("06050407d10009")


@pytest.mark.parametrize("header", [PART, PORTS])
def test_a_header_stays_untouched_by_default(header: bytes) -> None:
    pdu = delivered(message(header + b"hello", esm_class=0x40))
    assert (pdu.short_message, pdu.esm_class, pdu.tlvs) == (header + b"hello", 0x40, ())


@pytest.mark.parametrize(
    "long", [LongMessages.SAR, LongMessages.MESSAGE_PAYLOAD, LongMessages.REASSEMBLED]
)
def test_a_header_becomes_tlvs_for_accounts_that_want_no_headers(long: LongMessages) -> None:
    pdu = delivered(message(PORTS + b"hello", esm_class=0x40), profile=Profile(long_messages=long))
    assert pdu.esm_class == 0
    assert pdu.tlvs[:2] == (Tlv(Tag.source_port, 9), Tlv(Tag.dest_port, 2001))


def test_a_part_becomes_a_segment() -> None:
    profile = Profile(long_messages=LongMessages.SAR)
    pdu = delivered(message(PART + b"hello", esm_class=0x40), profile=profile)
    assert (pdu.short_message, pdu.esm_class) == (b"hello", 0)
    assert pdu.tlvs == (
        Tlv(Tag.sar_msg_ref_num, 7),
        Tlv(Tag.sar_total_segments, 2),
        Tlv(Tag.sar_segment_seqnum, 1),
    )


def test_3_3_gets_headers_whatever_its_account_wants() -> None:
    profile = Profile(long_messages=LongMessages.SAR, deliver_with=DeliverWith.DATA_SM)
    pdu = delivered(message(PART + b"hello", esm_class=0x40), Version.V33, profile)
    assert (pdu.short_message, pdu.esm_class, pdu.tlvs) == (PART + b"hello", 0x40, ())


def test_a_text_is_written_in_the_alphabet_of_the_account() -> None:
    latin1 = Profile(default_alphabet=Zero.LATIN1)
    pdu = delivered(message(b"\x00 \x11"), profile=latin1)
    assert (pdu.short_message, pdu.data_coding) == (b"@ _", 0)
    pdu = delivered(message(PART + b"\x1be", esm_class=0x40), profile=latin1)
    assert (pdu.short_message, pdu.data_coding) == (PART + "€".encode("utf-16-be"), 8)
    pdu = delivered(message(b"\x00", data_coding=4), profile=latin1)
    assert (pdu.short_message, pdu.data_coding) == (b"\x00", 4)


def test_nothing_is_too_long_for_3_3_once_it_is_written_in_its_alphabet() -> None:
    latin1 = Profile(default_alphabet=Zero.LATIN1)
    part = message(PART + b"\x1be" * 76, esm_class=0x40)
    pdu = delivered(part, Version.V33, latin1)
    assert (pdu.short_message, pdu.data_coding) == (PART + "€".encode("utf-16-be") * 76, 8)
    part = message(PART + b"\x1be" + b"x" * 151, esm_class=0x40)
    pdu = delivered(part, Version.V33, latin1)
    assert (pdu.short_message, pdu.data_coding) == (PART + b"?" + b"x" * 151, 0)


# data_sm.

WITH_DATA_SM = Profile(deliver_with=DeliverWith.DATA_SM)


def sent_as_data(message: Message, profile: Profile = WITH_DATA_SM) -> DataSm:
    dialect = dialect_of("fleet", profile, Version.V34, {})
    pdu = decode(encode(translate.delivery(message, 7, dialect)))
    assert isinstance(pdu, DataSm)
    return pdu


def test_a_message_may_come_as_data_sm() -> None:
    assert sent_as_data(message(b"hello", data_coding=4, esm_class=0x40)) == DataSm(
        7,
        service_type="VMA",
        source_addr_ton=1,
        source_addr_npi=1,
        source_addr="491700000001",
        dest_addr_ton=0,
        dest_addr_npi=1,
        destination_addr="1234",
        esm_class=0x40,
        data_coding=4,
        tlvs=(Tlv(Tag.message_payload, b"hello"),),
    )


def test_a_long_message_comes_once_as_data_sm() -> None:
    assert sent_as_data(message(b"x" * 1000)).tlvs == (Tlv(Tag.message_payload, b"x" * 1000),)


def test_a_receipt_may_come_as_data_sm() -> None:
    pdu = sent_as_data(receipt_of(State.DELIVERED))
    assert pdu.esm_class == ESM_TYPE_RECEIPT
    assert [tag for tag, _ in pdu.tlvs] == [
        Tag.receipted_message_id,
        Tag.message_state,
        Tag.message_payload,
    ]
