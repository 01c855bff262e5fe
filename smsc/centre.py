"""The service centre: builds the rooms, opens the doors, and closes them in order.

Opening goes from the disk to the doors, so that nobody is let in before a message could be kept.
Closing goes the other way: stop accepting, part from the peers, write the last page, and only
then let go of the disk.
"""

import asyncio
import gc
import resource
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from importlib.resources import files
from pathlib import Path
from typing import Final, TextIO

import structlog
import uvloop

from smsc import config as configuration
from smsc import doors, register
from smsc.clock import Clock, SystemClock
from smsc.config import Config
from smsc.delivery.admission import Bounds
from smsc.delivery.amendments import Amendments
from smsc.delivery.broadcasts import Broadcasts
from smsc.delivery.correlation import Correlation
from smsc.delivery.exits import Exits, name_on_trails
from smsc.delivery.intake import Intake
from smsc.delivery.ledger import Ledger
from smsc.delivery.reader import Reader
from smsc.delivery.retry import Retries, RetryLadder
from smsc.delivery.scheduler import Scheduler
from smsc.delivery.upkeep import Upkeep
from smsc.esme.account import Accounts
from smsc.esme.agent import EsmeAgent
from smsc.esme.amending import Amending
from smsc.esme.bindings import Bindings
from smsc.esme.broadcasting import Broadcasting
from smsc.esme.connection import Door
from smsc.esme.data import DataSubmits
from smsc.esme.listener import Listener
from smsc.esme.lockout import Lockout
from smsc.esme.multi import Multi
from smsc.esme.operation import Operation
from smsc.esme.outbind import Outbinders
from smsc.journal import Journal
from smsc.message import to_account, to_device
from smsc.network.agent import DeviceAgent
from smsc.network.books import Books
from smsc.network.cell import Cell
from smsc.network.device import Devices
from smsc.network.origin import Origin
from smsc.network.visitors import VISITORS
from smsc.policies import Policies
from smsc.register import Register
from smsc.reload import Reload
from smsc.smpp.pdu import DataSm, Request
from smsc.smpp.session import Timers
from smsc.store.archive import Archive
from smsc.store.sqlite import SqliteStore
from smsc.store.store import Opened, StoreError
from smsc.upstream.agent import LinkAgent
from smsc.upstream.arrivals import Arrivals
from smsc.upstream.line import Listener as LinkListener
from smsc.upstream.line import Terms
from smsc.upstream.link import Link
from smsc.upstream.links import Links
from smsc.upstream.reports import Reports
from smsc.web.app import Services, build
from smsc.web.server import WebServer
from smsc.web.services import Reloading
from smsc.web.tokens import Tokens
from smsc.web.tr50.login import LOCKOUT
from smsc.web.webhooks.agent import WebhookAgent
from smsc.webhooks import Homes, Webhooks

log = structlog.get_logger()

SECONDS_TO_PART: Final = 5.0
SECONDS_BETWEEN_SWITCHES: Final = 0.0002
COLLECTOR_THRESHOLDS: Final = (20_000, 20, 100)


def demo() -> Config:
    """Return the configuration of the demo world."""
    text = files("smsc").joinpath("demo.toml").read_text("utf-8")
    return configuration.parse(text, "demo.toml")


