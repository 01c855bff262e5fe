"""The verdict step by step, without sending: it charges nothing, and says what sending would."""

from typing import Any

import pytest

from smsc.config import parse
from smsc.delivery.directory import Terms
from smsc.delivery.submission import Submission
from smsc.message import Address
from smsc.policies import Policies
from smsc.store.store import StoreError
from smsc_routing.calendar_quota import Quota, Span
from smsc_routing.decision import Reason, Verdict
from smsc_routing.explanation import Step
from smsc_routing.quota import Rate
from smsc_routing.restrictions import Restrictions
from smsc_routing.traffic import Party
from tests.delivery.world import ANNA, BERT, FLEET, World

METERS = """
[[policies]]
name = "meters"
mt_limit = ["10/min", "200/day"]
mt_limit_together = ["5000/month"]
max_segments = 2
forbidden_text = ["https?://"]
"""
SENDERS = """
[[policies]]
name = "chatty"
binary = false
mo_limit = ["1/s"]
"""


def submission(text: str = "hello", **fields: Any) -> Submission:
    known: dict[str, Any] = {
        "party": Party.APPLICATION,
        "account": FLEET,
        "source": Address(0, 1, "1234"),
        "dest": Address(1, 1, ANNA),
        "payload": text.encode(),
    }
    return Submission(**known | fields)


@pytest.fixture
def meters(world: World) -> World:
    made = Policies(parse(METERS + SENDERS, "smsc.toml").policies)
    world.numbers.policies[ANNA] = made.find("meters")
    world.numbers.policies[BERT] = made.find("chatty")
    world.numbers.accounts[FLEET] = Terms(
        (Rate(500, 1000),), "1234", restrictions=Restrictions(quotas=(Quota(9, Span.DAY),))
    )
    return world


async def test_every_step_to_the_verdict_is_told(meters: World) -> None:
    await meters.send()
    verdict, steps = await meters.intake.explain(submission())
    assert verdict.accepted
    assert steps == [
        Step("class", True, "a2p_mt: an application sends to a device"),
        Step("source", True, "account 'fleet' owns 1234"),
        Step("switches", True, "policy 'meters' of the receiver has a2p and mt on"),
        Step("rule 'max_segments' of policy 'meters' of the receiver", True, "no objection"),
        Step("rule 'forbidden_text' of policy 'meters' of the receiver", True, "no objection"),
        Step(
            "quota",
            True,
            "account 'fleet' may send at most 9/day: 1 used in 2023-11-14, this one costs 1",
        ),
        Step(
            "quota",
            True,
            f"device {ANNA} may receive at most 200/day: 1 used in 2023-11-14, this one costs 1",
        ),
        Step(
            "quota",
            True,
            "the devices of policy 'meters' together may receive at most 5000/month: "
            "1 used in 2023-11, this one costs 1",
        ),
        Step(
            "limit", True, "account 'fleet' may send at most 500/s: 499 left, this one costs 1"
        ),
        Step(
            "limit", True, f"device {ANNA} may receive at most 10/min: 9 left, this one costs 1"
        ),
    ]  # fmt: skip


async def test_between_devices_both_policies_are_told(meters: World) -> None:
    verdict, steps = await meters.intake.explain(
        submission(party=Party.DEVICE, account="", source=Address(1, 1, BERT))
    )
    assert verdict.accepted
    assert steps[1].why == (
        "policy 'chatty' of the sender has p2p_internal and mo on, "
        "policy 'meters' of the receiver has p2p_internal and mt on"
    )
    assert [step.rule for step in steps[2:4]] == [
        "rule 'binary' of policy 'chatty' of the sender",
        "rule 'max_segments' of policy 'meters' of the receiver",
    ]


async def test_the_rule_that_refuses_is_the_last_step(meters: World) -> None:
    verdict, steps = await meters.intake.explain(submission("see http://x"))
    assert verdict.reason is Reason.SWITCHED_OFF
    assert verdict.detail == (
        "rule 'forbidden_text' of policy 'meters' of the receiver: "
        "the text has something in it that is forbidden by expression 1"
    )
    assert [step.passed for step in steps] == [True] * 4 + [False]


async def test_explaining_charges_counts_and_makes_nothing(meters: World) -> None:
    for _ in range(20):
        verdict, _ = await meters.intake.explain(submission())
        assert verdict.accepted
    await meters.calm()
    assert not meters.store.batches
    assert not meters.journal.submits
    assert meters.ledger.last_id == 0


async def test_what_is_explained_is_what_happens(meters: World) -> None:
    for text in ("hello", "x" * 400, "http://"):
        told, _ = await meters.intake.explain(submission(text))
        token = meters.submit(text)
        await meters.calm()
        assert told.accepted == (token in meters.door.ids)
        if not told.accepted:
            assert meters.door.verdicts[token] == told


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"dest": Address(1, 1, "x" * 30)}, Reason.MALFORMED_NUMBER),
        ({"esm_class": 0x40, "payload": b"\x20"}, Reason.BAD_UDH),
        ({"expires_at": 1}, Reason.BAD_VALIDITY),
    ],
)
async def test_what_no_decision_is_needed_for_is_one_step(
    meters: World, fields: dict[str, Any], reason: Reason
) -> None:
    verdict, steps = await meters.intake.explain(submission(**fields))
    assert verdict.reason is reason
    assert steps == [Step("admission", False, verdict.detail)]


async def test_what_can_not_be_read_can_not_be_explained(meters: World) -> None:
    meters.store.fails_to_read = True
    with pytest.raises(StoreError, match="can't be read now; try again"):
        await meters.intake.explain(submission())
    meters.store.fails_to_read = False
    verdict: Verdict = (await meters.intake.explain(submission()))[0]
    assert verdict.accepted
