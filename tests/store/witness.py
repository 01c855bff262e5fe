"""Who remembers what a store has promised, and looks for it in what a power loss left."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from copy import deepcopy
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import apsw
import msgspec

from smsc.store.record import Criteria, Keep, Record
from smsc.store.sqlite import SqliteStore
from smsc.store.store import (
    Batch,
    Opened,
    Start,
    StoreBrokenError,
    StoreError,
    Waiting,
)
from tests.store.disk import Disk, Fault, Loss, Remains
from tests.store.samples import HOUR, NOW, a_device
from tests.store.test_model import EVERYTHING, Model
from tests.store.workload import DESTINATIONS, Work

FILE = "smsc.db"


Content = tuple[dict[int, Record], list[list[Waiting]], int | None]


class Witness:
    """Has a store on a disk do its work, and knows at each place in the disk's log what holds."""

    def __init__(self, disk: Disk, folder: Path, seed: int) -> None:
        """Nothing is promised yet."""
        self.disk = disk
        self.path = folder / FILE
        self.work = Work(seed)
        self.refused = 0
        self._life = 0
        self.chance = Random(seed)
        self._model = Model()
        self._refused: list[tuple[Model, Work]] = []
        self._promises: list[tuple[int, Model]] = [(0, Model())]
        """From this place in the log on, no less than this holds."""
        self._attempts: list[tuple[int, Model]] = []
        self._imports: list[tuple[int, set[str]]] = []
        """From this place in the log on, these devices are there."""
        self._forgettable: list[tuple[int, set[int]]] = []
        """From this place in the log on, these messages may be gone, or be without their texts."""
        self._maybes: list[tuple[int, int, Model]] = []
        """Between these places in the log this may hold already, though nobody was told."""

    async def open(self) -> Opened:
        """Open the store, which gives places to what was in hand."""
        self._life += 1
        self.store = SqliteStore(self.path)
        opened = await self.store.open(NOW, EVERYTHING)
        found = await _found(self.store, opened.last_id)
        for model, work in [(self._model, self.work), *self._refused]:
            if not self._difference(opened, found, model):
                if model is not self._model:
                    self._promises.append((len(self.disk.log), model))
                self._model, self.work, self._refused = model, work, []
                self._model.recover(NOW)
                self.work.start_again()
                return opened
        raise AssertionError(f"opened with {self._difference(opened, found, self._model)}")

    def believe(self, durable: int) -> None:
        """Take over from one who had the same work, and died after so many batches, or one more."""
        for _ in range(durable):
            self._model.write(self.work.batch(), NOW)
        then, work = self._model.copy(), deepcopy(self.work)
        then.write(work.batch(), NOW)
        self._refused.append((then, work))
        self._forgettable.append((0, _forgettable(then)))

    async def go_on(self, batches: int) -> None:
        """Write so many batches, with reads between them, whether the disk takes them or not."""
        for _ in range(batches):
            while not await self._wrote_one():
                pass
            if self.chance.random() < 0.1:
                await self._read(lambda: self.store.due(NOW + 7000, 1000))
            if self.chance.random() < 0.2:
                with suppress(StoreError):
                    await self._import()
            with suppress(StoreError):
                await self._keep_up()

    async def _wrote_one(self) -> bool:
        """Write a batch, as often as the disk wants; False if another process took over meanwhile.

        That one doesn't try again what was refused: it gave places to what was in hand.
        """
        before, life = deepcopy(self.work), self._life
        batch = await self._next()
        while self._life == life:
            if await self._written(batch):
                return True
            self.refused += 1
        self.work = before
        self.work.start_again()
        return False

    async def _keep_up(self) -> None:
        """Index and forget a little, which may be lost in a crash."""
        for _ in range(self.chance.randint(0, 3)):
            await self.store.index()
        if self.chance.random() < 0.3:
            keep = Keep(self.chance.choice((HOUR, 2 * HOUR)), HOUR)
            self._forgettable.append((len(self.disk.log), _forgettable(self._model)))
            await self.store.forget(NOW + HOUR, keep)

    async def _import(self) -> None:
        """Import devices, or give them up: only the end of it waits for the disk."""
        number, keep = await self.store.import_begun(), self.chance.random() < 0.7
        some = [a_device(self.chance.randrange(1000, 10**8)) for _ in range(30)]
        try:
            for first in range(0, len(some), 10):
                await self.store.imported(number, some[first : first + 10])
        except StoreError:
            keep = False
            raise
        finally:
            await self.store.import_ended(number, keep)
        if keep:
            self._imports.append((len(self.disk.log), {each.number for each in some}))

    async def _next(self) -> Batch:
        """Make the next batch, and read the places that it changes."""
        batch = self.work.batch()
        for name in self.work.read_first(batch):
            await self._read(partial(self._line, name))
        return batch

    async def fail(self, fault: Fault) -> None:
        """Write a batch that the disk doesn't take, and never again: it was refused.

        If the process dies now, it may be there all the same: that nobody can help.
        """
        before = deepcopy(self.work)
        batch = await self._next()
        with self.disk.bad(fault):
            assert not await self._written(batch)
        self.work = before

    async def _written(self, batch: Batch) -> bool:
        """Try to write a batch; until the next is durable, one that failed may be there or not."""
        then, begun = self._model.copy(), len(self.disk.log)
        then.write(batch, NOW)
        try:
            await self.store.write(batch, NOW)
        except StoreError as error:
            self._attempts.append((begun, then))
            self._refused.append((then, self.work))
            if isinstance(error, StoreBrokenError):
                await self.start_again()
            return self._model is then
        ended = len(self.disk.log)
        self._maybes += [(at, ended, maybe) for at, maybe in [*self._attempts, (begun, then)]]
        self._attempts = []
        self._promises.append((ended, then))
        self._model, self._refused = then, []
        return True

    async def _line(self, name: str) -> None:
        await self.store.waiting([name], EVERYTHING, NOW, True)

    async def _read(self, read: Callable[[], Awaitable[object]]) -> None:
        """Read until the disk lets it: places that were gathered are written first."""
        while True:
            try:
                await read()
            except StoreBrokenError:
                await self.start_again()
            except StoreError:
                continue
            else:
                return

    async def start_again(self) -> None:
        """Have another process take over, as soon as the disk lets it."""
        opened = False
        while not opened:
            await self.kill()
            with suppress(StoreError):
                await self.open()
                opened = True

    async def close(self) -> None:
        """Close the store; everything is in the file."""
        await self.store.close()

    async def kill(self) -> None:
        """End the process: what it has written is in the page cache, and nothing is closed."""
        with self.disk.dying(), suppress(StoreError):
            await self.store.close()

    # After the loss.

    def may_hold(self, position: int) -> list[Model]:
        """Return what a store may hold when the power is cut here; the first was promised."""
        promised = [model for at, model in self._promises if at <= position][-1]
        return [promised, *(maybe for at, until, maybe in self._maybes if at <= position < until)]

    async def recognise(self, file: Path, begun: int, ended: int) -> None:
        """See that a file holds what the store held at one moment between these."""
        store = SqliteStore(file)
        opened = await store.open(NOW, EVERYTHING)
        found = await _found(store, opened.last_id)
        await store.close()
        held = [model for at, model in self._promises if begun < at <= ended]
        before = [model for at, model in self._promises if at <= begun][-1]
        assert not all(self._difference(opened, found, model) for model in [before, *held])

    async def examine(self, remains: Remains, position: int, loss: Loss, chance: Random) -> None:
        """Cut the power, and see that a store comes back with all it has promised."""
        with TemporaryDirectory() as folder:
            remains.leave(Path(folder), loss, chance)
            store = SqliteStore(Path(folder) / FILE)
            try:
                opened = await store.open(NOW, EVERYTHING)
                found = await _found(store, opened.last_id)
            finally:
                await store.close()
            for at, numbers in self._imports:
                assert at > position or numbers <= set(opened.devices), "an import was lost"
            may_hold = self.may_hold(position)
            wrong = [self._difference(opened, found, each, position) for each in may_hold]
            assert not all(wrong), f"cut after {position}, {loss.name} lost: {wrong[0]}"
            _check(Path(folder) / FILE)

    def _difference(
        self, opened: Opened, found: Content, promised: Model, position: int | None = None
    ) -> str:
        """Say what isn't as it was promised here, or by now; nothing if all is."""
        gone = [ids for at, ids in self._forgettable if position is None or at <= position]
        return _difference(opened, found, promised, set().union(*gone))


