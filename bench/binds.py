"""Many binds: what one costs in memory, and what a storm of them does to those who submit.

One SMSC on a fresh store. Some sessions submit at an even rate all the time; then many others
come, so many a second, each bound as one of several accounts with a hashed password, and stay.
One whose bind is refused tries again a second later. In the end they all hang up and come again. A
latency counts from when a message, or a bind, fell due.
"""

import asyncio
import sys
from time import perf_counter
from typing import Annotated, Final

import msgspec
import uvloop
from argon2 import PasswordHasher
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from bench.address import HostPort
from bench.drive import LoadError
from bench.esme import Esme
from bench.latency import Histogram
from bench.pace import Supply
from bench.pdu import BIND_TRANSCEIVER
from bench.plan import Plan
from bench.process import memory
from bench.servers import load, smsc
from bench.tally import Tally

SECONDS_BETWEEN_TRIES: Final = 1.0
SECONDS_AT_MOST: Final = 120.0

app = App(name="python -m bench.binds", help=__doc__, version_flags=[])


class Storm(msgspec.Struct, frozen=True, kw_only=True):
    """What to put on the server; rates are per second."""

    idle: int = 2000
    busy: int = 200
    accounts: int = 50
    binds: float = 1000.0
    submits: float = 2000.0
    seconds: float = 5.0
    """How long to measure those who submit, before the storm and after it."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured."""

    bound: int
    seconds: float
    """From the first bind that fell due to the last that was bound."""
    refused: int
    """Binds that were refused, and tried again."""
    bind_ms: dict[str, float]
    seconds_again: float
    """The same for those who come a second time, and whose passwords are known."""
    bind_again_ms: dict[str, float]
    octets_a_bind: int
    p99_before_ms: float
    p99_meanwhile_ms: float
    p99_after_ms: float


class Crowd:
    """The sessions that come all at once, and stay."""

    def __init__(self, address: HostPort, storm: Storm) -> None:
        """Bind to this server."""
        self._address = address
        self._storm = storm
        self._sessions: list[Esme] = []
        self._submits = Plan(destinations=1).submits()
        self.refused = 0
        self.latency = Histogram()

    async def come(self) -> float:
        """Bind them all; return how long it took."""
        start = perf_counter()
        due = [start + number / self._storm.binds for number in range(self._storm.idle)]
        async with asyncio.timeout(SECONDS_AT_MOST):
            await asyncio.gather(*(self._bind(number, at) for number, at in enumerate(due)))
        return perf_counter() - start

    async def _bind(self, number: int, due: float) -> None:
        await asyncio.sleep(due - perf_counter())
        while not await self._bound(f"esme{number % self._storm.accounts}"):
            self.refused += 1
            await asyncio.sleep(SECONDS_BETWEEN_TRIES)
        self.latency.record(perf_counter() - due)

    async def _bound(self, name: str) -> bool:
        session = Esme(Supply(0), Tally(False), self._submits, 1, 0)
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: session, self._address.host, self._address.port)
        session.bind(BIND_TRANSCEIVER, name, name)
        try:
            refused = await session.bound
        except ConnectionResetError:
            return False
        if refused:
            session.abort()
            return False
        self._sessions.append(session)
        return True

    def go(self) -> None:
        """Hang up."""
        for session in self._sessions:
            session.abort()


