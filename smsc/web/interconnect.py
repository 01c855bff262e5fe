"""Links to other SMSCs and routes over HTTP, for operators: what there is, and reading it again."""

from heapq import nsmallest
from http import HTTPStatus
from typing import Annotated, Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter
from msgspec import Meta, Struct

from smsc import interconnect
from smsc.web.problems import EVERYWHERE, LONGEST_PAGE, NotThere, problem, spec
from smsc.web.services import Services


class Link(Struct, frozen=True):
    """A link, and how it is now."""

    name: str
    host: str
    port: int
    system_id: Annotated[str, Meta(description="The name we bind with.")]
    tls: bool
    window: int
    rate: Annotated[float | None, Meta(description="Messages a second at most; null for any.")]
    up: Annotated[bool, Meta(description="Whether it is bound.")]
    resting: Annotated[bool, Meta(description="Whether it is left alone, as it was throttled.")]
    waiting: Annotated[int, Meta(description="How many messages wait for room on it.")]
    outstanding: Annotated[int, Meta(description="How many await their answer.")]


class LinkPage(Struct, frozen=True):
    """Some of the links, in the order of their names."""

    links: list[Link]
    next: Annotated[
        str | None, Meta(description="What to ask for `after` to see more; null at the end.")
    ]


class Route(Struct, frozen=True):
    """A route: over which links messages leave for numbers that begin with a prefix."""

    number: Annotated[int, Meta(description="Which one it is in the configuration, from 1 on.")]
    prefix: str
    links: list[str]
    account: Annotated[str | None, Meta(description="For this account alone; null for any.")]
    traffic: Annotated[str | None, Meta(description="For this class alone; null for any.")]
    source: Annotated[str, Meta(description="For senders that begin so.")]
    timed: Annotated[bool, Meta(description="Whether it counts at some hours only.")]
    priority: int
    cost: float
    weight: int


class RoutePage(Struct, frozen=True):
    """Some of the routes, in the order of the configuration."""

    routes: list[Route]
    next: Annotated[
        int | None, Meta(description="What to ask for `after` to see more; null at the end.")
    ]


class Reloaded(Struct, frozen=True):
    """The configuration was read again: its links, routes and policies are in force."""

    restart_needed: Annotated[
        list[str], Meta(description="Tables that have changed, too, and need a restart.")
    ]


def _for_operators(request: Request[str, Any, Any], services: Services) -> None:
    if request.user not in services.operators:
        raise problem(
            HTTPStatus.FORBIDDEN,
            f"account {request.user} may not see where messages leave;"
            " set operator = true for an account of yours in the config",
        )


@get(
    "/links",
    tags=["Operation"],
    operation_id="list_links",
    summary="List links",
    responses=EVERYWHERE,
)
async def links(
    request: Request[str, Any, Any],
    services: NamedDependency[Services],
    after: Annotated[str, QueryParameter(description="Show names that follow this one.")] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=LONGEST_PAGE, description="How many.")] = 100,
) -> LinkPage:
    """Show the links and how they are now, for the token of an operator's account."""
    _for_operators(request, services)
    found = {each.name: each for each in services.config().links if each.name > after}
    names = nsmallest(limit + 1, found)
    return LinkPage(
        [_shown(found[name], services) for name in names[:limit]],
        names[limit - 1] if len(names) > limit else None,
    )


@get(
    "/links/{name:str}",
    tags=["Operation"],
    operation_id="show_link",
    summary="Show a link",
    responses=EVERYWHERE | {404: spec("There is no such link.")},
)
async def link(
    request: Request[str, Any, Any],
    services: NamedDependency[Services],
    name: Annotated[str, PathParameter(description="Its name.")],
) -> Link:
    """Show one link and how it is now, for the token of an operator's account."""
    _for_operators(request, services)
    for each in services.config().links:
        if each.name == name:
            return _shown(each, services)
    raise NotThere("link", name)


@get(
    "/routes",
    tags=["Operation"],
    operation_id="list_routes",
    summary="List routes",
    responses=EVERYWHERE,
)
async def routes(
    request: Request[str, Any, Any],
    services: NamedDependency[Services],
    after: Annotated[
        int, QueryParameter(ge=0, le=1 << 31, description="Show those that follow this number.")
    ] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=LONGEST_PAGE, description="How many.")] = 100,
) -> RoutePage:
    """Show the routes in the order of the configuration, for the token of an operator's account."""
    _for_operators(request, services)
    every = services.config().routes
    page = every[after : after + limit]
    return RoutePage(
        [_routed(number, each) for number, each in enumerate(page, after + 1)],
        after + limit if after + limit < len(every) else None,
    )


@post(
    "/reload",
    tags=["Operation"],
    operation_id="reload",
    summary="Read the configuration again",
    status_code=HTTPStatus.OK,
    responses=EVERYWHERE
    | {
        409: spec("The SMSC was started without a file."),
        422: spec("The file has a mistake, which `detail` tells; nothing was changed."),
    },
)
async def reload(services: NamedDependency[Services]) -> Reloaded:
    """Do what SIGHUP does: read the file again, and go by its links, routes and policies."""
    outcome = await services.reload()
    if outcome is None:
        raise problem(
            HTTPStatus.CONFLICT,
            "the SMSC was started without a file: start it with smsc serve --config FILE",
        )
    if outcome.mistake:
        raise problem(HTTPStatus.UNPROCESSABLE_ENTITY, outcome.mistake, title="Not reloaded")
    return Reloaded(list(outcome.restart))


def _shown(configured: interconnect.Link, services: Services) -> Link:
    rate = configured.rate
    outlets = {each.name: each for each in services.links()}
    outlet = outlets.get(configured.name)
    return Link(
        name=configured.name,
        host=configured.host,
        port=configured.port,
        system_id=configured.system_id,
        tls=configured.tls is not None,
        window=configured.window,
        rate=None if rate is None else rate.rate.count * 1000 / rate.rate.period_ms,
        up=outlet is not None and outlet.up,
        resting=outlet is not None and outlet.resting,
        waiting=0 if outlet is None else len(outlet.shares),
        outstanding=0 if outlet is None else outlet.outstanding,
    )


def _routed(number: int, route: interconnect.Route) -> Route:
    return Route(
        number=number,
        prefix=route.prefix,
        links=list(route.links),
        account=route.account,
        traffic=route.traffic,
        source=route.source,
        timed=route.hours is not None,
        priority=route.priority,
        cost=route.cost,
        weight=route.weight,
    )
