"""A store with any number of messages that wait for devices out of reach, as it grows by itself.

They are written as the SMSC writes them, but many in a batch: the file is what it would have been.
"""

import random
import time
from collections.abc import Sequence
from pathlib import Path

from bench.pdu import numbers
from bench.servers import DETACHED
from smsc.message import Address, Message, to_device
from smsc.store.sqlite import SqliteStore
from smsc.store.store import Batch, Waiting

FILE = "smsc.db"
TEXT = b"Load test message."
MESSAGES_A_DEVICE = 10
IN_A_BATCH = 10_000
A_MS = 20
"""How many came in a millisecond."""
VALIDITY_MS = 3 * 86_400_000
SENDER = Address(1, 1, "1234")
READS = 1000
PLACES = 8
"""What the SMSC reads of the queue of a device."""


def devices(messages: int) -> list[str]:
    """List the devices that so many messages wait for, in no order; those of fewer come first."""
    return numbers(DETACHED, max(1, messages // MESSAGES_A_DEVICE))


async def fill(folder: Path, messages: int) -> None:
    """Have so many messages wait in a new store, each device's next behind those of all others."""
    store, now = SqliteStore(folder / FILE), int(time.time() * 1000)
    await store.open(now)
    names, began = devices(messages), now - messages // A_MS
    for first in range(1, messages + 1, IN_A_BATCH):
        last = min(first + IN_A_BATCH - 1, messages)
        await store.write(_batch(range(first, last + 1), names, began), now)
        while await store.index():
            pass
    await store.close()


def _batch(ids: range, names: Sequence[str], began: int) -> Batch:
    batch = Batch()
    for number in ids:
        to, at = names[number % len(names)], began + number // A_MS
        message = Message(
            number,
            "demo",
            to_device(to),
            SENDER,
            Address(1, 1, to),
            TEXT,
            at,
            at + VALIDITY_MS,
        )
        batch.arrivals.append(message)
        batch.waits.append(Waiting(message, 0, 0))
    batch.oldest_in_hand = ids[-1] + 1
    return batch


async def read_queues(folder: Path, messages: int) -> tuple[list[float], list[float]]:
    """Read the queues of random devices, and all of them again; sorted microseconds of each."""
    store, now = SqliteStore(folder / FILE), int(time.time() * 1000)
    await store.open(now)
    chance, everybody = random.Random(1), devices(messages)
    names = [to_device(chance.choice(everybody)) for _ in range(READS)]
    first, again = await _read(store, names, now), await _read(store, names, now)
    await store.close()
    return first, again


async def _read(store: SqliteStore, names: Sequence[str], now: int) -> list[float]:
    took = []
    for name in names:
        begun = time.perf_counter()
        found = await store.waiting([name], PLACES, now, in_order=True)
        took.append((time.perf_counter() - begun) * 1e6)
        assert found[name]
    return sorted(took)
