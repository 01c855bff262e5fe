"""SMS of the emnify dialect: sent, listed, shown as the platform shows them, and cancelled."""

from typing import Any

import pytest

from smsc.delivery.submission import Submission
from smsc.message import Address
from smsc.store.store import StoreError
from smsc.web.answers import Answers
from smsc_routing.traffic import Party
from tests.web.emnify_caller import Caller
from tests.web.rooms import ANNA, BERT, CARL, FLEET, Rooms

SMS = f"/endpoint/{ANNA}/sms"
AWAY = f"/endpoint/{BERT}/sms"
NOW = "2023-11-14T22:13:20.000+0000"
IN_AN_HOUR = "2023-11-14T23:13:20.000+0000"


async def sent(caller: Caller, path: str = SMS, **body: Any) -> dict[str, Any]:
    """Send a message; return how it is shown when it has gone as far as it goes."""
    where = await caller.made(path, {"payload": "hello"} | body)
    await caller.rooms.settled()
    shown: dict[str, Any] = await caller.get(where)
    return shown


async def texts(rooms: Rooms, number: str = ANNA) -> list[str | None]:
    inbox = (await rooms.client.get(f"/v1/devices/{number}/inbox")).json()
    return [each["text"] for each in inbox["messages"]]


async def test_a_message_is_shown_with_the_platform_s_odd_types(rooms: Rooms) -> None:
    sms = await sent(Caller(rooms), payload="qwe")
    organisation = sms.pop("organisation_id")
    assert organisation.isdigit() and int(organisation) < 2**31
    assert sms == {
        "id": 1,
        "dlr_status_id": "4",
        "submit_date": NOW,
        "delivery_date": NOW,
        # As long as the operator keeps messages at most.
        "expiry_date": IN_AN_HOUR,
        "final_date": NOW,
        "retry_date": None,
        "last_delivery_attempt": NOW,
        "retry_count": "0",
        "gsm_map_error": None,
        "dcs": "0",
        "pid": "0",
        "source_address": "1234",
        "endpoint_id": ANNA,
        "endpoint": {"id": int(ANNA), "name": ANNA},
        "sim_id": ANNA,
        "iccid": "8988",
        "called_party_prefix": None,
        "msisdn": ANNA,
        "imsi": "26201",
        "msc": None,
        "udh": "",
        "payload": "qwe",
        "registered_delivery": "0",
        "smpp_bind_id": None,
        "p2p_ext": 0,
        "smpp_dlr_bind_id": None,
        "status": {"description": "DELIVERED", "id": 4},
        "sms_type": {"description": "MT", "id": 1},
        "source_address_type": {"description": "National", "id": 161},
        "esme_interface_type": {"description": "RestAPI", "id": 1},
    }
    assert await texts(rooms) == ["qwe"]


async def test_sending_is_answered_by_a_place_and_no_body(fleet: Caller) -> None:
    answer = await fleet.ask("POST", SMS, json={"payload": "x"})
    assert (answer.status_code, answer.content) == (201, b"")
    assert answer.headers["content-length"] == "0"
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["location"] == f"{fleet.rooms.url}/api/v1{SMS}/1"


@pytest.mark.parametrize(
    ("body", "address", "kind"),
    [
        ({"source_address": 12345}, "12345", 161),
        ({"source_address": "12345"}, "12345", 161),
        ({"source_address": "EMnify"}, "EMnify", 208),
        ({"source_address": "EMnify", "source_address_type": {"id": 208}}, "EMnify", 208),
        ({"source_address": "EMnify", "source_address_type": {"id": 161}}, "EMnify", 208),
        ({"source_address": "+4930123456", "source_address_type": {"id": 145}}, "4930123456", 145),
        ({"source_address": "4930123456"}, "4930123456", 145),
        ({"source_address": "99", "source_address_type": {"id": 161}}, "99", 161),
        ({"source_address": "", "dest_address": "7777"}, "7777", 161),
        ({"dest_address": 7777}, "7777", 161),
        ({"source_address": "11", "dest_address": "7777"}, "11", 161),
    ],
)
async def test_a_sender_is_what_its_type_or_its_looks_say(
    fleet: Caller, body: dict[str, Any], address: str, kind: int
) -> None:
    sms = await sent(fleet, **body)
    assert (sms["source_address"], sms["source_address_type"]["id"]) == (address, kind)


