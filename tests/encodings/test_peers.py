"""Other packages' codecs against ours, character by character; each disagreement is explained.

The national tables also agree, but for what is told here and in `shift_tables`, with what phones
have: Android's GsmAlphabet and Firefox OS's radio layer, which correct the misprints alike.
"""

import gsm0338
import pytest
import smsutil
from gsm0338.charset import SINGLE_SHIFT_CHARACTER_SET_SPANISH
from gsmcodecs.charmaps import GSMCHARMAPS
from hypothesis import given
from hypothesis import strategies as st
from smspdudecoder.codecs import GSM

from smsc_encodings import gsm7, septets
from smsc_encodings.shift_tables import LOCKING, SINGLE, UNUSED, Language

INDIC = list(Language)[4:]

CHARACTERS = LOCKING[Language.DEFAULT].replace(UNUSED, "") + SINGLE[Language.DEFAULT].replace(
    UNUSED, ""
)
texts = st.text(CHARACTERS, max_size=200)

# gsmcodecs 1.0.0 was read from the print of 23.038, release 18.
LOCKING_OF_GSMCODECS = {
    # It reads an escape that escapes nothing as a space; our tables leave the place empty.
    **{(language, 0x1B): (UNUSED, " ") for language in LOCKING},
    # An apostrophe stands in the print where the comma does in all other tables, and in those of
    # phones; the languages have their apostrophe in the single shift table, and no other comma.
    **{(language, 0x2C): (",", "'") for language in INDIC},
    # A misprint: PA stands at 0x3D too, and DDA, which comes between its neighbours, nowhere.
    (Language.KANNADA, 0x24): ("ಡ", "ಪ"),
}
SINGLE_OF_GSMCODECS = {
    **{(language, 0x1B): (UNUSED, " ") for language in SINGLE},
    # Left out in this print; every other table has it, and phones have it here.
    (Language.TELUGU, 0x65): ("€", UNUSED),
}


def theirs(language: Language, kind: str) -> str:
    codes = GSMCHARMAPS[int(language)][kind]["decode"]
    return "".join(chr(codes.get(septet, ord(UNUSED))) for septet in range(128))


def differences(
    tables: dict[Language, str], kind: str
) -> dict[tuple[Language, int], tuple[str, str]]:
    return {
        (language, septet): (ours, other)
        for language, table in tables.items()
        for septet, (ours, other) in enumerate(zip(table, theirs(language, kind), strict=True))
        if ours != other
    }


def test_the_locking_tables_are_those_of_gsmcodecs_but_for_its_misprints() -> None:
    assert differences(LOCKING, "locking") == LOCKING_OF_GSMCODECS


def test_the_single_shift_tables_are_those_of_gsmcodecs_but_for_its_misprints() -> None:
    assert differences(SINGLE, "singleShift") == SINGLE_OF_GSMCODECS


@pytest.mark.parametrize("language", [Language.TURKISH, Language.PORTUGUESE])
def test_gsmcodecs_writes_what_we_write_with_a_pair_of_tables(language: Language) -> None:
    characters = (LOCKING[language] + SINGLE[language]).replace(UNUSED, "")
    octets = gsm7.encode(characters, language, language)
    assert characters.encode(f"gsm23.038-{language}-{language}") == octets


def test_the_default_and_the_spanish_tables_are_those_of_gsm0338() -> None:
    codec = gsm0338.Codec(single_shift_decode_map=SINGLE_SHIFT_CHARACTER_SET_SPANISH)
    characters = (LOCKING[Language.DEFAULT] + SINGLE[Language.SPANISH]).replace(UNUSED, "")
    for character in characters:
        assert codec.encode(character)[0] == gsm7.encode(character, single=Language.SPANISH)


@given(texts)
def test_gsm0338_and_gsmcodecs_write_and_read_what_we_do(text: str) -> None:
    octets = gsm7.encode(text)
    assert text.encode("gsm03.38") == text.encode("gsm23.038") == octets
    assert octets.decode("gsm03.38") == octets.decode("gsm23.038") == text


@given(texts)
def test_smsutil_writes_and_reads_what_we_do(text: str) -> None:
    octets = gsm7.encode(text)
    assert text.encode("gsm0338") == octets
    assert octets.decode("gsm0338") == text


@given(st.text(st.sampled_from(CHARACTERS + "ç中`\0"), min_size=1, max_size=20))
def test_smsutil_takes_for_gsm_what_we_do(text: str) -> None:
    # Its pattern ends in "$", which a line feed may follow anyway: that agrees, LF being GSM.
    assert bool(smsutil.codecs.is_valid_gsm(text)) == gsm7.encodable(text)


@given(texts)
def test_smspdudecoder_packs_what_we_do(text: str) -> None:
    octets = gsm7.encode(text)
    assert GSM.encode(text) == septets.pack(octets).hex().upper()


@given(texts.filter(lambda text: text != ""))
def test_smspdudecoder_pads_for_ussd_as_we_do(text: str) -> None:
    octets = gsm7.encode(text)
    # It looks for "\r" at the end of the text, and the boundary at that of the septets: so do we.
    packed = septets.pack_ussd(octets)
    assert GSM.encode(text, with_padding=True) == packed.hex().upper()
    assert GSM.decode(packed.hex(), strip_padding=True) == gsm7.decode(septets.unpack_ussd(packed))
