"""Looking for messages in any store, and forgetting them, against a plain list of them."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from smsc.message import Address, Message, Purpose, Receipt, State
from smsc.store import forgetting, search, segments
from smsc.store.record import FOREVER, Criteria, Keep
from smsc.store.store import History
from tests.store.conftest import KINDS
from tests.store.samples import NOW, Shelf, batch, end, message

NUMBERS = ["491", "492", "0493", "x"]
ACCOUNTS = ["fleet", "other", ""]
DESTINATIONS = [
    *(f"device:{number}" for number in NUMBERS),
    "account:fleet",
    "account:other",
    "account:",
    "link:world/fleet",
    "link:world/",
]
TIMES = st.integers(NOW - 5, NOW + 15)
CRITERIA = st.builds(
    Criteria,
    account=st.none() | st.sampled_from(ACCOUNTS[:2]),
    device=st.none() | st.sampled_from([*NUMBERS, ""]),
    states=st.just(frozenset()) | st.frozensets(st.sampled_from(State), max_size=3),
    since=st.just(0) | TIMES,
    until=st.just(FOREVER) | TIMES,
)
KEEPS = st.builds(Keep, records=st.integers(0, 10), texts=st.integers(0, 10))
DAY = 24 * 3_600_000
SMALL = {
    forgetting: {"ROWS_AT_ONCE": 4},
    segments: {"SIZE": 8, "ROWS_AT_ONCE": 3, "ENTRIES_AT_ONCE": 3},
    search: {
        "SIZE": 8,
        "ROWS_AT_ONCE": 4,
        "IDS_AT_ONCE": 6,
        "SEGMENTS_AT_ONCE": 2,
        "SLICES": 3,
    },
}


def concerns(sent: Message) -> set[str]:
    """Tell which accounts and devices have to do with a message, each with its kind."""
    kind = sent.destination.partition(":")[0]
    to = f"device:{sent.dest.digits}" if kind == "link" else sent.destination
    by = f"account:{sent.account}" if sent.account else f"device:{sent.source.digits}"
    return {to, by}


def meets(history: History, criteria: Criteria) -> bool:
    sent = history.message
    return (
        sent.receipt is None
        and sent.purpose is Purpose.SHORT_MESSAGE
        and (criteria.account is None or f"account:{criteria.account}" in concerns(sent))
        and (criteria.device is None or f"device:{criteria.device}" in concerns(sent))
        and (not criteria.states or history.state in criteria.states)
        and criteria.since <= sent.accepted_at < criteria.until
    )


def without_text(sent: Message) -> Message:
    receipt = sent.receipt and msgspec.structs.replace(sent.receipt, text="")
    return msgspec.structs.replace(sent, payload=b"", receipt=receipt)


@dataclass
class Shelved:
    """What was written, by id."""

    messages: dict[int, History] = field(default_factory=dict)

    def found(self, criteria: Criteria, newest_first: bool) -> list[int]:
        order = sorted(self.messages, reverse=newest_first)
        return [each for each in order if meets(self.messages[each], criteria)]


class AnySearch(RuleBasedStateMachine):
    """Writes messages, indexes and forgets some, and looks for them page by page."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        for room, sizes in SMALL.items():
            for name, size in sizes.items():
                self.patch.setattr(room, name, size)
        self.runner = asyncio.Runner()
        self.folder = TemporaryDirectory()
        self.shelf = Shelf(lambda: KINDS["sqlite"](Path(self.folder.name)))
        self.model = Shelved()
        self.last_id = 0
        self.now = NOW + 10

    @initialize()
    def opens(self) -> None:
        self.runner.run(self.shelf.open())

    def teardown(self) -> None:
        self.runner.run(self.shelf.store.close())
        self.runner.close()
        self.folder.cleanup()
        self.patch.undo()

    @rule(
        most=st.integers(1, 20),
        gap=st.sampled_from([0, 0, 0, 1, 30]),
        data=st.data(),
    )
    def messages_come(self, most: int, gap: int, data: st.DataObject) -> None:
        self.last_id += gap
        arrivals = []
        for _ in range(most):
            self.last_id += 1
            arrivals.append(self.a_message(data))
        self.runner.run(self.shelf.write(batch(arrivals)))
        for each in arrivals:
            state = State.SCHEDULED if each.not_before else State.ENROUTE
            self.model.messages[each.id] = History(each, state, 0, 0, 0)

    def a_message(self, data: st.DataObject) -> Message:
        notice = data.draw(st.sampled_from([False, False, False, True]))
        made = message(
            self.last_id,
            data.draw(st.sampled_from(DESTINATIONS)),
            not_before=data.draw(st.sampled_from([0, 0, NOW + 50])),
            expires_at=NOW + 1000,
            receipt=Receipt(1, State.DELIVERED, 0, NOW, NOW, "hello") if notice else None,
        )
        return msgspec.structs.replace(
            made,
            account=data.draw(st.sampled_from(ACCOUNTS)),
            source=Address(1, 1, data.draw(st.sampled_from(NUMBERS))),
            dest=Address(1, 1, data.draw(st.sampled_from(NUMBERS))),
            accepted_at=NOW + data.draw(st.integers(0, 10)),
            purpose=data.draw(st.sampled_from([*[Purpose.SHORT_MESSAGE] * 5, Purpose.WATCH])),
        )

    @rule(data=st.data())
    def messages_end(self, data: st.DataObject) -> None:
        ids = sorted(self.model.messages)
        chosen = data.draw(st.lists(st.sampled_from(ids), unique=True)) if ids else []
        finals = []
        for number in chosen:
            known = self.model.messages[number]
            if not known.state.final:
                state = data.draw(st.sampled_from([s for s in State if s.final]))
                finals.append(end(known.message, state, at=self.now))
                self.model.messages[number] = known._replace(state=state, done_at=self.now)
        self.runner.run(self.shelf.write(batch(finals=finals)))

    @rule(slices=st.integers(1, 10))
    def some_are_indexed(self, slices: int) -> None:
        for _ in range(slices):
            self.runner.run(self.shelf.store.index())

    @rule()
    def all_are_indexed(self) -> None:
        while self.runner.run(self.shelf.store.index()):
            pass

    @rule(later=st.sampled_from([0, 1, 2, 5, 20]), keep=KEEPS, most=st.integers(1, 20))
    def some_are_forgotten(self, later: int, keep: Keep, most: int) -> None:
        self.now += later
        self.runner.run(self.forget(keep, most))
        self.runner.run(self.compare(keep))

    @rule(keep=KEEPS)
    def all_are_forgotten_that_have_ended(self, keep: Keep) -> None:
        # Whatever hadn't ended when it was looked at is looked at again within a day.
        for _ in range(2):
            self.now += 2 * DAY
            self.runner.run(self.forget(keep, 10_000))
        self.runner.run(self.compare(keep))
        left = [each for each in self.model.messages.values() if each.state.final]
        assert [each.message.id for each in left] in ([], [self.last_id])
        assert not any(each.message.payload for each in left) or keep.texts >= keep.records

    async def forget(self, keep: Keep, most: int) -> None:
        """Forget so many slices, or until there is nothing more to do."""
        for _ in range(most):
            forgotten = await self.shelf.store.forget(self.now, keep)
            if forgotten.next_at > self.now:
                return

    async def compare(self, keep: Keep) -> None:
        """See that no more is gone than may be, and note what is."""
        for number, known in list(self.model.messages.items()):
            found = await self.shelf.store.history(number)
            ended = known.done_at if known.state.final else FOREVER
            if found is None:
                assert ended + keep.records <= self.now
                assert number < self.last_id
                del self.model.messages[number]
            elif found != known:
                assert ended + keep.texts <= self.now
                assert found == known._replace(message=without_text(known.message), erased=True)
                self.model.messages[number] = found

    @rule()
    def it_is_opened_again(self) -> None:
        self.runner.run(self.shelf.reopen())

    @rule(criteria=CRITERIA, limit=st.integers(1, 30), newest_first=st.booleans())
    def they_are_looked_for(self, criteria: Criteria, limit: int, newest_first: bool) -> None:
        found = self.runner.run(self.all_pages(criteria, limit, newest_first))
        expected = self.model.found(criteria, newest_first)
        assert [each.message.id for each in found] == expected
        assert found == [self.model.messages[each] for each in expected]
        first, last = self.runner.run(self.shelf.store.span(criteria))
        assert all(first <= each <= last for each in expected)

    async def all_pages(self, criteria: Criteria, limit: int, newest_first: bool) -> list[History]:
        found: list[History] = []
        after: int | None = None
        while True:
            listing = await self.shelf.store.search(criteria, after, limit, newest_first)
            assert len(listing.found) <= limit
            found += listing.found
            if listing.after is None:
                return found
            assert after is None or (listing.after < after) is newest_first
            assert listing.after != after
            after = listing.after


TestSqliteSearch = AnySearch.TestCase
TestSqliteSearch.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
