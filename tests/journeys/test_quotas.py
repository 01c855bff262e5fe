"""Quotas across kill -9: no message too many, none too few, and counts of what was accepted."""

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from smsc.centre import ServiceCentre
from smsc.clock import SimulatedClock
from smsc.config import Config, parse
from smsc.message import Message
from smsc.smpp.commands import CommandStatus
from smsc.smpp.pdu import BindTransmitter, SubmitSm, SubmitSmResp
from smsc.store.sqlite import SqliteStore
from smsc_routing.calendar_quota import Key
from smsc_routing.local_time import UNIVERSAL
from tests.esme.peer import Peer
from tests.journeys.server import Server

SEED = 20_261_121
CLIENTS = 3
WINDOW = 50
MOST_ANSWERS = 300
LONGEST_REST = 0.03
EVERY_ANSWER = 1_000_000
ACCOUNT, TOGETHER, EACH = 1500, 300, 30
SHORT, LONG = "number {}", "number {} and so on" + 200 * "."
CONFIG = f"""
[store]
url = "sqlite:{{folder}}/smsc.db"
[smpp]
listen = "127.0.0.1:0"
[http]
listen = "127.0.0.1:0"
[[accounts]]
system_id = "demo"
password = "demo"
api_token = "demo"
operator = true
addresses = ["1234"]
quota = ["{ACCOUNT}/month"]
[[policies]]
name = "each"
mt_limit = ["{EACH}/month"]
[[policies]]
name = "together"
mt_limit_together = ["{TOGETHER}/month"]
[[populations]]
msisdn = "49151000000#"
attached = false
[[populations]]
msisdn = "49152000000#"
policy = "each"
attached = false
[[populations]]
msisdn = "49153000000#"
policy = "together"
attached = false
"""
FREE, LIMITED, POOLED = ([f"4915{kind}000000{n}" for n in range(10)] for kind in (1, 2, 3))
NUMBERS = [*FREE, *LIMITED, *POOLED]
QUOTAS = {"a:demo": ACCOUNT, "T:together": TOGETHER} | {f"t:{each}": EACH for each in LIMITED}


class Order:
    """A text for a device: of one part, or of two."""

    def __init__(self, random: Random, number: int) -> None:
        self.to = random.choice(NUMBERS)
        self.parts = random.choice([1, 1, 1, 2])
        self.text = (SHORT if self.parts == 1 else LONG).format(number)

    def submit_sm(self, sequence_number: int) -> SubmitSm:
        return SubmitSm(
            sequence_number,
            source_addr="1234",
            dest_addr_ton=1,
            dest_addr_npi=1,
            destination_addr=self.to,
            short_message=self.text.encode(),
        )


