"""The whole road on one stage: intake, ledger, scheduler, reader and a real store on disk."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from smsc.clock import SimulatedClock
from smsc.delivery.admission import Bounds
from smsc.delivery.amendments import Amendments
from smsc.delivery.directory import Terms
from smsc.delivery.exits import Exits
from smsc.delivery.intake import Intake
from smsc.delivery.ledger import Ledger
from smsc.delivery.petition import EVERY, Answer, Cancel, Petition, Query, Replace, Ruling
from smsc.delivery.reader import Reader
from smsc.delivery.retry import Retries, RetryLadder
from smsc.delivery.scheduler import Scheduler
from smsc.delivery.submission import Submission
from smsc.journal import Journal
from smsc.message import ACCOUNT, DEVICE, Address, Message, State, to_account, to_device
from smsc.store.sqlite import SqliteStore
from smsc.store.store import Final, History
from smsc_routing.calendar_quota import Key
from smsc_routing.counts import Counts
from smsc_routing.policy import Policy
from smsc_routing.traffic import Party
from tests.delivery.stage import Carrier, Door, Numbers, Office, Weather, turn

ANNA = "491700000001"
BERT = "491700000002"
CARL = "491700000003"
FLEET = "fleet"
LADDER = (10, 30, 60)
"""Seconds between attempts."""
RECEIPT_LADDER = (5, 20)
"""The same for receipts that are refused."""
PATIENCE_SECONDS = 10.0
"""How long a sender waits for the outcome of a transaction."""
VALIDITY = 3600
BOUNDS = Bounds(validity=VALIDITY * 1000, schedule=48 * VALIDITY * 1000)
"""Seconds a message is kept."""
TURNS_OF_CALM = 10
PATIENCE = 200_000


class World:
    """A service centre without doors, which can crash and come back."""

    def __init__(self, path: Path) -> None:
        """Know Anna, Bert and Carl, who are detached, and the account of the fleet."""
        self.path = path
        self.clock = SimulatedClock()
        self.numbers = Numbers()
        self.numbers.policies = {number: Policy() for number in (ANNA, BERT, CARL)}
        self.numbers.owners = {"1234": FLEET, "FLEET": FLEET, "7777": "other"}
        self.numbers.accounts = {FLEET: Terms(default_source="1234")}
        self.weights: dict[str, int] = {}
        self.door = Door()
        self.office = Office()
        self.finals: list[Final] = []
        """Every final state that became durable, in all lives."""
        self.opened_with = 0
        self.counts_known = 100_000
        """How many counts of quotas fit into memory."""
        self._token = 0
        self._carriers()

    def _carriers(self) -> None:
        self.radio = Carrier(DEVICE, in_order=True)
        self.fleet = Carrier(ACCOUNT, in_order=False)

    async def open(self, reading: bool = True) -> None:
        """Open the store and start the road."""
        self.store = Weather(SqliteStore(self.path))
        opened = await self.store.open(self.clock.now())
        self.opened_with = opened.requeued
        self.journal = Journal()
        self.ledger = Ledger(self.store, self.clock, self.journal, self.weights)
        self.ledger.last_id = opened.last_id
        self.ledger.counts = Counts(self.counts_known)
        self.exits = Exits("smsc", self.clock)
        ladder = RetryLadder([seconds * 1000 for seconds in LADDER])
        receipts = RetryLadder([seconds * 1000 for seconds in RECEIPT_LADDER])
        retries = Retries(ladder, receipts)
        self.scheduler = Scheduler(self.ledger, self.clock, self.journal, retries, PATIENCE_SECONDS)
        self.scheduler.waiting = opened.waiting
        self.scheduler.serve({DEVICE: self.radio, ACCOUNT: self.fleet})
        self.radio.settle = self.fleet.settle = self.scheduler.settle
        self.amendments = Amendments(
            self.store,
            self.scheduler,
            self.ledger,
            self.numbers,
            self.clock,
            self.journal,
            BOUNDS,
        )
        self.intake = Intake(
            self.numbers,
            self.scheduler,
            self.ledger,
            self.amendments,
            self.clock,
            self.journal,
            BOUNDS,
            self.store,
            self.exits,
        )
        self.reader = Reader(self.store, self.scheduler, self.ledger, self.amendments, self.clock)
        self.reading: asyncio.Task[None] | None = None
        loop = asyncio.get_running_loop()
        self.calling = loop.create_task(self.intake.antechamber.run())
        if reading:
            await self.start_reading()

    async def start_reading(self) -> None:
        loop = asyncio.get_running_loop()
        self.reading = loop.create_task(self.reader.run())
        await self.calm()

    async def _stop_reading(self) -> None:
        for task in (self.calling, self.reading):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def close(self) -> None:
        """Close in order."""
        await self._stop_reading()
        await self.ledger.close()
        self._note_finals()
        await self.store.close()

    async def crash(self) -> None:
        """Die at once; what was in memory is lost, and so is what nobody had written."""
        rooms = self.radio, self.fleet
        for carrier in rooms:
            carrier.dead = True
        await self._stop_reading()
        await self.store.die()
        self._note_finals()
        self.clock = SimulatedClock(self.clock.now())
        self._carriers()
        for carrier, old in zip((self.radio, self.fleet), rooms, strict=True):
            carrier.room, carrier.rooms, carrier.answer = old.room, dict(old.rooms), old.answer

    async def reopen(self) -> None:
        """Crash and come back."""
        await self.crash()
        await self.open()

    def _note_finals(self) -> None:
        self.finals.extend(final for batch in self.store.batches for final in batch.finals)

    # What happens around the road.

    def submit(self, text: str = "hello", to: str = ANNA, **fields: Any) -> int:
        """Hand in a submission of the fleet's, and return its token."""
        self._token += 1
        known: dict[str, Any] = {
            "party": Party.APPLICATION,
            "account": FLEET,
            "source": Address(0, 1, "1234"),
            "dest": Address(1, 1, to),
            "payload": text.encode(),
        }
        self.intake.submit(Submission(**known | fields), self.door, self._token)
        return self._token

    def report(self, text: str = "hello", **fields: Any) -> int:
        """Have Anna's device send to the fleet's short code."""
        sender = {"party": Party.DEVICE, "account": "", "source": Address(1, 1, ANNA)}
        return self.submit(text, "1234", **sender | fields)

    async def send(self, text: str = "hello", to: str = ANNA, **fields: Any) -> int:
        """Submit, wait until all is calm, and return the message's id."""
        token = self.submit(text, to, **fields)
        await self.calm()
        return self.door.ids[token]

    def submit_group(self, numbers: Sequence[str], text: str = "hello", **fields: Any) -> Door:
        """Hand in one text of the fleet's for several; return who did, with indices for tokens."""
        source, payload = Address(0, 1, "1234"), text.encode()
        common = Submission(Party.APPLICATION, FLEET, source, Address(1, 1, ""), payload, **fields)
        submissions = [msgspec.structs.replace(common, dest=Address(1, 1, to)) for to in numbers]
        door = Door()
        self.intake.submit_group(submissions, door)
        return door

    async def group(self, numbers: Sequence[str], **fields: Any) -> list[int]:
        """Submit one text for several, wait until all is calm, and return the messages' ids."""
        door = self.submit_group(numbers, **fields)
        await self.calm()
        return [door.ids[token] for token in range(len(numbers))]

    def ask(self, kind: type[Petition], message_id: int, *rest: Any, **fields: Any) -> int:
        """Hand in a petition of the fleet's, and return its token."""
        self._token += 1
        known: dict[str, Any] = {"account": FLEET, "source": Address(0, 1, "1234")} | fields
        account, source = known.pop("account"), known.pop("source")
        petition = kind(account, source, message_id, *rest, **known)
        self.amendments.ask(petition, self.office, self._token)
        return self._token

    def cancel(self, message_id: int, **fields: Any) -> int:
        return self.ask(Cancel, message_id, **fields)

    def cancel_all(self, to: str = ANNA, **fields: Any) -> int:
        return self.ask(Cancel, EVERY, **{"dest": Address(1, 1, to)} | fields)

    def replace(self, message_id: int, text: str = "new", **fields: Any) -> int:
        def new_text(old: Message) -> tuple[bytes, int]:
            return text.encode(), old.data_coding

        return self.ask(Replace, message_id, new_text, **{"registered_delivery": 0} | fields)

    async def answered(self, token: int) -> Answer:
        """Wait until all is calm, and return what a petition was answered."""
        await self.calm()
        return self.office.answers[token]

    async def ruling(self, token: int) -> Ruling:
        return (await self.answered(token)).ruling

    def query(self, message_id: int, **fields: Any) -> int:
        return self.ask(Query, message_id, **fields)

    async def queried(self, message_id: int, **fields: Any) -> tuple[State, int, int]:
        """Ask how a message stands; return its state, its error and when it ended."""
        answer = await self.answered(self.query(message_id, **fields))
        assert answer.ruling is Ruling.GRANTED and answer.history is not None
        return answer.history.state, answer.history.error, answer.history.done_at

    def attach(self, number: str = ANNA) -> None:
        self.radio.rooms[to_device(number)] = 1
        self.alert(number)

    def alert(self, number: str = ANNA) -> None:
        """Have a device tell that it can take messages."""
        self.scheduler.wake(to_device(number), alerted=True)

    def detach(self, number: str = ANNA) -> None:
        self.radio.rooms[to_device(number)] = 0

    def bind(self, room: int = 10) -> None:
        """Have the fleet's application receive so many at a time."""
        self.fleet.rooms[to_account(FLEET)] = room
        self.scheduler.wake(to_account(FLEET))

    def unbind(self) -> None:
        self.fleet.rooms[to_account(FLEET)] = 0

    # How time goes by.

    async def calm(self) -> None:
        """Wait until nothing moves any more but by the clock, by an agent, or by a held disk."""
        turns = 0
        while turns < TURNS_OF_CALM:
            await turn()
            turns += 1
            if self.store.working:
                await self.store.rest()
                turns = 0

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until this is so."""
        for _ in range(PATIENCE):
            if condition():
                return
            await turn()
            if self.store.working:
                await self.store.rest()
        raise AssertionError("it never came to that")

    async def wait(self, seconds: float) -> None:
        """Let so much time go by, with everything that falls into it."""
        await self.calm()
        self.clock.advance(seconds)
        await self.calm()

    # What can be seen.

    async def history(self, message_id: int) -> History:
        history = await self.store.history(message_id)
        assert history is not None
        return history

    async def count(self, subject: str, window: str) -> int:
        """Return what the store has counted for a quota."""
        key = Key(subject, window)
        return (await self.store.counts([key]))[key]

    async def state(self, message_id: int) -> State:
        return (await self.history(message_id)).state
