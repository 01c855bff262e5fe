"""Receipts find their messages: days later, twice, early, or never."""

import pytest

from smsc.delivery.correlation import RECEIPTS_A_TURN
from smsc.delivery.petition import Ruling
from smsc.message import State
from smsc.smpp.commands import CommandStatus
from smsc.upstream.line import Report
from smsc.upstream.reports import EARLY_ON_A_LINK, EARLY_SECONDS
from tests.delivery.world import VALIDITY
from tests.upstream.world import RECEIPT_WAIT, Abroad, answered

ROK, LATER = CommandStatus.ESME_ROK, CommandStatus.ESME_RX_T_APPN
NOT_FINAL = (State.SCHEDULED, State.ENROUTE, State.ACCEPTED)
FINAL = tuple(state for state in State if state not in NOT_FINAL)


@pytest.mark.parametrize("state", FINAL)
async def test_a_receipt_ends_its_message_and_is_told_on(world: Abroad, state: State) -> None:
    world.up()
    world.bind()
    message_id, remote_id = await world.forward()
    assert await world.state(message_id) is State.ENROUTE
    assert await world.told(world.a, remote_id, state, error=21) == ROK
    history = await world.history(message_id)
    assert (history.state, history.error, history.attempts) == (state, 21, 1)
    assert world.fleet.receipts == [(message_id, state.name)]
    assert answered(world.journal.receipts) == {("a", "ended"): 1}


async def test_who_asked_for_none_gets_no_receipt(world: Abroad) -> None:
    world.up()
    world.bind()
    message_id, remote_id = await world.forward(registered_delivery=0)
    await world.told(world.a, remote_id, State.DELIVERED)
    assert await world.state(message_id) is State.DELIVERED
    assert world.fleet.receipts == []


@pytest.mark.parametrize("state", NOT_FINAL)
async def test_an_intermediate_receipt_changes_nothing(world: Abroad, state: State) -> None:
    world.up()
    message_id, remote_id = await world.forward()
    assert await world.told(world.a, remote_id, state) == ROK
    assert await world.state(message_id) is State.ENROUTE
    assert answered(world.journal.receipts) == {("a", "pending"): 1}


async def test_a_receipt_is_answered_when_its_message_has_ended_on_the_disk(
    world: Abroad,
) -> None:
    world.up()
    _, remote_id = await world.forward()
    await world.store.hold()
    world.a.report(Report(remote_id, State.DELIVERED))
    await world.calm()
    assert world.a.replies == []
    world.store.release()
    await world.calm()
    assert world.a.replies == [ROK]


async def test_a_receipt_comes_days_later_and_after_a_restart(world: Abroad) -> None:
    world.up()
    message_id, remote_id = await world.forward()
    await world.wait(VALIDITY + RECEIPT_WAIT - 60)
    await world.reopen()
    world.up()
    world.bind()
    assert await world.told(world.a, remote_id, State.DELIVERED) == ROK
    assert world.fleet.receipts == [(message_id, "DELIVERED")]


async def test_after_a_restart_a_forwarded_message_is_not_sent_again(world: Abroad) -> None:
    world.up()
    await world.forward()
    await world.reopen()
    world.up()
    await world.wait(600)
    assert world.a.sent == world.b.sent == []
    assert world.opened_with == 0


async def test_what_was_taken_but_not_written_down_is_sent_again(world: Abroad) -> None:
    world.up()
    message_id = await world.leave()
    await world.store.hold()
    world.a.answer_all()
    await world.calm()
    await world.reopen()
    world.up()
    await world.calm()
    assert [message.id for message in world.a.sent] == [message_id]


async def test_a_receipt_that_comes_twice_is_acknowledged_twice_and_told_once(
    world: Abroad,
) -> None:
    world.up()
    world.bind()
    message_id, remote_id = await world.forward()
    twice = [Report(remote_id, State.DELIVERED), Report(remote_id, State.EXPIRED)]
    world.a.report(*twice)
    await world.calm()
    world.a.report(*twice)
    await world.calm()
    assert world.a.replies == [ROK] * 4
    assert world.fleet.receipts == [(message_id, "DELIVERED")]
    assert answered(world.journal.receipts) == {("a", "ended"): 2, ("a", "unknown"): 2}


