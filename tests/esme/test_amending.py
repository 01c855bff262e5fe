"""query_sm, cancel_sm and replace_sm over the wire, in the words of each version."""

from pathlib import Path
from typing import Any

import pytest

from smsc.delivery import amendments
from smsc.message import State
from smsc.network.hlr import Subscription
from smsc.smpp import times
from smsc.smpp.commands import CommandStatus, Version
from smsc.smpp.pdu import (
    BindReceiver,
    CancelSm,
    CancelSmResp,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    ReplaceSmResp,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from smsc.smpp.tlv import Tag, Tlv
from smsc.store.sqlite import SqliteStore
from tests.esme.peer import DEVICE, Peer
from tests.esme.road import BARRED, DEVICES, Road

IN_AN_HOUR = "000000010000000R"
OK = CommandStatus.ESME_ROK
EVERY_VERSION = pytest.mark.parametrize("version", [int(version) for version in Version])


async def scheduled(peer: Peer, **fields: Any) -> str:
    """Submit a message that waits for its hour; return its id."""
    known = {"destination_addr": DEVICE, "schedule_delivery_time": IN_AN_HOUR}
    peer.send(SubmitSm(peer.number(), **{"short_message": b"old"} | known | fields))
    answer = await peer.expect(SubmitSmResp)
    assert answer.command_status == OK
    return answer.message_id


async def query(peer: Peer, message_id: str, source_addr: str = "") -> QuerySmResp:
    peer.send(QuerySm(peer.number(), message_id, 0, 0, source_addr))
    return await peer.expect(QuerySmResp)


async def cancel(peer: Peer, message_id: str = "", **fields: Any) -> CancelSmResp:
    peer.send(CancelSm(peer.number(), message_id=message_id, **fields))
    return await peer.expect(CancelSmResp)


async def replace(peer: Peer, message_id: str, **fields: Any) -> ReplaceSmResp:
    known = {"short_message": b"new"} | fields
    peer.send(ReplaceSm(peer.number(), message_id, **known))
    return await peer.expect(ReplaceSmResp)


# query_sm


@EVERY_VERSION
async def test_a_query_tells_how_a_message_ended(road: Road, version: int) -> None:
    peer = await road.bound(version=version)
    message_id = (await peer.submit()).message_id
    await road.state(1)
    answer = await query(peer, message_id)
    assert answer.message_id == message_id
    assert answer.command_status == OK
    assert (answer.message_state, answer.error_code) == (State.DELIVERED, 0)
    assert times.parse(answer.final_date, 0) == road.clock.now()


@pytest.mark.parametrize(
    ("version", "state"), [(0x33, State.ENROUTE), (0x34, State.ENROUTE), (0x50, State.SCHEDULED)]
)
async def test_only_5_0_knows_that_a_message_is_scheduled(
    road: Road, version: int, state: State
) -> None:
    peer = await road.bound(version=version)
    answer = await query(peer, await scheduled(peer))
    assert (answer.message_state, answer.final_date) == (state, "")


async def test_a_3_3_peer_may_write_its_id_as_it_likes(road: Road) -> None:
    road.ledger.last_id = 0xABC - 1
    peer = await road.bound(version=0x33)
    assert await scheduled(peer) == "00000ABC"
    for text in ("00000ABC", "abc", "0ABC"):
        assert (await query(peer, text)).command_status == OK


@pytest.mark.parametrize("text", ["", "x", "0", "-1", "1" * 19, "deadbeef", "²"])
async def test_what_is_no_id_is_unknown(road: Road, text: str) -> None:
    peer = await road.bound()
    assert (await query(peer, text)).command_status == CommandStatus.ESME_RQUERYFAIL
    answer = await replace(peer, text)
    assert answer.command_status == CommandStatus.ESME_RINVMSGID
    assert road.journal.amendments == {("query", "malformed"): 1, ("replace", "malformed"): 1}


async def test_nobody_learns_of_the_messages_of_others(road: Road) -> None:
    peer, other = await road.bound(), await road.bound(system_id="other")
    message_id = await scheduled(peer, source_addr="4400")
    for asker, source, asked in (
        (other, "4400", message_id),
        (peer, "4401", message_id),
        (peer, "4400", "0000000002"),
    ):
        answer = await query(asker, asked, source)
        assert answer.command_status == CommandStatus.ESME_RQUERYFAIL
    assert (await query(peer, message_id, "4400")).command_status == OK


async def test_type_and_plan_of_a_source_do_not_matter(road: Road) -> None:
    peer = await road.bound()
    message_id = await scheduled(peer, source_addr_ton=5, source_addr="Nobody")
    for ton, npi in ((5, 0), (0, 0), (1, 1)):
        peer.send(QuerySm(peer.number(), message_id, ton, npi, "Nobody"))
        assert (await peer.expect(QuerySmResp)).command_status == OK
    source = {"source_addr_ton": 1, "source_addr_npi": 8, "source_addr": "Nobody"}
    assert (await replace(peer, message_id, **source)).command_status == OK
    dest = {"dest_addr_ton": 2, "dest_addr_npi": 3, "destination_addr": DEVICE}
    assert (await cancel(peer, message_id, **source, **dest)).command_status == OK


@pytest.mark.parametrize(("error", "told"), [(32, 32), (255, 255), (300, 255)])
async def test_a_query_tells_the_cause_as_far_as_an_octet_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int, told: int
) -> None:
    broken = Subscription(error=error, permanent=True)
    monkeypatch.setitem(DEVICES, BARRED, broken)
    async with Road(SqliteStore(tmp_path / "other.db")) as road:
        peer = await road.bound()
        peer.send(SubmitSm(7, destination_addr=BARRED))
        message_id = (await peer.expect(SubmitSmResp)).message_id
        await road.state(message_id)
        answer = await query(peer, message_id)
        assert (answer.message_state, answer.error_code) == (State.UNDELIVERABLE, told)


