"""Broadcasts: durable before they are answered, repeated by the clock, never more than asked."""

import asyncio

import msgspec
import pytest

from smsc.delivery import broadcasts as room
from smsc.delivery.ledger import SECONDS_BETWEEN_TRIES
from smsc.message import REACH_UNKNOWN, Address, Broadcast, BroadcastArea, State
from smsc.smpp.broadcast import TimeUnit
from smsc_routing.decision import Reason
from tests.delivery.studio import BERLIN, MARS, MINUTE, Studio

# The way in.


async def test_a_broadcast_is_answered_when_it_is_durable_and_not_before(studio: Studio) -> None:
    await studio.store.hold()
    number = studio.submit()
    await studio.calm()
    assert (studio.door.answers, studio.air.sent) == (0, [])
    studio.store.release()
    await studio.calm()
    assert studio.door.ids == {number: number}
    assert studio.door.flushes == [1]


async def test_one_that_could_not_be_written_is_refused_and_never_sent(studio: Studio) -> None:
    studio.store.fails_to_write = True
    number = studio.submit()
    await studio.calm()
    assert studio.door.verdicts[number].reason is Reason.STORE_FAILED
    studio.store.fails_to_write = False
    await studio.wait(SECONDS_BETWEEN_TRIES + 1)
    assert studio.air.sent == []
    assert studio.broadcasts.find("fleet", number) is None


async def test_nothing_is_taken_while_the_store_fails(studio: Studio) -> None:
    studio.store.fails_to_write = True
    studio.submit()
    await studio.calm()
    number = studio.submit()
    assert studio.door.verdicts[number].reason is Reason.STORE_FAILED


async def test_only_so_many_may_live_at_a_time(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "LIVE", 2)
    later = studio.clock.now() + MINUTE
    studio.submit(next_at=later)
    await studio.calm()
    studio.submit(next_at=later)
    third = studio.submit(next_at=later)
    assert studio.door.verdicts[third].reason is Reason.QUOTA
    await studio.calm()
    studio.broadcasts.cancel([next(studio.broadcasts.live("fleet"))], lambda: None)
    fourth = studio.submit(next_at=later)
    await studio.calm()
    assert fourth in studio.door.ids
    assert len(studio.broadcasts) == 2


# By the clock.


async def test_it_is_sent_as_often_as_asked_for_in_its_interval(studio: Studio) -> None:
    number = await studio.send(repetitions=3)
    counts = [len(studio.air.sent)]
    for _ in range(5):
        await studio.wait(599)
        counts.append(len(studio.air.sent))
        await studio.wait(1)
        counts.append(len(studio.air.sent))
    assert counts == [1, 1, 2, 2, 3, 3, 3, 3, 3, 3, 3]
    assert studio.state(number) is State.DELIVERED


async def test_a_scheduled_one_waits_for_its_time(studio: Studio) -> None:
    number = await studio.send(next_at=studio.clock.now() + MINUTE)
    assert (studio.state(number), studio.air.sent) == (State.SCHEDULED, [])
    await studio.wait(60)
    assert (studio.state(number), len(studio.air.sent)) == (State.ENROUTE, 1)


async def test_a_repetition_is_on_the_disk_before_it_is_on_the_air(studio: Studio) -> None:
    await studio.send(next_at=studio.clock.now() + MINUTE)
    await studio.store.hold()
    await studio.wait(60)
    assert studio.air.sent == []
    studio.store.release()
    await studio.calm()
    assert len(studio.air.sent) == 1


async def test_one_that_could_not_be_counted_is_made_when_it_can(studio: Studio) -> None:
    await studio.send(next_at=studio.clock.now() + MINUTE)
    studio.store.fails_to_write = True
    await studio.wait(60)
    assert studio.air.sent == []
    studio.store.fails_to_write = False
    await studio.wait(SECONDS_BETWEEN_TRIES)
    assert len(studio.air.sent) == 1


async def test_the_next_repetition_waits_until_the_last_is_off_the_air(studio: Studio) -> None:
    studio.air.success = None
    await studio.send(interval_unit=TimeUnit.SECONDS, interval_number=1)
    await studio.wait(30)
    assert len(studio.air.sent) == 1
    studio.air.land(100)
    await studio.wait(0)
    assert len(studio.air.sent) == 2


async def test_what_a_repetition_reached_is_told_area_by_area(studio: Studio) -> None:
    studio.air.success = None
    number = await studio.send(areas=(BERLIN, MARS))
    assert [area.success for area in studio.known(number).areas] == [REACH_UNKNOWN, 0]
    studio.air.land(75, 0)
    assert [area.success for area in studio.known(number).areas] == [75, 0]


async def test_one_whose_validity_is_over_expires(studio: Studio) -> None:
    now = studio.clock.now()
    number = await studio.send(expires_at=now + 15 * MINUTE)
    await studio.wait(15 * 60 - 1)
    assert studio.state(number) is State.ENROUTE
    await studio.wait(1)
    assert (studio.state(number), len(studio.air.sent)) == (State.EXPIRED, 2)
    assert studio.known(number).ended_at == now + 15 * MINUTE


async def test_of_those_due_together_the_urgent_go_first(studio: Studio) -> None:
    later = studio.clock.now() + MINUTE
    for text, priority in ((b"background", 4), (b"normal", 0), (b"at once", 1), (b"high", 2)):
        studio.submit(payload=text, priority=priority, next_at=later)
    await studio.wait(60)
    assert studio.air.texts == [b"at once", b"high", b"normal", b"background"]


