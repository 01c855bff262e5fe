"""What every handler of this dialect is given: the rooms behind it, and endpoints by their ids."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from litestar import Request

from smsc.network.hlr import UnknownDevice
from smsc.subscriber import Identity
from smsc.web.catalogue import Catalogue, Known
from smsc.web.emnify.errors import INVALID_REFERENCE, Wrong
from smsc.web.emnify.ids import whole
from smsc.web.emnify.notes import Endpoint, Notes
from smsc.web.identities import NotIdentified
from smsc.web.keeper import Keeper
from smsc.web.services import Services

Asked = Request[str, Any, Any]
"""A request of an account."""


class Found(NamedTuple):
    """An endpoint: its device, and what is noted of it."""

    known: Known
    note: Endpoint

    @property
    def number(self) -> str:
        """The number of its device."""
        return self.known.device.number


class Rooms:
    """The SMSC as this dialect sees it."""

    def __init__(
        self, services: Services, catalogue: Catalogue, keeper: Keeper, notes: Notes
    ) -> None:
        """See these."""
        self.services = services
        self.catalogue = catalogue
        self.keeper = keeper
        self.notes = notes

    async def known(self, text: str, what: str = "Endpoint") -> Known:
        """Return the device that goes by an id, or by its number; raises Wrong."""
        wanted = whole(text)
        try:
            return await self.catalogue.find(await self._number(wanted))
        except (UnknownDevice, NotIdentified) as error:
            raise Wrong(INVALID_REFERENCE, f"{what} with Id '{wanted}' not found.") from error

    async def endpoint(self, text: str) -> Found:
        """Return the endpoint that goes by an id; raises Wrong."""
        known = await self.known(text)
        return Found(known, await self.notes.endpoint(known.device.number))

    async def with_notes(self, devices: Sequence[Known]) -> list[Found]:
        """Return endpoints with what is noted of them."""
        notes = await self.notes.found(Endpoint, [each.device.number for each in devices])
        return [Found(each, notes.get(each.device.number, Endpoint())) for each in devices]

    async def reach(self, number: str, was: Endpoint, note: Endpoint) -> None:
        """Take a device out of the network when it is switched off, and back when it is on."""
        if was.off == note.off:
            return
        hlr = self.services.hlr
        await hlr.read([number])
        if note.off:
            hlr.detach(number)
        else:
            hlr.attach(number)

    async def note(self, found: Found, note: Endpoint) -> None:
        """Write what is noted of an endpoint from now on, and do what follows from it."""
        now = self.services.clock.now()
        note = msgspec.structs.replace(note, last_updated=now)
        await self.reach(found.number, found.note, note)
        self.notes.put(found.number, note)
        await self.notes.written()

    async def _number(self, wanted: int) -> str:
        if wanted <= 0:
            raise NotIdentified(str(wanted))
        try:
            return await self.catalogue.number(f"{Identity.ID}:{wanted}")
        except NotIdentified:
            return str(wanted)
