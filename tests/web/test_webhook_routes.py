"""Webhooks over HTTP: an account keeps its own, and secrets are never shown."""

from pathlib import Path
from typing import Any

import pytest

from smsc.webhook_table import Webhook
from tests.web.rooms import FLEET, SLOW, Rooms

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
URL = "https://example.com/sms"


async def put(rooms: Rooms, name: str, keys: dict[str, Any], account: str = FLEET) -> Any:
    async with rooms.client_of(account) as client:
        return await client.put(f"/v1/webhooks/{name}", json={"url": URL} | keys)


async def test_a_webhook_is_shown_as_it_was_put_but_for_its_secrets(rooms: Rooms) -> None:
    made = await put(rooms, "orders", {"account": FLEET, "secrets": [SECRET], "timeout": "5s"})
    assert made.status_code == 201, made.text
    assert made.json() == {
        "name": "orders",
        "defined_in": "store",
        "keys": {"url": URL, "account": FLEET, "timeout": "5s"},
        "secrets": 1,
        "state": "enabled",
    }
    shown = await rooms.client.get("/v1/webhooks/orders")
    assert shown.json() == made.json() | {"waiting": 0, "under_way": 0, "calls": []}
    assert SECRET not in shown.text + made.text
    again = await put(rooms, "orders", {"account": FLEET})
    assert (again.status_code, again.json()["secrets"]) == (200, 1)


async def test_a_webhook_that_was_put_is_there_after_a_restart(tmp_path: Path) -> None:
    rooms = Rooms(tmp_path / "smsc.db")
    await rooms.open()
    await put(rooms, "orders", {"account": FLEET, "secrets": [SECRET]})
    await rooms.close()
    rooms = Rooms(tmp_path / "smsc.db")
    await rooms.open()
    kept = rooms.webhooks.find("orders")
    assert kept == Webhook(name="orders", url=URL, account=FLEET, secrets=(SECRET,))
    assert (await rooms.client.delete("/v1/webhooks/orders")).status_code == 204
    await rooms.close()
    rooms = Rooms(tmp_path / "smsc.db")
    await rooms.open()
    assert (await rooms.client.get("/v1/webhooks/orders")).status_code == 404
    await rooms.close()


async def test_an_account_sees_and_changes_its_own_alone(rooms: Rooms) -> None:
    await put(rooms, "orders", {"account": FLEET})
    await put(rooms, "mine", {}, SLOW)
    async with rooms.client_of(SLOW) as client:
        listed = (await client.get("/v1/webhooks")).json()["webhooks"]
        assert [each["name"] for each in listed] == ["mine"]
        for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/enable")):
            answer = await client.request(method, f"/v1/webhooks/orders{path}")
            assert answer.status_code == 404
    taken = await put(rooms, "orders", {}, SLOW)
    assert taken.status_code == 409
    assert rooms.webhooks.known("orders").account == FLEET


async def test_only_who_runs_the_smsc_sees_all_and_may_do_everything(rooms: Rooms) -> None:
    assert (await put(rooms, "mine", {}, SLOW)).json()["keys"]["account"] == SLOW
    for keys in ({"account": FLEET}, {"account": ""}, {"allow_private": True}):
        assert (await put(rooms, "other", keys, SLOW)).status_code == 403
    assert (await put(rooms, "meters", {})).status_code == 201
    listed = (await rooms.client.get("/v1/webhooks")).json()["webhooks"]
    assert [each["name"] for each in listed] == ["meters", "mine"]


async def test_a_listing_of_webhooks_goes_page_by_page(rooms: Rooms) -> None:
    for name in ("a", "b", "c"):
        await put(rooms, name, {})
    first = (await rooms.client.get("/v1/webhooks", params={"limit": 2})).json()
    rest = (await rooms.client.get("/v1/webhooks", params={"after": first["next"]})).json()
    assert [each["name"] for each in first["webhooks"] + rest["webhooks"]] == ["a", "b", "c"]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"url": "http://127.0.0.1/"}, "allow_private"),
        ({"shape": "emnfy"}, "did you mean 'emnify'"),
        ({"secrets": ["letmein"]}, "whsec_"),
        ({"name": "another"}, "name"),
        ({"uri": URL}, "did you mean 'url'"),
    ],
)
async def test_a_webhook_that_is_wrong_is_told_as_the_config_would(
    rooms: Rooms, keys: dict[str, Any], words: str
) -> None:
    answer = await put(rooms, "orders", keys)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert "letmein" not in answer.text


async def test_a_name_that_is_none_is_refused(rooms: Rooms) -> None:
    for name in ("x" * 33, "A", "a%20b", FLEET):
        assert (await put(rooms, name, {})).status_code == 422


async def test_a_webhook_of_the_config_is_only_changed_there(rooms: Rooms) -> None:
    rooms.webhooks.replace_file([Webhook(name="orders", url=URL)])
    assert (await put(rooms, "orders", {})).status_code == 409
    assert (await rooms.client.delete("/v1/webhooks/orders")).status_code == 409
    shown = (await rooms.client.get("/v1/webhooks/orders")).json()
    assert shown["defined_in"] == "config"


async def test_nothing_is_changed_while_the_store_cannot_write(rooms: Rooms) -> None:
    await put(rooms, "orders", {})
    rooms.store.full = True
    await rooms.client.post("/v1/messages", json={"to": "491700000001", "text": "x"})
    assert (await put(rooms, "other", {})).status_code == 503
    assert (await rooms.client.delete("/v1/webhooks/orders")).status_code == 503
    assert "orders" in rooms.webhooks and "other" not in rooms.webhooks


async def test_metrics_tell_whether_a_webhook_is_called(rooms: Rooms) -> None:
    await put(rooms, "orders", {})
    assert 'smsc_webhook_up{webhook="orders"} 1.0' in (await rooms.client.get("/metrics")).text
    rooms.webhooks.disable("orders")
    assert 'smsc_webhook_up{webhook="orders"} 0.0' in (await rooms.client.get("/metrics")).text
