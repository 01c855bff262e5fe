"""Which message goes next, where, and what becomes of it.

A message is *in hand* (in memory, in its destination's lane) or it *waits* (in the store's queue,
and nowhere else). It comes in hand when it is accepted for a destination that can take it and has
nothing older waiting, or when its queue is read because the destination has run dry. It goes
back to wait when its destination is gone or an attempt failed. So memory holds only what is
moving, a queue is read only when its destination can take it, and no message is in hand twice.

Everything here is synchronous and works in batches: `place` before a message is written,
`written` when its page is durable, `settle` when an agent has answered. The reader is the one
task, and the only part that waits for the store. What isn't stored at all has its place in
`smsc.delivery.transient`: the lanes are here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Final

from smsc.cause import Cause
from smsc.clock import Clock
from smsc.delivery.agent import Agent, Attempt, Outcome, Result
from smsc.delivery.copies import Copies
from smsc.delivery.lane import Lane
from smsc.delivery.lanes import Lanes
from smsc.delivery.ledger import Ledger
from smsc.delivery.notices import Notices
from smsc.delivery.page import Page
from smsc.delivery.receipts import receipt_for, wanted
from smsc.delivery.retry import Retries
from smsc.delivery.shares import Shares
from smsc.delivery.submission import Submitter
from smsc.delivery.transient import Transients
from smsc.delivery.turns import Turns
from smsc.journal import Journal
from smsc.message import Message, State, owner_of
from smsc.smpp.commands import INTERMEDIATE_NOTIFICATION
from smsc.store.store import Final as End
from smsc.store.store import Waiting

IN_HAND: Final = 50_000
OCTETS_IN_HAND: Final = 64 * 1024 * 1024
OCTETS_EACH: Final = OCTETS_IN_HAND // IN_HAND
"""What a message in hand takes besides its payload."""

SETTLED_SOON_MS: Final = 5000
EVERY_DESTINATION: Final = "\U0010ffff"

_FULL: Final = Cause.MEMORY_CAPACITY_EXCEEDED
_STATES: Final = {Result.DELIVERED: State.DELIVERED, Result.REFUSED: State.UNDELIVERABLE}


class Scheduler:
    """Keeps the lanes, one for each destination in use."""

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        journal: Journal,
        retries: Retries,
        transient_seconds: float,
    ) -> None:
        """Write ends and waits to the ledger; agents come with `serve`.

        What isn't stored at all has so many seconds.
        """
        self._ledger = ledger
        self._clock = clock
        self._journal = journal
        self._retries = retries
        self._notices = Notices(ledger, clock, journal, self.place)
        watch = self._notices.watch
        self.transients = Transients(ledger, clock, journal, transient_seconds, watch)
        self.lanes = Lanes()
        self._unqueued: dict[int, None] = {}
        self.copies = Copies()
        self._hand = Shares(OCTETS_IN_HAND, ledger.weights)
        self._turns = Turns(self._run_some, ledger.weights)
        self.waiting = 0
        """How many places all queues have."""
        self.swept = EVERY_DESTINATION
        """Destinations after this one may have a queue that nobody has looked at yet."""
        self.on_hungry: Callable[[Lane], None] = lambda lane: None
        self.on_wait: Callable[[int], None] = lambda next_at: None
        self.on_forwarded: Callable[[Outcome], None] = lambda outcome: None
        ledger.before_turn = self._notices.place_those_held_up
        ledger.on_written = self.written
        ledger.on_refused = self.refused
        ledger.oldest_in_hand = self._oldest_in_hand

    def serve(self, agents: Mapping[str, Agent]) -> None:
        """Name the agent for each kind of destination."""
        self.lanes.agents = agents

    @property
    def in_hand(self) -> int:
        """How many messages are in memory on their way."""
        return len(self._unqueued) + len(self.copies.ids) + len(self.transients)

    def full(self, account: str) -> bool:
        """Whether no more of an account's may be taken in hand."""
        return self._hand.denied(account)

    # The way in.

    def place(self, message: Message) -> None:
        """Put a new message on the current page: in hand if it can go at once, else to wait."""
        page = self._ledger.page
        self._ledger.want()
        page.arrivals.append(message)
        page.octets += len(message.payload)
        lane = self._lane_for(message)
        if lane is None:
            place = Waiting(message, message.not_before, 0)
            if message.watch or message.registered_delivery & INTERMEDIATE_NOTIFICATION:
                place = self._notices.look_for(place, self.lanes)
            self._wait(page, place)
            return
        lane.pending += 1
        self._unqueued[message.id] = None
        self._hand.take(message.account, OCTETS_EACH + len(message.payload))
        page.in_hand.append(Attempt(message))

    def _lane_for(self, message: Message) -> Lane | None:
        """Return the lane that takes this message in hand, or None if it must wait its turn."""
        if message.not_before:
            return None
        destination = message.destination
        lane = self.lanes.get(destination) or self.lanes.open(destination)
        if lane is None:
            return None
        # Until its queue was looked at, there may be older messages in it.
        if destination > self.swept or self._hand.denied(message.account):
            lane.behind = True
        return lane if lane.open_to_more else None

    def carry(self, message: Message, submitter: Submitter, token: int) -> None:
        """Give a message its one attempt without the store, behind what is ready in its lane."""
        lane = self.lanes.in_passing(message.destination, self.swept)
        if lane is None:
            agent = self.lanes.agent(message.destination)
            cause = agent.absence(message.destination) if agent is not None else 0
            self.transients.turn_away(message, submitter, token, cause)
            return
        self.transients.add(message, submitter, token, lane)
        self._turns.add(lane)
        self._turns.soon()

    def _wait(self, page: Page, place: Waiting) -> None:
        """Give a message a place in its queue; the lane, if there is one, falls behind."""
        page.waits.append(place)
        self._ledger.want()
        self.waiting += 1
        now = self._clock.now()
        lane = self.lanes.count_unwritten(place.message.destination, 1)
        if lane is not None and (lane.agent.in_order or place.not_before <= now):
            lane.account = place.message.account
            lane.behind = True
        self.on_wait(place.next_at(now))

    def written(self, page: Page) -> None:
        """Go on with everything on a page that has become durable."""
        lanes = self.lanes
        for attempt in page.in_hand:
            lane = lanes[attempt.message.destination]
            lane.pending -= 1
            if lane.parked:
                self._queue(lane, attempt, Waiting(attempt.message, 0, 0))
            else:
                lane.add(attempt)
            self._turns.add(lane)
        for lane in page.settled:
            lane.unsettled -= 1
            if lane.behind:
                self._turns.add(lane)
            elif lane.idle:
                lanes.pop(lane.destination, None)
        self.copies.end(page.released)
        now = self._clock.now()
        for place in page.waits:
            waited_for = self.lanes.count_unwritten(place.message.destination, -1)
            if waited_for is not None:
                if waited_for.agent.in_order or place.not_before <= now:
                    waited_for.account = place.message.account
                    waited_for.behind = True
                if place.message.priority and not place.attempts:
                    # It may go before the one that has failed and waits.
                    waited_for.not_before = 0
                self._turns.add(waited_for)
            elif place.message.priority and place.message.destination in self.lanes.paused:
                self.wake(place.message.destination)
        self.run()

    def refused(self, page: Page, refused: set[int]) -> None:
        """Forget the arrivals of a page that couldn't be written."""
        for attempt in page.in_hand:
            if attempt.message.id in refused:
                lane = self.lanes[attempt.message.destination]
                lane.pending -= 1
                self._turns.add(lane)
                self._notices.unwritten(attempt.message)
                del self._unqueued[attempt.message.id]
                octets = len(attempt.message.payload)
                self._hand.give_back(attempt.message.account, OCTETS_EACH + octets)
        for place in page.waits:
            if place.message.id in refused:
                self.waiting -= 1
                self._notices.unwritten(place.message)
                behind = self.lanes.count_unwritten(place.message.destination, -1)
                if behind is not None:
                    self._turns.add(behind)
        self.run()

    def _oldest_in_hand(self) -> int:
        return next(iter(self._unqueued), self._ledger.last_id + 1)

    # The way out.

    def wake(self, *destinations: str, alerted: bool = False) -> None:
        """Look at destinations that came within reach, have room, or are due: they may go now.

        Those that are `alerted` said so themselves: what found them full needn't wait any longer.
        """
        for destination in destinations:
            self._rouse(destination, owner_of(destination), alerted)
        self.run()

    def rouse(self, queues: Iterable[tuple[str, str]]) -> None:
        """Look at destinations likewise, each with the account whose message is the next there."""
        for destination, account in queues:
            self._rouse(destination, account)
        self.run()

    def _rouse(self, destination: str, account: str, alerted: bool = False) -> None:
        """Line up a destination, whose next message is this account's, as far as that is known."""
        self.lanes.paused.discard(destination)
        lane = self.lanes.get(destination) or self.lanes.open(destination)
        if lane is not None:
            lane.account = account or lane.account
            lane.behind = True
            lane.not_before = 0
            lane.alerted = lane.alerted or alerted
            self._turns.add(lane)

    def run(self) -> None:
        """Hand to the agents what can go; what doesn't fit in this turn goes in the next."""
        self._turns.run()

    def run_out(self) -> None:
        """Do the same for all that a door has handed in at once."""
        self._turns.run_out()

    def _run_some(self) -> None:
        """Run some of the lanes, and leave the others to the next turn of the loop."""
        batches: dict[Agent, list[Attempt]] = {}
        now = self._clock.now()
        for lane in self._turns.some():
            lane.running = False
            if lane.ready and lane.not_before <= now:
                self._take(lane, batches.setdefault(lane.agent, []), now)
            if lane.transients:
                self.transients.take(lane, batches.setdefault(lane.agent, []), now)
            if lane.hungry:
                self._feed(lane)
            elif lane.idle and not lane.behind:
                self.lanes.pop(lane.destination, None)
        for agent, batch in batches.items():
            if batch:
                agent.deliver(batch)
        if self.transients.answered:
            self.transients.flush()

    def _take(self, lane: Lane, batch: list[Attempt], now: int) -> None:
        """Open as many attempts as the destination has room for."""
        room = lane.agent.capacity(lane.destination) - lane.opened
        ready = lane.ready
        while ready and room > 0:
            attempt = ready.pop(0)
            if attempt.message.expires_at <= now:
                self._end(lane, attempt, State.EXPIRED, attempt.error, attempt.attempts)
                continue
            lane.opened += 1
            room -= 1
            batch.append(attempt)
        if ready and not lane.opened:
            self._park(lane)

    def _feed(self, lane: Lane) -> None:
        """Ask for more from the queue, unless its destination can't take it now."""
        if lane.not_before > self._clock.now():
            if lane.idle:
                # Its place in the queue says when to look again: no lane is kept for that long.
                self.lanes.paused.add(self.lanes.pop(lane.destination).destination)
            return
        if lane.agent.capacity(lane.destination):
            lane.reading = True
            self.on_hungry(lane)
        elif lane.idle:
            self.lanes.pop(lane.destination, None)

    def feed(
        self, lane: Lane, places: Sequence[Waiting], more: bool, outdated: Set[int] = frozenset()
    ) -> None:
        """Take in hand what was read from a lane's queue; does the queue hold more?

        Notifications that are `outdated` end here.
        """
        lane.reading = lane.parked = False
        lane.behind = more or lane.unwritten > 0
        copies, now = self.copies, self._clock.now()
        for place in places:
            if place.not_before > now and not (lane.alerted and place.error == _FULL):
                # It has failed and waits; what stands before it goes first.
                lane.not_before = 0 if lane.ready else place.not_before
                lane.behind = True
                break
            if place.message.id in copies.ids:
                continue
            if copies.out_of_date(place.message.id):
                lane.behind = True
                continue
            copies.ids.add(place.message.id)
            if place.message.id in outdated:
                self._ledger.page.released.append(place.message.id)
                self.waiting -= 1
                self.end(place.message, State.DELETED, place.error, place.attempts, queued=True)
                continue
            self._hand.take(place.message.account, OCTETS_EACH + len(place.message.payload))
            lane.ready.append(Attempt(place.message, place.attempts, True, place.error))
        if places:
            lane.account = places[-1].message.account
        self._turns.add(lane)

    def look(self, places: Sequence[Waiting]) -> None:
        """Look at places whose time has come: the expired end, the others may be tried."""
        now = self._clock.now()
        page = self._ledger.page
        for place in places:
            message = place.message
            if self.copies.out_of_date(message.id):
                continue
            if message.id in self.copies.ids:
                page.looked_at.append((place, now + SETTLED_SOON_MS))
                self._ledger.want()
            elif message.expires_at <= now:
                self.waiting -= 1
                self.end(message, State.EXPIRED, place.error, place.attempts, queued=True)
            elif (looked := self._notices.look_for(place, self.lanes)) is not place:
                self.waiting -= 1
                self._wait(page, looked)
            else:
                page.looked_at.append((place, place.next_at(now)))
                self._ledger.want()
        first = {place.message.destination: place.message.account for place in reversed(places)}
        self.rouse(first.items())

    # Amendments, of what was read within `copies.reading` and not before.

    def withdraw(self, message: Message, place: Waiting | None, state: State) -> bool:
        """End a message that waits; False if it is on its way, or was changed since it was read."""
        lane, attempt = self.lanes.find_ready(message)
        if attempt is not None:
            assert lane is not None
            lane.ready.remove(attempt)
            self._end(lane, attempt, state, attempt.error, attempt.attempts)
        elif place is not None and self.copies.rests(message.id):
            self.waiting -= 1
            self.end(message, state, place.error, place.attempts, queued=True)
        else:
            return False
        return True

    def substitute(self, message: Message, place: Waiting | None) -> bool:
        """Put a message in the place that it has, as one that wasn't tried yet; False as above."""
        lane, attempt = self.lanes.find_ready(message)
        page, new = self._ledger.page, Waiting(message, message.not_before, 0)
        if attempt is not None:
            assert lane is not None
            # It isn't sent before it is durable; nor is, where order matters, what stands behind.
            lane.ready.remove(attempt)
            self._queue(lane, attempt, new)
            if lane.agent.in_order:
                self._park(lane)
        elif place is not None and self.copies.rests(message.id):
            self.waiting -= 1
            self._wait(page, new)
        else:
            return False
        page.rewritten.append(message)
        return True

    def moving(self, destination: str, message_id: int = 0) -> bool:
        """Whether something that may be this message went back to wait since it was read."""
        return destination in self.lanes.unwritten or self.copies.out_of_date(message_id)

    # The end of an attempt.

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Record how attempts ended; final ones make receipts, the others wait again."""
        tally = self._journal.deliveries
        for outcome in outcomes:
            attempt, result = outcome.attempt, outcome.result
            lane = self.lanes[attempt.message.destination]
            lane.opened -= 1
            tally[lane.agent.kind, result] += 1
            if lane.opened_transients and self.transients.settle(lane, outcome):
                self._turns.add(lane)
                continue
            state = _STATES.get(result)
            if state is not None:
                self._end(lane, attempt, state, outcome.error, attempt.attempts + 1)
            elif result is Result.FORWARDED:
                self._forward(lane, outcome)
            else:
                self._put_back(lane, outcome)
            if lane.ready or lane.transients:
                self._turns.add(lane)
        self.run()

    def _end(self, lane: Lane, attempt: Attempt, state: State, error: int, attempts: int) -> None:
        self._let_go(lane, attempt)
        if attempt.queued:
            self.waiting -= 1
        self.end(attempt.message, state, error, attempts, attempt.queued)

    def _forward(self, lane: Lane, outcome: Outcome) -> None:
        """Let go of a message that another SMSC has: it ends when that tells how."""
        self._let_go(lane, outcome.attempt)
        if outcome.attempt.queued:
            self.waiting -= 1
        self.on_forwarded(outcome)

    def end(
        self,
        message: Message,
        state: State,
        error: int,
        attempts: int,
        queued: bool,
        forwarded: bool = False,
    ) -> None:
        """Write down a final state, and what follows from it: a receipt, an alert."""
        now = self._clock.now()
        receipt_id = self._ledger.number() if wanted(message, state) else 0
        end = End(message, state, error, now, attempts, queued, forwarded, receipt_id)
        self._ledger.page.finals.append(end)
        self._journal.finals[state] += 1
        self._journal.delivery_seconds.observe(max(now - message.accepted_at, 0) / 1000)
        if receipt_id:
            self.place(receipt_for(message, state, error, now, receipt_id))
        elif message.purpose or (message.receipt is not None and state is not State.DELIVERED):
            self._notices.ended(message, state, error, now)
        self._ledger.want()

    def _put_back(self, lane: Lane, outcome: Outcome) -> None:
        """Let a message wait again; where order matters, with all that stood behind it."""
        attempt, message, not_before = outcome.attempt, outcome.attempt.message, 0
        again = self._retries.after(outcome)
        if again is None:
            self._end(lane, attempt, State.UNDELIVERABLE, outcome.error, attempt.attempts + 1)
            return
        if again.delay_ms:
            not_before = self._clock.now() + again.delay_ms
            lane.alerted = False
            if lane.agent.in_order:
                lane.not_before = not_before
        if self._notices.awaited(message):
            first = not attempt.attempts
            self._notices.held_up(message, outcome.result, outcome.error, first)
        place = Waiting(message, not_before, again.attempts, outcome.error)
        self._queue(lane, attempt, place)
        if lane.agent.in_order:
            self._park(lane)

    def _park(self, lane: Lane) -> None:
        """Put everything ready back to wait in the store; where order matters, what follows too."""
        lane.parked = lane.agent.in_order
        ready, lane.ready = lane.ready, []
        for attempt in ready:
            place = Waiting(attempt.message, 0, attempt.attempts, attempt.error)
            self._queue(lane, attempt, place)

    def _queue(self, lane: Lane, attempt: Attempt, place: Waiting) -> None:
        self._let_go(lane, attempt)
        if attempt.queued:
            self.waiting -= 1
        self._wait(self._ledger.page, place)

    def _let_go(self, lane: Lane, attempt: Attempt) -> None:
        """Take a message out of hand; its lane isn't read again until that is durable."""
        page = self._ledger.page
        lane.unsettled += 1
        page.settled.append(lane)
        message = attempt.message
        self._hand.give_back(message.account, OCTETS_EACH + len(message.payload))
        if attempt.queued:
            page.released.append(attempt.message.id)
        else:
            del self._unqueued[attempt.message.id]
