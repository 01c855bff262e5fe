"""National language tables: 3GPP TS 23.038, annex A, checked from what isn't their source.

Words are spelled septet by septet by hand, and the tables of the ten scripts are held against
the order of Unicode's blocks, which they were made from.
"""

import unicodedata

import pytest

from smsc_encodings import gsm7
from smsc_encodings.errors import EncodingError
from smsc_encodings.shift_tables import LOCKING, SINGLE, UNUSED, Language

INDIC = {
    Language.BENGALI: 0x0980,
    Language.GUJARATI: 0x0A80,
    Language.HINDI: 0x0900,
    Language.KANNADA: 0x0C80,
    Language.MALAYALAM: 0x0D00,
    Language.ORIYA: 0x0B00,
    Language.PUNJABI: 0x0A00,
    Language.TAMIL: 0x0B80,
    Language.TELUGU: 0x0C00,
}
"""The block of each script; all are laid out alike."""

YOUNGER = {0x0C34, 0x0C3C, 0x0C81, 0x0D01, 0x0D29, 0x0D3C}
"""Characters that Unicode has assigned since the tables were made (after 5.1)."""

# Read from the tables of annex A.3: the word, and its septets.
LOCKED = [
    (Language.TURKISH, "Iğdır", "49 0C 64 07 72"),  # noqa: RUF001
    (Language.TURKISH, "İŞ€ş", "40 1C 04 1D"),
    (Language.PORTUGUESE, "São", "53 7B 6F"),
    (Language.PORTUGUESE, "ª∞^\\€|~`º", "12 15 16 17 18 1A 60 7D 24"),
    (Language.BENGALI, "বাংলা", "40 50 01 46 50"),
    (Language.GUJARATI, "ગુજરાતી", "17 53 1D 44 50 27 52"),
    (Language.HINDI, "नमस्ते", "2F 42 4C 5F 27 59"),
    (Language.KANNADA, "ಕನ್ನಡ", "15 2F 5F 2F 24"),
    (Language.MALAYALAM, "മലയാളം", "42 46 43 50 47 01"),
    (Language.ORIYA, "ଓଡ଼ିଆ", "13 24 4E 51 04"),
    (Language.PUNJABI, "ਪੰਜਾਬੀ", "3D 7B 1D 50 40 52"),
    (Language.TAMIL, "தமிழ்", "27 42 51 48 5F"),
    (Language.TELUGU, "తెలుగు", "27 58 46 53 17 53"),
    (Language.URDU, "اردو", "00 25 1A 53"),
]

# Read from the tables of annex A.2: what follows an escape.
ESCAPED = [
    (Language.TURKISH, "ĞİŞçğış€", "47 49 53 63 67 69 73 65"),
    (Language.SPANISH, "çÁÍÓÚáíóú", "09 41 49 4F 55 61 69 6F 75"),
    (Language.PORTUGUESE, "êçÔôÁáÊÀÍÓÚÃÕÂíóúãõâ", "05 09 0B 0C 0E 0F 1F 41 49 4F 55 5B 5C 61 69 6F"
                          " 75 7B 7C 7F"),
    (Language.BENGALI, "০১২৯ৠ৺A€", "19 1A 1C 23 25 34 41 65"),
    (Language.GUJARATI, "।॥૦૯Z", "19 1A 1C 25 5A"),  # noqa: RUF001
    (Language.HINDI, "।०९॒\u0958ॱ", "19 1C 25 27 2C 3A"),
    (Language.KANNADA, "೦೯ೞೱೲ[", "1C 25 26 27 2A 3C"),
    (Language.MALAYALAM, "൦൯൰ൿ", "1C 25 26 34"),
    (Language.ORIYA, "୦୯\u0b5cୟୱ", "1C 25 26 2A 2C"),
    (Language.PUNJABI, "੦੯\u0a59ੜੵ", "1C 25 26 2B 2D"),
    (Language.TAMIL, "௦௮௯௳௺", "1C 24 25 26 2E"),
    (Language.TELUGU, "౦౨౬౭౯ౘ౿€", "1C 1E 22 23 25 26 32 65"),
    (Language.URDU, "۰۹،ؑ۔", "1C 25 26 2D 3F"),  # noqa: RUF001
]  # fmt: skip


