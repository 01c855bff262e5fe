"""The rooms behind the HTTP door, as one value that every handler is given."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from smsc.clock import Clock
from smsc.config import Config
from smsc.delivery.amendments import Amendments
from smsc.delivery.broadcasts import Broadcasts
from smsc.delivery.intake import Intake
from smsc.delivery.ledger import Ledger
from smsc.delivery.scheduler import Scheduler
from smsc.esme.account import Accounts
from smsc.esme.bindings import Bindings
from smsc.journal import Journal
from smsc.network.cell import Cell
from smsc.network.device import Devices
from smsc.network.hlr import Hlr
from smsc.network.origin import Origin
from smsc.policies import Policies
from smsc.store.archive import Archive
from smsc.upstream.outlet import Outlet
from smsc.web.limits import Terms
from smsc.web.scopes import Grant
from smsc.web.tokens import Tokens
from smsc.web.webhooks.agent import WebhookAgent
from smsc.webhooks import Webhooks


class Reloading(NamedTuple):
    """What came of reading the configuration again: a mistake, or tables that need a restart."""

    mistake: str = ""
    restart: tuple[str, ...] = ()


async def _without_a_file() -> Reloading | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the door opens to."""

    clock: Clock
    journal: Journal
    intake: Intake
    amendments: Amendments
    scheduler: Scheduler
    ledger: Ledger
    hlr: Hlr
    devices: Devices
    cell: Cell
    broadcasts: Broadcasts
    origin: Origin
    bindings: Bindings
    store: Archive
    accounts: Collection[str]
    """The names of all accounts."""
    users: Accounts
    """The same with their passwords, for those who come with one."""
    passwords: Mapping[str, str]
    """The SHA-1 in hexadecimal of the password of each account that has it in clear."""
    system_id: str
    """The name of this SMSC among others."""
    tokens: Tokens
    """The API tokens of accounts."""
    grants: Mapping[str, Grant] = field(default_factory=dict)
    """Further API tokens, by their SHA-256 in hexadecimal, and what each may do."""
    second_factors: Mapping[str, bytes]
    """The secrets of accounts whose users give a code besides the password (RFC 6238)."""
    operators: Collection[str]
    """The accounts whose tokens may do what concerns everybody's messages."""
    policies: Policies
    webhooks: Webhooks
    webhook_agent: WebhookAgent
    terms: Terms = field(default_factory=Terms)
    config: Callable[[], Config] = Config
    """The configuration as it is in force now."""
    reload: Callable[[], Awaitable[Reloading | None]] = _without_a_file
    """Has the configuration read again; tells None if it has no file."""
    ready: Callable[[], str | None]
    """Why nothing should be sent here now, in words; None if all is well."""
    links: Callable[[], Iterable[Outlet]] = tuple
    """The links to other SMSCs there are now."""
