"""Links come and go as the configuration says, and take nothing with them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from smsc.upstream.line import Listener, Terms
from smsc.upstream.links import Changes, Links, Wanted
from tests.delivery.world import LADDER
from tests.upstream.wire import Wire
from tests.upstream.world import Abroad


class Owned(Wire):
    """A wire that is up while it is open."""

    def __init__(self, terms: Terms, listener: Listener) -> None:
        super().__init__(terms.name, listener)
        self.terms = terms

        self.parting: asyncio.Barrier | None = None
        """Who has to be at the end before it ends, if that takes time."""

    def open(self) -> None:
        self.up()

    async def close(self) -> None:
        if self.parting is not None:
            await self.parting.wait()
        self.down()


class Exchange(Abroad):
    """A world whose wires are opened and closed by the book."""

    links_kept: Links

    async def open(self, reading: bool = True) -> None:
        names, self.links = self.links, ()
        await super().open(reading)
        self.links = names
        self.exits.change(self.routes, frozenset(names))
        self.links_kept = Links(self.agent, self.make)

    def make(self, terms: Terms, listener: Listener) -> Owned:
        made = Owned(terms, listener)
        self.wires[made.name] = made
        return made

    async def change(self, **ports: int) -> Changes:
        wanted = {
            name: Wanted(port, Terms(name=name, host="h", port=port, system_id="s"))
            for name, port in ports.items()
        }
        changes = await self.links_kept.change(wanted)
        await self.calm()
        return changes


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[Exchange]:
    made = Exchange(tmp_path / "smsc.db")
    await made.open()
    yield made
    await made.close()


async def test_links_are_opened_closed_and_replaced(exchange: Exchange) -> None:
    assert await exchange.change(a=1, b=1) == Changes(["a", "b"], [], [])
    first = exchange.wires["a"]
    assert await exchange.change(a=1, b=1) == Changes([], [], [])
    assert await exchange.change(a=2) == Changes([], ["b"], ["a"])
    assert exchange.wires["a"] is not first and not first.bound
    assert [outlet.name for outlet in exchange.agent.outlets] == ["a"]


async def test_what_a_replaced_link_owed_goes_over_the_new_one(exchange: Exchange) -> None:
    await exchange.change(a=1)
    await exchange.leave("again")
    await exchange.change(a=2)
    await exchange.wait(LADDER[0])
    assert exchange.wires["a"].texts == ["again"]


async def test_what_waited_for_a_link_that_is_gone_goes_over_the_others(
    exchange: Exchange,
) -> None:
    await exchange.change(a=1, b=1)
    for number in range(25):
        exchange.submit(str(number), "155500010001")
    await exchange.calm()
    await exchange.change(b=1)
    while exchange.wires["b"].answer_all():
        await exchange.calm()
    assert len(exchange.wires["b"].sent) == 25


async def test_none_that_is_closed_waits_for_the_end_of_another(exchange: Exchange) -> None:
    await exchange.change(a=1, b=1, c=1)
    parting = asyncio.Barrier(3)
    for wire in exchange.wires.values():
        assert isinstance(wire, Owned)
        wire.parting = parting
    async with asyncio.timeout(10):
        assert await exchange.change(a=2) == Changes([], ["b", "c"], ["a"])


async def test_all_are_closed_at_the_end(exchange: Exchange) -> None:
    await exchange.change(a=1, b=1)
    await exchange.links_kept.close()
    assert not any(wire.bound for wire in exchange.wires.values())
