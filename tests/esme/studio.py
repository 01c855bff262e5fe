"""A road with areas, and what an ESME says of broadcasts."""

import asyncio
from types import TracebackType
from typing import Any

from smsc.delivery.broadcasts import Broadcasts
from smsc.esme.account import Account
from smsc.esme.broadcasting import Broadcasting
from smsc.esme.dialect import Profile
from smsc.esme.ids import Base
from smsc.message import State
from smsc.network.cell import Cell, Group
from smsc.network.hlr import Subscription
from smsc.numbering import numbering_of
from smsc.smpp.commands import CommandStatus
from smsc.smpp.pdu import (
    BroadcastSm,
    BroadcastSmResp,
    CancelBroadcastSm,
    CancelBroadcastSmResp,
    QueryBroadcastSm,
    QueryBroadcastSmResp,
    Request,
    Response,
)
from smsc.smpp.session import Timers
from smsc.smpp.tlv import Tag, Tlv, first
from smsc.store.sqlite import SqliteStore
from smsc_encodings.data_coding import Zero
from smsc_routing.quota import parse_rate
from tests.esme.peer import DEVICE, Peer
from tests.esme.road import BOUNDS, Register, Road
from tests.network.shelf import register

ACCOUNTS = (
    Account(system_id="fleet", password="secret", addresses=("1234",), broadcast=True),
    Account(system_id="other", password="secret", addresses=("5678",), broadcast=True),
    Account(
        system_id="german",
        password="secret",
        addresses=("491701234567",),
        broadcast=True,
        numbering=numbering_of("DE", 8),
    ),
    Account(system_id="modest", password="secret"),
    Account(
        system_id="slow",
        password="secret",
        addresses=("8888",),
        broadcast=True,
        rates=(parse_rate("1/s"),),
    ),
    Account(
        system_id="latin",
        password="secret",
        addresses=("9999",),
        broadcast=True,
        profile=Profile(default_alphabet=Zero.LATIN1, message_id=Base.HEXADECIMAL),
    ),
)
AWAY = "491700000002"
BERLIN = Tlv(Tag.broadcast_area_identifier, b"\0berlin")
HAMBURG = Tlv(Tag.broadcast_area_identifier, b"\0hamburg")
MARS = Tlv(Tag.broadcast_area_identifier, b"\0mars")
ARC = Tlv(Tag.broadcast_area_identifier, b"\x01\x10\x20")
WEATHER = Tlv(Tag.broadcast_content_type, b"\0\0\x33")
NEWS = Tlv(Tag.broadcast_content_type, b"\0\0\x10")
TWICE = Tlv(Tag.broadcast_rep_num, 2)
EVERY_MINUTE = Tlv(Tag.broadcast_frequency_interval, b"\x09\0\1")
STORM = Tlv(Tag.message_payload, b"storm")
NEEDED = (BERLIN, WEATHER, TWICE, EVERY_MINUTE, STORM)
REFERENCE = Tlv(Tag.user_message_reference, 513)
LATER = "000000010000000R"


class Studio(Road):
    """A road with two areas: one device of `berlin` is away, nobody is in `hamburg`."""

    def __init__(self, store: SqliteStore) -> None:
        super().__init__(store, ACCOUNTS)
        # Hours go by in these tests, and nobody is asked whether he is still there.
        self.door.timers = Timers(enquire_link=1e6, inactivity=1e6, response=1e6)
        away = Subscription(attached=False)
        hlr = register({DEVICE: Subscription(), AWAY: away})
        groups = [Group("berlin", ("49##########",)), Group("hamburg", ("48##########",))]
        self.cell = Cell(groups, hlr, self.devices, self.clock)
        self.broadcasts = Broadcasts(self.ledger, self.clock, self.journal, self.cell.transmit)
        self.door.operations = Broadcasting(
            self.broadcasts,
            self.cell.areas,
            Register(hlr, ACCOUNTS),
            self.ledger,
            self.journal,
            self.intake.charge,
            BOUNDS.schedule,
        ).operations()

    async def __aenter__(self) -> "Studio":
        await super().__aenter__()
        self._walking = asyncio.get_running_loop().create_task(self.cell.run())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._walking.cancel()
        await super().__aexit__(kind, error, at)

    async def wait(self, seconds: float) -> None:
        """Let so much time go by, with everything that falls into it."""
        await self.ledger.written()
        self.clock.advance(seconds)
        await self.ledger.written()
        await self.turn()
        await self.ledger.written()


def broadcast_sm(peer: Peer, *tlvs: Tlv, **fields: Any) -> BroadcastSm:
    return BroadcastSm(peer.number(), **{"source_addr": "1234"} | fields, tlvs=tlvs or NEEDED)


async def ask(peer: Peer, request: Request) -> Response:
    peer.send(request)
    answer = await peer.expect(Response)
    assert answer.sequence_number == request.sequence_number
    return answer


async def broadcast(peer: Peer, *tlvs: Tlv, **fields: Any) -> BroadcastSmResp:
    answer = await ask(peer, broadcast_sm(peer, *tlvs, **fields))
    assert isinstance(answer, BroadcastSmResp)
    return answer


async def accepted(peer: Peer, *tlvs: Tlv, **fields: Any) -> str:
    """Broadcast, and return the message_id."""
    answer = await broadcast(peer, *tlvs, **fields)
    assert answer.command_status == 0, answer
    return answer.message_id


async def query(peer: Peer, message_id: str = "", *tlvs: Tlv, **fields: Any) -> Response:
    known = {"source_addr": "1234"} | fields
    return await ask(peer, QueryBroadcastSm(peer.number(), message_id, **known, tlvs=tlvs))


async def cancel(peer: Peer, message_id: str = "", *tlvs: Tlv, **fields: Any) -> CommandStatus:
    known: dict[str, Any] = {"source_addr": "1234", "message_id": message_id} | fields
    answer = await ask(peer, CancelBroadcastSm(peer.number(), **known, tlvs=tlvs))
    assert isinstance(answer, CancelBroadcastSmResp)
    return CommandStatus(answer.command_status)


async def state(peer: Peer, message_id: str, **fields: Any) -> State:
    answer = await query(peer, message_id, **fields)
    assert isinstance(answer, QueryBroadcastSmResp), answer
    found = first(answer.tlvs, Tag.message_state)
    assert isinstance(found, int), answer
    return State(found)


def words(answer: Response) -> object:
    assert isinstance(answer, BroadcastSmResp | QueryBroadcastSmResp)
    return first(answer.tlvs, Tag.additional_status_info_text)
