"""The machine that figures come from: without a description of it they say nothing."""

import os
import platform
import statistics
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryFile

import apsw
from msgspec import Struct

SYNCS = 300
SYNC_OCTETS = 4096


class Disk(Struct, frozen=True):
    """How long the disk takes to keep one page: milliseconds."""

    sync_ms_median: float
    sync_ms_p99: float


class Machine(Struct, frozen=True, kw_only=True):
    """What it is, and how busy it was before anything was measured."""

    processor: str
    cores: int
    memory: int
    """Octets."""
    kernel: str
    python: str
    sqlite: str
    disk: Disk
    load_average: tuple[float, float, float]
    """Of one, five and fifteen minutes."""
    date: str
    """In UTC."""


def describe() -> Machine:
    """Describe this machine; takes a second or two, for the disk is tried."""
    load_average = os.getloadavg()
    return Machine(
        processor=processor(Path("/proc/cpuinfo").read_text().splitlines()),
        cores=len(os.sched_getaffinity(0)),
        memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        kernel=f"{platform.system()} {platform.release()}",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        sqlite=apsw.sqlite_lib_version(),
        disk=disk(),
        load_average=load_average,
        date=time.strftime("%Y-%m-%d", time.gmtime()),
    )


def processor(lines: Iterable[str]) -> str:
    """Read the name of the processor from the lines of /proc/cpuinfo."""
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def disk(syncs: int = SYNCS) -> Disk:
    """Write a page to a file and sync it, so many times, where the stores will be."""
    took, page = [], os.urandom(SYNC_OCTETS)
    with TemporaryFile(buffering=0) as file:
        for _ in range(syncs):
            begun = time.perf_counter()
            file.write(page)
            os.fsync(file.fileno())
            took.append((time.perf_counter() - begun) * 1e3)
    p99 = statistics.quantiles(took, n=100)[98]
    return Disk(round(statistics.median(took), 3), round(p99, 3))
