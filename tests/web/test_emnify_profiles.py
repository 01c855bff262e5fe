"""Service profiles of the emnify dialect: policies, their switches, limits and interface."""

from typing import Any

import pytest

from tests.web.emnify_caller import Caller
from tests.web.rooms import ANNA, CARL, FLEET, SLOW, Rooms

URL = "https://example.com/sms"


async def policy(rooms: Rooms, name: str) -> dict[str, Any]:
    keys: dict[str, Any] = (await rooms.client.get(f"/v1/policies/{name}")).json()["keys"]
    return keys


async def profile(fleet: Caller, **body: Any) -> str:
    """Make a profile; return its path."""
    return await fleet.made("/service_profile", {"name": "meters"} | body)


async def test_a_profile_is_shown_with_its_switches(fleet: Caller) -> None:
    path = await profile(fleet, description="all of them")
    assert await fleet.get(path) == {
        "id": int(path.rpartition("/")[2]),
        "name": "meters",
        "description": "all of them",
        "apply_sms_quota": False,
        "apply_data_quota": False,
        "sms_p2p_int": True,
        "sms_p2p_ext": True,
        "esme_interface_type": {"id": 0, "description": "Local"},
        "api_callback": None,
        "api_secret": None,
        "moc_callback": None,
        "service": [{"id": 1, "description": "SMS MT"}, {"id": 2, "description": "SMS MO"}],
    }


async def test_profiles_are_the_policies_by_name(fleet: Caller) -> None:
    await profile(fleet)
    listed = await fleet.get("/service_profile")
    assert [each["name"] for each in listed] == ["crowd", "deaf", "default", "meters", "shy"]
    assert len({each["id"] for each in listed}) == 5
    assert all(0 < each["id"] < 2**31 for each in listed)


async def test_the_number_of_a_profile_is_made_of_its_name(fleet: Caller) -> None:
    assert await fleet.profile() == 1667104994


async def test_p2p_is_switched(rooms: Rooms, fleet: Caller) -> None:
    path = await profile(fleet)
    await fleet.change(path, {"sms_p2p_int": False, "sms_p2p_ext": False})
    shown = await fleet.get(path)
    assert (shown["sms_p2p_int"], shown["sms_p2p_ext"]) == (False, False)
    keys = await policy(rooms, "meters")
    assert (keys["p2p_internal"], keys.get("p2p_external", False)) == (False, False)


async def test_a_profile_outlives_a_restart(rooms: Rooms) -> None:
    path = await profile(Caller(rooms), description="kept", sms_p2p_int=False)
    await rooms.close()
    await rooms.open()
    shown = await Caller(rooms).get(path)
    assert (shown["description"], shown["sms_p2p_int"]) == ("kept", False)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, (422, 1402)),
        ({"name": ""}, (422, 1402)),
        ({"name": 5}, (422, 1403)),
        ({"name": "x" * 65}, (422, 1403)),
        ({"name": "default"}, (409, 1405)),
        ({"name": "new", "sms_p2p_int": "perhaps"}, (422, 1403)),
        ({"name": "new", "description": "x" * 1025}, (422, 1403)),
        ({"name": "new", "api_callback": {"id": 9}}, (404, 1401)),
        ({"name": "new", "esme_interface_type": {"id": 9}}, (422, 1403)),
        ({"name": "new", "esme_interface_type": {"id": 1}}, (422, 1402)),
    ],
)
async def test_what_no_profile_can_be_is_told(
    fleet: Caller, body: dict[str, Any], told: tuple[int, int]
) -> None:
    assert await fleet.refused("POST", "/service_profile", json=body) == told
    assert "new" not in [each["name"] for each in await fleet.get("/service_profile")]


async def test_a_profile_that_is_not_there_is_told(fleet: Caller) -> None:
    for id, told in (("None", (400, 1000)), ("5", (404, 1401)), ("-1", (404, 1401))):
        for method, path in (
            ("GET", ""),
            ("PATCH", ""),
            ("PUT", "/service/1"),
            ("DELETE", "/service/1"),
            ("PUT", "/service/1/traffic_limit/5"),
            ("DELETE", "/service/1/traffic_limit/5"),
        ):
            assert await fleet.refused(method, f"/service_profile/{id}{path}", json={}) == told