async def test_a_receipt_for_an_id_that_nobody_knows_is_acknowledged(world: Abroad) -> None:
    world.up()
    assert await world.told(world.a, "what?", State.DELIVERED) == ROK
    assert answered(world.journal.receipts) == {("a", "unknown"): 1}


async def test_an_id_is_known_over_its_own_link_alone(world: Abroad) -> None:
    world.up()
    message_id, remote_id = await world.forward()
    await world.told(world.b, remote_id, State.DELIVERED)
    assert await world.state(message_id) is State.ENROUTE


async def test_an_id_may_be_written_otherwise_in_the_receipt(world: Abroad) -> None:
    world.up()
    message_id = await world.leave()
    world.a.answer_all()
    await world.calm()
    world.a.report(Report("10", State.DELIVERED, other_ids=("zz", "a-1")))
    await world.calm()
    assert await world.state(message_id) is State.DELIVERED


async def test_of_messages_with_one_id_the_latest_is_meant_and_then_the_one_before(
    world: Abroad,
) -> None:
    world.up()
    ids = []
    for _ in range(2):
        ids.append(await world.leave())
        world.a.answer(world.a.unanswered[:], remote_id="again")
        await world.calm()
    await world.told(world.a, "again", State.DELIVERED)
    assert [await world.state(each) for each in ids] == [State.ENROUTE, State.DELIVERED]
    await world.told(world.a, "again", State.EXPIRED)
    assert await world.state(ids[0]) is State.EXPIRED


# --- early ------------------------------------------------------------------------------------


async def test_a_receipt_may_come_before_the_answer_to_the_submit(world: Abroad) -> None:
    world.up()
    message_id = await world.leave()
    world.a.report(Report("a-1", State.DELIVERED))
    await world.calm()
    assert world.a.replies == []
    world.a.answer_all()
    await world.calm()
    assert world.a.replies == [ROK]
    assert await world.state(message_id) is State.DELIVERED


async def test_a_receipt_may_come_with_the_answer_to_the_submit(world: Abroad) -> None:
    world.up()
    message_id = await world.leave()
    world.a.answer_all()
    world.a.report(Report("a-1", State.DELIVERED))
    await world.calm()
    assert await world.state(message_id) is State.DELIVERED


async def test_no_more_receipts_wait_for_answers_than_leave_room_to_read_those(
    world: Abroad,
) -> None:
    world.up()
    await world.leave()
    for number in range(EARLY_ON_A_LINK + 1):
        world.a.report(Report(f"nobody's {number}", State.DELIVERED))
    await world.calm()
    assert world.a.replies == [LATER]
    world.a.answer_all()
    await world.calm()
    assert world.a.replies == [LATER] + [ROK] * EARLY_ON_A_LINK


async def test_a_receipt_does_not_wait_for_ever_for_an_answer(world: Abroad) -> None:
    world.up()
    await world.leave()
    world.a.report(Report("nobody's", State.DELIVERED))
    await world.wait(EARLY_SECONDS - 1)
    world.a.report(Report("nobody's either", State.DELIVERED))
    await world.wait(1)
    assert world.a.replies == [LATER]
    await world.wait(EARLY_SECONDS)
    assert world.a.replies == [LATER, LATER]
    assert answered(world.journal.receipts) == {("a", "failed"): 2}


async def test_a_receipt_that_waited_in_vain_is_acknowledged(world: Abroad) -> None:
    world.up()
    await world.leave()
    world.a.report(Report("what?", State.DELIVERED))
    await world.leave("later")
    world.a.answer(world.a.unanswered[:1])
    await world.calm()
    # The second submit came after the receipt: it isn't what that is about.
    assert world.a.replies == [ROK]


@pytest.mark.parametrize("status", [None, CommandStatus.ESME_RSYSERR])
async def test_a_receipt_does_not_wait_for_a_submit_that_failed(
    world: Abroad, status: int | None
) -> None:
    world.up()
    await world.leave()
    world.a.report(Report("what?", State.DELIVERED))
    await world.calm()
    world.a.answer_all(status)
    await world.calm()
    assert world.a.replies == [ROK]


async def test_a_lost_link_leaves_no_receipt_behind(world: Abroad) -> None:
    world.up()
    await world.leave()
    world.a.report(Report("what?", State.DELIVERED))
    await world.calm()
    world.a.down()
    await world.calm()
    assert world.a.replies == [ROK]


