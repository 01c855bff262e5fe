"""A disk under SQLite that can be watched, that can fail, and whose power can be cut.

The files are real and show what a process sees: the page cache. Beside them a log is kept of
everything SQLite had them told, and from any place in that log the files can be made as they may
be found when the power comes back: what was synced is there; of what wasn't, anything may be,
sector by sector. A sync that fails leaves the page cache clean, as Linux does: a later sync that
succeeds says nothing of what was written before the failed one.

Names of files are entries in a folder and have to be synced as well. The unix VFS syncs the
folder with the first sync of a journal or log it has made, and when it is told to on deleting.
"""

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum, auto
from pathlib import Path
from random import Random
from typing import NamedTuple

import apsw
import pytest

SECTOR = 512
MADE_WITH_THEIR_NAME = apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL
"""Kinds of files whose names are synced with their first sync."""

_numbers = itertools.count(1)


class Kind(Enum):
    """What a disk can be told."""

    CREATE = auto()
    WRITE = auto()
    TRUNCATE = auto()
    SYNC = auto()
    SYNC_FAILED = auto()
    SYNC_FOLDER = auto()
    DELETE = auto()
    REREAD = auto()
    """What is on the disk was looked at: from now on that is certain."""
    READ = auto()
    """Never in the log: for faults alone."""


class Event(NamedTuple):
    """One thing that a disk was told, of one file."""

    kind: Kind
    file: int
    name: str
    offset: int = 0
    data: bytes = b""


Fault = Callable[[Event], Exception | None]
"""Tells whether the disk fails to do this, and how."""


