"""Imports: many devices that come in slices, and are seen all at once or never.

Each row bears the number of the import it came with. The rows of an import that is under way, or
was given up, aren't seen; of the others of one device, that of the latest import is. So an import
ends with the change of one row, and what it has replaced, or what is left of one that was given
up, is swept away afterwards, a slice at a time. A crash gives up the import that was under way.
"""

from collections.abc import Sequence
from typing import Final

import apsw
import msgspec

from smsc.store.claims import Claims, Ids
from smsc.store.store import Conflict, StoreError
from smsc.store.subscribers import Entry, insert, moves
from smsc.subscriber import Device

DEVICES_AT_ONCE: Final = 50
"""So many are written in one transaction: nobody waits long behind it."""
ROWS_SWEPT_AT_ONCE: Final = 50

_RUNNING: Final = "SELECT number FROM imports WHERE state = 0"
_BEGIN: Final = (
    "INSERT INTO imports (state, first_row) SELECT 0, ifnull(max(seq), 0) + 1"
    " FROM sqlite_sequence WHERE name = 'subscribers' RETURNING number"
)
_END: Final = "UPDATE imports SET state = ? WHERE number = ?"
_GIVE_UP: Final = "UPDATE imports SET state = 2 WHERE state = 0"

_ENDED: Final = (
    "SELECT number, state, first_row, (SELECT row FROM subscribers WHERE row >= first_row"
    " ORDER BY row LIMIT 1 OFFSET ?) FROM imports WHERE state <> 0 ORDER BY number LIMIT 1"
)
_SLICE: Final = "n.row >= ?1 AND n.row < ?2 AND n.import = ?3"
_SWEEP_REPLACED: Final = (
    "DELETE FROM subscribers WHERE row IN (SELECT o.row FROM subscribers n CROSS JOIN subscribers o"
    f" ON o.number = n.number AND o.import < n.import WHERE {_SLICE})"
)
_SWEEP_MOVES: Final = (
    f"DELETE FROM devices WHERE number IN (SELECT n.number FROM subscribers n WHERE {_SLICE})"
)
_SWEEP_GIVEN_UP: Final = f"DELETE FROM subscribers AS n WHERE {_SLICE}"
_SWEPT_SO_FAR: Final = "UPDATE imports SET first_row = ? WHERE number = ?"
_SWEPT: Final = "DELETE FROM imports WHERE number = ?"
_BEHIND_ALL: Final = (1 << 63) - 1

KEPT: Final = 1
GIVEN_UP: Final = 2


def begin(db: apsw.Connection) -> int:
    """Begin an import; raises StoreError while there is another."""
    if _running(db) is not None:
        raise StoreError("devices are being imported already: import these when that has ended")
    with db:
        ((number,),) = db.execute(_BEGIN)
    return int(str(number))


def take(db: apsw.Connection, running: int, devices: Sequence[Device]) -> list[Conflict]:
    """Write devices of an import, but for those in conflict, in one transaction."""
    _check(db, running)
    claims, ids = Claims(db, devices), Ids(db)
    moved = moves(db, [device.number for device in devices])
    conflicts: list[Conflict] = []
    written: list[Entry] = []
    for each in claims.entries:
        conflict = claims.twice(each) or next(claims.conflicts(each, importing=True), None)
        if conflict is not None:
            conflicts.append(conflict)
            continue
        number = each.device.number
        seen = claims.known.get(number)
        now = seen.attached if seen else moved.get(number, each.device.attached)
        ids.give(each)
        written.append(_attached(each, bool(now)))
        claims.add(each, running=True)
    with db:
        insert(db, written, running)
        ids.save()
    return conflicts


def _attached(each: Entry, now: bool) -> Entry:
    """Return an entry whose device is attached, or not, as it is now."""
    if each.device.attached is now:
        return each
    return each._replace(device=msgspec.structs.replace(each.device, attached=now))


def end(db: apsw.Connection, number: int, keep: bool) -> None:
    """Show all of an import, or give it up."""
    _check(db, number)
    with db:
        db.execute(_END, (KEPT if keep else GIVEN_UP, number))


def give_up(db: apsw.Connection) -> None:
    """Give up the import that was under way when the process died."""
    with db:
        db.execute(_GIVE_UP)


def sweep(db: apsw.Connection) -> bool:
    """Sweep a little of what imports have left behind; return whether there may be more."""
    for number, state, first, behind in db.execute(_ENDED, (ROWS_SWEPT_AT_ONCE,)):
        part = (first, _BEHIND_ALL if behind is None else behind, number)
        with db:
            if state == KEPT:
                db.execute(_SWEEP_REPLACED, part)
                db.execute(_SWEEP_MOVES, part)
            else:
                db.execute(_SWEEP_GIVEN_UP, part)
            if behind is None:
                db.execute(_SWEPT, (number,))
            else:
                db.execute(_SWEPT_SO_FAR, (behind, number))
        return True
    return False


def _running(db: apsw.Connection) -> int | None:
    for (number,) in db.execute(_RUNNING):
        return int(str(number))
    return None


def _check(db: apsw.Connection, number: int) -> None:
    if _running(db) != number:
        raise StoreError(f"import {number} isn't under way: begin another one")
