"""Parts of long messages kept until the whole is there.

A set is the parts seen so far of one message.  Sets lie in the order in which
they began, which is also the order in which they expire, so both expiry and
eviction take from the front: each part costs a constant number of steps.

- Order doesn't matter; the join is by sequence.
- A part that comes again unchanged is a duplicate and ignored.
- A part that contradicts its set (another total, or another body for a sequence
  already there) means that the sender uses the reference again: the old set is
  dropped and the part begins a new one.  Two messages are never mixed knowingly.
- A set older than `ttl_ms`, counted from its first part, is dropped.
- When there are `max_sets` and another begins, the oldest is dropped; so it is,
  as often as need be, when the sets hold more than `max_octets` together.

What is dropped is counted.  A completed set is forgotten at once: a late
duplicate begins a set of its own, which expires (3GPP TS 23.040, 9.2.3.24.1).
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, NamedTuple, Protocol, TypeVar

from smsc_encodings.errors import EncodingError
from smsc_encodings.udh import Concatenation

_LONGEST = 255 * 140
"""Octets of the longest message that parts of short messages make."""


class HasBody(Protocol):
    """A part, whatever else comes with its body."""

    @property
    def body(self) -> bytes:
        """The octets behind its header."""


Piece = TypeVar("Piece", bound=HasBody)


class _Set(Generic[Piece]):
    __slots__ = ("octets", "pieces", "since_ms", "total")

    def __init__(self, total: int, since_ms: int) -> None:
        self.total = total
        self.since_ms = since_ms
        self.octets = 0
        self.pieces: dict[int, Piece] = {}

    def contradicts(self, part: Concatenation, body: bytes) -> bool:
        there = self.pieces.get(part.sequence)
        return self.total != part.total or (there is not None and there.body != body)

    def in_order(self) -> tuple[Piece, ...]:
        return tuple(self.pieces[sequence] for sequence in range(1, self.total + 1))


class Collector(Generic[Piece]):
    """Brings parts together; `len()` is the number of sets that wait for more of theirs.

    `octets` is what they hold.  `duplicates` counts parts ignored; `conflicts`,
    `expired` and `evicted` count sets dropped because a part contradicted them,
    they were too old, or there were too many.  Time is the caller's, in
    milliseconds; a clock that jumps back is taken to stand still.
    """

    def __init__(self, max_sets: int, ttl_ms: int, max_octets: int | None = None) -> None:
        """Keep at most `max_sets` (from 1) unfinished sets for `ttl_ms` (from 1) each.

        Without `max_octets` they hold at most what so many of the longest messages would.
        """
        if max_sets < 1 or ttl_ms < 1:
            raise ValueError(f"max_sets and ttl_ms are at least 1, not {max_sets} and {ttl_ms}")
        self._max_sets = max_sets
        self._ttl_ms = ttl_ms
        self._max_octets = max_sets * _LONGEST if max_octets is None else max_octets
        self._sets: OrderedDict[Hashable, _Set[Piece]] = OrderedDict()
        self._now_ms = 0
        self.octets = 0
        self.duplicates = 0
        self.conflicts = 0
        self.expired = 0
        self.evicted = 0

    def __len__(self) -> int:
        """Count the unfinished sets."""
        return len(self._sets)

    def take(
        self, key: Hashable, concatenation: Concatenation, piece: Piece, now_ms: int
    ) -> tuple[Piece, ...] | None:
        """Take one part; return all of them in their order if it was the last one missing.

        `key` tells messages apart: source, destination, reference and total, and
        whether the reference is wide.  Raises EncodingError for a sequence that
        isn't 1 to the total.
        """
        if not 1 <= concatenation.sequence <= concatenation.total:
            raise EncodingError(
                f"no message has part {concatenation.sequence} of {concatenation.total}"
            )
        self.expire(now_ms)
        parts = self._set_for(key, concatenation, piece.body)
        if concatenation.sequence in parts.pieces:
            self.duplicates += 1
            return None
        parts.pieces[concatenation.sequence] = piece
        parts.octets += len(piece.body)
        self.octets += len(piece.body)
        if len(parts.pieces) == parts.total:
            return self._taken(key).in_order()
        while self.octets > self._max_octets:
            self._evict()
        return None

    def _set_for(self, key: Hashable, concatenation: Concatenation, body: bytes) -> _Set[Piece]:
        parts = self._sets.get(key)
        if parts is not None and parts.contradicts(concatenation, body):
            self._taken(key)
            self.conflicts += 1
            parts = None
        if parts is None:
            if len(self._sets) >= self._max_sets:
                self._evict()
            parts = self._sets[key] = _Set(concatenation.total, self._now_ms)
        return parts

    def _taken(self, key: Hashable) -> _Set[Piece]:
        parts = self._sets.pop(key)
        self.octets -= parts.octets
        return parts

    def _evict(self) -> None:
        self._taken(next(iter(self._sets)))
        self.evicted += 1

    def expire(self, now_ms: int) -> int:
        """Drop the sets that are `ttl_ms` old at `now_ms`; return how many."""
        self._now_ms = max(self._now_ms, now_ms)
        dropped = 0
        while self._sets:
            key, oldest = next(iter(self._sets.items()))
            if self._now_ms - oldest.since_ms < self._ttl_ms:
                break
            self._taken(key)
            dropped += 1
        self.expired += dropped
        return dropped


class _Body(NamedTuple):
    body: bytes


class Reassembler(Collector[_Body]):
    """Joins parts of which nothing but the bodies matters."""

    def add(
        self, key: Hashable, concatenation: Concatenation, body: bytes, now_ms: int
    ) -> bytes | None:
        """Take one part; return the joined body if it was the last one missing.

        `key` and errors are those of `take`.
        """
        whole = self.take(key, concatenation, _Body(body), now_ms)
        return None if whole is None else b"".join([each.body for each in whole])
