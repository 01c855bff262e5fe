"""A message as it is shown: its text and octets, and each thing that happened to it."""

from typing import Any

import pytest

from smsc.cause import Cause
from smsc.message import Address, Message, Receipt, State, to_account, to_device, to_links
from smsc.smpp.commands import ESM_UDHI, CommandStatus
from smsc.store.record import Failure, Record
from smsc.store.store import History
from smsc.web.record import shown, told
from tests.web.rooms import ANNA, FLEET

NOW = 1_700_000_000_000


def message(destination: str = to_device(ANNA), **more: Any) -> Message:
    given: dict[str, Any] = {"payload": b"hello"} | more
    sender, recipient = Address(1, 1, "1234"), Address(1, 1, ANNA)
    return Message(
        1, FLEET, destination, sender, recipient, accepted_at=NOW, expires_at=NOW * 2, **given
    )


def history(
    message: Message, state: State = State.ENROUTE, error: int = 0, done_at: int = 0
) -> History:
    return History(message, state, error, done_at, 0)


def events(record: Record) -> list[tuple[str, str, int, str]]:
    return [(e.event, e.state, e.error, e.cause) for e in told(record, None).history]


def test_each_event_is_told_in_order_with_its_time() -> None:
    receipt = message(
        to_account(FLEET), payload=b"", receipt=Receipt(1, State.EXPIRED, 6, NOW, NOW, "")
    )
    record = Record(
        history(message(), State.EXPIRED, Cause.ABSENT_SUBSCRIBER_SM, NOW + 3000),
        (Failure(NOW + 1000, Cause.MEMORY_CAPACITY_EXCEEDED), Failure(NOW + 2000, 99)),
        history(receipt, State.DELIVERED, done_at=NOW + 4000),
    )
    assert events(record) == [
        ("accepted", "ENROUTE", 0, ""),
        ("attempt_failed", "ENROUTE", 40, "memory capacity exceeded"),
        ("attempt_failed", "ENROUTE", 99, ""),
        ("ended", "EXPIRED", 6, "absent subscriber"),
        ("receipt_made", "ENROUTE", 0, ""),
        ("receipt_ended", "DELIVERED", 0, ""),
    ]
    seconds = [event.at.second for event in told(record, None).history]
    assert seconds == [20, 21, 22, 23, 20, 24]


def test_a_message_that_has_its_time_to_come_begins_scheduled() -> None:
    record = Record(history(message(not_before=NOW + 1), State.SCHEDULED))
    assert events(record) == [("accepted", "SCHEDULED", 0, "")]


def test_a_receipt_that_was_refused_says_what_its_esme_answered() -> None:
    receipt = message(to_account(FLEET))
    ended = history(receipt, State.UNDELIVERABLE, CommandStatus.ESME_RX_R_APPN)
    record = Record(history(message(), State.DELIVERED), (), ended)
    assert events(record)[-1] == ("receipt_ended", "UNDELIVERABLE", 0x66, "ESME_RX_R_APPN")


def test_what_another_smsc_answers_is_a_status_and_what_its_receipt_says_has_no_name() -> None:
    sent = message(to_links(("far",), FLEET))
    failures = (Failure(NOW, CommandStatus.ESME_RSYSERR),)
    record = Record(history(sent, State.UNDELIVERABLE, 8), failures)
    assert events(record)[1:] == [
        ("attempt_failed", "ENROUTE", 8, "ESME_RSYSERR"),
        ("ended", "UNDELIVERABLE", 8, ""),
    ]


@pytest.mark.parametrize(
    ("payload", "more", "text", "udh"),
    [
        (b"hello", {}, "hello", ""),
        ("ж".encode("utf-16-be"), {"data_coding": 8}, "ж", ""),
        (b"\x00\xff", {"data_coding": 4}, None, ""),
        (b"\x05\x00\x03\x01\x02\x01hi", {"esm_class": ESM_UDHI}, "hi", "050003010201"),
        (b"\x03\x24\x01\x01\x1b\x63", {"esm_class": ESM_UDHI}, "ç", "03240101"),
        (b"\xd8\x00", {"data_coding": 8}, None, ""),
        (b"\x05\x00", {"esm_class": ESM_UDHI}, "", "0500"),
        (b"", {"esm_class": ESM_UDHI}, "", ""),
    ],
)
def test_text_and_octets_are_told_without_the_header(
    payload: bytes, more: dict[str, Any], text: str | None, udh: str
) -> None:
    status = shown(history(message(payload=payload, **more)), None)
    assert (status.text, status.udh) == (text, udh)
    assert f"{status.udh}{status.hex}" == payload.hex()


def test_a_text_that_was_erased_is_told_as_such_and_not_as_an_empty_one() -> None:
    erased = history(message(payload=b""))._replace(erased=True)
    status = shown(erased, None)
    assert (status.text, status.udh, status.hex, status.erased) == (None, None, None, True)
    empty = shown(history(message(payload=b"")), None)
    assert (empty.text, empty.udh, empty.hex, empty.erased) == ("", "", "", False)


def test_who_sees_all_is_told_whose_a_message_is_and_an_account_its_own_name() -> None:
    from_device = Message(
        1, "", to_account(FLEET), Address(1, 1, ANNA), Address(1, 1, "1234"), b"", NOW, NOW
    )
    assert shown(history(from_device), None).account == FLEET
    assert shown(history(message(to_account("other"))), "other").account == "other"
