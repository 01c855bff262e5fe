"""The shapes, by their names in the configuration."""

from collections.abc import Callable
from typing import Final

from smsc.web.webhooks import emnify, native, voipnumber, zapier
from smsc.web.webhooks.event import Call, Event
from smsc.webhook_table import Shape

SHAPES: Final[dict[Shape, Callable[[Event, int], Call | None]]] = {
    "native": native.call,
    "emnify": emnify.call,
    "voipnumber": voipnumber.call,
    "zapier": zapier.call,
}
"""What makes the call that tells of an event at a time, in seconds since the epoch."""
