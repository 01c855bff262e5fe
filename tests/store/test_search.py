"""Messages are found by device, account, state and time, page by page, whatever is stored."""

from collections.abc import Awaitable, Callable, Iterable
from itertools import chain

import msgspec
import pytest

from smsc.message import Address, Message, Purpose, Receipt, State, to_account, to_device
from smsc.store import search, segments
from smsc.store.record import Criteria
from tests.store.samples import NOW, Shelf, batch, end, message

ANNA, BERT, CARL = "491700000001", "491700000002", "491700000003"
MANY = 1000
SMALL = 10
"""As many ids are in a segment here."""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (segments, search):
        monkeypatch.setattr(room, "SIZE", SMALL)


async def indexed(shelf: Shelf) -> None:
    while await shelf.store.index():
        pass


async def found(
    shelf: Shelf, criteria: Criteria, limit: int = MANY, newest_first: bool = False
) -> list[int]:
    listing = await shelf.store.search(criteria, None, limit, newest_first)
    return [history.message.id for history in listing.found]


async def shelved(shelf: Shelf, messages: Iterable[Message]) -> None:
    await shelf.write(batch(messages))


def sent(
    number: int, to: str = ANNA, by: str = "fleet", at: int = NOW, device: str = ""
) -> Message:
    """Make a message that an account sent to a device, or the device with this number."""
    made = message(number, to_device(to))
    source = Address(1, 1, device or "1234")
    return msgspec.structs.replace(made, account=by, accepted_at=at, source=source)


Index = Callable[[Shelf], Awaitable[None]]


async def not_indexed(shelf: Shelf) -> None:
    """Leave the messages as they are."""


@pytest.fixture(params=[indexed, not_indexed], ids=["indexed", "not indexed"])
def index(request: pytest.FixtureRequest) -> Index:
    """Messages are found whether they are indexed yet or not."""
    chosen: Index = request.param
    return chosen


async def test_a_device_is_found_at_both_ends(shelf: Shelf, index: Index) -> None:
    mo = msgspec.structs.replace(sent(12, device=ANNA, by=""), destination=to_account("fleet"))
    p2p = sent(13, to=CARL, device=ANNA, by="")
    others = [sent(number, to=BERT) for number in range(14, 40)]
    await shelved(shelf, [sent(11), mo, p2p, *others])
    await index(shelf)
    assert await found(shelf, Criteria(device=ANNA)) == [11, 12, 13]
    assert await found(shelf, Criteria(device=CARL)) == [13]
    assert await found(shelf, Criteria(device="49170000000")) == []


async def test_a_number_beyond_a_link_is_found_too(shelf: Shelf, index: Index) -> None:
    leaving = msgspec.structs.replace(
        sent(1), destination="link:world/fleet", dest=Address(1, 1, "33612345678")
    )
    await shelved(shelf, [leaving, *(sent(number) for number in range(2, 30))])
    await index(shelf)
    assert await found(shelf, Criteria(device="33612345678")) == [1]


async def test_an_account_is_found_at_both_ends(shelf: Shelf, index: Index) -> None:
    mo = msgspec.structs.replace(sent(2, device=ANNA, by=""), destination=to_account("fleet"))
    others = [sent(number, by="other") for number in range(3, 30)]
    await shelved(shelf, [sent(1), mo, *others])
    await index(shelf)
    assert await found(shelf, Criteria(account="fleet")) == [1, 2]
    assert await found(shelf, Criteria(account="fleet", device=ANNA)) == [1, 2]
    assert await found(shelf, Criteria(account="other", device=BERT)) == []


async def test_one_that_is_sent_to_its_sender_is_found_once(shelf: Shelf, index: Index) -> None:
    await shelved(shelf, [sent(1, device=ANNA, by=""), *(sent(n, BERT) for n in range(2, 30))])
    await index(shelf)
    assert await found(shelf, Criteria(device=ANNA)) == [1]


@pytest.mark.parametrize("state", [each for each in State if each.final])
async def test_any_state_is_found(shelf: Shelf, index: Index, state: State) -> None:
    messages = [sent(number) for number in range(1, 40)]
    ends = [end(each, state) for each in messages if each.id % 10 == 3]
    await shelf.write(batch(messages, finals=ends))
    await index(shelf)
    wanted = Criteria(states=frozenset({state}))
    assert await found(shelf, wanted) == [3, 13, 23, 33]
    assert await found(shelf, wanted, newest_first=True) == [33, 23, 13, 3]
    assert await found(shelf, Criteria(device=ANNA, states=wanted.states)) == [3, 13, 23, 33]
    assert await found(shelf, Criteria(account="other", states=wanted.states)) == []


async def test_states_of_which_some_have_failed_are_found_together(shelf: Shelf) -> None:
    messages = [sent(number) for number in range(1, 10)]
    ends = [end(messages[2], State.EXPIRED), end(messages[5]), end(messages[7], State.REJECTED)]
    await shelf.write(batch(messages, finals=ends))
    both = frozenset({State.REJECTED, State.EXPIRED})
    assert await found(shelf, Criteria(states=both)) == [3, 8]
    assert await found(shelf, Criteria(states=both | {State.DELIVERED})) == [3, 6, 8]


