"""The GSM 7 bit default alphabet: 3GPP TS 23.038, 6.2.1 and 6.2.1.1."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_encodings import gsm7
from smsc_encodings.errors import EncodingError

# Table 6.2.1 by Unicode names, read column by column, apart from the code's own.
GREEK = ["DELTA", "_", "PHI", "GAMMA", "LAMDA", "OMEGA", "PI", "PSI", "SIGMA", "THETA", "XI"]
SPELLED = {
    0x00: "COMMERCIAL AT",
    0x01: "POUND SIGN",
    0x02: "DOLLAR SIGN",
    0x03: "YEN SIGN",
    0x04: "LATIN SMALL LETTER E WITH GRAVE",
    0x05: "LATIN SMALL LETTER E WITH ACUTE",
    0x06: "LATIN SMALL LETTER U WITH GRAVE",
    0x07: "LATIN SMALL LETTER I WITH GRAVE",
    0x08: "LATIN SMALL LETTER O WITH GRAVE",
    0x09: "LATIN CAPITAL LETTER C WITH CEDILLA",
    0x0A: "LINE FEED",
    0x0B: "LATIN CAPITAL LETTER O WITH STROKE",
    0x0C: "LATIN SMALL LETTER O WITH STROKE",
    0x0D: "CARRIAGE RETURN",
    0x0E: "LATIN CAPITAL LETTER A WITH RING ABOVE",
    0x0F: "LATIN SMALL LETTER A WITH RING ABOVE",
    **{0x10 + i: f"GREEK CAPITAL LETTER {name}" for i, name in enumerate(GREEK) if name != "_"},
    0x11: "LOW LINE",
    0x1C: "LATIN CAPITAL LETTER AE",
    0x1D: "LATIN SMALL LETTER AE",
    0x1E: "LATIN SMALL LETTER SHARP S",
    0x1F: "LATIN CAPITAL LETTER E WITH ACUTE",
    0x24: "CURRENCY SIGN",
    0x40: "INVERTED EXCLAMATION MARK",
    0x5B: "LATIN CAPITAL LETTER A WITH DIAERESIS",
    0x5C: "LATIN CAPITAL LETTER O WITH DIAERESIS",
    0x5D: "LATIN CAPITAL LETTER N WITH TILDE",
    0x5E: "LATIN CAPITAL LETTER U WITH DIAERESIS",
    0x5F: "SECTION SIGN",
    0x60: "INVERTED QUESTION MARK",
    0x7B: "LATIN SMALL LETTER A WITH DIAERESIS",
    0x7C: "LATIN SMALL LETTER O WITH DIAERESIS",
    0x7D: "LATIN SMALL LETTER N WITH TILDE",
    0x7E: "LATIN SMALL LETTER U WITH DIAERESIS",
    0x7F: "LATIN SMALL LETTER A WITH GRAVE",
}
AS_IN_ASCII = [code for code in range(0x20, 0x7F) if code not in SPELLED]
DEFAULT = {code: unicodedata.lookup(name) for code, name in SPELLED.items()}
DEFAULT |= {code: chr(code) for code in AS_IN_ASCII}

# Table 6.2.1.1.
EXTENSION = {
    0x0A: "\x0c",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "\N{EURO SIGN}",
}

gsm_text = st.text(alphabet=[*DEFAULT.values(), *EXTENSION.values()])


def test_the_spelled_table_has_every_septet_but_the_escape() -> None:
    assert sorted(DEFAULT) == [code for code in range(128) if code != 0x1B]


@pytest.mark.parametrize(("code", "character"), sorted(DEFAULT.items()))
def test_a_default_character_is_one_septet(code: int, character: str) -> None:
    assert gsm7.encode(character) == bytes([code])
    assert gsm7.decode(bytes([code])) == character


@pytest.mark.parametrize(("code", "character"), sorted(EXTENSION.items()))
def test_an_extension_character_is_an_escape_and_a_septet(code: int, character: str) -> None:
    assert gsm7.encode(character) == bytes([0x1B, code])
    assert gsm7.decode(bytes([0x1B, code])) == character


def test_the_extension_characters_have_the_codes_of_the_standard() -> None:
    octets = bytes.fromhex("1b28 1b29 1b3c 1b3e 1b3d 1b2f 1b40 1b65 1b14")
    assert gsm7.encode("{}[]~\\|€^") == octets


def test_an_at_sign_between_extension_characters_is_a_zero() -> None:
    assert gsm7.encode("[@]") == b"\x1b\x3c\x00\x1b\x3e"


@given(gsm_text)
def test_what_is_encoded_decodes_to_the_same_text(text: str) -> None:
    assert gsm7.decode(gsm7.encode(text)) == text


@given(gsm_text)
def test_an_encoded_text_is_septets_only(text: str) -> None:
    assert gsm7.encode(text).isascii()


@given(gsm_text)
def test_extension_characters_count_two_septets_and_others_one(text: str) -> None:
    doubled = sum(character in EXTENSION.values() for character in text)
    assert gsm7.count_septets(text) == len(text) + doubled == len(gsm7.encode(text))


@given(st.text())
def test_encodable_tells_what_encode_does(text: str) -> None:
    known = {*DEFAULT.values(), *EXTENSION.values()}
    assert gsm7.encodable(text) == (set(text) <= known)
    if not gsm7.encodable(text):
        with pytest.raises(EncodingError):
            gsm7.encode(text)


@pytest.mark.parametrize("stranger", ["\0", "\x1b", "ç", "`", "\ufffe", "\ud800", "😀", "\x80"])
def test_a_character_outside_both_tables_is_refused(stranger: str) -> None:
    assert not gsm7.encodable(f"ok{stranger}")
    with pytest.raises(EncodingError, match=f"U\\+{ord(stranger):04X}.*position 2"):
        gsm7.encode(f"ok{stranger}")


@given(st.binary())
def test_decoding_raises_nothing_but_encoding_errors(octets: bytes) -> None:
    try:
        text = gsm7.decode(octets)
    except EncodingError:
        assert not octets.isascii()
    else:
        assert octets.isascii()
        assert gsm7.encodable(text)


@given(st.binary(), st.integers(-1, 16), st.integers(-1, 16))
def test_decoding_in_any_language_raises_nothing_but_encoding_errors(
    octets: bytes, locking: int, single: int
) -> None:
    try:
        text = gsm7.decode(octets, locking, single)
    except EncodingError:
        assert not octets.isascii() or not {locking, single} <= {*range(14)} or locking == 2
    else:
        assert len(text) <= len(octets)


def septet_by_septet(octets: bytes) -> str:
    """Read as 6.2.1 and 6.2.1.1 say it, one septet after the other."""
    shown, escaped = [], False
    for septet in octets:
        if escaped:
            shown.append(" " if septet == 0x1B else EXTENSION.get(septet) or DEFAULT[septet])
            escaped = False
        elif septet == 0x1B:
            escaped = True
        else:
            shown.append(DEFAULT[septet])
    return "".join(shown) + " " * escaped


@given(
    st.lists(st.sampled_from([b"\x1b", b"\x1be", b"a", b"\0", b"\x1b\0", b"\x7f"])),
    st.sampled_from([1, 100]),
)
def test_octets_read_as_they_would_one_by_one(pieces: list[bytes], times: int) -> None:
    octets = b"".join(pieces) * times
    assert gsm7.decode(octets) == septet_by_septet(octets)


def test_an_octet_above_127_is_refused_with_its_offset() -> None:
    with pytest.raises(EncodingError, match="0x80 at offset 3"):
        gsm7.decode(b"abc\x80")


def test_an_escape_before_an_empty_place_shows_the_default_character() -> None:
    assert gsm7.decode(b"\x1bA") == "A"
    assert gsm7.decode(b"\x1b\x0d") == "\r"


def test_two_escapes_show_a_space() -> None:
    assert gsm7.decode(b"\x1b\x1b") == " "


def test_the_second_of_two_escapes_escapes_nothing() -> None:
    assert gsm7.decode(b"\x1b\x1b\x65") == " e"


def test_an_escape_at_the_end_shows_a_space() -> None:
    assert gsm7.decode(b"end\x1b") == "end "


def test_escape_newline_is_a_form_feed() -> None:
    assert gsm7.decode(b"a\x1b\nb") == "a\fb"
