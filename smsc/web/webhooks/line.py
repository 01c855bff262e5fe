"""The calls of one webhook: at most so many at once, each of which ends in one outcome.

Calls are made by as many tasks as there is to do, and no more than the webhook may have at once;
each goes on with what is next, and ends when there is nothing.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from traceback import format_exception
from typing import Final, NamedTuple

import structlog

from smsc.clock import Clock, Timer
from smsc.delivery.agent import Attempt, Outcome, Result
from smsc.delivery.retry import Retries
from smsc.journal import Journal
from smsc.message import Message
from smsc.network.hlr import UnknownDevice
from smsc.store.store import StoreError
from smsc.subscriber import Device
from smsc.web.webhooks.caller import Answer, Caller, Unanswered
from smsc.web.webhooks.circuit import Circuit
from smsc.web.webhooks.event import Call, Event, device_number
from smsc.web.webhooks.order import Order
from smsc.web.webhooks.shapes import SHAPES
from smsc.webhook_table import EMNIFY, Webhook

log = structlog.get_logger()

REMEMBERED: Final = 50
"""Calls of a webhook that are shown."""
NO_SUCH_METHOD: Final = frozenset({404, 405})
GONE: Final = 410
THROTTLING: Final = frozenset({429, 502, 503, 504})
"""What asks for less (Standard Webhooks 1.0)."""

_UNREACHED: Final = {Unanswered.NO_ANSWER: "timeout", Unanswered.REFUSED: "refused"}


class CallMade(NamedTuple):
    """A call as it is shown: `status` as in `Answer`, times in milliseconds."""

    at: int
    message_id: int
    method: str
    status: int
    words: str
    took_ms: int


class Terms(NamedTuple):
    """What all webhooks have in common."""

    clock: Clock
    journal: Journal
    retries: Retries
    look_up: Callable[[str], Awaitable[Device]]
    """Finds a device by its number."""
    instance: int
    """Tells the events of this SMSC from those of others."""
    ended: Callable[[Sequence[Outcome]], None]
    wake: Callable[[str], None]
    """Takes note that a webhook may be called again."""
    gone: Callable[[str], None]
    """Takes note that whoever a webhook calls has gone."""


class Line:
    """What one webhook has to call for."""

    def __init__(self, hook: Webhook, terms: Terms) -> None:
        """Call this webhook."""
        self.hook = hook
        self.circuit = Circuit()
        self.calls: deque[CallMade] = deque(maxlen=REMEMBERED)
        """The latest calls, oldest first."""
        self.open = 0
        """How many calls are under way."""
        self._terms = terms
        self._order = Order()
        self._next: deque[Attempt] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._running = 0
        """How many of them will look at what is next."""
        self._caller: Caller | None = None
        self._posts = False
        """Whether its receiver has no PATCH."""
        self._timer: Timer | None = None
        self._closing = False

    @property
    def capacity(self) -> int:
        """How many attempts it may have now."""
        if self._closing:
            return 0
        return self.circuit.room(self.hook.concurrency, self._terms.clock.monotonic())

    def take(self, batch: Sequence[Attempt]) -> list[Outcome]:
        """Take attempts; return the outcomes of those that are held back."""
        ended = []
        for attempt in batch:
            outcome = self._held_back(attempt)
            if outcome is not None:
                ended.append(outcome)
            elif self._order.begin(attempt):
                self._next.append(attempt)
        self._run()
        return ended

    def _held_back(self, attempt: Attempt) -> Outcome | None:
        if self._closing:
            return Outcome(attempt, Result.BUSY, attempt.error)
        wait = self._order.held_back_ms(attempt.message, self._terms.clock.now())
        if not wait:
            return None
        return Outcome(attempt, Result.BUSY, attempt.error, retry_after_ms=wait)

    async def close(self, seconds: float = 0) -> None:
        """Begin nothing more; give calls that are under way so long, and hang up."""
        self._closing = True
        if self._timer is not None:
            self._timer.cancel()
        self._give_back()
        if self._tasks and seconds:
            await asyncio.wait(self._tasks, timeout=seconds)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        if self._caller is not None:
            await self._caller.close()

    def _give_back(self) -> None:
        """Have what wasn't begun wait in the store."""
        back, self._next = self._next, deque()
        back.extend([behind for each in back for behind in self._order.end(each)])
        if back:
            self._terms.ended([Outcome(each, Result.BUSY, each.error) for each in back])

    # The tasks.

    def _run(self) -> None:
        for _ in range(min(len(self._next), self.hook.concurrency - self._running)):
            self._running += 1
            task = asyncio.get_running_loop().create_task(self._go_on())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _go_on(self) -> None:
        # A task that is about to end looks no more at what is next: it counts as ended then.
        try:
            await self._work()
        finally:
            self._running -= 1

    async def _work(self) -> None:
        while self._next:
            attempt = self._next.popleft()
            self.open += 1
            try:
                outcome = await self._made(attempt)
            except Exception as error:
                # Whatever it was, the message mustn't be lost sight of. Written out here, for a
                # renderer that shows local variables would show secrets.
                trace = "".join(format_exception(error))
                log.error("webhook_failed", webhook=self.hook.name, traceback=trace)
                outcome = Outcome(attempt, Result.FAILED)
            finally:
                self.open -= 1
            self._ended(outcome)

    def _ended(self, outcome: Outcome) -> None:
        """Draw the conclusions for what may follow, and report."""
        terms, outcomes = self._terms, [outcome]
        again_at, now = 0, terms.clock.now()
        if outcome.result is Result.FAILED and (again := terms.retries.after(outcome)) is not None:
            again_at = now + again.delay_ms
        self._order.called(outcome.attempt.message, again_at)
        for behind in self._order.end(outcome.attempt):
            held_back = self._held_back(behind)
            if held_back is not None:
                outcomes.append(held_back)
            elif self._order.begin(behind):
                self._next.append(behind)
        terms.ended(outcomes)

    async def _made(self, attempt: Attempt) -> Outcome:
        """Make the call that tells of a message; what the shape has no words for is done."""
        message, terms = attempt.message, self._terms
        event = Event(message, self.hook, await self._device(message), self._key(message))
        call = SHAPES[self.hook.shape](event, terms.clock.now() // 1000)
        if call is None:
            return Outcome(attempt, Result.DELIVERED)
        answer = await self._answered(call, message)
        return self._concluded(attempt, answer)

    def _key(self, message: Message) -> str:
        return f"msg_{self._terms.instance:06x}_{message.id:010d}"

    async def _device(self, message: Message) -> Device:
        """Return the device that an event is about, if the shape tells of more than its number."""
        number = device_number(message)
        if self.hook.shape == EMNIFY:
            try:
                return await self._terms.look_up(number)
            except (UnknownDevice, StoreError):
                # Its number says who it was.
                return Device(number=number)
        return Device(number=number)

    async def _answered(self, call: Call, message: Message) -> Answer:
        if call.method == "PATCH":
            if not self._posts:
                answer = await self._call(call, message)
                if answer.status not in NO_SUCH_METHOD:
                    return answer
            answer = await self._call(call._replace(method="POST"), message)
            self._posts = self._posts or answer.taken
            return answer
        return await self._call(call, message)

    async def _call(self, call: Call, message: Message) -> Answer:
        terms = self._terms
        if self._caller is None:
            self._caller = Caller(self.hook)
        at, began = terms.clock.now(), terms.clock.monotonic()
        answer = await self._caller.call(call, at)
        took = terms.clock.monotonic() - began
        made = CallMade(
            at, message.id, call.method, int(answer.status), answer.words, round(took * 1000)
        )
        self.calls.append(made)
        terms.journal.called(self.hook.name, meaning(answer.status), took)
        return answer

    def _concluded(self, attempt: Attempt, answer: Answer) -> Outcome:
        now = self._terms.clock.monotonic()
        if answer.taken:
            self.circuit.succeeded()
            return Outcome(attempt, Result.DELIVERED)
        if answer.status == GONE:
            self._terms.gone(self.hook.name)
            opened = False
        elif answer.status in THROTTLING:
            opened = self.circuit.throttled(now, answer.retry_after_ms / 1000)
        else:
            opened = self.circuit.failed(now)
        if opened:
            self._wake_when_closed(now)
        return Outcome(
            attempt, Result.FAILED, int(answer.status), retry_after_ms=answer.retry_after_ms
        )

    def _wake_when_closed(self, now: float) -> None:
        """Have nothing more be called until the circuit lets one through."""
        self._give_back()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._terms.clock.call_later(
            self.circuit.opens_until - now, lambda: self._terms.wake(self.hook.name)
        )


def meaning(status: int) -> str:
    """Return what an answer means, as a word of a closed set."""
    if status < 100:
        return _UNREACHED.get(Unanswered(status), "unreachable")
    if status in THROTTLING:
        return "throttled"
    if status == GONE:
        return "gone"
    return _CLASSES.get(status // 100, "failed")


_CLASSES: Final = {2: "taken", 3: "redirected", 4: "rejected", 5: "failed"}
