"""How many numbers populations have in an area, counted without listing them.

Patterns are walked digit by digit. At each place only the digits that some pattern names differ;
all others lead to the same patterns, so they are counted at once. What is left of the patterns at
a place is counted once, however it was come by.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import NamedTuple

from smsc.network.hlr import Subscription
from smsc_routing.number import ANY_DIGIT


class Census(NamedTuple):
    """How many devices, and how many of them are within reach."""

    devices: int = 0
    attached: int = 0

    def __add__(self, other: object) -> "Census":
        """Count both."""
        if not isinstance(other, Census):
            return NotImplemented
        return Census(self.devices + other.devices, self.attached + other.attached)

    def __mul__(self, times: object) -> "Census":
        """Count the same so many times."""
        if not isinstance(times, int):
            return NotImplemented
        return Census(self.devices * times, self.attached * times)

    @property
    def success(self) -> int:
        """The share within reach in percent, 0 where there is nobody (SMPP 5.0, 4.8.4.5)."""
        return 100 * self.attached // self.devices if self.devices else 0


def count(
    populations: Sequence[tuple[str, Subscription]],
    patterns: Iterable[str],
    counts: Callable[[Subscription], bool],
    outages: Iterable[str] = (),
) -> Census:
    """Count the numbers that match a pattern, or whose subscription counts whatever its number.

    A number is of the population that a message to it would find: the strictest one it matches.
    Where one matches the pattern of an outage, it isn't within reach.
    """
    strictest_first = sorted(populations, key=lambda each: _strictness(each[0]))
    wanted, out = tuple(dict.fromkeys(patterns)), tuple(outages)
    total = Census()
    for length in sorted({len(pattern) for pattern, _ in populations}):
        rows = [each for each in strictest_first if len(each[0]) == length]
        total += _count(
            rows,
            [each for each in wanted if len(each) == length],
            counts,
            [each for each in out if len(each) == length],
            length,
        )
    return total


def _count(
    populations: Sequence[tuple[str, Subscription]],
    patterns: Sequence[str],
    counts: Callable[[Subscription], bool],
    outages: Sequence[str],
    length: int,
) -> Census:
    """Count the numbers of one length."""
    names = [pattern for pattern, _ in populations]

    @cache
    def walk(
        place: int, living: tuple[int, ...], matching: tuple[int, ...], out: tuple[int, ...]
    ) -> Census:
        if not (matching and living) and not any(counts(populations[row][1]) for row in living):
            return Census()
        if place == length:
            subscription = populations[living[0]][1]
            inside = bool(matching) or counts(subscription)
            return Census(1, subscription.attached and not out) if inside else Census()
        digits = {names[row][place] for row in living} | {patterns[row][place] for row in matching}
        digits |= {outages[row][place] for row in out}
        digits.discard(ANY_DIGIT)

        def on(digit: str) -> Census:
            allowed = (ANY_DIGIT, digit)
            return walk(
                place + 1,
                tuple(row for row in living if names[row][place] in allowed),
                tuple(row for row in matching if patterns[row][place] in allowed),
                tuple(row for row in out if outages[row][place] in allowed),
            )

        return sum((on(digit) for digit in digits), on(ANY_DIGIT) * (10 - len(digits)))

    return walk(0, *(tuple(range(len(rows))) for rows in (names, patterns, outages)))


def _strictness(pattern: str) -> tuple[int, tuple[int, ...]]:
    """Order patterns as a lookup does: by how many digits they have, then by where."""
    places = tuple(place for place, mark in enumerate(pattern) if mark != ANY_DIGIT)
    return -len(places), places
