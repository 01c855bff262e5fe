"""Fair shares: what a flood of one account's does to another, who sends little.

One SMSC on a fresh store. A polite account submits at an even rate and wants receipts: alone at
first, and then while another account submits as fast as its windows allow, to 40,000 devices. A
latency counts from when a message fell due: to its answer, which says that it is durable, and to
its receipt, which says that it was delivered.
"""

import asyncio
import sys
from typing import Annotated

import msgspec
import uvloop
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from bench.address import HostPort
from bench.drive import LoadError
from bench.plan import Plan, Report
from bench.servers import ATTACHED, load, smsc

POLITE = """
[[accounts]]
system_id = "polite"
password = "polite"
addresses = ["5678"]
weight = {weight}
[[populations]]
msisdn = "4473########"
"""

app = App(name="python -m bench.fair", help=__doc__, version_flags=[])


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """What the polite account saw, in milliseconds; and what the flood got, messages a second."""

    answer_p50: float
    answer_p99: float
    receipt_p50: float
    receipt_p99: float
    flood_accepted: float = 0.0
    flood_refused: float = 0.0


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured; a flood goes by how many submits it keeps unanswered."""

    alone: Latency
    floods: dict[int, Latency]


async def measure(
    seconds: float, rate: float, windows: list[int], sessions: int, weight: int = 1
) -> Figures:
    """Measure the polite account alone, and beside floods with these windows a session."""
    plan = Plan(
        system_id="polite",
        password="polite",
        source="5678",
        destination="4473########",
        sessions=2,
        seconds=seconds,
        rate=rate,
        receipts=True,
    )
    floods = {}
    async with smsc(POLITE.format(weight=weight)) as centre:
        alone = _seen(await load(centre.address, plan))
        for window in windows:
            flood = await _flood(centre.address, sessions, window, 3 * seconds)
            try:
                # The flood's windows fill up meanwhile.
                await asyncio.sleep(seconds)
                polite = await load(centre.address, plan)
            finally:
                said, _ = await flood.communicate()
            floods[sessions * window] = _seen(polite, msgspec.json.decode(said, type=Report))
    return Figures(alone=alone, floods=floods)


async def _flood(
    address: HostPort, sessions: int, window: int, seconds: float
) -> asyncio.subprocess.Process:
    """Have another process submit as fast as it can."""
    options = {
        "--connect": str(address),
        "--sessions": str(sessions),
        "--window": str(window),
        "--seconds": str(seconds),
        "--destination": ATTACHED,
        "--destinations": "40000",
    }
    words = [word for option in options.items() for word in option]
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.load", *words, "--json", stdout=asyncio.subprocess.PIPE
    )


def _seen(polite: Report, flood: Report | None = None) -> Latency:
    assert polite.receipts is not None
    answers, receipts = polite.latency_ms, polite.receipts.latency_ms
    return Latency(
        answer_p50=answers["p50"],
        answer_p99=answers["p99"],
        receipt_p50=receipts["p50"],
        receipt_p99=receipts["p99"],
        flood_accepted=flood.accepted / flood.seconds if flood else 0.0,
        flood_refused=sum(flood.rejected.values()) / flood.seconds if flood else 0.0,
    )


def show(figures: Figures, console: Console) -> None:
    """Print the figures for a person."""
    table = Table(
        "", "answer", "receipt", "flood", "refused", title="A polite account, p50 and p99 in ms"
    )
    for column in table.columns[1:]:
        column.justify = "right"
    rows = {"alone": figures.alone} | {
        f"beside {unanswered:,} unanswered": seen for unanswered, seen in figures.floods.items()
    }
    for name, seen in rows.items():
        table.add_row(
            name,
            f"{seen.answer_p50:.1f}, {seen.answer_p99:.1f}",
            f"{seen.receipt_p50:.1f}, {seen.receipt_p99:.1f}",
            f"{seen.flood_accepted:,.0f}/s",
            f"{seen.flood_refused:,.0f}/s",
        )
    console.print(table)


@app.default
def main(
    *,
    seconds: Annotated[float, Parameter(help="How long to measure each time.")] = 4.0,
    rate: Annotated[float, Parameter(help="Submits a second of the polite account.")] = 50.0,
    windows: Annotated[
        list[int] | None, Parameter(help="Unanswered submits a session of each flood; 50 and 1000.")
    ] = None,
    sessions: Annotated[int, Parameter(help="Sessions of a flood.")] = 20,
    weight: Annotated[int, Parameter(help="The polite account's; that of a flood is 1.")] = 1,
    json: Annotated[bool, Parameter(negative=(), help="Print JSON, not a table.")] = False,
) -> int:
    """Measure what floods of one account do to another, in one run."""
    try:
        figures = uvloop.run(measure(seconds, rate, windows or [50, 1000], sessions, weight))
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
