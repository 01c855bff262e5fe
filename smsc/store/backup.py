"""A consistent copy of a file that is in use, made in small steps; and whether a copy is whole.

The copy is made over the very connection that writes: so what is written meanwhile goes into the
pages that were copied before, too, and the copy never has to begin anew. Between two steps the
store does what else there is to do.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Final
from urllib.parse import quote

import apsw

from smsc.store import schema
from smsc.store.store import StoreError

PAGES_AT_ONCE: Final = 64
SECONDS_A_STEP: Final = 0.002
"""How long the store does nothing else: about a megabyte, from one file into another."""


ROOM_TO_SPARE: Final = 256 * 1024 * 1024
"""Octets that a copy leaves free on the disk: the store goes on writing there."""


class NoRoom(StoreError):
    """There is no room on the disk for a copy."""


class Copying:
    """A copy in the making; all of it runs on the store's thread."""

    def __init__(self, db: apsw.Connection, file: Path) -> None:
        """Begin a copy into this file, which only its owner may read; an older one goes."""
        file.unlink(missing_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        self._copy = apsw.Connection(str(file))
        # Whoever asked for it makes it durable where he wants it.
        self._copy.execute("PRAGMA synchronous = OFF")
        self._copy.execute("PRAGMA journal_mode = OFF")
        self._backup = self._copy.backup("main", db, "main")

    def step(self) -> bool:
        """Copy some pages; return whether that was all."""
        until = perf_counter() + SECONDS_A_STEP
        while not self._backup.step(PAGES_AT_ONCE) and perf_counter() < until:
            pass
        return self._backup.done

    def end(self) -> None:
        """Let go of the copy, whether it is whole or not."""
        with suppress(apsw.Error):
            self._backup.close(True)
        self._copy.close(True)


def copy_of(file: Path) -> Path:
    """Name the file that a copy is made in, beside the one that is copied."""
    return file.with_name(f"{file.name}-copy")


def look_for_room(file: Path) -> None:
    """See that there is room for a copy beside a file and its log; raises NoRoom."""
    both = file, file.with_name(f"{file.name}-wal")
    needed = sum(each.stat().st_size for each in both if each.exists())
    free = shutil.disk_usage(file.parent).free
    if free < needed + ROOM_TO_SPARE:
        raise NoRoom(
            f"the copy needs {needed} octets on the disk of {file}, and {ROOM_TO_SPARE} must stay"
            f" free there, but only {free} are free; make room"
        )


def verify(file: Path) -> int:
    """Read a copy from end to end, and return how many messages it has; raises StoreError."""
    try:
        db = apsw.Connection(
            f"file:{quote(str(file.absolute()))}?immutable=1",
            apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI,
        )
        try:
            found = db.pragma("integrity_check")
            octets = db.pragma("page_count") * db.pragma("page_size")
            version, messages = db.pragma("user_version"), _messages(db)
        finally:
            db.close()
    except apsw.Error as error:
        raise StoreError(f"{file} is damaged: {error}; make another copy") from error
    if octets != file.stat().st_size:
        raise StoreError(f"{file} should have {octets} octets; make another copy")
    if found != "ok":
        raise StoreError(f"{file} is damaged: {found}; make another copy")
    if version != len(schema.STEPS):
        raise StoreError(
            f"{file} has schema version {version}, and this release {len(schema.STEPS)};"
            " use the release that the SMSC runs"
        )
    return messages


def _messages(db: apsw.Connection) -> int:
    count = next(iter(db.execute("SELECT count(*) FROM messages")))[0]
    assert isinstance(count, int)
    return count
