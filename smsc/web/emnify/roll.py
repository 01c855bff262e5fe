"""Endpoints and SIMs in pages: all devices are walked through, filtered, and put in order.

A walk is made for each first page; further pages are of the same walk, so that none is seen twice
or left out while devices come and go. Walks are made one after another, for each reads all
devices from the store. Those behind the first hundred thousand aren't listed.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from smsc.network.hlr import UnknownDevice
from smsc.web.emnify import paging, shown
from smsc.web.emnify.errors import BAD_QUERY, BAD_SORT, Wrong
from smsc.web.emnify.paging import Asking, Page
from smsc.web.emnify.rooms import Found, Rooms

MOST: Final = 100_000
DEVICES_AT_ONCE: Final = 500
REMEMBERED: Final = 1000
"""Endpoints of a walk that needn't be read again."""
WALK_LASTS_MS: Final = 60_000
LONGEST_QUERY: Final = 1000

Value = Callable[[dict[str, Any]], Any]


def _member(*path: str) -> Value:
    def value(told: dict[str, Any]) -> Any:
        for step in path:
            told = (told or {}).get(step) or {} if step != path[-1] else told.get(step, "")
        return told if told is not None else ""

    return value


_ENDPOINT: Final[Mapping[str, Value]] = {
    "id": _member("id"),
    "name": _member("name"),
    "tags": _member("tags"),
    "status": _member("status", "id"),
    "created": _member("created"),
    "last_updated": _member("last_updated"),
    "ip_address": _member("ip_address"),
    "imei": _member("imei"),
    "service_profile": _member("service_profile", "id"),
    "sim_status": _member("sim", "status", "id"),
    "iccid": _member("sim", "iccid"),
    "imsi": _member("sim", "imsi"),
    "msisdn": _member("sim", "msisdn"),
}
_SIM: Final[Mapping[str, Value]] = {
    "id": _member("id"),
    "iccid": _member("iccid"),
    "imsi": _member("imsi"),
    "msisdn": _member("msisdn"),
    "status": _member("status", "id"),
    "endpoint": _member("endpoint", "id"),
}
_PARTS: Final = frozenset({"name", "tags", "created", "last_updated"})
"""Fields of which a filter may name a part."""


class View(NamedTuple):
    """A collection: what its items show, and how they may be filtered and sorted."""

    shown: Callable[[Found], dict[str, Any]]
    fields: Mapping[str, Value]
    most: int


ENDPOINTS: Final = View(
    lambda found: shown.endpoint(found.known.device, found.note), _ENDPOINT, 1000
)


def _sim(found: Found) -> dict[str, Any]:
    told = shown.sim(found.known.device, found.note)
    if not found.note.released:
        device = found.known.device
        endpoint = shown.endpoint(device, found.note)
        told["endpoint"] = {key: endpoint[key] for key in ("id", "name", "created", "last_updated")}
        told["endpoint"]["ip_address"] = None
    return told


SIMS: Final = View(_sim, _SIM, 2000)


class _Walk(NamedTuple):
    what: tuple[str, ...]
    at: int
    numbers: list[str]
    told: dict[str, dict[str, Any]]


class Roll:
    """Lists a collection."""

    def __init__(self, rooms: Rooms, view: View) -> None:
        """List what these rooms have."""
        self._rooms = rooms
        self._view = view
        self._turn = asyncio.Lock()
        self._walk: _Walk | None = None

    async def page(self, asking: Asking) -> tuple[Page, list[dict[str, Any]]]:
        """Return a page, and what is on it; raises Wrong."""
        wanted, order = self._filters(asking.q), self._order(asking.sort)
        async with self._turn:
            walk = self._walk
            if asking.page <= 1 or not self._goes_on(asking):
                walk = self._walk = await self._through(asking, wanted, order)
        assert walk is not None
        page = paging.page(asking, len(walk.numbers))
        first, end = page.bounds
        return page, [
            each
            for number in walk.numbers[first:end]
            if (each := walk.told.get(number) or await self._read(number)) is not None
        ]

    def _goes_on(self, asking: Asking) -> bool:
        walk, now = self._walk, self._rooms.services.clock.now()
        same = walk is not None and walk.what == (asking.q, asking.sort)
        return same and walk is not None and now - walk.at < WALK_LASTS_MS

    async def _read(self, number: str) -> dict[str, Any] | None:
        try:
            known = await self._rooms.catalogue.find(number)
        except UnknownDevice:
            return None
        (found,) = await self._rooms.with_notes([known])
        return self._view.shown(found)

    async def _through(
        self, asking: Asking, wanted: "list[_Filter]", order: "list[tuple[Value, bool]]"
    ) -> _Walk:
        """Walk through all devices."""
        keys: list[tuple[list[Any], str]] = []
        told: dict[str, dict[str, Any]] = {}
        after: str | None = ""
        while after is not None and len(keys) < MOST:
            listing = await self._rooms.catalogue.listing(after, DEVICES_AT_ONCE)
            after = listing.next
            for found in await self._rooms.with_notes(listing.devices):
                each = self._view.shown(found)
                if all(passes(each) for passes in wanted):
                    keys.append(([_key(value(each)) for value, _ in order], found.number))
                    if len(told) < REMEMBERED:
                        told[found.number] = each
        for place, (_, backwards) in reversed([*enumerate(order)]):
            keys.sort(key=lambda each: each[0][place], reverse=backwards)
        now = self._rooms.services.clock.now()
        return _Walk((asking.q, asking.sort), now, [number for _, number in keys[:MOST]], told)

    def _filters(self, q: str) -> "list[_Filter]":
        """Read `field:value` pairs; raises Wrong."""
        if len(q) > LONGEST_QUERY:
            raise Wrong(BAD_QUERY, f"q is longer than {LONGEST_QUERY} characters")
        filters = []
        for pair in filter(None, q.split(",")):
            field, colon, value = pair.partition(":")
            if not colon or field not in self._view.fields:
                raise Wrong(BAD_QUERY, f"q={pair[:40]!r}: write field:value, of {self._names}")
            filters.append(_filter(self._view.fields[field], value, field in _PARTS))
        return filters

    def _order(self, sort: str) -> list[tuple[Value, bool]]:
        """Read names of fields, a minus before those that go backwards; raises Wrong.

        One of an enumeration of the SDK's, as in DeviceSort.NAME, is the field of that name.
        """
        order = []
        for name in filter(None, sort[:LONGEST_QUERY].split(",")):
            field = name.lstrip("-+ ").rpartition(".")[2].lower()
            if field not in self._view.fields:
                raise Wrong(BAD_SORT, f"sort={name[:40]!r}: write one of {self._names}")
            order.append((self._view.fields[field], name.startswith("-")))
        return order

    @property
    def _names(self) -> str:
        return ", ".join(self._view.fields)


_Filter = Callable[[dict[str, Any]], bool]


def _filter(value: Value, wanted: str, part: bool) -> _Filter:
    said = wanted.lower().replace(" ", "t") if wanted[:1].isdigit() else wanted.lower()
    if wanted == "null":
        return lambda told: value(told) == ""
    if part:
        return lambda told: wanted.lower() in _text(value(told)) or said in _text(value(told))
    return lambda told: _text(value(told)) == wanted.lower()


def _text(value: object) -> str:
    return str(value).lower()


def _key(value: Any) -> tuple[bool, Any]:
    """Return what a value is sorted by: what is no number behind all numbers."""
    return (False, value) if isinstance(value, int) else (True, _text(value))
