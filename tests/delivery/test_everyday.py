"""The everyday submission: let in sooner, and just as it would be let in by the question."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsc.delivery.directory import Terms, Unread
from smsc.delivery.everyday import SOURCES, Everyday
from smsc.delivery.submission import Submission
from smsc.message import Address, Message
from smsc_routing.policy import Policy
from smsc_routing.quota import Rate
from smsc_routing.restrictions import Restrictions
from smsc_routing.traffic import Party, Traffic
from tests.delivery.stage import Numbers
from tests.delivery.world import ANNA, BOUNDS, FLEET, World

NOW = 1_000_000
SENDER = Address(0, 1, "1234")
PLAIN = Submission(Party.APPLICATION, FLEET, SENDER, Address(1, 1, ANNA), b"hello")


class Never(Everyday):
    """Leaves everything to the question."""

    def message(self, asked: Submission, now: int) -> Message | None:
        return None


def numbers() -> Numbers:
    known = Numbers()
    known.policies = {ANNA: Policy()}
    known.owners = {"1234": FLEET, "7777": "other"}
    known.accounts = {FLEET: Terms(default_source="1234")}
    return known


def everyday(known: Numbers | None = None) -> Everyday:
    return Everyday(known or numbers(), iter(range(1, 1_000_000)).__next__, BOUNDS.validity)


def with_fields(**fields: Any) -> Submission:
    return msgspec.structs.replace(PLAIN, **fields)


def test_a_short_text_of_an_application_to_a_device_is_let_in_at_once() -> None:
    message = everyday().message(PLAIN, NOW)
    assert message is not None
    assert message.id == 1
    assert message.payload == b"hello"
    assert message.expires_at == NOW + BOUNDS.validity


@pytest.mark.parametrize(
    "fields",
    [
        {"esm_class": 0x40},
        {"esm_class": 1},
        {"not_before": NOW + 1},
        {"expires_at": NOW + 1},
        {"replace": True},
        {"watch": True},
        {"link": "att"},
        {"trail": "smsc"},
        {"party": Party.DEVICE, "account": ""},
        {"payload": bytes(141)},
        {"dest": Address(1, 1, "")},
        {"dest": Address(1, 1, "1234")},
        {"dest": Address(1, 1, "491799999999")},
        {"source": Address(0, 1, "7777")},
        {"source": Address(0, 1, "a name that is too long")},
    ],
    ids=str,
)
def test_whatever_needs_a_closer_look_is_left_to_the_question(fields: dict[str, Any]) -> None:
    assert everyday().message(with_fields(**fields), NOW) is None


@pytest.mark.parametrize(
    "policy",
    [
        Policy(mt=False),
        Policy(a2p=False),
        Policy(mt_limit=(Rate(1, 1000),)),
        Policy(mt_limit_together=(Rate(1, 1000),)),
        Policy(mt_restrictions=Restrictions()),
    ],
)
def test_a_device_whose_policy_has_something_to_say_is_left_to_the_question(
    policy: Policy,
) -> None:
    known = numbers()
    known.policies[ANNA] = policy
    assert everyday(known).message(PLAIN, NOW) is None


@pytest.mark.parametrize(
    "terms",
    [
        Terms(rates=(Rate(1, 1000),)),
        Terms(server_rates=(Rate(1, 1000),)),
        Terms(restrictions=Restrictions()),
    ],
)
def test_an_account_that_something_limits_is_left_to_the_question(terms: Terms) -> None:
    known = numbers()
    known.accounts[FLEET] = terms
    assert everyday(known).message(PLAIN, NOW) is None


def test_a_device_that_must_be_read_first_is_asked_for() -> None:
    known = numbers()
    known.unread = {ANNA}
    with pytest.raises(Unread):
        everyday(known).message(PLAIN, NOW)


def test_senders_are_remembered_up_to_a_bound() -> None:
    asked = everyday()
    for number in range(2 * SOURCES + 1):
        source = Address(1, 1, f"49{number:010d}")
        message = asked.message(with_fields(source=source), NOW)
        assert message is not None and message.source == source
        assert asked.remembered <= SOURCES


addresses = st.builds(
    Address,
    st.sampled_from([0, 1, 2, 5]),
    st.sampled_from([0, 1, 8]),
    st.sampled_from(["", "1234", "7777", "+" + ANNA, "00" + ANNA, ANNA, "FLEET", "\0", "5" * 16]),
)
submissions = st.builds(
    Submission,
    st.sampled_from([Party.APPLICATION, Party.DEVICE]),
    st.sampled_from([FLEET, "stranger"]),
    addresses,
    addresses,
    st.binary(max_size=145),
    st.sampled_from([0, 3, 4, 8, 0x11, 0xF1]),
    st.sampled_from([0, 0, 0, 1, 2, 0x40]),
    priority=st.integers(0, 3),
    registered_delivery=st.integers(0, 3),
    service_type=st.sampled_from(["", "CMT"]),
    expires_at=st.sampled_from([0, 0, 1, 1 << 60]),
    user_reference=st.integers(-1, 9),
)
rates = st.sampled_from([(), (), (Rate(1, 1000),)])
policies = st.tuples(st.booleans(), st.booleans(), rates, rates).map(
    lambda each: Policy(mt=each[0], a2p=each[1], mt_limit=each[2], mt_limit_together=each[3])
)
accounts = st.tuples(rates, st.sampled_from(["", "1234"])).map(lambda each: Terms(*each))


@settings(deadline=None)
@given(asked=submissions, policy=policies, terms=accounts)
def test_who_is_let_in_at_once_would_be_let_in_by_the_question_as_the_same_message(
    asked: Submission, policy: Policy, terms: Terms
) -> None:
    async def both_ways() -> None:
        with TemporaryDirectory() as folder:
            world = World(Path(folder) / "smsc.db")
            world.numbers.policies[ANNA] = policy
            world.numbers.accounts[FLEET] = terms
            await world.open(reading=False)
            soon = Everyday(world.numbers, lambda: 1, BOUNDS.validity)
            message = soon.message(asked, world.clock.now())
            if message is not None:
                world.intake.everyday = Never(world.numbers, lambda: 1, 0)
                verdict, _ = await world.intake.explain(asked)
                assert verdict.accepted and verdict.traffic is Traffic.A2P_MT
                world.intake.submit(asked, world.door, 1)
                assert world.ledger.page.arrivals == [message]
            await world.close()

    asyncio.run(both_ways())
