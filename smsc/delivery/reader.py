"""Reads queues for the scheduler: those of lanes that ran dry, and places whose time has come.

One task does both, one after the other, so that no message is taken in hand by a read while its
expiry is being written; nor while somebody changes it, which has its turn here too. At the start
it also calls every destination that has a queue (`delivery.roll`), because nobody remembers which
of them are within reach.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import chain
from typing import Final

import structlog

from smsc.clock import Clock
from smsc.delivery.alarm import Alarm
from smsc.delivery.amendments import Amendments
from smsc.delivery.lane import Lane
from smsc.delivery.ledger import SECONDS_BETWEEN_TRIES, Ledger
from smsc.delivery.receipts import wanted
from smsc.delivery.roll import NAMES_A_READ, Roll
from smsc.delivery.rounds import Rounds
from smsc.delivery.scheduler import Scheduler
from smsc.message import Message, State, to_device
from smsc.store.store import Store, StoreError, Waiting

log = structlog.get_logger()

LANES_A_READ: Final = 200
REST: Final = 4
"""While messages are written, reading names rests for so many times what it took."""
PLACES_IN_ORDER: Final = 8
PLACES_AT_ONCE: Final = 500
PLACES_A_SWEEP: Final = 500
HUNGRY_LANES: Final = 1000
SECONDS_FOR_ROOM: Final = 0.02
_BEFORE_DEVICES: Final = to_device("")


class Reader:
    """The one that reads queues; `run` is its task."""

    def __init__(
        self,
        store: Store,
        scheduler: Scheduler,
        ledger: Ledger,
        amendments: Amendments,
        clock: Clock,
    ) -> None:
        """Read this store for this scheduler."""
        self._store = store
        self._scheduler = scheduler
        self._ledger = ledger
        self._amendments = amendments
        self._clock = clock
        self._hungry = Rounds[Lane](ledger.weights)
        self._others = Rounds[Lane](ledger.weights)
        self._roll = Roll(ledger.weights)
        self._wanted = asyncio.Event()
        self._alarm = Alarm(clock, self._wanted.set)
        self._resting = False
        self.prepare: Callable[[Sequence[str]], Awaitable[None]] = _ready
        """Called with destinations that are about to be looked at, to find out what is needed."""
        self.failing = False
        """Whether the latest read failed; it is tried again each second."""
        scheduler.on_hungry = self._add
        scheduler.on_wait = self._alarm.set
        amendments.on_asked = self._wanted.set

    async def run(self) -> None:
        """Read what is asked for, until cancelled."""
        self._begin("")
        while True:
            try:
                await self._turn()
                self.failing = False
            except StoreError as error:
                self.failing = True
                log.error("store_not_read", reason=str(error))
                self._wanted.set()
                await self._pause(SECONDS_BETWEEN_TRIES)

    async def _turn(self) -> None:
        if self._greeting:
            await self._greet()
        elif not self._hungry and not self._others and not self._amendments.asked:
            await self._wanted.wait()
        self._wanted.clear()
        if self._amendments.asked:
            await self._amendments.work()
        await self._feed()
        if self._alarm.due:
            await self._sweep()

    @property
    def _greeting(self) -> bool:
        """Whether some destinations are to be greeted now."""
        roll = self._roll
        some = roll.lined_up or not (roll.over or self._resting)
        return some and len(self._hungry) < HUNGRY_LANES

    async def _pause(self, seconds: float) -> None:
        over = asyncio.Event()
        self._clock.call_later(seconds, over.set)
        await over.wait()

    def _add(self, lane: Lane) -> None:
        # A receiver doesn't stand behind a crowd of devices, or their receipts would pile up.
        rounds = self._hungry if lane.agent.in_order else self._others
        rounds.add(lane.account, lane)
        self._wanted.set()

    def greet_again(self) -> None:
        """Go once more through all devices that have a queue: many may be within reach now."""
        self._begin(_BEFORE_DEVICES)

    def _begin(self, after: str) -> None:
        self._roll.begin(after)
        # From now on, and not from the next turn on: nothing new may go before what waits.
        self._scheduler.swept = self._roll.called
        self._wanted.set()

    async def _greet(self) -> None:
        """Read on in the roll, and wake some of those who are on it."""
        roll = self._roll
        going = None if self._resting else roll.next()
        if going is not None:
            begun = self._clock.monotonic()
            queues = await self._store.queues(going.after, NAMES_A_READ)
            roll.take_in(going, queues, more=len(queues) == NAMES_A_READ)
            self._rest(self._clock.monotonic() - begun)
        called = roll.call(LANES_A_READ)
        try:
            await self.prepare([each.destination for each in called])
        except StoreError:
            self._begin("")
            raise
        self._scheduler.rouse(called)
        self._scheduler.swept = roll.called

    def _rest(self, took: float) -> None:
        """Let messages be written: there may be a million names, and the store has one thread."""
        if took and self._ledger.backlog:
            self._resting = True
            self._clock.call_later(took * REST, self._rested)

    def _rested(self) -> None:
        self._resting = False
        self._wanted.set()

    async def _feed(self) -> None:
        """Read the queues of some hungry lanes, of accounts that have room in memory for them."""
        if not self._hungry and not self._others:
            return
        full = self._scheduler.full
        ordered = list(self._hungry.take(LANES_A_READ, barred=full))
        others = list(self._others.take(LANES_A_READ, barred=full))
        if not ordered and not others:
            await self._pause(SECONDS_FOR_ROOM)
            return
        try:
            if others:
                # What is in hand still has its place, at the head of the queue.
                in_hand = max(lane.opened + lane.unsettled for lane in others)
                await self._read(others, PLACES_AT_ONCE + in_hand, in_order=False)
            if ordered:
                await self._read(ordered, PLACES_IN_ORDER, in_order=True)
        except StoreError:
            for lane in chain(ordered, others):
                if lane.reading:
                    self._scheduler.feed(lane, (), more=True)
            self._scheduler.run()
            raise
        self._scheduler.run()

    async def _read(self, lanes: list[Lane], limit: int, in_order: bool) -> None:
        names = [lane.destination for lane in lanes]
        with self._scheduler.copies.reading():
            places = await self._store.waiting(names, limit, self._clock.now(), in_order)
            early = self._notifications(places.values())
            outdated = {each.id for each in early if await self._overtaken(each)}
            for lane in lanes:
                found = places[lane.destination]
                # Who had to look once more may have missed what was written meanwhile.
                more = bool(early) or len(found) == limit
                self._scheduler.feed(lane, found, more, outdated)

    def _notifications(self, queues: Iterable[Sequence[Waiting]]) -> list[Message]:
        """Pick the intermediate notifications that aren't in hand."""
        return [
            place.message
            for place in chain.from_iterable(queues)
            if place.message.receipt is not None
            and place.message.receipt.state is State.ENROUTE
            and place.message.id not in self._scheduler.copies.ids
        ]

    async def _overtaken(self, notification: Message) -> bool:
        """Tell whether the receipt that follows a notification has been made: it comes too late."""
        history = await self._store.history(notification.follows)
        return history is not None and wanted(history.message, history.state)

    # By the clock.

    async def _sweep(self) -> None:
        """Look at what is due; what is put to wait meanwhile sets the next time itself."""
        self._alarm.looking()
        try:
            with self._scheduler.copies.reading():
                places = await self._store.due(self._clock.now(), PLACES_A_SWEEP)
                await self.prepare(list({place.message.destination for place in places}))
                self._scheduler.look(places)
            await self._ledger.written()
            at = await self._store.next_due()
        except StoreError:
            self._alarm.failed()
            raise
        if at is not None:
            self._alarm.set(at)


async def _ready(destinations: Sequence[str]) -> None:
    """Nothing needs to be found out."""
