"""Attempts that failed for now: a row for each, so that a message that goes well has none."""

from typing import Final

import apsw

from smsc.store.record import Failure
from smsc.store.statement import Rows, Statement
from smsc.store.store import Batch

MOST_NOTED: Final = 7 * 24 * 60
"""Of one message: a week of them, minute by minute."""

# Who waits again without having been tried says the same once more.
_NOTE: Final = Statement("INSERT OR IGNORE INTO attempts VALUES ", "(?,?,?,?)")
_FORGET: Final = Statement(
    "DELETE FROM attempts WHERE id IN (SELECT id FROM messages WHERE state < 2 AND id IN (VALUES ",
    "(?)",
    "))",
)
_READ: Final = "SELECT at, error FROM attempts WHERE id = ? ORDER BY number"


def rows(batch: Batch, now: int) -> Rows:
    """Return what a batch notes: a message that was rewritten is as one that wasn't tried."""
    failed = [
        (place.message.id, place.attempts, now, place.error)
        for place in batch.waits
        if 0 < place.attempts <= MOST_NOTED
    ]
    return [(_FORGET, [(message.id,) for message in batch.rewritten]), (_NOTE, failed)]


def failures(db: apsw.Connection, message_id: int) -> tuple[Failure, ...]:
    """Read how attempts for a message have failed, oldest first."""
    return tuple(
        Failure(int(str(at)), int(str(error))) for at, error in db.execute(_READ, (message_id,))
    )
