"""What stored messages cost: the SMSC with up to ten million that wait, beside one with none.

For each point a store is filled with so many messages, ten for each device, all out of reach. Then
the SMSC is started on a copy of it: how long until the first bind, how much memory, how many
messages it accepts a second beside an SMSC with an empty store. A device is attached, and gets what
waits for it. In the end the process is killed under load, and started again.
"""

import asyncio
import os
import signal
import statistics
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import msgspec
import uvloop
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from bench.address import HostPort
from bench.drive import LoadError, run
from bench.plan import Plan
from bench.servers import CONFIG, DETACHED, Server, load, server
from bench.waiting import FILE, devices, fill, read_queues
from smsc.smpp.codec import encode
from smsc.smpp.pdu import BindTransmitter

POINTS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
ROUNDS = 3
COUNT = 60_000
SPREAD = 100_000
"""Devices that the load is for."""
SECONDS_BEFORE_THE_KILL = 1.0
SECONDS_FOR_A_START = 120.0
SECONDS_OF_SWEEPING = 300.0
MB = 1024 * 1024
TOKEN = "ops"
OPERATOR = f"""
[[accounts]]
system_id = "ops"
password = "ops"
api_token = "{TOKEN}"
operator = true
"""

app = App(name="python -m bench.stored", help=__doc__, version_flags=[])


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What an SMSC with so many stored messages does; rates in messages a second."""

    messages: int
    octets_a_message: float
    """Of the file, in all."""
    fill_rate: float
    start_seconds: float
    """From the start of the process to the answer to the first bind."""
    start_empty_seconds: float
    restart_seconds: float
    """The same after it was killed under load."""
    accept: float
    accept_empty: float
    memory_mb: float
    """Resident, after the first bind."""
    memory_loaded_mb: float
    """After the load."""
    memory_loaded_empty_mb: float
    greeting_seconds: float
    """Processor time of the first look through all queues after a start, with nothing else to do.
    """
    read_first_us: float
    """Reading the queue of a random device for the first time: the median."""
    read_us: float
    """Reading it again: the median, and 99 of 100."""
    read_p99_us: float
    attach_ms: float
    """From a device's attach, over HTTP, until it has all that waited for it."""

    @property
    def accept_ratio(self) -> float:
        """The accept rate, that of the empty store being 1."""
        return self.accept / self.accept_empty


class _Run(msgspec.Struct):
    """What was measured of one process."""

    start_seconds: float = 0.0
    memory_mb: float = 0.0
    greeting_seconds: float = 0.0
    rates: list[float] = []
    memory_loaded_mb: float = 0.0
    attach_ms: float = 0.0
    restart_seconds: float = 0.0


async def measure(
    points: Sequence[int] = POINTS,
    rounds: int = ROUNDS,
    count: int = COUNT,
    folder: Path | None = None,
) -> list[Figures]:
    """Measure each point: so many loads of so many messages, of which the median is told."""
    return [await _measured(point, rounds, count, folder) for point in points]


