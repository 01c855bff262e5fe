"""Notes of the doors: what a dialect keeps of a thing that nobody else knows of it.

A note is octets under a key, and keys are of a kind. Notes change with a batch, like all else that
an answer promises.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import apsw

from smsc.store.statement import Rows, Statement, in_json

Note = tuple[str, str]
"""What a note goes by: its kind, and its key among those of its kind."""

_PUT: Final = Statement("INSERT OR REPLACE INTO notes VALUES ", "(?,?,?)")
_DELETE: Final = Statement("DELETE FROM notes WHERE (kind, key) IN (VALUES ", "(?,?)", ")")
_READ: Final = (
    "SELECT n.key, n.text FROM json_each(?) k CROSS JOIN notes n ON n.kind = ? AND n.key = k.value"
)
_READ_AFTER: Final = "SELECT key, text FROM notes WHERE kind = ? AND key > ? ORDER BY key LIMIT ?"


class NoteStore(Protocol):
    """Keeps notes; they change with a `Batch`."""

    async def notes(self, kind: str, keys: Sequence[str]) -> dict[str, bytes]:
        """Read notes of a kind by key; those that don't exist are left out."""

    async def notes_after(self, kind: str, after: str, limit: int) -> dict[str, bytes]:
        """Read the notes of a kind whose keys follow one, in the order of keys."""


def rows(changes: Mapping[Note, bytes | None]) -> Rows:
    """Return what changes of notes write."""
    gone = [note for note, text in changes.items() if text is None]
    put = [(*note, text) for note, text in changes.items() if text is not None]
    return [(_DELETE, gone), (_PUT, put)]


def read(db: apsw.Connection, kind: str, keys: Sequence[str]) -> dict[str, bytes]:
    """Read notes by key."""
    return {str(key): _text(text) for key, text in db.execute(_READ, (in_json(keys), kind))}


def read_after(db: apsw.Connection, kind: str, after: str, limit: int) -> dict[str, bytes]:
    """Read the notes whose keys follow one."""
    found = db.execute(_READ_AFTER, (kind, after, limit))
    return {str(key): _text(text) for key, text in found}


def _text(text: object) -> bytes:
    assert isinstance(text, bytes)
    return text
