"""The road measured: rates as shares of the floor, and how long an answer takes at half of them.

Servers started one after another on this machine, each under the same load of 10 sessions with 50
unanswered submits: the floor (it decodes and replies, nothing else), and the SMSC three times, on
a fresh store each time.

    accept      devices out of reach: each submit is on the disk before it is answered, and waits
    datagrams   devices within reach: each is answered at once, delivered, and never stored
    end to end  devices within reach: submitted, durable, delivered, receipt delivered and answered

Then the latency of an answer at half of the rate. Figures are medians of the rounds; rates are
told as ratios to the floor too, because a ratio means the same on another machine.
"""

import asyncio
import statistics
from typing import Annotated, Final

import msgspec
import uvloop
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from bench.drive import LoadError
from bench.pdu import ESM_DATAGRAM
from bench.plan import Plan
from bench.process import Processor
from bench.servers import ATTACHED, DETACHED, Loaded, Server, counted, loaded, server, smsc
from bench.timeline import OverTime

ACCEPT_AIM, DATAGRAM_AIM, END_TO_END_AIM, P99_AIM = 0.30, 0.60, 0.13, 10
ROUNDS: Final = 5
COUNT: Final = 100_000
SECONDS_AT_HALF: Final = 4.0
FLOOR_TIMES: Final = 4
"""How many times as many messages the floor gets, so that it isn't over too soon."""
SECONDS_FOR_OUTCOMES: Final = 10.0

ACCEPT: Final = Plan(destination=DETACHED)
DATAGRAM: Final = Plan(destination=ATTACHED, esm_class=ESM_DATAGRAM)
END_TO_END: Final = Plan(destination=ATTACHED, receipts=True)

