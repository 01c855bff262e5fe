"""References for long messages, none given twice while parts of the first may be under way.

A receiver joins parts by sender, recipient, reference and total (3GPP TS 23.040, 9.2.3.24.1), so a
reference only has to differ within a pair of addresses. Each pair counts on by one, and begins at
the number that the last pair begun had plus one, so that a pair which was forgotten doesn't begin
again with what it has just used.

- A number is free again `life_ms` after it was given.
- A pair that has given all its numbers within that time gives the oldest again: `reused` counts.
- A pair keeps the time of each number that isn't free: at most 256 of them, or 65,536 wide ones.
- Of more than `max_pairs` pairs, the one that has been quiet for longest is forgotten: `forgotten`
  counts those that had numbers under way.
"""

from collections import OrderedDict, deque


class _Pair:
    __slots__ = ("following", "given")

    def __init__(self, following: int) -> None:
        self.following = following
        self.given: deque[int] = deque()


class References:
    """Gives references to messages; `len()` is the number of pairs it remembers.

    Time is the caller's, in milliseconds; a clock that jumps back is taken to stand still.
    """

    def __init__(self, max_pairs: int, life_ms: int, *, wide: bool = False, first: int = 0) -> None:
        """Remember at most `max_pairs` (from 1); parts are under way for `life_ms` (from 1).

        `wide` gives 16 bit references, 0 to 65,535. `first` is where the first pair begins: some
        number that a restart changes.
        """
        if max_pairs < 1 or life_ms < 1:
            raise ValueError(f"max_pairs and life_ms are at least 1, not {max_pairs} and {life_ms}")
        self._max_pairs = max_pairs
        self._life_ms = life_ms
        self._count = 0x10000 if wide else 0x100
        self._begin = first % self._count
        self._now = 0
        self._pairs: OrderedDict[tuple[str, str], _Pair] = OrderedDict()
        self.reused = 0
        self.forgotten = 0

    def __len__(self) -> int:
        """Count the pairs that are remembered."""
        return len(self._pairs)

    def take(self, sender: str, recipient: str, now_ms: int) -> int:
        """Return the reference for the next long message between these two."""
        self._now = max(self._now, now_ms)
        self._expire()
        pair = self._pair(sender, recipient)
        given = pair.given
        while given and self._now - given[0] >= self._life_ms:
            given.popleft()
        if len(given) == self._count:
            given.popleft()
            self.reused += 1
        given.append(self._now)
        reference = pair.following
        pair.following = (reference + 1) % self._count
        return reference

    def _pair(self, sender: str, recipient: str) -> _Pair:
        key = (sender, recipient)
        pair = self._pairs.get(key)
        if pair is not None:
            self._pairs.move_to_end(key)
            return pair
        if len(self._pairs) >= self._max_pairs:
            self._pairs.popitem(last=False)
            self.forgotten += 1
        pair = self._pairs[key] = _Pair(self._begin)
        self._begin = (self._begin + 1) % self._count
        return pair

    def _expire(self) -> None:
        """Drop the pairs whose numbers are all free again: they lie in front."""
        while self._pairs:
            quiet = next(iter(self._pairs.values()))
            if self._now - quiet.given[-1] < self._life_ms:
                break
            self._pairs.popitem(last=False)
