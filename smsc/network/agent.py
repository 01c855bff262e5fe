"""The last leg to a device: find it, cut the message into parts, have the device take them.

What becomes of an attempt is decided when it arrives, after its latency: a device that was
detached meanwhile is absent. Everything is synchronous; outcomes are reported in batches.

    ======================================  =========  =====================================
    at the arrival                          result     error
    ======================================  =========  =====================================
    no device has the number (any more)     REFUSED    UNKNOWN_SUBSCRIBER
    it is detached                          ABSENT     ABSENT_SUBSCRIBER_SM
    it is a watch, which isn't sent         DELIVERED  0
    its subscription injects an error       FAILED     the injected one
    the same, and it is permanent           REFUSED    the injected one
    the message can't be cut into parts     REFUSED    UNEXPECTED_DATA_VALUE
    else                                    DELIVERED  0
    ======================================  =========  =====================================

A message can't be cut if it would take more than 255 parts, if the header that its `esm_class`
announces can't be read, or if there isn't room for the text behind such a header: user data that
comes with a header goes in one part, whose header is as it came.
"""

from collections.abc import Sequence
from typing import Final

from smsc.cause import Cause
from smsc.clock import Clock
from smsc.delivery.agent import Attempt, Outcome, Result, Settle
from smsc.message import DEVICE, to_device
from smsc.network.device import PART_LIFE_MS, Devices
from smsc.network.hlr import Hlr
from smsc.network.radio import Radio
from smsc.network.tpdus import cut
from smsc_encodings.errors import EncodingError
from smsc_encodings.references import References

_NUMBER: Final = len(to_device(""))
_PAIRS: Final = 10_000


class DeviceAgent:
    """Delivers to the devices of the simulated network."""

    kind = DEVICE
    in_order = True
    absence: int = Cause.ABSENT_SUBSCRIBER_SM

    def __init__(self, hlr: Hlr, devices: Devices, clock: Clock, settle: Settle) -> None:
        """Deliver to where the HLR says, after its latency by the clock; tell `settle`.

        The references of long messages count on from the clock's time, so that a restart doesn't
        use again at once those whose parts may still be waiting.
        """
        self._hlr = hlr
        self._devices = devices
        self._clock = clock
        self._settle = settle
        self._radio = Radio(clock, self._arrive)
        self._references = References(_PAIRS, PART_LIFE_MS, first=clock.now() // 1000)

    def capacity(self, destination: str) -> int:
        """Return 1 if the device is attached, else 0."""
        return 1 if self._hlr.attached(destination[_NUMBER:]) else 0

    def deliver(self, batch: Sequence[Attempt]) -> None:
        """Send these attempts; those without latency are answered within the call."""
        find = self._hlr.find
        sent = []
        for attempt in batch:
            subscription = find(attempt.message.destination[_NUMBER:])
            # A watch is no message: nothing is sent.
            if subscription is None or attempt.message.purpose:
                sent.append((0, attempt))
            else:
                sent.append((subscription.latency_ms, attempt))
        self._radio.carry(sent)

    def close(self) -> None:
        """Answer nothing any more: what is in the air stays in the store."""
        self._radio.close()

    def _arrive(self, batch: Sequence[Attempt]) -> None:
        now = self._clock.now()
        self._settle([self._hand_over(attempt, now) for attempt in batch])

    def _hand_over(self, attempt: Attempt, now: int) -> Outcome:
        message = attempt.message
        number = message.destination[_NUMBER:]
        subscription, attached = self._hlr.look_up(number)
        if subscription is None:
            return Outcome(attempt, Result.REFUSED, Cause.UNKNOWN_SUBSCRIBER)
        if not attached:
            return Outcome(attempt, Result.ABSENT, Cause.ABSENT_SUBSCRIBER_SM)
        if message.purpose:
            return Outcome(attempt, Result.DELIVERED)
        if subscription.error:
            result = Result.REFUSED if subscription.permanent else Result.FAILED
            return Outcome(attempt, result, subscription.error)
        try:
            parts = cut(message, self._references, now)
        except EncodingError:
            return Outcome(attempt, Result.REFUSED, Cause.UNEXPECTED_DATA_VALUE)
        self._devices.touch(number).take(parts, now)
        return Outcome(attempt, Result.DELIVERED)
