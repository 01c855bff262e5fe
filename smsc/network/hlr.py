"""Where every device is: the home location register of the simulated network.

A device is one of the config, or the store keeps it, or its number falls under the pattern of a
population: what comes first in this order counts. Whether it is attached is what is written there,
until it moves; then the store remembers, and a number of a population is listed like the others.
What nothing happened to costs nothing. Where there is an outage, nobody is within reach, attached
or not.

Devices of the config and populations are in memory; what the store has is known of the numbers
in use lately (`network.visitors`). Whoever can't wait is told by `Unread` that a number must be
read first; `read` does that for many at once.
"""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from heapq import nsmallest
from itertools import chain, islice
from typing import Final, NamedTuple, Protocol, TypeAlias

import msgspec
from msgspec import Struct

from smsc.network.changes import Changes
from smsc.network.outages import NOWHERE, OUTAGES, Outages
from smsc.network.visitors import VISITORS, Visitors
from smsc.store.store import Opened, StoreError
from smsc.subscriber import Device
from smsc_routing.number import PatternTable

MEMBERS_REMEMBERED: Final = 65_536
"""Numbers whose population is remembered: each message asks several times."""

NUMBERS_A_READ: Final = 500
_KINDS_OF_DEVICE: Final = 4096
_LAST: Final = "\U0010ffff"


class UnknownDevice(LookupError):
    """A number that no device has."""

    def __init__(self, number: str) -> None:
        """Name the number and the cure."""
        super().__init__(
            f"no device has the number {number!r}: add it to [[devices]],"
            " or a pattern that covers it to [[populations]]"
        )
        self.number = number


class Subscription(Struct, frozen=True, gc=False):
    """What the network knows of a device, or of each device of a population.

    `policy` is a name, `overrides` a JSON object of what is different for this device; what they
    come to is looked up for each message. `link` is the one over which its messages leave.
    `attached` is how the device starts; `Hlr.attached` tells how it is now. `error`, unless it is
    0, is the cause with which each delivery fails: for good if it is `permanent`. There is `memory`
    for so many messages, 0 for any number. One that is attached over NB-IoT only is sent none.
    """

    policy: str = "default"
    attached: bool = True
    latency_ms: int = 0
    error: int = 0
    permanent: bool = False
    overrides: bytes = b""
    link: str = ""
    memory: int = 0
    nb_iot: bool = False


# Devices that differ in nothing but their number and identities share one.
_shared = lru_cache(_KINDS_OF_DEVICE)(Subscription)


def subscription_of(device: Device) -> Subscription:
    """Return what the network knows of a device."""
    return _shared(
        device.policy,
        device.attached,
        device.latency_ms,
        device.error,
        device.permanent,
        device.overrides,
        device.link,
        device.memory,
        device.nb_iot,
    )


@lru_cache(_KINDS_OF_DEVICE)
def _shared_as(subscription: Subscription, attached: bool) -> Subscription:
    return msgspec.structs.replace(subscription, attached=attached)


Said: TypeAlias = Subscription | bool
"""What the store has on a number: a device, or how one that it doesn't keep was moved."""


def visitors(opened: Opened, most: int = VISITORS) -> Visitors[Said]:
    """Return what the store has handed over when it was opened."""
    known: dict[str, Said] = dict(opened.moves)
    known.update((number, subscription_of(device)) for number, device in opened.devices.items())
    return Visitors(known, opened.all_devices, most)


class Listing(NamedTuple):
    """Devices as they are now, and the number after which there may be more, None at the end."""

    devices: list[Device]
    next: str | None


class Keeper(Protocol):
    """What the register asks of a store, as `DeviceStore` has it."""

    async def devices(self, numbers: Sequence[str]) -> dict[str, Device | bool]:
        """Read devices by number."""

    async def listed(self, after: str, limit: int) -> list[tuple[str, Device | bool]]:
        """List them in the order of numbers, after a number."""


