"""Things that happen while the disk is busy with others: nothing overtakes, nothing is forgotten.

Each test brings about one interleaving of the writes, reads and looks that the road has going.
"""

from smsc.delivery.agent import Result
from tests.delivery.world import ANNA, BERT, CARL, LADDER, World


async def test_a_message_that_is_still_being_written_when_its_device_attaches_goes_first(
    world: World,
) -> None:
    await world.store.hold()
    world.submit("elsewhere", BERT)
    await world.calm()
    world.submit("older")
    world.attach()
    await world.calm()
    held = world.store.hold_next()
    await world.calm()
    world.store.release()
    # A read of Anna's queue would be done by now, and her older message isn't in it yet.
    await held
    await world.calm()
    world.submit("newer")
    world.store.release()
    await world.calm()
    assert world.radio.texts == ["older", "newer"]


async def test_an_attach_between_two_messages_that_are_being_written_keeps_their_order(
    world: World,
) -> None:
    await world.store.hold()
    world.submit("first")
    await world.calm()
    world.attach()
    world.submit("second")
    await world.calm()
    held = world.store.hold_next()
    world.store.release()
    await held
    await world.calm()
    world.submit("third")
    await world.calm()
    world.store.release()
    await world.calm()
    assert world.radio.texts == ["first", "second", "third"]


async def test_a_failure_that_is_written_together_with_a_look_keeps_its_delay(
    world: World,
) -> None:
    world.attach()
    await world.calm()
    world.radio.answer = Result.FAILED
    await world.send()
    world.radio.answer = None
    world.clock.advance(LADDER[0])
    # The attach takes it in hand before the clock's look at its place, which comes again soon.
    world.attach()
    await world.calm()
    await world.store.hold()
    world.clock.advance(5)
    await world.calm()
    held = world.store.hold_next()
    await world.calm()
    world.submit("elsewhere", BERT)
    await world.calm()
    world.store.release()
    await held
    await world.calm()
    world.radio.reply_all(Result.FAILED)
    world.store.release()
    world.radio.answer = Result.DELIVERED
    await world.wait(5)
    assert len(world.radio.taken) == 2
    await world.wait(LADDER[1] - 5)
    assert len(world.radio.taken) == 3


async def test_a_failure_at_the_end_of_a_look_at_others_is_looked_at_in_its_time(
    world: World,
) -> None:
    world.attach()
    await world.send("scheduled", CARL, not_before=world.clock.now() + 10_000)
    await world.store.hold()
    world.clock.advance(10)
    await world.calm()
    held = world.store.hold_next()
    await world.calm()
    world.submit("elsewhere", BERT)
    await world.calm()
    world.store.release()
    await held
    await world.calm()
    # The look stands on the page behind the one being written; so does this one.
    world.radio.answer = Result.FAILED
    world.submit("failing")
    held = world.store.hold_next()
    await world.calm()
    world.store.release()
    await held
    await world.calm()
    world.submit("elsewhere too", BERT)
    await world.calm()
    world.store.release()
    await world.calm()
    assert world.radio.texts == ["failing"]
    world.radio.answer = Result.DELIVERED
    await world.wait(LADDER[0])
    assert world.radio.texts == ["failing", "failing"]


async def test_a_device_that_leaves_while_its_queue_is_read_gets_it_when_it_is_back(
    world: World,
) -> None:
    for number in range(12):
        world.submit(str(number))
    await world.calm()
    await world.store.hold()
    world.attach()
    await world.calm()
    world.detach()
    world.store.release()
    await world.calm()
    assert world.radio.texts == []
    assert world.scheduler.waiting == 12
    world.attach()
    await world.calm()
    assert world.radio.texts == [str(number) for number in range(12)]


async def test_what_arrives_while_a_queue_is_read_is_not_forgotten(world: World) -> None:
    world.submit("older")
    await world.calm()
    await world.store.hold()
    world.attach()
    await world.calm()
    world.submit("newer")
    await world.calm()
    world.store.release()
    await world.calm()
    assert world.radio.texts == ["older", "newer"]


