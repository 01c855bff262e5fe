"""Stories of a store whose power is cut in the end: at every place of them, one after another."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

import apsw
import pytest

from smsc.store import folding, forgetting, gathering, search, segments, trays
from tests.store.disk import Disk, Event, Fault, Kind, Loss, Remains
from tests.store.witness import Witness

BOUNDARIES = (Kind.SYNC, Kind.SYNC_FAILED, Kind.SYNC_FOLDER)

Story = Callable[[Witness, int], Awaitable[None]]


def often(patch: pytest.MonkeyPatch) -> None:
    """Have what a store does rarely be done every few batches."""
    patch.setattr(folding, "PAGES", 30)
    patch.setattr(folding, "PAGES_ASIDE", 30)
    patch.setattr(gathering, "GENERATION", 25)
    patch.setattr(gathering, "SLICE_AT_LEAST", 3)
    for room in (segments, search):
        patch.setattr(room, "SIZE", 16)
    patch.setattr(segments, "ROWS_AT_ONCE", 6)
    patch.setattr(segments, "ENTRIES_AT_ONCE", 5)
    patch.setattr(forgetting, "ROWS_AT_ONCE", 6)
    patch.setattr(trays, "BITS", 4)
    patch.setattr(trays, "TRAYS", 3)
    patch.setattr(trays, "MOVED_AT_ONCE", 5)


def now_and_then(chance: Random, share: float, *kinds: Kind) -> Fault:
    """Make a disk that fails in these things by chance."""

    def fault(event: Event) -> Exception | None:
        fails = event.kind in kinds and chance.random() < share
        return apsw.IOError("the disk is bad") if fails else None

    return fault


async def on_a_good_disk(witness: Witness, batches: int) -> None:
    await witness.open()
    await witness.go_on(batches)
    await witness.close()


async def killed_and_started_again(witness: Witness, batches: int) -> None:
    for _ in range(0, batches, 5):
        await witness.open()
        await witness.go_on(5)
        await witness.kill()


async def failing_to_sync(witness: Witness, batches: int) -> None:
    await witness.open()
    with witness.disk.bad(now_and_then(witness.chance, 0.2, Kind.SYNC)):
        await witness.go_on(batches)
    await witness.close()
    assert witness.refused


async def failing_to_write(witness: Witness, batches: int) -> None:
    await witness.open()
    with witness.disk.bad(now_and_then(witness.chance, 0.01, Kind.WRITE, Kind.TRUNCATE)):
        await witness.go_on(batches)
    await witness.close()
    assert witness.refused


async def killed_when_a_sync_had_failed(witness: Witness, batches: int) -> None:
    for _ in range(0, batches, 6):
        await witness.open()
        await witness.go_on(5)
        await witness.fail(now_and_then(witness.chance, 1.0, Kind.SYNC))
        await witness.kill()
    await witness.open()
    await witness.go_on(5)
    await witness.close()


STORIES: dict[str, Story] = {
    story.__name__: story
    for story in (
        on_a_good_disk,
        killed_and_started_again,
        failing_to_sync,
        failing_to_write,
        killed_when_a_sync_had_failed,
    )
}


async def cut_everywhere(
    story: Story, folder: Path, seed: int, batches: int, between: float
) -> int:
    """Cut the power before each sync, with every kind of loss, and at a share of other places.

    Return how often.
    """
    with Disk(folder).inserted() as disk:
        witness = Witness(disk, folder, seed)
        await story(witness, batches)
    remains, chance, cuts = Remains(), Random(seed), 0
    for position, event in enumerate(disk.log):
        losses: list[Loss] = []
        if event.kind in BOUNDARIES:
            losses = list(Loss)
        elif chance.random() < between:
            losses = [chance.choice(list(Loss))]
        for loss in losses:
            await witness.examine(remains, position, loss, chance)
        cuts += len(losses)
        remains.tell(event)
    await witness.examine(remains, len(disk.log), Loss.ALL, chance)
    return cuts + 1