async def _found(store: SqliteStore, last_id: int) -> Content:
    """Read all that a store has."""
    numbers = range(1, last_id + 2)
    records = {each: record for each in numbers if (record := await store.record(each))}
    listing = await store.search(Criteria(account="fleet"), None, EVERYTHING, False)
    assert [each.message.id for each in listing.found] == list(records), "the index is wrong"
    lines = await store.lines([Start(name) for name in DESTINATIONS], EVERYTHING)
    return records, lines, await store.next_due()


def _difference(opened: Opened, found: Content, promised: Model, gone: set[int]) -> str:
    """Say what isn't as it should be; nothing if all is."""
    model = promised.copy()
    model.recover(NOW)
    last_id = max(model.last_broadcast, *model.messages, 0)
    if (opened.last_id, opened.waiting) != (last_id, len(model.queue)):
        return f"{opened.last_id, opened.waiting} instead of {last_id, len(model.queue)}"
    records, lines, next_due = found
    known = {each: model.record(each) for each in model.messages}
    odd = [each for each in records | known if records.get(each) != known.get(each)]
    if wrong := [each for each in odd if not _forgotten(records.get(each), known.get(each), gone)]:
        return f"messages {wrong}"
    if lines != [model.line(Start(name), EVERYTHING) for name in DESTINATIONS]:
        return "queues"
    if next_due != min(model.looks.values(), default=None):
        return "when to look next"
    if opened.moves != model.moves:
        return "moves"
    if list(opened.broadcasts) != [each for _, each in sorted(model.broadcasts.items())]:
        return "broadcasts"
    return ""


def _forgettable(model: Model) -> set[int]:
    """Return what may be forgotten: what has ended, and isn't the newest."""
    ended = {each for each, known in model.messages.items() if known.state.final}
    return ended - {max(model.messages, default=0)}


def _forgotten(found: Record | None, known: Record | None, gone: set[int]) -> bool:
    """Tell whether a record, or its text, is gone that may be gone."""
    if known is None or known.history.message.id not in gone:
        return False
    message = msgspec.structs.replace(known.history.message, payload=b"")
    erased = known.history._replace(message=message, erased=True)
    return found in (None, known._replace(history=erased))


def _check(path: Path) -> None:
    connection = apsw.Connection(str(path))
    try:
        assert connection.pragma("integrity_check") == "ok"
    finally:
        connection.close()
