"""A link to a far end on a real socket: binding, submitting, answering, being lost, parting."""

import asyncio

import pytest
from structlog.testing import capture_logs

from smsc.smpp.commands import CommandStatus
from smsc.smpp.pdu import (
    BindTransceiver,
    BindTransceiverResp,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from smsc.smpp.tlv import Tag, Tlv
from smsc.upstream.line import Answer
from tests.upstream.far import FarEnd, answers
from tests.upstream.near import PASSWORD, SYSTEM_ID, advanced, bound, called_again, calling, linked
from tests.upstream.office import message

# Binding.


async def test_it_binds_as_a_transceiver_under_its_terms(far: FarEnd) -> None:
    async with linked(far, system_type="VMA") as near:
        call = await far.call()
        bind = await call.accept()
        await near.office.is_up()
        assert (bind.system_id, bind.password, bind.system_type) == (SYSTEM_ID, PASSWORD, "VMA")
        assert bind.interface_version == 0x34
        assert near.link.room == 100


async def test_there_is_no_room_before_it_is_bound(far: FarEnd) -> None:
    async with linked(far) as near:
        await far.call()
        assert near.link.room == 0
        assert near.office.told == []


async def test_what_comes_with_the_answer_to_the_bind_is_heard(far: FarEnd) -> None:
    async with linked(far) as near:
        call = await far.call()
        await call.accept(DeliverSm(5, short_message=b"at once"))
        await near.office.until(lambda: len(near.office.arrivals) == 1)
        assert near.office.told == ["up", "arrived"]


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (CommandStatus.ESME_RINVPASWD, "ESME_RINVPASWD"),
        (CommandStatus.ESME_RALYBND, "ESME_RALYBND"),
        (0x4AB, "0x000004AB"),
    ],
)
async def test_a_refused_bind_is_logged_by_name_and_tried_again(
    far: FarEnd, status: int, name: str
) -> None:
    with capture_logs() as logs:
        async with linked(far) as near:
            refused = await far.call()
            await refused.refuse(status)
            assert await refused.ended() == []
            call = await called_again(near, far)
            await call.accept()
            await near.office.is_up()
    (refusal,) = [each for each in logs if each["event"] == "link_not_bound"]
    assert refusal["reason"] == f"the bind was refused: {name}"
    assert PASSWORD not in str(logs)


async def test_a_bind_that_is_told_generic_nack_is_refused(far: FarEnd) -> None:
    with capture_logs() as logs:
        async with linked(far) as near:
            call = await far.call()
            bind = await call.expect(BindTransceiver)
            call.send(GenericNack(bind.sequence_number, CommandStatus.ESME_RINVCMDID))
            assert await call.ended() == []
            await called_again(near, far)
    assert logs[0]["reason"] == "the bind was refused: ESME_RINVCMDID"


@pytest.mark.parametrize(
    "octets",
    [
        b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n",
        bytes.fromhex("ffffffff 80000009 00000000 00000001"),
        bytes.fromhex("00000004 80000009"),
        bytes.fromhex("00000014 80000009 00000000 00000001 41414141"),
        b"",
    ],
    ids=["not SMPP", "endless", "too short", "unended", "nothing"],
)
async def test_an_answer_that_is_none_is_no_bind(far: FarEnd, octets: bytes) -> None:
    async with linked(far) as near:
        call = await far.call()
        await call.expect(BindTransceiver)
        call.write(octets)
        call.hang_up()
        await call.ended()
        again = await called_again(near, far)
        await again.accept()
        await near.office.is_up()


async def test_a_far_end_that_doesnt_answer_the_bind_is_called_again(far: FarEnd) -> None:
    with capture_logs() as logs:
        async with linked(far, response_seconds=7) as near:
            silent = await far.call()
            await silent.expect(BindTransceiver)
            await called_again(near, far, seconds=1)
    assert logs[0]["reason"] == "no answer within 7 s"


async def test_what_is_said_before_the_bind_is_answered_means_nothing(far: FarEnd) -> None:
    async with linked(far) as near:
        call = await far.call()
        bind = await call.expect(BindTransceiver)
        call.send(EnquireLink(1), SubmitSmResp(bind.sequence_number), DeliverSm(2))
        call.send(BindTransceiverResp(bind.sequence_number, 0, "far"))
        await near.office.is_up()
        assert near.office.told == ["up"]


