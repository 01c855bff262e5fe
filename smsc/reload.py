"""The configuration read again while the SMSC runs: some of its tables change at once.

Those are links, routes, policies and webhooks.

Everything that may be wrong is found out before anything changes. The rest of the configuration
is as it was when the SMSC started, and what has changed there is told: it needs a restart.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
import structlog

from smsc import doors
from smsc.certificate import CertificateError
from smsc.config import Config, ConfigError, load
from smsc.delivery.correlation import Correlation
from smsc.delivery.exits import Exits
from smsc.interconnect import Link
from smsc.policies import Policies
from smsc.upstream.agent import LinkAgent
from smsc.upstream.links import Links, Wanted
from smsc.web.services import Reloading
from smsc.webhooks import Webhooks

log = structlog.get_logger()

_RELOADED: Final = frozenset({"links", "policies", "routes", "webhooks"})


class Reload:
    """Puts another configuration in the place of the one that the rooms were built from."""

    def __init__(
        self,
        config: Config,
        exits: Exits,
        correlation: Correlation,
        agent: LinkAgent,
        links: Links,
        policies: Policies,
        webhooks: Webhooks,
    ) -> None:
        """Change these rooms, which go by `config` when `begin` was called."""
        self._config = config
        self._exits = exits
        self._correlation = correlation
        self._agent = agent
        self._links = links
        self._policies = policies
        self._webhooks = webhooks
        self._turn = asyncio.Lock()

    async def begin(self) -> None:
        """Call the links of the configuration; raises `CertificateError`."""
        await self._change(self._config, wanted(self._config.links))

    @property
    def config(self) -> Config:
        """The configuration as it is in force."""
        return self._config

    async def read(self, file: Path) -> Reloading:
        """Read the file again, and go by it from now on; if it has a mistake, nothing changes."""
        async with self._turn:
            try:
                config = load(file)
                links = wanted(config.links)
            except (ConfigError, CertificateError) as error:
                log.error("not_reloaded", reason=str(error))
                return Reloading(str(error))
            self._webhooks.replace_file(config.webhooks)
            self._policies.replace_file(config.policies)
            await self._change(config, links)
            restart = [
                field.name
                for field in msgspec.structs.fields(Config)
                if field.name not in _RELOADED
                and getattr(config, field.name) != getattr(self._config, field.name)
            ]
            self._config = msgspec.structs.replace(
                self._config, **{name: getattr(config, name) for name in _RELOADED}
            )
            if restart:
                log.warning("restart_needed", tables=restart)
            return Reloading(restart=tuple(restart))

    async def _change(self, config: Config, links: Mapping[str, Wanted]) -> None:
        self._correlation.waits = {link.name: link.receipt_wait.ms for link in config.links}
        self._exits.change(doors.routes(config), links.keys())
        self._agent.rerouted()
        changes = await self._links.change(links)
        log.info("routed", routes=len(config.routes), **changes._asdict())


def wanted(links: tuple[Link, ...]) -> dict[str, Wanted]:
    """Return links as they should be, by name; raises `CertificateError`."""
    return {link.name: Wanted(link, doors.terms(link)) for link in links}
