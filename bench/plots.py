"""Plots of figures, as files that a page can show: nothing is measured here."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.latency import STEP
from bench.timeline import OverTime

_MORE_THAN_A_STEP: Final = STEP**1.5

COLOURS: Final = ("#1b6ca8", "#d1782b", "#3b8f5a", "#8a5aa8")
AIM_COLOUR: Final = "#b03030"
INCHES: Final = (8.0, 4.0)
PANEL_INCHES: Final = 2.7
SPANS_TO_DRAW: Final = 80

Buckets = Sequence[tuple[float, int]]
"""How many took less than so many milliseconds, and not less than those before."""


class Curve(NamedTuple):
    """A cost against how many messages are stored."""

    title: str
    unit: str
    points: Sequence[tuple[int, float]]
    aim: float | None = None
    """A line that it should stay under, or over."""


def throughput(kinds: Mapping[str, OverTime], path: Path) -> None:
    """Draw how many messages a second there were, from the start of a load to its end."""
    with _style():
        figure, axes = _single()
        for colour, (name, over_time) in zip(COLOURS, kinds.items(), strict=False):
            drawn = over_time.coarser(SPANS_TO_DRAW)
            rates = drawn.rates()
            seconds = [(number + 0.5) * drawn.seconds for number in range(len(rates))]
            axes.plot(seconds, rates, color=colour, linewidth=1.3, label=name)
        _thousands(axes)
        axes.set_ylim(bottom=0)
        axes.set_xlim(left=0)
        axes.set_xlabel("seconds")
        axes.set_ylabel("messages a second")
        _legend_above(axes)
        _save(figure, path)


def latency(kinds: Mapping[str, Buckets], aim_ms: float, path: Path) -> None:
    """Draw how often an answer took how long, and what the aim is."""
    with _style():
        figure, axes = _single()
        for colour, (name, buckets) in zip(COLOURS, kinds.items(), strict=False):
            below, percent = shares(buckets)
            axes.fill_between(below, percent, step="pre", color=colour, alpha=0.15, linewidth=0)
            axes.step(below, percent, where="pre", color=colour, linewidth=1.3, label=name)
        axes.axvline(aim_ms, color=AIM_COLOUR, linestyle="--", linewidth=1)
        axes.annotate(
            f"p99 should be under {aim_ms:g} ms ",
            (aim_ms, 1),
            xycoords=("data", "axes fraction"),
            color=AIM_COLOUR,
            verticalalignment="top",
            horizontalalignment="right",
        )
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.set_ylim(bottom=0)
        axes.set_xlabel("milliseconds from submit to answer, at half of the largest load")
        axes.set_ylabel("% of answers")
        _legend_above(axes)
        _save(figure, path)


def stored(curves: Sequence[Curve], path: Path) -> None:
    """Draw what each thing costs with ever more messages stored, a panel for each."""
    rows = -(-len(curves) // 2)
    with _style():
        figure = Figure(figsize=(INCHES[0], rows * PANEL_INCHES), layout="constrained")
        panels = figure.subplots(rows, 2, squeeze=False).flatten()
        for axes, curve in zip(panels, curves, strict=False):
            axes.plot(*zip(*curve.points, strict=True), color=COLOURS[0], marker="o", markersize=4)
            if curve.aim is not None:
                axes.axhline(curve.aim, color=AIM_COLOUR, linestyle="--", linewidth=1, label="aim")
                axes.legend()
            axes.set_xscale("log")
            axes.margins(y=0.15)
            axes.set_ylim(bottom=0)
            axes.set_title(curve.title, loc="left", fontsize=10)
            axes.set_xlabel("messages stored")
            axes.set_ylabel(curve.unit)
            _thousands(axes)
        for axes in panels[len(curves) :]:
            axes.set_visible(False)
        _save(figure, path)


def shares(buckets: Buckets) -> tuple[list[float], list[float]]:
    """Return the ends of steps without a gap, and how many percent fell into each."""
    total = sum(times for _, times in buckets) or 1
    below, percent = list[float](), list[float]()
    for end, times in buckets:
        # What nothing fell into isn't among the counts, and is drawn as nothing.
        if below and end / below[-1] > _MORE_THAN_A_STEP:
            below += [below[-1] * STEP, end / STEP]
            percent += [0.0, 0.0]
        elif not below:
            below.append(end / STEP)
            percent.append(0.0)
        below.append(end)
        percent.append(100 * times / total)
    if below:
        below.append(below[-1] * STEP)
        percent.append(0.0)
    return below, percent


def _style() -> AbstractContextManager[None]:
    return mpl.rc_context(
        {
            "svg.fonttype": "none",  # text stays text: smaller, and it can be searched
            "svg.hashsalt": "smsc",  # the same figures make the same file
            "font.family": "sans-serif",
            "font.size": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": "#dddddd",
            "grid.linewidth": 0.6,
            "legend.frameon": False,
        }
    )


def _single() -> tuple[Figure, Axes]:
    figure = Figure(figsize=INCHES, layout="constrained")
    return figure, figure.subplots()


def _thousands(axes: Axes) -> None:
    axes.yaxis.set_major_formatter("{x:,g}")


def _legend_above(axes: Axes) -> None:
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, borderaxespad=0.3)


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, format="svg", metadata={"Date": None})
