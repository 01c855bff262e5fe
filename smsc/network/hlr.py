"""Where every device is: the home location register of the simulated network.

A device has a row of its own, or its number falls under the pattern of a population. Whether it
is attached is what its subscription says until it moves; from then on the register remembers,
and a number of a population is listed like a device with a row. What nothing happened to costs
nothing.
"""

from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from msgspec import Struct

from smsc_routing.number import PatternTable
from smsc_routing.policy import Policy

MEMBERS_REMEMBERED: Final = 65_536
"""Numbers whose population is remembered: each message asks several times."""

_NOBODY: Final[Mapping[str, bool]] = MappingProxyType({})


class UnknownDevice(LookupError):
    """A number that no device has."""

    def __init__(self, number: str) -> None:
        """Name the number and the cure."""
        super().__init__(
            f"no device has the number {number!r}: add it to [[devices]],"
            " or a pattern that covers it to [[populations]]"
        )
        self.number = number


class Subscription(Struct, frozen=True):
    """What the network knows of a device, or of each device of a population.

    `attached` is how the device starts; `Hlr.attached` tells how it is now. `error`, unless it is
    0, is the cause with which each delivery fails: for good if it is `permanent`.
    """

    policy: Policy
    attached: bool = True
    latency_ms: int = 0
    error: int = 0
    permanent: bool = False
    iccid: str = ""
    imsi: str = ""
    imei: str = ""


class Listed(NamedTuple):
    """A device in a listing; `attached` is how it is now."""

    number: str
    subscription: Subscription
    attached: bool


class Hlr:
    """The register; whoever moves a device tells it, and it tells `moved` and `on_attach`."""

    def __init__(
        self,
        devices: Mapping[str, Subscription],
        populations: Iterable[tuple[str, Subscription]],
        overrides: Mapping[str, bool] = _NOBODY,
    ) -> None:
        """Know devices by number and populations by pattern.

        `overrides` tells who is attached against what the subscription says, as `moved` once
        reported it; numbers that no device has any more are left out. Raises ValueError for a
        pattern that is none.
        """
        self._devices = dict(devices)
        self.populations = tuple(populations)
        """Patterns and what each of their numbers subscribes to."""
        self._table = PatternTable(self.populations)
        self._member = lru_cache(MEMBERS_REMEMBERED)(self._table.find)
        self._moved = {n: a for n, a in overrides.items() if self.find(n) is not None}
        self._numbers = sorted({*self._devices, *self._moved})
        self.moved: Callable[[str, bool], None] = lambda number, attached: None
        """Called with the number and whether it is now attached, whenever that changed."""
        self.on_named: Callable[[str], None] = lambda number: None
        """Called with a number of a population before it moves for the first time."""
        self.on_attach: Callable[[str], None] = lambda number: None
        """Called with the number after a device came within reach."""

    def find(self, number: str) -> Subscription | None:
        """Return what the device with this number subscribes to; its own row comes first."""
        subscription = self._devices.get(number)
        return subscription if subscription is not None else self._member(number)

    def member(self, number: str) -> Subscription | None:
        """Return what the population subscribes to that this number falls under, if any."""
        return self._table.find(number)

    def named(self, number: str) -> bool:
        """Tell whether the device has a row of its own, or has moved: whether it is listed."""
        return number in self._devices or number in self._moved

    def attached(self, number: str) -> bool:
        """Tell whether the device is within reach; one that nobody knows is not."""
        return self.look_up(number)[1]

    def look_up(self, number: str) -> tuple[Subscription | None, bool]:
        """Return a device's subscription, and whether it is within reach."""
        subscription = self.find(number)
        if subscription is None:
            return None, False
        return subscription, self._moved.get(number, subscription.attached)

    def attach(self, number: str) -> bool:
        """Bring a device within reach; return whether it wasn't. Raises UnknownDevice."""
        changed = self._move(number, True)
        if changed:
            self.on_attach(number)
        return changed

    def detach(self, number: str) -> bool:
        """Take a device out of reach; return whether it was within. Raises UnknownDevice."""
        return self._move(number, False)

    def _move(self, number: str, attached: bool) -> bool:
        if self.find(number) is None:
            raise UnknownDevice(number)
        if self.attached(number) is attached:
            return False
        if not self.named(number):
            self.on_named(number)
            insort(self._numbers, number)
        self._moved[number] = attached
        self.moved(number, attached)
        return True

    def listing(self, after: str = "", limit: int = 100) -> list[Listed]:
        """Return the devices that follow a number, in the order of numbers as text.

        These are the ones with a row of their own and those of populations that have moved. The
        last number of a page asks for the next one; an empty page is the end.
        """
        start = bisect_right(self._numbers, after)
        page = self._numbers[start : start + max(limit, 0)]
        return [
            Listed(number, subscription, self.attached(number))
            for number in page
            if (subscription := self.find(number)) is not None
        ]
