"""What devices in the store cost: an import of a million beside messages, and finding them again.

Messages are written in batches all the while, fifty a second at most: first alone, then beside the
import, then beside a second import that replaces every device, and the sweeping that follows. Each
device has an IMSI, an ICCID and an IMEI; `--shuffled` mixes their order, so that every row goes to
another end of every index.
"""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, overload

import apsw
import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from smsc.message import Address, Message, to_device
from smsc.store.sqlite import SqliteStore
from smsc.store.store import Batch, Waiting
from smsc.subscriber import Device, Identity

NOW = 1_800_000_000_000
FIRST_NUMBER = 491_700_000_000
FIRST_IMSI = 262_020_000_000_000
FIRST_ICCID = 8_949_020_000_000_000_000
IMEIS = (350_000_000_000_000, 359_999_999_999_999)
FILE = "smsc.db"
SLICE = 1000
MESSAGES = 100
"""In a batch."""
SECONDS_BETWEEN_BATCHES = 0.02
SECONDS_ALONE = 3.0
PAGE = 100

app = App(name="python -m bench.devices", help=__doc__, version_flags=[])


class Writes(msgspec.Struct, frozen=True):
    """How long batches of messages took to be durable, from the asking; milliseconds."""

    count: int
    median: float
    p99: float
    longest: float


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a run of this script measured."""

    devices: int
    shuffled: bool
    import_seconds: float
    replace_seconds: float
    """How long a second import took that has the same devices."""
    sweep_seconds: float
    """How long it took after that until nothing was left of the first."""
    octets_a_device: float
    """Of the file, indexes included."""
    writes: dict[str, Writes]
    microseconds: dict[str, float]


class Population(Sequence[Device]):
    """Ever the same devices, made when they are asked for."""

    def __init__(self, count: int, shuffled: bool) -> None:
        """Have so many, with numbers in order or not."""
        chance = random.Random(1)
        self._serials = chance.sample(range(*IMEIS), count)
        self._order = list(range(count))
        if shuffled:
            chance.shuffle(self._order)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._order)

    @overload
    def __getitem__(self, place: int) -> Device: ...
    @overload
    def __getitem__(self, place: slice) -> list[Device]: ...
    def __getitem__(self, place: int | slice) -> Device | list[Device]:
        """Make the device at a place, or some of them."""
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        number = self._order[place]
        identities = {
            Identity.IMSI: str(FIRST_IMSI + number),
            Identity.ICCID: str(FIRST_ICCID + number),
            Identity.IMEI: str(self._serials[number]),
        }
        return Device(number=str(FIRST_NUMBER + number), policy="meters", identities=identities)


class Traffic:
    """Batches of messages, one after another, as long as something else goes on."""

    def __init__(self, store: SqliteStore, last_id: int = 0) -> None:
        """Write to this store, messages behind this id."""
        self._store = store
        self._last_id = last_id

    def on(self, store: SqliteStore) -> "Traffic":
        """Go on with another store on the same file."""
        return Traffic(store, self._last_id)

    async def beside(self, other: Awaitable[object]) -> Writes:
        """Write until the other is done."""
        task, took = asyncio.ensure_future(other), list[float]()
        while not task.done() or not took:
            begun = time.perf_counter()
            await self._store.write(self._batch(), NOW)
            took.append((time.perf_counter() - begun) * 1e3)
            await asyncio.sleep(SECONDS_BETWEEN_BATCHES)
        await task
        p99 = statistics.quantiles(took, n=100)[98] if len(took) > 1 else took[0]
        return Writes(len(took), statistics.median(took), p99, max(took))

    def _batch(self) -> Batch:
        batch, sender = Batch(), Address(1, 1, "1234")
        for number in range(self._last_id + 1, self._last_id + 1 + MESSAGES):
            to = str(FIRST_NUMBER + number * 7919 % 1_000_000)
            message = Message(
                number, "fleet", to_device(to), sender, Address(1, 1, to), b"x" * 60, NOW, NOW + 9
            )
            batch.arrivals.append(message)
            batch.waits.append(Waiting(message, 0, 0))
        self._last_id += MESSAGES
        batch.oldest_in_hand = self._last_id + 1
        return batch


class Stopwatch:
    """Tells how long something took."""

    seconds = 0.0

    async def time(self, work: Awaitable[object]) -> None:
        """Do it, and remember."""
        begun = time.perf_counter()
        await work
        self.seconds = time.perf_counter() - begun


async def imported(store: SqliteStore, devices: Sequence[Device]) -> None:
    """Import devices a slice at a time."""
    number = await store.import_begun()
    for first in range(0, len(devices), SLICE):
        conflicts = await store.imported(number, devices[first : first + SLICE])
        assert not conflicts
    await store.import_ended(number, keep=True)


async def look_ups(store: SqliteStore, devices: Sequence[Device], times: int) -> dict[str, float]:
    """Measure finding random devices; microseconds each time."""
    chance = random.Random(3)
    some = [chance.choice(devices) for _ in range(times)]
    numbers = [each.number for each in some]

    async def by(kind: Identity) -> float:
        values = [each.identities[kind] for each in some]
        return await mean(lambda at: store.identified(kind, values[at]), times)

    return {
        "by number": await mean(lambda at: store.devices([numbers[at]]), times),
        f"by number, {PAGE} at once": await mean(
            lambda at: store.devices(numbers[at : at + PAGE]), max(times - PAGE, 1)
        )
        / PAGE,
        "by IMSI": await by(Identity.IMSI),
        "by IMEI": await by(Identity.IMEI),
        f"a page of {PAGE}": await mean(lambda at: store.listed(numbers[at], PAGE), times),
    }


async def mean(ask: Callable[[int], Awaitable[object]], times: int) -> float:
    """Return the microseconds that a question takes, one after another."""
    begun = time.perf_counter()
    for number in range(times):
        await ask(number)
    return (time.perf_counter() - begun) / times * 1e6


def octets(folder: Path) -> int:
    """Return how much of the file devices take, with their indexes."""
    with closing(apsw.Connection(str(folder / FILE), flags=apsw.SQLITE_OPEN_READONLY)) as file:
        ((found,),) = file.execute("SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'subscribers%'")
    return int(str(found))


async def measured(folder: Path, count: int, times: int, shuffled: bool) -> Figures:
    """Measure everything in this folder."""
    first, second, sweep = Stopwatch(), Stopwatch(), Stopwatch()
    store = SqliteStore(folder / FILE)
    await store.open(NOW)
    traffic = Traffic(store)
    writes = {"alone": await traffic.beside(asyncio.sleep(SECONDS_ALONE))}
    devices = Population(count, shuffled)
    writes["beside an import"] = await traffic.beside(first.time(imported(store, devices)))
    await store.swept()
    microseconds = await look_ups(store, devices, times)
    await store.close()
    octets_in_all = octets(folder)
    store = SqliteStore(folder / FILE)
    await store.open(NOW)
    traffic = traffic.on(store)
    writes["beside one that replaces"] = await traffic.beside(second.time(imported(store, devices)))
    writes["beside the sweeping"] = await traffic.beside(sweep.time(store.swept()))
    await store.close()
    return Figures(
        devices=count,
        shuffled=shuffled,
        import_seconds=first.seconds,
        replace_seconds=second.seconds,
        sweep_seconds=sweep.seconds,
        octets_a_device=octets_in_all / count,
        writes=writes,
        microseconds=microseconds,
    )


def show(figures: Figures, console: Console) -> None:
    """Print the figures for a person."""
    writes = Table(
        "",
        "batches",
        "median",
        "99 %",
        "longest",
        title_justify="left",
        title=f"Batches of {MESSAGES} messages, milliseconds until durable",
    )
    for column in writes.columns[1:]:
        column.justify = "right"
    for name, (count, *took) in (
        (n, msgspec.structs.astuple(w)) for n, w in figures.writes.items()
    ):
        writes.add_row(name, str(count), *(f"{each:.1f}" for each in took))
    found = Table("", "microseconds", title="To find a device", title_justify="left")
    found.columns[1].justify = "right"
    for name, microseconds in figures.microseconds.items():
        found.add_row(name, f"{microseconds:.1f}")
    console.print(writes, found)
    console.print(
        f"{figures.devices:,} devices, {figures.octets_a_device:.0f} octets each, were imported in"
        f" {figures.import_seconds:.1f} s, and replaced in {figures.replace_seconds:.1f} s,"
        f" with {figures.sweep_seconds:.1f} s to sweep up.",
        highlight=False,
    )


@app.default
def main(
    *,
    devices: Annotated[int, Parameter(help="Devices to import.")] = 1_000_000,
    lookups: Annotated[int, Parameter(help="Look-ups of each kind.")] = 5_000,
    shuffled: Annotated[bool, Parameter(negative=(), help="Import them in no order.")] = False,
    folder: Annotated[Path | None, Parameter(help="Where to make a store for it.")] = None,
    json: Annotated[bool, Parameter(negative=(), help="Print JSON, not tables.")] = False,
) -> int:
    """Measure imports and look-ups in one run."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        figures = asyncio.run(measured(Path(place), devices, lookups, shuffled))
    if json:
        print(msgspec.json.encode(figures).decode())
    else:
        show(figures, Console())
    return 0


if __name__ == "__main__":
    app()
