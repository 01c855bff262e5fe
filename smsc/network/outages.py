"""Outages of the simulated network: where there is one, no device can be reached until it ends.

An outage is of all numbers of a pattern, in whatever way their devices are known, and costs the
same for a hundred million of them. It moves nobody: when it ends, each device is as it was, or as
it was moved meanwhile.
"""

from collections.abc import Iterable
from typing import Final

from smsc_routing.number import PatternTable

OUTAGES: Final = 100
"""There may be so many at a time: each look-up of a device goes through those of its length."""


class Outages:
    """The outages there are at some moment; none of it changes."""

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        """Take the patterns of the numbers; raises ValueError for one that is none."""
        self.patterns = frozenset(patterns)
        self._table = PatternTable((pattern, True) for pattern in self.patterns)

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.patterns)

    def have(self, number: str) -> bool:
        """Tell whether there is one where the device with this number is."""
        return self._table.find(number) is not None


NOWHERE: Final = Outages()
