"""What a decision costs: the firewall with a million devices, routes with a hundred thousand.

Everything is measured on one core, in process, with no message and no socket: numbers are drawn
at random, so that look-ups miss the caches of the processor as they do in real life. The devices
are in a store, and half as many as memory holds of them are in use. Times are the processor's in
the fastest of some rounds, but for devices that must be read; memory is what Python had to ask for.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from bench.subscribers import FIRST, IN_USE, fill, finding, known, register_of, traced
from smsc.register import Register
from smsc_routing.calendar_quota import Key
from smsc_routing.decision import Question, decide
from smsc_routing.fair import FairShares
from smsc_routing.hours import parse_hours
from smsc_routing.quota import Buckets, Rate
from smsc_routing.routes import Departure, Route, RouteTable
from smsc_routing.traffic import Party, Target, Traffic

ROUNDS = 5
NOW = 1_800_000_000_000

TO_EACH_OTHER = "device to device"
POLICIES = {
    "application to device": "{}",
    "  with a rate": '{"mt_limit": ["1000/min"]}',
    "  with three rules": '{"max_segments": 9, "binary": false, "dark_hours": "22:00-06:00"}',
    "  with two quotas": '{"mt_limit": ["1000/day", "9000/month"]}',
    "  refused by a switch": '{"mt": false}',
    TO_EACH_OTHER: "{}",
}
"""What is decided on, and what the devices' policy says then."""

app = App(name="python -m bench.routing", help=__doc__, version_flags=[])


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a run of this script measured; times of one decision in microseconds."""

    devices: int
    prefixes: int
    octets_a_device: float
    """In memory: its number, its place in the table, and its share of what it overrides."""
    octets_a_stored_device: float
    """Of one that isn't in use."""
    octets_a_bucket: float
    build_seconds: float
    """How long a table of all routes takes to make."""
    microseconds: dict[str, float]


def fastest(run: Callable[[], object], times: int) -> float:
    """Return the processor's microseconds for each of so many steps in the fastest round."""
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.process_time()
        run()
        best = min(best, time.process_time() - begun)
    return best / times * 1e6


async def firewall(
    folder: Path, devices: int, decisions: int, chance: random.Random
) -> dict[str, float]:
    """Measure decisions on messages to random devices, finding their policies included."""
    some = [str(FIRST + each) for each in chance.sample(range(devices), min(devices, IN_USE))]
    numbers = chance.choices(some, k=decisions)
    found = {}
    for name, policy in POLICIES.items():
        party = Party.DEVICE if name == TO_EACH_OTHER else Party.APPLICATION
        async with register_of(folder, policy) as register:
            await known(register, some)
            found[name] = decided(register, numbers, party)
    return found


def decided(register: Register, numbers: Sequence[str], party: Party) -> float:
    """Measure one kind of decision."""
    buckets, counts = Buckets(), dict[Key, int]()
    source, account, sender = "1234", "fleet", None
    if party is Party.DEVICE:
        source, account, sender = numbers[0], "", register.device(numbers[0])
    find, to_device = register.device, Target.DEVICE

    def count(key: Key) -> int:
        return counts.get(key, 0)

    def run() -> None:
        for to in numbers:
            receiver = find(to)
            question = Question(
                party, source, to, to_device, account, (), None, sender, receiver, False
            )
            decide(question, buckets, NOW, count)

    return fastest(run, len(numbers))


def plan_of_prefixes(count: int, chance: random.Random) -> list[str]:
    """Return so many prefixes of 1 to 8 digits, most of them long, as real plans have them."""
    prefixes: set[str] = set()
    while len(prefixes) < count:
        digits = min(chance.choices(range(1, 9), weights=(1, 2, 8, 16, 32, 64, 64, 32))[0], 8)
        prefixes.add(str(chance.randrange(10 ** (digits - 1), 10**digits)))
    return sorted(prefixes)


def road(table: RouteTable, departures: Sequence[Departure], **asked: Any) -> float:
    """Measure finding the links for some messages."""

    def run() -> None:
        for departure in departures:
            table.candidates(departure, 0.5, **asked)

    return fastest(run, len(departures))


