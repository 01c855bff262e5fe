"""Address fields: 3GPP TS 23.040, 9.1.2.5."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_encodings import address
from smsc_encodings.address import (
    ALPHANUMERIC,
    Address,
    address_for,
    decode_service_centre,
    encode_service_centre,
)
from smsc_encodings.errors import EncodingError

DIGITS = st.text("0123456789*#abc", max_size=20)
NAMES = st.text("ABCxyz019 @£_é", max_size=11)
types = st.integers(0, 7).filter(lambda ton: ton != ALPHANUMERIC)
numeric = st.builds(Address, DIGITS, types, st.integers(0, 15))
alphanumeric = st.builds(Address, NAMES, st.just(ALPHANUMERIC), st.integers(0, 15))
addresses = numeric | alphanumeric


@pytest.mark.parametrize(
    ("octets", "found"),
    [
        ("0B 91 64 07 28 15 53 F8", Address("46708251358", 1, 1)),
        ("0A 91 64 07 28 15 53", Address("4670825135", 1, 1)),
        ("04 81 21 43", Address("1234", 0, 1)),
        ("00 80", Address("", 0, 0)),
        ("05 81 A1 B2 F3", Address("1*2#3", 0, 1)),
        ("03 81 DC FE", Address("abc", 0, 1)),
        ("0B D0 CD E6 DB 5D CE 03", Address("MMoney", 5, 0)),
        ("14 D0 C4 F2 3C 7D 76 03 90 EF 76 19", Address("Design@Home", 5, 0)),
        ("02 D0 41", Address("A", 5, 0)),
        ("07 D0 C1 E1 30 08", Address("ACCA", 5, 0)),
    ],
)
def test_an_address_lies_as_the_specification_has_it(octets: str, found: Address) -> None:
    written = bytes.fromhex(octets)
    assert address.decode(written) == (found, len(written))
    assert address.encode(found) == written


@given(addresses, st.binary(max_size=3), st.binary(max_size=3))
def test_addresses_come_back_wherever_they_stand(
    found: Address, before: bytes, behind: bytes
) -> None:
    written = address.encode(found)
    octets = before + written + behind
    assert address.decode(octets, len(before)) == (found, len(before) + len(written))
    assert 2 <= len(written) <= 12


@given(st.none() | numeric.filter(lambda found: found.value != ""))
def test_the_address_of_an_smsc_comes_back(found: Address | None) -> None:
    written = encode_service_centre(found)
    assert decode_service_centre(written + b"\0") == (found, len(written))


def test_the_length_of_an_smscs_address_counts_octets() -> None:
    octets = bytes.fromhex("07 91 13 26 04 00 00 F0")
    assert decode_service_centre(octets) == (Address("31624000000", 1, 1), 8)
    assert encode_service_centre(Address("31624000000", 1, 1)) == octets
    assert decode_service_centre(b"\0") == (None, 1)


@given(st.binary(max_size=16), st.integers(0, 20))
def test_reading_raises_nothing_but_encoding_errors_with_an_offset(octets: bytes, at: int) -> None:
    for read in (address.decode, decode_service_centre):
        try:
            _, end = read(octets, at)
        except EncodingError as error:
            assert str(error)
        else:
            assert at < end <= len(octets)


@pytest.mark.parametrize(
    ("octets", "message", "offset"),
    [
        ("", "offset 0 needs 2 octets, 0 are left", 0),
        ("0B", "offset 0 needs 2 octets, 1 are left", 0),
        ("0B 91 64 07", "offset 0 says 11 semi-octets, 2 octets are left", 0),
        ("15 91 00", "offset 0 says 21 semi-octets, 20 are the most", 0),
        ("04 91 21 F3", "digit 4 of the address, at offset 3, is the filler", 3),
        ("04 91 F1 32", "digit 2 of the address, at offset 2, is the filler", 2),
    ],
)
def test_a_malformed_address_is_refused_with_an_offset(
    octets: str, message: str, offset: int
) -> None:
    with pytest.raises(EncodingError, match=message) as refused:
        address.decode(bytes.fromhex(octets))
    assert refused.value.offset == offset


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        ("", "missing"),
        ("07 91 13", "says 7 octets, 2 are left"),
        ("0C 91" + "00" * 11, "says 12 octets, 11 are the most"),
        ("03 91 F1 32", "the filler"),
    ],
)
def test_a_malformed_address_of_an_smsc_is_refused(octets: str, message: str) -> None:
    with pytest.raises(EncodingError, match=message):
        decode_service_centre(bytes.fromhex(octets))


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (Address("12x"), "'x' at position 2 is no digit"),
        (Address("1" * 21), "is longer"),
        (Address("twelve chars", 5, 0), "is longer"),
        (Address("ж", 5, 0), "can't be written"),
        (Address("1", 8), "not 8 and 1"),
        (Address("1", 1, 16), "not 1 and 16"),
    ],
)
def test_an_address_that_does_not_fit_is_not_written(found: Address, message: str) -> None:
    with pytest.raises(EncodingError, match=message):
        address.encode(found)


def test_an_smscs_address_that_does_not_fit_is_not_written() -> None:
    with pytest.raises(EncodingError, match="longer"):
        encode_service_centre(Address("1" * 21))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("+491700000001", Address("491700000001", 1, 1)),
        ("1234", Address("1234", 0, 1)),
        ("*100#", Address("*100#", 0, 1)),
        ("FLEET", Address("FLEET", 5, 0)),
        ("+", Address("+", 5, 0)),
    ],
)
def test_a_text_is_the_address_a_phone_would_make_of_it(text: str, found: Address) -> None:
    assert address_for(text) == found
