"""What rules and quotas of accounts and policies do to a message, and whose they are."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_routing.calendar_quota import Allowance, Increment, Key, Quota, Span
from smsc_routing.decision import ACCEPTED, Question, Reason, Verdict, counted, decide
from smsc_routing.hours import parse_hours
from smsc_routing.local_time import LocalTime
from smsc_routing.policy import Policy
from smsc_routing.quota import Buckets, Rate
from smsc_routing.restrictions import Restrictions
from smsc_routing.rules import (
    AllowedNames,
    BlockedSources,
    Content,
    DarkHours,
    ForbiddenText,
    MostSegments,
    NoBinary,
    Rule,
    Sources,
)
from smsc_routing.traffic import Party, Target, Traffic
from tests.routing.zones import BERLIN, milliseconds

NIGHT = milliseconds("2026-11-20T22:30")
NOON = milliseconds("2026-11-20T11:00")
BERLIN_TIME = LocalTime(BERLIN)
OPEN = Policy("open", p2p_external=True)

A2P_MT = Question(
    party=Party.APPLICATION,
    source="BANK",
    destination="491700000001",
    target=Target.DEVICE,
    account="fleet",
    account_rates=(),
    source_owner=None,
    sender=None,
    receiver=OPEN,
    has_home=False,
    content=Content(4, False, "see http://x"),
)
P2P = A2P_MT._replace(
    party=Party.DEVICE, source="491700000002", account="", sender=OPEN, content=Content(1, True)
)


def restricted(*rules: Rule, **quotas: int) -> Restrictions:
    given_quotas = tuple(Quota(count, Span(span)) for span, count in quotas.items())
    return Restrictions(rules, given_quotas, BERLIN_TIME)


def of_receiver(question: Question, restrictions: Restrictions) -> Question:
    return question._replace(receiver=OPEN._replace(mt_restrictions=restrictions))


def of_sender(question: Question, restrictions: Restrictions) -> Question:
    return question._replace(sender=OPEN._replace(mo_restrictions=restrictions))


def verdict_on(question: Question, now: int = NOON) -> Verdict:
    return decide(question, Buckets(), now, Counter[Key]().__getitem__)


# --- rules ------------------------------------------------------------------------------------

RULES = [
    (
        AllowedNames("own-names", Sources(["FLEET"])),
        Reason.SOURCE_NOT_ALLOWED,
        "'BANK' is not among the names allowed",
    ),
    (
        BlockedSources("spammers", Sources(["BA*"])),
        Reason.SOURCE_NOT_ALLOWED,
        "messages from BANK are blocked",
    ),
    (MostSegments("short", 3), Reason.TOO_LONG, "4 segments are more than 3"),
    (
        ForbiddenText("no-links", (re.compile("https?://").search,)),
        Reason.SWITCHED_OFF,
        "the text has something in it that is forbidden by expression 1",
    ),
    (
        DarkHours("lunch", parse_hours("12:00-13:00"), BERLIN_TIME),
        Reason.SWITCHED_OFF,
        "nothing is sent at 12:00-13:00",
    ),
]


@pytest.mark.parametrize(("rule", "reason", "words"), RULES)
def test_a_rule_of_the_receivers_policy_refuses_by_name(
    rule: Rule, reason: Reason, words: str
) -> None:
    verdict = verdict_on(of_receiver(A2P_MT, restricted(rule)))
    assert (verdict.reason, verdict.traffic) == (reason, Traffic.A2P_MT)
    assert verdict.detail == f"rule '{rule.name}' of policy 'open' of the receiver: {words}"


@pytest.mark.parametrize(("rule", "reason", "words"), RULES)
def test_a_rule_of_the_account_refuses_by_name(rule: Rule, reason: Reason, words: str) -> None:
    verdict = verdict_on(A2P_MT._replace(account_restrictions=restricted(rule)))
    assert verdict.reason is reason
    assert verdict.detail == f"rule '{rule.name}' of account 'fleet': {words}"


def test_a_rule_of_the_senders_policy_refuses_by_name() -> None:
    verdict = verdict_on(of_sender(P2P, restricted(NoBinary("text-only"))))
    assert verdict.reason is Reason.SWITCHED_OFF
    assert verdict.detail == (
        "rule 'text-only' of policy 'open' of the sender: binary messages are not allowed"
    )


def test_a_refusal_for_the_hour_says_when_to_come_again() -> None:
    dark = restricted(DarkHours("quiet-nights", parse_hours("22:00-06:00"), BERLIN_TIME))
    assert verdict_on(of_receiver(A2P_MT, dark), NIGHT).retry_after_ms == 6 * 3_600_000 + 1_800_000
    assert verdict_on(of_receiver(A2P_MT, dark), NOON) is ACCEPTED[Traffic.A2P_MT]


def test_the_rules_are_asked_in_their_order() -> None:
    first, second = MostSegments("first", 1), MostSegments("second", 2)
    assert "rule 'first'" in verdict_on(of_receiver(A2P_MT, restricted(first, second))).detail
    assert "rule 'second'" in verdict_on(of_receiver(A2P_MT, restricted(second, first))).detail


def test_what_a_device_sends_and_receives_has_rules_of_its_own() -> None:
    policy = OPEN._replace(mo_restrictions=restricted(NoBinary("text-only")))
    assert verdict_on(A2P_MT._replace(receiver=policy, content=Content(1, True))).accepted
    assert not verdict_on(P2P._replace(sender=policy)).accepted


def test_restrictions_without_a_rule_that_objects_change_nothing() -> None:
    loose = restricted(MostSegments("long", 255))
    assert verdict_on(of_receiver(A2P_MT, loose)) is ACCEPTED[Traffic.A2P_MT]
    assert verdict_on(of_receiver(A2P_MT, Restrictions())) is ACCEPTED[Traffic.A2P_MT]


# --- quotas -----------------------------------------------------------------------------------

TODAY = Key("t:491700000001", "2026-11-20")
MIDNIGHT = milliseconds("2026-11-20T23:00")


def test_an_accepted_message_brings_what_is_to_be_written_with_it() -> None:
    verdict = verdict_on(of_receiver(A2P_MT, restricted(day=2))._replace(cost=2))
    assert verdict.accepted
    assert verdict.increments == (Increment(TODAY, 2, MIDNIGHT),)


def test_a_quota_that_is_used_up_refuses_until_midnight() -> None:
    question = of_receiver(A2P_MT, restricted(day=2))
    assert decide(question, Buckets(), NIGHT, {TODAY: 2}.__getitem__) == Verdict(
        Reason.QUOTA, Traffic.A2P_MT, "device 491700000001 may receive at most 2/day", 1_800_000
    )


QUOTAS = [
    (A2P_MT._replace(account_restrictions=restricted(month=1)), "a:fleet"),
    (of_sender(P2P, restricted(month=1)), "o:491700000002"),
    (of_receiver(P2P, restricted(month=1)), "t:491700000001"),
]


@pytest.mark.parametrize(("question", "subject"), QUOTAS)
def test_accounts_senders_and_receivers_are_counted_each_for_its_own(
    question: Question, subject: str
) -> None:
    key = Key(subject, "2026-11")
    assert counted(question, NOON) == [key]
    assert [increment.key for increment in verdict_on(question).increments] == [key]
    assert decide(question, Buckets(), NOON, {key: 1}.__getitem__).reason is Reason.QUOTA


def test_a_count_that_was_not_read_is_asked_for_and_not_guessed() -> None:
    with pytest.raises(KeyError):
        decide(of_receiver(A2P_MT, restricted(day=2)), Buckets(), NOON)


def test_what_costs_nothing_counts_for_nothing() -> None:
    free = of_receiver(A2P_MT, restricted(day=2))._replace(cost=0)
    assert counted(free, NOON) == []
    assert decide(free, Buckets(), NOON) is ACCEPTED[Traffic.A2P_MT]


def test_a_rate_that_refuses_leaves_the_quota_alone_and_a_quota_the_rate() -> None:
    policy = OPEN._replace(mt_restrictions=restricted(day=2), mt_limit=(Rate(1, 60_000),))
    question, buckets = A2P_MT._replace(receiver=policy), Buckets()
    assert decide(question, buckets, NOON, {TODAY: 2}.__getitem__).reason is Reason.QUOTA
    assert decide(question, buckets, NOON, {TODAY: 1}.__getitem__).increments
    refusal = decide(question, buckets, NOON, {TODAY: 1}.__getitem__)
    assert (refusal.reason, refusal.increments) == (Reason.RATE_LIMIT, ())


@given(
    st.integers(1, 5),
    st.integers(1, 5),
    st.integers(1, 5),
    st.lists(st.tuples(st.integers(0, 6), st.integers(1, 3), st.booleans()), max_size=60),
)
def test_no_road_into_a_device_gets_round_its_quotas(
    daily: int, monthly: int, rate: int, messages: list[tuple[int, int, bool]]
) -> None:
    policy = OPEN._replace(
        mt_restrictions=restricted(day=daily, month=monthly), mt_limit=(Rate(rate, 7_200_000),)
    )
    counts, buckets, now = Counter[Key](), Buckets(), NOON
    passed: list[tuple[str, int]] = []
    for hours, cost, from_device in messages:
        now += hours * 3_600_000
        question = (P2P if from_device else A2P_MT)._replace(receiver=policy, cost=cost)
        verdict = decide(question, buckets, now, counts.__getitem__)
        if verdict.accepted:
            counts.update({key: by for key, by, _ in verdict.increments})
            passed.append((BERLIN_TIME.at(now).day, cost))
    days, months = Counter[str](), Counter[str]()
    for day, cost in passed:
        days[day] += cost
        months[day[:7]] += cost
    assert all(used <= daily for used in days.values())
    assert all(used <= monthly for used in months.values())


# --- all devices of a policy together ---------------------------------------------------------

ALL_RECEIVE = Allowance("T:open", (Quota(2, Span.DAY),), BERLIN_TIME)
ALL_SEND = Allowance("O:open", (Quota(1, Span.MONTH),), BERLIN_TIME)


def test_a_quota_for_all_devices_together_is_counted_for_their_policy() -> None:
    question = of_receiver(A2P_MT, Restrictions(together=ALL_RECEIVE))
    key = Key("T:open", "2026-11-20")
    assert verdict_on(question).increments == (Increment(key, 1, MIDNIGHT),)
    assert counted(question, NOON) == [key]
    refusal = decide(question, Buckets(), NIGHT, {key: 2}.__getitem__)
    words = "the devices of policy 'open' together may receive at most 2/day"
    assert (refusal.reason, refusal.detail) == (Reason.QUOTA, words)


def test_a_quota_for_each_and_one_for_all_must_both_agree() -> None:
    each = Restrictions(quotas=(Quota(5, Span.DAY),), local_time=BERLIN_TIME, together=ALL_SEND)
    question = of_sender(P2P, each)
    day, month = Key("o:491700000002", "2026-11-20"), Key("O:open", "2026-11")
    assert counted(question, NOON) == [day, month]
    refusal = decide(question, Buckets(), NOON, {day: 0, month: 1}.__getitem__)
    assert refusal.detail == "the devices of policy 'open' together may send at most 1/month"
