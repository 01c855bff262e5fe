"""The verdict step by step, by the code that decides."""

import re
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from smsc_routing.calendar_quota import Key, Quota, Span
from smsc_routing.decision import Question, Reason, counted, decide, explain
from smsc_routing.local_time import UNIVERSAL
from smsc_routing.policy import Policy
from smsc_routing.quota import Buckets, Rate
from smsc_routing.restrictions import Restrictions
from smsc_routing.rules import Content, ForbiddenText, MostSegments, NoBinary
from smsc_routing.traffic import Party, Target, Traffic

RULES = (
    MostSegments("short", 3),
    NoBinary("text-only"),
    ForbiddenText("no-links", (re.compile("https?://").search,)),
)
STRICT = Policy(
    "strict",
    mo_limit=(Rate(2, 60_000),),
    mt_limit=(Rate(10, 60_000, 20), Rate(2, 1_000)),
    mt_restrictions=Restrictions(RULES, (Quota(2, Span.DAY), Quota(30, Span.MONTH))),
)
FULL = Question(
    party=Party.APPLICATION,
    source="1234",
    destination="491700000001",
    target=Target.DEVICE,
    account="fleet",
    account_rates=(Rate(500, 1_000),),
    source_owner="fleet",
    sender=None,
    receiver=STRICT,
    has_home=False,
)
USED = Counter({Key("t:491700000001", "1970-01-01"): 1, Key("t:491700000001", "1970-01"): 17})


def test_an_accepted_message_passed_every_rule_and_each_says_why() -> None:
    verdict, steps = explain(FULL, Buckets(), 0, USED.__getitem__)
    assert verdict.accepted
    assert all(step.passed for step in steps)
    assert [(step.rule, step.why) for step in steps] == [
        ("class", "a2p_mt: an application sends to a device"),
        ("source", "account 'fleet' owns 1234"),
        ("switches", "policy 'strict' of the receiver has a2p and mt on"),
        ("rule 'short' of policy 'strict' of the receiver", "no objection"),
        ("rule 'text-only' of policy 'strict' of the receiver", "no objection"),
        ("rule 'no-links' of policy 'strict' of the receiver", "no objection"),
        (
            "quota",
            "device 491700000001 may receive at most 2/day: 1 used in 1970-01-01, this one costs 1",
        ),
        (
            "quota",
            "device 491700000001 may receive at most 30/month: "
            "17 used in 1970-01, this one costs 1",
        ),
        ("limit", "account 'fleet' may send at most 500/s: 500 left, this one costs 1"),
        (
            "limit",
            "device 491700000001 may receive at most 10/min burst 20 and 2/s: "
            "20 and 2 left, this one costs 1",
        ),
    ]


def test_a_refusal_is_the_last_step() -> None:
    question = FULL._replace(content=Content(2, True))
    verdict, steps = explain(question, Buckets(), 0, USED.__getitem__)
    assert verdict.reason is Reason.SWITCHED_OFF
    assert [step.passed for step in steps] == [True, True, True, True, False]
    assert steps[-1].why == "binary messages are not allowed"


def test_a_quota_and_a_limit_that_refuse_are_steps_too() -> None:
    used_up = USED + Counter({Key("t:491700000001", "1970-01-01"): 1})
    assert [step.passed for step in explain(FULL, Buckets(), 0, used_up.__getitem__)[1]][-2:] == [
        False,
        True,
    ]
    buckets = Buckets()
    buckets.take("t:491700000001", STRICT.mt_limit, 0, 2)
    verdict, steps = explain(FULL, buckets, 0, USED.__getitem__)
    assert verdict.reason is Reason.RATE_LIMIT
    assert steps[-1] == (
        "limit",
        False,
        "device 491700000001 may receive at most 10/min burst 20 and 2/s: "
        "18 and 0 left, this one costs 1",
    )


def test_every_other_refusal_tells_its_rule() -> None:
    device = FULL._replace(party=Party.DEVICE, sender=STRICT, receiver=None, source_owner=None)
    refused = {
        "source": FULL._replace(source_owner="bank"),
        "switches": FULL._replace(receiver=STRICT._replace(mt=False)),
        "class": FULL._replace(party=Party.LINK, target=Target.EXTERNAL),
        "home": device._replace(target=Target.SHORT_CODE),
        "external": FULL._replace(
            target=Target.EXTERNAL, receiver=None, has_home=True, external=False
        ),
    }
    for rule, question in refused.items():
        verdict, steps = explain(question, Buckets(), 0)
        assert (steps[-1].rule, steps[-1].passed) == (rule, False)
        assert steps[-1].why == verdict.detail


