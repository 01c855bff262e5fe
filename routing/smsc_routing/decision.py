"""The verdict on one message, from its class, its sender, the policies and the limits."""

from collections.abc import Callable
from enum import IntEnum, StrEnum
from typing import NamedTuple, TypeAlias

from smsc_routing.calendar_quota import CountOf, Increment, Key, keys, weigh
from smsc_routing.explanation import Step, Steps
from smsc_routing.firewall import lets_through, refused_by
from smsc_routing.policy import Policy
from smsc_routing.quota import Buckets, Rate
from smsc_routing.restrictions import Restricted, Restrictions, allowances, objection
from smsc_routing.rules import Asked, Content, Kind, Rule
from smsc_routing.subject import (
    ACCOUNT,
    ORIGIN,
    ORIGINS,
    SERVER,
    TERMINAL,
    TERMINALS,
    at_most,
)
from smsc_routing.traffic import Party, Target, Traffic, classify


class Reason(StrEnum):
    """Why a message was accepted or refused; every door has a table of words for these."""

    ACCEPTED = "accepted"
    UNKNOWN_DESTINATION = "unknown_destination"
    MALFORMED_NUMBER = "malformed_number"
    SOURCE_NOT_ALLOWED = "source_not_allowed"
    SWITCHED_OFF = "switched_off"
    QUOTA = "quota"
    RATE_LIMIT = "rate_limit"
    STORE_BEHIND = "store_behind"
    TOO_LONG = "too_long"
    BAD_UDH = "bad_udh"
    BAD_DATA_CODING = "bad_data_coding"
    BAD_VALIDITY = "bad_validity"
    BAD_SCHEDULE = "bad_schedule"
    STORE_FAILED = "store_failed"
    NOT_DELIVERED = "not_delivered"


class FailureReason(IntEnum):
    """What kept the network from delivering (SMPP 5.0, 4.8.4.22)."""

    DESTINATION_UNAVAILABLE = 0
    DESTINATION_INVALID = 1
    PERMANENT_NETWORK_ERROR = 2
    TEMPORARY_NETWORK_ERROR = 3


class Failure(NamedTuple):
    """How the one attempt failed to deliver a message whose sender waits for that.

    `cause` is the network's, 0 if it gave none. `watched` tells whether the sender will be told
    when the device is back, None if it didn't ask.
    """

    reason: FailureReason
    cause: int = 0
    watched: bool | None = None


