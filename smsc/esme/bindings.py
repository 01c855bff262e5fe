"""Bindings: which sessions of an account are bound, and which of them takes the next message."""

from collections import deque
from collections.abc import Callable
from typing import Protocol

from smsc.delivery.agent import Attempt, Wake
from smsc.esme.dialect import Dialect
from smsc.message import Message, to_account
from smsc.smpp.commands import Version
from smsc.smpp.session import Session, State


class Binding(Protocol):
    """A bound session, as the agent sees it."""

    session: Session
    dialect: Dialect
    """How its account and version want messages written."""
    writable: bool
    """Whether the peer may be sent messages: it reads, and nobody is parting."""

    def deliver(self, attempt: Attempt) -> None:
        """Send a message; the outcome is reported when the peer has answered."""

    def tell(self, message: Message) -> None:
        """Send a message that the peer doesn't answer."""

    def flush(self) -> None:
        """Put what was delivered on the wire."""


class Bindings:
    """The bound sessions of every account."""

    def __init__(self) -> None:
        """Start with nobody bound."""
        self.wake: Wake = lambda destination: None
        self.missed: Callable[[str], None] = lambda account: None
        """Called when room is asked for at an account that has no receiver."""
        self._bound: dict[str, dict[Binding, State]] = {}
        self._receivers: dict[str, deque[Binding]] = {}
        self._windows: dict[str, int] = {}

    def count(self, account: str, state: State | None = None) -> int:
        """Return how many sessions this account has bound, in all or in one way."""
        bound = self._bound.get(account, {})
        return len(bound) if state is None else sum(each is state for each in bound.values())

    def counts(self) -> dict[str, int]:
        """Return how many sessions each bound account has."""
        return {account: len(bound) for account, bound in self._bound.items()}

    def receives(self, account: str) -> bool:
        """Whether a receiver of this account is bound."""
        return account in self._receivers

    def add(self, account: str, binding: Binding, window: int) -> None:
        """Take note of a session that was bound; what waits for its account may go."""
        self._bound.setdefault(account, {})[binding] = binding.session.state
        if binding.session.receives:
            self._receivers.setdefault(account, deque()).append(binding)
            self._windows[account] = window
            self.wake(to_account(account))

    def remove(self, account: str, binding: Binding) -> None:
        """Forget a session that is no longer bound."""
        bound = self._bound[account]
        del bound[binding]
        if not bound:
            del self._bound[account]
        receivers = self._receivers.get(account)
        if receivers is not None and binding in receivers:
            receivers.remove(binding)
            if not receivers:
                del self._receivers[account]

    def restored(self, account: str) -> None:
        """Go on with an account: one of its receivers reads again."""
        self.wake(to_account(account))

    def room(self, account: str) -> int:
        """Return how many messages may be on their way to this account's receivers at once.

        What is stuck with one that doesn't read counts too: it takes no room from the others.
        """
        receivers = self._receivers.get(account)
        if receivers is None:
            self.missed(account)
            return 0
        window = self._windows[account]
        return sum(
            max(window if binding.writable else 0, binding.session.outstanding)
            for binding in receivers
        )

    def joins(self, account: str) -> bool:
        """Whether parts of long messages to this account wait for each other."""
        receivers = self._receivers.get(account)
        return receivers is not None and receivers[0].dialect.joins

    def bound(self, account: str, binding: Binding) -> bool:
        """Tell whether this receiver of an account is bound still."""
        return binding in self._receivers.get(account, ())

    def has_room(self, account: str, binding: Binding) -> bool:
        """Tell whether this receiver of an account can be sent another message."""
        return binding.writable and binding.session.outstanding < self._windows[account]

    def alerted(self, account: str) -> list[Binding]:
        """Return the receivers that know alert_notification, which 3.3 doesn't."""
        return [
            binding
            for binding in self._receivers.get(account, ())
            if binding.session.version > Version.V33
        ]

    def next_receiver(self, account: str) -> Binding | None:
        """Return a receiver with room in its window, a different one each time."""
        receivers = self._receivers.get(account)
        if receivers is None:
            return None
        for _ in range(len(receivers)):
            binding = receivers[0]
            receivers.rotate(-1)
            if binding.writable and binding.session.outstanding < self._windows[account]:
                return binding
        return None