async def test_a_receiver_may_not_ask(road: Road) -> None:
    peer = await road.bound(BindReceiver)
    assert (await query(peer, "1")).command_status == CommandStatus.ESME_RINVBNDSTS


# cancel_sm


@EVERY_VERSION
async def test_a_message_is_cancelled_once(road: Road, version: int) -> None:
    peer = await road.bound(version=version)
    message_id = await scheduled(peer)
    assert (await cancel(peer, message_id)).command_status == OK
    assert await road.state(1) is State.DELETED
    assert (await cancel(peer, message_id)).command_status == CommandStatus.ESME_RCANCELFAIL
    assert (await query(peer, message_id)).message_state == State.DELETED


async def test_a_service_type_picks_none_where_there_is_an_id(road: Road) -> None:
    peer = await road.bound()
    message_id = await scheduled(peer, service_type="VMA")
    assert (await cancel(peer, message_id, service_type="CMT")).command_status == OK


async def test_an_id_that_nobody_has_is_told_from_a_message_that_is_gone(road: Road) -> None:
    peer = await road.bound()
    message_id = (await peer.submit()).message_id
    answer = await cancel(peer, message_id)
    assert answer.command_status == CommandStatus.ESME_RCANCELFAIL
    assert (await cancel(peer, "7")).command_status == CommandStatus.ESME_RINVMSGID
    other = await cancel(peer, message_id, destination_addr="491700000009")
    assert other.command_status == CommandStatus.ESME_RINVMSGID


async def test_all_that_match_are_cancelled(road: Road) -> None:
    peer = await road.bound()
    for service_type in ("VMA", "VMA", "CMT"):
        await scheduled(peer, service_type=service_type)
    fields = {"destination_addr": DEVICE, "service_type": "VMA"}
    assert (await cancel(peer, **fields)).command_status == OK
    assert [await road.state(number) for number in (1, 2, 3)] == [
        State.DELETED,
        State.DELETED,
        State.SCHEDULED,
    ]
    assert (await cancel(peer, **fields)).command_status == CommandStatus.ESME_RCANCELFAIL


async def test_without_an_id_the_recipient_must_be_named(road: Road) -> None:
    peer = await road.bound(version=0x50)
    await scheduled(peer)
    answer = await cancel(peer)
    assert answer.command_status == CommandStatus.ESME_RINVDSTADR
    (_, words), _ = answer.tlvs
    assert "destination_addr" in str(words)
    assert await road.state(1) is State.SCHEDULED


async def test_a_5_0_peer_is_told_why_in_words(road: Road) -> None:
    peer = await road.bound(version=0x50)
    message_id = (await peer.submit()).message_id
    (tag, words), _ = (await cancel(peer, message_id)).tlvs
    assert tag == Tag.additional_status_info_text
    assert "ended" in str(words)


# replace_sm


@EVERY_VERSION
async def test_the_new_text_is_delivered_under_the_old_id(road: Road, version: int) -> None:
    peer = await road.bound(version=version)
    message_id = await scheduled(peer)
    assert (await replace(peer, message_id)).command_status == OK
    road.clock.advance(3600)
    await road.until(lambda: road.inbox() == [b"new"])
    later = await road.bound(version=version)
    assert (await query(later, message_id)).message_state == State.DELIVERED


async def test_a_longer_text_comes_in_a_tlv(road: Road) -> None:
    peer = await road.bound(version=0x50)
    message_id, text = await scheduled(peer), b"x" * 1000
    tlvs = (Tlv(Tag.message_payload, text),)
    assert (await replace(peer, message_id, short_message=b"", tlvs=tlvs)).command_status == OK
    both = await replace(peer, message_id, tlvs=tlvs)
    assert both.command_status == CommandStatus.ESME_RTLVNOTALLWD
    history = await road.store.history(int(message_id))
    assert history is not None and history.message.payload == text


