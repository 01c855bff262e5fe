"""A client of TR50, and things for it to write to."""

from typing import Any

import httpx

from tests.web.rooms import ANNA, FLEET, Rooms

THING = "491700000100"
"""Within reach, and known by everything a thing may be known by."""
IDENTITIES = {
    "thing_key": "mower-7",
    "esn": "80AB1",
    "iccid": "8949000000000000001",
    "imei": "356938035643809",
    "imsi": "262010000000007",
    "meid": "A10000009296F1",
    "name": "The mower",
    "id": "77",
}
SESSION_INVALID = "Authentication session is invalid"


async def make_thing(rooms: Rooms, number: str = THING, **more: Any) -> None:
    body = {"msisdn": number, **IDENTITIES, **more}
    made = await rooms.client.post("/v1/devices", json=body)
    assert made.status_code == 201, made.text


async def post(rooms: Rooms, body: Any, **headers: str) -> dict[str, Any]:
    """Send a request; return the reply, which comes with 200 whatever is in it."""
    response = await rooms.client.post("/api", json=body, headers=headers)
    return read(response)


def read(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    reply: dict[str, Any] = response.json()
    return reply


def password(account: str) -> str:
    return f"{account}-pässword"


def as_user(username: str = FLEET, secret: str = "") -> dict[str, Any]:
    params = {"username": username, "password": secret or password(username)}
    return {"command": "api.authenticate", "params": params}


def as_application(token: str, app_id: str = "app", thing: str = "mower-7") -> dict[str, Any]:
    params = {"appId": app_id, "appToken": token, "thingKey": thing}
    return {"command": "api.authenticate", "params": params}


async def session(rooms: Rooms, auth: dict[str, Any] | None = None) -> str:
    """Open a session; return its id."""
    reply = await post(rooms, {"auth": auth or as_user()})
    assert reply["auth"]["success"], reply
    return str(reply["auth"]["params"]["sessionId"])


async def ask(
    rooms: Rooms, command: str, params: Any = None, auth: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Do one command in a session of its own; return what is answered to it."""
    given = {"command": command} | ({} if params is None else {"params": params})
    reply = await post(rooms, {"auth": auth or as_user(), "1": given})
    assert {*reply} == {"auth", "1"}, reply
    answer: dict[str, Any] = reply["1"]
    return answer


async def done(rooms: Rooms, command: str, params: Any = None, **more: Any) -> dict[str, Any]:
    """Do one command that succeeds; return its parameters."""
    answer = await ask(rooms, command, params, **more)
    assert answer["success"] is True, answer
    assert {*answer} <= {"success", "params"}
    found: dict[str, Any] = answer.get("params", {})
    assert found or "params" not in answer
    return found


async def refused(rooms: Rooms, command: str, params: Any = None, **more: Any) -> tuple[int, str]:
    """Do one command that fails; return the code and the message."""
    answer = await ask(rooms, command, params, **more)
    return failure(answer)


def failure(answer: dict[str, Any]) -> tuple[int, str]:
    """Return the code and the message of a failure."""
    assert {*answer} == {"success", "errorCodes", "errorMessages"}, answer
    assert answer["success"] is False
    ((code,), (message,)) = answer["errorCodes"], answer["errorMessages"]
    assert isinstance(code, int)
    assert isinstance(message, str)
    return code, message


async def texts(rooms: Rooms, number: str = ANNA) -> list[str | None]:
    """Return the texts that a device has got."""
    await rooms.settled()
    inbox = await rooms.client.get(f"/v1/devices/{number}/inbox")
    return [message["text"] for message in inbox.json()["messages"]]