async def test_where_nobody_listens_it_calls_again(far: FarEnd) -> None:
    unheard = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    host, port = unheard.sockets[0].getsockname()[:2]
    unheard.close()
    await unheard.wait_closed()
    with capture_logs() as logs:
        async with calling(host, port) as near:
            await advanced(near, lambda: len(logs) > 2)
    assert {each["event"] for each in logs} == {"link_not_bound"}


async def test_a_password_that_no_bind_can_carry_isnt_shown(far: FarEnd) -> None:
    with capture_logs() as logs:
        async with linked(far, password="gehäim") as near:
            await far.call()
            await called_again(near, far)
    assert logs[0]["reason"] == "system_id, password or system_type isn't ASCII"
    assert "geh" not in str(logs)


# Submitting.


async def test_messages_are_submitted_and_answered_with_the_ids_of_the_far_end(
    far: FarEnd,
) -> None:
    async with bound(far) as (near, call):
        messages = [message(number) for number in range(1, 4)]
        near.link.send(messages)
        assert near.link.room == 97
        submits = await call.submits(3)
        assert [submit.destination_addr for submit in submits] == [
            each.dest.digits for each in messages
        ]
        call.send(*answers(submits))
        await near.office.has_answers(3)
        assert near.office.batches == [
            [Answer(each, 0, str(number)) for number, each in enumerate(messages, 1)]
        ]
        assert near.link.room == 100


async def test_answers_in_another_order_are_answers(far: FarEnd) -> None:
    async with bound(far) as (near, call):
        near.link.send([message(number) for number in range(1, 4)])
        call.send(*reversed(answers(await call.submits(3))))
        await near.office.has_answers(3)
        assert [(each.message.id, each.remote_id) for each in near.office.answers] == [
            (3, "3"),
            (2, "2"),
            (1, "1"),
        ]


async def test_a_refusal_is_answered_with_its_status(far: FarEnd) -> None:
    async with bound(far) as (near, call):
        near.link.send([message()])
        (submit,) = await call.submits(1)
        call.send(SubmitSmResp(submit.sequence_number, CommandStatus.ESME_RTHROTTLED))
        await near.office.has_answers(1)
        assert near.office.answers == [Answer(message(), CommandStatus.ESME_RTHROTTLED)]


async def test_a_generic_nack_is_a_refusal(far: FarEnd) -> None:
    async with bound(far) as (near, call):
        near.link.send([message()])
        (submit,) = await call.submits(1)
        call.send(GenericNack(submit.sequence_number, CommandStatus.ESME_RINVCMDID))
        await near.office.has_answers(1)
        assert near.office.answers == [Answer(message(), CommandStatus.ESME_RINVCMDID)]


async def test_a_message_that_no_submit_sm_can_carry_is_answered_after_send(far: FarEnd) -> None:
    async with bound(far) as (near, _call):
        unwritable = message(service_type="much too long")
        near.link.send([unwritable])
        assert near.office.answers == []
        near.clock.advance(0)
        assert near.office.answers == [Answer(unwritable, CommandStatus.ESME_RINVSERTYP)]


async def test_what_is_sent_while_it_isnt_bound_is_answered_too(far: FarEnd) -> None:
    async with linked(far) as near:
        near.link.send([message()])
        assert near.office.answers == []
        near.clock.advance(0)
        assert near.office.answers == [Answer(message(), None)]


async def test_all_is_answered_when_it_is_closed(far: FarEnd) -> None:
    async with linked(far) as near:
        near.link.send([message()])
        await near.link.close()
        assert near.office.answers == [Answer(message(), None)]


# Deliveries.


async def test_a_receipt_is_reported_and_answered_once_it_is_replied_to(far: FarEnd) -> None:
    async with bound(far) as (near, call):
        text = b"id:0007 sub:001 dlvrd:001 stat:DELIVRD err:000 text:"
        call.send(DeliverSm(41, esm_class=4, short_message=text))
        await call.heard()
        ((report, reply),) = near.office.reports
        assert report.remote_id == "7"
        reply(0)
        near.clock.advance(0)
        assert await call.read() == DeliverSmResp(41)


async def test_a_data_sm_is_answered_by_its_own_response(far: FarEnd) -> None:
    async with bound(far) as (near, call):
        near.office.replies = CommandStatus.ESME_RX_T_APPN
        call.send(DataSm(42, tlvs=(Tlv(Tag.message_payload, b"hello"),)))
        await near.office.until(lambda: len(near.office.arrivals) == 1)
        near.clock.advance(0)
        assert await call.read() == DataSmResp(42, CommandStatus.ESME_RX_T_APPN)


