"""Delivers to other SMSCs: a message goes over the first link of its order that takes it.

The name of a destination carries the order of links that the routes gave when the message came in,
and the account; each is a queue and a lane of its own. At each attempt the routes are asked again,
so that messages which wait go by the routes of today. What the routes say now of a destination's
messages is learnt by attempting them: its lane is open while one of these links is usable.

An attempt waits in the queue of its link, which is shared out among the accounts by weight, until
there is room on the line. When the other SMSC has taken it, it is forwarded; if the link is at
fault, the next of the order is tried at once (`smsc.upstream.meanings`). What comes back to the
store waits there until one of its links is usable again, or for its next attempt by the ladder.

A submit that was never answered may be on the other side, and is tried again all the same: at
least once. It counts as a failed attempt, so that a message which breaks a link doesn't break it
again at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from smsc.clock import Clock
from smsc.delivery.agent import Attempt, Outcome, Result, Settle, Wake
from smsc.delivery.exits import Exits
from smsc.journal import Journal
from smsc.message import LINK
from smsc.upstream.arrivals import Arrivals
from smsc.upstream.line import Answer, Arrival, Line, Reply, Report
from smsc.upstream.meanings import FAULTS, Meaning, meaning
from smsc.upstream.outlet import Going, Outlet
from smsc.upstream.reports import Reports
from smsc_routing.failover import Fault, rest

ATTEMPTS_A_LANE: Final = 500
"""How many of an account's messages are in memory for one order of links."""

LEARNT: Final = 10_000
SECONDS_BETWEEN_LESSONS: Final = 60.0


