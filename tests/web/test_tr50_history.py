"""sms.history of TR50: whose messages are listed, which of them, and what is told of each."""

from typing import Any

import pytest

from smsc.store.record import Listing
from smsc.web.tr50.history import MOST_IDS
from smsc.web.tr50.ids import record_id, uuid
from tests.web.rooms import ANNA, BERT, FLEET, SLOW, Rooms
from tests.web.tr50 import as_user, done, make_thing, refused

UP = {"coding": "SEVEN_BIT", "message": "UP"}
NOW = "2023-11-14T22:13:20.00+00:00"


async def send(rooms: Rooms, *texts: str, to: str = ANNA, by: str = FLEET) -> None:
    """Send texts, a minute apart."""
    for text in texts:
        params = UP | {"msisdn": to, "message": text}
        await done(rooms, "sms.send", params, auth=as_user(by))
        await rooms.settled()
        rooms.clock.advance(60)


async def receive(rooms: Rooms, text: str, by: str = ANNA, to: str = "1234") -> None:
    body = {"to": to, "text": text}
    sent = await rooms.client.post(f"/v1/devices/{by}/messages", json=body)
    assert sent.status_code == 201, sent.text


async def bodies(rooms: Rooms, **params: Any) -> list[str]:
    """Return the texts of the messages that are listed, in their order."""
    return [row["body"] for row in (await done(rooms, "sms.history", params))["result"]]


async def test_a_message_is_told_with_all_that_is_known_of_it(rooms: Rooms) -> None:
    sent = await done(rooms, "sms.send", UP | {"msisdn": ANNA, "from": "FLEET"})
    await rooms.settled()
    assert await done(rooms, "sms.history") == {
        "count": 1,
        "result": [
            {
                "id": sent["id"],
                "uuid": sent["uuid"],
                "direction": "mt",
                "type": "mt",
                "from": "FLEET",
                "to": ANNA,
                "encoding": "SEVEN_BIT",
                "status": "delivered",
                "dateSent": NOW,
                "preferredSmsc": "smsc",
                "body": "UP",
                "deliveredTime": NOW,
            }
        ],
    }


async def test_a_message_that_waits_has_no_time_of_delivery(rooms: Rooms) -> None:
    await send(rooms, "UP", to=BERT)
    (row,) = (await done(rooms, "sms.history"))["result"]
    assert row["status"] == "enroute"
    assert "deliveredTime" not in row


@pytest.mark.parametrize(
    ("coding", "message", "body"),
    [("EIGHT_BIT", "00FF", "00ff"), ("UCS2", "Привет", "Привет"), ("SEVEN_BIT", "€", "€")],
)
async def test_a_body_is_told_as_it_was_sent(
    rooms: Rooms, coding: str, message: str, body: str
) -> None:
    await done(rooms, "sms.send", {"msisdn": ANNA, "coding": coding, "message": message})
    (row,) = (await done(rooms, "sms.history"))["result"]
    assert (row["encoding"], row["body"]) == (coding, body)


async def test_messages_of_other_organisations_are_never_shown(rooms: Rooms) -> None:
    await send(rooms, "ours")
    await send(rooms, "theirs", by=SLOW)
    await receive(rooms, "to them", to="5678")
    assert await bodies(rooms) == ["ours"]
    assert await bodies(rooms, msisdn=ANNA) == ["ours"]
    others = [uuid(number) for number in (1, 2, 3)] + [record_id(2, SLOW)]
    assert await bodies(rooms, ids=others) == ["ours"]


async def test_directions_are_told_apart(rooms: Rooms) -> None:
    await send(rooms, "down")
    await receive(rooms, "up")
    assert await bodies(rooms) == ["up", "down"]
    assert await bodies(rooms, direction="mt") == ["down"]
    assert await bodies(rooms, direction="mo") == ["up"]


async def test_a_thing_is_named_as_when_it_is_written_to(rooms: Rooms) -> None:
    await make_thing(rooms)
    await send(rooms, "to Anna")
    await send(rooms, "to the mower", to="491700000100")
    assert await bodies(rooms, thingKey="mower-7") == ["to the mower"]
    assert await bodies(rooms, msisdn=f"+{ANNA}") == ["to Anna"]
    assert (await refused(rooms, "sms.history", {"imei": "1"}))[0] == -90008