async def test_a_profile_keeps_its_name_and_one_of_the_config_all_it_says(fleet: Caller) -> None:
    path = await profile(fleet)
    await fleet.change(path, {"name": "meters"})
    assert await fleet.refused("PATCH", path, json={"name": "other"}) == (409, 1406)
    configured = f"/service_profile/{await fleet.profile()}"
    assert await fleet.refused("PATCH", configured, json={"sms_p2p_int": False}) == (409, 1406)
    await fleet.change(configured, {"description": "of the file"})
    assert (await fleet.get(configured))["description"] == "of the file"


# Services.


async def test_a_service_is_switched_off_and_on(rooms: Rooms, fleet: Caller) -> None:
    path = await profile(fleet)
    endpoint = await fleet.endpoint(service_profile={"id": int(path.rpartition("/")[2])})
    for method, statuses, on, answered in (
        ("DELETE", (204, 409), [2], 422),
        ("PUT", (204, 409), [1, 2], 201),
    ):
        for status in statuses:
            answer = await fleet.ask(method, f"{path}/service/1")
            assert answer.status_code == status
        assert [each["id"] for each in (await fleet.get(path))["service"]] == on
        sent = await fleet.ask("POST", f"{endpoint}/sms", json={"payload": "x"})
        assert sent.status_code == answered
    assert (await policy(rooms, "meters")).get("mt", True)


async def test_the_services_of_the_config_stay(fleet: Caller) -> None:
    configured = f"/service_profile/{await fleet.profile('deaf')}/service"
    assert await fleet.refused("DELETE", f"{configured}/2") == (409, 1406)
    assert await fleet.refused("PUT", f"{configured}/1") == (409, 1406)
    answer = await fleet.ask("POST", f"/endpoint/{CARL}/sms", json={"payload": "x"})
    assert answer.status_code == 422


async def test_a_service_that_is_not_there_is_told(fleet: Caller) -> None:
    path = await profile(fleet)
    for service, told in (("3", (404, 1401)), ("sms", (400, 1000))):
        assert await fleet.refused("PUT", f"{path}/service/{service}") == told
        assert await fleet.refused("GET", f"/service/{service}/traffic_limit") == told
    assert [each["id"] for each in await fleet.get("/service")] == [1, 2]


# Limits.


async def test_a_limit_lets_so_many_messages_through_a_month(rooms: Rooms, fleet: Caller) -> None:
    path = await profile(fleet)
    limits = f"{path}/service/1/traffic_limit"
    assert await fleet.get(limits) == []
    body = {"service": [{"id": 1}], "volume": 2, "period": {"id": 1}}
    made = await fleet.made("/traffic_limit", body)
    answer = await fleet.ask("PUT", f"{limits}/{made.rpartition('/')[2]}")
    limit = {"id": 2, "volume": 2, "period": {"id": 1, "time_units": 1, "unit": "Months"}}
    assert (answer.status_code, answer.json()) == (200, limit)
    assert await fleet.get(limits) == await fleet.get("/service/1/traffic_limit") == [limit]
    endpoint = await fleet.endpoint(service_profile={"id": int(path.rpartition("/")[2])})
    for _ in range(2):
        await fleet.made(f"{endpoint}/sms", {"payload": "x"})
    answer = await fleet.ask("POST", f"{endpoint}/sms", json={"payload": "x"})
    told = answer.json()
    assert (answer.status_code, told["error_code"], told["error_token"]) == (
        422,
        1406,
        "NotAllowed",
    )
    assert told["message"] == "Traffic limit of 2 MT-SMS per month exceeded"
    # The first of the next month, 00:00 UTC.
    rooms.clock.advance(17 * 86_400)
    await fleet.made(f"{endpoint}/sms", {"payload": "x"})


async def test_a_limit_takes_the_place_of_another_but_not_of_a_rate(
    rooms: Rooms, fleet: Caller
) -> None:
    path = await profile(fleet)
    await rooms.client.put("/v1/policies/meters", json={"mo_limit": ["10/min", "7/month"]})
    limits = f"{path}/service/2/traffic_limit"
    assert [each["id"] for each in await fleet.get(limits)] == [7]
    await fleet.ask("PUT", f"{limits}/9")
    assert (await policy(rooms, "meters"))["mo_limit"] == ["10/min", "9/month"]
    assert await fleet.refused("DELETE", f"{limits}/7") == (404, 1401)
    assert (await fleet.ask("DELETE", f"{limits}/9")).status_code == 200
    assert (await policy(rooms, "meters"))["mo_limit"] == ["10/min"]


