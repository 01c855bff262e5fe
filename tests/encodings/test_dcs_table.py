"""TP-DCS: 3GPP TS 23.038, 4."""

import pytest

from smsc_encodings import dcs
from smsc_encodings.dcs import Alphabet, Dcs, Group, Indication, MessageClass, dcs_for
from smsc_encodings.errors import EncodingError

GSM7, OCTET, UCS2 = Alphabet.GSM7, Alphabet.OCTET, Alphabet.UCS2


@pytest.mark.parametrize("octet", range(256))
def test_every_octet_comes_back_as_it_was(octet: int) -> None:
    assert dcs.encode(dcs.decode(octet)) == octet


@pytest.mark.parametrize(
    ("octet", "meaning"),
    [
        (0x00, Dcs()),
        (0x04, Dcs(OCTET)),
        (0x08, Dcs(UCS2)),
        (0x10, Dcs(GSM7, MessageClass.IMMEDIATE)),
        (0x11, Dcs(GSM7, MessageClass.ME)),
        (0x16, Dcs(OCTET, MessageClass.SIM)),
        (0x1B, Dcs(UCS2, MessageClass.TE)),
        (0x20, Dcs(GSM7, compressed=True)),
        (0x3A, Dcs(UCS2, MessageClass.SIM, compressed=True)),
        (0x48, Dcs(UCS2, group=Group.DELETION)),
        (0x51, Dcs(GSM7, MessageClass.ME, Group.DELETION)),
        (0xC0, Dcs(group=Group.DISCARD, indication=Indication.VOICE)),
        (0xC9, Dcs(group=Group.DISCARD, indication=Indication.FAX, active=True)),
        (0xD8, Dcs(group=Group.STORE, indication=Indication.VOICE, active=True)),
        (0xD3, Dcs(group=Group.STORE, indication=Indication.OTHER)),
        (0xEA, Dcs(UCS2, None, Group.STORE_UCS2, False, Indication.EMAIL, True)),
        (0xF0, Dcs(GSM7, MessageClass.IMMEDIATE, Group.CLASS)),
        (0xF6, Dcs(OCTET, MessageClass.SIM, Group.CLASS)),
    ],
)
def test_an_octet_means_what_the_table_says(octet: int, meaning: Dcs) -> None:
    assert dcs.decode(octet) == meaning


@pytest.mark.parametrize("octet", [0x01, 0x03, 0x0C, 0x0F, 0x4D, *range(0x80, 0xC0)])
def test_what_is_reserved_reads_as_gsm_and_has_no_class(octet: int) -> None:
    read = dcs.decode(octet)
    assert read.alphabet is GSM7
    assert read.message_class is None


def test_reserved_bits_are_kept_where_they_stand() -> None:
    assert dcs.decode(0x03).reserved == 0x03
    assert dcs.decode(0x1C).reserved == 0x0C
    assert dcs.decode(0xC4).reserved == 0x04
    assert dcs.decode(0xF8).reserved == 0x08


@pytest.mark.parametrize(
    ("octet", "septets"), [(0x00, True), (0x20, False), (0x04, False), (0x08, False), (0xD8, True)]
)
def test_the_length_counts_septets_of_plain_gsm_text_and_octets_of_all_else(
    octet: int, septets: bool
) -> None:
    assert dcs.decode(octet).septets is septets


@pytest.mark.parametrize("octet", [-1, 256])
def test_a_tp_dcs_is_one_octet(octet: int) -> None:
    with pytest.raises(EncodingError, match=f"0 to 255, not {octet}"):
        dcs.decode(octet)


@pytest.mark.parametrize(
    "impossible",
    [
        Dcs(Alphabet.LATIN1),
        Dcs(UCS2, group=Group.CLASS, message_class=MessageClass.ME),
        Dcs(indication=Indication.FAX),
        Dcs(UCS2, group=Group.STORE, indication=Indication.FAX),
        Dcs(group=Group.CLASS),
    ],
)
def test_what_no_octet_says_is_not_written(impossible: Dcs) -> None:
    with pytest.raises(EncodingError, match="no TP-DCS says"):
        dcs.encode(impossible)


def test_the_scheme_for_an_alphabet_is_that_of_the_general_group() -> None:
    assert dcs.encode(dcs_for(GSM7)) == 0x00
    assert dcs.encode(dcs_for(UCS2, MessageClass.IMMEDIATE)) == 0x18
    with pytest.raises(EncodingError, match="no TPDU carries latin1"):
        dcs_for(Alphabet.LATIN1)
