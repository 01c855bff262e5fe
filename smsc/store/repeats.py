"""Requests that may come again: which messages came of one, by the key its sender gave it.

They are written with the messages themselves, so whatever dies when, a request that is repeated
finds what came of it. They are kept for a day, and go a few at a time with those that come later.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

import apsw

from smsc.store.statement import Row, Rows, Statement

KEPT_MS: Final = 24 * 3600 * 1000
FORGOTTEN_AT_LEAST: Final = 8

STEP: Final = """
    -- A message that came of a request with a key, under the token it had in that.
    CREATE TABLE repeats (
        account TEXT NOT NULL,
        key TEXT NOT NULL,
        token INTEGER NOT NULL,
        id INTEGER NOT NULL,
        digest BLOB NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (account, key, token, id)
    ) WITHOUT ROWID;
    CREATE INDEX repeats_at ON repeats (at);
    """

_KEEP: Final = Statement("INSERT OR REPLACE INTO repeats VALUES ", "(?,?,?,?,?,?)")
_FORGET: Final = Statement(
    "DELETE FROM repeats WHERE (account, key, token, id) IN"
    " (SELECT account, key, token, id FROM repeats WHERE at <= ",
    "? ORDER BY at LIMIT ?",
    ")",
)
_READ: Final = (
    "SELECT token, id, digest FROM repeats"
    " WHERE account = ? AND key = ? AND at > ? ORDER BY token, id"
)


class Claim(NamedTuple):
    """A request with a key: whose it is, and the digest of what it asks for."""

    account: str
    key: str
    digest: bytes


class Keyed(NamedTuple):
    """A message that came of such a request."""

    claim: Claim
    token: int
    message_id: int


class RepeatStore(Protocol):
    """Remembers what came of requests; new ones come with a `Batch`."""

    async def repeats(self, account: str, key: str, now: int) -> list[Keyed]:
        """Read what came of an account's request with this key, in the last day."""


def rows(keyed: Sequence[Keyed], now: int) -> Rows:
    """Return what a batch adds, and that more goes than comes of what was kept for a day."""
    if not keyed:
        return []
    added: list[Row] = [
        (claim.account, claim.key, token, message_id, claim.digest, now)
        for claim, token, message_id in keyed
    ]
    return [(_KEEP, added), (_FORGET, [(now - KEPT_MS, len(added) + FORGOTTEN_AT_LEAST)])]


def read(db: apsw.Connection, account: str, key: str, now: int) -> list[Keyed]:
    """Read what came of a request."""
    return [
        Keyed(Claim(account, key, digest), token, message_id)
        for token, message_id, digest in db.execute(_READ, (account, key, now - KEPT_MS))
        if isinstance(token, int) and isinstance(message_id, int) and isinstance(digest, bytes)
    ]
