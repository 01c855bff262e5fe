"""The policy manual: what becomes of a message, in the order in which it is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_routing.decision import ACCEPTED, Question, Reason, Verdict, decide
from smsc_routing.policy import Policy
from smsc_routing.quota import Buckets, Rate
from smsc_routing.traffic import Party, Target, Traffic

OPEN = Policy("open", p2p_external=True)
SHUT = Policy("shut", mo=False, mt=False, a2p=False, p2p_internal=False)
ONE = (Rate(1, 60_000),)

A2P_MT = Question(
    party=Party.APPLICATION,
    source="1234",
    destination="491700000001",
    target=Target.DEVICE,
    account="fleet",
    account_rates=(),
    source_owner="fleet",
    sender=None,
    receiver=OPEN,
    has_home=False,
)
A2P_MO = Question(
    party=Party.DEVICE,
    source="491700000001",
    destination="1234",
    target=Target.SHORT_CODE,
    account="",
    account_rates=(),
    source_owner=None,
    sender=OPEN,
    receiver=None,
    has_home=True,
)
P2P_INTERNAL = A2P_MO._replace(
    destination="491700000002", target=Target.DEVICE, receiver=OPEN, has_home=False
)
P2P_EXTERNAL_MO = A2P_MO._replace(destination="15550001", target=Target.EXTERNAL)
P2P_EXTERNAL_MT = P2P_INTERNAL._replace(party=Party.LINK, source="15550001", sender=None)
EXTERNAL = A2P_MT._replace(
    destination="15550001", target=Target.EXTERNAL, receiver=None, has_home=True
)

QUESTIONS = {
    Traffic.A2P_MT: A2P_MT,
    Traffic.A2P_MO: A2P_MO,
    Traffic.P2P_INTERNAL: P2P_INTERNAL,
    Traffic.P2P_EXTERNAL_MO: P2P_EXTERNAL_MO,
    Traffic.P2P_EXTERNAL_MT: P2P_EXTERNAL_MT,
    Traffic.EXTERNAL: EXTERNAL,
}


def verdict_on(question: Question) -> Verdict:
    return decide(question, Buckets(), now=0)


@pytest.mark.parametrize("traffic", Traffic)
def test_every_class_has_an_accepted_road(traffic: Traffic) -> None:
    verdict = verdict_on(QUESTIONS[traffic])
    assert verdict == Verdict(Reason.ACCEPTED, traffic)
    assert verdict.accepted


@pytest.mark.parametrize("traffic", Traffic)
def test_accepting_makes_no_new_verdict(traffic: Traffic) -> None:
    assert verdict_on(QUESTIONS[traffic]) is ACCEPTED[traffic]


@pytest.mark.parametrize("reason", [each for each in Reason if each is not Reason.ACCEPTED])
def test_every_other_reason_is_a_refusal(reason: Reason) -> None:
    assert not Verdict(reason).accepted


# --- destination ------------------------------------------------------------------------------


@pytest.mark.parametrize("target", [Target.SHORT_CODE, Target.EXTERNAL])
def test_a_link_reaches_only_devices(target: Target) -> None:
    verdict = verdict_on(P2P_EXTERNAL_MT._replace(target=target, destination="1234"))
    assert (verdict.reason, verdict.traffic) == (Reason.UNKNOWN_DESTINATION, None)
    assert verdict.detail == (
        "1234 is no device of this platform, and a link may send to nothing else"
    )


def test_an_application_reaches_no_short_code_even_if_an_account_takes_it() -> None:
    verdict = verdict_on(EXTERNAL._replace(target=Target.SHORT_CODE, destination="1234"))
    assert (verdict.reason, verdict.traffic) == (Reason.UNKNOWN_DESTINATION, None)
    assert verdict.detail == "1234 is a short code, and only devices may send to those"


def test_a_short_code_that_nobody_takes_is_unknown() -> None:
    verdict = verdict_on(A2P_MO._replace(has_home=False))
    assert verdict.reason is Reason.UNKNOWN_DESTINATION
    assert verdict.detail == (
        "nobody takes messages to 1234: no account owns it, no deliver_to is set"
    )


@pytest.mark.parametrize("question", [EXTERNAL, P2P_EXTERNAL_MO])
def test_a_number_that_no_link_leads_to_is_unknown(question: Question) -> None:
    verdict = verdict_on(question._replace(has_home=False))
    assert verdict.reason is Reason.UNKNOWN_DESTINATION
    assert verdict.detail == "15550001 is no device of this platform, and no link leads to it"


def test_an_account_without_external_stays_on_the_platform() -> None:
    verdict = verdict_on(EXTERNAL._replace(external=False))
    assert (verdict.reason, verdict.traffic) == (Reason.SWITCHED_OFF, Traffic.EXTERNAL)
    assert verdict.detail == ("account 'fleet' may not send to numbers elsewhere: external is off")


# --- source -----------------------------------------------------------------------------------


@pytest.mark.parametrize("question", [A2P_MT, EXTERNAL])
def test_an_application_may_not_send_from_what_another_account_owns(question: Question) -> None:
    verdict = verdict_on(question._replace(source_owner="bank"))
    assert verdict.reason is Reason.SOURCE_NOT_ALLOWED
    assert verdict.detail == "account 'fleet' may not send from 1234: another account owns it"


@pytest.mark.parametrize("owner", ["fleet", None])
def test_an_application_may_send_from_its_own_and_from_nobodys_address(owner: str | None) -> None:
    assert verdict_on(A2P_MT._replace(source_owner=owner)).accepted


@pytest.mark.parametrize("question", [A2P_MO, P2P_INTERNAL, P2P_EXTERNAL_MO, P2P_EXTERNAL_MT])
def test_only_applications_are_asked_whose_address_they_send_from(question: Question) -> None:
    assert verdict_on(question._replace(source_owner="bank")).accepted


# --- switches ---------------------------------------------------------------------------------


@pytest.mark.parametrize("question", [A2P_MT, P2P_INTERNAL, P2P_EXTERNAL_MT])
def test_the_policy_of_the_receiver_can_switch_a_class_off(question: Question) -> None:
    verdict = verdict_on(question._replace(receiver=SHUT))
    assert verdict.reason is Reason.SWITCHED_OFF
    assert verdict.detail.startswith("policy 'shut' of the receiver has ")


@pytest.mark.parametrize("question", [A2P_MO, P2P_INTERNAL, P2P_EXTERNAL_MO])
def test_the_policy_of_the_sender_can_switch_a_class_off(question: Question) -> None:
    verdict = verdict_on(question._replace(sender=SHUT))
    assert verdict.reason is Reason.SWITCHED_OFF
    assert verdict.detail.startswith("policy 'shut' of the sender has ")


# --- limits -----------------------------------------------------------------------------------

LIMITED = (
    [
        (A2P_MT._replace(account_rates=ONE), "account 'fleet' may send at most 1/min"),
        (EXTERNAL._replace(account_rates=ONE), "account 'fleet' may send at most 1/min"),
    ]
    + [
        (
            question._replace(sender=OPEN._replace(mo_limit=ONE)),
            "device 491700000001 may send at most 1/min",
        )
        for question in (A2P_MO, P2P_INTERNAL, P2P_EXTERNAL_MO)
    ]
    + [
        (
            question._replace(receiver=OPEN._replace(mt_limit=ONE)),
            f"device {question.destination} may receive at most 1/min",
        )
        for question in (A2P_MT, P2P_INTERNAL, P2P_EXTERNAL_MT)
    ]
)


@pytest.mark.parametrize(("question", "words"), LIMITED)
def test_a_limit_that_is_used_up_refuses_and_says_when_to_come_again(
    question: Question, words: str
) -> None:
    buckets = Buckets()
    assert decide(question, buckets, now=0).accepted
    refusal = decide(question, buckets, now=20_000)
    assert refusal.reason is Reason.RATE_LIMIT
    assert refusal.detail == words
    assert refusal.retry_after_ms == 40_000
    assert decide(question, buckets, now=60_000).accepted


def test_of_several_limits_the_one_that_refuses_for_longest_is_told() -> None:
    limit = (Rate(5, 1_000), Rate(2, 3_600_000))
    question = A2P_MT._replace(receiver=OPEN._replace(mt_limit=limit))
    buckets = Buckets()
    assert [decide(question, buckets, now=0).accepted for _ in range(3)] == [True, True, False]
    assert decide(question, buckets, now=0) == Verdict(
        Reason.RATE_LIMIT,
        Traffic.A2P_MT,
        "device 491700000001 may receive at most 2/hour",
        1_800_000,
    )


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (
            A2P_MT._replace(receiver=OPEN._replace(mt_limit_together=ONE)),
            "the devices of policy 'open' together may receive at most 1/min",
        ),
        (
            A2P_MO._replace(sender=OPEN._replace(mo_limit_together=ONE)),
            "the devices of policy 'open' together may send at most 1/min",
        ),
    ],
)
def test_a_limit_of_all_devices_of_a_policy_is_used_up_by_any_of_them(
    question: Question, words: str
) -> None:
    buckets = Buckets()
    other = question._replace(source="491700000008", destination="491700000009")
    assert decide(other, buckets, now=0).accepted
    refusal = decide(question, buckets, now=0)
    assert (refusal.reason, refusal.detail) == (Reason.RATE_LIMIT, words)


def test_what_a_device_sends_and_receives_is_counted_apart() -> None:
    policy = OPEN._replace(mo_limit=ONE, mt_limit=ONE)
    buckets = Buckets()
    assert decide(A2P_MO._replace(sender=policy), buckets, now=0).accepted
    assert decide(A2P_MT._replace(receiver=policy), buckets, now=0).accepted


def test_accounts_and_devices_of_one_name_are_counted_apart() -> None:
    buckets = Buckets()
    itself = P2P_INTERNAL._replace(
        destination=P2P_INTERNAL.source,
        sender=OPEN._replace(mo_limit=ONE),
        receiver=OPEN._replace(mt_limit=ONE),
    )
    assert decide(itself, buckets, now=0).accepted
    namesake = A2P_MT._replace(account=itself.source, source_owner=None, account_rates=ONE)
    assert decide(namesake, buckets, now=0).accepted


REFUSED = [
    A2P_MT._replace(source_owner="bank"),
    A2P_MT._replace(receiver=SHUT),
    EXTERNAL._replace(has_home=False),
]


def test_a_limit_on_all_accounts_together_refuses_whoever_comes_last() -> None:
    buckets = Buckets()
    assert decide(A2P_MT._replace(server_rates=ONE), buckets, now=0).accepted
    other = A2P_MT._replace(account="bank", source_owner=None, server_rates=ONE)
    refusal = decide(other, buckets, now=0)
    assert refusal.reason is Reason.RATE_LIMIT
    assert refusal.detail == "all accounts together may send at most 1/min"
    assert decide(other._replace(server_rates=()), buckets, now=0).accepted


def test_what_the_limit_on_all_refuses_costs_its_account_nothing() -> None:
    buckets = Buckets()
    question = A2P_MT._replace(account_rates=(Rate(2, 60_000),), server_rates=ONE)
    assert decide(question, buckets, now=0).accepted
    assert not decide(question, buckets, now=0).accepted
    assert decide(question._replace(server_rates=()), buckets, now=0).accepted


THREE = (Rate(3, 60_000),)


@pytest.mark.parametrize(
    "question",
    [
        A2P_MT._replace(account_rates=THREE),
        A2P_MT._replace(server_rates=THREE),
        A2P_MT._replace(receiver=OPEN._replace(mt_limit=THREE)),
    ],
    ids=["account", "all accounts", "device"],
)
def test_a_message_counts_for_its_cost_in_every_limit(question: Question) -> None:
    buckets = Buckets()
    assert decide(question._replace(cost=2), buckets, now=0).accepted
    assert not decide(question._replace(cost=2), buckets, now=0).accepted
    assert decide(question, buckets, now=0).accepted
    assert decide(question._replace(cost=0), buckets, now=0).accepted
    assert not decide(question, buckets, now=0).accepted


def test_a_cost_that_a_later_limit_refuses_is_given_back_whole() -> None:
    buckets = Buckets()
    question = A2P_MT._replace(
        account_rates=(Rate(5, 60_000),), receiver=OPEN._replace(mt_limit=ONE), cost=5
    )
    buckets.take("t:" + question.destination, ONE, 0)
    assert not decide(question, buckets, now=0).accepted
    assert decide(question._replace(receiver=OPEN), buckets, now=0).accepted


@pytest.mark.parametrize("question", REFUSED)
def test_a_message_refused_for_another_reason_costs_nothing(question: Question) -> None:
    buckets = Buckets()
    assert not decide(question._replace(account_rates=ONE), buckets, now=0).accepted
    assert decide(A2P_MT._replace(account_rates=ONE), buckets, now=0).accepted


def test_a_message_that_the_receivers_limit_refuses_costs_the_account_nothing() -> None:
    buckets = Buckets()
    account_rates = (Rate(2, 60_000),)
    to_limited = A2P_MT._replace(account_rates=account_rates, receiver=OPEN._replace(mt_limit=ONE))
    assert decide(to_limited, buckets, now=0).accepted
    assert decide(to_limited, buckets, now=0).reason is Reason.RATE_LIMIT
    to_another = to_limited._replace(destination="491700000009")
    assert decide(to_another, buckets, now=0).accepted


RATES = st.lists(st.builds(Rate, st.integers(1, 3), st.integers(1, 40)), max_size=2).map(tuple)
DEVICES = st.sampled_from(["491700000001", "491700000002", "491700000003"])


@given(RATES, RATES, st.lists(st.tuples(DEVICES, DEVICES, st.integers(0, 20)), max_size=40))
def test_every_limit_is_charged_for_an_accepted_message_and_none_for_a_refused_one(
    mo_limit: tuple[Rate, ...], mt_limit: tuple[Rate, ...], steps: list[tuple[str, str, int]]
) -> None:
    policy = OPEN._replace(mo_limit=mo_limit, mt_limit=mt_limit)
    buckets, now, spent = Buckets(), 0, Spent()
    for source, destination, step in steps:
        now += step
        question = P2P_INTERNAL._replace(
            source=source, destination=destination, sender=policy, receiver=policy
        )
        charges = [("from " + source, mo_limit), ("to " + destination, mt_limit)]
        allowed = all(spent.allows(key, rates, now) for key, rates in charges)
        assert decide(question, buckets, now).accepted == allowed
        if allowed:
            spent.charge(charges, now)


class Spent:
    """The naive account of it: when each key was charged, added up anew for every question."""

    def __init__(self) -> None:
        self.times: dict[str, list[int]] = {}

    def charge(self, charges: list[tuple[str, tuple[Rate, ...]]], now: int) -> None:
        for key, _ in charges:
            self.times.setdefault(key, []).append(now)

    def allows(self, key: str, rates: tuple[Rate, ...], now: int) -> bool:
        return all(self.tokens(key, rate, now) >= rate.period_ms for rate in rates)

    def tokens(self, key: str, rate: Rate, now: int) -> int:
        full = rate.count * rate.period_ms
        tokens, before = full, 0
        for time in self.times.get(key, []):
            tokens = min(full, tokens + (time - before) * rate.count) - rate.period_ms
            before = time
        return min(full, tokens + (now - before) * rate.count)
