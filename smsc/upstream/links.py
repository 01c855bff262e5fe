"""The links there are: opened, closed, and put in the place of others, as the configuration says.

A link that has changed is closed before it is called again: what it owed is answered first, so no
message is with two of them.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol, TypeAlias

from smsc.upstream.agent import LinkAgent
from smsc.upstream.line import Line, Listener, Terms


class OwnedLine(Line, Protocol):
    """A line, as the one who opens and closes it sees it."""

    def open(self) -> None:
        """Call the other SMSC, and again whenever the link is lost."""

    async def close(self) -> None:
        """Part from the other SMSC; all that was sent has been answered when this returns."""


Make: TypeAlias = Callable[[Terms, Listener], OwnedLine]


class Wanted(NamedTuple):
    """A link as it should be: what the configuration says of it, and so the terms."""

    said: object
    terms: Terms


class Changes(NamedTuple):
    """What was done to the links, by name."""

    opened: list[str]
    closed: list[str]
    replaced: list[str]


class Links:
    """All links, and the agent that uses them."""

    def __init__(self, agent: LinkAgent, make: Make) -> None:
        """Make lines by `make`, which tell the agent what happens on them."""
        self._agent = agent
        self._make = make
        self._lines: dict[str, OwnedLine] = {}
        self._said: dict[str, object] = {}

    async def change(self, wanted: Mapping[str, Wanted]) -> Changes:
        """Have these links and no others; those of which the same is said stay as they are."""
        closed = [name for name in self._lines if name not in wanted]
        opened = [name for name in wanted if name not in self._lines]
        replaced = [
            name
            for name, said in self._said.items()
            if name in wanted and wanted[name].said != said
        ]
        for name in opened:
            self._open(wanted[name])
        # Each may wait for what it is owed: none waits for another.
        await asyncio.gather(
            *(self._close(name) for name in closed),
            *(self._replace(name, wanted[name]) for name in replaced),
        )
        return Changes(opened, closed, replaced)

    def _open(self, wanted: Wanted) -> None:
        line = self._make(wanted.terms, self._agent)
        self._lines[line.name] = line
        self._said[line.name] = wanted.said
        self._agent.add(line)
        line.open()

    async def _replace(self, name: str, wanted: Wanted) -> None:
        await self._close(name)
        self._open(wanted)

    async def _close(self, name: str) -> None:
        del self._said[name]
        await self._lines.pop(name).close()
        self._agent.remove(name)

    async def close(self) -> None:
        """Part from all of them."""
        await self.change({})
