"""Addresses as they are dialled in a country, on the road: compared, and kept, as international."""

from typing import Any

from smsc.delivery.directory import Terms
from smsc.delivery.petition import Ruling
from smsc.message import Address, to_device
from smsc.numbering import numbering_of
from smsc_routing.decision import Reason
from smsc_routing.policy import Policy
from smsc_routing.traffic import Party
from tests.delivery.world import ANNA, BERT, FLEET, World

NATIONAL_ANNA = "0" + ANNA.removeprefix("49")
GERMANY = numbering_of("DE", 8)


def german(world: World) -> World:
    world.numbers.accounts[FLEET] = Terms(default_source="1234", numbering=GERMANY)
    return world


async def kept(world: World, **fields: Address) -> tuple[Address, Address]:
    message = (await world.history(await world.send(**fields))).message  # type: ignore[arg-type]
    return message.source, message.dest


async def test_a_number_dialled_nationally_reaches_its_device(world: World) -> None:
    german(world).attach()
    await world.send(dest=Address(0, 1, NATIONAL_ANNA))
    assert [each.message.destination for each in world.radio.taken] == [to_device(ANNA)]


async def test_what_was_national_is_kept_as_international(world: World) -> None:
    german(world)
    national = Address(2, 8, NATIONAL_ANNA.removeprefix("0"))
    here = await kept(world, source=national, dest=national)
    assert here == (Address(1, 1, ANNA), Address(1, 1, ANNA))


async def test_type_and_plan_of_anything_else_are_kept(world: World) -> None:
    german(world)
    short, unknown = Address(2, 1, "1234"), Address(0, 0, NATIONAL_ANNA)
    assert await kept(world, source=short, dest=unknown) == (short, Address(0, 0, ANNA))


async def test_each_account_dials_as_in_its_own_country(world: World) -> None:
    german(world)
    token = world.submit(
        account="other", source=Address(0, 1, "7777"), dest=Address(0, 1, NATIONAL_ANNA)
    )
    assert world.door.verdicts[token].reason is Reason.UNKNOWN_DESTINATION


async def test_a_device_dials_as_at_home(world: World) -> None:
    world.numbers.accounts[""] = Terms(numbering=GERMANY)
    world.attach()
    sender = Address(1, 1, BERT)
    world.submit(party=Party.DEVICE, account="", source=sender, dest=Address(0, 1, NATIONAL_ANNA))
    await world.calm()
    assert [each.message.destination for each in world.radio.taken] == [to_device(ANNA)]


async def test_what_was_sent_nationally_is_cancelled_in_any_form(world: World) -> None:
    german(world)
    for form in (NATIONAL_ANNA, "+" + ANNA, ANNA):
        message_id = await world.send(dest=Address(0, 1, NATIONAL_ANNA))
        token = world.cancel(message_id, dest=Address(0, 1, form))
        assert await world.ruling(token) is Ruling.GRANTED


async def test_a_source_owned_by_another_is_not_had_by_dialling_it_otherwise(world: World) -> None:
    german(world)
    world.numbers.owners[BERT] = "other"
    token = world.submit(source=Address(0, 1, "0" + BERT.removeprefix("49")))
    assert world.door.verdicts[token].reason is Reason.SOURCE_NOT_ALLOWED


async def test_how_long_a_short_code_is_decides_where_a_device_may_send(world: World) -> None:
    world.numbers.policies[ANNA] = Policy(deliver_to=FLEET)
    device: dict[str, Any] = {"party": Party.DEVICE, "account": "", "source": Address(1, 1, ANNA)}
    world.bind()
    assert await world.send(to="12345678", **device)
    world.numbers.accounts[""] = Terms(numbering=numbering_of("", 7))
    token = world.submit(to="12345678", **device)
    assert world.door.verdicts[token].reason is not Reason.ACCEPTED
    assert await world.send(to="1234567", **device)