class Disk(apsw.VFS):
    """Where the files of one store are; SQLite's own choice while it is `inserted`."""

    def __init__(self, folder: Path) -> None:
        """Be a good disk, for now, for the files in this folder."""
        self.folder = folder
        self._patch = pytest.MonkeyPatch()
        self.log: list[Event] = []
        self.fault: Fault = lambda event: None
        self.dead = False
        self.read_only = False
        self._files: dict[str, int] = {}
        self._numbers = itertools.count(1)
        super().__init__(f"disk-{next(_numbers)}", "unix", makedefault=True)

    @contextmanager
    def inserted(self) -> Iterator["Disk"]:
        """Be where stores are opened, and be taken out in the end."""
        self._patch.setattr(os, "fsync", self._synced)
        self._patch.setattr(os, "posix_fadvise", self._forgotten)
        try:
            yield self
        finally:
            self.remove()

    def remove(self) -> None:
        """Leave stores that are opened from now on to the disk of the machine."""
        self._patch.undo()
        self.unregister()

    def _synced(self, descriptor: int) -> None:
        """Sync for somebody who needs no SQLite for that."""
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if path == self.folder:
            self.tell(Event(Kind.SYNC_FOLDER, 0, ""))
        elif path.parent == self.folder:
            self.tell(Event(Kind.SYNC, self._files[path.name], path.name))

    def _forgotten(self, descriptor: int, offset: int, length: int, advice: int) -> None:
        """Show what is on the disk, and not what the page cache had of it."""
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        remains = Remains()
        for event in self.log:
            remains.tell(event)
        octets = remains.content(self._files[path.name], Random(len(self.log)))
        path.write_bytes(octets)
        self.tell(Event(Kind.REREAD, self._files[path.name], path.name, 0, octets))

    def tell(self, event: Event) -> None:
        """Note what the disk is told, unless it can't do it any more."""
        if self.dead:
            raise apsw.IOError("the process is dead")
        error = self.fault(event)
        if error is not None:
            if event.kind is Kind.SYNC:
                self.log.append(event._replace(kind=Kind.SYNC_FAILED))
            raise error
        if event.kind is not Kind.READ:
            self.log.append(event)

    @contextmanager
    def bad(self, fault: Fault) -> Iterator[None]:
        """Fail like this for a while."""
        self.fault = fault
        try:
            yield
        finally:
            self.fault = lambda event: None

    @contextmanager
    def dying(self) -> Iterator[None]:
        """Do nothing more for the process that has the files open: it is being killed."""
        self.dead = True
        try:
            yield
        finally:
            self.dead = False

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> "DiskFile":
        """Open a file, noting if it is new."""
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        assert path is not None
        short = Path(path).name
        if self.read_only:
            flags[0] &= ~(apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
            flags[0] |= apsw.SQLITE_OPEN_READONLY
        fresh = bool(flags[0] & apsw.SQLITE_OPEN_CREATE) and not Path(path).exists()
        if fresh:
            self._files[short] = next(self._numbers)
            self.tell(Event(Kind.CREATE, self._files[short], short))
        named = not (fresh and flags[0] & MADE_WITH_THEIR_NAME)
        return DiskFile(self, name, flags, self._files.setdefault(short, 0), short, named)

    def xDelete(self, name: str, sync: bool) -> None:
        """Delete a file."""
        short = Path(name).name
        self.tell(Event(Kind.DELETE, self._files.get(short, 0), short))
        super().xDelete(name, sync)
        if sync:
            self.tell(Event(Kind.SYNC_FOLDER, 0, ""))


class DiskFile(apsw.VFSFile):
    """A file on a `Disk`."""

    def __init__(
        self,
        disk: Disk,
        name: str | apsw.URIFilename | None,
        flags: list[int],
        number: int,
        short: str,
        named: bool,
    ) -> None:
        """Open the real one; is its name in the folder for good?"""
        self._disk, self._number, self._short, self._named = disk, number, short, named
        super().__init__("unix", name, flags)

    def xRead(self, amount: int, offset: int) -> bytes:
        """Read what the page cache has."""
        self._disk.tell(Event(Kind.READ, self._number, self._short, offset))
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:
        """Write to the page cache."""
        self._disk.tell(Event(Kind.WRITE, self._number, self._short, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:
        """Cut the file, or make it longer."""
        self._disk.tell(Event(Kind.TRUNCATE, self._number, self._short, size))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:
        """Make durable what was written; the real file needn't be."""
        self._disk.tell(Event(Kind.SYNC, self._number, self._short))
        if not self._named:
            self._disk.tell(Event(Kind.SYNC_FOLDER, 0, ""))
            self._named = True


class Loss(Enum):
    """How much of what wasn't synced is lost with the power."""

    ALL = auto()
    NOTHING = auto()
    THE_END = auto()
    """What came first is there; the last of it is torn."""
    SOME_WRITES = auto()
    SOME_SECTORS = auto()
    GARBAGE = auto()
    """Some sectors; where others should have been written, there is anything."""


class _Platter:
    """What is known of one file: octets that are there for certain, and events that may be."""

    def __init__(self) -> None:
        self._certain = bytearray()
        self._events: list[tuple[Event, bool]] = []
        self._synced = 0

    def tell(self, event: Event) -> None:
        self._events.append((event, False))

    def sync(self, success: bool) -> None:
        since = self._synced
        self._events[since:] = [(event, success) for event, _ in self._events[since:]]
        while self._events and self._events[0][1]:
            _apply(self._certain, self._events.pop(0)[0])
        self._synced = len(self._events)

    def reread(self, octets: bytes) -> None:
        self._certain, self._events, self._synced = bytearray(octets), [], 0

    def content(self, loss: Loss, chance: Random) -> bytes:
        octets = bytearray(self._certain)
        left = sum(not certain for _, certain in self._events)
        whole = chance.randint(0, left) if loss is Loss.THE_END else 0
        share = chance.choice((0.1, 0.5, 0.9))
        for event, certain in self._events:
            if certain or loss is Loss.NOTHING:
                _apply(octets, event)
                continue
            if loss is Loss.THE_END:
                whole -= 1
                if whole > 0:
                    _apply(octets, event)
                elif whole == 0:
                    _tear(octets, event, 0.5, False, chance)
            elif loss is Loss.SOME_WRITES:
                if chance.random() < share:
                    _apply(octets, event)
            elif loss is not Loss.ALL:
                _tear(octets, event, share, loss is Loss.GARBAGE, chance)
        return bytes(octets)


class Remains:
    """What the disk may hold after the events it has been told of so far."""

    def __init__(self) -> None:
        """Begin with an empty folder."""
        self._platters: dict[int, _Platter] = {}
        self._names: dict[str, int] = {}
        self._renamed: list[Event] = []

    def tell(self, event: Event) -> None:
        """Go on by one event."""
        if event.kind is Kind.SYNC_FOLDER:
            for each in self._renamed:
                _rename(self._names, each)
            self._renamed = []
            return
        platter = self._platters.setdefault(event.file, _Platter())
        if event.kind in (Kind.CREATE, Kind.DELETE):
            self._renamed.append(event)
        elif event.kind in (Kind.SYNC, Kind.SYNC_FAILED):
            platter.sync(event.kind is Kind.SYNC)
        elif event.kind is Kind.REREAD:
            platter.reread(event.data)
        else:
            platter.tell(event)

    def leave(self, folder: Path, loss: Loss, chance: Random) -> None:
        """Make the files as they are when the power comes back."""
        names = dict(self._names)
        count = len(self._renamed)
        kept = {Loss.ALL: 0, Loss.NOTHING: count}.get(loss, chance.randint(0, count))
        for event in self._renamed[:kept]:
            _rename(names, event)
        for name, number in names.items():
            (folder / name).write_bytes(self._platters[number].content(loss, chance))

    def content(self, file: int, chance: Random) -> bytes:
        """Return what may be in a file."""
        return self._platters[file].content(Loss.SOME_SECTORS, chance)


def _rename(names: dict[str, int], event: Event) -> None:
    if event.kind is Kind.CREATE:
        names[event.name] = event.file
    else:
        names.pop(event.name, None)


def _apply(octets: bytearray, event: Event) -> None:
    if event.kind is Kind.TRUNCATE:
        del octets[event.offset :]
        octets.extend(bytes(event.offset - len(octets)))
    else:
        _put(octets, event.offset, event.data)


def _put(octets: bytearray, offset: int, data: bytes) -> None:
    octets.extend(bytes(max(offset - len(octets), 0)))
    octets[offset : offset + len(data)] = data


def _tear(octets: bytearray, event: Event, share: float, garbage: bool, chance: Random) -> None:
    """Apply some sectors of a write, or all of a truncation if any."""
    if event.kind is Kind.TRUNCATE:
        if chance.random() < share:
            _apply(octets, event)
        return
    at, end = event.offset, event.offset + len(event.data)
    while at < end:
        upto = min((at // SECTOR + 1) * SECTOR, end)
        if chance.random() < share:
            _put(octets, at, event.data[at - event.offset : upto - event.offset])
        elif garbage and chance.random() < 0.3:
            _put(octets, at, chance.randbytes(upto - at))
        at = upto
