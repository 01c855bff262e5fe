"""Mobile originated: what a device sends reaches intake as a phone would have sent it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.clock import SimulatedClock
from smsc.delivery.submission import Submission, Submitter
from smsc.message import Address
from smsc.network.device import Device
from smsc.network.hlr import Subscription, UnknownDevice
from smsc.network.origin import DeviceDetached, Origin, address_of
from smsc.numbering import Numbering, numbering_of
from smsc_encodings import udh
from smsc_encodings.elements import Ports16
from smsc_encodings.errors import EncodingError
from smsc_encodings.segmentation import Part
from smsc_routing.decision import Reason, Verdict
from smsc_routing.traffic import Party
from tests.network.parts import take
from tests.network.shelf import register

ANNA = "491700000001"
BERT = "491700000002"
UDHI = 0x40


ANYWHERE = Numbering()


class Patience:
    """A submitter that is told apart, and what it was refused."""

    def __init__(self) -> None:
        self.verdicts: list[tuple[int, Verdict]] = []

    def accepted(self, token: int, message_id: int) -> None: ...

    def refused(self, token: int, verdict: Verdict) -> None:
        self.verdicts.append((token, verdict))

    def flush(self) -> None: ...


class Outbox:
    """An origin with a detached and an attached device, and what it submitted."""

    def __init__(self, now: int = 1_700_000_000_000, home: Numbering = ANYWHERE) -> None:
        self.seen: list[tuple[Submission, Submitter, int]] = []
        rows = {ANNA: Subscription(), BERT: Subscription(attached=False)}
        self.hlr = register(rows)
        self.submitter = Patience()
        self.origin = Origin(self.submit, self.hlr, SimulatedClock(now), home)

    def submit(self, submission: Submission, submitter: Submitter, token: int) -> None:
        self.seen.append((submission, submitter, token))

    def send(
        self,
        text: str = "",
        to: str = "1234",
        number: str = ANNA,
        data_coding: int | None = None,
        octets: bytes | None = None,
        header: bytes = b"",
    ) -> int:
        return self.origin.send(number, to, text, self.submitter, 5, data_coding, octets, header)

    @property
    def submissions(self) -> list[Submission]:
        return [submission for submission, _, _ in self.seen]


def reference(submission: Submission) -> int:
    concatenation = udh.decode(submission.payload).concatenation
    assert concatenation is not None
    return concatenation.reference


def test_a_short_text_is_one_submission_of_the_device() -> None:
    outbox = Outbox()
    sent = outbox.origin.send(ANNA, "1234", "hello", outbox.submitter, 5, receipt=True)
    assert sent == 1
    expected = Submission(
        Party.DEVICE,
        "",
        Address(1, 1, ANNA),
        Address(0, 1, "1234"),
        b"hello",
        registered_delivery=1,
    )
    assert outbox.seen == [(expected, outbox.submitter, 5)]


def test_a_text_that_is_not_gsm_goes_as_ucs2() -> None:
    outbox = Outbox()
    outbox.send("жизнь")
    (submission,) = outbox.submissions
    assert (submission.data_coding, submission.esm_class) == (8, 0)
    assert submission.payload.decode("utf-16-be") == "жизнь"


def test_an_empty_text_is_a_message_too() -> None:
    outbox = Outbox()
    assert outbox.send("") == 1
    assert outbox.submissions[0].payload == b""


def test_data_coding_chooses_how_the_text_is_written() -> None:
    outbox = Outbox()
    outbox.send("ü", data_coding=8)
    outbox.send("ü", data_coding=0xF1)
    sent = [(submission.payload, submission.data_coding) for submission in outbox.submissions]
    assert sent == [(b"\x00\xfc", 8), (b"\x7e", 0xF1)]


def test_an_alphabet_that_no_tpdu_carries_leaves_the_device_as_gsm_or_ucs2() -> None:
    outbox = Outbox()
    outbox.send("ü", data_coding=3)
    outbox.send("ç", data_coding=3)
    sent = [(submission.payload, submission.data_coding) for submission in outbox.submissions]
    assert sent == [(b"\x7e", 0), (b"\x00\xe7", 8)]


@pytest.mark.parametrize("to", ["a name of twelve", "ж", "[[[[[[", "1" * 21])
def test_a_recipient_that_no_tpdu_can_name_is_refused(to: str) -> None:
    outbox = Outbox()
    assert outbox.send("hello", to=to) == 1
    assert outbox.seen == []
    ((token, verdict),) = outbox.submitter.verdicts
    assert (token, verdict.reason) == (5, Reason.MALFORMED_NUMBER)


def test_octets_go_as_they_are_and_are_binary_unless_told_otherwise() -> None:
    outbox = Outbox()
    outbox.send(octets=b"\x00\xff")
    outbox.send(octets=b"\x00\xff", data_coding=0xF5)
    sent = [(submission.payload, submission.data_coding) for submission in outbox.submissions]
    assert sent == [(b"\x00\xff", 4), (b"\x00\xff", 0xF5)]


def test_a_long_text_is_a_submission_for_each_part_under_one_token() -> None:
    outbox = Outbox()
    assert outbox.send("x" * 400) == 3
    assert [submission.esm_class for submission in outbox.submissions] == [UDHI] * 3
    assert [len(submission.payload) for submission in outbox.submissions] == [159, 159, 100]
    assert [token for _, _, token in outbox.seen] == [5, 5, 5]
    assert len({reference(submission) for submission in outbox.submissions}) == 1


def test_a_header_is_in_front_of_every_part() -> None:
    outbox = Outbox()
    ports = bytes.fromhex("060504000007d1")
    outbox.send(octets=b"\x00", header=ports)
    outbox.send("x" * 200, header=ports)
    single, *parts = outbox.submissions
    assert single.payload == ports + b"\x00"
    for sequence, part in enumerate(parts, 1):
        header, body = udh.split_user_data(part.payload)
        assert header.concatenation is not None
        assert header.concatenation[1:3] == (2, sequence)
        assert header.ports == Ports16(0, 2001)
        assert body == b"x" * (146 if sequence == 1 else 54)
    assert [each.esm_class for each in outbox.submissions] == [UDHI] * 3


def test_long_messages_have_references_of_their_own_and_never_run_out() -> None:
    outbox = Outbox()
    for _ in range(300):
        outbox.send("x" * 161)
    references = [reference(submission) for submission in outbox.submissions[::2]]
    assert len(set(references[:256])) == 256
    assert references[256:] == references[:44]


def test_long_messages_to_two_recipients_leave_each_other_their_references() -> None:
    outbox = Outbox()
    for to in ["1234", "5678"] * 150:
        outbox.send("x" * 161, to=to)
    for first in (0, 2):
        references = [reference(submission) for submission in outbox.submissions[first::4]]
        assert len(set(references)) == 150


def test_a_restart_does_not_begin_with_the_references_just_used() -> None:
    before, after = Outbox(1_700_000_000_000), Outbox(1_700_000_060_000)
    for outbox in (before, after):
        outbox.send("x" * 161)
    assert reference(before.submissions[0]) != reference(after.submissions[0])


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=800))
def test_whatever_text_is_sent_a_receiver_joins_the_same(text: str) -> None:
    outbox, receiver = Outbox(), Device(BERT)
    assert outbox.send(text) == len(outbox.submissions)
    for submission in outbox.submissions:
        payload, end = submission.payload, 0
        if submission.esm_class & UDHI:
            end = udh.decode(payload).consumed
        part = Part(payload[:end], payload[end:])
        take(receiver, [part], ANNA, submission.data_coding)
    assert [received.text for received in receiver.inbox] == [text]


def test_a_detached_device_sends_nothing_and_the_words_name_the_cure() -> None:
    outbox = Outbox()
    with pytest.raises(DeviceDetached, match=f"{BERT} is detached.*smsc devices attach {BERT}"):
        outbox.send("hello", number=BERT)
    assert outbox.seen == []
    outbox.hlr.attach(BERT)
    assert outbox.send("hello", number=BERT) == 1


def test_an_unknown_device_sends_nothing() -> None:
    outbox = Outbox()
    with pytest.raises(UnknownDevice, match="33123456789"):
        outbox.send("hello", number="33123456789")
    assert outbox.seen == []


def test_text_and_octets_at_once_are_refused() -> None:
    outbox = Outbox()
    with pytest.raises(ValueError, match="leave one of them out"):
        outbox.send("hello", octets=b"hello")
    assert outbox.seen == []


@pytest.mark.parametrize(
    ("text", "data_coding"),
    [("ж", 0), ("hello", 4), ("hello", 256), ("x" * (255 * 153 + 1), None)],
    ids=["not in the alphabet", "binary", "no octet", "256 parts"],
)
def test_what_cannot_be_written_is_an_error_and_nothing_was_sent(
    text: str, data_coding: int | None
) -> None:
    outbox = Outbox()
    with pytest.raises(EncodingError):
        outbox.send(text, data_coding=data_coding)
    assert outbox.seen == []


@pytest.mark.parametrize(
    ("to", "address"),
    [
        ("1234", Address(0, 1, "1234")),
        ("12345678", Address(0, 1, "12345678")),
        ("123456789", Address(1, 1, "123456789")),
        ("+491700000002", Address(1, 1, "491700000002")),
        ("+12345678", Address(1, 1, "12345678")),
        ("FLEET", Address(5, 0, "FLEET")),
        ("+FLEET", Address(5, 0, "+FLEET")),
        ("١٢٣", Address(5, 0, "١٢٣")),
        ("", Address(5, 0, "")),
    ],
)
def test_a_device_dials_as_a_phone_does(to: str, address: Address) -> None:
    assert address_of(to) == address


@pytest.mark.parametrize(
    ("to", "address"),
    [
        ("1234", Address(0, 1, "1234")),
        ("01701234567", Address(0, 1, "01701234567")),
        ("+491701234567", Address(1, 1, "491701234567")),
        ("FLEET", Address(5, 0, "FLEET")),
    ],
)
def test_where_the_network_has_a_country_digits_go_out_as_dialled(
    to: str, address: Address
) -> None:
    outbox = Outbox(home=numbering_of("DE", 8))
    assert outbox.origin.address_of(to) == address
    outbox.send("hello", to)
    assert outbox.submissions[0].dest == address


def test_how_long_a_short_code_is_can_be_set() -> None:
    assert address_of("12345678", numbering_of("", 7)) == Address(1, 1, "12345678")
    assert address_of("1234567", numbering_of("", 7)) == Address(0, 1, "1234567")


def test_an_acknowledgement_keeps_its_type_in_each_of_its_parts() -> None:
    outbox = Outbox()
    long = "x" * 200
    outbox.origin.send(ANNA, "1234", long, outbox.submitter, 5, message_type=0x10)
    assert [submission.esm_class for submission in outbox.submissions] == [0x50, 0x50]
