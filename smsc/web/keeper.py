"""Who changes devices: one change after another, each answered when it is durable.

What a device is known by must be its own when the change is written, so between asking the store
and writing nobody else may change a device, and no slice of an import may be taken.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import lru_cache
from http import HTTPStatus
from typing import Final

import msgspec
from litestar.plugins.problem_details import ProblemDetailsException
from msgspec import UNSET

from smsc.config import ConfigError
from smsc.mistake import nearest
from smsc.network.hlr import UnknownDevice
from smsc.store.store import Conflict
from smsc.subscriber import MSISDN, Device
from smsc.web.answers import patience
from smsc.web.catalogue import Catalogue, Known
from smsc.web.description import DeviceChange, changed
from smsc.web.problems import check_store, problem
from smsc.web.services import Services
from smsc_routing.number import MAX_DIGITS, is_number

OVERRIDES_REMEMBERED: Final = 1024
"""Overrides that were checked: an import has the same ones many times."""

POLICIES_TO_COMPARE: Final = 50
"""With more, a name that is wrong is told without those that are like it."""

_OF_THE_CONFIG: Final = (
    "device {} stands in the configuration file, and is only changed there;"
    " take it out of the file to have it here"
)


class Keeper:
    """Makes, changes and removes devices of the store."""

    def __init__(self, catalogue: Catalogue, services: Services) -> None:
        """Write on the ledger of these rooms, and tell their register."""
        self._catalogue = catalogue
        self._store = services.store
        self._ledger = services.ledger
        self._hlr = services.hlr
        self._policies = services.policies
        self._clock = services.clock
        self._overridden = lru_cache(OVERRIDES_REMEMBERED)(self._wrong_overrides)
        self._turn = asyncio.Lock()
        self._importing = False
        self.import_left_over: int | None = None
        """An import that was begun, and not ended yet: the next one begins by giving it up."""

    async def create(self, number: str, change: DeviceChange) -> Known:
        """Make a device; raises a problem, also if there is one already."""
        async with self._alone(number):
            if await self._stored(number) is not None:
                raise problem(
                    HTTPStatus.CONFLICT,
                    f"device {number} is there already; change it by PATCH, or replace it by PUT",
                    title="Device exists",
                )
            return await self._put(_made(Device(number=number), change))

    async def replace(self, number: str, change: DeviceChange) -> tuple[Known, bool]:
        """Make a device anew, whatever there was; return also whether there was one to replace."""
        async with self._alone(number):
            stored = await self._stored(number)
            device = _made(Device(number=number), change)
            return await self._put(device), stored is not None

    async def change(self, number: str, change: DeviceChange) -> Known:
        """Change a device; one of a population gets a row of its own. Raises UnknownDevice."""
        async with self._alone(number):
            known = await self._catalogue.find(number)
            device = _made(known.device, change)
            return await self._put(device, known.device, stays=change.attached is UNSET)

    async def remove(self, number: str) -> None:
        """Remove a device from the store; raises UnknownDevice if it isn't kept there."""
        async with self._alone(number):
            if await self._stored(number) is None:
                raise UnknownDevice(number)
            await self._hlr.read([number])
            self._hlr.remove(number)
            await self._ledger.written()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Have nobody else change a device for as long as the block takes."""
        async with self._turn:
            yield

    @contextmanager
    def importing(self) -> Iterator[None]:
        """Have nobody else import for as long as the block takes; raises a problem."""
        if self._importing:
            raise problem(
                HTTPStatus.CONFLICT,
                "devices are being imported already; try again when that has ended",
                title="Import running",
            )
        self._importing = True
        try:
            yield
        finally:
            self._importing = False

    def objection(self, device: Device, was: Device | None = None) -> str | None:
        """Say what is wrong with a device that has nothing to do with others; None if all is well.

        What it has of its policy may be as it `was`. Raises nothing: an import tells many of these.
        """
        if not is_number(device.number):
            return f"msisdn {device.number[:40]!r}: write up to {MAX_DIGITS} digits, without +"
        if device.number in self._catalogue.configured:
            return _OF_THE_CONFIG.format(device.number)
        same = was is not None and device.policy == was.policy
        if not same and device.policy not in self._policies:
            return f"policy {device.policy[:40]!r}: no such policy{self._nearest(device.policy)}"
        if not device.overrides or (was is not None and device.overrides == was.overrides):
            return None
        return self._overridden(device.overrides)

    async def _put(
        self, device: Device, was: Device | None = None, *, stays: bool = False
    ) -> Known:
        """Write a device, which `stays` attached or detached as it is; raises a problem."""
        objection = self.objection(device, was)
        if objection is not None:
            raise problem(HTTPStatus.UNPROCESSABLE_ENTITY, objection)
        conflicts = self._catalogue.configured.conflicts([device])
        conflicts = conflicts or await self._store.conflicts([device])
        if conflicts:
            raise _taken(conflicts)
        await self._hlr.read([device.number])
        if stays:
            _, attached = self._hlr.stands(device.number)
            device = msgspec.structs.replace(device, attached=attached)
        self._hlr.put(device)
        await self._ledger.written()
        return await self._catalogue.find(device.number)

    def _nearest(self, name: str) -> str:
        names = {policy.name for policy in self._policies}
        return nearest(name, names) if len(names) <= POLICIES_TO_COMPARE else ""

    def _wrong_overrides(self, overrides: bytes) -> str | None:
        try:
            self._policies.check_overrides(overrides)
        except ConfigError as error:
            return f"overrides: {error}"
        return None

    async def _stored(self, number: str) -> Device | None:
        stored = (await self._store.devices([number])).get(number)
        return stored if isinstance(stored, Device) else None

    @asynccontextmanager
    async def _alone(self, number: str) -> AsyncIterator[None]:
        """Have one's turn to change a device that may be changed; raises a problem."""
        if number in self._catalogue.configured:
            raise problem(
                HTTPStatus.CONFLICT, _OF_THE_CONFIG.format(number), title="Device of the config"
            )
        unknown = f"whether device {number[:40]} was changed isn't known"
        async with patience(self._clock, unknown), self._turn:
            check_store(self._ledger)
            yield


def told(conflict: Conflict) -> str:
    """Say which identity is another device's, or that the device itself came before."""
    if conflict.identity == MSISDN:
        return f"device {conflict.number} was in a line before"
    return f"{conflict.identity} {conflict.value} is that of device {conflict.owner} already"


def _made(base: Device, change: DeviceChange) -> Device:
    try:
        return changed(base, change)
    except ValueError as error:
        raise problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error


def _taken(conflicts: Sequence[Conflict]) -> ProblemDetailsException:
    return problem(
        HTTPStatus.CONFLICT,
        "; ".join(map(told, conflicts)),
        title="Identity taken",
        members={
            "errors": [
                {"key": str(each.identity), "value": each.value, "owner": each.owner}
                for each in conflicts
            ]
        },
    )
