"""Servers to measure, each a process of its own on free ports, and a load put on them."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import httpx
import msgspec

from bench.address import HostPort
from bench.drive import LoadError, run
from bench.plan import Plan, Report
from bench.process import Processor

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


class Server(NamedTuple):
    """A server that runs: where it listens for SMPP, its process, and where it has HTTP."""

    address: HostPort
    pid: int
    http: HostPort | None = None


class Loaded(NamedTuple):
    """What a load measured, and what share of a core the server used meanwhile."""

    report: Report
    server: Processor


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


async def load(address: HostPort, plan: Plan, mark: Callable[[], None] = lambda: None) -> Report:
    """Put a load on a server; raises LoadError if anything stayed owed or was refused.

    `mark` is called as `run` does.
    """
    plan = msgspec.structs.replace(plan, host=address.host, port=address.port)
    report = await run(plan, mark)
    if report.failure or report.accepted != report.submitted:
        raise LoadError(report.failure or f"Not all was accepted: {report.rejected}")
    return report


async def loaded(running: Server, plan: Plan) -> Loaded:
    """Put a load on a server, and see what it uses; raises LoadError as `load` does."""
    used: list[Processor] = []
    report = await load(running.address, plan, lambda: used.append(Processor.of(running.pid)))
    before, after = used
    return Loaded(report, after.since(before, report.elapsed))


async def counted(running: Server, sample: str) -> dict[str, int]:
    """Read the samples of /metrics that begin so, by what follows."""
    async with httpx.AsyncClient(trust_env=False) as client:
        text = (await client.get(f"http://{running.http}/metrics")).text
    lines = [line for line in text.splitlines() if line.startswith(sample)]
    pairs = (line.removeprefix(sample).rpartition(" ") for line in lines)
    return {name: int(float(value)) for name, _, value in pairs}
