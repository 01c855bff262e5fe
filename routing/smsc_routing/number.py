"""Addresses in one canonical form, and patterns that stand for a million of them."""

from collections.abc import Callable, Hashable, Iterable
from operator import itemgetter
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_DIGITS = 15
MAX_CHARACTERS = 11
SHORT_CODE_DIGITS = 8
SHORT_CODE_CHARACTERS = 7
ANY_DIGIT = "#"


class MalformedNumber(ValueError):
    """An address that no form of number or sender name allows."""


def normalise(ton: int, digits: str) -> str:
    """Return the canonical form of an address.

    One leading "+" or "00" before digits is dropped; a number is then 1 to 15 ASCII digits.
    Anything else printable in ISO-8859-1 is a name of at most 11 characters and stays as it is.
    What stands in the address decides, not `ton`: real clients send digits under TON 0, 1, 2, 5.

    Raises MalformedNumber for an address that is empty, too long or not printable.
    """
    if _is_digits(digits):
        number = digits[2:] or digits if digits.startswith("00") else digits
        allowed = len(number) <= MAX_DIGITS
    elif digits.startswith("+") and _is_digits(digits[1:]):
        number = digits[1:]
        allowed = len(number) <= MAX_DIGITS
    else:
        number = digits
        allowed = 0 < len(number) <= MAX_CHARACTERS and number.isprintable()
        # An SMPP address has an octet for each character.
        allowed = allowed and max(number) <= "\xff"
    if not allowed:
        raise _malformed(ton, digits)
    return number


def is_number(address: str) -> bool:
    """Whether a canonical address is a number: 1 to 15 ASCII digits."""
    return _is_digits(address) and len(address) <= MAX_DIGITS


def is_short_code(
    address: str, digits: int = SHORT_CODE_DIGITS, characters: int = SHORT_CODE_CHARACTERS
) -> bool:
    """Whether a canonical address is a short code: up to 8 digits, or a name of up to 7.

    The limits are a platform's own: some keep numbers of 8 digits for subscribers.
    """
    return 0 < len(address) <= (digits if _is_digits(address) else characters)


def check_pattern(pattern: str) -> None:
    """Raise ValueError unless `pattern` is 1 to 15 characters, each a digit or '#'."""
    if not is_number(pattern.replace(ANY_DIGIT, "0")):
        raise ValueError(
            f"{_shown(pattern)} is no pattern of numbers: write 1 to {MAX_DIGITS} characters, "
            "each a digit or '#' for any digit"
        )


def matches(pattern: str, number: str) -> bool:
    """Whether `number` has the pattern's length and its digits where the pattern has digits."""
    return (
        len(pattern) == len(number)
        and is_number(number)
        and all(mark in (ANY_DIGIT, digit) for mark, digit in zip(pattern, number, strict=True))
    )


def specificity(pattern: str) -> tuple[int, int]:
    """Return (literal digits, literal digits before the first '#'); the greater is stricter."""
    literals = len(pattern) - pattern.count(ANY_DIGIT)
    return literals, len(pattern.partition(ANY_DIGIT)[0])


class PatternTable(Generic[T]):
    """Values by pattern; a number finds the value of the most specific pattern it matches.

    Patterns of one length whose digits stand in the same places share a dictionary, so a
    lookup costs one probe for each such arrangement and nothing for each pattern. Between
    patterns of equal specificity the one whose digits stand further left wins, and between
    equal patterns the one given first.
    """

    def __init__(self, items: Iterable[tuple[str, T]]) -> None:
        """Index (pattern, value) pairs. Raises ValueError for a malformed pattern."""
        shelves: dict[tuple[int, ...], dict[int, dict[Hashable, T]]] = {}
        for pattern, value in items:
            check_pattern(pattern)
            places = _literal_places(pattern)
            shelf = shelves.setdefault(places, {}).setdefault(len(pattern), {})
            shelf.setdefault(_picker(places)(pattern), value)
        self._by_length: dict[int, list[tuple[Callable[[str], Hashable], dict[Hashable, T]]]] = {}
        for places in sorted(shelves, key=_strictest_first):
            for length, shelf in shelves[places].items():
                self._by_length.setdefault(length, []).append((_picker(places), shelf))

    def find(self, number: str) -> T | None:
        """Return the value of the most specific pattern that `number` matches, or None."""
        shelves = self._by_length.get(len(number))
        if shelves is None or not is_number(number):
            return None
        for pick, shelf in shelves:
            literals = pick(number)
            if literals in shelf:
                return shelf[literals]
        return None


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _literal_places(pattern: str) -> tuple[int, ...]:
    return tuple(place for place, mark in enumerate(pattern) if mark != ANY_DIGIT)


def _strictest_first(places: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    # Of as many digits, the arrangement that sorts first has the longest prefix.
    return -len(places), places


def _picker(places: tuple[int, ...]) -> Callable[[str], Hashable]:
    """Return what takes the characters at `places` out of a text; a prefix is one slice."""
    if places == tuple(range(len(places))):
        return itemgetter(slice(len(places)))
    return itemgetter(*places)


def _malformed(ton: int, address: str) -> MalformedNumber:
    return MalformedNumber(
        f"address {_shown(address)} (TON {ton}) is neither a number nor a name: "
        f"send 1 to {MAX_DIGITS} digits, with or without a leading + or 00, "
        f"or 1 to {MAX_CHARACTERS} printable characters"
    )


def _shown(text: str) -> str:
    return ascii(text if len(text) <= 40 else text[:40] + "...")
