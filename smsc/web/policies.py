"""Policies over HTTP: those of the config are read, those of the store are changed too."""

from heapq import nsmallest
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Response, Router, delete, get, put
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg, PathParameter, QueryParameter
from msgspec import Meta, Struct

from smsc.policies import DEFAULT
from smsc.subscriber import PolicyText
from smsc.web.answers import patience
from smsc.web.problems import EVERYWHERE, LONGEST_PAGE, check_store, problem, spec
from smsc.web.services import Services

_EXAMPLE: Final = {"mo_limit": ["10/min", "200/day"], "p2p_internal": False}
_UNKNOWN: Final = EVERYWHERE | {404: spec("There is no such policy.")}
_CHANGES: Final = {
    409: spec("The policy is of the configuration file, or the one every SMSC has."),
    503: spec("The store can't write."),
}

Name = Annotated[str, PathParameter(description="The name of the policy.")]
Keys = dict[str, Any]


class Policy(Struct, frozen=True):
    """A policy, and where it is written down."""

    name: str
    defined_in: Annotated[
        Literal["config", "store"],
        Meta(description="Where it is written down; what is in the store can be changed."),
    ]
    keys: Annotated[
        Keys, Meta(description="What it says; the rest has its default.", examples=[_EXAMPLE])
    ]


class PolicyList(Struct, frozen=True):
    """Some of the policies, in the order of their names."""

    policies: list[Policy]
    next: Annotated[
        str | None, Meta(description="What to ask for `after` to see more; null at the end.")
    ]


@get("/", operation_id="list_policies", summary="List policies", responses=EVERYWHERE)
async def listing(
    services: NamedDependency[Services],
    after: Annotated[str, QueryParameter(description="Show names that follow this one.")] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=LONGEST_PAGE, description="How many.")] = 100,
) -> PolicyList:
    """Show a page of the policies."""
    following = (policy.name for policy in services.policies if policy.name > after)
    names = nsmallest(limit + 1, following)
    return PolicyList(
        [_shown(services, name) for name in names[:limit]],
        names[limit - 1] if len(names) > limit else None,
    )


@get("/{name:str}", operation_id="show_policy", summary="Show a policy", responses=_UNKNOWN)
async def show(services: NamedDependency[Services], name: Name) -> Policy:
    """Show one policy."""
    return _shown(services, name)


@put(
    "/{name:str}",
    operation_id="put_policy",
    summary="Make or replace a policy",
    responses=EVERYWHERE
    | _CHANGES
    | {
        201: ResponseSpec(Policy, description="It wasn't there.", generate_examples=False),
        422: spec("A key or a value is wrong; `detail` says which, as `smsc check` would."),
    },
)
async def replace(
    services: NamedDependency[Services],
    name: Name,
    data: Annotated[
        Keys,
        BodyKwarg(
            description="The keys of `[[policies]]`, written as in a configuration.",
            examples=[Example(value=_EXAMPLE)],
        ),
    ],
) -> Response[Policy]:
    """Have a policy be as it is described, for the next message on. Answered when it is durable.

    What isn't said has its default.
    """
    check_store(services.ledger)
    existed = name in services.policies
    text = services.policies.check(msgspec.json.encode(data), name)
    services.policies.put(text)
    await _written(services, name, text)
    status = HTTPStatus.OK if existed else HTTPStatus.CREATED
    return Response(_shown(services, name), status_code=status)


@delete(
    "/{name:str}",
    operation_id="delete_policy",
    summary="Remove a policy",
    responses=_UNKNOWN | _CHANGES,
)
async def remove(services: NamedDependency[Services], name: Name) -> None:
    """Remove a policy from the store; devices that come under it come under `default` then."""
    if name == DEFAULT:
        raise problem(
            HTTPStatus.CONFLICT,
            f"there is always a policy {DEFAULT}; put {{}} in its place, and it has only defaults",
        )
    check_store(services.ledger)
    services.policies.remove(name)
    await _written(services, name, None)


async def _written(services: Services, name: str, text: PolicyText | None) -> None:
    services.ledger.page.policies[name] = text
    async with patience(
        services.clock, f"whether policy {name[:64]} outlives a restart isn't known"
    ):
        await services.ledger.written()


def _shown(services: Services, name: str) -> Policy:
    keys = msgspec.json.decode(services.policies.written(name).text, type=Keys)
    keys.pop("name", None)
    if services.policies.of_file(name):
        return Policy(name, "config", keys)
    return Policy(name, "store", keys)


def router() -> Router:
    """Make the routes under /policies."""
    handlers = [listing, show, replace, remove]
    return Router("/policies", route_handlers=handlers, tags=["Policies"])
