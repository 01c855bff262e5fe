"""Counts of quotas: as exact as the messages they are written with, and forgotten by and by."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from smsc.message import Message
from smsc.store.counting import FORGOTTEN_AT_LEAST, KEPT_AFTERWARDS_MS
from smsc.store.sqlite import SqliteStore
from smsc.store.store import Batch, StoreError
from smsc_routing.calendar_quota import Increment, Key
from tests.store.samples import HOUR, NOW, Shelf, batch, message

TODAY = Key("device 491", "2026-11-21")
MONTH = Key("device 491", "2026-11")
OTHER = Key("device 492", "2026-11-21")
ENDS = NOW + HOUR


def counting(*counts: tuple[Key, int], arrivals: Iterable[Message] = (), ends: int = ENDS) -> Batch:
    """Make the batch in which messages arrive, and add so much to these counts."""
    filled = batch(arrivals)
    filled.counts.extend(Increment(key, cost, ends) for key, cost in counts)
    return filled


def rows(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as file:
        return [window for (window,) in file.execute("SELECT window FROM counts ORDER BY 1")]


async def test_what_was_never_counted_is_0(shelf: Shelf) -> None:
    assert await shelf.store.counts([TODAY, MONTH]) == {TODAY: 0, MONTH: 0}
    assert await shelf.store.counts([]) == {}


async def test_increments_add_up_within_a_batch_and_over_batches(shelf: Shelf) -> None:
    assert counting((TODAY, 1))
    await shelf.write(counting((TODAY, 1), (MONTH, 1), (TODAY, 2), (OTHER, 5)))
    await shelf.write(counting((TODAY, 4)))
    assert await shelf.store.counts([TODAY, MONTH, OTHER]) == {TODAY: 7, MONTH: 1, OTHER: 5}
    await shelf.reopen()
    assert await shelf.store.counts([OTHER, TODAY]) == {OTHER: 5, TODAY: 7}


async def test_a_batch_that_fails_counts_for_nothing_and_once_when_it_is_written_again(
    shelf: Shelf,
) -> None:
    await shelf.write(counting((TODAY, 1), arrivals=[message(1)]))
    with pytest.raises(StoreError):
        await shelf.write(counting((TODAY, 1), (OTHER, 1), arrivals=[message(2), message(1)]))
    assert await shelf.store.counts([TODAY, OTHER]) == {TODAY: 1, OTHER: 0}
    await shelf.write(counting((TODAY, 1), (OTHER, 1), arrivals=[message(2)]))
    assert await shelf.store.counts([TODAY, OTHER]) == {TODAY: 2, OTHER: 1}


async def test_any_words_name_a_count(shelf: Shelf) -> None:
    odd = [Key('say "a"', "\\ü"), Key("", ""), Key("['a']", "null")]
    await shelf.write(counting(*((key, number) for number, key in enumerate(odd, 1))))
    assert await shelf.store.counts(odd) == {key: number for number, key in enumerate(odd, 1)}


async def test_counts_go_a_few_at_a_time_when_their_window_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "smsc.db"
    shelf = Shelf(lambda: SqliteStore(path))
    await shelf.open()
    days = [Key("device 491", f"day {number:02}") for number in range(30)]
    for number, day in enumerate(days):
        await shelf.write(counting((day, 1), ends=ENDS + number))
    late = ENDS + len(days) + KEPT_AFTERWARDS_MS
    await shelf.write(counting((MONTH, 1), ends=late + HOUR), late)
    assert await shelf.store.counts([days[0], days[-1]]) == {days[0]: 0, days[-1]: 1}
    await shelf.write(batch([message(1)]), late)
    await shelf.store.close()
    gone = FORGOTTEN_AT_LEAST + 1
    assert rows(path) == [MONTH.window, *(day.window for day in days[gone:])]


async def test_a_count_outlives_its_window_by_as_much_as_a_clock_may_be_set_back(
    shelf: Shelf,
) -> None:
    await shelf.write(counting((TODAY, 3)))
    await shelf.write(counting((OTHER, 1)), ENDS + KEPT_AFTERWARDS_MS - 1)
    assert await shelf.store.counts([TODAY]) == {TODAY: 3}
    await shelf.write(counting((OTHER, 1)), ENDS + KEPT_AFTERWARDS_MS)
    assert await shelf.store.counts([TODAY]) == {TODAY: 0}


async def test_a_window_that_ends_later_than_it_was_said_counts_on(shelf: Shelf) -> None:
    await shelf.write(counting((TODAY, 1), ends=ENDS))
    await shelf.write(counting((TODAY, 1), ends=ENDS + HOUR))
    await shelf.write(counting((TODAY, 1), ends=ENDS))
    await shelf.write(counting((OTHER, 1)), ENDS + KEPT_AFTERWARDS_MS)
    assert await shelf.store.counts([TODAY]) == {TODAY: 3}