class Verdict(NamedTuple):
    """What is decided on a message, the words for a person, and when to try again (or 0).

    A message that was let in, but not delivered while its sender waited, has a `failure`.
    `increments` are for the counts of quotas, to be written in one transaction with the message.
    """

    reason: Reason
    traffic: Traffic | None = None
    detail: str = ""
    retry_after_ms: int = 0
    failure: Failure | None = None
    increments: tuple[Increment, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the message goes on."""
        return self.reason is Reason.ACCEPTED


class Question(NamedTuple):
    """All that a decision looks at.

    Addresses are canonical (`number.normalise`). `account` is the submitting account, "" for a
    device or link; `source_owner` the account that owns the source address, None if nobody does.
    `sender` and `receiver` are the policies of the devices at either end, None where there is
    no device. `has_home` says that something takes the message: for a short code an owner or the
    policy's `deliver_to`, for what leaves the platform a link. It says nothing where a device
    receives. `server_rates` limit all accounts together. `cost` is what the message counts for
    in every limit; 0 passes them all. `content` is what rules look at, and need not be found out
    where there are none. `external` says that the account may send to numbers elsewhere.
    """

    party: Party
    source: str
    destination: str
    target: Target
    account: str
    account_rates: tuple[Rate, ...]
    source_owner: str | None
    sender: Policy | None
    receiver: Policy | None
    has_home: bool
    server_rates: tuple[Rate, ...] = ()
    cost: int = 1
    account_restrictions: Restrictions | None = None
    content: Content = Content()
    external: bool = True


ACCEPTED: dict[Traffic, Verdict] = {
    traffic: Verdict(Reason.ACCEPTED, traffic) for traffic in Traffic
}

_NO_ROAD: dict[Party, str] = {
    Party.APPLICATION: "{} is a short code, and only devices may send to those",
    Party.LINK: "{} is no device of this platform, and a link may send to nothing else",
}

_CLASSES: dict[Traffic, str] = {
    Traffic.A2P_MT: "{}: an application sends to a device",
    Traffic.A2P_MO: "{}: a device sends to an application",
    Traffic.P2P_INTERNAL: "{}: a device sends to a device",
    Traffic.P2P_EXTERNAL_MO: "{}: a device sends to a number elsewhere",
    Traffic.P2P_EXTERNAL_MT: "{}: a number elsewhere sends to a device",
    Traffic.EXTERNAL: "{}: an application sends to a number elsewhere",
}

_BORROWED = "account '{}' may not send from {}: another account owns it"
_NOT_EXTERNAL = "account '{}' may not send to numbers elsewhere: external is off"
_NO_LINK = "{} is no device of this platform, and no link leads to it"
_NO_HOME: dict[Traffic, str] = {
    Traffic.A2P_MO: "nobody takes messages to {}: no account owns it, no deliver_to is set",
    Traffic.P2P_EXTERNAL_MO: _NO_LINK,
    Traffic.EXTERNAL: _NO_LINK,
}


_OBJECTIONS: dict[Kind, Reason] = {
    Kind.SENDER: Reason.SOURCE_NOT_ALLOWED,
    Kind.LENGTH: Reason.TOO_LONG,
    Kind.CONTENT: Reason.SWITCHED_OFF,
    Kind.HOURS: Reason.SWITCHED_OFF,
}

_NONE_READ: CountOf = dict[Key, int]().__getitem__


def decide(
    question: Question,
    buckets: Buckets,
    now: int,
    counts: CountOf = _NONE_READ,
    steps: Steps | None = None,
) -> Verdict:
    """Return the verdict on a message at `now`, in milliseconds; note the steps to it in `steps`.

    An accepted message is charged to every rate that it comes under, a refused one to none. What
    it adds to quotas is in the verdict. Raises KeyError for one of its `counted` that `counts`
    doesn't know.
    """
    traffic = classify(question.party, question.target)
    if traffic is None:
        return _no_road(question, steps)
    if steps is not None:
        steps.append(Step("class", True, _CLASSES[traffic].format(traffic)))
    for name, ask, why in _ASKED[traffic]:
        refusal = ask(question, traffic)
        if steps is not None:
            passed = refusal is None
            steps.append(Step(name, passed, refusal.detail if refusal else why(question, traffic)))
        if refusal is not None:
            return refusal
    accepted = ACCEPTED[traffic]
    if restricted(question):
        under = _restricted(question)
        accepted = _within(under, question, traffic, now, counts, steps)
        if not accepted.accepted:
            return accepted
    limits = _limits(question) if question.cost else None
    if not limits:
        return accepted
    return _charge(limits, question.cost, accepted, buckets, now, steps)


def explain(
    question: Question, buckets: Buckets, now: int, counts: CountOf = _NONE_READ
) -> tuple[Verdict, Steps]:
    """Return the verdict that `decide` would return, and the steps to it; charge nothing."""
    steps: Steps = []
    verdict = decide(question, buckets, now, counts, steps)
    if verdict.accepted and question.cost:
        for key, rates in _limits(question):
            buckets.give_back(key, rates, question.cost)
    return verdict, steps


def beyond_question(receiver: Policy) -> bool:
    """Whether an application without limits of its own may send a device of this policy anything.

    That is, `decide` lets in whatever it sends from an address that is nobody else's.
    """
    return (
        receiver.mt
        and receiver.a2p
        and receiver.mt_restrictions is None
        and not receiver.mt_limit
        and not receiver.mt_limit_together
    )


def counted(question: Question, now: int) -> list[Key]:
    """Return the counts of quotas that `decide` may look at."""
    under = _restricted(question)
    return keys(allowances(under), now) if under and question.cost else []


def restricted(question: Question) -> bool:
    """Whether the message may come under a rule or quota, whoever's it is."""
    sender, receiver = question.sender, question.receiver
    return (
        (receiver is not None and receiver.mt_restrictions is not None)
        or (sender is not None and sender.mo_restrictions is not None)
        or question.account_restrictions is not None
    )


def limited(question: Question) -> bool:
    """Whether any rate or quota counts the message."""
    if _limits(question):
        return True
    under = _restricted(question)
    return bool(under and allowances(under))


def asked(question: Question) -> list[Rule]:
    """Return the rules that `decide` may ask, so that the content they look at can be found out."""
    return [rule for each in _restricted(question) for rule in each.restrictions.rules]


def ruled_out(question: Question, now: int) -> Verdict | None:
    """Return the refusal of the first rule that objects; nothing else is asked."""
    traffic = classify(question.party, question.target)
    return _ruled_out(_restricted(question), question, traffic, now, None)


def _no_road(question: Question, steps: Steps | None) -> Verdict:
    words = _NO_ROAD[question.party].format(question.destination)
    if steps is not None:
        steps.append(Step("class", False, words))
    return Verdict(Reason.UNKNOWN_DESTINATION, None, words)


def _borrowed(question: Question, traffic: Traffic) -> Verdict | None:
    owner = question.source_owner
    if owner is None or owner == question.account:
        return None
    words = _BORROWED.format(question.account, question.source)
    return Verdict(Reason.SOURCE_NOT_ALLOWED, traffic, words)


def _homeless(question: Question, traffic: Traffic) -> Verdict | None:
    if question.has_home:
        return None
    words = _NO_HOME[traffic].format(question.destination)
    return Verdict(Reason.UNKNOWN_DESTINATION, traffic, words)


def _kept_in(question: Question, traffic: Traffic) -> Verdict | None:
    if question.external:
        return None
    words = _NOT_EXTERNAL.format(question.account)
    return Verdict(Reason.SWITCHED_OFF, traffic, words)


def _switched_off(question: Question, traffic: Traffic) -> Verdict | None:
    refusal = refused_by(traffic, question.sender, question.receiver)
    return None if refusal is None else Verdict(Reason.SWITCHED_OFF, traffic, refusal)


def _own_source(question: Question, traffic: Traffic) -> str:
    if question.source_owner is None:
        return f"no account owns {question.source}"
    return f"account '{question.account}' owns {question.source}"


def _found_home(question: Question, traffic: Traffic) -> str:
    return f"something takes messages to {question.destination}"


def _let_out(question: Question, traffic: Traffic) -> str:
    return f"account '{question.account}' may send to numbers elsewhere"


def _switched_on(question: Question, traffic: Traffic) -> str:
    return lets_through(traffic, question.sender, question.receiver)


_Asks: TypeAlias = tuple[
    str, Callable[[Question, Traffic], Verdict | None], Callable[[Question, Traffic], str]
]
_SOURCE: _Asks = ("source", _borrowed, _own_source)
_HOME: _Asks = ("home", _homeless, _found_home)
_EXTERNAL: _Asks = ("external", _kept_in, _let_out)
_SWITCHES: _Asks = ("switches", _switched_off, _switched_on)

_ASKED: dict[Traffic, tuple[_Asks, ...]] = {
    Traffic.A2P_MT: (_SOURCE, _SWITCHES),
    Traffic.A2P_MO: (_HOME, _SWITCHES),
    Traffic.P2P_INTERNAL: (_SWITCHES,),
    Traffic.P2P_EXTERNAL_MO: (_HOME, _SWITCHES),
    Traffic.P2P_EXTERNAL_MT: (_SWITCHES,),
    Traffic.EXTERNAL: (_SOURCE, _HOME, _EXTERNAL),
}
"""What each class is asked, in this order, before its restrictions and limits."""


def _restricted(question: Question) -> list[Restricted]:
    found = []
    sender, receiver = question.sender, question.receiver
    if question.account_restrictions is not None and question.party is Party.APPLICATION:
        whose, subject = f"account '{question.account}'", ACCOUNT + question.account
        found.append(Restricted(whose, subject, question.account_restrictions))
    elif sender is not None and sender.mo_restrictions is not None:
        whose, subject = f"policy '{sender.name}' of the sender", ORIGIN + question.source
        found.append(Restricted(whose, subject, sender.mo_restrictions))
    if receiver is not None and receiver.mt_restrictions is not None:
        whose, subject = (
            f"policy '{receiver.name}' of the receiver",
            TERMINAL + question.destination,
        )
        found.append(Restricted(whose, subject, receiver.mt_restrictions))
    return found


def _within(
    under: list[Restricted],
    question: Question,
    traffic: Traffic,
    now: int,
    counts: CountOf,
    steps: Steps | None,
) -> Verdict:
    refusal = _ruled_out(under, question, traffic, now, steps)
    if refusal is not None:
        return refusal
    allowed = allowances(under) if question.cost else None
    if not allowed:
        return ACCEPTED[traffic]
    weighed = weigh(allowed, counts, question.cost, now, steps)
    if weighed.refused_by is None:
        return Verdict(Reason.ACCEPTED, traffic, increments=weighed.increments)
    words = at_most(weighed.subject, weighed.refused_by)
    return Verdict(Reason.QUOTA, traffic, words, weighed.retry_after_ms)


def _ruled_out(
    under: list[Restricted],
    question: Question,
    traffic: Traffic | None,
    now: int,
    steps: Steps | None,
) -> Verdict | None:
    about = Asked(question.source, question.destination, question.content)
    raised = objection(under, about, now, steps)
    if raised is None:
        return None
    return Verdict(_OBJECTIONS[raised.kind], traffic, raised.words, raised.retry_after_ms)


def _limits(question: Question) -> list[tuple[str, tuple[Rate, ...]]]:
    limits = []
    sender, receiver = question.sender, question.receiver
    if question.account_rates and question.party is Party.APPLICATION:
        limits.append((ACCOUNT + question.account, question.account_rates))
    elif sender is not None:
        if sender.mo_limit:
            limits.append((ORIGIN + question.source, sender.mo_limit))
        if sender.mo_limit_together:
            limits.append((ORIGINS + sender.name, sender.mo_limit_together))
    if question.server_rates:
        limits.append((SERVER, question.server_rates))
    if receiver is not None:
        if receiver.mt_limit:
            limits.append((TERMINAL + question.destination, receiver.mt_limit))
        if receiver.mt_limit_together:
            limits.append((TERMINALS + receiver.name, receiver.mt_limit_together))
    return limits


def _charge(
    limits: list[tuple[str, tuple[Rate, ...]]],
    cost: int,
    accepted: Verdict,
    buckets: Buckets,
    now: int,
    steps: Steps | None,
) -> Verdict:
    for place, (key, rates) in enumerate(limits):
        words = "" if steps is None else _left(key, rates, cost, buckets, now)
        wait = buckets.take(key, rates, now, cost)
        if steps is not None:
            steps.append(Step("limit", not wait, words))
        if wait:
            for earlier, given in limits[:place]:
                buckets.give_back(earlier, given, cost)
            return _limited(key, buckets.slowest(key, rates, now, cost), accepted.traffic, wait)
    return accepted


def _left(key: str, rates: tuple[Rate, ...], cost: int, buckets: Buckets, now: int) -> str:
    words = at_most(key, " and ".join(map(str, rates)))
    left = " and ".join(str(buckets.left(key, rate, now)) for rate in rates)
    return f"{words}: {left} left, this one costs {cost}"


def _limited(key: str, rate: Rate, traffic: Traffic | None, wait: int) -> Verdict:
    return Verdict(Reason.RATE_LIMIT, traffic, at_most(key, rate), wait)
