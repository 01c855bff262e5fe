"""The user data header: 3GPP TS 23.040, 9.2.3.24."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_encodings.errors import EncodingError
from smsc_encodings.udh import Concatenation, Element, Udh, decode, encode, split_user_data


@st.composite
def concatenations(draw: st.DrawFn) -> Concatenation:
    wide = draw(st.booleans())
    total = draw(st.integers(1, 255))
    reference = draw(st.integers(0, 0xFFFF if wide else 0xFF))
    return Concatenation(reference, total, draw(st.integers(1, total)), wide)


strangers = st.builds(
    Element, st.integers(0, 255).filter(lambda iei: iei not in (0, 8)), st.binary(max_size=20)
)
headers = st.lists(concatenations() | strangers, max_size=8)


def test_a_concatenation_with_an_8_bit_reference_is_element_0() -> None:
    octets = bytes.fromhex("05 00 03 2A 03 02")
    assert encode([Concatenation(42, 3, 2)]) == octets
    assert decode(octets) == Udh((Concatenation(42, 3, 2),), 6)


def test_a_concatenation_with_a_16_bit_reference_is_element_8() -> None:
    octets = bytes.fromhex("06 08 04 12 34 03 02")
    assert encode([Concatenation(0x1234, 3, 2, wide=True)]) == octets
    assert decode(octets) == Udh((Concatenation(0x1234, 3, 2, wide=True),), 7)


def test_application_ports_are_kept_as_they_are() -> None:
    octets = bytes.fromhex("06 05 04 0B 84 23 F0")
    assert decode(octets).elements == (Element(5, bytes.fromhex("0B8423F0")),)


def test_an_empty_header_is_its_length_only() -> None:
    assert encode([]) == b"\0"
    assert decode(b"\0text") == Udh((), 1)


def test_user_data_is_parted_into_header_and_rest() -> None:
    header, rest = split_user_data(b"\x05\x00\x03\x2a\x03\x02text")
    assert header.concatenation == Concatenation(42, 3, 2)
    assert rest == b"text"


@given(headers, st.binary(max_size=20))
def test_elements_come_back_in_their_order(
    elements: list[Concatenation | Element], rest: bytes
) -> None:
    header, behind = split_user_data(encode(elements) + rest)
    assert header.elements == tuple(elements)
    assert behind == rest


@given(st.binary(max_size=60))
def test_decoding_raises_nothing_but_encoding_errors_and_loses_nothing(octets: bytes) -> None:
    try:
        header = decode(octets)
    except EncodingError:
        return
    assert encode(header.elements) == octets[: header.consumed]


def test_the_last_concatenation_counts() -> None:
    first, last = Concatenation(1, 2, 1), Concatenation(2, 3, 3, wide=True)
    assert decode(encode([first, Element(5, b""), last])).concatenation == last


def test_a_header_without_concatenation_has_none() -> None:
    assert decode(encode([Element(5, b"")])).concatenation is None


@pytest.mark.parametrize(("total", "sequence"), [(0, 0), (0, 1), (2, 0), (2, 3)])
def test_a_concatenation_with_impossible_numbers_is_ignored_but_kept(
    total: int, sequence: int
) -> None:
    octets = bytes((5, 0, 3, 42, total, sequence))
    header = decode(octets)
    assert header.concatenation is None
    assert encode(header.elements) == octets


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        ("", "offset 0 is missing"),
        ("05 00 03 2A 03", "offset 0 claims 5 octets where 4 follow"),
        ("01 24", "offset 1 has no length"),
        ("03 24 00 25", "offset 3 has no length"),
        ("05 24 05 00 00 00 00 00", "offset 1 claims 5 octets where the header leaves 3"),
        ("04 00 02 2A 03", "offset 1 has 2 octets, not 3"),
        ("07 24 00 08 03 00 2A 03", "offset 3 has 3 octets, not 4"),
    ],
)
def test_a_malformed_header_is_refused_with_an_offset(octets: str, message: str) -> None:
    with pytest.raises(EncodingError, match=message):
        decode(bytes.fromhex(octets))


@pytest.mark.parametrize(
    ("concatenation", "message"),
    [
        (Concatenation(256, 2, 1), "8 bits: 256"),
        (Concatenation(-1, 2, 1), "8 bits: -1"),
        (Concatenation(65536, 2, 1, wide=True), "16 bits: 65536"),
        (Concatenation(1, 2, 3), "part 3 of 2"),
        (Concatenation(1, 2, 0), "part 0 of 2"),
        (Concatenation(1, 256, 1), "part 1 of 256"),
    ],
)
def test_a_concatenation_out_of_range_is_not_written(
    concatenation: Concatenation, message: str
) -> None:
    with pytest.raises(EncodingError, match=message):
        encode([concatenation])


@pytest.mark.parametrize("element", [Element(256, b""), Element(-1, b""), Element(5, bytes(256))])
def test_an_element_out_of_range_is_not_written(element: Element) -> None:
    with pytest.raises(EncodingError, match="identifier of 0 to 255"):
        encode([element])


def test_a_header_holds_255_octets() -> None:
    assert len(encode([Element(5, bytes(253))])) == 256
    with pytest.raises(EncodingError, match="255 octets, not 256"):
        encode([Element(5, bytes(254))])
