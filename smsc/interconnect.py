"""The tables of the configuration about other SMSCs: `[[links]]` to them, and `[[routes]]`."""

import re
from collections.abc import Sequence, Set
from pathlib import Path
from typing import Final, Literal

from smsc.certificate import CertificateError, client_context
from smsc.mistake import check_names, nearest, wrong
from smsc.notation import Duration, Limit, Table, Weekly
from smsc_routing import routes

LONGEST_SYSTEM_ID: Final = 15
LONGEST_SYSTEM_TYPE: Final = 12
LONGEST_PASSWORD: Final = 64
"""SMPP allows 8; SMSCs that take longer ones are many."""
LARGEST_WINDOW: Final = 10_000

_NAME: Final = re.compile(r"[a-z0-9_-]{1,32}")


class LinkTls(Table, frozen=True):
    """`[links.tls]`: the other SMSC is called over TLS, and must show a certificate."""

    ca: Path | None = None
    hostname: str = ""


class Link(Table, frozen=True):
    """`[[links]]`: another SMSC, which we call as an ESME does."""

    name: str
    host: str
    port: int
    system_id: str
    password: str = ""
    system_type: str = ""
    window: int = 100
    rate: Limit | None = None
    enquire_link_timer: Duration = Duration("30s")
    response_timer: Duration = Duration("10s")
    reconnect: Duration = Duration("1s")
    reconnect_longest: Duration = Duration("1m")
    receipt_wait: Duration = Duration("3d")
    tls: LinkTls | None = None


class Route(Table, frozen=True, kw_only=True):
    """`[[routes]]`: over which links messages leave for numbers that begin with a prefix."""

    prefix: str = ""
    links: tuple[str, ...]
    account: str | None = None
    traffic: Literal["external", "p2p_external_mo"] | None = None
    source: str = ""
    hours: Weekly | None = None
    priority: int = 0
    cost: float = 0
    weight: int = 1


def check(links: Sequence[Link], routes: Sequence[Route], accounts: Set[str]) -> None:
    """Check what one value can't tell alone; raises what `smsc.mistake.wrong` makes."""
    check_names("links", "name", [link.name for link in links])
    for index, link in enumerate(links):
        _check_link(f"links[{index}]", link)
    names = {link.name for link in links}
    for index, route in enumerate(routes):
        _check_route(f"routes[{index}]", route, names, accounts)


def _check_link(path: str, link: Link) -> None:
    if not _NAME.fullmatch(link.name):
        raise wrong(f"{path}.name", "write 1 to 32 of a-z, 0-9, _ and -")
    if not link.host:
        raise wrong(f"{path}.host", "nobody listens there; write a name or an address")
    if not 1 <= link.port <= 0xFFFF:
        raise wrong(f"{path}.port", "no port; write 1 to 65535")
    for key, longest in (
        ("system_id", LONGEST_SYSTEM_ID),
        ("system_type", LONGEST_SYSTEM_TYPE),
        ("password", LONGEST_PASSWORD),
    ):
        text = getattr(link, key)
        if len(text) > longest or not text.isascii() or "\0" in text:
            raise wrong(f"{path}.{key}", f"write up to {longest} characters of ASCII")
    if not 1 <= link.window <= LARGEST_WINDOW:
        raise wrong(f"{path}.window", f"write 1 to {LARGEST_WINDOW}")
    for key in ("enquire_link_timer", "response_timer", "reconnect", "receipt_wait"):
        if not getattr(link, key).ms:
            raise wrong(f"{path}.{key}", "no time at all; write 1s or more")
    if link.reconnect_longest.ms < link.reconnect.ms:
        raise wrong(f"{path}.reconnect_longest", "shorter than reconnect; write as much or more")
    if link.tls is not None:
        try:
            client_context(link.tls.ca)
        except CertificateError as error:
            raise wrong(f"{path}.tls.{error.key}", str(error)) from error


def _check_route(path: str, route: Route, names: Set[str], accounts: Set[str]) -> None:
    for index, name in enumerate(route.links):
        if name not in names:
            raise wrong(f"{path}.links[{index}]", f"no such link{nearest(name, set(names))}")
    if route.account is not None and route.account not in accounts:
        problem = f"no such account{nearest(route.account, set(accounts))}"
        raise wrong(f"{path}.account", problem)
    try:
        routes.RouteTable([routes.Route(route.prefix, route.links, weight=route.weight)])
    except ValueError as error:
        raise wrong(f"{path}.{_key(route)}", str(error).partition(": ")[2]) from error
    if route.cost != route.cost:
        raise wrong(f"{path}.cost", "no number; write one")


def _key(route: Route) -> str:
    """Return which key of a route that isn't one is at fault."""
    if not route.links:
        return "links"
    return "weight" if route.weight < 1 else "prefix"
