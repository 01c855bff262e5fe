"""Cell broadcast: areas, which are groups of devices, and what is sent to all of one at once.

A broadcast is sent once, not once for each device. Devices that are listed, for something is known
of each alone, are read by pages and walked through, by one task, and those within reach get it into
their inboxes. The others, of which there may be millions, are counted beforehand; what an area was
sent last is kept, and seen when somebody looks into an inbox. Nothing is acknowledged, and policies
don't matter.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import structlog
from msgspec import Struct

from smsc.clock import Clock
from smsc.message import Broadcast
from smsc.network.census import Census, count
from smsc.network.device import INBOX, Devices, Received
from smsc.network.hlr import Hlr, Subscription
from smsc.network.outages import Outages
from smsc.network.tpdus import Delivery
from smsc.store.store import StoreError
from smsc.subscriber import Device
from smsc_routing.number import PatternTable

log = structlog.get_logger()

DEVICES_A_TURN: Final = 100
SECONDS_BETWEEN_TRIES: Final = 1.0
KEPT: Final = INBOX
"""Broadcasts of an area that can be seen by devices that aren't listed."""

Reached = Callable[[Sequence[int]], None]
"""Told the share of its devices that each area of a broadcast reached, 0 to 100."""


class Group(Struct, frozen=True):
    """The devices of an area: by patterns of their numbers, and by the names of their policies."""

    name: str
    patterns: tuple[str, ...] = ()
    policies: frozenset[str] = frozenset()


class Inbox(Struct, frozen=True):
    """What a device received: the latest messages, the newest last, and how many in all."""

    received: int
    messages: tuple[Received, ...]


class _Area:
    """A group, its census without listed devices, and what it was sent last, in which outages."""

    def __init__(self, group: Group, hlr: Hlr) -> None:
        self._policies = group.policies
        self._patterns = PatternTable((pattern, True) for pattern in group.patterns)
        self._group = group
        self._populations = hlr.populations
        self._counted = hlr.outages, self._count(hlr.outages)
        self.sent: deque[tuple[Received, Outages]] = deque(maxlen=KEPT)

    def census(self, outages: Outages) -> Census:
        """Return how many there are, counted when it was asked for other outages."""
        if self._counted[0] is not outages:
            self._counted = outages, self._count(outages)
        return self._counted[1]

    def _count(self, outages: Outages) -> Census:
        return count(self._populations, self._group.patterns, self._counts, outages.patterns)

    def has(self, number: str, device: Subscription | Device) -> bool:
        return self._counts(device) or self._patterns.find(number) is not None

    def _counts(self, device: Subscription | Device) -> bool:
        return device.policy in self._policies


class _Walk:
    """A broadcast on its way through the listed devices."""

    def __init__(
        self,
        message: Received,
        names: Sequence[str],
        areas: dict[str, _Area],
        outages: Outages,
        reached: Reached,
    ) -> None:
        self.message = message
        self.areas = areas
        self.outages = outages
        self.after = ""
        self.census = {name: area.census(outages) for name, area in areas.items()}
        self._names = names
        self._reached = reached

    def end(self) -> None:
        self._reached([self.census.get(name, Census()).success for name in self._names])


class Cell:
    """The areas, and the radio that sends to them."""

    def __init__(self, groups: Iterable[Group], hlr: Hlr, devices: Devices, clock: Clock) -> None:
        """Send to these groups of the register's devices."""
        self._hlr = hlr
        self._devices = devices
        self._clock = clock
        self._areas = {group.name: _Area(group, hlr) for group in groups}
        self._walks: deque[_Walk] = deque()
        self._wanted = asyncio.Event()
        hlr.on_named = self._name

    @property
    def areas(self) -> frozenset[str]:
        """The names of all areas."""
        return frozenset(self._areas)

    def transmit(self, broadcast: Broadcast, reached: Reached) -> None:
        """Send a broadcast once; `reached` is told when all devices have been walked through."""
        now = self._clock.now()
        whole = Delivery(broadcast.source, broadcast.payload, broadcast.data_coding, now)
        message = Received((whole,), now, len(broadcast.payload), broadcast=True)
        names = [area.name for area in broadcast.areas]
        areas = {name: self._areas[name] for name in names if name in self._areas}
        outages = self._hlr.outages
        for area in areas.values():
            area.sent.append((message, outages))
        self._walks.append(_Walk(message, names, areas, outages, reached))
        self._wanted.set()

    def inbox(self, number: str) -> Inbox:
        """Return what a device has received, and what it has heard if it isn't listed.

        Raises `Unread` if the device must be read first.
        """
        device = self._devices.find(number)
        received, messages = (0, ()) if device is None else (device.received, device.inbox)
        heard = () if self._hlr.named(number) else self._overheard(number)
        latest = sorted((*messages, *heard), key=lambda each: each.at)[-INBOX:]
        return Inbox(received + len(heard), tuple(latest))

    def _overheard(self, number: str) -> Sequence[Received]:
        """Return what a device of a population has heard, each broadcast once, in order."""
        subscription = self._hlr.member(number)
        if subscription is None or not subscription.attached:
            return ()
        heard = {
            id(message): message
            for area in self._areas.values()
            if area.sent and area.has(number, subscription)
            for message, outages in area.sent
            if not outages.have(number)
        }
        return sorted(heard.values(), key=lambda each: each.at)

    def _name(self, number: str) -> None:
        """Keep what a device has heard, for from now on it hears for itself."""
        coming = {id(walk.message) for walk in self._walks if walk.after < number}
        for message in self._overheard(number):
            if id(message) not in coming:
                self._devices.touch(number).hear(message)

    # Through the listed devices.

    async def run(self) -> None:
        """Walk through the devices for one broadcast after another, until cancelled."""
        while True:
            await self._wanted.wait()
            try:
                await self._go_on(self._walks[0])
            except StoreError as error:
                log.error("store_not_read", reason=str(error))
                await self._pause()
            if not self._walks:
                self._wanted.clear()

    async def _go_on(self, walk: _Walk) -> None:
        """Walk through some of the devices, and leave the others to another turn of the loop."""
        page = await self._hlr.listing(walk.after, DEVICES_A_TURN)
        for device in page.devices:
            self._visit(walk, device)
        if page.next is not None:
            walk.after = page.next
        else:
            self._walks.popleft()
            walk.end()

    async def _pause(self) -> None:
        over = asyncio.Event()
        self._clock.call_later(SECONDS_BETWEEN_TRIES, over.set)
        await over.wait()

    def _visit(self, walk: _Walk, device: Device) -> None:
        """Have a listed device hear, and count it for what it is, not as one of a population."""
        number = device.number
        reachable = not walk.outages.have(number)
        attached = device.attached and reachable
        member = self._hlr.member(number)
        heard = False
        for name, area in walk.areas.items():
            if member is not None and area.has(number, member):
                walk.census[name] += Census(-1, -int(member.attached and reachable))
            if area.has(number, device):
                walk.census[name] += Census(1, int(attached))
                heard = attached
        if heard:
            self._devices.touch(number).hear(walk.message)