class ServiceCentre:
    """One SMSC: `open` it, and `close` it."""

    def __init__(
        self,
        config: Config,
        clock: Clock | None = None,
        store: Archive | None = None,
        file: Path | None = None,
    ) -> None:
        """Run as configured, in this file if there is one, by the machine's clock or another."""
        self._file = file
        self._config = config
        self.clock = clock or SystemClock()
        self.store: Archive = store or SqliteStore(config.store.url.path)
        self.journal = Journal()
        self.bindings = Bindings()
        self._account_list = doors.accounts(config)
        lockout = Lockout(doors.lockout(config.smpp))
        self._accounts = Accounts(self._account_list, self.clock, self.journal, lockout)
        self._users = Accounts(self._account_list, self.clock, self.journal, Lockout(LOCKOUT))
        self._unready: str | None = "starting"
        self._closing = AsyncExitStack()
        self.broken = asyncio.Event()
        """Set when it can't do its work any more, and had better be started again."""

    async def open(self) -> None:
        """Recover what is stored, and open the doors; raises StoreError or OSError.

        If one of them can't be opened, those before it are closed again.
        """
        async with AsyncExitStack() as closing:
            closing.callback(self._accounts.close)
            closing.callback(self._users.close)
            closing.push_async_callback(self.store.close)
            opened = await self.store.open(self.clock.now(), devices=VISITORS)
            self._build(opened)
            closing.push_async_callback(self.ledger.close)
            await self._open_doors(closing)
            self._closing = closing.pop_all()
        self._unready = None
        log.info("open", waiting=opened.waiting, requeued=opened.requeued)

    def _build(self, opened: Opened) -> None:
        """Build the rooms from the ground up, and connect them."""
        config, clock = self._config, self.clock
        self.journal.redeliveries = opened.requeued
        self.webhooks = Webhooks(config.webhooks, configuration.addresses(config))
        self.webhooks.restore(opened.webhooks)
        accounts = {account.system_id for account in config.accounts}
        self.policies = Policies(config.policies, Homes(accounts, self.webhooks))
        self.policies.restore(opened.policies)
        self.hlr = register.devices(config, self.store, opened, VISITORS)
        self.ledger = Ledger(self.store, clock, self.journal, doors.weights(config))
        self.ledger.last_id = opened.last_id
        self.ledger.on_broken = self.broken.set
        self._retries = retries = Retries(
            RetryLadder([delay.ms for delay in config.delivery.retry]),
            RetryLadder([delay.ms for delay in config.delivery.receipt_retry]),
            doors.courses(config.delivery),
            config.delivery.jitter,
        )
        # Who waits for a delivery does so for as long as we would wait for an answer of his.
        patience = config.smpp.response_timer.seconds
        self.scheduler = Scheduler(self.ledger, clock, self.journal, retries, patience)
        self.scheduler.waiting = opened.waiting
        rates = doors.rates(config.smpp.rate)
        home = doors.numbering(config)
        directory = Register(
            self.hlr, self.policies, self._account_list, rates, home, self.webhooks
        )
        bounds = Bounds(config.delivery.validity.ms, config.delivery.schedule.ms)
        self._upkeep = Upkeep(self.store, doors.keep(config.history), clock, self.journal)
        self.amendments = Amendments(
            self.store, self.scheduler, self.ledger, directory, clock, self.journal, bounds
        )
        self._reader = Reader(self.store, self.scheduler, self.ledger, self.amendments, clock)
        self.devices = Devices()
        self._device_agent = DeviceAgent(
            self.hlr, self.devices, clock, self.scheduler.settle, home.short_code_digits
        )
        self._esme_agent = EsmeAgent(self.bindings, self.scheduler.settle, clock)
        self.bindings.wake = self._device_agent.wake = self.scheduler.wake
        self._reader.prepare = self._device_agent.prepare
        self._device_agent.enquiries.on_overflow = self._reader.greet_again
        self.cell = Cell(register.groups(config), self.hlr, self.devices, clock)
        self.broadcasts = Broadcasts(self.ledger, clock, self.journal, self.cell.transmit)
        self.hlr.on_attach = self.devices.on_memory_available = self._available
        self.hlr.on_renewed = self._reader.greet_again
        self.hlr.on_read = self._read
        Books(self.hlr, self.ledger)
        exits = Exits(name_on_trails(config.smsc.system_id, opened.instance), clock)
        self.intake = Intake(
            directory,
            self.scheduler,
            self.ledger,
            self.amendments,
            clock,
            self.journal,
            bounds,
            self.store,
            exits,
        )
        self._build_webhooks(opened.instance)
        self._build_links(exits)
        self._broadcasting = Broadcasting(
            self.broadcasts,
            self.cell.areas,
            directory,
            self.ledger,
            self.journal,
            self.intake.charge,
            bounds.schedule,
        )
        self.origin = Origin(self.intake.submit, self.hlr, clock, home)
        self.broadcasts.open(opened.broadcasts)

    def _build_webhooks(self, instance: int) -> None:
        scheduler = self.scheduler
        self.webhook_agent = WebhookAgent(
            self.webhooks,
            self.ledger,
            scheduler.settle,
            scheduler.wake,
            self.clock,
            self.journal,
            self._retries,
            self.hlr.device,
            instance,
        )

    def _build_links(self, exits: Exits) -> None:
        clock, journal, scheduler = self.clock, self.journal, self.scheduler
        self._correlation = Correlation(self.store, scheduler, self.ledger, clock, journal)
        self.link_agent = LinkAgent(
            exits,
            scheduler.settle,
            scheduler.wake,
            clock,
            journal,
            self.ledger.weights,
            Reports(self._correlation, clock, journal),
            Arrivals(self.intake.submit),
        )
        self._links = Links(self.link_agent, self._line)
        self.reload = Reload(
            self._config,
            exits,
            self._correlation,
            self.link_agent,
            self._links,
            self.policies,
            self.webhooks,
        )
        agents = (self._device_agent, self._esme_agent, self.link_agent, self.webhook_agent)
        scheduler.serve({agent.kind: agent for agent in agents})

    def _line(self, terms: Terms, listener: LinkListener) -> Link:
        return Link(terms, listener, self.clock)

    async def _open_doors(self, closing: AsyncExitStack) -> None:
        for run in (
            self._reader.run(),
            self.intake.antechamber.run(),
            self._correlation.run(),
            self._device_agent.enquiries.run(),
            self.cell.run(),
            self._upkeep.run(),
        ):
            reading = asyncio.get_running_loop().create_task(run)
            reading.add_done_callback(self._reader_ended)
            closing.push_async_callback(_cancelled, reading)
        closing.callback(self._device_agent.close)
        closing.callback(self.broadcasts.close)
        closing.callback(self._esme_agent.close)
        closing.callback(self.link_agent.close)
        closing.push_async_callback(self.webhook_agent.close)
        smpp, http = self._config.smpp, self._config.http
        door = Door(
            self._config.smsc.system_id,
            Timers(
                smpp.session_init_timer.seconds,
                smpp.enquire_link_timer.seconds,
                smpp.inactivity_timer.seconds,
                smpp.response_timer.seconds,
            ),
            self._accounts,
            self.bindings,
            self.intake,
            self._esme_agent.settle,
            self.clock,
            self.journal,
            self._operations(),
            doors.default_messages(self._config.smpp),
        )
        self._listener = Listener(door, *doors.entrances(smpp))
        await self._listener.open()
        closing.push_async_callback(self._listener.close, SECONDS_TO_PART)
        outbinders = Outbinders(door, self._account_list, self._waits)
        self.bindings.missed = outbinders.missed
        outbinders.open()
        closing.push_async_callback(outbinders.close)
        closing.push_async_callback(self._links.close)
        await self.reload.begin()
        self._tokens = Tokens(doors.tokens(self._config), await self.store.renewed_tokens())
        self._web = WebServer(build(self._services()), http.listen.host, http.listen.port)
        await self._web.open()
        closing.push_async_callback(self._web.close)
        smpp_tls = {} if smpp.tls is None else {"smpp_tls": _shown(self.smpp_tls_address)}
        log.info(
            "listening", smpp=_shown(self.smpp_address), **smpp_tls, http=_shown(self.http_address)
        )

    def _operations(self) -> dict[type[Request], Operation]:
        """Name what serves each request of an ESME, but for binds and submit_sm."""
        return {
            DataSm: DataSubmits(self.intake, self.journal).serve,
            **Amending(self.amendments, self.ledger, self.journal).operations(),
            **Multi(self.intake, self.journal).operations(),
            **self._broadcasting.operations(),
        }

    def _services(self) -> Services:
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
            origin=self.origin,
            bindings=self.bindings,
            store=self.store,
            policies=self.policies,
            webhooks=self.webhooks,
            webhook_agent=self.webhook_agent,
            accounts={account.system_id for account in self._config.accounts},
            grants=doors.grants(self._config),
            passwords=doors.passwords(self._config),
            users=self._users,
            system_id=self._config.smsc.system_id,
            tokens=self._tokens,
            second_factors=doors.second_factors(self._config),
            operators=doors.operators(self._config),
            terms=doors.web_terms(self._config.http),
            config=lambda: self.reload.config,
            reload=self._read_again,
            ready=self._reason_not_ready,
            links=lambda: self.link_agent.outlets,
        )

    async def _read_again(self) -> Reloading | None:
        return None if self._file is None else await self.reload.read(self._file)

    async def _waits(self, account: str) -> bool:
        """Whether messages wait for a receiver of an account."""
        await self.ledger.written()
        queue = to_account(account)
        places = await self.store.waiting([queue], 1, self.clock.now(), in_order=False)
        return bool(places[queue])

    def _read(self, numbers: Sequence[str]) -> None:
        """Let all go on who waited for these numbers: what stands in a queue before what comes."""
        self._device_agent.enquiries.read(numbers)
        self.intake.antechamber.met(numbers)

    def _available(self, number: str) -> None:
        """Deliver what waits for a device, also what found it full: it can take it now."""
        self.scheduler.wake(to_device(number), alerted=True)

    def _reader_ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled():
            log.critical("task_failed", exc_info=task.exception())
            self.broken.set()

    def _reason_not_ready(self) -> str | None:
        if self.broken.is_set():
            return "queues are no longer read: see the log, and start the SMSC again"
        if self.ledger.failing:
            return "the store can't write: see the log"
        if self._reader.failing:
            return "the store can't be read: see the log"
        return self._unready

    @property
    def smpp_address(self) -> tuple[str, int]:
        """Return where ESMEs connect."""
        return self._listener.address

    @property
    def smpp_tls_address(self) -> tuple[str, int]:
        """Return where ESMEs connect over TLS, if they may."""
        return self._listener.addresses[1]

    @property
    def http_address(self) -> tuple[str, int]:
        """Return where HTTP is served."""
        return self._web.address

    async def close(self) -> None:
        """Stop accepting, part from the peers, write what is left, and let go of the disk."""
        self._unready = "closing"
        await self._closing.aclose()
        log.info("closed")


