"""What a decision costs: the firewall with a million devices, routes with a hundred thousand.

Everything is measured on one core, in process, with no message and no socket: numbers are drawn
at random, so that look-ups miss the caches of the processor as they do in real life. Times are
those of the fastest of some rounds; memory is what Python had to ask for.
"""

import gc
import random
import time
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from smsc_routing.calendar_quota import Key, Quota, Span
from smsc_routing.decision import Question, decide
from smsc_routing.fair import FairShares
from smsc_routing.hours import parse_hours
from smsc_routing.local_time import UNIVERSAL
from smsc_routing.policy import Policy
from smsc_routing.quota import Buckets, Rate
from smsc_routing.restrictions import Restrictions
from smsc_routing.routes import Departure, Route, RouteTable
from smsc_routing.rules import DarkHours, MostSegments, NoBinary
from smsc_routing.traffic import Party, Target, Traffic

ROUNDS = 5
NOW = 1_800_000_000_000
FIRST_DEVICE = 491_700_000_000
OVERRIDES = 100
"""One device in so many has a policy of its own."""

app = App(name="python -m bench.routing", help=__doc__, version_flags=[])


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a run of this script measured; times of one decision in microseconds."""

    devices: int
    prefixes: int
    octets_a_device: float
    """Its number, its place in the table, and its share of the overriding policies."""
    octets_a_bucket: float
    build_seconds: float
    """How long a table of all routes takes to make."""
    microseconds: dict[str, float]


def fastest(run: Callable[[], object], times: int) -> float:
    """Return the microseconds of each of so many steps in the fastest round."""
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - begun)
    return best / times * 1e6


def population(devices: int, **changes: Any) -> dict[str, Policy]:
    """Give each device the policy of its group, and some one of their own."""
    group = Policy("group", p2p_external=True)._replace(**changes)
    return {
        str(FIRST_DEVICE + number): group if number % OVERRIDES else group._replace(name="own")
        for number in range(devices)
    }


def firewall(devices: int, decisions: int, chance: random.Random) -> dict[str, float]:
    """Measure decisions on messages to random devices, finding their policies included."""
    numbers = [str(FIRST_DEVICE + chance.randrange(devices)) for _ in range(decisions)]
    night = DarkHours("night", parse_hours("22:00-06:00"), UNIVERSAL)
    rules = Restrictions((MostSegments("short", 9), NoBinary("text-only"), night))
    quotas = Restrictions((), (Quota(1000, Span.DAY), Quota(9000, Span.MONTH)))
    rate = (Rate(1000, 60_000),)
    return {
        "application to device": decided(population(devices), numbers),
        "  with a rate": decided(population(devices, mt_limit=rate), numbers),
        "  with three rules": decided(population(devices, mt_restrictions=rules), numbers),
        "  with two quotas": decided(population(devices, mt_restrictions=quotas), numbers),
        "  refused by a switch": decided(population(devices, mt=False), numbers),
        "device to device": decided(population(devices), numbers, Party.DEVICE),
    }


def decided(
    policies: dict[str, Policy], numbers: Sequence[str], party: Party = Party.APPLICATION
) -> float:
    """Measure one kind of decision."""
    buckets, counts = Buckets(), dict[Key, int]()
    source, account = (numbers[0], "") if party is Party.DEVICE else ("1234", "fleet")
    find, sender, to_device = policies.get, policies.get(source), Target.DEVICE

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


def memory(make: Callable[[], object], count: int) -> float:
    """Return the octets that making something takes, for each of so many."""
    gc.collect()
    tracemalloc.start()
    kept = make()
    octets = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del kept
    return octets / count


def buckets_of(numbers: Sequence[str]) -> Buckets:
    """Return a bucket in use for each number."""
    buckets, rates = Buckets(len(numbers)), (Rate(10, 60_000),)
    for number in numbers:
        buckets.take(f"t:{number}", rates, NOW)
    return buckets


def measure(devices: int, prefixes: int, decisions: int) -> Figures:
    """Measure everything."""
    chance = random.Random(1)
    octets_a_device = memory(lambda: population(devices), devices)
    numbers = [str(FIRST_DEVICE + number) for number in range(devices)]
    octets_a_bucket = memory(lambda: buckets_of(numbers), devices)
    microseconds = firewall(devices, decisions, chance)
    build, found = roads(plan_of_prefixes(prefixes, chance), decisions, chance)
    return Figures(
        devices=devices,
        prefixes=prefixes,
        octets_a_device=octets_a_device,
        octets_a_bucket=octets_a_bucket,
        build_seconds=build,
        microseconds=microseconds | found | {"fair shares: in and out": sharing(decisions)},
    )


def show(figures: Figures, console: Console) -> None:
    """Print the figures for a person."""
    table = Table("", "microseconds", title="A decision", title_justify="left")
    table.columns[1].justify = "right"
    for name, microseconds in figures.microseconds.items():
        table.add_row(name, f"{microseconds:.2f}")
    console.print(table)
    console.print(
        f"{figures.devices:,} devices, {figures.octets_a_device:.0f} octets each, and "
        f"{figures.octets_a_bucket:.0f} for each rate that one is using.\n"
        f"{figures.prefixes:,} prefixes: a table of them is made in "
        f"{figures.build_seconds:.2f} s.",
        highlight=False,
    )


@app.default
def main(
    *,
    devices: Annotated[int, Parameter(help="Devices with a policy.")] = 1_000_000,
    prefixes: Annotated[int, Parameter(help="Prefixes with a route.")] = 100_000,
    decisions: Annotated[int, Parameter(help="Decisions in each measurement.")] = 100_000,
    json: Annotated[bool, Parameter(negative=(), help="Print JSON, not a table.")] = False,
) -> int:
    """Measure the firewall and the routes in one run."""
    figures = measure(devices, prefixes, decisions)
    if json:
        print(msgspec.json.encode(figures).decode())
    else:
        show(figures, Console())
    return 0


if __name__ == "__main__":
    app()
