"""Real rooms behind a real socket, on a simulated clock and a store that can be hindered."""

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path

import httpx

from smsc.clock import SimulatedClock
from smsc.config import Config
from smsc.delivery.admission import Bounds
from smsc.delivery.amendments import Amendments
from smsc.delivery.broadcasts import Broadcasts
from smsc.delivery.directory import Terms
from smsc.delivery.exits import Exits
from smsc.delivery.intake import Intake
from smsc.delivery.ledger import Ledger
from smsc.delivery.reader import Reader
from smsc.delivery.retry import Retries, RetryLadder
from smsc.delivery.scheduler import Scheduler
from smsc.esme.account import Account, Accounts
from smsc.esme.agent import EsmeAgent
from smsc.esme.bindings import Bindings
from smsc.esme.lockout import Lockout
from smsc.journal import Journal
from smsc.message import ACCOUNT, DEVICE, WEBHOOK, to_device
from smsc.network.agent import DeviceAgent
from smsc.network.books import Books
from smsc.network.cell import Cell, Group
from smsc.network.device import Devices
from smsc.network.hlr import Hlr, Subscription, visitors
from smsc.network.origin import Origin
from smsc.network.outages import Outages
from smsc.notation import RateOrQuota
from smsc.policies import Policies
from smsc.policy_table import Policy
from smsc.store.sqlite import SqliteStore
from smsc.store.store import Batch, StoreError, Written
from smsc.subscriber import Device, Identity
from smsc.web.app import Services, build
from smsc.web.scopes import Grant, Scope
from smsc.web.server import WebServer
from smsc.web.tokens import Tokens
from smsc.web.tr50.login import LOCKOUT
from smsc.web.webhooks.agent import WebhookAgent
from smsc.webhooks import Homes, Webhooks
from smsc_routing.policy import Policy as Compiled
from smsc_routing.quota import Rate

ANNA = "491700000001"
BERT = "491700000002"
"""Detached."""
CARL = "491700000003"
"""Takes no messages."""
DORA = "491700000004"
"""Sends two messages a minute at most."""
FLEET = "fleet"
SLOW = "slow"
"""An account with a rate of one a minute."""
PASSWORD = "correct horse"
"""Of the fleet."""

DEVICES = {
    ANNA: Device(
        number=ANNA,
        identities={Identity.ICCID: "8988", Identity.IMSI: "26201", Identity.IMEI: "35"},
    ),
    BERT: Device(number=BERT, attached=False),
    CARL: Device(number=CARL, policy="deaf"),
    DORA: Device(number=DORA, policy="shy"),
}
POLICIES = (
    Policy(name="default", deliver_to=FLEET),
    Policy(name="deaf", mt=False),
    Policy(name="shy", mo_limit=(RateOrQuota("2/min"),)),
    Policy(name="crowd"),
)
OWNERS = {"1234": FLEET, "FLEET": FLEET, "5678": SLOW}
ADDRESSES = {FLEET: ("1234", "FLEET"), SLOW: ("5678",)}
ACCOUNTS = (
    Account(system_id=FLEET, password=f"{FLEET}-pässword", addresses=("1234", "FLEET")),
    Account(system_id=SLOW, password=f"{SLOW}-pässword", addresses=("5678",)),
)
TERMS = {
    FLEET: Terms(default_source="1234"),
    SLOW: Terms((Rate(1, 60_000),), default_source="5678"),
}


