"""Sessions of TR50: users and applications open them, and what keeps others out."""

import asyncio
from typing import Any

import httpx
import pytest

from smsc.clock import SimulatedClock
from smsc.web.tr50.sessions import IDLE_SECONDS, Session, Sessions
from tests.web.rooms import ANNA, FLEET, SLOW, Rooms, token
from tests.web.tr50 import (
    as_application,
    as_user,
    ask,
    done,
    failure,
    make_thing,
    password,
    post,
    refused,
    session,
)

PING = {"command": "diag.ping"}
WRONG = (-90001, "Authentication failed.")


async def test_a_user_is_an_account_with_its_password(rooms: Rooms) -> None:
    reply = await post(rooms, {"auth": as_user()})
    assert {*reply} == {"auth"}
    params = reply["auth"]["params"]
    assert {*params} == {"orgKey", "sessionId"}
    assert params["orgKey"] == FLEET
    assert await post(rooms, {"auth": {"sessionId": params["sessionId"]}, "1": PING}) == {
        "1": {"success": True}
    }


@pytest.mark.parametrize(
    ("username", "secret"), [(FLEET, "wrong"), ("nobody", "x"), (FLEET, password(SLOW)), ("", "x")]
)
async def test_a_wrong_password_opens_nothing(rooms: Rooms, username: str, secret: str) -> None:
    reply = await post(rooms, {"auth": as_user(username, secret), "1": PING})
    assert failure(reply) == WRONG


async def test_names_and_passwords_that_could_be_nobodys_are_not_looked_at(rooms: Rooms) -> None:
    assert failure(await post(rooms, {"auth": as_user("x" * 5000)})) == WRONG
    assert failure(await post(rooms, {"auth": as_user(FLEET, "x" * 5000)})) == WRONG


@pytest.mark.parametrize("name", ["username", "password"])
async def test_what_a_login_lacks_is_named(rooms: Rooms, name: str) -> None:
    auth = as_user()
    del auth["params"][name]
    assert failure(await post(rooms, {"auth": auth})) == (-90003, f"Missing parameter: {name}")
    auth["params"][name] = 5
    assert failure(await post(rooms, {"auth": auth}))[0] == -90003


async def test_eight_failures_lock_a_user_out_for_half_an_hour(rooms: Rooms) -> None:
    for _ in range(8):
        assert failure(await post(rooms, {"auth": as_user(FLEET, "wrong")})) == WRONG
    code, message = failure(await post(rooms, {"auth": as_user()}))
    assert code == -90001
    assert "30 minutes" in message
    assert await session(rooms, as_user(SLOW))
    rooms.clock.advance(30 * 60 + 1)
    assert await session(rooms)


async def test_seven_failures_lock_nobody_out(rooms: Rooms) -> None:
    for _ in range(7):
        await post(rooms, {"auth": as_user(FLEET, "wrong")})
    assert await session(rooms)


async def test_an_application_comes_with_the_accounts_token(rooms: Rooms) -> None:
    await make_thing(rooms)
    reply = await post(rooms, {"auth": as_application(token(FLEET))})
    assert reply["auth"]["params"]["orgKey"] == FLEET


async def test_an_application_without_a_known_token_is_refused(rooms: Rooms) -> None:
    assert failure(await post(rooms, {"auth": as_application("wrong")})) == WRONG


@pytest.mark.parametrize("name", ["appId", "thingKey"])
async def test_what_an_application_lacks_is_named(rooms: Rooms, name: str) -> None:
    auth = as_application(token(FLEET))
    del auth["params"][name]
    assert failure(await post(rooms, {"auth": auth})) == (-90003, f"Missing parameter: {name}")


@pytest.mark.parametrize("app_id", ["", "x" * 65, 5, None, ["x"]])
async def test_an_application_has_an_id_of_up_to_64_characters(rooms: Rooms, app_id: Any) -> None:
    auth = as_application(token(FLEET), app_id)
    assert failure(await post(rooms, {"auth": auth}))[0] == -90003


async def test_a_thing_goes_by_the_application_that_came_first(rooms: Rooms) -> None:
    await make_thing(rooms)
    await make_thing(rooms, "491700000101", **{**_none(), "thing_key": "mower-8"})
    assert await session(rooms, as_application(token(FLEET), "first"))
    code, message = failure(await post(rooms, {"auth": as_application(token(FLEET), "second")}))
    assert code == -90001
    assert "another appId" in message
    assert await session(rooms, as_application(token(FLEET), "first"))
    assert await session(rooms, as_application(token(FLEET), "second", "mower-8"))


async def test_a_thing_nobody_knows_is_bound_to_nothing(rooms: Rooms) -> None:
    assert await session(rooms, as_application(token(FLEET), "first", "ghost"))
    assert await session(rooms, as_application(token(FLEET), "second", "ghost"))
    assert await session(rooms, as_application(token(FLEET), "third", "gho/st"))


