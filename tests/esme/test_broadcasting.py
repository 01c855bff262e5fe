"""broadcast_sm, query_broadcast_sm and cancel_broadcast_sm over the wire."""

from collections.abc import Sequence
from typing import Any

import pytest

from smsc.delivery import broadcasts as schedule
from smsc.message import State
from smsc.smpp.commands import CommandStatus
from smsc.smpp.pdu import (
    BindReceiver,
    BroadcastSm,
    BroadcastSmResp,
    CancelBroadcastSm,
    QueryBroadcastSm,
    QueryBroadcastSmResp,
    Request,
    Response,
    Unbind,
    UnbindResp,
)
from smsc.smpp.tlv import Tag, Tlv, first
from tests.esme.peer import DEVICE
from tests.esme.studio import (
    ARC,
    BERLIN,
    HAMBURG,
    LATER,
    MARS,
    NEEDED,
    NEWS,
    REFERENCE,
    WEATHER,
    Studio,
    accepted,
    broadcast,
    broadcast_sm,
    cancel,
    query,
    state,
    words,
)

IN_TWO_MONTHS = "000200000000000R"
IDLE = Tlv(Tag.congestion_state, 0)

# broadcast_sm.


async def test_a_broadcast_is_heard_as_often_as_asked_and_told_of(studio: Studio) -> None:
    peer = await studio.bound(version=0x50)
    message_id = await accepted(peer, *NEEDED, REFERENCE)
    await studio.wait(0)
    assert studio.inbox() == [b"storm"]
    assert await state(peer, message_id) is State.ENROUTE
    await studio.wait(60)
    assert studio.inbox() == [b"storm", b"storm"]
    assert await query(peer, message_id) == QueryBroadcastSmResp(
        4,
        0,
        message_id,
        (
            Tlv(Tag.message_state, State.DELIVERED),
            BERLIN,
            Tlv(Tag.broadcast_area_success, 50),
            Tlv(Tag.broadcast_end_time, "231114221420000+"),
            REFERENCE,
            IDLE,
        ),
    )


async def test_a_scheduled_one_waits_for_its_time(studio: Studio) -> None:
    peer = await studio.bound(version=0x50)
    message_id = await accepted(peer, schedule_delivery_time=LATER)
    await studio.wait(3599)
    assert (await state(peer, message_id), studio.inbox()) == (State.SCHEDULED, [])
    await studio.wait(1)
    assert (await state(peer, message_id), studio.inbox()) == (State.ENROUTE, [b"storm"])


async def test_one_whose_validity_is_over_expires(studio: Studio) -> None:
    peer = await studio.bound(version=0x50)
    message_id = await accepted(peer, validity_period="000000000030000R")
    await studio.wait(0)
    await studio.wait(31)
    assert await state(peer, message_id) is State.EXPIRED
    assert studio.inbox() == [b"storm"]


async def test_ids_are_those_of_all_messages_in_the_form_of_the_version(studio: Studio) -> None:
    old = await studio.bound(version=0x33)
    new = await studio.bound(version=0x50)
    submitted = int((await new.submit()).message_id)
    assert await accepted(old) == f"{submitted + 1:08X}"
    assert await accepted(new) == f"{submitted + 2:010d}"


async def test_an_old_version_can_broadcast_query_and_cancel_too(studio: Studio) -> None:
    peer = await studio.bound(version=0x33)
    for _ in range(12):
        message_id = await accepted(peer, schedule_delivery_time=LATER)
    assert message_id == "0000000C"
    assert (await query(peer, message_id)).command_status == CommandStatus.ESME_ROK
    assert await cancel(peer, message_id) is CommandStatus.ESME_ROK


async def test_a_peer_of_3_3_is_sent_no_tlv(studio: Studio) -> None:
    peer = await studio.bound(version=0x33)
    some = await broadcast(peer, MARS, *NEEDED)
    none = await broadcast(peer, MARS, *NEEDED[1:])
    assert (some.command_status, none.command_status) == (0, CommandStatus.ESME_RSUBMITFAIL)
    asked = await query(peer, some.message_id)
    assert isinstance(asked, QueryBroadcastSmResp)
    assert (some.tlvs, none.tlvs, asked.tlvs) == ((), (), ())


