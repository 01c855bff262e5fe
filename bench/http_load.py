"""Requests over HTTP, as fast as they are answered or so many a second.

A process of its own, that `bench.http` starts.

It reads what to do as JSON from its standard input, and writes what it measured as JSON.
"""

import asyncio
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from itertools import cycle
from time import perf_counter
from typing import Final, Literal, cast

import msgspec
import uvloop
from msgspec import Struct

from bench.latency import Histogram
from bench.pdu import numbers
from bench.requests import answer, get, send, send_all

DESTINATIONS: Final = 10_000
_TICK: Final = 0.001


class Orders(Struct, frozen=True, kw_only=True):
    """What to ask, where, over how many kept connections, and for how long."""

    host: str = "127.0.0.1"
    port: int = 0
    kind: Literal["get", "send", "send_all"]
    path: str = "/healthz"
    destination: str = "4472########"
    connections: int = 100
    messages: int = 1
    """In one request."""
    rate: float | None = None
    """Requests a second; without one, each follows the answer to the one before."""
    seconds: float


class Load(Struct, frozen=True, kw_only=True):
    """What came of it: requests a second, latencies in milliseconds."""

    rate: float
    latency_ms: dict[str, float]
    """From when a request was sent, or with a rate fell due, to its answer."""
    failed: dict[str, int]
    """Answers whose status isn't 2xx, by status."""
    generator_cpu: float


class Caller(asyncio.Protocol):
    """A connection that always has one request under way."""

    def __init__(self, run: "Run") -> None:
        """Take part in a run."""
        self._run = run
        self._rest = b""
        self._sent = 0.0
        self.lost = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def ask(self, due: float) -> None:
        """Send the next request, which fell due at a time."""
        self._sent = due
        self.transport.write(next(self._run.requests))

    def data_received(self, data: bytes) -> None:
        """Count an answer that is whole, and ask again."""
        octets = self._rest + data if self._rest else data
        found = answer(octets)
        if found is None:
            self._rest = octets
            return
        self._rest = octets[found.end :]
        self._run.answered(self, found.status, self._sent)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell that there is no more to come."""
        self.lost.set_result(None)


class Run:
    """One run."""

    def __init__(self, orders: Orders) -> None:
        """Make the requests beforehand."""
        self._orders = orders
        self.requests = cycle(list(_requests(orders)))
        self._goes_on = True
        self._due: deque[float] = deque()
        self._idle: list[Caller] = []
        self._latency = Histogram()
        self._failed: Counter[str] = Counter()

    def answered(self, caller: Caller, status: bytes, due: float) -> None:
        """Count an answer, and have the caller ask again when something is due."""
        now = perf_counter()
        if status.startswith(b"2"):
            self._latency.record(now - due)
        else:
            self._failed[status.decode("latin-1")] += 1
        if not self._goes_on:
            return
        if self._orders.rate is None:
            caller.ask(now)
        elif self._due:
            caller.ask(self._due.popleft())
        else:
            self._idle.append(caller)

    async def run(self) -> Load:
        """Ask for as long as is ordered, and see all answers."""
        loop = asyncio.get_running_loop()
        orders = self._orders
        callers = []
        for _ in range(orders.connections):
            _, caller = await loop.create_connection(lambda: Caller(self), orders.host, orders.port)
            callers.append(caller)
        began, cpu = perf_counter(), time.process_time()
        await self._ask(callers, began)
        self._goes_on = False
        cpu = time.process_time() - cpu
        seconds = perf_counter() - began
        count = self._latency.count
        for caller in callers:
            caller.transport.close()
        await asyncio.gather(*(caller.lost for caller in callers))
        return Load(
            rate=round(count / seconds, 1),
            latency_ms=self._latency.summary(),
            failed=dict(self._failed),
            generator_cpu=round(cpu / seconds, 3),
        )

    async def _ask(self, callers: list[Caller], began: float) -> None:
        """Have the callers ask for as long as is ordered."""
        rate = self._orders.rate
        if rate is None:
            for caller in callers:
                caller.ask(began)
            await asyncio.sleep(self._orders.seconds)
            return
        self._idle = callers
        for number in range(int(rate * self._orders.seconds)):
            due = began + number / rate
            if (early := due - perf_counter()) > 0:
                await asyncio.sleep(max(early, _TICK))
            if self._idle:
                self._idle.pop().ask(due)
            else:
                self._due.append(due)
        await asyncio.sleep(max(began + self._orders.seconds - perf_counter(), _TICK))


def _requests(orders: Orders) -> Iterator[bytes]:
    if orders.kind == "get":
        yield get(orders.path)
        return
    chosen = numbers(orders.destination, DESTINATIONS)
    if orders.kind == "send":
        yield from map(send, chosen)
        return
    for start in range(0, DESTINATIONS, orders.messages):
        yield send_all(chosen[start : start + orders.messages])


def main() -> None:
    """Do what is ordered."""
    orders = msgspec.json.decode(sys.stdin.buffer.read(), type=Orders)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(Run(orders).run())))


if __name__ == "__main__":
    main()
