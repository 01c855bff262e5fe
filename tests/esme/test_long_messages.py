"""Long messages on their way to ESMEs: their parts are joined for those that want it."""

from pathlib import Path

from smsc.esme.connection import SECONDS_OF_PAUSE
from smsc.esme.joiner import LIFE_SECONDS, PARTS_HELD
from smsc.message import State, to_account
from smsc.smpp.commands import CommandStatus
from smsc.smpp.pdu import BindReceiver, DeliverSm, DeliverSmResp
from smsc.smpp.tlv import Tag, Tlv
from smsc.store.sqlite import SqliteStore
from tests.esme.peer import Peer
from tests.esme.road import RETRY_SECONDS, Road

UDHI = 0x40


async def sends_part(
    road: Road, sequence: int, text: bytes, total: int = 2, reference: int = 7, to: str = "7777"
) -> int:
    header = bytes((5, 0, 3, reference, total, sequence))
    return await road.device_sends(header + text, to, UDHI)


async def answered(peer: Peer, status: int = 0) -> DeliverSm:
    pdu = await peer.expect(DeliverSm)
    peer.send(DeliverSmResp(pdu.sequence_number, status))
    await peer.heard()
    return pdu


async def held(road: Road, parts: int) -> None:
    """Wait until so many parts wait for others; each makes room for one more."""
    window = 1
    await road.until(lambda: road.esme_agent.capacity(to_account("joined")) == window + parts)


async def grow_old(road: Road, peer: Peer) -> None:
    """Let parts wait as long as they may, while the peer shows that it is there."""
    for _ in range(4):
        await peer.heard()
        road.clock.advance(LIFE_SECONDS / 4)


async def states(road: Road, *numbers: int) -> set[State]:
    return {await road.state(number) for number in numbers}


# Joined.


async def test_parts_come_as_one_message(road: Road) -> None:
    peer = await road.bound(system_id="joined")
    numbers = [await sends_part(road, at, text) for at, text in ((2, b" world"), (1, b"hello"))]
    pdu = await answered(peer)
    assert (pdu.short_message, pdu.esm_class, pdu.tlvs) == (b"hello world", 0, ())
    assert await states(road, *numbers) == {State.DELIVERED}


async def test_a_joined_text_that_is_too_long_for_short_message_comes_in_message_payload(
    road: Road,
) -> None:
    peer = await road.bound(system_id="joined")
    await sends_part(road, 1, b"x" * 153)
    await sends_part(road, 2, b"y" * 102)
    pdu = await answered(peer)
    assert pdu.short_message == b""
    assert pdu.tlvs == (Tlv(Tag.message_payload, b"x" * 153 + b"y" * 102),)


async def test_a_window_of_one_is_no_obstacle_to_many_parts(road: Road) -> None:
    numbers = [await sends_part(road, at, b"%d" % at, total=9) for at in range(1, 10)]
    peer = await road.bound(system_id="joined")
    assert (await answered(peer)).short_message == b"123456789"
    assert await states(road, *numbers) == {State.DELIVERED}


async def test_other_messages_pass_by_parts_that_wait(road: Road) -> None:
    peer = await road.bound(system_id="joined")
    part = await sends_part(road, 1, b"hello")
    await road.device_sends(b"short", "7777")
    assert (await answered(peer)).short_message == b"short"
    assert await states(road, part) == {State.ENROUTE}


async def test_parts_share_the_refusal_of_their_message(road: Road) -> None:
    peer = await road.bound(system_id="joined")
    numbers = [await sends_part(road, at, b"x") for at in (1, 2)]
    await answered(peer, CommandStatus.ESME_RX_P_APPN)
    assert await states(road, *numbers) == {State.UNDELIVERABLE}


