"""Receipts of other SMSCs, as they come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.message import State
from smsc.smpp import receipt
from smsc.smpp.pdu import DataSm, DeliverSm
from smsc.smpp.tlv import Tag, Tlv
from smsc.upstream.deliveries import meaning
from smsc.upstream.ids import Ids, plain
from smsc.upstream.line import Arrival, Report
from smsc.upstream.receipts import Unended

TEXT = (
    b"id:0000001234 sub:001 dlvrd:001 submit date:2311142213 done date:2311142214"
    b" stat:%s err:012 text:hello"
)


def read(text: bytes = b"", *tlvs: Tlv, esm_class: int = 0x04, data_coding: int = 0) -> object:
    pdu = DeliverSm(1, esm_class=esm_class, data_coding=data_coding, short_message=text, tlvs=tlvs)
    return meaning(pdu, Ids())


def report(text: bytes = b"", *tlvs: Tlv, esm_class: int = 0x04, data_coding: int = 0) -> Report:
    told = read(text, *tlvs, esm_class=esm_class, data_coding=data_coding)
    assert isinstance(told, Report), told
    return told


@pytest.mark.parametrize(
    ("word", "state"),
    [
        (b"DELIVRD", State.DELIVERED),
        (b"EXPIRED", State.EXPIRED),
        (b"DELETED", State.DELETED),
        (b"UNDELIV", State.UNDELIVERABLE),
        (b"UNKNOWN", State.UNKNOWN),
        (b"REJECTD", State.REJECTED),
        (b"delivrd", State.DELIVERED),
        (b"DELIVERED", State.DELIVERED),
        (b"UNDELIVERED", State.UNDELIVERABLE),
        (b"FAILED", State.UNDELIVERABLE),
        (b"ABRACADABRA", State.UNKNOWN),
    ],
)
def test_the_text_says_what_became_of_which_message(word: bytes, state: State) -> None:
    assert report(TEXT % word) == Report("1234", state, 12, ("4d2", "4660"))


@pytest.mark.parametrize("word", [b"ENROUTE", b"ACCEPTD", b"BUFFRED", b"ACKED", b"SCHEDULED"])
def test_what_is_on_its_way_has_no_end_yet(word: bytes) -> None:
    assert read(TEXT % word) == Unended("")
    assert read(TEXT % word, esm_class=0x20) == Unended("")


def test_tlvs_win_over_the_text() -> None:
    told = report(
        TEXT % b"DELIVRD",
        Tlv(Tag.receipted_message_id, "0000ABCD"),
        Tlv(Tag.message_state, State.EXPIRED),
        Tlv(Tag.network_error_code, b"\x03\x00\x1f"),
    )
    assert told == Report("abcd", State.EXPIRED, 31)


def test_tlvs_suffice() -> None:
    tlvs = Tlv(Tag.receipted_message_id, "7a1b"), Tlv(Tag.message_state, State.DELIVERED)
    assert report(b"", *tlvs) == Report("7a1b", State.DELIVERED)


def test_tlvs_suffice_without_a_word_in_esm_class() -> None:
    tlvs = Tlv(Tag.receipted_message_id, "7a1b"), Tlv(Tag.message_state, State.DELIVERED)
    assert report(b"", *tlvs, esm_class=0) == Report("7a1b", State.DELIVERED)


def test_text_and_tlvs_complete_each_other() -> None:
    assert report(b"stat:DELIVRD", Tlv(Tag.receipted_message_id, "7a1b")).state is State.DELIVERED
    assert report(b"id:7a1b", Tlv(Tag.message_state, State.EXPIRED)).remote_id == "7a1b"


def test_a_state_that_nobody_knows_leaves_the_word_to_the_text() -> None:
    assert report(TEXT % b"DELIVRD", Tlv(Tag.message_state, 200)).state is State.DELIVERED


def test_the_text_may_be_in_ucs2() -> None:
    text = (TEXT % b"UNDELIV").decode().encode("utf-16-be")
    assert report(text, data_coding=8).state is State.UNDELIVERABLE


def test_the_text_may_be_a_message_payload() -> None:
    assert report(b"", Tlv(Tag.message_payload, TEXT % b"EXPIRED")).state is State.EXPIRED


def test_a_receipt_may_come_in_a_data_sm() -> None:
    tlvs = Tlv(Tag.receipted_message_id, "9"), Tlv(Tag.message_state, State.DELIVERED)
    assert meaning(DataSm(1, esm_class=0x04, tlvs=tlvs), Ids()) == Report("9", State.DELIVERED)


@pytest.mark.parametrize("text", [b"", b"hello", b"stat:DELIVRD", b"id: stat:DELIVRD", b"id:7"])
def test_a_receipt_without_an_id_or_a_state_says_nothing(text: bytes) -> None:
    told = read(text)
    assert isinstance(told, Unended)
    assert told.reason


def test_a_device_cant_pass_off_its_text_as_a_receipt() -> None:
    assert isinstance(read(TEXT % b"DELIVRD", esm_class=0), Arrival)


@given(
    st.text("0123456789abcdefABCDEF-", min_size=1, max_size=20),
    st.sampled_from([State.DELIVERED, State.EXPIRED, State.REJECTED]),
    st.integers(0, 999),
    st.text(max_size=20),
)
def test_a_text_says_here_what_it_says_everywhere(
    id: str, state: State, err: int, text: str
) -> None:
    octets = receipt.encode(receipt.Receipt(id, stat=receipt.WORDS[state], err=err, text=text))
    told, read_all = report(octets), receipt.decode(octets)
    assert told.remote_id == plain(read_all.id)
    assert (told.state, told.error) == (state, read_all.err)


def test_there_may_be_space_behind_a_colon() -> None:
    told = report(b"id: 1A sub: 001 stat: DELIVRD err: 3")
    assert (told.remote_id, told.state, told.error) == ("1a", State.DELIVERED, 3)


def test_what_the_message_itself_says_is_no_receipt() -> None:
    told = report(b"id:1 stat:EXPIRED text:id:2 stat:DELIVRD err:9")
    assert (told.remote_id, told.state, told.error) == ("1", State.EXPIRED, 0)


@given(
    st.binary(max_size=254),
    st.sampled_from([0x04, 0x20, 0x44]),
    st.sampled_from([0, 8]),
    st.lists(
        st.sampled_from(
            [
                Tlv(Tag.receipted_message_id, ""),
                Tlv(Tag.receipted_message_id, "12"),
                Tlv(Tag.message_state, 255),
                Tlv(Tag.message_state, 2),
                Tlv(Tag.network_error_code, b"\xff\xff\xff"),
            ]
        )
    ),
)
def test_whatever_it_is_it_is_a_report_or_none(
    text: bytes, esm_class: int, data_coding: int, tlvs: list[Tlv]
) -> None:
    told = read(text, *tlvs, esm_class=esm_class, data_coding=data_coding)
    assert isinstance(told, Report | Unended)