# Being lost.


async def test_what_is_unanswered_when_the_link_is_lost_is_answered_by_that(far: FarEnd) -> None:
    async with bound(far) as (near, call):
        near.link.send([message(1), message(2)])
        first, _ = await call.submits(2)
        call.send(SubmitSmResp(first.sequence_number, 0, "1"))
        await near.office.has_answers(1)
        await call.close()
        await near.office.is_down()
        assert near.office.answers == [Answer(message(1), 0, "1"), Answer(message(2), None)]
        assert near.office.told == ["up", "answered", "answered", "down"]
        assert near.link.room == 0


async def test_it_calls_again_and_carries_on(far: FarEnd) -> None:
    async with bound(far) as (near, call):
        for times in range(2, 4):
            await call.close()
            await near.office.is_down(times - 1)
            call = await called_again(near, far)
            await call.accept()
            await near.office.is_up(times)
        near.link.send([message()])
        call.send(*answers(await call.submits(1)))
        await near.office.has_answers(1)


async def test_a_far_end_that_unbinds_is_answered_and_called_again(far: FarEnd) -> None:
    async with bound(far) as (near, call):
        call.send(Unbind(77))
        assert await call.ended() == [UnbindResp(77)]
        await near.office.is_down()
        await called_again(near, far)


async def test_a_silent_far_end_is_asked_whether_it_is_there(far: FarEnd) -> None:
    async with bound(far) as (near, call):
        for _ in range(3):
            near.clock.advance(30)
            ask = await call.expect(EnquireLink)
            call.send(EnquireLinkResp(ask.sequence_number))
            await call.heard()
            near.clock.advance(10)
            await call.heard()
        assert near.office.told == ["up"]


async def test_a_far_end_that_isnt_there_any_more_is_lost(far: FarEnd) -> None:
    with capture_logs() as logs:
        async with bound(far) as (near, call):
            near.link.send([message()])
            await call.submits(1)
            near.clock.advance(9)
            near.clock.advance(21)
            await call.expect(EnquireLink)
            near.clock.advance(10)
            await near.office.is_down()
            assert near.office.answers == [Answer(message(), None)]
            assert near.office.told[-1] == "down"
            await called_again(near, far)
    (down,) = [each for each in logs if each["event"] == "link_down"]
    assert down["reason"] == "it was silent"


# Parting.


async def test_closing_unbinds_once_all_is_answered(far: FarEnd) -> None:
    async with bound(far) as (near, call):
        near.link.send([message(1), message(2)])
        closing = asyncio.get_running_loop().create_task(near.link.close())
        first, second = answers(await call.submits(2))
        call.send(first)
        await call.heard()
        assert near.link.room == 0
        call.send(second)
        unbind = await call.expect(Unbind)
        call.send(UnbindResp(unbind.sequence_number))
        assert await call.ended() == []
        await closing
        assert [answer.status for answer in near.office.answers] == [0, 0]
        assert near.office.told == ["up", "answered", "answered", "down"]


async def test_what_waits_for_its_turn_isnt_waited_for(far: FarEnd) -> None:
    async with bound(far, rate=3) as (near, call):
        near.link.send([message(number) for number in range(1, 4)])
        call.send(*answers(await call.submits(1)))
        await near.office.has_answers(1)
        closing = asyncio.get_running_loop().create_task(near.link.close())
        unbind = await call.expect(Unbind)
        near.clock.advance(0)
        assert [answer.status for answer in near.office.answers] == [0, None, None]
        call.send(UnbindResp(unbind.sequence_number))
        await closing


@pytest.mark.parametrize("submits", [0, 1])
async def test_closing_doesnt_wait_for_ever(far: FarEnd, submits: int) -> None:
    async with bound(far, response_seconds=10) as (near, call):
        sent = [message(number) for number in range(submits)]
        near.link.send(sent)
        closing = asyncio.get_running_loop().create_task(near.link.close())
        await call.submits(submits)
        if not submits:
            await call.expect(Unbind)
        near.clock.advance(10)
        await closing
        assert near.office.answers == [Answer(each, None) for each in sent]
        assert near.office.told[-1] == "down"


async def test_a_link_that_isnt_bound_closes_at_once(far: FarEnd) -> None:
    async with linked(far) as near:
        call = await far.call()
        await call.expect(BindTransceiver)
        await near.link.close()
        assert await call.ended() == []
        assert near.office.told == []