class LinkAgent:
    """The delivery agent for links, and who is told what happens on them."""

    kind = LINK
    in_order = False

    def __init__(
        self,
        exits: Exits,
        settle: Settle,
        wake: Wake,
        clock: Clock,
        journal: Journal,
        weights: Mapping[str, int],
        reports: Reports,
        arrivals: Arrivals,
    ) -> None:
        """Leave by these exits; accounts share a link by their weights, 1 if they have none."""
        self._exits = exits
        self._settle = settle
        self._wake = wake
        self._clock = clock
        self._journal = journal
        self._weights = weights
        self._reports = reports
        self._arrivals = arrivals
        self._outlets: dict[str, Outlet] = {}
        self._ways: dict[str, frozenset[str]] = {}
        """By destination, the links that its messages may take, as far as it was learnt."""
        self._denied: dict[str, None] = {}
        """Destinations that were found shut since links last changed; the configuration bounds
        them, for there are no more than orders of links, times accounts."""
        self._lesson = clock.call_later(SECONDS_BETWEEN_LESSONS, self._learn_anew)

    @property
    def outlets(self) -> Iterable[Outlet]:
        """Go through the links there are."""
        return self._outlets.values()

    # Links that come and go.

    def add(self, line: Line) -> None:
        """Use a link from now on, once it is up."""
        self._outlets[line.name] = Outlet(
            line, self._weights, self._clock, self._rested, self._pump
        )

    def remove(self, name: str) -> None:
        """Use a link no longer; it is closed already."""
        self.down(name)
        self._outlets.pop(name).close()

    def rerouted(self) -> None:
        """Take note that the routes have changed: what waits may go another way."""
        self._ways.clear()
        self._open_lanes()

    def close(self) -> None:
        """Do nothing more by the clock."""
        self._lesson.cancel()
        for outlet in self._outlets.values():
            outlet.close()

    # What the scheduler asks.

    def capacity(self, destination: str) -> int:
        """Return how many attempts a lane may have open: none while no link of it is usable."""
        ways = self._ways.get(destination)
        for outlet in self._outlets.values():
            if outlet.usable and (ways is None or outlet.name in ways):
                return ATTEMPTS_A_LANE
        self._denied[destination] = None
        return 0

    def absence(self, destination: str) -> int:
        """Return 0: that no link is usable has no cause of the network's."""
        return 0

    def deliver(self, batch: Sequence[Attempt]) -> None:
        """Give each attempt to the first link of its order that is usable."""
        touched: dict[Outlet, None] = {}
        stranded: list[Attempt] = []
        for attempt in batch:
            order = self._exits.order_of(attempt.message)
            self._learn(attempt.message.destination, order)
            if not self._put(Going(attempt, order), order, touched):
                stranded.append(attempt)
        self._pump_all(touched)
        if stranded:
            self._settle([self._stranded(attempt, 0) for attempt in stranded])

    def _learn(self, destination: str, order: tuple[str, ...]) -> None:
        ways = self._ways.get(destination)
        if ways is not None and ways.issuperset(order):
            return
        if len(self._ways) >= LEARNT:
            self._ways.clear()
        self._ways[destination] = frozenset(order) if ways is None else ways.union(order)

    def _put(self, going: Going, links: Iterable[str], touched: dict[Outlet, None]) -> bool:
        """Give an attempt to the first of these links that is usable; False if none is."""
        for link in links:
            outlet = self._outlets.get(link)
            if outlet is not None and outlet.put(going):
                touched[outlet] = None
                return True
        return False

    def _stranded(self, attempt: Attempt, error: int) -> Outcome:
        """Send an attempt back to wait: for a link if its lane is shut, else for its next turn."""
        shut = not self.capacity(attempt.message.destination)
        return Outcome(attempt, Result.BUSY if shut else Result.FAILED, error)

    # What goes out.

    def _pump_all(self, outlets: Iterable[Outlet]) -> None:
        for outlet in outlets:
            self._pump(outlet)

    def _pump(self, outlet: Outlet) -> None:
        """Send as much as there is room for."""
        if not outlet.usable or not outlet.shares:
            return
        room, now = outlet.line.room, self._clock.now()
        messages, late = [], []
        while room > 0 and (going := outlet.take()) is not None:
            message = going.attempt.message
            if message.expires_at <= now:
                # In the store it is found to have expired.
                late.append(Outcome(going.attempt, Result.BUSY))
                continue
            outlet.opened(going)
            messages.append(message)
            room -= 1
        if messages:
            outlet.line.send(messages)
        if late:
            self._settle(late)
        # A line that keeps to a rate has room again without anybody having answered.
        outlet.poll(bool(messages))

    # What happens on links.

    def up(self, link: str) -> None:
        """Use a link that is bound."""
        outlet = self._outlets.get(link)
        if outlet is not None:
            outlet.up = True
            self._open_lanes()
            self._pump(outlet)

    def down(self, link: str) -> None:
        """Leave a link that is no longer bound: what waits for it goes another way, or back."""
        outlet = self._outlets.get(link)
        if outlet is None:
            return
        outlet.up = False
        touched: dict[Outlet, None] = {}
        ended: list[Outcome] = []
        for going in outlet.unanswered():
            self._failed(outlet, going, None, touched, ended)
        for going in outlet.unsent():
            if not self._put(going, going.order, touched):
                ended.append(self._stranded(going.attempt, 0))
        self._finish(touched, ended)
        self._reports.recheck(outlet)

    def answered(self, link: str, answers: Sequence[Answer]) -> None:
        """Draw the conclusions from how submits were answered."""
        outlet = self._outlets.get(link)
        if outlet is None:
            return
        tally = self._journal.link_answers
        touched: dict[Outlet, None] = {outlet: None}
        ended: list[Outcome] = []
        for answer in answers:
            going = outlet.closed(answer.message.id)
            if going is None:
                continue
            if answer.status == 0:
                tally[link, Meaning.TAKEN] += 1
                outlet.took()
                forwarded = Outcome(going.attempt, Result.FORWARDED, 0, link, answer.remote_id)
                ended.append(forwarded)
            else:
                self._failed(outlet, going, answer.status, touched, ended)
        self._finish(touched, ended)
        self._reports.recheck(outlet)

    def _finish(self, touched: dict[Outlet, None], ended: Sequence[Outcome]) -> None:
        if ended:
            self._settle(ended)
        self._pump_all(touched)

    def _failed(
        self,
        outlet: Outlet,
        going: Going,
        status: int | None,
        touched: dict[Outlet, None],
        ended: list[Outcome],
    ) -> None:
        """Try the rest of the order, or report how the attempt ended."""
        meant, error = meaning(status), status or 0
        self._journal.link_answers[outlet.name, meant] += 1
        if meant is Meaning.THROTTLED and outlet.bar():
            self._move(outlet, touched)
        fault = FAULTS[meant]
        if self._put(going, rest(going.order, outlet.name, fault), touched):
            return
        if meant is Meaning.THROTTLED:
            ended.append(self._stranded(going.attempt, error))
        else:
            result = Result.REFUSED if fault is Fault.MESSAGE else Result.FAILED
            ended.append(Outcome(going.attempt, result, error))

    def _move(self, outlet: Outlet, touched: dict[Outlet, None]) -> None:
        """Have what waits for a link that rests go another way; what has none waits with it."""
        for going in outlet.unsent():
            others = rest(going.order, outlet.name, Fault.LINK)
            if not self._put(going, others, touched):
                outlet.keep(going)

    def _rested(self, outlet: Outlet) -> None:
        self._open_lanes()
        self._pump(outlet)

    def reported(self, link: str, report: Report, reply: Reply) -> None:
        """Take a receipt."""
        self._reports.take(link, self._outlets.get(link), report, reply)

    def arrived(self, link: str, arrival: Arrival, reply: Reply) -> None:
        """Take a message."""
        self._arrivals.take(link, arrival, reply)

    # Lanes that were shut.

    def _open_lanes(self) -> None:
        """Have the scheduler look at those again that were found shut."""
        denied, self._denied = self._denied, {}
        for destination in denied:
            self._wake(destination)

    def _learn_anew(self) -> None:
        """Forget what the routes said: by the hours of the week they may say otherwise now."""
        self._lesson = self._clock.call_later(SECONDS_BETWEEN_LESSONS, self._learn_anew)
        if self._exits.timed and self._denied:
            for destination in self._denied:
                self._ways.pop(destination, None)
            self._open_lanes()
