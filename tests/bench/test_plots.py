"""Plots are files that open as images, and show what they were given."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench import plots
from bench.latency import STEP, Histogram
from bench.plots import Curve
from bench.timeline import OverTime

SVG = "{http://www.w3.org/2000/svg}"


def histogram(*latencies: float) -> list[tuple[float, int]]:
    counted = Histogram()
    for seconds in latencies:
        counted.record(seconds)
    return counted.counts()


def opened(path: Path) -> ElementTree.Element:
    """Read an image, which has a size and something drawn."""
    root = ElementTree.parse(path).getroot()
    assert root.tag == SVG + "svg"
    assert [float(size) > 0 for size in root.attrib["viewBox"].split()[2:]] == [True, True]
    assert root.findall(f".//{SVG}path")
    return root


def words(image: ElementTree.Element) -> set[str]:
    return {"".join(text.itertext()).strip() for text in image.iter(SVG + "text")}


def test_throughput_over_time_has_a_line_for_each_load(tmp_path: Path) -> None:
    path = tmp_path / "throughput.svg"
    kinds = {"accept": OverTime(0.1, [10, 12, 11, 3]), "end to end": OverTime(0.1, [4, 5, 6, 1])}
    plots.throughput(kinds, path)
    assert {"accept", "end to end", "seconds", "messages a second"} <= words(opened(path))


def test_a_load_that_was_over_at_once_is_drawn_as_nothing(tmp_path: Path) -> None:
    path = tmp_path / "throughput.svg"
    plots.throughput({"accept": OverTime(0.1, [10])}, path)
    assert "accept" in words(opened(path))


def test_the_histogram_of_latencies_shows_the_aim(tmp_path: Path) -> None:
    path = tmp_path / "latency.svg"
    plots.latency({"accept": histogram(0.001, 0.002), "datagrams": []}, 10, path)
    assert {"accept", "datagrams", "p99 should be under 10 ms"} <= words(opened(path))


def test_costs_against_what_is_stored_have_a_panel_each(tmp_path: Path) -> None:
    path = tmp_path / "stored.svg"
    points = [(1000, 1.0), (10_000, 1.1), (100_000, 1.3)]
    curves = [Curve("start-up", "seconds", points, aim=5.0), Curve("a read", "ms", points)]
    plots.stored([*curves, Curve("size", "octets", points)], path)
    image = opened(path)
    assert {"start-up", "seconds", "a read", "ms", "size", "octets", "aim"} <= words(image)


def test_the_same_figures_make_the_same_file(tmp_path: Path) -> None:
    first, second = tmp_path / "first.svg", tmp_path / "second.svg"
    for path in (first, second):
        plots.latency({"accept": histogram(0.001, 0.004)}, 10, path)
    assert first.read_bytes() == second.read_bytes()


def test_shares_are_percents_and_what_nothing_fell_into_is_drawn_as_nothing() -> None:
    below, percent = plots.shares(histogram(0.001, 0.001, 0.001, 0.1))
    assert below == sorted(below)
    assert percent == [0.0, 75.0, 0.0, 0.0, 25.0, 0.0]


def test_steps_beside_each_other_have_no_gap() -> None:
    below, percent = plots.shares([(1.0, 1), (STEP, 1)])
    assert below == pytest.approx([1 / STEP, 1.0, STEP, STEP * STEP])
    assert percent == [0.0, 50.0, 50.0, 0.0]


def test_nothing_counted_has_no_shares() -> None:
    assert plots.shares([]) == ([], [])
