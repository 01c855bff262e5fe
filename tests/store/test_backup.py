"""A copy that is made while the store goes on: whole, of one moment, and gone if it failed."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from smsc.store import backup, schema
from smsc.store.backup import NoRoom, copy_of, verify
from smsc.store.sqlite import SqliteStore
from smsc.store.store import StoreError
from tests.store.disk import Disk, Kind
from tests.store.power import now_and_then, often
from tests.store.samples import NOW, message, queued
from tests.store.witness import Witness


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with Disk(tmp_path).inserted() as disk:
        yield disk


@pytest.fixture(autouse=True)
def in_small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    often(monkeypatch)
    monkeypatch.setattr(backup, "SECONDS_A_STEP", 0.0)
    monkeypatch.setattr(backup, "PAGES_AT_ONCE", 1)
    monkeypatch.setattr(backup, "ROOM_TO_SPARE", 0)


async def copied_at_work(witness: Witness, copying: "asyncio.Task[Path]") -> Path:
    """Write batches until a copy is done."""
    while not copying.done():
        await witness.go_on(1)
    return await copying


@pytest.mark.parametrize("seed", range(8))
async def test_a_copy_made_at_work_is_of_one_moment_while_it_was_made(
    disk: Disk, tmp_path: Path, seed: int
) -> None:
    witness = Witness(disk, tmp_path, seed)
    await witness.open()
    await witness.go_on(15)
    begun = len(disk.log)
    copy = await copied_at_work(witness, asyncio.ensure_future(witness.store.backup()))
    ended = len(disk.log)
    restored = tmp_path / "restored"
    restored.mkdir()
    shutil.move(copy, restored / copy.name)
    verify(restored / copy.name)
    await witness.recognise(restored / copy.name, begun, ended)
    await witness.close()


async def test_a_copy_is_whole_though_the_disk_fails_now_and_then(
    disk: Disk, tmp_path: Path
) -> None:
    witness = Witness(disk, tmp_path, 1)
    await witness.open()
    await witness.go_on(15)
    begun = len(disk.log)
    copying = asyncio.ensure_future(witness.store.backup())
    with disk.bad(now_and_then(Random(1), 0.02, Kind.SYNC)):
        await witness.go_on(5)
    copy = await copied_at_work(witness, copying)
    verify(copy)
    await witness.recognise(copy, begun, len(disk.log))
    await witness.close()


async def made(path: Path) -> SqliteStore:
    store = SqliteStore(path)
    await store.open(NOW)
    for number in range(1, 30):
        await store.write(queued(message(number)), NOW)
    return store


async def a_copy(folder: Path) -> Path:
    store = await made(folder / "smsc.db")
    copy = await store.backup()
    await store.close()
    return copy


async def test_a_copy_is_for_its_owner_alone(tmp_path: Path) -> None:
    assert (await a_copy(tmp_path)).stat().st_mode & 0o777 == 0o600


async def test_a_copy_tells_how_many_messages_it_has_and_is_not_changed_by_that(
    tmp_path: Path,
) -> None:
    copy = await a_copy(tmp_path)
    octets = copy.read_bytes()
    assert verify(copy) == 29
    assert copy.read_bytes() == octets
    with os.scandir(tmp_path) as files:
        assert {each.name for each in files} == {"smsc.db", "smsc.db-copy"}


@pytest.mark.parametrize("length", [0, 100, 4096, -1, -2048])
async def test_a_copy_that_ends_too_early_is_told(tmp_path: Path, length: int) -> None:
    copy = await a_copy(tmp_path)
    copy.write_bytes(copy.read_bytes()[:length])
    with pytest.raises(StoreError, match=r"smsc\.db-copy"):
        verify(copy)


async def test_a_copy_with_a_page_of_noise_is_told(tmp_path: Path) -> None:
    copy = await a_copy(tmp_path)
    octets = bytearray(copy.read_bytes())
    octets[4096:6144] = Random(1).randbytes(2048)
    copy.write_bytes(octets)
    with pytest.raises(StoreError, match="make another copy"):
        verify(copy)


async def test_a_copy_of_another_release_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = await a_copy(tmp_path)
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, "SELECT 1"))
    with pytest.raises(StoreError, match="use the release that the SMSC runs"):
        verify(copy)


async def test_without_room_nothing_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await made(tmp_path / "smsc.db")
    monkeypatch.setattr(backup, "ROOM_TO_SPARE", 1 << 60)
    with pytest.raises(NoRoom, match="make room"):
        await store.backup()
    assert not copy_of(tmp_path / "smsc.db").exists()
    await store.close()


async def test_a_copy_that_a_dead_process_has_left_is_removed(tmp_path: Path) -> None:
    copy = await a_copy(tmp_path)
    await (await made(tmp_path / "other.db")).close()
    store = SqliteStore(tmp_path / "smsc.db")
    await store.open(NOW)
    await store.close()
    assert not copy.exists()


async def test_a_store_closes_in_the_middle_of_a_copy(tmp_path: Path) -> None:
    store = await made(tmp_path / "smsc.db")
    copying = asyncio.ensure_future(store.backup())
    await store.write(queued(message(30)), NOW)
    await store.close()
    with pytest.raises((StoreError, RuntimeError)):
        await copying
    store = SqliteStore(tmp_path / "smsc.db")
    assert (await store.open(NOW)).waiting == 30
    await store.close()
