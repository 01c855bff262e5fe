"""Tokens of the emnify dialect: what they are given for, how long they last, who is locked out."""

import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest

from smsc.clock import SimulatedClock
from smsc.web.emnify.calls import Calls
from smsc.web.emnify.errors import Wrong
from tests.web.emnify_caller import PREFIX, Caller
from tests.web.rooms import ANNA, FLEET, PASSWORD, SLOW, Rooms, token

SHA_1 = hashlib.sha1(PASSWORD.encode()).hexdigest()
NO_TOKEN = {"message": "token contains an invalid number of segments"}


async def sign_in(rooms: Rooms, **credentials: Any) -> httpx.Response:
    headers = {"authorization": "Bearer None"}
    path = f"{PREFIX}/authenticate"
    return await rooms.client.post(path, json=credentials, headers=headers)


async def auth_token(rooms: Rooms, account: str = FLEET) -> str:
    answer = await sign_in(rooms, application_token=token(account))
    return str(answer.json()["auth_token"])


async def status_of(rooms: Rooms, bearer: str) -> int:
    answer = await Caller(rooms, bearer=bearer).ask("GET", "/esme_interface_type")
    return answer.status_code


async def test_an_application_token_gets_an_auth_token_and_nothing_else(rooms: Rooms) -> None:
    answer = await sign_in(rooms, application_token=token(FLEET))
    assert (answer.status_code, [*answer.json()]) == (200, ["auth_token"])
    assert answer.headers["content-type"] == "application/json; charset=UTF-8"
    assert answer.json()["auth_token"].count(".") == 2
    assert await status_of(rooms, answer.json()["auth_token"]) == 200


async def test_a_wrong_application_token_gets_401_and_an_empty_body(rooms: Rooms) -> None:
    answer = await sign_in(rooms, application_token="wrong")
    assert (answer.status_code, answer.content) == (401, b"")


async def test_an_application_token_may_be_the_bearer_token_itself(rooms: Rooms) -> None:
    assert await status_of(rooms, token(SLOW)) == 200


async def test_a_name_and_the_sha_1_of_a_password_get_both_tokens(rooms: Rooms) -> None:
    answer = await sign_in(rooms, username=FLEET, password=SHA_1)
    tokens = answer.json()
    assert await status_of(rooms, tokens["auth_token"]) == 200
    renewed = await sign_in(rooms, refresh_token=tokens["refresh_token"])
    assert [*renewed.json()] == ["auth_token"]
    assert await status_of(rooms, renewed.json()["auth_token"]) == 200


async def test_a_refresh_token_is_no_auth_token_nor_the_other_way_round(rooms: Rooms) -> None:
    tokens = (await sign_in(rooms, username=FLEET, password=SHA_1)).json()
    assert await status_of(rooms, tokens["refresh_token"]) == 401
    answer = await sign_in(rooms, refresh_token=tokens["auth_token"])
    assert (answer.status_code, answer.json()["error_code"]) == (401, 1102)


async def test_a_wrong_password_and_an_unknown_name_are_told_alike(rooms: Rooms) -> None:
    # Of the second account nothing but a hash is known.
    for name, password in ((FLEET, "0" * 40), ("nobody", SHA_1), (SLOW, ""), (FLEET, PASSWORD)):
        answer = await sign_in(rooms, username=name, password=password)
        assert (answer.status_code, answer.json()["error_code"]) == (401, 1101)


async def test_credentials_of_no_kind_are_told(rooms: Rooms) -> None:
    for body in ({}, {"username": FLEET}, {"application_token": None}):
        answer = await sign_in(rooms, **body)
        assert (answer.status_code, answer.json()["error_code"]) == (422, 1400)
        assert answer.json()["errors"][0]["error_code"] == 1402


async def test_no_token_and_a_garbled_one_are_told_as_the_platform_does(rooms: Rooms) -> None:
    for bearer in ("", "None", "one.two", "a.b.c.d"):
        answer = await Caller(rooms, bearer=bearer).ask("GET", "/endpoint")
        assert (answer.status_code, answer.json()) == (401, NO_TOKEN)
    answer = await rooms.client.get(f"{PREFIX}/endpoint", headers={"authorization": "Basic eDp5"})
    assert (answer.status_code, answer.json()) == (401, NO_TOKEN)


async def test_a_token_that_was_tampered_with_is_none(rooms: Rooms) -> None:
    good = await auth_token(rooms, SLOW)
    head, claims, signature = good.split(".")
    other = (await auth_token(rooms)).split(".")[1]
    for bad in (f"{head}.{other}.{signature}", f"{head}.{claims}.{signature[::-1]}", "..", "é.é.é"):
        assert await Caller(rooms, bearer=bad).refused("GET", "/endpoint") == (401, 1102)


async def test_a_token_of_no_algorithm_is_none(rooms: Rooms) -> None:
    claims = (await auth_token(rooms)).split(".")[1]
    unsigned = f"eyJhbGciOiJub25lIn0.{claims}."
    assert await Caller(rooms, bearer=unsigned).refused("GET", "/endpoint") == (401, 1102)


