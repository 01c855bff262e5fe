"""A store of devices in memory, to stand behind a register."""

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from smsc.network.hlr import Hlr, Said, Subscription
from smsc.network.visitors import Visitors
from smsc.store.store import Opened, StoreError
from smsc.subscriber import Device
from tests.delivery.stage import turn

Kept = Device | bool


class Shelf:
    """Keeps devices, and counts how often it is asked."""

    def __init__(self, kept: dict[str, Kept] | None = None) -> None:
        self.kept: dict[str, Kept] = dict(kept or {})
        self.reads: list[tuple[str, ...]] = []
        self.pages = 0
        self.fails = False
        self._open = asyncio.Event()
        self._open.set()

    def opened(self, all_devices: bool = True) -> Opened:
        """Hand over everything, or nothing."""
        if not all_devices:
            return Opened(0, 0, 0, {}, all_devices=False)
        moves = {n: each for n, each in self.kept.items() if isinstance(each, bool)}
        devices = {n: each for n, each in self.kept.items() if isinstance(each, Device)}
        return Opened(0, 0, 0, moves, devices=devices)

    def move(self, number: str, attached: bool) -> None:
        """Write at once what a register tells."""
        kept = self.kept.get(number)
        if isinstance(kept, Device):
            self.kept[number] = msgspec.structs.replace(kept, attached=attached)
        else:
            self.kept[number] = attached

    def change(self, number: str, device: Device | None) -> None:
        """Write at once what a register tells."""
        if device is not None:
            self.kept[number] = device
        else:
            self.kept.pop(number, None)

    def hold(self) -> None:
        """Let reads see what there is now, but not end."""
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    async def devices(self, numbers: Sequence[str]) -> dict[str, Kept]:
        self._check()
        self.reads.append(tuple(numbers))
        kept = {number: self.kept[number] for number in numbers if number in self.kept}
        await turn()
        await self._open.wait()
        return kept

    async def listed(self, after: str, limit: int) -> list[tuple[str, Kept]]:
        self._check()
        self.pages += 1
        page = [(n, self.kept[n]) for n in sorted(self.kept) if n > after][:limit]
        await turn()
        await self._open.wait()
        return page

    def _check(self) -> None:
        if self.fails:
            raise StoreError("the disk is bad")


def register(
    rows: Mapping[str, Subscription],
    populations: Sequence[tuple[str, Subscription]] = (),
    shelf: Shelf | None = None,
    known: Visitors[Said] | None = None,
) -> Hlr:
    """Make a register of a config with these devices and populations."""
    return Hlr(
        [device_of(number, row) for number, row in rows.items()],
        populations,
        shelf if shelf is not None else Shelf(),
        known,
    )


def device_of(number: str, subscription: Subscription) -> Device:
    return Device(number=number, **msgspec.structs.asdict(subscription))
