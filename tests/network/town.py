"""A whole road to simulated devices of a real store, of which hardly any fit into memory."""

import asyncio
from pathlib import Path

from smsc.delivery.amendments import Amendments
from smsc.delivery.exits import Exits
from smsc.delivery.intake import Intake
from smsc.delivery.ledger import Ledger
from smsc.delivery.reader import Reader
from smsc.delivery.retry import Retries, RetryLadder
from smsc.delivery.scheduler import Scheduler
from smsc.journal import Journal
from smsc.message import ACCOUNT, DEVICE, to_device
from smsc.network.agent import DeviceAgent
from smsc.network.books import Books
from smsc.network.device import Devices
from smsc.network.hlr import Hlr, Subscription, visitors
from smsc.network.outages import Outages
from smsc.policies import Policies
from smsc.register import Register
from smsc.store.sqlite import SqliteStore
from smsc.store.store import Batch
from smsc.subscriber import Device
from tests.delivery.stage import Weather
from tests.delivery.world import BOUNDS, LADDER, PATIENCE_SECONDS, World

CROWD = "447100000001"
"""One of a population."""
ROW = "491700000001"
"""A device of the config."""
PROMPT = "331"
SLOW = "332"
"""A device that takes a second."""
KEPT = [Device(number=PROMPT), Device(number=SLOW, latency_ms=1000)]
NUMBERS = (PROMPT, SLOW, CROWD, ROW)
STRANGERS = [f"7{number:04d}" for number in range(100)]


class Town(World):
    """The road of a world, but with a register and its devices at the end of it."""

    def __init__(self, path: Path, most: int = 1, at_opening: int = 0) -> None:
        super().__init__(path)
        self.most = most
        self.at_opening = at_opening
        self.devices = Devices()

    async def open(self, reading: bool = True) -> None:
        store = SqliteStore(self.path)
        self.store = Weather(store)
        opened = await self.store.open(self.clock.now(), self.at_opening)
        clock, self.journal = self.clock, Journal()
        self.ledger = Ledger(self.store, clock, self.journal)
        self.ledger.last_id = opened.last_id
        if not opened.last_id:
            await self._keep(*KEPT)
        ladder = RetryLadder([seconds * 1000 for seconds in LADDER])
        retries = Retries(ladder, ladder)
        self.scheduler = Scheduler(self.ledger, clock, self.journal, retries, PATIENCE_SECONDS)
        self.scheduler.waiting = opened.waiting
        known = self.known = visitors(opened._replace(all_devices=False), self.most)
        rows, crowd = [Device(number=ROW)], ("4471########", Subscription())
        self.hlr = Hlr(rows, [crowd], self.store, known, Outages(opened.outages))
        self.agent = DeviceAgent(self.hlr, self.devices, clock, self.scheduler.settle)
        self.agent.wake = self.scheduler.wake
        self.fleet.settle = self.scheduler.settle
        self.scheduler.serve({DEVICE: self.agent, ACCOUNT: self.fleet})
        directory = Register(self.hlr, Policies(), [])
        self.amendments = Amendments(
            self.store, self.scheduler, self.ledger, directory, clock, self.journal, BOUNDS
        )
        self.intake = Intake(
            directory,
            self.scheduler,
            self.ledger,
            self.amendments,
            clock,
            self.journal,
            BOUNDS,
            self.store,
            Exits("smsc", clock),
        )
        self.reader = Reader(self.store, self.scheduler, self.ledger, self.amendments, clock)
        self.reader.prepare = self.agent.prepare
        self.agent.enquiries.on_overflow = self.hlr.on_renewed = self.reader.greet_again
        self.hlr.on_attach = self.devices.on_memory_available = self._available
        self.hlr.on_read = self._read
        Books(self.hlr, self.ledger)
        self.reading = None
        self.calling = asyncio.get_running_loop().create_task(self.intake.antechamber.run())
        if reading:
            await self.start_reading()

    async def _keep(self, *devices: Device) -> None:
        batch = Batch()
        batch.devices.update({device.number: device for device in devices})
        await self.store.write(batch, self.clock.now())

    def _read(self, numbers: object) -> None:
        assert isinstance(numbers, list)
        self.agent.enquiries.read(numbers)
        self.intake.antechamber.met(numbers)

    def _available(self, number: str) -> None:
        self.scheduler.wake(to_device(number), alerted=True)

    async def start_reading(self) -> None:
        self.enquiring = asyncio.get_running_loop().create_task(self.agent.enquiries.run())
        await super().start_reading()

    async def _stop_reading(self) -> None:
        self.enquiring.cancel()
        await super()._stop_reading()

    def texts(self, number: str) -> list[str]:
        """Return what a device has received, in order."""
        device = self.devices.find(number)
        return [str(each.text) for each in device.inbox] if device is not None else []

    # What doors do.

    async def move(self, number: str, attached: bool) -> None:
        await self.hlr.read([number])
        (self.hlr.attach if attached else self.hlr.detach)(number)

    async def crowd_out(self) -> None:
        """Have others asked for, until nothing else is in memory but what isn't durable."""
        await self.hlr.read(STRANGERS[:2])
        await self.hlr.read(STRANGERS[2:4])
        await self.hlr.read(STRANGERS[:2])
