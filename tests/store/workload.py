"""A store at work: batches of everything a road writes, made from a seed."""

from collections.abc import Iterable
from random import Random

import msgspec

from smsc.message import Broadcast, Message, State
from smsc.store.store import Batch, Final, Waiting
from tests.store.samples import NOW, a_broadcast, message

DESTINATIONS = [f"device:49170000{number:04d}" for number in range(12)]
ENDS = (State.DELIVERED, State.UNDELIVERABLE, State.EXPIRED, State.DELETED)


class Work:
    """Knows what is in hand and what waits, as a scheduler would, and writes what becomes of it."""

    def __init__(self, seed: int) -> None:
        """Begin with nothing."""
        self._chance = Random(seed)
        self._last_id = 0
        self._in_hand: dict[int, Message] = {}
        self._waiting: dict[int, Waiting] = {}
        self._broadcasts: dict[int, Broadcast] = {}

    def batch(self, now: int = NOW) -> Batch:
        """Make the next batch."""
        filled = Batch()
        self._go_on(filled, now)
        self._arrive(filled, now)
        self._announce(filled)
        filled.moves.update(
            (self._chance.choice(DESTINATIONS)[7:], self._chance.random() < 0.5)
            for _ in range(self._chance.randint(0, 2))
        )
        filled.oldest_in_hand = min(self._in_hand, default=self._last_id + 1)
        return filled

    def start_again(self) -> None:
        """Take note that what was in hand has a place: the store was opened by another process."""
        for each in self._in_hand.values():
            self._waiting[each.id] = Waiting(each, each.not_before, 0)
        self._in_hand.clear()

    def read_first(self, filled: Batch) -> list[str]:
        """Name the queues whose places this batch changes: they are read before they change."""
        return sorted(
            {each.message.destination for each in filled.waits if each.attempts}
            | {each.message.destination for each in filled.finals if each.queued}
            | {each.destination for each in filled.rewritten}
            | {place.message.destination for place, _ in filled.looked_at}
        )

    def _arrive(self, filled: Batch, now: int) -> None:
        for _ in range(self._chance.choice((0, 1, 3, 8, 20))):
            self._last_id += 1
            later = self._chance.random() < 0.1
            each = message(
                self._last_id,
                self._chance.choice(DESTINATIONS),
                priority=self._chance.randint(0, 3),
                not_before=now + 60_000 if later else 0,
                payload=self._chance.randbytes(self._chance.choice((5, 140, 700))),
            )
            filled.arrivals.append(each)
            if later or self._chance.random() < 0.6:
                self._wait(filled, Waiting(each, each.not_before, 0))
            else:
                self._in_hand[each.id] = each

    def _wait(self, filled: Batch, place: Waiting) -> None:
        self._waiting[place.message.id] = place
        filled.waits.append(place)

    def _go_on(self, filled: Batch, now: int) -> None:
        """Decide what becomes of some of those that came before."""
        for each in self._some(self._in_hand):
            self._settle(filled, self._in_hand.pop(each), now, queued=False)
        for each in self._some(self._waiting):
            place = self._waiting.pop(each)
            chosen = self._chance.random()
            if chosen < 0.2:
                rewritten = msgspec.structs.replace(place.message, payload=b"another text")
                filled.rewritten.append(rewritten)
                self._wait(filled, Waiting(rewritten, 0, 0))
            elif chosen < 0.3:
                self._waiting[each] = place
                filled.looked_at.append((place, now + 5000))
            else:
                self._settle(filled, place.message, now, queued=True)

    def _settle(self, filled: Batch, each: Message, now: int, *, queued: bool) -> None:
        if self._chance.random() < 0.3:
            place = Waiting(each, now + 10_000, self._chance.randint(1, 5), 6)
            self._wait(filled, place)
            return
        state = self._chance.choice(ENDS)
        filled.finals.append(Final(each, state, 0, now, self._chance.randint(1, 5), queued))

    def _announce(self, filled: Batch) -> None:
        if self._chance.random() < 0.2:
            self._last_id += 1
            self._broadcasts[self._last_id] = a_broadcast(self._last_id)
        for each in self._some(self._broadcasts):
            known = self._broadcasts[each]
            self._broadcasts[each] = msgspec.structs.replace(known, sent=known.sent + 1)
            filled.broadcasts[each] = self._broadcasts[each]
        filled.broadcasts |= {
            number: each for number, each in self._broadcasts.items() if not each.sent
        }

    def _some(self, among: Iterable[int]) -> list[int]:
        share = self._chance.choice((0.0, 0.1, 0.5))
        return [each for each in among if self._chance.random() < share]
