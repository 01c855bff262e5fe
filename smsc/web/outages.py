"""Outages of the simulated network over HTTP: which there are, and having them begin and end."""

from http import HTTPStatus
from typing import Annotated, Final

from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, PathParameter
from msgspec import Meta, Struct

from smsc.network.outages import OUTAGES
from smsc.web.answers import patience
from smsc.web.problems import EVERYWHERE, check_store, problem, spec
from smsc.web.services import Services

_FAILED: Final = {503: spec("The store can't write.")}


class Outage(Struct, frozen=True, forbid_unknown_fields=True):
    """An outage: no device of these numbers can be reached until it ends."""

    msisdn: Annotated[
        str,
        Meta(
            description="A number, or the pattern of many: `#` is any digit.",
            examples=["4471########"],
        ),
    ]


class OutageList(Struct, frozen=True):
    """All outages there are."""

    outages: list[Outage]


@get("/", operation_id="list_outages", summary="List outages", responses=EVERYWHERE)
async def listing(services: NamedDependency[Services]) -> OutageList:
    """Show all outages, in the order of their patterns."""
    return OutageList([Outage(each) for each in sorted(services.hlr.outages.patterns)])


@post(
    "/",
    operation_id="begin_outage",
    summary="Have an outage begin",
    responses=EVERYWHERE
    | _FAILED
    | {
        200: ResponseSpec(Outage, description="There was one.", generate_examples=False),
        409: spec(f"There are {OUTAGES} outages, which is as many as may be."),
        422: spec("That is no pattern of numbers."),
    },
)
async def begin(services: NamedDependency[Services], data: JSONBody[Outage]) -> Response[Outage]:
    """Have no device of a pattern within reach until the outage ends: messages for them wait.

    Answered when it is durable, by 201 if there wasn't one of the same pattern already.
    """
    check_store(services.ledger)
    hlr = services.hlr
    if len(hlr.outages.patterns) >= OUTAGES and data.msisdn not in hlr.outages.patterns:
        raise problem(HTTPStatus.CONFLICT, f"there are {OUTAGES} outages: end one of them first")
    try:
        existed = hlr.begin_outage(data.msisdn)
    except ValueError as error:
        raise problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"msisdn: {error}") from error
    await _written(services, data.msisdn)
    return Response(data, status_code=HTTPStatus.OK if existed else HTTPStatus.CREATED)


@delete(
    "/{pattern:str}",
    operation_id="end_outage",
    summary="Have an outage end",
    responses=EVERYWHERE | _FAILED | {404: spec("There is no such outage.")},
)
async def end(
    services: NamedDependency[Services],
    pattern: Annotated[
        str, PathParameter(description="What it began with; `#` is written `%23` in a path.")
    ],
) -> None:
    """Have all its devices come back at once, each as it was: what waits for them is delivered.

    Answered when it is durable.
    """
    check_store(services.ledger)
    if not services.hlr.end_outage(pattern):
        raise problem(
            HTTPStatus.NOT_FOUND,
            f"there is no outage of {pattern[:40]!r}; GET /v1/outages lists those there are",
            title="Unknown outage",
        )
    await _written(services, pattern)


async def _written(services: Services, pattern: str) -> None:
    unknown = f"whether there is an outage of {pattern} after a restart isn't known"
    async with patience(services.clock, unknown):
        await services.ledger.written()


def router() -> Router:
    """Make the routes under /outages."""
    return Router("/outages", route_handlers=[listing, begin, end], tags=["Devices"])
