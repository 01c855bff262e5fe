"""Which encoding writes a text in the fewest segments, and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_encodings.choice import Choice, best_encoding, written
from smsc_encodings.dcs import Alphabet
from smsc_encodings.errors import EncodingError
from smsc_encodings.segmentation import split
from smsc_encodings.shift_tables import LOCKING, SINGLE, Language

GSM7, ASCII, LATIN1, OCTET, UCS2 = Alphabet
DEFAULT, TURKISH, SPANISH, HINDI = (
    Language.DEFAULT,
    Language.TURKISH,
    Language.SPANISH,
    Language.HINDI,
)
LANGUAGES = list(Language)[1:]


def test_a_text_of_gsm_characters_is_gsm() -> None:
    assert best_encoding("hello {€}") == Choice(
        GSM7, DEFAULT, DEFAULT, 1, "gsm7 takes 1 segment", "hello {€}"
    )


def test_the_reason_says_what_the_others_lack_and_where() -> None:
    choice = best_encoding("ok 中")
    assert (choice.encoding, choice.segments) == (UCS2, 1)
    assert choice.reason == (
        "ucs2 takes 1 segment; character '\\u4e2d' (U+4E2D) at position 3"
        " can't be written in the GSM 7-bit alphabet"
    )


def test_the_reason_says_what_the_others_would_take() -> None:
    choice = best_encoding("{" * 100, [GSM7, LATIN1])
    assert choice.reason == "latin1 takes 1 segment; gsm7 takes 2 segments"


@pytest.mark.parametrize(
    ("length", "segments"), [(160, 1), (161, 2), (306, 2), (307, 3), (153 * 255, 255)]
)
def test_gsm_segments_hold_160_or_153(length: int, segments: int) -> None:
    assert best_encoding("a" * length).segments == segments


@pytest.mark.parametrize(("length", "segments"), [(70, 1), (71, 2), (134, 2), (135, 3)])
def test_ucs2_segments_hold_70_or_67(length: int, segments: int) -> None:
    assert best_encoding("中" * length).segments == segments


def test_a_wide_reference_leaves_less_room() -> None:
    assert best_encoding("a" * 306, wide=True).segments == 3
    assert best_encoding("中" * 134, wide=True).segments == 3


# National languages: one shift leaves 155 or 149 septets, two leave 152 or 146.


def test_no_national_table_is_used_that_the_receiver_is_not_said_to_have() -> None:
    assert best_encoding("ş" * 71).encoding is UCS2


def test_a_national_table_wins_where_it_saves_a_segment() -> None:
    choice = best_encoding("ş" + "a" * 100, languages=[TURKISH])
    assert choice[:4] == (GSM7, DEFAULT, TURKISH, 1)
    assert choice.reason == (
        "gsm7 with turkish single shift takes 1 segment; ucs2 takes 2 segments;"
        " character '\\u015f' (U+015F) at position 0 can't be written in the GSM 7-bit alphabet"
    )


def test_ucs2_wins_where_a_national_table_saves_nothing() -> None:
    assert best_encoding("ş" * 70, languages=[TURKISH])[:4] == (UCS2, DEFAULT, DEFAULT, 1)


@pytest.mark.parametrize(("length", "segments"), [(155, 1), (156, 2), (298, 2), (299, 3)])
def test_one_shift_leaves_155_or_149_septets(length: int, segments: int) -> None:
    choice = best_encoding("ş" * length, languages=[TURKISH])
    assert choice[:4] == (GSM7, TURKISH, DEFAULT, segments)


@pytest.mark.parametrize(("septets", "segments"), [(152, 1), (153, 2), (292, 2), (293, 3)])
def test_two_shifts_leave_152_or_146_septets(septets: int, segments: int) -> None:
    choice = best_encoding("न" * (septets - 2) + "०", languages=[HINDI])  # noqa: RUF001
    assert choice[:4] == (GSM7, HINDI, HINDI, segments)


def test_single_shift_alone_serves_where_its_letters_are_few() -> None:
    choice = best_encoding("ú" + "a" * 152, languages=[SPANISH, HINDI])
    assert choice[:4] == (GSM7, DEFAULT, SPANISH, 1)


def test_tables_of_two_languages_may_be_combined() -> None:
    choice = best_encoding("ığş" * 30 + "á", languages=[TURKISH, SPANISH])
    assert choice[:4] == (GSM7, TURKISH, SPANISH, 1)


def test_national_tables_need_gsm_to_be_allowed() -> None:
    assert best_encoding("ş" * 71, [UCS2], languages=LANGUAGES).encoding is UCS2
    with pytest.raises(EncodingError, match=r"U\+015F.*position 0.*latin-1"):
        best_encoding("ş", [LATIN1], languages=LANGUAGES)


# Transliteration.


def test_typography_is_kept_unless_asked_otherwise() -> None:
    assert best_encoding("it’s").encoding is UCS2  # noqa: RUF001
    assert best_encoding("it’s").text == "it’s"  # noqa: RUF001


def test_typography_that_costs_a_segment_is_replaced() -> None:
    choice = best_encoding("it’s " + "a" * 100, transliterated=True)  # noqa: RUF001
    assert (choice.encoding, choice.segments) == (GSM7, 1)
    assert choice.text == "it's " + "a" * 100
    assert choice.reason == (
        "transliterated, gsm7 takes 1 segment; as it was, 2 segments in ucs2"
    )  # fmt: skip


def test_typography_that_costs_nothing_is_kept() -> None:
    assert best_encoding("it’s", transliterated=True).text == "it’s"  # noqa: RUF001


def test_typography_beside_letters_that_need_ucs2_anyway_is_kept() -> None:
    text = "中\u200b" * 36
    assert best_encoding(text, transliterated=True).text == text


def test_typography_that_nothing_allowed_writes_is_replaced() -> None:
    choice = best_encoding("it’s", [GSM7], transliterated=True)  # noqa: RUF001
    assert choice.text == "it's"
    assert choice.reason.startswith("transliterated, gsm7 takes 1 segment; as it was, character")


# Refusals.


def test_a_text_that_nothing_allowed_writes_is_refused_with_the_place() -> None:
    with pytest.raises(EncodingError, match=r"'\\u4e2d' \(U\+4E2D\) at position 2"):
        best_encoding("ok中", [GSM7], transliterated=True, languages=LANGUAGES)


def test_at_least_one_alphabet_is_allowed() -> None:
    with pytest.raises(EncodingError, match="at least one"):
        best_encoding("a", [])


def test_binary_is_no_encoding_of_a_text() -> None:
    with pytest.raises(EncodingError, match="octet"):
        best_encoding("a", [OCTET])


@given(
    st.text(st.sampled_from("aé{€ğıúनम०्中😀…"), max_size=400),
    st.lists(st.sampled_from(LANGUAGES), max_size=4, unique=True),
    st.booleans(),
    st.booleans(),
)
def test_splitting_takes_the_segments_that_were_promised(
    text: str, languages: list[Language], transliterated: bool, wide: bool
) -> None:
    choice = best_encoding(text, languages=languages, transliterated=transliterated, wide=wide)
    segments = split(text, languages=languages, transliterated=transliterated, wide=wide)
    assert len(segments.parts) == choice.segments
    assert segments.encoding is choice.encoding
    assert segments.shifts == (choice.locking, choice.single)
    assert b"".join(part.body for part in segments.parts) == written(choice)


@given(st.text(st.sampled_from("aé{€ğıúनम०्"), max_size=400))
def test_no_other_pair_of_tables_takes_fewer_segments(text: str) -> None:
    best = best_encoding(text, languages=LANGUAGES)
    for locking in LOCKING:
        for single in SINGLE:
            languages = [each for each in (locking, single) if each]
            assert best.segments <= best_encoding(text, languages=languages).segments
