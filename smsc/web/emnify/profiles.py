"""/service_profile: policies, with their switches, their interface and what quotas they want."""

from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Response, Router, get, patch, post
from litestar.di import NamedDependency
from msgspec import UNSET, UnsetType

from smsc.web.emnify import interfaces, policy_keys
from smsc.web.emnify.bodies import read
from smsc.web.emnify.callbacks import Stocks
from smsc.web.emnify.callbacks import shown as shown_stock
from smsc.web.emnify.errors import BAD_FORMAT, DUPLICATED, NOT_ALLOWED, REQUIRED, Wrong
from smsc.web.emnify.ids import Id, profile_id
from smsc.web.emnify.interfaces import Interface
from smsc.web.emnify.location import created, url
from smsc.web.emnify.notes import Profile
from smsc.web.emnify.policy_keys import Keys
from smsc.web.emnify.profile_ids import named
from smsc.web.emnify.quotas import apply_to_all
from smsc.web.emnify.rooms import Asked, Rooms
from smsc.web.emnify.sms_shown import INTERFACE, REST_API
from smsc.web.emnify.switches import SERVICES, on, switch

LONGEST_DESCRIPTION: Final = 1024

_SWITCHES: Final = {"sms_p2p_int": "p2p_internal", "sms_p2p_ext": "p2p_external"}


class Change(Interface, frozen=True):
    """What is to be different about a profile; what isn't known here counts for nothing."""

    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    sms_p2p_int: bool | UnsetType = UNSET
    sms_p2p_ext: bool | UnsetType = UNSET
    apply_sms_quota: bool | UnsetType = UNSET


@get("/service_profile")
async def listing(
    request: Asked, rooms: NamedDependency[Rooms], stocks: NamedDependency[Stocks]
) -> list[dict[str, Any]]:
    """List all profiles, by name."""
    names = sorted(policy.name for policy in rooms.services.policies)
    notes = await rooms.notes.found(Profile, names)
    return [
        await _shown(rooms, stocks, name, notes.get(name, Profile()), request.user)
        for name in names
    ]


@post("/service_profile", status_code=HTTPStatus.CREATED)
async def create(
    request: Asked, rooms: NamedDependency[Rooms], stocks: NamedDependency[Stocks]
) -> Response[bytes]:
    """Make a policy; people may write to each other where nothing else is said."""
    change = await read(request, Change)
    if not change.name:
        raise Wrong(REQUIRED, "ServiceProfile - name is required")
    name = change.name
    async with rooms.notes.turn():
        if name in rooms.services.policies:
            raise Wrong(DUPLICATED, f"ServiceProfile {name!r} is there already")
        keys: Keys = {"p2p_internal": True, "p2p_external": True}
        await _change(rooms, stocks, name, keys, Profile(), change, request.user)
    return created(url(request, "service_profile", profile_id(name)))


@get("/service_profile/{profile:str}")
async def show(
    request: Asked, rooms: NamedDependency[Rooms], stocks: NamedDependency[Stocks], profile: Id
) -> dict[str, Any]:
    """Show a profile."""
    name = named(rooms.services.policies, profile)
    return await _shown(rooms, stocks, name, await rooms.notes.profile(name), request.user)


@patch("/service_profile/{profile:str}", status_code=HTTPStatus.NO_CONTENT)
async def change(
    request: Asked, rooms: NamedDependency[Rooms], stocks: NamedDependency[Stocks], profile: Id
) -> None:
    """Change what is given of a profile, for the next message on. Answered when it is durable."""
    wanted = await read(request, Change)
    async with rooms.notes.turn():
        name = named(rooms.services.policies, profile)
        if wanted.name not in (UNSET, name):
            raise Wrong(NOT_ALLOWED, f"a policy keeps its name, {name!r}; make another one")
        keys = policy_keys.read(rooms, name)
        note = await rooms.notes.profile(name)
        await _change(rooms, stocks, name, keys, note, wanted, request.user)


@get("/esme_interface_type")
async def interface_types() -> list[dict[str, Any]]:
    """List the interfaces there are."""
    return [{"id": number, "description": words} for number, words in INTERFACE.items()]


async def _change(
    rooms: Rooms,
    stocks: Stocks,
    name: str,
    keys: Keys,
    note: Profile,
    change: Change,
    account: str,
) -> None:
    """Write a policy and what is noted of it, as they are to be."""
    was_keys, was = dict(keys), note
    for field, key in _SWITCHES.items():
        if isinstance(wanted := getattr(change, field), bool):
            keys[key] = wanted
    if change.description is not UNSET:
        if len(change.description or "") > LONGEST_DESCRIPTION:
            raise Wrong(BAD_FORMAT, f"description: write up to {LONGEST_DESCRIPTION} characters")
        note = msgspec.structs.replace(note, description=change.description or "")
    note = await interfaces.noted(stocks, note, change, account)
    if isinstance(change.apply_sms_quota, bool):
        note = _with_quotas(keys, note, change.apply_sms_quota)
    interface = interfaces.asked(change, interfaces.kind(rooms, keys))
    if interface == REST_API and note.api_callback is not None:
        # A webhook is only made for a policy that may be written.
        policy_keys.check(rooms, name, keys)
    await interfaces.deliver_to(rooms, name, keys, note, interface, account)
    if keys != was_keys or name not in rooms.services.policies:
        policy_keys.put(rooms, name, keys)
    if interface != REST_API:
        interfaces.gone(rooms, name)
    rooms.notes.put(name, note)
    await rooms.notes.written()
    if note.apply_sms_quota != was.apply_sms_quota:
        await apply_to_all(rooms, name, note)


def _with_quotas(keys: Keys, note: Profile, wanted: bool) -> Profile:
    """Have a policy want quotas, or no more: while it does, only endpoints with one are on."""
    if wanted == note.apply_sms_quota:
        return note
    if wanted:
        note = msgspec.structs.replace(note, mo=on(keys, "mo"), mt=on(keys, "mt"))
        switch(keys, "mo", False)
        switch(keys, "mt", False)
    else:
        switch(keys, "mo", note.mo)
        switch(keys, "mt", note.mt)
    return msgspec.structs.replace(note, apply_sms_quota=wanted)


async def _shown(
    rooms: Rooms, stocks: Stocks, name: str, note: Profile, account: str
) -> dict[str, Any]:
    keys = policy_keys.read(rooms, name)
    told: dict[str, Any] = {
        "id": profile_id(name),
        "name": name,
        "description": note.description,
        "apply_sms_quota": note.apply_sms_quota,
        "apply_data_quota": False,
        "sms_p2p_int": keys.get("p2p_internal", True),
        "sms_p2p_ext": keys.get("p2p_external", False),
        "esme_interface_type": interfaces.shown(rooms, keys),
        "moc_callback": None,
        "service": [
            {"id": number, "description": f"SMS {direction.upper()}"}
            for number, direction in SERVICES.items()
            if on(keys, direction, note)
        ],
    }
    for field, stock in (("api_callback", stocks.callbacks), ("api_secret", stocks.secrets)):
        number = getattr(note, field)
        own = await stock.find(number, account) if number is not None else None
        told[field] = shown_stock(number, own) if own is not None else None
    return told


def router() -> Router:
    """Make the routes of profiles themselves."""
    handlers = [listing, create, show, change, interface_types]
    return Router("/", route_handlers=handlers)
