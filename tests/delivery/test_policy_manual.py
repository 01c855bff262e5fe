"""What a policy can say, key by key: to which traffic it applies, and how a refusal is worded.

Each policy here is written as in the configuration, and asked about each class of traffic.
"""

from collections import Counter

import pytest

from smsc.config import parse
from smsc.esme.words import WORDS
from smsc.policies import Policies
from smsc.smpp.commands import CommandStatus as S
from smsc.web.problems import refusal
from smsc_routing.calendar_quota import Key
from smsc_routing.decision import Question, Reason, Verdict, decide
from smsc_routing.policy import Policy
from smsc_routing.quota import Buckets
from smsc_routing.rules import Content
from smsc_routing.traffic import Party, Target, Traffic

ANNA, BERT, ABROAD = "491700000001", "491700000002", "442071234567"
NOON = 1_795_262_400_000
"""Saturday, 2026-11-21 12:00 UTC: one o'clock in Berlin, seven in New York."""
TO_DEVICE = (Traffic.A2P_MT, Traffic.P2P_INTERNAL, Traffic.P2P_EXTERNAL_MT)
FROM_DEVICE = (Traffic.A2P_MO, Traffic.P2P_INTERNAL, Traffic.P2P_EXTERNAL_MO)

ENDS: dict[Traffic, tuple[Party, Target, str, str]] = {
    Traffic.A2P_MT: (Party.APPLICATION, Target.DEVICE, "BANK", ANNA),
    Traffic.A2P_MO: (Party.DEVICE, Target.SHORT_CODE, ANNA, "1234"),
    Traffic.P2P_INTERNAL: (Party.DEVICE, Target.DEVICE, BERT, ANNA),
    Traffic.P2P_EXTERNAL_MO: (Party.DEVICE, Target.EXTERNAL, ANNA, ABROAD),
    Traffic.P2P_EXTERNAL_MT: (Party.LINK, Target.DEVICE, ABROAD, ANNA),
    Traffic.EXTERNAL: (Party.APPLICATION, Target.EXTERNAL, "BANK", ABROAD),
}
"""Who hands in, what it goes to, from where, and to where."""
PLAIN = Content()
OPEN = "p2p_external = true"


def policy(keys: str) -> Policy:
    """Return the policy that has these keys, and lets every class through but for them."""
    text = f'[[policies]]\nname = "meters"\n{keys}'
    if "p2p_external" not in keys:
        text += f"\n{OPEN}"
    return Policies(parse(text, "smsc.toml").policies).find("meters")


def question(
    traffic: Traffic, sender: Policy, receiver: Policy, content: Content = PLAIN
) -> Question:
    party, target, source, destination = ENDS[traffic]
    application = party is Party.APPLICATION
    return Question(
        party,
        source,
        destination,
        target,
        "fleet" if application else "",
        (),
        None,
        sender if party is Party.DEVICE else None,
        receiver if target is Target.DEVICE else None,
        has_home=True,
        content=content,
    )


def ask(asked: Question, now: int = NOON) -> Verdict:
    return decide(asked, Buckets(), now, Counter[Key]().__getitem__)


def end(traffic: Traffic, keys: str, sends: bool, content: Content = PLAIN) -> Question:
    """Ask about a device with this policy that sends or receives; the other may do anything."""
    mine, others = policy(keys), policy("")
    return question(traffic, mine if sends else others, others if sends else mine, content)


# Switches.

NEEDED = {
    Traffic.A2P_MT: ({"a2p", "mt"}, "receiver"),
    Traffic.A2P_MO: ({"a2p", "mo"}, "sender"),
    Traffic.P2P_EXTERNAL_MO: ({"p2p_external", "mo"}, "sender"),
    Traffic.P2P_EXTERNAL_MT: ({"p2p_external", "mt"}, "receiver"),
    Traffic.EXTERNAL: (set[str](), "sender"),
}
SWITCHES = ("mo", "mt", "a2p", "p2p_internal", "p2p_external")


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("traffic", NEEDED)
def test_a_class_needs_its_switches_and_no_others(traffic: Traffic, switch: str) -> None:
    needs, role = NEEDED[traffic]
    verdict = ask(end(traffic, f"{switch} = false", sends=role == "sender"))
    if switch in needs:
        words = f"policy 'meters' of the {role} has {switch} off"
        assert (verdict.reason, verdict.detail) == (Reason.SWITCHED_OFF, words)
    else:
        assert verdict.accepted


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("role", ["sender", "receiver"])
def test_between_devices_both_have_a_say(role: str, switch: str) -> None:
    needs = {"p2p_internal", "mo" if role == "sender" else "mt"}
    verdict = ask(end(Traffic.P2P_INTERNAL, f"{switch} = false", sends=role == "sender"))
    if switch in needs:
        words = f"policy 'meters' of the {role} has {switch} off"
        assert (verdict.reason, verdict.detail) == (Reason.SWITCHED_OFF, words)
    else:
        assert verdict.accepted


