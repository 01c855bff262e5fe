"""The report, made from figures without measuring any."""

from pathlib import Path

import msgspec

from bench.report import draw, markdown, write
from bench.results import Figures, lines
from tests.bench.test_plots import opened
from tests.bench.test_results import figures


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
