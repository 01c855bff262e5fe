"""Links to other SMSCs, measured in one run: what is submitted and answered in a second.

One connection to a far end in a process of its own, which is the floor (it decodes and replies,
nothing else) or the SMSC (each submit is on the disk before it is answered). The near end is

    aiosmpplib   as an application uses it: a broker, a hook, its own PDUs; it has no window
    link         the SMSC's own link, in windows of several sizes

Figures are medians of the rounds, and told as ratios to aiosmpplib at the same far end, because a
ratio means the same on another machine. Give each end a core of its own if there are several.
"""

import asyncio
import itertools
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, NamedTuple

import msgspec
import structlog
import uvloop
from aiosmpplib import (
    ESME,
    NPI,
    TON,
    AbstractHook,
    PhoneNumber,
    SubmitSm,
    SubmitSmResp,
)
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from bench.address import HostPort
from bench.drive import LoadError
from bench.servers import server, smsc
from smsc.clock import SystemClock
from smsc.message import Address, Message
from smsc.upstream.line import Answer, Arrival, Reply, Report, Terms
from smsc.upstream.link import Link

AIM = 3_000
WINDOWS = (10, 100, 1000)
NAME = "demo"
TEXT = b"a text of sixty characters or so, as a telematics unit gets."
DETACHED = "4472"
"""What the numbers of devices that are out of reach begin with: a message to them waits."""
_TIMEOUT = 60.0

app = App(name="python -m bench.links", help=__doc__, version_flags=[])


class Figure(msgspec.Struct, frozen=True):
    """One near end at one far end: submits answered in a second, and its CPU time for each."""

    near: str
    far: str
    rate: float
    ratio: float
    """The rate of aiosmpplib at that far end being 1."""
    cpu_us: float


class _Run(NamedTuple):
    rate: float
    cpu_us: float


class _Hook:
    """Counts what aiosmpplib is answered."""

    def __init__(self, count: int) -> None:
        self.done = asyncio.Event()
        self._left = count

    async def sending(self, message: object, pdu: bytes, client_id: str) -> None:
        return

    async def received(self, message: object, pdu: bytes, client_id: str) -> None:
        if isinstance(message, SubmitSmResp):
            self._left -= 1
            if not self._left:
                self.done.set()

    async def send_error(self, message: object, error: Exception, client_id: str) -> None:
        raise LoadError(f"aiosmpplib couldn't send: {error}")


AbstractHook.register(_Hook)


async def _plain(address: HostPort, count: int) -> _Run:
    """Submit with aiosmpplib as it is."""
    hook = _Hook(count)
    esme = ESME(address.host, address.port, NAME, NAME, hook=hook, log_level="CRITICAL")
    for number in range(count):
        await esme.broker.enqueue(
            SubmitSm(
                short_message=TEXT.decode(),
                source=PhoneNumber("1234"),
                destination=PhoneNumber(_digits(number), TON.INTERNATIONAL, NPI.ISDN),
            )
        )
    running: asyncio.Task[None] | None = None

    async def whole() -> None:
        nonlocal running
        running = asyncio.get_running_loop().create_task(esme.start())
        await hook.done.wait()

    run = await _timed(whole, count)
    writer = esme._writer
    await esme.stop()
    if running is not None:
        await running
    writer.close()
    return run


class _Sender:
    """Keeps a link full until all is sent."""

    def __init__(self, link: Callable[["_Sender"], Link], count: int) -> None:
        self.done = asyncio.Event()
        self.refused: list[Answer] = []
        self._left = count
        self._messages = (_message(number) for number in range(count))
        self.link = link(self)

    def up(self, link: str) -> None:
        self._send()

    def _send(self) -> None:
        self.link.send(list(itertools.islice(self._messages, self.link.room)))

    def down(self, link: str) -> None:
        self.done.set()

    def answered(self, link: str, answers: Sequence[Answer]) -> None:
        self.refused += [answer for answer in answers if answer.status]
        self._left -= len(answers)
        if self._left:
            self._send()
        else:
            self.done.set()

    def reported(self, link: str, report: Report, reply: Reply) -> None:
        reply(0)

    def arrived(self, link: str, arrival: Arrival, reply: Reply) -> None:
        reply(0)


