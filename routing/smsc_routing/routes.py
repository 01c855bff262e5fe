"""Over which links a message to a number elsewhere may leave, and in what order to try them.

The routes with the longest prefix that the number begins with are asked first. Those that fit the
other conditions give the order: by priority, the lowest first; then by cost; and where these are
equal, by a draw in which a route comes first as often as its weight says (as in SRV records,
RFC 2782). Each gives its links in the order they are written. Routes of a shorter prefix are
asked only if none of the longer one fits, and never because a link is down: a country that has
routes of its own doesn't leave over the default.

A look-up tries the beginnings of the number, the longest first, of the lengths that prefixes have:
15 at most, however many prefixes there are.

A table never changes. To change routes, make another and put it in its place.
"""

from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import groupby
from typing import NamedTuple

from smsc_routing.explanation import Step, Steps
from smsc_routing.hours import Hours
from smsc_routing.number import MAX_DIGITS, is_number
from smsc_routing.traffic import Traffic

_BELOW_ONE = 1 - 2**-53
_NONE: frozenset[str] = frozenset()


class Route(NamedTuple):
    """A way out over some links, for numbers that begin with a prefix: "" for every number.

    A condition that is left open fits everything: the submitting account, the class of traffic,
    a prefix of the source address, hours of the week. `cost` is in any unit, as long as all
    routes have the same.
    """

    prefix: str
    links: tuple[str, ...]
    account: str | None = None
    traffic: Traffic | None = None
    source: str = ""
    hours: Hours | None = None
    priority: int = 0
    cost: float = 0
    weight: int = 1

    def __str__(self) -> str:
        """Return what a person knows it by."""
        to = f"'{self.prefix}'" if self.prefix else "every number"
        return f"route to {to} over {', '.join(self.links)}"


class Departure(NamedTuple):
    """What is asked of a route about one message.

    `minute_of_week` is that of the local time by which the routes' hours are told. `arrived_over`
    is the link the message came in from, `asked_link` the one its submitter asked for, and
    `device_link` the one of the device that sends, which overrides it; "" for none of each.
    """

    destination: str
    source: str = ""
    account: str = ""
    traffic: Traffic | None = None
    minute_of_week: int = 0
    arrived_over: str = ""
    asked_link: str = ""
    device_link: str = ""


class _Shelf(NamedTuple):
    """The routes of one prefix, best first."""

    routes: tuple[Route, ...]
    order: tuple[str, ...]
    """The links, if that is the order for whatever is asked; else empty."""


class RouteTable:
    """Routes by prefix, in an order that never changes."""

    __slots__ = ("_lengths", "_shelves", "links")

    def __init__(self, routes: Iterable[Route] = ()) -> None:
        """Index the routes. Raises ValueError for one that can't be meant."""
        by_prefix: dict[str, list[Route]] = {}
        links: set[str] = set()
        for route in routes:
            _check(route)
            if len(set(route.links)) < len(route.links):
                route = route._replace(links=tuple(dict.fromkeys(route.links)))
            by_prefix.setdefault(route.prefix, []).append(route)
            links.update(route.links)
        self.links = frozenset(links)
        self._shelves = {prefix: _shelf(routes) for prefix, routes in by_prefix.items()}
        lengths = sorted({len(prefix) for prefix in by_prefix}, reverse=True)
        self._lengths = [
            tuple(length for length in lengths if length <= size) for size in range(MAX_DIGITS + 1)
        ]
        """The lengths of prefixes that a number of so many digits may begin with."""

    def __len__(self) -> int:
        """Return the number of prefixes."""
        return len(self._shelves)

    def candidates(
        self,
        departure: Departure,
        draw: float = 0.0,
        barred: Set[str] = _NONE,
        last_resort: bool = False,
        steps: Steps | None = None,
    ) -> tuple[str, ...]:
        """Return the links to try for a message, in order; empty if there is none.

        `draw` is at least 0 and less than 1. Links that are `barred` (down, throttled) are left
        out, or with `last_resort` come after the others. A message never leaves over the link it
        arrived over. A link asked for by name is the only candidate.
        """
        named = departure.device_link or departure.asked_link
        order = (named,) if named else self._order(departure, draw, steps)
        if steps is not None:
            _note_links(order, departure, barred, steps)
        arrived_over = departure.arrived_over
        if arrived_over and arrived_over in order:
            order = tuple([link for link in order if link != arrived_over])
        if barred and not barred.isdisjoint(order):
            free = [link for link in order if link not in barred]
            if last_resort:
                free += [link for link in order if link in barred]
            return tuple(free)
        return order

    def _order(self, departure: Departure, draw: float, steps: Steps | None) -> tuple[str, ...]:
        number = departure.destination
        find = self._shelves.get
        for length in self._lengths[min(len(number), MAX_DIGITS)]:
            shelf = find(number[:length])
            if shelf is None:
                continue
            if shelf.order and steps is None:
                return shelf.order
            fitting = [route for route in shelf.routes if _fits(route, departure, steps)]
            if fitting:
                return _in_order(fitting, draw)
        return ()