def test_a_message_from_device_to_device_names_both_policies() -> None:
    question = FULL._replace(
        party=Party.DEVICE, account="", source="491700000002", sender=STRICT, source_owner=None
    )
    _, steps = explain(question, Buckets(), 0, USED.__getitem__)
    assert steps[1].why == (
        "policy 'strict' of the sender has p2p_internal and mo on, "
        "policy 'strict' of the receiver has p2p_internal and mt on"
    )


def test_a_source_that_nobody_owns_and_a_home_that_was_found_are_told() -> None:
    question = FULL._replace(
        target=Target.EXTERNAL, receiver=None, source_owner=None, has_home=True
    )
    _, steps = explain(question, Buckets(), 0)
    assert [step.why for step in steps][1:4] == [
        "no account owns 1234",
        "something takes messages to 491700000001",
        "account 'fleet' may send to numbers elsewhere",
    ]


SWITCHES = st.builds(
    Policy,
    name=st.just("any"),
    mo=st.booleans(),
    mt=st.booleans(),
    a2p=st.booleans(),
    p2p_internal=st.booleans(),
    p2p_external=st.booleans(),
    mo_limit=st.sampled_from([(), (Rate(2, 10),)]),
    mt_limit=st.sampled_from([(), (Rate(1, 5), Rate(3, 20, 4))]),
    deliver_to=st.none(),
    mo_restrictions=st.none() | st.just(Restrictions((MostSegments("short", 1),))),
    mt_restrictions=st.none() | st.just(Restrictions((), (Quota(3, Span.DAY),), UNIVERSAL)),
    mo_limit_together=st.sampled_from([(), (Rate(3, 10),)]),
    mt_limit_together=st.sampled_from([(), (Rate(4, 10),)]),
)
QUESTIONS = st.builds(
    Question,
    party=st.sampled_from(Party),
    source=st.sampled_from(["1234", "491700000002"]),
    destination=st.sampled_from(["491700000001", "491700000002"]),
    target=st.sampled_from(Target),
    account=st.sampled_from(["fleet", "bank"]),
    account_rates=st.sampled_from([(), (Rate(2, 10),)]),
    source_owner=st.none() | st.just("fleet"),
    sender=st.none() | SWITCHES,
    receiver=st.none() | SWITCHES,
    has_home=st.booleans(),
    server_rates=st.sampled_from([(), (Rate(5, 10),)]),
    cost=st.integers(0, 3),
    account_restrictions=st.none() | st.just(Restrictions((NoBinary("text-only"),))),
    content=st.sampled_from([Content(), Content(2, True)]),
)


@given(st.lists(st.tuples(QUESTIONS, st.integers(0, 5)), max_size=20))
def test_what_is_explained_is_what_is_decided_and_explaining_costs_nothing(
    messages: list[tuple[Question, int]],
) -> None:
    plain, explained = Buckets(), Buckets()
    counts, now = Counter[Key](), 0
    for question, step in messages:
        now += step
        told, steps = explain(question, explained, now, counts.__getitem__)
        verdict = decide(question, plain, now, counts.__getitem__)
        assert decide(question, explained, now, counts.__getitem__) == verdict == told
        assert all(noted.passed for noted in steps) is verdict.accepted
        assert all(noted.why for noted in steps)
        assert not set(key for key, _, _ in verdict.increments) - set(counted(question, now))
        counts.update({key: cost for key, cost, _ in verdict.increments})


def test_each_class_is_asked_in_the_order_of_the_manual() -> None:
    asked = {}
    for party in Party:
        for target in Target:
            question = FULL._replace(
                party=party,
                target=target,
                sender=Policy(p2p_external=True),
                receiver=Policy(p2p_external=True),
                has_home=True,
                account_rates=(),
            )
            verdict, steps = explain(question, Buckets(), 0)
            asked[verdict.traffic] = [step.rule for step in steps]
    assert asked == {
        Traffic.A2P_MT: ["class", "source", "switches"],
        Traffic.A2P_MO: ["class", "home", "switches"],
        Traffic.P2P_INTERNAL: ["class", "switches"],
        Traffic.P2P_EXTERNAL_MO: ["class", "home", "switches"],
        Traffic.P2P_EXTERNAL_MT: ["class", "switches"],
        Traffic.EXTERNAL: ["class", "source", "home", "external"],
        None: ["class"],
    }
