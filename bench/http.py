"""Messages over HTTP: how many a second, and what that does to SMPP traffic.

Servers started one after another on this machine, the load on each from a process of its own over
kept connections:

    floor       Litestar on the SMSC's own server, with a route that does nothing
    aiohttp     the same of aiohttp's server, to compare
    single      POST /v1/messages, a message each; answered when it is on the disk
    batch       POST /v1/messages/batch, many messages each; answered when all are on the disk

The latter two are told as ratios to the floor, too. Then steady SMPP traffic, alone and beside so
many messages over HTTP as there is an aim for: how long an answer to a submit_sm takes.
"""

import asyncio
import statistics
import sys
from typing import Annotated, Final, NamedTuple

import msgspec
import uvloop
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from bench.drive import LoadError
from bench.http_load import Load, Orders
from bench.plan import Plan
from bench.process import Processor
from bench.requests import TOKEN
from bench.servers import DETACHED, Server, load, server, smsc

SINGLE_AIM, BATCH_AIM, P99_AIM = 3_000, 20_000, 2.0
ROUNDS: Final = 3
SECONDS: Final = 4.0
MESSAGES_A_BATCH: Final = 500
BATCH_CONNECTIONS: Final = 4
SUBMITS_A_SECOND: Final = 200.0
ACCOUNT: Final = f"""
[[accounts]]
system_id = "http"
password = "http"
api_token = "{TOKEN}"
addresses = ["5678"]
"""

app = App(name="python -m bench.http", help=__doc__, version_flags=[])


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What one kind of request measured: of each round, per second; latencies in ms; shares."""

    rates: list[float]
    """Messages, or requests that are none."""
    p99: float
    """99 of 100 answers came within this, so many being asked for at once as there can be."""
    server_cpu: float
    loop_cpu: float
    loop_waited: float
    """How long the loop wanted to run and had no core: 1 is all the time."""
    generator_cpu: float

    @property
    def rate(self) -> float:
        """The median rate."""
        return statistics.median(self.rates)


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """SMPP traffic: how long an answer takes, in ms, medians of the rounds."""

    alone: float
    """99 of 100 came within this."""
    meanwhile: float
    """The same with so many messages over HTTP beside it."""
    rate: float
    """Messages a second over HTTP that were reached."""
    asked: float

    @property
    def ratio(self) -> float:
        """Return how many times as long it takes."""
        return self.meanwhile / self.alone


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a run of this script measured."""

    floor: Row
    aiohttp: Row
    single: Row
    batch: Row
    beside_single: Beside
    beside_batch: Beside

    def ratio(self, row: Row) -> float:
        """Return a rate, the floor being 1."""
        return row.rate / self.floor.rate


class Ran(NamedTuple):
    """A load, and what the server used meanwhile."""

    load: Load
    server: Processor


def row(runs: list[Ran], messages: int = 1) -> Row:
    """Sum up the rounds of one kind of request."""
    return Row(
        rates=[run.load.rate * messages for run in runs],
        p99=statistics.median(run.load.latency_ms["p99"] for run in runs),
        server_cpu=statistics.median(run.server.all for run in runs),
        loop_cpu=statistics.median(run.server.loop for run in runs),
        loop_waited=statistics.median(run.server.waited for run in runs),
        generator_cpu=max(run.load.generator_cpu for run in runs),
    )


def noop(seconds: float) -> Orders:
    """Ask for nothing."""
    return Orders(kind="get", seconds=seconds)


def single(seconds: float) -> Orders:
    """Send messages one by one."""
    return Orders(kind="send", destination=DETACHED, seconds=seconds)


def batch(seconds: float) -> Orders:
    """Send many messages at once."""
    return Orders(
        kind="send_all",
        destination=DETACHED,
        connections=BATCH_CONNECTIONS,
        messages=MESSAGES_A_BATCH,
        seconds=seconds,
    )


async def run(running: Server, orders: Orders) -> Ran:
    """Put a load on a server by a process of its own; raises LoadError if anything was refused."""
    address = running.http or running.address
    orders = msgspec.structs.replace(orders, host=address.host, port=address.port)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.http_load",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    before = Processor.of(running.pid)
    said, _ = await process.communicate(msgspec.json.encode(orders))
    if process.returncode:
        raise LoadError("The load generator failed; it said why above")
    measured = msgspec.json.decode(said, type=Load)
    if measured.failed or not measured.rate:
        raise LoadError(f"Not all was accepted: {measured.failed or 'there was no answer'}")
    return Ran(measured, Processor.of(running.pid).since(before, orders.seconds))


