"""Numbers: the canonical form of an address, short codes, and patterns of numbers."""

import re
from collections.abc import Iterable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

LONGEST_NUMBER: Final = 15
LONGEST_NAME: Final = 11
SHORT_CODE_DIGITS: Final = 8
SHORT_CODE_LETTERS: Final = 7

_PATTERN: Final = re.compile(r"[0-9#]{1,15}", re.ASCII)


class MalformedNumber(ValueError):
    """An address that is neither a number nor a name."""

    def __init__(self, address: str) -> None:
        """Name the address, and what is allowed."""
        super().__init__(
            f"{address[:40]!r} is no address: write 1 to {LONGEST_NUMBER} digits,"
            f" or up to {LONGEST_NAME} printable characters"
        )


def is_number(address: str) -> bool:
    """Whether this is 1 to 15 digits (ITU-T E.164)."""
    return address.isdigit() and address.isascii() and len(address) <= LONGEST_NUMBER


def normalise(ton: int, digits: str) -> str:
    """Return the canonical form of an address; raises MalformedNumber.

    Numbers are their digits in international form, without `+` or `00`; anything else printable
    stays as it is. The type of number decides nothing: clients put 0, 1, 2 and 5 on digits alike
    (SMPP 3.4, 5.2.5), but a short code that starts with 00 under a national type stays whole.
    """
    if is_number(digits) and not digits.startswith("00"):
        return digits
    bare = digits.removeprefix("+")
    if bare == digits and digits.startswith("00") and len(digits) > SHORT_CODE_DIGITS:
        bare = digits[2:]
    if is_number(bare):
        return bare
    if not 1 <= len(digits) <= LONGEST_NAME or not digits.isprintable() or digits.isspace():
        raise MalformedNumber(digits)
    return digits


def is_short_code(address: str) -> bool:
    """Whether this is at most 8 digits, or at most 7 other characters."""
    if address.isdigit() and address.isascii():
        return len(address) <= SHORT_CODE_DIGITS
    return 1 <= len(address) <= SHORT_CODE_LETTERS


def matches(pattern: str, number: str) -> bool:
    """Whether a number fits a pattern, in which `#` is any digit."""
    return (
        len(pattern) == len(number)
        and is_number(number)
        and all(want in ("#", digit) for want, digit in zip(pattern, number, strict=True))
    )


def specificity(pattern: str) -> tuple[int, int]:
    """Rank a pattern: by its literal digits, then by those before the first `#`.

    Raises ValueError if it is no pattern.
    """
    if _PATTERN.fullmatch(pattern) is None:
        raise ValueError(
            f"{pattern!r} is no pattern of numbers: write up to {LONGEST_NUMBER} digits,"
            " with # for any digit"
        )
    return len(pattern) - pattern.count("#"), len(pattern.partition("#")[0])


class PatternTable(Generic[T]):
    """Values by pattern; the most specific pattern that fits a number wins.

    Patterns are grouped by which of their places are literal, and each group is a dictionary by
    those digits. So a lookup costs one step for each shape of pattern, however many there are.
    """

    def __init__(self, items: Iterable[tuple[str, T]]) -> None:
        """Take patterns and their values; raises ValueError for what is no pattern."""
        groups: dict[tuple[int, ...], dict[str, T]] = {}
        ranks: dict[tuple[int, ...], tuple[int, int]] = {}
        lengths: dict[tuple[int, ...], int] = {}
        for pattern, value in items:
            rank = specificity(pattern)
            places = tuple(i for i, digit in enumerate(pattern) if digit != "#")
            shape = (len(pattern), *places)
            groups.setdefault(shape, {})["".join(pattern[i] for i in places)] = value
            ranks[shape], lengths[shape] = rank, len(pattern)
        self._shapes: dict[int, list[tuple[tuple[int, ...], int, dict[str, T]]]] = {}
        for shape in sorted(groups, key=lambda shape: ranks[shape], reverse=True):
            places = shape[1:]
            # Where all literal digits come first, one slice takes them all.
            prefix = len(places) if places == tuple(range(len(places))) else -1
            rows = self._shapes.setdefault(lengths[shape], [])
            rows.append((places, prefix, groups[shape]))

    def find(self, number: str) -> T | None:
        """Return the value of the most specific pattern that fits, None if none does."""
        shapes = self._shapes.get(len(number))
        if shapes is None or not is_number(number):
            return None
        for places, prefix, values in shapes:
            digits = number[:prefix] if prefix >= 0 else "".join([number[i] for i in places])
            if digits in values:
                return values[digits]
        return None
