"""The verdict on a message: where its class, its policies and its limits meet.

Checks go from the cheap and final to the dear and passing: is there such a road, may the sender
use that address, does somebody take it, do the policies allow it, and is there a token left in
every bucket. All buckets are charged, or none.
"""

from enum import StrEnum
from typing import Final, NamedTuple

from smsc_routing.firewall import refused_by
from smsc_routing.policy import Policy
from smsc_routing.quota import Buckets, Rate
from smsc_routing.traffic import Party, Target, Traffic, classify


class Reason(StrEnum):
    """Why a verdict is what it is."""

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


class Verdict(NamedTuple):
    """What was decided; `detail` is for a person, `retry_after_ms` for one who may try again."""

    reason: Reason
    traffic: Traffic | None = None
    detail: str = ""
    retry_after_ms: int = 0

    @property
    def accepted(self) -> bool:
        """Whether the message is let in."""
        return self.reason is Reason.ACCEPTED


class Question(NamedTuple):
    """What a decision needs to know of a message; addresses are in their canonical form.

    `source_owner` is the account that owns the source address. `sender` and `receiver` are the
    policies of devices on this platform. `has_home` says that somebody takes a message that
    isn't for a device: an account for a short code, a link for any other number.
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


_ACCEPTED: Final = {traffic: Verdict(Reason.ACCEPTED, traffic) for traffic in Traffic}


def decide(question: Question, buckets: Buckets, now: int) -> Verdict:
    """Decide at this time (milliseconds), and charge the buckets if the message is let in."""
    traffic = classify(question.party, question.target)
    if traffic is None:
        return Verdict(
            Reason.UNKNOWN_DESTINATION,
            detail=f"{question.destination} is nothing a sender of this kind can reach",
        )
    refusal = _refusal(question, traffic)
    if refusal is not None:
        return refusal
    limits = _limits(question)
    for who, key, rates in limits:
        wait = buckets.wait(key, rates, now)
        if wait:
            shown = ", ".join(f"{rate.messages} in {rate.period_ms / 1000:g} s" for rate in rates)
            detail = f"the rate of {who} is used up ({shown}): try again in {wait} ms"
            return Verdict(Reason.RATE_LIMIT, traffic, detail, wait)
    for _, key, rates in limits:
        buckets.charge(key, rates, now)
    return _ACCEPTED[traffic]


def _refusal(question: Question, traffic: Traffic) -> Verdict | None:
    owner = question.source_owner
    if question.party is Party.APPLICATION and owner is not None and owner != question.account:
        detail = f"{question.source} belongs to another account: send from an address of your own"
        return Verdict(Reason.SOURCE_NOT_ALLOWED, traffic, detail)
    if question.target is not Target.DEVICE and not question.has_home:
        detail = f"{question.destination} is no device here, and nobody takes messages for it"
        return Verdict(Reason.UNKNOWN_DESTINATION, traffic, detail)
    switch = refused_by(traffic, question.sender, question.receiver)
    if switch is not None:
        return Verdict(Reason.SWITCHED_OFF, traffic, switch)
    return None


def _limits(question: Question) -> list[tuple[str, str, tuple[Rate, ...]]]:
    """List whose buckets a message takes from: words, key, rates."""
    limits = []
    if question.account_rates:
        account = question.account
        limits.append((f"account {account}", f"a:{account}", question.account_rates))
    sender, receiver = question.sender, question.receiver
    if sender is not None and sender.mo_limit:
        limits.append((f"device {question.source}", f"o:{question.source}", sender.mo_limit))
    if receiver is not None and receiver.mt_limit:
        device = question.destination
        limits.append((f"device {device}", f"t:{device}", receiver.mt_limit))
    return limits
