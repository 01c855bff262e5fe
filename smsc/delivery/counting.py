"""The counts of quotas on the road: read when a decision needs them, written with the message.

What an accepted message adds is put into `Ledger.counts` when it is let in, so that the next one
sees it, and on the page on which the message is written. So both are durable or neither.
"""

from collections.abc import Iterable, Sequence

from smsc.delivery.amendments import BEHIND
from smsc.delivery.directory import Unread
from smsc.delivery.ledger import BACKLOG, STORE_FAILED, Ledger
from smsc.delivery.submission import Submission
from smsc.delivery.transient import transient
from smsc.store.store import CountStore
from smsc_routing.calendar_quota import Key
from smsc_routing.decision import Verdict


class Counting:
    """Brings the counts that decisions need into the ledger's table."""

    def __init__(self, store: CountStore, ledger: Ledger) -> None:
        """Read counts from this store."""
        self._store = store
        self._ledger = ledger
        self._counts = ledger.counts

    def uncountable(self, submission: Submission, keys: Sequence[Key]) -> Verdict | None:
        """Say why a message can't be counted now; raises `Unread` for counts to be read first.

        What isn't stored itself is let in only while its counts can be.
        """
        if not self._counts.known(keys):
            raise Unread(*(key for key in keys if not self._counts.known((key,))))
        if not keys or not transient(submission.esm_class):
            return None
        if self._ledger.failing:
            return STORE_FAILED
        return BEHIND if len(self._ledger.page.counted) >= BACKLOG else None

    async def read(self, keys: Iterable[Key]) -> None:
        """Read these counts; raises StoreError."""
        wanted = self._counts.to_read(keys)
        if not wanted:
            return
        try:
            found = await self._store.counts(wanted)
            for key in wanted:
                self._counts.read(key, found.get(key, 0))
        finally:
            self._counts.unread(wanted)
