"""Messages that were looked for, found a slice at a time.

There are three ways to go through messages in the order of their ids. Those of a device or an
account stand in the index (`segments`), but for the latest, which are read through. Those that have
failed have an index of their own. All others are read one by one. However rare what is looked for,
a look ends after so many slices, and says where to go on.
"""

from collections.abc import Callable
from heapq import merge
from itertools import islice
from typing import Final

import apsw

from smsc.message import Message, State, to_account, to_device
from smsc.store import schema
from smsc.store.places import Places
from smsc.store.record import Criteria, Listing
from smsc.store.segments import SIZE, ids_in, indexed_until, parties, party, told
from smsc.store.statement import Row, in_json, number
from smsc.store.store import History

SLICES: Final = 40
"""So many are in a look, at most."""
ROWS_AT_ONCE: Final = 500
IDS_AT_ONCE: Final = 2000
"""Where most of the messages may be others."""
SEGMENTS_AT_ONCE: Final = 256

_NOT_FAILED: Final = frozenset({State.SCHEDULED, State.ENROUTE, State.DELIVERED})
_ALL: Final = -1

_OF_STATES: Final = "(? >> state) & 1"
# A record that tells of a party has its name in it: most of the others needn't be read for that.
_READ: Final = (
    f"SELECT {schema.HISTORY} FROM messages WHERE id BETWEEN ? AND ? AND {_OF_STATES}"
    " AND (?4 IS NULL OR instr(record, ?4))"
)
_CHOSEN: Final = (
    f"SELECT {schema.HISTORY} FROM messages"
    f" WHERE id IN (SELECT value FROM json_each(?)) AND {_OF_STATES} ORDER BY id"
)
_FAILED: Final = "SELECT id FROM messages WHERE state > 2 AND state = ? AND id BETWEEN ? AND ?"
_TIMES: Final = "s.last_at >= ? AND s.first_at < ?"
_SEGMENTS: Final = f"SELECT s.number FROM segments s WHERE s.number BETWEEN ? AND ? AND {_TIMES}"
_OF_ONE: Final = (
    "SELECT s.number, p.ids, NULL FROM segments s"
    " CROSS JOIN parties p ON p.segment = s.number AND p.party = ?"
    f" WHERE s.number BETWEEN ? AND ? AND {_TIMES}"
)
_OF_TWO: Final = (
    "SELECT s.number, p.ids, o.ids FROM segments s"
    " CROSS JOIN parties p ON p.segment = s.number AND p.party = ?"
    " CROSS JOIN parties o ON o.segment = s.number AND o.party = ?"
    f" WHERE s.number BETWEEN ? AND ? AND {_TIMES}"
)
_FIRST: Final = "SELECT min(id) FROM messages"
_LAST: Final = "SELECT max(id) FROM messages"
_ID: Final = "SELECT id FROM messages WHERE id BETWEEN ? AND ?"

_EMPTY: Final = 1, 0


