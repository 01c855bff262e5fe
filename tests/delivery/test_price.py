"""What a message counts for in the limits of its account, of all accounts, and of its device."""

from typing import Any

import pytest

from smsc.delivery.directory import Terms
from smsc_encodings import udh
from smsc_routing.decision import Reason
from smsc_routing.policy import Policy
from smsc_routing.quota import Rate
from tests.delivery.world import ANNA, BERT, FLEET, World

UDHI = 0x40
TEN = (Rate(10, 60_000),)


def terms(**fields: Any) -> Terms:
    return Terms(default_source="1234", **fields)


def part(sequence: int, total: int = 3, reference: int = 7) -> dict[str, Any]:
    """Return a part of a message, as its sender cut it."""
    header = udh.encode((udh.Concatenation(reference, total, sequence),))
    return {"payload": header + b"some text", "esm_class": UDHI}


def passed(world: World, *submissions: dict[str, Any], to: str = ANNA) -> int:
    """Submit, and return how many were not refused."""
    tokens = [world.submit("", to, **fields) for fields in submissions]
    return sum(token not in world.door.verdicts for token in tokens)


def left(world: World) -> int:
    """Return how many single messages the account may still submit, by submitting them."""
    return passed(world, *({"payload": b"hello"} for _ in range(12)))


@pytest.mark.parametrize(
    ("octets", "data_coding", "cost"),
    [(140, 0, 1), (160, 0, 1), (161, 0, 2), (307, 0, 3), (140, 8, 1), (142, 8, 2), (141, 4, 2)],
)
async def test_a_long_message_counts_for_the_parts_it_is_cut_into(
    world: World, octets: int, data_coding: int, cost: int
) -> None:
    world.numbers.accounts[FLEET] = terms(rates=TEN)
    assert passed(world, {"payload": b"\0" * octets, "data_coding": data_coding}) == 1
    assert left(world) == 10 - cost


@pytest.mark.parametrize(
    ("text", "data_coding", "cost"),
    [("x" * 160, 1, 1), ("[" * 81, 1, 2), ("ü" * 160, 3, 1), ("ç" * 70, 3, 1), ("ç" * 71, 3, 2)],
)
async def test_a_text_that_no_tpdu_carries_counts_as_it_goes_on_the_air(
    world: World, text: str, data_coding: int, cost: int
) -> None:
    world.numbers.accounts[FLEET] = terms(rates=TEN)
    octets = text.encode("latin-1")
    assert passed(world, {"payload": octets, "data_coding": data_coding}) == 1
    assert left(world) == 10 - cost


async def test_each_part_that_the_sender_cut_counts(world: World) -> None:
    world.numbers.accounts[FLEET] = terms(rates=TEN)
    assert passed(world, part(1), part(2), part(3)) == 3
    assert left(world) == 7


async def test_where_messages_count_a_long_one_counts_once(world: World) -> None:
    world.numbers.accounts[FLEET] = terms(rates=TEN, counts_messages=True)
    assert passed(world, {"payload": b"x" * 1000}) == 1
    assert left(world) == 9


async def test_where_messages_count_the_parts_of_one_count_once_together(world: World) -> None:
    world.numbers.accounts[FLEET] = terms(rates=TEN, counts_messages=True)
    assert passed(world, part(2), part(1), part(3)) == 3
    assert left(world) == 9


async def test_the_other_parts_pass_though_nothing_is_left(world: World) -> None:
    world.numbers.accounts[FLEET] = terms(rates=TEN, counts_messages=True)
    assert passed(world, part(1)) == 1
    assert left(world) == 9
    assert passed(world, part(2), part(2), part(3), part(1, reference=8)) == 2


async def test_a_part_after_one_that_was_refused_is_the_first(world: World) -> None:
    world.numbers.accounts[FLEET] = terms(rates=TEN, counts_messages=True)
    left(world)
    assert passed(world, part(1), part(2), part(3)) == 0


async def test_parts_to_another_device_are_of_another_message(world: World) -> None:
    world.numbers.accounts[FLEET] = terms(rates=(Rate(1, 60_000),), counts_messages=True)
    assert passed(world, part(1)) == 1
    assert passed(world, part(2), to=BERT) == 0


@pytest.mark.parametrize("payload", [b"\x05\x00\x03", b"\x02\x70\x00x", b"\x03\x00\x03\x01"])
async def test_a_header_without_a_concatenation_counts_once(world: World, payload: bytes) -> None:
    world.numbers.accounts[FLEET] = terms(rates=TEN, counts_messages=True)
    passed(world, *[{"payload": payload + b"x" * 5, "esm_class": UDHI}] * 3)
    assert left(world) == 7


async def test_the_limit_of_the_device_counts_as_the_account_does(world: World) -> None:
    world.numbers.policies[ANNA] = Policy(mt_limit=TEN)
    world.numbers.accounts[FLEET] = terms()
    assert passed(world, {"payload": b"x" * 1000}) == 1
    assert left(world) == 3
    world.numbers.accounts[FLEET] = terms(counts_messages=True)
    world.numbers.policies[BERT] = Policy(mt_limit=TEN)
    assert passed(world, {"payload": b"x" * 1000}, to=BERT) == 1
    assert passed(world, *[{"payload": b"x"}] * 12, to=BERT) == 9


async def test_the_limit_on_all_accounts_counts_as_each_does(world: World) -> None:
    world.numbers.accounts[FLEET] = terms(server_rates=TEN)
    assert passed(world, {"payload": b"x" * 1000}) == 1
    assert left(world) == 3
    token = world.submit("hello", ANNA)
    assert world.door.verdicts[token].reason is Reason.RATE_LIMIT
    assert "all accounts together" in world.door.verdicts[token].detail


async def test_one_of_more_parts_than_the_limit_holds_passes_when_nothing_else_did(
    world: World,
) -> None:
    world.numbers.accounts[FLEET] = terms(rates=(Rate(2, 60_000),))
    assert passed(world, {"payload": b"x" * 1000}) == 1
    assert left(world) == 0
