"""A process that has a store do its work until it is killed in the middle of a checkpoint.

Each line of its input says in which folder, from which seed, and before which thing the database
file (not its log) would be told the process gets SIGKILL. It answers with how many batches were
durable by then. The one who dies is a fork, so that a round takes no more than a store does.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.store.disk import Disk, Event, Kind
from tests.store.power import often
from tests.store.witness import FILE, Witness

BATCHES = 60
DURABLE = "durable"


class _Doomed(Witness):
    """Tells in a file how many batches are durable."""

    async def live(self) -> None:
        await self.open()
        with (self.path.parent / DURABLE).open("wb", buffering=0) as told:
            for _ in range(BATCHES):
                await self.go_on(1)
                told.write(b".")
        await self.close()


def _live(folder: Path, seed: int, last: int) -> None:
    left = last

    def deadly(event: Event) -> Exception | None:
        nonlocal left
        if event.name == FILE and event.kind is not Kind.READ:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return None

    with pytest.MonkeyPatch.context() as patch, Disk(folder).inserted() as disk:
        often(patch)
        with disk.bad(deadly):
            asyncio.run(_Doomed(disk, folder, seed).live())


def main() -> None:
    """Live and die for each line."""
    for line in sys.stdin:
        folder, seed, last = line.split()
        child = os.fork()
        if not child:
            _live(Path(folder), int(seed), int(last))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        told = Path(folder) / DURABLE
        durable = told.stat().st_size if told.exists() else 0
        print(os.waitstatus_to_exitcode(status), durable, flush=True)


if __name__ == "__main__":
    main()
