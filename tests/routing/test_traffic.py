"""The six classes of traffic: who sends to what, and which switches that takes."""

import pytest

from smsc_routing.policy import Policy
from smsc_routing.traffic import NEEDS, Party, Target, Traffic, classify

CLASSES = [
    (Party.APPLICATION, Target.DEVICE, "a2p_mt"),
    (Party.APPLICATION, Target.SHORT_CODE, None),
    (Party.APPLICATION, Target.EXTERNAL, "external"),
    (Party.DEVICE, Target.DEVICE, "p2p_internal"),
    (Party.DEVICE, Target.SHORT_CODE, "a2p_mo"),
    (Party.DEVICE, Target.EXTERNAL, "p2p_external_mo"),
    (Party.LINK, Target.DEVICE, "p2p_external_mt"),
    (Party.LINK, Target.SHORT_CODE, None),
    (Party.LINK, Target.EXTERNAL, None),
]


@pytest.mark.parametrize(("party", "target", "traffic"), CLASSES)
def test_sender_and_destination_make_the_class(
    party: Party, target: Target, traffic: str | None
) -> None:
    assert classify(party, target) == traffic


def test_the_manual_leaves_no_pair_out() -> None:
    assert {(party, target) for party, target, _ in CLASSES} == {
        (party, target) for party in Party for target in Target
    }


def test_every_class_says_what_it_needs() -> None:
    assert set(NEEDS) == set(Traffic)


@pytest.mark.parametrize("traffic", Traffic)
def test_every_need_is_a_switch_of_a_policy(traffic: Traffic) -> None:
    policy = Policy()
    for switch in NEEDS[traffic].sender + NEEDS[traffic].receiver:
        assert isinstance(getattr(policy, switch), bool)
