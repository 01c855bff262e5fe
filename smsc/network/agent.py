"""The last leg to a device: find it, cut the message into parts, have the device take them.

What becomes of an attempt is decided when it arrives, after its latency: a device that was
detached meanwhile is absent. Everything is synchronous; outcomes are reported in batches.

    ======================================  =========  =====================================
    at the arrival                          result     error
    ======================================  =========  =====================================
    no device has the number (any more)     REFUSED    UNKNOWN_SUBSCRIBER
    it is detached                          ABSENT     ABSENT_SUBSCRIBER_SM
    it is attached over NB-IoT only         ABSENT     NB_IOT_ONLY
    it is a watch, which isn't sent         DELIVERED  0
    its subscription injects an error       FAILED     the injected one
    the same, and it is permanent           REFUSED    the injected one
    its memory is full                      FAILED     MEMORY_CAPACITY_EXCEEDED
    the message can't be cut into parts     REFUSED    UNEXPECTED_DATA_VALUE
    else                                    DELIVERED  0
    ======================================  =========  =====================================

A watch fails as a message would whose device is full. What failed for that goes before its time
if the device attaches, or says that it has memory again.

A device of which nothing is in memory has no room until it was looked up (`network.enquiries`); if
that happens while something is in the air for it, that arrives when it is known.

A message can't be cut if it would take more than 255 parts, if the header that its `esm_class`
announces can't be read, or if there isn't room for the text behind such a header: user data that
comes with a header goes in one part, whose header is as it came.
"""

from collections.abc import Callable, Sequence
from typing import Final

from smsc.cause import Cause
from smsc.clock import Clock
from smsc.delivery.agent import Attempt, Outcome, Result, Settle
from smsc.delivery.directory import Unread
from smsc.message import DEVICE, Message, to_device
from smsc.network.device import PART_LIFE_MS, Devices
from smsc.network.enquiries import Enquiries
from smsc.network.hlr import Hlr, Subscription
from smsc.network.radio import Radio
from smsc.network.tpdus import cut
from smsc.network.waiting import is_full
from smsc_encodings.errors import EncodingError
from smsc_encodings.references import References
from smsc_routing.number import SHORT_CODE_DIGITS

_DEVICE: Final = to_device("")
_NUMBER: Final = len(_DEVICE)
_PAIRS: Final = 10_000


