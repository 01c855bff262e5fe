"""What comes after a link that failed: the rest of the order, the same order later, or nothing."""

from enum import Enum

_GOLDEN = 0x9E3779B97F4A7C15
"""2**64 divided by the golden ratio: multiples of it spread evenly over the 64 bits."""


class Fault(Enum):
    """What a failed attempt to send over a link says about the other links."""

    LINK = "link"
    """The link is at fault (down, throttled, out of order, silent): another may do."""
    DESTINATION = "destination"
    """The receiver is (absent, its memory full): no other link finds it now, later any may."""
    MESSAGE = "message"
    """The message is (malformed, prohibited): no link takes it, ever."""


def rest(order: tuple[str, ...], failed: str, fault: Fault) -> tuple[str, ...]:
    """Return the links still to be tried now, after `failed`, one of `order`, has failed."""
    if fault is not Fault.LINK or failed not in order:
        return ()
    return order[order.index(failed) + 1 :]


def draw_of(message_id: int) -> float:
    """Return the draw of a message, at least 0 and less than 1: the same whenever it is asked.

    So a message that is tried again, even after a restart, has the order of links it had before.
    Messages numbered in sequence share out among weights more evenly than chance would.
    """
    return ((message_id * _GOLDEN & 0xFFFFFFFFFFFFFFFF) >> 11) / (1 << 53)