def _digits(number: int) -> str:
    return f"{DETACHED}{number:08d}"


def _message(number: int) -> Message:
    now = time.time_ns() // 1_000_000
    dest = Address(1, 1, _digits(number))
    return Message(
        *(number + 1, NAME, "link:far/demo", Address(0, 1, "1234"), dest, TEXT),
        accepted_at=now,
        expires_at=now + 3_600_000,
    )


async def _linked(address: HostPort, count: int, window: int) -> _Run:
    """Submit over a link."""
    terms = Terms(
        name="far",
        host=address.host,
        port=address.port,
        system_id=NAME,
        password=NAME,
        window=window,
    )
    sender = _Sender(lambda sender: Link(terms, sender, SystemClock()), count)

    async def whole() -> None:
        sender.link.open()
        await sender.done.wait()

    run = await _timed(whole, count)
    await sender.link.close()
    if sender.refused or sender._left:
        raise LoadError(f"Not all was taken: {sender.refused[:3]}")
    return run


async def _timed(whole: Callable[[], Awaitable[None]], count: int) -> _Run:
    at, cpu = time.perf_counter(), time.process_time()
    try:
        async with asyncio.timeout(_TIMEOUT):
            await whole()
    except TimeoutError:
        raise LoadError(f"{count} submits weren't answered within {_TIMEOUT:g} s") from None
    seconds, cpu = time.perf_counter() - at, time.process_time() - cpu
    return _Run(count / seconds, cpu / count * 1e6)


async def measure(rounds: int, count: int) -> list[Figure]:
    """Measure every near end at every far end, so many times; aiosmpplib with a tenth of them."""
    runs: dict[tuple[str, str], list[_Run]] = {}
    for _ in range(rounds):
        async with server("-m", "bench.floor", "--listen", "127.0.0.1:0") as floor:
            await _each("floor", floor.address, count, runs)
        async with smsc() as centre:
            await _each("SMSC", centre.address, count, runs)
    rates = {key: statistics.median(run.rate for run in each) for key, each in runs.items()}
    return [
        Figure(
            near,
            far,
            rates[far, near],
            rates[far, near] / rates[far, "aiosmpplib"],
            statistics.median(run.cpu_us for run in each),
        )
        for (far, near), each in runs.items()
    ]


async def _each(
    far: str, address: HostPort, count: int, runs: dict[tuple[str, str], list[_Run]]
) -> None:
    plain = await _plain(address, max(1, count // 10))
    runs.setdefault((far, "aiosmpplib"), []).append(plain)
    for window in WINDOWS:
        run = await _linked(address, count, window)
        runs.setdefault((far, f"link, window {window}"), []).append(run)


def show(figures: Sequence[Figure], console: Console) -> None:
    """Print the figures for a person."""
    table = Table(
        "far end", "near end", "submits/s", "to aiosmpplib", "CPU, us each", title="Links"
    )
    for column in table.columns[2:]:
        column.justify = "right"
    for each in figures:
        row = f"{each.rate:,.0f}", f"{each.ratio:.1f}", f"{each.cpu_us:.1f}"
        table.add_row(each.far, each.near, *row)
    console.print(table)
    console.print(f"We aim at {AIM:,} submits/s over a link.", highlight=False)


@app.default
def main(
    *,
    rounds: Annotated[int, Parameter(help="How often to measure; medians are told.")] = 3,
    count: Annotated[int, Parameter(help="Submits in each measurement of a link.")] = 20_000,
    json: Annotated[bool, Parameter(negative=(), help="Print JSON, not a table.")] = False,
) -> int:
    """Measure aiosmpplib and our links at both far ends in one run."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    try:
        figures = uvloop.run(measure(rounds, count))
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