async def test_what_failed_is_joined_again_and_sent_again(road: Road) -> None:
    peer = await road.bound(system_id="joined")
    numbers = [await sends_part(road, at, b"%d" % at) for at in (1, 2)]
    await answered(peer, CommandStatus.ESME_RX_T_APPN)
    await road.ledger.written()
    road.clock.advance(RETRY_SECONDS + 1)
    assert (await answered(peer)).short_message == b"12"
    assert await states(road, *numbers) == {State.DELIVERED}


async def test_without_an_answer_the_parts_go_to_the_next_receiver(road: Road) -> None:
    peer = await road.bound(BindReceiver, "joined")
    numbers = [await sends_part(road, at, b"%d" % at) for at in (1, 2)]
    await peer.expect(DeliverSm)
    peer.hang_up()
    other = await road.bound(BindReceiver, "joined")
    assert (await answered(other)).short_message == b"12"
    assert await states(road, *numbers) == {State.DELIVERED}


async def test_a_message_that_stays_incomplete_comes_in_the_parts_there_are(road: Road) -> None:
    peer = await road.bound(system_id="joined")
    number = await sends_part(road, 1, b"hello")
    await held(road, 1)
    await grow_old(road, peer)
    pdu = await answered(peer)
    assert (pdu.short_message, pdu.esm_class) == (bytes.fromhex("050003070201") + b"hello", UDHI)
    assert await states(road, number) == {State.DELIVERED}


async def test_a_bind_without_tlvs_gets_the_parts(road: Road) -> None:
    peer = await road.bound(BindReceiver, "joined", version=0x33)
    await sends_part(road, 1, b"hello")
    assert (await answered(peer)).esm_class == UDHI


async def test_parts_that_wait_survive_a_restart(tmp_path: Path) -> None:
    async with Road(SqliteStore(tmp_path / "smsc.db")) as road:
        peer = await road.bound(system_id="joined")
        number = await sends_part(road, 1, b"hello")
        await held(road, 1)
    async with Road(SqliteStore(tmp_path / "smsc.db")) as road:
        road.ledger.last_id = number
        peer = await road.bound(system_id="joined")
        await sends_part(road, 2, b" world")
        assert (await answered(peer)).short_message == b"hello world"
        assert await states(road, number) == {State.DELIVERED}


async def test_parts_in_any_order_and_come_again_are_one_after_a_restart(tmp_path: Path) -> None:
    async with Road(SqliteStore(tmp_path / "smsc.db")) as road:
        peer = await road.bound(system_id="joined")
        numbers = [await sends_part(road, at, b"%d" % at, total=3) for at in (3, 1, 3)]
        await held(road, 3)
    async with Road(SqliteStore(tmp_path / "smsc.db")) as road:
        road.ledger.last_id = max(numbers)
        peer = await road.bound(system_id="joined")
        await held(road, 3)
        numbers.append(await sends_part(road, 2, b"2", total=3))
        assert (await answered(peer)).short_message == b"123"
        assert await states(road, *numbers) == {State.DELIVERED}


async def test_parts_that_were_sent_and_not_answered_are_joined_again_after_a_restart(
    tmp_path: Path,
) -> None:
    async with Road(SqliteStore(tmp_path / "smsc.db")) as road:
        peer = await road.bound(system_id="joined")
        numbers = [await sends_part(road, at, b"%d" % at) for at in (2, 1)]
        assert (await peer.expect(DeliverSm)).short_message == b"12"
    async with Road(SqliteStore(tmp_path / "smsc.db")) as road:
        road.ledger.last_id = max(numbers)
        peer = await road.bound(system_id="joined")
        assert (await answered(peer)).short_message == b"12"
        assert await states(road, *numbers) == {State.DELIVERED}


async def test_a_part_that_comes_again_is_delivered_once_and_accounted_for(road: Road) -> None:
    peer = await road.bound(system_id="joined")
    numbers = [await sends_part(road, at, text) for at, text in ((1, b"a"), (1, b"a"), (2, b"b"))]
    assert (await answered(peer)).short_message == b"ab"
    assert await states(road, *numbers) == {State.DELIVERED}


