"""What became of messages, for whoever asks later: listed, shown with its history, exported."""

import csv
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.blocking import DELIVERED, Application, is_receipt, stated
from tests.journeys.server import ATTACHED, Server, demo_world

FULL = "491530000001"
REFUSING = "491530000002"
WORLD = f"""
[[devices]]
msisdn = "{FULL}"
memory = 1
[[devices]]
msisdn = "{REFUSING}"
error = 9
[[accounts]]
system_id = "guest"
password = "guest"
api_token = "guest"
"""


def shown(server: Server, message_id: str) -> tuple[dict[str, str], list[list[str]]]:
    """Return the facts and the history that `smsc messages show` prints, without times."""
    lines = server.command("messages", "show", message_id).splitlines()
    facts = dict(line.split(": ", 1) for line in lines if "\t" not in line)
    return facts, [line.split("\t")[1:] for line in lines if "\t" in line]


def shown_until(server: Server, message_id: str, event: str) -> list[list[str]]:
    """Look at a message until its history has an event; return the history."""
    while True:
        _, history = shown(server, message_id)
        if event in [line[0] for line in history]:
            return history


def listed(server: Server, *options: str) -> list[str]:
    lines = server.command("messages", "list", *options).splitlines()
    return [line.split("\t")[0] for line in lines]


def seen_by(server: Server, token: str, path: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(server.url + path, headers=headers, trust_env=False)


@pytest.fixture
def server(tmp_path: Path) -> Any:
    with Server(demo_world(tmp_path, WORLD)) as made:
        made.start()
        yield made


def test_a_message_is_followed_from_acceptance_to_its_receipt(
    server: Server, tmp_path: Path
) -> None:
    with Application(server.smpp) as application:
        application.transceiver()
        (first,) = application.send(FULL, "one")
        assert stated(application.next_heard()) == (first, DELIVERED)
        (second,) = application.send(FULL, "=2")
        shown_until(server, second, "attempt failed")
        server.command("devices", "clear", FULL)
        receipt = application.next_heard()
        assert is_receipt(receipt)
        assert stated(receipt) == (second, DELIVERED)
        (third,) = application.send(REFUSING, "three")
        application.next_heard()

    assert shown_until(server, second, "receipt ended") == [
        ["accepted", "ENROUTE", "", ""],
        ["attempt failed", "ENROUTE", "40", "memory capacity exceeded"],
        ["ended", "DELIVERED", "", ""],
        ["receipt made", "ENROUTE", "", ""],
        ["receipt ended", "DELIVERED", "", ""],
    ]
    facts, history = shown(server, third)
    assert (facts["state"], facts["error"]) == ("UNDELIVERABLE", "9")
    assert history[1] == ["ended", "UNDELIVERABLE", "9", "illegal subscriber"]

    assert listed(server) == [third, second, first]
    assert listed(server, "--device", FULL, "--order", "oldest") == [first, second]
    assert listed(server, "--state", "UNDELIVERABLE") == [third]

    file = tmp_path / "messages.csv"
    server.command("messages", "export", "--output", str(file))
    rows = list(csv.DictReader(file.read_text("utf-8").splitlines()))
    assert [row["id"] for row in rows] == [first, second, third]
    assert [row["text"] for row in rows] == ["one", "'=2", "three"]
    lines = server.command("messages", "export", "--format", "ndjson").splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["one", "=2", "three"]


def test_nobody_but_an_operator_sees_what_others_sent(server: Server) -> None:
    answer = server.post("/v1/messages", {"to": ATTACHED, "text": "private"})
    assert listed(server) == [answer["id"]]
    assert seen_by(server, "guest", f"/v1/messages/{answer['id']}").status_code == 404
    assert seen_by(server, "guest", "/v1/messages").json()["messages"] == []
    assert "private" not in seen_by(server, "guest", "/v1/messages/export").text
    assert seen_by(server, "guest", "/v1/messages?account=demo").status_code == 403


def test_what_was_kept_is_there_after_a_crash(server: Server) -> None:
    with Application(server.smpp) as application:
        application.transceiver()
        (message_id,) = application.send(ATTACHED, "hello")
        application.next_heard()
    before = shown_until(server, message_id, "receipt ended")
    server.kill()
    server.wait()
    server.start()
    assert shown(server, message_id)[1] == before
    assert listed(server) == [message_id]
