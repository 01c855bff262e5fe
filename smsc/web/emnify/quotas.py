"""/endpoint/{id}/quota/sms: how many messages a month an endpoint of its own may have.

A quota is written into what the device overrides of its policy, so it holds at every door, and the
store counts it exactly. Where a profile applies quotas, its policy has both directions off, and
only endpoints with a quota have them on. A quota that has expired is noticed when somebody sends
or asks.
"""

from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency
from msgspec import Struct

from smsc.network.hlr import UnknownDevice
from smsc.web.description import DeviceChange, overrides
from smsc.web.emnify import policy_keys, times
from smsc.web.emnify.bodies import Ref, read
from smsc.web.emnify.errors import BAD_FORMAT, NOT_ALLOWED_NOW, NOT_FOUND, REQUIRED, Wrong
from smsc.web.emnify.ids import Id
from smsc.web.emnify.location import created, url
from smsc.web.emnify.notes import Endpoint, Profile, Quota
from smsc.web.emnify.rooms import Asked, Found, Rooms
from smsc_routing.calendar_quota import Allowance, Span, keys
from smsc_routing.decision import Verdict
from smsc_routing.policy import Policy
from smsc_routing.subject import TERMINAL, at_most

ACTIVE, EXHAUSTED, EXPIRED = 1, 2, 3
STATUS: Final = {ACTIVE: "Active", EXHAUSTED: "Exhausted", EXPIRED: "Expired"}
BLOCK: Final = {"id": 1, "description": "Block"}
LARGEST: Final = 999_999_999
NOTES_AT_ONCE: Final = 500
_NOTHING: Final = dict.fromkeys(("mo", "mt", "mo_limit", "mt_limit"))


class NewQuota(Struct, frozen=True):
    """A quota to be."""

    volume: float | None = None
    expiry_date: str | None = None
    threshold_percentage: float = 0
    auto_refill: int = 0
    action_on_exhaustion: Ref = Ref(1)


@get("/")
async def show(rooms: NamedDependency[Rooms], endpoint_id: Id) -> dict[str, Any]:
    """Show the quota of an endpoint."""
    async with rooms.notes.turn():
        found = await rooms.endpoint(endpoint_id)
        quota = _quota(found, endpoint_id)
        status = await _status(rooms, found, quota)
        if status == EXPIRED:
            await apply(rooms, found, await rooms.notes.profile(found.known.device.policy))
    return {
        "volume": quota.volume,
        "last_volume_added": quota.volume,
        "expiry_date": times.plain(quota.expires_at),
        "status": {"id": status, "description": STATUS[status]},
        "threshold_percentage": quota.threshold_percentage,
        "threshold_volume": quota.volume * quota.threshold_percentage / 100,
        "auto_refill": quota.auto_refill,
        "action_on_exhaustion": BLOCK,
    }


@post("/", status_code=HTTPStatus.CREATED)
async def create(request: Asked, rooms: NamedDependency[Rooms], endpoint_id: Id) -> Response[bytes]:
    """Give an endpoint a quota, in the place of one it has."""
    quota = _read(await read(request, NewQuota))
    async with rooms.notes.turn():
        found = await rooms.endpoint(endpoint_id)
        note = msgspec.structs.replace(found.note, quota=quota)
        found = found._replace(note=note)
        await apply(rooms, found, await rooms.notes.profile(found.known.device.policy))
        await rooms.note(found, note)
    return created(url(request, "endpoint", endpoint_id, "quota/sms"))


@delete("/", status_code=HTTPStatus.NO_CONTENT)
async def remove(rooms: NamedDependency[Rooms], endpoint_id: Id) -> None:
    """Take the quota of an endpoint away."""
    async with rooms.notes.turn():
        found = await rooms.endpoint(endpoint_id)
        _quota(found, endpoint_id)
        await rooms.keeper.change(found.number, DeviceChange(overrides=_NOTHING))
        await rooms.note(found, msgspec.structs.replace(found.note, quota=None))


