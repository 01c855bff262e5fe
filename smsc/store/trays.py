"""The queues lie in trays by age, so that a new place is put among few others.

A place that is put anywhere into an index of ten million dirties a page of its own, and it takes
longer to write that page than all the rest of its message. Those of messages whose ids are close
together share a tray, and a tray is small enough for neighbours to come together in it. A queue
is then read from each tray that has some of it, and its places are merged.

A place's tray follows from its message's id. When there are too many trays, the oldest is emptied
into the *rest*, a slice at a time from its beginning: there is what waits longest. A mark in the
file names the tray that was emptied last, perhaps in part; what has not left it begins with its
first place.
"""

from collections.abc import Sequence
from typing import Final

import apsw

from smsc.store import schema
from smsc.store.statement import Row, run

BITS: Final = 18
"""Messages whose ids differ in no more than these share a tray; files are written by it."""
TRAYS: Final = 64
"""More than so many are too many."""
MOVED_AT_ONCE: Final = 500
REST: Final = -1
KEY: Final = 4
"""What a place is known by stands first in its row: tray, destination, rank, id."""

Key = tuple[int, str, int, int]
_AFTER_ALL: Final = "\U0010ffff", 0, 0


def tray_of(message_id: int) -> int:
    """Return the tray for the place of a message, as long as that was not emptied."""
    return message_id >> BITS


class Trays:
    """Which trays there are, and where a place is; on the store's thread."""

    def __init__(self, db: apsw.Connection) -> None:
        """Look through this file."""
        self._db = db
        self.known = [int(str(tray)) for (tray,) in db.execute(schema.TRAYS)]
        """Those that may have places, the oldest first."""
        ((emptied,),) = db.execute(schema.EMPTIED)
        self._emptied = int(str(emptied))
        self._left = self._first_left()
        self._queries: dict[str, str] = {}

    def _first_left(self) -> tuple[str, int, int]:
        """Return where that begins which has not left the tray that was emptied last."""
        if self._emptied != REST:
            for destination, rank, number in self._db.execute(schema.FIRST_LEFT, (self._emptied,)):
                return str(destination), int(str(rank)), int(str(number))
        return _AFTER_ALL

    def found(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Name in rows that begin with a key the tray where each place is."""
        emptied = self._emptied
        if emptied == REST or all(row[0] > emptied for row in rows):
            return rows
        return [(self._of(row), *row[1:]) for row in rows]

    def _of(self, row: Row) -> int:
        tray = int(row[0])
        if tray > self._emptied or (tray == self._emptied and row[1:KEY] >= self._left):
            return tray
        return REST

    def note(self, rows: Sequence[Row]) -> None:
        """Remember the trays of places that are put in."""
        if new := {int(row[0]) for row in rows}.difference(self.known):
            self.known = sorted([*self.known, *new])
            self._queries.clear()

    def query(self, sql: str) -> str:
        """Return a query for all trays there are."""
        if sql not in self._queries:
            trays = ",".join(f"({tray})" for tray in self.known or [REST])
            self._queries[sql] = sql.format(trays=trays)
        return self._queries[sql]

    def holding(self, destination: str) -> list[int]:
        """Return the trays that have something of a queue."""
        found = self._db.execute(self.query(schema.HOLDING), (destination,))
        return [int(str(tray)) for (tray,) in found]

    # Trays may be too many until somebody tidies up.

    @property
    def crowded(self) -> bool:
        """Whether there are too many."""
        return len(self.known) > TRAYS

    def tidy(self) -> None:
        """Move some places of the oldest tray to the rest, and forget it when that was all."""
        oldest = next((tray for tray in self.known if tray != REST), None)
        if oldest is None:
            return
        with self._db as db:
            moved = list(db.execute(schema.OLDEST_PLACES, (oldest, MOVED_AT_ONCE)))
            run(db, schema.DELETE_PLACES, [row[:KEY] for row in moved])
            run(db, schema.KEEP_PLACES, [(REST, *row[1:]) for row in moved])
            run(db, schema.MARK_EMPTIED, [(oldest,)])
        self._emptied = oldest
        if len(moved) < MOVED_AT_ONCE:
            self._left = _AFTER_ALL
            self.known.remove(oldest)
        else:
            _, destination, rank, number, *_ = moved[-1]
            self._left = str(destination), int(str(rank)), int(str(number)) + 1
        if moved:
            self.note([(REST,)])
        self._queries.clear()
