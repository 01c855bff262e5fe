"""A webhook's events outlive the process: accepted, killed, started again, told."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.server import ATTACHED, Server, demo_world
from tests.web.webhook_receiver import Process

HOOK = """
[[webhooks]]
name = "orders"
url = "{url}"
account = "demo"
allow_private = true
timeout = "10s"
"""


def texts(calls: list[dict[str, Any]]) -> list[str]:
    return [json.loads(call["body"])["data"]["text"] for call in calls]


@pytest.mark.parametrize("step", [{"do": "stall"}, {"status": 503}])
def test_what_was_accepted_is_told_though_the_process_is_killed_before_it_could(
    tmp_path: Path, step: dict[str, Any]
) -> None:
    with Process() as receiver:
        receiver.script("orders", *(step,) * 8)
        config = demo_world(tmp_path, HOOK.format(url=receiver.hook("orders")))
        with Server(config) as server:
            server.start()
            ids = [server.device_sends(ATTACHED, "1234", f"text {n}")[0] for n in range(20)]
            receiver.seen("orders", 1)
            server.kill()
            server.wait()
            before = len(receiver.seen("orders", 1))
            receiver.script("orders")
            server.start()
            until = before
            told: set[str] = set()
            while len(told) < 20:
                until += 1
                told.update(texts(receiver.seen("orders", until)[before:]))
            assert told == {f"text {n}" for n in range(20)}
            server.metrics_show("smsc_queue_depth 0.0")
            assert {server.state(message_id) for message_id in ids} == {"DELIVERED"}


def test_the_receipt_of_a_message_is_told_after_a_kill(tmp_path: Path) -> None:
    with Process() as receiver:
        receiver.script("orders", {"do": "stall"})
        config = demo_world(tmp_path, HOOK.format(url=receiver.hook("orders")))
        with Server(config) as server:
            server.start()
            body = {"to": ATTACHED, "text": "hi", "receipt": True}
            message_id = server.post("/v1/messages", body)["id"]
            receiver.seen("orders", 1)
            server.kill()
            server.wait()
            server.start()
            first, second = receiver.seen("orders", 2)[:2]
            assert first["body"] == second["body"]
            assert first["headers"]["webhook-id"] == second["headers"]["webhook-id"]
            assert json.loads(second["body"])["data"]["id"] == message_id
