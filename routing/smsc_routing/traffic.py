"""The classes of traffic, told by who sends and what is sent to, and what each class needs."""

from enum import Enum, StrEnum
from typing import NamedTuple


class Party(Enum):
    """Who hands the message in."""

    APPLICATION = "application"
    DEVICE = "device"
    LINK = "link"

    # Members are singletons; Enum's own hash is written in Python and costs six times as much.
    __hash__ = object.__hash__


class Target(Enum):
    """What the destination address is to this platform."""

    DEVICE = "device"
    SHORT_CODE = "short_code"
    EXTERNAL = "external"

    __hash__ = object.__hash__


class Traffic(StrEnum):
    """A class of traffic, by the name it has in policies, metrics and the API."""

    A2P_MT = "a2p_mt"
    A2P_MO = "a2p_mo"
    P2P_INTERNAL = "p2p_internal"
    P2P_EXTERNAL_MO = "p2p_external_mo"
    P2P_EXTERNAL_MT = "p2p_external_mt"
    EXTERNAL = "external"


class Needs(NamedTuple):
    """The switches a class needs on, by field name, in the policy of either device."""

    sender: tuple[str, ...]
    receiver: tuple[str, ...]


ROADS: dict[tuple[Party, Target], Traffic] = {
    (Party.APPLICATION, Target.DEVICE): Traffic.A2P_MT,
    (Party.APPLICATION, Target.EXTERNAL): Traffic.EXTERNAL,
    (Party.DEVICE, Target.DEVICE): Traffic.P2P_INTERNAL,
    (Party.DEVICE, Target.SHORT_CODE): Traffic.A2P_MO,
    (Party.DEVICE, Target.EXTERNAL): Traffic.P2P_EXTERNAL_MO,
    (Party.LINK, Target.DEVICE): Traffic.P2P_EXTERNAL_MT,
}

NEEDS: dict[Traffic, Needs] = {
    Traffic.A2P_MT: Needs((), ("a2p", "mt")),
    Traffic.A2P_MO: Needs(("a2p", "mo"), ()),
    Traffic.P2P_INTERNAL: Needs(("p2p_internal", "mo"), ("p2p_internal", "mt")),
    Traffic.P2P_EXTERNAL_MO: Needs(("p2p_external", "mo"), ()),
    Traffic.P2P_EXTERNAL_MT: Needs((), ("p2p_external", "mt")),
    Traffic.EXTERNAL: Needs((), ()),
}


def classify(party: Party, target: Target) -> Traffic | None:
    """Return the class of what `party` sends to `target`, or None where no road leads."""
    return ROADS.get((party, target))
