"""The text of delivery receipts, ours and other people's."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.message import State
from smsc.smpp import receipt
from smsc.smpp.receipt import STATES, WORDS, Receipt
from smsc.wording import APPENDIX_B


def ms(year: int, month: int, day: int, hour: int, minute: int, second: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()) * 1000


DELIVERED = Receipt(
    "7a1b", 1, 1, ms(2018, 1, 24, 12, 38), ms(2018, 1, 24, 12, 39), "DELIVRD", 0, "check123999"
)


def test_a_receipt_is_written_as_traccars_users_know_it() -> None:
    assert receipt.encode(DELIVERED) == (
        b"id:7a1b sub:001 dlvrd:001 submit date:1801241238 done date:1801241239"
        b" stat:DELIVRD err:000 text:check123999"
    )


def test_only_the_first_20_characters_of_the_message_are_repeated() -> None:
    octets = receipt.encode(Receipt("7a1b", text="a" * 160))
    assert octets.endswith(b"text:" + b"a" * 20)


def test_characters_beyond_ascii_become_question_marks() -> None:
    assert receipt.encode(Receipt("7a1b", text="Gerät Ж")).endswith(b"text:Ger?t ?")


def test_an_error_may_be_a_word() -> None:
    assert b" err:0E1 " in receipt.encode(Receipt("7a1b", err="0E1"))


def test_an_error_number_has_three_digits() -> None:
    assert b" err:027 " in receipt.encode(Receipt("7a1b", err=27))


WORD = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
DATES = st.integers(ms(2000, 1, 1, 0, 0) // 60_000, ms(2099, 12, 31, 23, 59) // 60_000).map(
    lambda minute: minute * 60_000
)
RECEIPTS = st.builds(
    Receipt,
    id=WORD,
    sub=st.integers(0, 999),
    dlvrd=st.integers(0, 999),
    submit_date_ms=DATES,
    done_date_ms=DATES,
    stat=st.sampled_from(sorted(STATES)),
    err=st.integers(0, 999) | st.just("0E1"),
    text=st.text(st.characters(min_codepoint=0, max_codepoint=127), max_size=20),
)


@given(RECEIPTS)
def test_a_receipt_comes_back_as_it_was_written(written: Receipt) -> None:
    assert receipt.decode(receipt.encode(written)) == written


# Layouts.


@given(RECEIPTS)
def test_the_layout_of_appendix_b_is_the_default(written: Receipt) -> None:
    other = receipt.layout(" " + APPENDIX_B)
    assert receipt.layout()(written) == receipt.encode(written)
    assert other(written) == b" " + receipt.encode(written)


@given(RECEIPTS)
def test_dates_may_have_seconds(written: Receipt) -> None:
    assert receipt.decode(receipt.layout(seconds=True)(written)) == written


def test_seconds_are_written_as_they_are() -> None:
    write = receipt.layout("{submit_date} {done_date}", seconds=True)
    told = Receipt("1", submit_date_ms=ms(2018, 1, 24, 12, 38, 7), done_date_ms=59_999)
    assert write(told) == b"180124123807 700101000059"


def test_a_layout_puts_fields_where_it_likes() -> None:
    write = receipt.layout("{{{stat}}} %s {err}:{id}\n{id} {text}")
    assert write(Receipt("7a", stat="EXPIRED", err=27, text="100 %")) == (
        b"{EXPIRED} %s 027:7a\n7a 100 %"
    )


def test_a_field_that_there_is_not_is_an_error() -> None:
    with pytest.raises(KeyError):
        receipt.layout("{id} {colour}")


@given(RECEIPTS)
def test_every_field_can_be_named(written: Receipt) -> None:
    for field in receipt.FIELDS:
        receipt.layout("{" + field + "}")(written)


def test_text_after_text_is_never_a_field() -> None:
    octets = b"id:7a1b stat:EXPIRED text:id:9 stat:DELIVRD text:x"
    assert receipt.decode(octets) == Receipt(
        "7a1b", stat="EXPIRED", text="id:9 stat:DELIVRD text:x"
    )


def test_dates_with_seconds_are_read() -> None:
    read = receipt.decode(b"id:1 submit date:180124123801 done date:180124123959 stat:DELIVRD")
    assert read.submit_date_ms == ms(2018, 1, 24, 12, 38, 1)
    assert read.done_date_ms == ms(2018, 1, 24, 12, 39, 59)


def test_case_order_and_blanks_do_not_matter() -> None:
    octets = b"STAT: undeliv  ID: 7a1b Done Date:1801241239\nErr:0E1 Text:"
    assert receipt.decode(octets) == Receipt(
        "7a1b", stat="UNDELIV", done_date_ms=ms(2018, 1, 24, 12, 39), err="0E1"
    )


def test_what_is_garbled_counts_as_missing() -> None:
    octets = b"id:7a1b sub:x dlvrd: submit date:yesterday done date:1899999999 stat:DELIVRD err:"
    assert receipt.decode(octets) == Receipt("7a1b")


@pytest.mark.parametrize(
    ("octets", "word"),
    [
        (b"", "id"),
        (b"hello", "id"),
        (b"id: stat:DELIVRD", "id"),
        (b"id:7a1b", "stat"),
        (b"id:7a1b text: stat:DELIVRD", "stat"),
        (b"msgid:7a1b stat:DELIVRD", "id"),
    ],
)
def test_a_text_without_id_or_stat_is_no_receipt(octets: bytes, word: str) -> None:
    with pytest.raises(ValueError, match=f"no delivery receipt: it has no {word}"):
        receipt.decode(octets)


@given(
    st.binary(max_size=200)
    | st.lists(
        st.sampled_from(
            [b"id:", b"stat:", b"text:", b"err:", b"submit date:", b" ", b"\xb2", b"9" * 12]
        )
    ).map(b"".join)
)
def test_nothing_but_a_value_error_escapes(octets: bytes) -> None:
    try:
        read = receipt.decode(octets)
    except ValueError as error:
        assert "no delivery receipt" in str(error)
    else:
        assert read.id and read.stat


def test_every_message_state_has_a_word_of_seven_letters() -> None:
    assert set(WORDS) == set(State)
    assert {len(word) for word in WORDS.values()} == {7}


def test_a_scheduled_message_is_en_route_to_3_4() -> None:
    assert WORDS[State.SCHEDULED] == "ENROUTE"
    assert STATES["ENROUTE"] is State.ENROUTE
