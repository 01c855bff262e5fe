"""What other SMSCs have taken: rows by their id, ours, and the deadline of their answer."""

from collections.abc import Callable, Sequence
from typing import Final

import apsw

from smsc.message import Message
from smsc.store import schema
from smsc.store.places import key_of
from smsc.store.statement import Row, Rows, Statement, in_json
from smsc.store.store import Batch, Forwarded

LATEST_OF_AN_ID: Final = 16
"""So many messages are told of an id, which the other SMSC had better not give out twice."""

# What is forwarded again, over another link, is known there only by its new id.
_FORWARD: Final = Statement(
    "INSERT OR REPLACE INTO forwarded (id, link, remote_id, deadline, attempts) VALUES ",
    "(?,?,?,?,?)",
)
_ANSWERED: Final = Statement("DELETE FROM forwarded WHERE id IN (VALUES ", "(?)", ")")
_FIELDS: Final = "SELECT m.record, f.link, f.remote_id, f.deadline, f.attempts"
_READ_KNOWN: Final = (
    f"{_FIELDS} FROM json_each(?1) j CROSS JOIN forwarded f CROSS JOIN messages m ON m.id = f.id"
    " WHERE f.row IN (SELECT row FROM forwarded k WHERE k.remote_id = j.value AND k.link = ?2"
    " ORDER BY row DESC LIMIT ?3) ORDER BY f.row DESC"
)
_READ_OVERDUE: Final = (
    f"{_FIELDS} FROM forwarded f JOIN messages m ON m.id = f.id"
    " WHERE f.deadline <= ? ORDER BY f.deadline, f.row LIMIT ?"
)
NEXT_DEADLINE: Final = "SELECT min(deadline) FROM forwarded"

Decode = Callable[[bytes], Message]


def rows(batch: Batch) -> Rows:
    """Return what a batch changes here, and in the queues and records of messages."""
    taken, ended = batch.forwarded, [f for f in batch.finals if f.forwarded]
    return [
        (
            _FORWARD,
            [(f.message.id, f.link, f.remote_id, f.deadline, f.attempts) for f in taken],
        ),
        (schema.NOTE_ATTEMPTS, [(f.message.id, 0, f.attempts) for f in taken]),
        (schema.DELETE_PLACES, [key_of(f.message) for f in taken if f.queued]),
        (_ANSWERED, [(f.message.id,) for f in ended]),
    ]


def known(
    db: apsw.Connection, decode: Decode, link: str, remote_ids: Sequence[str]
) -> dict[str, tuple[Forwarded, ...]]:
    """Look up what is known by these ids over a link, the latest first."""
    found: dict[str, list[Forwarded]] = {}
    ids = in_json([*dict.fromkeys(remote_ids)])
    for each in _read(db, decode, _READ_KNOWN, (ids, link, LATEST_OF_AN_ID)):
        found.setdefault(each.remote_id, []).append(each)
    return {remote_id: tuple(some) for remote_id, some in found.items()}


def overdue(db: apsw.Connection, decode: Decode, now: int, limit: int) -> list[Forwarded]:
    """Read those whose deadline has come, earliest first."""
    return _read(db, decode, _READ_OVERDUE, (now, limit))


def _read(db: apsw.Connection, decode: Decode, query: str, bindings: Row) -> list[Forwarded]:
    return [
        Forwarded(decode(record), *fields)
        for record, *fields in db.execute(query, bindings)
        if isinstance(record, bytes)
    ]
