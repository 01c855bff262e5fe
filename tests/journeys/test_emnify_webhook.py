"""The webhook of a service profile, made over the emnify dialect, and what it is called with."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.journeys.server import Server, demo_world
from tests.web.webhook_receiver import Process

NUMBER = "491520000001"
SECRET = "hush"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(demo_world(tmp_path_factory.mktemp("emnify"))) as server:
        server.start()
        yield server


@pytest.fixture(scope="module")
def receiver() -> Iterator[Process]:
    with Process() as process:
        yield process


@pytest.fixture(scope="module")
def endpoint(server: Server, receiver: Process) -> Iterator[tuple[httpx.Client, str]]:
    """Make an endpoint under a profile with a callback and a secret; return its path."""
    headers = {"Authorization": "Bearer demo"}
    with httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, trust_env=False) as client:

        def made(path: str, body: dict[str, Any]) -> int:
            answer = client.post(path, json=body)
            assert answer.status_code == 201, answer.text
            return int(answer.headers["location"].rpartition("/")[2])

        callback = made("/api_callback", {"url": receiver.hook("emnify"), "purpose": "SMS"})
        secret = made("/api_secret", {"secret": SECRET})
        refs = {"api_callback": {"id": callback}, "api_secret": {"id": secret}}
        profile = made("/service_profile", {"name": "chargepoints", **refs})
        body = {
            "name": "Chargepoint Berlin",
            "service_profile": {"id": profile},
            "sim": {"id": int(NUMBER)},
        }
        yield client, f"/endpoint/{made('/endpoint', body)}"


def signed(call: dict[str, Any]) -> bool:
    """Whether a call bears a token that the secret has signed."""
    scheme, _, token = call["headers"]["Authorization"].partition(" ")
    head, _, signature = token.rpartition(".")
    expected = hmac.digest(SECRET.encode(), head.encode(), "sha256")
    return (scheme, signature) == ("Bearer", urlsafe_b64encode(expected).rstrip(b"=").decode())


def test_what_a_device_sends_is_posted_and_what_becomes_of_an_sms_patched(
    server: Server, receiver: Process, endpoint: tuple[httpx.Client, str]
) -> None:
    client, path = endpoint
    shown = client.get(path).json()
    named = {"id": shown["id"], "name": "Chargepoint Berlin"}
    server.device_sends(NUMBER, "7777", "This is a message")
    (posted,) = receiver.seen("emnify", 1)
    told = json.loads(posted["body"])
    assert (posted["method"], signed(posted)) == ("POST", True)
    assert (told["endpoint"], told["payload"]) == (named, "This is a message")
    assert (told["source_address"], told["dest_address"]) == (NUMBER, "7777")
    sent = client.post(f"{path}/sms", json={"payload": "start"})
    sms_id = int(sent.headers["location"].split("/")[8])
    _, patched = receiver.seen("emnify", 2)
    told = json.loads(patched["body"])
    assert (patched["method"], signed(patched)) == ("PATCH", True)
    assert (told["id"], told["status"]) == (sms_id, {"status": "DELIVERED", "id": 4})
    assert told["endpoint"] == named
    listed = client.get(f"{path}/sms").json()
    assert [each["payload"] for each in listed] == ["start", "This is a message"]
    assert {each["organisation_id"] for each in listed} == {str(told["organisation"]["id"])}
