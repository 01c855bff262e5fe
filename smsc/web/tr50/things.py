"""Things, which are our devices: found by any of their identities, and listed."""

from typing import Any, Final

from smsc.network.hlr import UnknownDevice
from smsc.subscriber import MSISDN, Device, Identity
from smsc.web.identities import NotIdentified, who
from smsc.web.tr50.envelope import Code, Failure
from smsc.web.tr50.parameters import Params, invalid
from smsc.web.tr50.room import Caller, Room
from smsc_routing.number import is_number

SENDING: Final = {
    "thingKey": Identity.THING_KEY,
    "esn": Identity.ESN,
    "iccid": Identity.ICCID,
    "imei": Identity.IMEI,
    "imsi": Identity.IMSI,
    "meid": Identity.MEID,
    "msisdn": MSISDN,
}
"""What names the thing a message is for, in the order in which it is looked for."""

FINDING: Final = {
    "key": Identity.THING_KEY,
    "id": Identity.ID,
    **SENDING,
    "thingId": Identity.ID,
}

LONGEST_LIST: Final = 1000
DEFAULT_LIST: Final = 50
FURTHEST: Final = 100_000
"""So far into a list anybody may ask."""


def not_found() -> Failure:
    """Say that there is no such thing."""
    return Failure(Code.NOT_FOUND, "Thing not found.")


async def number_of(room: Room, params: Params, names: dict[str, str]) -> str | None:
    """Return the number of the thing that parameters name, None if none of them is given.

    The first that somebody has decides; a number is returned whether a thing has it or not. Raises
    Failure if there is nobody.
    """
    given = {name: value for name in names if (value := params.text(name))}
    if not given:
        return None
    for name, value in given.items():
        if names[name] == MSISDN and not is_number(value.removeprefix("+")):
            raise invalid(name, "write up to 15 digits.")
        try:
            return await room.catalogue.number(f"{names[name]}:{value}")
        except NotIdentified as error:
            if not _could_be(names[name], value):
                raise invalid(name, f"{error}.") from error
    raise not_found()


def _could_be(kind: str, value: str) -> bool:
    try:
        who(f"{kind}:{value}")
    except NotIdentified:
        return False
    return True


async def find(room: Room, caller: Caller, params: Params) -> dict[str, Any]:
    """Describe one thing."""
    number = await number_of(room, params, FINDING)
    if number is None:
        number = await own_thing(room, caller)
    if number is None:
        raise Failure(Code.PARAMETER, f"Missing parameter: one of {', '.join(FINDING)}")
    try:
        found = await room.catalogue.find(number)
    except UnknownDevice as error:
        raise not_found() from error
    return described(room, found.device)


async def own_thing(room: Room, caller: Caller) -> str | None:
    """Return the number of the thing of an application's session; None for a user's."""
    key = caller.session.thing_key
    if not key:
        return None
    try:
        return await room.catalogue.number(f"{Identity.THING_KEY}:{key}")
    except NotIdentified as error:
        raise not_found() from error


async def listing(room: Room, caller: Caller, params: Params) -> dict[str, Any]:
    """Describe some things, in the order of their numbers as text."""
    offset = params.within("offset", 0, 0, FURTHEST)
    limit = params.within("limit", DEFAULT_LIST, 1, LONGEST_LIST)
    after, skipped, found = "", 0, list[Device]()
    while len(found) <= limit:
        page = await room.catalogue.listing(after, min(offset - skipped or limit + 1, LONGEST_LIST))
        devices = [known.device for known in page.devices]
        if skipped < offset:
            skipped += len(devices)
        else:
            found += devices
        if page.next is None:
            break
        after = page.next
    return counted(offset, [described(room, device) for device in found], limit)


def counted(offset: int, rows: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    """Return a list as lists are answered: of what follows, `count` tells that there is some.

    Whoever asks on while the offset is below `count` so comes to the end.
    """
    shown = rows[:limit]
    return {"count": offset + len(rows[: limit + 1]) if rows else 0, "result": shown}


def described(room: Room, device: Device) -> dict[str, Any]:
    """Describe a thing: what isn't known of it is left out."""
    identities = {str(kind): value for kind, value in device.identities.items() if value}
    key = identities.pop(Identity.THING_KEY, "")
    return {
        **({"key": key} if key else {}),
        **identities,
        "msisdn": device.number,
        "defKey": device.policy,
        "connected": device.attached,
        "preferredSmsc": device.link or room.own_smsc,
    }
