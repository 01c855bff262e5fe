"""Receipts from other SMSCs, on their way to the messages they are about.

A receipt is answered when the end of its message is durable. One of an intermediate state changes
nothing, and one whose message isn't waited for (any more) is of no use: both are acknowledged, or
they would come again. But one may overtake the answer to the submit that it is about. So where an
id isn't known while submits were unanswered on the link, it is looked up again when they are.
"""

from collections import deque
from functools import partial
from typing import Final, NamedTuple

import structlog

from smsc.clock import Clock
from smsc.delivery.correlation import Correlation, Fate
from smsc.journal import Journal
from smsc.message import State
from smsc.smpp.commands import CommandStatus
from smsc.upstream.line import Reply, Report
from smsc.upstream.outlet import Outlet

log = structlog.get_logger()

MOST: Final = 10_000
"""Receipts of one kind in memory, beyond which they have to come again."""
SECONDS_BETWEEN_WARNINGS: Final = 60.0

PENDING: Final = "pending"
"""What came of a receipt of an intermediate state, beside a `Fate`."""
_NOT_FINAL: Final = frozenset({State.SCHEDULED, State.ENROUTE, State.ACCEPTED})


class _Early(NamedTuple):
    """A receipt whose message may be among the submits up to a number, which weren't answered."""

    number: int
    report: Report
    reply: Reply


class Reports:
    """All that are under way."""

    def __init__(self, correlation: Correlation, clock: Clock, journal: Journal) -> None:
        """Find messages by this correlation."""
        self._correlation = correlation
        self._clock = clock
        self._journal = journal
        self._early: dict[Outlet, deque[_Early]] = {}
        self._size = 0
        self._warned_at = -SECONDS_BETWEEN_WARNINGS
        self._unknown = 0

    def take(self, link: str, outlet: Outlet | None, report: Report, reply: Reply) -> None:
        """Take a receipt from a link."""
        if report.state in _NOT_FINAL:
            self._journal.receipts[link, PENDING] += 1
            reply(CommandStatus.ESME_ROK)
        elif self._correlation.full or self._size >= MOST:
            self._journal.receipts[link, Fate.FAILED] += 1
            reply(CommandStatus.ESME_RX_T_APPN)
        else:
            self._ask(link, outlet, report, reply)

    def _ask(self, link: str, outlet: Outlet | None, report: Report, reply: Reply) -> None:
        number = outlet.sent if outlet is not None and outlet.outstanding else 0
        told = partial(self._told, link, outlet, _Early(number, report, reply))
        remote_ids = report.remote_id, *report.other_ids
        self._correlation.tell(link, remote_ids, report.state, report.error, told)

    def _told(self, link: str, outlet: Outlet | None, asked: _Early, fate: Fate) -> None:
        if fate is Fate.UNKNOWN and asked.number and outlet is not None:
            self._early.setdefault(outlet, deque()).append(asked)
            self._size += 1
            self.recheck(outlet)
            return
        self._journal.receipts[link, fate] += 1
        if fate is Fate.UNKNOWN:
            self._warn(link)
        failed = fate is Fate.FAILED
        asked.reply(CommandStatus.ESME_RX_T_APPN if failed else CommandStatus.ESME_ROK)

    def recheck(self, outlet: Outlet) -> None:
        """Look up those again for which all submits that were open have been answered."""
        early = self._early.get(outlet)
        if early is None:
            return
        while early and early[0].number < outlet.oldest:
            _, report, reply = early.popleft()
            self._size -= 1
            # Now its message is known, or never was.
            self._ask(outlet.name, None, report, reply)
        if not early:
            del self._early[outlet]

    def _warn(self, link: str) -> None:
        """Say that receipts can't be told whose they are, once in a while."""
        self._unknown += 1
        now = self._clock.monotonic()
        if now - self._warned_at >= SECONDS_BETWEEN_WARNINGS:
            self._warned_at = now
            log.warning("receipts_unknown", link=link, receipts=self._unknown)
            self._unknown = 0
