"""Typography in the GSM 7 bit alphabet's own characters."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_encodings import gsm7
from smsc_encodings.transliteration import transliterate


@pytest.mark.parametrize(
    ("fancy", "plain"),
    [
        ("“so”, „so“, «so»", '"so", "so", "so"'),
        ("it’s ‘it’", "it's 'it'"),  # noqa: RUF001
        ("1–2—3−4‑5", "1-2-3-4-5"),  # noqa: RUF001
        ("wait…", "wait..."),
        ("10\u00a0000\u202fkm", "10 000 km"),
        ("soft\u00adhyphen\u200b\ufeff", "softhyphen"),
        ("• first\u2028• second", "* first\n* second"),
        ("`code`", "'code'"),
    ],
)
def test_typography_becomes_what_gsm_has(fancy: str, plain: str) -> None:
    assert transliterate(fancy) == plain
    assert gsm7.encodable(plain)


@pytest.mark.parametrize("text", ["Größe @ 5€ {ok}", "Łódź", "中文", "😀", "नमस्ते"])
def test_letters_and_pictures_stay_as_they_are(text: str) -> None:
    assert transliterate(text) == text


@given(st.text())
def test_what_gsm_has_is_never_touched(text: str) -> None:
    gsm = "".join(character for character in text if gsm7.encodable(character))
    assert transliterate(gsm) == gsm


@given(st.text())
def test_only_what_is_no_letter_or_digit_is_replaced(text: str) -> None:
    kept = [character for character in text if unicodedata.category(character)[0] in "LMN"]
    letters = "".join(character for character in kept if character != "\u02bc")
    assert transliterate(letters) == letters


@given(st.text())
def test_transliterating_twice_changes_no_more(text: str) -> None:
    assert transliterate(transliterate(text)) == transliterate(text)
