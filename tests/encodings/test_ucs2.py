"""UCS2 on the wire is big-endian UTF-16: 3GPP TS 23.038, 6.2.3."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_encodings import ucs2
from smsc_encodings.errors import EncodingError

scalar_text = st.text(st.characters(exclude_categories=["Cs"]))


def test_a_character_is_two_octets_the_high_one_first() -> None:
    assert ucs2.encode("€") == b"\x20\xac"


def test_a_character_beyond_the_first_plane_is_a_surrogate_pair() -> None:
    assert ucs2.encode("😀") == b"\xd8\x3d\xde\x00"


@given(scalar_text)
def test_what_is_encoded_decodes_to_the_same_text(text: str) -> None:
    assert ucs2.decode(ucs2.encode(text)) == text


@given(st.binary())
def test_what_decodes_encodes_to_the_same_octets(octets: bytes) -> None:
    try:
        text = ucs2.decode(octets)
    except EncodingError:
        return
    assert ucs2.encode(text) == octets


def test_a_byte_order_mark_is_a_character() -> None:
    assert ucs2.decode(b"\xfe\xff\x00a") == "\ufeffa"


def test_an_odd_octet_at_the_end_is_refused_with_its_offset() -> None:
    with pytest.raises(EncodingError, match="0x62 at offset 2"):
        ucs2.decode(b"\x00ab")


@pytest.mark.parametrize("lone", [b"\xd8\x3d", b"\xde\x00", b"\xd8\x3d\x00a"])
def test_a_lone_surrogate_is_refused_when_decoding(lone: bytes) -> None:
    with pytest.raises(EncodingError, match="at offset 2"):
        ucs2.decode(b"\x00a" + lone)


def test_a_lone_surrogate_is_refused_when_encoding() -> None:
    with pytest.raises(EncodingError, match=r"U\+D800.*position 1"):
        ucs2.encode("a\ud800")
