"""Watches: an account asks to be told when a device that couldn't take a message can take them.

That is one that can't be reached, or has no room left in its memory: they are on the message
waiting list of 3GPP TS 23.040, 3.2.7. A watch is a message to the device that carries nothing, and
goes before all others: it is "delivered" as soon as the device could take a message, and its end
makes an alert, a message to the account (the delivery pending flag and alert_notification of SMPP
3.4, 5.3.2.28 and 4.12).
"""

from typing import Final

from smsc.cause import Cause
from smsc.delivery.agent import Result
from smsc.message import Message, Purpose, to_account

BEFORE_ALL: Final = 5
"""The priority of a watch: above the highest that a sender may ask for."""

STANDING: Final = 10_000

_Key = tuple[str, str, str]


class Watches:
    """Which watches stand, as far as this process has set them: one of a kind is enough."""

    def __init__(self) -> None:
        """Know of none."""
        self._standing: set[_Key] = set()

    def begin(self, message: Message) -> bool:
        """Take note that the device of a message is watched; was it not, for the same address?"""
        key = _key(message)
        if key in self._standing:
            return False
        # What isn't remembered may be set twice, and told twice.
        if len(self._standing) < STANDING:
            self._standing.add(key)
        return True

    def end(self, watch: Message) -> None:
        """Take note that a watch stands no more."""
        self._standing.discard(_key(watch))


def unavailable(result: str, error: int) -> bool:
    """Tell whether an attempt that ended so found a device that will say when it is available."""
    if result == Result.FAILED:
        return error == Cause.MEMORY_CAPACITY_EXCEEDED
    return result == Result.ABSENT


def watch_for(message: Message, number: int, now: int) -> Message:
    """Make the watch a message asks for; it expires with the message."""
    return Message(
        number,
        message.account,
        message.destination,
        message.source,
        message.dest,
        b"",
        now,
        message.expires_at,
        priority=BEFORE_ALL,
        follows=message.id,
        purpose=Purpose.WATCH,
    )


def alert_for(watch: Message, number: int, now: int) -> Message:
    """Make the alert: the device of a watch is back, and the one who asked for it is told."""
    return Message(
        number,
        watch.account,
        to_account(watch.account),
        watch.dest,
        watch.source,
        b"",
        now,
        watch.expires_at,
        purpose=Purpose.ALERT,
    )


def _key(message: Message) -> _Key:
    return message.account, message.destination, message.source.digits
