"""Requests nobody should send: each is answered in the dialect's words, and the next is served."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.di import Provide
from litestar.routes import HTTPRoute

from smsc.web.emnify.dialect import router
from tests.web.emnify_caller import Caller
from tests.web.rooms import ANNA, Rooms

MANUAL = Path(__file__).parents[2] / "docs" / "emnify.md"

NASTY: tuple[Any, ...] = (
    None,
    True,
    -1,
    1.5,
    2**64,
    1e300,
    "",
    "\0",
    "'; DROP TABLE notes; --",
    '"><script>alert(1)</script>',
    "\u202e\ufffd\U0001f600",
    "x" * 5000,
    "9" * 400,
    [{"id": 1}],
    {},
    {"id": -1},
    {"id": 10**30},
    {"id": {"id": 1}},
    {"msisdn": "\0", "iccid": [], "imsi": 5},
)
"""Values of every kind that no field wants, or few."""

FIELDS = {
    "/authenticate": ("application_token", "username", "password", "refresh_token"),
    "/endpoint": ("name", "tags", "status", "service_profile", "sim", "imei", "imei_lock"),
    f"/endpoint/{ANNA}/sms": (
        "payload",
        "source_address",
        "source_address_type",
        "dest_address",
        "udh",
        "dcs",
        "pid",
        "expiry_date",
    ),
    "/endpoint/{made}/quota/sms": (
        "volume",
        "expiry_date",
        "threshold_percentage",
        "auto_refill",
        "action_on_exhaustion",
    ),
    "/service_profile": (
        "name",
        "description",
        "sms_p2p_int",
        "apply_sms_quota",
        "api_callback",
        "api_secret",
        "esme_interface_type",
    ),
    "/traffic_limit": ("service", "volume", "period"),
    "/api_callback": ("url", "purpose"),
    "/api_secret": ("secret", "purpose"),
}
GOOD: dict[str, dict[str, Any]] = {
    "/endpoint": {"name": "x", "sim": {"id": 4915100000009}},
    f"/endpoint/{ANNA}/sms": {"payload": "x"},
    "/endpoint/{made}/quota/sms": {"volume": 5, "expiry_date": "2099-01-01T00:00:00Z"},
    "/service_profile": {"name": "new"},
    "/traffic_limit": {"volume": 5},
    "/api_callback": {"url": "https://example.com"},
    "/api_secret": {"secret": "x"},
}


GIVEN = ("rooms", "authority", "stocks", "endpoints", "sims")


def giving(name: str) -> Provide:
    return Provide(lambda: name, sync_to_thread=False)


@cache
def routes() -> list[tuple[str, str]]:
    """List the methods and paths that are served, below the dialect's prefix."""
    given = {name: giving(name) for name in GIVEN}
    app = Litestar([router()], dependencies=given, openapi_config=None)
    return sorted(
        (str(method), route.path)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method in route.methods - {"OPTIONS"}
    )


def told_well(status: int, text: str) -> bool:
    """Whether an answer is one that a client of the dialect understands."""
    if status < 400:
        return True
    if status == 401 and not text:
        return True
    told = msgspec.json.decode(text)
    return status < 500 and bool(told["message"]) and bool(told["error_code"])


@pytest.mark.parametrize("path", FIELDS)
async def test_no_value_of_any_field_breaks_it(rooms: Rooms, fleet: Caller, path: str) -> None:
    made = (await fleet.endpoint()).rpartition("/")[2]
    profile = {"service_profile": {"id": await fleet.profile()}} if path == "/endpoint" else {}
    for field in FIELDS[path]:
        for value in NASTY:
            body = {**GOOD.get(path, {}), **profile, field: value}
            # Who guesses credentials may not do so as often.
            rooms.clock.advance(301)
            where = path.replace("{made}", made)
            answer = await fleet.ask("POST", where, content=msgspec.json.encode(body))
            assert told_well(answer.status_code, answer.text), (field, value, answer.text)


CHANGES = {
    f"/endpoint/{ANNA}": ("sim", "status"),
    "/endpoint/{made}": FIELDS["/endpoint"],
    f"/endpoint/{ANNA}/connectivity": ("location", "pdp_context"),
    "/service_profile/{profile}": FIELDS["/service_profile"],
    f"/sim/{ANNA}": ("status",),
}


@pytest.mark.parametrize("path", CHANGES)
async def test_no_value_of_a_change_breaks_it(rooms: Rooms, fleet: Caller, path: str) -> None:
    made = (await fleet.endpoint()).rpartition("/")[2]
    profile = (await fleet.made("/service_profile", {"name": "new"})).rpartition("/")[2]
    where = path.replace("{made}", made).replace("{profile}", profile)
    for field in CHANGES[path]:
        rooms.clock.advance(1)
        for value in NASTY:
            body = msgspec.json.encode({field: value})
            answer = await fleet.ask("PATCH", where, content=body)
            assert told_well(answer.status_code, answer.text), (field, value, answer.text)
        assert (await fleet.ask("GET", where)).status_code == 200


@pytest.mark.parametrize(
    "text", ["%00", "a%20b", "%27%20OR%201=1", "%3Cscript%3E", "9" * 300, "%D9%A1", "+1", "1e3"]
)
async def test_no_text_in_a_path_or_a_query_breaks_it(fleet: Caller, text: str) -> None:
    asked = [
        *(
            ("GET", re.sub(r"\{\w+:str\}", text, path))
            for method, path in routes()
            if method == "GET" and "{" in path
        ),
        *(("GET", f"/endpoint?{key}={text}") for key in ("q", "sort", "page", "per_page")),
        ("GET", f"/endpoint?q=name:{text},tags:{text}"),
        ("DELETE", f"/endpoint/{text}"),
        ("DELETE", f"/endpoint/{ANNA}/sms/{text}"),
    ]
    for method, path in asked:
        fleet.rooms.clock.advance(1)
        answer = await fleet.ask(method, path)
        assert told_well(answer.status_code, answer.text), (path, answer.text)


async def test_markup_in_a_name_comes_back_as_it_was_in_json(fleet: Caller) -> None:
    name = "<b>&\"'"
    answer = await fleet.ask("GET", await fleet.endpoint(name=name))
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["name"] == name


async def test_every_route_wants_a_token_but_that_for_tokens(rooms: Rooms) -> None:
    stranger = Caller(rooms, bearer="none.of.ours")
    for method, path in routes():
        rooms.clock.advance(1)
        answer = await stranger.ask(method, re.sub(r"\{\w+:str\}", "1", path))
        assert (answer.status_code == 401) is (path != "/authenticate"), path


# The manual.


def described() -> Iterator[tuple[str, str]]:
    """Give the calls that the manual lists, a brace for each parameter."""
    text = MANUAL.read_text("utf-8").partition("## Calls")[2].partition("\n### ")[0]
    for line in text.splitlines():
        methods: list[str] = []
        for span in re.findall(r"`([^`]+)`", line.split(" | ")[0]):
            *said, last = span.split()
            methods += said if last.startswith("/") else [last]
            if last.startswith("/"):
                yield from ((method, re.sub(r"\{\w+\}", "{}", last)) for method in methods)
                methods = []


def test_every_route_is_in_the_manual_and_no_other_is() -> None:
    served = {(method, re.sub(r"\{\w+:str\}", "{}", path)) for method, path in routes()}
    assert served - {("POST", "/authenticate")} == {*described()}
