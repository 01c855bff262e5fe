"""Memory: what the SMSC takes when it starts, for a device with a message, and for what is stored.

One SMSC on a fresh store, over sockets, and what of it is in memory by the account of the system
(VmRSS in /proc), read when nothing is under way. It is warmed up first, by messages to others, so
that buffers and caches that are filled once don't count as anybody's.

    waiting   one message to each of many devices out of reach: it waits in the store
    stored    more messages to the same devices, that wait behind those
    in hand   one message to each of many devices within reach that take their time to answer
"""

import asyncio
from typing import Annotated, Final

import msgspec
import uvloop
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from bench.drive import LoadError
from bench.plan import Plan
from bench.process import memory
from bench.servers import DETACHED, Server, load, smsc

START_AIM, DEVICE_AIM, STORED_AIM = 150_000_000, 1000, 10
DEVICES: Final = 40_000
"""As many as may have a message in hand of one account at the same time."""
STORED_EACH: Final = 3
OTHERS: Final = "4475########"
SLOW: Final = "4474########"
WORLD: Final = f"""
[[populations]]
msisdn = "{OTHERS}"
attached = false
[[populations]]
msisdn = "{SLOW}"
latency = "600s"
"""
SECONDS_TO_REST: Final = 1.0

app = App(name="python -m bench.memory", help=__doc__, version_flags=[])


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured, in octets."""

    devices: int
    at_start: int
    warm: int
    """After as many messages to others as there are devices."""
    waiting_device: float
    """For each device out of reach with a message that waits."""
    stored_message: float
    """For each more message that waits for one of these."""
    stored: int
    """How many these were."""
    device_in_hand: float
    """For each device within reach whose message is on its way."""


class Scales:
    """Weighs one SMSC."""

    def __init__(self, running: Server, devices: int, seconds_to_rest: float) -> None:
        """Weigh this one, by messages to so many devices, after so long a rest each time."""
        self._running = running
        self._devices = devices
        self._seconds_to_rest = seconds_to_rest

    async def octets(self) -> int:
        """Return what is in memory once it has come to rest."""
        await asyncio.sleep(self._seconds_to_rest)
        return memory(self._running.pid)

    async def each(self, destination: str, times: int = 1) -> float:
        """Send to every device so many times; return what each message has taken."""
        before = await self.octets()
        count = times * self._devices
        plan = Plan(destination=destination, destinations=self._devices, count=count)
        await load(self._running.address, plan)
        return (await self.octets() - before) / count


async def measure(devices: int = DEVICES, seconds_to_rest: float = SECONDS_TO_REST) -> Figures:
    """Measure all of it; raises LoadError if anything is refused."""
    async with smsc(WORLD) as running:
        scales = Scales(running, devices, seconds_to_rest)
        at_start = await scales.octets()
        await scales.each(OTHERS, STORED_EACH)
        warm = await scales.octets()
        waiting = await scales.each(DETACHED)
        stored = await scales.each(DETACHED, STORED_EACH)
        in_hand = await scales.each(SLOW)
    return Figures(
        devices=devices,
        at_start=at_start,
        warm=warm,
        waiting_device=round(waiting, 1),
        stored_message=round(stored, 1),
        stored=devices * STORED_EACH,
        device_in_hand=round(in_hand, 1),
    )


def show(figures: Figures, console: Console) -> None:
    """Print the figures for a person."""
    table = Table(show_header=False, title="Memory", title_justify="left")
    table.add_column(style="bold")
    table.add_column(justify="right")
    for name, value in (
        ("at the start", f"{figures.at_start / 1e6:.0f} MB"),
        ("warm", f"{figures.warm / 1e6:.0f} MB"),
        ("a device out of reach with a message", f"{figures.waiting_device:,.0f} octets"),
        ("a message more for one of them", f"{figures.stored_message:,.0f} octets"),
        ("a device within reach with one in hand", f"{figures.device_in_hand:,.0f} octets"),
    ):
        table.add_row(name, value)
    console.print(table)


@app.default
def main(
    *,
    devices: Annotated[int, Parameter(help="To how many devices to send.")] = DEVICES,
    json: Annotated[bool, Parameter(negative=(), help="Print JSON, not a table.")] = False,
) -> int:
    """Measure the memory that the SMSC takes."""
    try:
        figures = uvloop.run(measure(devices))
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
