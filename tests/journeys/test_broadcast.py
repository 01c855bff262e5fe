"""A broadcast goes on where it was when its server is killed, and is never sent too often."""

import socket
from pathlib import Path
from time import monotonic
from typing import TypeVar

from smsc.message import State
from smsc.smpp.codec import decode, encode
from smsc.smpp.commands import CommandStatus
from smsc.smpp.pdu import (
    BindTransceiver,
    BindTransceiverResp,
    BroadcastSm,
    BroadcastSmResp,
    CancelBroadcastSm,
    CancelBroadcastSmResp,
    Pdu,
    QueryBroadcastSm,
    QueryBroadcastSmResp,
    Request,
    Response,
)
from smsc.smpp.tlv import Tag, Tlv, first
from tests.journeys.server import ATTACHED, DETACHED, SECONDS_AT_MOST, Server, demo_world

R = TypeVar("R", bound=Response)
ANYBODY = "491799999999"
EVERYWHERE = Tlv(Tag.broadcast_area_identifier, b"\0everywhere")
THREE_TIMES_A_SECOND_APART = (
    EVERYWHERE,
    Tlv(Tag.broadcast_content_type, b"\0\0\1"),
    Tlv(Tag.broadcast_rep_num, 3),
    Tlv(Tag.broadcast_frequency_interval, b"\x08\0\1"),
    Tlv(Tag.message_payload, b"storm"),
)


class Warner:
    """An ESME of SMPP 5.0 that does one thing after another."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._socket = socket.create_connection(address, timeout=SECONDS_AT_MOST)
        self._stream = self._socket.makefile("rb")
        bind = BindTransceiver(1, "demo", "demo", interface_version=0x50)
        assert self.ask(bind, BindTransceiverResp).command_status == 0

    def __enter__(self) -> "Warner":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._socket.close()

    def ask(self, request: Request, kind: type[R]) -> R:
        self._socket.sendall(encode(request))
        while not isinstance(answer := self._read(), kind):
            pass
        return answer

    def _read(self) -> Pdu:
        head = self._stream.read(4)
        return decode(head + self._stream.read(int.from_bytes(head, "big") - 4))

    def broadcast(self, at: str = "") -> str:
        tlvs = THREE_TIMES_A_SECOND_APART
        answer = self.ask(BroadcastSm(2, schedule_delivery_time=at, tlvs=tlvs), BroadcastSmResp)
        assert answer.command_status == 0
        return answer.message_id

    def told(self, message_id: str, tag: Tag) -> object:
        answer = self.ask(QueryBroadcastSm(3, message_id), QueryBroadcastSmResp)
        assert answer.command_status == CommandStatus.ESME_ROK
        return first(answer.tlvs, tag)

    def wait_for(self, message_id: str, state: int) -> None:
        """Ask until it has come to that; each answer is a turn of the server's."""
        latest = monotonic() + SECONDS_AT_MOST
        while self.told(message_id, Tag.message_state) != state:
            assert monotonic() < latest


def test_a_broadcast_survives_its_server_and_everybody_within_reach_hears_it(
    tmp_path: Path,
) -> None:
    with Server(demo_world(tmp_path)) as server:
        server.start()
        with Warner(server.smpp) as warner:
            message_id = warner.broadcast()
            while not server.inbox(ATTACHED):
                warner.wait_for(message_id, State.ENROUTE)
        server.kill()
        server.wait()

        server.start()
        with Warner(server.smpp) as warner:
            warner.wait_for(message_id, State.DELIVERED)
            assert warner.told(message_id, Tag.broadcast_area_success) == 99
        texts = server.texts(ATTACHED)
        # The inbox is empty after a restart; what was heard before it isn't heard again.
        assert set(texts) == {"storm"} and len(texts) <= 2
        assert server.texts(ANYBODY) == texts
        assert server.texts(DETACHED) == []
        assert server.command("devices", "inbox", ANYBODY).splitlines()[0].endswith("\tbroadcast")


def test_a_broadcast_that_is_cancelled_stays_cancelled(tmp_path: Path) -> None:
    with Server(demo_world(tmp_path)) as server:
        server.start()
        with Warner(server.smpp) as warner:
            message_id = warner.broadcast(at="000000010000000R")
            cancelled = warner.ask(CancelBroadcastSm(4, "", message_id), CancelBroadcastSmResp)
            assert cancelled.command_status == 0
        server.kill()
        server.wait()

        server.start()
        with Warner(server.smpp) as warner:
            assert warner.told(message_id, Tag.message_state) == State.DELETED
        assert server.texts(ATTACHED) == []
