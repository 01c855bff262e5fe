"""How many requests a token may make is told and held to; who guesses tokens is slowed down."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from smsc.config import ConfigError, parse
from smsc.web.limits import Terms, _address, told
from smsc.web.services import Services
from smsc_routing.quota import Rate
from tests.web.rooms import FLEET, SLOW, Rooms, token


class Strict(Rooms):
    """The rooms, with little granted."""

    def services(self) -> Services:
        services = super().services()
        terms = Terms(Rate(3, 60_000), Rate(1, 10_000, 2), ("https://example.com",))
        object.__setattr__(services, "terms", terms)
        return services


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[Strict]:
    made = Strict(tmp_path / "smsc.db")
    await made.open()
    yield made
    await made.close()


async def test_every_answer_to_a_token_tells_what_is_left(strict: Strict) -> None:
    for left, path in ((2, "/v1/devices"), (1, "/v1/messages/1"), (0, "/v1/devices?limit=x")):
        response = await strict.client.get(path)
        assert response.headers["ratelimit-policy"] == '"token";q=3;w=60'
        assert response.headers["ratelimit"] == f'"token";r={left};t={20 * (3 - left)}'


async def test_what_is_beyond_the_rate_is_refused_until_there_is_room(strict: Strict) -> None:
    for _ in range(3):
        assert (await strict.client.get("/v1/devices")).status_code == 200
    response = await strict.client.get("/v1/devices")
    assert (response.status_code, response.headers["retry-after"]) == (429, "20")
    assert response.headers["ratelimit"] == '"token";r=0;t=60'
    assert response.json()["reason"] == "rate_limit"
    async with strict.client_of(SLOW) as other:
        assert (await other.get("/v1/devices")).status_code == 200
    strict.clock.advance(20)
    assert (await strict.client.get("/v1/devices")).status_code == 200


async def test_who_guesses_tokens_is_slowed_down(strict: Strict) -> None:
    async with httpx.AsyncClient(base_url=strict.url, trust_env=False) as stranger:
        for name in ("a", "b"):
            headers = {"Authorization": f"Bearer {name}"}
            assert (await stranger.get("/v1/devices", headers=headers)).status_code == 401
        response = await stranger.get("/v1/devices", headers={"Authorization": "Bearer c"})
        assert (response.status_code, response.headers["retry-after"]) == (429, "10")
        # Also with one that is known, or the next guess would be told from the others.
        known = {b"Authorization": f"Bearer {token(FLEET)}".encode()}
        assert (await stranger.get("/v1/devices", headers=known)).status_code == 429
        assert (await stranger.get("/healthz")).status_code == 200
        strict.clock.advance(10)
        assert (await stranger.get("/v1/devices", headers=known)).status_code == 200


async def test_pages_of_the_origins_that_are_named_may_call(strict: Strict) -> None:
    asking = {"Access-Control-Request-Method": "POST", "Origin": "https://example.com"}
    response = await strict.client.request("OPTIONS", "/v1/messages", headers=asking)
    assert response.headers["access-control-allow-origin"] == "https://example.com"
    assert "idempotency-key" in response.headers["access-control-allow-headers"].lower()
    response = await strict.client.get("/v1/devices", headers={"Origin": "https://example.com"})
    assert response.headers["access-control-allow-origin"] == "https://example.com"
    response = await strict.client.get("/v1/devices", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in response.headers


async def test_nobodys_pages_may_call_unless_they_are_named(rooms: Rooms) -> None:
    response = await rooms.client.get("/v1/devices", headers={"Origin": "https://example.com"})
    assert response.status_code == 200
    assert "access-control-allow-origin" not in response.headers


def test_a_burst_is_what_may_be_used_at_once() -> None:
    assert told(Rate(10, 1000, 100), 100) == ('"token";q=100;w=10', '"token";r=100;t=0')
    assert told(Rate(10_000, 1000), 9999)[1] == '"token";r=9999;t=1'


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
    ],
)
def test_of_ipv6_a_network_is_one_address(one: str, other: str, same: bool) -> None:
    scopes: list[Any] = [{"client": (each, 1)} for each in (one, other)]
    first, second = map(_address, scopes)
    assert (first == second) is same


@pytest.mark.parametrize("origin", ["example.com", "https://example.com/", "ftp://x", "https://"])
def test_an_origin_that_is_none_is_told(origin: str) -> None:
    with pytest.raises(ConfigError, match=r"cors_origins\[0\].*write it like"):
        parse(f'[http]\ncors_origins = ["{origin}"]\n', "smsc.toml")