def roads(
    prefixes: Sequence[str], decisions: int, chance: random.Random
) -> tuple[float, dict[str, float]]:
    """Measure making a table, and looking up random numbers and ever the same ones in it."""
    plain = [Route("", ("any",)), *(Route(prefix, ("a", "b")) for prefix in prefixes)]
    office = parse_hours("mon-fri 08:00-18:00")
    choice = [
        route
        for prefix in prefixes
        for route in (
            Route(prefix, ("a",), account="bank"),
            Route(prefix, ("b",), traffic=Traffic.EXTERNAL, weight=3),
            Route(prefix, ("c",), hours=office, weight=1),
        )
    ]
    departures = [
        Departure(str(chance.randrange(10**11, 10**12)), "1234", "fleet", Traffic.EXTERNAL, 540)
        for _ in range(decisions)
    ]
    build = fastest(lambda: RouteTable(plain), 1) / 1e6
    table, chosen = RouteTable(plain), RouteTable(choice)
    return build, {
        "route of a random number": road(table, departures),
        "  of one in use": road(table, departures[:50] * (decisions // 50)),
        "  with a link down": road(table, departures, barred={"a"}),
        "  of three with conditions": road(chosen, departures),
    }


def sharing(messages: int, accounts: int = 1000) -> float:
    """Measure a message in and out of fair shares."""
    fair = FairShares[int]({}, per_account=messages, in_all=messages)
    names = [f"account {number}" for number in range(accounts)]

    def run() -> None:
        for number in range(messages):
            fair.put(names[number % accounts], number)
        while fair.take():
            pass

    return fastest(run, messages)


def buckets_of(numbers: Sequence[str]) -> Buckets:
    """Return a bucket in use for each number."""
    buckets, rates = Buckets(len(numbers)), (Rate(10, 60_000),)
    for number in numbers:
        buckets.take(f"t:{number}", rates, NOW)
    return buckets


async def measure(folder: Path, devices: int, prefixes: int, decisions: int) -> Figures:
    """Measure everything, with a store in this folder."""
    chance = random.Random(1)
    await fill(folder, devices)
    device = await finding(folder, devices)
    numbers = [str(FIRST + number) for number in range(devices)]
    with traced() as octets:
        buckets = buckets_of(numbers)
        octets_a_bucket = octets() / devices
        del buckets
    microseconds = await firewall(folder, devices, decisions, chance)
    build, found = roads(plan_of_prefixes(prefixes, chance), decisions, chance)
    return Figures(
        devices=devices,
        prefixes=prefixes,
        octets_a_device=device.octets_in_memory,
        octets_a_stored_device=device.octets_in_store,
        octets_a_bucket=octets_a_bucket,
        build_seconds=build,
        microseconds=microseconds
        | device.microseconds
        | found
        | {"fair shares: in and out": sharing(decisions)},
    )


def show(figures: Figures, console: Console) -> None:
    """Print the figures for a person."""
    table = Table("", "microseconds", title="A decision", title_justify="left")
    table.columns[1].justify = "right"
    for name, microseconds in figures.microseconds.items():
        table.add_row(name, f"{microseconds:.2f}")
    console.print(table)
    console.print(
        f"{figures.devices:,} devices. One in use takes {figures.octets_a_device:.0f} octets of "
        f"memory, one that isn't {figures.octets_a_stored_device:.1f}, and each rate that one is "
        f"using {figures.octets_a_bucket:.0f}.\n"
        f"{figures.prefixes:,} prefixes: a table of them is made in "
        f"{figures.build_seconds:.2f} s.",
        highlight=False,
    )


@app.default
def main(
    *,
    devices: Annotated[int, Parameter(help="Devices in the store.")] = 1_000_000,
    prefixes: Annotated[int, Parameter(help="Prefixes with a route.")] = 100_000,
    decisions: Annotated[int, Parameter(help="Decisions in each measurement.")] = 100_000,
    folder: Annotated[Path | None, Parameter(help="Where to make a store for it.")] = None,
    json: Annotated[bool, Parameter(negative=(), help="Print JSON, not a table.")] = False,
) -> int:
    """Measure the firewall and the routes in one run."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        figures = asyncio.run(measure(Path(place), devices, prefixes, decisions))
    if json:
        print(msgspec.json.encode(figures).decode())
    else:
        show(figures, Console())
    return 0


if __name__ == "__main__":
    app()
