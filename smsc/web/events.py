"""Live events over HTTP, as server-sent events (WHATWG HTML, 9.2), resumed by `Last-Event-ID`."""

import asyncio
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec
import structlog
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter
from litestar.response import Stream

from smsc.clock import Clock
from smsc.web.feed import Feed, Ring
from smsc.web.problems import EVERYWHERE, problem, spec
from smsc.web.server import HANG_UP
from smsc.web.services import Services

log = structlog.get_logger()

EVENTS_AT_ONCE: Final = 500
MOST_OF_AN_ACCOUNT: Final = 10
SECONDS_BETWEEN_HEARTBEATS: Final = 15.0
SECONDS_TO_TAKE: Final = 60.0
LONGEST_ID: Final = 64
MEDIA_TYPE: Final = "text/event-stream"

_HEARTBEAT: Final = b": nothing new\n\n"
_encode: Final = msgspec.json.Encoder().encode


@get(
    "/events",
    tags=["Messages"],
    operation_id="watch",
    summary="Watch messages",
    responses=EVERYWHERE
    | {
        200: ResponseSpec(
            bytes,
            generate_examples=False,
            media_type=MEDIA_TYPE,
            description="A stream of events without an end; the data of each is JSON.",
        ),
        429: spec("As many streams of the account are open as it may have."),
    },
)
async def watch(
    request: Request[str, Any, Any],
    services: NamedDependency[Services],
    feed: NamedDependency[Feed],
    last_event_id: Annotated[
        str | None,
        HeaderParameter(
            name="Last-Event-ID",
            description="The `id` of the last event that came, to go on after it.",
            max_length=LONGEST_ID,
        ),
    ] = None,
) -> Stream:
    """Tell what happens to the account's messages from now on, as it becomes durable.

    An operator's account is told of everybody's. The events are `accepted`, `attempt_failed`,
    `delivered`, `failed`, `receipt`; and `gap`, if events that should follow `Last-Event-ID` are
    no longer known. Who takes nothing for a minute, or falls too far behind, is cut off.
    """
    account = None if request.user in services.operators else request.user
    if feed.watched(account) >= MOST_OF_AN_ACCOUNT:
        raise problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"{MOST_OF_AN_ACCOUNT} streams are open already; close one of them",
            headers={"Retry-After": "10"},
        )
    extensions: Any = request.scope["extensions"]
    hang_up = extensions[HANG_UP]
    events = _events(feed, account, last_event_id, services.clock, hang_up)
    try:
        begun = await anext(events)
    except LookupError as error:
        raise problem(
            HTTPStatus.TOO_MANY_REQUESTS, f"{error}; try later", headers={"Retry-After": "60"}
        ) from error
    return Stream(
        _with(begun, events), media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"}
    )


async def _with(begun: bytes, events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    try:
        yield begun
        async for each in events:
            yield each
    finally:
        await events.aclose()  # type: ignore[attr-defined]


async def _events(
    feed: Feed,
    account: str | None,
    last: str | None,
    clock: Clock,
    hang_up: Callable[[], None],
) -> AsyncIterator[bytes]:
    """Write events as they come."""

    def cut_off() -> None:
        log.warning("watcher_cut_off", account=account, seconds=SECONDS_TO_TAKE)
        hang_up()

    with feed.reader(account) as (ring, news):
        reached, chunk = _start(ring, last)
        while True:
            timer = clock.call_later(SECONDS_TO_TAKE, cut_off)
            try:
                yield chunk
            finally:
                timer.cancel()
            if reached + 1 < ring.first:
                log.warning("watcher_cut_off", account=account, behind=ring.last - reached)
                return
            reached, chunk = await _next(ring, reached, news, clock)


def _start(ring: Ring, last: str | None) -> tuple[int, bytes]:
    """Return the number to go on after, and what to tell first."""
    if last is None:
        return ring.last, b": welcome\n\n"
    name, _, digits = last.partition("-")
    known = name == ring.name and digits.isascii() and digits.isdigit() and len(digits) <= 18
    number = int(digits) if known else -1
    if known and ring.first - 1 <= number <= ring.last:
        return number, b": welcome back\n\n"
    words = "events that followed Last-Event-ID are no longer known: look the messages up"
    return ring.first - 1, b"event: gap\ndata: " + _encode({"detail": words}) + b"\n\n"


async def _next(ring: Ring, reached: int, news: asyncio.Event, clock: Clock) -> tuple[int, bytes]:
    """Write what follows, or wait for it for a while; return also how far that reaches."""
    news.clear()
    if reached == ring.last:
        timer = clock.call_later(SECONDS_BETWEEN_HEARTBEATS, news.set)
        try:
            await news.wait()
        finally:
            timer.cancel()
    noted = ring.after(reached, EVENTS_AT_ONCE)
    if not noted:
        return reached, _HEARTBEAT
    return reached + len(noted), b"".join(
        b"id: %s-%d\nevent: %s\ndata: %s\n\n"
        % (ring.name.encode(), number, each.kind.encode(), _encode(each.told()))
        for number, each in enumerate(noted, reached + 1)
    )
