"""The one way in: every verdict that intake can give, and what it makes of what it lets in."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.delivery.admission import LONGEST_PAYLOAD, uncarried, unfit
from smsc.delivery.directory import Terms
from smsc.delivery.ledger import BACKLOG, BACKLOG_OCTETS
from smsc.message import Address, Message, to_account, to_device
from smsc.network.tpdus import cut
from smsc_encodings.references import References
from smsc_encodings.segmentation import SURE_TO_FIT
from smsc_routing.calendar_quota import Quota, Span
from smsc_routing.decision import Reason, Verdict
from smsc_routing.policy import Policy
from smsc_routing.quota import Rate
from smsc_routing.restrictions import Restrictions
from smsc_routing.traffic import Party, Traffic
from tests.delivery.world import ANNA, BERT, BOUNDS, FLEET, VALIDITY, World

UDHI = 0x40
HEADER = bytes.fromhex("050003070201")


async def verdict(world: World, text: str = "hello", to: str = ANNA, **fields: Any) -> Verdict:
    """Submit what is refused at once."""
    token = world.submit(text, to, **fields)
    return world.door.verdicts[token]


async def let_in(world: World, text: str = "hello", to: str = ANNA, **fields: Any) -> Message:
    """Submit what is accepted, and return what is stored of it."""
    return (await world.history(await world.send(text, to, **fields))).message


@pytest.mark.parametrize("address", ["", "1234567890123456", "a name that is too long", "\0"])
async def test_a_malformed_destination_is_refused(world: World, address: str) -> None:
    assert (await verdict(world, to=address)).reason is Reason.MALFORMED_NUMBER


@pytest.mark.parametrize("address", ["1234567890123456", "a name that is too long"])
async def test_a_malformed_source_is_refused(world: World, address: str) -> None:
    refused = await verdict(world, source=Address(1, 1, address))
    assert refused.reason is Reason.SOURCE_NOT_ALLOWED


async def test_a_device_that_names_no_source_is_refused(world: World) -> None:
    refused = await verdict(
        world, to="1234", party=Party.DEVICE, account="", source=Address(1, 1, "")
    )
    assert refused.reason is Reason.SOURCE_NOT_ALLOWED


@pytest.mark.parametrize("address", ["491799999999", "5555"])
async def test_an_unknown_destination_is_refused(world: World, address: str) -> None:
    refused = await verdict(world, to=address)
    assert refused.reason is Reason.UNKNOWN_DESTINATION
    assert address in refused.detail


async def test_a_link_may_send_to_devices_only(world: World) -> None:
    sender: dict[str, Any] = {"party": Party.LINK, "account": "", "source": Address(1, 1, "1555")}
    assert (await verdict(world, to="1234", **sender)).reason is Reason.UNKNOWN_DESTINATION


@pytest.mark.parametrize("payload", [b"", b"\x01", b"\x05\x00\x03\x07\x02", b"\xff" * 160])
async def test_a_header_longer_than_its_message_is_refused(world: World, payload: bytes) -> None:
    refused = await verdict(world, payload=payload, esm_class=UDHI)
    assert refused.reason is Reason.BAD_UDH


async def test_a_header_alone_is_a_message(world: World) -> None:
    assert (await let_in(world, payload=HEADER, esm_class=UDHI)).payload == HEADER


@pytest.mark.parametrize(("data_coding", "room"), [(0, 153), (8, 134), (4, 134)])
async def test_a_part_longer_than_the_radio_carries_is_refused(
    world: World, data_coding: int, room: int
) -> None:
    longest = HEADER + b"x" * room
    fields: dict[str, Any] = {"esm_class": UDHI, "data_coding": data_coding}
    assert (await let_in(world, payload=longest, **fields)).payload == longest
    refused = await verdict(world, payload=longest + b"xx", **fields)
    assert refused.reason is Reason.TOO_LONG
    assert f"more than the {len(longest)} that fit" in refused.detail


@pytest.mark.parametrize(
    ("data_coding", "text", "unit"),
    [(1, b"x" * 151, b"["), (3, b"\xe7" * 66, b"\xe7"), (6, b"\xd0" * 66, b"\xd0")],
    ids=["an extension character", "Latin-1", "Cyrillic"],
)
async def test_a_part_that_is_rewritten_must_fit_as_it_goes_on_the_air(
    world: World, data_coding: int, text: bytes, unit: bytes
) -> None:
    fields: dict[str, Any] = {"esm_class": UDHI, "data_coding": data_coding}
    await let_in(world, payload=HEADER + text, **fields)
    refused = await verdict(world, payload=HEADER + text + unit * 2, **fields)
    assert refused.reason is Reason.TOO_LONG
    assert "behind this header" in refused.detail


async def test_what_goes_to_an_account_is_not_rewritten(world: World) -> None:
    device: dict[str, Any] = {
        "to": "1234",
        "party": Party.DEVICE,
        "account": "",
        "source": Address(1, 1, ANNA),
    }
    payload = HEADER + b"\xe7" * 134
    await let_in(world, payload=payload, esm_class=UDHI, data_coding=3, **device)


@given(
    st.binary(max_size=400) | st.binary(max_size=8).map(lambda few: few * 9_000),
    st.integers(0, 255),
    st.sampled_from([0, UDHI]),
)
def test_what_may_go_to_a_device_is_never_too_long_for_the_air(
    payload: bytes, data_coding: int, esm_class: int
) -> None:
    if esm_class:
        payload = HEADER + payload
    if unfit(payload, esm_class, data_coding) or uncarried(payload, esm_class, data_coding):
        return
    there = Address(1, 1, ANNA)
    made = Message(1, "", "", there, there, payload, 0, 0, 0, data_coding, esm_class)
    for part in cut(made, References(1, 1), 0):
        assert len(part.octets) <= 140 + 24


ESCAPES = b"\x1be" + b"x" * 150
PAIRS = "😀".encode("utf-16-be") + "中".encode("utf-16-be") * 64


@pytest.mark.parametrize(
    ("data_coding", "longest"),
    [
        (0, b"x" * 153 * 255),
        (1, b"x" * 153 * 255),
        (3, b"x" * 153 * 255),
        (3, "\xe7".encode("latin-1") * 67 * 255),
        (4, b"x" * 134 * 255),
        (8, "中".encode("utf-16-be") * 67 * 255),
        # No cut goes through a pair, so parts are a little shorter.
        (0, ESCAPES * 255),
        (8, PAIRS * 255),
    ],
    ids=[
        "GSM",
        "ASCII",
        "Latin-1 that is GSM",
        "Latin-1",
        "binary",
        "UCS-2",
        "escape pairs",
        "surrogate pairs",
    ],
)
async def test_a_message_for_a_device_takes_255_parts_at_most(
    world: World, data_coding: int, longest: bytes
) -> None:
    message = await let_in(world, payload=longest, data_coding=data_coding)
    assert len(cut(message, References(1, 1), 0)) == 255
    refused = await verdict(world, payload=longest + b"xxxx", data_coding=data_coding)
    assert refused.reason is Reason.TOO_LONG
    assert "more than 255 parts" in refused.detail


async def test_a_message_that_is_too_long_counts_against_no_limit(world: World) -> None:
    world.numbers.policies[ANNA] = Policy("one", mt_limit=(Rate(1, 86400),))
    assert (await verdict(world, payload=b"x" * 153 * 256)).reason is Reason.TOO_LONG
    await let_in(world)


async def test_a_message_for_an_account_has_64k_at_most(world: World) -> None:
    device: dict[str, Any] = {
        "to": "1234",
        "party": Party.DEVICE,
        "account": "",
        "source": Address(1, 1, ANNA),
    }
    longest = b"x" * LONGEST_PAYLOAD
    assert LONGEST_PAYLOAD == 0xFFFF
    assert (await let_in(world, payload=longest, **device)).payload == longest
    refused = await verdict(world, payload=longest + b"x", **device)
    assert refused.reason is Reason.TOO_LONG


async def test_the_submitters_own_number_for_a_message_is_stored(world: World) -> None:
    assert (await let_in(world)).user_reference == -1
    assert (await let_in(world, user_reference=0)).user_reference == 0


async def test_a_validity_period_that_is_over_is_refused(world: World) -> None:
    now = world.clock.now()
    assert (await verdict(world, expires_at=now)).reason is Reason.BAD_VALIDITY
    assert (await let_in(world, expires_at=now + 1)).expires_at == now + 1


async def test_a_message_that_would_expire_before_it_is_due_is_refused(world: World) -> None:
    now = world.clock.now()
    refused = await verdict(world, not_before=now + 5000, expires_at=now + 5000)
    assert refused.reason is Reason.BAD_SCHEDULE
    assert (await let_in(world, not_before=now + 5000, expires_at=now + 5001)).not_before == (
        now + 5000
    )


async def test_the_source_of_another_account_is_refused(world: World) -> None:
    refused = await verdict(world, source=Address(0, 1, "7777"))
    assert refused.reason is Reason.SOURCE_NOT_ALLOWED
    assert "7777" in refused.detail


async def test_a_source_that_nobody_owns_is_allowed(world: World) -> None:
    assert (await let_in(world, source=Address(5, 0, "Nobody"))).source.digits == "Nobody"


async def test_traffic_that_the_policy_has_off_is_refused(world: World) -> None:
    world.numbers.policies[ANNA] = Policy("silent", mt=False)
    refused = await verdict(world)
    assert refused.reason is Reason.SWITCHED_OFF
    assert refused.traffic is Traffic.A2P_MT
    assert "silent" in refused.detail


async def test_an_account_over_its_rate_is_refused_until_it_has_waited(world: World) -> None:
    world.numbers.accounts[FLEET] = Terms(rates=(Rate(2, 1000),))
    await world.send()
    await world.send()
    refused = await verdict(world)
    assert refused.reason is Reason.RATE_LIMIT
    assert refused.retry_after_ms == 500
    await world.wait(0.5)
    await world.send()


async def test_a_device_over_its_daily_quota_is_refused(world: World) -> None:
    quotas = Restrictions(quotas=(Quota(1, Span.DAY),))
    world.numbers.policies[ANNA] = Policy(mt_restrictions=quotas)
    await world.send()
    refused = await verdict(world)
    assert refused.reason is Reason.QUOTA
    assert refused.retry_after_ms > 0


async def test_a_refused_submission_costs_no_quota(world: World) -> None:
    world.numbers.accounts[FLEET] = Terms(rates=(Rate(1, 1000),))
    await verdict(world, to="491799999999")
    await world.send()


async def test_nobody_is_let_in_while_the_store_is_behind(world: World) -> None:
    await world.store.hold()
    for _ in range(BACKLOG):
        world.submit("x")
    refused = await verdict(world)
    assert refused.reason is Reason.STORE_BEHIND
    assert refused.retry_after_ms == 1000
    world.store.release()
    await world.until(lambda: world.ledger.backlog == 0)
    await world.send()


async def test_long_messages_fill_the_backlog_sooner(world: World) -> None:
    await world.store.hold()
    for _ in range(BACKLOG_OCTETS // SURE_TO_FIT + 1):
        world.submit(payload=b"x" * SURE_TO_FIT)
    assert (await verdict(world)).reason is Reason.STORE_BEHIND
    world.store.release()


async def test_nobody_is_let_in_while_the_store_fails(world: World) -> None:
    world.store.fails_to_write = True
    world.submit()
    await world.calm()
    refused = await verdict(world)
    assert refused.reason is Reason.STORE_FAILED
    assert refused.retry_after_ms == 1000


async def test_a_refusal_is_answered_at_once_and_stores_nothing(world: World) -> None:
    await verdict(world, to="")
    await world.calm()
    assert world.store.batches == []


async def test_an_application_that_names_no_source_sends_from_its_default(world: World) -> None:
    assert (await let_in(world, source=Address(0, 0, ""))).source == Address(0, 0, "1234")


async def test_an_account_without_a_default_source_may_name_none(world: World) -> None:
    world.numbers.accounts[FLEET] = Terms()
    assert (await let_in(world, source=Address(0, 0, ""))).source == Address(0, 0, "")


async def test_addresses_are_kept_in_canonical_form(world: World) -> None:
    stored = await let_in(world, to="+" + ANNA, source=Address(1, 1, "00" + BERT))
    assert stored.destination == to_device(ANNA)
    assert stored.dest == Address(1, 1, ANNA)
    assert stored.source == Address(1, 1, BERT)


async def test_validity_is_capped(world: World) -> None:
    now = world.clock.now()
    latest = now + VALIDITY * 1000
    assert (await let_in(world)).expires_at == latest
    assert (await let_in(world, expires_at=latest + 1)).expires_at == latest


async def test_the_validity_of_a_scheduled_message_begins_at_its_time(world: World) -> None:
    later = world.clock.now() + 10 * VALIDITY * 1000
    assert (await let_in(world, not_before=later)).expires_at == later + VALIDITY * 1000


async def test_nobody_schedules_further_ahead_than_the_operator_grants(world: World) -> None:
    latest = world.clock.now() + BOUNDS.schedule
    assert (await let_in(world, not_before=latest)).not_before == latest
    token = world.submit(not_before=latest + 1)
    assert world.door.verdicts[token].reason is Reason.BAD_SCHEDULE
    assert world.door.verdicts[token].detail == (
        "it is due too far ahead: schedule it within 2 days from now"
    )


async def test_a_schedule_in_the_past_is_no_schedule(world: World) -> None:
    assert (await let_in(world, not_before=world.clock.now())).not_before == 0


async def test_everything_a_sender_says_is_kept(world: World) -> None:
    said: dict[str, Any] = {
        "data_coding": 8,
        "esm_class": 0x80,
        "protocol_id": 65,
        "priority": 2,
        "registered_delivery": 3,
        "service_type": "CMT",
    }
    stored = await let_in(world, "as it is", **said)
    assert {name: getattr(stored, name) for name in said} == said
    assert stored.payload == b"as it is"
    assert stored.account == FLEET
    assert stored.accepted_at == world.clock.now()


async def test_what_a_device_sends_to_an_owned_number_goes_to_its_owner(world: World) -> None:
    token = world.report("mo")
    await world.calm()
    stored = (await world.history(world.door.ids[token])).message
    assert stored.destination == to_account(FLEET)
    assert stored.account == ""


async def test_what_a_device_sends_to_nobody_goes_where_its_policy_says(world: World) -> None:
    world.numbers.policies[ANNA] = Policy(deliver_to=FLEET)
    sender: dict[str, Any] = {"party": Party.DEVICE, "account": "", "source": Address(1, 1, ANNA)}
    assert (await let_in(world, to="5555", **sender)).destination == to_account(FLEET)


async def test_a_device_may_send_to_another(world: World) -> None:
    sender: dict[str, Any] = {"party": Party.DEVICE, "account": "", "source": Address(1, 1, ANNA)}
    assert (await let_in(world, to=BERT, **sender)).destination == to_device(BERT)


async def test_an_owned_number_is_its_owners_even_if_a_device_has_it(world: World) -> None:
    world.numbers.policies["1234"] = Policy()
    token = world.report()
    await world.calm()
    stored = (await world.history(world.door.ids[token])).message
    assert stored.destination == to_account(FLEET)


async def test_every_verdict_is_tallied_by_class(world: World) -> None:
    await world.send()
    await verdict(world, to="")
    await verdict(world, source=Address(0, 1, "7777"))
    assert world.journal.submits == {
        (Traffic.A2P_MT, Reason.ACCEPTED): 1,
        ("none", Reason.MALFORMED_NUMBER): 1,
        (Traffic.A2P_MT, Reason.SOURCE_NOT_ALLOWED): 1,
    }
