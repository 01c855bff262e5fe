"""The SMS interface of a service profile: whom a policy delivers to, which is one at a time.

A policy that delivers to an account has the interface SMPP, one that delivers to a webhook RestAPI,
and one that delivers to nobody Local. The webhook of a profile is made of its callback and secret,
and is called `emnify-` and the profile's number.
"""

from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from smsc.web.emnify.bodies import Ref
from smsc.web.emnify.callbacks import Stocks, hook_text, key, wanted
from smsc.web.emnify.errors import BAD_FORMAT, REQUIRED, Wrong
from smsc.web.emnify.ids import profile_id
from smsc.web.emnify.notes import Callback, Profile, Secret
from smsc.web.emnify.policy_keys import Keys
from smsc.web.emnify.rooms import Found, Rooms
from smsc.web.emnify.sms_shown import INTERFACE, LOCAL, REST_API, SMPP
from smsc.webhooks import queue_of


class Interface(Struct, frozen=True):
    """What of a profile is about its interface."""

    api_callback: Ref | UnsetType | None = UNSET
    api_secret: Ref | UnsetType | None = UNSET
    esme_interface_type: Ref | UnsetType | None = UNSET


def name_of(policy: str) -> str:
    """Return the name of the webhook of a profile."""
    return f"emnify-{profile_id(policy)}"


def kind(rooms: Rooms, keys: Keys) -> int:
    """Return which interface a policy has."""
    home = keys.get("deliver_to")
    if not home:
        return LOCAL
    return REST_API if home in rooms.services.webhooks else SMPP


def shown(rooms: Rooms, keys: Keys) -> dict[str, Any]:
    """Show the interface of a policy."""
    number = kind(rooms, keys)
    return {"id": number, "description": INTERFACE[number]}


def asked(change: Interface, was: int) -> int:
    """Return which interface a profile is to have; raises Wrong.

    Who gives a callback means RestAPI, and who takes it away there means none.
    """
    given = change.esme_interface_type
    if isinstance(given, Ref) and given.id is not None:
        if given.id not in INTERFACE:
            raise Wrong(BAD_FORMAT, "esme_interface_type: write the id 0, 1 or 2")
        return given.id
    if given is not UNSET:
        return LOCAL
    if change.api_callback is UNSET:
        return was
    if referred(change.api_callback) is not None:
        return REST_API
    return LOCAL if was == REST_API else was


def referred(given: Ref | UnsetType | None) -> int | None:
    """Return the number that is given, None if there is none any more."""
    return given.id if isinstance(given, Ref) else None


async def noted(stocks: Stocks, note: Profile, change: Interface, account: str) -> Profile:
    """Return what is noted of a profile with what is given; raises Wrong for what isn't there."""
    keys: dict[str, Any] = {}
    for field, stock, what in (
        ("api_callback", stocks.callbacks, "ApiCallback"),
        ("api_secret", stocks.secrets, "ApiSecret"),
    ):
        given = getattr(change, field)
        if given is UNSET:
            continue
        number = referred(given)
        if number is not None and number != getattr(note, field):
            await wanted(stock, number, account, what)
        keys[field] = number
    return msgspec.structs.replace(note, **keys)


async def deliver_to(
    rooms: Rooms, policy: str, keys: Keys, note: Profile, interface: int, account: str
) -> None:
    """Have a policy deliver where its interface says; raises Wrong, or ConfigError.

    SMPP is the account that asks, unless another one has it already.
    """
    if interface == REST_API:
        await _call(rooms, policy, keys, note)
    elif interface == SMPP:
        if kind(rooms, keys) != SMPP:
            keys["deliver_to"] = account
    else:
        keys.pop("deliver_to", None)


async def own_webhook(rooms: Rooms, found: Found, account: str) -> str | None:
    """Return the webhook that an endpoint's policy delivers to, if it is the account's.

    That of a profile is the account's that made its callback.
    """
    webhooks = rooms.services.webhooks
    policy = rooms.services.policies.find(found.known.device.policy)
    hook = webhooks.find(policy.deliver_to or "")
    if hook is None:
        return None
    if hook.name == name_of(policy.name):
        note = await rooms.notes.profile(policy.name)
        if note.api_callback is None:
            return None
        callback = await rooms.notes.find(Callback, key(note.api_callback))
        return hook.name if callback is not None and callback.account == account else None
    return hook.name if hook.account == account else None


async def receipts_to(rooms: Rooms, found: Found, account: str, source: str) -> str:
    """Return the queue of the receipts of what an account sends to an endpoint, "" for none.

    That is the webhook of the endpoint's policy, if it is the account's; else one that the account
    has for all it sends.
    """
    webhooks = rooms.services.webhooks
    hook = webhooks.find(await own_webhook(rooms, found, account) or "")
    if hook is not None and hook.takes_receipts:
        return queue_of(hook)
    return webhooks.receipts_to(account, source)


async def _call(rooms: Rooms, policy: str, keys: Keys, note: Profile) -> None:
    """Make the webhook of a profile, or make it anew."""
    home = keys.get("deliver_to")
    if note.api_callback is None:
        if home in rooms.services.webhooks:
            return
        raise Wrong(REQUIRED, "ServiceProfile - api_callback is required")
    notes, webhooks, name = rooms.notes, rooms.services.webhooks, name_of(policy)
    callback = await notes.find(Callback, key(note.api_callback))
    if callback is None:
        raise Wrong(REQUIRED, "ServiceProfile - api_callback is required")
    secret = None
    if note.api_secret is not None:
        secret = await notes.find(Secret, key(note.api_secret))
    secrets = (secret.secret,) if secret is not None else ()
    text = hook_text(rooms, name, callback.url, callback.account, secrets)
    webhooks.put(webhooks.check(text, name))
    rooms.services.ledger.page.webhooks[name] = webhooks.written(name)
    keys["deliver_to"] = name


def gone(rooms: Rooms, policy: str) -> None:
    """Remove the webhook of a profile that has no use for it any more."""
    webhooks, name = rooms.services.webhooks, name_of(policy)
    if name in webhooks and not webhooks.of_file(name):
        webhooks.remove(name)
        rooms.services.ledger.page.webhooks[name] = None