def span(db: apsw.Connection, criteria: Criteria) -> tuple[int, int]:
    """Return the first and the last id that may be among those that are looked for."""
    first, last = number(db, _FIRST), number(db, _LAST)
    if first is None or last is None or criteria.since >= criteria.until:
        return _EMPTY
    unindexed = indexed_until(db)
    times = criteria.since, criteria.until
    lowest = number(db, f"{_SEGMENTS} ORDER BY number LIMIT 1", (0, last // SIZE, *times))
    return max(first, unindexed if lowest is None else lowest * SIZE), last


class Search:
    """One look for messages; `go_on` until it is `complete`."""

    def __init__(
        self, criteria: Criteria, after: int | None, limit: int, newest_first: bool
    ) -> None:
        """Look for so many, from this id on."""
        self._criteria = criteria
        self._after = after
        self._limit = limit
        self._backwards = newest_first
        self._order = "DESC" if newest_first else "ASC"
        self._wanted = _wanted(criteria)
        name = criteria.device if criteria.device is not None else criteria.account
        self._name = name.encode() if name is not None else None
        self._mask = sum(1 << state for state in criteria.states) or _ALL
        self._failed = bool(criteria.states) and not criteria.states & _NOT_FAILED
        self._times = criteria.since, criteria.until
        self._timed = self._times != (Criteria().since, Criteria().until)
        self._at_once = min(limit + 1, ROWS_AT_ONCE)
        self._found: list[History] = []
        self._slices = SLICES
        self._first, self._last = _EMPTY
        """Between these, both included, nobody has looked yet."""
        self._unindexed = 0
        self._begun = False

    @property
    def complete(self) -> bool:
        """Whether enough was found or looked at, or there is nothing more."""
        return self._begun and (
            self._first > self._last or len(self._found) > self._limit or not self._slices
        )

    def listing(self) -> Listing:
        """Return what was found, and where to go on."""
        found = self._found[: self._limit]
        if len(self._found) > self._limit:
            return Listing(found, found[-1].message.id if found else self._after)
        if self._first > self._last:
            return Listing(found, None)
        return Listing(found, self._last + 1 if self._backwards else self._first - 1)

    def go_on(self, db: apsw.Connection, places: Places) -> None:
        """Do a slice."""
        self._unindexed = indexed_until(db)
        if not self._begun:
            self._begin(db)
        if self._first <= self._last:
            self._slices -= 1
            self._way()(db, places)
            self._at_once = min(2 * self._at_once, ROWS_AT_ONCE)

    def _begin(self, db: apsw.Connection) -> None:
        self._begun = True
        self._first, self._last = span(db, self._criteria)
        if self._after is not None and self._backwards:
            self._last = min(self._last, self._after - 1)
        elif self._after is not None:
            self._first = max(self._first, self._after + 1)

    def _way(self) -> Callable[[apsw.Connection, Places], None]:
        """Choose the way to what comes next."""
        if self._failed and self._criteria.device is None:
            return self._among_failed
        following = self._last if self._backwards else self._first
        indexed = following < self._unindexed
        return self._by_index if self._wanted and indexed else self._one_by_one

    def _take(self, places: Places, rows: list[Row]) -> None:
        """Take of these rows, in the order we go, what is looked for."""
        self._found += filter(self._meets, map(places.told, rows))

    def _meets(self, history: History) -> bool:
        message, (since, until) = history.message, self._times
        return (
            since <= message.accepted_at < until
            and told(message)
            and (not self._wanted or concerned(message).issuperset(self._wanted))
        )

    def _pass(self, low: int, high: int) -> None:
        """Note that we have been here, and so have passed all on this side of it."""
        if self._backwards:
            self._last = low - 1
        else:
            self._first = high + 1

    def _in_order(self, query: str, by: str = "id") -> str:
        return f"{query} ORDER BY {by} {self._order} LIMIT ?"

    def _window(self, db: apsw.Connection) -> tuple[int, int]:
        """Return where to look next: what is left, but for segments of other times."""
        low, high, unindexed = self._first, self._last, self._unindexed
        if self._backwards and high >= unindexed:
            return max(low, unindexed), high
        if not self._timed or low >= unindexed:
            return low, high
        bounds = low // SIZE, min(high, unindexed - 1) // SIZE
        segment = number(db, self._in_order(_SEGMENTS, "number"), (*bounds, *self._times, 1))
        if segment is None:
            return low, min(high, unindexed - 1)
        return max(low, segment * SIZE), min(high, segment * SIZE + SIZE - 1)

    # All that there are, one after another.

    def _one_by_one(self, db: apsw.Connection, places: Places) -> None:
        low, high = self._window(db)
        following = number(db, self._in_order(_ID), (low, high, 1))
        if following is None:
            self._pass(low, high)
            return
        width = ROWS_AT_ONCE if self._mask == _ALL and not self._wanted else IDS_AT_ONCE
        if self._backwards:
            low, high = max(low, following - width + 1), following
        else:
            low, high = following, min(high, following + width - 1)
        most = self._at_once
        rows = list(db.execute(self._in_order(_READ), (low, high, self._mask, self._name, most)))
        if len(rows) == most:
            low = high = places.told(rows[-1]).message.id
        self._pass(low, high)
        self._take(places, rows)

    # Those of a device or an account.

    def _by_index(self, db: apsw.Connection, places: Places) -> None:
        low, high = self._segments()
        ids: list[int] = []
        query = self._in_order(_OF_TWO if len(self._wanted) > 1 else _OF_ONE, "s.number")
        bindings = (*map(party, self._wanted), low, high, *self._times, SEGMENTS_AT_ONCE)
        for segment, mine, others in db.execute(query, bindings):
            assert isinstance(segment, int)
            ids += self._of_segment(segment, mine, others)
            if len(ids) >= self._at_once:
                low = high = segment
                break
        chosen = ids[: self._at_once]
        rows = list(db.execute(_CHOSEN, (in_json(chosen), self._mask)))
        self._take(places, rows[::-1] if self._backwards else rows)
        if len(ids) > len(chosen):
            self._pass(chosen[-1], chosen[-1])
        else:
            self._pass(low * SIZE, min(high * SIZE + SIZE, self._unindexed) - 1)

    def _segments(self) -> tuple[int, int]:
        """Return the first and the last segment to look into now."""
        low, high = self._first // SIZE, min(self._last, self._unindexed - 1) // SIZE
        if self._backwards:
            return max(low, high - SEGMENTS_AT_ONCE + 1), high
        return low, min(high, low + SEGMENTS_AT_ONCE - 1)

    def _of_segment(self, segment: int, mine: object, others: object) -> list[int]:
        """Return the ids that a segment has of what is looked for, in the order we go."""
        ids = ids_in(segment, mine)
        if others is not None:
            both = set(ids_in(segment, others))
            ids = [each for each in ids if each in both]
        ids = [each for each in ids if self._first <= each <= self._last]
        return ids[::-1] if self._backwards else ids

    # Those that have failed.

    def _among_failed(self, db: apsw.Connection, places: Places) -> None:
        window, most = self._window(db), self._at_once
        query = self._in_order(_FAILED)
        queues = [
            [row[0] for row in db.execute(query, (state, *window, most))]
            for state in self._criteria.states
        ]
        ids = list(islice(merge(*queues, reverse=self._backwards), most))
        rows = list(db.execute(_CHOSEN, (in_json(ids), self._mask)))
        self._take(places, rows[::-1] if self._backwards else rows)
        if len(ids) == most:
            window = ids[-1], ids[-1]
        self._pass(*window)


def concerned(message: Message) -> set[str]:
    """Name the queues of those who have to do with a message."""
    source, dest = message.source.digits, message.dest.digits
    return parties(message.account, message.destination, source, dest)


def _wanted(criteria: Criteria) -> list[str]:
    """Return who must have to do with what is looked for: first who has less."""
    wanted = []
    if criteria.device is not None:
        wanted.append(to_device(criteria.device))
    if criteria.account is not None:
        wanted.append(to_account(criteria.account))
    return wanted
