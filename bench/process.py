"""What a process uses, as Linux tells it in /proc: processor and memory."""

import os
from pathlib import Path
from typing import Final, NamedTuple, Self

_TICKS_A_SECOND: Final = os.sysconf("SC_CLK_TCK")
_UTIME: Final = 11
"""Of the fields behind the name of the command, which may have blanks in it."""


class Processor(NamedTuple):
    """Seconds of processor: of all threads, and of the first, which runs the loop."""

    all: float
    loop: float
    waited: float
    """How long the first wanted to run and had no core."""

    @classmethod
    def of(cls, pid: int) -> Self:
        """Read what a process has used since it started, to a hundredth of a second."""
        return cls(
            _seconds(f"/proc/{pid}/stat"),
            _seconds(f"/proc/{pid}/task/{pid}/stat"),
            _seconds_without_core(f"/proc/{pid}/task/{pid}/schedstat"),
        )

    def since(self, before: Self, seconds: float) -> "Processor":
        """Return the shares of a time that were used in the meantime; 1 is a core all the time."""
        if seconds <= 0:
            return Processor(0.0, 0.0, 0.0)
        used = (now - then for now, then in zip(self, before, strict=True))
        return Processor(*(round(each / seconds, 3) for each in used))


def _seconds(path: str) -> float:
    user, system = Path(path).read_text().rpartition(")")[2].split()[_UTIME : _UTIME + 2]
    return (int(user) + int(system)) / _TICKS_A_SECOND


def _seconds_without_core(path: str) -> float:
    try:
        return int(Path(path).read_text().split()[1]) / 1e9
    except FileNotFoundError:  # a kernel that doesn't count it
        return 0.0


def memory(pid: int) -> int:
    """Return how many octets of a process are in memory (VmRSS)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "VmRSS":
            return int(value.split()[0]) * 1024
    return 0
