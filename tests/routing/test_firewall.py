"""Which switch of whose policy stops which class of traffic."""

import pytest

from smsc_routing.firewall import lets_through, refused_by
from smsc_routing.policy import Policy
from smsc_routing.traffic import Traffic

OPEN = Policy("open", p2p_external=True)
STRICT = {
    "mo": OPEN._replace(name="strict", mo=False),
    "mt": OPEN._replace(name="strict", mt=False),
    "a2p": OPEN._replace(name="strict", a2p=False),
    "p2p_internal": OPEN._replace(name="strict", p2p_internal=False),
    "p2p_external": OPEN._replace(name="strict", p2p_external=False),
}

# The manual: the switches that each class asks of the sending and of the receiving device.
MANUAL = {
    Traffic.A2P_MT: (set(), {"a2p", "mt"}),
    Traffic.A2P_MO: ({"a2p", "mo"}, set()),
    Traffic.P2P_INTERNAL: ({"p2p_internal", "mo"}, {"p2p_internal", "mt"}),
    Traffic.P2P_EXTERNAL_MO: ({"p2p_external", "mo"}, set()),
    Traffic.P2P_EXTERNAL_MT: (set(), {"p2p_external", "mt"}),
    Traffic.EXTERNAL: (set(), set()),
}


@pytest.mark.parametrize("traffic", Traffic)
def test_open_policies_let_every_class_through(traffic: Traffic) -> None:
    assert refused_by(traffic, OPEN, OPEN) is None


@pytest.mark.parametrize("switch", STRICT)
@pytest.mark.parametrize("traffic", Traffic)
def test_a_switch_of_the_sender_stops_the_classes_that_need_it(
    traffic: Traffic, switch: str
) -> None:
    words = f"policy 'strict' of the sender has {switch} off"
    needed = switch in MANUAL[traffic][0]
    assert refused_by(traffic, STRICT[switch], OPEN) == (words if needed else None)


@pytest.mark.parametrize("switch", STRICT)
@pytest.mark.parametrize("traffic", Traffic)
def test_a_switch_of_the_receiver_stops_the_classes_that_need_it(
    traffic: Traffic, switch: str
) -> None:
    words = f"policy 'strict' of the receiver has {switch} off"
    needed = switch in MANUAL[traffic][1]
    assert refused_by(traffic, OPEN, STRICT[switch]) == (words if needed else None)


@pytest.mark.parametrize("traffic", Traffic)
def test_a_policy_that_nothing_is_asked_of_may_be_missing(traffic: Traffic) -> None:
    sender, receiver = (OPEN if asked else None for asked in MANUAL[traffic])
    assert refused_by(traffic, sender, receiver) is None


def test_a_device_without_a_policy_may_do_nothing() -> None:
    assert refused_by(Traffic.A2P_MT, None, None) == (
        "the receiver has no policy, and this needs a2p and mt on"
    )
    assert refused_by(Traffic.A2P_MO, None, None) == (
        "the sender has no policy, and this needs a2p and mo on"
    )


def test_the_default_policy_keeps_devices_on_this_platform() -> None:
    default = Policy()
    stopped = {traffic for traffic in Traffic if refused_by(traffic, default, default)}
    assert stopped == {Traffic.P2P_EXTERNAL_MO, Traffic.P2P_EXTERNAL_MT}


@pytest.mark.parametrize(
    ("traffic", "words"),
    [
        (Traffic.A2P_MT, "policy 'open' of the receiver has a2p and mt on"),
        (Traffic.A2P_MO, "policy 'open' of the sender has a2p and mo on"),
        (
            Traffic.P2P_INTERNAL,
            "policy 'open' of the sender has p2p_internal and mo on, "
            "policy 'open' of the receiver has p2p_internal and mt on",
        ),
    ],
)
def test_what_lets_a_class_through_can_be_said(traffic: Traffic, words: str) -> None:
    assert lets_through(traffic, OPEN, OPEN) == words