async def test_the_newest_come_first_unless_it_is_asked_otherwise(rooms: Rooms) -> None:
    await send(rooms, "1", "2", "3")
    assert await bodies(rooms, sort="-dateSent") == ["3", "2", "1"]
    assert await bodies(rooms, sort="dateSent") == ["1", "2", "3"]


async def test_a_time_has_a_start_and_an_end_which_both_belong_to_it(rooms: Rooms) -> None:
    await send(rooms, "1", "2", "3")
    start, end = "2023-11-14T22:14:20Z", "2023-11-14T23:15:20+01:00"
    assert await bodies(rooms, start=start) == ["3", "2"]
    assert await bodies(rooms, end=start) == ["2", "1"]
    assert await bodies(rooms, start=start, end=end) == ["3", "2"]
    assert await bodies(rooms, start="2023-11-14T22:14:20") == ["3", "2"]


@pytest.mark.parametrize(("last", "found"), [("90s", 1), ("2m", 2), ("24h", 3), ("1d", 3)])
async def test_the_last_while_may_be_asked_for(rooms: Rooms, last: str, found: int) -> None:
    await send(rooms, "1", "2", "3")
    assert len(await bodies(rooms, last=last)) == found


async def test_the_last_records_may_be_asked_for(rooms: Rooms) -> None:
    await send(rooms, "1", "2", "3")
    assert await bodies(rooms, records=2) == ["3", "2"]
    assert await bodies(rooms, records="2", sort="dateSent") == ["2", "3"]
    assert await bodies(rooms, records=2, offset=1) == ["2"]


async def test_pages_are_asked_for_until_the_count_is_reached(rooms: Rooms) -> None:
    await send(rooms, "1", "2", "3", "4", "5")
    found: list[str] = []
    offset, count = 0, 1
    while offset < count:
        page = await done(rooms, "sms.history", {"offset": offset, "limit": 2})
        found += [row["body"] for row in page["result"]]
        offset, count = offset + 2, page["count"]
    assert found == ["5", "4", "3", "2", "1"]


async def test_messages_are_found_by_their_ids_of_either_kind(rooms: Rooms) -> None:
    await send(rooms, "1", "2", "3")
    assert await bodies(rooms, ids=[uuid(1), record_id(3, FLEET), "nonsense"]) == ["3", "1"]
    assert await bodies(rooms, ids=uuid(2)) == ["2"]
    assert await bodies(rooms, ids=[]) == []


async def test_messages_are_found_by_what_they_say(rooms: Rooms) -> None:
    await send(rooms, "The Mower is UP", "it is down")
    assert await bodies(rooms, body="mower") == ["The Mower is UP"]
    assert await bodies(rooms, text="is") == ["it is down", "The Mower is UP"]


async def test_no_message_has_a_tag(rooms: Rooms) -> None:
    await send(rooms, "1")
    assert await bodies(rooms, tags="career1") == await bodies(rooms, tags=["a", "b"]) == []
    assert await bodies(rooms, tags=[]) == ["1"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sort", "-body"),
        ("sort", 5),
        ("direction", "up"),
        ("direction", True),
        ("last", "soon"),
        ("last", "24"),
        ("last", 24),
        ("start", "yesterday"),
        ("start", 1700000000),
        ("end", "2023-13-01T00:00:00Z"),
        ("records", 0),
        ("records", "x"),
        ("offset", -1),
        ("limit", 0),
        ("ids", 5),
        ("ids", [5]),
        ("ids", ["0"] * (MOST_IDS + 1)),
        ("tags", {}),
        ("body", 5),
        ("msisdn", 5),
    ],
)
async def test_what_cannot_be_asked_for_is_told(rooms: Rooms, name: str, value: Any) -> None:
    code, message = await refused(rooms, "sms.history", {name: value})
    assert code == -90003
    assert message.startswith(f"Invalid parameter: {name}")


async def test_what_takes_too_long_to_look_through_is_told_to_be_narrowed(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def endless(*_: object, **__: object) -> Listing:
        return Listing([], 1)

    monkeypatch.setattr(rooms.store, "search", endless)
    code, message = await refused(rooms, "sms.history")
    assert code == -90005
    assert "narrow it" in message
