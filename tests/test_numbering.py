"""What an address means in the country where it is written, by type of number and plan."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsc.numbering import DIALLED, Numbering, TableCountry, country, numbering_of
from smsc_routing.number import MAX_DIGITS, MalformedNumber, is_number, normalise

UNKNOWN, INTERNATIONAL, NATIONAL, NETWORK, SUBSCRIBER, NAME, ABBREVIATED = range(7)
E164, DATA, TELEX, LAND_MOBILE, NATIONAL_PLAN, PRIVATE, ERMES = 1, 3, 4, 6, 8, 9, 10
CODES = ("DE", "US", "RU", "NO", "IT", "AR", "HU", "AU", "SE", "BR")
GERMAN = "491701234567"


def read(code: str, ton: int, address: str, npi: int = E164) -> str:
    return numbering_of(code, 8).canonical(ton, npi, address)


@pytest.mark.parametrize("ton", [UNKNOWN, INTERNATIONAL, NATIONAL])
@pytest.mark.parametrize("npi", [0, E164, NATIONAL_PLAN])
@pytest.mark.parametrize("written", ["+491701234567", "00491701234567", "01701234567"])
def test_a_form_that_says_what_it_is_counts_whatever_ton_and_npi(
    ton: int, npi: int, written: str
) -> None:
    assert read("DE", ton, written, npi) == GERMAN


@pytest.mark.parametrize(
    ("code", "ton", "npi", "written", "meant"),
    [
        # Germany: 0, and 00 to call abroad.
        ("DE", UNKNOWN, E164, GERMAN, GERMAN),
        ("DE", INTERNATIONAL, E164, GERMAN, GERMAN),
        ("DE", NATIONAL, E164, "1701234567", GERMAN),
        ("DE", UNKNOWN, NATIONAL_PLAN, "1701234567", GERMAN),
        ("DE", UNKNOWN, E164, "1701234567", "1701234567"),
        ("DE", INTERNATIONAL, E164, "1701234567", "1701234567"),
        ("DE", UNKNOWN, E164, "00861381234567", "861381234567"),
        # North America: 1 is both the trunk prefix and the calling code, 011 calls abroad.
        ("US", UNKNOWN, E164, "12125550123", "12125550123"),
        ("US", NATIONAL, E164, "2125550123", "12125550123"),
        ("US", NATIONAL, E164, "12125550123", "12125550123"),
        ("US", UNKNOWN, E164, "011491701234567", GERMAN),
        ("US", INTERNATIONAL, E164, "011491701234567", GERMAN),
        ("US", UNKNOWN, E164, "00491701234567", GERMAN),
        # Russia: 8, and 8 10 to call abroad.
        ("RU", UNKNOWN, E164, "89161234567", "79161234567"),
        ("RU", INTERNATIONAL, E164, "89161234567", "89161234567"),
        ("RU", UNKNOWN, E164, "810491701234567", GERMAN),
        ("RU", UNKNOWN, E164, "8613812345678", "8613812345678"),
        ("RU", NATIONAL, E164, "9161234567", "79161234567"),
        # Norway: no trunk prefix.
        ("NO", NATIONAL, E164, "41234567", "4741234567"),
        ("NO", NATIONAL, E164, "4741234567", "4741234567"),
        ("NO", UNKNOWN, E164, "4741234567", "4741234567"),
        # Italy: the 0 of a landline stays, also behind +39.
        ("IT", UNKNOWN, E164, "0612345678", "390612345678"),
        ("IT", NATIONAL, E164, "3471234567", "393471234567"),
        # Argentina: 15 behind the area code becomes 9 before it.
        ("AR", UNKNOWN, E164, "0111523456789", "5491123456789"),
        # Hungary: 06.
        ("HU", UNKNOWN, E164, "06201234567", "36201234567"),
        # Australia: several carriers to call abroad.
        ("AU", UNKNOWN, E164, "0011491701234567", GERMAN),
        ("AU", UNKNOWN, E164, "0412345678", "61412345678"),
    ],
)
def test_a_number_is_read_as_people_write_it_there(
    code: str, ton: int, npi: int, written: str, meant: str
) -> None:
    assert read(code, ton, written, npi) == meant


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("ton", [UNKNOWN, INTERNATIONAL, NATIONAL])
@pytest.mark.parametrize("written", ["882360000000001", "901280000000001"])
def test_a_machine_number_of_15_digits_passes(code: str, ton: int, written: str) -> None:
    assert read(code, ton, written) == written
    assert read(code, ton, "+" + written) == written


def test_a_machine_number_is_called_by_the_prefix_for_abroad() -> None:
    assert read("US", UNKNOWN, "011901280000000001") == "901280000000001"


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("ton", [UNKNOWN, INTERNATIONAL, NETWORK, SUBSCRIBER, ABBREVIATED])
@pytest.mark.parametrize("written", ["1", "911", "0800", "12345", "12345678", "FLEET", "0A"])
def test_a_short_code_passes(code: str, ton: int, written: str) -> None:
    assert read(code, ton, written) == written


@pytest.mark.parametrize("written", ["1", "911", "1234", "12345"])
def test_a_short_code_passes_as_national_where_no_number_is_so_short(written: str) -> None:
    assert {read(code, NATIONAL, written) for code in ("DE", "US", "NO", "RU")} == {written}


def test_how_long_a_short_code_is_can_be_set() -> None:
    eight, seven = numbering_of("SE", 8), numbering_of("SE", 7)
    assert eight.is_short_code("12345678") and not seven.is_short_code("12345678")
    assert seven.is_short_code("1234567") and seven.is_short_code("FLEET77")
    assert eight.canonical(UNKNOWN, E164, "08123456") == "08123456"
    assert seven.canonical(UNKNOWN, E164, "08123456") == "468123456"


@pytest.mark.parametrize("npi", [DATA, TELEX, LAND_MOBILE, PRIVATE, ERMES])
def test_digits_of_another_plan_are_no_telephone_number(npi: int) -> None:
    assert read("DE", UNKNOWN, "01701234567", npi) == "01701234567"


@pytest.mark.parametrize("ton", [NETWORK, SUBSCRIBER, ABBREVIATED])
def test_what_is_not_dialled_as_it_stands_stays(ton: int) -> None:
    assert read("DE", ton, "01701234567") == "01701234567"


@pytest.mark.parametrize("ton", [UNKNOWN, INTERNATIONAL, NATIONAL])
def test_without_a_country_only_the_prefixes_that_all_know_are_dropped(ton: int) -> None:
    assert read("", ton, "+491701234567") == read("", ton, "00491701234567") == GERMAN
    assert read("", ton, "01701234567") == "01701234567"


@pytest.mark.parametrize("code", ["XX", "de", "DEU", "Germany", "49"])
def test_a_country_that_is_none_is_told(code: str) -> None:
    with pytest.raises(ValueError, match="two letters"):
        country(code)


def test_what_was_read_is_remembered_up_to_a_bound() -> None:
    germany = TableCountry("DE")
    for number in range(DIALLED + 10):
        germany.international(f"0170{number:07}", False)
        germany.international("01701234567", False)
    assert germany._found.cache_info().currsize == DIALLED
    assert germany._found.cache_info().misses == DIALLED + 11


def test_tables_are_not_asked_for_what_is_international_already() -> None:
    germany = TableCountry("DE")
    assert Numbering(germany).canonical(UNKNOWN, E164, GERMAN) == GERMAN
    assert Numbering(germany).canonical(INTERNATIONAL, E164, GERMAN) == GERMAN
    assert germany._found.cache_info().misses == 0


DIGITS = st.from_regex(r"(\+|0|00|8|06|011|810)?[0-9]{0,17}", fullmatch=True)
ADDRESSES = st.text(max_size=20) | DIGITS


@settings(deadline=None)  # The first of a country reads its tables.
@given(st.integers(0, 255), st.integers(0, 255), ADDRESSES, st.sampled_from(("", *CODES)))
def test_an_address_is_a_number_a_name_or_malformed(
    ton: int, npi: int, address: str, code: str
) -> None:
    try:
        canonical = read(code, ton, address, npi)
    except MalformedNumber:
        return
    assert is_number(canonical) or canonical == normalise(ton, address)


@settings(deadline=None)  # The first of a country reads its tables.
@given(
    st.integers(0, 6),
    st.sampled_from((0, E164, TELEX, NATIONAL_PLAN)),
    ADDRESSES.filter(lambda address: not address.removeprefix("+").startswith("00")),
    st.sampled_from(("", *CODES)),
)
def test_the_canonical_form_is_its_own(ton: int, npi: int, address: str, code: str) -> None:
    try:
        canonical = read(code, ton, address, npi)
    except MalformedNumber:
        return
    if ton in (NETWORK, SUBSCRIBER, ABBREVIATED) or npi == TELEX:
        again = read(code, ton, canonical, npi)
    else:
        again = read(code, INTERNATIONAL, canonical)
    assert again == canonical


@settings(deadline=None)  # The first of a country reads its tables.
@given(st.sampled_from(CODES), st.from_regex(r"[1-9][0-9]{8,14}", fullmatch=True))
def test_an_international_number_means_the_same_everywhere(code: str, number: str) -> None:
    assert {read(code, INTERNATIONAL, form) for form in (number, "+" + number)} == {number}
    assert len(number) <= MAX_DIGITS
