"""The verdict on one message, from its class, its sender, the policies and the limits."""

from enum import IntEnum, StrEnum
from typing import NamedTuple

from smsc_routing.firewall import refused_by
from smsc_routing.policy import Policy
from smsc_routing.quota import PERIODS_MS, Buckets, Rate
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
    """

    reason: Reason
    traffic: Traffic | None = None
    detail: str = ""
    retry_after_ms: int = 0
    failure: Failure | None = None

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
    in every limit; 0 passes them all.
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


ACCEPTED: dict[Traffic, Verdict] = {
    traffic: Verdict(Reason.ACCEPTED, traffic) for traffic in Traffic
}

_AT_MOST = {
    "a:": "account '{}' may send at most {}",
    "s:": "all accounts{} together may send at most {}",
    "o:": "device {} may send at most {}",
    "t:": "device {} may receive at most {}",
}

_NO_ROAD: dict[Party, str] = {
    Party.APPLICATION: "{} is a short code, and only devices may send to those",
    Party.LINK: "{} is no device of this platform, and a link may send to nothing else",
}

_NO_LINK = "{} is no device of this platform, and no link leads to it"
_NO_HOME: dict[Traffic, str] = {
    Traffic.A2P_MO: "nobody takes messages to {}: no account owns it, no deliver_to is set",
    Traffic.P2P_EXTERNAL_MO: _NO_LINK,
    Traffic.EXTERNAL: _NO_LINK,
}


def decide(question: Question, buckets: Buckets, now: int) -> Verdict:
    """Return the verdict on a message at `now`, in milliseconds.

    An accepted message is charged to every limit that it comes under, a refused one to none.
    """
    traffic = classify(question.party, question.target)
    if traffic is None:
        words = _NO_ROAD[question.party].format(question.destination)
        return Verdict(Reason.UNKNOWN_DESTINATION, None, words)
    if question.party is Party.APPLICATION and _is_borrowed(question):
        return Verdict(Reason.SOURCE_NOT_ALLOWED, traffic, _borrowed(question))
    if not question.has_home and traffic in _NO_HOME:
        words = _NO_HOME[traffic].format(question.destination)
        return Verdict(Reason.UNKNOWN_DESTINATION, traffic, words)
    refusal = refused_by(traffic, question.sender, question.receiver)
    if refusal is not None:
        return Verdict(Reason.SWITCHED_OFF, traffic, refusal)
    limits = _limits(question)
    if not limits or not question.cost:
        return ACCEPTED[traffic]
    return _charge(limits, question.cost, traffic, buckets, now)


def _is_borrowed(question: Question) -> bool:
    return question.source_owner is not None and question.source_owner != question.account


def _borrowed(question: Question) -> str:
    return (
        f"account '{question.account}' may not send from {question.source}: another account owns it"
    )


def _limits(question: Question) -> list[tuple[str, tuple[Rate, ...]]]:
    limits = []
    sender, receiver = question.sender, question.receiver
    if question.account_rates and question.party is Party.APPLICATION:
        limits.append(("a:" + question.account, question.account_rates))
    elif sender is not None and sender.mo_limit:
        limits.append(("o:" + question.source, sender.mo_limit))
    if question.server_rates:
        limits.append(("s:", question.server_rates))
    if receiver is not None and receiver.mt_limit:
        limits.append(("t:" + question.destination, receiver.mt_limit))
    return limits


def _charge(
    limits: list[tuple[str, tuple[Rate, ...]]],
    cost: int,
    traffic: Traffic,
    buckets: Buckets,
    now: int,
) -> Verdict:
    for place, (key, rates) in enumerate(limits):
        wait = buckets.take(key, rates, now, cost)
        if wait:
            for earlier, given in limits[:place]:
                buckets.give_back(earlier, given, cost)
            return _limited(key, buckets.slowest(key, rates, now, cost), traffic, wait)
    return ACCEPTED[traffic]


def _limited(key: str, rate: Rate, traffic: Traffic, wait: int) -> Verdict:
    reason = Reason.QUOTA if rate.period_ms >= PERIODS_MS["day"] else Reason.RATE_LIMIT
    return Verdict(reason, traffic, _AT_MOST[key[:2]].format(key[2:], rate), wait)
