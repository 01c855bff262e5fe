"""Long messages in parts: 3GPP TS 23.040, 9.2.3.24.1 and 9.2.3.24.8."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_encodings import gsm7, ucs2, udh
from smsc_encodings.dcs import Alphabet, data_coding_for, decode_text
from smsc_encodings.errors import EncodingError
from smsc_encodings.national import Shifts
from smsc_encodings.segmentation import (
    MAX_PARTS,
    SURE_TO_FIT,
    Part,
    Segments,
    capacity,
    fits,
    smallest,
    split,
    split_octets,
)
from smsc_encodings.septets import pack
from smsc_encodings.shift_tables import Language

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


# Binary.


@given(st.binary(max_size=1000))
def test_binary_octets_go_through_untouched(body: bytes) -> None:
    parts = split_octets(body, OCTET, reference=1)
    assert b"".join(part.body for part in parts) == body
    assert all(len(part.body) == 134 for part in parts[:-1])


# What belongs together, where it costs nothing to keep it so.


def test_a_combining_mark_stays_with_its_letter() -> None:
    parts = split("中" * 66 + "e\u0301" + "中" * 10, reference=1).parts
    assert sizes(parts) == [132, 24]
    assert ucs2.decode(parts[1].body) == "e\u0301" + "中" * 10


def test_a_family_joined_to_one_picture_stays_together() -> None:
    family = "👩\u200d👧\u200d👦"
    parts = split("中" * 62 + family + "中" * 20, reference=1).parts
    assert ucs2.decode(parts[1].body).startswith(family)


def test_a_skin_tone_stays_with_its_hand() -> None:
    parts = split("中" * 65 + "👍🏽" + "中" * 10, reference=1).parts
    assert ucs2.decode(parts[1].body).startswith("👍🏽")


def test_a_letter_and_its_mark_are_parted_rather_than_sent_in_one_more_message() -> None:
    parts = split("中" * 66 + "e\u0301" + "中" * 66, reference=1).parts
    assert sizes(parts) == [134, 134]


def test_marks_without_end_are_cut_where_a_part_is_full() -> None:
    assert sizes(split("e" + "\u0301" * 140, reference=1).parts) == [134, 134, 14]


def test_a_vowel_sign_of_a_national_language_stays_with_its_letter() -> None:
    parts = split("न" * 148 + "नि" + "न" * 20, reference=1, languages=[Language.HINDI]).parts
    assert sizes(parts) == [148, 22]
    assert gsm7.decode(parts[1].body, Language.HINDI)[:2] == "नि"


def test_an_escaped_mark_stays_with_its_letter() -> None:
    text = "ن" * 145 + "ن\u0652" + "ن" * 20
    parts = split(text, reference=1, languages=[Language.URDU]).parts
    assert sizes(parts) == [145, 23]


# National languages in every part's header.


def test_a_single_part_with_a_shift_has_a_header_of_four_octets() -> None:
    segments = split("ş" * 155, languages=[Language.TURKISH])
    assert segments.parts == (Part(bytes.fromhex("03 25 01 01"), b"\x1d" * 155),)
    assert segments.shifts == Shifts(locking=Language.TURKISH)


def test_every_part_announces_the_shifts_behind_its_number() -> None:
    parts = split("न" * 145 + "०" * 10, reference=7, languages=[Language.HINDI]).parts  # noqa: RUF001
    assert [part.header for part in parts] == [
        bytes.fromhex(f"0B 00 03 07 02 {sequence:02X} 24 01 06 25 01 06") for sequence in (1, 2)
    ]


def test_a_wide_reference_goes_before_the_shifts_too() -> None:
    parts = split("ş" * 160, reference=0x1234, wide=True, languages=[Language.TURKISH]).parts
    assert parts[1].header == bytes.fromhex("09 08 04 12 34 02 02 25 01 01")


@given(
    st.text(st.sampled_from("aé{€ğıúनिم०्ُ"), max_size=700),
    st.lists(st.sampled_from(list(Language)[1:]), max_size=3, unique=True),
    st.booleans(),
)
def test_a_national_text_comes_in_parts_that_fit_and_read_alone(
    text: str, languages: list[Language], wide: bool
) -> None:
    encoding, parts = segments = split(text, reference=9, wide=wide, languages=languages)
    read = []
    for part in parts:
        assert user_data_octets(part, encoding) <= 140
        if encoding is GSM7:
            read.append(gsm7.decode(part.body, *segments.shifts))
        else:
            read.append(ucs2.decode(part.body))
    assert "".join(read) == text


def test_other_elements_go_into_every_part() -> None:
    ports = udh.Element(5, bytes.fromhex("0B8423F0"))
    single, *_ = split_octets(b"x", OCTET, reference=1, elements=[ports])
    assert single == Part(bytes.fromhex("06 05 04 0B 84 23 F0"), b"x")
    parts = split_octets(bytes(200), OCTET, reference=1, elements=[ports])
    assert sizes(parts) == [128, 72]
    assert parts[1].header == bytes.fromhex("0B 00 03 01 02 02 05 04 0B 84 23 F0")


@pytest.mark.parametrize(("alphabet", "octets"), [(GSM7, 131), (UCS2, 129), (OCTET, 132)])
def test_elements_that_leave_no_room_are_refused(alphabet: Alphabet, octets: int) -> None:
    with pytest.raises(EncodingError, match=r"shorten what goes before|a header takes"):
        split_octets(bytes(200), alphabet, reference=1, elements=[udh.Element(0x70, bytes(octets))])


@given(
    st.binary(max_size=600),
    st.sampled_from(Alphabet),
    st.booleans(),
    st.integers(0, 140),
)
def test_whatever_the_octets_the_parts_join_and_fit(
    body: bytes, alphabet: Alphabet, wide: bool, octets: int
) -> None:
    if alphabet in (GSM7, ASCII):
        body = body.translate(bytes(range(128)) * 2)
    elements = [udh.Element(0x70, bytes(octets))]
    try:
        parts = split_octets(body, alphabet, reference=1, wide=wide, elements=elements)
    except EncodingError:
        return
    assert b"".join(part.body for part in parts) == body
    assert all(user_data_octets(part, alphabet) <= 140 for part in parts)


@given(st.lists(st.sampled_from([b"a", b"\x1b", b"\x1be"]), max_size=500), st.booleans())
def test_no_escape_is_parted_from_what_it_escapes(pieces: list[bytes], wide: bool) -> None:
    body = b"".join(pieces)
    parts = split_octets(body, GSM7, reference=1, wide=wide)
    assert "".join(gsm7.decode(part.body) for part in parts) == gsm7.decode(body)


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


@given(st.binary(min_size=1, max_size=300), st.sampled_from(Alphabet), st.integers(-200, 6000))
def test_what_fits_can_be_cut_and_nothing_else_can(
    piece: bytes, alphabet: Alphabet, more: int
) -> None:
    size = SURE_TO_FIT + more
    body = (piece * (size // len(piece) + 1))[:size]
    if fits(body, alphabet):
        assert len(split_octets(body, alphabet, reference=1)) <= MAX_PARTS
    else:
        assert more > 0
        with pytest.raises(EncodingError):
            split_octets(body, alphabet, reference=1)


@pytest.mark.parametrize("alphabet", Alphabet)
def test_a_body_that_needs_no_header_fits(alphabet: Alphabet) -> None:
    assert fits(b"", alphabet)
    assert fits(b"x" * capacity(alphabet), alphabet)
