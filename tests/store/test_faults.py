"""What the disk can do to a running store: it fills up, fails, or holds what nobody has written."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import apsw
import pytest

from smsc.store import folding
from smsc.store.files import make_folder
from smsc.store.sqlite import SqliteStore
from smsc.store.store import StoreBrokenError, StoreError
from tests.store.disk import Disk, Event, Fault, Kind
from tests.store.power import now_and_then, often
from tests.store.samples import ANNA, NOW, a_device, batch, message, queued
from tests.store.witness import Witness

LOG = "smsc.db-wal"
CURES = [
    (apsw.FullError, "make room on the disk"),
    (apsw.IOError, "see the log of the machine for its disk"),
    (apsw.ReadOnlyError, "make the file and its folder writable"),
]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with Disk(tmp_path).inserted() as disk:
        yield disk


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "smsc.db"


async def made(path: Path) -> SqliteStore:
    store = SqliteStore(path)
    await store.open(NOW)
    return store


def failing(error: type[Exception], *kinds: Kind, name: str = LOG) -> Fault:
    """Make a disk that can't do these things with a file any more."""

    def fault(event: Event) -> Exception | None:
        return error("the disk is bad") if event.kind in kinds and event.name == name else None

    return fault


@pytest.mark.parametrize(("error", "cure"), CURES)
@pytest.mark.parametrize("kind", [Kind.WRITE, Kind.SYNC])
async def test_a_batch_that_the_disk_does_not_take_is_told_with_the_cure_and_changes_nothing(
    disk: Disk, path: Path, error: type[Exception], cure: str, kind: Kind
) -> None:
    store = await made(path)
    await store.write(queued(message(1)), NOW)
    with disk.bad(failing(error, kind)), pytest.raises(StoreError, match=cure):
        await store.write(queued(message(2)), NOW)
    assert await store.history(2) is None
    assert (await store.waiting([ANNA], 9, NOW, True))[ANNA][0].message == message(1)
    await store.close()


@pytest.mark.parametrize("kind", [Kind.WRITE, Kind.SYNC])
async def test_once_the_disk_is_good_again_the_same_batch_is_written(
    disk: Disk, path: Path, kind: Kind
) -> None:
    store = await made(path)
    with disk.bad(failing(apsw.FullError, kind)):
        for _ in range(3):
            with pytest.raises(StoreError):
                await store.write(queued(message(1)), NOW)
    await store.write(queued(message(1)), NOW)
    await store.close()
    store = await made(path)
    assert [place.message.id for place in (await store.waiting([ANNA], 9, NOW, True))[ANNA]] == [1]
    await store.close()


async def test_what_was_refused_for_a_failed_sync_is_not_found_by_the_next_process(
    disk: Disk, path: Path
) -> None:
    store = await made(path)
    await store.write(queued(message(1)), NOW)
    synced = iter((apsw.IOError("the disk is bad"), None))

    def fails_once(event: Event) -> Exception | None:
        return next(synced, None) if event.kind is Kind.SYNC else None

    with disk.bad(fails_once), pytest.raises(StoreError):
        await store.write(queued(message(2)), NOW)
    remains = path.parent / "remains"
    remains.mkdir()
    for name in (path.name, LOG):
        shutil.copy(path.with_name(name), remains / name)
    await store.close()
    store = await made(remains / path.name)
    assert await store.history(2) is None
    await store.close()


async def test_a_file_on_a_disk_that_can_only_be_read_is_refused_with_the_cure(
    disk: Disk, path: Path
) -> None:
    await (await made(path)).close()
    disk.read_only = True
    store = SqliteStore(path)
    with pytest.raises(StoreError, match="make the file and its folder writable"):
        await store.open(NOW)
    await store.close()


