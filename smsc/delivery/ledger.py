"""Group commit: what changes in a turn of the loop is gathered on a page and written at once.

Everyone on the road writes on the current page and goes on. When the turn is over, or when enough
has come together before, the page goes to the store; while it is being written, the next one
fills. So a busy centre has large pages and an idle one small, each with one fsync, and nobody is
answered before his page is on the disk.

A page is only turned where nobody is in the middle of a line: between turns, or when a door says
by `hurry` that it has handed in a batch.
"""

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import structlog

from smsc.clock import Clock
from smsc.delivery.line import ON_A_PAGE, Line
from smsc.delivery.page import Answer, Page, keyed
from smsc.delivery.shares import FREE_FOR_ALL, used_up
from smsc.delivery.submission import Submitter
from smsc.journal import Journal
from smsc.store.repeats import Claim
from smsc.store.store import Store, StoreBrokenError, Written
from smsc_routing.counts import Counts
from smsc_routing.decision import Reason, Verdict

log = structlog.get_logger()

WORTH_WRITING: Final = 100
"""Arrivals on a page that needn't wait for the end of the turn."""

BACKLOG: Final = 20_000
"""Arrivals not yet durable beyond which nobody is let in, and of which each has his share."""

BACKLOG_OCTETS: Final = 32 * 1024 * 1024

_EQUAL: Final[Mapping[str, int]] = MappingProxyType({})

SECONDS_BETWEEN_TRIES: Final = 1.0
STORE_FAILED: Final = Verdict(
    Reason.STORE_FAILED,
    detail="the store can't write: nothing was accepted; submit again later",
    retry_after_ms=int(SECONDS_BETWEEN_TRIES * 1000),
)


