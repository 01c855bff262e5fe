"""What there is of devices, and where each is written down: config, store, or a population."""

from collections.abc import Collection, Sequence
from typing import Final, Literal, NamedTuple

from smsc.network.hlr import Hlr
from smsc.store.store import Conflict, DeviceStore
from smsc.subscriber import Device, Identity
from smsc.web.identities import NotIdentified, who

Where = Literal["config", "store", "population"]


class Known(NamedTuple):
    """A device as it is now, and where it is written down."""

    device: Device
    where: Where


class Listing(NamedTuple):
    """Some devices in the order of their numbers as text, and where to go on, if there are more."""

    devices: list[Known]
    next: str | None


class Configured:
    """The devices of the config: nobody changes them but whoever writes the file."""

    def __init__(self, devices: Collection[Device]) -> None:
        """Know these by number and by what else they are known by."""
        self._numbers = frozenset(device.number for device in devices)
        self._owners = {
            (kind, value): device.number
            for device in devices
            for kind, value in device.identities.items()
        }

    def __contains__(self, number: object) -> bool:
        """Tell whether the device with this number is of the config."""
        return number in self._numbers

    def owner(self, kind: Identity, value: str) -> str | None:
        """Return the number of the device of the config that is known by this."""
        return self._owners.get((kind, value))

    def conflicts(self, devices: Sequence[Device]) -> list[Conflict]:
        """Tell which identities of these devices are those of a device of the config."""
        return [
            Conflict(device.number, kind, value, owner)
            for device in devices
            for kind, value in device.identities.items()
            if (owner := self.owner(kind, value)) is not None and owner != device.number
        ]


class Catalogue:
    """Finds devices and lists them."""

    def __init__(self, configured: Configured, store: DeviceStore, hlr: Hlr) -> None:
        """Look into all three."""
        self.configured: Final = configured
        self._store = store
        self._hlr = hlr

    async def number(self, name: str) -> str:
        """Return the number of the device that somebody names so; raises NotIdentified.

        A number is returned as it is, whether or not a device has it.
        """
        identity, value = who(name)
        if identity is None:
            return value
        owner = self.configured.owner(identity, value)
        if owner is None:
            device = await self._store.identified(identity, value)
            owner = device.number if device is not None else None
        if owner is None:
            raise NotIdentified(f"no device has {identity} {value}")
        return owner

    async def find(self, number: str) -> Known:
        """Return the device with this number; raises UnknownDevice."""
        return self._known(await self._hlr.device(number))

    async def listing(self, after: str, limit: int) -> Listing:
        """List the devices that follow a number: all but those of populations that never moved."""
        page = await self._hlr.listing(after, limit)
        return Listing([self._known(device) for device in page.devices], page.next)

    def _known(self, device: Device) -> Known:
        if device.number in self.configured:
            return Known(device, "config")
        # What the store keeps has an id at least.
        return Known(device, "store" if device.identities else "population")
