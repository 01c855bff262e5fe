"""The road from an ESME's socket to devices and back, with a real store and a clock that stands."""

import asyncio
from collections.abc import Callable, Sequence
from ipaddress import ip_network
from types import TracebackType
from typing import Any

from smsc.clock import SimulatedClock
from smsc.delivery.admission import Bounds
from smsc.delivery.amendments import Amendments
from smsc.delivery.directory import Terms
from smsc.delivery.exits import Exits
from smsc.delivery.intake import Intake
from smsc.delivery.ledger import Ledger
from smsc.delivery.reader import Reader
from smsc.delivery.retry import Retries, RetryLadder
from smsc.delivery.scheduler import EVERY_DESTINATION, Scheduler
from smsc.delivery.submission import Submission
from smsc.esme.account import Account, Accounts
from smsc.esme.agent import EsmeAgent
from smsc.esme.amending import Amending
from smsc.esme.arrival import Entrance
from smsc.esme.bindings import Bindings
from smsc.esme.connection import Connection, Door
from smsc.esme.data import DataSubmits
from smsc.esme.dialect import LongMessages, Profile, canned
from smsc.esme.listener import Listener
from smsc.esme.lockout import Lockout
from smsc.esme.multi import Multi
from smsc.journal import Journal
from smsc.message import ACCOUNT, DEVICE, Address, State, to_account, to_device
from smsc.network.agent import DeviceAgent
from smsc.network.device import Devices
from smsc.network.hlr import Hlr, Subscription
from smsc.smpp.pdu import Bind, BindTransceiver, DataSm
from smsc.smpp.session import Timers
from smsc.store.sqlite import SqliteStore
from smsc_routing.decision import Verdict
from smsc_routing.policy import Policy
from smsc_routing.traffic import Party
from tests.esme import peer as esme
from tests.esme.peer import Peer
from tests.network.shelf import register

RETRY_SECONDS = 1.0
PATIENCE_SECONDS = 10.0
PARTING_SECONDS = 5.0
DAY_MS = 24 * 3600 * 1000
BOUNDS = Bounds(validity=DAY_MS, schedule=30 * DAY_MS)
ABSENT = "491799999901"
FAILING = "491799999902"
BARRED = "491799999903"
SLOW = "491799999904"
DEVICES = {
    ABSENT: Subscription(attached=False),
    FAILING: Subscription(error=32),
    BARRED: Subscription(error=13, permanent=True),
    SLOW: Subscription(latency_ms=60_000),
}
ACCOUNTS = (
    Account(system_id="fleet", password="secret", addresses=("1234",), max_binds=3, window=2),
    Account(system_id="other", password="secret", addresses=("5678",)),
    Account(
        system_id="joined",
        password="secret",
        addresses=("7777",),
        window=1,
        profile=Profile(long_messages=LongMessages.REASSEMBLED),
    ),
    Account(system_id="faraway", password="secret", allow_from=(ip_network("192.0.2.0/24"),)),
)


class Register:
    """Who is behind a number: devices of one population, and the accounts' addresses."""

    def __init__(self, hlr: Hlr, accounts: Sequence[Account]) -> None:
        self._hlr = hlr
        self._accounts = {account.system_id: account for account in accounts}
        self._owners = {
            address: account.system_id for account in accounts for address in account.addresses
        }

    def device(self, number: str) -> Policy | None:
        subscription = self._hlr.find(number)
        return Policy(subscription.policy) if subscription is not None else None

    def link_of(self, number: str) -> str:
        return ""

    def owner(self, address: str) -> str | None:
        return self._owners.get(address)

    def home(self, name: str, address: str) -> str:
        return to_account(name)

    async def read(self, numbers: Sequence[str]) -> None:
        raise AssertionError(f"nothing is unread: {numbers}")

    def terms(self, account: str) -> Terms:
        source = next((a for a, owner in self._owners.items() if owner == account), "")
        known = self._accounts.get(account)
        if known is None:
            return Terms(default_source=source)
        return Terms(known.rates, source, numbering=known.numbering)


class Answer:
    """Waits for the one answer to a submission."""

    def __init__(self) -> None:
        self.message_id: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def accepted(self, token: int, message_id: int) -> None:
        self.message_id.set_result(message_id)

    def refused(self, token: int, verdict: Verdict) -> None:
        self.message_id.set_exception(AssertionError(verdict))

    def flush(self) -> None:
        return


