"""The import of devices over HTTP: the body is a CSV file, read as it comes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Final

from litestar import Request, Router, post
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import QueryParameter

from smsc.clock import Clock
from smsc.web.catalogue import Catalogue
from smsc.web.importer import Imported, Importer
from smsc.web.keeper import Keeper
from smsc.web.problems import EVERYWHERE, problem, spec
from smsc.web.services import Services

SECONDS_OF_SILENCE: Final = 60.0
_EXAMPLE: Final = """\
msisdn,imsi,policy,override.mo_limit
491700000010,262010000000010,meters,
491700000011,262010000000011,meters,10/min
"""


@dataclass
class _TakesCsv(Operation):
    """An operation whose body is a file that its handler reads by itself."""

    def __post_init__(self) -> None:
        file = Schema(
            type=OpenAPIType.STRING,
            description="CSV in UTF-8; the first line names the columns, each other is a device.",
        )
        self.request_body = RequestBody(
            {"text/csv": OpenAPIMediaType(schema=file, example=_EXAMPLE)}, required=True
        )


@post(
    "/import",
    operation_id="import_devices",
    summary="Import devices",
    status_code=HTTPStatus.OK,
    # Of the body only a slice is in memory at a time.
    request_max_body_size=None,
    operation_class=_TakesCsv,
    responses=EVERYWHERE
    | {
        408: spec("Nothing came for a minute; nothing was imported."),
        409: spec("Devices are being imported already."),
        422: spec("Some lines are wrong: nothing was imported, and `errors` names them."),
        503: spec("The store can't write."),
    },
)
async def take(
    request: Request[str, None, Any],
    services: NamedDependency[Services],
    catalogue: NamedDependency[Catalogue],
    keeper: NamedDependency[Keeper],
    keep_going: Annotated[
        bool, QueryParameter(description="Whether lines that are right are imported all the same.")
    ] = False,
) -> Imported:
    """Import the devices of a CSV file: all of them, or none if a line is wrong.

    They are there at once when all has come and is durable, which is then answered. A device that
    is in the store already is replaced, but for its `id`, and stays attached or detached as it is.
    """
    importer = Importer(keeper, catalogue.configured, services.store, services.hlr)
    told = await importer.run(_chunks(request, services.clock), keep_going)
    if told.failed and not keep_going:
        raise problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"{told.failed} of the lines are wrong, so nothing was imported; correct them, or"
            " import the others with keep_going",
            title="Nothing imported",
            members={
                "failed": told.failed,
                "errors": [{"line": each.line, "problem": each.problem} for each in told.errors],
            },
        )
    return told


async def _chunks(request: Request[str, None, Any], clock: Clock) -> AsyncIterator[bytes]:
    """Give the body as it comes; raises a problem if nothing comes for too long."""
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(None) as limit:
                timer = clock.call_later(SECONDS_OF_SILENCE, lambda: limit.reschedule(0))
                try:
                    chunk = await anext(stream, None)
                finally:
                    timer.cancel()
        except TimeoutError as error:
            raise problem(
                HTTPStatus.REQUEST_TIMEOUT,
                f"nothing came for {SECONDS_OF_SILENCE:.0f} s, so nothing was imported",
            ) from error
        if chunk is None:
            return
        yield chunk


def router() -> Router:
    """Make the route for imports."""
    return Router("/devices", route_handlers=[take], tags=["Devices"])
