"""The policies in force: those of the config, and in time those that were made over the API."""

from collections.abc import Iterable, Iterator

from smsc import config as configuration
from smsc_routing.policy import Policy

DEFAULT = "default"


class Policies:
    """Policies by name, as they are now: whoever asks again sees what was changed meanwhile."""

    def __init__(self, tables: Iterable[configuration.Policy] = ()) -> None:
        """Know the policies of the config; there is always one called default."""
        self._policies = {DEFAULT: Policy()} | {table.name: compiled(table) for table in tables}

    def __iter__(self) -> Iterator[Policy]:
        """Go through all of them."""
        return iter(self._policies.values())

    def find(self, name: str) -> Policy:
        """Return the policy of this name; where there is none any more, the default one."""
        policy = self._policies.get(name)
        return policy if policy is not None else self._policies[DEFAULT]


def compiled(table: configuration.Policy) -> Policy:
    """Return what a table of the config says, as routing takes it."""
    return Policy(
        name=table.name,
        mo=table.mo,
        mt=table.mt,
        a2p=table.a2p,
        p2p_internal=table.p2p_internal,
        p2p_external=table.p2p_external,
        mt_limit=tuple(limit.rate for limit in table.mt_limit),
        mo_limit=tuple(limit.rate for limit in table.mo_limit),
        deliver_to=table.deliver_to,
    )
