"""Who has which identity: what devices claim that are about to be written, and whether they may.

A device that is written alone may not claim what another one has. Neither may it claim what one
of a running import will have, unless a row of that import takes its own place. A device of an
import may not claim what another of that import has, or one that it won't replace.
"""

from collections.abc import Container, Iterator, Sequence
from typing import Final, NamedTuple

import apsw
import msgspec

from smsc.store.statement import ask, in_json
from smsc.store.store import Conflict
from smsc.store.subscribers import RUNNING, SEEN, Known, Value, kept, known
from smsc.subscriber import MSISDN, Device, Identity

HIGHEST_ID: Final = (1 << 53) - 1
"""The highest id that may be given: what any reader of JSON can tell from its neighbours."""

_CLAIMS: Final = {
    kind: f"SELECT json_group_array(json_array(s.{kind}, s.number, s.import IS {RUNNING},"
    f" EXISTS (SELECT 1 FROM subscribers r WHERE r.number = s.number AND r.import = {RUNNING})))"
    f" FROM json_each(?) j CROSS JOIN subscribers s ON s.{kind} = j.value"
    f" WHERE s.import IS {RUNNING} OR {SEEN}"
    for kind in Identity
}
_LAST_ID: Final = "SELECT value FROM marks WHERE name = 'last_device_id'"
_MARK_ID: Final = "UPDATE marks SET value = ? WHERE name = 'last_device_id'"


class Claim(NamedTuple):
    """A device has an identity: one of the import that is under way, or one that is seen."""

    number: str
    running: bool


class Claims:
    """The identities that these devices would have, and who has them now."""

    def __init__(
        self, db: apsw.Connection, devices: Sequence[Device], instead: Container[str] = ()
    ) -> None:
        """Read what is known of the devices' numbers and of their identities.

        `instead` has the numbers of devices whose claims are void, for others take their place.
        """
        self._instead = instead
        self.known: dict[str, Known] = {}
        self.running: set[str] = set()
        """Numbers of devices that the running import has brought."""
        self._learn(known(db, [device.number for device in devices]))
        self.devices = [self._with_its_id(device) for device in devices]
        """The devices, each with the id it had if it asks for none."""
        self._claims: dict[tuple[Identity, Value], list[Claim]] = {}
        for kind in Identity:
            self._read(db, kind)

    def _learn(self, rows: Sequence[Known]) -> None:
        """Remember the row of a number that is seen, or else that of the running import."""
        for each in rows:
            if each.running:
                self.running.add(each.number)
            if not each.running or each.number not in self.known:
                self.known[each.number] = each

    def _with_its_id(self, device: Device) -> Device:
        had = self.known.get(device.number)
        return device if had is None or _has_id(device) else with_id(device, had.id)

    def _read(self, db: apsw.Connection, kind: Identity) -> None:
        values = [kept(asked) for each in self.devices if (asked := each.identities.get(kind))]
        if not values:
            return
        found = ask(db, _CLAIMS[kind], (in_json(values),), list[tuple[Value, str, int, int]])
        for value, number, running, replaced in found:
            if running or number not in self._instead:
                self._claims.setdefault((kind, value), []).append(Claim(number, bool(running)))
            if replaced:
                self.running.add(number)

    def conflicts(self, device: Device, importing: bool) -> Iterator[Conflict]:
        """Yield what keeps a device from being written as it is."""
        number = device.number
        if importing and number in self.running:
            yield Conflict(number, MSISDN, number, number)
        for kind, value in device.identities.items():
            if kind is Identity.ID and value and not self._may_be_id(number, value):
                yield Conflict(number, kind, value, "")
                continue
            for claim in self._claims.get((kind, kept(value)), ()):
                if claim.number != number and self._counts(claim, number, importing):
                    yield Conflict(number, kind, value, claim.number)
                    break

    def _may_be_id(self, number: str, value: str) -> bool:
        """Tell whether this is an id that may be given, or the one that the device has."""
        asked, had = kept(value), self.known.get(number)
        if had is not None and asked == had.id:
            return True
        return isinstance(asked, int) and 0 < asked <= HIGHEST_ID

    def _counts(self, claim: Claim, number: str, importing: bool) -> bool:
        if importing:
            return claim.running or claim.number not in self.running
        return not claim.running or number not in self.running

    def add(self, device: Device, running: bool) -> None:
        """Let a device have what it claims."""
        if running:
            self.running.add(device.number)
        for kind, value in device.identities.items():
            if value:
                self._claims.setdefault((kind, kept(value)), []).append(
                    Claim(device.number, running)
                )


class Ids:
    """Gives each device its id: the one it asks for, the one it had, or one that none ever had."""

    def __init__(self, db: apsw.Connection) -> None:
        """Go on behind the highest that was ever given."""
        self._db = db
        ((last,),) = db.execute(_LAST_ID)
        self._last = self._written = int(str(last))

    def give(self, device: Device) -> Device:
        """Return the device with its id."""
        if _has_id(device):
            self._last = max(self._last, int(device.identities[Identity.ID]))
            return device
        self._last += 1
        return with_id(device, self._last)

    def save(self) -> None:
        """Write down which was the highest."""
        if self._last != self._written:
            self._db.execute(_MARK_ID, (self._last,))


def with_id(device: Device, number: int) -> Device:
    """Return a device with this id."""
    identities = device.identities | {Identity.ID: str(number)}
    return msgspec.structs.replace(device, identities=identities)


def _has_id(device: Device) -> bool:
    return bool(device.identities.get(Identity.ID))
