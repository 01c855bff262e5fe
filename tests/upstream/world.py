"""The whole road with links to other SMSCs, whose other ends the test holds."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from smsc.delivery.correlation import Correlation
from smsc.delivery.directory import Terms
from smsc.message import Address, State
from smsc.upstream.agent import LinkAgent
from smsc.upstream.arrivals import Arrivals
from smsc.upstream.line import Arrival, Report
from smsc.upstream.reports import Reports
from smsc_routing.policy import Policy
from smsc_routing.routes import Route
from smsc_routing.traffic import Party
from tests.delivery.world import ANNA, FLEET, World
from tests.upstream.wire import Wire

ELSEWHERE = "155500010001"
DAY = 24 * 3600
RECEIPT_WAIT = 2 * DAY
"""Seconds that a receipt is waited for after its message has expired."""


class Abroad(World):
    """A service centre with links."""

    def __init__(
        self,
        path: Path,
        routes: tuple[Route, ...] = (Route("", ("a", "b")),),
        links: tuple[str, ...] = ("a", "b"),
        weights: dict[str, int] | None = None,
    ) -> None:
        super().__init__(path)
        self.routes = routes
        self.links = links
        self.weights = weights or {}
        self.wires: dict[str, Wire] = {}
        self._far_ids = {name: count(1) for name in links}
        self.numbers.accounts = {
            name: Terms(default_source="1234", external=True) for name in (FLEET, "bank")
        }
        self.numbers.policies[ANNA] = Policy(p2p_external=True)
        self._correlating: asyncio.Task[None] | None = None

    async def open(self, reading: bool = True) -> None:
        await super().open(reading=False)
        self.correlation = Correlation(
            self.store, self.scheduler, self.ledger, self.clock, self.journal
        )
        self.correlation.waits = dict.fromkeys(self.links, RECEIPT_WAIT * 1000)
        self.agent = LinkAgent(
            self.exits,
            self.scheduler.settle,
            self.scheduler.wake,
            self.clock,
            self.journal,
            self.weights,
            Reports(self.correlation, self.clock, self.journal),
            Arrivals(self.intake.submit),
        )
        for name in self.links:
            self.wires[name] = Wire(name, self.agent, self._far_ids[name])
            self.agent.add(self.wires[name])
        self.exits.change(self.routes, frozenset(self.links))
        agents = (self.radio, self.fleet, self.agent)
        self.scheduler.serve({agent.kind: agent for agent in agents})
        self._correlating = asyncio.get_running_loop().create_task(self.correlation.run())
        if reading:
            await self.start_reading()

    async def _stop_reading(self) -> None:
        await super()._stop_reading()
        self.agent.close()
        if self._correlating is not None:
            self._correlating.cancel()
            with suppress(asyncio.CancelledError):
                await self._correlating

    @property
    def a(self) -> Wire:
        return self.wires["a"]

    @property
    def b(self) -> Wire:
        return self.wires["b"]

    def up(self, *names: str) -> None:
        for name in names or self.links:
            self.wires[name].up()

    def reroute(self, *routes: Route) -> None:
        self.exits.change(routes, frozenset(self.links))
        self.agent.rerouted()

    async def leave(self, text: str = "hello", to: str = ELSEWHERE, **fields: Any) -> int:
        """Submit for a number elsewhere, with a receipt, and return the message's id."""
        return await self.send(text, to, **{"registered_delivery": 1} | fields)

    async def bring(self, wire: Wire, **fields: Any) -> int:
        """Have another SMSC bring a message for Anna; return how it was answered."""
        known: dict[str, Any] = {
            "source": Address(1, 1, ELSEWHERE),
            "dest": Address(1, 1, ANNA),
            "payload": b"hello",
        }
        wire.bring(Arrival(**known | fields))
        await self.calm()
        return wire.replies[-1]

    async def forward(self, text: str = "hello", **fields: Any) -> tuple[int, str]:
        """Have a message taken over link a; return its id and the one it has there."""
        message_id = await self.leave(text, **fields)
        (remote_id,) = self.a.answer_all()
        await self.calm()
        return message_id, remote_id

    async def told(self, wire: Wire, remote_id: str, state: State, error: int = 0) -> int:
        """Bring a receipt; return how it was answered."""
        wire.report(Report(remote_id, state, error))
        await self.calm()
        return wire.replies[-1]

    def device_leaves(self, text: str = "hello", **fields: Any) -> int:
        """Have Anna's device send to a number elsewhere; return the token."""
        sender = {"party": Party.DEVICE, "account": "", "source": Address(1, 1, ANNA)}
        return self.submit(text, ELSEWHERE, **sender | fields)


def answered(counter: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """Return what has been counted."""
    return {(link, str(word)): count for (link, word), count in counter.items() if count}
