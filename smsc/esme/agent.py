"""Delivers to accounts: a message goes to one of their receivers, in turn, within its window."""

from collections.abc import Sequence
from typing import Final

from smsc.delivery.agent import Attempt, Outcome, Result, Settle
from smsc.esme.bindings import Binding, Bindings
from smsc.message import ACCOUNT, to_account
from smsc.smpp.commands import CommandStatus
from smsc.smpp.pdu import Response

_NAME: Final = len(to_account(""))

# What an ESME may say to a message it will never take (3.4 clause 5.1.3, table 5-2).
_REFUSALS: Final = frozenset({CommandStatus.ESME_RX_P_APPN, CommandStatus.ESME_RX_R_APPN})


class EsmeAgent:
    """The delivery agent for accounts."""

    kind = ACCOUNT
    in_order = False

    def __init__(self, bindings: Bindings, settle: Settle) -> None:
        """Deliver over these bindings, and report to the scheduler."""
        self._bindings = bindings
        self._settle = settle

    def capacity(self, destination: str) -> int:
        """Return the room in all windows of an account's receivers."""
        return self._bindings.room(destination[_NAME:])

    def deliver(self, batch: Sequence[Attempt]) -> None:
        """Spread a batch over the receivers of each account."""
        homeless: list[Outcome] = []
        touched: dict[Binding, None] = {}
        for attempt in batch:
            binding = self._bindings.next_receiver(attempt.message.destination[_NAME:])
            if binding is None:
                homeless.append(Outcome(attempt, Result.ABSENT))
                continue
            touched[binding] = None
            binding.deliver(attempt)
        for binding in touched:
            binding.flush()
        if homeless:
            self._settle(homeless)


def outcome(attempt: Attempt, response: Response | None) -> Outcome:
    """Read an ESME's answer to a deliver_sm; a receipt is never given up for a refusal."""
    if response is None:
        return Outcome(attempt, Result.FAILED)
    status = response.command_status
    if status == CommandStatus.ESME_ROK:
        return Outcome(attempt, Result.DELIVERED)
    if status in _REFUSALS and attempt.message.receipt is None:
        return Outcome(attempt, Result.REFUSED, status)
    return Outcome(attempt, Result.FAILED, status)