class Ledger:
    """Takes pages to the store, one after another."""

    def __init__(
        self, store: Store, clock: Clock, journal: Journal, weights: Mapping[str, int] = _EQUAL
    ) -> None:
        """Write to this store; what is called by it is the scheduler's to set."""
        self.weights = weights
        """By which accounts share the road; one without has 1."""
        self.page = Page()
        self.line = Line(weights)
        """Where submissions wait that the page has no room for."""
        self.line.room = self._room
        self.last_id = 0
        self.counts = Counts()
        """What quotas have counted: in the store, and on pages that are yet to be written."""
        self.before_turn: Callable[[], None] = lambda: None
        """Called before a page is turned, for what else belongs on it."""
        self.on_written: Callable[[Page], None] = lambda page: None
        self.on_refused: Callable[[Page, set[int]], None] = lambda page, refused: None
        self.oldest_in_hand: Callable[[], int] = lambda: 0
        self.on_broken: Callable[[], None] = lambda: None
        """Called when nothing can be written before another process has opened the store."""
        self.claims: dict[Submitter, Claim] = {}
        """Requests that may come again, by who waits for what comes of them."""
        self.failing = False
        """Whether the latest write failed; nobody is let in before one has succeeded."""
        self._resting = False
        self._store = store
        self._clock = clock
        self._journal = journal
        self._writing: Page | None = None
        self._arrivals_in_writing = 0
        self._octets_in_writing = 0
        self._called = False
        self._closing = False
        self._idle = asyncio.Event()

    @property
    def backlog(self) -> int:
        """How many arrivals are not yet durable, or in line."""
        return len(self.page.arrivals) + self._arrivals_in_writing + len(self.line)

    @property
    def _octets(self) -> int:
        return self.page.octets + self._octets_in_writing + self.line.octets

    def _room(self) -> int:
        # While the store fails, those in line come to hear that.
        return ON_A_PAGE if self.failing else ON_A_PAGE - len(self.page.answers)

    @property
    def open(self) -> bool:
        """Whether anybody may be let on the page at once."""
        page = self.page
        return (
            self.line.empty
            and len(page.answers) < ON_A_PAGE
            and len(page.arrivals) + self._arrivals_in_writing < BACKLOG * FREE_FOR_ALL
            and page.octets + self._octets_in_writing < BACKLOG_OCTETS * FREE_FOR_ALL
        )

    def behind(self, account: str) -> bool:
        """Whether so much is not yet durable that an account should not be let in.

        That is soonest so for the one to whom most of it belongs.
        """
        number, octets = self.backlog, self._octets
        if number < BACKLOG * FREE_FOR_ALL and octets < BACKLOG_OCTETS * FREE_FOR_ALL:
            return False
        weight = self.weights.get(account, 1)
        his_number, his_octets = self.held(account)
        return used_up(his_number, BACKLOG - number, weight) or used_up(
            his_octets, BACKLOG_OCTETS - octets, weight
        )

    def held(self, account: str) -> tuple[int, int]:
        """Return how much of what isn't durable is an account's: how many, and their octets."""
        pages = [self.page.held(account), self.line.held(account)]
        if self._writing is not None:
            pages.append(self._writing.held(account))
        numbers, octets = zip(*pages, strict=True)
        return sum(numbers), sum(octets)

    @property
    def fill(self) -> float:
        """How much of what may be not yet durable is there: from 0 to 1, or a little above."""
        return max(self.backlog / BACKLOG, self._octets / BACKLOG_OCTETS)

    def number(self) -> int:
        """Give out the next message id; each is greater than all before."""
        self.last_id += 1
        return self.last_id

    def owe(self, submitter: Submitter, token: int, message_id: int) -> None:
        """Answer this submission when the current page is durable."""
        page = self.page
        if not page.answers:
            page.since = self._clock.monotonic()
        page.answers.append(Answer(submitter, token, message_id))

    def want(self) -> None:
        """Have the current page written when this turn of the loop is over."""
        if not self._called:
            self._called = True
            asyncio.get_running_loop().call_soon(self._turn_over)

    def hurry(self) -> None:
        """Have the current page written now, if that is worth while: a batch has ended."""
        if self._writing is None and len(self.page.arrivals) >= WORTH_WRITING:
            self._turn_page()

    async def written(self) -> None:
        """Wait until everything that has been put on a page so far is durable."""
        page = self.page if self.page else self._writing
        if page is not None:
            watcher = asyncio.Event()
            page.watchers.append(watcher)
            self.want()
            await watcher.wait()

    async def close(self) -> None:
        """Write what is left; what the store can't take even now is told in the log."""
        self._closing = True
        # Nobody in line was promised anything.
        self.line.room = lambda: 0
        self._turn_page()
        while self._writing is not None:
            self._idle.clear()
            await self._idle.wait()

    # One page after another.

    def _turn_over(self) -> None:
        self._called = False
        self._turn_page()

    def _turn_page(self) -> None:
        """Start to write the current page, unless another is being written or has just failed.

        After a failure an empty one is written too: that tells whether the store can write again.
        """
        if self._writing is not None or (self._resting and not self._closing):
            return
        if not self.page and (self._closing or not self.failing):
            return
        self.before_turn()
        page, self.page = self.page, Page()
        page.oldest_in_hand = self.oldest_in_hand()
        if self.claims:
            page.keyed = keyed(page, self.claims)
        try:
            future = self._store.write(page, self._clock.now())
        except Exception as error:
            self._failed(page, error)
        else:
            self._writing = page
            self._arrivals_in_writing = len(page.arrivals)
            self._octets_in_writing = page.octets
            future.add_done_callback(self._done)
            self.line.move_on()

    def _done(self, future: "asyncio.Future[Written]") -> None:
        page, self._writing = self._writing, None
        self._arrivals_in_writing = self._octets_in_writing = 0
        assert page is not None
        try:
            written = future.result()
        except Exception as error:
            # Not only StoreError: no page may be the last because one couldn't be written.
            self._failed(page, error)
        else:
            self._recovered()
            # The next page is on its way before this one is answered for.
            self._turn_page()
            self._succeeded(page, written)
        self._idle.set()

    def _succeeded(self, page: Page, written: Written) -> None:
        self._journal.batch_size.observe(len(page.arrivals) + len(page.finals))
        self._journal.write_seconds.observe(written.seconds)
        self._journal.sync_seconds.observe(written.sync_seconds)
        self.counts.written(page.counts)
        if written.trouble:
            log.error("log_not_folded", reason=written.trouble)
            self._journal.fold_failures += 1
        if page.answers:
            for answer in page.answers:
                answer.submitter.accepted(answer.token, answer.message_id)
            waited = self._clock.monotonic() - page.since
            self._journal.accept_seconds.observe(waited, len(page.answers))
            _flush(page)
        self.on_written(page)
        for watcher in page.watchers:
            watcher.set()
        for callback in page.once_durable:
            callback()

    def _recovered(self) -> None:
        if self.failing:
            log.info("store_writes_again")
        self.failing = False

    def _failed(self, page: Page, error: Exception) -> None:
        """Refuse what was submitted, keep what is ours, and try again in a while."""
        log.error("store_failed", reason=str(error) or repr(error), refused=len(page.answers))
        self._journal.store_failures += 1
        if isinstance(error, StoreBrokenError):
            self.on_broken()
        self.failing = self._resting = True
        refused = {answer.message_id for answer in page.answers}
        # What they have brought with them goes with them.
        refused.discard(0)
        refused.update(m.id for m in page.arrivals if m.follows in refused)
        for answer in page.answers:
            answer.submitter.refused(answer.token, STORE_FAILED)
        _flush(page)
        for message_id, increments in page.counted:
            if message_id in refused:
                self.counts.failed(increments)
        self.on_refused(page, refused)
        self.page.take_over(page, refused)
        if self._closing:
            log.critical("not_written", finals=len(self.page.finals), waits=len(self.page.waits))
        else:
            self._clock.call_later(SECONDS_BETWEEN_TRIES, self._try_again)
            # Those in line are refused, too.
            self.line.move_on()

    def _try_again(self) -> None:
        self._resting = False
        self._turn_page()


def _flush(page: Page) -> None:
    for submitter in {answer.submitter for answer in page.answers}:
        submitter.flush()
