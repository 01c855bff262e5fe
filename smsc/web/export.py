"""Messages over HTTP as a file of any length: it is made as its reader takes it.

A slice of the store is in memory at a time, and is read when the one before was taken. Who takes
nothing for a minute is hung up on; so is everybody when the store can't be read any more, for an
end that looks like the end would be taken for it.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, contextmanager
from http import HTTPStatus
from typing import Annotated, Any, Final

import structlog
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter
from litestar.response import Stream

from smsc.message import wire_id
from smsc.store.record import Criteria
from smsc.store.store import StoreError
from smsc.web.problems import problem, spec
from smsc.web.record import shown
from smsc.web.search import CRITERIA, SEARCHED, check_parameters
from smsc.web.server import HANG_UP
from smsc.web.services import Services
from smsc.web.spreadsheet import FORMATS, Format, Lines

log = structlog.get_logger()

MESSAGES_AT_ONCE: Final = 100
OCTETS_AT_ONCE: Final = 64 * 1024
SECONDS_TO_TAKE: Final = 60.0
MOST_OF_AN_ACCOUNT: Final = 2
FIRST_ID: Final = "Smsc-First-Id"
LAST_ID: Final = "Smsc-Last-Id"


class Exports:
    """Writes messages for those who ask, of each account for a few at a time."""

    def __init__(self, services: Services) -> None:
        """Read the records of these rooms."""
        self._services = services
        self._running: Counter[str] = Counter()

    async def octets(
        self,
        account: str,
        criteria: Criteria,
        last: int,
        lines: Lines,
        hang_up: Callable[[], None],
    ) -> AsyncIterator[bytes]:
        """Write the messages up to the last, oldest first; raises StoreError, or a problem."""
        operator = account in self._services.operators
        after: int | None = 0
        chunk = bytearray(lines.head)
        with self._slot(account):
            while after is not None and after < last:
                found, after = await self._services.store.search(
                    criteria, after or None, MESSAGES_AT_ONCE, newest_first=False
                )
                for history in found:
                    if history.message.id > last:
                        break
                    chunk += lines.line(shown(history, None if operator else account))
                    if len(chunk) >= OCTETS_AT_ONCE:
                        with self._patience(account, hang_up):
                            yield bytes(chunk)
                        chunk.clear()
                with self._patience(account, hang_up):
                    yield bytes(chunk)
                chunk.clear()
            yield bytes(chunk)

    @contextmanager
    def _slot(self, account: str) -> Iterator[None]:
        if self._running[account] >= MOST_OF_AN_ACCOUNT:
            raise problem(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"{MOST_OF_AN_ACCOUNT} exports of account {account} are under way; wait until one"
                " has ended",
                headers={"Retry-After": "10"},
            )
        self._running[account] += 1
        try:
            yield
        finally:
            self._running[account] -= 1

    @contextmanager
    def _patience(self, account: str, hang_up: Callable[[], None]) -> Iterator[None]:
        """Hang up if what is given in this block isn't taken for too long."""

        def cut_off() -> None:
            log.warning("export_cut_off", account=account, seconds=SECONDS_TO_TAKE)
            hang_up()

        timer = self._services.clock.call_later(SECONDS_TO_TAKE, cut_off)
        try:
            yield
        finally:
            timer.cancel()


async def _streamed(
    first: bytes, octets: AsyncIterator[bytes], account: str, hang_up: Callable[[], None]
) -> AsyncIterator[bytes]:
    """Give what was read already and all that follows, or hang up in the middle."""
    async with aclosing(octets):  # type: ignore[type-var]
        yield first
        try:
            async for each in octets:
                yield each
        except StoreError as error:
            log.error("export_broken", account=account, reason=str(error))
            hang_up()
            # The loss of the connection cancels this; an end would be sent as that of the file.
            await asyncio.get_running_loop().create_future()


@get(
    "/export",
    operation_id="export_messages",
    summary="Export messages",
    responses=SEARCHED
    | {
        200: ResponseSpec(
            bytes,
            generate_examples=False,
            media_type="text/csv",
            description=f"The file. {FIRST_ID} and {LAST_ID} are ids between which all lie that"
            " are in it, to see how far it has come; the first is above the last if there is none.",
        ),
        429: spec("The account has as many exports under way as it may."),
    },
)
async def export(
    request: Request[str, None, Any],
    services: NamedDependency[Services],
    exports: NamedDependency[Exports],
    criteria: NamedDependency[Criteria],
    format: Annotated[Format, QueryParameter(description="What is written.")] = "csv",
) -> Stream:
    """Write all messages that are looked for into a file, oldest first, in CSV or NDJSON.

    Those that are accepted meanwhile aren't in it. The connection breaks in the middle if
    something goes wrong, or if nothing is taken for a minute.
    """
    check_parameters(request, CRITERIA | {"format"})
    extensions: Any = request.scope["extensions"]
    hang_up = extensions[HANG_UP]
    lines = FORMATS[format]
    span = await services.store.span(criteria)
    octets = exports.octets(request.user, criteria, span[1], lines, hang_up)
    # What can't even be begun is answered as any other failure.
    begun = await anext(octets)
    return Stream(
        _streamed(begun, octets, request.user, hang_up),
        media_type=lines.media_type,
        headers=dict(zip((FIRST_ID, LAST_ID), map(wire_id, span), strict=True)),
    )
