"""What all answers of the emnify dialect have in common, and how often one may ask."""

from dataclasses import replace
from pathlib import Path

import pytest

from smsc.clock import SimulatedClock
from smsc.web.emnify.calls import Calls
from smsc.web.emnify.dialect import LARGEST_BODY
from smsc.web.emnify.errors import Wrong
from smsc.web.limits import Terms
from smsc.web.services import Services
from tests.web.emnify_caller import PREFIX, Caller
from tests.web.rooms import ANNA, Rooms, token

ALL = "GET, POST, PATCH, PUT, DELETE"


async def test_every_answer_may_be_read_by_any_page(rooms: Rooms, fleet: Caller) -> None:
    answers = [
        await fleet.ask("GET", "/endpoint"),
        await fleet.ask("GET", "/endpoint/123"),
        await fleet.ask("GET", "/nowhere"),
        await Caller(rooms, bearer="").ask("GET", "/endpoint"),
        await rooms.client.options(f"{PREFIX}/endpoint/1/sms"),
    ]
    assert [each.status_code for each in answers] == [200, 404, 404, 401, 200]
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["access-control-allow-methods"] == ALL
        exposed = answer.headers["access-control-expose-headers"].split(", ")
        assert {"Location", "X-Total-Count", "X-Total-Pages"} <= {*exposed}


async def test_a_browser_may_send_a_token_and_json(rooms: Rooms) -> None:
    answer = await rooms.client.options(f"{PREFIX}/endpoint")
    assert "authorization" in answer.headers["access-control-allow-headers"]


class Choosy(Rooms):
    """Rooms whose native API only pages of one origin may call."""

    def services(self) -> Services:
        return replace(super().services(), terms=Terms(origins=("https://console.example",)))


async def test_pages_that_may_not_call_the_native_api_may_call_this(tmp_path: Path) -> None:
    rooms = Choosy(tmp_path / "smsc.db")
    await rooms.open()
    headers = {"origin": "https://other.example", "access-control-request-method": "POST"}
    answer = await rooms.client.options(f"{PREFIX}/endpoint", headers=headers)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    for origin in ("https://console.example", "https://other.example"):
        answer = await Caller(rooms).ask("GET", "/endpoint", headers={"origin": origin})
        assert answer.headers.get_list("access-control-allow-origin") == ["*"]
        assert "X-Total-Pages" in answer.headers["access-control-expose-headers"]
    await rooms.close()


async def test_what_is_not_there_is_told_in_the_words_of_the_dialect(fleet: Caller) -> None:
    assert await fleet.refused("GET", "/nowhere") == (404, 1201)
    assert await fleet.refused("GET", "/") == (404, 1201)
    assert await fleet.refused("PUT", "/endpoint") == (405, 1000)


async def test_the_native_api_is_none_of_its_business(rooms: Rooms) -> None:
    answer = await rooms.client.get("/v1/nowhere")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "access-control-allow-origin" not in answer.headers
    schema = (await rooms.client.get("/schema/openapi.json")).json()
    assert [path for path in schema["paths"] if path.startswith(PREFIX)] == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b"\xff\xfe", b'{"name": 5}', b"[" * 30_000, b'"x"']
)
async def test_a_body_that_is_not_as_it_should_be_is_told(fleet: Caller, body: bytes) -> None:
    status, code = await fleet.refused("POST", "/endpoint", content=body)
    assert (status, code) in ((400, 1000), (422, 1403))


async def test_a_body_that_is_too_large_is_refused(fleet: Caller) -> None:
    status, _ = await fleet.refused("POST", "/endpoint", content=b" " * (LARGEST_BODY + 1))
    assert status == 413


async def test_a_location_has_the_name_that_the_client_calls_us_by(fleet: Caller) -> None:
    for headers, start in (
        ({"host": "smsc.example"}, "http://smsc.example/"),
        (
            {"x-forwarded-host": "api.example:8443", "x-forwarded-proto": "https"},
            "https://api.example:8443/",
        ),
        ({"x-forwarded-host": 'bad"host'}, f"{fleet.rooms.url}/"),
        ({"x-forwarded-proto": "gopher"}, f"{fleet.rooms.url}/"),
    ):
        path, sms = f"/endpoint/{ANNA}/sms", {"payload": "x"}
        answer = await fleet.ask("POST", path, json=sms, headers=headers)
        location = answer.headers["location"]
        assert location.startswith(start)
        # Clients take the ninth piece, whatever the host.
        assert location.split("/")[8].isdigit()


async def test_endpoints_are_listed_ten_times_a_second(rooms: Rooms, fleet: Caller) -> None:
    for _ in range(10):
        await fleet.get("/endpoint")
    answer = await fleet.ask("GET", "/endpoint")
    assert (answer.status_code, answer.json()["error_code"]) == (429, 1105)
    assert answer.headers["access-control-allow-origin"] == "*"
    rooms.clock.advance(1)
    await fleet.get("/endpoint")


async def test_one_endpoint_is_shown_fifty_times_a_second(fleet: Caller) -> None:
    for _ in range(50):
        await fleet.get(f"/endpoint/{ANNA}")
    assert await fleet.refused("GET", f"/endpoint/{ANNA}") == (429, 1105)
    await fleet.get(f"/endpoint/{ANNA}/connectivity")


def test_two_thousand_calls_pass_in_five_minutes_and_sending_isn_t_counted() -> None:
    calls = Calls(SimulatedClock())
    for _ in range(2000):
        calls.count("10.0.0.1", "fleet", "GET", "/service_profile")
    with pytest.raises(Wrong) as told:
        calls.count("10.0.0.1", "fleet", "GET", "/service_profile")
    assert told.value.kind.code == 1105
    calls.count("10.0.0.1", "fleet", "POST", "/endpoint/1/sms")
    calls.count("10.0.0.1", "slow", "GET", "/service_profile")
    calls.count("10.0.0.2", "fleet", "GET", "/service_profile")


async def test_a_token_is_never_shown(rooms: Rooms) -> None:
    answer = await Caller(rooms, bearer="a.b.c").ask("GET", "/endpoint")
    assert token("fleet") not in answer.text and "a.b.c" not in answer.text
