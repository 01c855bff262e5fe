"""Devices by hand and by import, a crash at any time, against a plain model of what is seen."""

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from smsc.store.sqlite import SqliteStore
from smsc.store.store import Batch, Conflict, StoreError
from smsc.subscriber import MSISDN, Device, Identity
from tests.store.samples import Shelf, batch, message

NUMBERS = ["49", "491", "492", "50"]
VALUES = ["1", "2", "x"]
KINDS = [Identity.IMSI, Identity.NAME, Identity.ID]
IDENTITIES = st.dictionaries(st.sampled_from(KINDS), st.sampled_from(VALUES), max_size=2)
DEVICES = st.builds(
    Device,
    number=st.sampled_from(NUMBERS),
    policy=st.sampled_from(["default", "meters", "trucks"]),
    attached=st.booleans(),
    identities=IDENTITIES,
    overrides=st.sampled_from([b"", b'{"mo":false}']),
    link=st.sampled_from(["", "world"]),
    error=st.integers(0, 1),
)
MOVES = st.dictionaries(st.sampled_from(NUMBERS), st.booleans(), max_size=2)


def having(device: Device, identities: dict[Identity, str]) -> Device:
    return msgspec.structs.replace(device, identities=identities)


def attached(device: Device, now: bool) -> Device:
    return msgspec.structs.replace(device, attached=now)


@dataclass
class Model:
    """What is seen, and what an import has brought so far."""

    kept: dict[str, Device] = field(default_factory=dict)
    moves: dict[str, bool] = field(default_factory=dict)
    coming: dict[str, Device] | None = None
    last_id: int = 0

    def write(self, written: Batch) -> None:
        before, gone = dict(self.kept), {n for n, d in written.devices.items() if d is None}
        for number in written.devices:
            self.kept.pop(number, None)
            self.moves.pop(number, None)
        for number, device in written.devices.items():
            if device is not None:
                self.keep(device, before.get(number))
        for number, now in written.moves.items():
            if number not in gone:
                self.move(number, now)

    def keep(self, device: Device, before: Device | None) -> None:
        number, coming = device.number, self.coming or {}
        device = self.with_its_id(device, before or coming.get(number))
        others = list(self.kept.values())
        if number not in coming:
            others += [each for each in coming.values() if each.number != number]
        free = {
            kind: value
            for kind, value in device.identities.items()
            if self.may_be(kind, value) and not owners(others, kind, value)
        }
        self.kept[number] = self.identified(having(device, free))
        if number in coming:
            coming[number] = attached(coming[number], device.attached)

    def move(self, number: str, now: bool) -> None:
        for devices in (self.kept, self.coming or {}):
            if number in devices:
                devices[number] = attached(devices[number], now)
        if number not in self.kept:
            self.moves[number] = now

    def take(self, devices: list[Device]) -> Iterator[set[Conflict]]:
        """Take devices of an import, and yield for each what may be told of it."""
        assert self.coming is not None
        for device in devices:
            number = device.number
            if number in self.coming:
                yield {Conflict(number, MSISDN, number, number)}
                continue
            device = self.with_its_id(device, self.kept.get(number))
            conflicts = self.conflicts(device, self.coming)
            if not conflicts:
                now = self.moves.get(number, device.attached)
                if number in self.kept:
                    now = self.kept[number].attached
                self.coming[number] = self.identified(attached(device, now))
            yield conflicts

    def conflicts(self, device: Device, coming: dict[str, Device]) -> set[Conflict]:
        """Return the first reason why a device can't come, by everyone who is a reason."""
        others = [each for number, each in self.kept.items() if number not in coming]
        others = [each for each in others if each.number != device.number] + [*coming.values()]
        for kind in Identity:
            value = device.identities.get(kind, "")
            if value and not self.may_be(kind, value):
                return {Conflict(device.number, kind, value, "")}
            if value and (found := owners(others, kind, value)):
                return {Conflict(device.number, kind, value, owner) for owner in found}
        return set()

    def with_its_id(self, device: Device, known: Device | None) -> Device:
        if known is None or Identity.ID in device.identities:
            return device
        return having(device, device.identities | {Identity.ID: known.identities[Identity.ID]})

    def may_be(self, kind: Identity, value: str) -> bool:
        return kind is not Identity.ID or value.isdigit()

    def identified(self, device: Device) -> Device:
        asked = device.identities.get(Identity.ID)
        self.last_id = max(self.last_id, int(asked)) if asked else self.last_id + 1
        return having(device, device.identities | {Identity.ID: asked or str(self.last_id)})

    def end(self, keep: bool) -> None:
        assert self.coming is not None
        if keep:
            self.kept |= self.coming
            self.moves = {n: now for n, now in self.moves.items() if n not in self.kept}
        self.coming = None

    def listed(self) -> list[tuple[str, Device | bool]]:
        known: dict[str, Device | bool] = {**self.moves, **self.kept}
        return sorted(known.items(), key=lambda each: each[0])


