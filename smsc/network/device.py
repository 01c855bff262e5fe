"""A simulated device: joins the parts it is sent, and keeps what it received where it can be seen.

A device exists from the first thing that happens to it, and is forgotten when too many others
were busy since. Its TPDUs are decoded when somebody looks, not when they come in.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from smsc.network.tpdus import Delivery, origin_of, read, text_of
from smsc_encodings import udh
from smsc_encodings.dcs import decode_text
from smsc_encodings.errors import EncodingError
from smsc_encodings.reassembly import Collector

INBOX: Final = 25
INBOX_OCTETS: Final = 8192
"""Beyond which the oldest messages go, whatever their number."""
DEVICES: Final = 10_000

PART_LIFE_MS: Final = 3600 * 1000
"""How long a device waits for a part that got lost."""

# What a phone's memory would hold.
_UNFINISHED: Final = 4


class Received(Struct, frozen=True, gc=False):
    """A message as the device has it: joined of the SMS-DELIVERs that it came in.

    A broadcast to all devices of an area comes whole, and in no TPDU. `size` is the octets of all.
    """

    deliveries: tuple[Delivery, ...]
    at: int
    size: int
    broadcast: bool = False

    @property
    def parts(self) -> int:
        """How many SMS-DELIVERs it took."""
        return len(self.deliveries)

    @property
    def tpdus(self) -> tuple[bytes, ...]:
        """The SMS-DELIVERs, octet for octet."""
        return () if self.broadcast else tuple(each.octets for each in self.deliveries)

    @property
    def source(self) -> str:
        """Whom the device takes for the sender."""
        return origin_of(self.deliveries[0].origin).value

    @property
    def data_coding(self) -> int:
        """TP-DCS, that of the first part; a broadcast's data_coding."""
        return self.deliveries[0].scheme

    @property
    def octets(self) -> bytes:
        """What is behind the headers."""
        return b"".join([each.body for each in self.deliveries])

    @property
    def text(self) -> str | None:
        """The text, or None where the octets are binary, or not what they are said to be."""
        if not self.broadcast:
            return text_of([read(octets) for octets in self.tpdus])
        try:
            return decode_text(self.octets, self.data_coding)
        except EncodingError:
            return None


def received(deliveries: tuple[Delivery, ...], at: int) -> Received:
    """Make a message of its parts."""
    if len(deliveries) == 1:
        return Received(deliveries, at, len(deliveries[0].body))
    return Received(deliveries, at, sum([len(each.body) for each in deliveries]))


class Device:
    """One device with its inbox; `received` counts all messages, also those no longer in it.

    `held` counts those that its memory holds, whether or not the inbox still shows them.
    """

    __slots__ = ("_inbox", "_most", "_octets", "_parts", "held", "number", "received")

    def __init__(self, number: str, inbox: int = INBOX) -> None:
        """Make a device with an empty inbox that keeps the latest so many messages."""
        self.number = number
        self.received = 0
        self.held = 0
        self._most = inbox
        self._inbox: deque[Received] = deque()
        self._octets = 0
        self._parts: Collector[Delivery] | None = None

    @property
    def inbox(self) -> tuple[Received, ...]:
        """The latest messages, the newest last."""
        return tuple(self._inbox)

    @property
    def unfinished(self) -> int:
        """How many messages wait for more of their parts."""
        return len(self._parts) if self._parts is not None else 0

    @property
    def duplicates(self) -> int:
        """How many parts came again while their message was unfinished."""
        return self._parts.duplicates if self._parts is not None else 0

    def take(self, deliveries: Sequence[Delivery], now: int) -> None:
        """Take the parts of a message, or some of them, at `now` (milliseconds, the wall's).

        Raises EncodingError for a part whose header can't be read.
        """
        for delivery in deliveries:
            whole = self._joined(delivery, now) if delivery.header else (delivery,)
            if whole is not None:
                self.held += 1
                self._keep(received(whole, now))

    def hear(self, broadcast: Received) -> None:
        """Take a broadcast, which comes whole."""
        self._keep(broadcast)

    def clear(self) -> None:
        """Remove what it holds; parts that wait for others stay."""
        self.held = self._octets = 0
        self._inbox.clear()

    def _joined(self, delivery: Delivery, now: int) -> tuple[Delivery, ...] | None:
        """Return all parts of the message if this was the last one missing."""
        concatenation = udh.concatenation_of(delivery.header)
        if concatenation is None:
            return (delivery,)
        if self._parts is None:
            self._parts = Collector(_UNFINISHED, PART_LIFE_MS)
        reference, total, _, wide = concatenation
        key = (delivery.origin.digits, reference, total, wide)
        return self._parts.take(key, concatenation, delivery, now)

    def _keep(self, message: Received) -> None:
        self.received += 1
        self._inbox.append(message)
        self._octets += message.size
        while len(self._inbox) > 1 and (
            len(self._inbox) > self._most or self._octets > INBOX_OCTETS
        ):
            self._octets -= self._inbox.popleft().size


class Devices:
    """The devices that something has happened to; `evicted` counts those forgotten again."""

    def __init__(self, limit: int = DEVICES, inbox: int = INBOX) -> None:
        """Keep at most `limit` devices (from 1), each with the latest `inbox` messages."""
        if limit < 1 or inbox < 1:
            raise ValueError(f"limit and inbox are at least 1, not {limit} and {inbox}")
        self._limit = limit
        self._inbox = inbox
        self._devices: OrderedDict[str, Device] = OrderedDict()
        self.evicted = 0
        self.on_memory_available: Callable[[str], None] = lambda number: None
        """Called with the number of a device that has room for messages again (RP-SMMA)."""

    def __len__(self) -> int:
        """Count the devices in memory."""
        return len(self._devices)

    def find(self, number: str) -> Device | None:
        """Return the device if it is in memory; looking makes none and keeps none."""
        return self._devices.get(number)

    def full(self, number: str, memory: int) -> bool:
        """Tell whether a device with memory for so many messages holds that many."""
        device = self._devices.get(number)
        return device is not None and device.held >= memory

    def clear(self, number: str) -> None:
        """Empty the memory of a device, which tells the network so (3GPP TS 23.040, 3.3.1)."""
        device = self._devices.get(number)
        if device is not None:
            device.clear()
        self.on_memory_available(number)

    def touch(self, number: str) -> Device:
        """Return the device, made if need be, as the latest that something happened to."""
        device = self._devices.get(number)
        if device is not None:
            self._devices.move_to_end(number)
            return device
        if len(self._devices) >= self._limit:
            self._devices.popitem(last=False)
            self.evicted += 1
        device = self._devices[number] = Device(number, self._inbox)
        return device