@pytest.mark.parametrize("limit", ["0", "-1", "1000000000"])
async def test_a_limit_that_is_none_is_told(fleet: Caller, limit: str) -> None:
    path = await profile(fleet)
    where = f"{path}/service/1/traffic_limit/{limit}"
    assert await fleet.refused("PUT", where) == (404, 1401)
    body = {"volume": int(limit), "period": {"id": 1}}
    assert await fleet.refused("POST", "/traffic_limit", json=body) == (422, 1403)


async def test_a_limit_is_of_a_month(fleet: Caller) -> None:
    body = {"volume": 5, "period": {"id": 2}}
    assert await fleet.refused("POST", "/traffic_limit", json=body) == (422, 1403)
    assert await fleet.refused("POST", "/traffic_limit", json={}) == (422, 1402)


# Interfaces.


async def test_the_interfaces_there_are_are_listed(fleet: Caller) -> None:
    assert await fleet.get("/esme_interface_type") == [
        {"id": 0, "description": "Local"},
        {"id": 1, "description": "RestAPI"},
        {"id": 2, "description": "SMPP"},
    ]


async def test_a_profile_of_the_interface_smpp_delivers_to_the_account_that_asked(
    rooms: Rooms, fleet: Caller
) -> None:
    path = await profile(fleet, esme_interface_type={"id": 2})
    assert (await policy(rooms, "meters"))["deliver_to"] == FLEET
    await rooms.client.put("/v1/policies/meters", json={"deliver_to": SLOW})
    # Who says so again takes nothing away.
    await fleet.change(path, {"esme_interface_type": {"id": 2}})
    assert (await policy(rooms, "meters"))["deliver_to"] == SLOW
    assert (await fleet.get(path))["esme_interface_type"] == {"id": 2, "description": "SMPP"}
    await fleet.change(path, {"esme_interface_type": {"id": 0}})
    assert "deliver_to" not in await policy(rooms, "meters")


async def test_callbacks_and_secrets_are_kept_and_secrets_not_shown(fleet: Caller) -> None:
    callback = await fleet.made("/api_callback", {"url": URL, "purpose": "MO"})
    secret = await fleet.made("/api_secret", {"secret": "hush", "purpose": "JWT"})
    shown = await fleet.get(callback)
    organisation = shown.pop("organisation_id")
    assert shown == {"id": 1, "url": URL, "purpose": "MO"}
    assert await fleet.get(secret) == {
        "id": 1,
        "purpose": "JWT",
        "organisation_id": organisation,
    }
    (listed,) = await fleet.get("/api_callback")
    assert listed == shown | {"organisation_id": organisation}
    assert "hush" not in (await fleet.ask("GET", "/api_secret")).text


async def test_callbacks_of_another_account_are_not_seen(fleet: Caller, slow: Caller) -> None:
    for path, body in (("/api_callback", {"url": URL}), ("/api_secret", {"secret": "x"})):
        made = await fleet.made(path, body)
        assert await slow.get(path) == []
        assert await slow.refused("GET", made) == (404, 1401)


async def test_numbers_of_callbacks_go_on_after_a_restart(rooms: Rooms) -> None:
    await Caller(rooms).made("/api_callback", {"url": URL})
    await rooms.close()
    await rooms.open()
    assert await Caller(rooms).made("/api_callback", {"url": URL}) == "/api_callback/2"


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("/api_callback", {}, (422, 1402)),
        ("/api_callback", {"url": "gopher://example.com"}, (422, 1403)),
        ("/api_callback", {"url": "https://user:pass@example.com"}, (422, 1403)),
        ("/api_callback", {"url": "https://x/" + "y" * 3000}, (422, 1403)),
        ("/api_callback", {"url": 5}, (422, 1403)),
        ("/api_callback", {"url": "https://10.0.0.1/"}, (422, 1403)),
        ("/api_callback", {"url": "http://localhost/"}, (422, 1403)),
        ("/api_callback", {"url": URL, "purpose": "x" * 257}, (422, 1403)),
        ("/api_secret", {}, (422, 1402)),
        ("/api_secret", {"secret": "x" * 257}, (422, 1403)),
        ("/api_secret", {"secret": 5}, (422, 1403)),
    ],
)
async def test_what_is_no_callback_or_secret_is_told(
    slow: Caller, path: str, body: dict[str, Any], told: tuple[int, int]
) -> None:
    # An account that doesn't run the SMSC, and so may have no private address called.
    assert await slow.refused("POST", path, json=body) == told
    assert await slow.get(path) == []