def owners(devices: list[Device], kind: Identity, value: str) -> list[str]:
    return [each.number for each in devices if each.identities.get(kind) == value]


class Devices(RuleBasedStateMachine):
    """Does what people and files may do with devices at once."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = TemporaryDirectory()
        self.places = 0
        self.shelf = Shelf(lambda: SqliteStore(self.path()))
        self.runner.run(self.shelf.open())
        self.runner.run(self.shelf.write(batch([message(1)])))
        self.model = Model()
        self.number = 0

    def path(self) -> Path:
        return Path(self.folder.name) / str(self.places) / "smsc.db"

    def teardown(self) -> None:
        self.runner.run(self.shelf.store.close())
        self.runner.close()
        self.folder.cleanup()

    def changes(self, data: st.DataObject) -> Batch:
        changed = batch(moves=data.draw(MOVES))
        changed.devices.update((each.number, each) for each in data.draw(some_devices(2)))
        changed.devices.update(dict.fromkeys(data.draw(st.sets(st.sampled_from(NUMBERS)))))
        return changed

    @rule(data=st.data())
    def changes_devices_by_hand(self, data: st.DataObject) -> None:
        changed = self.changes(data)
        self.runner.run(self.shelf.write(changed))
        self.model.write(changed)

    @rule(data=st.data())
    def fails_to_change_them(self, data: st.DataObject) -> None:
        doomed = self.changes(data)
        doomed.arrivals.append(message(1))
        with pytest.raises(StoreError):
            self.runner.run(self.shelf.write(doomed))

    @precondition(lambda self: self.model.coming is None)
    @rule()
    def begins_an_import(self) -> None:
        begun = self.runner.run(self.shelf.store.import_begun())
        assert begun > self.number
        self.number, self.model.coming = begun, {}

    @precondition(lambda self: self.model.coming is not None)
    @rule()
    def cannot_begin_another(self) -> None:
        with pytest.raises(StoreError, match="imported already"):
            self.runner.run(self.shelf.store.import_begun())

    @precondition(lambda self: self.model.coming is None)
    @rule(keep=st.booleans())
    def cannot_go_on_with_what_has_ended(self, keep: bool) -> None:
        for work in (
            self.shelf.store.imported(self.number, [Device(number="49")]),
            self.shelf.store.import_ended(self.number, keep),
        ):
            with pytest.raises(StoreError, match="isn't under way"):
                self.runner.run(work)

    @precondition(lambda self: self.model.coming is not None)
    @rule(data=st.data())
    def imports_devices(self, data: st.DataObject) -> None:
        devices = data.draw(some_devices(3))
        told = self.runner.run(self.shelf.store.imported(self.number, devices))
        expected = [conflicts for conflicts in self.model.take(devices) if conflicts]
        assert len(told) == len(expected)
        assert all(each in conflicts for each, conflicts in zip(told, expected, strict=True))

    @precondition(lambda self: self.model.coming is not None)
    @rule(keep=st.booleans())
    def ends_the_import(self, keep: bool) -> None:
        self.runner.run(self.shelf.store.import_ended(self.number, keep))
        self.model.end(keep)

    @rule()
    def sweeps_up(self) -> None:
        self.runner.run(self.swept())

    async def swept(self) -> None:
        store = self.shelf.store
        assert isinstance(store, SqliteStore)
        await store.swept()

    @rule()
    def opens_again(self) -> None:
        self.open()

    @rule()
    def crashes(self) -> None:
        """Go on with what is in the files at this moment."""
        crashed = self.path()
        self.places += 1
        self.path().parent.mkdir()
        for name in ("smsc.db", "smsc.db-wal"):
            shutil.copy(crashed.with_name(name), self.path().with_name(name))
        self.open()

    def open(self) -> None:
        opened = self.runner.run(self.shelf.reopen())
        assert (opened.devices, opened.moves) == (self.model.kept, self.model.moves)
        self.model.coming = None

    @invariant()
    def what_is_seen_is_what_should_be(self) -> None:
        self.runner.run(self.compare())

    async def compare(self) -> None:
        store, listed = self.shelf.store, self.model.listed()
        assert await store.devices(NUMBERS) == dict(listed)
        assert await store.listed("", 9) == listed
        assert await store.listed("491", 1) == [each for each in listed if each[0] > "491"][:1]
        for kind in KINDS:
            for value in [*VALUES, str(self.model.last_id)]:
                found = await store.identified(kind, value)
                expected = owners([*self.model.kept.values()], kind, value)
                assert [found.number] == expected if found else not expected


def some_devices(most: int) -> st.SearchStrategy[list[Device]]:
    return st.lists(DEVICES, max_size=most)


TestDevices = Devices.TestCase
TestDevices.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
