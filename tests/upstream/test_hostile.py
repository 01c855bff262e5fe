"""Far ends that are broken, or mean ill: what they can do to a link is bounded."""

import asyncio
import struct

import pytest
from structlog.testing import capture_logs

from smsc.smpp.codec import encode
from smsc.smpp.commands import CommandId, CommandStatus
from smsc.smpp.pdu import (
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    GenericNack,
    QuerySm,
    QuerySmResp,
    SubmitSm,
    SubmitSmResp,
    UnbindResp,
)
from smsc.upstream.caller import OCTETS_AT_ONCE
from smsc.upstream.conversation import MOST_UNREPLIED
from smsc.upstream.line import Answer
from tests.upstream.far import FarEnd, answers
from tests.upstream.near import Near, advanced, bound, called_again
from tests.upstream.office import message

NUMBER = 0x7F000001
DEFECTIVE = encode(SubmitSm(1))[16:]


@pytest.mark.parametrize(
    "octets",
    [b"\xff" * 16, b"\0" * 16, b"GET / HTTP/1.1\r\n\r\n", bytes.fromhex("00011171") + bytes(12)],
    ids=["ones", "zeros", "text", "one octet too long"],
)
async def test_octets_that_are_no_pdu_end_the_connection_and_it_calls_again(
    far: FarEnd, octets: bytes
) -> None:
    async with bound(far) as (near, call):
        near.link.send([message()])
        await call.submits(1)
        call.write(octets)
        assert await call.ended() == [GenericNack(0, CommandStatus.ESME_RINVCMDLEN)]
        await near.office.is_down()
        assert near.office.answers == [Answer(message(), None)]
        await called_again(near, far)


async def test_responses_nobody_asked_for_change_nothing_and_are_told_once(far: FarEnd) -> None:
    with capture_logs() as logs:
        async with bound(far) as (near, call):
            near.link.send([message()])
            submits = await call.submits(1)
            call.send(
                *(SubmitSmResp(number, 0, "stray") for number in range(1000, 2000)),
                *(GenericNack(number, 3) for number in (0, 5000)),
                QuerySmResp(submits[0].sequence_number),
                UnbindResp(submits[0].sequence_number),
                *answers(submits),
                *answers(submits),
            )
            await call.heard()
            assert near.office.answers == [Answer(message(), 0, "1")]
            assert near.office.told == ["up", "answered"]
    oddities = [each for each in logs if each["event"] == "link_oddity"]
    assert len(oddities) == 2
    (counts,) = [each for each in logs if each["event"] == "link_oddities"]
    assert counts["response_nobody_asked_for"] == 1003


@pytest.mark.parametrize(
    ("command_id", "answer"),
    [
        (CommandId.submit_sm, SubmitSmResp(NUMBER, CommandStatus.ESME_RINVCMDID)),
        (0x0000BEEF, GenericNack(NUMBER, CommandStatus.ESME_RINVCMDID)),
    ],
)
async def test_a_request_that_no_smsc_sends_is_refused(
    far: FarEnd, command_id: int, answer: SubmitSmResp | GenericNack
) -> None:
    async with bound(far) as (_near, call):
        call.write(struct.pack(">IIII", 16 + len(DEFECTIVE), command_id, 0, NUMBER) + DEFECTIVE)
        assert await call.read() == answer


async def test_notices_that_have_no_answer_get_none(far: FarEnd) -> None:
    async with bound(far) as (_near, call):
        call.write(struct.pack(">IIII", 16, CommandId.alert_notification, 0, 1))
        call.write(struct.pack(">IIII", 16, CommandId.outbind, 0, 2))
        await call.heard()


async def test_a_delivery_that_cant_be_read_is_refused_by_its_response(far: FarEnd) -> None:
    async with bound(far) as (near, call):
        call.write(struct.pack(">IIII", 20, CommandId.deliver_sm, 0, 7) + b"AAAA")
        assert await call.read() == DeliverSmResp(7, CommandStatus.ESME_RINVCMDLEN)
        assert near.office.told == ["up"]


async def test_a_pdu_an_octet_at_a_time_is_a_pdu(far: FarEnd) -> None:
    async with bound(far) as (near, call):
        near.link.send([message()])
        for octet in b"".join(map(encode, answers(await call.submits(1)))):
            call.write(bytes([octet]))
            await call.sent()
            await asyncio.sleep(0)
        await near.office.has_answers(1)
        assert near.office.answers == [Answer(message(), 0, "1")]


async def test_half_a_pdu_is_no_sign_of_life(far: FarEnd) -> None:
    async with bound(far) as (near, call):
        near.clock.advance(30)
        await call.expect(EnquireLink)
        call.write(encode(DeliverSm(1))[:20])
        await call.sent()
        near.clock.advance(10)
        await near.office.is_down()


async def test_a_flood_of_deliveries_waits_in_the_far_ends_own_memory(far: FarEnd) -> None:
    count, size = 10_000, 250
    async with bound(far) as (near, call):
        text = bytes(size)
        call.write(
            b"".join(encode(DeliverSm(each, short_message=text)) for each in range(1, count + 1))
        )
        await near.office.until(lambda: len(near.office.arrivals) >= MOST_UNREPLIED)
        for _ in range(100):
            await asyncio.sleep(0)
        assert len(near.office.arrivals) <= MOST_UNREPLIED + OCTETS_AT_ONCE // size
        near.office.replies = 0
        for _, reply in list(near.office.arrivals):
            reply(0)
        ticking = asyncio.get_running_loop().create_task(tick(near))
        for number in range(1, count + 1):
            assert await call.read() == DeliverSmResp(number)
        ticking.cancel()


async def tick(near: Near) -> None:
    """Let happen what is to happen at once."""
    while True:
        near.clock.advance(0)
        await asyncio.sleep(0)


async def test_a_far_end_that_isnt_read_from_isnt_silent(far: FarEnd) -> None:
    async with bound(far) as (near, call):
        near.link.send([message()])
        submits = await call.submits(1)
        call.send(*(DeliverSm(number, short_message=b"x") for number in range(MOST_UNREPLIED)))
        await near.office.until(lambda: len(near.office.arrivals) == MOST_UNREPLIED)
        near.clock.advance(1000)
        await asyncio.sleep(0)
        near.clock.advance(1000)
        assert near.office.told[-1] == "arrived"
        call.send(*answers(submits))
        for _, reply in near.office.arrivals:
            reply(0)
        await near.office.has_answers(1)
        assert near.office.answers == [Answer(message(), 0, "1")]


async def test_an_endless_stream_of_tlvs_is_read_a_pdu_at_a_time(far: FarEnd) -> None:
    async with bound(far) as (near, call):
        near.office.replies = 0
        body = encode(DeliverSm(7, short_message=b"x"))[16:] + bytes.fromhex("1500 0000") * 17_000
        for _ in range(20):
            call.write(struct.pack(">IIII", 16 + len(body), CommandId.deliver_sm, 0, 7) + body)
            near.clock.advance(0)
        await near.office.until(lambda: len(near.office.arrivals) == 20)


async def test_a_far_end_that_doesnt_read_is_lost(far: FarEnd) -> None:
    async with bound(far) as (near, call):
        for _ in range(20):
            call.send(*(QuerySm(number) for number in range(1, 10_001)))
        await advanced(near, lambda: "down" in near.office.told)
        assert near.office.told == ["up", "down"]
        await called_again(near, far, seconds=1)