# Rules on what a device receives.


@pytest.mark.parametrize(
    ("keys", "traffic", "words"),
    [
        ('allowed_senders = ["FLEET"]', Traffic.A2P_MT, "'BANK' is not among the names allowed"),
        ("allowed_senders = []", Traffic.A2P_MT, "'BANK' is not among the names allowed"),
        ('allowed_senders = ["BANK"]', Traffic.A2P_MT, ""),
        ('allowed_senders = ["bank"]', Traffic.A2P_MT, ""),
        ('allowed_senders = ["BA*"]', Traffic.A2P_MT, ""),
        ("allowed_senders = []", Traffic.P2P_INTERNAL, ""),
        ("allowed_senders = []", Traffic.P2P_EXTERNAL_MT, ""),
        ('blocked_sources = ["BANK"]', Traffic.A2P_MT, "messages from BANK are blocked"),
        ('blocked_sources = ["B*"]', Traffic.A2P_MT, "messages from BANK are blocked"),
        ('blocked_sources = ["49*"]', Traffic.P2P_INTERNAL, f"messages from {BERT} are blocked"),
        (
            'blocked_sources = ["44*"]',
            Traffic.P2P_EXTERNAL_MT,
            f"messages from {ABROAD} are blocked",
        ),
        ('blocked_sources = ["44*"]', Traffic.P2P_INTERNAL, ""),
    ],
)
def test_who_may_send_to_a_device(keys: str, traffic: Traffic, words: str) -> None:
    verdict = ask(end(traffic, keys, sends=False))
    if words:
        rule = keys.partition(" ")[0]
        assert verdict.reason is Reason.SOURCE_NOT_ALLOWED
        assert verdict.detail == f"rule '{rule}' of policy 'meters' of the receiver: {words}"
    else:
        assert verdict.accepted


HOUR = 3_600_000


