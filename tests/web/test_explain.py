"""Why over HTTP: the verdict that a message would get, step by step, at no cost."""

from typing import Any

import pytest

from tests.web.rooms import ANNA, BERT, CARL, DORA, Rooms

EMIL = "491700000010"


async def explained(rooms: Rooms, asker: str = "fleet", /, **asked: Any) -> Any:
    async with rooms.client_of(asker) as client:
        body = {"from" if key == "sender" else key: value for key, value in asked.items()}
        response = await client.post("/v1/explain", json=body)
    assert response.status_code == 200, response.text
    return response.json()


async def test_an_accepted_message_is_explained_by_the_rules_that_let_it_pass(
    rooms: Rooms,
) -> None:
    told = await explained(rooms, to=ANNA, text="hello")
    assert (told["accepted"], told["reason"], told["class"]) == (True, "accepted", "a2p_mt")
    assert (told["account"], told["detail"], told["retry_after"]) == ("fleet", "", None)
    assert told["steps"]
    assert all(step["passed"] and step["rule"] and step["why"] for step in told["steps"])


async def test_a_refused_message_is_explained_by_the_rule_that_refuses(rooms: Rooms) -> None:
    told = await explained(rooms, to=CARL, text="hello")
    assert (told["accepted"], told["reason"]) == (False, "switched_off")
    *before, last = told["steps"]
    assert all(step["passed"] for step in before)
    assert last == {"rule": "switches", "passed": False, "why": told["detail"]}
    assert "'deaf'" in told["detail"]


async def test_the_link_asked_for_is_explained(rooms: Rooms) -> None:
    told = await explained(rooms, to="155500010001", link="fra")
    assert (told["accepted"], told["reason"]) == (False, "unknown_destination")
    assert told["steps"][-2]["why"] == "there is no link of this name"


async def test_the_number_of_a_device_stands_for_the_device(rooms: Rooms) -> None:
    told = await explained(rooms, sender=ANNA, to=BERT)
    assert (told["account"], told["class"]) == (None, "p2p_internal")
    told = await explained(rooms, sender=ANNA, to="1234")
    assert (told["account"], told["class"]) == (None, "a2p_mo")


async def test_any_other_sender_stands_for_the_account_of_the_token(rooms: Rooms) -> None:
    told = await explained(rooms, "slow", sender="1234", to=ANNA)
    assert (told["account"], told["reason"]) == ("slow", "source_not_allowed")
    assert (await explained(rooms, "fleet", sender="FLEET", to=ANNA))["accepted"]


async def test_an_account_that_is_named_would_send(rooms: Rooms) -> None:
    told = await explained(rooms, "slow", sender="1234", to=ANNA, account="fleet")
    assert (told["account"], told["accepted"]) == ("fleet", True)


async def test_a_device_of_the_store_is_known_and_its_overrides_count(rooms: Rooms) -> None:
    body = {"msisdn": EMIL, "overrides": {"mo": False}}
    await rooms.client.post("/v1/devices", json=body)
    rooms.hlr.renew()
    told = await explained(rooms, sender=EMIL, to="1234")
    assert (told["account"], told["reason"]) == (None, "switched_off")


async def test_explaining_costs_nothing_and_sends_nothing(rooms: Rooms) -> None:
    for _ in range(5):
        assert (await explained(rooms, sender=DORA, to="1234"))["accepted"]
    assert rooms.ledger.last_id == 0
    sent = {"to": "1234", "text": "x"}
    for _ in range(2):
        response = await rooms.client.post(f"/v1/devices/{DORA}/messages", json=sent)
        assert response.status_code == 201
    told = await explained(rooms, sender=DORA, to="1234")
    assert (told["reason"], told["retry_after"]) == ("rate_limit", 30)


async def test_rules_look_at_the_text(rooms: Rooms) -> None:
    keys = {"forbidden_text": ["casino"], "binary": False}
    await rooms.client.put("/v1/policies/clean", json=keys)
    await rooms.client.post("/v1/devices", json={"msisdn": EMIL, "policy": "clean"})
    assert (await explained(rooms, to=EMIL, text="hello"))["accepted"]
    told = await explained(rooms, to=EMIL, text="Free casino")
    assert (told["accepted"], "forbidden_text" in told["detail"]) == (False, True)
    assert not (await explained(rooms, to=EMIL, hex="00ff"))["accepted"]


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("5555555555", "unknown_destination"),
        ("", "malformed_number"),
        ("1" * 16, "malformed_number"),
    ],
)
async def test_a_recipient_who_is_none_is_explained_too(rooms: Rooms, to: str, reason: str) -> None:
    told = await explained(rooms, to=to)
    assert (told["accepted"], told["reason"]) == (False, reason)
    assert told["steps"][-1]["passed"] is False


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"to": ANNA, "txt": "x"}, 400),
        ({"to": ANNA, "text": "x", "hex": "00"}, 422),
        ({"to": ANNA, "hex": "0"}, 422),
        ({"to": ANNA, "account": "flet"}, 422),
    ],
)
async def test_a_question_that_is_none_is_a_problem(
    rooms: Rooms, body: dict[str, str], status: int
) -> None:
    response = await rooms.client.post("/v1/explain", json=body)
    assert response.status_code == status, response.text
    if "account" in body:
        assert "did you mean 'fleet'" in response.json()["detail"]
