"""What data_coding 0 means to an account, in both directions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.esme.alphabets import incoming, outgoing
from smsc_encodings import gsm7, septets, udh
from smsc_encodings.data_coding import Zero
from smsc_encodings.dcs import Alphabet, decode_text, encode_text
from smsc_encodings.errors import EncodingError

GSM, LATIN1 = Zero.GSM, Zero.LATIN1
ASCII, PACKED = Zero.ASCII, Zero.GSM_PACKED
MOST = 0xFFFF
HEADERS = st.one_of(
    st.just(b""),
    st.lists(
        st.builds(udh.Element, st.integers(0x20, 0xFF), st.binary(max_size=9)), max_size=4
    ).map(udh.encode),
)
CHARACTERS = "".join(dict.fromkeys(gsm7.decode(bytes(range(128))).replace("\x1b", "")))
TEXTS = st.text(CHARACTERS + "[]{}|~^€\\", max_size=300)


def unpacked(octets: bytes, header: int = 0) -> bytes:
    """Read packed septets as 23.038 has them, with no guess about spare bits."""
    fill = -8 * header % 7
    return septets.unpack(octets, (8 * len(octets) - fill) // 7, fill)


@given(TEXTS, HEADERS)
def test_what_an_account_is_sent_in_packed_septets_it_can_send_back(
    text: str, header: bytes
) -> None:
    body = gsm7.encode(text)
    packed, data_coding = outgoing(header + body, bool(header), PACKED, MOST)
    assert data_coding == 0
    back, _ = incoming(packed, bool(header), PACKED)
    # Seven spare bits and a last "@" look the same.
    ambiguous = body.endswith(b"\0") and (-8 * len(header) % 7 + 7 * len(body)) % 8 == 0
    assert back == header + (body[:-1] if ambiguous else body)


@given(st.text(st.characters(max_codepoint=0xFF), max_size=300), HEADERS)
def test_latin_1_of_an_account_is_named_so(text: str, header: bytes) -> None:
    octets = header + text.encode("latin-1")
    assert incoming(octets, bool(header), LATIN1) == (octets, 3)


@given(TEXTS, HEADERS, st.sampled_from([LATIN1, ASCII]))
def test_a_text_reaches_an_account_whatever_its_alphabet(
    text: str, header: bytes, alphabet: Zero
) -> None:
    octets, data_coding = outgoing(header + gsm7.encode(text), bool(header), alphabet, MOST)
    assert octets.startswith(header)
    meaning = {LATIN1: Alphabet.LATIN1, ASCII: Alphabet.ASCII}[alphabet]
    assert decode_text(octets[len(header) :], data_coding, meaning) == text


@pytest.mark.parametrize(
    ("alphabet", "expected"),
    [
        (LATIN1, ("100 €".encode("utf-16-be"), 8)),
        (ASCII, ("100 €".encode("utf-16-be"), 8)),
        (PACKED, (septets.pack(b"100 \x1be"), 0)),
    ],
)
def test_what_an_alphabet_cannot_say_goes_as_ucs2(
    alphabet: Zero, expected: tuple[bytes, int]
) -> None:
    assert outgoing(gsm7.encode("100 €"), False, alphabet, MOST) == expected


def test_what_does_not_fit_as_ucs2_goes_with_question_marks() -> None:
    octets = gsm7.encode("100 €" * 40)
    assert outgoing(octets, False, LATIN1, 254) == (b"100 ?" * 40, 0)
    assert outgoing(octets, False, LATIN1, 400) == (("100 €" * 40).encode("utf-16-be"), 8)


@pytest.mark.parametrize("alphabet", [LATIN1, ASCII, PACKED])
@pytest.mark.parametrize("octets", [b"\x80", b"hello \xff"])
def test_octets_that_are_no_gsm_go_as_binary(alphabet: Zero, octets: bytes) -> None:
    assert outgoing(octets, False, alphabet, MOST) == (octets, 4)


@given(st.binary(max_size=200), st.booleans(), st.sampled_from(Zero))
def test_whatever_comes_is_read_or_refused(octets: bytes, has_header: bool, alphabet: Zero) -> None:
    try:
        found, data_coding = incoming(octets, has_header, alphabet)
    except EncodingError:
        assert has_header
        return
    assert data_coding in (0, 1, 3)
    assert len(found) <= len(octets) * 8 // 7
    if alphabet is not PACKED:
        assert found == octets


@given(st.binary(max_size=200), st.booleans(), st.sampled_from([LATIN1, ASCII, PACKED]))
def test_whatever_the_road_has_can_be_written(
    octets: bytes, has_header: bool, alphabet: Zero
) -> None:
    found, _ = outgoing(octets, has_header, alphabet, 254)
    assert len(found) <= 254


def test_packed_septets_stand_behind_a_header_on_a_septet_boundary() -> None:
    header = bytes.fromhex("050003070201")
    packed, _ = outgoing(header + b"hello", True, PACKED, MOST)
    assert packed.startswith(header)
    assert unpacked(packed[6:], 6)[:5] == b"hello"


def test_a_text_in_a_national_language_is_read_as_its_header_says() -> None:
    turkish = bytes.fromhex("03240101")
    octets, data_coding = outgoing(turkish + b"\x1bc", True, LATIN1, MOST)
    assert (octets, data_coding) == (turkish + "ç".encode("latin-1"), 0)


def test_ascii_and_latin_1_are_written_as_they_are() -> None:
    text = encode_text("gruss", Alphabet.GSM7)
    assert outgoing(text, False, ASCII, MOST) == (b"gruss", 0)
    assert outgoing(encode_text("Grüße", Alphabet.GSM7), False, LATIN1, MOST) == (
        "Grüße".encode("latin-1"),
        0,
    )
