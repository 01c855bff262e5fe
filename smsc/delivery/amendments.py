"""The line of those who ask about messages that were accepted before, or to change them.

A turn takes some of the line. It waits until all that was submitted or ended before is durable,
reads the store once for all of them, and does what they ask for in one go, so that nothing comes
in between; they are told when that is durable in its turn. The reader has the turns: while one
is under way, no message that waits is taken in hand.
"""

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from smsc.clock import Clock
from smsc.delivery.admission import Bounds, sender
from smsc.delivery.desk import Desk
from smsc.delivery.directory import Directory
from smsc.delivery.errand import Asked, Asking, Cancelling, CancellingAll, Errand, Replacing
from smsc.delivery.inspection import Inspection
from smsc.delivery.ledger import STORE_FAILED, Ledger
from smsc.delivery.line import Waiting
from smsc.delivery.petition import (
    EVERY,
    Answer,
    Cancel,
    Petition,
    Petitioner,
    Query,
    Replace,
    Ruling,
)
from smsc.delivery.scheduler import Scheduler
from smsc.delivery.submission import Submitter
from smsc.delivery.superseding import LetIn, Superseding
from smsc.journal import Journal
from smsc.store.store import Store, StoreError
from smsc_routing import number
from smsc_routing.decision import Reason, Verdict

LONGEST_LINE: Final = 10_000
NEW_A_TURN: Final = 256
QUEUES_A_TURN: Final = 100
MESSAGES_A_TURN: Final = 1000
PLACES_AT_LEAST: Final = 10
MOST_READS: Final = 2
"""How often a submission waits for a read: for its device, and for its counts."""
PETITION_OCTETS: Final = 1000
"""What a petition counts for among submissions."""

BEHIND: Final = Verdict(
    Reason.STORE_BEHIND,
    detail="too many messages wait to be written: submit slower",
    retry_after_ms=1000,
)


