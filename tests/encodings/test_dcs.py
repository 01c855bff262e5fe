"""What data_coding means: SMPP 3.4, 5.2.19; 3GPP TS 23.038, 4."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_encodings.dcs import Alphabet, alphabet_of, data_coding_for, decode_text, encode_text
from smsc_encodings.errors import EncodingError

GSM7, ASCII, LATIN1, OCTET, UCS2 = Alphabet

# SMPP 3.4, 5.2.19, read from its table.
SMPP = {
    0x01: ASCII,
    0x02: OCTET,
    0x03: LATIN1,
    0x04: OCTET,
    0x05: OCTET,  # JIS
    0x06: OCTET,  # Cyrillic
    0x07: OCTET,  # Latin and Hebrew
    0x08: UCS2,
    0x09: OCTET,  # pictograms
    0x0A: OCTET,  # ISO-2022-JP
    0x0B: OCTET,  # reserved
    0x0C: OCTET,  # reserved
    0x0D: OCTET,  # extended Kanji
    0x0E: OCTET,  # KS C 5601
    0x0F: OCTET,  # reserved
}


@pytest.mark.parametrize("default", list(Alphabet))
def test_zero_means_what_the_account_says(default: Alphabet) -> None:
    assert alphabet_of(0, default) is default


def test_zero_means_gsm_where_the_account_says_nothing() -> None:
    assert alphabet_of(0) is GSM7


@given(st.integers(1, 255), st.sampled_from(Alphabet))
def test_the_meaning_of_zero_touches_no_other_value(data_coding: int, default: Alphabet) -> None:
    assert alphabet_of(data_coding, default) is alphabet_of(data_coding)


@pytest.mark.parametrize(("data_coding", "alphabet"), SMPP.items())
def test_the_values_of_smpp_name_their_alphabet(data_coding: int, alphabet: Alphabet) -> None:
    assert alphabet_of(data_coding) is alphabet


@pytest.mark.parametrize("base", [0x10, 0x40, 0x50])
@pytest.mark.parametrize("message_class", range(4))
def test_the_general_group_names_its_alphabet_in_bits_3_and_2(
    base: int, message_class: int
) -> None:
    named = [alphabet_of(base | bits << 2 | message_class) for bits in range(4)]
    assert named == [GSM7, OCTET, UCS2, GSM7]


@pytest.mark.parametrize("data_coding", [*range(0x20, 0x40), *range(0x60, 0x80)])
def test_compressed_text_is_binary(data_coding: int) -> None:
    assert alphabet_of(data_coding) is OCTET


@pytest.mark.parametrize("data_coding", range(0x80, 0xC0))
def test_reserved_groups_read_as_gsm(data_coding: int) -> None:
    assert alphabet_of(data_coding) is GSM7


@pytest.mark.parametrize("data_coding", range(0xC0, 0xE0))
def test_message_waiting_is_gsm_text(data_coding: int) -> None:
    assert alphabet_of(data_coding) is GSM7


@pytest.mark.parametrize("data_coding", range(0xE0, 0xF0))
def test_message_waiting_from_e0_is_ucs2(data_coding: int) -> None:
    assert alphabet_of(data_coding) is UCS2


@pytest.mark.parametrize("message_class", range(4))
def test_the_class_group_is_gsm_or_with_bit_2_binary(message_class: int) -> None:
    assert alphabet_of(0xF0 | message_class) is GSM7
    assert alphabet_of(0xF4 | message_class) is OCTET


@pytest.mark.parametrize("data_coding", [-1, 256])
def test_a_data_coding_is_one_octet(data_coding: int) -> None:
    with pytest.raises(EncodingError, match=f"0 to 255, not {data_coding}"):
        alphabet_of(data_coding)


@pytest.mark.parametrize("alphabet", list(Alphabet))
def test_the_data_coding_for_an_alphabet_names_that_alphabet(alphabet: Alphabet) -> None:
    assert alphabet_of(data_coding_for(alphabet)) is alphabet


def test_alphabets_are_their_names() -> None:
    assert list(Alphabet) == ["gsm7", "ascii", "latin1", "octet", "ucs2"]


@pytest.mark.parametrize(
    ("data_coding", "octets", "text"),
    [
        (0x00, b"\x00\x1b\x65", "@€"),
        (0x01, b"@a", "@a"),
        (0x03, b"\xe9", "é"),
        (0x05, b"\x83\x65", "テ"),
        (0x06, b"\xb4\xd0", "Да"),
        (0x07, b"\xf9\xec", "של"),
        (0x08, b"\x20\xac", "€"),
        (0x0A, b"\x1b$B%F\x1b(B", "テ"),
        (0x0D, b"\xa5\xc6", "テ"),
        (0x0E, b"\xb0\xa1", "가"),
        (0x10, b"\x02", "$"),
        (0x18, b"\x20\xac", "€"),
        (0xF1, b"\x02", "$"),
    ],
)
def test_octets_read_as_text_in_the_alphabet_named(
    data_coding: int, octets: bytes, text: str
) -> None:
    assert decode_text(octets, data_coding) == text


def test_text_under_zero_reads_as_the_account_means_it() -> None:
    assert decode_text(b"\x40", 0, GSM7) == "¡"
    assert decode_text(b"\x40", 0, LATIN1) == "@"


@pytest.mark.parametrize("data_coding", [0x02, 0x04, 0x09, 0x14, 0x20, 0xF4])
def test_binary_data_is_no_text(data_coding: int) -> None:
    with pytest.raises(EncodingError, match=f"0x{data_coding:02X} is binary"):
        decode_text(b"text?", data_coding)


def test_an_octet_outside_the_alphabet_is_refused_with_its_offset() -> None:
    with pytest.raises(EncodingError, match="0xE9 at offset 3 is not valid ascii"):
        decode_text(b"caf\xe9", 1)


@given(st.binary(), st.integers(0, 255))
def test_decoding_raises_nothing_but_encoding_errors(octets: bytes, data_coding: int) -> None:
    try:
        decode_text(octets, data_coding)
    except EncodingError as error:
        assert str(error)


@given(st.text(st.characters(codec="ascii"), max_size=20), st.sampled_from(Alphabet))
def test_text_that_is_written_reads_back(text: str, alphabet: Alphabet) -> None:
    try:
        octets = encode_text(text, alphabet)
    except EncodingError:
        return
    assert decode_text(octets, data_coding_for(alphabet)) == text


def test_a_character_outside_the_alphabet_is_refused_with_its_position() -> None:
    with pytest.raises(EncodingError, match=r"U\+20AC.*position 1.*latin-1"):
        encode_text("5€", LATIN1)


def test_no_text_is_written_as_binary() -> None:
    with pytest.raises(EncodingError, match="octet"):
        encode_text("text", OCTET)
