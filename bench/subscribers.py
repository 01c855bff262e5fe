"""Devices in a store, the register that knows some of them, and what finding one costs."""

import gc
import random
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import msgspec

from smsc.config import parse
from smsc.delivery.directory import Unread
from smsc.network.visitors import VISITORS
from smsc.policies import Policies
from smsc.register import Register, devices
from smsc.store.sqlite import SqliteStore
from smsc.subscriber import Device

FILE = "smsc.db"
FIRST = 491_700_000_000
GROUP = "meters"
OVERRIDES = 100
"""One device in so many has a key of its policy of its own."""
KINDS_OF_OVERRIDES = 200
SLICE = 1000
READ_AT_ONCE = 500
READS = 5000
IN_USE = VISITORS // 2
"""How many are asked for again and again: those that never leave memory."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What finding devices costs that aren't in memory, and what those cost that are."""

    microseconds: dict[str, float]
    octets_in_memory: float
    """What a device takes that is in memory."""
    octets_in_store: float
    """What a device takes that isn't: what opening the store takes, for each."""


def device(place: int) -> Device:
    """Return the device at a place."""
    own = b'{"max_segments":%d}' % (1 + place // OVERRIDES % KINDS_OF_OVERRIDES)
    overrides = own if place % OVERRIDES == 0 else b""
    return Device(number=str(FIRST + place), policy=GROUP, overrides=overrides)


async def fill(folder: Path, count: int) -> None:
    """Import so many devices into a new store."""
    store = SqliteStore(folder / FILE)
    await store.open(0)
    number = await store.import_begun()
    for first in range(0, count, SLICE):
        await store.imported(number, list(map(device, range(first, min(first + SLICE, count)))))
    await store.import_ended(number, keep=True)
    await store.close()


@asynccontextmanager
async def register_of(folder: Path, policy: str = "{}") -> AsyncIterator[Register]:
    """Open a register with no device in memory, where the group's policy says this in JSON."""
    store, policies = SqliteStore(folder / FILE), Policies()
    policies.put(policies.check(policy.encode(), GROUP))
    try:
        found = await store.open(0)
        yield Register(devices(parse("", "bench"), store, found, VISITORS), policies, [])
    finally:
        await store.close()


async def known(register: Register, numbers: Sequence[str]) -> None:
    """Have these devices in memory."""
    for first in range(0, len(numbers), READ_AT_ONCE):
        await register.read(numbers[first : first + READ_AT_ONCE])


async def finding(folder: Path, count: int) -> Found:
    """Measure devices that must be read, and the memory of all of them."""
    chance = random.Random(5)
    numbers = [str(FIRST + chance.randrange(count)) for _ in range(READS)]
    some = chance.sample(range(count), min(count, IN_USE))
    with traced() as octets:
        async with register_of(folder) as register:
            in_store = octets() / count
            before = octets()
            await known(register, [str(FIRST + each) for each in some])
            in_memory = (octets() - before) / len(some)
    return Found(
        microseconds={
            "a device that must be read": await reading(folder, numbers, 1),
            f"  with {READ_AT_ONCE} at once": await reading(folder, numbers, READ_AT_ONCE),
        },
        octets_in_memory=in_memory,
        octets_in_store=in_store,
    )


async def reading(folder: Path, numbers: Sequence[str], at_once: int) -> float:
    """Measure devices that aren't in memory: asked for in vain, read, and asked for again."""
    async with register_of(folder) as register:
        begun = time.perf_counter()
        for first in range(0, len(numbers), at_once):
            asked = numbers[first : first + at_once]
            for number in asked:
                with suppress(Unread):
                    register.device(number)
            await register.read(asked)
            for number in asked:
                register.device(number)
        return (time.perf_counter() - begun) / len(numbers) * 1e6


@contextmanager
def traced() -> Iterator[Callable[[], int]]:
    """Tell how much Python has asked for since the beginning, and not given back."""

    def octets() -> int:
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        yield octets
    finally:
        tracemalloc.stop()
