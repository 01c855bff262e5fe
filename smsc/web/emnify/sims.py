"""/sim: the SIMs of all devices; the id of one is its number."""

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Response, Router, get, patch
from litestar.di import NamedDependency
from msgspec import UNSET, Struct, UnsetType

from smsc.network.hlr import UnknownDevice
from smsc.web.emnify import shown
from smsc.web.emnify.bodies import Ref, read
from smsc.web.emnify.endpoints import listed
from smsc.web.emnify.errors import BAD_FORMAT, INVALID_REFERENCE, Wrong
from smsc.web.emnify.ids import Id, whole
from smsc.web.emnify.roll import SIMS, Roll
from smsc.web.emnify.rooms import Asked, Found, Rooms


class SimChange(Struct, frozen=True):
    """What is to be different about a SIM."""

    status: Ref | UnsetType = UNSET


@get("/")
async def listing(request: Asked, sims: NamedDependency[Roll]) -> Response[list[dict[str, Any]]]:
    """List SIMs, a page at a time."""
    return await listed(request, sims, SIMS.most, "sim")


@get("/{sim_id:str}")
async def show(rooms: NamedDependency[Rooms], sim_id: Id) -> dict[str, Any]:
    """Show a SIM."""
    return SIMS.shown(await _find(rooms, sim_id))


@patch("/{sim_id:str}", status_code=HTTPStatus.NO_CONTENT)
async def change(request: Asked, rooms: NamedDependency[Rooms], sim_id: Id) -> None:
    """Activate or suspend a SIM: its device is in the network, or kept out of it."""
    wanted = await read(request, SimChange)
    async with rooms.notes.turn():
        found = await _find(rooms, sim_id)
        if not isinstance(wanted.status, Ref):
            return
        if wanted.status.id not in shown.SIM_STATUS:
            raise Wrong(BAD_FORMAT, "Sim - status: write the id 1, Activated, or 2, Suspended")
        suspended = wanted.status.id == shown.SUSPENDED
        await rooms.note(found, msgspec.structs.replace(found.note, suspended=suspended))


async def _find(rooms: Rooms, sim_id: str) -> Found:
    wanted = whole(sim_id)
    try:
        known = await rooms.catalogue.find(str(wanted))
    except UnknownDevice as error:
        raise Wrong(INVALID_REFERENCE, f"Sim with Id '{wanted}' not found.") from error
    return (await rooms.with_notes([known]))[0]


def router() -> Router:
    """Make the routes under /sim."""
    return Router("/sim", route_handlers=[listing, show, change])