async def test_a_new_hour_and_a_new_end_count(road: Road) -> None:
    peer = await road.bound()
    message_id = await scheduled(peer)
    answer = await replace(
        peer,
        message_id,
        schedule_delivery_time="000000000500000R",
        validity_period="000000000600000R",
    )
    assert answer.command_status == OK
    history = await road.store.history(int(message_id))
    assert history is not None
    assert history.message.not_before == road.clock.now() + 300_000
    assert history.message.expires_at == road.clock.now() + 360_000


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"schedule_delivery_time": "x"}, CommandStatus.ESME_RINVSCHED),
        ({"validity_period": "x"}, CommandStatus.ESME_RINVEXPIRY),
        ({"validity_period": "200101000000000+"}, CommandStatus.ESME_RINVEXPIRY),
        ({"schedule_delivery_time": "000010000000000R"}, CommandStatus.ESME_RINVSCHED),
        (
            {"schedule_delivery_time": "000200000000000R", "validity_period": "000300000000000R"},
            CommandStatus.ESME_RINVSCHED,
        ),
        (
            {"tlvs": (Tlv(Tag.message_payload, b"x" * 40_000),), "short_message": b""},
            CommandStatus.ESME_RINVMSGLEN,
        ),
    ],
)
async def test_what_cannot_be_is_told_as_for_a_submit_sm(
    road: Road, fields: dict[str, Any], status: CommandStatus
) -> None:
    peer = await road.bound()
    message_id = await scheduled(peer)
    assert (await replace(peer, message_id, **fields)).command_status == status


async def test_a_text_of_the_operators_comes_with_its_own_data_coding(road: Road) -> None:
    peer = await road.bound()
    message_id = await scheduled(peer, data_coding=8, short_message=b"\0x")
    canned = {"short_message": b"", "sm_default_msg_id": 1}
    assert (await replace(peer, message_id, **canned)).command_status == OK
    history = await road.store.history(int(message_id))
    assert history is not None
    assert (history.message.payload, history.message.data_coding) == (b"Your parcel is here.", 0)
    answer = await replace(peer, message_id, **canned | {"sm_default_msg_id": 9})
    assert answer.command_status == CommandStatus.ESME_RINVDFTMSGID


@pytest.mark.parametrize(
    ("fields", "sm_default_msg_id"),
    [({"short_message": b"new"}, 0), ({"short_message": b""}, 1), ({"short_message": b""}, 0)],
)
async def test_where_there_was_a_header_there_must_be_one(
    road: Road, fields: dict[str, Any], sm_default_msg_id: int
) -> None:
    peer = await road.bound()
    message_id = await scheduled(peer, esm_class=0x40, short_message=b"\x02\x70\0old")
    answer = await replace(peer, message_id, sm_default_msg_id=sm_default_msg_id, **fields)
    assert answer.command_status == CommandStatus.ESME_RINVESMCLASS


async def test_what_is_gone_or_was_never_there_is_not_replaced(road: Road) -> None:
    peer = await road.bound()
    gone = (await peer.submit()).message_id
    assert (await replace(peer, gone)).command_status == CommandStatus.ESME_RREPLACEFAIL
    assert (await replace(peer, "77")).command_status == CommandStatus.ESME_RINVMSGID


# replace_if_present_flag


async def test_a_submit_sm_takes_the_place_of_the_one_before(road: Road) -> None:
    peer = await road.bound()
    old = await scheduled(peer)
    new = await scheduled(peer, short_message=b"new", replace_if_present_flag=1)
    assert (await query(peer, old)).message_state == State.DELETED
    assert (await query(peer, new)).message_state == State.ENROUTE
    road.clock.advance(3600)
    await road.until(lambda: road.inbox() == [b"new"])


async def test_a_flag_that_means_nothing_is_refused(road: Road) -> None:
    peer = await road.bound()
    peer.send(SubmitSm(7, destination_addr=DEVICE, replace_if_present_flag=2))
    assert await peer.read() == SubmitSmResp(7, CommandStatus.ESME_RINVREPFLAG)


# The line.


async def test_a_line_that_is_full_throttles(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    peer = await road.bound()
    monkeypatch.setattr(amendments, "LONGEST_LINE", 0)
    message_id = await scheduled(peer)
    for answer in (await query(peer, message_id), await cancel(peer, message_id)):
        assert answer.command_status == CommandStatus.ESME_RTHROTTLED


async def test_an_unbind_is_answered_after_what_was_asked_before_it(road: Road) -> None:
    peer = await road.bound()
    message_id = await scheduled(peer)
    number = peer.number()
    peer.send(CancelSm(number, message_id=message_id), Unbind(99))
    assert await peer.ended() == [CancelSmResp(number), UnbindResp(99)]


async def test_who_hangs_up_does_not_stop_what_he_asked_for(road: Road) -> None:
    peer, witness = await road.bound(), await road.bound()
    message_id = await scheduled(peer)
    connection = road.connection(peer)
    peer.send(CancelSm(peer.number(), message_id=message_id))
    await peer.sent()
    peer.hang_up()
    await road.forgotten(connection)
    await road.until(lambda: not road.amendments.asked)
    await road.ledger.written()
    assert (await query(witness, message_id)).message_state == State.DELETED


async def test_many_requests_at_once_are_answered_each_by_its_number(road: Road) -> None:
    peer = await road.bound()
    ids = [await scheduled(peer) for _ in range(50)]
    requests = [CancelSm(peer.number(), message_id=each) for each in ids]
    peer.send(*requests)
    answers = [await peer.expect(CancelSmResp) for _ in requests]
    assert answers == [CancelSmResp(request.sequence_number) for request in requests]
