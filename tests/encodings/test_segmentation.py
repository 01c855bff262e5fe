"""Long messages in parts: 3GPP TS 23.040, 9.2.3.24.1 and 9.2.3.24.8."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_encodings import gsm7, ucs2, udh
from smsc_encodings.dcs import Alphabet, data_coding_for, decode_text
from smsc_encodings.errors import EncodingError
from smsc_encodings.segmentation import (
    MAX_PARTS,
    Part,
    Segments,
    capacity,
    smallest,
    split,
    split_octets,
)
from smsc_encodings.septets import pack

GSM7, ASCII, LATIN1, OCTET, UCS2 = Alphabet

# alphabet: single, with an 8 bit reference, with a 16 bit reference, in SMPP octets
LIMITS = {
    GSM7: (160, 153, 152),
    ASCII: (160, 153, 152),
    LATIN1: (140, 134, 133),
    OCTET: (140, 134, 133),
    UCS2: (140, 134, 132),
}

gsm_text = st.text(alphabet=[*"abc@", "\n", "€", "{", "^"], min_size=100, max_size=700)
any_text = st.text(st.sampled_from("ab€é😀中"), min_size=40, max_size=400)


def sizes(parts: tuple[Part, ...]) -> list[int]:
    return [len(part.body) for part in parts]


def user_data_octets(part: Part, alphabet: Alphabet) -> int:
    """What the part takes of the 140 octets, septets packed behind their fill bits."""
    if alphabet not in (GSM7, ASCII):
        return len(part.header) + len(part.body)
    fill_bits = -8 * len(part.header) % 7
    return len(part.header) + len(pack(part.body, fill_bits))


@pytest.mark.parametrize(("alphabet", "limits"), LIMITS.items())
def test_the_capacity_is_what_140_octets_leave(
    alphabet: Alphabet, limits: tuple[int, int, int]
) -> None:
    assert tuple(capacity(alphabet, header) for header in (0, 6, 7)) == limits


@pytest.mark.parametrize("header_octets", [-1, 141])
def test_no_capacity_behind_a_header_that_does_not_fit(header_octets: int) -> None:
    with pytest.raises(EncodingError, match=f"not {header_octets}"):
        capacity(GSM7, header_octets)


@pytest.mark.parametrize(("alphabet", "limits"), LIMITS.items())
def test_a_body_up_to_the_single_limit_has_no_header(
    alphabet: Alphabet, limits: tuple[int, int, int]
) -> None:
    body = b"a" * limits[0]
    assert split_octets(body, alphabet, reference=1) == (Part(b"", body),)


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize(("alphabet", "limits"), LIMITS.items())
def test_a_longer_body_fills_each_part_to_its_limit(
    alphabet: Alphabet, limits: tuple[int, int, int], wide: bool
) -> None:
    size = limits[2 if wide else 1]
    parts = split_octets(b"a" * (2 * size + 2), alphabet, reference=1, wide=wide)
    assert sizes(parts) == [size, size, 2]


def test_headers_count_the_parts_under_one_reference() -> None:
    headers = [part.header for part in split_octets(b"a" * 400, GSM7, reference=7)]
    assert headers == [bytes((5, 0, 3, 7, 3, sequence)) for sequence in (1, 2, 3)]


def test_a_wide_reference_takes_two_octets() -> None:
    parts = split_octets(b"a" * 161, GSM7, reference=0x1234, wide=True)
    assert parts[1].header == bytes.fromhex("06080412340202")


def test_nothing_is_a_single_empty_part() -> None:
    assert split("", reference=0) == Segments(GSM7, (Part(b"", b""),))


@given(st.binary(max_size=2000), st.sampled_from(Alphabet), st.booleans())
def test_joined_parts_are_the_whole(body: bytes, alphabet: Alphabet, wide: bool) -> None:
    parts = split_octets(body, alphabet, reference=1, wide=wide)
    assert b"".join(part.body for part in parts) == body


@given(st.binary(max_size=2000), st.sampled_from(Alphabet), st.booleans())
def test_every_part_fits_in_140_octets(octets: bytes, alphabet: Alphabet, wide: bool) -> None:
    body = octets.translate(bytes(range(128)) * 2)
    for part in split_octets(body, alphabet, reference=1, wide=wide):
        assert user_data_octets(part, alphabet) <= 140


@given(any_text | gsm_text, st.booleans())
def test_each_part_of_a_text_decodes_alone(text: str, wide: bool) -> None:
    encoding, parts = split(text, reference=9, wide=wide)
    data_coding = data_coding_for(encoding)
    assert "".join(decode_text(part.body, data_coding) for part in parts) == text


@given(gsm_text)
def test_headers_read_back_as_the_sequence_they_have(text: str) -> None:
    parts = split(text, reference=9).parts
    if len(parts) > 1:
        read = [udh.decode(part.header).concatenation for part in parts]
        total = len(parts)
        assert read == [udh.Concatenation(9, total, i + 1) for i in range(total)]


def test_an_escape_pair_is_never_split_between_parts() -> None:
    parts = split("a" * 152 + "€" + "a" * 10, reference=1).parts
    assert sizes(parts) == [152, 12]
    assert gsm7.decode(parts[1].body) == "€" + "a" * 10


def test_an_escape_pair_that_just_fits_stays() -> None:
    assert sizes(split("a" * 151 + "€" + "a" * 10, reference=1).parts) == [153, 10]


def test_two_escapes_are_a_pair_that_needs_no_third() -> None:
    body = b"a" * 151 + b"\x1b\x1b" + b"e" * 10
    assert sizes(split_octets(body, GSM7, reference=1)) == [153, 10]


def test_an_escape_after_a_pair_of_escapes_moves_to_the_next_part() -> None:
    body = b"a" * 150 + b"\x1b\x1b\x1b" + b"e" * 10
    assert sizes(split_octets(body, GSM7, reference=1)) == [152, 11]


def test_an_escape_octet_in_ascii_is_nothing_special() -> None:
    body = b"a" * 152 + b"\x1b" + b"e" * 10
    assert sizes(split_octets(body, ASCII, reference=1)) == [153, 10]


def test_an_escape_at_the_very_end_stays() -> None:
    assert sizes(split_octets(b"a" * 305 + b"\x1b", GSM7, reference=1)) == [153, 153]


def test_a_surrogate_pair_is_never_split_between_parts() -> None:
    parts = split("中" * 66 + "😀" + "中" * 10, reference=1).parts
    assert sizes(parts) == [132, 24]
    assert ucs2.decode(parts[1].body) == "😀" + "中" * 10


def test_a_surrogate_pair_that_just_fits_stays() -> None:
    assert sizes(split("中" * 65 + "😀" + "中" * 10, reference=1).parts) == [134, 20]


def test_ucs2_parts_hold_67_characters_or_66_with_a_wide_reference() -> None:
    assert sizes(split("中" * 71, reference=1).parts) == [134, 8]
    assert sizes(split("中" * 71, reference=1, wide=True).parts) == [132, 10]


def test_255_parts_are_the_most() -> None:
    body = bytes(255 * 134)
    assert len(split_octets(body, OCTET, reference=1)) == MAX_PARTS == 255
    with pytest.raises(EncodingError, match=r"34171 octets of octet need more than 255 parts"):
        split_octets(body + b"\0", OCTET, reference=1)


def test_pairs_that_move_may_make_a_256th_part() -> None:
    pairs_in_a_part = 153 // 2
    assert len(split("€" * (255 * pairs_in_a_part), alphabet=GSM7).parts) == 255
    with pytest.raises(EncodingError, match="more than 255 parts"):
        split("€" * (255 * pairs_in_a_part + 1), alphabet=GSM7)


@pytest.mark.parametrize(("reference", "wide"), [(-1, False), (256, False), (65536, True)])
def test_a_reference_that_does_not_fit_is_refused(reference: int, wide: bool) -> None:
    with pytest.raises(EncodingError, match="reference"):
        split_octets(bytes(161), GSM7, reference=reference, wide=wide)


def test_a_text_goes_as_gsm_if_it_can() -> None:
    assert split("a{€}", reference=1).encoding == "gsm7"
    assert smallest("a{€}") is GSM7


def test_a_text_goes_as_ucs2_if_gsm_lacks_a_character() -> None:
    assert split("中", reference=1) == Segments(UCS2, (Part(b"", b"\x4e\x2d"),))
    assert smallest("中") is UCS2


def test_a_text_goes_in_the_alphabet_asked_for() -> None:
    assert split("abc", alphabet=UCS2) == Segments(UCS2, (Part(b"", b"\0a\0b\0c"),))


def test_an_alphabet_asked_for_must_hold_the_text() -> None:
    with pytest.raises(EncodingError, match=r"U\+4E2D.*position 0"):
        split("中", alphabet=GSM7)


@given(gsm_text)
def test_gsm_never_takes_more_parts_than_ucs2(text: str) -> None:
    assert len(split(text, alphabet=GSM7).parts) <= len(split(text, alphabet=UCS2).parts)


def test_of_the_allowed_alphabets_the_one_with_fewest_parts_wins() -> None:
    assert smallest("{" * 100, [GSM7, LATIN1]) is LATIN1
    assert smallest("{" * 200, [UCS2, GSM7, LATIN1]) is LATIN1


def test_the_first_of_equals_wins() -> None:
    assert smallest("abc", [ASCII, GSM7]) is ASCII
    assert smallest("a" * 161, [UCS2, LATIN1, ASCII]) is LATIN1


def test_a_text_no_allowed_alphabet_holds_is_refused() -> None:
    with pytest.raises(EncodingError, match=r"U\+D800"):
        smallest("\ud800")
    with pytest.raises(EncodingError, match="octet"):
        smallest("abc", [OCTET])


def test_at_least_one_alphabet_is_allowed() -> None:
    with pytest.raises(EncodingError, match="at least one"):
        smallest("abc", [])
