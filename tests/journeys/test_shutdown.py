"""SIGTERM: nobody new is let in, everyone is asked to part, and nothing accepted is lost."""

from pathlib import Path

import pytest

from smsc.smpp.pdu import BindTransceiver, SubmitSm, SubmitSmResp, Unbind, UnbindResp
from tests.esme.peer import Peer
from tests.journeys.server import DETACHED, Server, demo_world

WINDOW = 500
BEFORE_THE_SIGNAL = 2000


async def _bound(server: Server) -> Peer:
    peer = await Peer.connect(server.smpp)
    await peer.bind(BindTransceiver, "demo", "demo")
    return peer


def _submits(peer: Peer, count: int) -> list[SubmitSm]:
    return [
        SubmitSm(peer.number(), destination_addr=DETACHED, short_message=b"hello")
        for _ in range(count)
    ]


async def test_all_that_was_submitted_is_answered_and_stored_before_it_ends(
    tmp_path: Path,
) -> None:
    with Server(demo_world(tmp_path)) as server:
        server.start()
        peer = await _bound(server)
        submitted, answers = WINDOW, []
        peer.send(*_submits(peer, WINDOW))
        # The application goes on until it is asked to part, and agrees without looking back.
        while not isinstance(pdu := await peer.read(), Unbind):
            answers.append(pdu)
            peer.send(*_submits(peer, 1))
            submitted += 1
            if len(answers) == BEFORE_THE_SIGNAL:
                server.terminate()
        peer.send(UnbindResp(pdu.sequence_number))
        answers += await peer.ended()
        await peer.close()
        assert server.wait() == 0

        assert len(answers) == submitted
        ids = [pdu.message_id for pdu in answers if isinstance(pdu, SubmitSmResp)]
        assert len(set(ids)) == submitted
        server.start()
        assert server.opened["waiting"] == submitted
        assert server.state(ids[-1]) == "ENROUTE"


async def test_nobody_is_let_in_while_it_waits_for_those_who_are(tmp_path: Path) -> None:
    with Server(demo_world(tmp_path)) as server:
        server.start()
        peer = await _bound(server)
        server.terminate()
        unbind = await peer.expect(Unbind)
        with pytest.raises(ConnectionRefusedError):
            await Peer.connect(server.smpp)
        peer.send(UnbindResp(unbind.sequence_number))
        assert await peer.ended() == []
        await peer.close()
        assert server.wait() == 0
