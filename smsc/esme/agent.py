"""Delivers to accounts: a message goes to one of their receivers, in turn, within its window.

For an account that wants them joined, the parts of a long message wait for each other and then are
one PDU, whose answer is that of all of them. The scheduler hears of its own attempts, each once.

What tells of one message goes to one receiver: the receipt follows the intermediate notification,
so that it can't come before it by another road.
"""

from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import Final

from smsc.clock import Clock, Timer
from smsc.delivery.agent import Attempt, Outcome, Result, Settle
from smsc.esme import sar
from smsc.esme.bindings import Binding, Bindings
from smsc.esme.joiner import Joiner, Whole
from smsc.message import ACCOUNT, Message, State, to_account
from smsc.smpp.commands import ESM_UDHI, CommandStatus
from smsc.smpp.pdu import Response

_NAME: Final = len(to_account(""))

NOTIFIED: Final = 10_000
"""Messages whose intermediate notification is remembered, and who got it."""

MEANINGS: Final[dict[int, Result]] = {
    CommandStatus.ESME_ROK: Result.DELIVERED,
    CommandStatus.ESME_RX_P_APPN: Result.REFUSED,
    CommandStatus.ESME_RX_R_APPN: Result.REFUSED,
    CommandStatus.ESME_RMSGQFUL: Result.BUSY,
    CommandStatus.ESME_RTHROTTLED: Result.BUSY,
}
"""What an ESME's answer means (3.4 clause 5.1.3); any other is a failure, ESME_RX_T_APPN too."""


