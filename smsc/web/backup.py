"""A copy of the store for whoever runs the SMSC, made while everything goes on."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from http import HTTPStatus
from typing import Any, BinaryIO, Final

import structlog
from litestar import Request, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Stream

from smsc.store.backup import NoRoom
from smsc.web.problems import EVERYWHERE, problem, spec
from smsc.web.services import Services

log = structlog.get_logger()

MEDIA_TYPE: Final = "application/vnd.sqlite3"
OCTETS_AT_ONCE: Final = 1 << 18
SECONDS_TO_FETCH: Final = 3600.0


class Copies:
    """Makes one copy at a time."""

    def __init__(self, services: Services) -> None:
        """Copy the store of these rooms."""
        self._services = services
        self._busy = False

    async def make(self) -> BinaryIO:
        """Make a copy, which is gone when it is closed; raises a problem if that can't be now."""
        if self._busy:
            raise problem(HTTPStatus.CONFLICT, "another backup is being made; wait until it ends")
        self._busy = True
        try:
            file = await self._services.store.backup()
            copy = file.open("rb", buffering=0)
            # It has no name any more, and its room is free as soon as nobody reads it.
            file.unlink()
        except NoRoom as error:
            raise problem(HTTPStatus.INSUFFICIENT_STORAGE, str(error)) from error
        finally:
            self._busy = False
        return copy

    async def octets(self, copy: BinaryIO) -> AsyncIterator[bytes]:
        """Read a copy; who hasn't fetched it within an hour is cut off."""
        fetching = asyncio.current_task()
        assert fetching is not None
        timer = self._services.clock.call_later(SECONDS_TO_FETCH, partial(_cut_off, fetching))
        try:
            while octets := await asyncio.to_thread(copy.read, OCTETS_AT_ONCE):
                yield octets
        finally:
            timer.cancel()
            copy.close()


def _cut_off(fetching: "asyncio.Task[Any]") -> None:
    fetching.cancel()


@post(
    "/backup",
    tags=["Operation"],
    operation_id="backup",
    summary="Back the store up",
    status_code=HTTPStatus.OK,
    responses=EVERYWHERE
    | {
        200: ResponseSpec(
            bytes,
            generate_examples=False,
            media_type=MEDIA_TYPE,
            description="The copy: an SQLite database.",
        ),
        409: spec("Another backup is being made."),
        507: spec("There is no room for the copy on the disk of the store."),
    },
)
async def backup(
    request: Request[str, Any, Any],
    copies: NamedDependency[Copies],
) -> Stream:
    """Answer with a copy of everything that is stored, as of one moment: an SQLite database."""
    copy = await copies.make()
    size = copy.seek(0, 2)
    copy.seek(0)
    log.info("backed_up", account=request.user, octets=size)
    return Stream(
        copies.octets(copy),
        media_type=MEDIA_TYPE,
        headers={"Content-Length": str(size)},
    )