async def test_a_log_that_cannot_be_folded_is_told_and_holds_everything(
    disk: Disk, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    often(monkeypatch)
    store = await made(path)
    with disk.bad(failing(apsw.IOError, Kind.WRITE, name=path.name)):
        told = [await store.write(queued(message(n)), NOW) for n in range(1, 40)]
    troubles = [written.trouble for written in told if written.trouble]
    assert troubles
    assert all("see the log of the machine for its disk" in trouble for trouble in troubles)
    assert not (await store.write(queued(message(40)), NOW)).trouble
    for number in range(41, 80):
        assert not (await store.write(queued(message(number)), NOW)).trouble
    await store.close()
    store = await made(path)
    assert len((await store.waiting([ANNA], 99, NOW, True))[ANNA]) == 79
    await store.close()


async def test_a_log_that_cannot_be_folded_is_not_tried_at_every_batch(
    disk: Disk, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "PAGES", 100)
    store = await made(path)
    with disk.bad(failing(apsw.IOError, Kind.WRITE, name=path.name)):
        told = [await store.write(queued(message(n)), NOW) for n in range(1, 201)]
    assert 1 < sum(bool(written.trouble) for written in told) < 20
    await store.close()


def old_log(log: bytes) -> bytes:
    """Go on with what stood in the log before it was begun anew: whole frames, of old salt."""
    return log[32:]


TAILS: dict[str, Callable[[bytes], bytes]] = {
    "zeros": lambda log: bytes(3000),
    "noise": lambda log: Random(1).randbytes(10_000),
    "half a frame": lambda log: log[32 : 32 + 1000],
    "frames that were there before": old_log,
    "a frame whose octets have changed": lambda log: log[-2072:-1] + b"\xff",
}


@pytest.mark.parametrize("tail", TAILS)
async def test_whatever_follows_the_last_commit_in_the_log_nothing_before_it_is_lost(
    path: Path, tail: str
) -> None:
    store = await made(path)
    for number in range(1, 6):
        await store.write(queued(message(number)), NOW)
    remains = path.parent / "remains"
    shutil.copytree(path.parent, remains)
    await store.close()
    log = remains / LOG
    whole = log.read_bytes()
    log.write_bytes(whole + TAILS[tail](whole))
    store = await made(remains / path.name)
    places = (await store.waiting([ANNA], 9, NOW, True))[ANNA]
    assert [place.message.id for place in places] == [1, 2, 3, 4, 5]
    await store.write(queued(message(6)), NOW)
    await store.close()
    store = await made(remains / path.name)
    assert len((await store.waiting([ANNA], 9, NOW, True))[ANNA]) == 6
    await store.close()


def test_the_names_of_new_folders_are_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []

    def fsync(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())

    monkeypatch.setattr(os, "fsync", fsync)
    make_folder(tmp_path / "some" / "where")
    assert set(synced) == {tmp_path, tmp_path / "some"}
    synced.clear()
    make_folder(tmp_path / "some" / "where")
    assert synced == []


async def test_reads_go_on_when_the_disk_that_failed_is_good_again(disk: Disk, path: Path) -> None:
    witness = Witness(disk, path.parent, 1)
    await witness.open()
    with disk.bad(now_and_then(Random(1), 0.02, Kind.READ, Kind.WRITE)):
        await witness.go_on(10)
    await witness.go_on(5)
    await witness.close()
    await witness.open()
    await witness.close()


async def test_a_store_is_opened_again_on_what_a_failed_opening_has_left(
    disk: Disk, path: Path
) -> None:
    store = await made(path)
    await store.write(batch([message(1)], oldest_in_hand=1), NOW)
    with disk.dying(), pytest.raises(StoreError):
        await store.close()
    for kind in (Kind.WRITE, Kind.SYNC, Kind.READ):
        store = SqliteStore(path)
        with disk.bad(now_and_then(Random(1), 1.0, kind)), pytest.raises(StoreError):
            await store.open(NOW)
        with disk.dying(), suppress(StoreError):
            await store.close()
    store = SqliteStore(path)
    assert (await store.open(NOW)).requeued == 1
    await store.close()


async def test_after_a_sync_that_failed_behind_an_import_only_another_process_may_write(
    disk: Disk, path: Path
) -> None:
    store = await made(path)
    number = await store.import_begun()
    await store.imported(number, [a_device(1000)])
    with (
        disk.bad(failing(apsw.IOError, Kind.SYNC)),
        pytest.raises(StoreError, match="see the log of the machine for its disk"),
    ):
        await store.write(queued(message(1)), NOW)
    for _ in range(2):
        with pytest.raises(StoreBrokenError, match="start the SMSC again"):
            await store.write(queued(message(1)), NOW)
    await store.close()
    store = await made(path)
    await store.write(queued(message(2)), NOW)
    await store.close()
