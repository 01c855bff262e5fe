"""The near end: a link with its listener and a clock that stands."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from smsc.clock import SimulatedClock
from smsc.upstream.line import Terms
from smsc.upstream.link import Link
from tests.upstream.far import Call, FarEnd
from tests.upstream.office import Office

SYSTEM_ID, PASSWORD = "near", "a password of more than eight characters"
SECONDS_AT_MOST = 10.0


class Near:
    """A link that calls a far end."""

    def __init__(self, host: str, port: int, **terms: Any) -> None:
        given = {
            "name": "far",
            "host": host,
            "port": port,
            "system_id": SYSTEM_ID,
            "password": PASSWORD,
            **terms,
        }
        self.clock = SimulatedClock()
        self.office = Office()
        self.link = Link(Terms(**given), self.office, self.clock, lambda: 1.0)

    async def close(self) -> None:
        """Close the link, whatever it waits for."""
        closing = asyncio.get_running_loop().create_task(self.link.close())
        while not closing.done():
            self.clock.advance(60)
            await asyncio.sleep(0)
        await closing


@asynccontextmanager
async def calling(host: str, port: int, **terms: Any) -> AsyncIterator[Near]:
    """Open a link to an address."""
    near = Near(host, port, **terms)
    near.link.open()
    try:
        yield near
    finally:
        await near.close()


@asynccontextmanager
async def linked(far: FarEnd, **terms: Any) -> AsyncIterator[Near]:
    """Open a link to a far end, which is still to bind it."""
    async with calling(far.host, far.port, **terms) as near:
        yield near


@asynccontextmanager
async def bound(far: FarEnd, **terms: Any) -> AsyncIterator[tuple[Near, Call]]:
    """Open a link to a far end, and have it bound."""
    async with linked(far, **terms) as near:
        call = await far.bound()
        await near.office.is_up()
        yield near, call


async def called_again(near: Near, far: FarEnd, seconds: float = 0.1) -> Call:
    """Let time go by in these steps until the link calls again; return that call."""
    coming = asyncio.get_running_loop().create_task(far.call())
    async with asyncio.timeout(SECONDS_AT_MOST):
        while not coming.done():
            near.clock.advance(seconds)
            await asyncio.wait([coming], timeout=0.005)
    return await coming


async def advanced(near: Near, happened: Callable[[], bool], seconds: float = 1) -> None:
    """Let time go by in these steps until this is so."""
    async with asyncio.timeout(SECONDS_AT_MOST):
        while not happened():
            near.clock.advance(seconds)
            await asyncio.sleep(0)
