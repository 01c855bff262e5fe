"""What a group of devices may do, and how much of it."""

from typing import NamedTuple

from smsc_routing.quota import Rate
from smsc_routing.restrictions import Restrictions


class Policy(NamedTuple):
    """The switches and limits that a group of devices shares.

    A switch names a class of traffic or a direction, seen from the device: `mo` is what it
    sends, `mt` what it receives. Every rate of a limit must agree to a message; an empty limit
    has no objection. `mo_limit` and `mt_limit` go for each device, those `together` for all of the
    policy as one. `deliver_to` is the account that takes what has no other home.
    `mo_restrictions` and `mt_restrictions` are rules and quotas.
    """

    name: str = "default"
    mo: bool = True
    mt: bool = True
    a2p: bool = True
    p2p_internal: bool = True
    p2p_external: bool = False
    mt_limit: tuple[Rate, ...] = ()
    mo_limit: tuple[Rate, ...] = ()
    deliver_to: str | None = None
    mo_restrictions: Restrictions | None = None
    mt_restrictions: Restrictions | None = None
    mt_limit_together: tuple[Rate, ...] = ()
    mo_limit_together: tuple[Rate, ...] = ()