class DeviceAgent:
    """Delivers to the devices of the simulated network."""

    kind = DEVICE
    in_order = True

    def __init__(
        self,
        hlr: Hlr,
        devices: Devices,
        clock: Clock,
        settle: Settle,
        short_code_digits: int = SHORT_CODE_DIGITS,
    ) -> None:
        """Deliver to where the HLR says, after its latency by the clock; tell `settle`.

        The references of long messages count on from the clock's time, so that a restart doesn't
        use again at once those whose parts may still be waiting.
        """
        self._hlr = hlr
        self._devices = devices
        self._clock = clock
        self._settle = settle
        self._short_code_digits = short_code_digits
        self._radio = Radio(clock, self._arrive)
        self._references = References(_PAIRS, PART_LIFE_MS, first=clock.now() // 1000)
        self._astray: dict[str, list[Attempt]] = {}
        self.enquiries = Enquiries(hlr, clock, self._known)
        """Looks up devices that something was to be delivered to."""
        self.wake: Callable[..., None] = lambda *destinations: None
        """Told of destinations that are within reach, as it turned out."""

    def capacity(self, destination: str) -> int:
        """Return 1 if the device is known to be attached and can be sent messages, else 0."""
        number = destination[_NUMBER:]
        try:
            subscription, attached = self._hlr.look_up(number)
            return 1 if attached and subscription and not subscription.nb_iot else 0
        except Unread:
            self.enquiries.put_down(number)
            return 0

    def absence(self, destination: str) -> int:
        """Return why a device has no room."""
        try:
            subscription, attached = self._hlr.look_up(destination[_NUMBER:])
        except Unread:
            return Cause.ABSENT_SUBSCRIBER_SM
        if attached and subscription is not None and subscription.nb_iot:
            return Cause.NB_IOT_ONLY
        return Cause.ABSENT_SUBSCRIBER_SM

    async def prepare(self, destinations: Sequence[str]) -> None:
        """Look up many devices at once, so that `capacity` knows them; raises StoreError."""
        await self._hlr.read([name[_NUMBER:] for name in destinations if name.startswith(_DEVICE)])

    def deliver(self, batch: Sequence[Attempt]) -> None:
        """Send these attempts; those without latency are answered within the call."""
        now, outcomes, slow = self._clock.now(), [], []
        for attempt in batch:
            try:
                found = self._hlr.look_up(attempt.message.destination[_NUMBER:])
            except Unread:
                self._stray(attempt)
                continue
            latency = _latency(attempt.message, found[0])
            if latency:
                slow.append((latency, attempt))
            else:
                outcomes.append(self._hand_over(attempt, found, now))
        if slow:
            self._radio.carry(slow)
        if outcomes:
            self._settle(outcomes)

    def close(self) -> None:
        """Answer nothing any more: what is in the air stays in the store."""
        self._radio.close()
        self._astray.clear()

    def _arrive(self, batch: Sequence[Attempt]) -> None:
        now = self._clock.now()
        outcomes = []
        for attempt in batch:
            try:
                found = self._hlr.look_up(attempt.message.destination[_NUMBER:])
            except Unread:
                self._stray(attempt)
            else:
                outcomes.append(self._hand_over(attempt, found, now))
        if outcomes:
            self._settle(outcomes)

    def _stray(self, attempt: Attempt) -> None:
        """Hold what is in the air for a device that must be looked up."""
        number = attempt.message.destination[_NUMBER:]
        self._astray.setdefault(number, []).append(attempt)
        self.enquiries.put_down(number, needed=True)

    def _known(self, numbers: Sequence[str]) -> None:
        """Go on with what was held up for devices that were looked up."""
        within_reach = [name for name in map(to_device, numbers) if self.capacity(name)]
        astray = [attempt for number in numbers for attempt in self._astray.pop(number, ())]
        if astray:
            self._arrive(astray)
        if within_reach:
            self.wake(*within_reach)

    def _hand_over(
        self, attempt: Attempt, found: tuple[Subscription | None, bool], now: int
    ) -> Outcome:
        message = attempt.message
        number = message.destination[_NUMBER:]
        subscription, attached = found
        if subscription is None:
            return Outcome(attempt, Result.REFUSED, Cause.UNKNOWN_SUBSCRIBER)
        if not attached:
            return Outcome(attempt, Result.ABSENT, Cause.ABSENT_SUBSCRIBER_SM)
        if subscription.nb_iot:
            return Outcome(attempt, Result.ABSENT, Cause.NB_IOT_ONLY)
        error = subscription.error
        if error and not message.purpose:
            result = Result.REFUSED if subscription.permanent else Result.FAILED
            return Outcome(attempt, result, error)
        if (subscription.memory or error) and is_full(number, subscription, self._devices):
            return Outcome(attempt, Result.FAILED, Cause.MEMORY_CAPACITY_EXCEEDED)
        if message.purpose:
            return Outcome(attempt, Result.DELIVERED)
        try:
            parts = cut(message, self._references, now, self._short_code_digits)
        except EncodingError:
            return Outcome(attempt, Result.REFUSED, Cause.UNEXPECTED_DATA_VALUE)
        self._devices.touch(number).take(parts, now)
        return Outcome(attempt, Result.DELIVERED)


def _latency(message: Message, subscription: Subscription | None) -> int:
    # A watch is no message: nothing is sent.
    return subscription.latency_ms if subscription is not None and not message.purpose else 0
