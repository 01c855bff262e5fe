"""data_coding as a value: SMPP 5.0, 4.7.7."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_encodings import data_coding, dcs, gsm7, septets
from smsc_encodings.data_coding import DataCoding, Zero, read_text
from smsc_encodings.dcs import Alphabet, alphabet_of
from smsc_encodings.errors import EncodingError


@pytest.mark.parametrize(
    ("zero", "alphabet", "packed"),
    [
        (Zero.GSM, Alphabet.GSM7, False),
        (Zero.LATIN1, Alphabet.LATIN1, False),
        (Zero.ASCII, Alphabet.ASCII, False),
        (Zero.GSM_PACKED, Alphabet.GSM7, True),
    ],
)
def test_zero_means_what_the_account_says(zero: Zero, alphabet: Alphabet, packed: bool) -> None:
    read = data_coding.decode(0, zero)
    assert (read.alphabet, read.packed) == (alphabet, packed)


@given(st.integers(1, 255), st.sampled_from(Zero))
def test_the_meaning_of_zero_touches_no_other_value(octet: int, zero: Zero) -> None:
    assert data_coding.decode(octet, zero) == data_coding.decode(octet)


@given(st.integers(0, 255))
def test_the_alphabet_is_the_one_that_segmentation_goes_by(octet: int) -> None:
    assert data_coding.decode(octet).alphabet is alphabet_of(octet)


def test_values_below_0x10_have_the_names_of_smpp() -> None:
    assert data_coding.decode(0x03) == DataCoding(3, "Latin-1 (ISO-8859-1)", Alphabet.LATIN1)
    assert data_coding.decode(0x0E).name == "KS C 5601"


@pytest.mark.parametrize("octet", [0x10, 0x18, 0xC8, 0xD0, 0xE8, 0xF1])
def test_values_from_0x10_on_are_a_tp_dcs(octet: int) -> None:
    assert data_coding.decode(octet).dcs == dcs.decode(octet)


def test_zero_reads_as_the_account_means_it() -> None:
    assert read_text(b"\x00\x02", 0, Zero.GSM) == "@$"
    assert read_text(b"\xe9", 0, Zero.LATIN1) == "é"
    assert read_text(b"@", 0, Zero.ASCII) == "@"
    assert read_text(bytes.fromhex("E8329BFD4697D9EC37"), 0, Zero.GSM_PACKED) == "hellohello"


@given(st.text("abc@€", max_size=40))
def test_packed_text_reads_back_but_for_an_at_sign_that_looks_like_spare_bits(text: str) -> None:
    unpacked = gsm7.encode(text)
    read = read_text(septets.pack(unpacked), 0, Zero.GSM_PACKED)
    if len(unpacked) % 8 == 0 and text.endswith("@"):
        assert read == text[:-1]
    else:
        assert read == text


@given(st.binary(max_size=160), st.integers(0, 255), st.sampled_from(Zero))
def test_reading_raises_nothing_but_encoding_errors(octets: bytes, octet: int, zero: Zero) -> None:
    try:
        read_text(octets, octet, zero)
    except EncodingError as error:
        assert str(error)


@pytest.mark.parametrize("octet", [-1, 256])
def test_a_data_coding_is_one_octet(octet: int) -> None:
    with pytest.raises(EncodingError, match="0 to 255"):
        data_coding.decode(octet)
