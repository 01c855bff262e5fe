"""The house itself: packages, docstrings, sizes and names, wherever there is Python in it."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent
LONGEST_MODULE = 500
WITHOUT_INIT = ("encodings", "routing")
"""Folders that would shadow packages of Python's own if they were packages."""
FLOORS = ("smsc", "encodings", "routing", "bench", "examples", "tests")
ROOMS_WITHOUT_A_FOLDER_IN_SMSC = {
    "encodings",
    "routing",
    "bench",
    "docs",
    "examples",
    "fuzz",
    "journeys",
}
ATTIC = {
    "base",
    "common",
    "core",
    "extra",
    "extras",
    "functions",
    "general",
    "helper",
    "helpers",
    "lib",
    "manager",
    "managers",
    "misc",
    "miscellaneous",
    "shared",
    "stuff",
    "tool",
    "tools",
    "util",
    "utilities",
    "utility",
    "utils",
}
"""Names that say nothing of what is inside, and so end up full of everything."""


def modules(house: Path) -> Iterator[Path]:
    """Yield every Python file of the house, in order."""
    yield from sorted(house.glob("*.py"))
    for floor in FLOORS:
        yield from sorted((house / floor).rglob("*.py"))


def shadows(house: Path) -> Iterator[str]:
    for name in WITHOUT_INIT:
        if (house / name / "__init__.py").exists():
            yield f"{name}/__init__.py makes a package that shadows another: remove it"


def undescribed(house: Path) -> Iterator[str]:
    for path in modules(house):
        docstring = ast.get_docstring(ast.parse(path.read_text("utf-8")))
        if not (docstring or "").strip():
            yield f"{path.relative_to(house)} doesn't say what it is for: give it a docstring"


def too_long(house: Path) -> Iterator[str]:
    for path in modules(house):
        lines = len(path.read_text("utf-8").splitlines())
        if lines > LONGEST_MODULE:
            yield f"{path.relative_to(house)} has {lines} lines: divide it"


def attics(house: Path) -> Iterator[str]:
    for path in modules(house):
        place = path.relative_to(house)
        for word in sorted({w for part in place.with_suffix("").parts for w in part.split("_")}):
            if word in ATTIC:
                yield f"{place} is named {word!r}: name it after what is inside"


def strangers(house: Path) -> Iterator[str]:
    rooms = {path.name for path in (house / "smsc").iterdir() if path.is_dir()}
    rooms |= ROOMS_WITHOUT_A_FOLDER_IN_SMSC
    for path in sorted((house / "tests").rglob("*.py")):
        place = path.relative_to(house / "tests")
        if place.name == "__init__.py":
            yield f"tests/{place} makes a package of a folder of tests: remove it"
        if len(place.parts) > 2 or (len(place.parts) == 2 and place.parts[0] not in rooms):
            yield f"tests/{place} mirrors no room: put it into the folder of the one it tests"


RULES: dict[Callable[[Path], Iterator[str]], tuple[str, str]] = {
    shadows: ("encodings/__init__.py", '"""Nothing."""\n'),
    undescribed: ("smsc/web/door.py", "import ast\n"),
    too_long: ("tests/test_long.py", '"""Long."""\n' + "x = 1\n" * LONGEST_MODULE),
    attics: ("bench/test_utils.py", '"""All sorts of things."""\n'),
    strangers: ("tests/webb/test_door.py", '"""Tests of a room that isn\'t there."""\n'),
}
"""Every rule, with a file that breaks it and no other."""
rules = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)


@rules
def test_the_house_keeps_every_rule(rule: Callable[[Path], Iterator[str]]) -> None:
    assert list(rule(HOUSE)) == []


@rules
def test_a_rule_finds_the_one_file_that_breaks_it(
    rule: Callable[[Path], Iterator[str]], tmp_path: Path
) -> None:
    (tmp_path / "smsc" / "web").mkdir(parents=True)
    for place, text in RULES.values():
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (found,) = rule(tmp_path)
    assert found.startswith(RULES[rule][0])


@pytest.mark.parametrize(
    ("place", "offends"),
    [
        ("tests/web/test_door.py", False),
        ("tests/journeys/test_door.py", False),
        ("tests/test_door.py", False),
        ("tests/web/deeper/test_door.py", True),
        ("tests/web/__init__.py", True),
    ],
)
def test_a_folder_of_tests_is_a_room_and_no_package(
    tmp_path: Path, place: str, offends: bool
) -> None:
    (tmp_path / "smsc" / "web").mkdir(parents=True)
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    assert bool(list(strangers(tmp_path))) is offends


@pytest.mark.parametrize("name", ["base", "base_agent", "session_utils", "_helpers"])
def test_an_attic_is_found_in_any_part_of_a_name(tmp_path: Path, name: str) -> None:
    for place in (f"smsc/{name}.py", f"smsc/{name}/door.py"):
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert len(list(attics(tmp_path))) == 2


@pytest.mark.parametrize("name", ["database", "baseline", "toolbar", "encoder"])
def test_a_name_that_only_begins_like_an_attic_is_none(tmp_path: Path, name: str) -> None:
    path = tmp_path / "smsc" / f"{name}.py"
    path.parent.mkdir()
    path.touch()
    assert list(attics(tmp_path)) == []


def test_a_house_with_modules_in_it_was_looked_at() -> None:
    seen = {path.relative_to(HOUSE).as_posix() for path in modules(HOUSE)}
    assert {"smsc/centre.py", "tests/test_house.py", "bench/load.py"} <= seen
