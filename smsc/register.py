"""Who is behind a number, and on what terms: the road's directory, from devices and accounts."""

from collections.abc import Sequence
from typing import Final

from smsc import config as configuration
from smsc.config import Config
from smsc.delivery.directory import Terms
from smsc.esme.account import Account
from smsc.network.cell import Group
from smsc.network.hlr import Hlr, Keeper, Subscription, visitors
from smsc.network.outages import Outages
from smsc.numbering import Numbering
from smsc.policies import Policies
from smsc.store.store import Opened
from smsc.subscriber import Device, Identity
from smsc.webhooks import Webhooks
from smsc_routing.policy import Policy
from smsc_routing.quota import Rate
from smsc_routing.restrictions import Restrictions

_NO_TERMS: Final = Terms()


class Register:
    """The directory."""

    def __init__(
        self,
        hlr: Hlr,
        policies: Policies,
        accounts: list[Account],
        server_rates: tuple[Rate, ...] = (),
        home: Numbering = _NO_TERMS.numbering,
        webhooks: Webhooks | None = None,
    ) -> None:
        """Know these devices, these accounts with their addresses and terms, and all's limits.

        What comes from no account is dialled as at `home`.
        """
        self._webhooks = Webhooks((), {}) if webhooks is None else webhooks
        self._hlr = hlr
        self._policies = policies
        self._owners = {
            address: account.system_id for account in accounts for address in account.addresses
        }
        self._terms = {
            account.system_id: Terms(
                account.rates,
                next(iter(account.addresses), ""),
                server_rates,
                account.counts_messages,
                Restrictions(quotas=account.quotas) if account.quotas else None,
                account.external,
                account.numbering,
            )
            for account in accounts
        }
        self._terms[""] = Terms(numbering=home)

    def device(self, number: str) -> Policy | None:
        """Return the policy of the device with this number, as it is now."""
        subscription = self._hlr.find(number)
        if subscription is None:
            return None
        if subscription.overrides:
            return self._policies.overridden(subscription.policy, subscription.overrides)
        return self._policies.find(subscription.policy)

    def link_of(self, number: str) -> str:
        """Return the link of the device with this number, "" if it has none of its own."""
        subscription = self._hlr.find(number)
        return subscription.link if subscription is not None else ""

    async def read(self, numbers: Sequence[str]) -> None:
        """Read devices."""
        await self._hlr.read(numbers)

    def owner(self, address: str) -> str | None:
        """Return the account that owns this address."""
        return self._owners.get(address)

    def home(self, name: str, address: str) -> str:
        """Return the queue of an account or a webhook, or of the webhook of an account."""
        return self._webhooks.home(name, address)

    def terms(self, account: str) -> Terms:
        """Return the terms of an account."""
        return self._terms.get(account, _NO_TERMS)


def groups(config: Config) -> list[Group]:
    """Return the areas of the config."""
    return [Group(each.name, each.msisdn, frozenset(each.policies)) for each in config.areas]


def devices(config: Config, store: Keeper, opened: Opened, most: int) -> Hlr:
    """Build the register of devices and populations, and of what the store has.

    Of the store's at most so many are in memory.
    """
    return Hlr(
        [_device(row) for row in config.devices],
        [(row.msisdn, _member(row)) for row in config.populations],
        store,
        visitors(opened, most),
        Outages(opened.outages),
    )


def _member(row: configuration.Population) -> Subscription:
    return Subscription(
        row.policy,
        row.attached,
        row.latency.ms,
        row.error,
        row.permanent,
        memory=row.memory,
        nb_iot=row.nb_iot,
    )


def _device(row: configuration.Device) -> Device:
    return Device(
        number=row.msisdn,
        policy=row.policy,
        attached=row.attached,
        identities={kind: value for kind in Identity if (value := getattr(row, kind, ""))},
        latency_ms=row.latency.ms,
        error=row.error,
        permanent=row.permanent,
        memory=row.memory,
        nb_iot=row.nb_iot,
    )