@pytest.mark.parametrize(("language", "word", "septets"), LOCKED)
def test_a_word_in_a_locking_table_is_one_septet_a_character(
    language: Language, word: str, septets: str
) -> None:
    octets = bytes.fromhex(septets)
    assert gsm7.encode(word, locking=language) == octets
    assert gsm7.decode(octets, locking=language) == word


@pytest.mark.parametrize(("language", "characters", "septets"), ESCAPED)
def test_a_character_of_a_single_shift_table_follows_an_escape(
    language: Language, characters: str, septets: str
) -> None:
    pairs = [bytes((0x1B, septet)) for septet in bytes.fromhex(septets)]
    assert gsm7.decode(b"".join(pairs), single=language) == characters
    for character, pair in zip(characters, pairs, strict=True):
        plain = character in LOCKING[Language.DEFAULT]
        assert plain or gsm7.encode(character, single=language) == pair


def test_every_language_has_a_single_shift_table_and_all_but_spanish_a_locking_one() -> None:
    assert set(SINGLE) == set(Language)
    assert set(LOCKING) == set(Language) - {Language.SPANISH}


def test_the_languages_have_the_identifiers_of_the_standard() -> None:
    # 23.038, 6.2.1.2.4
    names = "turkish spanish portuguese bengali gujarati hindi kannada malayalam oriya punjabi"
    expected = ["default", *names.split(), "tamil", "telugu", "urdu"]
    assert [language.name.lower() for language in sorted(Language)] == expected
    assert list(Language) == list(range(14))


@pytest.mark.parametrize("table", [*LOCKING.values(), *SINGLE.values()])
def test_a_table_has_128_places_and_none_for_the_escape(table: str) -> None:
    assert len(table) == 128
    assert table[gsm7.ESCAPE] == UNUSED


@pytest.mark.parametrize(("language", "table"), LOCKING.items())
def test_a_locking_table_has_digits_letters_and_controls_where_all_do(
    language: Language, table: str
) -> None:
    assert table[0x30:0x3C] == "0123456789:;"
    assert table[0x61:0x7B] == "abcdefghijklmnopqrstuvwxyz"
    assert (table[0x0A], table[0x0D], table[0x20:0x22]) == ("\n", "\r", " !")
    assert (table[0x2C], table[0x2E], table[0x3F]) == (",", ".", "?")


@pytest.mark.parametrize("table", LOCKING.values())
def test_no_character_stands_twice_in_a_locking_table(table: str) -> None:
    characters = table.replace(UNUSED, "")
    assert len(set(characters)) == len(characters)


@pytest.mark.parametrize("table", SINGLE.values())
def test_a_single_shift_table_has_all_of_the_default_extension(table: str) -> None:
    for septet, character in enumerate(SINGLE[Language.DEFAULT]):
        assert character in (UNUSED, table[septet])


@pytest.mark.parametrize("language", [*INDIC, Language.URDU])
def test_the_first_rows_of_an_indic_single_shift_table_are_alike(language: Language) -> None:
    table = SINGLE[language]
    assert table[:0x10] == "@£$¥¿\"¤%&'\f*+" + UNUSED + "-/"
    assert table[0x10:0x19] == "<=>¡^¡_#*"
    assert table[0x40:0x5B] == "|ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.parametrize("language", [*INDIC, Language.URDU])
def test_the_digits_of_a_script_stand_in_order(language: Language) -> None:
    first = 0x19 if language is Language.BENGALI else 0x1C
    run = SINGLE[language][first:].replace(UNUSED, "")[:10]
    assert [unicodedata.digit(character) for character in run] == list(range(10))


