"""/service_profile/{p}/service/{s}: SMS in both directions switched on and off, and limited.

A limit is so many messages in a calendar month, and its number says how many.
"""

from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Response, Router, delete, get, post, put
from litestar.di import NamedDependency
from msgspec import Struct

from smsc.web.emnify import policy_keys
from smsc.web.emnify.bodies import Ref, read
from smsc.web.emnify.errors import (
    BAD_FORMAT,
    DUPLICATED,
    INVALID_REFERENCE,
    NOT_ALLOWED,
    REQUIRED,
    Wrong,
)
from smsc.web.emnify.ids import Id, whole
from smsc.web.emnify.location import created, url
from smsc.web.emnify.notes import Profile
from smsc.web.emnify.policy_keys import Keys, monthly, volume_a_month
from smsc.web.emnify.profile_ids import named
from smsc.web.emnify.quotas import apply_to_all
from smsc.web.emnify.rooms import Asked, Rooms

SERVICES: Final = {1: "mt", 2: "mo"}
MONTH: Final = 1
_PERIOD: Final = {"id": MONTH, "time_units": 1, "unit": "Months"}
LARGEST: Final = 999_999_999


class NewLimit(Struct, frozen=True):
    """A limit to be."""

    volume: int | None = None
    period: Ref = Ref(MONTH)


def on(keys: Keys, direction: str, note: Profile | None = None) -> bool:
    """Whether a service is on, if need be for endpoints that have a quota."""
    if note is not None and note.apply_sms_quota:
        return bool(getattr(note, direction))
    return bool(keys.get(direction, True))


def switch(keys: Keys, direction: str, wanted: bool) -> None:
    """Switch a service on or off."""
    keys[direction] = wanted


@get("/service")
async def services() -> list[dict[str, Any]]:
    """List the services that can be switched."""
    return [
        {"id": number, "description": f"SMS {direction.upper()}"}
        for number, direction in SERVICES.items()
    ]


@put("/service_profile/{profile:str}/service/{service:str}", status_code=HTTPStatus.NO_CONTENT)
async def switch_on(rooms: NamedDependency[Rooms], profile: Id, service: Id) -> None:
    """Switch a service on."""
    await _switch(rooms, profile, service, True)


@delete("/service_profile/{profile:str}/service/{service:str}", status_code=HTTPStatus.NO_CONTENT)
async def switch_off(rooms: NamedDependency[Rooms], profile: Id, service: Id) -> None:
    """Switch a service off."""
    await _switch(rooms, profile, service, False)


@get("/service/{service:str}/traffic_limit")
async def limits(rooms: NamedDependency[Rooms], service: Id) -> list[dict[str, Any]]:
    """List the limits that profiles have."""
    key = f"{_direction(service)}_limit"
    found = {
        volume
        for policy in rooms.services.policies
        if (volume := volume_a_month(policy_keys.read(rooms, policy.name).get(key, [])))
    }
    return [_limit(volume) for volume in sorted(found)]


@post("/traffic_limit", status_code=HTTPStatus.CREATED)
async def add_limit(request: Asked) -> Response[bytes]:
    """Tell where a limit is: there is one of each volume."""
    given = await read(request, NewLimit)
    if given.volume is None:
        raise Wrong(REQUIRED, "TrafficLimit - volume is required")
    if not 1 <= given.volume <= LARGEST:
        raise Wrong(BAD_FORMAT, f"volume: write 1 to {LARGEST}")
    if given.period.id != MONTH:
        raise Wrong(BAD_FORMAT, "period: write the id 1, a month")
    return created(url(request, "traffic_limit", given.volume))


_LIMITS: Final = "/service_profile/{profile:str}/service/{service:str}/traffic_limit"


@get(_LIMITS)
async def limits_of(
    rooms: NamedDependency[Rooms], profile: Id, service: Id
) -> list[dict[str, Any]]:
    """List the limits of a profile's service: one at most."""
    keys = policy_keys.read(rooms, named(rooms.services.policies, profile))
    volume = volume_a_month(keys.get(f"{_direction(service)}_limit", []))
    return [_limit(volume)] if volume is not None else []


@put(f"{_LIMITS}/{{limit:str}}", status_code=HTTPStatus.OK)
async def set_limit(
    rooms: NamedDependency[Rooms], profile: Id, service: Id, limit: Id
) -> dict[str, Any]:
    """Give a profile's service a limit, in the place of the one it has."""
    volume = whole(limit)
    if not 1 <= volume <= LARGEST:
        raise Wrong(INVALID_REFERENCE, f"TrafficLimit with Id '{volume}' not found.")
    await _limit_to(rooms, profile, service, None, volume)
    return _limit(volume)


@delete(f"{_LIMITS}/{{limit:str}}", status_code=HTTPStatus.OK)
async def drop_limit(
    rooms: NamedDependency[Rooms], profile: Id, service: Id, limit: Id
) -> dict[str, Any]:
    """Take the limit of a profile's service away."""
    volume = whole(limit)
    await _limit_to(rooms, profile, service, volume, None)
    return _limit(volume)


async def _limit_to(
    rooms: Rooms, profile: str, service: str, was: int | None, volume: int | None
) -> None:
    """Set a limit; if it is to be dropped, `was` it has to be."""
    key = f"{_direction(service)}_limit"
    async with rooms.notes.turn():
        name = named(rooms.services.policies, profile)
        keys = policy_keys.read(rooms, name)
        limits = keys.get(key, [])
        if was is not None and volume_a_month(limits) != was:
            raise Wrong(INVALID_REFERENCE, f"TrafficLimit with Id '{was}' not found.")
        keys[key] = monthly(limits, volume)
        policy_keys.put(rooms, name, keys)
        await rooms.notes.written()


async def _switch(rooms: Rooms, profile: str, service: str, wanted: bool) -> None:
    direction = _direction(service)
    async with rooms.notes.turn():
        name = named(rooms.services.policies, profile)
        keys, note = policy_keys.read(rooms, name), await rooms.notes.profile(name)
        if on(keys, direction, note) == wanted:
            kind = DUPLICATED if wanted else NOT_ALLOWED
            words = "on" if wanted else "off"
            raise Wrong(kind, f"SMS {direction.upper()} is {words} already in {name!r}")
        if note.apply_sms_quota:
            note = msgspec.structs.replace(note, **{direction: wanted})
            rooms.notes.put(name, note)
            await apply_to_all(rooms, name, note)
        else:
            switch(keys, direction, wanted)
            policy_keys.put(rooms, name, keys)
        await rooms.notes.written()


def _direction(service: str) -> str:
    number = whole(service)
    if number not in SERVICES:
        raise Wrong(INVALID_REFERENCE, f"Service with Id '{number}' not found.")
    return SERVICES[number]


def _limit(volume: int) -> dict[str, Any]:
    return {"id": volume, "volume": volume, "period": _PERIOD}


def router() -> Router:
    """Make the routes of services and their limits."""
    handlers = [
        services,
        switch_on,
        switch_off,
        limits,
        add_limit,
        limits_of,
        set_limit,
        drop_limit,
    ]
    return Router("/", route_handlers=handlers)
