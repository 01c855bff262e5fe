"""Counts of quotas: they grow with a batch, and go some time after their window has ended."""

from collections.abc import Sequence
from typing import Final

import apsw

from smsc.store.statement import Row, Rows, Statement, ask, in_json
from smsc.store.store import Batch
from smsc_routing.calendar_quota import Key

KEPT_AFTERWARDS_MS: Final = 3_600_000
"""A clock that is set back must not find yesterday's counts gone."""
FORGOTTEN_AT_LEAST: Final = 8

_COUNT: Final = Statement(
    "INSERT INTO counts VALUES ",
    "(?,?,?,?)",
    " ON CONFLICT DO UPDATE SET total = total + excluded.total, ends = max(ends, excluded.ends)",
)
_FORGET: Final = Statement(
    "DELETE FROM counts WHERE (subject, window) IN"
    " (SELECT subject, window FROM counts WHERE ends <= ",
    "? ORDER BY ends LIMIT ?",
    ")",
)
_READ: Final = (
    "SELECT json_group_array(json_array(c.subject, c.window, c.total)) FROM json_each(?) k"
    " CROSS JOIN counts c ON c.subject = k.value ->> 0 AND c.window = k.value ->> 1"
)


def rows(batch: Batch, now: int) -> Rows:
    """Return what a batch adds, and how much of what has ended goes with it.

    More goes than may come, so that what has ended doesn't pile up.
    """
    if not batch.counts:
        return []
    totals: dict[Key, tuple[int, int]] = {}
    for key, cost, ends in batch.counts:
        total, until = totals.get(key, (0, ends))
        totals[key] = total + cost, max(until, ends)
    added: list[Row] = [(*key, total, ends) for key, (total, ends) in totals.items()]
    return [
        (_COUNT, added),
        (_FORGET, [(now - KEPT_AFTERWARDS_MS, len(added) + FORGOTTEN_AT_LEAST)]),
    ]


def read(db: apsw.Connection, keys: Sequence[Key]) -> dict[Key, int]:
    """Read counts, 0 where there is none."""
    found = ask(db, _READ, (in_json(keys),), list[tuple[str, str, int]])
    return dict.fromkeys(keys, 0) | {
        Key(subject, window): total for subject, window, total in found
    }
