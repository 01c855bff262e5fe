"""The file of the SQLite store: its versions, its lock, its folder, and what kill leaves of it."""

import asyncio
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smsc.message import State
from smsc.store import schema
from smsc.store.sqlite import SqliteStore
from smsc.store.store import StoreError
from tests.store.samples import ANNA, NOW, batch, end, message, place, queued

# Another server on the same file, as far as the file can tell.
SECOND_PROCESS = """
import asyncio, sys
from pathlib import Path
from smsc.store.sqlite import SqliteStore
from smsc.store.store import StoreError

async def main():
    store = SqliteStore(Path(sys.argv[1]))
    try:
        await store.open(0)
    except StoreError as error:
        print(error)
    await store.close()

asyncio.run(main())
"""


@contextmanager
def database(path: Path) -> Iterator[sqlite3.Connection]:
    """Look into a file that no store has open."""
    with closing(sqlite3.connect(path)) as connection, connection:
        yield connection


async def refusal(path: Path) -> str:
    """Open a store that can't be opened, and return what it says."""
    store = SqliteStore(path)
    try:
        with pytest.raises(StoreError) as raised:
            await store.open(NOW)
    finally:
        await store.close()
    return str(raised.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "smsc.db"


async def made(path: Path) -> SqliteStore:
    store = SqliteStore(path)
    await store.open(NOW)
    return store


async def test_the_folder_is_made_if_it_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "some" / "where" / "smsc.db"
    await (await made(path)).close()
    assert path.exists()


async def test_the_version_of_the_schema_is_recorded(path: Path) -> None:
    await (await made(path)).close()
    with database(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(schema.STEPS),)


async def test_a_file_that_is_up_to_date_is_not_migrated_again(path: Path) -> None:
    store = await made(path)
    await store.write(queued(message(1)), NOW)
    await store.close()
    store = await made(path)
    assert (await store.waiting([ANNA], 9, NOW, True))[ANNA] == [place(message(1))]
    await store.close()


async def test_a_file_of_an_older_version_is_brought_up(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await (await made(path)).close()
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, "CREATE TABLE added (id INTEGER)"))
    await (await made(path)).close()
    with database(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(schema.STEPS),)
        assert connection.execute("SELECT count(*) FROM added").fetchone() == (0,)


