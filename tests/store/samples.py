"""Messages and batches for the tests of the store, and a store that can be closed and reopened."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from smsc.message import (
    Address,
    Broadcast,
    BroadcastArea,
    Message,
    Receipt,
    State,
    to_device,
)
from smsc.store.archive import Archive
from smsc.store.store import (
    Batch,
    Final,
    Forwarded,
    History,
    Opened,
    Waiting,
)
from smsc.subscriber import Device, Identity

NOW = 1_700_000_000_000
HOUR = 3_600_000
EVERYTHING = 1000
ANNA = to_device("491700000001")
BERT = to_device("491700000002")
SENDER = Address(1, 1, "1234")


def message(
    number: int,
    destination: str = ANNA,
    *,
    priority: int = 0,
    not_before: int = 0,
    expires_at: int = NOW + HOUR,
    payload: bytes = b"hello",
    receipt: Receipt | None = None,
    told_id: int = 0,
) -> Message:
    return Message(
        number,
        "fleet",
        destination,
        SENDER,
        Address(1, 1, destination.partition(":")[2]),
        payload,
        NOW,
        expires_at,
        not_before=not_before,
        priority=priority,
        receipt=receipt,
        told_id=told_id,
    )


def place(waits: Message, not_before: int = 0, attempts: int = 0) -> Waiting:
    return Waiting(waits, not_before, attempts)


def end(
    ended: Message,
    state: State = State.DELIVERED,
    error: int = 0,
    at: int = NOW,
    attempts: int = 0,
    queued: bool = False,
    forwarded: bool = False,
) -> Final:
    return Final(ended, state, error, at, attempts, queued, forwarded)


def batch(
    arrivals: Iterable[Message] = (),
    waits: Iterable[Waiting] = (),
    finals: Iterable[Final] = (),
    looked_at: Iterable[tuple[Waiting, int]] = (),
    moves: Mapping[str, bool] | None = None,
    oldest_in_hand: int = 0,
    rewritten: Iterable[Message] = (),
) -> Batch:
    filled = Batch()
    filled.arrivals.extend(arrivals)
    filled.waits.extend(waits)
    filled.finals.extend(finals)
    filled.looked_at.extend(looked_at)
    filled.moves.update(moves or {})
    filled.rewritten.extend(rewritten)
    filled.oldest_in_hand = oldest_in_hand
    return filled


def a_broadcast(number: int, **fields: Any) -> Broadcast:
    known: dict[str, Any] = {
        "source": SENDER,
        "payload": b"storm",
        "data_coding": 0,
        "service_type": "CBS",
        "content_type": b"\0\0\x33",
        "areas": (BroadcastArea(b"\0berlin", "berlin"),),
        "repetitions": 3,
        "interval_unit": 9,
        "interval_number": 10,
        "accepted_at": NOW,
        "next_at": NOW,
    }
    return Broadcast(number, "fleet", **known | fields)


def broadcasting(*broadcasts: Broadcast, forgotten: Iterable[int] = ()) -> Batch:
    """Make the batch in which these broadcasts are as they are."""
    filled = Batch()
    filled.broadcasts.update((each.id, each) for each in broadcasts)
    filled.forgotten.extend(forgotten)
    return filled


def forwarding(*taken: Forwarded) -> Batch:
    """Make the batch in which another SMSC has taken these messages."""
    filled = Batch()
    filled.forwarded.extend(taken)
    return filled


def subscriber(
    number: str, *, attached: bool = True, policy: str = "default", **identities: str
) -> Device:
    """Make a device with these identities."""
    known = {Identity(kind): value for kind, value in identities.items()}
    return Device(number=number, attached=attached, policy=policy, identities=known)


def a_device(number: int) -> Device:
    """Make one of many devices."""
    return subscriber(f"4917{number:08}", imsi=f"26202{number:010}", iccid=f"894902{number:014}")


def keeping(*devices: Device, gone: Iterable[str] = ()) -> Batch:
    """Make the batch in which these devices are as they are, and others are gone."""
    filled = Batch()
    filled.devices.update((device.number, device) for device in devices)
    filled.devices.update(dict.fromkeys(gone))
    return filled


def queued(*messages: Message) -> Batch:
    """Make the batch in which these messages arrive and wait."""
    return batch(messages, [place(each) for each in messages])


class Shelf:
    """A store that stands at one place, through any number of openings."""

    def __init__(self, make: Callable[[], Archive]) -> None:
        self._make = make
        self.store = make()

    async def open(self, now: int = NOW, devices: int = EVERYTHING) -> Opened:
        return await self.store.open(now, devices)

    async def reopen(self, now: int = NOW, devices: int = EVERYTHING) -> Opened:
        await self.store.close()
        self.store = self._make()
        return await self.open(now, devices)

    async def write(self, batch: Batch, now: int = NOW) -> None:
        await self.store.write(batch, now)

    async def queue(
        self, destination: str = ANNA, limit: int = 1000, now: int = NOW, in_order: bool = True
    ) -> list[Waiting]:
        places = await self.store.waiting([destination], limit, now, in_order)
        return places[destination]

    async def take(self, *messages: Message) -> None:
        """Write messages that wait, and read them: only who has read a place may change it."""
        await self.write(queued(*messages))
        for destination in {each.destination for each in messages}:
            await self.queue(destination)

    async def line(
        self, destination: str = ANNA, limit: int = 1000, now: int = NOW, in_order: bool = True
    ) -> list[int]:
        """Read the ids at the head of a queue."""
        places = await self.queue(destination, limit, now, in_order)
        return [waiting.message.id for waiting in places]

    async def due(self, now: int = NOW, limit: int = 1000) -> list[int]:
        return [waiting.message.id for waiting in await self.store.due(now, limit)]

    async def device(self, number: str) -> Device:
        """Read a device that is kept."""
        device = (await self.store.devices([number]))[number]
        assert isinstance(device, Device)
        return device

    async def ids(self, *numbers: str) -> list[str]:
        """Read the ids of devices."""
        return [(await self.device(number)).identities[Identity.ID] for number in numbers]

    async def history(self, message_id: int) -> History:
        history = await self.store.history(message_id)
        assert history is not None
        return history

    async def state(self, message_id: int) -> State | None:
        history = await self.store.history(message_id)
        return None if history is None else history.state
