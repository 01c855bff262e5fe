"""Numbers as they are dialled within a country, in their international form.

Most addresses come in international form, whatever their TON says, and `number.normalise` is all
they need. Where an account or link has a country, its senders may also write "0170 1234567" or
"011 49 170 1234567" as people there dial. What that means in a country is for a `Country` to say;
`Dialling` knows those with one trunk prefix and numbers of known lengths. A country with more
rules than that, such as one made from the tables of libphonenumber, takes its place.
"""

from typing import NamedTuple, Protocol

from smsc_routing.number import MAX_DIGITS, is_short_code, normalise

INTERNATIONAL, NATIONAL = 1, 2
_SHORT = (3, 4, 6)
"""TON network specific, subscriber number, abbreviated (SMPP 3.4, 5.2.5): never dialled as such."""
_NATIONAL_PLAN = 8
_TELEPHONE_PLANS = (0, 1, _NATIONAL_PLAN)
"""NPI unknown, E.164, national (SMPP 3.4, 5.2.6); others number other things than telephones."""


class Country(Protocol):
    """What digits mean to whoever dials them in this country."""

    def international(self, dialled: str, national: bool) -> str | None:
        """Return the international digits of what is dialled, or None if it is no number here.

        `national` says that the sender marked it as a national number, with or without the trunk
        prefix. Otherwise only digits behind a trunk or international prefix are dialled.
        """


class Dialling(NamedTuple):
    """A country with one trunk prefix: "0" in most, "1" or "8" in some, "" in others.

    `shortest` and `longest` are the digits of its numbers without calling code and trunk prefix.
    """

    calling_code: str
    trunk: str
    shortest: int
    longest: int
    abroad: tuple[str, ...] = ("00",)

    def international(self, dialled: str, national: bool) -> str | None:
        """Return the international digits, as `Country` says."""
        for prefix in self.abroad:
            if dialled.startswith(prefix) and len(dialled) > len(prefix):
                return dialled[len(prefix) :]
        trunk = self.trunk
        if trunk and dialled.startswith(trunk) and self._has(len(dialled) - len(trunk)):
            return self.calling_code + dialled[len(trunk) :]
        return self.calling_code + dialled if national and self._has(len(dialled)) else None

    def _has(self, digits: int) -> bool:
        return self.shortest <= digits <= self.longest


def canonical(
    ton: int, npi: int, address: str, country: Country, short_code_digits: int = 8
) -> str:
    """Return the canonical form of an address that may be dialled as in `country`.

    Names, short codes, numbers of other plans, and machine numbers of 15 digits stay as they are.
    Under TON national, digits as short as a short code are a number if the country has such.

    Raises MalformedNumber for an address that is empty, too long or not printable.
    """
    if _may_be_dialled(ton, npi, address):
        national = ton == NATIONAL or npi == _NATIONAL_PLAN
        if national or not is_short_code(address, digits=short_code_digits):
            dialled = country.international(address, national)
            if dialled is not None and len(dialled) <= MAX_DIGITS:
                return normalise(INTERNATIONAL, dialled)
    return normalise(ton, address)


def _may_be_dialled(ton: int, npi: int, address: str) -> bool:
    if not (address.isascii() and address.isdigit()) or npi not in _TELEPHONE_PLANS:
        return False
    # No calling code begins with 0, so digits that do aren't international.
    return ton not in _SHORT and (ton != INTERNATIONAL or address.startswith("0"))