async def test_a_broadcast_counts_once_against_the_limits_of_its_account(studio: Studio) -> None:
    peer = await studio.bound(system_id="slow", version=0x50)
    answers = [await broadcast(peer, source_addr="8888") for _ in range(2)]
    statuses = [answer.command_status for answer in answers]
    assert statuses == [0, CommandStatus.ESME_RTHROTTLED]
    assert words(answers[1]) == "account 'slow' may send at most 1/s"
    studio.clock.advance(1)
    await accepted(peer, source_addr="8888")


async def test_areas_that_are_none_are_told_beside_those_that_get_it(studio: Studio) -> None:
    peer = await studio.bound(version=0x50)
    answer = await broadcast(peer, MARS, *NEEDED, ARC)
    assert answer.command_status == 0
    assert answer.tlvs == (
        Tlv(Tag.broadcast_error_status, CommandStatus.ESME_RINVBCASTALIAS_NAME),
        MARS,
        Tlv(Tag.broadcast_error_status, CommandStatus.ESME_RINVBCASTAREAFMT),
        ARC,
        IDLE,
    )
    await studio.wait(0)
    told = await query(peer, answer.message_id)
    assert isinstance(told, QueryBroadcastSmResp)
    assert [each for each in told.tlvs if each.tag != Tag.message_state] == [
        MARS,
        Tlv(Tag.broadcast_area_success, 0),
        BERLIN,
        Tlv(Tag.broadcast_area_success, 50),
        ARC,
        Tlv(Tag.broadcast_area_success, 0),
        IDLE,
    ]


@pytest.mark.parametrize(
    ("area", "status"),
    [
        (MARS, CommandStatus.ESME_RINVBCASTALIAS_NAME),
        (ARC, CommandStatus.ESME_RINVBCASTAREAFMT),
    ],
)
async def test_a_broadcast_to_nowhere_is_refused(
    studio: Studio, area: Tlv, status: CommandStatus
) -> None:
    peer = await studio.bound(version=0x50)
    answer = await broadcast(peer, area, *NEEDED[1:])
    assert answer.command_status == status
    assert answer.tlvs[1:] == (Tlv(Tag.broadcast_error_status, status), area, IDLE)
    assert words(answer) == "no area can be broadcast to"


async def test_until_it_was_sent_nothing_is_known_of_its_reach(studio: Studio) -> None:
    peer = await studio.bound(version=0x50)
    message_id = await accepted(peer, HAMBURG, *NEEDED[1:], schedule_delivery_time=LATER)
    answer = await query(peer, message_id)
    assert isinstance(answer, QueryBroadcastSmResp)
    assert first(answer.tlvs, Tag.broadcast_area_success) == 255
    await studio.wait(3600)
    answer = await query(peer, message_id)
    assert isinstance(answer, QueryBroadcastSmResp)
    assert first(answer.tlvs, Tag.broadcast_area_success) == 0


def instead(*tlvs: Tlv) -> tuple[Tlv, ...]:
    tags = {each.tag for each in tlvs}
    return (*(each for each in NEEDED if each.tag not in tags), *tlvs)