@pytest.mark.parametrize(("language", "block"), INDIC.items())
def test_an_indic_locking_table_has_its_letters_where_hindi_has_devanagaris(
    language: Language, block: int
) -> None:
    hindi = LOCKING[Language.HINDI]
    for septet, character in enumerate(LOCKING[language][:0x60]):
        if ord(hindi[septet]) < 0x900 or hindi[septet] == UNUSED:
            assert character == hindi[septet]
        elif character == UNUSED:
            code = ord(hindi[septet]) - 0x900 + block
            assert unicodedata.category(chr(code)) == "Cn" or code in YOUNGER
        else:
            assert ord(character) - block == ord(hindi[septet]) - 0x900


# Disagreements of the printed standard with itself, and what is right.


def test_kannada_has_the_letter_dda_which_the_print_gives_as_pa_twice() -> None:
    assert gsm7.encode("ಡಪ", Language.KANNADA) == b"\x24\x3d"


def test_the_tamil_digit_eight_is_not_a_second_nine() -> None:
    assert gsm7.encode("௮௯", Language.TAMIL, Language.TAMIL) == b"\x1b\x24\x1b\x25"


def test_the_telugu_digits_six_and_seven_are_no_arabic_letters() -> None:
    assert gsm7.encode("౬౭", Language.TELUGU, Language.TELUGU) == b"\x1b\x22\x1b\x23"


# Reading and writing with a pair of tables.


def test_a_character_of_both_tables_is_written_with_the_locking_one() -> None:
    assert gsm7.encode("ğ", Language.TURKISH, Language.TURKISH) == b"\x0c"


def test_a_character_that_stands_twice_is_written_as_the_first() -> None:
    assert gsm7.encode("¡*", Language.HINDI, Language.HINDI) == b"\x1b\x13\x1b\x0b"
    assert gsm7.decode(b"\x1b\x15\x1b\x18", Language.HINDI, Language.HINDI) == "¡*"


def test_an_empty_place_of_a_locking_table_shows_a_space() -> None:
    assert gsm7.decode(b"\x00", Language.TAMIL) == " "


def test_an_empty_place_of_a_single_shift_table_shows_what_the_locking_table_has() -> None:
    assert gsm7.decode(b"\x1b\x0c", Language.TURKISH, Language.TURKISH) == "ğ"


def test_the_at_sign_of_septet_0_and_that_behind_an_escape_are_told_apart() -> None:
    assert gsm7.encode("@", 0, Language.HINDI) == b"\x00"
    assert gsm7.encode("@", Language.HINDI, Language.HINDI) == b"\x1b\x00"
    assert gsm7.decode(b"\x00\x1b\x00", Language.URDU, Language.URDU) == "ا@"  # noqa: RUF001


@pytest.mark.parametrize("language", list(Language))
def test_a_pair_of_tables_writes_and_reads_every_character_it_has(language: Language) -> None:
    for locking in LOCKING:
        text = "".join(LOCKING[locking] + SINGLE[language]).replace(UNUSED, "")
        octets = gsm7.encode(text, locking, language)
        assert octets.isascii()
        assert gsm7.decode(octets, locking, language) == text


@pytest.mark.parametrize(
    ("locking", "single", "message"),
    [
        (2, 0, "spanish has no locking shift table"),
        (14, 0, "language 14 has no locking shift table"),
        (0, 255, "language 255 has no single shift table"),
    ],
)
def test_a_language_without_such_a_table_is_refused(
    locking: int, single: int, message: str
) -> None:
    for refuse in (
        lambda: gsm7.encode("a", locking, single),
        lambda: gsm7.decode(b"a", locking, single),
        lambda: gsm7.encodable("a", locking, single),
    ):
        with pytest.raises(EncodingError, match=message):
            refuse()


def test_a_refusal_names_the_tables_the_character_and_its_position() -> None:
    with pytest.raises(
        EncodingError, match=r"U\+4E2D.*position 2.*with turkish locking shift and hindi single"
    ):
        gsm7.encode("ğa中", Language.TURKISH, Language.HINDI)


def test_the_first_of_two_strangers_is_named() -> None:
    with pytest.raises(EncodingError, match=r"U\+0000.*position 1"):
        gsm7.encode("é\0中")
