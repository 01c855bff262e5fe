"""Hostile octets: whatever a peer sends, it gets what it deserves and others are served."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from smsc.smpp.codec import encode
from smsc.smpp.commands import CommandStatus
from smsc.smpp.pdu import (
    BindTransceiver,
    EnquireLink,
    GenericNack,
    Pdu,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from smsc.smpp.session import LONGEST_PDU
from tests.esme.peer import Peer
from tests.esme.road import Road

NACK = GenericNack(0, CommandStatus.ESME_RINVCMDLEN)


class Neighbour:
    """A healthy client on the same server that submits all the time."""

    def __init__(self, peer: Peer) -> None:
        self.answered = 0
        self._peer = peer
        self._stop = False
        self._work = asyncio.create_task(self._submit())

    async def _submit(self) -> None:
        while not self._stop:
            await self.submit_some()

    async def submit_some(self) -> None:
        submits = [self._peer.submit_sm() for _ in range(10)]
        self._peer.send(*submits)
        for submit in submits:
            answer = await self._peer.expect(SubmitSmResp)
            assert answer.command_status == 0
            assert answer.sequence_number == submit.sequence_number
            self.answered += 1

    async def stop(self) -> None:
        self._stop = True
        await self._work


@pytest.fixture(autouse=True)
async def neighbour(road: Road) -> AsyncIterator[Neighbour]:
    """Keep a neighbour busy while a test runs, and see that it got all its answers."""
    neighbour = Neighbour(await road.bound(system_id="other"))
    yield neighbour
    await neighbour.stop()
    before = neighbour.answered
    await neighbour.submit_some()
    assert neighbour.answered == before + 10


def bind() -> bytes:
    return encode(BindTransceiver(1, "fleet", "secret"))


async def gone(road: Road) -> None:
    """Wait until only the neighbour is left."""
    await road.until(lambda: len(road.door.connections) == 1)
    assert road.bindings.counts() == {"other": 1}


@pytest.mark.parametrize("kept", [0, 1, 3, 4, 15, 16, 30])
async def test_a_pdu_that_ends_with_the_connection_is_forgotten(road: Road, kept: int) -> None:
    peer = await road.bound()
    peer.write(encode(peer.submit_sm(b"cut off"))[:kept])
    await peer.sent()
    peer.hang_up()
    await gone(road)
    assert b"cut off" not in road.inbox()


@pytest.mark.parametrize("kept", [1, 16, 25])
async def test_a_bind_that_ends_with_the_connection_is_forgotten(road: Road, kept: int) -> None:
    peer = await road.peer()
    peer.write(bind()[:kept])
    await peer.sent()
    peer.hang_up()
    await gone(road)


@pytest.mark.parametrize("length", [0, 15, LONGEST_PDU + 1, 0x7FFFFFFF, 0xFFFFFFFF])
@pytest.mark.parametrize("bound", [True, False])
async def test_a_length_that_cannot_be_is_told_and_hung_up_on(
    road: Road, length: int, bound: bool
) -> None:
    peer = await (road.bound() if bound else road.peer())
    peer.write(length.to_bytes(4, "big") + bytes(60))
    assert await peer.ended() == [NACK]
    await gone(road)


async def test_what_is_sent_octet_by_octet_is_answered_like_anything_else(road: Road) -> None:
    peer = await road.peer()
    submit = peer.submit_sm(b"drop by drop")
    for octet in bind() + encode(submit):
        peer.write(bytes([octet]))
        await road.turn()
    bound, answer = await peer.read(), await peer.expect(SubmitSmResp)
    assert (bound.sequence_number, answer.sequence_number) == (1, submit.sequence_number)
    history = await road.store.history(int(answer.message_id))
    assert history is not None
    assert history.message.payload == b"drop by drop"


async def test_a_thousand_pdus_in_one_write_are_all_answered(road: Road) -> None:
    peer = await road.bound()
    submits = [peer.submit_sm() for _ in range(1000)]
    peer.send(*submits)
    numbers = [(await peer.expect(SubmitSmResp)).sequence_number for _ in submits]
    assert numbers == [submit.sequence_number for submit in submits]


async def test_a_thousand_enquire_links_before_a_bind_are_all_answered(road: Road) -> None:
    peer = await road.peer()
    peer.send(*map(EnquireLink, range(1000)))
    assert [(await peer.read()).sequence_number for _ in range(1000)] == [*range(1000)]


@pytest.mark.parametrize("seed", range(20))
async def test_random_octets_do_no_harm(road: Road, seed: int) -> None:
    peer = await road.bound()
    peer.write(random.Random(seed).randbytes(5000))
    # Nearly all garbage has an impossible length; the rest is a PDU that never ends.
    peer.write(bytes(LONGEST_PDU))
    assert (await peer.ended())[-1] == NACK
    await gone(road)


@pytest.mark.parametrize("seed", range(20))
async def test_random_bodies_in_good_frames_are_answered_each(road: Road, seed: int) -> None:
    chance = random.Random(seed)
    peer = await road.bound()
    commands = [0x03, 0x04, 0x05, 0x07, 0x08, 0x09, 0x15, 0x21, 0x102, 0x103, 0xF00, 0x1234567]
    for number in range(1, 101):
        body = chance.randbytes(chance.randrange(100))
        command_id = chance.choice(commands)
        header = (16 + len(body), command_id, 0, number)
        peer.write(b"".join(part.to_bytes(4, "big") for part in header) + body)
    numbers = {(await peer.read()).sequence_number for _ in range(100)}
    assert numbers == set(range(1, 101))
    await peer.heard()


async def test_answers_that_nobody_asked_for_do_no_harm(road: Road) -> None:
    peer = await road.bound()
    for command_id in (0x04, 0x05, 0x06, 0x09, 0x15, 0x103, 0xF00):
        for number in (0, 1, 2, 0x7FFFFFFF, 0xFFFFFFFF):
            header = (16, command_id | 0x80000000, 0, number)
            peer.write(b"".join(part.to_bytes(4, "big") for part in header))
    await peer.heard()


async def test_a_hundred_connections_that_say_nothing_are_gone_in_time(
    road: Road, neighbour: Neighbour
) -> None:
    peers = [await road.peer() for _ in range(100)]
    await road.until(lambda: len(road.door.connections) == 101)
    road.clock.advance(5)
    ended: list[list[Pdu]] = [await peer.ended() for peer in peers]
    assert ended == [[]] * 100
    await gone(road)
    assert neighbour.answered


async def test_of_two_unbinds_in_one_write_the_first_ends_the_session(road: Road) -> None:
    peer = await road.bound()
    submit = peer.submit_sm()
    peer.send(submit, Unbind(7), Unbind(8), peer.submit_sm())
    answers = await peer.ended()
    assert answers[0] == UnbindResp(8, CommandStatus.ESME_RINVBNDSTS)
    assert [type(answer) for answer in answers] == [
        UnbindResp,
        SubmitSmResp,
        SubmitSmResp,
        UnbindResp,
    ]
    assert answers[-1] == UnbindResp(7)
    await gone(road)