async def test_a_part_that_contradicts_another_is_of_another_message(road: Road) -> None:
    peer = await road.bound(system_id="joined")
    numbers = [
        await sends_part(road, at, text) for at, text in ((1, b"old"), (1, b"new"), (2, b"er"))
    ]
    first, second = await answered(peer), await answered(peer)
    assert {first.short_message[-3:], second.short_message} == {b"old", b"newer"}
    assert await states(road, *numbers) == {State.DELIVERED}


async def test_by_default_each_part_comes_as_it_is(road: Road) -> None:
    peer = await road.bound()
    await sends_part(road, 1, b"hello", to="1234")
    pdu = await answered(peer)
    assert (pdu.short_message, pdu.esm_class) == (bytes.fromhex("050003070201") + b"hello", UDHI)


async def test_parts_that_are_let_go_wait_for_room_only(road: Road) -> None:
    peer = await road.bound(system_id="joined")
    numbers = [await sends_part(road, 1, b"%d" % at, reference=at) for at in range(5)]
    await held(road, 5)
    await grow_old(road, peer)
    texts = [(await answered(peer)).short_message[6:] for _ in numbers]
    assert texts == [b"0", b"1", b"2", b"3", b"4"]
    assert await states(road, *numbers) == {State.DELIVERED}


async def test_a_flood_of_parts_without_their_like_holds_nothing_up(road: Road) -> None:
    peer = await road.bound(system_id="joined")
    count = PARTS_HELD + 40
    for at in range(count):
        await sends_part(road, 1 + at % 2, b"x", total=3, reference=at // 2 % 256)
    # Beyond what may wait, the oldest come in parts; a message that is whole passes by.
    gone = [await answered(peer) for _ in range(40)]
    assert all(pdu.esm_class == UDHI for pdu in gone)
    await road.device_sends(b"short", "7777")
    while (await answered(peer)).short_message != b"short":
        assert len(gone) < count


async def test_parts_let_go_while_nobody_is_bound_wait_in_the_store(road: Road) -> None:
    peer = await road.bound(system_id="joined")
    number = await sends_part(road, 1, b"hello")
    await held(road, 1)
    connection = road.connection(peer)
    peer.hang_up()
    await road.forgotten(connection)
    road.clock.advance(LIFE_SECONDS)
    await road.ledger.written()
    assert road.scheduler.in_hand == 0
    peer = await road.bound(system_id="joined")
    await sends_part(road, 2, b" world")
    assert (await answered(peer)).short_message == b"hello world"
    assert await states(road, number) == {State.DELIVERED}


async def test_parts_that_wait_are_joined_though_their_receiver_has_left_meanwhile(
    road: Road,
) -> None:
    gone = await road.bound(system_id="joined")
    connection = road.connection(gone)
    first = await sends_part(road, 1, b"hello")
    await held(road, 1)
    gone.hang_up()
    await road.forgotten(connection)
    second = await sends_part(road, 2, b" world")
    peer = await road.bound(system_id="joined")
    assert (await answered(peer)).short_message == b"hello world"
    assert await states(road, first, second) == {State.DELIVERED}
    assert road.scheduler.in_hand == 0


async def test_what_is_throttled_is_joined_again_when_the_pause_is_over(road: Road) -> None:
    peer = await road.bound(system_id="joined")
    numbers = [await sends_part(road, at, text) for at, text in ((1, b"hello"), (2, b" world"))]
    await answered(peer, CommandStatus.ESME_RTHROTTLED)
    other = [await sends_part(road, at, b"x", reference=8) for at in (1, 2)]
    for _ in range(3):
        await road.turn()
    await peer.heard()
    road.clock.advance(SECONDS_OF_PAUSE)
    texts = {(await answered(peer)).short_message for _ in range(2)}
    assert texts == {b"hello world", b"xx"}
    assert await states(road, *numbers, *other) == {State.DELIVERED}
    assert road.scheduler.in_hand == 0
