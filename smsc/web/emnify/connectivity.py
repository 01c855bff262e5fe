"""/endpoint/{id}/connectivity: whether a device is in the network, and having it come anew."""

from http import HTTPStatus
from typing import Any

from litestar import Response, Router, delete, get, patch, put
from litestar.di import NamedDependency
from msgspec import UNSET, Struct, UnsetType

from smsc.web.emnify.bodies import read
from smsc.web.emnify.errors import NOT_ALLOWED, REQUIRED, Wrong
from smsc.web.emnify.ids import Id
from smsc.web.emnify.location import url
from smsc.web.emnify.paging import Asking, headers, page
from smsc.web.emnify.rooms import Asked, Found, Rooms

_FEW = 1000


class Reset(Struct, frozen=True):
    """What is to be reset: where it is known to be null."""

    location: UnsetType | None = UNSET
    pdp_context: UnsetType | None = UNSET


@get("/connectivity")
async def show(rooms: NamedDependency[Rooms], endpoint_id: Id) -> dict[str, Any]:
    """Tell whether messages reach an endpoint."""
    found = await rooms.endpoint(endpoint_id)
    return {"status": {"description": _status(found)}, "services": []}


@patch("/connectivity", status_code=HTTPStatus.NO_CONTENT)
async def reset(request: Asked, rooms: NamedDependency[Rooms], endpoint_id: Id) -> None:
    """Have a device that is attached leave the network and come back; data there is none."""
    wanted = await read(request, Reset)
    if wanted.location is UNSET and wanted.pdp_context is UNSET:
        raise Wrong(REQUIRED, "Connectivity - location or pdp_context is required")
    async with rooms.notes.turn():
        found = await rooms.endpoint(endpoint_id)
        if wanted.location is UNSET or found.note.off:
            return
        hlr = rooms.services.hlr
        await hlr.read([found.number])
        if hlr.detach(found.number):
            hlr.attach(found.number)
        await rooms.notes.written()


@get("/event")
async def events(
    request: Asked, rooms: NamedDependency[Rooms], endpoint_id: Id
) -> Response[list[Any]]:
    """List no events, for none are kept."""
    await rooms.endpoint(endpoint_id)
    asking = Asking(1, _FEW, "", "")
    where = url(request, "endpoint", endpoint_id, "event")
    return Response([], headers=headers(page(asking, 0), asking, where))


@get("/operator_blacklist")
async def blacklist(rooms: NamedDependency[Rooms], endpoint_id: Id) -> list[Any]:
    """List no operators: the simulated network is of one."""
    await rooms.endpoint(endpoint_id)
    return []


@put("/operator_blacklist/{operator_id:str}", status_code=HTTPStatus.NO_CONTENT)
async def block(rooms: NamedDependency[Rooms], endpoint_id: Id, operator_id: Id) -> None:
    """Block no operator."""
    await rooms.endpoint(endpoint_id)
    raise Wrong(NOT_ALLOWED, _NO_OPERATORS)


@delete("/operator_blacklist/{operator_id:str}", status_code=HTTPStatus.NO_CONTENT)
async def unblock(rooms: NamedDependency[Rooms], endpoint_id: Id, operator_id: Id) -> None:
    """Unblock no operator."""
    await rooms.endpoint(endpoint_id)
    raise Wrong(NOT_ALLOWED, _NO_OPERATORS)


_NO_OPERATORS = "the simulated network is of one operator, which can't be blocked"


@get("/operator")
async def operators() -> list[Any]:
    """List no operators."""
    return []


def _status(found: Found) -> str:
    device = found.known.device
    if found.note.off:
        return "BLOCKED"
    return "ATTACHED" if device.attached and not device.nb_iot else "OFFLINE"


def router() -> Router:
    """Make the routes that are about the network."""
    handlers = [show, reset, events, blacklist, block, unblock]
    below = Router("/endpoint/{endpoint_id:str}", route_handlers=handlers)
    return Router("/", route_handlers=[below, operators])
