"""The manual is true: what it lists is what there is, and what it shows is what happens."""

import re
from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin

import httpx
import msgspec
import pytest
import pytest_asyncio
from cyclopts import App

from smsc.cause import Cause
from smsc.centre import ServiceCentre
from smsc.cli.app import build, main
from smsc.config import Config, ConfigError, parse
from smsc.esme.words import WORDS
from smsc.message import State
from smsc.smpp.commands import CommandStatus, Version
from smsc.smpp.tlv import Tag
from smsc.smpp.version import known_status
from smsc.web.problems import refusal
from smsc_routing.decision import Reason, Verdict

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [
    *(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")),
    *sorted(DOCS.glob("*.md")),
]

_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]+\]\((?!https?:)([^)\s]+)\)")
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def sections(text: str) -> dict[str, str]:
    """Return what stands under each heading of the second level, by its words."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return {
        head.replace("`", ""): body for head, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def rows(text: str) -> list[list[str]]:
    """Return the cells of every row of the tables in a text, headings left out."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [row for row in cells if row[0].startswith("`")]


def listed(text: str) -> list[str]:
    """Return what the tables of a text list in their first column."""
    return [row[0].strip("`") for row in rows(text)]


# Configuration.


def example() -> str:
    found = re.search(r"^```toml\n(.*?)^```$", page("configuration.md"), re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def tables(kind: type = Config, above: str = "") -> Iterator[tuple[str, list[str]]]:
    """Give each table of the file as the manual heads it, with its keys."""
    for field in msgspec.structs.fields(kind):
        found = [each for each in (field.type, *get_args(field.type)) if is_table(each)]
        for table in found:
            name = above + field.encode_name
            many = get_origin(field.type) is tuple
            keys = [each.encode_name for each in msgspec.structs.fields(table)]
            yield f"[[{name}]]" if many else f"[{name}]", keys
            yield from tables(table, f"{name}.")


def is_table(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


TABLES = list(tables())


def test_the_annotated_example_is_accepted() -> None:
    config = parse(example(), "smsc.toml")
    assert config.accounts and config.policies and config.devices and config.populations


@pytest.mark.parametrize(("head", "keys"), TABLES)
def test_every_key_of_a_table_is_described_and_no_other(head: str, keys: list[str]) -> None:
    assert sorted(listed(sections(page("configuration.md"))[head])) == sorted(keys)


def test_no_table_is_described_that_there_is_not() -> None:
    heads = {head for head in sections(page("configuration.md")) if head.startswith("[")}
    assert heads == {head for head, _ in TABLES}


def written(head: str) -> set[str]:
    """Return the keys that the example gives somewhere under this head, in a comment or not."""
    _, *parts = re.split(r"^(?:# )?(\[\[?[\w.]+\]\]?)$", example(), flags=re.MULTILINE)
    bodies = [body for name, body in zip(parts[::2], parts[1::2], strict=True) if name == head]
    keys = set(re.findall(r"^(?:# )?(\w+) = ", "\n".join(bodies), re.MULTILINE))
    inner = re.compile(rf"\[{{1,2}}{re.escape(head.strip('[]'))}\.(\w+)\]{{1,2}}")
    return keys | {match[1] for name in parts[::2] if (match := inner.fullmatch(name))}


@pytest.mark.parametrize(("head", "keys"), TABLES)
def test_every_key_stands_in_the_annotated_example(head: str, keys: list[str]) -> None:
    # A population has nothing that the devices of the example don't show.
    shown = written("[[devices]]") if head == "[[populations]]" else set()
    assert set(keys) <= written(head) | shown


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("window = 100", "windw = 100"),
        ("window = 100", 'window = "many"'),
        ('inactivity_timer = "300s"', 'inactivity_timer = "5 minutes"'),
        ('policy = "default"', 'policy = "defualt"'),
        ('"127.0.0.1:2775"', '"0.0.0.0:2775"'),
        ('"10.0.0.0/8"', '"10.0.0.1/8"'),
        ('msisdn = "491700000002"', 'msisdn = "491700000001"'),
        ("'(?i)casino'", "'(?i)casino('"),
    ],
)
def test_a_mistake_in_the_example_is_told_as_the_manual_shows(right: str, wrong: str) -> None:
    assert right in example()
    with pytest.raises(ConfigError) as told:
        parse(example().replace(right, wrong, 1), "smsc.toml")
    assert str(told.value) in page("configuration.md").splitlines()


# The command line.


class Command(NamedTuple):
    """A command as it is typed, and the options it takes."""

    name: str
    options: frozenset[str]


def commands(app: App, name: str = "smsc") -> Iterator[Command]:
    for word in app:
        if word.startswith("-"):
            continue
        command = app[word]
        if command.default_command is None:
            yield from commands(command, f"{name} {word}")
            continue
        arguments = command.assemble_argument_collection()
        options = {each for argument in arguments for each in argument.names}
        yield Command(
            f"{name} {word}", frozenset(each for each in options if each.startswith("--"))
        )


COMMANDS = list(commands(build()))


