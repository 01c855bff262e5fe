"""The rooms behind the HTTP door, as one value that every handler is given."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from smsc.clock import Clock
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
from smsc.web.tokens import Tokens
from smsc.web.webhooks.agent import WebhookAgent
from smsc.webhooks import Webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the door opens to."""

    clock: Clock
    journal: Journal
    intake: Intake
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
    system_id: str
    """The name of this SMSC among others."""
    tokens: Tokens
    """The API tokens there are."""
    second_factors: Mapping[str, bytes]
    """The secrets of accounts whose users give a code besides the password (RFC 6238)."""
    operators: Collection[str]
    """The accounts whose tokens may do what concerns everybody's messages."""
    policies: Policies
    webhooks: Webhooks
    webhook_agent: WebhookAgent
    ready: Callable[[], str | None]
    """Why nothing should be sent here now, in words; None if all is well."""
    links: Callable[[], Iterable[Outlet]] = tuple
    """The links to other SMSCs there are now."""