async def test_a_message_is_not_taken_in_hand_while_its_expiry_is_being_written(
    world: World,
) -> None:
    number = await world.send("brief", expires_at=world.clock.now() + 5000)
    world.clock.advance(5)
    await world.until(lambda: bool(world.journal.finals))
    world.attach()
    await world.calm()
    assert world.radio.texts == []
    assert (await world.history(number)).state.name == "EXPIRED"
    assert world.scheduler.waiting == 0


async def test_a_queue_is_not_read_while_an_end_of_its_own_is_being_written(world: World) -> None:
    for number in range(3):
        world.submit(str(number))
    await world.calm()
    world.radio.answer = None
    world.attach(ANNA)
    await world.calm()
    await world.store.hold()
    world.radio.reply(world.radio.in_air[:1], Result.DELIVERED)
    world.attach()
    await world.calm()
    world.store.release()
    world.radio.answer = Result.DELIVERED
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert world.radio.texts == ["0", "1", "2"]
    assert world.scheduler.waiting == 0


async def test_an_outcome_that_comes_while_the_store_fails_is_not_tried_again(
    world: World,
) -> None:
    world.attach()
    world.radio.answer = None
    await world.send("once")
    world.store.fails_to_write = True
    world.radio.reply_all(Result.DELIVERED)
    world.attach()
    await world.wait(3)
    world.store.fails_to_write = False
    await world.wait(3)
    assert world.radio.texts == ["once"]
    assert world.journal.finals.total() == 1


async def test_what_arrives_while_another_is_being_written_behind_a_read_goes_behind_both(
    world: World,
) -> None:
    world.radio.answer = None
    await world.send("older")
    await world.store.hold()
    world.attach()
    await world.calm()
    held = world.store.hold_next()
    await world.calm()
    world.submit("newer")
    await world.calm()
    world.store.release()
    await held
    await world.calm()
    world.submit("newest")
    await world.calm()
    world.store.release()
    await world.calm()
    world.radio.answer = Result.DELIVERED
    world.radio.reply_all(Result.DELIVERED)
    await world.calm()
    assert world.radio.texts == ["older", "newer", "newest"]


async def test_a_message_whose_expiry_is_yet_to_be_written_does_not_end_again(
    world: World,
) -> None:
    number = await world.send("brief", expires_at=world.clock.now() + 5000)
    await world.store.hold()
    world.clock.advance(5)
    await world.calm()
    held = world.store.hold_next()
    await world.calm()
    world.submit("elsewhere", BERT)
    await world.calm()
    world.store.release()
    await held
    await world.calm()
    world.attach()
    await world.calm()
    world.store.release()
    await world.calm()
    ends = [end.message.id for batch in world.store.batches for end in batch.finals]
    assert ends == [number]
    assert world.scheduler.waiting == 1


async def test_a_message_that_is_being_written_when_an_older_one_fails_waits_behind_it(
    world: World,
) -> None:
    world.attach()
    await world.calm()
    world.radio.answer = None
    await world.send("first")
    await world.store.hold()
    world.submit("second")
    await world.calm()
    world.radio.reply_all(Result.FAILED)
    world.radio.answer = Result.DELIVERED
    world.store.release()
    await world.wait(LADDER[0])
    assert world.radio.texts == ["first", "first", "second"]


async def test_a_message_that_is_being_written_when_its_device_is_briefly_absent_keeps_its_turn(
    world: World,
) -> None:
    world.attach()
    await world.calm()
    world.radio.answer = None
    await world.send("first")
    await world.store.hold()
    world.submit("second")
    await world.calm()
    world.detach()
    world.radio.reply_all(Result.ABSENT)
    world.attach()
    world.radio.answer = Result.DELIVERED
    world.store.release()
    await world.calm()
    assert world.radio.texts == ["first", "first", "second"]