@pytest.mark.parametrize("traffic", TO_DEVICE)
@pytest.mark.parametrize(
    ("keys", "hours", "wait"),
    [
        ('dark_hours = "12:00-13:30"', "12:00-13:30", 3 * HOUR // 2),
        ('dark_hours = "22:00-06:00"', "", 0),
        ('dark_hours = "22:00-06:00"\ntimezone = "Asia/Tokyo"', "", 0),
        ('dark_hours = "20:00-22:00"\ntimezone = "Asia/Tokyo"', "20:00-22:00", HOUR),
        ('dark_hours = "sat-sun"', "sat-sun", 36 * HOUR),
        ('dark_hours = "mon-fri"', "", 0),
        ('dark_hours = "mon-sun"', "mon-sun", 0),
    ],
)
def test_when_nothing_is_sent_to_a_device(
    traffic: Traffic, keys: str, hours: str, wait: int
) -> None:
    verdict = ask(end(traffic, keys, sends=False))
    if hours:
        assert verdict.reason is Reason.SWITCHED_OFF
        assert verdict.retry_after_ms == wait
        assert verdict.detail == (
            f"rule 'dark_hours' of policy 'meters' of the receiver: nothing is sent at {hours}"
        )
    else:
        assert verdict.accepted


@pytest.mark.parametrize("traffic", FROM_DEVICE)
@pytest.mark.parametrize(
    "keys", ['allowed_senders = ["X"]', 'blocked_sources = ["49*"]', 'dark_hours = "mon-sun"']
)
def test_what_a_device_sends_is_not_asked_about_senders_and_hours(
    traffic: Traffic, keys: str
) -> None:
    assert ask(end(traffic, keys, sends=True)).accepted


# Rules on what a message may be, in both directions.

CONTENT = [
    ("max_segments = 2", Content(3), Reason.TOO_LONG, "3 segments are more than 2"),
    ("max_segments = 3", Content(3), None, ""),
    ("binary = false", Content(1, True), Reason.SWITCHED_OFF, "binary messages are not allowed"),
    ("binary = false", Content(1, False, "text"), None, ""),
    (
        "forbidden_text = ['casino', '(?i)https?://']",
        Content(1, False, "go to HTTPS://x"),
        Reason.SWITCHED_OFF,
        "the text has something in it that is forbidden by expression 2",
    ),
    ("forbidden_text = ['https?://']", Content(1, False, "go home"), None, ""),
    ("forbidden_text = ['x']", Content(1, True), None, ""),
]


@pytest.mark.parametrize(("keys", "content", "reason", "words"), CONTENT)
@pytest.mark.parametrize(
    ("traffic", "role"),
    [(each, "receiver") for each in TO_DEVICE] + [(each, "sender") for each in FROM_DEVICE],
)
def test_what_a_message_may_be(
    traffic: Traffic, role: str, keys: str, content: Content, reason: Reason | None, words: str
) -> None:
    verdict = ask(end(traffic, keys, sends=role == "sender", content=content))
    if reason is None:
        assert verdict.accepted
    else:
        rule = keys.partition(" ")[0]
        assert verdict.reason is reason
        assert verdict.detail == f"rule '{rule}' of policy 'meters' of the {role}: {words}"


# Limits.

LIMITS = [
    ("1/min", Reason.RATE_LIMIT, 60_000),
    ("60/hour burst 1", Reason.RATE_LIMIT, 60_000),
    ("1/day", Reason.QUOTA, 12 * HOUR),
    ("1/month", Reason.QUOTA, 9 * 24 * HOUR + 12 * HOUR),
]


@pytest.mark.parametrize(("limit", "reason", "wait"), LIMITS)
@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize(
    ("traffic", "role"),
    [(each, "receiver") for each in TO_DEVICE] + [(each, "sender") for each in FROM_DEVICE],
)
def test_how_much_a_device_or_all_of_them_may_send_and_receive(
    traffic: Traffic, role: str, together: bool, limit: str, reason: Reason, wait: int
) -> None:
    sends = role == "sender"
    key = ("mo" if sends else "mt") + "_limit" + ("_together" if together else "")
    asked = end(traffic, f'{key} = ["{limit}"]', sends)
    counts, buckets = Counter[Key](), Buckets()
    first = decide(asked, buckets, NOON, counts.__getitem__)
    assert first.accepted
    counts.update({key: cost for key, cost, _ in first.increments})
    verdict = decide(asked, buckets, NOON, counts.__getitem__)
    device = asked.source if sends else asked.destination
    who = "the devices of policy 'meters' together" if together else f"device {device}"
    does = "send" if sends else "receive"
    assert (verdict.reason, verdict.retry_after_ms) == (reason, wait)
    assert verdict.detail == f"{who} may {does} at most {limit}"


@pytest.mark.parametrize(
    ("zone", "hours_left"), [("UTC", 12), ("Europe/Berlin", 11), ("America/New_York", 17)]
)
def test_a_day_ends_at_midnight_of_the_policys_zone(zone: str, hours_left: int) -> None:
    asked = end(Traffic.A2P_MT, f'mt_limit = ["1/day"]\ntimezone = "{zone}"', sends=False)
    key = Key(f"t:{ANNA}", "2026-11-21")
    verdict = decide(asked, Buckets(), NOON, {key: 1}.__getitem__)
    assert verdict.retry_after_ms == hours_left * HOUR


def test_what_costs_more_than_a_quota_is_never_let_in() -> None:
    asked = end(Traffic.A2P_MT, 'mt_limit = ["2/day"]', sends=False)._replace(cost=3)
    verdict = ask(asked)
    assert (verdict.reason, verdict.retry_after_ms) == (Reason.QUOTA, 0)


# How the doors tell it.


@pytest.mark.parametrize(
    ("reason", "status", "http"),
    [
        (Reason.SOURCE_NOT_ALLOWED, S.ESME_RINVSRCADR, 403),
        (Reason.SWITCHED_OFF, S.ESME_RPROHIBITED, 403),
        (Reason.TOO_LONG, S.ESME_RINVMSGLEN, 422),
        (Reason.RATE_LIMIT, S.ESME_RTHROTTLED, 429),
        (Reason.QUOTA, S.ESME_RMSGQFUL, 429),
    ],
)
def test_each_door_has_a_word_for_it(reason: Reason, status: S, http: int) -> None:
    problem = refusal(Verdict(reason, detail="why", retry_after_ms=1500))
    assert WORDS[reason] is status
    assert (problem.status_code, problem.detail) == (http, "why")
    assert problem.headers == {"Retry-After": "2"}
