"""SIGKILL in the middle of a checkpoint: the log is whole, and so is what comes back."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.store.disk import Disk
from tests.store.power import often
from tests.store.witness import Witness

ROUNDS = 40
LAST = 250
"""More than what a store at work tells its database file in a lifetime."""


@pytest.fixture(scope="module")
def mortal() -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "tests.store.mortal"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process


async def test_a_store_that_was_killed_in_a_checkpoint_has_everything(
    mortal: "subprocess.Popen[str]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Who reads must find the same trays.
    often(monkeypatch)
    assert mortal.stdin is not None and mortal.stdout is not None
    chance, killed = Random(1), 0
    for number in range(ROUNDS):
        folder = tmp_path / str(number)
        folder.mkdir()
        print(folder, number, chance.randrange(LAST), file=mortal.stdin, flush=True)
        code, durable = map(int, mortal.stdout.readline().split())
        assert code in (0, -9)
        killed += code == -9
        await look(folder, number, durable)
    assert killed > ROUNDS / 2


async def look(folder: Path, seed: int, durable: int) -> None:
    """See that a store has so many batches of this work, or the one that was being written too."""
    disk = Disk(folder)
    disk.remove()
    witness = Witness(disk, folder, seed)
    witness.believe(durable)
    await witness.open()
    await witness.go_on(3)
    await witness.close()
    await witness.open()
    await witness.close()
