"""From messages to deliver_sm: what a device sent, and receipts."""

import pytest

from smsc.esme import translate
from smsc.message import Address, Message, Receipt, State, to_account
from smsc.smpp import receipt
from smsc.smpp.codec import decode, encode
from smsc.smpp.commands import ESM_TYPE_RECEIPT, Version
from smsc.smpp.pdu import DeliverSm
from smsc.smpp.tlv import Tag, Tlv

SUBMITTED = 1_700_000_000_000  # 2023-11-14 22:13:20 UTC
DONE = SUBMITTED + 120_000
VERSIONS = list(Version)


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


def delivered(message: Message, version: Version = Version.V34) -> DeliverSm:
    """Return the deliver_sm as the peer reads it off the wire."""
    pdu = decode(encode(translate.delivery(message, 7, version)))
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
    assert receipt.decode(pdu.short_message).id == translate.message_id(about, version)


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