class Account:
    """What an application was told of all its messages."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._orders = 0
        self._room = ACCOUNT
        self.acknowledged: dict[int, Order] = {}
        self.answers = 0
        """Since the server was started, as are those that follow."""
        self.unanswered = 0
        self.full: set[str] = set()
        """Devices for which not one part more was accepted."""

    def server_started(self) -> None:
        self.answers = self.unanswered = 0
        self.full.clear()

    def order(self) -> Order:
        self._orders += 1
        self.unanswered += 1
        return Order(self._random, self._orders)

    def answered(self, order: Order, answer: SubmitSmResp) -> None:
        self.answers += 1
        self.unanswered -= 1
        if answer.command_status == CommandStatus.ESME_ROK:
            number = int(answer.message_id)
            assert number not in self.acknowledged
            self.acknowledged[number] = order
            self._room -= order.parts
            assert self._room >= 0, "more was accepted than the quota of the account allows"
            return
        assert answer.command_status == CommandStatus.ESME_RMSGQFUL
        if order.parts == 1:
            self.full.add(order.to)

    @property
    def used_up(self) -> bool:
        """Whether nothing is accepted any more."""
        return self.full.issuperset(NUMBERS)


async def submit(server: Server, account: Account, on_answer: Callable[[], None]) -> None:
    """Submit as fast as it is answered, until nothing is accepted or the server is gone."""
    asked: dict[int, Order] = {}
    peer = await Peer.connect(server.smpp)
    try:
        await peer.bind(BindTransmitter, "demo", "demo")
        while asked or not account.used_up:
            while len(asked) < WINDOW and not account.used_up:
                number = peer.number()
                asked[number] = account.order()
                peer.send(asked[number].submit_sm(number))
            answer = await peer.expect(SubmitSmResp)
            account.answered(asked.pop(answer.sequence_number), answer)
            on_answer()
    except (asyncio.IncompleteReadError, ConnectionError):
        return
    finally:
        await peer.close()


async def work_and_die(server: Server, account: Account, answers: int, rest: float) -> None:
    """Start it, and kill it a moment after it has given so many answers, or all."""
    await asyncio.to_thread(server.start)
    account.server_started()

    def on_answer() -> None:
        if account.answers == answers:
            asyncio.get_running_loop().call_later(rest, server.kill)

    await asyncio.gather(*(submit(server, account, on_answer) for _ in range(CLIENTS)))
    if account.answers < answers:
        server.kill()
    await asyncio.to_thread(server.wait)


async def use_up(server: Server, account: Account, random: Random) -> None:
    """Submit until nothing is accepted, all has been answered, and the server was often killed."""
    while not account.used_up or account.unanswered:
        answers, rest = random.randrange(1, MOST_ANSWERS), random.uniform(0, LONGEST_REST)
        await work_and_die(server, account, answers, rest)


def month(moment: int) -> str:
    return UNIVERSAL.at(moment).month


def keys(message: Message) -> list[Key]:
    """Return what a message is counted for."""
    to, window = message.dest.digits, month(message.accepted_at)
    subjects = ["a:demo", f"t:{to}" if to in LIMITED else "T:together" if to in POOLED else ""]
    return [Key(subject, window) for subject in subjects if subject]


async def kept(file: Path) -> tuple[dict[int, Message], dict[Key, int]]:
    """Return what the store has accepted, and what it has counted."""
    store = SqliteStore(file)
    opened = await store.open(0)
    messages = {}
    for number in range(1, opened.last_id + 1):
        history = await store.history(number)
        if history is not None:
            messages[number] = history.message
    counts = await store.counts(sorted({key for each in messages.values() for key in keys(each)}))
    await store.close()
    return messages, counts


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "smsc.toml"
    file.write_text(CONFIG.format(folder=tmp_path))
    return file


async def test_a_quota_is_used_up_to_the_last_message_and_not_beyond_whenever_it_is_killed(
    config: Path, tmp_path: Path
) -> None:
    random = Random(SEED)
    account = Account(random)
    with Server(config) as server:
        await use_up(server, account, random)

    messages, counts = await kept(tmp_path / "smsc.db")
    texts = {number: each.payload.decode() for number, each in messages.items()}
    assert {number: order.text for number, order in account.acknowledged.items()}.items() <= (
        texts.items()
    )
    accepted: Counter[Key] = Counter()
    for message in messages.values():
        accepted.update(dict.fromkeys(keys(message), 1 if len(message.payload) < 160 else 2))
    assert counts == accepted
    now = month(max(each.accepted_at for each in messages.values()))
    assert {key.subject: count for key, count in counts.items() if key.window == now} == QUOTAS


async def test_after_a_crash_the_next_month_begins_anew(config: Path, tmp_path: Path) -> None:
    account = Account(Random(SEED))
    with Server(config) as server:
        await work_and_die(server, account, EVERY_ANSWER, 0)
    messages, _ = await kept(tmp_path / "smsc.db")
    then = UNIVERSAL.at(max(each.accepted_at for each in messages.values())).month_ends
    same = parse(CONFIG.format(folder=tmp_path), config.name)
    assert [await answers(same, moment) for moment in (then - 1000, then)] == [
        [CommandStatus.ESME_RMSGQFUL] * (EACH + 1),
        [CommandStatus.ESME_ROK] * EACH + [CommandStatus.ESME_RMSGQFUL],
    ]


async def answers(config: Config, now: int) -> list[int]:
    """Return what a device's quota and one more are answered at some time, sorted."""
    centre = ServiceCentre(config, SimulatedClock(now))
    await centre.open()
    peer = await Peer.connect(centre.smpp_address)
    await peer.bind(BindTransmitter, "demo", "demo")
    for number in range(EACH + 1):
        text = SHORT.format(number).encode()
        peer.send(SubmitSm(peer.number(), "", 1, 1, "1234", 1, 1, LIMITED[0], short_message=text))
    statuses = [(await peer.expect(SubmitSmResp)).command_status for _ in range(EACH + 1)]
    await peer.close()
    await centre.close()
    return sorted(statuses)
