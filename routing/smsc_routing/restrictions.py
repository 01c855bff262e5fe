"""What an account or a policy may restrict beyond switches and rates: rules and quotas.

Most have none of these, and pay nothing for them.
"""

from collections.abc import Sequence
from typing import NamedTuple

from smsc_routing.calendar_quota import Allowance, Quota
from smsc_routing.explanation import Step, Steps
from smsc_routing.local_time import UNIVERSAL, LocalTime
from smsc_routing.rules import Asked, Objection, Rule


class Restrictions(NamedTuple):
    """Rules that must not object, quotas that must agree, and whose calendar these go by.

    The quotas are for each, an account or a device; `together` is for all devices of a policy.
    """

    rules: tuple[Rule, ...] = ()
    quotas: tuple[Quota, ...] = ()
    local_time: LocalTime = UNIVERSAL
    together: Allowance | None = None


class Restricted(NamedTuple):
    """The restrictions one message comes under: of whom, and what its quotas are counted for."""

    whose: str
    subject: str
    restrictions: Restrictions


def objection(
    restricted: Sequence[Restricted], asked: Asked, now: int, steps: Steps | None
) -> Objection | None:
    """Return the first objection of a rule, named in its words, or None."""
    for whose, _, restrictions in restricted:
        for rule in restrictions.rules:
            raised = rule.objection(asked, now)
            if raised is None and steps is None:
                continue
            name = f"rule '{rule.name}' of {whose}"
            if steps is not None:
                steps.append(Step(name, raised is None, raised.words if raised else "no objection"))
            if raised is not None:
                return raised._replace(words=f"{name}: {raised.words}")
    return None


def allowances(restricted: Sequence[Restricted]) -> list[Allowance]:
    """Return the quotas of those that have any."""
    found = []
    for _, subject, restrictions in restricted:
        if restrictions.quotas:
            found.append(Allowance(subject, restrictions.quotas, restrictions.local_time))
        if restrictions.together is not None:
            found.append(restrictions.together)
    return found
