"""Sessions of one account that stay bound: they submit when they are told, and count receipts."""

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import Final

from bench.address import HostPort
from bench.drive import LoadError
from bench.esme import Esme
from bench.latency import Histogram
from bench.pace import Supply
from bench.pdu import BIND_TRANSCEIVER, status_name
from bench.plan import Plan
from bench.tally import Tally

TICK: Final = 0.002
PATIENCE: Final = 120.0


class Fleet:
    """The sessions of one account, and what they have seen so far."""

    def __init__(self, plan: Plan) -> None:
        """Submit as the plan says: its count as fast as it can, or at its rate until stopped."""
        self._plan = plan.check()
        self._supply = Supply(plan.count, plan.rate)
        self.tally = Tally(plan.receipts)
        submits = plan.submits()
        stride = max(1, plan.destinations // plan.sessions)
        self._sessions = [
            Esme(self._supply, self.tally, submits, plan.window, number * stride)
            for number in range(plan.sessions)
        ]
        self._lost: list[str] = []
        self._ticking: asyncio.Task[None] | None = None

    async def bind(self, address: HostPort) -> None:
        """Bind all sessions; raises LoadError."""
        loop, plan = asyncio.get_running_loop(), self._plan
        for session in self._sessions:
            session.lost = self._lost.append
            await loop.create_connection(_same(session), address.host, address.port)
            session.bind(BIND_TRANSCEIVER, plan.system_id, plan.password)
            status = status_name(await session.bound)
            if status != "ESME_ROK":
                raise LoadError(f"{address} refused the bind of {plan.system_id!r} with {status}")

    def begin(self) -> None:
        """Begin to submit."""
        for session in self._sessions:
            session.begin()
        if self._plan.rate is not None:
            self._ticking = asyncio.create_task(self._tick())

    def stop(self) -> None:
        """Submit nothing more."""
        self._supply.stop()

    def measure_anew(self) -> tuple[Histogram, Histogram]:
        """Return the latencies so far, to the answer and to the receipt, and forget them."""
        tally = self.tally
        seen = tally.latency, tally.receipt_latency
        tally.latency, tally.receipt_latency = Histogram(), Histogram()
        return seen

    async def answered(self) -> None:
        """Wait until all that was to be submitted is answered; raises LoadError."""
        await self.until(lambda: self._supply.exhausted and not self.tally.unanswered)
        if self.tally.rejected:
            raise LoadError(f"Not all was accepted: {dict(self.tally.rejected)}")

    async def receipted(self) -> None:
        """Wait for every receipt; raises LoadError."""
        await self.until(lambda: self.tally.settled)

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait for something that the sessions bring about; raises LoadError."""
        tally = self.tally
        while not done():
            if self._lost:
                raise LoadError(f"A session of {self._plan.system_id!r} was lost: {self._lost[0]}")
            if tally.last_activity and perf_counter() - tally.last_activity > PATIENCE:
                raise LoadError(
                    f"{self._plan.system_id!r} was owed {tally.unanswered} answers and"
                    f" {tally.missing_receipts} receipts, and nothing came for {PATIENCE:g} s"
                )
            await asyncio.sleep(TICK)

    async def close(self) -> None:
        """Unbind."""
        if self._ticking is not None:
            self._ticking.cancel()
        for session in self._sessions:
            session.leave()
        closing = [session.closed for session in self._sessions if session.connected]
        if closing:
            await asyncio.wait(closing, timeout=1)
        for session in self._sessions:
            session.abort()

    async def _tick(self) -> None:
        while not self._supply.exhausted:
            now = perf_counter()
            self._supply.release(now)
            share = -(-self._supply.backlog // len(self._sessions))
            for session in self._sessions if share else ():
                session.pump(now, share)
            await asyncio.sleep(TICK)


def _same(session: Esme) -> Callable[[], Esme]:
    return lambda: session
