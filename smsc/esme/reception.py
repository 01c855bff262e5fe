"""Who is let in: a bind gets its account, or its refusal."""

from typing import Final

from smsc.esme.account import Account, Accounts, Refusal
from smsc.esme.bindings import Bindings
from smsc.smpp.commands import CommandId, CommandStatus
from smsc.smpp.pdu import Bind
from smsc.smpp.session import STATE_AFTER

_LIMITS: Final = {
    CommandId.bind_transmitter: "max_transmitters",
    CommandId.bind_receiver: "max_receivers",
    CommandId.bind_transceiver: "max_transceivers",
}


async def admit(
    accounts: Accounts, bindings: Bindings, bind: Bind, host: str, names: frozenset[str]
) -> Account:
    """Return the account that a bind opens to a peer from this address; raises `Refusal`.

    Nothing may be awaited between this and taking note of the binding, or it may be one too many.
    """
    account = await accounts.authenticate(bind.system_id, bind.password, host, names)
    used_up = _used_up(account, bindings, bind.command_id)
    if used_up:
        raise Refusal(CommandStatus.ESME_RBINDFAIL, used_up)
    return account


def _used_up(account: Account, bindings: Bindings, kind: CommandId) -> str:
    """Return the limit that is reached, or nothing."""
    name = account.system_id
    if bindings.count(name) >= account.max_binds:
        return "max_binds"
    limit: int | None = getattr(account, _LIMITS[kind])
    if limit is not None and bindings.count(name, STATE_AFTER[kind]) >= limit:
        return _LIMITS[kind]
    return ""
