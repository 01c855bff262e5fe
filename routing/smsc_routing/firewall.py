"""Whether the policies of the two devices let a class of traffic through."""

from smsc_routing.policy import Policy
from smsc_routing.traffic import NEEDS, Traffic


def refused_by(traffic: Traffic, sender: Policy | None, receiver: Policy | None) -> str | None:
    """Return None if both policies allow `traffic`, else the switch and the policy in words.

    A policy that the class asks nothing of may be None. One that it does ask, and that is None,
    refuses: a firewall without rules is closed.
    """
    needs = NEEDS[traffic]
    return _lacking("sender", sender, needs.sender) or _lacking(
        "receiver", receiver, needs.receiver
    )


def lets_through(traffic: Traffic, sender: Policy | None, receiver: Policy | None) -> str:
    """Say in words why `refused_by` has nothing against `traffic`."""
    ends = zip(("sender", "receiver"), (sender, receiver), NEEDS[traffic], strict=True)
    return ", ".join(
        f"policy '{policy.name}' of the {role} has {' and '.join(switches)} on"
        for role, policy, switches in ends
        if policy is not None and switches
    )


def _lacking(role: str, policy: Policy | None, switches: tuple[str, ...]) -> str | None:
    if not switches:
        return None
    if policy is None:
        return f"the {role} has no policy, and this needs {' and '.join(switches)} on"
    for switch in switches:
        if not getattr(policy, switch):
            return f"policy '{policy.name}' of the {role} has {switch} off"
    return None