async def _measured(messages: int, rounds: int, count: int, folder: Path | None) -> Figures:
    with TemporaryDirectory(dir=folder) as place:
        stored, empty = Path(place) / "stored", Path(place) / "empty"
        stored.mkdir()
        empty.mkdir()
        begun = time.perf_counter()
        await fill(stored, messages)
        seconds = time.perf_counter() - begun
        octets = (stored / FILE).stat().st_size
        # What filling it has left to be written to the disk is no part of the measurement.
        os.sync()
        first, reads = await read_queues(stored, messages)
        bare = await _started(empty, rounds, count)
        full = await _started(stored, rounds, count, messages)
    return Figures(
        messages=messages,
        octets_a_message=octets / messages,
        fill_rate=messages / seconds,
        start_seconds=full.start_seconds,
        start_empty_seconds=bare.start_seconds,
        restart_seconds=full.restart_seconds,
        accept=statistics.median(full.rates),
        accept_empty=statistics.median(bare.rates),
        memory_mb=full.memory_mb,
        memory_loaded_mb=full.memory_loaded_mb,
        memory_loaded_empty_mb=bare.memory_loaded_mb,
        greeting_seconds=full.greeting_seconds,
        read_first_us=statistics.median(first),
        read_us=statistics.median(reads),
        read_p99_us=reads[len(reads) * 99 // 100],
        attach_ms=full.attach_ms,
    )


async def _started(folder: Path, rounds: int, count: int, messages: int = 0) -> _Run:
    """Run the SMSC on what is in a folder, and again after it was killed."""
    config = folder / "smsc.toml"
    config.write_text(CONFIG.format(folder=folder) + OPERATOR)
    command = "-m", "smsc", "serve", "--config", str(config)
    plan = Plan(count=count, destination=DETACHED, destinations=SPREAD)
    found, begun = _Run(), time.perf_counter()
    async with server(*command) as running:
        await first_bind(running.address)
        found.start_seconds = time.perf_counter() - begun
        found.memory_mb = memory(running.pid)
        found.greeting_seconds = await greeted(running.pid)
        for _ in range(rounds):
            found.rates.append((await load(running.address, plan)).throughput)
        found.memory_loaded_mb = memory(running.pid)
        if messages:
            found.attach_ms = await attached(running, devices(messages)[-1])
        await _killed(running, plan)
    begun = time.perf_counter()
    async with server(*command) as running:
        await first_bind(running.address)
        found.restart_seconds = time.perf_counter() - begun
    return found


async def first_bind(address: HostPort) -> None:
    """Bind, and wait for the answer."""
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(encode(BindTransmitter(1, "demo", "demo", interface_version=0x34)))
    async with asyncio.timeout(SECONDS_FOR_A_START):
        header = await reader.readexactly(16)
    writer.close()
    if header[8:12] != bytes(4):
        raise LoadError("The bind was refused")


async def greeted(pid: int) -> float:
    """Wait until a process that was just started has nothing to do; return its time until then."""
    begun = used = processor(pid)
    until = time.perf_counter() + SECONDS_OF_SWEEPING
    while time.perf_counter() < until:
        await asyncio.sleep(0.5)
        now = processor(pid)
        if now - used <= 0.01:
            break
        used = now
    return used - begun


async def _killed(running: Server, plan: Plan) -> None:
    """Kill a process that is under load."""
    plan = msgspec.structs.replace(
        plan, host=running.address.host, port=running.address.port, count=None, seconds=60.0
    )
    loading = asyncio.ensure_future(run(plan))
    await asyncio.sleep(SECONDS_BEFORE_THE_KILL)
    os.kill(running.pid, signal.SIGKILL)
    with suppress(LoadError, OSError):
        await loading


async def attached(running: Server, number: str) -> float:
    """Attach a device; return after how many milliseconds it had got all that waited."""
    assert running.http is not None
    url = f"http://{running.http}/v1/devices/{number}"
    ask = asyncio.to_thread
    begun = time.perf_counter()
    await ask(_get, f"{url}/attach", "POST")
    received, last = 0, begun
    while time.perf_counter() < last + 0.5:
        now = int(msgspec.json.decode(await ask(_get, f"{url}/inbox", "GET"))["received"])
        if now != received:
            received, last = now, time.perf_counter()
    if not received:
        raise LoadError(f"Nothing was delivered to {number} that was attached")
    return (last - begun) * 1e3


def _get(url: str, method: str) -> bytes:
    request = urllib.request.Request(
        url, method=method, headers={"Authorization": f"Bearer {TOKEN}"}
    )
    with urllib.request.urlopen(request, timeout=SECONDS_FOR_A_START) as answer:
        octets = answer.read()
        assert isinstance(octets, bytes)
        return octets


def memory(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MB


def processor(pid: int) -> float:
    """Return the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


_ROWS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("start to first bind, s", lambda f: f"{f.start_seconds:.2f}"),
    ("the same with an empty store, s", lambda f: f"{f.start_empty_seconds:.2f}"),
    ("the same after a kill under load, s", lambda f: f"{f.restart_seconds:.2f}"),
    ("first look at all queues, s of a core", lambda f: f"{f.greeting_seconds:.1f}"),
    ("accepted a second", lambda f: f"{f.accept:,.0f}"),
    ("of the empty store", lambda f: f"{f.accept_ratio:.2f}"),
    ("memory at the start, MB", lambda f: f"{f.memory_mb:.0f}"),
    ("memory after the load, MB", lambda f: f"{f.memory_loaded_mb:.0f}"),
    ("the same with an empty store, MB", lambda f: f"{f.memory_loaded_empty_mb:.0f}"),
    ("file, octets a message", lambda f: f"{f.octets_a_message:.0f}"),
    ("queue of a device, microseconds", lambda f: f"{f.read_us:.0f}"),
    ("read for the first time", lambda f: f"{f.read_first_us:.0f}"),
    ("99 of 100 the second time", lambda f: f"{f.read_p99_us:.0f}"),
    ("attach until all is delivered, ms", lambda f: f"{f.attach_ms:.0f}"),
    ("filled, messages a second", lambda f: f"{f.fill_rate:,.0f}"),
)


def show(figures: Sequence[Figures], console: Console) -> None:
    """Print the figures for a person."""
    columns = [f"{each.messages:,}" for each in figures]
    table = Table("stored messages", *columns, title="What is stored")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, told in _ROWS:
        table.add_row(name, *map(told, figures))
    console.print(table)


@app.default
def main(
    *,
    messages: Annotated[
        int | None, Parameter(help="Measure with so many stored messages alone.")
    ] = None,
    points: Annotated[
        list[int] | None,
        Parameter(help="Or with each of these; 1,000 to 10,000,000.", consume_multiple=True),
    ] = None,
    rounds: Annotated[int, Parameter(help="Loads in each measurement; medians are told.")] = ROUNDS,
    count: Annotated[int, Parameter(help="Messages in each load.")] = COUNT,
    folder: Annotated[Path | None, Parameter(help="Where to make the stores.")] = None,
    json: Annotated[bool, Parameter(negative=(), help="Print JSON, not a table.")] = False,
) -> int:
    """Measure what stored messages cost."""
    chosen = [messages] if messages is not None else points or list(POINTS)
    try:
        figures = uvloop.run(measure(chosen, rounds, count, folder))
    except (LoadError, ValueError) as error:
        Console(stderr=True, style="red").print(str(error), markup=False)
        return 1
    if json:
        print(msgspec.json.encode(figures).decode())
    else:
        show(figures, Console())
    return 0


if __name__ == "__main__":
    sys.exit(app())
