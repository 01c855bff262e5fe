"""The report: everything we have an aim for, measured in one run, as a table and plots.

It writes `report.md`, `figures.json` and the plots into a folder. Nothing else should be going on
on the machine meanwhile; what was, tells the load average in the report.
"""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec
import uvloop
from cyclopts import App, Parameter
from rich.console import Console

from bench import memory, plots, road, sessions, stored, storm
from bench.drive import LoadError
from bench.machine import describe
from bench.page import ReportError, aims, markdown, shown
from bench.plots import Curve
from bench.results import ACCEPT_STORED_AIM, READ_AIM_US, START_AIM, Figures

OUTPUT: Final = Path("bench/results")
THROUGHPUT, LATENCY, STORED = "throughput.svg", "latency.svg", "stored.svg"
FEWEST_DIGITS: Final = 3

app = App(name="python -m bench.report", help=__doc__, version_flags=[])


class Extent(msgspec.Struct, frozen=True, kw_only=True):
    """How much to measure."""

    rounds: int = 5
    count: int = 100_000
    """Messages in each measurement of a rate."""
    seconds_at_half: float = 4.0
    seconds_without_pause: float = 20.0
    binds: int = 1000
    devices: int = memory.DEVICES
    """Each with a message, when memory is measured."""
    stored: int = 10_000_000
    """The most messages that are stored; a tenth of them, a hundredth and so on go before."""
    stored_rounds: int = 3
    stored_count: int = 60_000
    storm: int = 100_000
    """Devices that attach at once."""


FULL: Final = Extent()
QUICK: Final = Extent(
    rounds=1,
    count=20_000,
    seconds_at_half=2.0,
    seconds_without_pause=5.0,
    devices=10_000,
    stored=100_000,
    stored_rounds=1,
    stored_count=20_000,
    storm=5_000,
)


async def measure(extent: Extent, console: Console) -> Figures:
    """Measure everything; raises LoadError if anything is refused or stays owed."""
    begun = time.perf_counter()
    machine = describe()
    console.print("the road")
    whole = await road.measure(extent.rounds, extent.count, extent.seconds_at_half)
    console.print("the rate over time")
    over_time = await road.watch(extent.seconds_without_pause)
    console.print("few binds and many")
    binds = await sessions.measure(extent.rounds, extent.count, extent.binds)
    console.print("memory")
    octets = await memory.measure(extent.devices)
    console.print("a storm")
    attaching = await storm.measure(extent.storm)
    console.print("stored messages")
    points = await stored.measure(sizes(extent.stored), extent.stored_rounds, extent.stored_count)
    return Figures(
        machine=machine,
        rounds=extent.rounds,
        count=extent.count,
        seconds=round(time.perf_counter() - begun, 1),
        road=whole,
        over_time=over_time,
        sessions=binds,
        memory=octets,
        stored=points,
        storm=attaching,
    )


def sizes(most: int) -> list[int]:
    """Return the powers of ten from a thousand that are below a number, and the number if any."""
    powers = (10**power for power in range(FEWEST_DIGITS, len(str(most))))
    return [*(size for size in powers if size < most), *([most] if most else [])]


def draw(figures: Figures, folder: Path) -> dict[str, str]:
    """Draw the plots into a folder; return what each file shows."""
    plots.throughput(figures.over_time, folder / THROUGHPUT)
    whole = figures.road
    at_half = {
        "accept, durable": whole.accept.latency_at_half,
        "datagrams": whole.datagram.latency_at_half,
        "end to end": whole.end_to_end.latency_at_half,
    }
    plots.latency(at_half, road.P99_AIM, folder / LATENCY)
    pictures = {
        THROUGHPUT: "Throughput over time, without a pause",
        LATENCY: "Latency of an answer, at half of the largest load",
    }
    if figures.stored:
        plots.stored(_curves(figures.stored), folder / STORED)
        pictures[STORED] = "Cost against stored messages"
    return pictures


def _curves(points: Sequence[stored.Figures]) -> list[Curve]:
    def curve(
        title: str, unit: str, cost: Callable[[stored.Figures], float], aim: float | None = None
    ) -> Curve:
        return Curve(title, unit, [(each.messages, cost(each)) for each in points], aim)

    return [
        curve("accept", "of the empty store", lambda at: at.accept_ratio, ACCEPT_STORED_AIM),
        curve("start to first bind", "seconds", lambda at: at.start_seconds, START_AIM),
        curve("queue of a device", "microseconds", lambda at: at.read_us, READ_AIM_US),
        curve("file", "octets a message", lambda at: at.octets_a_message),
        curve("memory after a load", "MB", lambda at: at.memory_loaded_mb),
        curve("attach until all is delivered", "ms", lambda at: at.attach_ms),
    ]


def write(figures: Figures, folder: Path, page: Path | None = None) -> None:
    """Write the report, its figures and its plots into a folder, and onto a page of the manual.

    Raises ReportError if the page has no place for it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pictures = draw(figures, folder)
    (folder / "report.md").write_text(markdown(figures, pictures), "utf-8")
    octets = msgspec.json.format(msgspec.json.encode(figures), indent=1)
    (folder / "figures.json").write_bytes(octets + b"\n")
    if page is not None:
        way = os.path.relpath(folder, page.parent)
        from_page = {f"{way}/{name}": title for name, title in pictures.items()}
        page.write_text(shown(page.read_text("utf-8"), figures, from_page), "utf-8")


@app.default
def main(
    *,
    quick: Annotated[
        bool, Parameter(negative=(), help="Measure once and little: to see that it works.")
    ] = False,
    most_stored: Annotated[
        int | None,
        Parameter(name="--stored", help="Messages stored at most; 0 for none."),
    ] = None,
    output: Annotated[Path, Parameter(help="Folder to write to.")] = OUTPUT,
    page: Annotated[
        Path | None, Parameter(help="Page to show the report on too, between its two marks.")
    ] = None,
) -> int:
    """Measure everything in one run, and write a report."""
    console = Console(stderr=True, highlight=False)
    try:
        extent = QUICK if quick else FULL
        if most_stored is not None:
            extent = msgspec.structs.replace(extent, stored=most_stored)
        figures = uvloop.run(measure(extent, console))
        write(figures, output, page)
    except (LoadError, OSError, ReportError, ValueError) as error:
        console.print(str(error), style="red", markup=False)
        return 1
    print(aims(figures))
    console.print(f"written to {output}")
    return 0


if __name__ == "__main__":
    app()
