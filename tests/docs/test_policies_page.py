"""The page on policies is true: its examples are accepted, and refusals are worded as it says."""

import re

import pytest

from smsc.config import Config, parse
from smsc.esme.words import WORDS
from smsc.policies import Policies
from smsc.smpp.commands import CommandStatus, Version
from smsc.smpp.version import known_status
from smsc.web.problems import refusal
from smsc_routing.calendar_quota import Key
from smsc_routing.decision import Question, Reason, Verdict, decide
from smsc_routing.policy import Policy
from smsc_routing.quota import Buckets
from smsc_routing.rules import Content
from smsc_routing.traffic import Party, Target
from tests.docs.test_manual import page

ANNA = "491700000001"
SUNDAY = 1_795_348_800_000
EXAMPLES = re.findall(r"^```toml\n(.*?)^```$", page("policies.md"), re.MULTILINE | re.DOTALL)


def example(name: str) -> Policy:
    (text,) = [text for text in EXAMPLES if f'name = "{name}"' in text and "_limit" not in text]
    return Policies(parsed(text).policies).find(name)


def limited() -> Policy:
    (text,) = [text for text in EXAMPLES if "_limit" in text]
    return Policies(parsed(text).policies).find("meters")


def parsed(text: str) -> Config:
    return parse(text, "policies.md")


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_is_accepted(text: str) -> None:
    assert parsed(text).policies


TO_ANNA = Question(
    Party.APPLICATION, "BANK", ANNA, Target.DEVICE, "fleet", (), None, None, Policy(), True
)
FROM_ANNA = TO_ANNA._replace(
    party=Party.DEVICE,
    source=ANNA,
    destination="1234",
    target=Target.SHORT_CODE,
    account="",
    receiver=None,
)
METERS, TEXT_ONLY = example("meters"), example("text-only")
REFUSED = {
    "a switch": TO_ANNA._replace(receiver=Policy("meters", mt=False)),
    "`allowed_senders`": TO_ANNA._replace(receiver=METERS),
    "`blocked_sources`": TO_ANNA._replace(receiver=METERS, source="4912345"),
    "`dark_hours`": TO_ANNA._replace(receiver=example("bedside")),
    "`max_segments`": TO_ANNA._replace(receiver=TEXT_ONLY, content=Content(3)),
    "`binary`": FROM_ANNA._replace(sender=TEXT_ONLY, content=Content(1, True)),
    "`forbidden_text`": FROM_ANNA._replace(
        sender=TEXT_ONLY, content=Content(1, False, "the casino!")
    ),
    "a quota": TO_ANNA._replace(receiver=limited()),
    "a rate": TO_ANNA._replace(
        receiver=limited()._replace(mt_limit=(), mt_restrictions=None), cost=500
    ),
}


def verdict_on(question: Question) -> Verdict:
    buckets = Buckets()
    used = {Key(f"t:{ANNA}", "2026-11-22"): 200}
    decide(question, buckets, SUNDAY, used.__getitem__)
    return decide(question, buckets, SUNDAY, used.__getitem__)


def told() -> list[list[str]]:
    table = page("policies.md").partition("## How a refusal is told")[2].partition("\n## ")[0]
    lines = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line] for line in lines[2:]]


def test_every_kind_of_refusal_is_told() -> None:
    assert [row[0] for row in told()] == list(REFUSED)


@pytest.mark.parametrize("row", told(), ids=lambda row: row[0])
def test_a_refusal_is_worded_as_the_page_says(row: list[str]) -> None:
    rule, words, smpp, http = row
    verdict = verdict_on(REFUSED[rule])
    assert verdict.detail == words
    problem = refusal(verdict)
    assert http.partition(",")[0] == str(problem.status_code)
    assert ("Retry-After" in http) == ("Retry-After" in (problem.headers or {}))
    if verdict.reason is Reason.SWITCHED_OFF:
        assert smpp == "as a switch" or smpp.startswith("ESME_RPROHIBITED; before 5.0, ")
        older = known_status(WORDS[verdict.reason], Version.V34)
        assert older == CommandStatus.ESME_RSUBMITFAIL
    else:
        assert smpp == WORDS[verdict.reason].name
