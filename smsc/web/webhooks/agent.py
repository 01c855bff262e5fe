"""Delivers to webhooks: a message, or a receipt, is told by a call, until that is taken.

Each webhook has a line of its own (`line`), with connections, a circuit and a number of calls at
once that are its own, so none waits for another. What is told waits in the store as any message
does: while a webhook is disabled or its circuit open, it has no room.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

import structlog

from smsc.clock import Clock
from smsc.delivery.agent import Attempt, Outcome, Result, Settle, Wake
from smsc.delivery.ledger import Ledger
from smsc.delivery.retry import Retries
from smsc.journal import Journal
from smsc.message import WEBHOOK, webhook_and_account
from smsc.subscriber import Device
from smsc.web.webhooks.line import CallMade, Line, Terms
from smsc.webhooks import Webhooks

log = structlog.get_logger()

SECONDS_TO_END: Final = 5.0
"""For calls that are under way when the SMSC is told to stop."""


class WebhookAgent:
    """The delivery agent for webhooks."""

    kind = WEBHOOK
    in_order = False

    def __init__(
        self,
        hooks: Webhooks,
        ledger: Ledger,
        settle: Settle,
        wake: Wake,
        clock: Clock,
        journal: Journal,
        retries: Retries,
        look_up: Callable[[str], Awaitable[Device]],
        instance: int = 0,
    ) -> None:
        """Call these webhooks, and keep on the ledger which of them are disabled."""
        self._hooks = hooks
        self._ledger = ledger
        self._settle = settle
        self._wake = wake
        self._lines: dict[str, Line] = {}
        self._denied: dict[str, dict[str, None]] = {}
        """Queues that were found shut, by webhook: one that changes hands leaves one behind."""
        self._parting: set[asyncio.Task[None]] = set()
        self._outcomes: list[Outcome] = []
        self._closing = False
        self._journal = journal
        self._terms = Terms(
            clock, journal, retries, look_up, instance, self._ended, self._open, self._gone
        )
        hooks.on_change = self._changed

    def capacity(self, destination: str) -> int:
        """Return how many calls of a webhook may be under way."""
        name = webhook_and_account(destination)[0]
        room = self._room(name)
        if not room:
            self._denied.setdefault(name, {})[destination] = None
        return room

    def _room(self, name: str) -> int:
        if self._closing or not self._hooks.enabled(name):
            return 0
        line = self._lines.get(name)
        if line is not None:
            return line.capacity
        hook = self._hooks.find(name)
        return hook.concurrency if hook is not None else 0

    def absence(self, destination: str) -> int:
        """Return 0: the network has nothing to do with a webhook."""
        return 0

    def deliver(self, batch: Sequence[Attempt]) -> None:
        """Give each attempt to the line of its webhook."""
        lines: dict[str, list[Attempt]] = {}
        for attempt in batch:
            name = webhook_and_account(attempt.message.destination)[0]
            lines.setdefault(name, []).append(attempt)
        for name, attempts in lines.items():
            line = self._line(name)
            if line is None:
                self._ended([Outcome(each, Result.BUSY, each.error) for each in attempts])
            elif ended := line.take(attempts):
                self._ended(ended)

    def _line(self, name: str) -> Line | None:
        line = self._lines.get(name)
        if line is None:
            hook = self._hooks.find(name)
            if hook is None or self._closing:
                return None
            line = self._lines[name] = Line(hook, self._terms)
        return line

    def _ended(self, outcomes: Iterable[Outcome]) -> None:
        """Report in the next turn of the loop, with all that ends in this one."""
        if not self._outcomes:
            asyncio.get_running_loop().call_soon(self._report)
        self._outcomes.extend(outcomes)

    def _report(self) -> None:
        outcomes, self._outcomes = self._outcomes, []
        if outcomes:
            self._settle(outcomes)

    # What is shown.

    def calls(self, name: str) -> list[CallMade]:
        """Return the latest calls of a webhook, the latest first."""
        line = self._lines.get(name)
        return list(reversed(line.calls)) if line is not None else []

    def resting(self, name: str) -> bool:
        """Whether a webhook isn't called just now because its calls fail, or it asked for less."""
        line = self._lines.get(name)
        return line is not None and not line.capacity

    def under_way(self, name: str) -> int:
        """Return how many calls of a webhook are under way."""
        line = self._lines.get(name)
        return line.open if line is not None else 0

    # What changes.

    def _gone(self, name: str) -> None:
        """Call a webhook no more, until somebody enables it: its receiver says it is gone."""
        if self._hooks.find(name) is None or not self._hooks.enabled(name):
            return
        log.warning("webhook_disabled", webhook=name, reason="its receiver answered 410 Gone")
        self._hooks.disable(name)
        self._ledger.page.webhooks[name] = self._hooks.written(name)
        self._ledger.want()

    def _changed(self, name: str) -> None:
        """Go by what a webhook is now; calls that are under way end as they were begun."""
        line, hook = self._lines.get(name), self._hooks.find(name)
        if line is not None and line.hook == hook:
            line.circuit.succeeded()
        elif line is not None:
            del self._lines[name]
            if hook is not None:
                self._lines[name] = Line(hook, self._terms)
                self._lines[name].calls = line.calls
            parting = asyncio.get_running_loop().create_task(self._part(line))
            self._parting.add(parting)
            parting.add_done_callback(self._parting.discard)
        self._open(name)

    def _open(self, name: str) -> None:
        """Have the scheduler look again at the queues that were found shut."""
        for destination in self._denied.pop(name, ()):
            self._wake(destination)

    async def _part(self, line: Line) -> None:
        """See a line off."""
        await line.close(2 * line.hook.timeout.seconds)
        if line.hook.name not in self._hooks:
            self._journal.forget_webhook(line.hook.name)

    async def close(self) -> None:
        """Begin no more calls, and give those that are under way a while to end."""
        self._closing = True
        closing = [line.close(SECONDS_TO_END) for line in self._lines.values()]
        await asyncio.gather(*closing)
        for task in self._parting:
            task.cancel()
        await asyncio.gather(*self._parting, return_exceptions=True)
        self._report()
