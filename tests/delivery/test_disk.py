"""The road on a disk that fails now and then, and the process killed in the middle of it."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from functools import partialmethod
from pathlib import Path
from random import Random

import pytest

from smsc.delivery.agent import Result
from smsc.delivery.ledger import SECONDS_BETWEEN_TRIES
from smsc.message import State
from smsc.store.sqlite import SqliteStore
from smsc.store.store import StoreError
from tests.delivery.world import ANNA, BERT, CARL, LADDER, World
from tests.store.disk import Disk, Kind
from tests.store.power import now_and_then, often


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with Disk(tmp_path).inserted() as disk:
        yield disk


async def killed(
    store: SqliteStore, close: Callable[[SqliteStore], Awaitable[None]], disk: Disk
) -> None:
    """Close a store as SIGKILL does: without another word to the disk."""
    with disk.dying(), suppress(StoreError):
        await close(store)


async def live(world: World, chance: Random, turns: int) -> None:
    """Submit, deliver, fail and move devices, with a second for the disk here and there."""
    for _ in range(turns):
        for number in (ANNA, BERT, CARL):
            if chance.random() < 0.7:
                world.submit(to=number, registered_delivery=1)
        for number in (ANNA, BERT):
            (world.attach if chance.random() < 0.5 else world.detach)(number)
        world.radio.answer = chance.choice([Result.DELIVERED, Result.FAILED])
        await world.wait(chance.choice([0, SECONDS_BETWEEN_TRIES, LADDER[0]]))


@pytest.mark.parametrize("seed", range(4))
async def test_all_that_was_acknowledged_on_a_bad_disk_is_accounted_for_after_a_kill(
    disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    often(monkeypatch)
    chance = Random(seed)
    monkeypatch.setattr(SqliteStore, "close", partialmethod(killed, SqliteStore.close, disk))
    world = World(tmp_path / "smsc.db")
    await world.open()
    with disk.bad(now_and_then(chance, 0.15, Kind.SYNC)):
        await live(world, chance, 25)
    assert world.journal.store_failures
    accepted = list(world.door.ids.values())
    ends = {n: h.state for n in accepted if (h := await world.history(n)).state.final}
    await world.reopen()
    for number, state in ends.items():
        assert await world.state(number) is state
    for device in (ANNA, BERT, CARL):
        world.attach(device)
    world.bind()
    world.radio.answer = Result.DELIVERED
    await world.wait(2 * LADDER[-1])
    assert {await world.state(number) for number in accepted} == {State.DELIVERED}
    await world.close()