@pytest.mark.parametrize(
    ("body", "dcs", "payload", "hex"),
    [
        ({"payload": "plain"}, "0", "plain", b"plain".hex()),
        ({"payload": "žluť"}, "8", "žluť", "žluť".encode("utf-16-be").hex()),
        ({"payload": "same", "dcs": 8}, "8", "same", "same".encode("utf-16-be").hex()),
        ({"payload": "00FF10", "dcs": 4}, "4", "00FF10", "00ff10"),
        ({"payload": "no hex", "dcs": 4}, "4", b"no hex".hex().upper(), b"no hex".hex()),
        ({"payload": "abc", "dcs": 4}, "4", b"abc".hex().upper(), b"abc".hex()),
        ({"payload": "now", "dcs": 16}, "16", "now", b"now".hex()),
        ({"payload": ""}, "0", "", ""),
    ],
)
async def test_a_payload_is_written_as_its_dcs_says(
    rooms: Rooms, fleet: Caller, body: dict[str, Any], dcs: str, payload: str, hex: str
) -> None:
    sms = await sent(fleet, **body)
    assert (sms["dcs"], sms["payload"]) == (dcs, payload)
    inbox = (await rooms.client.get(f"/v1/devices/{ANNA}/inbox")).json()
    assert inbox["messages"][-1]["hex"] == hex


async def test_parts_of_the_client_s_own_are_joined_on_the_device(
    rooms: Rooms, fleet: Caller
) -> None:
    for part, text in enumerate(("a" * 153, "b" * 20), start=1):
        sms = await sent(fleet, payload=text, udh=f"050003CC020{part}")
        assert (sms["udh"], sms["payload"]) == (f"050003CC020{part}", text)
    assert await texts(rooms) == ["a" * 153 + "b" * 20]


@pytest.mark.parametrize(
    "body",
    [
        {"payload": "x" * 161},
        {"payload": "ž" * 71},
        {"payload": "x" * 154, "udh": "050003CC0201"},
        {"payload": "x" * 5000},
        {"payload": 5},
        {"payload": "ž", "dcs": 0},
        {"payload": "x", "dcs": 256},
        {"payload": "x", "dcs": -1},
        {"payload": "x", "pid": 256},
        {"payload": "x", "dcs": "many"},
        {"payload": "x", "udh": "5"},
        {"payload": "x", "udh": "050003CC02"},
        {"payload": "x", "udh": "0003CC0201"},
        {"payload": "x", "udh": "8B7089" + "00" * 137},
        {"payload": "x", "udh": "8C708A" + "00" * 138},
        {"payload": "x", "source_address": "a name that is too long"},
        {"payload": "x", "source_address": "name", "source_address_type": {"id": 145}},
        {"payload": "x", "source_address": "1", "source_address_type": {"id": 1}},
        {"payload": "x", "source_address_type": 145},
        {"payload": "x", "source_address": ["1"]},
        {"payload": "x", "expiry_date": "soon"},
        {"payload": "x", "expiry_date": "2023-11-14T22:13:20Z"},
        {"payload": "x", "expiry_date": "9999-99-99"},
        {"payload": "x", "expiry_date": 5},
    ],
)
async def test_what_can_t_be_sent_is_told(fleet: Caller, body: dict[str, Any]) -> None:
    status, code = await fleet.refused("POST", SMS, json=body)
    assert (status, code) in ((422, 1403), (422, 1406))
    assert await fleet.get(SMS) == []


async def test_a_payload_is_required(fleet: Caller) -> None:
    assert await fleet.refused("POST", SMS, json={}) == (422, 1402)
    assert await fleet.refused("POST", SMS, json={"payload": None}) == (422, 1402)


async def test_a_sender_of_somebody_else_s_is_refused(fleet: Caller) -> None:
    body = {"payload": "x", "source_address": "5678"}
    assert await fleet.refused("POST", SMS, json=body) == (422, 1406)


async def test_a_device_whose_policy_takes_none_is_sent_none(fleet: Caller) -> None:
    path = f"/endpoint/{CARL}/sms"
    assert await fleet.refused("POST", path, json={"payload": "x"}) == (422, 1406)