class Amendments:
    """Takes petitions, and submissions that replace others; `work` is a turn of the reader's."""

    def __init__(
        self,
        store: Store,
        scheduler: Scheduler,
        ledger: Ledger,
        directory: Directory,
        clock: Clock,
        journal: Journal,
        bounds: Bounds,
    ) -> None:
        """Grant a replaced message what is within these bounds."""
        self._store = store
        self._scheduler = scheduler
        self._ledger = ledger
        self._directory = directory
        self._inspection = Inspection(directory)
        self._clock = clock
        self._journal = journal
        self._bounds = bounds
        self._line: deque[Errand] = deque()
        self.on_asked: Callable[[], None] = lambda: None
        self.follow: Callable[[str, Petitioner, Callable[[], None]], bool] = lambda *_: False
        """Called to wait behind what an account submitted that isn't decided; False if nothing."""

    @property
    def asked(self) -> bool:
        """Whether anybody waits for a turn."""
        return bool(self._line)

    def ask(self, petition: Petition, petitioner: Petitioner, token: int) -> None:
        """Line up a petition; the answer may come at once if it is refused.

        What its account submitted before is taken into account, so it waits behind that.
        """
        line = self._ledger.line
        if line.empty or not line.held(petition.account)[0]:
            self._ask(petition, petitioner, token)
            return
        again = partial(self._ask, petition, petitioner, token)
        line.put(petition.account, Waiting(again, petitioner, PETITION_OCTETS))

    def _ask(
        self, petition: Petition, petitioner: Petitioner, token: int, reads: int = MOST_READS
    ) -> None:
        again = partial(self._ask, petition, petitioner, token, reads - 1)
        if reads and self.follow(petition.account, petitioner, again):
            return
        try:
            errand = self._errand(petition, petitioner, token)
        except number.MalformedNumber:
            errand = _kind(petition)(petition, "", "", petitioner, token)
            self._tell(errand)
            return
        verdict = self._unserved()
        if verdict is not None:
            errand.answer = Answer(Ruling.REFUSED, verdict=verdict)
            self._tell(errand)
            return
        self._line_up(errand)

    def _errand(self, petition: Petition, petitioner: Petitioner, token: int) -> Asked:
        terms = self._directory.terms(petition.account)
        source = sender(terms, petition.account, petition.source)
        to = petition.dest if isinstance(petition, Cancel) else None
        dest = terms.numbering.canonical(to.ton, to.npi, to.digits) if to is not None else ""
        return _kind(petition)(petition, source, dest, petitioner, token)

    def supersede(self, accepted: Sequence[LetIn], submitter: Submitter) -> None:
        """Line up messages that were let in, to replace those like them."""
        errand = Superseding(accepted, submitter, self._ledger.counts)
        verdict = self._unserved()
        if verdict is None:
            self._line_up(errand)
        else:
            errand.refuse(verdict)

    def _unserved(self) -> Verdict | None:
        if self._ledger.failing:
            return STORE_FAILED
        return BEHIND if len(self._line) >= LONGEST_LINE else None

    def _line_up(self, errand: Errand) -> None:
        self._line.append(errand)
        self.on_asked()

    # A turn.

    async def work(self) -> None:
        """Do what some of the line ask for, and tell them when it is durable."""
        batch = self._take()
        changing = any(errand.changes for errand in batch)
        try:
            if changing:
                await self._ledger.written()
            desk, over = await self._do(batch)
        except StoreError:
            self._give_up(batch)
            raise
        if changing:
            await self._ledger.written()
        for errand in over:
            self._tell(errand)
        for errand in over:
            errand.flush()
        for destination in desk.released:
            self._scheduler.wake(destination)

    def _take(self) -> list[Errand]:
        """Take some of the line; those that come again don't keep new ones out."""
        batch: list[Errand] = []
        new = queues = 0
        while self._line and new < NEW_A_TURN and queues < QUEUES_A_TURN:
            errand = self._line.popleft()
            new += not errand.steps
            queues += len(errand.starts)
            batch.append(errand)
        return batch

    async def _do(self, batch: Sequence[Errand]) -> tuple[Desk, list[Errand]]:
        """Read what the errands want, and do them; return those that are over."""
        desk = self._desk()
        ids = list(dict.fromkeys(errand.wanted for errand in batch if errand.wanted))
        starts = list(dict.fromkeys(start for errand in batch for start in errand.starts))
        desk.line_limit = max(PLACES_AT_LEAST, MESSAGES_A_TURN // max(len(starts), 1))
        with self._scheduler.copies.reading():
            if ids:
                desk.groups = await self._store.find(ids, MESSAGES_A_TURN)
                await self._prepare(batch, desk)
            if starts:
                lines = await self._store.lines(starts, desk.line_limit)
                desk.lines = dict(zip(starts, lines, strict=True))
            over = [errand for errand in batch if self._step(errand, desk)]
        done = set(over)
        self._line.extendleft(errand for errand in reversed(batch) if errand not in done)
        return desk, over

    def _desk(self) -> Desk:
        now = self._clock.now()
        return Desk(self._scheduler, self._ledger, now, self._bounds, self._inspection)

    async def _prepare(self, batch: Sequence[Errand], desk: Desk) -> None:
        """Have the policies at hand that texts are to be held against."""
        wanted = {errand.wanted for errand in batch if isinstance(errand, Replacing)}
        await self._inspection.prepare(
            found.history.message for each in wanted for found in desk.groups.get(each, ())
        )

    def _step(self, errand: Errand, desk: Desk) -> bool:
        if errand.wanted and errand.wanted not in desk.groups:
            return False
        errand.steps += 1
        return errand.step(desk)

    def _give_up(self, batch: Sequence[Errand]) -> None:
        """Refuse those that weren't begun; the others go on when the store can be read again."""
        self._line.extendleft(errand for errand in reversed(batch) if errand.committed)
        failed = [errand for errand in batch if not errand.committed]
        for errand in failed:
            errand.fail()
            self._count(errand)
        for errand in failed:
            errand.flush()

    def _tell(self, errand: Errand) -> None:
        errand.tell()
        self._count(errand)

    def _count(self, errand: Errand) -> None:
        if isinstance(errand, Asked):
            self._journal.amendments[errand.operation, errand.outcome] += 1


def _kind(petition: Petition) -> type[Asked]:
    if isinstance(petition, Cancel) and petition.message_id == EVERY:
        return CancellingAll
    return _KINDS[type(petition)]


_KINDS: Final[dict[type[Petition], type[Asked]]] = {
    Query: Asking,
    Cancel: Cancelling,
    Replace: Replacing,
}
