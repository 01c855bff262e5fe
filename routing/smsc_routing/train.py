"""The parts of one concatenated message, which a limit that counts messages counts once.

The first part that is let in pays for the message; each other part passes freely, once, for a
bounded time. A part that comes twice is the first of another message with the same reference.
Nothing is known of a part that was refused, so the next one pays. The table is bounded: when it
is full, the message that began longest ago is forgotten, and a part of it that still comes pays,
which errs on the side of the limit.

Times are integer milliseconds of any clock; one that is set back makes messages forgotten.
"""

from collections import OrderedDict
from typing import NamedTuple

MESSAGES = 50_000
LONGEST_MS = 300_000


class Train(NamedTuple):
    """What the parts of one message have in common; a reference is of 8 or of 16 bits."""

    account: str
    source: str
    destination: str
    reference: int
    wide: bool
    total: int


class _Record(NamedTuple):
    began: int
    seen: int
    """A bit for each sequence number that was let in."""


class Trains:
    """The messages of which some parts have been let in."""

    def __init__(self, messages: int = MESSAGES) -> None:
        """Remember so many messages at most."""
        self._most = messages
        # Not a dict: to find its first key, that looks through the places of all it has forgotten.
        self._records: OrderedDict[Train, _Record] = OrderedDict()

    def __len__(self) -> int:
        """Return the number of messages remembered."""
        return len(self._records)

    def paid(self, train: Train, sequence: int, now: int) -> bool:
        """Whether another part has paid for this one."""
        record = self._records.get(train)
        return record is not None and _known(record, now) and not record.seen >> sequence & 1

    def let_in(self, train: Train, sequence: int, now: int) -> None:
        """Take note that a part was let in."""
        record = self._records.get(train)
        if record is None or not _known(record, now) or record.seen >> sequence & 1:
            self._records.pop(train, None)
            self._make_room(now)
            record = _Record(now, 0)
        record = _Record(record.began, record.seen | 1 << sequence)
        if record.seen.bit_count() == train.total:
            self._records.pop(train, None)
        else:
            self._records[train] = record

    def _make_room(self, now: int) -> None:
        """Forget the oldest if there are too many, and two that are too old in any case."""
        for _ in range(2):
            oldest = next(iter(self._records), None)
            if oldest is None or _known(self._records[oldest], now):
                break
            del self._records[oldest]
        if len(self._records) >= self._most:
            del self._records[next(iter(self._records))]


def _known(record: _Record, now: int) -> bool:
    return 0 <= now - record.began < LONGEST_MS