class EsmeAgent:
    """The delivery agent for accounts."""

    kind = ACCOUNT
    in_order = False

    def __init__(self, bindings: Bindings, settle: Settle, clock: Clock) -> None:
        """Deliver over these bindings, and report to the scheduler; parts wait by the clock."""
        self._bindings = bindings
        self._settle = settle
        self._clock = clock
        self._joiner = Joiner()
        self._timer: Timer | None = None
        self._parts: dict[Attempt, tuple[Attempt, ...]] = {}
        """What hangs on each attempt of ours to deliver a joined message."""
        self._joined: dict[str, int] = {}
        """For each account, the parts that are on their way and need no window of their own."""
        self._loose: dict[str, deque[Attempt]] = {}
        """For each account, the parts that wait no longer for others, but for room."""
        self._notified: OrderedDict[int, Binding] = OrderedDict()
        self._touched: dict[Binding, None] = {}
        self._ended: list[Outcome] = []

    def capacity(self, destination: str) -> int:
        """Return the room in all windows of an account's receivers, and for parts that wait."""
        account = destination[_NAME:]
        room = self._bindings.room(account)
        if not room:
            return 0
        held = self._joiner.held(account) + len(self._loose.get(account, ()))
        return room + held + self._joined.get(account, 0)

    def absence(self, destination: str) -> int:
        """Return 0: the network has nothing to do with an account that isn't there."""
        return 0

    def deliver(self, batch: Sequence[Attempt]) -> None:
        """Spread a batch over the receivers of each account."""
        for attempt in batch:
            message = attempt.message
            account = message.destination[_NAME:]
            if message.esm_class & ESM_UDHI and self._bindings.joins(account):
                self._hold(account, attempt)
                continue
            if message.purpose:
                self._alert(account, attempt)
                continue
            receipt = message.receipt
            if receipt is not None and (self._notified or receipt.state is State.ENROUTE):
                self._deliver_receipt(account, attempt)
                continue
            binding = self._bindings.next_receiver(account)
            if binding is None:
                self._ended.append(Outcome(attempt, Result.ABSENT))
            else:
                self._touched[binding] = None
                binding.deliver(attempt)
        self._done()

    def _deliver_receipt(self, account: str, attempt: Attempt) -> None:
        """Send a receipt or notification, which may have to follow another."""
        binding = self._receiver(account, attempt.message)
        if binding is None:
            self._ended.append(Outcome(attempt, Result.ABSENT))
        elif not self._bindings.has_room(account, binding):
            # It waits for the one that was notified; that is no refusal.
            self._ended.append(Outcome(attempt, Result.FAILED))
        else:
            self._touched[binding] = None
            binding.deliver(attempt)

    def _receiver(self, account: str, message: Message) -> Binding | None:
        """Return the receiver that was notified of a message, for its receipt; else the next."""
        notified = self._notified.get(message.follows)
        if notified is not None and self._bindings.bound(account, notified):
            return notified
        binding = self._bindings.next_receiver(account)
        receipt = message.receipt
        if binding is not None and receipt is not None and receipt.state is State.ENROUTE:
            self._notified[message.follows] = binding
            if len(self._notified) > NOTIFIED:
                self._notified.popitem(last=False)
        return binding

    def _alert(self, account: str, attempt: Attempt) -> None:
        """Send an alert, which has no answer; where nobody knows it, it ends."""
        receivers = self._bindings.alerted(account)
        binding = next((each for each in receivers if each.writable), None)
        if binding is not None:
            binding.tell(attempt.message)
            self._touched[binding] = None
            result = Result.DELIVERED
        else:
            result = Result.FAILED if receivers else Result.REFUSED
        self._ended.append(Outcome(attempt, result))

    def _done(self) -> None:
        touched, self._touched = self._touched, {}
        ended, self._ended = self._ended, []
        for binding in touched:
            binding.flush()
        if ended:
            self.settle(ended)

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Report how attempts ended; that of a joined message ended for all its parts."""
        if self._parts:
            outcomes = self._told(outcomes)
        if self._loose:
            # Before the scheduler gives the room that answers made to others.
            for account in list(self._loose):
                self._send_loose(account)
            self._done()
        self._settle(outcomes)

    def _told(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        told: list[Outcome] = []
        for outcome in outcomes:
            parts = self._parts.pop(outcome.attempt, None)
            if parts is None:
                told.append(outcome)
            else:
                self._count(parts, 1 - len(parts))
                told += [Outcome(each, outcome.result, outcome.error) for each in parts]
        return told

    # Parts that are joined.

    def _hold(self, account: str, attempt: Attempt) -> None:
        whole, loose = self._joiner.add(account, attempt, self._clock.monotonic())
        if whole is not None:
            self._send_whole(account, whole)
        self._let_go(loose)
        self._watch()
        # A part that waits makes room for the next one.
        self._bindings.wake(attempt.message.destination)

    def _send_whole(self, account: str, whole: Whole) -> None:
        binding = self._bindings.next_receiver(account)
        if binding is None:
            self._ended += [Outcome(each, Result.ABSENT) for each in whole.attempts]
            return
        if not binding.dialect.joins:
            self._let_go(whole.attempts)
            return
        attempt = Attempt(sar.joined([each.message for each in whole.parts]))
        self._parts[attempt] = whole.attempts
        self._count(whole.attempts, len(whole.attempts) - 1)
        self._touched[binding] = None
        binding.deliver(attempt)

    def _let_go(self, attempts: Sequence[Attempt]) -> None:
        """Send parts as they are, when there is room."""
        accounts: dict[str, None] = {}
        for attempt in attempts:
            account = attempt.message.destination[_NAME:]
            self._loose.setdefault(account, deque()).append(attempt)
            accounts[account] = None
        for account in accounts:
            self._send_loose(account)

    def _send_loose(self, account: str) -> None:
        loose = self._loose[account]
        while loose and (binding := self._bindings.next_receiver(account)) is not None:
            self._touched[binding] = None
            binding.deliver(loose.popleft())
        if not self._bindings.room(account):
            self._ended += [Outcome(each, Result.ABSENT) for each in loose]
            loose.clear()
        if not loose:
            del self._loose[account]

    def _count(self, parts: Sequence[Attempt], change: int) -> None:
        account = parts[0].message.destination[_NAME:]
        count = self._joined.pop(account, 0) + change
        if count:
            self._joined[account] = count

    def _watch(self) -> None:
        """Come back when the oldest set has waited long enough."""
        deadline = self._joiner.deadline
        if self._timer is None and deadline is not None:
            wait = max(deadline - self._clock.monotonic(), 0.0)
            self._timer = self._clock.call_later(wait, self._look)

    def _look(self) -> None:
        self._timer = None
        self._let_go(self._joiner.overdue(self._clock.monotonic()))
        self._watch()
        self._done()

    def close(self) -> None:
        """Let parts wait no longer: they stay in the store."""
        if self._timer is not None:
            self._timer.cancel()


def outcome(attempt: Attempt, response: Response | None) -> Outcome:
    """Read an ESME's answer to a message; a receipt isn't given up for one refusal."""
    if response is None:
        return Outcome(attempt, Result.FAILED)
    status = response.command_status
    result = MEANINGS.get(status, Result.FAILED)
    if result is Result.REFUSED and attempt.message.receipt is not None:
        result = Result.FAILED
    return Outcome(attempt, result, status)