async def check_quota(rooms: Rooms, found: Found) -> None:
    """Raise Wrong if an endpoint needs a quota and has none that is good."""
    quota, name = found.note.quota, found.known.device.policy
    now = rooms.services.clock.now()
    if quota is not None and now < quota.expires_at:
        return
    profile = await rooms.notes.profile(name)
    if not profile.apply_sms_quota:
        return
    if quota is None:
        raise Wrong(NOT_ALLOWED_NOW, "the endpoint has no SMS quota, and its profile wants one")
    async with rooms.notes.turn():
        await apply(rooms, found, profile)
    raise Wrong(NOT_ALLOWED_NOW, "the SMS quota of the endpoint has expired")


async def apply(rooms: Rooms, found: Found, profile: Profile) -> None:
    """Write what follows from a quota into the overrides of its device, if that changes them."""
    quota = found.note.quota
    assert quota is not None
    base = policy_keys.read(rooms, _policy(rooms, found.known.device.policy))
    wanted: dict[str, Any] = {
        f"{direction}_limit": policy_keys.monthly(base.get(f"{direction}_limit", []), quota.volume)
        for direction in ("mo", "mt")
    }
    good = rooms.services.clock.now() < quota.expires_at
    on = profile.apply_sms_quota and good
    wanted |= {"mo": profile.mo if on else None, "mt": profile.mt if on else None}
    has = overrides(found.known.device.overrides)
    if any(has.get(key) != value for key, value in wanted.items()):
        await rooms.keeper.change(found.number, DeviceChange(overrides=wanted))


async def apply_to_all(rooms: Rooms, name: str, profile: Profile) -> None:
    """Do that for all endpoints of a profile that have a quota, after the profile has changed."""
    after = ""
    while notes := await rooms.notes.after(Endpoint, after, NOTES_AT_ONCE):
        for number, note in notes.items():
            if note.quota is None:
                continue
            # Who removes a device at another door leaves its note.
            with suppress(UnknownDevice):
                known = await rooms.catalogue.find(number)
                if known.device.policy == name:
                    await apply(rooms, Found(known, note), profile)
        after = max(notes)


def exhausted(rooms: Rooms, found: Found, verdict: Verdict) -> str | None:
    """Return the platform's words for a quota of the endpoint, if it is one that refuses."""
    restrictions = _compiled(rooms, found).mt_restrictions
    for quota in restrictions.quotas if restrictions is not None else ():
        if verdict.detail == at_most(TERMINAL + found.number, quota):
            return f"Traffic limit of {quota.count} MT-SMS per {quota.span} exceeded"
    return None


def _policy(rooms: Rooms, name: str) -> str:
    return name if name in rooms.services.policies else "default"


def _compiled(rooms: Rooms, found: Found) -> Policy:
    device = found.known.device
    return rooms.services.policies.overridden(device.policy, device.overrides)


def _quota(found: Found, endpoint_id: str) -> Quota:
    if found.note.quota is None:
        raise Wrong(NOT_FOUND, f"Quota with id {endpoint_id} not found")
    return found.note.quota


async def _status(rooms: Rooms, found: Found, quota: Quota) -> int:
    now = rooms.services.clock.now()
    if now >= quota.expires_at:
        return EXPIRED
    restrictions = _compiled(rooms, found).mt_restrictions
    if restrictions is None:
        return ACTIVE
    monthly = tuple(each for each in restrictions.quotas if each.span is Span.MONTH)
    allowance = Allowance(TERMINAL + found.number, monthly, restrictions.local_time)
    counts = await rooms.services.store.counts(keys([allowance], now))
    return EXHAUSTED if max(counts.values(), default=0) >= quota.volume else ACTIVE


def _read(given: NewQuota) -> Quota:
    """Read a quota; raises Wrong."""
    for field in ("volume", "expiry_date"):
        if getattr(given, field) is None:
            raise Wrong(REQUIRED, f"Quota - {field} is required")
    assert given.volume is not None and given.expiry_date is not None
    if not 1 <= given.volume <= LARGEST:
        raise Wrong(BAD_FORMAT, f"volume: write 1 to {LARGEST}")
    if given.action_on_exhaustion.id != BLOCK["id"]:
        raise Wrong(BAD_FORMAT, "action_on_exhaustion: write the id 1, Block")
    return Quota(
        int(given.volume),
        times.read(given.expiry_date, "expiry_date"),
        given.threshold_percentage,
        given.auto_refill,
    )


def router() -> Router:
    """Make the routes of an endpoint's quota."""
    return Router("/endpoint/{endpoint_id:str}/quota/sms", route_handlers=[show, create, remove])