def configuration(storm: Storm) -> str:
    """Return the accounts of the crowd, each with the hash of a password of its own."""
    hasher = PasswordHasher()
    most = 2 * -(-storm.idle // storm.accounts)
    return "".join(
        f'[[accounts]]\nsystem_id = "esme{number}"\nmax_binds = {most}\n'
        f'password_hash = "{hasher.hash(f"esme{number}")}"\n'
        for number in range(storm.accounts)
    )


async def measure(storm: Storm) -> Figures:
    """Measure all of it; raises LoadError if those who submit are refused anything."""
    busy = Plan(
        sessions=storm.busy, window=50, rate=storm.submits, seconds=storm.seconds, timeout=60.0
    )
    meanwhile = msgspec.structs.replace(busy, seconds=storm.seconds + storm.idle / storm.binds)
    async with smsc(configuration(storm)) as centre:
        crowd = Crowd(centre.address, storm)
        before = await load(centre.address, busy)
        octets = memory(centre.pid)
        submitting = asyncio.create_task(load(centre.address, meanwhile))
        seconds = await crowd.come()
        during = await submitting
        octets = memory(centre.pid) - octets
        after = await load(centre.address, busy)
        crowd.go()
        again = Crowd(centre.address, storm)
        seconds_again = await again.come()
        again.go()
    return Figures(
        bound=storm.idle,
        seconds=round(seconds, 3),
        refused=crowd.refused,
        bind_ms=crowd.latency.summary(),
        seconds_again=round(seconds_again, 3),
        bind_again_ms=again.latency.summary(),
        octets_a_bind=octets // storm.idle,
        p99_before_ms=before.latency_ms["p99"],
        p99_meanwhile_ms=during.latency_ms["p99"],
        p99_after_ms=after.latency_ms["p99"],
    )


def show(storm: Storm, figures: Figures, console: Console) -> None:
    """Print the figures for a person."""
    table = Table(show_header=False, title="Binds", title_justify="left")
    table.add_column(style="bold")
    table.add_column(justify="right")
    for name, value in (
        ("sessions that came", f"{figures.bound:,} at {storm.binds:,.0f}/s"),
        ("all bound after", f"{figures.seconds:.1f} s"),
        ("refused, and tried again", f"{figures.refused:,}"),
        ("bind to response, p50", f"{figures.bind_ms['p50']:,.1f} ms"),
        ("bind to response, p99", f"{figures.bind_ms['p99']:,.1f} ms"),
        ("all bound after, the second time", f"{figures.seconds_again:.1f} s"),
        ("bind to response, p99, then", f"{figures.bind_again_ms['p99']:,.1f} ms"),
        ("memory of a bind", f"{figures.octets_a_bind / 1024:.1f} KiB"),
        ("sessions that submit", f"{storm.busy:,}, {storm.submits:,.0f}/s together"),
        ("submit to response, p99 before", f"{figures.p99_before_ms:.1f} ms"),
        ("p99 meanwhile", f"{figures.p99_meanwhile_ms:.1f} ms"),
        ("p99 after", f"{figures.p99_after_ms:.1f} ms"),
    ):
        table.add_row(name, value)
    console.print(table)


_UNSET: Final = Storm()


@app.default
def main(
    *,
    idle: Annotated[int, Parameter(help="Sessions that come, and stay.")] = _UNSET.idle,
    busy: Annotated[int, Parameter(help="Sessions that submit.")] = _UNSET.busy,
    accounts: Annotated[int, Parameter(help="Accounts that come.")] = _UNSET.accounts,
    binds: Annotated[float, Parameter(help="Binds a second.")] = _UNSET.binds,
    submits: Annotated[float, Parameter(help="Submits a second.")] = _UNSET.submits,
    seconds: Annotated[
        float, Parameter(help="How long to submit before the storm, and after.")
    ] = _UNSET.seconds,
    json: Annotated[bool, Parameter(negative=(), help="Print JSON, not a table.")] = False,
) -> int:
    """Measure what many binds cost."""
    storm = Storm(
        idle=idle, busy=busy, accounts=accounts, binds=binds, submits=submits, seconds=seconds
    )
    try:
        figures = uvloop.run(measure(storm))
    except (LoadError, ValueError) as error:
        Console(stderr=True, style="red").print(str(error), markup=False)
        return 1
    except TimeoutError:
        words = f"not all were bound within {SECONDS_AT_MOST:g} s: look in the server's log"
        Console(stderr=True, style="red").print(words, markup=False)
        return 1
    if json:
        sys.stdout.write(msgspec.json.encode(figures).decode() + "\n")
    else:
        show(storm, figures, Console())
    return 0


if __name__ == "__main__":
    app()
