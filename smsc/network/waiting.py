"""Whether messages wait for a device, and the flags that an HLR keeps then (3GPP TS 23.040, 3.2.7).

No table is kept of that. Who waits stands in the queues of the store, with the cause of the last
attempt; and why a device takes nothing now is known where messages are delivered.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from smsc.cause import Cause
from smsc.message import to_device
from smsc.network.device import Devices
from smsc.network.hlr import Hlr, Subscription
from smsc.store.store import Waiting

PLACES: Final = 8
"""So far a queue is looked at, for what has failed stands at its head."""


class Queues(Protocol):
    """What is asked of a store."""

    async def waiting(
        self, destinations: Sequence[str], limit: int, now: int, in_order: bool
    ) -> dict[str, list[Waiting]]:
        """Read the heads of queues."""


class Flags(NamedTuple):
    """Whether anything waits for a device, and if so, why it can't be sent."""

    waiting: bool = False
    mnrf: bool = False
    """The mobile station isn't reachable."""
    mcef: bool = False
    """The capacity of its memory is exceeded."""


def is_full(number: str, subscription: Subscription, devices: Devices) -> bool:
    """Tell whether a device answers that its memory is full; one may do so whatever it holds."""
    if subscription.error == Cause.MEMORY_CAPACITY_EXCEEDED:
        return True
    return subscription.memory > 0 and devices.full(number, subscription.memory)


async def flags(number: str, hlr: Hlr, devices: Devices, queues: Queues, now: int) -> Flags:
    """Tell how it stands with a device, as far as it is durable; raises StoreError."""
    queue = to_device(number)
    places = (await queues.waiting([queue], PLACES, now, in_order=True))[queue]
    await hlr.read([number])
    subscription, attached = hlr.look_up(number)
    if not places or subscription is None:
        return Flags(waiting=bool(places))
    failed = any(place.error == Cause.MEMORY_CAPACITY_EXCEEDED for place in places)
    return Flags(
        waiting=True,
        mnrf=not attached or subscription.nb_iot,
        mcef=failed and is_full(number, subscription, devices),
    )