async def test_times_of_acceptance_are_kept_to(shelf: Shelf, index: Index) -> None:
    await shelved(shelf, [sent(number, at=NOW + number) for number in range(1, 60)])
    await index(shelf)
    assert await found(shelf, Criteria(since=NOW + 13, until=NOW + 17)) == [13, 14, 15, 16]
    assert await found(shelf, Criteria(device=ANNA, until=NOW + 3)) == [1, 2]
    assert await found(shelf, Criteria(since=NOW + 58), newest_first=True) == [59, 58]
    assert await found(shelf, Criteria(since=NOW + 5, until=NOW + 5)) == []


async def test_what_was_accepted_before_a_clock_was_set_back_is_found_by_its_time(
    shelf: Shelf, index: Index
) -> None:
    jumped = [sent(n, at=NOW + (1000 if 20 <= n < 30 else 0) + n) for n in range(1, 60)]
    await shelved(shelf, jumped)
    await index(shelf)
    late = Criteria(since=NOW + 1000)
    assert await found(shelf, late) == list(range(20, 30))
    first, last = await shelf.store.span(late)
    assert first <= 20 and last >= 29
    assert await found(shelf, Criteria(until=NOW + 35), newest_first=True) == [
        *range(34, 29, -1),
        *range(19, 0, -1),
    ]


async def test_notices_of_ours_are_left_out(shelf: Shelf, index: Index) -> None:
    receipt = Receipt(1, State.DELIVERED, 0, NOW, NOW, "")
    notices = [
        message(2, to_account("fleet"), receipt=receipt),
        msgspec.structs.replace(sent(3), purpose=Purpose.WATCH),
        msgspec.structs.replace(message(4, to_account("fleet")), purpose=Purpose.ALERT),
    ]
    ends = [end(each, State.EXPIRED) for each in notices]
    await shelf.write(batch([sent(1), *notices, *(sent(n) for n in range(5, 30))], finals=ends))
    await index(shelf)
    everything = [1, *range(5, 30)]
    for criteria in (Criteria(), Criteria(device=ANNA), Criteria(account="fleet")):
        assert await found(shelf, criteria) == everything
    assert await found(shelf, Criteria(states=frozenset({State.EXPIRED}))) == []


@pytest.mark.parametrize("newest_first", [False, True])
async def test_pages_follow_one_another(shelf: Shelf, index: Index, newest_first: bool) -> None:
    await shelved(shelf, [sent(number) for number in range(1, 45)])
    await index(shelf)
    pages, after = [], None
    for _ in range(5):
        listing = await shelf.store.search(Criteria(device=ANNA), after, 10, newest_first)
        pages.append([history.message.id for history in listing.found])
        after = listing.after
    assert after is None
    assert [len(page) for page in pages] == [10, 10, 10, 10, 4]
    assert [*chain(*pages)] == sorted(range(1, 45), reverse=newest_first)


async def test_the_last_page_is_known_for_the_last_when_it_is_full(shelf: Shelf) -> None:
    await shelved(shelf, [sent(number) for number in range(1, 11)])
    assert (await shelf.store.search(Criteria(), None, 10, True)).after is None


async def test_a_look_ends_when_it_has_seen_enough_and_goes_on_from_there(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, size in (("SLICES", 2), ("ROWS_AT_ONCE", 10), ("IDS_AT_ONCE", 10)):
        monkeypatch.setattr(search, name, size)
    messages = [sent(number) for number in range(1, 101)]
    await shelf.write(batch(messages, finals=[end(messages[49])]))
    wanted = Criteria(states=frozenset({State.DELIVERED}))
    found_after = []
    after: int | None = None
    while listing := await shelf.store.search(wanted, after, 10, False):
        found_after.append(([history.message.id for history in listing.found], listing.after))
        after = listing.after
        if after is None:
            break
    assert found_after == [([], 20), ([], 40), ([50], 60), ([], 80), ([], None)]


async def test_many_ids_that_are_not_there_cost_one_slice(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SLICES", 3)
    await shelved(shelf, [sent(1), sent(10**12)])
    for newest_first in (False, True):
        listing = await shelf.store.search(Criteria(), None, 10, newest_first)
        assert len(listing.found) == 2 and listing.after is None


async def test_nothing_is_found_where_nothing_is(shelf: Shelf) -> None:
    listing = await shelf.store.search(Criteria(), None, 10, True)
    assert listing == ([], None)
    first, last = await shelf.store.span(Criteria())
    assert first > last


async def test_the_index_goes_on_after_a_restart(shelf: Shelf) -> None:
    await shelved(shelf, [sent(number, to=BERT if number % 7 else ANNA) for number in range(1, 60)])
    for _ in range(3):
        assert await shelf.store.index()
    await shelf.reopen()
    await indexed(shelf)
    await shelved(shelf, [sent(number, to=ANNA) for number in range(60, 65)])
    expected = [7, 14, 21, 28, 35, 42, 49, 56, *range(60, 65)]
    assert await found(shelf, Criteria(device=ANNA)) == expected


async def test_only_complete_segments_are_indexed(shelf: Shelf) -> None:
    await shelved(shelf, [sent(number) for number in range(1, SMALL)])
    assert not await shelf.store.index()
    await shelved(shelf, [sent(SMALL)])
    assert await shelf.store.index()
