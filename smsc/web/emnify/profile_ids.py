"""Policies by the numbers that service profiles go by."""

from smsc.policies import Policies
from smsc.web.emnify.errors import INVALID_REFERENCE, Wrong
from smsc.web.emnify.ids import profile_id, whole


def policy_of(policies: Policies, profile: int) -> str:
    """Return the name of the policy that goes by this number; raises Wrong.

    Should two names have one number, which is one chance in two thousand millions for each pair,
    it is that of the first of them in the order of letters.
    """
    found = [policy.name for policy in policies if profile_id(policy.name) == profile]
    if not found:
        raise Wrong(INVALID_REFERENCE, f"ServiceProfile with Id '{profile}' not found.")
    return min(found)


def named(policies: Policies, text: str) -> str:
    """Return the name of the policy that a path means; raises Wrong."""
    return policy_of(policies, whole(text))
