"""Receipts from other SMSCs, on their way to the messages they are about.

A receipt is answered when the end of its message is durable. One of an intermediate state changes
nothing, and one whose message isn't waited for (any more) is of no use: both are acknowledged, or
they would come again. But one may overtake the answer to the submit that it is about. So where an
id isn't known while submits were unanswered on the link, it is looked up again when they are.
Receipts that wait for that keep others from being read, and what they wait for may be behind them:
so they are few and don't wait for ever, but have to come again.
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
EARLY_ON_A_LINK: Final = 500
"""Receipts that wait for answers to submits: fewer than a link reads before they are replied to."""
EARLY_SECONDS: Final = 60.0
SECONDS_BETWEEN_WARNINGS: Final = 60.0

PENDING: Final = "pending"
"""What came of a receipt of an intermediate state, beside a `Fate`."""
_NOT_FINAL: Final = frozenset({State.SCHEDULED, State.ENROUTE, State.ACCEPTED})


class _Early(NamedTuple):
    """A receipt whose message may be among the submits up to a number, which weren't answered."""

    number: int
    report: Report
    reply: Reply
    give_up_at: float


class Reports:
    """All that are under way."""

    def __init__(self, correlation: Correlation, clock: Clock, journal: Journal) -> None:
        """Find messages by this correlation."""
        self._correlation = correlation
        self._clock = clock
        self._journal = journal
        self._early: dict[Outlet, deque[_Early]] = {}
        self._size = 0
        self._looking = False
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
        give_up_at = self._clock.monotonic() + EARLY_SECONDS
        told = partial(self._told, link, outlet, _Early(number, report, reply, give_up_at))
        remote_ids = report.remote_id, *report.other_ids
        self._correlation.tell(link, remote_ids, report.state, report.error, told)

    def _told(self, link: str, outlet: Outlet | None, asked: _Early, fate: Fate) -> None:
        if fate is Fate.UNKNOWN and asked.number and outlet is not None:
            if self._wait(outlet, asked):
                return
            fate = Fate.FAILED
        self._journal.receipts[link, fate] += 1
        if fate is Fate.UNKNOWN:
            self._warn(link)
        failed = fate is Fate.FAILED
        asked.reply(CommandStatus.ESME_RX_T_APPN if failed else CommandStatus.ESME_ROK)

    def _wait(self, outlet: Outlet, asked: _Early) -> bool:
        """Have a receipt wait for answers to submits; False if too many do."""
        early = self._early.setdefault(outlet, deque())
        early.append(asked)
        self._size += 1
        self.recheck(outlet)
        if len(early) > EARLY_ON_A_LINK:
            early.pop()
            self._size -= 1
            return False
        if early and not self._looking:
            self._looking = True
            self._clock.call_later(EARLY_SECONDS, self._give_up)
        return True

    def _give_up(self) -> None:
        """Refuse those that have waited too long."""
        now = self._clock.monotonic()
        for outlet, early in list(self._early.items()):
            while early and early[0].give_up_at <= now:
                self._size -= 1
                self._journal.receipts[outlet.name, Fate.FAILED] += 1
                early.popleft().reply(CommandStatus.ESME_RX_T_APPN)
            if not early:
                del self._early[outlet]
        self._looking = bool(self._early)
        if self._looking:
            self._clock.call_later(EARLY_SECONDS, self._give_up)

    def recheck(self, outlet: Outlet) -> None:
        """Look up those again for which all submits that were open have been answered."""
        early = self._early.get(outlet)
        if early is None:
            return
        while early and early[0].number < outlet.oldest:
            asked = early.popleft()
            self._size -= 1
            # Now its message is known, or never was.
            self._ask(outlet.name, None, asked.report, asked.reply)
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
