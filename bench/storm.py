"""The storm after an outage: what happens when 100,000 devices with messages attach at once.

One SMSC on a fresh store. An outage of the simulated network begins; two accounts submit a message
to each device of it, nine of ten from one of them, and all of them wait. Then the outage ends, and
every device is within reach in the same moment. Meanwhile a third account submits at an even rate
to devices elsewhere. How long its submits wait for their answers, and what they wait for receipts,
tells whether the SMSC stays responsive; when the receipts of the two come, whether it is fair.

Afterwards the same SMSC is measured end to end without a storm, for comparison.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Annotated, Final
from urllib.parse import quote

import httpx
import msgspec
import uvloop
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from bench.drive import LoadError
from bench.fleet import Fleet
from bench.latency import Histogram
from bench.plan import Plan
from bench.servers import ATTACHED, Server, load, smsc

OUTAGE: Final = "4473########"
MANY, FEW, STEADY = "44731#######", "44739#######", "4474########"
SHARE_OF_FEW: Final = 10
CONFIG: Final = f"""
[[accounts]]
system_id = "few"
password = "few"
addresses = ["5678"]
max_binds = 1000
window = 1000
[[accounts]]
system_id = "steady"
password = "steady"
addresses = ["9012"]
api_token = "steady"
operator = true
max_binds = 1000
window = 1000
[[populations]]
msisdn = "{OUTAGE}"
[[populations]]
msisdn = "{STEADY}"
"""
SECONDS_BEFORE: Final = 3.0
SECONDS_BETWEEN_LOOKS: Final = 0.05

app = App(name="python -m bench.storm", help=__doc__, version_flags=[])


class Wait(msgspec.Struct, frozen=True, kw_only=True):
    """How long submits of the steady account waited, in milliseconds."""

    answer_p50: float
    answer_p99: float
    answer_max: float
    receipt_p50: float
    receipt_p99: float


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How an account's messages came home: seconds from the end of the outage to its receipts."""

    messages: int
    half: float
    all: float


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured."""

    devices: int
    steady_rate: float
    """Submits a second of the account that goes on submitting."""
    attach_seconds: float
    """Until the end of the outage was durable: from then on every device is within reach."""
    storm_seconds: float
    """Until the last receipt."""
    delivered: float
    """Messages delivered a second in the storm, each with its receipt, and the steady ones."""
    end_to_end: float
    """The same without a storm, as fast as it goes."""
    before: Wait
    storm: Wait
    accounts: dict[str, Progress]
    crowd_when_few_had_all: int
    """Messages of the larger account that were delivered when the smaller had all of its own."""
    duplicates: int
    rss_before: int
    """Octets of the process in memory before the outage ended."""
    rss_peak: int
    """The most during the storm."""

    @property
    def of_the_pipeline(self) -> float:
        """The rate of the storm, that without one being 1."""
        return self.delivered / self.end_to_end


class Watch:
    """Looks at a process and at the fleets while something goes on."""

    def __init__(self, pid: int, fleets: dict[str, Fleet]) -> None:
        """Watch these, by name."""
        self._pid = pid
        self._fleets = fleets
        self._begun = perf_counter()
        self.peak = rss(pid)
        self.seen: list[tuple[float, dict[str, int]]] = []

    def look(self) -> None:
        """Take note of how it stands."""
        self.peak = max(self.peak, rss(self._pid))
        received = {name: each.tally.received_receipts for name, each in self._fleets.items()}
        self.seen.append((perf_counter() - self._begun, received))

    async def until(self, done: Awaitable[object]) -> None:
        """Look again and again until something is done."""
        waiting = asyncio.ensure_future(done)
        while not waiting.done():
            self.look()
            await asyncio.wait([waiting], timeout=SECONDS_BETWEEN_LOOKS)
        self.look()
        await waiting

    def seconds_to(self, name: str, count: int) -> float:
        """Return when so many receipts of a fleet had come."""
        return next(at for at, received in self.seen if received[name] >= count)

    def received(self, name: str, at: float) -> int:
        """Return how many receipts of a fleet had come by then."""
        return max(received[name] for when, received in self.seen if when <= at)


def rss(pid: int) -> int:
    """Return how many octets of a process are in memory."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    (line,) = (line for line in lines if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


async def measure(devices: int = 100_000, rate: float = 500.0) -> Figures:
    """Measure one storm of so many devices, while somebody submits at this rate."""
    few = devices // SHARE_OF_FEW
    plans = {
        "many": plan_for("demo", "1234", MANY, devices - few),
        "few": plan_for("few", "5678", FEW, few),
    }
    async with smsc(CONFIG) as centre:
        async with bound(centre, plans) as fleets, _client(centre) as http:
            await _answered(http.post("/v1/outages", json={"msisdn": OUTAGE}))
            for fleet in fleets.values():
                fleet.begin()
            for fleet in fleets.values():
                await fleet.answered()
            steady_plan = {"steady": plan_for("steady", "9012", STEADY, None, rate)}
            async with bound(centre, steady_plan) as steady:
                figures = await _storm(centre, http, fleets, steady["steady"], devices, rate)
        whole = Plan(count=devices, destination=ATTACHED, receipts=True)
        report = await load(centre.address, whole)
    return msgspec.structs.replace(figures, end_to_end=report.end_to_end or 0.0)