@pytest.mark.parametrize(
    ("tlvs", "fields", "status"),
    [
        (NEEDED[1:], {}, CommandStatus.ESME_RMISSINGTLV),
        (NEEDED[:-1], {}, CommandStatus.ESME_RMISSINGTLV),
        (instead(Tlv(Tag.broadcast_rep_num, 0)), {}, CommandStatus.ESME_RINVBCAST_REP),
        (instead(Tlv(Tag.message_payload, bytes(1396))), {}, CommandStatus.ESME_RINVMSGLEN),
        (
            instead(Tlv(Tag.message_payload, bytes(1231))),
            {"data_coding": 8},
            CommandStatus.ESME_RINVMSGLEN,
        ),
        (NEEDED, {"priority_flag": 5}, CommandStatus.ESME_RINVPRTFLG),
        (NEEDED, {"replace_if_present_flag": 2}, CommandStatus.ESME_RINVREPFLAG),
        (NEEDED, {"schedule_delivery_time": "soon"}, CommandStatus.ESME_RINVSCHED),
        (NEEDED, {"schedule_delivery_time": IN_TWO_MONTHS}, CommandStatus.ESME_RINVSCHED),
        (NEEDED, {"validity_period": "long"}, CommandStatus.ESME_RINVEXPIRY),
        (NEEDED, {"validity_period": "200101000000000+"}, CommandStatus.ESME_RINVEXPIRY),
        (
            NEEDED,
            {"schedule_delivery_time": LATER, "validity_period": "000000003000000R"},
            CommandStatus.ESME_RINVSCHED,
        ),
        (NEEDED, {"source_addr": "5678"}, CommandStatus.ESME_RINVSRCADR),
        (NEEDED, {"source_addr": "a name too long"}, CommandStatus.ESME_RINVSRCADR),
        (
            NEEDED,
            {"replace_if_present_flag": 1, "message_id": "7"},
            CommandStatus.ESME_RINVMSGID,
        ),
    ],
)
async def test_what_is_wrong_has_its_status_and_words(
    studio: Studio, tlvs: Sequence[Tlv], fields: dict[str, Any], status: CommandStatus
) -> None:
    peer = await studio.bound(version=0x50)
    answer = await broadcast(peer, *tlvs, **fields)
    assert (CommandStatus(answer.command_status), answer.message_id) == (status, "")
    assert words(answer)
    assert studio.journal.broadcasts == {"refused": 1}


async def test_an_older_peer_is_told_no_status_that_it_does_not_know(studio: Studio) -> None:
    peer = await studio.bound(version=0x34)
    answer = await broadcast(peer, MARS, *NEEDED[1:])
    assert answer.command_status == CommandStatus.ESME_RSUBMITFAIL
    assert answer.tlvs == (Tlv(Tag.broadcast_error_status, CommandStatus.ESME_RSUBMITFAIL), MARS)


@pytest.mark.parametrize("kind", [BroadcastSm, QueryBroadcastSm, CancelBroadcastSm])
async def test_an_account_that_may_not_broadcast_is_told_so(
    studio: Studio, kind: type[Request]
) -> None:
    peer = await studio.bound(system_id="modest", version=0x50)
    peer.send(kind(7))
    assert (await peer.expect(Response)).command_status == CommandStatus.ESME_RPROHIBITED
    older = await studio.bound(system_id="modest", version=0x34)
    older.send(kind(7))
    assert (await older.expect(Response)).command_status == CommandStatus.ESME_RSUBMITFAIL


async def test_a_receiver_may_not_broadcast(studio: Studio) -> None:
    peer = await studio.bound(BindReceiver)
    peer.send(BroadcastSm(7, tlvs=NEEDED))
    assert await peer.read() == BroadcastSmResp(7, CommandStatus.ESME_RINVBNDSTS)


async def test_one_too_many_is_refused(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "LIVE", 1)
    peer = await studio.bound(version=0x50)
    await accepted(peer, schedule_delivery_time=LATER)
    answer = await broadcast(peer, schedule_delivery_time=LATER)
    assert answer.command_status == CommandStatus.ESME_RMSGQFUL
    assert words(answer)


async def test_a_source_that_is_left_out_is_the_accounts_own(studio: Studio) -> None:
    peer = await studio.bound(version=0x50)
    message_id = await accepted(peer, source_addr="")
    await studio.wait(0)
    (heard,) = studio.cell.inbox(DEVICE).messages
    assert (heard.source, heard.broadcast) == ("1234", True)
    for source in ("", "1234"):
        answer = await query(peer, message_id, source_addr=source)
        assert answer.command_status == 0


async def test_a_source_is_dialled_as_in_the_accounts_country(studio: Studio) -> None:
    peer = await studio.bound(system_id="german", version=0x50)
    message_id = await accepted(peer, source_addr="01701234567")
    await studio.wait(0)
    (heard,) = studio.cell.inbox(DEVICE).messages
    assert heard.source == "491701234567"
    answer = await query(peer, message_id, source_addr="+491701234567")
    assert answer.command_status == 0


async def test_type_and_plan_of_a_source_do_not_matter(studio: Studio) -> None:
    peer = await studio.bound(version=0x50)
    message_id = await accepted(peer, schedule_delivery_time=LATER)
    other: dict[str, Any] = {"source_addr_ton": 1, "source_addr_npi": 8}
    assert (await query(peer, message_id, **other)).command_status == 0
    assert await cancel(peer, message_id, **other) is CommandStatus.ESME_ROK


