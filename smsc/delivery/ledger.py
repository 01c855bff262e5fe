"""Group commit: what changes in a turn of the loop is gathered on a page and written at once.

Everyone on the road writes on the current page and goes on. A single task takes the page to the
store; while it is being written, the next one fills. So a busy centre has large pages and an
idle one small, with one fsync each, and nobody is answered before his page is on the disk.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import structlog
from msgspec import Struct

from smsc.clock import Clock
from smsc.delivery.agent import Attempt
from smsc.delivery.submission import Submitter
from smsc.journal import Journal
from smsc.store.store import Batch, Store, StoreError
from smsc_routing.decision import Reason, Verdict

if TYPE_CHECKING:
    from smsc.delivery.lane import Lane

log = structlog.get_logger()

SECONDS_BETWEEN_TRIES: Final = 1.0
STORE_FAILED: Final = Verdict(
    Reason.STORE_FAILED,
    detail="the store can't write: nothing was accepted; submit again later",
    retry_after_ms=int(SECONDS_BETWEEN_TRIES * 1000),
)


class Answer(Struct, frozen=True, gc=False):
    """Who waits for a message's page, and under which token."""

    submitter: Submitter
    token: int
    message_id: int


class Page(Batch):
    """A batch, and whom it concerns when it is durable."""

    __slots__ = ("answers", "in_hand", "released", "settled", "since", "watchers")

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.answers: list[Answer] = []
        self.since = 0.0
        """When the first of them was submitted, in monotonic seconds."""
        self.in_hand: list[Attempt] = []
        """Arrivals to dispatch as soon as they are durable."""
        self.settled: list[Lane] = []
        """Lanes with an attempt whose end stands on this page, once for each."""
        self.released: list[int] = []
        """Messages read from a queue that are no longer in hand."""
        self.watchers: list[asyncio.Event] = []

    def take_over(self, failed: "Page", refused: set[int]) -> None:
        """Put the lines of a page that couldn't be written first, but for refused arrivals."""
        self.arrivals[:0] = [m for m in failed.arrivals if m.id not in refused]
        self.in_hand[:0] = [a for a in failed.in_hand if a.message.id not in refused]
        self.waits[:0] = [w for w in failed.waits if w.message.id not in refused]
        self.finals[:0] = failed.finals
        self.looked_at[:0] = failed.looked_at
        self.settled[:0] = failed.settled
        self.released[:0] = failed.released
        self.watchers[:0] = failed.watchers
        self.moves = {**failed.moves, **self.moves}


class Ledger:
    """Takes pages to the store, one after another."""

    def __init__(self, store: Store, clock: Clock, journal: Journal) -> None:
        """Write to this store; `on_written` and `on_refused` are the scheduler's to set."""
        self.page = Page()
        self.last_id = 0
        self.on_written: Callable[[Page], None] = lambda page: None
        self.on_refused: Callable[[Page, set[int]], None] = lambda page, refused: None
        self.oldest_in_hand: Callable[[], int] = lambda: 0
        self.failing = False
        self._store = store
        self._clock = clock
        self._journal = journal
        self._wanted = asyncio.Event()
        self._writing = 0
        self._closing = False

    @property
    def backlog(self) -> int:
        """How many arrivals are not yet durable."""
        return self._writing + len(self.page.arrivals)

    def number(self) -> int:
        """Give out the next message id; each is greater than all before."""
        self.last_id += 1
        return self.last_id

    def want(self) -> None:
        """Have the current page written when this turn of the loop is over."""
        self._wanted.set()

    async def written(self) -> None:
        """Wait until everything that stands on the current page is durable."""
        if self.page:
            watcher = asyncio.Event()
            self.page.watchers.append(watcher)
            self.want()
            await watcher.wait()

    async def run(self) -> None:
        """Write pages until `close`, and then what is left."""
        while not self._closing or self.page:
            await self._wanted.wait()
            self._wanted.clear()
            if self.page:
                await self._write(self._turned())

    def close(self) -> None:
        """End `run` once the last page is written."""
        self._closing = True
        self.want()

    def _turned(self) -> Page:
        page, self.page = self.page, Page()
        page.oldest_in_hand = self.oldest_in_hand()
        self._writing = len(page.arrivals)
        return page

    async def _write(self, page: Page) -> None:
        try:
            written = await self._store.write(page, self._clock.now())
        except StoreError as error:
            self._writing = 0
            self._failed(page, error)
            return
        self._writing = 0
        self.failing = False
        self._journal.batch_size.observe(len(page.arrivals) + len(page.finals))
        self._journal.write_seconds.observe(written.seconds)
        self._journal.sync_seconds.observe(written.sync_seconds)
        self._answer(page)
        self.on_written(page)
        for watcher in page.watchers:
            watcher.set()

    def _answer(self, page: Page) -> None:
        if not page.answers:
            return
        for answer in page.answers:
            answer.submitter.accepted(answer.token, answer.message_id)
        waited = self._clock.monotonic() - page.since
        self._journal.accept_seconds.observe(waited, len(page.answers))
        for submitter in {answer.submitter for answer in page.answers}:
            submitter.flush()

    def owe(self, submitter: Submitter, token: int, message_id: int) -> None:
        """Answer this submission when the current page is durable."""
        page = self.page
        if not page.answers:
            page.since = self._clock.monotonic()
        page.answers.append(Answer(submitter, token, message_id))

    def _failed(self, page: Page, error: StoreError) -> None:
        """Refuse what was submitted, keep what is ours, and try again in a while."""
        log.error("store_failed", reason=str(error), refused=len(page.answers))
        self._journal.store_failures += 1
        self.failing = True
        refused = {answer.message_id for answer in page.answers}
        for answer in page.answers:
            answer.submitter.refused(answer.token, STORE_FAILED)
        for submitter in {answer.submitter for answer in page.answers}:
            submitter.flush()
        self.on_refused(page, refused)
        self.page.take_over(page, refused)
        self._clock.call_later(SECONDS_BETWEEN_TRIES, self._try_again)

    def _try_again(self) -> None:
        self.failing = False
        self.want()
