"""Policies over HTTP: those of the config are read, those of the store are in force at once."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.web.rooms import ANNA, BERT, Rooms

EMIL = "491700000010"


async def put(rooms: Rooms, name: str, keys: dict[str, Any], status: int = 200) -> Any:
    response = await rooms.client.put(f"/v1/policies/{name}", json=keys)
    assert response.status_code == status, response.text
    return response.json()


async def shown(rooms: Rooms, name: str) -> Any:
    response = await rooms.client.get(f"/v1/policies/{name}")
    assert response.status_code == 200, response.text
    return response.json()


async def says(rooms: Rooms, to: str) -> int:
    """Send a message, and return what the answer says."""
    response = await rooms.client.post("/v1/messages", json={"to": to, "text": "hi"})
    return response.status_code


async def test_policies_of_config_and_store_are_listed_by_name(rooms: Rooms) -> None:
    await put(rooms, "meters", {"mo": False}, 201)
    listed = (await rooms.client.get("/v1/policies")).json()["policies"]
    assert listed == [
        {"name": "crowd", "defined_in": "config", "keys": {}},
        {"name": "deaf", "defined_in": "config", "keys": {"mt": False}},
        {"name": "default", "defined_in": "config", "keys": {"deliver_to": "fleet"}},
        {"name": "meters", "defined_in": "store", "keys": {"mo": False}},
        {"name": "shy", "defined_in": "config", "keys": {"mo_limit": ["2/min"]}},
    ]


async def test_a_listing_of_policies_goes_page_by_page_until_there_is_no_next(
    rooms: Rooms,
) -> None:
    seen = []
    after: str | None = ""
    while after is not None:
        page = await rooms.client.get("/v1/policies", params={"after": after, "limit": 2})
        seen.append([each["name"] for each in page.json()["policies"]])
        after = page.json()["next"]
    assert seen == [["crowd", "deaf"], ["default", "shy"]]


@pytest.mark.parametrize("limit", [0, 1001])
async def test_a_page_has_from_one_to_a_thousand_policies(rooms: Rooms, limit: int) -> None:
    answer = await rooms.client.get("/v1/policies", params={"limit": limit})
    assert answer.status_code == 400


async def test_a_policy_is_shown_as_it_was_put_and_replaced_as_a_whole(rooms: Rooms) -> None:
    keys = {"mo_limit": ["10/min", "200/day"], "p2p_internal": False}
    told = await put(rooms, "meters", keys, 201)
    assert told == {"name": "meters", "defined_in": "store", "keys": keys}
    assert await shown(rooms, "meters") == told
    assert (await put(rooms, "meters", {"name": "meters", "mt": False}))["keys"] == {"mt": False}


async def test_a_policy_that_was_put_is_there_after_a_restart(tmp_path: Path) -> None:
    rooms = Rooms(tmp_path / "smsc.db")
    await rooms.open()
    told = await put(rooms, "meters", {"mo": False}, 201)
    await rooms.close()
    rooms = Rooms(tmp_path / "smsc.db")
    await rooms.open()
    assert await shown(rooms, "meters") == told
    await rooms.client.delete("/v1/policies/meters")
    await rooms.close()
    rooms = Rooms(tmp_path / "smsc.db")
    await rooms.open()
    assert (await rooms.client.get("/v1/policies/meters")).status_code == 404
    await rooms.close()


async def test_a_policy_is_not_answered_before_it_is_durable(rooms: Rooms) -> None:
    rooms.store.running.clear()
    answer = asyncio.create_task(rooms.client.put("/v1/policies/meters", json={}))
    while "meters" not in rooms.policies:
        await rooms.client.get("/healthz")
    assert not answer.done()
    rooms.clock.advance(10)
    response = await answer
    assert response.status_code == 503
    assert "meters" in response.json()["detail"]


async def test_a_policy_is_in_force_for_the_next_message(rooms: Rooms) -> None:
    await put(rooms, "meters", {}, 201)
    body = {"msisdn": EMIL, "policy": "meters"}
    assert (await rooms.client.post("/v1/devices", json=body)).status_code == 201
    assert await says(rooms, EMIL) == 201
    await put(rooms, "meters", {"mt": False})
    assert await says(rooms, EMIL) == 403
    await put(rooms, "meters", {"mt_limit": ["1/min"]})
    assert [await says(rooms, EMIL) for _ in range(2)] == [201, 429]


async def test_devices_of_a_policy_that_was_removed_come_under_the_default(rooms: Rooms) -> None:
    await put(rooms, "meters", {"mt": False}, 201)
    await rooms.client.post("/v1/devices", json={"msisdn": EMIL, "policy": "meters"})
    assert await says(rooms, EMIL) == 403
    response = await rooms.client.delete("/v1/policies/meters")
    assert (response.status_code, response.content) == (204, b"")
    assert await says(rooms, EMIL) == 201


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"moo": False}, ["moo", "did you mean 'mo'"]),
        ({"mo": "perhaps"}, ["mo"]),
        ({"mt_limit": "10/min"}, ["mt_limit"]),
        ({"mt_limit": ["often"]}, ["mt_limit[0]", "10/min"]),
        ({"deliver_to": "nobody"}, ["deliver_to", "no such account"]),
        ({"forbidden_text": ["("]}, ["forbidden_text[0]"]),
        ({"timezone": "Europe/Belin"}, ["timezone", "did you mean 'Europe/Berlin'"]),
        ({"name": "other"}, ["name"]),
    ],
)
async def test_a_policy_that_is_wrong_is_told_as_the_config_would(
    rooms: Rooms, keys: dict[str, Any], words: list[str]
) -> None:
    response = await rooms.client.put("/v1/policies/meters", json=keys)
    assert response.status_code == 422, response.text
    for word in words:
        assert word in response.json()["detail"]
    assert "meters" not in rooms.policies


async def test_a_name_that_is_none_is_refused(rooms: Rooms) -> None:
    for name in ("x" * 65, "a%00b"):
        assert (await rooms.client.put(f"/v1/policies/{name}", json={})).status_code == 422


async def test_a_body_that_is_no_object_is_refused(rooms: Rooms) -> None:
    for body in (b"[]", b"", b"null", b"{", b"[" * 60_000, b'{"a":' * 10_000):
        response = await rooms.client.put("/v1/policies/meters", content=body)
        assert response.status_code == 400


async def test_a_policy_of_the_config_is_only_changed_there(rooms: Rooms) -> None:
    for method in ("PUT", "DELETE"):
        body: dict[str, Any] | None = {} if method == "PUT" else None
        response = await rooms.client.request(method, "/v1/policies/deaf", json=body)
        assert response.status_code == 409
        assert "configuration" in response.json()["detail"]
    assert await says(rooms, BERT) == 201


async def test_the_default_policy_cannot_be_removed(rooms: Rooms) -> None:
    response = await rooms.client.delete("/v1/policies/default")
    assert response.status_code == 409
    assert "always" in response.json()["detail"]


async def test_a_policy_that_nobody_made_is_not_found(rooms: Rooms) -> None:
    for method in ("GET", "DELETE"):
        response = await rooms.client.request(method, "/v1/policies/nobodys")
        assert response.status_code == 404
        assert "nobodys" in response.json()["detail"]


async def test_nothing_is_changed_while_the_store_cannot_write(rooms: Rooms) -> None:
    await put(rooms, "meters", {}, 201)
    rooms.store.full = True
    await rooms.client.post("/v1/messages", json={"to": ANNA, "text": "x"})
    put_it = await rooms.client.put("/v1/policies/other", json={})
    removed = await rooms.client.delete("/v1/policies/meters")
    assert (put_it.status_code, removed.status_code) == (503, 503)
    assert "other" not in rooms.policies
    assert "meters" in rooms.policies
