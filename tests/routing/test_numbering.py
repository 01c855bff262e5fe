"""What people dial in a country, and which number of the world that is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_routing.number import MalformedNumber, is_number, normalise
from smsc_routing.numbering import Country, Dialling, canonical

GERMANY = Dialling("49", "0", 6, 13)
AMERICA = Dialling("1", "1", 10, 10, ("011",))
RUSSIA = Dialling("7", "8", 10, 10, ("810",))
NORWAY = Dialling("47", "", 8, 8)
COUNTRIES = (GERMANY, AMERICA, RUSSIA, NORWAY)

UNKNOWN, INTERNATIONAL, NATIONAL, ALPHANUMERIC, ABBREVIATED = 0, 1, 2, 5, 6
E164 = 1


@pytest.mark.parametrize("ton", [UNKNOWN, INTERNATIONAL, NATIONAL, ALPHANUMERIC])
@pytest.mark.parametrize("written", ["+491701234567", "00491701234567", "01701234567"])
def test_a_plus_two_zeros_or_the_trunk_prefix_decide_whatever_the_ton(
    ton: int, written: str
) -> None:
    assert canonical(ton, E164, written, GERMANY) == "491701234567"


@pytest.mark.parametrize(
    ("country", "ton", "written", "meant"),
    [
        (GERMANY, NATIONAL, "1701234567", "491701234567"),
        (GERMANY, UNKNOWN, "491701234567", "491701234567"),
        (GERMANY, INTERNATIONAL, "491701234567", "491701234567"),
        (GERMANY, UNKNOWN, "1701234567", "1701234567"),
        (AMERICA, UNKNOWN, "011491701234567", "491701234567"),
        (AMERICA, UNKNOWN, "12125550123", "12125550123"),
        (AMERICA, NATIONAL, "2125550123", "12125550123"),
        (AMERICA, NATIONAL, "12125550123", "12125550123"),
        (RUSSIA, UNKNOWN, "89161234567", "79161234567"),
        (RUSSIA, UNKNOWN, "810491701234567", "491701234567"),
        (RUSSIA, INTERNATIONAL, "8613812345678", "8613812345678"),
        (RUSSIA, INTERNATIONAL, "89161234567", "89161234567"),
        (NORWAY, NATIONAL, "41234567", "4741234567"),
        (NORWAY, UNKNOWN, "4741234567", "4741234567"),
    ],
)
def test_a_number_is_read_as_people_dial_there(
    country: Country, ton: int, written: str, meant: str
) -> None:
    assert canonical(ton, E164, written, country) == meant


def test_the_national_numbering_plan_marks_a_number_as_the_national_ton_does() -> None:
    assert canonical(UNKNOWN, 8, "1701234567", GERMANY) == "491701234567"


@pytest.mark.parametrize("npi", [3, 4, 6, 9, 10, 14, 18])
def test_digits_of_another_plan_are_no_telephone_number(npi: int) -> None:
    assert canonical(UNKNOWN, npi, "01701234567", GERMANY) == "01701234567"


@pytest.mark.parametrize("ton", [3, 4, ABBREVIATED])
def test_what_is_not_dialled_as_it_stands_stays(ton: int) -> None:
    assert canonical(ton, E164, "01701234567", GERMANY) == "01701234567"


@pytest.mark.parametrize("ton", [UNKNOWN, INTERNATIONAL, NATIONAL])
def test_a_machine_number_of_15_digits_passes(ton: int) -> None:
    assert canonical(ton, E164, "882360000000001", GERMANY) == "882360000000001"
    assert canonical(ton, E164, "901280000000001", NORWAY) == "901280000000001"


@pytest.mark.parametrize("code", ["1234", "0800", "12345678"])
def test_a_short_code_passes(code: str) -> None:
    assert canonical(UNKNOWN, E164, code, GERMANY) == code
    assert canonical(ABBREVIATED, E164, code, GERMANY) == code


def test_a_short_code_passes_under_the_national_ton_if_no_number_is_so_short() -> None:
    assert canonical(NATIONAL, E164, "1234", GERMANY) == "1234"


def test_how_long_a_short_code_is_can_be_set() -> None:
    sweden = Dialling("46", "0", 7, 9)
    assert canonical(UNKNOWN, E164, "08123456", sweden) == "08123456"
    assert canonical(UNKNOWN, E164, "08123456", sweden, short_code_digits=7) == "468123456"


@pytest.mark.parametrize("name", ["FLEET", "0A", "+FLEET"])
def test_a_name_stays_as_it_is(name: str) -> None:
    assert canonical(ALPHANUMERIC, 0, name, GERMANY) == name


def test_a_country_may_have_rules_of_its_own() -> None:
    class Argentina:
        def international(self, dialled: str, national: bool) -> str | None:
            return "549" + dialled.removeprefix("0").replace("15", "", 1) if national else None

    assert canonical(NATIONAL, E164, "01115123456", Argentina()) == "54911123456"


def test_what_a_country_makes_too_long_stays() -> None:
    assert canonical(NATIONAL, E164, "1701234567", Dialling("49", "0", 1, 99)) == "491701234567"
    assert canonical(NATIONAL, E164, "12345678901234", Dialling("49", "0", 1, 99)) == (
        "12345678901234"
    )


ADDRESSES = st.text(max_size=20) | st.from_regex(r"(\+|0|00|8|011)?[0-9]{0,17}", fullmatch=True)
TONS, NPIS = st.integers(0, 7), st.integers(0, 18)


@given(TONS, NPIS, ADDRESSES, st.sampled_from(COUNTRIES))
def test_nothing_but_the_documented_error_comes_out(
    ton: int, npi: int, address: str, country: Country
) -> None:
    try:
        canonical_form = canonical(ton, npi, address, country)
    except MalformedNumber:
        return
    assert is_number(canonical_form) or canonical_form == normalise(ton, address)


@given(
    st.sampled_from(COUNTRIES), st.sampled_from(["1", "33", "49", "7", "86"]), st.integers(0, 9**9)
)
def test_all_international_forms_mean_the_same_everywhere(
    country: Dialling, code: str, rest: int
) -> None:
    number = code + f"{rest:010}"
    forms = ["+" + number, "00" + number, country.abroad[0] + number]
    assert {canonical(UNKNOWN, E164, form, country) for form in forms} == {number}


@given(st.sampled_from(COUNTRIES), st.data())
def test_all_national_forms_mean_the_same(country: Dialling, data: st.DataObject) -> None:
    lengths = st.integers(max(country.shortest, 8), country.longest)
    digits = data.draw(lengths)
    number = data.draw(st.from_regex(rf"[2-7][0-9]{{{digits - 1}}}", fullmatch=True))
    meant = country.calling_code + number
    assert canonical(NATIONAL, E164, number, country) == meant
    assert canonical(NATIONAL, E164, country.trunk + number, country) == meant
    assert canonical(INTERNATIONAL, E164, meant, country) == meant