async def test_a_rate_is_told_as_too_many_requests(slow: Caller) -> None:
    await slow.made(SMS, {"payload": "x"})
    answer = await slow.ask("POST", SMS, json={"payload": "x"})
    assert (answer.status_code, answer.json()["error_code"]) == (429, 1105)
    assert int(answer.headers["retry-after"]) == 60


async def test_an_expiry_date_is_kept(fleet: Caller) -> None:
    sms = await sent(fleet, AWAY, expiry_date="2023-11-14T22:43:20.000+0000")
    assert sms["expiry_date"] == "2023-11-14T22:43:20.000+0000"
    sms = await sent(fleet, AWAY, expiry_date="2023-11-14T23:43:20+01:00")
    assert sms["expiry_date"] == "2023-11-14T22:43:20.000+0000"


async def test_what_waits_is_buffered_and_expires(rooms: Rooms, fleet: Caller) -> None:
    sms = await sent(fleet, AWAY)
    assert sms["status"] == {"description": "BUFFERED", "id": 3}
    assert (sms["dlr_status_id"], sms["final_date"]) == ("1", None)
    rooms.clock.advance(3601)
    await rooms.settled()
    while (sms := await fleet.get(f"{AWAY}/1"))["status"]["id"] == 3:
        await rooms.ledger.written()
    assert sms["status"] == {"description": "EXPIRED", "id": 6}
    assert (sms["dlr_status_id"], sms["final_date"]) == ("4", "2023-11-14T23:13:21.000+0000")


async def device(rooms: Rooms, **how: Any) -> str:
    """Make a device that behaves so; return the path of its messages."""
    made = {"msisdn": "4915100000001", **how}
    (await rooms.client.post("/v1/devices", json=made)).raise_for_status()
    return "/endpoint/4915100000001/sms"


async def test_what_is_on_its_way_is_in_progress(rooms: Rooms, fleet: Caller) -> None:
    path = await device(rooms, latency="5s")
    where = await fleet.made(path, {"payload": "x"})
    sms = await fleet.get(where)
    assert sms["status"] == {"description": "IN PROGRESS", "id": 2}
    assert await fleet.refused("DELETE", where) == (409, 1406)
    rooms.clock.advance(5)
    await rooms.settled()
    assert (await fleet.get(where))["status"]["description"] == "DELIVERED"


async def test_what_fails_for_good_has_failed_with_its_cause(rooms: Rooms, fleet: Caller) -> None:
    sms = await sent(fleet, await device(rooms, error=9, permanent=True))
    assert sms["status"] == {"description": "FAILED", "id": 5}
    assert (sms["gsm_map_error"], sms["dlr_status_id"], sms["final_date"]) == ("9", "4", NOW)
    assert sms["last_delivery_attempt"] == NOW


async def test_what_fails_for_now_tells_when_it_is_tried_again(rooms: Rooms, fleet: Caller) -> None:
    path = await device(rooms, error=34)
    sms = await sent(fleet, path)
    assert (sms["status"]["description"], sms["gsm_map_error"]) == ("BUFFERED", "34")
    assert (sms["retry_count"], sms["final_date"]) == ("0", None)
    assert sms["retry_date"] == "2023-11-14T22:13:21.000+0000"
    assert sms["last_delivery_attempt"] == NOW
    (listed,) = await fleet.get(path)
    assert listed == sms | {"last_delivery_attempt": None}


async def test_what_is_scheduled_is_pending(rooms: Rooms, fleet: Caller) -> None:
    to, due = Address(1, 1, ANNA), rooms.clock.now() + 60_000
    later = Submission(Party.APPLICATION, FLEET, Address(0, 0, ""), to, b"later", not_before=due)
    answers = Answers()
    rooms.intake.submit(later, answers, 0)
    await answers.ids(1, rooms.clock)
    (sms,) = await fleet.get(SMS)
    assert sms["status"] == {"description": "DELIVERY ATTEMPT PENDING", "id": 1}
    assert sms["delivery_date"] == "2023-11-14T22:14:20.000+0000"


