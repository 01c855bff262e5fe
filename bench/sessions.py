"""The same load over few binds and over many: what it costs that a message comes on a bind alone.

Both times as many submits are unanswered in all, so that only their number on a bind differs. Each
measurement has an SMSC on a fresh store; the two take turns, and figures are medians of the rounds.
"""

from typing import Annotated, Final

import msgspec
import uvloop
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from bench.drive import LoadError
from bench.plan import Plan
from bench.road import ACCEPT, END_TO_END, ROUNDS, Row, Series
from bench.servers import loaded, smsc

RATIO_AIM: Final = 0.80
FEW: Final = 10
MANY: Final = 1000
UNANSWERED: Final = 5000
"""In all, five on each of many binds."""
COUNT: Final = 100_000

app = App(name="python -m bench.sessions", help=__doc__, version_flags=[])


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of load, over few binds and over many."""

    few: Row
    many: Row

    @property
    def ratio(self) -> float:
        """What is left of the rate over many binds."""
        return self.many.rate / self.few.rate


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a run of this script measured."""

    few: int
    many: int
    unanswered: int
    accept: Pair
    end_to_end: Pair


async def measure(rounds: int, count: int, many: int = MANY) -> Figures:
    """Measure both kinds of load so many times, with so many messages each."""
    return Figures(
        few=FEW,
        many=many,
        unanswered=UNANSWERED,
        accept=await _pair(ACCEPT, rounds, count, many),
        end_to_end=await _pair(END_TO_END, rounds, count, many),
    )


async def _pair(kind: Plan, rounds: int, count: int, many: int) -> Pair:
    series = {FEW: Series(), many: Series()}
    for _ in range(rounds):
        for sessions, each in series.items():
            window = UNANSWERED // sessions
            plan = msgspec.structs.replace(kind, count=count, sessions=sessions, window=window)
            async with smsc() as running:
                run = await loaded(running, plan)
            whole = run.report.end_to_end
            each.add(run.report.throughput if whole is None else whole, run)
    return Pair(few=series[FEW].row(), many=series[many].row())


def show(figures: Figures, console: Console) -> None:
    """Print the figures for a person."""
    table = Table(title="Few binds and many", title_justify="left")
    for name in ("", f"{figures.few:,} binds", f"{figures.many:,} binds", "ratio", "aim"):
        table.add_column(name, justify="right" if name else "left")
    for name, pair in (("accept", figures.accept), ("end to end", figures.end_to_end)):
        rates = (f"{row.rate:,.0f}/s" for row in (pair.few, pair.many))
        table.add_row(name, *rates, f"{pair.ratio:.2f}", f"{RATIO_AIM:.2f}")
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
