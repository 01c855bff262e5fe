"""/endpoint: devices of the store are made, changed and removed, and all devices are shown."""

from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Response, Router, delete, get, patch, post
from litestar.di import NamedDependency
from msgspec import UNSET, Struct, UnsetType

from smsc.subscriber import MSISDN, Identity
from smsc.web.catalogue import Known
from smsc.web.description import DeviceChange
from smsc.web.emnify import paging, shown
from smsc.web.emnify.bodies import Ref, read
from smsc.web.emnify.errors import (
    BAD_FORMAT,
    DUPLICATED,
    NOT_ALLOWED,
    REQUIRED,
    Wrong,
)
from smsc.web.emnify.ids import Id, endpoint_id
from smsc.web.emnify.location import created, url
from smsc.web.emnify.notes import Endpoint
from smsc.web.emnify.profile_ids import policy_of
from smsc.web.emnify.roll import ENDPOINTS, Roll
from smsc.web.emnify.rooms import Asked, Found, Rooms
from smsc.web.identities import LONGEST_NAME
from smsc_routing.number import is_number

LONGEST_TAGS: Final = 1024


class Sim(Struct, frozen=True):
    """The SIM of an endpoint that is to be; its `id` is its number."""

    id: int | None = None
    msisdn: str | None = None
    iccid: str | None = None
    imsi: str | None = None

    @property
    def number(self) -> str | None:
        """The number, if it is said."""
        if self.msisdn is not None:
            return self.msisdn.removeprefix("+")
        return str(self.id) if self.id is not None else None


class Change(Struct, frozen=True):
    """What is to be different about an endpoint; what isn't known here counts for nothing."""

    name: str | UnsetType | None = UNSET
    tags: str | UnsetType | None = UNSET
    status: Ref | UnsetType | None = UNSET
    service_profile: Ref | UnsetType | None = UNSET
    sim: Sim | UnsetType | None = UNSET
    imei: str | UnsetType | None = UNSET
    imei_lock: bool | UnsetType | None = UNSET


@get("/")
async def listing(
    request: Asked, endpoints: NamedDependency[Roll]
) -> Response[list[dict[str, Any]]]:
    """List endpoints, a page at a time."""
    return await listed(request, endpoints, ENDPOINTS.most, "endpoint")


async def listed(
    request: Asked, roll: Roll, most: int, name: str
) -> Response[list[dict[str, Any]]]:
    """Answer with a page of a collection, and headers that tell where it stands."""
    asking = paging.asked(request.query_params, most)
    page, told = await roll.page(asking)
    return Response(told, headers=paging.headers(page, asking, url(request, name)))


@post("/", status_code=HTTPStatus.CREATED)
async def create(request: Asked, rooms: NamedDependency[Rooms]) -> Response[bytes]:
    """Make a device, and an endpoint with it. Answered when it is durable."""
    change = await read(request, Change)
    for field in ("name", "service_profile", "sim"):
        if not getattr(change, field):
            raise Wrong(REQUIRED, f"Endpoint - {field} is required")
    number = _number(change)
    note = _noted(Endpoint(created=rooms.services.clock.now()), change)
    described = _described(rooms, change)
    described = msgspec.structs.replace(described, attached=not note.off)
    if await _noted_already(rooms, number):
        raise Wrong(DUPLICATED, f"Sim with Id '{number}' is assigned to an endpoint already")
    known = await rooms.keeper.create(number, described)
    async with rooms.notes.turn():
        now = rooms.services.clock.now()
        rooms.notes.put(number, msgspec.structs.replace(note, last_updated=now))
        await rooms.notes.written()
    return created(url(request, "endpoint", endpoint_id(known.device)))


@get("/{endpoint_id:str}")
async def show(rooms: NamedDependency[Rooms], endpoint_id: Id) -> dict[str, Any]:
    """Show an endpoint."""
    found = await rooms.endpoint(endpoint_id)
    return shown.endpoint(found.known.device, found.note)


@patch("/{endpoint_id:str}", status_code=HTTPStatus.NO_CONTENT)
async def change(request: Asked, rooms: NamedDependency[Rooms], endpoint_id: Id) -> None:
    """Change what is given of an endpoint. Answered when it is durable."""
    wanted = await read(request, Change)
    async with rooms.notes.turn():
        found = await rooms.endpoint(endpoint_id)
        note = _noted(found.note, wanted)
        if wanted.sim is not UNSET:
            note = _with_sim(found, note, wanted.sim)
        described = _described(rooms, wanted)
        if described != DeviceChange():
            await rooms.keeper.change(found.number, described)
        await rooms.note(found, note)


