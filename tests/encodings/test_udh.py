"""The user data header: 3GPP TS 23.040, 9.2.3.24."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_encodings.elements import (
    Malformed,
    Ports8,
    Ports16,
)
from smsc_encodings.errors import EncodingError
from smsc_encodings.udh import (
    Concatenation,
    Element,
    Udh,
    concatenation_of,
    decode,
    encode,
    split_user_data,
)


@st.composite
def concatenations(draw: st.DrawFn) -> Concatenation:
    wide = draw(st.booleans())
    total = draw(st.integers(1, 255))
    reference = draw(st.integers(0, 0xFFFF if wide else 0xFF))
    return Concatenation(reference, total, draw(st.integers(1, total)), wide)


strangers = st.builds(
    Element, st.sampled_from([0x02, 0x03, 0x26, 0x70, 0x80, 0xC0, 0xFF]), st.binary(max_size=20)
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


def test_an_element_of_another_kind_is_its_own_type() -> None:
    octets = bytes.fromhex("06 05 04 0B 84 23 F0")
    assert decode(octets).elements == (Ports16(2948, 9200),)


def test_an_element_that_no_clause_knows_is_kept_as_it_is() -> None:
    octets = bytes.fromhex("06 26 04 0B 84 23 F0")
    assert decode(octets).elements == (Element(0x26, bytes.fromhex("0B8423F0")),)
    assert encode(decode(octets).elements) == octets


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
    assert decode(encode([first, Element(0x26, b""), last])).concatenation == last


def test_a_header_without_concatenation_has_none() -> None:
    assert decode(encode([Element(0x26, b"")])).concatenation is None


def test_the_last_ports_count_whatever_their_width() -> None:
    narrow, wide = Ports8(240, 241), Ports16(2948, 9200)
    assert decode(encode([narrow, wide])).ports == wide
    assert decode(encode([wide, narrow])).ports == narrow
    assert decode(encode([])).ports is None


@given(headers, st.binary(max_size=4))
def test_the_concatenation_is_found_without_reading_the_rest(
    elements: list[Concatenation | Element], rest: bytes
) -> None:
    octets = encode(elements) + rest
    assert concatenation_of(octets) == decode(octets).concatenation


@given(st.binary(max_size=40) | st.binary(max_size=6).map(b"\x05\0\x03".__add__))
def test_finding_the_concatenation_fails_as_reading_does(octets: bytes) -> None:
    try:
        header = decode(octets)
    except EncodingError as error:
        with pytest.raises(EncodingError) as refused:
            concatenation_of(octets)
        assert str(refused.value) == str(error)
    else:
        assert concatenation_of(octets) == header.concatenation


def test_an_element_that_breaks_its_clause_is_kept_and_reported_with_its_offset() -> None:
    octets = bytes.fromhex("0A 00 03 2A 02 01 05 03 0B 84 23")
    header = decode(octets)
    (malformed,) = header.malformed
    assert (malformed.iei, malformed.data, malformed.offset) == (5, b"\x0b\x84\x23", 6)
    assert malformed.reason == "the application port (16 bit) element at offset 6 can't be 3 octets"
    assert header.ports is None
    assert header.concatenation == Concatenation(42, 2, 1)
    assert encode(header.elements) == octets


def test_offsets_are_shown_where_the_header_stands() -> None:
    with pytest.raises(EncodingError, match="offset 21 has no length") as refused:
        decode(bytes.fromhex("01 24"), base=20)
    assert refused.value.offset == 21
    (malformed,) = decode(bytes.fromhex("02 24 00"), base=20).malformed
    assert malformed == Malformed(
        0x24, b"", 21, "the national language single shift element at offset 21 can't be 0 octets"
    )


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


@pytest.mark.parametrize("element", [Element(256, b""), Element(-1, b""), Element(2, bytes(256))])
def test_an_element_out_of_range_is_not_written(element: Element) -> None:
    with pytest.raises(EncodingError, match="identifier of 0 to 255"):
        encode([element])


def test_a_header_holds_255_octets() -> None:
    assert len(encode([Element(2, bytes(253))])) == 256
    with pytest.raises(EncodingError, match="255 octets, not 256"):
        encode([Element(2, bytes(254))])
