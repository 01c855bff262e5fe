"""Parts as the agent hands them over, for tests that begin at the device."""

from collections.abc import Iterable

from smsc.message import Address
from smsc.network.device import Device
from smsc.network.tpdus import Delivery
from smsc_encodings.segmentation import Part


def sent(parts: Iterable[Part], source: str = "1234", scheme: int = 0) -> list[Delivery]:
    """Make SMS-DELIVERs of parts."""
    return [
        Delivery(Address(0, 1, source), body, scheme, 0, header=header) for header, body in parts
    ]


def take(
    device: Device, parts: Iterable[Part], source: str = "1234", scheme: int = 0, now: int = 0
) -> None:
    """Have a device take parts."""
    device.take(sent(parts, source, scheme), now)
