"""Numbers as they are written here: the country in which they are dialled, and what is short.

What people dial in a country is known by libphonenumber's tables. Reading them takes some fifty
microseconds, so what was found is remembered; and what is international already, as nearly all
addresses are, is told by its first digits.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from smsc_routing import number, numbering
from smsc_routing.number import MAX_DIGITS, SHORT_CODE_DIGITS

COUNTRIES: Final = 300
DIALLED: Final = 10_000
"""Numbers of a country that are remembered."""

LONGEST_DIALLED: Final = 25
"""Of the longest number, with the longest prefix to call abroad before it."""

INTERNATIONAL, NATIONAL = 1, 2
E164, NATIONAL_PLAN = 1, 8


class TableCountry:
    """A country of the tables (`smsc_routing.numbering.Country`)."""

    def __init__(self, code: str) -> None:
        """Look it up by its two letters of ISO 3166; raises ValueError if there is none."""
        # The tables are read only where some country is configured.
        from phonenumbers import SUPPORTED_REGIONS, PhoneMetadata

        if code not in SUPPORTED_REGIONS:
            raise ValueError('no such country; write its two letters of ISO 3166, such as "DE"')
        tables = PhoneMetadata.metadata_for_region(code, None)
        assert tables is not None
        self._code = code
        self._calling_code = str(tables.country_code)
        self._abroad = re.compile(tables.international_prefix or r"(?!)")
        self._trunk = tables.national_prefix or ""
        self._found = lru_cache(DIALLED)(self._read)

    def international(self, dialled: str, national: bool) -> str | None:
        """Return the international digits, as `Country` says."""
        if len(dialled) > LONGEST_DIALLED:
            return None
        abroad = self._abroad.match(dialled)
        if abroad is not None and dialled[abroad.end() : abroad.end() + 1] not in ("", "0"):
            return dialled[abroad.end() :]
        if dialled.startswith("0"):
            return self._found(dialled, national)
        # With a calling code, 15 digits would be too many: such are machines.
        marked = len(dialled) < MAX_DIGITS and (national or self._with_trunk(dialled))
        return self._found(dialled, national) if marked else None

    def _with_trunk(self, dialled: str) -> bool:
        # Where it is also the calling code, as in North America, nothing is to be done.
        return self._trunk not in ("", self._calling_code) and dialled.startswith(self._trunk)

    def _read(self, dialled: str, national: bool) -> str | None:
        import phonenumbers

        try:
            read = phonenumbers.parse(dialled, self._code)
        except phonenumbers.NumberParseException:
            return None
        # New numbers aren't in the tables, so the length of one will do; but what may as well be
        # something else, such as a short code, must be in use.
        sure = national or (self._trunk.startswith("0") and dialled.startswith(self._trunk))
        if sure and len(dialled) > SHORT_CODE_DIGITS:
            reason = phonenumbers.is_possible_number_with_reason(read)
            there_is = reason == phonenumbers.ValidationResult.IS_POSSIBLE
        else:
            there_is = phonenumbers.is_valid_number(read)
        national_digits = phonenumbers.national_significant_number(read)
        return f"{read.country_code}{national_digits}" if there_is else None


@lru_cache(COUNTRIES)
def country(code: str) -> TableCountry:
    """Return a country by its two letters; raises ValueError."""
    return TableCountry(code)


class Numbering(NamedTuple):
    """How the addresses of an account, or of the network's devices, are read."""

    country: numbering.Country | None = None
    """Where they are dialled, if that is known."""
    short_code_digits: int = SHORT_CODE_DIGITS

    def canonical(self, ton: int, npi: int, address: str) -> str:
        """Return the canonical form of an address; raises MalformedNumber."""
        if self.country is None:
            return number.normalise(ton, address)
        return numbering.canonical(ton, npi, address, self.country, self.short_code_digits)

    def is_short_code(self, address: str) -> bool:
        """Whether a canonical address is a short code here."""
        return number.is_short_code(address, self.short_code_digits)

    def check(self, address: str) -> None:
        """Raise ValueError, in words, unless an address is written as we compare it."""
        canonical = self.canonical(INTERNATIONAL, E164, address)
        if canonical != address:
            raise ValueError(f"{address!r} is compared as {canonical!r}; write it so")


def numbering_of(code: str, short_code_digits: int) -> Numbering:
    """Return the numbering of a country, or of none if there is no code; raises ValueError."""
    return Numbering(country(code) if code else None, short_code_digits)
