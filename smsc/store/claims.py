"""Who has which identity: what devices claim that are about to be written, and whether they may.

A device that is written alone may not claim what another one has. Neither may it claim what one
of a running import will have, unless a row of that import takes its own place. A device of an
import may not claim what another of that import has, or one that it won't replace.
"""

from collections.abc import Container, Iterator, Sequence
from typing import Final, NamedTuple

import apsw

from smsc.store.statement import ask, in_json
from smsc.store.store import Conflict
from smsc.store.subscribers import ID, KINDS, RUNNING, SEEN, Entry, Known, Value, entry, known
from smsc.subscriber import MSISDN, Device

HIGHEST_ID: Final = (1 << 53) - 1
"""The highest id that may be given: what any reader of JSON can tell from its neighbours."""

_CLAIMS: Final = tuple(
    f"SELECT json_group_array(json_array(s.{kind}, s.number, s.import IS {RUNNING},"
    f" EXISTS (SELECT 1 FROM subscribers r WHERE r.number = s.number AND r.import = {RUNNING})))"
    f" FROM json_each(?) j CROSS JOIN subscribers s ON s.{kind} = j.value"
    f" WHERE s.import IS {RUNNING} OR {SEEN}"
    for kind in KINDS
)
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
        self.entries = [self._with_its_id(entry(device)) for device in devices]
        """The devices, each with the id it had if it asks for none."""
        self._claims: list[dict[Value, list[Claim]]] = [{} for _ in KINDS]
        for kind in range(len(KINDS)):
            self._read(db, kind)

    def _learn(self, rows: Sequence[Known]) -> None:
        """Remember the row of a number that is seen, or else that of the running import."""
        for each in rows:
            if each.running:
                self.running.add(each.number)
            if not each.running or each.number not in self.known:
                self.known[each.number] = each

    def _with_its_id(self, each: Entry) -> Entry:
        had = self.known.get(each.device.number)
        if had is not None and each.values[ID] is None:
            each.values[ID] = had.id
        return each

    def _read(self, db: apsw.Connection, kind: int) -> None:
        values = [value for each in self.entries if (value := each.values[kind]) is not None]
        if not values:
            return
        found = ask(db, _CLAIMS[kind], (in_json(values),), list[tuple[Value, str, int, int]])
        for value, number, running, replaced in found:
            if running or number not in self._instead:
                self._claims[kind].setdefault(value, []).append(Claim(number, bool(running)))
            if replaced:
                self.running.add(number)

    def twice(self, each: Entry) -> Conflict | None:
        """Tell whether the running import has brought the number of this device already."""
        number = each.device.number
        return Conflict(number, MSISDN, number, number) if number in self.running else None

    def conflicts(self, each: Entry, importing: bool) -> Iterator[Conflict]:
        """Yield which identities keep a device from being written as it is."""
        number = each.device.number
        for kind, value in enumerate(each.values):
            if value is None:
                continue
            if kind == ID and not self._may_be_id(number, value):
                yield Conflict(number, KINDS[kind], str(value), "")
                continue
            for claim in self._claims[kind].get(value, ()):
                if claim.number != number and self._counts(claim, number, importing):
                    yield Conflict(number, KINDS[kind], str(value), claim.number)
                    break

    def _may_be_id(self, number: str, value: Value) -> bool:
        """Tell whether this is an id that may be given, or the one that the device has."""
        had = self.known.get(number)
        if had is not None and value == had.id:
            return True
        return isinstance(value, int) and 0 < value <= HIGHEST_ID

    def _counts(self, claim: Claim, number: str, importing: bool) -> bool:
        if importing:
            return claim.running or claim.number not in self.running
        return not claim.running or number not in self.running

    def add(self, each: Entry, running: bool) -> None:
        """Let a device have what it claims."""
        claim = Claim(each.device.number, running)
        if running:
            self.running.add(claim.number)
        for kind, value in enumerate(each.values):
            if value is not None:
                self._claims[kind].setdefault(value, []).append(claim)


class Ids:
    """Gives each device its id: the one it asks for, the one it had, or one that none ever had."""

    def __init__(self, db: apsw.Connection) -> None:
        """Go on behind the highest that was ever given."""
        self._db = db
        ((last,),) = db.execute(_LAST_ID)
        self._last = self._written = int(str(last))

    def give(self, each: Entry) -> None:
        """See to it that a device has its id."""
        asked = each.values[ID]
        if isinstance(asked, int):
            self._last = max(self._last, asked)
        else:
            self._last += 1
            each.values[ID] = self._last

    def save(self) -> None:
        """Write down which was the highest."""
        if self._last != self._written:
            self._db.execute(_MARK_ID, (self._last,))
