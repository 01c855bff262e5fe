"""submit_multi over the wire: several recipients and lists, one id, one answer."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from smsc.esme import multi
from smsc.esme.account import Account
from smsc.message import State
from smsc.numbering import numbering_of
from smsc.smpp import receipt
from smsc.smpp.commands import CommandStatus, Version
from smsc.smpp.pdu import (
    CancelSm,
    CancelSmResp,
    DeliverSm,
    DeliverSmResp,
    DistributionList,
    QuerySm,
    QuerySmResp,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    UnsuccessSme,
)
from smsc.smpp.tlv import Tag, Tlv
from smsc.store.sqlite import SqliteStore
from tests.esme.peer import DEVICE, Peer
from tests.esme.road import Road

ANNA, BERT, CARL = (SmeAddress(1, 1, f"49170000000{number}") for number in (1, 2, 3))
NOBODY = SmeAddress(1, 1, "440000000000")
NORTH, SOUTH = DistributionList("north"), DistributionList("south")
ACCOUNTS = (
    Account(
        system_id="fleet",
        password="secret",
        addresses=("1234",),
        lists={"north": (ANNA.destination_addr, BERT.destination_addr)},
    ),
    Account(system_id="other", password="secret", lists={"south": (DEVICE,)}),
    Account(system_id="german", password="secret", numbering=numbering_of("DE", 8)),
)
IN_AN_HOUR = "000000010000000R"
OK = CommandStatus.ESME_ROK
EVERY_VERSION = pytest.mark.parametrize("version", [int(version) for version in Version])


@pytest.fixture
async def road(tmp_path: Path) -> AsyncIterator[Road]:
    async with Road(SqliteStore(tmp_path / "smsc.db"), ACCOUNTS) as road:
        yield road


async def submit(
    peer: Peer, *dests: SmeAddress | DistributionList, **fields: Any
) -> SubmitMultiResp:
    known = {"short_message": b"hello all"} | fields
    peer.send(SubmitMulti(peer.number(), dest_address=dests, **known))
    return await peer.expect(SubmitMultiResp)


def texts(road: Road, *dests: SmeAddress) -> list[list[bytes]]:
    devices = [road.devices.find(dest.destination_addr) for dest in dests]
    return [[each.octets for each in device.inbox] if device else [] for device in devices]


@EVERY_VERSION
async def test_every_recipient_gets_it_under_one_id(road: Road, version: int) -> None:
    peer = await road.bound(version=version)
    answer = await submit(peer, ANNA, BERT, CARL)
    assert (answer.command_status, answer.unsuccess_sme) == (OK, ())
    await road.until(lambda: texts(road, ANNA, BERT, CARL) == [[b"hello all"]] * 3)
    peer.send(QuerySm(peer.number(), answer.message_id))
    assert (await peer.expect(QuerySmResp)).message_state == State.DELIVERED


async def test_a_list_stands_for_the_numbers_on_it(road: Road) -> None:
    peer = await road.bound()
    answer = await submit(peer, NORTH, CARL)
    assert (answer.command_status, answer.unsuccess_sme) == (OK, ())
    await road.until(lambda: texts(road, ANNA, BERT, CARL) == [[b"hello all"]] * 3)


async def test_recipients_are_dialled_as_in_the_accounts_country(road: Road) -> None:
    peer = await road.bound(system_id="german")
    forms = SmeAddress(2, 1, "1700000001"), SmeAddress(0, 1, "01700000002")
    assert (await submit(peer, *forms)).unsuccess_sme == ()
    await road.until(lambda: texts(road, ANNA, BERT) == [[b"hello all"]] * 2)


async def test_each_receipt_is_from_its_recipient_and_about_the_one_id(road: Road) -> None:
    peer = await road.bound()
    answer = await submit(peer, ANNA, BERT, registered_delivery=1)
    heard = []
    for _ in range(2):
        pdu = await peer.expect(DeliverSm)
        heard.append((pdu.source_addr, receipt.decode(pdu.short_message).id))
        peer.send(DeliverSmResp(pdu.sequence_number))
    assert sorted(heard) == [(dest.destination_addr, answer.message_id) for dest in (ANNA, BERT)]


@pytest.mark.parametrize(
    ("version", "status"),
    [(0x50, CommandStatus.ESME_RINVDSTADR), (0x33, CommandStatus.ESME_RINVDSTADR)],
)
async def test_who_does_not_get_it_is_listed_with_the_reason(
    road: Road, version: int, status: CommandStatus
) -> None:
    peer = await road.bound(version=version)
    answer = await submit(peer, NOBODY, ANNA, SOUTH)
    assert answer.command_status == OK
    assert answer.message_id
    assert set(answer.unsuccess_sme) == {
        UnsuccessSme(1, 1, NOBODY.destination_addr, status),
        UnsuccessSme(0, 0, "south", CommandStatus.ESME_RINVDLNAME),
    }
    await road.until(lambda: texts(road, ANNA) == [[b"hello all"]])


@pytest.mark.parametrize(
    ("dests", "status"),
    [
        ([NOBODY], CommandStatus.ESME_RINVDSTADR),
        ([SOUTH], CommandStatus.ESME_RINVDLNAME),
        ([SOUTH, NOBODY], CommandStatus.ESME_RINVDLNAME),
        ([], CommandStatus.ESME_RINVNUMDESTS),
    ],
)
async def test_if_nobody_gets_it_the_first_reason_is_the_answer(
    road: Road, dests: list[SmeAddress | DistributionList], status: CommandStatus
) -> None:
    peer = await road.bound()
    answer = await submit(peer, *dests)
    assert (answer.command_status, answer.message_id, answer.unsuccess_sme) == (status, "", ())


async def test_a_5_0_peer_is_told_the_reason_in_words(road: Road) -> None:
    peer = await road.bound(version=0x50)
    (tag, words), _ = (await submit(peer, SOUTH)).tlvs
    assert tag == Tag.additional_status_info_text
    assert "south" in str(words)


async def test_lists_that_are_too_long_together_are_refused(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(multi, "MOST_RECIPIENTS", 4)
    peer = await road.bound()
    assert (await submit(peer, NORTH, NORTH)).command_status == OK
    answer = await submit(peer, NORTH, NORTH, CARL)
    assert answer.command_status == CommandStatus.ESME_RINVNUMDESTS


async def test_no_more_failures_are_listed_than_can_be_counted(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(multi, "MOST_FAILURES", 3)
    peer = await road.bound()
    assert len((await submit(peer, ANNA, *[NOBODY] * 5)).unsuccess_sme) == 3


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"priority_flag": 5}, CommandStatus.ESME_RINVPRTFLG),
        ({"validity_period": "x"}, CommandStatus.ESME_RINVEXPIRY),
        ({"tlvs": (Tlv(Tag.message_payload, b"b"),)}, CommandStatus.ESME_RTLVNOTALLWD),
        ({"esm_class": 0x40, "short_message": b""}, CommandStatus.ESME_RINVESMCLASS),
    ],
)
async def test_what_a_submit_sm_is_refused_for_a_submit_multi_is_too(
    road: Road, fields: dict[str, Any], status: CommandStatus
) -> None:
    peer = await road.bound()
    assert (await submit(peer, ANNA, BERT, **fields)).command_status == status


async def test_one_recipient_is_cancelled_and_then_the_others(road: Road) -> None:
    peer = await road.bound()
    answer = await submit(peer, ANNA, BERT, CARL, schedule_delivery_time=IN_AN_HOUR)
    message_id = answer.message_id
    one = CancelSm(peer.number(), message_id=message_id, destination_addr=BERT.destination_addr)
    everyone = CancelSm(peer.number(), message_id=message_id)
    peer.send(one)
    assert (await peer.expect(CancelSmResp)).command_status == OK
    assert [await road.state(number) for number in (1, 2, 3)] == [
        State.SCHEDULED,
        State.DELETED,
        State.SCHEDULED,
    ]
    peer.send(one, everyone)
    statuses = [(await peer.expect(CancelSmResp)).command_status for _ in range(2)]
    assert statuses == [CommandStatus.ESME_RCANCELFAIL, OK]


async def test_those_before_are_replaced_where_that_is_asked(road: Road) -> None:
    peer = await road.bound()
    for _ in range(2):
        answer = await submit(
            peer, NORTH, schedule_delivery_time=IN_AN_HOUR, replace_if_present_flag=1
        )
        assert answer.command_status == OK
    states = [
        await road.state(number)
        for number in range(1, road.ledger.last_id + 1)
        if await road.store.history(number)
    ]
    assert sorted(states) == [State.SCHEDULED] * 2 + [State.DELETED] * 2
