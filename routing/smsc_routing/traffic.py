"""Classes of traffic: who sends to whom, and what each class needs of the devices concerned."""

from enum import Enum, StrEnum
from typing import Final, NamedTuple


class Party(Enum):
    """Who sends."""

    APPLICATION = "application"
    DEVICE = "device"
    LINK = "link"


class Target(Enum):
    """Who is behind the destination address."""

    DEVICE = "device"
    SHORT_CODE = "short_code"
    EXTERNAL = "external"


class Traffic(StrEnum):
    """A class of traffic."""

    A2P_MT = "a2p_mt"
    A2P_MO = "a2p_mo"
    P2P_INTERNAL = "p2p_internal"
    P2P_EXTERNAL_MO = "p2p_external_mo"
    P2P_EXTERNAL_MT = "p2p_external_mt"
    EXTERNAL = "external"


class Needs(NamedTuple):
    """The policy switches that must be on at either end; empty where that end is no device."""

    sender: tuple[str, ...] = ()
    receiver: tuple[str, ...] = ()


_CLASSES: Final[dict[tuple[Party, Target], Traffic]] = {
    (Party.APPLICATION, Target.DEVICE): Traffic.A2P_MT,
    (Party.APPLICATION, Target.EXTERNAL): Traffic.EXTERNAL,
    (Party.DEVICE, Target.SHORT_CODE): Traffic.A2P_MO,
    (Party.DEVICE, Target.DEVICE): Traffic.P2P_INTERNAL,
    (Party.DEVICE, Target.EXTERNAL): Traffic.P2P_EXTERNAL_MO,
    (Party.LINK, Target.DEVICE): Traffic.P2P_EXTERNAL_MT,
}

NEEDS: Final[dict[Traffic, Needs]] = {
    Traffic.A2P_MT: Needs(receiver=("a2p", "mt")),
    Traffic.A2P_MO: Needs(sender=("a2p", "mo")),
    Traffic.P2P_INTERNAL: Needs(sender=("p2p_internal", "mo"), receiver=("p2p_internal", "mt")),
    Traffic.P2P_EXTERNAL_MO: Needs(sender=("p2p_external", "mo")),
    Traffic.P2P_EXTERNAL_MT: Needs(receiver=("p2p_external", "mt")),
    Traffic.EXTERNAL: Needs(),
}


def classify(party: Party, target: Target) -> Traffic | None:
    """Return the class of what this party sends to this target; None if there is no such road."""
    return _CLASSES.get((party, target))
