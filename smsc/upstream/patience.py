"""Waiting by the clock of the house, so that a test can move time."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from smsc.clock import Clock

T = TypeVar("T")


async def pause(clock: Clock, seconds: float) -> None:
    """Wait so many seconds."""
    over = asyncio.Event()
    timer = clock.call_later(seconds, over.set)
    try:
        await over.wait()
    finally:
        timer.cancel()


async def within(clock: Clock, seconds: float, awaitable: Awaitable[T]) -> T:
    """Wait for something so many seconds at most; raises TimeoutError after them."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(None) as limit:
        timer = clock.call_later(seconds, lambda: limit.reschedule(loop.time()))
        try:
            return await awaitable
        finally:
            timer.cancel()
