"""A studio: broadcasts with a ledger and a real store, and a radio that keeps what is sent."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from smsc.clock import SimulatedClock
from smsc.delivery.broadcasts import Broadcasts, Reached
from smsc.delivery.ledger import Ledger
from smsc.journal import Journal
from smsc.message import Address, Broadcast, BroadcastArea, State
from smsc.smpp.broadcast import TimeUnit
from smsc.store.sqlite import SqliteStore
from tests.delivery.stage import Door, Weather, turn

BERLIN = BroadcastArea(b"\0berlin", "berlin")
MARS = BroadcastArea(b"\0mars", "", 0)
MINUTE = 60_000
TURNS_OF_CALM = 10


class Air:
    """A radio that keeps what it was given, and says at once, or by hand, what was reached."""

    def __init__(self) -> None:
        self.sent: list[Broadcast] = []
        self.open: list[Reached] = []
        self.success: int | None = 80
        self.dead = False

    def transmit(self, broadcast: Broadcast, reached: Reached) -> None:
        assert not self.dead
        self.sent.append(broadcast)
        if self.success is None:
            self.open.append(reached)
        else:
            reached([self.success if area.name else 0 for area in broadcast.areas])

    def land(self, *successes: int) -> None:
        self.open.pop(0)(successes)

    @property
    def texts(self) -> list[bytes]:
        return [each.payload for each in self.sent]


class Studio:
    """Broadcasts with a ledger and a real store, which can crash and come back."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = SimulatedClock()
        self.air = Air()
        self.door = Door()

    async def open(self) -> None:
        self.store = Weather(SqliteStore(self.path))
        opened = await self.store.open(self.clock.now())
        self.journal = Journal()
        self.ledger = Ledger(self.store, self.clock, self.journal)
        self.ledger.last_id = opened.last_id
        self.broadcasts = Broadcasts(self.ledger, self.clock, self.journal, self.air.transmit)
        self.broadcasts.open(opened.broadcasts)
        await self.calm()

    async def close(self) -> None:
        self.broadcasts.close()
        await self.ledger.close()
        await self.store.close()

    async def reopen(self, after: float = 0.0) -> None:
        """Crash, come back after so many seconds, and know nothing but what is on the disk."""
        self.air.dead = True
        await self.store.die()
        self.clock = SimulatedClock(self.clock.now() + round(after * 1000))
        sent, self.air = self.air.sent, Air()
        self.air.sent = sent
        await self.open()

    def make(self, **fields: Any) -> Broadcast:
        now = self.clock.now()
        known: dict[str, Any] = {
            "id": self.ledger.number(),
            "account": "fleet",
            "source": Address(0, 1, "1234"),
            "payload": b"storm",
            "data_coding": 0,
            "service_type": "",
            "content_type": b"\0\0\x33",
            "areas": (BERLIN,),
            "repetitions": 3,
            "interval_unit": TimeUnit.MINUTES,
            "interval_number": 10,
            "accepted_at": now,
            "next_at": now,
        }
        return Broadcast(**known | fields)

    def submit(self, **fields: Any) -> int:
        """Hand in a broadcast, and return its id."""
        made = self.make(**fields)
        self.broadcasts.submit(made, self.door, made.id)
        return made.id

    async def send(self, **fields: Any) -> int:
        """Submit, and wait until it is accepted and, if it is due, on the air."""
        number = self.submit(**fields)
        await self.calm()
        await self.wait(0)
        return number

    async def calm(self) -> None:
        """Wait until nothing moves any more but by the clock, or by a held disk."""
        turns = 0
        while turns < TURNS_OF_CALM:
            await turn()
            turns += 1
            if self.store.working:
                await self.store.rest()
                turns = 0

    async def wait(self, seconds: float) -> None:
        await self.calm()
        self.clock.advance(seconds)
        await self.calm()

    def known(self, number: int) -> Broadcast:
        found = self.broadcasts.find("fleet", number)
        assert found is not None
        return found

    def state(self, number: int) -> State:
        return self.broadcasts.state(self.known(number))

    async def kept(self) -> dict[int, Broadcast]:
        """Close, and read what is on the disk."""
        await self.reopen()
        return {each.id: each for each in (await self._stored())}

    async def _stored(self) -> Sequence[Broadcast]:
        await self.store.die()
        self.store = Weather(SqliteStore(self.path))
        return (await self.store.open(self.clock.now())).broadcasts