async def test_a_text_of_the_operators_is_broadcast_where_there_is_none(studio: Studio) -> None:
    peer = await studio.bound(version=0x50)
    await accepted(peer, *NEEDED[:-1], data_coding=8, sm_default_msg_id=1)
    await accepted(peer, *NEEDED, sm_default_msg_id=9)
    await studio.wait(0)
    assert studio.inbox() == [b"Your parcel is here.", b"storm"]
    answer = await broadcast(peer, *NEEDED[:-1], sm_default_msg_id=9)
    assert answer.command_status == CommandStatus.ESME_RINVDFTMSGID
    assert words(answer)


# Replacing.


@pytest.mark.parametrize("by_id", [True, False])
async def test_a_replacement_takes_the_place_and_the_id(studio: Studio, by_id: bool) -> None:
    peer = await studio.bound(version=0x50)
    old = await accepted(peer, *NEEDED, REFERENCE)
    await studio.wait(0)
    calm = (*NEEDED[:-1], Tlv(Tag.message_payload, b"calm"), REFERENCE)
    named = old if by_id else ""
    new = await accepted(peer, *calm, message_id=named, replace_if_present_flag=1)
    assert new == old
    for _ in range(4):
        await studio.wait(60)
    assert studio.inbox() == [b"storm", b"calm", b"calm"]


async def test_without_the_flag_nothing_is_replaced(studio: Studio) -> None:
    peer = await studio.bound(version=0x50)
    old = await accepted(peer, *NEEDED, REFERENCE, schedule_delivery_time=LATER)
    new = await accepted(peer, *NEEDED, REFERENCE, message_id=old, schedule_delivery_time=LATER)
    assert new != old
    assert len(studio.broadcasts) == 2


async def test_a_reference_that_nobody_has_yet_is_a_new_broadcast(studio: Studio) -> None:
    peer = await studio.bound(version=0x50)
    await accepted(peer, *NEEDED, REFERENCE, replace_if_present_flag=1)
    assert len(studio.broadcasts) == 1


# query_broadcast_sm.


async def test_it_can_be_asked_about_by_reference_and_the_latest_is_meant(studio: Studio) -> None:
    peer = await studio.bound(version=0x50)
    await accepted(peer, *NEEDED, REFERENCE)
    latest = await accepted(peer, *NEEDED, REFERENCE)
    answer = await query(peer, "", REFERENCE)
    assert isinstance(answer, QueryBroadcastSmResp)
    assert answer.message_id == latest


@pytest.mark.parametrize(
    ("message_id", "fields"),
    [
        ("0000000099", {}),
        ("", {}),
        ("none", {}),
        ("1_0", {}),
        ("0000000001", {"source_addr": "4321"}),
        ("0000000001", {"source_addr": "a name too long"}),
    ],
)
async def test_what_is_not_there_can_not_be_asked_about(
    studio: Studio, message_id: str, fields: dict[str, Any]
) -> None:
    peer = await studio.bound(version=0x50)
    assert await accepted(peer) == "0000000001"
    answer = await query(peer, message_id, **fields)
    assert answer.command_status == CommandStatus.ESME_RBCASTQUERYFAIL
    assert words(answer)


async def test_what_is_anothers_can_not_be_asked_about_or_cancelled(studio: Studio) -> None:
    peer = await studio.bound(version=0x50)
    other = await studio.bound(system_id="other", version=0x50)
    message_id = await accepted(peer, *NEEDED, REFERENCE)
    for named in ((message_id,), ("", REFERENCE)):
        answer = await query(other, *named)
        assert answer.command_status == CommandStatus.ESME_RBCASTQUERYFAIL
        assert await cancel(other, *named) is CommandStatus.ESME_RBCASTCANCELFAIL


# cancel_broadcast_sm.


async def test_a_cancelled_one_is_deleted_and_can_not_be_cancelled_again(studio: Studio) -> None:
    peer = await studio.bound(version=0x50)
    message_id = await accepted(peer, schedule_delivery_time=LATER)
    assert await cancel(peer, message_id) is CommandStatus.ESME_ROK
    assert await state(peer, message_id) is State.DELETED
    assert await cancel(peer, message_id) is CommandStatus.ESME_RBCASTCANCELFAIL
    await studio.wait(3600)
    assert studio.inbox() == []


