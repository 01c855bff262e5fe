"""`[[policies]]`: what a group of devices may do, as it is written in the file or over the API."""

from collections.abc import Set
from typing import Final

import msgspec

from smsc.firewall import MOST_STEPS, Expression, SenderPattern, WeeklyHours, Zone
from smsc.mistake import nearest, wrong
from smsc.notation import RateOrQuota
from smsc_routing.number import is_number
from smsc_routing.rules import ANY_ENDING, MOST_EXPRESSIONS

LONGEST_NAME: Final = 64
MOST_LIMITS: Final = 8
MOST_SENDERS: Final = 1000
MOST_SEGMENTS: Final = 255
_URL: Final = "://"


class Policy(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """One policy. Senders, hours and blocks are for what a device receives, the rest for both."""

    name: str
    mo: bool = True
    mt: bool = True
    a2p: bool = True
    p2p_internal: bool = True
    p2p_external: bool = False
    mt_limit: tuple[RateOrQuota, ...] = ()
    mo_limit: tuple[RateOrQuota, ...] = ()
    mt_limit_together: tuple[RateOrQuota, ...] = ()
    mo_limit_together: tuple[RateOrQuota, ...] = ()
    timezone: Zone | None = None
    allowed_senders: tuple[SenderPattern, ...] | None = None
    blocked_sources: tuple[SenderPattern, ...] = ()
    max_segments: int | None = None
    binary: bool = True
    forbidden_text: tuple[Expression, ...] = ()
    dark_hours: WeeklyHours | None = None
    deliver_to: str | None = None


GROUPS_OWN: Final = frozenset({"name", "mt_limit_together", "mo_limit_together"})
"""Keys that no device may have of its own: they are about all of its policy."""


def check_policy(path: str, policy: Policy, homes: Set[str]) -> None:
    """Check what one value can't tell alone; raises msgspec.ValidationError.

    `path` is put before each key; `homes` are the accounts and webhooks.
    """
    if not (1 <= len(policy.name) <= LONGEST_NAME and policy.name.isprintable()):
        raise wrong(f"{path}name", f"write 1 to {LONGEST_NAME} printable characters")
    _check_sizes(path, policy)
    for index, sender in enumerate(policy.allowed_senders or ()):
        if is_number(sender.text.removesuffix(ANY_ENDING)):
            problem = "a number is no name, and passes anyway; leave it out"
            raise wrong(f"{path}allowed_senders[{index}]", problem)
    if policy.max_segments is not None and not 1 <= policy.max_segments <= MOST_SEGMENTS:
        raise wrong(
            f"{path}max_segments", f"a message has 1 to {MOST_SEGMENTS} segments; write one of them"
        )
    if policy.deliver_to is not None and policy.deliver_to not in homes:
        problem = f"no such account or webhook{nearest(policy.deliver_to, set(homes))}"
        if _URL in policy.deliver_to:
            problem = "no URL stands here; make a webhook of it, and write its name"
        raise wrong(f"{path}deliver_to", problem)
    steps = sum(each.steps for each in policy.forbidden_text)
    if steps > MOST_STEPS:
        raise wrong(
            f"{path}forbidden_text",
            f"takes {steps} steps a character, at most {MOST_STEPS} are allowed; repeat less,"
            " and write smaller classes",
        )


def _check_sizes(path: str, policy: Policy) -> None:
    for key, most in _MOST.items():
        values = getattr(policy, key) or ()
        if len(values) > most:
            raise wrong(f"{path}{key}", f"has {len(values)} entries; write {most} or fewer")


_MOST: Final = {
    "mt_limit": MOST_LIMITS,
    "mo_limit": MOST_LIMITS,
    "mt_limit_together": MOST_LIMITS,
    "mo_limit_together": MOST_LIMITS,
    "allowed_senders": MOST_SENDERS,
    "blocked_sources": MOST_SENDERS,
    "forbidden_text": MOST_EXPRESSIONS,
}