# --- never ------------------------------------------------------------------------------------


async def test_without_a_receipt_by_its_deadline_the_end_is_unknown(world: Abroad) -> None:
    world.up()
    world.bind()
    message_id, remote_id = await world.forward()
    await world.wait(VALIDITY + RECEIPT_WAIT - 60)
    assert await world.state(message_id) is State.ENROUTE
    await world.wait(120)
    assert await world.state(message_id) is State.UNKNOWN
    assert world.fleet.receipts == [(message_id, "UNKNOWN")]
    assert await world.told(world.a, remote_id, State.DELIVERED) == ROK
    assert await world.state(message_id) is State.UNKNOWN
    assert answered(world.journal.receipts) == {("a", "overdue"): 1, ("a", "unknown"): 1}


async def test_a_flood_of_receipts_does_not_keep_what_is_overdue_waiting(world: Abroad) -> None:
    world.up()
    await world.forward()
    await world.calm()
    overdue: list[int] = []
    told = Report("nobody's", State.DELIVERED)
    world.clock.advance(VALIDITY + RECEIPT_WAIT + 1)
    world.a.report(
        *[told] * (3 * RECEIPTS_A_TURN),
        replied=lambda _: overdue.append(world.journal.receipts["a", "overdue"]),
    )
    await world.calm()
    assert overdue.count(0) == RECEIPTS_A_TURN
    assert overdue.count(1) == 2 * RECEIPTS_A_TURN


async def test_many_deadlines_are_kept_through_a_restart(world: Abroad) -> None:
    world.up()
    world.a.window = 2000
    for number in range(1200):
        world.submit(str(number), "155500010001")
    await world.calm()
    while world.a.answer_all():
        await world.calm()
    await world.reopen()
    await world.wait(VALIDITY + RECEIPT_WAIT + 1)
    for _ in range(3):
        await world.wait(1)
    assert world.journal.receipts["a", "overdue"] == 1200
    assert world.journal.finals[State.UNKNOWN] == 1200


# --- bad disks --------------------------------------------------------------------------------


async def test_a_receipt_that_cannot_be_looked_up_has_to_come_again(world: Abroad) -> None:
    world.up()
    message_id, remote_id = await world.forward()
    world.store.fails_to_read = True
    assert await world.told(world.a, remote_id, State.DELIVERED) == LATER
    world.store.fails_to_read = False
    await world.wait(1)
    assert await world.told(world.a, remote_id, State.DELIVERED) == ROK
    assert await world.state(message_id) is State.DELIVERED


async def test_a_full_disk_holds_up_receipts_and_loses_none(world: Abroad) -> None:
    world.up()
    world.bind()
    message_id = await world.leave()
    world.store.fails_to_write = True
    world.a.answer_all()
    world.a.report(Report("a-1", State.DELIVERED))
    await world.wait(3)
    assert world.a.replies == []
    world.store.fails_to_write = False
    await world.wait(1)
    assert world.a.replies == [ROK]
    assert world.fleet.receipts == [(message_id, "DELIVERED")]


# --- petitions --------------------------------------------------------------------------------


async def test_a_forwarded_message_can_be_asked_about(world: Abroad) -> None:
    world.up()
    message_id, remote_id = await world.forward()
    assert (await world.queried(message_id))[0] is State.ENROUTE
    await world.told(world.a, remote_id, State.DELIVERED)
    assert (await world.queried(message_id))[0] is State.DELIVERED


async def test_a_forwarded_message_can_not_be_taken_back_or_replaced(world: Abroad) -> None:
    world.up()
    message_id, _ = await world.forward()
    assert await world.ruling(world.cancel(message_id)) is Ruling.TOO_LATE
    assert await world.ruling(world.replace(message_id)) is Ruling.TOO_LATE
    assert await world.state(message_id) is State.ENROUTE


async def test_a_message_on_a_link_can_not_be_taken_back(world: Abroad) -> None:
    world.up()
    message_id = await world.leave()
    assert await world.ruling(world.cancel(message_id)) is Ruling.TOO_LATE


async def test_a_message_that_waits_for_a_link_can_be_taken_back(world: Abroad) -> None:
    message_id = await world.leave()
    assert await world.ruling(world.cancel(message_id)) is Ruling.GRANTED
    world.up()
    await world.calm()
    assert world.a.sent == []