async def test_one_can_be_cancelled_by_its_reference(studio: Studio) -> None:
    peer = await studio.bound(version=0x50)
    older = await accepted(peer, *NEEDED, REFERENCE, schedule_delivery_time=LATER)
    newer = await accepted(peer, *NEEDED, REFERENCE, schedule_delivery_time=LATER)
    assert await cancel(peer, "", REFERENCE) is CommandStatus.ESME_ROK
    assert await state(peer, newer) is State.DELETED
    assert await state(peer, older) is State.SCHEDULED


@pytest.mark.parametrize(
    ("tlvs", "fields", "cancelled"),
    [
        ((), {}, ["weather", "traffic", "news"]),
        ((), {"service_type": "CBS"}, ["weather", "news"]),
        ((WEATHER,), {}, ["weather", "traffic"]),
        ((NEWS,), {"service_type": "CBS"}, ["news"]),
        ((), {"source_addr": "4321"}, ["alien"]),
    ],
)
async def test_without_an_id_all_that_are_alike_are_cancelled(
    studio: Studio, tlvs: Sequence[Tlv], fields: dict[str, Any], cancelled: list[str]
) -> None:
    peer = await studio.bound(version=0x50)
    numbers = {
        "weather": await accepted(peer, service_type="CBS", schedule_delivery_time=LATER),
        "traffic": await accepted(peer, schedule_delivery_time=LATER),
        "news": await accepted(
            peer, *instead(NEWS), service_type="CBS", schedule_delivery_time=LATER
        ),
        "alien": await accepted(peer, source_addr="4321", schedule_delivery_time=LATER),
    }
    assert await cancel(peer, "", *tlvs, **fields) is CommandStatus.ESME_ROK
    live = {f"{each.id:010d}" for each in studio.broadcasts.live("fleet")}
    assert [name for name, number in numbers.items() if number not in live] == cancelled


@pytest.mark.parametrize(
    ("tlvs", "status"),
    [
        ((NEWS,), CommandStatus.ESME_RBCASTCANCELFAIL),
        ((REFERENCE,), CommandStatus.ESME_RBCASTCANCELFAIL),
        (
            (Tlv(Tag.broadcast_content_type, b"\x09\0\0"),),
            CommandStatus.ESME_RINVBCASTCNTTYPE,
        ),
    ],
)
async def test_where_none_is_meant_none_is_cancelled(
    studio: Studio, tlvs: Sequence[Tlv], status: CommandStatus
) -> None:
    peer = await studio.bound(version=0x50)
    await accepted(peer, schedule_delivery_time=LATER)
    assert await cancel(peer, "", *tlvs) is status
    assert len(studio.broadcasts) == 1


async def test_a_peer_that_parts_is_answered_first(studio: Studio) -> None:
    peer = await studio.bound(version=0x50)
    peer.send(broadcast_sm(peer), Unbind(99))
    assert (await peer.expect(BroadcastSmResp)).command_status == 0
    assert (await peer.expect(UnbindResp)).sequence_number == 99


async def test_a_peer_that_is_gone_does_not_stop_its_broadcast(studio: Studio) -> None:
    peer = await studio.bound(version=0x50)
    connection = studio.connection(peer)
    peer.send(broadcast_sm(peer))
    await peer.sent()
    peer.hang_up()
    await studio.forgotten(connection)
    await studio.until(lambda: len(studio.broadcasts) == 1)
    await studio.wait(0)
    assert studio.inbox() == [b"storm"]


async def test_an_account_has_its_own_alphabet_and_digits(studio: Studio) -> None:
    peer = await studio.bound(system_id="latin", version=0x50)
    studio.ledger.last_id = 0x1F
    text = Tlv(Tag.message_payload, "Sturm über Köln".encode("latin-1"))
    message_id = await accepted(peer, *NEEDED[:-1], text, source_addr="9999")
    assert message_id == "00000020"
    await studio.wait(0)
    device = studio.devices.find(DEVICE)
    assert device is not None
    assert [each.text for each in device.inbox] == ["Sturm über Köln"]
    assert await state(peer, message_id, source_addr="9999") is State.ENROUTE