async def test_many_due_together_go_a_few_at_a_time_and_none_is_left(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "SENT_AT_ONCE", 2)
    for _ in range(7):
        studio.submit(next_at=studio.clock.now() + MINUTE)
    await studio.wait(60)
    counts = [len(studio.air.sent)]
    for _ in range(4):
        await studio.wait(room.SHORTEST_WAIT)
        counts.append(len(studio.air.sent))
    assert counts == [2, 4, 6, 7, 7]


async def test_those_due_at_one_moment_after_another_share_a_look(studio: Studio) -> None:
    now = studio.clock.now()
    for later in range(5):
        studio.submit(next_at=now + MINUTE + later)
    await studio.wait(60)
    await studio.wait(0.05)
    assert len(studio.air.sent) == 1
    await studio.wait(0.06)
    assert len(studio.air.sent) == 5


async def test_what_was_reached_is_written_again_only_if_it_has_changed(studio: Studio) -> None:
    await studio.send(repetitions=9)
    await studio.wait(600)
    before = len(studio.store.batches)
    await studio.wait(600)
    assert len(studio.store.batches) == before + 1
    studio.air.success = 60
    await studio.wait(600)
    assert len(studio.store.batches) == before + 3


async def test_one_that_is_accepted_while_we_close_is_left_to_the_next_life(
    studio: Studio,
) -> None:
    number = studio.submit()
    studio.broadcasts.close()
    await studio.wait(60)
    assert (number in studio.door.ids, studio.air.sent) == (True, [])
    await studio.reopen()
    await studio.wait(0)
    assert len(studio.air.sent) == 1


# Cancelled and replaced.


async def test_a_cancelled_one_is_sent_no_more(studio: Studio) -> None:
    number = await studio.send()
    told = asyncio.Event()
    studio.broadcasts.cancel([studio.known(number)], told.set)
    assert not told.is_set()
    await studio.wait(3600)
    assert told.is_set()
    assert (studio.state(number), len(studio.air.sent)) == (State.DELETED, 1)


async def test_one_that_is_cancelled_before_its_repetition_is_durable_stays_off_the_air(
    studio: Studio,
) -> None:
    number = await studio.send(next_at=studio.clock.now() + MINUTE)
    await studio.store.hold()
    await studio.wait(60)
    studio.broadcasts.cancel([studio.known(number)], lambda: None)
    studio.store.release()
    await studio.calm()
    assert (studio.state(number), studio.air.sent) == (State.DELETED, [])


async def test_one_that_is_cancelled_on_the_air_stays_cancelled(studio: Studio) -> None:
    studio.air.success = None
    number = await studio.send(repetitions=1)
    studio.broadcasts.cancel([studio.known(number)], lambda: None)
    studio.air.land(100)
    await studio.calm()
    assert studio.state(number) is State.DELETED


async def test_a_replacement_begins_anew_under_the_same_id(studio: Studio) -> None:
    number = await studio.send(repetitions=2)
    told = asyncio.Event()
    studio.broadcasts.replace(studio.make(id=number, payload=b"calm", repetitions=2), told.set)
    await studio.wait(0)
    assert told.is_set()
    await studio.wait(3600)
    await studio.wait(3600)
    assert studio.air.texts == [b"storm", b"calm", b"calm"]


async def test_replacing_again_and_again_leaves_nothing_behind(studio: Studio) -> None:
    number = await studio.send(next_at=studio.clock.now() + MINUTE)
    for later in range(1000):
        next_at = studio.clock.now() + MINUTE + later
        studio.broadcasts.replace(studio.make(id=number, next_at=next_at), lambda: None)
    assert len(studio.broadcasts._due) <= room.LEFT_BEHIND + 3
    await studio.wait(120)
    assert len(studio.air.sent) == 1


# Afterwards.


async def test_an_account_sees_its_own_only(studio: Studio) -> None:
    number = await studio.send(user_reference=7)
    assert studio.broadcasts.find("other", number) is None
    assert studio.broadcasts.referred("other", 7) is None
    assert list(studio.broadcasts.live("other")) == []


async def test_a_reference_means_the_latest_that_had_it(studio: Studio) -> None:
    await studio.send(user_reference=7)
    latest = await studio.send(user_reference=7)
    await studio.send(user_reference=8)
    await studio.reopen()
    found = studio.broadcasts.referred("fleet", 7)
    assert found is not None and found.id == latest
    assert studio.broadcasts.referred("fleet", -1) is None


async def test_only_the_latest_of_those_that_ended_are_kept(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "ENDED", 2)
    numbers = []
    for reference in range(4):
        numbers.append(await studio.send(repetitions=1, user_reference=reference))
        await studio.wait(1)
    assert [studio.broadcasts.find("fleet", number) is None for number in numbers] == [
        True,
        True,
        False,
        False,
    ]
    assert studio.broadcasts.referred("fleet", 0) is None
    assert sorted(await studio.kept()) == numbers[2:]


async def test_what_happens_is_counted(studio: Studio) -> None:
    number = await studio.send(repetitions=2)
    await studio.wait(600)
    studio.broadcasts.cancel([], lambda: None)
    assert studio.state(number) is State.DELIVERED
    assert studio.journal.broadcasts == {"accepted": 1, "sent": 2, "delivered": 1}


def test_a_broadcast_is_stored_as_it_is() -> None:
    area = BroadcastArea(b"\0berlin", "berlin", 50)
    made = Broadcast(
        1, "fleet", Address(0, 1, "1234"), b"x", 0, "", b"\0\0\0", (area,), 1, 0, 0, 1, 1
    )
    octets = msgspec.msgpack.encode(made)
    assert msgspec.msgpack.decode(octets, type=Broadcast) == made
