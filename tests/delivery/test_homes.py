"""Where receipts and messages go whose home isn't an account's receivers."""

from smsc.message import Message, to_webhook
from tests.delivery.world import World

HOOK = to_webhook("orders")


async def queued(world: World) -> list[Message]:
    places = await world.store.waiting([HOOK], 9, world.clock.now(), False)
    return [place.message for place in places[HOOK]]


async def test_a_receipt_goes_where_its_message_says(world: World) -> None:
    world.attach()
    message_id = await world.send(registered_delivery=1, receipts_to=HOOK)
    (receipt,) = [message.receipt for message in await queued(world)]
    assert receipt is not None and receipt.about == message_id


async def test_a_message_to_an_address_joins_the_queue_of_its_home(world: World) -> None:
    world.numbers.homes["1234"] = HOOK
    world.report()
    await world.calm()
    assert [message.dest.digits for message in await queued(world)] == ["1234"]