@delete("/{endpoint_id:str}", status_code=HTTPStatus.NO_CONTENT)
async def remove(rooms: NamedDependency[Rooms], endpoint_id: Id) -> None:
    """Remove an endpoint, and its device from the store."""
    async with rooms.notes.turn():
        found = await rooms.endpoint(endpoint_id)
        _check_kept(found.known)
        rooms.notes.remove(Endpoint, found.number)
        await rooms.keeper.remove(found.number)
        await rooms.notes.written()


def _check_kept(known: Known) -> None:
    if known.where == "population":
        number = known.device.number
        raise Wrong(NOT_ALLOWED, f"device {number} is one of a population, and always there")


def _number(change: Change) -> str:
    """Return the number of an endpoint that is to be; raises Wrong."""
    assert isinstance(change.sim, Sim)
    number = change.sim.number
    if number is None:
        raise Wrong(REQUIRED, "Sim - id is required")
    if not is_number(number):
        raise Wrong(BAD_FORMAT, f"{MSISDN} {number[:40]!r}: write up to 15 digits")
    return number


async def _noted_already(rooms: Rooms, number: str) -> bool:
    return Identity.ID in (await _kept(rooms, number)) and number not in rooms.catalogue.configured


async def _kept(rooms: Rooms, number: str) -> dict[Identity, str]:
    kept = (await rooms.services.store.devices([number])).get(number)
    return {} if kept is None or isinstance(kept, bool) else kept.identities


def _described(rooms: Rooms, change: Change) -> DeviceChange:
    """Return what is to be different about the device; raises Wrong."""
    described = DeviceChange()
    if isinstance(change.name, str):
        if not 1 <= len(change.name) <= LONGEST_NAME:
            raise Wrong(BAD_FORMAT, f"Endpoint - name: write 1 to {LONGEST_NAME} characters")
        described = msgspec.structs.replace(described, name=change.name)
    if change.imei is not UNSET:
        described = msgspec.structs.replace(described, imei=change.imei)
    if isinstance(change.service_profile, Ref):
        profile = change.service_profile.id
        if profile is None:
            raise Wrong(REQUIRED, "ServiceProfile - id is required")
        policy = policy_of(rooms.services.policies, profile)
        described = msgspec.structs.replace(described, policy=policy)
    if isinstance(change.sim, Sim):
        identities = {"iccid": change.sim.iccid, "imsi": change.sim.imsi}
        given = {key: value for key, value in identities.items() if value is not None}
        described = msgspec.structs.replace(described, **given)
    return described


def _noted(note: Endpoint, change: Change) -> Endpoint:
    """Return what is to be noted of an endpoint; raises Wrong."""
    if change.tags is not UNSET:
        tags = change.tags or ""
        if len(tags) > LONGEST_TAGS:
            raise Wrong(BAD_FORMAT, f"Endpoint - tags: write up to {LONGEST_TAGS} characters")
        note = msgspec.structs.replace(note, tags=tags)
    if isinstance(change.imei_lock, bool):
        note = msgspec.structs.replace(note, imei_lock=change.imei_lock)
    if isinstance(change.status, Ref):
        if change.status.id not in shown.ENDPOINT_STATUS:
            raise Wrong(BAD_FORMAT, "Endpoint - status: write the id 0, Enabled, or 1, Disabled")
        disabled = change.status.id == shown.DISABLED
        note = msgspec.structs.replace(note, disabled=disabled)
    return note


def _with_sim(found: Found, note: Endpoint, sim: Sim | UnsetType | None) -> Endpoint:
    """Release the SIM of an endpoint, or put it back; raises Wrong for any other."""
    number = sim.number if isinstance(sim, Sim) else None
    if number is None:
        # Only what belongs to the SIM may be given without saying which.
        released = not (isinstance(sim, Sim) and (sim.iccid or sim.imsi))
        return msgspec.structs.replace(note, released=released or note.released)
    if number != found.number:
        words = f"a device keeps its number: the SIM of this endpoint is {found.number}"
        raise Wrong(NOT_ALLOWED, words)
    return msgspec.structs.replace(note, released=False)


def router() -> Router:
    """Make the routes of endpoints themselves."""
    return Router("/endpoint", route_handlers=[listing, create, show, change, remove])