app = App(name="python -m bench.road", help=__doc__, version_flags=[])


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What one kind of load measured: messages a second, latencies in ms, shares of a core."""

    rates: list[float]
    """Of each round."""
    p99_at_half: float | None = None
    latency_at_half: list[tuple[float, int]] = []
    """Of all rounds: how many answers took less than so many ms, and not less than those before."""
    server_cpu: float
    loop_cpu: float
    """What the server's loop used of that."""
    loop_waited: float
    """How long the loop wanted to run and had no core: 1 is all the time."""
    generator_cpu: float
    """The largest share of its core that the load generator used in any run; 1 is all of it."""

    @property
    def rate(self) -> float:
        """The median rate."""
        return statistics.median(self.rates)


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a run of this script measured."""

    floor: Row
    accept: Row
    datagram: Row
    end_to_end: Row

    def ratio(self, row: Row) -> float:
        """Return a rate, the floor being 1."""
        return row.rate / self.floor.rate


class Series:
    """The rounds of one kind of load."""

    def __init__(self) -> None:
        """Start with none."""
        self._rates: list[float] = []
        self._p99: list[float] = []
        self._latency: dict[float, int] = {}
        self._server: list[Processor] = []
        self._generator: list[float] = []

    def add(self, rate: float, run: Loaded) -> None:
        """Note a round at full load."""
        self._rates.append(rate)
        self._server.append(run.server)
        self._generator.append(run.report.generator_cpu)

    def add_half(self, run: Loaded) -> None:
        """Note a round at half of the load."""
        self._p99.append(run.report.latency_ms["p99"])
        self._generator.append(run.report.generator_cpu)
        for below, times in run.report.latency_counts:
            self._latency[below] = self._latency.get(below, 0) + times

    def row(self) -> Row:
        """Sum them up."""
        return Row(
            rates=self._rates,
            p99_at_half=statistics.median(self._p99) if self._p99 else None,
            latency_at_half=sorted(self._latency.items()),
            server_cpu=statistics.median(each.all for each in self._server),
            loop_cpu=statistics.median(each.loop for each in self._server),
            loop_waited=statistics.median(each.waited for each in self._server),
            generator_cpu=max(self._generator),
        )


async def delivered(centre: Server, submitted: int) -> int:
    """Wait until the outcome of so many datagrams is known; return how many were delivered."""
    async with asyncio.timeout(SECONDS_FOR_OUTCOMES):
        while True:
            outcomes = await counted(centre, 'smsc_transients_total{mode="datagram",outcome=')
            if sum(outcomes.values()) >= submitted:
                return outcomes.get('"delivered"}', 0)
            await asyncio.sleep(0.01)


async def measure(rounds: int, count: int, seconds: float = SECONDS_AT_HALF) -> Figures:
    """Measure everything, so many times with so many messages each.

    `seconds` is how long a run at half load takes.
    """
    floor, accept, datagram, end_to_end = Series(), Series(), Series(), Series()
    for _ in range(rounds):
        async with server("-m", "bench.floor", "--listen", "127.0.0.1:0") as running:
            run = await loaded(running, Plan(count=FLOOR_TIMES * count))
            floor.add(run.report.throughput, run)
        async with smsc() as running:
            run = await loaded(running, _counting(ACCEPT, count))
            accept.add(run.report.throughput, run)
            half = _pacing(ACCEPT, run.report.throughput / 2, seconds)
            accept.add_half(await loaded(running, half))
        async with smsc() as running:
            run = await loaded(running, _counting(DATAGRAM, 2 * count))
            arrived = await delivered(running, run.report.submitted)
            datagram.add(arrived / run.report.elapsed, run)
            half = _pacing(DATAGRAM, run.report.throughput / 2, seconds)
            datagram.add_half(await loaded(running, half))
        async with smsc() as running:
            run = await loaded(running, _counting(END_TO_END, count))
            rate = run.report.end_to_end or 0.0
            end_to_end.add(rate, run)
            end_to_end.add_half(await loaded(running, _pacing(END_TO_END, rate / 2, seconds)))
    return Figures(
        floor=floor.row(), accept=accept.row(), datagram=datagram.row(), end_to_end=end_to_end.row()
    )


async def watch(seconds: float) -> dict[str, OverTime]:
    """Put each kind of load on for so long, and tell how its rate went over time."""
    kinds = {"accept, durable": ACCEPT, "datagrams": DATAGRAM, "end to end": END_TO_END}
    over_time = {}
    for name, plan in kinds.items():
        async with smsc() as running:
            run = await loaded(running, msgspec.structs.replace(plan, seconds=seconds))
            over_time[name] = run.report.over_time
    return over_time


def _counting(plan: Plan, count: int) -> Plan:
    return msgspec.structs.replace(plan, count=count)


def _pacing(plan: Plan, rate: float, seconds: float) -> Plan:
    return msgspec.structs.replace(plan, rate=rate, seconds=seconds)


def show(figures: Figures, console: Console) -> None:
    """Print the figures for a person."""
    table = Table(title="The road", title_justify="left")
    for name in ("", "messages/s", "of the floor", "aim", "p99 at half, ms", "server", "loop"):
        table.add_column(name, justify="right" if name else "left")
    for name, row, aim in (
        ("floor: decode and reply", figures.floor, None),
        ("accept, durable", figures.accept, ACCEPT_AIM),
        ("datagrams, delivered", figures.datagram, DATAGRAM_AIM),
        ("end to end, with receipts", figures.end_to_end, END_TO_END_AIM),
    ):
        table.add_row(
            name,
            f"{row.rate:,.0f}",
            f"{figures.ratio(row):.3f}",
            "" if aim is None else f"{aim:.2f}",
            "" if row.p99_at_half is None else f"{row.p99_at_half:.1f}",
            f"{row.server_cpu:.0%}",
            f"{row.loop_cpu:.0%}",
        )
    console.print(table)
    rows = (figures.floor, figures.accept, figures.datagram, figures.end_to_end)
    console.print(
        f"We aim at a p99 under {P99_AIM} ms. Shares are of one core, those of the server with its "
        f"loop in them; the load generator used {max(row.generator_cpu for row in rows):.0%} of "
        "one at most.",
        highlight=False,
    )


@app.default
def main(
    *,
    rounds: Annotated[int, Parameter(help="How often to measure; medians are told.")] = ROUNDS,
    count: Annotated[int, Parameter(help="Messages in each measurement.")] = COUNT,
    json: Annotated[bool, Parameter(negative=(), help="Print JSON, not a table.")] = False,
) -> int:
    """Measure the floor, the accept rate, datagrams and the whole road in one run."""
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
