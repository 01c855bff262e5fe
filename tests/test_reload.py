"""The configuration read again: what changes at once, what waits for a restart, and mistakes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from smsc.centre import ServiceCentre
from smsc.config import load

WORLD = """
[store]
url = "sqlite:{folder}/smsc.db"
[smpp]
listen = "127.0.0.1:0"
[http]
listen = "127.0.0.1:0"
"""
LINK = """
[[links]]
name = "{name}"
host = "127.0.0.1"
port = 1
system_id = "here"
"""


class Running:
    """A service centre and its file."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "smsc.toml"
        self.world = WORLD.format(folder=folder)
        self.write()
        self.centre = ServiceCentre(load(self.file))

    def write(self, *more: str) -> None:
        self.file.write_text(self.world + "".join(more))

    async def read(self, *more: str) -> list[dict[str, object]]:
        """Read what is written now; return what the log says of that."""
        self.write(*more)
        with capture_logs() as logs:
            await self.centre.reload.read(self.file)
        return [dict(each) for each in logs if not str(each["event"]).startswith("link_")]

    @property
    def links(self) -> list[str]:
        return [outlet.name for outlet in self.centre.link_agent.outlets]


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    made = Running(tmp_path)
    await made.centre.open()
    yield made
    await made.centre.close()


async def test_links_and_routes_change_at_once(running: Running) -> None:
    (told,) = await running.read(LINK.format(name="a"), '[[routes]]\nlinks = ["a"]\n')
    assert (told["event"], told["routes"], told["opened"]) == ("routed", 1, ["a"])
    assert running.links == ["a"]
    (told,) = await running.read(LINK.format(name="b"))
    assert (told["routes"], told["opened"], told["closed"]) == (0, ["b"], ["a"])
    assert running.links == ["b"]


async def test_policies_change_at_once(running: Running) -> None:
    await running.read('[[policies]]\nname = "quiet"\nmt = false\n')
    assert not running.centre.policies.find("quiet").mt


async def test_a_link_that_is_as_it_was_goes_on_undisturbed(running: Running) -> None:
    await running.read(LINK.format(name="a"))
    (told,) = await running.read(LINK.format(name="a"), LINK.format(name="b"))
    assert (told["opened"], told["closed"], told["replaced"]) == (["b"], [], [])


async def test_a_mistake_changes_nothing(running: Running) -> None:
    await running.read(LINK.format(name="a"))
    (told,) = await running.read(LINK.format(name="b"), '[[routes]]\nlinks = ["c"]\n')
    assert told["event"] == "not_reloaded"
    assert "no such link; known: b" in str(told["reason"])
    assert running.links == ["a"]


async def test_a_file_that_is_gone_changes_nothing(running: Running) -> None:
    running.file.unlink()
    with capture_logs() as logs:
        await running.centre.reload.read(running.file)
    assert [each["event"] for each in logs] == ["not_reloaded"]


async def test_what_needs_a_restart_is_told(running: Running) -> None:
    _, told = await running.read('[delivery]\nvalidity = "1h"\n', LINK.format(name="a"))
    assert (told["event"], told["tables"]) == ("restart_needed", ["delivery"])


async def test_what_is_written_otherwise_but_means_the_same_needs_none(running: Running) -> None:
    (told,) = await running.read('[delivery]\nvalidity = "4320m"\n')
    assert told["event"] == "routed"
