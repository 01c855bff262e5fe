"""The report as people read it, in Markdown: figures and pictures in, a page out."""

from collections.abc import Iterator, Sequence
from typing import Final

from bench.machine import Machine
from bench.results import Figures, lines
from bench.stored import Figures as Stored
from bench.storm import Figures as Storm

BEGINS, ENDS = "<!-- the report begins -->", "<!-- the report ends -->"
BUSY: Final = 0.8
"""The share of its core from which on the load generator may be what is measured."""
CROWDED: Final = 0.05
"""The share of its time without a core that a server on a quiet machine stays below."""
_LIMITS: Final = """\
Shares are of one core: `server` is the whole process and `loop` its event loop, which also wanted \
to run and had no core for the share `no core`; `generator` is the most that the load generator \
used. Where `loop` is near 100 %, Python is the limit. Where it isn't, and it had a core, the loop \
waited: for the disk, for the interpreter's lock, or for the load."""


class ReportError(Exception):
    """The report can't be written: where, why, and what to do."""


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
        f"One run of `python -m bench.report` on {figures.machine.date}: {rounds} of "
        f"{figures.count:,} messages, {minutes} min in all.",
        f"{level} Figures and aims",
        aims(figures),
        f"{level} Rates, and what limits them",
        _rates(figures),
        _LIMITS,
        *_doubts(figures),
        *_waiting(figures, level),
        *(f"{level} {title}\n\n![{title}]({name})" for name, title in pictures.items()),
        f"{level} The machine",
        _machine(figures.machine),
    ]
    return "\n\n".join(parts)


def aims(figures: Figures) -> str:
    """Write the table of all figures that have an aim."""
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


def _waiting(figures: Figures, level: str) -> Iterator[str]:
    if figures.stored:
        yield f"{level} What stored messages cost"
        yield _stored(figures.stored)
    if figures.storm is not None:
        yield f"{level} {figures.storm.devices:,} devices attach at once"
        yield _storm(figures.storm)


def _stored(points: Sequence[Stored]) -> str:
    heads = (
        *("messages stored", "octets each", "start to first bind", "start after a kill"),
        *(
            "accepted/s",
            "of the empty store",
            "queue of a device",
            "memory after a load",
        ),
    )
    rows = [
        (
            f"{point.messages:,}",
            f"{point.octets_a_message:,.0f}",
            f"{point.start_seconds:.2f} s",
            f"{point.restart_seconds:.2f} s",
            f"{point.accept:,.0f}",
            f"{point.accept_ratio:.2f}",
            f"{point.read_us / 1000:.2f} ms, p99 {point.read_p99_us / 1000:.2f} ms",
            f"{point.memory_loaded_mb:,.0f} MB",
        )
        for point in points
    ]
    return _table(heads, rows)


def _storm(figures: Storm) -> str:
    rows = [
        ("all within reach after", f"{figures.attach_seconds:.2f} s"),
        ("all receipts after", f"{figures.storm_seconds:.1f} s"),
        ("delivered a second, with receipts", f"{figures.delivered:,.0f}"),
        ("submit p99 of another account before it", f"{figures.before.answer_p99:.1f} ms"),
        ("during it", f"{figures.storm.answer_p99:.1f} ms"),
        ("memory before it, and at most", f"{_mb(figures.rss_before)}, {_mb(figures.rss_peak)}"),
        *(
            (
                f"the {each.messages:,} messages of account {name}: half, all",
                f"after {each.half:.1f} s, {each.all:.1f} s",
            )
            for name, each in figures.accounts.items()
        ),
    ]
    return _table(("", ""), rows)


def _mb(octets: int) -> str:
    return f"{octets / 1e6:,.0f} MB"


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
