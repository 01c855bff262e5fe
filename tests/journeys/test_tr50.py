"""TR50 against a live SMSC: what was answered is true after the process was killed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from tests.journeys.server import DETACHED, SECONDS_AT_MOST, Server, demo_world

MOWER = "491700000055"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(demo_world(tmp_path)) as server:
        server.start()
        yield server


def post(server: Server, body: dict[str, Any], **headers: str) -> dict[str, Any]:
    """Post as clients do that set no content type; return the reply."""
    response = httpx.request(
        "POST",
        f"{server.url}/api",
        json=body,
        headers={"Content-Type": "text/plain", **headers},
        timeout=SECONDS_AT_MOST,
        trust_env=False,
    )
    assert response.status_code == 200
    reply: dict[str, Any] = response.json()
    return reply


def user() -> dict[str, Any]:
    return {
        "command": "api.authenticate",
        "params": {"username": "demo", "password": "demo"},
    }


def application(app_id: str) -> dict[str, Any]:
    params = {"appId": app_id, "appToken": "demo", "thingKey": "mower"}
    return {"command": "api.authenticate", "params": params}


def sms(**params: Any) -> dict[str, Any]:
    return {"command": "sms.send", "params": {"coding": "SEVEN_BIT", "message": "UP"} | params}


def test_a_message_that_was_answered_is_there_after_a_kill(server: Server) -> None:
    sent = post(server, {"auth": user(), "1": sms(msisdn=DETACHED)})
    server.kill()
    server.wait()
    server.start()
    history = {"command": "sms.history", "params": {"ids": sent["1"]["params"]["uuid"]}}
    (row,) = post(server, {"auth": user(), "1": history})["1"]["params"]["result"]
    assert (row["id"], row["status"]) == (sent["1"]["params"]["id"], "enroute")
    server.attach(DETACHED)
    server.metrics_show('smsc_finals_total{state="DELIVERED"} 1.0')
    assert server.texts(DETACHED) == ["UP"]


def test_a_thing_goes_by_its_application_after_a_kill_but_sessions_have_ended(
    server: Server,
) -> None:
    server.post("/v1/devices", {"msisdn": MOWER, "thing_key": "mower"})
    opened = post(server, {"auth": application("first")})["auth"]["params"]["sessionId"]
    server.kill()
    server.wait()
    server.start()
    reply = post(server, {"1": sms()}, sessionId=opened)
    assert (reply["success"], reply["errorCodes"]) == (False, [-90000])
    assert post(server, {"auth": application("second")})["errorCodes"] == [-90001]
    assert post(server, {"auth": application("first"), "1": sms()})["1"]["success"]
    server.metrics_show('smsc_finals_total{state="DELIVERED"} 1.0')
    assert server.texts(MOWER) == ["UP"]


def test_a_user_whose_password_is_hashed_logs_in_like_any_other(tmp_path: Path) -> None:
    file = demo_world(tmp_path)
    text = file.read_text("utf-8").replace('password = "demo"', f'password_hash = "{HASH}"')
    file.write_text(text, "utf-8")
    with Server(file) as server:
        server.start()
        assert post(server, {"auth": user()})["auth"]["success"]
        listed = post(server, {"auth": user(), "1": {"command": "sms.smsc_list"}})
        assert listed["1"]["params"]["result"] == [{"name": "smsc"}]


HASH = PasswordHasher(time_cost=1, memory_cost=1024).hash("demo")
