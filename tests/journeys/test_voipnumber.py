"""The example's module of VoIP Number's surface, run by Node.js against a live SMSC."""

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.server import ATTACHED, SECONDS_AT_MOST, Server, demo_world
from tests.web.webhook_receiver import Process

MODULE = Path(__file__).parents[2] / "examples" / "voipnumber.js"
CLIENT = Path(__file__).parent / "peers" / "voipnumber.js"
HOOK = """
[[webhooks]]
name = "mo"
url = "{url}"
account = "demo"
shape = "voipnumber"
allow_private = true
"""
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(demo_world(tmp_path_factory.mktemp("voipnumber"))) as server:
        server.start()
        yield server


def send(
    url: str, account: str = "demo", token: str = "demo", sender: str = "1234", text: str = "Hi"
) -> dict[str, Any]:
    """Send an SMS by the module; return whether that was resolved or rejected, and with what."""
    arguments = [str(MODULE), url, account, token, sender, f"+{ATTACHED}", text]
    done = subprocess.run(
        ["node", str(CLIENT), *arguments], capture_output=True, text=True, timeout=SECONDS_AT_MOST
    )
    assert (done.returncode, done.stderr) == (0, "")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_the_promise_is_resolved_with_the_documented_object(server: Server) -> None:
    response = send(server.url, text="Thank you, €5")["resolved"]
    outer, inner, queued = response, response["result"], response["result"]["result"]
    assert ({*outer}, outer["status"]) == ({"status", "result"}, "OK")
    assert ({*inner}, inner["status"]) == ({"status", "result"}, "OK")
    assert {*queued} == {"status", "body", "timestamp_s", "created", "id"}
    assert (queued["status"], queued["body"]) == ("queued", "Thank you, €5")
    assert _UUID.fullmatch(queued["id"])
    created = datetime.strptime(f"{queued['created']} +0000", "%d %b %Y %H:%M:%S %z")
    assert created.timestamp() == queued["timestamp_s"]
    assert "Thank you, €5" in server.texts(ATTACHED)


@pytest.mark.parametrize(
    ("credentials", "code"),
    [
        ({"account": ""}, "USER_ACCOUNT_MISSING"),
        ({"token": ""}, "API_TOKEN_MISSING"),
        ({"account": "nobody"}, "USER_NOT_FOUND"),
        ({"token": "wrong"}, "API_TOKEN_INVALID"),
        ({"sender": "+4999"}, "NUMBER_NOT_FOUND"),
        ({"sender": ""}, "MESSAGE_INVALID"),
    ],
)
def test_the_promise_is_rejected_with_the_documented_error(
    server: Server, credentials: dict[str, str], code: str
) -> None:
    answer = send(server.url, **credentials)
    assert answer["error"] is True
    assert answer["rejected"]["status"] == "Error"
    assert answer["rejected"]["result"]["error_code"] == code
    assert answer["rejected"]["result"]["error"]


def test_what_a_device_sends_is_told_to_the_webhook_and_its_record_tells_how_that_went(
    tmp_path: Path,
) -> None:
    with Process() as receiver:
        receiver.script("mo", {"status": 200})
        config = demo_world(tmp_path, HOOK.format(url=receiver.hook("mo")))
        with Server(config) as server:
            server.start()
            server.device_sends(ATTACHED, "1234", "hello")
            (call,) = receiver.seen("mo", 1)
            server.metrics_show("smsc_queue_depth 0.0")
            told = json.loads(call["body"])
            (record,) = records(server.url)
    shared = {"from": told["from"], "to": told["to"], "body": told["body"], "type": told["type"]}
    assert record == shared | {
        "id": told["mdr_id"],
        "timestamp_s": told["mdr_timestamp_s"],
        "created": told["mdr_created"],
        "direction": "inbound",
        "status": told["status"],
        "webhook_called": True,
        "webhook_status": 200,
    }


def records(url: str) -> list[dict[str, Any]]:
    """Return the message data records of the demo account."""
    answer = httpx.get(f"{url}/sms", auth=("demo", "demo"), trust_env=False).json()
    found: list[dict[str, Any]] = answer["result"]["result"]["records"]
    return found


def test_the_promise_is_rejected_where_nobody_answers_as_voip_number(server: Server) -> None:
    for url in ("http://127.0.0.1:1", f"{server.url}/schema"):
        rejected = send(url)["rejected"]
        assert (rejected["status"], rejected["result"]["error_code"]) == ("Error", "UNAVAILABLE")
