"""Devices that were changed here, and that the store may not know so yet.

A read that began before a change was durable may bring what was before. So a change is remembered
until it is durable and all reads that were under way then have ended; and reads ask here last.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from smsc.store.store import StoreError
from smsc.subscriber import Device

CHANGES: Final = 200_000
"""Beyond which no more devices are changed until some are written."""


class Changes:
    """The changes, by number: a device, how one of another keeper was moved, None if it is gone."""

    def __init__(self, release: Callable[[Iterable[str]], None]) -> None:
        """Tell `release` of numbers that are remembered no longer."""
        self._release = release
        self._changed: dict[str, Device | bool | None] = {}
        self._pages: dict[str, int] = {}
        self._readers = 0
        self._written: list[str] = []

    def __contains__(self, number: str) -> bool:
        """Tell whether a number was changed."""
        return number in self._changed

    def get(self, number: str) -> Device | bool | None:
        """Return what has become of a number that was changed."""
        return self._changed.get(number)

    def among(self, after: str, last: str) -> Iterator[str]:
        """Go through the changed numbers that follow one, up to another one."""
        return (number for number in self._changed if after < number <= last)

    def check_room(self, number: str) -> None:
        """Raise StoreError if a number can't be changed now."""
        if len(self._changed) >= CHANGES and number not in self._changed:
            raise StoreError(
                f"{CHANGES} devices were changed and aren't written yet: try again in a while"
            )

    def note(self, number: str, what: Device | bool | None) -> None:
        """Take note of a change, which is on its way to the store."""
        self._changed[number] = what
        self._pages[number] = self._pages.get(number, 0) + 1

    def written(self, numbers: Iterable[str]) -> None:
        """Take note that a change of each of these is durable."""
        self._written.extend(numbers)
        if not self._readers:
            self._let_go()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read the store, and look at what was read."""
        self._readers += 1
        try:
            yield
        finally:
            self._readers -= 1
            if self._written and not self._readers:
                self._let_go()

    def _let_go(self) -> None:
        written, self._written = self._written, []
        over = []
        for number in written:
            self._pages[number] -= 1
            if not self._pages[number]:
                del self._pages[number], self._changed[number]
                over.append(number)
        self._release(over)
