"""What leaves the platform: who may, over which link, and under what name."""

import msgspec
import pytest

from smsc.delivery.directory import Terms
from smsc.delivery.exits import name_on_trails
from smsc.delivery.submission import Submission
from smsc.message import Address, links_and_account
from smsc.smpp.commands import ESM_MODE_DATAGRAM, ESM_MODE_TRANSACTION
from smsc_routing.decision import Reason
from smsc_routing.hours import parse_hours
from smsc_routing.loops import Trail, going_round, onward, parse_trail
from smsc_routing.policy import Policy
from smsc_routing.routes import Route
from smsc_routing.traffic import Party, Traffic
from tests.delivery.world import ANNA, FLEET
from tests.upstream.world import DAY, ELSEWHERE, Abroad


async def test_a_message_to_a_number_elsewhere_goes_over_the_first_link(world: Abroad) -> None:
    world.up()
    await world.leave("over a")
    assert (world.a.texts, world.b.texts) == (["over a"], [])


async def test_it_waits_for_a_link_that_is_down(world: Abroad) -> None:
    message_id = await world.leave("patient")
    assert world.scheduler.waiting == 1
    world.up("b")
    await world.calm()
    assert world.b.texts == ["patient"]
    assert (await world.history(message_id)).attempts == 0


async def test_a_number_that_no_route_leads_to_is_refused(world: Abroad) -> None:
    world.reroute(Route("49", ("a",)))
    token = world.submit(to=ELSEWHERE)
    verdict = world.door.verdicts[token]
    assert verdict.reason is Reason.UNKNOWN_DESTINATION
    assert verdict.detail == f"{ELSEWHERE} is no device of this platform, and no link leads to it"


async def test_the_way_out_is_explained(world: Abroad) -> None:
    world.reroute(Route("1", ("a",), account="bank"), Route("", ("b",)))
    source, dest = Address(0, 1, "1234"), Address(1, 1, ELSEWHERE)
    asked = Submission(Party.APPLICATION, FLEET, source, dest, b"hello")
    verdict, steps = await world.intake.explain(asked)
    assert verdict.accepted
    assert [str(step.why) for step in steps][-3:] == [
        "only for account bank",
        "it is for every number",
        "it takes messages",
    ]


@pytest.mark.parametrize(
    ("fields", "before"),
    [
        ({"link": "z"}, ("link z", False, "there is no link of this name")),
        ({"account": "poor"}, ("link b", True, "it takes messages")),
    ],
)
async def test_the_rule_that_refuses_is_the_last_step(
    world: Abroad, fields: dict[str, str], before: tuple[str, bool, str]
) -> None:
    world.reroute(Route("", ("b",)))
    world.numbers.accounts["poor"] = Terms(default_source="1234")
    source, dest = Address(0, 1, "1234"), Address(1, 1, ELSEWHERE)
    asked = Submission(Party.APPLICATION, FLEET, source, dest, b"hello")
    verdict, steps = await world.intake.explain(msgspec.structs.replace(asked, **fields))
    assert not verdict.accepted
    assert tuple(steps[-2]) == before
    assert (steps[-1].passed, steps[-1].why) == (False, verdict.detail)


async def test_an_account_that_may_not_send_elsewhere_is_refused(world: Abroad) -> None:
    terms = world.numbers.accounts[FLEET]
    world.numbers.accounts[FLEET] = terms._replace(external=False)
    token = world.submit(to=ELSEWHERE)
    assert world.door.verdicts[token].reason is Reason.SWITCHED_OFF


async def test_a_device_leaves_if_its_policy_allows_it(world: Abroad) -> None:
    world.up()
    world.device_leaves("from Anna")
    world.numbers.policies[ANNA] = Policy()
    refused = world.device_leaves("not any more")
    await world.calm()
    assert world.a.texts == ["from Anna"]
    assert world.door.verdicts[refused].traffic is Traffic.P2P_EXTERNAL_MO


async def test_a_link_asked_for_by_name_is_the_only_one(world: Abroad) -> None:
    world.up("a")
    message_id = await world.leave("over b alone", link="b")
    assert world.a.texts == []
    assert (await world.history(message_id)).message.link == "b"
    world.up("b")
    await world.calm()
    assert world.b.texts == ["over b alone"]


async def test_a_link_that_there_is_not_leads_nowhere(world: Abroad) -> None:
    token = world.submit(to=ELSEWHERE, link="z")
    assert world.door.verdicts[token].reason is Reason.UNKNOWN_DESTINATION


async def test_a_devices_own_link_goes_before_the_one_asked_for(world: Abroad) -> None:
    world.numbers.links[ANNA] = "b"
    world.up()
    world.device_leaves("own", link="a")
    await world.calm()
    assert world.b.texts == ["own"]


async def test_each_account_and_order_of_links_has_a_queue_of_its_own(world: Abroad) -> None:
    first = await world.leave()
    other = await world.leave(account="bank", source=Address(0, 1, "7"), link="b")
    names = [(await world.history(each)).message.destination for each in (first, other)]
    assert [links_and_account(name) for name in names] == [(("a", "b"), FLEET), (("b",), "bank")]


