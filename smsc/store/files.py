"""What the file system must have been told before a file, its name or its log can be trusted."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import apsw

from smsc.store import schema


def make_folder(folder: Path) -> None:
    """Make a folder and those it lies in, for good: their names are there after a power loss."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for each in missing:
        sync_folder(each.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def reread(file: Path) -> None:
    """Have a file that a process has left be read from the disk from now on, not from memory.

    Where that process met a sync that failed, the system may show octets that the disk has never
    got, and say nothing about it any more. To go on behind them would be to lose what follows.
    """
    if not file.exists():
        return
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        if sys.platform == "linux":
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def commit(db: apsw.Connection, broken: Callable[[BaseException], bool]) -> None:
    """Commit; what failed is written over, or another process might find it whole in the log.

    But not if the log is `broken` by the failure: then nothing more may be written.
    """
    try:
        db.execute("COMMIT")
    except BaseException as error:
        lost = broken(error)
        with suppress(apsw.Error):
            if db.in_transaction:
                db.execute("ROLLBACK")
            if not lost:
                # The page that has the version is written whether that changes or not.
                db.pragma("user_version", len(schema.STEPS))
        raise
