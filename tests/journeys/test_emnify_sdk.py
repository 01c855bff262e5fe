"""emnify's own SDK, unmodified, against an SMSC that it takes for the platform it was made for."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.journeys.remote import Remote, emnify_sdk
from tests.journeys.server import ATTACHED, DETACHED, Server, demo_world

ENABLED = {"id": 0, "description": "Enabled"}
DISABLED = {"id": 1, "description": "Disabled"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(demo_world(tmp_path_factory.mktemp("emnify"))) as server:
        server.start()
        yield server


@pytest.fixture
def sdk(server: Server) -> Iterator[Remote]:
    with emnify_sdk(server.url, "demo") as remote:
        yield remote


def ask(sdk: Remote, call: str, **fields: Any) -> Any:
    """Have the SDK make a call that succeeds; return what it answers."""
    told = sdk.ask(call, **fields)
    assert "error" not in told, told
    return told["result"]


def profile(sdk: Remote) -> dict[str, Any]:
    (found, *_) = ask(sdk, "devices.get_devices_list")
    return {"id": found["service_profile"]["id"]}


def made(sdk: Remote, name: str, number: str, status: dict[str, Any] = ENABLED) -> int:
    """Create a device; return its id."""
    device = {
        "name": name,
        "tags": "demo",
        "status": status,
        "service_profile": profile(sdk),
        "tariff_profile": {"id": 1},
        "sim": {"id": int(number), "status": {"id": 1}},
    }
    created: int = ask(sdk, "devices.create_device", device=device)
    return created


def test_it_authenticates_by_itself_and_lists_devices(sdk: Remote) -> None:
    numbers = [each["name"] for each in ask(sdk, "devices.get_devices_list")]
    assert {ATTACHED, DETACHED} <= {*numbers}


def test_a_wrong_application_token_is_told_as_such(server: Server) -> None:
    with emnify_sdk(server.url, "no token") as stranger:
        told = stranger.ask("devices.get_devices_list")
    assert told["error"] == "UnauthorisedException"


def test_a_device_is_created_shown_changed_found_and_deleted(sdk: Remote) -> None:
    device = made(sdk, "Chargepoint Berlin", "491520000001")
    shown = ask(sdk, "devices.retrieve_device", device_id=device)
    assert (shown["name"], shown["tags"], shown["status"]["id"]) == (
        "Chargepoint Berlin",
        "demo",
        0,
    )
    assert shown["sim"]["msisdn"] == "491520000001"
    change = {"name": "Chargepoint Bonn", "tags": "moved"}
    assert ask(sdk, "devices.update_device", device_id=device, device=change) is True
    found = ask(sdk, "devices.get_devices_list", filter_model={"name": "point bonn"})
    assert [(each["id"], each["tags"]) for each in found] == [(device, "moved")]
    assert ask(sdk, "devices.delete_device", device_id=device) is True
    assert ask(sdk, "devices.get_devices_list", filter_model={"tags": "moved"}) == []


def test_a_list_is_sorted_and_filtered(sdk: Remote) -> None:
    made(sdk, "zebra", "491520000011")
    made(sdk, "aardvark", "491520000012", DISABLED)
    listed = ask(sdk, "devices.get_devices_list", filter_model={"tags": "demo"}, sort_enum="NAME")
    names = [each["name"] for each in listed]
    assert names == sorted(names) and {"zebra", "aardvark"} <= {*names}
    disabled = ask(sdk, "devices.get_devices_list", filter_model={"status": 1})
    assert [each["name"] for each in disabled] == ["aardvark"]


def test_a_device_is_disabled_and_enabled_with_its_sim(sdk: Remote) -> None:
    device = made(sdk, "switched", "491520000021")
    assert ask(sdk, "devices.change_status", device=device, disable=True) is True
    shown = ask(sdk, "devices.retrieve_device", device_id=device)
    assert (shown["status"]["id"], shown["sim"]["status"]["id"]) == (1, 2)
    assert connectivity(sdk, device) == "BLOCKED"
    assert ask(sdk, "devices.change_status", device=device, enable=True) is True
    assert connectivity(sdk, device) == "ATTACHED"


def connectivity(sdk: Remote, device: int) -> Any:
    told = ask(sdk, "devices.get_device_connectivity_status", device_id=device)
    return told["status"]["description"]


def test_an_sms_with_every_field_arrives_and_is_listed(server: Server, sdk: Remote) -> None:
    device = made(sdk, "meter", "491520000031")
    sms = {
        "payload": "part one",
        "source_address": "EMnify",
        "source_address_type": {"id": 208},
        "dcs": 0,
        "udh": "050003CC0101",
        "expiry_date": "2099-01-01T00:00:00.000+0000",
    }
    assert ask(sdk, "devices.send_sms", device=device, sms=sms) is True
    assert ask(sdk, "devices.send_sms", device=device, sms={"payload": "plain"}) is True
    server.device_sends("491520000031", "1234", "from the device")
    listed = ask(sdk, "devices.get_device_sms_list", device=device)
    assert [each["payload"] for each in listed] == ["from the device", "plain", "part one"]
    assert [each["sms_type"]["description"] for each in listed] == ["MO", "MT", "MT"]
    first = listed[-1]
    assert (first["source_address"], first["source_address_type"]["id"]) == ("EMnify", 208)
    assert (first["udh"], first["dcs"], first["endpoint"]["id"]) == ("050003CC0101", 0, device)
    assert [each["text"] for each in server.inbox("491520000031")] == ["part one", "plain"]


def test_what_it_sends_to_a_device_out_of_reach_is_buffered(server: Server, sdk: Remote) -> None:
    device = int(DETACHED)
    assert connectivity(sdk, device) == "OFFLINE"
    assert ask(sdk, "devices.send_sms", device=device, sms={"payload": "later"}) is True
    (sms,) = ask(sdk, "devices.get_device_sms_list", device=device)
    assert sms["status"] == {"id": 3, "description": "BUFFERED"}
    server.attach(DETACHED)
    assert connectivity(sdk, device) == "ATTACHED"


def test_connectivity_is_reset(sdk: Remote) -> None:
    device = int(ATTACHED)
    assert ask(sdk, "devices.reset_connectivity_network", device_id=device) is True
    assert ask(sdk, "devices.reset_connectivity_data", device_id=device) is True
    assert connectivity(sdk, device) == "ATTACHED"


def test_sims_are_listed_and_shown(sdk: Remote) -> None:
    number = int(ATTACHED)
    assert number in [sim["id"] for sim in ask(sdk, "sim.get_sim_list")]
    sim = ask(sdk, "sim.retrieve_sim", sim_id=number)
    assert (sim["msisdn"], sim["device"]["id"]) == (ATTACHED, number)


def test_there_are_no_events_and_no_operators(sdk: Remote) -> None:
    device = int(ATTACHED)
    assert ask(sdk, "devices.get_device_events_list", device=device) == []
    assert ask(sdk, "devices.get_device_operator_blacklist", device_id=device) == []
    assert ask(sdk, "operator.get_operators") == []
    refused = sdk.ask("devices.add_device_blacklist_operator", device_id=device, operator_id=1)
    assert refused["error"] == "ValidationErrorException"


@pytest.mark.parametrize(
    ("call", "fields", "words"),
    [
        ("retrieve_device", {"device_id": 123}, "Endpoint with Id '123' not found."),
        ("send_sms", {"device": int(ATTACHED), "sms": {"payload": "x" * 161}}, "payload"),
        ("delete_device", {"device_id": 999}, "not found"),
    ],
)
def test_what_is_wrong_is_told_in_the_words_of_the_smsc(
    sdk: Remote, call: str, fields: dict[str, Any], words: str
) -> None:
    told = sdk.ask(f"devices.{call}", **fields)
    assert told["error"] == "ValidationErrorException"
    assert words in told["words"]
