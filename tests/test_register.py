"""The road's directory: devices with the policies that are in force now, accounts with terms."""

import pytest

from smsc.config import parse
from smsc.delivery.directory import Unread
from smsc.message import to_account, to_webhook
from smsc.policies import Policies
from smsc.policy_table import Policy as Table
from smsc.register import Register, devices
from smsc.subscriber import Device, Identity
from smsc.webhook_table import Webhook
from smsc.webhooks import Webhooks
from tests.network.shelf import Shelf

CONFIG = """
[[policies]]
name = "meters"
mo = false
[[policies]]
name = "trackers"
[[devices]]
msisdn = "491700000001"
policy = "meters"
iccid = "8949"
latency = "2s"
[[populations]]
msisdn = "4471########"
policy = "trackers"
attached = false
"""
ROW = "491700000001"
CROWD = "447100000001"
KEPT = "33123456789"


def policies() -> Policies:
    """Return the policies of meters and trackers, as they are at first."""
    return Policies([Table(name="meters"), Table(name="trackers")])


def directory(known: Policies, *kept: Device, in_memory: bool = True) -> Register:
    shelf = Shelf({device.number: device for device in kept})
    hlr = devices(parse(CONFIG, "smsc.toml"), shelf, shelf.opened(in_memory), 100)
    return Register(hlr, known, [])


def test_a_device_has_the_policy_that_its_row_names_whoever_keeps_the_row() -> None:
    register = directory(policies(), Device(number=KEPT, policy="meters"))
    found = [register.device(number) for number in (ROW, CROWD, KEPT, "1")]
    assert [policy.name if policy else None for policy in found] == [
        "meters",
        "trackers",
        "meters",
        None,
    ]


def test_a_policy_that_changes_counts_from_the_next_message_on() -> None:
    known = policies()
    register = directory(known, Device(number=KEPT, policy="meters"))
    known.replace_file([Table(name="meters", mt=False)])
    for number in (ROW, KEPT):
        policy = register.device(number)
        assert policy is not None and not policy.mt


def test_what_is_different_for_a_device_is_put_on_top_of_its_policy_as_it_is_now() -> None:
    known = policies()
    register = directory(known, Device(number=KEPT, policy="meters", overrides=b'{"mo":false}'))
    known.replace_file([Table(name="meters", mt=False)])
    policy = register.device(KEPT)
    assert policy is not None and (policy.mo, policy.mt) == (False, False)


def test_a_device_may_have_a_link_of_its_own() -> None:
    register = directory(policies(), Device(number=KEPT, link="north"))
    assert [register.link_of(number) for number in (KEPT, ROW, "1")] == ["north", "", ""]


async def test_what_is_not_in_memory_is_unread_until_it_was_read() -> None:
    kept = Device(number=KEPT, policy="meters", link="north")
    register = directory(policies(), kept, in_memory=False)
    for ask in (register.device, register.link_of):
        with pytest.raises(Unread):
            ask(KEPT)
    await register.read([KEPT])
    assert register.device(KEPT) is not None
    assert register.link_of(KEPT) == "north"


async def test_a_device_of_the_config_is_described_with_all_that_its_row_says() -> None:
    hlr = devices(parse(CONFIG, "smsc.toml"), Shelf(), Shelf().opened(), 100)
    cards = {Identity.ICCID: "8949"}
    assert await hlr.device(ROW) == Device(
        number=ROW, policy="meters", identities=cards, latency_ms=2000
    )


def test_a_webhook_that_is_made_later_is_the_home_of_its_account_from_then_on() -> None:
    hooks = Webhooks((), {"fleet": ("1234",)})
    hlr = devices(parse(CONFIG, "smsc.toml"), Shelf(), Shelf().opened(), 100)
    register = Register(hlr, policies(), [], webhooks=hooks)
    assert register.home("fleet", "1234") == to_account("fleet")
    hooks.put(Webhook(name="orders", url="https://example.com/", account="fleet"))
    assert register.home("fleet", "1234") == to_webhook("orders", "fleet")