async def test_a_session_ends_when_it_was_not_used_for_eight_hours(rooms: Rooms) -> None:
    opened = await session(rooms)
    for _ in range(3):
        rooms.clock.advance(IDLE_SECONDS - 1)
        assert await post(rooms, {"1": PING}, sessionId=opened) == {"1": {"success": True}}
    rooms.clock.advance(IDLE_SECONDS)
    assert failure(await post(rooms, {"1": PING}, sessionId=opened))[0] == -90000


async def test_a_session_can_be_ended(rooms: Rooms) -> None:
    opened, other = await session(rooms), await session(rooms)
    ended = await post(rooms, {"1": {"command": "session.end"}}, sessionId=opened)
    assert ended == {"1": {"success": True}}
    assert failure(await post(rooms, {"1": PING}, sessionId=opened))[0] == -90000
    assert await post(rooms, {"1": PING}, sessionId=other) == {"1": {"success": True}}


def test_an_account_with_too_many_sessions_loses_the_one_used_least_lately() -> None:
    sessions = Sessions(SimulatedClock(), most=2)
    first, second = (sessions.begin(Session("a", 0)) for _ in range(2))
    others = sessions.begin(Session("b", 0))
    assert sessions.find(first) is not None
    third = sessions.begin(Session("a", 0))
    assert sessions.find(second) is None
    assert None not in (sessions.find(first), sessions.find(third), sessions.find(others))
    assert len(sessions) == 3


def test_sessions_that_nobody_uses_are_forgotten() -> None:
    clock = SimulatedClock()
    sessions = Sessions(clock)
    old = sessions.begin(Session("a", 0))
    clock.advance(IDLE_SECONDS)
    sessions.begin(Session("a", 0))
    assert (len(sessions), sessions.find(old)) == (1, None)


async def test_session_info_tells_who_a_user_is(rooms: Rooms) -> None:
    info = await done(rooms, "session.info")
    assert info.pop("ref")
    assert info == {
        "serverId": "smsc",
        "orgKey": FLEET,
        "whoAmI": FLEET,
        "userName": FLEET,
        "ipAddress": "127.0.0.1",
        "ttl": 28800,
        "startTime": "2023-11-14T22:13:20.00+00:00",
    }


async def test_session_info_tells_which_application_asks(rooms: Rooms) -> None:
    await make_thing(rooms)
    info = await done(rooms, "session.info", auth=as_application(token(SLOW)))
    assert (info["orgKey"], info["appId"], info["thingKey"]) == (SLOW, "app", "mower-7")
    assert "userName" not in info


async def test_one_may_switch_to_the_organisation_one_is_in(rooms: Rooms) -> None:
    assert await ask(rooms, "session.org.switch", {"key": FLEET}) == {"success": True}
    assert (await refused(rooms, "session.org.switch", {"key": SLOW}))[0] == -90004
    assert await refused(rooms, "session.org.switch") == (-90003, "Missing parameter: key")


async def test_a_form_opens_a_session_whose_id_is_the_whole_answer(rooms: Rooms) -> None:
    form = {"username": FLEET, "password": password(FLEET)}
    response = await rooms.client.post("/rest/auth", data=form)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain")
    assert await post(rooms, {"1": PING}, sessionId=response.text) == {"1": {"success": True}}


@pytest.mark.parametrize(
    "body",
    [b"", b"username=fleet", b"\xff", b"{}", b"&" * 1000, b"username=fleet&password=wrong"],
)
async def test_a_form_that_opens_nothing_is_answered_401(rooms: Rooms, body: bytes) -> None:
    response = await rooms.client.post("/rest/auth", content=body)
    assert (response.status_code, response.headers["content-type"].partition(";")[0]) == (
        401,
        "text/plain",
    )


async def test_too_large_a_form_is_answered_401(rooms: Rooms) -> None:
    response = await rooms.client.post("/rest/auth", content=b"username=" + b"x" * 100_000)
    assert response.status_code == 401


async def test_logins_at_the_same_time_each_get_a_session(rooms: Rooms) -> None:
    ids = await asyncio.gather(*(session(rooms) for _ in range(20)))
    assert len({*ids}) == 20


async def test_a_token_is_no_session(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url, trust_env=False) as client:
        body = {"1": {"command": "sms.send", "params": {"msisdn": ANNA}}}
        headers = {"sessionId": FLEET, "Authorization": "Bearer fleet"}
        response = await client.post("/api", json=body, headers=headers)
    assert failure(response.json())[0] == -90000


def _none() -> dict[str, None]:
    return dict.fromkeys(("esn", "iccid", "imei", "imsi", "meid", "name", "id"))