class Road:
    """Everything between the sockets and the disk; `async with` opens and closes it."""

    def __init__(
        self,
        store: SqliteStore,
        accounts: Sequence[Account] = ACCOUNTS,
        entrances: Sequence[Entrance] = (Entrance("127.0.0.1", 0),),
    ) -> None:
        self.store = store
        self.clock = SimulatedClock()
        self.journal = Journal()
        self.devices = Devices()
        self.failures: list[dict[str, Any]] = []
        self.peers: list[Peer] = []
        self.ledger = Ledger(store, self.clock, self.journal)
        ladder = RetryLadder([int(RETRY_SECONDS * 1000)])
        retries = Retries(ladder, ladder)
        self.scheduler = Scheduler(self.ledger, self.clock, self.journal, retries, PATIENCE_SECONDS)
        hlr = self.hlr = register(DEVICES, [("4917########", Subscription())])
        hlr.on_attach = lambda number: self.scheduler.wake(to_device(number))
        directory = Register(hlr, accounts)
        self.amendments = Amendments(
            store, self.scheduler, self.ledger, directory, self.clock, self.journal, BOUNDS
        )
        self._reader = Reader(store, self.scheduler, self.ledger, self.amendments, self.clock)
        self._device_agent = DeviceAgent(hlr, self.devices, self.clock, self.scheduler.settle)
        self.bindings = Bindings()
        self.esme_agent = EsmeAgent(self.bindings, self.scheduler.settle, self.clock)
        self.scheduler.serve({DEVICE: self._device_agent, ACCOUNT: self.esme_agent})
        self.bindings.wake = self.scheduler.wake
        self._accounts = Accounts(accounts, self.clock, self.journal, Lockout())
        self.intake = Intake(
            directory,
            self.scheduler,
            self.ledger,
            self.amendments,
            self.clock,
            self.journal,
            BOUNDS,
            store,
            Exits("smsc", self.clock),
        )
        self.door = Door(
            "smsc",
            Timers(),
            self._accounts,
            self.bindings,
            self.intake,
            self.esme_agent.settle,
            self.clock,
            self.journal,
            {
                DataSm: DataSubmits(self.intake, self.journal).serve,
                **Amending(self.amendments, self.ledger, self.journal).operations(),
                **Multi(self.intake, self.journal).operations(),
            },
            {1: canned("Your parcel is here.")},
        )
        self.listener = Listener(self.door, *entrances)

    async def __aenter__(self) -> "Road":
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: self.failures.append(context))
        await self.store.open(self.clock.now())
        self._reading = loop.create_task(self._reader.run())
        await self.listener.open()
        await self.until(lambda: self.scheduler.swept == EVERY_DESTINATION)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for connection in self.door.connections:
            connection.cut()
        await self.listener.close(PARTING_SECONDS)
        for peer in self.peers:
            await peer.close()
        self._reading.cancel()
        await self.ledger.close()
        await self.store.close()
        self._accounts.close()
        assert self.failures == []

    # The ESMEs.

    async def peer(self) -> Peer:
        """Return a peer that has connected and said nothing."""
        peer = await Peer.connect(self.listener.address)
        self.peers.append(peer)
        return peer

    async def bound(
        self, kind: type[Bind] = BindTransceiver, system_id: str = "fleet", version: int = 0x34
    ) -> Peer:
        """Return a peer that is bound."""
        peer = await self.peer()
        answer = await peer.bind(kind, system_id, version=version)
        assert answer.command_status == 0, answer
        return peer

    def connection(self, peer: Peer) -> Connection:
        """Return our side of a peer's connection."""
        for connection in self.door.connections:
            if transport_of(connection).get_extra_info("peername")[:2] == peer.address:
                return connection
        raise LookupError(f"no connection from {peer.address}")

    # The devices.

    async def device_sends(self, text: bytes, to: str = "1234", esm_class: int = 0) -> int:
        """Have a device send a text; return the message's id when it is durable."""
        answer = Answer()
        submission = Submission(
            Party.DEVICE,
            "",
            Address(1, 1, esme.DEVICE),
            Address(0, 1, to),
            text,
            esm_class=esm_class,
        )
        self.intake.submit(submission, answer, 0)
        return await answer.message_id

    def inbox(self) -> list[bytes]:
        """Return what the device has received."""
        device = self.devices.find(esme.DEVICE)
        return [] if device is None else [received.octets for received in device.inbox]

    # What happens.

    async def turn(self) -> None:
        """Let everything go on for a turn of the disk."""
        await self.store.next_due()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Let everything go on until this is so."""
        async with asyncio.timeout(esme.SECONDS_AT_MOST):
            while not condition():
                await self.turn()

    async def forgotten(self, connection: Connection) -> None:
        """Wait until a connection is gone."""
        await self.until(lambda: connection not in self.door.connections)

    async def state(self, message_id: int | str) -> State:
        """Return what the store says of a message, once everything is written."""
        await self.ledger.written()
        history = await self.store.history(int(message_id))
        assert history is not None
        return history.state


def transport_of(connection: Connection) -> asyncio.Transport:
    """Return the transport of a connection."""
    transport = connection._transport
    assert transport is not None
    return transport
