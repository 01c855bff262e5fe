"""kill -9 at any instant, again and again: every message that was acknowledged is accounted for."""

import asyncio
from pathlib import Path
from random import Random

from tests.journeys.book import Book, Order, collect, converse
from tests.journeys.server import Server

SEED = 20_240_611
KILLS_AT_WORK = 16
KILLS_AT_THE_START = 4
LONGEST_LIFE = 0.3
WINDOW = 20
DEVICES = 10
SAMPLE = 100

CONFIG = """
[store]
url = "sqlite:{folder}/smsc.db"
[smpp]
listen = "127.0.0.1:0"
[http]
listen = "127.0.0.1:0"
[delivery]
retry = ["50ms", "200ms"]
[[accounts]]
system_id = "demo"
password = "demo"
api_token = "demo"
operator = true
addresses = ["1234"]
window = {window}
[[populations]]
msisdn = "49151000000#"
[[populations]]
msisdn = "49152000000#"
latency = "5ms"
[[populations]]
msisdn = "49153000000#"
attached = false
[[populations]]
msisdn = "49154000000#"
error = 1
permanent = true
[[populations]]
msisdn = "49155000000#"
error = 22
"""

DETACHED = "49153000000"
KINDS = (
    ("49151000000", "DELIVRD", ""),
    ("49152000000", "DELIVRD", ""),
    (DETACHED, "DELIVRD", ""),
    ("49154000000", "UNDELIV", ""),
    ("49155000000", "EXPIRED", "000000000001000R"),
)
STATES = {"DELIVRD": "DELIVERED", "UNDELIV": "UNDELIVERABLE", "EXPIRED": "EXPIRED"}


class Orders:
    """Messages for all kinds of devices at random, each with a text of its own."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._count = 0

    def __call__(self) -> Order:
        self._count += 1
        prefix, stat, validity_period = self._random.choice(KINDS)
        to = f"{prefix}{self._random.randrange(DEVICES)}"
        return Order(to, f"message {self._count}", stat, validity_period)


async def _work_and_die(server: Server, book: Book, orders: Orders, seconds: float) -> None:
    await asyncio.to_thread(server.start)
    asyncio.get_running_loop().call_later(seconds, server.kill)
    await converse(server.smpp, book, WINDOW, orders)
    await asyncio.to_thread(server.wait)


async def _start_and_die(server: Server, seconds: float) -> None:
    server.launch()
    asyncio.get_running_loop().call_later(seconds, server.kill)
    await asyncio.to_thread(server.wait)


async def test_no_acknowledged_message_is_lost_and_each_ends_as_it_should(tmp_path: Path) -> None:
    config = tmp_path / "smsc.toml"
    config.write_text(CONFIG.format(folder=tmp_path, window=WINDOW))
    random, book = Random(SEED), Book()
    orders = Orders(random)
    with Server(config) as server:
        for life in range(KILLS_AT_WORK):
            await _work_and_die(server, book, orders, random.uniform(0, LONGEST_LIFE))
            if life % (KILLS_AT_WORK // KILLS_AT_THE_START) == 0:
                # Late in its start: when it recovers what the last one left in hand.
                await _start_and_die(server, random.uniform(0.6, 1) * server.seconds_to_start)
        await asyncio.to_thread(server.start)
        for device in range(DEVICES):
            server.attach(f"{DETACHED}{device}")
        await collect(server.smpp, book)

        assert book.wrong() == []
        assert book.stats() == STATES.keys()
        # A receipt comes again only if it was on its way, or its answer not yet on the disk.
        assert book.duplicates <= 2 * WINDOW * KILLS_AT_WORK
        for message_id in random.sample(sorted(book.acknowledged), SAMPLE):
            assert server.state(message_id) == STATES[book.acknowledged[message_id].stat]