async def _storm(
    centre: Server,
    http: httpx.AsyncClient,
    fleets: dict[str, Fleet],
    steady: Fleet,
    devices: int,
    rate: float,
) -> Figures:
    steady.begin()
    await asyncio.sleep(SECONDS_BEFORE)
    before = wait(*steady.measure_anew())
    sent_before = steady.tally.received_receipts
    rss_before = rss(centre.pid)
    watch = Watch(centre.pid, fleets)
    begun = perf_counter()
    ending = asyncio.ensure_future(_answered(http.delete(f"/v1/outages/{quote(OUTAGE)}")))
    ended_at: list[float] = []
    ending.add_done_callback(lambda _: ended_at.append(perf_counter()))
    await watch.until(asyncio.gather(ending, *(fleet.receipted() for fleet in fleets.values())))
    storm_seconds = perf_counter() - begun
    steadily = steady.tally.received_receipts - sent_before
    steady.stop()
    await steady.answered()
    await steady.receipted()
    accounts = {
        name: Progress(
            messages=fleet.tally.accepted,
            half=watch.seconds_to(name, fleet.tally.accepted // 2),
            all=watch.seconds_to(name, fleet.tally.accepted),
        )
        for name, fleet in fleets.items()
    }
    return Figures(
        devices=devices,
        steady_rate=rate,
        attach_seconds=ended_at[0] - begun,
        storm_seconds=storm_seconds,
        delivered=(devices + steadily) / storm_seconds,
        end_to_end=0.0,
        before=before,
        storm=wait(*steady.measure_anew()),
        accounts=accounts,
        crowd_when_few_had_all=watch.received("many", accounts["few"].all),
        duplicates=sum(each.tally.duplicate_receipts for each in (*fleets.values(), steady)),
        rss_before=rss_before,
        rss_peak=watch.peak,
    )


def plan_for(
    system_id: str, source: str, destination: str, count: int | None, rate: float | None = None
) -> Plan:
    """Submit one message to each of so many devices, or at a rate until stopped."""
    return Plan(
        system_id=system_id,
        password=system_id,
        source=source,
        destination=destination,
        destinations=count or 10_000,
        count=count,
        seconds=None if count else 3600.0,
        rate=rate,
        # One session, for each begins at another place of the ring: no device is sent two.
        sessions=1 if count else 10,
        window=500 if count else 50,
        receipts=True,
    )


@asynccontextmanager
async def bound(centre: Server, plans: dict[str, Plan]) -> AsyncIterator[dict[str, Fleet]]:
    """Bind a fleet for each plan, by name; let them go afterwards."""
    fleets = {name: Fleet(plan) for name, plan in plans.items()}
    try:
        for fleet in fleets.values():
            await fleet.bind(centre.address)
        yield fleets
    finally:
        for fleet in fleets.values():
            await fleet.close()


def _client(centre: Server) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=f"http://{centre.http}",
        headers={"Authorization": "Bearer steady"},
        trust_env=False,
        timeout=60,
    )


async def _answered(asked: Awaitable[httpx.Response]) -> None:
    answer = await asked
    if not answer.is_success:
        raise LoadError(f"The SMSC answered {answer.status_code}: {answer.text}")


def wait(answers: Histogram, receipts: Histogram) -> Wait:
    """Tell latencies to answers and to receipts."""
    answered, received = answers.summary(), receipts.summary()
    return Wait(
        answer_p50=answered["p50"],
        answer_p99=answered["p99"],
        answer_max=answered["max"],
        receipt_p50=received["p50"],
        receipt_p99=received["p99"],
    )


def show(figures: Figures, console: Console) -> None:
    """Print the figures for a person."""
    steady = Table("", "answer", "receipt", title="The steady account: p50, p99 (longest), in ms")
    for name, each in (("before", figures.before), ("storm", figures.storm)):
        steady.add_row(
            name,
            f"{each.answer_p50:.1f}, {each.answer_p99:.1f} ({each.answer_max:.1f})",
            f"{each.receipt_p50:.1f}, {each.receipt_p99:.1f}",
        )
    came = Table("", "messages", "half after", "all after", title="What had waited, in seconds")
    for name, progress in figures.accounts.items():
        came.add_row(name, f"{progress.messages:,}", f"{progress.half:.2f}", f"{progress.all:.2f}")
    console.print(steady, came)
    console.print(
        f"{figures.devices:,} devices were within reach after {figures.attach_seconds:.3f} s. Their"
        f" messages came in {figures.storm_seconds:.1f} s, {figures.delivered:,.0f}/s in all:"
        f" {figures.of_the_pipeline:.2f} of the {figures.end_to_end:,.0f}/s end to end without a"
        f" storm. When few had all of its messages, many had {figures.crowd_when_few_had_all:,}."
        f" Memory: {figures.rss_before / 1e6:.0f} MB before, {figures.rss_peak / 1e6:.0f} MB at"
        f" most. Receipts that came twice: {figures.duplicates}.",
        highlight=False,
    )


@app.default
def main(
    *,
    devices: Annotated[int, Parameter(help="How many devices attach at once.")] = 100_000,
    rate: Annotated[float, Parameter(help="Submits a second of the steady account.")] = 500.0,
    json: Annotated[bool, Parameter(negative=(), help="Print JSON, not tables.")] = False,
) -> int:
    """Measure a storm, in one run."""
    try:
        figures = uvloop.run(measure(devices, rate))
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
