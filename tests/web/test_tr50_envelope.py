"""The envelope of TR50: whose commands they are, and how each of them is answered."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from smsc.store.store import StoreError
from smsc.web.problems import LARGEST_BODY
from smsc.web.tr50.commands import COMMANDS
from smsc.web.tr50.envelope import MOST_COMMANDS
from tests.web.rooms import ANNA, FLEET, Rooms
from tests.web.tr50 import as_user, failure, post, read, refused, session

PING = {"command": "diag.ping"}


async def test_commands_are_answered_under_the_ids_they_came_under(rooms: Rooms) -> None:
    opened = await session(rooms)
    commands = {"dados": PING, "1": PING, "": PING, "ä": PING}
    reply = await post(rooms, {"auth": {"sessionId": opened}, **commands})
    assert reply == {command_id: {"success": True} for command_id in commands}


async def test_each_command_succeeds_or_fails_alone(rooms: Rooms) -> None:
    reply = await post(
        rooms,
        {
            "auth": as_user(),
            "1": {"command": "sms.send", "params": {"msisdn": ANNA}},
            "2": {"command": "diag.reboot"},
            "3": PING,
        },
    )
    assert failure(reply["1"]) == (-90003, "Missing parameter: coding")
    assert failure(reply["2"]) == (-90002, "Unknown command.")
    assert reply["3"] == {"success": True}


async def test_authentication_comes_first_wherever_it_stands(rooms: Rooms) -> None:
    reply = await post(rooms, {"1": PING, "auth": as_user()})
    assert {*reply} == {"1", "auth"}
    assert reply["1"] == {"success": True}


async def test_a_session_may_be_named_by_a_header(rooms: Rooms) -> None:
    opened = await session(rooms)
    assert await post(rooms, {"1": PING}, sessionId=opened) == {"1": {"success": True}}
    assert await post(rooms, {"auth": None, "1": PING}, sessionId=opened) == {
        "1": {"success": True}
    }


@pytest.mark.parametrize("auth", [{"sessionId": "0" * 32}, {"sessionId": "ä"}, {}, None])
async def test_without_a_session_nothing_is_done(rooms: Rooms, auth: Any) -> None:
    code, message = failure(await post(rooms, {"auth": auth, "1": PING}))
    assert code == -90000
    assert "Authentication session is invalid" in message


@pytest.mark.parametrize("auth", [5, "x", [1], {"sessionId": 5}, {"command": 5}, {"command": ""}])
async def test_an_auth_block_that_is_none_fails_the_whole_request(rooms: Rooms, auth: Any) -> None:
    assert failure(await post(rooms, {"auth": auth, "1": PING}))[0] == -90003


async def test_auth_takes_no_other_command(rooms: Rooms) -> None:
    assert failure(await post(rooms, {"auth": PING, "1": PING}))[0] == -90002


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b'"x"', b"5", b"\xff\xfe", b'"\xff"', b"[" * 60_000]
)
async def test_what_is_no_object_fails_as_a_whole(rooms: Rooms, body: bytes) -> None:
    assert failure(read(await rooms.client.post("/api", content=body)))[0] == -90003


async def test_too_large_a_body_is_a_failure_like_any_other(rooms: Rooms) -> None:
    body = b'{"1": "' + b"x" * LARGEST_BODY + b'"}'
    assert failure(read(await rooms.client.post("/api", content=body)))[0] == -90003


async def test_commands_of_one_request_are_bounded(rooms: Rooms) -> None:
    opened = await session(rooms)
    commands = dict.fromkeys(map(str, range(MOST_COMMANDS + 1)), PING)
    reply = await post(rooms, {"auth": {"sessionId": opened}, **commands})
    assert failure(reply)[0] == -90003
    commands.popitem()
    assert len(await post(rooms, {"auth": {"sessionId": opened}, **commands})) == MOST_COMMANDS


@pytest.mark.parametrize("command", [None, 5, "x", [], {}, {"command": 5}, {"command": ""}])
async def test_a_command_that_is_none_fails_alone(rooms: Rooms, command: Any) -> None:
    reply = await post(rooms, {"auth": as_user(), "1": command, "2": PING})
    assert failure(reply["1"])[0] == -90003
    assert reply["2"] == {"success": True}


@pytest.mark.parametrize("params", [5, "x", [], True])
async def test_parameters_that_are_none_fail_the_command(rooms: Rooms, params: Any) -> None:
    assert (await refused(rooms, "diag.ping", params))[0] == -90003


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "application/json"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "text/plain; charset=utf-16"},
        {"Content-Type": "image/png"},
    ],
)
async def test_the_body_is_json_whatever_its_type_says(
    rooms: Rooms, headers: dict[str, str]
) -> None:
    opened = await session(rooms)
    body = f'{{"auth": {{"sessionId": "{opened}"}}, "cmd": {{"command": "diag.ping"}}}}'
    response = await rooms.client.post("/api", content=body.encode(), headers=headers)
    assert response.headers["content-type"] == "application/json"
    assert read(response) == {"cmd": {"success": True}}


async def test_a_mistake_of_ours_fails_one_command_and_tells_nothing(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setitem(COMMANDS, "diag.time", broken)
    with capture_logs() as logs:
        reply = await post(rooms, {"auth": as_user(), "1": {"command": "diag.time"}, "2": PING})
    code, message = failure(reply["1"])
    assert code == -90007
    assert "secret" not in message
    assert reply["2"] == {"success": True}
    assert [entry["event"] for entry in logs] == ["request_failed"]


async def test_a_store_that_cannot_be_read_is_told_as_such(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unread(*_: object) -> None:
        raise StoreError("the disk is gone")

    monkeypatch.setattr(rooms.store, "identified", unread)
    code, message = await refused(rooms, "thing.find", {"imei": "35693"})
    assert code == -90006
    assert "disk" not in message


NAMES = (
    *("thingKey", "esn", "iccid", "imei", "imsi", "meid", "msisdn", "key", "id", "thingId"),
    *("smsc", "message", "trim", "coding", "from", "validity", "to", "body", "text"),
    *("start", "end", "last", "records", "offset", "limit", "sort", "direction", "tags", "ids"),
)
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 10**30, 1e300, "", " ", "\0", "x" * 300, "\ud7ff"),
    *("1", "-1", "9" * 40, "0x1", "' OR 1=1 --", "<script>", "../..", "%00", "{}", "1_0", "\u0661"),
    *([], [[]], [None], ["x"], [1], {}, {"x": {"y": []}}),
)


@pytest.mark.parametrize("command", sorted(COMMANDS))
async def test_whatever_a_command_is_given_it_succeeds_or_says_what_is_wrong(
    rooms: Rooms, command: str
) -> None:
    usual = {"msisdn": ANNA, "imei": "35", "coding": "SEVEN_BIT", "message": "x", "key": FLEET}
    given = [usual | {name: value} for name in NAMES for value in VALUES] + [{}, usual]
    with capture_logs() as logs:
        for start in range(0, len(given), 100):
            commands = {
                str(number): {"command": command, "params": params}
                for number, params in enumerate(given[start : start + 100])
            }
            reply = await post(rooms, {"auth": as_user(), **commands})
            del reply["auth"]
            assert {*reply} == {*commands}
            for answer in reply.values():
                assert answer["success"] or failure(answer)[0] in SAID
    assert [entry for entry in logs if entry["event"] == "request_failed"] == []


SAID = (-90003, -90004, -90005, -90008)
"""Whoever asks can do something about these."""
