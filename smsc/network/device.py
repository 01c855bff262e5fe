"""A simulated device: joins the parts it is sent, and keeps what it received where it can be seen.

A device exists from the first thing that happens to it, and is forgotten when too many others
were busy since. Its text is decoded when somebody looks, not when it comes in.
"""

from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from smsc_encodings import gsm7, udh
from smsc_encodings.dcs import Alphabet, alphabet_of, decode_text
from smsc_encodings.errors import EncodingError
from smsc_encodings.national import Shifts, shifts_in
from smsc_encodings.reassembly import Reassembler
from smsc_encodings.segmentation import Part

INBOX: Final = 25
INBOX_OCTETS: Final = 8192
"""Beyond which the oldest messages go, whatever their number."""
DEVICES: Final = 10_000

# What a phone's memory would hold, and how long it waits for a part that got lost.
_UNFINISHED: Final = 4
_PART_LIFE_MS: Final = 3600 * 1000


class Received(Struct, frozen=True, gc=False):
    """A message as the device has it: `octets` without headers, joined of so many parts.

    `shifts` are the national languages that the header announced, the last part's if joined.
    `broadcast` tells whether it was sent to all devices of an area.
    """

    source: str
    octets: bytes
    data_coding: int
    at: int
    parts: int = 1
    shifts: Shifts = Shifts()
    broadcast: bool = False

    @property
    def text(self) -> str | None:
        """The text, or None where the octets are binary, or not what `data_coding` says."""
        try:
            if any(self.shifts) and alphabet_of(self.data_coding) is Alphabet.GSM7:
                return gsm7.decode(self.octets, *self.shifts)
            return decode_text(self.octets, self.data_coding)
        except EncodingError:
            return None


class Device:
    """One device with its inbox; `received` counts all messages, also those no longer in it."""

    __slots__ = ("_inbox", "_most", "_octets", "_parts", "number", "received")

    def __init__(self, number: str, inbox: int = INBOX) -> None:
        """Make a device with an empty inbox that keeps the latest so many messages."""
        self.number = number
        self.received = 0
        self._most = inbox
        self._inbox: deque[Received] = deque()
        self._octets = 0
        self._parts: Reassembler | None = None

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

    def take(self, parts: Sequence[Part], source: str, data_coding: int, now: int) -> None:
        """Take the parts of a message, or some of them, at `now` (milliseconds, the wall's).

        Raises EncodingError for a part whose header can't be read.
        """
        for header, body in parts:
            if not header:
                self._keep(Received(source, body, data_coding, now))
            else:
                self._take_part(header, body, source, data_coding, now)

    def hear(self, broadcast: Received) -> None:
        """Take a broadcast, which comes whole."""
        self._keep(broadcast)

    def _take_part(
        self, header: bytes, body: bytes, source: str, data_coding: int, now: int
    ) -> None:
        concatenation = udh.concatenation_of(header)
        shifts = shifts_in(header)
        if concatenation is None:
            self._keep(Received(source, body, data_coding, now, shifts=shifts))
            return
        if self._parts is None:
            self._parts = Reassembler(_UNFINISHED, _PART_LIFE_MS)
        reference, total, _, wide = concatenation
        key = (source, reference, total, wide)
        whole = self._parts.add(key, concatenation, body, now)
        if whole is not None:
            self._keep(Received(source, whole, data_coding, now, total, shifts))

    def _keep(self, message: Received) -> None:
        self.received += 1
        self._inbox.append(message)
        self._octets += len(message.octets)
        while len(self._inbox) > 1 and (
            len(self._inbox) > self._most or self._octets > INBOX_OCTETS
        ):
            self._octets -= len(self._inbox.popleft().octets)


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

    def __len__(self) -> int:
        """Count the devices in memory."""
        return len(self._devices)

    def find(self, number: str) -> Device | None:
        """Return the device if it is in memory; looking makes none and keeps none."""
        return self._devices.get(number)

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
