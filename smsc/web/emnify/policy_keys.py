"""A policy as the keys it was written with, read and written whole."""

from typing import Any

import msgspec

from smsc.web.emnify.rooms import Rooms

Keys = dict[str, Any]


def read(rooms: Rooms, name: str) -> Keys:
    """Return what a policy says besides defaults."""
    keys: Keys = msgspec.json.decode(rooms.services.policies.written(name).text)
    keys.pop("name", None)
    return keys


def check(rooms: Rooms, name: str, keys: Keys) -> None:
    """Raise what `put` would."""
    rooms.services.policies.check(msgspec.json.encode(keys), name)


def put(rooms: Rooms, name: str, keys: Keys) -> None:
    """Have a policy say this from the next message on; durable when notes are `written`.

    Raises ConfigError, or PolicyOfFile for one that only the configuration changes.
    """
    policies = rooms.services.policies
    text = policies.check(msgspec.json.encode(keys), name)
    policies.put(text)
    rooms.services.ledger.page.policies[name] = text


def monthly(limits: list[str], volume: int | None) -> list[str]:
    """Return limits with this one per month in the place of any other, or with none."""
    others = [each for each in limits if not each.endswith("/month")]
    return others if volume is None else [*others, f"{volume}/month"]


def volume_a_month(limits: list[str]) -> int | None:
    """Return the limit per month, if there is one."""
    found = [int(each.partition("/")[0]) for each in limits if each.endswith("/month")]
    return min(found, default=None)
