"""User data of SMPP on the air: what goes as it is, what is rewritten, and that it always fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_encodings import dcs, gsm7
from smsc_encodings.dcs import Alphabet, decode_text
from smsc_encodings.errors import EncodingError
from smsc_encodings.interworking import (
    ALWAYS_FITS,
    ONE_PART,
    REWRITTEN,
    carried,
    data_coding_of,
)
from smsc_encodings.segmentation import capacity, fits


@pytest.mark.parametrize(
    ("octets", "data_coding", "goes_as"),
    [
        (b"\x00\x1be", 0, (b"\x00\x1be", 0)),
        (b"@{}", 1, (b"\x00\x1b\x28\x1b\x29", 0)),
        (b"`", 1, (b"\x00`", 8)),
        (b"\xe9", 1, (b"\xe9", 4)),
        (b"\xfc@", 3, (b"\x7e\x00", 0)),
        (b"\xe7", 3, (b"\x00\xe7", 8)),
        ("日本".encode("shift_jis"), 5, ("日本".encode("utf-16-be"), 8)),
        ("ж".encode("iso8859-5"), 6, ("ж".encode("utf-16-be"), 8)),
        ("שלום".encode("iso8859-8"), 7, ("שלום".encode("utf-16-be"), 8)),
        ("日本".encode("iso2022_jp"), 10, ("日本".encode("utf-16-be"), 8)),
        ("日本".encode("euc_jp"), 13, ("日本".encode("utf-16-be"), 8)),
        ("한국".encode("euc_kr"), 14, ("한국".encode("utf-16-be"), 8)),
        (b"\x80", 5, (b"\x80", 4)),
        ("ж".encode("utf-16-be"), 8, ("ж".encode("utf-16-be"), 8)),
        (b"\x00\xff", 2, (b"\x00\xff", 4)),
        (b"\x00\xff", 4, (b"\x00\xff", 4)),
        (b"\x00\xff", 9, (b"\x00\xff", 4)),
        (b"\x00\xff", 15, (b"\x00\xff", 4)),
        (b"\x00\xff", 0xF5, (b"\x00\xff", 0xF5)),
        (b"\x00\xff", 0x20, (b"\x00\xff", 0x20)),
    ],
)
def test_each_data_coding_goes_as_the_table_says(
    octets: bytes, data_coding: int, goes_as: tuple[bytes, int]
) -> None:
    assert carried(octets, data_coding) == goes_as


@pytest.mark.parametrize("data_coding", [0, 0x10, 0xC8, 0xF1])
def test_what_is_no_septet_becomes_a_question_mark(data_coding: int) -> None:
    assert carried(b"K\xf6ln\x80\xff", data_coding) == (b"K?ln??", data_coding)


@pytest.mark.parametrize("data_coding", [-1, 256])
def test_a_data_coding_that_is_no_octet_is_an_error(data_coding: int) -> None:
    with pytest.raises(EncodingError, match="0 to 255"):
        carried(b"", data_coding)


@given(st.binary(max_size=200), st.integers(0, 255))
def test_what_is_carried_is_what_a_tpdu_of_its_tp_dcs_holds(
    octets: bytes, data_coding: int
) -> None:
    found = carried(octets, data_coding)
    scheme = dcs.decode(found.scheme)
    assert found.octets.isascii() or not scheme.septets
    assert found.scheme >= 0x10 or found.alphabet is scheme.alphabet
    assert len(found.octets) <= 2 * len(octets)


@given(st.binary(max_size=200), st.sampled_from(sorted(REWRITTEN)))
def test_what_is_rewritten_reads_the_same(octets: bytes, data_coding: int) -> None:
    found = carried(octets, data_coding)
    if found.alphabet is Alphabet.OCTET:
        with pytest.raises(EncodingError):
            decode_text(octets, data_coding)
        return
    text = decode_text(octets, data_coding)
    assert decode_text(found.octets, found.scheme) == text
    assert gsm7.encodable(text) is (found.alphabet is Alphabet.GSM7)


@given(st.binary(min_size=1, max_size=ONE_PART), st.integers(0, 255))
def test_seventy_octets_fit_in_one_part_and_16_830_in_255_whatever_they_are(
    octets: bytes, data_coding: int
) -> None:
    one = carried(octets, data_coding)
    assert len(one.octets) <= capacity(one.alphabet)
    repeated = (octets * (ALWAYS_FITS // len(octets) + 1))[:ALWAYS_FITS]
    many = carried(repeated, data_coding)
    assert fits(many.octets, many.alphabet)


def test_the_limits_are_close_to_what_the_worst_text_takes() -> None:
    worst = b"\xe7" * (ONE_PART + 1)
    one = carried(worst, 3)
    assert len(one.octets) > capacity(one.alphabet)
    many = carried(b"\xe7" * (67 * 255 + 1), 3)
    assert not fits(many.octets, many.alphabet)
    assert ALWAYS_FITS == 66 * 255


@pytest.mark.parametrize(
    ("scheme", "data_coding"),
    [(0, 0), (3, 0), (4, 4), (7, 4), (8, 8), (0x0B, 8), (0x0F, 0), (0x18, 0x18), (0xF5, 0xF5)],
)
def test_a_tp_dcs_has_a_data_coding_that_says_the_same(scheme: int, data_coding: int) -> None:
    assert data_coding_of(scheme) == data_coding


@given(st.integers(0, 255))
def test_what_a_data_coding_goes_as_comes_back_as_the_same(data_coding: int) -> None:
    scheme = carried(b"", data_coding).scheme
    assert data_coding_of(scheme) == scheme