async def test_a_step_that_fails_leaves_the_file_at_the_version_it_had(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await (await made(path)).close()
    version = len(schema.STEPS)
    monkeypatch.setattr(
        schema, "STEPS", (*schema.STEPS, "CREATE TABLE added (id INTEGER); DROP TABLE nowhere")
    )
    assert "nowhere" in await refusal(path)
    with database(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (version,)
        assert (
            connection.execute("SELECT * FROM sqlite_schema WHERE name = 'added'").fetchall() == []
        )


async def test_a_file_of_a_newer_release_is_refused_with_the_cure(path: Path) -> None:
    await (await made(path)).close()
    with database(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    words = await refusal(path)
    assert str(path) in words
    assert "version 99" in words
    assert "run the release that wrote it" in words


async def test_a_second_store_on_the_same_file_is_refused_with_the_cure(path: Path) -> None:
    store = await made(path)
    words = await refusal(path)
    assert "another process holds it: stop that one, or name another file" in words
    await store.close()


async def test_a_store_that_was_only_opened_holds_its_file_too(path: Path) -> None:
    await (await made(path)).close()
    store = await made(path)
    assert "another process holds it" in await refusal(path)
    await store.close()


async def test_a_second_process_on_the_same_file_is_refused_with_the_cure(path: Path) -> None:
    store = await made(path)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SECOND_PROCESS, path, stdout=asyncio.subprocess.PIPE
    )
    words, _ = await process.communicate()
    assert "another process holds it" in words.decode()
    await store.write(queued(message(1)), NOW)
    await store.close()


async def test_the_file_is_free_once_the_store_is_closed(path: Path) -> None:
    await (await made(path)).close()
    with database(path) as connection:
        assert connection.execute("SELECT count(*) FROM messages").fetchone() == (0,)


def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.write_bytes(b"a letter to my mother, " * 100)
    words = asyncio.run(refusal(path))
    assert "this is no store of ours: name another file" in words
    assert path.read_bytes() == b"a letter to my mother, " * 100


async def test_a_folder_that_cannot_be_made_is_told_with_the_path(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    path = tmp_path / "taken" / "smsc.db"
    words = await refusal(path)
    assert str(path) in words
    assert "name another" in words


def test_a_folder_in_the_place_of_the_file_is_told_with_the_cure(path: Path) -> None:
    path.mkdir()
    assert "name another file" in asyncio.run(refusal(path))


async def test_nothing_can_be_asked_of_a_store_that_is_not_open(path: Path) -> None:
    store = SqliteStore(path)
    with pytest.raises(StoreError, match="is not open"):
        await store.next_due()
    with pytest.raises(StoreError, match="is not open"):
        await store.write(queued(message(1)), NOW)
    await store.close()


async def test_closing_folds_the_log_into_the_file(path: Path) -> None:
    store = await made(path)
    await store.write(queued(message(1)), NOW)
    await store.close()
    assert [each.name for each in path.parent.iterdir()] == [path.name]


async def test_a_process_that_is_killed_leaves_everything_it_had_written(path: Path) -> None:
    store = await made(path)
    await store.write(queued(message(1)), NOW)
    await store.write(batch([message(2)], oldest_in_hand=2), NOW)
    remains = path.parent / "remains"
    # What is in the files while they are open is what a kill leaves behind.
    shutil.copytree(path.parent, remains)
    await store.close()
    reopened = SqliteStore(remains / path.name)
    opened = await reopened.open(NOW)
    assert (opened.last_id, opened.waiting) == (2, 2)
    await reopened.close()


async def test_a_process_that_is_killed_among_many_arrivals_leaves_every_one_a_place(
    path: Path,
) -> None:
    store = await made(path)
    for first in range(1, 25_001, 1000):
        messages = [
            message(number, f"device:{number % 37}") for number in range(first, first + 1000)
        ]
        mark = first + 1000
        await store.write(batch(messages, map(place, messages), oldest_in_hand=mark), NOW)
        if first % 4000 == 1:
            remains = path.parent / f"remains-{first}"
            remains.mkdir()
            for name in (path.name, path.name + "-wal"):
                shutil.copy(path.with_name(name), remains / name)
    await store.close()
    for first in range(1, 25_001, 4000):
        reopened = SqliteStore(path.parent / f"remains-{first}" / path.name)
        opened = await reopened.open(NOW)
        assert (opened.last_id, opened.waiting) == (first + 999, first + 999)
        await reopened.close()


async def test_a_batch_that_fails_among_many_arrivals_leaves_no_place_behind(path: Path) -> None:
    store = await made(path)
    for first in range(1, 25_001, 1000):
        messages = [
            message(number, f"device:{number % 37}") for number in range(first, first + 1000)
        ]
        with pytest.raises(StoreError):
            await store.write(queued(*messages, message(first)), NOW)
        await store.write(queued(*messages), NOW)
    await store.close()
    with database(path) as connection:
        assert connection.execute("SELECT count(*) FROM queue").fetchone() == (25_000,)


async def test_a_log_that_was_torn_in_the_last_write_loses_only_that_one(path: Path) -> None:
    store = await made(path)
    await store.write(queued(message(1)), NOW)
    log = path.with_name("smsc.db-wal")
    whole = log.stat().st_size
    await store.write(queued(message(2)), NOW)
    remains = path.parent / "remains"
    shutil.copytree(path.parent, remains)
    await store.close()
    with (remains / log.name).open("r+b") as torn:
        torn.truncate((whole + torn.seek(0, 2)) // 2)
    reopened = SqliteStore(remains / path.name)
    assert (await reopened.open(NOW)).last_id == 1
    assert await reopened.history(2) is None
    await reopened.close()


async def test_writes_that_were_started_before_the_closing_are_done(path: Path) -> None:
    store = await made(path)
    writing = asyncio.ensure_future(store.write(queued(message(1)), NOW))
    turn = asyncio.Event()
    asyncio.get_running_loop().call_soon(turn.set)
    await turn.wait()
    await store.close()
    await writing
    store = await made(path)
    assert await store.history(1) is not None
    await store.close()


SIZES = st.one_of(
    st.integers(0, 600), st.sampled_from([1, 3, 4, 5, 63, 64, 65, 255, 256, 257, 512, 1023])
)


@settings(max_examples=30, deadline=None)
@given(arrivals=SIZES, waits=SIZES, finals=SIZES)
@example(arrivals=1023, waits=1023, finals=1023)
@example(arrivals=257, waits=1, finals=256)
def test_batches_of_any_size_are_written_whole(arrivals: int, waits: int, finals: int) -> None:
    async def run(path: Path) -> None:
        store = await made(path)
        messages = [message(number) for number in range(1, arrivals + 1)]
        places = [place(each) for each in messages[:waits]]
        await store.write(batch(messages, places), NOW)
        assert (await store.waiting([ANNA], 5000, NOW, True))[ANNA] == places
        ends = [end(each, queued=True) for each in messages[:finals]]
        looks = [(waiting, NOW + 7) for waiting in places[finals:]]
        moves = {str(number): True for number in range(arrivals)}
        await store.write(batch(finals=ends, looked_at=looks, moves=moves), NOW)
        left = (await store.waiting([ANNA], 5000, NOW, True))[ANNA]
        assert [waiting.message for waiting in left] == messages[finals:waits]
        assert len(await store.due(NOW + 7, 5000)) == len(left)
        states = [await store.history(each.id) for each in messages]
        delivered = [h for h in states if h is not None and h.state is State.DELIVERED]
        assert len(delivered) == min(arrivals, finals)
        assert len(states) == arrivals and None not in states
        await store.close()
        store = SqliteStore(path)
        opened = await store.open(NOW, devices=arrivals)
        assert len(opened.moves) == arrivals
        await store.close()

    with TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder) / "smsc.db"))


@settings(max_examples=15, deadline=None)
@given(size=SIZES.filter(bool), at=st.integers(0, 10_000))
def test_a_batch_of_any_size_that_fails_at_any_row_changes_nothing(size: int, at: int) -> None:
    async def run(path: Path) -> None:
        store = await made(path)
        await store.write(queued(message(1)), NOW)
        messages = [message(number) for number in range(2, size + 2)]
        messages[at % size] = message(1)
        with suppress(StoreError):
            await store.write(queued(*messages), NOW)
            raise AssertionError("the id exists already")
        assert (await store.waiting([ANNA], 5000, NOW, True))[ANNA] == [place(message(1))]
        await store.close()

    with TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder) / "smsc.db"))


async def test_each_store_has_a_number_of_its_own_that_stays(tmp_path: Path) -> None:
    async def instance(name: str) -> int:
        store = SqliteStore(tmp_path / name)
        opened = await store.open(0)
        await store.close()
        return opened.instance

    names = [str(number) for number in range(4)]
    numbers = [await instance(name) for name in names]
    assert numbers == [await instance(name) for name in names]
    assert len(set(numbers)) > 1
