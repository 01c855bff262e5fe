"""What came of requests is written with their messages, and forgotten a day later."""

import sqlite3
from pathlib import Path

from smsc.store.repeats import KEPT_MS, Claim, Keyed
from smsc.store.sqlite import SqliteStore
from smsc.store.store import Batch

CLAIM = Claim("fleet", "key", b"digest")


def batch(*ids: int, claim: Claim = CLAIM) -> Batch:
    made = Batch()
    made.keyed = [Keyed(claim, token, each) for token, each in enumerate(ids)]
    made.moves["491700000001"] = True
    return made


async def test_what_came_of_a_request_is_found_by_account_and_key(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "smsc.db")
    await store.open(0)
    await store.write(batch(5, 6), 1000)
    assert await store.repeats("fleet", "key", 2000) == [Keyed(CLAIM, 0, 5), Keyed(CLAIM, 1, 6)]
    assert await store.repeats("fleet", "other", 2000) == []
    assert await store.repeats("slow", "key", 2000) == []
    assert await store.repeats("fleet", "key", 1000 + KEPT_MS) == []
    await store.close()


async def test_more_goes_than_comes_when_a_day_is_over(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "smsc.db")
    await store.open(0)
    await store.write(batch(*range(1, 21)), 0)
    for step in range(3):
        claim = Claim("fleet", f"later {step}", b"digest")
        await store.write(batch(100 + step, claim=claim), KEPT_MS + step)
    await store.close()
    with sqlite3.connect(tmp_path / "smsc.db") as file:
        assert file.execute("SELECT count(*) FROM repeats").fetchone() == (3,)
