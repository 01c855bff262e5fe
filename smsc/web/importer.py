"""Takes devices from a CSV file that is still coming: slice by slice, all of them or none.

The loop has a turn every few lines, and the store a slice at a time; more of the file is never in
memory. Between slices others may change devices. What goes wrong with a line is told with its
number, and ends nothing: whoever imports wants to know about all of them at once.
"""

import asyncio
from collections.abc import AsyncIterable
from http import HTTPStatus
from typing import Annotated, Final

from msgspec import Meta, Struct, field

from smsc.network.hlr import Hlr
from smsc.store.store import Conflict, DeviceStore
from smsc.subscriber import MSISDN, Device
from smsc.web.catalogue import Configured
from smsc.web.keeper import Keeper, told
from smsc.web.problems import problem
from smsc.web.rows import BadRow, Columns, Line, Lines

OCTETS_A_TURN: Final = 4096
SLICE: Final = 1000
MOST_TOLD: Final = 1000


class LineError(Struct, frozen=True):
    """What is wrong with a line."""

    line: Annotated[int, Meta(description="Counted from 1, which is the line of the columns.")]
    problem: str


class Imported(Struct):
    """What became of an import."""

    imported: Annotated[int, Meta(description="How many devices were taken in.")] = 0
    failed: Annotated[int, Meta(description="How many lines were wrong.")] = 0
    errors: Annotated[
        list[LineError], Meta(description=f"The first {MOST_TOLD} of them, in order.")
    ] = field(default_factory=list)


class Importer:
    """One import, from the first octet to the end."""

    def __init__(
        self, keeper: Keeper, configured: Configured, store: DeviceStore, hlr: Hlr
    ) -> None:
        """Put devices into this store, as this keeper allows."""
        self._keeper = keeper
        self._configured = configured
        self._store = store
        self._hlr = hlr
        self._columns: Columns | None = None
        self._slice: dict[str, tuple[int, Device]] = {}
        self._import = 0
        self._told = Imported()

    async def run(self, chunks: AsyncIterable[bytes], keep_going: bool) -> Imported:
        """Import a file; nothing of it unless all lines are right, or with `keep_going` those.

        Raises a problem if the file can't be read as one, or if somebody else imports. Whatever
        is raised, nothing was imported then.
        """
        with self._keeper.importing():
            await self._begin()
            keep = False
            try:
                await self._read(chunks)
                keep = bool(self._told.imported) and (keep_going or not self._told.failed)
            finally:
                await self._end(keep)
        if not keep:
            self._told.imported = 0
        self._told.errors.sort(key=lambda each: each.line)
        return self._told

    async def _begin(self) -> None:
        left_over = self._keeper.import_left_over
        if left_over is not None:
            await self._store.import_ended(left_over, keep=False)
            self._keeper.import_left_over = None
        self._import = await self._store.import_begun()
        # From now on until it could be ended, which a full disk may be in the way of.
        self._keeper.import_left_over = self._import

    async def _end(self, keep: bool) -> None:
        async with self._keeper.turn():
            await self._store.import_ended(self._import, keep)
            self._keeper.import_left_over = None
            if keep:
                self._hlr.renew()

    async def _read(self, chunks: AsyncIterable[bytes]) -> None:
        lines = Lines()
        async for chunk in chunks:
            for start in range(0, len(chunk), OCTETS_A_TURN):
                for line in lines.feed(chunk[start : start + OCTETS_A_TURN]):
                    await self._line(line)
                await asyncio.sleep(0)
        for line in lines.end():
            await self._line(line)
        if self._columns is None:
            raise _unreadable("the file is empty; its first line names the columns, such as msisdn")
        await self._hand_over()

    async def _line(self, line: Line) -> None:
        if self._columns is None:
            try:
                self._columns = Columns(line)
            except BadRow as error:
                raise _unreadable(f"line {line.number}: {error}") from error
            return
        self._take(line, self._columns)
        if len(self._slice) >= SLICE:
            await self._hand_over()

    def _take(self, line: Line, columns: Columns) -> None:
        """Put the device of a line into the slice, or say why not."""
        try:
            device = columns.read(line)
        except BadRow as error:
            return self._wrong(line.number, str(error))
        objection = self._keeper.objection(device)
        if objection is not None:
            return self._wrong(line.number, objection)
        number = device.number
        if number in self._slice:
            return self._wrong(line.number, told(Conflict(number, MSISDN, number, number)))
        self._slice[number] = line.number, device

    async def _hand_over(self) -> None:
        """Have the store take the slice, but for devices that are at odds with others."""
        taken, self._slice = self._slice, {}
        async with self._keeper.turn():
            devices = [device for _, device in taken.values()]
            refused = {each.number: each for each in self._configured.conflicts(devices)}
            devices = [device for device in devices if device.number not in refused]
            conflicts = await self._store.imported(self._import, devices)
        refused.update((each.number, each) for each in conflicts)
        self._told.imported += len(taken) - len(refused)
        for number, conflict in refused.items():
            self._wrong(taken[number][0], told(conflict))

    def _wrong(self, line: int, words: str) -> None:
        self._told.failed += 1
        if len(self._told.errors) < MOST_TOLD:
            self._told.errors.append(LineError(line, words))


def _unreadable(words: str) -> Exception:
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY, f"{words}; nothing was imported", title="Not a CSV file"
    )
