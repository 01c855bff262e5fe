"""Broadcasts: accepted, repeated by the clock, and ended; each step durable before it is seen.

    submit --> durable --> waits for its time --> on the air --> waits for the next --> ended
                 |               ^                    |               |
              answered           +--------------------+---------------+

A repetition is counted on the disk before it goes on the air: one that was counted when the
process died is not made again, so there are never more than were asked for. While a broadcast is
on the air its next repetition waits, however short the interval.

Those that live are all in memory, and bounded; of those that ended the latest are kept, so that
they can still be asked about.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final, TypeAlias

import msgspec

from smsc.clock import Clock, Timer
from smsc.delivery.ledger import STORE_FAILED, Ledger
from smsc.delivery.submission import Submitter
from smsc.journal import Journal
from smsc.message import Broadcast, State
from smsc.smpp.broadcast import Interval
from smsc_routing.decision import Reason, Verdict

LIVE: Final = 10_000
"""Broadcasts that haven't ended beyond which no more is let in."""

ENDED: Final = 1_000
"""Broadcasts that ended and can still be asked about."""

SENT_AT_ONCE: Final = 20
LEFT_BEHIND: Final = 100
"""Times of broadcasts that were replaced or cancelled beyond which they are cleared away."""

SHORTEST_WAIT: Final = 0.1
"""Seconds between looks at what is due: however much is asked for, 200 repetitions a second."""

LONGEST_WAIT: Final = 60.0
"""The same where nothing is due, for the wall's clock may jump."""

Reached: TypeAlias = Callable[[Sequence[int]], None]
"""Told the share of its devices that each area reached, 0 to 100."""
Transmit: TypeAlias = Callable[[Broadcast, Reached], None]
"""Puts a broadcast on the air once."""

_FULL: Final = Verdict(Reason.QUOTA, detail=f"{LIVE} broadcasts haven't ended yet: cancel some")
# Of those due together: immediate, high, normal, background (SMPP 5.0, 4.7.19).
_RANKS: Final = {1: 0, 2: 1, 0: 2, 3: 3, 4: 4}


