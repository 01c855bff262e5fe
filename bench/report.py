"""The report: everything we have an aim for, measured in one run, as a table and plots.

It writes `report.md`, `figures.json` and the plots into a folder. Nothing else should be going on
on the machine meanwhile; what was, tells the load average in the report.
"""

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec
import uvloop
from cyclopts import App, Parameter
from rich.console import Console

from bench import memory, plots, road, sessions
from bench.drive import LoadError
from bench.machine import Machine, describe
from bench.results import Figures, lines

OUTPUT: Final = Path("bench/results")
BEGINS, ENDS = "<!-- the report begins -->", "<!-- the report ends -->"
THROUGHPUT, LATENCY = "throughput.svg", "latency.svg"

BUSY: Final = 0.8
"""The share of its core from which on the load generator may be what is measured."""
CROWDED: Final = 0.05
"""The share of its time without a core that a server on a quiet machine stays below."""
_LIMITS: Final = """\
Shares are of one core: `server` is the whole process and `loop` its event loop, which also wanted \
to run and had no core for the share `no core`; `generator` is the most that the load generator \
used. Where `loop` is near 100 %, Python is the limit. Where it isn't, and it had a core, the loop \
waited: for the disk, for the interpreter's lock, or for the load."""

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


FULL: Final = Extent()
QUICK: Final = Extent(
    rounds=1, count=20_000, seconds_at_half=2.0, seconds_without_pause=5.0, devices=10_000
)


class ReportError(Exception):
    """The report can't be written: where, why, and what to do."""


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
    return Figures(
        machine=machine,
        rounds=extent.rounds,
        count=extent.count,
        seconds=round(time.perf_counter() - begun, 1),
        road=whole,
        over_time=over_time,
        sessions=binds,
        memory=octets,
    )


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
    return {
        THROUGHPUT: "Throughput over time, without a pause",
        LATENCY: "Latency of an answer, at half of the largest load",
    }


def markdown(figures: Figures, pictures: dict[str, str]) -> str:
    """Write the report, which shows these pictures."""
    return "# Benchmark report\n\n" + _body(figures, pictures, "##") + "\n"


def shown(page: str, figures: Figures, pictures: dict[str, str]) -> str:
    """Put the report between the two marks of a page, in place of what stands there.

    Raises ReportError if the page hasn't both.
    """
    before, begins, rest = page.partition(BEGINS)
    _, ends, after = rest.partition(ENDS)
    if not (begins and ends):
        raise ReportError(f"The page has no place for the report: give it {BEGINS} and {ENDS}")
    body = _body(figures, pictures, "###")
    return f"{before}{begins}\n\n{body}\n\n{ends}{after}"


def _body(figures: Figures, pictures: dict[str, str], level: str) -> str:
    rounds = "1 round" if figures.rounds == 1 else f"medians of {figures.rounds} rounds"
    minutes = max(1, round(figures.seconds / 60))
    parts = [
        f"One run of `python -m bench.report` in {figures.machine.date}: {rounds} of "
        f"{figures.count:,} messages, {minutes} min in all.",
        f"{level} Figures and aims",
        _aims(figures),
        f"{level} Rates, and what limits them",
        _rates(figures),
        _LIMITS,
        *_doubts(figures),
        *(f"{level} {title}\n\n![{title}]({name})" for name, title in pictures.items()),
        f"{level} The machine",
        _machine(figures.machine),
    ]
    return "\n\n".join(parts)


def _aims(figures: Figures) -> str:
    rows = [
        (line.figure, line.aim, line.measured, line.ratio, "yes" if line.met else "no")
        for line in lines(figures)
    ]
    return _table(("figure", "aim", "measured", "ratio", "met"), rows)


def _rates(figures: Figures) -> str:
    whole, binds = figures.road, figures.sessions
    rows = [
        (
            name,
            f"{row.rate:,.0f}",
            f"{min(row.rates):,.0f}",
            f"{max(row.rates):,.0f}",
            f"{row.server_cpu:.0%}",
            f"{row.loop_cpu:.0%}",
            f"{row.loop_waited:.0%}",
            f"{row.generator_cpu:.0%}",
        )
        for name, row in (
            ("floor: decode and reply", whole.floor),
            ("accept, durable", whole.accept),
            ("datagrams, delivered", whole.datagram),
            ("end to end, with receipts", whole.end_to_end),
            (f"accept over {binds.few:,} binds", binds.accept.few),
            (f"accept over {binds.many:,} binds", binds.accept.many),
            (f"end to end over {binds.few:,} binds", binds.end_to_end.few),
            (f"end to end over {binds.many:,} binds", binds.end_to_end.many),
        )
    ]
    heads = ("", "messages/s", "least", "most", "server", "loop", "no core", "generator")
    return _table(heads, rows)


def _doubts(figures: Figures) -> Iterator[str]:
    """Say what makes the figures of this run say less than they might."""
    whole, binds = figures.road, figures.sessions
    pairs = (binds.accept, binds.end_to_end)
    rows = [whole.floor, whole.accept, whole.datagram, whole.end_to_end]
    rows += [row for pair in pairs for row in (pair.few, pair.many)]
    busiest = max(row.generator_cpu for row in rows)
    if busiest > BUSY:
        yield f"The load generator used {busiest:.0%} of its core: servers may be faster than this."
    if whole.floor.loop_waited > CROWDED:
        yield (
            "Others were at work on the machine: the floor wanted to run and had no core for "
            f"{whole.floor.loop_waited:.0%} of its time. Every figure suffers from that, those "
            "that wait for the disk and for a second core most."
        )


def _machine(machine: Machine) -> str:
    disk = machine.disk
    rows = [
        ("processor", f"{machine.processor}, {machine.cores} cores"),
        ("memory", f"{machine.memory / 2**30:.0f} GiB"),
        ("kernel", machine.kernel),
        ("Python", machine.python),
        ("SQLite", machine.sqlite),
        (
            "fsync of a page",
            f"median {disk.sync_ms_median:.2f} ms, p99 {disk.sync_ms_p99:.2f} ms",
        ),
        ("load average before", ", ".join(f"{each:.2f}" for each in machine.load_average)),
    ]
    return _table(("", ""), rows)


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, ("---",) * len(heads), *rows))


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
    output: Annotated[Path, Parameter(help="Folder to write to.")] = OUTPUT,
    page: Annotated[
        Path | None, Parameter(help="Page to show the report on too, between its two marks.")
    ] = None,
) -> int:
    """Measure everything in one run, and write a report."""
    console = Console(stderr=True, highlight=False)
    try:
        figures = uvloop.run(measure(QUICK if quick else FULL, console))
        write(figures, output, page)
    except (LoadError, OSError, ReportError, ValueError) as error:
        console.print(str(error), style="red", markup=False)
        return 1
    print(_aims(figures))
    console.print(f"written to {output}")
    return 0


if __name__ == "__main__":
    app()
