"""A report as people read it."""

from rich.console import Console
from rich.table import Table

from bench.plan import Report

_BUSY = 0.9


def show(report: Report, console: Console) -> None:
    """Print a report."""
    console.print(_figures(report))
    console.print(_latencies(report))
    if report.generator_cpu >= _BUSY:
        console.print(
            f"The generator used {report.generator_cpu:.0%} of its core: the server may be faster "
            "than this run shows.",
            style="yellow",
        )


def _figures(report: Report) -> Table:
    table = Table(show_header=False, title="Load", title_justify="left")
    table.add_column(style="bold")
    table.add_column(justify="right")
    rows: list[tuple[str, str]] = [
        ("throughput", f"{report.throughput:,.0f} accepted/s"),
        ("seconds", f"{report.seconds:,.3f}"),
        ("sessions x window", f"{report.sessions} x {report.window}"),
        ("submitted", f"{report.submitted:,}"),
        ("accepted", f"{report.accepted:,}"),
        *((f"rejected {name}", f"{count:,}") for name, count in report.rejected.items()),
        ("unanswered", f"{report.unanswered:,}"),
        ("generator's core", f"{report.generator_cpu:.0%}"),
    ]
    if report.rate is not None:
        rows.insert(1, ("rate asked for", f"{report.rate:,.0f}/s"))
    rows += [(name, f"{count:,}") for name, count in _oddities(report) if count]
    receipts = report.receipts
    if receipts and report.end_to_end is not None:
        rows.append(("end to end", f"{report.end_to_end:,.0f} receipts/s"))
        rows += [(f"receipts {stat}", f"{count:,}") for stat, count in receipts.by_stat.items()]
        rows.append(("receipts missing", f"{receipts.missing:,}"))
        rows.append(("receipts duplicate", f"{receipts.duplicate:,}"))
        rows.append(("receipts unknown", f"{receipts.unknown:,}"))
    for row in rows:
        table.add_row(*row)
    return table


def _oddities(report: Report) -> list[tuple[str, int]]:
    return [
        ("messages from devices", report.mo),
        ("responses to nothing", report.unexpected),
        ("message ids given twice", report.repeated_ids),
    ]


def _latencies(report: Report) -> Table:
    table = Table("latency, ms", title_justify="left")
    columns = {"submit to response": report.latency_ms}
    if report.receipts:
        columns["submit to receipt"] = report.receipts.latency_ms
    for name in columns:
        table.add_column(name, justify="right")
    for figure in report.latency_ms:
        table.add_row(figure, *(f"{column[figure]:,.3f}" for column in columns.values()))
    return table