async def test_a_profile_with_a_callback_delivers_to_a_webhook(rooms: Rooms, fleet: Caller) -> None:
    path = await profile(fleet)
    name = f"emnify-{path.rpartition('/')[2]}"
    await fleet.made("/api_callback", {"url": URL})
    await fleet.made("/api_secret", {"secret": "hush"})
    await fleet.change(path, {"api_callback": {"id": 1}, "api_secret": {"id": 1}})
    shown = await fleet.get(path)
    assert shown["esme_interface_type"] == {"id": 1, "description": "RestAPI"}
    assert (shown["api_callback"]["url"], shown["api_secret"]["id"]) == (URL, 1)
    hook = rooms.webhooks.known(name)
    assert (hook.url, hook.shape, hook.secrets) == (URL, "emnify", ("hush",))
    assert (await policy(rooms, "meters"))["deliver_to"] == name
    await fleet.change(path, {"api_secret": {"id": None}})
    assert rooms.webhooks.known(name).secrets == ()
    await fleet.change(path, {"api_callback": {"id": None}})
    shown = await fleet.get(path)
    assert (shown["api_callback"], shown["esme_interface_type"]["id"]) == (None, 0)
    assert name not in rooms.webhooks


async def test_no_webhook_is_made_for_a_policy_that_can_t_be_written(
    rooms: Rooms, fleet: Caller
) -> None:
    await fleet.made("/api_callback", {"url": URL})
    change = {"api_callback": {"id": 1}}
    configured = f"/service_profile/{await fleet.profile()}"
    assert await fleet.refused("PATCH", configured, json=change) == (409, 1406)
    long = {"name": "x" * 65, **change}
    assert await fleet.refused("POST", "/service_profile", json=long) == (422, 1403)
    assert len(rooms.webhooks) == 0
    assert (await fleet.get(configured))["api_callback"] is None


async def test_a_device_that_was_removed_elsewhere_keeps_no_profile_from_changing(
    rooms: Rooms, fleet: Caller
) -> None:
    path = await profile(fleet)
    has = await fleet.endpoint(service_profile={"id": int(path.rpartition("/")[2])})
    await fleet.made(f"{has}/quota/sms", in_a_month())
    (await rooms.client.delete("/v1/devices/4915100000001")).raise_for_status()
    await fleet.change(path, {"apply_sms_quota": True})


async def test_a_webhook_of_a_profile_outlives_a_restart(rooms: Rooms) -> None:
    fleet = Caller(rooms)
    await fleet.made("/api_callback", {"url": URL})
    path = await profile(fleet, api_callback={"id": 1})
    await rooms.close()
    await rooms.open()
    fleet = Caller(rooms)
    assert (await fleet.get(path))["esme_interface_type"]["id"] == 1
    assert rooms.webhooks.known(f"emnify-{path.rpartition('/')[2]}").url == URL


async def test_what_is_sent_under_a_callback_of_one_s_own_asks_for_a_receipt(
    rooms: Rooms, fleet: Caller, slow: Caller
) -> None:
    await fleet.made("/api_callback", {"url": URL})
    path = await profile(fleet, api_callback={"id": 1})
    number = int(path.rpartition("/")[2])
    endpoint = await fleet.endpoint(service_profile={"id": number})
    for caller, asked in ((fleet, "1"), (slow, "0")):
        where = await caller.made(f"{endpoint}/sms", {"payload": "x"})
        assert (await caller.get(where))["registered_delivery"] == asked
    history = await rooms.store.history(1)
    assert history is not None and history.message.receipts_to == f"webhook:emnify-{number}"
    assert (await fleet.get(f"/endpoint/{ANNA}/sms")) == []


# Quotas.


def in_a_month(volume: float = 2, **more: Any) -> dict[str, Any]:
    return {"volume": volume, "expiry_date": "2024-01-01T00:00:00.000+0000"} | more


async def test_a_quota_lets_so_many_messages_through_a_month(rooms: Rooms, fleet: Caller) -> None:
    endpoint = await fleet.endpoint()
    quota = f"{endpoint}/quota/sms"
    assert await fleet.refused("GET", quota) == (404, 1201)
    await fleet.made(quota, in_a_month(threshold_percentage=50, auto_refill=1))
    assert await fleet.get(quota) == {
        "volume": 2,
        "last_volume_added": 2,
        "expiry_date": "2024-01-01 00:00:00",
        "status": {"id": 1, "description": "Active"},
        "threshold_percentage": 50.0,
        "threshold_volume": 1.0,
        "auto_refill": 1,
        "action_on_exhaustion": {"id": 1, "description": "Block"},
    }
    for _ in range(2):
        await fleet.made(f"{endpoint}/sms", {"payload": "x"})
    await rooms.settled()
    assert (await fleet.get(quota))["status"] == {"id": 2, "description": "Exhausted"}
    answer = await fleet.ask("POST", f"{endpoint}/sms", json={"payload": "x"})
    assert answer.json()["message"] == "Traffic limit of 2 MT-SMS per month exceeded"
    assert (await fleet.ask("DELETE", quota)).status_code == 204
    assert await fleet.refused("DELETE", quota) == (404, 1201)
    await fleet.made(f"{endpoint}/sms", {"payload": "x"})