async def test_a_token_lasts_four_hours(rooms: Rooms) -> None:
    bearer = await auth_token(rooms)
    rooms.clock.advance(14_399)
    assert await status_of(rooms, bearer) == 200
    rooms.clock.advance(1)
    assert await Caller(rooms, bearer=bearer).refused("GET", "/endpoint") == (401, 1103)


async def test_a_token_outlives_a_restart(tmp_path: Path) -> None:
    first = Rooms(tmp_path / "smsc.db")
    await first.open()
    bearer = await auth_token(first)
    await first.close()
    again = Rooms(tmp_path / "smsc.db")
    await again.open()
    assert await status_of(again, bearer) == 200
    await again.close()


async def test_after_three_failures_one_is_locked_out_for_five_minutes(rooms: Rooms) -> None:
    for _ in range(3):
        assert (await sign_in(rooms, application_token="guess")).status_code == 401
    for _ in range(2):
        answer = await sign_in(rooms, application_token=token(FLEET))
        assert (answer.status_code, answer.json()["error_code"]) == (429, 1105)
    # Who has a token already isn't concerned, nor is another name.
    assert await status_of(rooms, token(FLEET)) == 200
    assert (await sign_in(rooms, username=FLEET, password=SHA_1)).status_code == 200
    rooms.clock.advance(300)
    assert (await sign_in(rooms, application_token=token(FLEET))).status_code == 200


async def test_a_success_in_between_forgets_the_failures(rooms: Rooms) -> None:
    for _ in range(4):
        await sign_in(rooms, application_token="guess")
        await sign_in(rooms, application_token="guess")
        assert (await sign_in(rooms, application_token=token(FLEET))).status_code == 200


def test_no_more_than_a_hundred_sign_in_within_five_minutes() -> None:
    calls = Calls(SimulatedClock())
    for _ in range(100):
        calls.count("10.0.0.1", "", "POST", "/authenticate")
    with pytest.raises(Wrong) as told:
        calls.count("10.0.0.1", "", "POST", "/authenticate")
    assert told.value.kind.token == "TooManyRequests"
    assert int(told.value.headers["Retry-After"]) >= 1


async def test_a_store_that_can_t_write_is_told_to_who_wants_a_token(rooms: Rooms) -> None:
    rooms.store.full = True
    rooms.hlr.detach(ANNA)
    while not rooms.ledger.failing:
        await status_of(rooms, token(FLEET))
    answer = await sign_in(rooms, application_token=token(FLEET))
    assert (answer.status_code, answer.json()["error_code"]) == (503, 1001)
    assert await Caller(rooms, bearer="a.b.c").refused("GET", "/endpoint") == (503, 1001)


# What a token lets one do.

READS = ("/endpoint", "/sim", "/service_profile", "/api_callback", f"/endpoint/{ANNA}/sms")
SENDS = ((f"/endpoint/{ANNA}/sms", {"payload": "x"}), ("/api_secret", {"secret": "x"}))


async def may(caller: Caller) -> set[str]:
    """Find out what a caller may do."""
    found = set()
    for path in READS:
        answer = await caller.ask("GET", path)
        found.add("read" if answer.status_code == 200 else f"no read {answer.status_code}")
    for path, body in SENDS:
        answer = await caller.ask("POST", path, json=body)
        found.add("send" if answer.status_code == 201 else f"no send {answer.status_code}")
    for method, path in (
        ("PATCH", f"/endpoint/{ANNA}"),
        ("DELETE", "/service_profile/1/service/1"),
    ):
        answer = await caller.ask(method, path, json={"tags": "x"})
        found.add("admin" if answer.status_code != 403 else "no admin 403")
    return found


@pytest.mark.parametrize("scope", ["read", "send", "admin"])
async def test_a_token_is_for_what_its_scopes_say(rooms: Rooms, scope: str) -> None:
    scopes = {each if each == scope else f"no {each} 403" for each in ("read", "send", "admin")}
    assert await may(Caller(rooms, bearer=token(scope))) == scopes
    rooms.clock.advance(10)
    assert await may(Caller(rooms, bearer=await auth_token(rooms, scope))) == scopes


async def test_an_account_that_doesn_t_run_the_smsc_changes_no_devices(rooms: Rooms) -> None:
    slow = Caller(rooms, SLOW)
    assert await may(slow) == {"read", "send", "no admin 403"}
    told = (await slow.ask("DELETE", f"/endpoint/{ANNA}")).json()
    assert (told["error_code"], told["error_token"]) == (1104, "Forbidden")


async def test_who_signs_in_by_name_may_do_what_the_account_may(rooms: Rooms) -> None:
    answer = await sign_in(rooms, username=FLEET, password=SHA_1)
    fleet = Caller(rooms, bearer=answer.json()["auth_token"])
    assert await may(fleet) == {"read", "send", "admin"}
