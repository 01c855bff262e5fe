"""What may not overtake what: parts of a message, and what tells of one message."""

from smsc.delivery.agent import Attempt
from smsc.message import Message, State
from smsc.smpp.commands import ESM_UDHI
from smsc.web.webhooks.order import BEHIND_MS, Order
from smsc_encodings import udh
from smsc_encodings.udh import Concatenation
from tests.web.webhook_samples import AT, message, receipt


def part(sequence: int, reference: int = 7) -> Message:
    header = udh.encode([Concatenation(reference, 3, sequence)])
    return message(header + b"text", esm_class=ESM_UDHI, id=100 * reference + sequence)


def attempts(*messages: Message) -> list[Attempt]:
    return [Attempt(each) for each in messages]


def test_messages_by_themselves_go_at_once() -> None:
    order = Order()
    for attempt in attempts(message(id=1), message(id=2)):
        assert order.begin(attempt)
        assert order.end(attempt) == []


def test_a_part_waits_while_the_one_before_it_is_called_for() -> None:
    order = Order()
    first, second, third = attempts(part(1), part(2), part(3))
    assert order.begin(first)
    assert not order.begin(second)
    assert not order.begin(third)
    assert order.end(first) == [second, third]
    assert order.begin(second)
    assert not order.begin(third)


def test_parts_of_another_message_wait_for_none_of_them() -> None:
    order = Order()
    first, other = attempts(part(1), part(1, reference=8))
    assert order.begin(first)
    assert order.begin(other)


def test_a_part_is_held_back_until_the_one_before_it_is_tried_again() -> None:
    order = Order()
    order.called(part(1), AT + 5000)
    assert order.held_back_ms(part(2), AT) == 5000 + BEHIND_MS
    assert order.held_back_ms(part(2), AT + 9000) == BEHIND_MS
    assert order.held_back_ms(part(1), AT) == 0
    assert order.held_back_ms(part(2, reference=8), AT) == 0
    order.called(part(1), 0)
    assert order.held_back_ms(part(2), AT) == 0


def test_a_part_that_was_not_the_one_that_failed_changes_nothing() -> None:
    order = Order()
    order.called(part(1), AT + 5000)
    order.called(part(2), 0)
    assert order.held_back_ms(part(2), AT) > 0


def test_nobody_waits_for_a_part_that_has_expired() -> None:
    order = Order()
    order.called(part(1), AT + 5000)
    assert order.held_back_ms(part(2), part(1).expires_at) == 0


def test_a_receipt_waits_for_the_notification_before_it_but_not_for_its_next_attempt() -> None:
    order = Order()
    early, final = attempts(receipt(State.ENROUTE), receipt())
    assert order.begin(early)
    assert not order.begin(final)
    order.called(early.message, AT + 5000)
    assert order.end(early) == [final]
    assert order.held_back_ms(final.message, AT) == 0


def test_a_header_that_cannot_be_read_belongs_to_nothing() -> None:
    torn = message(b"\xff\x00\x03", esm_class=ESM_UDHI)
    order = Order()
    assert order.begin(Attempt(torn))
    assert order.begin(Attempt(torn))