async def test_a_quota_expires(rooms: Rooms, fleet: Caller) -> None:
    quota = f"{await fleet.endpoint()}/quota/sms"
    await fleet.made(quota, in_a_month())
    rooms.clock.advance(60 * 86_400)
    assert (await fleet.get(quota))["status"] == {"id": 3, "description": "Expired"}


async def test_where_quotas_are_applied_only_endpoints_with_one_have_sms(
    rooms: Rooms, fleet: Caller
) -> None:
    path = await profile(fleet, apply_sms_quota=True)
    number = {"id": int(path.rpartition("/")[2])}
    has = await fleet.endpoint(service_profile=number)
    lacks = await fleet.endpoint("4915100000002", service_profile=number)
    await fleet.made(f"{has}/quota/sms", in_a_month())
    await fleet.made(f"{has}/sms", {"payload": "x"})
    assert await fleet.refused("POST", f"{lacks}/sms", json={"payload": "x"}) == (422, 1406)
    # At every door.
    other = await rooms.client.post("/v1/messages", json={"to": "4915100000002", "text": "x"})
    assert other.json()["reason"] == "switched_off"
    assert [each["id"] for each in (await fleet.get(path))["service"]] == [1, 2]
    await fleet.change(path, {"apply_sms_quota": False})
    await fleet.made(f"{lacks}/sms", {"payload": "x"})
    assert rooms.policies.find("meters").mt


async def test_a_service_is_off_for_those_with_a_quota_too(rooms: Rooms, fleet: Caller) -> None:
    path = await profile(fleet, apply_sms_quota=True)
    has = await fleet.endpoint(service_profile={"id": int(path.rpartition("/")[2])})
    await fleet.made(f"{has}/quota/sms", in_a_month())
    assert (await fleet.ask("DELETE", f"{path}/service/1")).status_code == 204
    assert await fleet.refused("POST", f"{has}/sms", json={"payload": "x"}) == (422, 1406)
    assert (await fleet.ask("PUT", f"{path}/service/1")).status_code == 204
    await fleet.made(f"{has}/sms", {"payload": "x"})


async def test_an_expired_quota_blocks_where_one_is_needed(rooms: Rooms, fleet: Caller) -> None:
    path = await profile(fleet, apply_sms_quota=True)
    has = await fleet.endpoint(service_profile={"id": int(path.rpartition("/")[2])})
    await fleet.made(f"{has}/quota/sms", in_a_month())
    rooms.clock.advance(60 * 86_400)
    assert await fleet.refused("POST", f"{has}/sms", json={"payload": "x"}) == (422, 1406)
    other = await rooms.client.post("/v1/messages", json={"to": "4915100000001", "text": "x"})
    assert other.json()["reason"] == "switched_off"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, (422, 1402)),
        ({"volume": 5}, (422, 1402)),
        ({"expiry_date": "2024-01-01T00:00:00Z"}, (422, 1402)),
        (in_a_month(0), (422, 1403)),
        (in_a_month(-1), (422, 1403)),
        (in_a_month(1e12), (422, 1403)),
        ({"volume": "many", "expiry_date": "2024-01-01T00:00:00Z"}, (422, 1403)),
        ({"volume": 5, "expiry_date": "soon"}, (422, 1403)),
        (in_a_month(action_on_exhaustion={"id": 2}), (422, 1403)),
    ],
)
async def test_what_is_no_quota_is_told(
    fleet: Caller, body: dict[str, Any], told: tuple[int, int]
) -> None:
    path = f"{await fleet.endpoint()}/quota/sms"
    assert await fleet.refused("POST", path, json=body) == told
    assert await fleet.refused("GET", path) == (404, 1201)


async def test_a_device_of_the_config_has_no_quota(fleet: Caller) -> None:
    path = f"/endpoint/{ANNA}/quota/sms"
    assert await fleet.refused("POST", path, json=in_a_month()) == (409, 1406)
    assert await fleet.refused("POST", "/endpoint/77/quota/sms", json=in_a_month()) == (404, 1401)
