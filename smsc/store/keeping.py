"""Devices, policies, outages and webhooks that are written alone: changed or removed by hand."""

from collections.abc import Mapping, Sequence
from typing import Final

import apsw

from smsc.store.claims import Claims, Ids
from smsc.store.statement import Rows, Statement, run
from smsc.store.store import Conflict
from smsc.store.subscribers import KINDS, RUNNING, delete, insert
from smsc.subscriber import MSISDN, Device, PolicyText, WebhookText

BY_HAND: Final = 0
"""The number of the import that a device has which came with none."""

# What is imported while this is done takes over who is attached.
_MOVE_RUNNING: Final = Statement(
    "UPDATE subscribers SET attached = d.column2 FROM (VALUES ",
    "(?,?)",
    f") AS d WHERE subscribers.number = d.column1 AND subscribers.import = {RUNNING}",
)
_PUT_POLICIES: Final = Statement("INSERT OR REPLACE INTO policies VALUES ", "(?,?)")
_DELETE_POLICIES: Final = Statement("DELETE FROM policies WHERE name IN (VALUES ", "(?)", ")")
_PUT_OUTAGES: Final = Statement("INSERT OR REPLACE INTO outages VALUES ", "(?)")
_DELETE_OUTAGES: Final = Statement("DELETE FROM outages WHERE pattern IN (VALUES ", "(?)", ")")
_READ_OUTAGES: Final = "SELECT pattern FROM outages ORDER BY pattern"
_READ_POLICIES: Final = "SELECT name, text FROM policies ORDER BY name"
_PUT_WEBHOOKS: Final = Statement("INSERT OR REPLACE INTO webhooks VALUES ", "(?,?,?)")
_DELETE_WEBHOOKS: Final = Statement("DELETE FROM webhooks WHERE name IN (VALUES ", "(?)", ")")
_READ_WEBHOOKS: Final = "SELECT name, text, disabled FROM webhooks ORDER BY name"


def keep(db: apsw.Connection, changes: Mapping[str, Device | None]) -> None:
    """Write devices as they are now; what another device has is left out of them."""
    if not changes:
        return
    claims = Claims(db, [device for device in changes.values() if device], instead=changes)
    ids = Ids(db)
    for each in claims.entries:
        for conflict in list(claims.conflicts(each, importing=False)):
            each.values[KINDS.index(conflict.identity)] = None
        ids.give(each)
        claims.add(each, running=False)
    delete(db, list(changes))
    insert(db, claims.entries, BY_HAND)
    run(db, _MOVE_RUNNING, [(device.number, device.attached) for device, _ in claims.entries])
    ids.save()


def conflicts(db: apsw.Connection, devices: Sequence[Device]) -> list[Conflict]:
    """Tell which of these devices can't be kept, each with the first reason."""
    claims = Claims(db, devices, instead={device.number for device in devices})
    numbers: set[str] = set()
    found: list[Conflict] = []
    for each in claims.entries:
        number = each.device.number
        if number in numbers:
            found.append(Conflict(number, MSISDN, number, number))
            continue
        numbers.add(number)
        conflict = next(claims.conflicts(each, importing=False), None)
        if conflict is None:
            claims.add(each, running=False)
        else:
            found.append(conflict)
    return found


def policy_rows(changes: Mapping[str, PolicyText | None]) -> Rows:
    """Return what changes of policies write."""
    gone = [(name,) for name, policy in changes.items() if policy is None]
    put = [(policy.name, policy.text) for policy in changes.values() if policy is not None]
    return [(_DELETE_POLICIES, gone), (_PUT_POLICIES, put)]


def policies(db: apsw.Connection) -> tuple[PolicyText, ...]:
    """Read all policies, by name."""
    return tuple(
        PolicyText(str(name), text)
        for name, text in db.execute(_READ_POLICIES)
        if isinstance(text, bytes)
    )


def outage_rows(changes: Mapping[str, bool]) -> Rows:
    """Return what outages write that begin and end."""
    ended = [(pattern,) for pattern, begun in changes.items() if not begun]
    return [
        (_DELETE_OUTAGES, ended),
        (_PUT_OUTAGES, [(pattern,) for pattern, begun in changes.items() if begun]),
    ]


def outages(db: apsw.Connection) -> tuple[str, ...]:
    """Read the patterns of all outages."""
    return tuple(str(pattern) for (pattern,) in db.execute(_READ_OUTAGES))


def webhook_rows(changes: Mapping[str, WebhookText | None]) -> Rows:
    """Return what changes of webhooks write."""
    gone = [(name,) for name, hook in changes.items() if hook is None]
    put = [(hook.name, hook.text, hook.disabled) for hook in changes.values() if hook is not None]
    return [(_DELETE_WEBHOOKS, gone), (_PUT_WEBHOOKS, put)]


def webhooks(db: apsw.Connection) -> tuple[WebhookText, ...]:
    """Read all webhooks, by name."""
    return tuple(
        WebhookText(str(name), text, bool(disabled))
        for name, text, disabled in db.execute(_READ_WEBHOOKS)
        if isinstance(text, bytes)
    )