def _check(route: Route) -> None:
    wrong = None
    if route.prefix and not is_number(route.prefix):
        wrong = "a prefix is up to 15 digits, or empty for every number"
    elif not route.links or not all(route.links):
        wrong = "it leads nowhere: name at least one link"
    elif route.weight < 1:
        wrong = f"its weight is {route.weight}: weights start at 1"
    elif route.cost != route.cost:
        wrong = "its cost is no number"
    if wrong:
        raise ValueError(f"{route}: {wrong}")


def _shelf(routes: list[Route]) -> _Shelf:
    if len(routes) == 1:
        return _Shelf((routes[0],), routes[0].links if _is_open(routes[0]) else ())
    return _Shelf(tuple(sorted(routes, key=_rank)), ())


def _rank(route: Route) -> tuple[int, float]:
    return route.priority, route.cost


def _is_open(route: Route) -> bool:
    return route.account is None and route.traffic is None and not route.source and not route.hours


def _fits(route: Route, departure: Departure, steps: Steps | None) -> bool:
    misfit = _misfit(route, departure)
    if steps is not None:
        why = _ONLY_FOR[misfit].format(route) if misfit or route.prefix else _ANY_NUMBER
        steps.append(Step(str(route), not misfit, why))
    return not misfit


def _misfit(route: Route, departure: Departure) -> str:
    """Return the name of the first condition of a route that isn't met, or ""."""
    if route.account is not None and route.account != departure.account:
        return "account"
    if route.traffic is not None and route.traffic is not departure.traffic:
        return "traffic"
    if route.source and not departure.source.startswith(route.source):
        return "source"
    if route.hours is not None and not route.hours.cover(departure.minute_of_week):
        return "hours"
    return ""


_ONLY_FOR = {
    "account": "only for account {0.account}",
    "traffic": "only for traffic {0.traffic}",
    "source": "only for sources that begin with {0.source}",
    "hours": "only for the hours {0.hours.text}",
    "": "the number begins with '{0.prefix}'",
}


_ANY_NUMBER = "it is for every number"


def _in_order(routes: Sequence[Route], draw: float) -> tuple[str, ...]:
    """Return the links of sorted routes, each once, with equal routes in the order of the draw."""
    if len(routes) == 1:
        return routes[0].links
    links: list[str] = []
    for _, equals in groupby(routes, _rank):
        for route in _drawn(list(equals), draw):
            links += route.links
    return tuple(dict.fromkeys(links))


def _drawn(routes: list[Route], draw: float) -> Iterator[Route]:
    """Yield routes in an order by weight.

    Where the draw falls within the stretch of the route it hits is a draw for the others.
    """
    total = sum(route.weight for route in routes)
    while len(routes) > 1:
        point, place = draw * total, 0
        while place < len(routes) - 1 and point >= routes[place].weight:
            point -= routes[place].weight
            place += 1
        route = routes.pop(place)
        yield route
        total -= route.weight
        draw = min(point / route.weight, _BELOW_ONE)
    yield from routes


def _note_links(
    order: tuple[str, ...], departure: Departure, barred: Set[str], steps: Steps
) -> None:
    named = departure.device_link or departure.asked_link
    if named:
        whose = "the device's own link" if departure.device_link else "the link asked for"
        steps.append(Step("named link", True, f"{named} is {whose}, and no route is asked"))
    elif not order:
        steps.append(Step("routes", False, f"no route leads to {departure.destination}"))
    for link in order:
        if link == departure.arrived_over:
            steps.append(Step(f"link {link}", False, "the message came in from it"))
        elif link in barred:
            steps.append(Step(f"link {link}", False, "it takes nothing at present"))
        else:
            steps.append(Step(f"link {link}", True, "it takes messages"))
