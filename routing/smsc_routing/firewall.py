"""The policy firewall: which switch of which device refuses a class of traffic."""

from smsc_routing.policy import Policy
from smsc_routing.traffic import NEEDS, Traffic


def refused_by(traffic: Traffic, sender: Policy | None, receiver: Policy | None) -> str | None:
    """Name the switch that refuses, and whose it is; None if nothing does."""
    needs = NEEDS[traffic]
    for end, policy, switches in (
        ("sender", sender, needs.sender),
        ("receiver", receiver, needs.receiver),
    ):
        if policy is not None:
            for switch in switches:
                if not getattr(policy, switch):
                    return f"policy {policy.name!r} of the {end} has {switch} off"
    return None