class Broadcasts:
    """All broadcasts that live, and the latest that ended."""

    def __init__(self, ledger: Ledger, clock: Clock, journal: Journal, transmit: Transmit) -> None:
        """Write what becomes of them to the ledger, and put them on the air by `transmit`."""
        self._ledger = ledger
        self._clock = clock
        self._journal = journal
        self._transmit = transmit
        self._arriving: dict[int, tuple[Broadcast, Submitter, int]] = {}
        self._answered: dict[Submitter, None] = {}
        self._live: dict[int, Broadcast] = {}
        self._on_air: dict[int, Broadcast] = {}
        self._ended: dict[int, Broadcast] = {}
        self._references: dict[tuple[str, int], int] = {}
        self._due: list[tuple[int, int]] = []
        self._timer: Timer | None = None
        self._looked_at = -SHORTEST_WAIT
        self._closed = False

    def __len__(self) -> int:
        """Count those that haven't ended."""
        return len(self._live)

    def open(self, stored: Iterable[Broadcast]) -> None:
        """Go on with what the store has kept."""
        for broadcast in sorted(stored, key=lambda each: each.ended_at):
            self._refer(broadcast)
            if broadcast.state.final:
                self._ended[broadcast.id] = broadcast
            elif broadcast.sent >= broadcast.repetitions:
                self._end(broadcast, State.DELIVERED)
            else:
                self._live[broadcast.id] = broadcast
                self._wait(broadcast)
        self._set_timer()

    def close(self) -> None:
        """Repeat nothing any more: what is left is in the store."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        self._on_air.clear()

    # What accounts ask for.

    def submit(self, broadcast: Broadcast, submitter: Submitter, token: int) -> None:
        """Take a broadcast: answered when it is durable, or refused at once."""
        refusal = self._inadmissible()
        if refusal is not None:
            self._journal.broadcasts["refused"] += 1
            submitter.refused(token, refusal)
            return
        self._arriving[broadcast.id] = broadcast, submitter, token
        self._write(broadcast)
        self._ledger.owe(self, broadcast.id, broadcast.id)

    def replace(self, broadcast: Broadcast, done: Callable[[], None]) -> None:
        """Put a broadcast in the place of the live one with its id; `done` when it is durable."""
        self._on_air.pop(broadcast.id, None)
        self._live[broadcast.id] = broadcast
        self._refer(broadcast)
        self._journal.broadcasts["replaced"] += 1
        self._write(broadcast)
        self._ledger.page.once_durable.append(done)
        self._wait(broadcast)
        self._set_timer()

    def cancel(self, broadcasts: Iterable[Broadcast], done: Callable[[], None]) -> None:
        """End these live broadcasts; `done` when that is durable."""
        for broadcast in broadcasts:
            self._end(broadcast, State.DELETED)
        self._ledger.page.once_durable.append(done)
        self._ledger.want()

    def find(self, account: str, broadcast_id: int) -> Broadcast | None:
        """Return a broadcast of this account, live or ended, by its id."""
        found = self._live.get(broadcast_id) or self._ended.get(broadcast_id)
        return found if found is not None and found.account == account else None

    def live(self, account: str) -> Iterator[Broadcast]:
        """Yield the live broadcasts of an account."""
        return (each for each in self._live.values() if each.account == account)

    def referred(self, account: str, user_reference: int) -> Broadcast | None:
        """Return an account's latest broadcast with this reference, live or ended (5.0, 4.6.1)."""
        number = self._references.get((account, user_reference))
        return self.find(account, number) if number is not None else None

    def state(self, broadcast: Broadcast) -> State:
        """Return where a broadcast stands now."""
        if broadcast.state.final:
            return broadcast.state
        waits = not broadcast.sent and broadcast.next_at > self._clock.now()
        return State.SCHEDULED if waits else State.ENROUTE

    def _inadmissible(self) -> Verdict | None:
        if self._ledger.failing:
            return STORE_FAILED
        return _FULL if len(self._live) + len(self._arriving) >= LIVE else None

    # The answers of the ledger.

    def accepted(self, token: int, message_id: int) -> None:
        """Let a broadcast live: it is durable."""
        broadcast, submitter, told = self._arriving.pop(token)
        self._live[message_id] = broadcast
        self._refer(broadcast)
        self._journal.broadcasts["accepted"] += 1
        self._wait(broadcast)
        submitter.accepted(told, message_id)
        self._answered[submitter] = None

    def refused(self, token: int, verdict: Verdict) -> None:
        """Forget a broadcast: it couldn't be written."""
        _, submitter, told = self._arriving.pop(token)
        self._journal.broadcasts["refused"] += 1
        submitter.refused(told, verdict)
        self._answered[submitter] = None

    def flush(self) -> None:
        """Send what was answered, and wait for what is due first."""
        answered, self._answered = self._answered, {}
        for submitter in answered:
            submitter.flush()
        self._set_timer()

    # By the clock.

    def _wait(self, broadcast: Broadcast) -> None:
        expires_at = broadcast.expires_at or broadcast.next_at
        heapq.heappush(self._due, (min(broadcast.next_at, expires_at), broadcast.id))
        if len(self._due) > 2 * len(self._live) + LEFT_BEHIND:
            self._due = [entry for entry in self._due if self._waits(entry)]
            heapq.heapify(self._due)

    def _waits(self, entry: tuple[int, int]) -> bool:
        at, number = entry
        broadcast = self._live.get(number)
        return (
            broadcast is not None
            and number not in self._on_air
            and at in (broadcast.next_at, broadcast.expires_at)
        )

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._due and not self._closed:
            seconds = (self._due[0][0] - self._clock.now()) / 1000
            soonest = self._looked_at + SHORTEST_WAIT - self._clock.monotonic()
            wait = max(min(seconds, LONGEST_WAIT), soonest, 0.0)
            self._timer = self._clock.call_later(wait, self._look)

    def _look(self) -> None:
        """Send, or end, some of those whose time has come."""
        now = self._clock.now()
        self._looked_at = self._clock.monotonic()
        come: dict[int, Broadcast] = {}
        while self._due and self._due[0][0] <= now and len(come) < SENT_AT_ONCE:
            entry = heapq.heappop(self._due)
            if self._waits(entry):
                come[entry[1]] = self._live[entry[1]]
        for broadcast in sorted(come.values(), key=_urgency):
            if broadcast.expires_at and broadcast.expires_at <= now:
                self._end(broadcast, State.EXPIRED)
            else:
                self._send(broadcast, now)
        self._set_timer()

    def _send(self, broadcast: Broadcast, now: int) -> None:
        """Count a repetition, and make it as soon as that is durable."""
        interval = Interval(broadcast.interval_unit, broadcast.interval_number)
        next_at = interval.after(broadcast.next_at)
        sent = msgspec.structs.replace(
            broadcast,
            sent=broadcast.sent + 1,
            state=State.ENROUTE,
            # What a pause has swallowed is not made up for all at once.
            next_at=next_at if next_at > now else interval.after(now),
        )
        self._live[sent.id] = self._on_air[sent.id] = sent
        self._write(sent)
        self._ledger.page.once_durable.append(partial(self._go_on_air, sent))

    def _go_on_air(self, broadcast: Broadcast) -> None:
        if self._on_air.get(broadcast.id) is broadcast:
            self._journal.broadcasts["sent"] += 1
            self._transmit(broadcast, partial(self._reached, broadcast))

    def _reached(self, broadcast: Broadcast, successes: Sequence[int]) -> None:
        """Take note of what a repetition reached, and wait for the next or end."""
        if self._on_air.get(broadcast.id) is not broadcast:
            return
        del self._on_air[broadcast.id]
        areas = tuple(
            msgspec.structs.replace(area, success=success)
            for area, success in zip(broadcast.areas, successes, strict=True)
        )
        heard = msgspec.structs.replace(broadcast, areas=areas)
        if heard.sent >= heard.repetitions:
            self._end(heard, State.DELIVERED)
            return
        self._live[heard.id] = heard
        if areas != broadcast.areas:
            self._write(heard)
        self._wait(heard)
        self._set_timer()

    def _end(self, broadcast: Broadcast, state: State) -> None:
        """Write down a final state, and forget the broadcast that ended longest ago."""
        now = self._clock.now()
        ended = msgspec.structs.replace(broadcast, state=state, ended_at=now)
        self._live.pop(ended.id, None)
        self._on_air.pop(ended.id, None)
        self._ended[ended.id] = ended
        self._journal.broadcasts[state.name.lower()] += 1
        self._write(ended)
        if len(self._ended) > ENDED:
            oldest = self._ended.pop(next(iter(self._ended)))
            reference = oldest.account, oldest.user_reference
            if self._references.get(reference) == oldest.id:
                del self._references[reference]
            self._ledger.page.forgotten.append(oldest.id)

    def _refer(self, broadcast: Broadcast) -> None:
        if broadcast.user_reference >= 0:
            key = broadcast.account, broadcast.user_reference
            self._references[key] = max(broadcast.id, self._references.get(key, 0))

    def _write(self, broadcast: Broadcast) -> None:
        self._ledger.page.broadcasts[broadcast.id] = broadcast
        self._ledger.want()


def _urgency(broadcast: Broadcast) -> tuple[int, int]:
    return _RANKS.get(broadcast.priority, len(_RANKS)), broadcast.id
