"""How many messages in a day or month of the calendar: exact counts, which a store keeps.

A quota counts from local midnight, or the first of the month, to the next. Unlike a rate it lets
all of its messages through at any time within that window, and it outlives a restart: what an
accepted message adds to the counts is written in the same transaction as the message. So nothing
is counted here. `weigh` looks at the counts and says what is to be added to them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from smsc_routing.explanation import Step, Steps
from smsc_routing.local_time import LocalTime
from smsc_routing.subject import at_most


class Span(StrEnum):
    """What a quota is counted for."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `count` messages, at least 1, in every day or month."""

    count: int
    span: Span

    def __post_init__(self) -> None:
        """Raise ValueError for a quota that never lets anything through."""
        if self.count < 1:
            raise ValueError(f"quota {self} lets nothing through: counts start at 1")

    def __str__(self) -> str:
        """Return the quota as a configuration writes it, such as "200/day"."""
        return f"{self.count}/{self.span}"


class Key(NamedTuple):
    """What a count is kept by: whose it is, and the day or month, such as "2026-11-21"."""

    subject: str
    window: str


CountOf: TypeAlias = Callable[[Key], int]
"""Tells a count: 0 where nothing has been counted yet."""


class Increment(NamedTuple):
    """What an accepted message adds to a count; the count is of no use once its window ends."""

    key: Key
    cost: int
    window_ends: int


class Allowance(NamedTuple):
    """The quotas that one subject (`subject`) comes under, all of which must agree.

    No two are for one subject.
    """

    subject: str
    quotas: tuple[Quota, ...]
    local_time: LocalTime


class Weighed(NamedTuple):
    """What the quotas say of a message: what it adds if it is accepted, or which one refuses.

    `retry_after_ms` is 0 if it is no use to wait, because the message is more than the quota.
    """

    increments: tuple[Increment, ...] = ()
    refused_by: Quota | None = None
    subject: str = ""
    retry_after_ms: int = 0


def keys(allowances: Iterable[Allowance], now: int) -> list[Key]:
    """Return the counts that `weigh` will look at, each once."""
    return [key for key, _, _ in _tightest(allowances, now)]


def weigh(
    allowances: Iterable[Allowance],
    counts: CountOf,
    cost: int,
    now: int,
    steps: Steps | None = None,
) -> Weighed:
    """Say whether all quotas have room for a message that counts for `cost`, at least 1.

    Of several that refuse, the one that refuses for longest is told.
    """
    increments: list[Increment] = []
    refusals: list[Weighed] = []
    for key, quota, window_ends in _tightest(allowances, now):
        used = counts(key)
        if used + cost > quota.count:
            wait = window_ends - now if cost <= quota.count else 0
            refusals.append(Weighed((), quota, key.subject, wait))
        if steps is not None:
            words = (
                f"{at_most(key.subject, quota)}: {used} used in {key.window}, this one costs {cost}"
            )
            steps.append(Step("quota", used + cost <= quota.count, words))
        increments.append(Increment(key, cost, window_ends))
    if refusals:
        return max(refusals, key=_hopelessness)
    return Weighed(tuple(increments))


def _tightest(allowances: Iterable[Allowance], now: int) -> Iterator[tuple[Key, Quota, int]]:
    """Yield each count, with the smallest quota on it and the end of its window."""
    for subject, quotas, local_time in allowances:
        moment = local_time.at(now)
        smallest: dict[Span, Quota] = {}
        for quota in quotas:
            if quota.count <= smallest.get(quota.span, quota).count:
                smallest[quota.span] = quota
        for span, quota in smallest.items():
            if span is Span.DAY:
                yield Key(subject, moment.day), quota, moment.day_ends
            else:
                yield Key(subject, moment.month), quota, moment.month_ends


def _hopelessness(refusal: Weighed) -> tuple[bool, int]:
    return not refusal.retry_after_ms, refusal.retry_after_ms
