"""Operations: what serves a request other than a bind or a submit_sm, and whom it answers."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

from smsc.esme.account import Account
from smsc.esme.dialect import Dialect
from smsc.smpp.pdu import Request, Response
from smsc.smpp.session import Session


class Caller(Protocol):
    """A bound session, as an operation sees it: who asks, and where the answer goes."""

    session: Session
    dialect: Dialect
    """How its account and version want messages written."""

    @property
    def account(self) -> Account:
        """The account that it has bound to."""

    def owe(self) -> None:
        """Take note that a request will be answered later, by `answer`."""

    def answer(self, response: Response) -> None:
        """Answer a request that is owed its answer; `flush` puts it on the wire."""

    def flush(self) -> None:
        """Write what there is to send."""


Operation: TypeAlias = Callable[[Caller, Request, int], None]
"""Serves a request that came at a time (milliseconds, wall): answers now, or owes the answer."""
