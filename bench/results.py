"""All that one run of the report measured, and how it stands against what we aim at."""

from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct

from bench import memory, road, sessions
from bench.machine import Machine
from bench.stored import Figures as Stored
from bench.storm import Figures as Storm
from bench.timeline import OverTime

ACCEPT_STORED_AIM, START_AIM, READ_AIM_US = 0.70, 5.0, 1000
STORM_P99_AIM, STORM_RATE_AIM = 50, 0.80


class Figures(Struct, frozen=True, kw_only=True):
    """The figures of one run."""

    machine: Machine
    rounds: int
    count: int
    """Messages in each measurement of a rate."""
    seconds: float
    """What all of it took."""
    road: road.Figures
    over_time: dict[str, OverTime]
    """How the rate of each kind of load went while it was put on without a pause."""
    sessions: sessions.Figures
    memory: memory.Figures
    stored: list[Stored] = []
    """For ever more stored messages."""
    storm: Storm | None = None


class Line(NamedTuple):
    """A figure that there is an aim for."""

    figure: str
    aim: str
    measured: str
    ratio: str
    """To what the aim is a share of, if it is one."""
    met: bool


def lines(figures: Figures) -> list[Line]:
    """Hold all figures against their aims."""
    return [
        *_rates(figures.road),
        *_latencies(figures.road),
        *_binds(figures.sessions),
        *_memory(figures.memory),
        *(line for point in figures.stored[-1:] for line in _stored(point)),
        *([] if figures.storm is None else _storm(figures.storm)),
    ]


def _rates(figures: road.Figures) -> Iterator[Line]:
    for name, row, aim in (
        ("end to end, durable, with receipts", figures.end_to_end, road.END_TO_END_AIM),
        ("accept, durable", figures.accept, road.ACCEPT_AIM),
        ("datagrams, delivered", figures.datagram, road.DATAGRAM_AIM),
    ):
        ratio = figures.ratio(row)
        yield Line(
            name,
            f"at least {aim:.2f} of the floor",
            f"{row.rate:,.0f}/s",
            f"{ratio:.3f}",
            ratio >= aim,
        )


def _latencies(figures: road.Figures) -> Iterator[Line]:
    for name, row in (
        ("accept", figures.accept),
        ("datagrams", figures.datagram),
        ("end to end", figures.end_to_end),
    ):
        if (p99 := row.p99_at_half) is not None:
            yield Line(
                f"submit p99 at half of the largest load, {name}",
                f"under {road.P99_AIM} ms",
                f"{p99:.1f} ms",
                "",
                p99 < road.P99_AIM,
            )


def _binds(figures: sessions.Figures) -> Iterator[Line]:
    aim = sessions.RATIO_AIM
    for name, pair in (("accept", figures.accept), ("end to end", figures.end_to_end)):
        yield Line(
            f"{figures.many:,} binds instead of {figures.few:,}, {name}",
            f"at least {aim:.2f} of the rate",
            f"{pair.many.rate:,.0f}/s of {pair.few.rate:,.0f}/s",
            f"{pair.ratio:.2f}",
            pair.ratio >= aim,
        )


def _memory(figures: memory.Figures) -> Iterator[Line]:
    yield Line(
        "memory at the start",
        f"under {memory.START_AIM / 1e6:.0f} MB",
        f"{figures.at_start / 1e6:.0f} MB",
        "",
        figures.at_start < memory.START_AIM,
    )
    for name, octets, aim in (
        ("memory of a device out of reach with a message that waits", figures.waiting_device, None),
        ("memory of a device within reach with a message in hand", figures.device_in_hand, None),
        ("memory of a stored message more", figures.stored_message, memory.STORED_AIM),
    ):
        most = memory.DEVICE_AIM if aim is None else aim
        words = f"under {most:,} octets" if aim is None else f"none (under {most:,} octets)"
        yield Line(name, words, f"{octets:,.0f} octets", "", octets < most)


def _stored(point: Stored) -> Iterator[Line]:
    behind = f"with {point.messages:,} stored messages"
    yield Line(
        f"accept {behind}",
        f"at least {ACCEPT_STORED_AIM:.2f} of the empty store's",
        f"{point.accept:,.0f}/s of {point.accept_empty:,.0f}/s",
        f"{point.accept_ratio:.2f}",
        point.accept_ratio >= ACCEPT_STORED_AIM,
    )
    for name, seconds in (
        ("start to first bind", point.start_seconds),
        ("start after a kill under load", point.restart_seconds),
    ):
        aim = f"under {START_AIM:g} s"
        yield Line(f"{name} {behind}", aim, f"{seconds:.2f} s", "", seconds < START_AIM)
    yield Line(
        f"reading the queue of a device {behind}",
        f"under {READ_AIM_US / 1000:g} ms",
        f"{point.read_us / 1000:.2f} ms, p99 {point.read_p99_us / 1000:.2f} ms",
        "",
        point.read_us < READ_AIM_US,
    )


def _storm(figures: Storm) -> Iterator[Line]:
    when = f"while {figures.devices:,} devices attach"
    p99 = figures.storm.answer_p99
    yield Line(
        f"submit p99 {when}", f"under {STORM_P99_AIM} ms", f"{p99:.1f} ms", "", p99 < STORM_P99_AIM
    )
    yield Line(
        f"delivered {when}",
        f"at least {STORM_RATE_AIM:.2f} of the rate end to end",
        f"{figures.delivered:,.0f}/s of {figures.end_to_end:,.0f}/s",
        f"{figures.of_the_pipeline:.2f}",
        figures.of_the_pipeline >= STORM_RATE_AIM,
    )