async def test_what_waits_is_cancelled_once(rooms: Rooms, fleet: Caller) -> None:
    await sent(fleet, AWAY)
    answer = await fleet.ask("DELETE", f"{AWAY}/1")
    assert (answer.status_code, answer.json()) == (200, {})
    sms = await fleet.get(f"{AWAY}/1")
    assert sms["status"] == {"description": "CANCELED", "id": 7}
    assert (sms["dlr_status_id"], sms["final_date"]) == ("1", None)
    assert await fleet.refused("DELETE", f"{AWAY}/1") == (409, 1406)
    rooms.hlr.attach(BERT)
    await rooms.settled()
    assert await texts(rooms, BERT) == []


async def test_what_was_delivered_can_t_be_cancelled(fleet: Caller) -> None:
    await sent(fleet)
    assert await fleet.refused("DELETE", f"{SMS}/1") == (409, 1406)


async def test_a_list_has_both_directions_the_newest_first(rooms: Rooms, fleet: Caller) -> None:
    await sent(fleet, payload="out")
    body = {"to": "1234", "text": "in"}
    await rooms.client.post(f"/v1/devices/{ANNA}/messages", json=body)
    await sent(fleet, AWAY, payload="elsewhere")
    listed = await fleet.ask("GET", SMS)
    assert [(each["payload"], each["sms_type"]["description"]) for each in listed.json()] == [
        ("in", "MO"),
        ("out", "MT"),
    ]
    assert not [name for name in listed.headers if name.startswith("x-total")]
    (received, _) = listed.json()
    assert received["esme_interface_type"] == {"description": "Local", "id": 0}
    assert (received["endpoint_id"], received["source_address"]) == (ANNA, ANNA)
    assert await fleet.refused("DELETE", f"{SMS}/{received['id']}") == (409, 1406)


async def test_what_came_in_by_another_door_is_listed_as_such(rooms: Rooms, fleet: Caller) -> None:
    await rooms.client.post("/v1/messages", json={"to": ANNA, "text": "native"})
    (sms,) = await fleet.get(SMS)
    assert sms["esme_interface_type"] == {"description": "SMPP", "id": 2}


async def test_messages_of_another_account_are_not_seen(
    rooms: Rooms, fleet: Caller, slow: Caller
) -> None:
    await sent(fleet)
    assert await slow.get(SMS) == []
    for method in ("GET", "DELETE"):
        assert await slow.refused(method, f"{SMS}/1") == (404, 1401)


async def test_who_runs_the_smsc_sees_all_messages(fleet: Caller, slow: Caller) -> None:
    await sent(slow)
    assert [each["id"] for each in await fleet.get(SMS)] == [1]
    assert await fleet.refused("DELETE", f"{SMS}/1") == (409, 1406)


async def test_a_message_is_found_at_its_own_endpoint_alone(fleet: Caller) -> None:
    await sent(fleet)
    assert await fleet.refused("GET", f"{AWAY}/1") == (404, 1401)


@pytest.mark.parametrize(
    ("id", "status", "code"),
    [("None", 400, 1000), ("-1", 404, 1401), ("2", 404, 1401), ("9" * 19, 404, 1401)],
)
async def test_an_id_of_no_message_is_told(fleet: Caller, id: str, status: int, code: int) -> None:
    await sent(fleet)
    assert await fleet.refused("GET", f"{SMS}/{id}") == (status, code)
    assert await fleet.refused("DELETE", f"{SMS}/{id}") == (status, code)


async def test_a_message_to_nobody_is_told(fleet: Caller) -> None:
    for id, told in (("77", (404, 1401)), ("None", (400, 1000))):
        path = f"/endpoint/{id}/sms"
        assert await fleet.refused("POST", path, json={"payload": "x"}) == told
        assert await fleet.refused("GET", path) == told


async def test_nothing_is_accepted_while_the_store_can_t_write(rooms: Rooms, fleet: Caller) -> None:
    rooms.store.full = True
    assert await fleet.refused("POST", SMS, json={"payload": "x"}) == (503, 1001)


async def test_a_store_that_can_t_be_read_is_told(
    rooms: Rooms, fleet: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_: object, **__: object) -> None:
        raise StoreError("the disk is gone")

    monkeypatch.setattr(rooms.store, "search", failing)
    assert await fleet.refused("GET", SMS) == (503, 1001)