class HinderedStore(SqliteStore):
    """SQLite on a disk that fills up, or hangs, when it is told to."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.full = False
        self.running = asyncio.Event()
        self.running.set()

    def write(self, batch: Batch, now: int) -> asyncio.Future[Written]:
        return asyncio.ensure_future(self._hindered(batch, now))

    async def _hindered(self, batch: Batch, now: int) -> Written:
        await self.running.wait()
        if self.full:
            raise StoreError("the disk is full; make room")
        return await super().write(batch, now)


class Directory:
    """Who is behind a number."""

    def __init__(self, hlr: Hlr, policies: Policies, webhooks: Webhooks) -> None:
        self._hlr = hlr
        self._policies = policies
        self._webhooks = webhooks

    def device(self, number: str) -> Compiled | None:
        subscription = self._hlr.find(number)
        if subscription is None:
            return None
        return self._policies.overridden(subscription.policy, subscription.overrides)

    def link_of(self, number: str) -> str:
        return ""

    def owner(self, address: str) -> str | None:
        return OWNERS.get(address)

    def home(self, name: str, address: str) -> str:
        return self._webhooks.home(name, address)

    async def read(self, numbers: Sequence[str]) -> None:
        await self._hlr.read(numbers)

    def terms(self, account: str) -> Terms:
        return TERMS.get(account, Terms())


BOUNDS = Bounds(validity=3_600_000, schedule=3_600_000)


class Rooms:
    """Everything behind the door, and a client in front of it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.config = Config()
        self.unready: str | None = None
        self.second_factors: dict[str, bytes] = {}
        self.told: dict[str, Device | None] = {}
        """Devices that were changed, whether or not that is durable."""

    async def open(self) -> None:
        clock = self.clock = SimulatedClock()
        journal = self.journal = Journal()
        self.store = HinderedStore(self._path)
        opened = await self.store.open(clock.now(), devices=1000)
        crowd = ("4471########", Subscription("crowd"))
        known, outages = visitors(opened), Outages(opened.outages)
        self.hlr = Hlr(DEVICES.values(), [crowd], self.store, known, outages)
        self.ledger = Ledger(self.store, clock, journal)
        self.ledger.last_id = opened.last_id
        retries = Retries(RetryLadder([1000]), RetryLadder([1000]))
        self.scheduler = Scheduler(self.ledger, clock, journal, retries, 10.0)
        self.bindings = Bindings()
        self.devices = Devices()
        self.agent = DeviceAgent(self.hlr, self.devices, clock, self.scheduler.settle)
        esme_agent = EsmeAgent(self.bindings, self.scheduler.settle, clock)
        self.webhooks = Webhooks((), ADDRESSES)
        self.webhooks.restore(opened.webhooks)
        self.webhook_agent = WebhookAgent(
            self.webhooks,
            self.ledger,
            self.scheduler.settle,
            self.scheduler.wake,
            clock,
            journal,
            retries,
            self.hlr.device,
        )
        self.scheduler.serve({DEVICE: self.agent, ACCOUNT: esme_agent, WEBHOOK: self.webhook_agent})
        self.bindings.wake = self.agent.wake = self.scheduler.wake
        self.hlr.on_attach = self.devices.on_memory_available = self._available
        Books(self.hlr, self.ledger)
        self._listen(self.hlr)
        self.cell = Cell(
            [Group("crowd", policies=frozenset({"crowd"}))], self.hlr, self.devices, clock
        )
        self.broadcasts = Broadcasts(self.ledger, clock, journal, self.cell.transmit)
        self.policies = Policies(POLICIES, Homes({FLEET, SLOW}, self.webhooks))
        self.policies.restore(opened.policies)
        directory = Directory(self.hlr, self.policies, self.webhooks)
        amendments = self.amendments = Amendments(
            self.store, self.scheduler, self.ledger, directory, clock, journal, BOUNDS
        )
        self.exits = Exits("smsc", clock)
        self.intake = Intake(
            directory,
            self.scheduler,
            self.ledger,
            amendments,
            clock,
            journal,
            BOUNDS,
            self.store,
            self.exits,
        )
        reader = Reader(self.store, self.scheduler, self.ledger, amendments, clock)
        reader.prepare = self.agent.prepare
        self.agent.enquiries.on_overflow = self.hlr.on_renewed = reader.greet_again
        self.hlr.on_read = self._read
        self._reading = asyncio.gather(
            reader.run(),
            self.cell.run(),
            self.intake.antechamber.run(),
            self.agent.enquiries.run(),
        )
        self.users = Accounts(ACCOUNTS, clock, journal, Lockout(LOCKOUT))
        digests = {digest_of(token(account)): account for account in (FLEET, SLOW)}
        self.tokens = Tokens(digests, await self.store.renewed_tokens())
        self.server = WebServer(build(self.services()), "127.0.0.1", 0)
        await self.server.open()
        self.client = self.client_of(FLEET)

    def services(self) -> Services:
        return Services(
            clock=self.clock,
            journal=self.journal,
            intake=self.intake,
            amendments=self.amendments,
            scheduler=self.scheduler,
            ledger=self.ledger,
            hlr=self.hlr,
            devices=self.devices,
            cell=self.cell,
            broadcasts=self.broadcasts,
            origin=Origin(self.intake.submit, self.hlr, self.clock),
            bindings=self.bindings,
            store=self.store,
            policies=self.policies,
            webhooks=self.webhooks,
            webhook_agent=self.webhook_agent,
            accounts={FLEET, SLOW},
            passwords={FLEET: hashlib.sha1(PASSWORD.encode()).hexdigest()},
            grants={
                hashlib.sha256(token(scope.value).encode()).hexdigest(): Grant(
                    f"only {scope.value}", FLEET, frozenset({scope})
                )
                for scope in Scope
            },
            config=lambda: self.config,
            users=self.users,
            system_id="smsc",
            operators={FLEET},
            tokens=self.tokens,
            second_factors=self.second_factors,
            ready=lambda: self.unready,
        )

    def _read(self, numbers: Sequence[str]) -> None:
        self.intake.antechamber.met(numbers)
        self.agent.enquiries.read(numbers)

    def _available(self, number: str) -> None:
        self.scheduler.wake(to_device(number), alerted=True)

    def _listen(self, hlr: Hlr) -> None:
        """Note what the register tells of devices."""
        tell = hlr.changed

        def changed(number: str, device: Device | None) -> None:
            self.told[number] = device
            tell(number, device)

        hlr.changed = changed

    @property
    def url(self) -> str:
        host, port = self.server.address
        return f"http://{host}:{port}"

    def client_of(self, account: str) -> httpx.AsyncClient:
        headers = {b"Authorization": f"Bearer {token(account)}".encode()}
        return httpx.AsyncClient(base_url=self.url, headers=headers, trust_env=False)

    async def settled(self) -> None:
        """Wait until what was submitted has run its course, as far as it goes without time."""
        while self.ledger.page or self.ledger.backlog or self.scheduler.in_hand:
            await self.client.get("/healthz")

    async def close(self) -> None:
        await self.client.aclose()
        await self.server.close()
        await self.webhook_agent.close()
        self.users.close()
        self.store.full = False
        self.store.running.set()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        await self.ledger.close()
        await self.store.close()


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def token(account: str) -> str:
    return f"{account}-secret-ü"
