"""Which ends of a message call for a receipt, and what the receipt is."""

import pytest
from msgspec.structs import replace

from smsc.delivery.receipts import KEPT_MS, notified, receipt_for, wanted
from smsc.message import Address, Message, Receipt, State, to_account, to_device
from smsc.smpp.commands import (
    ESM_TYPE_INTERMEDIATE_NOTIFICATION,
    ESM_TYPE_RECEIPT,
    ESM_UDHI,
)
from smsc_encodings.dcs import Alphabet, encode_text

NOW = 1_700_000_000_000
FINALS = [state for state in State if state.final]
FAILURES = [state for state in FINALS if state is not State.DELIVERED]


def message(
    registered_delivery: int = 1,
    payload: bytes = b"hello",
    data_coding: int = 0,
    esm_class: int = 0,
    account: str = "fleet",
) -> Message:
    return Message(
        42,
        account,
        to_device("491700000001"),
        Address(5, 0, "FLEET"),
        Address(1, 1, "491700000001"),
        payload,
        NOW,
        NOW + 1000,
        data_coding=data_coding,
        esm_class=esm_class,
        registered_delivery=registered_delivery,
        service_type="CMT",
    )


def text_of(sent: Message) -> str:
    receipt = receipt_for(sent, State.DELIVERED, 0, NOW, 43).receipt
    assert receipt is not None
    return receipt.text


@pytest.mark.parametrize("state", FINALS)
def test_nobody_is_told_who_did_not_ask(state: State) -> None:
    assert not wanted(message(0), state)


@pytest.mark.parametrize("state", FINALS)
def test_one_who_asked_for_every_end_is_told_of_every_end(state: State) -> None:
    assert wanted(message(1), state)


@pytest.mark.parametrize("state", FAILURES)
def test_one_who_asked_for_failures_is_told_of_failures(state: State) -> None:
    assert wanted(message(2), state)
    assert not wanted(message(2), State.DELIVERED)


@pytest.mark.parametrize("state", FAILURES)
def test_one_who_asked_for_success_is_told_of_success_only(state: State) -> None:
    assert wanted(message(3), State.DELIVERED)
    assert not wanted(message(3), state)


@pytest.mark.parametrize("asked", range(4))
@pytest.mark.parametrize("state", [State.SCHEDULED, State.ENROUTE])
def test_nobody_is_told_before_the_end(asked: int, state: State) -> None:
    assert not wanted(message(asked), state)


@pytest.mark.parametrize("flags", [0x04, 0x08, 0x10, 0xFC])
def test_the_other_bits_of_registered_delivery_ask_for_no_receipt(flags: int) -> None:
    assert not wanted(message(flags), State.DELIVERED)
    assert wanted(message(flags | 1), State.DELIVERED)


@pytest.mark.parametrize("esm_class", [0x08, 0x10, 0x48, 0x0B])
def test_an_acknowledgement_never_makes_a_receipt_or_a_notification(esm_class: int) -> None:
    acknowledgement = message(0x11, esm_class=esm_class)
    assert not any(wanted(acknowledgement, state) for state in State)
    assert not notified(acknowledgement)


def test_a_notification_is_asked_for_by_a_bit_of_its_own() -> None:
    assert notified(message(0x10))
    assert notified(message(0x11))
    assert not notified(message(0x0F))
    assert not notified(message(0x10, account=""))


def test_a_notification_tells_that_the_message_is_on_its_way() -> None:
    notification = receipt_for(message(), State.ENROUTE, 6, NOW + 5, 43)
    assert notification.esm_class == ESM_TYPE_INTERMEDIATE_NOTIFICATION
    assert notification.receipt == Receipt(42, State.ENROUTE, 6, NOW, NOW + 5, "hello")
    assert notification.follows == 42


def test_a_sender_without_an_account_has_no_home_for_a_receipt() -> None:
    assert not wanted(message(1, account=""), State.DELIVERED)


def test_a_receipt_goes_from_the_recipient_to_the_sender() -> None:
    sent = message()
    receipt = receipt_for(sent, State.DELIVERED, 0, NOW + 5, 43)
    assert receipt.destination == to_account("fleet")
    assert (receipt.source, receipt.dest) == (sent.dest, sent.source)
    assert receipt.account == "fleet"
    assert receipt.service_type == "CMT"
    assert receipt.esm_class == ESM_TYPE_RECEIPT


def test_a_receipt_tells_what_became_of_the_message() -> None:
    receipt = receipt_for(message(), State.UNDELIVERABLE, 27, NOW + 5, 43)
    assert receipt.id == 43
    assert receipt.receipt == Receipt(42, State.UNDELIVERABLE, 27, NOW, NOW + 5, "hello")


def test_a_receipt_names_the_message_as_its_submitter_knows_it() -> None:
    receipt = receipt_for(replace(message(), told_id=40), State.DELIVERED, 0, NOW, 43).receipt
    assert receipt is not None and receipt.about == 40


def test_a_receipt_has_the_submitters_own_number_for_the_message() -> None:
    assert receipt_for(message(), State.DELIVERED, 0, NOW, 43).user_reference == -1
    numbered = replace(message(), user_reference=513)
    assert receipt_for(numbered, State.DELIVERED, 0, NOW, 43).user_reference == 513


def test_a_receipt_asks_for_no_receipt() -> None:
    receipt = receipt_for(message(), State.DELIVERED, 0, NOW, 43)
    assert not any(wanted(receipt, state) for state in State)


def test_a_receipt_is_kept_for_a_month() -> None:
    assert KEPT_MS == 30 * 86_400_000
    assert receipt_for(message(), State.DELIVERED, 0, NOW + 5, 43).expires_at == NOW + 5 + KEPT_MS


def test_a_receipt_shows_the_first_twenty_characters() -> None:
    assert text_of(message(payload=b"abcdefghijklmnopqrstuvwxyz")) == "abcdefghijklmnopqrst"


def test_a_receipt_shows_text_in_the_alphabet_of_the_message() -> None:
    payload = encode_text("Grüße aus Köln", Alphabet.UCS2)
    assert text_of(message(payload=payload, data_coding=8)) == "Grüße aus Köln"


def test_a_receipt_shows_the_text_behind_a_header() -> None:
    header = bytes.fromhex("050003070201")
    assert text_of(message(payload=header + b"part one", esm_class=ESM_UDHI)) == "part one"


def test_a_receipt_about_binary_shows_no_text() -> None:
    assert text_of(message(payload=b"\x00\xff\x80", data_coding=4)) == ""


def test_a_receipt_about_an_empty_message_shows_no_text() -> None:
    assert text_of(message(payload=b"", esm_class=ESM_UDHI)) == ""


def test_a_receipt_shows_the_beginning_of_a_long_text_of_wide_characters() -> None:
    # A character of four octets lies across the cut wherever it is made.
    for lead in range(4):
        payload = encode_text("a" * lead + "\N{WAVING HAND SIGN}" * 60, Alphabet.UCS2)
        assert text_of(message(payload=payload, data_coding=8)).startswith(
            "a" * lead + "\U0001f44b"
        )
