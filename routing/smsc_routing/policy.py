"""A policy: what a group of devices may do, and how often."""

from typing import NamedTuple

from smsc_routing.quota import Rate


class Policy(NamedTuple):
    """Switches for the classes of traffic, limits on either direction, and a home for MO.

    `deliver_to` names the account that takes what its devices send to nobody in particular.
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
