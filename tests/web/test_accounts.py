"""Accounts, links and routes are shown without secrets; the configuration is read again."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from smsc.centre import ServiceCentre
from smsc.config import load

SECRETS = ("hidden", "argon2", "sha256", "letmein")
CONFIG = """
[store]
url = "sqlite:{folder}/smsc.db"
[smpp]
listen = "127.0.0.1:0"
[http]
listen = "127.0.0.1:0"
[[accounts]]
system_id = "fleet"
password = "hidden-1"
api_token = "hidden-fleet"
addresses = ["1234"]
operator = true
rate = "500/s"
outbind = "127.0.0.1:9"
outbind_password = "letmein"
[[accounts]]
system_id = "guest"
password = "hidden-2"
api_token = "hidden-guest"
[[tokens]]
name = "dashboard"
account = "fleet"
token = "hidden-dashboard"
scopes = ["read"]
"""
LINKS = """
[[links]]
name = "{name}"
host = "127.0.0.1"
port = 9
system_id = "us"
password = "hidden-3"
reconnect = "1h"
reconnect_longest = "1h"
[[routes]]
prefix = "1"
links = ["{name}"]
[[routes]]
prefix = "44"
links = ["{name}"]
account = "guest"
"""


class World:
    """A service centre with a file, and clients in front of it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "smsc.toml"
        self.text = CONFIG.format(folder=folder)
        self.write(LINKS.format(name="att"))
        self.centre = ServiceCentre(load(self.file), file=self.file)

    def write(self, more: str) -> None:
        self.file.write_text(self.text + more)

    async def ask(self, who: str, path: str, method: str = "GET") -> httpx.Response:
        host, port = self.centre.http_address
        headers = {"Authorization": f"Bearer hidden-{who}"}
        async with httpx.AsyncClient(
            base_url=f"http://{host}:{port}", headers=headers, trust_env=False
        ) as client:
            return await client.request(method, path)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path)
    await made.centre.open()
    yield made
    await made.centre.close()


async def told(world: World, who: str, path: str) -> Any:
    response = await world.ask(who, path)
    assert response.status_code == 200, response.text
    assert not any(secret in response.text for secret in SECRETS)
    return response.json()


async def test_an_operator_sees_all_accounts_and_others_their_own(world: World) -> None:
    every = await told(world, "fleet", "/v1/accounts")
    assert [each["system_id"] for each in every["accounts"]] == ["fleet", "guest"]
    assert every["next"] is None
    own = await told(world, "guest", "/v1/accounts")
    assert [each["system_id"] for each in own["accounts"]] == ["guest"]
    assert (await world.ask("guest", "/v1/accounts/fleet")).status_code == 404
    assert (await world.ask("fleet", "/v1/accounts/flet")).status_code == 404


async def test_an_account_is_shown_with_who_is_bound(world: World) -> None:
    shown = await told(world, "fleet", "/v1/accounts/fleet")
    assert shown["binds"] == {"transmitters": 0, "receivers": 0, "transceivers": 0}
    assert (shown["addresses"], shown["rate"], shown["tokens"]) == (["1234"], 500, ["dashboard"])
    assert shown["operator"] is True


async def test_accounts_come_page_by_page(world: World) -> None:
    first = await told(world, "fleet", "/v1/accounts?limit=1")
    assert first["next"] == "fleet"
    second = await told(world, "fleet", "/v1/accounts?limit=1&after=fleet")
    assert [each["system_id"] for each in second["accounts"]] == ["guest"]
    assert second["next"] is None


async def test_links_and_routes_are_shown_to_operators(world: World) -> None:
    (link,) = (await told(world, "dashboard", "/v1/links"))["links"]
    assert (link["name"], link["port"], link["up"], link["waiting"]) == ("att", 9, False, 0)
    assert await told(world, "fleet", "/v1/links/att") == link
    assert (await world.ask("fleet", "/v1/links/at")).status_code == 404
    page = await told(world, "fleet", "/v1/routes?limit=1")
    assert ([each["prefix"] for each in page["routes"]], page["next"]) == (["1"], 1)
    page = await told(world, "fleet", "/v1/routes?limit=1&after=1")
    assert [(each["number"], each["account"]) for each in page["routes"]] == [(2, "guest")]
    assert page["next"] is None
    for path in ("/v1/links", "/v1/links/att", "/v1/routes"):
        assert (await world.ask("guest", path)).status_code == 403


async def test_the_configuration_is_read_again(world: World) -> None:
    world.write(LINKS.format(name="kpn") + "[numbers]\ncountry = 'DE'\n")
    response = await world.ask("fleet", "/v1/reload", "POST")
    assert (response.status_code, response.json()) == (200, {"restart_needed": ["numbers"]})
    assert [each["name"] for each in (await told(world, "fleet", "/v1/links"))["links"]] == ["kpn"]


async def test_a_mistake_in_it_is_told_and_changes_nothing(world: World) -> None:
    world.write(LINKS.format(name="not a name"))
    response = await world.ask("fleet", "/v1/reload", "POST")
    assert response.status_code == 422
    assert "links[0].name" in response.json()["detail"]
    assert not any(secret in response.text for secret in SECRETS)
    assert [each["name"] for each in (await told(world, "fleet", "/v1/links"))["links"]] == ["att"]


async def test_it_is_read_one_at_a_time(world: World) -> None:
    world.write(LINKS.format(name="kpn"))
    asked = [world.ask("fleet", "/v1/reload", "POST") for _ in range(5)]
    assert {each.status_code for each in await asyncio.gather(*asked)} == {200}
    assert (await world.ask("guest", "/v1/reload", "POST")).status_code == 403


async def test_without_a_file_there_is_nothing_to_read(world: World) -> None:
    world.centre._file = None
    response = await world.ask("fleet", "/v1/reload", "POST")
    assert response.status_code == 409
    assert "--config" in response.json()["detail"]
