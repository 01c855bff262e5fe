"""The report, made from figures without measuring any."""

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from bench.page import BEGINS, ENDS, ReportError, markdown, shown
from bench.report import OUTPUT, draw, sizes, write
from bench.results import Figures, lines
from tests.bench.test_plots import opened
from tests.bench.test_results import figures
from tests.docs.test_manual import ROOT, page


def test_every_line_with_an_aim_stands_in_the_table() -> None:
    told = markdown(figures(), {})
    for line in lines(figures()):
        assert f"| {line.figure} | {line.aim} | {line.measured} | {line.ratio} | yes |" in told


def test_an_aim_that_was_missed_is_told_as_such() -> None:
    told = markdown(figures(accept=20_000.0), {})
    assert "| accept, durable | at least 0.30 of the floor | 20,000/s | 0.200 | no |" in told


def test_what_each_load_used_is_told_beside_its_rates() -> None:
    told = markdown(figures(), {})
    row = "| floor: decode and reply | 100,000 | 80,000 | 120,000 | 120% | 90% | 1% | 30% |"
    assert row in told.splitlines()
    assert "| accept over 1,000 binds | 90 |" in told


def test_what_stored_messages_cost_is_told_for_every_number_of_them() -> None:
    told = markdown(figures(), {}).splitlines()
    assert (
        "| 1,000 | 250 | 1.00 s | 1.00 s | 50,000 | 1.00 | 0.15 ms, p99 0.30 ms | 85 MB |" in told
    )
    assert (
        "| 10,000,000 | 250 | 1.00 s | 1.00 s | 45,000 | 0.90 | 0.15 ms, p99 0.30 ms | 85 MB |"
        in told
    )


def test_a_storm_is_told_with_what_each_account_waited() -> None:
    told = markdown(figures(), {}).splitlines()
    assert "## 100,000 devices attach at once" in told
    assert "| memory before it, and at most | 90 MB, 120 MB |" in told
    assert "| the 10,000 messages of account few: half, all | after 1.0 s, 2.0 s |" in told


def test_what_was_not_measured_is_left_out(tmp_path: Path) -> None:
    fewer = replace(figures(), stored=[], storm=None)
    pictures = draw(fewer, tmp_path)
    told = markdown(fewer, pictures)
    assert pictures.keys() == {path.name for path in tmp_path.iterdir()}
    assert not [line for line in lines(fewer) if "stored messages" in line.figure]
    assert "stored messages" not in told and "at once" not in told


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (1_000, [1_000]),
        (500, [500]),
        (100_000, [1_000, 10_000, 100_000]),
        (2_500, [1_000, 2_500]),
        (0, []),
    ],
)
def test_stores_grow_by_tens_up_to_the_most_that_is_asked_for(
    most: int, expected: list[int]
) -> None:
    assert sizes(most) == expected


@pytest.mark.parametrize(
    ("generator", "waited", "words"),
    [(0.81, 0.0, "The load generator used 81% of its core"), (0.1, 0.4, "Others were at work")],
)
def test_what_makes_figures_doubtful_is_told(generator: float, waited: float, words: str) -> None:
    assert words not in markdown(figures(), {})
    doubtful = figures()
    floor = replace(doubtful.road.floor, generator_cpu=generator, loop_waited=waited)
    doubtful = replace(doubtful, road=replace(doubtful.road, floor=floor))
    assert words in markdown(doubtful, {})


def test_the_machine_is_described() -> None:
    told = markdown(figures(), {})
    for words in ("Abacus 9, 2 cores", "8 GiB", "median 0.20 ms, p99 1.50 ms", "0.10, 0.20, 0.30"):
        assert words in told


def test_every_row_of_a_table_has_as_many_cells_as_its_head() -> None:
    rows = [line for line in markdown(figures(), {}).splitlines() if line.startswith("|")]
    tables = markdown(figures(), {}).split("\n\n")
    assert rows
    for table in tables:
        cells = {line.count("|") for line in table.splitlines() if line.startswith("|")}
        assert len(cells) <= 1


def test_every_picture_of_the_report_is_an_image_beside_it(tmp_path: Path) -> None:
    write(figures(), tmp_path)
    told = (tmp_path / "report.md").read_text()
    pictures = draw(figures(), tmp_path)
    assert pictures
    for name, title in pictures.items():
        assert f"![{title}]({name})" in told
        opened(tmp_path / name)


def test_the_figures_are_written_for_programs(tmp_path: Path) -> None:
    write(figures(), tmp_path / "new" / "folder")
    octets = (tmp_path / "new" / "folder" / "figures.json").read_bytes()
    assert msgspec.json.decode(octets, type=Figures) == figures()


def test_the_report_says_nothing_of_where_it_was_made(tmp_path: Path) -> None:
    write(figures(), tmp_path)
    for path in tmp_path.iterdir():
        assert str(tmp_path) not in path.read_text()


def test_a_page_shows_the_report_between_its_marks_and_keeps_the_rest(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    path = tmp_path / "docs" / "page.md"
    path.write_text(f"# Before\n\n{BEGINS}\nold figures\n{ENDS}\n\n# After\n")
    write(figures(), tmp_path / "results", path)
    told = path.read_text()
    assert told.startswith(f"# Before\n\n{BEGINS}\n")
    assert told.endswith(f"\n{ENDS}\n\n# After\n")
    assert "old figures" not in told
    assert "](../results/throughput.svg)" in told


@pytest.mark.parametrize("text", ["", BEGINS, ENDS, f"{ENDS} {BEGINS}"])
def test_a_page_without_a_place_for_the_report_is_refused(text: str) -> None:
    with pytest.raises(ReportError, match="no place for the report: give it <!--"):
        shown(text, figures(), {})


def test_the_manual_shows_the_figures_that_are_kept_beside_it(tmp_path: Path) -> None:
    octets = (ROOT / OUTPUT / "figures.json").read_bytes()
    kept = msgspec.json.decode(octets, type=Figures)
    pictures = draw(kept, tmp_path)
    from_page = {f"../{OUTPUT}/{name}": title for name, title in pictures.items()}
    assert page("benchmarks.md") == shown(page("benchmarks.md"), kept, from_page)
    assert all((ROOT / OUTPUT / name).exists() for name in pictures)