async def measure(rounds: int = ROUNDS, seconds: float = SECONDS) -> Figures:
    """Measure it all; raises LoadError."""
    floor, aiohttp, singles, batches = [], [], [], []
    for _ in range(rounds):
        async with server("-m", "bench.noop") as running:
            floor.append(await run(running, noop(seconds)))
        async with server("-m", "bench.noop", "--framework", "aiohttp") as running:
            aiohttp.append(await run(running, noop(seconds)))
        async with smsc(ACCOUNT) as running:
            singles.append(await run(running, single(seconds)))
        async with smsc(ACCOUNT) as running:
            batches.append(await run(running, batch(seconds)))
    return Figures(
        floor=row(floor),
        aiohttp=row(aiohttp),
        single=row(singles),
        batch=row(batches, MESSAGES_A_BATCH),
        beside_single=await beside(single(seconds), SINGLE_AIM, rounds),
        beside_batch=await beside(batch(seconds), BATCH_AIM, rounds),
    )


async def beside(orders: Orders, rate: float, rounds: int) -> Beside:
    """Measure SMPP traffic alone, and beside so many messages a second over HTTP."""
    orders = msgspec.structs.replace(orders, rate=rate / orders.messages)
    steady = Plan(destination=DETACHED, rate=SUBMITS_A_SECOND, seconds=orders.seconds)
    alone, meanwhile, reached = [], [], []
    for _ in range(rounds):
        async with smsc(ACCOUNT) as running:
            report = await load(running.address, steady)
            alone.append(report.latency_ms["p99"])
            report, ran = await asyncio.gather(load(running.address, steady), run(running, orders))
            meanwhile.append(report.latency_ms["p99"])
            reached.append(ran.load.rate * orders.messages)
    return Beside(
        alone=statistics.median(alone),
        meanwhile=statistics.median(meanwhile),
        rate=statistics.median(reached),
        asked=rate,
    )


def table(figures: Figures) -> Table:
    """Show the rates."""
    shown = Table(title="Over HTTP", title_justify="left")
    shown.add_column("")
    for name in ("per s", "of the floor", "p99 ms", "server", "loop", "no core", "generator"):
        shown.add_column(name, justify="right")
    for name, each in (
        ("floor", figures.floor),
        ("aiohttp", figures.aiohttp),
        ("single", figures.single),
        (f"batch of {MESSAGES_A_BATCH}", figures.batch),
    ):
        shown.add_row(
            name,
            f"{each.rate:,.0f}",
            f"{figures.ratio(each):.2f}",
            f"{each.p99:.1f}",
            *(
                f"{share:.0%}"
                for share in (each.server_cpu, each.loop_cpu, each.loop_waited, each.generator_cpu)
            ),
        )
    return shown


def table_beside(figures: Figures) -> Table:
    """Show what becomes of SMPP traffic."""
    shown = Table(title=f"{SUBMITS_A_SECOND:.0f} submit_sm/s beside it", title_justify="left")
    shown.add_column("beside")
    for name in ("asked for", "reached", "p99 ms alone", "p99 ms meanwhile", "times"):
        shown.add_column(name, justify="right")
    for name, each in (("single", figures.beside_single), ("batch", figures.beside_batch)):
        shown.add_row(
            name,
            f"{each.asked:,.0f}/s",
            f"{each.rate:,.0f}/s",
            f"{each.alone:.1f}",
            f"{each.meanwhile:.1f}",
            f"{each.ratio:.1f}",
        )
    return shown


@app.default
def main(
    *,
    rounds: Annotated[int, Parameter(help="How often; medians are told.")] = ROUNDS,
    seconds: Annotated[float, Parameter(help="How long each load lasts.")] = SECONDS,
    json: Annotated[bool, Parameter(help="Print one JSON object.", negative="")] = False,
) -> int:
    """Measure messages over HTTP, with the bare framework's no-op as the floor."""
    console = Console()
    try:
        figures = uvloop.run(measure(rounds, seconds))
    except LoadError as error:
        console.print(str(error), style="red", markup=False)
        return 1
    if json:
        print(msgspec.json.encode(figures).decode())
        return 0
    console.print(table(figures))
    console.print(table_beside(figures))
    return 0


if __name__ == "__main__":
    sys.exit(app())