async def serve(config: Config, file: Path | None = None) -> None:
    """Run a service centre until SIGTERM or SIGINT; on SIGHUP it reads the file again."""
    loop = asyncio.get_running_loop()
    reloads: set[asyncio.Task[None]] = set()
    centre = ServiceCentre(config, file=file)
    stop, opened = asyncio.Event(), asyncio.Event()

    async def read_again(file: Path) -> None:
        await opened.wait()
        if not stop.is_set():
            await centre.reload.read(file)

    def reload() -> None:
        # Unread ones will see what is in the file then: two are enough.
        if file is not None and len(reloads) < 2:
            task = loop.create_task(read_again(file))
            reloads.add(task)
            task.add_done_callback(reloads.discard)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # Also while it opens: nobody who sends one means to end it.
    loop.add_signal_handler(signal.SIGHUP, reload)
    await centre.open()
    opened.set()
    ends = [asyncio.ensure_future(event.wait()) for event in (stop, centre.broken)]
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    for end in ends:
        end.cancel()
    stop.set()
    if reloads:
        await asyncio.wait(reloads)
    await centre.close()
    if centre.broken.is_set():
        raise StoreError("the queues could no longer be read: see the log; start it again")


def run(config: Config, file: Path | None = None) -> None:
    """Run a service centre on uvloop until it is told to stop; raises StoreError or OSError.

    The configuration is read again from `file`, if it has one.
    """
    _log_to(sys.stderr)
    _allow_all_files()
    # The store's thread must not wait 5 ms for the interpreter whenever the loop is busy.
    sys.setswitchinterval(SECONDS_BETWEEN_SWITCHES)
    # What is there now stays: the collector needn't look at it again, nor so often at the rest.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTOR_THRESHOLDS)
    uvloop.run(serve(config, file))


def _allow_all_files() -> None:
    """Raise the limit on open files as far as we may: each bind is one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _log_to(stream: TextIO) -> None:
    """Log for a person where one is looking, else a JSON object a line."""
    shown: list[structlog.typing.Processor]
    if stream.isatty():
        shown = [structlog.dev.ConsoleRenderer()]
    else:
        shown = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *shown,
        ],
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )


def _shown(address: tuple[str, int]) -> str:
    return f"{address[0]}:{address[1]}"


async def _cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    # How it ended, its callback has told already.
    await asyncio.wait([task])