def test_every_command_has_a_section_and_no_other_has() -> None:
    described = [head for head in sections(page("command-line.md")) if head.startswith("smsc ")]
    assert sorted(described) == sorted(command.name for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_option_is_described_and_the_command_shown(command: Command) -> None:
    text = page("command-line.md")
    body = sections(text)[command.name]
    common = text.partition("\n## ")[0]
    assert {name for name in command.options if name not in body + common} == set()
    assert re.search(rf"^\$ .*{command.name}\b", body, re.MULTILINE)


def decoded() -> list[tuple[str, str]]:
    """Return the command lines that the manual decodes octets with, and what they print."""
    body = sections(page("command-line.md"))["smsc decode"]
    return re.findall(r"^\$ smsc (decode .*)\n((?:.+\n)+?)```$", body, re.MULTILINE)


@pytest.mark.parametrize(("line", "printed"), decoded())
def test_octets_are_decoded_as_the_manual_shows(
    line: str, printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(line.split())
    told = capsys.readouterr()
    assert (told.out + told.err).splitlines() == printed.splitlines()


# The wire.


@pytest.mark.parametrize("reason", Reason)
def test_a_refusal_has_the_statuses_that_the_doors_answer_with(reason: Reason) -> None:
    (row,) = [row for row in rows(sections(page("smpp.md"))["Refusals"]) if row[0] == f"`{reason}`"]
    told = [known_status(WORDS[reason], version) for version in (Version.V50, Version.V34)]
    assert row[1:3] == [_status(CommandStatus(status)) for status in told]
    assert row[3] == str(HTTPStatus(refusal(Verdict(reason)).status_code).value)
    assert row[4]


def test_every_tlv_is_told_of_by_its_name_and_number() -> None:
    told = re.findall(r"`(\w+)`\s(0x[0-9A-F]{4})", sections(page("smpp.md"))["TLVs"])
    assert {(tag.name, f"0x{tag:04X}") for tag in Tag} == set(told)


def test_no_refusal_is_described_that_there_is_not() -> None:
    described = listed(sections(page("smpp.md"))["Refusals"])
    assert sorted(described) == sorted(Reason)


@pytest.mark.parametrize("name", ["smpp.md", "http.md", "simulator.md", "operations.md"])
def test_a_status_that_a_page_names_exists_and_has_its_number(name: str) -> None:
    for status, number in re.findall(r"(ESME_\w+) (0x[0-9A-F]+)", page(name)):
        assert CommandStatus[status] == int(number, 16)
    for status in re.findall(r"ESME_\w+", page(name)):
        assert status in CommandStatus.__members__


def _status(status: CommandStatus) -> str:
    return f"{status.name} 0x{status:02X}"


def test_every_cause_is_listed() -> None:
    body = page("simulator.md").partition("### Causes")[2].partition("\n## ")[0]
    numbers = [int(number) for number in re.findall(r"^\| (\d+) \|", body, re.MULTILINE)]
    assert numbers == list(Cause)


# A running SMSC.

CONFIG = """
[store]
url = "sqlite:{folder}/smsc.db"
[smpp]
listen = "127.0.0.1:0"
[http]
listen = "127.0.0.1:0"
"""


@pytest_asyncio.fixture
async def centre(tmp_path: Path) -> AsyncIterator[ServiceCentre]:
    made = ServiceCentre(parse(CONFIG.format(folder=tmp_path), "smsc.toml"))
    await made.open()
    yield made
    await made.close()


async def asked(centre: ServiceCentre, path: str) -> httpx.Response:
    host, port = centre.http_address
    async with httpx.AsyncClient(base_url=f"http://{host}:{port}", trust_env=False) as client:
        answer = await client.get(path)
    assert answer.status_code == HTTPStatus.OK
    return answer


async def test_every_metric_is_described_with_its_type_and_no_other_is(
    centre: ServiceCentre,
) -> None:
    exposed = (await asked(centre, "/metrics")).text
    types = dict(re.findall(r"^# TYPE (smsc_\w+) (\w+)$", exposed, re.MULTILINE))
    described = {row[0].strip("`"): row[1] for row in rows(metrics_described())}
    assert types and described == types


async def test_every_label_of_a_metric_is_described(centre: ServiceCentre) -> None:
    journal = centre.journal
    journal.submits["a2p_mt", "accepted"] += 1
    journal.amendments["cancel", "granted"] += 1
    journal.deliveries["device", "delivered"] += 1
    journal.finals[State.DELIVERED] += 1
    journal.refused_binds["max_binds"] += 1
    exposed = (await asked(centre, "/metrics")).text
    described = {row[0].strip("`"): row[2] for row in rows(metrics_described())}
    for name, labels in re.findall(r"^(smsc_\w+)\{(.+?)\}", exposed, re.MULTILINE):
        if name in described:
            words = ", ".join(f"`{label}`" for label in re.findall(r'(\w+)="', labels))
            assert described[name] == words


def metrics_described() -> str:
    body = sections(page("operations.md"))["Metrics"]
    return "\n".join(line for line in body.splitlines() if line.startswith("| `smsc_"))


async def test_every_endpoint_is_described(centre: ServiceCentre) -> None:
    paths = (await asked(centre, "/schema/openapi.json")).json()["paths"]
    endpoints = [
        f"{method.upper()} {path}" for path, methods in paths.items() for method in methods
    ]
    assert endpoints
    told = "".join(map(page, ("http.md", "tr50.md", "voipnumber.md")))
    assert [each for each in endpoints if f"`{each}`" not in told] == []


# Links.


def slugs(text: str) -> set[str]:
    """Return the names that headings go by in links, as GitHub makes them."""
    heads = _HEADING.findall(_FENCED.sub("", text))
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("source", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading_that_exist(source: Path) -> None:
    for link in _LINK.findall(_FENCED.sub("", source.read_text("utf-8"))):
        path, _, anchor = link.partition("#")
        target = source.parent / path if path else source
        assert target.exists(), f"{source.name} links to {link}"
        if anchor:
            assert anchor in slugs(target.read_text("utf-8")), f"{source.name} links to {link}"


def test_every_page_is_in_the_index() -> None:
    linked = {link.partition("#")[0] for link in _LINK.findall(page("README.md"))}
    assert {path.name for path in DOCS.glob("*.md")} - {"README.md"} <= linked