async def test_equal_routes_share_by_weight_and_a_message_keeps_its_draw(world: Abroad) -> None:
    world.reroute(Route("", ("a",), weight=3), Route("", ("b",), weight=1))
    world.a.window = world.b.window = 1000
    ids = [await world.leave(str(number)) for number in range(40)]
    world.up()
    await world.calm()
    assert 29 <= len(world.a.sent) <= 31 and len(world.a.sent) + len(world.b.sent) == 40
    sent = {message.id: wire.name for wire in (world.a, world.b) for message in wire.sent}
    queues = [(await world.history(each)).message.destination for each in ids]
    assert [sent[each] for each in ids] == [links_and_account(name)[0][0] for name in queues]


async def test_what_leaves_tells_where_it_has_been(world: Abroad) -> None:
    world.up()
    await world.leave()
    await world.leave(trail="1 far")
    assert [message.trail for message in world.a.sent] == ["1 smsc", "2 far smsc"]


async def test_what_stays_tells_nothing(world: Abroad) -> None:
    message_id = await world.send(trail="1 far")
    assert (await world.history(message_id)).message.trail == ""


@pytest.mark.parametrize(
    ("trail", "why"),
    [
        ("2 smsc far", "the message has been at smsc before: smsc > far"),
        ("8 far", "the message has passed 8 SMSCs, and 8 are too many"),
    ],
)
async def test_a_message_that_goes_round_is_refused(world: Abroad, trail: str, why: str) -> None:
    token = world.submit(to=ELSEWHERE, trail=trail)
    verdict = world.door.verdicts[token]
    assert (verdict.reason, verdict.detail) == (Reason.UNKNOWN_DESTINATION, why)


async def test_other_routes_are_for_what_waits_too(world: Abroad) -> None:
    world.up("b")
    world.reroute(Route("", ("a",)))
    await world.leave("waits for a")
    assert world.b.texts == []
    world.reroute(Route("", ("b",)))
    await world.calm()
    assert world.b.texts == ["waits for a"]


async def test_what_no_route_leads_anywhere_now_waits_for_one_that_does(world: Abroad) -> None:
    await world.leave("stays")
    world.reroute()
    world.up()
    await world.calm()
    assert world.a.texts == world.b.texts == []
    world.reroute(Route("1", ("b",)))
    await world.calm()
    assert world.b.texts == ["stays"]


async def test_what_finds_no_way_out_expires(world: Abroad) -> None:
    message_id = await world.leave("stays", registered_delivery=1)
    world.bind()
    await world.wait(2 * DAY)
    assert world.fleet.receipts == [(message_id, "EXPIRED")]


async def test_a_route_by_the_hour_is_taken_when_its_hour_has_come(world: Abroad) -> None:
    # The clock of the tests stands at a Tuesday, 22:13.
    by_day = Route("", ("a",), hours=parse_hours("00:00-22:30"))
    world.reroute(by_day, Route("", ("b",), hours=parse_hours("22:30-24:00")))
    world.up("b")
    await world.leave("waits for a")
    assert world.b.texts == []
    await world.wait(1200)
    assert world.b.texts == ["waits for a"]


async def test_a_message_that_another_smsc_has_waits_nowhere(world: Abroad) -> None:
    await world.leave()
    world.up()
    await world.calm()
    world.a.answer_all()
    await world.calm()
    assert (world.scheduler.waiting, world.scheduler.in_hand) == (0, 0)
    assert world.journal.deliveries["link", "forwarded"] == 1


@pytest.mark.parametrize("mode", [ESM_MODE_DATAGRAM, ESM_MODE_TRANSACTION])
async def test_what_is_not_stored_leaves_too(world: Abroad, mode: int) -> None:
    world.up()
    token = world.submit("now or never", ELSEWHERE, esm_class=mode)
    await world.calm()
    world.a.answer_all()
    assert token in world.door.ids
    assert world.journal.transients.total() == 1


async def test_a_replaced_text_is_the_one_that_leaves(world: Abroad) -> None:
    message_id = await world.leave("old")
    await world.ruling(world.replace(message_id, "new"))
    world.up()
    await world.calm()
    assert world.a.texts == ["new"]


async def test_a_group_leaves_under_one_id(world: Abroad) -> None:
    world.up()
    first, second = await world.group([ELSEWHERE, "155500010002"])
    assert [msgspec.structs.asdict(each)["told_id"] for each in world.a.sent] == [first, first]
    assert second == first + 1


def test_two_smscs_of_one_system_id_have_different_names_on_trails() -> None:
    assert name_on_trails("smsc", 0x5A1E30) == "smsc.5a1e30"
    assert name_on_trails("smsc", 7) == "smsc.000007"


@pytest.mark.parametrize("system_id", ["", "a system id", "gr\xfcn", "123456789012345"])
def test_whatever_its_system_id_an_smsc_knows_its_own_trail_again(system_id: str) -> None:
    name = name_on_trails(system_id, 0xFFFFFF)
    assert going_round(parse_trail(str(onward(Trail(), name))), name) is not None
