"""When the log is folded into the file: after the commit that made it long, and not within it.

So whoever waits for that commit is answered first, and a failure is told; the checkpoint that
SQLite makes by itself within a commit fails in silence. Nothing is lost by a failure: the log is
durable, and grows until it can be folded.

But for what was written aside, which nobody has synced yet. Were a sync to fail then, those pages
of the log may never reach the disk, though no later sync says so, and whatever is written behind
them is lost with them. So nothing more may be written: another process finds out what is there.
"""

from collections.abc import Callable
from typing import Final

import apsw

PAGES: Final = 4000
PAGES_ASIDE: Final = 1000
"""As many while something is written that nobody waits for: a message may wait behind it."""


class Folding:
    """Watches the log of a connection."""

    def __init__(self, ask: Callable[[], object]) -> None:
        """Ask for a call of `fold` when it is time."""
        self.aside = False
        """Whether what is written now is something that nobody waits for."""
        self.error: apsw.Error | None = None
        """Why it couldn't be folded the last time; for the one who tells of it to take."""
        self.broken = False
        """Whether there may be a hole in the log."""
        self._unsynced = False
        self._ask = ask
        self._asked = False
        self._length = 0
        self._left = 0

    def watch(self, db: apsw.Connection) -> None:
        """Look at the log whenever something was committed."""
        db.set_wal_hook(self._committed)

    def _committed(self, db: apsw.Connection, name: str, length: int) -> int:
        self._length = length
        self._unsynced = self.aside
        most = PAGES_ASIDE if self.aside else PAGES
        if length >= self._left + most and not self._asked:
            self._asked = True
            self._ask()
        return apsw.SQLITE_OK

    def fold(self, db: apsw.Connection) -> None:
        """Fold the log; if that fails, it isn't tried again before it has grown as much again."""
        self._asked = False
        try:
            db.wal_checkpoint()
        except apsw.Error as error:
            self.error, self._left = error, self._length
            self.failed(error)
        else:
            self._left = 0
            self._unsynced = False

    def failed(self, error: BaseException) -> bool:
        """See whether what has failed may have torn a hole into the log; return whether one is.

        To be asked before anything else is committed, for that has the log synced, or so it seems.
        """
        self.broken |= self._unsynced and isinstance(error, apsw.IOError)
        return self.broken