class Hlr:
    """The register; whoever moves or changes a device tells it, and it tells others."""

    def __init__(
        self,
        devices: Iterable[Device],
        populations: Iterable[tuple[str, Subscription]],
        store: Keeper,
        known: Visitors[Said] | None = None,
        outages: Outages = NOWHERE,
    ) -> None:
        """Know the devices of the config, populations by pattern, and what the store has.

        Without `known` there is nothing in the store. Raises ValueError for a pattern that is none.
        """
        self.outages = outages
        """Where nobody can be reached now."""
        self.look_up: Callable[[str], tuple[Subscription | None, bool]]
        """Returns a device's subscription, and whether it is within reach; raises `Unread`."""
        self._go_by(outages)
        self._rows = {device.number: device for device in devices}
        self._own = {number: subscription_of(device) for number, device in self._rows.items()}
        self._numbers = sorted(self._own)
        self.populations = tuple(populations)
        """Patterns and what each of their numbers subscribes to."""
        self._table = PatternTable(self.populations)
        self._member = lru_cache(MEMBERS_REMEMBERED)(self._table.find)
        self._store = store
        self._known = known if known is not None else Visitors[Said]()
        # The shortest way to what was in use lately: each message asks several times.
        self._young = self._known.get
        self._changes = Changes(self._known.release)
        self._turn = asyncio.Lock()
        self._wanted: dict[str, None] = {}
        self._age = 0
        self.moved: Callable[[str, bool], None] = lambda number, attached: None
        """Called with the number and whether it is now attached, whenever that changed."""
        self.changed: Callable[[str, Device | None], None] = lambda number, device: None
        """Called with the number of a device that was made, changed or removed, and how it is."""
        self.on_named: Callable[[str], None] = lambda number: None
        """Called with a number of a population before something is known of it alone."""
        self.on_attach: Callable[[str], None] = lambda number: None
        """Called with the number after a device came within reach, or got another memory."""
        self.on_read: Callable[[Sequence[str]], None] = lambda numbers: None
        """Called with numbers that aren't unread any more, before anything else can happen."""
        self.on_renewed: Callable[[], None] = lambda: None
        """Called after any number of devices may have changed, and come within reach."""
        self.outage: Callable[[str, bool], None] = lambda pattern, begun: None
        """Called with the pattern of an outage, and whether it has begun or ended."""

    @property
    def known(self) -> int:
        """Count the numbers of which it is in memory what the store has."""
        return self._known.size

    @property
    def configured(self) -> Collection[Device]:
        """The devices of the config."""
        return self._rows.values()

    # Who can't wait: all of this raises `Unread`.

    def stands(self, number: str) -> tuple[Subscription | None, bool]:
        """Return a device's subscription, and whether it is attached, outage or not."""
        said = self._young(number)
        if said is None:
            if not self._known.complete:
                said = self._known.ask(number)
            if said is None:
                subscription = self._own.get(number) or self._member(number)
                return subscription, subscription is not None and subscription.attached
        subscription = self._own.get(number)
        if isinstance(said, Subscription):
            return subscription or said, said.attached
        subscription = subscription or self._member(number)
        return subscription, subscription is not None and said

    def _reachable(self, number: str) -> tuple[Subscription | None, bool]:
        """Look up a device while there are outages."""
        subscription, attached = self.stands(number)
        return subscription, attached and not self.outages.have(number)

    def _go_by(self, outages: Outages) -> None:
        self.outages = outages
        # As long as there is none, nobody pays for that there could be.
        self.look_up = self._reachable if outages else self.stands

    def find(self, number: str) -> Subscription | None:
        """Return what the device with this number subscribes to."""
        return self.stands(number)[0]

    def attached(self, number: str) -> bool:
        """Tell whether the device is within reach; one that nobody knows is not."""
        return self.look_up(number)[1]

    def named(self, number: str) -> bool:
        """Tell whether something is known of this number alone: whether it is listed."""
        return number in self._own or self._known.ask(number) is not None

    def member(self, number: str) -> Subscription | None:
        """Return what the population subscribes to that this number falls under, if any."""
        return self._table.find(number)

    def attach(self, number: str) -> bool:
        """Bring a device within reach; return whether it wasn't.

        Raises UnknownDevice, or StoreError if too many moves aren't written yet.
        """
        changed = self._move(number, True)
        if changed:
            self.on_attach(number)
        return changed

    def detach(self, number: str) -> bool:
        """Take a device out of reach; return whether it was within. Raises as `attach` does."""
        return self._move(number, False)

    def _move(self, number: str, attached: bool) -> bool:
        subscription, was = self.stands(number)
        if subscription is None:
            raise UnknownDevice(number)
        if was is attached:
            return False
        said = self._known.ask(number)
        moved = _shared_as(said, attached) if isinstance(said, Subscription) else attached
        what = self._changes.get(number)
        self._note(number, moved, _moved(what, attached) if isinstance(what, Device) else attached)
        self.moved(number, attached)
        return True

    def begin_outage(self, pattern: str) -> bool:
        """Have nobody of a pattern within reach from now on; return whether there was one already.

        Raises ValueError for a pattern that is none, and StoreError if there are too many.
        """
        patterns = self.outages.patterns
        if pattern in patterns:
            return True
        begun = Outages(patterns | {pattern})
        if len(patterns) >= OUTAGES:
            raise StoreError(f"there are {OUTAGES} outages, which is as many as may be: end one")
        self._go_by(begun)
        self.outage(pattern, True)
        return False

    def end_outage(self, pattern: str) -> bool:
        """Have everybody of a pattern be where he stands again; return whether there was one."""
        if pattern not in self.outages.patterns:
            return False
        self._go_by(Outages(self.outages.patterns - {pattern}))
        self.outage(pattern, False)
        self.on_renewed()
        return True

    def put(self, device: Device) -> None:
        """Make a device of the store, or change it; raises StoreError as `attach` does."""
        self._change(device.number, device)

    def remove(self, number: str) -> None:
        """Remove a device from the store; raises StoreError as `attach` does."""
        self._change(number, None)

    def _change(self, number: str, device: Device | None) -> None:
        was = self._room(number)
        self._note(number, subscription_of(device) if device is not None else None, device)
        self.changed(number, device)
        room = self._room(number)
        if room is not None and room != was:
            self.on_attach(number)

    def _room(self, number: str) -> int | None:
        """Return the memory of a device; None if it isn't within reach of messages."""
        subscription, attached = self.look_up(number)
        if subscription is None or not attached or subscription.nb_iot:
            return None
        return subscription.memory

    def _note(self, number: str, said: Said | None, what: Device | bool | None) -> None:
        self._changes.check_room(number)
        if not self.named(number):
            self.on_named(number)
        self._changes.note(number, what)
        self._known.change(number, said)

    def written(self, numbers: Iterable[str]) -> None:
        """Take note that as many changes of these numbers as they are named are durable."""
        self._changes.written(numbers)

    def renew(self) -> None:
        """Take note that the store has others than it had, and forget what it said."""
        self._age += 1
        self._known.forget()
        self.on_renewed()

    # Who can wait; all of this raises StoreError.

    async def read(self, numbers: Iterable[str]) -> None:
        """Read numbers, so that they aren't unread; what others want is read along with them."""
        unread = [number for number in numbers if not self._known.has(number)]
        if not unread:
            return
        self._wanted.update(dict.fromkeys(unread))
        try:
            for start in range(0, len(unread), NUMBERS_A_READ):
                await self._read(unread[start : start + NUMBERS_A_READ])
        finally:
            for number in unread:
                self._wanted.pop(number, None)

    async def _read(self, numbers: Sequence[str]) -> None:
        async with self._reading():
            # Somebody else's turn may have read them.
            missing = [each for each in numbers if not self._known.has(each)]
            if not missing:
                return
            asked = list(islice(dict.fromkeys(chain(missing, self._wanted)), NUMBERS_A_READ))
            age = -1
            while age != self._age:
                age = self._age
                kept = await self._store.devices(asked)
            self._known.take_in({number: _said(kept.get(number)) for number in asked})
            for number in asked:
                self._wanted.pop(number, None)
            self.on_read(asked)

    async def device(self, number: str) -> Device:
        """Return all that is known of a device, as it is now; raises UnknownDevice."""
        async with self._reading():
            kept = (await self._store.devices([number])).get(number)
            device = self._described(number, kept)
        if device is None:
            raise UnknownDevice(number)
        return device

    async def listing(self, after: str = "", limit: int = 100) -> Listing:
        """Return devices that follow a number, in the order of numbers as text.

        These are all but those of populations that never moved. `limit` numbers are looked at, and
        of one that was moved and is nobody's any more nothing is shown.
        """
        async with self._reading():
            kept = dict(await self._store.listed(after, limit))
            last = max(kept) if len(kept) == limit else _LAST
            numbers = self._merged(kept, after, last, limit)
            found = [self._described(number, kept.get(number)) for number in numbers]
        more = len(numbers) == limit
        return Listing([each for each in found if each is not None], numbers[-1] if more else None)

    def _merged(
        self, kept: Mapping[str, object], after: str, last: str, limit: int
    ) -> Sequence[str]:
        """Return the first numbers of all keepers that follow one, up to another one."""
        start = bisect_right(self._numbers, after)
        own = [each for each in self._numbers[start : start + limit] if each <= last]
        return nsmallest(limit, {*kept, *own, *self._changes.among(after, last)})

    def _described(self, number: str, kept: Device | bool | None) -> Device | None:
        """Return a device as it is now, by what the store has on it and what was changed."""
        if number in self._changes:
            kept = _now(kept, self._changes.get(number))
        device = self._rows.get(number)
        if device is None:
            if isinstance(kept, Device):
                return kept
            member = self._table.find(number)
            if member is None:
                return None
            device = _of_population(number, member)
        if kept is None:
            return device
        return _moved(device, kept if isinstance(kept, bool) else kept.attached)

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[None]:
        """Read the store, one after another; what is changed meanwhile is seen."""
        async with self._turn:
            with self._changes.reading():
                yield


def _said(kept: Device | bool | None) -> Said | None:
    return subscription_of(kept) if isinstance(kept, Device) else kept


def _now(kept: Device | bool | None, changed: Device | bool | None) -> Device | bool | None:
    """Return what will be in the store when a change is there."""
    if isinstance(kept, Device) and isinstance(changed, bool):
        return _moved(kept, changed)
    return changed


def _moved(device: Device, attached: bool) -> Device:
    return msgspec.structs.replace(device, attached=attached)


def _of_population(number: str, member: Subscription) -> Device:
    return Device(
        number=number,
        policy=member.policy,
        attached=member.attached,
        overrides=member.overrides,
        link=member.link,
        latency_ms=member.latency_ms,
        error=member.error,
        permanent=member.permanent,
        memory=member.memory,
        nb_iot=member.nb_iot,
    )
