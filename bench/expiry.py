"""What expires in one second: 100,000 messages at once, while it runs and while it doesn't.

One SMSC on a fresh store. An account submits a message to each of many devices out of reach, all
valid until the same moment; another submits at an even rate to devices within reach. How long its
submits wait for their answers before and while the many expire tells whether the SMSC stays
responsive. Then as many are submitted once more, and the SMSC ends before they expire. It is
started again when they have, and their devices are within reach now: none may be delivered.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Annotated, Final

import msgspec
import uvloop
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from bench.drive import LoadError
from bench.fleet import Fleet
from bench.plan import Plan
from bench.servers import CONFIG, DETACHED, Server, server
from bench.storm import CONFIG as MORE
from bench.storm import FEW, SECONDS_BEFORE, STEADY, Wait, bound, plan_for, rss, wait

WITHIN_REACH: Final = f'msisdn = "{DETACHED}"\nattached = false', f'msisdn = "{DETACHED}"'
SUBMITTED_A_SECOND: Final = 5_000
"""At least; the messages must all be accepted when the first of them expires."""

app = App(name="python -m bench.expiry", help=__doc__, version_flags=[])


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured."""

    messages: int
    steady_rate: float
    before: Wait
    expiry: Wait
    """While the messages expired, which took `seconds` until the last receipt."""
    seconds: float
    rss_peak: int
    restart_expired: int
    """Messages that were receipted as expired after the restart."""
    restart_delivered: int
    """Messages that were delivered though they had expired: must be 0."""
    restart_seconds: float
    """From the start, until the last receipt."""


async def measure(messages: int = 100_000, rate: float = 500.0) -> Figures:
    """Measure so many messages that expire at once, while somebody submits at this rate."""
    with TemporaryDirectory() as folder:
        config = Path(folder) / "smsc.toml"
        config.write_text(CONFIG.format(folder=folder) + MORE)
        async with _running(config) as centre:
            figures = await _expire(centre, messages, rate)
            at = await _submitted(centre, messages)
        config.write_text(config.read_text().replace(*WITHIN_REACH))
        await _until(at)
        begun = perf_counter()
        async with _running(config) as centre:
            stats = await _receipts(centre, messages)
    return msgspec.structs.replace(
        figures,
        restart_seconds=perf_counter() - begun,
        restart_expired=stats.get("EXPIRED", 0),
        restart_delivered=messages - stats.get("EXPIRED", 0),
    )


async def _expire(centre: Server, messages: int, rate: float) -> Figures:
    """Have messages expire while somebody submits."""
    at = _soon(messages)
    plans = {"many": _many(messages, at), "steady": plan_for("steady", "9012", STEADY, None, rate)}
    async with bound(centre, plans) as fleets:
        many, steady = fleets["many"], fleets["steady"]
        many.begin()
        await many.answered()
        steady.begin()
        await asyncio.sleep(SECONDS_BEFORE)
        await _until(at - timedelta(seconds=0.2))
        before = wait(*steady.measure_anew())
        begun, peak = perf_counter(), rss(centre.pid)
        waiting = asyncio.ensure_future(many.receipted())
        while not waiting.done():
            peak = max(peak, rss(centre.pid))
            await asyncio.wait([waiting], timeout=0.05)
        await waiting
        seconds = perf_counter() - begun
        steady.stop()
        await steady.answered()
        await steady.receipted()
        _check(many, messages)
    return Figures(
        messages=messages,
        steady_rate=rate,
        before=before,
        expiry=wait(*steady.measure_anew()),
        seconds=seconds,
        rss_peak=peak,
        restart_expired=0,
        restart_delivered=0,
        restart_seconds=0.0,
    )


async def _submitted(centre: Server, messages: int) -> datetime:
    """Submit as many once more; return when they expire."""
    at = _soon(messages)
    async with bound(centre, {"many": _many(messages, at)}) as fleets:
        fleets["many"].begin()
        await fleets["many"].answered()
    if datetime.now(UTC) >= at:
        raise LoadError("The messages expired before the SMSC could be ended: submit fewer")
    return at


async def _receipts(centre: Server, messages: int) -> dict[str, int]:
    """Take the receipts of messages that were submitted in another life; count them by state."""
    plan = plan_for("few", "5678", FEW, 1)
    async with bound(centre, {"few": plan}) as fleets:
        fleet = fleets["few"]
        await fleet.until(lambda: fleet.tally.unknown_receipts >= messages)
        return fleet.tally.unknown_stats


def _many(messages: int, at: datetime) -> Plan:
    plan = plan_for("few", "5678", DETACHED, messages)
    return msgspec.structs.replace(plan, validity=at.strftime("%y%m%d%H%M%S000+"))


def _soon(messages: int) -> datetime:
    seconds = SECONDS_BEFORE + 2 + messages / SUBMITTED_A_SECOND
    return datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=round(seconds))


async def _until(at: datetime) -> None:
    await asyncio.sleep(max((at - datetime.now(UTC)).total_seconds(), 0))


def _check(fleet: Fleet, messages: int) -> None:
    if fleet.tally.stats.get("EXPIRED", 0) != messages:
        raise LoadError(f"Not all expired: {dict(fleet.tally.stats)}; submit fewer")


@asynccontextmanager
async def _running(config: Path) -> AsyncIterator[Server]:
    async with server("-m", "smsc", "serve", "--config", str(config)) as centre:
        yield centre


def show(figures: Figures, console: Console) -> None:
    """Print the figures for a person."""
    table = Table("", "answer", title="The steady account: p50, p99 (longest), in ms")
    for name, each in (("before", figures.before), ("expiry", figures.expiry)):
        table.add_row(name, f"{each.answer_p50:.1f}, {each.answer_p99:.1f} ({each.answer_max:.1f})")
    console.print(table)
    console.print(
        f"{figures.messages:,} messages that expired at once were receipted in"
        f" {figures.seconds:.1f} s; memory: {figures.rss_peak / 1e6:.0f} MB at most. Of as many"
        f" that expired while nothing ran, {figures.restart_expired:,} were receipted as expired"
        f" {figures.restart_seconds:.1f} s after the start, and {figures.restart_delivered:,} were"
        " delivered.",
        highlight=False,
    )


@app.default
def main(
    *,
    messages: Annotated[int, Parameter(help="How many messages expire at once.")] = 100_000,
    rate: Annotated[float, Parameter(help="Submits a second of the steady account.")] = 500.0,
    json: Annotated[bool, Parameter(negative=(), help="Print JSON, not tables.")] = False,
) -> int:
    """Measure what expires, in one run."""
    try:
        figures = uvloop.run(measure(messages, rate))
    except (LoadError, ValueError) as error:
        Console(stderr=True, style="red").print(str(error), markup=False)
        return 1
    if json:
        print(msgspec.json.encode(figures).decode())
    else:
        show(figures, Console())
    return 0


if __name__ == "__main__":
    app()
