"""The accounts of the configuration over HTTP, without their secrets, and who is bound now."""

from heapq import nsmallest
from typing import Annotated, Any

from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter
from msgspec import Meta, Struct

from smsc import config
from smsc.smpp.session import State
from smsc.web.amending import viewer_of
from smsc.web.problems import EVERYWHERE, LONGEST_PAGE, NotThere, spec
from smsc.web.services import Services


class Binds(Struct, frozen=True):
    """How many sessions an account has bound."""

    transmitters: int
    receivers: int
    transceivers: int


class Account(Struct, frozen=True):
    """An account, and who is bound for it now."""

    system_id: Annotated[str, Meta(examples=["fleet"])]
    addresses: Annotated[
        list[str], Meta(description="What is its own; the first is its usual sender.")
    ]
    operator: Annotated[bool, Meta(description="Whether it is of those who run the SMSC.")]
    external: Annotated[bool, Meta(description="Whether it may send to numbers elsewhere.")]
    broadcast: Annotated[bool, Meta(description="Whether it may send to whole areas.")]
    country: Annotated[str, Meta(description="Where its numbers are dialled; empty for none.")]
    rate: Annotated[
        float | None, Meta(description="How many messages a second it may send; null for any.")
    ]
    weight: Annotated[int, Meta(description="Its share of what all have together.")]
    max_binds: int
    window: int
    tokens: Annotated[list[str], Meta(description="The names of its further API tokens.")]
    binds: Binds


class AccountPage(Struct, frozen=True):
    """Some of the accounts, in the order of their names."""

    accounts: list[Account]
    next: Annotated[
        str | None, Meta(description="What to ask for `after` to see more; null at the end.")
    ]


@get("/", operation_id="list_accounts", summary="List accounts", responses=EVERYWHERE)
async def listing(
    request: Request[str, Any, Any],
    services: NamedDependency[Services],
    after: Annotated[str, QueryParameter(description="Show names that follow this one.")] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=LONGEST_PAGE, description="How many.")] = 100,
) -> AccountPage:
    """Show the token's own account; with the token of an operator's, a page of all of them."""
    found = {each.system_id: each for each in _seen(request, services) if each.system_id > after}
    names = nsmallest(limit + 1, found)
    return AccountPage(
        [_shown(found[name], services) for name in names[:limit]],
        names[limit - 1] if len(names) > limit else None,
    )


@get(
    "/{name:str}",
    operation_id="show_account",
    summary="Show an account",
    responses=EVERYWHERE | {404: spec("There is no such account, or it is another one.")},
)
async def show(
    request: Request[str, Any, Any],
    services: NamedDependency[Services],
    name: Annotated[str, PathParameter(description="Its system_id.")],
) -> Account:
    """Show one account: the token's own, or with the token of an operator's any."""
    for each in _seen(request, services):
        if each.system_id == name:
            return _shown(each, services)
    raise NotThere("account", name)


def _seen(request: Request[str, Any, Any], services: Services) -> list[config.Account]:
    viewer = viewer_of(request, services)
    return [each for each in services.config().accounts if viewer in (None, each.system_id)]


def _shown(account: config.Account, services: Services) -> Account:
    name, rate, count = account.system_id, account.rate, services.bindings.count
    return Account(
        system_id=name,
        addresses=list(account.addresses),
        operator=account.operator,
        external=account.external,
        broadcast=account.broadcast,
        country=account.country,
        rate=None if rate is None else rate.rate.count * 1000 / rate.rate.period_ms,
        weight=account.weight,
        max_binds=account.max_binds,
        window=account.window,
        tokens=[each.name for each in services.config().tokens if each.account == name],
        binds=Binds(
            count(name, State.BOUND_TX), count(name, State.BOUND_RX), count(name, State.BOUND_TRX)
        ),
    )


def router() -> Router:
    """Make the routes under /accounts."""
    return Router("/accounts", route_handlers=[listing, show], tags=["Accounts"])
