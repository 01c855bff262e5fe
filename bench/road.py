"""The road, measured in one run: what a message costs beyond the bare protocol.

Three servers on this machine, each under the same load of 10 sessions with 50 unanswered submits:
the floor (it decodes and replies, nothing else), and twice the SMSC, on a fresh store each time.

    accept      devices out of reach: each submit is on the disk before it is answered, and waits
    end to end  devices within reach: submitted, durable, delivered, receipt delivered and answered

Then the latency of an answer at half of either rate. Figures are medians of the rounds; rates
are told as ratios to the floor too, because a ratio means the same on another machine.
"""

import asyncio
import statistics
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, NamedTuple

import msgspec
import uvloop
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from bench.address import HostPort
from bench.drive import LoadError, run
from bench.plan import Plan, Report

ACCEPT_AIM, END_TO_END_AIM, P99_AIM = 0.17, 0.08, 25
ATTACHED, DETACHED = "4471########", "4472########"
CONFIG = """
[store]
url = "sqlite:{folder}/smsc.db"
[smpp]
listen = "127.0.0.1:0"
[http]
listen = "127.0.0.1:0"
[[accounts]]
system_id = "demo"
password = "demo"
addresses = ["1234"]
max_binds = 1000
window = 1000
[[populations]]
msisdn = "4471########"
[[populations]]
msisdn = "4472########"
attached = false
"""

app = App(name="python -m bench.road", help=__doc__, version_flags=[])


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a run of this script measured: rates in messages a second, latencies in ms."""

    floor: float
    accept: float
    end_to_end: float
    accept_p99_at_half: float
    end_to_end_p99_at_half: float
    generator_cpu: float
    """The largest share of its core that the load generator used in any run; 1 is all of it."""

    @property
    def accept_ratio(self) -> float:
        """The accept rate, the floor being 1."""
        return self.accept / self.floor

    @property
    def end_to_end_ratio(self) -> float:
        """The end to end rate, the floor being 1."""
        return self.end_to_end / self.floor


class Server(NamedTuple):
    """A server that runs: where it listens, and its process."""

    address: HostPort
    pid: int
    http: HostPort | None = None


@asynccontextmanager
async def server(*command: str) -> AsyncIterator[Server]:
    """Run a server that says where it listens for SMPP; stop it afterwards."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert process.stdout is not None
    reading: asyncio.Task[None] | None = None
    try:
        address, http = await _addresses(process.stdout)
        # Whatever it says from here on must be read, or it could block on a full pipe.
        reading = asyncio.create_task(_read_on(process.stdout))
        yield Server(address, process.pid, http)
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
        await (reading or _read_on(process.stdout))
        await process.wait()


async def _read_on(said: asyncio.StreamReader) -> None:
    while await said.read(1 << 16):
        pass


async def _addresses(said: asyncio.StreamReader) -> tuple[HostPort, HostPort | None]:
    lines = []
    while line := (await said.readline()).decode():
        lines.append(line)
        if line.startswith("listening on "):
            return HostPort.parse(line.removeprefix("listening on ").strip()), None
        if line.startswith("{") and "smpp" in (event := msgspec.json.decode(line)):
            return HostPort.parse(event["smpp"]), HostPort.parse(event["http"])
    raise LoadError(f"The server ended before it listened: {''.join(lines)}")


@asynccontextmanager
async def smsc(more: str = "") -> AsyncIterator[Server]:
    """Run the SMSC on a store of its own, with more in its configuration."""
    with TemporaryDirectory() as folder:
        config = Path(folder) / "smsc.toml"
        config.write_text(CONFIG.format(folder=folder) + more)
        async with server("-m", "smsc", "serve", "--config", str(config)) as running:
            yield running


async def load(address: HostPort, plan: Plan) -> Report:
    """Put a load on a server; raises LoadError if anything stayed owed or was refused."""
    plan = msgspec.structs.replace(plan, host=address.host, port=address.port)
    report = await run(plan)
    if report.failure or report.accepted != report.submitted:
        raise LoadError(report.failure or f"Not all was accepted: {report.rejected}")
    return report


async def measure(rounds: int, count: int) -> Figures:
    """Measure everything, so many times with so many messages each."""
    seconds = 4.0
    accept = Plan(count=count, destination=DETACHED)
    whole = Plan(count=count, destination=ATTACHED, receipts=True)
    floors, accepts, wholes, accept_p99, whole_p99 = [], [], [], [], []
    generator = 0.0
    for _ in range(rounds):
        async with server("-m", "bench.floor", "--listen", "127.0.0.1:0") as floor:
            report = await load(floor.address, Plan(count=4 * count))
            floors.append(report.throughput)
            generator = max(generator, report.generator_cpu)
        async with smsc() as centre:
            address = centre.address
            accepts.append((await load(address, accept)).throughput)
            half = Plan(seconds=seconds, rate=accepts[-1] / 2, destination=DETACHED)
            accept_p99.append((await load(address, half)).latency_ms["p99"])
        async with smsc() as centre:
            address = centre.address
            report = await load(address, whole)
            wholes.append(report.end_to_end or 0.0)
            generator = max(generator, report.generator_cpu)
            half = Plan(seconds=seconds, rate=wholes[-1] / 2, destination=ATTACHED, receipts=True)
            whole_p99.append((await load(address, half)).latency_ms["p99"])
    return Figures(
        floor=statistics.median(floors),
        accept=statistics.median(accepts),
        end_to_end=statistics.median(wholes),
        accept_p99_at_half=statistics.median(accept_p99),
        end_to_end_p99_at_half=statistics.median(whole_p99),
        generator_cpu=generator,
    )


def show(figures: Figures, console: Console) -> None:
    """Print the figures for a person."""
    table = Table("", "messages/s", "of the floor", "p99 at half, ms", title="The road")
    for column in table.columns[1:]:
        column.justify = "right"
    table.add_row("floor: decode and reply", f"{figures.floor:,.0f}", "1", "")
    table.add_row(
        "accept, durable",
        f"{figures.accept:,.0f}",
        f"{figures.accept_ratio:.3f}",
        f"{figures.accept_p99_at_half:.1f}",
    )
    table.add_row(
        "end to end, with receipts",
        f"{figures.end_to_end:,.0f}",
        f"{figures.end_to_end_ratio:.3f}",
        f"{figures.end_to_end_p99_at_half:.1f}",
    )
    console.print(table)
    console.print(
        f"We aim at {ACCEPT_AIM} and {END_TO_END_AIM} of the floor, and a p99 under {P99_AIM} ms."
        f" The load generator used {figures.generator_cpu:.0%} of a core at most.",
        highlight=False,
    )


@app.default
def main(
    *,
    rounds: Annotated[int, Parameter(help="How often to measure; medians are told.")] = 3,
    count: Annotated[int, Parameter(help="Messages in each measurement.")] = 100_000,
    json: Annotated[bool, Parameter(negative=(), help="Print JSON, not a table.")] = False,
) -> int:
    """Measure the floor, the accept rate and the whole road in one run."""
    try:
        figures = uvloop.run(measure(rounds, count))
    except (LoadError, ValueError) as error:
        Console(stderr=True, style="red").print(str(error), markup=False)
        return 1
    if json:
        print(msgspec.json.encode(figures).decode())
    else:
        show(figures, Console())
    return 0


if __name__ == "__main__":
    app()
