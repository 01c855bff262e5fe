"""SIGTERM: nobody new is let in, everyone is asked to part, and nothing accepted is lost."""

from pathlib import Path

import pytest

from smsc.smpp.pdu import BindTransceiver, Pdu, SubmitSm, SubmitSmResp, Unbind, UnbindResp
from tests.esme.peer import Peer
from tests.journeys.aiosmpp import Application
from tests.journeys.server import DETACHED, Server, demo_world

SUBMITS = 500


async def _answers(peer: Peer) -> list[Pdu]:
    """Return what the server says until it hangs up; its unbind is answered at once."""
    heard: list[Pdu] = []
    while not isinstance(pdu := await peer.read(), Unbind):
        heard.append(pdu)
    peer.send(UnbindResp(pdu.sequence_number))
    return heard + await peer.ended()


async def test_what_was_submitted_before_is_answered_and_stored_before_it_ends(
    tmp_path: Path,
) -> None:
    with Server(demo_world(tmp_path)) as server:
        peer = await Peer.connect(server.smpp)
        await peer.bind(BindTransceiver, "demo", "demo")
        submits = [
            SubmitSm(peer.number(), destination_addr=DETACHED, short_message=b"%d" % number)
            for number in range(SUBMITS)
        ]
        peer.send(*submits)
        await peer.sent()
        server.terminate()
        answers = await _answers(peer)
        await peer.close()
        assert server.wait() == 0

        ids = [
            answer.message_id
            for answer in answers
            if isinstance(answer, SubmitSmResp) and answer.command_status == 0
        ]
        assert len(answers) == len(set(ids)) == SUBMITS
        server.start()
        assert server.opened["waiting"] == SUBMITS
        assert server.state(ids[-1]) == "ENROUTE"
        server.attach(DETACHED)


async def test_nobody_is_let_in_while_it_waits_for_those_who_are(tmp_path: Path) -> None:
    with Server(demo_world(tmp_path)) as server:
        peer = await Peer.connect(server.smpp)
        await peer.bind(BindTransceiver, "demo", "demo")
        server.terminate()
        unbind = await peer.expect(Unbind)
        with pytest.raises(ConnectionRefusedError):
            await Peer.connect(server.smpp)
        peer.send(UnbindResp(unbind.sequence_number))
        assert await peer.ended() == []
        await peer.close()
        assert server.wait() == 0
