"""Who is behind a number, and on what terms: the road's directory, from devices and accounts."""

from collections.abc import Mapping, Sequence
from typing import Final

from smsc import config as configuration
from smsc.config import Config
from smsc.delivery.directory import Terms
from smsc.esme.account import Account
from smsc.network.cell import Group
from smsc.network.hlr import Hlr, Subscription
from smsc.policies import Policies
from smsc_routing.policy import Policy
from smsc_routing.quota import Rate
from smsc_routing.restrictions import Restrictions

_NO_TERMS: Final = Terms()


class Register:
    """The directory."""

    def __init__(
        self, hlr: Hlr, accounts: list[Account], server_rates: tuple[Rate, ...] = ()
    ) -> None:
        """Know these devices, these accounts with their addresses and terms, and all's limits."""
        self._hlr = hlr
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
            )
            for account in accounts
        }

    def device(self, number: str) -> Policy | None:
        """Return the policy of the device with this number."""
        subscription = self._hlr.find(number)
        return subscription.policy if subscription is not None else None

    async def read(self, numbers: Sequence[str]) -> None:
        """Read devices."""

    def owner(self, address: str) -> str | None:
        """Return the account that owns this address."""
        return self._owners.get(address)

    def terms(self, account: str) -> Terms:
        """Return the terms of an account."""
        return self._terms.get(account, _NO_TERMS)


def groups(config: Config) -> list[Group]:
    """Return the areas of the config."""
    return [Group(each.name, each.msisdn, frozenset(each.policies)) for each in config.areas]


def devices(config: Config, policies: Policies, moves: Mapping[str, bool]) -> Hlr:
    """Build the register of devices and populations, as they were moved by hand."""

    def subscription(row: configuration.Population) -> Subscription:
        known = row if isinstance(row, configuration.Device) else None
        return Subscription(
            policy=policies.find(row.policy),
            attached=row.attached,
            latency_ms=row.latency.ms,
            error=row.error,
            permanent=row.permanent,
            iccid=known.iccid if known else "",
            imsi=known.imsi if known else "",
            imei=known.imei if known else "",
        )

    return Hlr(
        {device.msisdn: subscription(device) for device in config.devices},
        [(each.msisdn, subscription(each)) for each in config.populations],
        moves,
    )
