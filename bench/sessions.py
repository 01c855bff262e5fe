"""The same load over few binds and over many: what it costs that a message comes on a bind alone.

Both times as many submits are unanswered in all, so that only their number on a bind differs. Each
measurement has an SMSC on a fresh store; the two take turns, and figures are medians of the rounds.
"""

import statistics
from typing import Annotated, Final

import msgspec
import uvloop
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from bench.drive import LoadError
from bench.plan import Plan
from bench.road import ACCEPT, END_TO_END, ROUNDS
from bench.servers import loaded, smsc

RATIO_AIM: Final = 0.80
FEW: Final = 10
MANY: Final = 1000
UNANSWERED: Final = 5000
"""In all, five on each of many binds."""
COUNT: Final = 100_000

app = App(name="python -m bench.sessions", help=__doc__, version_flags=[])


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of load: messages a second in each round, over few binds and over many."""

    few: list[float]
    many: list[float]
    loop_cpu_few: float
    loop_cpu_many: float
    """What the server's loop used of a core."""
    generator_cpu: float

    @property
    def ratio(self) -> float:
        """What is left of the rate over many binds."""
        return statistics.median(self.many) / statistics.median(self.few)


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a run of this script measured."""

    few: int
    many: int
    unanswered: int
    accept: Row
    end_to_end: Row


async def measure(rounds: int, count: int, many: int = MANY) -> Figures:
    """Measure both kinds of load so many times, with so many messages each."""
    return Figures(
        few=FEW,
        many=many,
        unanswered=UNANSWERED,
        accept=await _row(ACCEPT, rounds, count, many),
        end_to_end=await _row(END_TO_END, rounds, count, many),
    )


async def _row(kind: Plan, rounds: int, count: int, many: int) -> Row:
    rates: dict[int, list[float]] = {FEW: [], many: []}
    loops: dict[int, list[float]] = {FEW: [], many: []}
    generator = 0.0
    for _ in range(rounds):
        for sessions in (FEW, many):
            window = UNANSWERED // sessions
            plan = msgspec.structs.replace(kind, count=count, sessions=sessions, window=window)
            async with smsc() as running:
                report, server = await loaded(running, plan)
            rates[sessions].append(
                report.throughput if report.end_to_end is None else report.end_to_end
            )
            loops[sessions].append(server.loop)
            generator = max(generator, report.generator_cpu)
    return Row(
        few=rates[FEW],
        many=rates[many],
        loop_cpu_few=statistics.median(loops[FEW]),
        loop_cpu_many=statistics.median(loops[many]),
        generator_cpu=generator,
    )


def show(figures: Figures, console: Console) -> None:
    """Print the figures for a person."""
    table = Table(title="Few binds and many", title_justify="left")
    for name in ("", f"{figures.few:,} binds", f"{figures.many:,} binds", "ratio", "aim"):
        table.add_column(name, justify="right" if name else "left")
    for name, row in (("accept", figures.accept), ("end to end", figures.end_to_end)):
        rates = (f"{statistics.median(each):,.0f}/s" for each in (row.few, row.many))
        table.add_row(name, *rates, f"{row.ratio:.2f}", f"{RATIO_AIM:.2f}")
    console.print(table)


@app.default
def main(
    *,
    rounds: Annotated[int, Parameter(help="How often to measure; medians are told.")] = ROUNDS,
    count: Annotated[int, Parameter(help="Messages in each measurement.")] = COUNT,
    json: Annotated[bool, Parameter(negative=(), help="Print JSON, not a table.")] = False,
) -> int:
    """Measure the same load over 10 and over 1,000 binds."""
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
