"""Webhooks, measured in one run: how many calls a second one fast receiver is told by.

A receiver in a process of its own answers 200 to whatever it is sent, over connections that stay.

    floor       aiohttp's client alone, with as many calls at once, and nothing behind it
    webhook     the SMSC on a fresh store: devices send, each message is durable before it is told,
                and it leaves the store when it was taken

Figures are medians of the rounds. The SMSC and the receiver take a core each.
"""

import asyncio
import multiprocessing
import statistics
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, cast

import msgspec
import structlog
import uvloop
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from bench.drive import LoadError
from smsc import config as configuration
from smsc.centre import SECONDS_BETWEEN_SWITCHES, ServiceCentre
from smsc.message import State
from smsc.web.webhooks.caller import Caller
from smsc.web.webhooks.event import Call
from smsc.webhook_table import Webhook
from smsc_routing.decision import Verdict

AIM = 2000
IN_HAND = 800
"""Messages that were sent and not told yet."""
SECONDS_BETWEEN_LOOKS = 0.01
DEVICE = "447100000001"
CONFIG = """
[store]
url = "sqlite:{folder}/smsc.db"
[smpp]
listen = "127.0.0.1:0"
[http]
listen = "127.0.0.1:0"
[[accounts]]
system_id = "demo"
password = "demo"
addresses = ["1234"]
[[populations]]
msisdn = "4471########"
[[webhooks]]
name = "bench"
url = "{url}"
account = "demo"
secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
concurrency = {concurrency}
allow_private = true
"""
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

app = App(name="python -m bench.webhooks", help=__doc__, version_flags=[])


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured, in calls a second."""

    floor: float
    webhook: float

    @property
    def reached(self) -> bool:
        """Whether that is as many as we mean to reach."""
        return self.webhook >= AIM


class _Receiver(asyncio.Protocol):
    """Answers as soon as a request is complete, and looks at no more of it than its length."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._octets = b""

    def data_received(self, octets: bytes) -> None:
        self._octets += octets
        while (end := self._octets.find(b"\r\n\r\n")) >= 0:
            head = self._octets[:end].lower()
            _, _, rest = head.partition(b"content-length: ")
            whole = end + 4 + int(rest.partition(b"\r\n")[0] or b"0")
            if len(self._octets) < whole:
                return
            self._octets = self._octets[whole:]
            self._transport.write(_ANSWER)


async def _receive(tell: Connection) -> None:
    server = await asyncio.get_running_loop().create_server(_Receiver, "127.0.0.1", 0)
    tell.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _receiver(tell: Connection) -> None:
    uvloop.run(_receive(tell))


class _Devices:
    """A device that sends as fast as its messages are told."""

    def __init__(self, centre: ServiceCentre, count: int) -> None:
        self._centre = centre
        self._left = count

    def accepted(self, token: int, message_id: int) -> None:
        pass

    def refused(self, token: int, verdict: Verdict) -> None:
        raise LoadError(f"A message was refused: {verdict.detail or verdict.reason}")

    def flush(self) -> None:
        pass

    async def send(self) -> None:
        """Send all, and return when all were told."""
        centre, finals = self._centre, self._centre.journal.finals
        wanted, sent = self._left, 0
        while (told := finals[State.DELIVERED]) < wanted:
            for _ in range(min(wanted - sent, IN_HAND - (sent - told))):
                centre.origin.send(DEVICE, "1234", f"message {sent}", self, 0)
                sent += 1
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)


async def _webhook(url: str, count: int, concurrency: int) -> float:
    with TemporaryDirectory() as folder:
        text = CONFIG.format(folder=Path(folder), url=url, concurrency=concurrency)
        centre = ServiceCentre(configuration.parse(text, "bench"))
        await centre.open()
        try:
            began = time.perf_counter()
            await _Devices(centre, count).send()
            return count / (time.perf_counter() - began)
        finally:
            await centre.close()


async def _floor(url: str, count: int, concurrency: int) -> float:
    hook = Webhook(name="floor", url=url, allow_private=True, concurrency=concurrency)
    caller, left = Caller(hook), count

    async def calls() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            answer = await caller.call(Call("POST", {}, b"{}" * 100), 0)
            if not answer.taken:
                raise LoadError(f"A call failed: {answer.words or answer.status}")

    try:
        began = time.perf_counter()
        await asyncio.gather(*(calls() for _ in range(concurrency)))
        return count / (time.perf_counter() - began)
    finally:
        await caller.close()


async def measure(count: int, concurrency: int, rounds: int) -> Figures:
    """Measure both, in turn, against one receiver."""
    context = multiprocessing.get_context("spawn")
    heard, tell = context.Pipe(duplex=False)
    process = context.Process(target=_receiver, args=(tell,), daemon=True)
    process.start()
    try:
        if not await asyncio.to_thread(heard.poll, 30):
            raise LoadError("The receiver didn't start")
        url = f"http://127.0.0.1:{heard.recv()}/"
        floors, webhooks = [], []
        for _ in range(rounds):
            floors.append(await _floor(url, count, concurrency))
            webhooks.append(await _webhook(url, count, concurrency))
        return Figures(floor=statistics.median(floors), webhook=statistics.median(webhooks))
    finally:
        process.kill()
        process.join()


def show(figures: Figures, console: Console) -> None:
    """Print the figures for a person."""
    table = Table("", "calls/s", "of the floor", title="Calls of one webhook")
    for column in table.columns[1:]:
        column.justify = "right"
    table.add_row("floor", f"{figures.floor:,.0f}", "100 %")
    share = figures.webhook / figures.floor
    table.add_row("webhook", f"{figures.webhook:,.0f}", f"{share:.0%}")
    console.print(table)


@app.default
def main(
    *,
    count: Annotated[int, Parameter(help="Calls a round.")] = 10_000,
    concurrency: Annotated[int, Parameter(help="Calls at once.")] = 8,
    rounds: Annotated[int, Parameter(help="How often; figures are medians.")] = 3,
    json: Annotated[bool, Parameter(negative=(), help="Print JSON, not a table.")] = False,
) -> int:
    """Measure how fast one webhook is called, in one run."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    sys.setswitchinterval(SECONDS_BETWEEN_SWITCHES)
    try:
        figures = uvloop.run(measure(count, concurrency, rounds))
    except (LoadError, ValueError) as error:
        Console(stderr=True, style="red").print(str(error), markup=False)
        return 1
    if json:
        print(msgspec.json.encode(figures).decode())
    else:
        show(figures, Console())
    return 0 if figures.reached else 2


if __name__ == "__main__":
    app()
