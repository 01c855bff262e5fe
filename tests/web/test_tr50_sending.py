"""sms.send of TR50 and its relatives: to whom, what, from whom, for how long, and what is told."""

import asyncio
import re
from typing import Any

import pytest

from smsc.delivery.directory import Terms
from smsc.message import to_device, to_links
from smsc.store.store import History
from smsc.web.tr50.ids import message_of, moment, record_id, uuid
from smsc.web.tr50.room import Room
from tests.web.rooms import ANNA, BERT, CARL, FLEET, SLOW, TERMS, Rooms, token
from tests.web.tr50 import (
    IDENTITIES,
    THING,
    as_application,
    as_user,
    ask,
    done,
    failure,
    make_thing,
    post,
    refused,
    session,
    texts,
)

ELSEWHERE = "155500010001"
UP = {"coding": "SEVEN_BIT", "message": "UP"}


@pytest.fixture
def far(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let fleet send to numbers elsewhere, over a link."""
    monkeypatch.setitem(TERMS, FLEET, Terms(default_source="1234", external=True))
    rooms.exits.change([], {"far"})
    monkeypatch.setattr(Room, "smscs", lambda self: ["smsc", "far"])


async def sent(rooms: Rooms) -> History:
    """Return the first message there is."""
    history = await rooms.store.history(1)
    assert history is not None
    return history


async def send(rooms: Rooms, **params: Any) -> dict[str, Any]:
    return await done(rooms, "sms.send", UP | params)


# To whom.


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("thingKey", "mower-7"),
        ("esn", "80ab1"),
        ("iccid", "8949000000000000001"),
        ("imei", "356938035643809"),
        ("imsi", "262010000000007"),
        ("meid", "a10000009296f1"),
        ("msisdn", THING),
        ("msisdn", f"+{THING}"),
    ],
)
async def test_a_thing_is_written_to_by_whatever_it_is_known_by(
    rooms: Rooms, name: str, value: str
) -> None:
    await make_thing(rooms)
    await send(rooms, **{name: value})
    assert (await sent(rooms)).message.destination == to_device(THING)
    assert await texts(rooms, THING) == ["UP"]


async def test_the_answer_tells_when_under_which_ids_and_who_serves_the_thing(
    rooms: Rooms,
) -> None:
    params = await send(rooms, msisdn=ANNA)
    assert params == {
        "dateSent": "2023-11-14T22:13:20.00+00:00",
        "uuid": uuid(1),
        "id": record_id(1, FLEET),
        "preferredSmsc": "smsc",
    }


async def test_the_message_is_in_the_store_when_it_is_answered(rooms: Rooms) -> None:
    await send(rooms, msisdn=BERT)
    message = (await sent(rooms)).message
    assert (message.account, message.source.digits, message.payload) == (FLEET, "1234", b"UP")
    assert message.registered_delivery == 0


async def test_of_several_identifiers_the_first_that_somebody_has_decides(rooms: Rooms) -> None:
    await make_thing(rooms)
    await send(rooms, imei="356938035643809", msisdn=ANNA)
    await send(rooms, imei="1", msisdn=ANNA)
    await send(rooms, thingKey="", imei=None, msisdn=ANNA)
    assert await texts(rooms, THING) == ["UP"]
    assert await texts(rooms, ANNA) == ["UP", "UP"]


async def test_an_identifier_that_nobody_has_finds_nothing(rooms: Rooms) -> None:
    assert await refused(rooms, "sms.send", UP | {"imei": "1"}) == (-90008, "Thing not found.")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("imei", "abc"), ("esn", "x"), ("thingKey", "a/b"), ("msisdn", "abc")),
        *(("msisdn", "1" * 99), ("msisdn", 5), ("imei", True), ("thingKey", []), ("iccid", {})),
    ],
)
async def test_what_cannot_be_an_identifier_is_told(rooms: Rooms, name: str, value: Any) -> None:
    code, message = await refused(rooms, "sms.send", UP | {name: value})
    assert code == -90003
    assert message.startswith(f"Invalid parameter: {name}")


async def test_without_an_identifier_a_user_writes_to_nobody(rooms: Rooms) -> None:
    code, message = await refused(rooms, "sms.send", UP)
    assert (code, message[:22]) == (-90003, "Missing parameter: one")


async def test_without_an_identifier_an_application_writes_to_its_own_thing(rooms: Rooms) -> None:
    await make_thing(rooms)
    await done(rooms, "sms.send", UP, auth=as_application(token(FLEET)))
    assert await texts(rooms, THING) == ["UP"]
    ghost = as_application(token(FLEET), "app", "ghost")
    assert (await refused(rooms, "sms.send", UP, auth=ghost))[0] == -90008


async def test_a_number_that_is_no_thing_needs_an_smsc(rooms: Rooms) -> None:
    code, message = await refused(rooms, "sms.send", UP | {"msisdn": ELSEWHERE})
    assert (code, message[:23]) == (-90003, "Missing parameter: smsc")


@pytest.mark.usefixtures("far")
@pytest.mark.parametrize("smsc", ["nowhere", "FAR", "far/fleet"])
async def test_an_smsc_that_there_is_not_is_told(rooms: Rooms, smsc: str) -> None:
    code, message = await refused(rooms, "sms.send", UP | {"msisdn": ELSEWHERE, "smsc": smsc})
    assert (code, message[:23]) == (-90003, "Invalid parameter: smsc")


@pytest.mark.usefixtures("far")
async def test_a_number_elsewhere_is_written_to_over_the_smsc_that_is_named(rooms: Rooms) -> None:
    params = await send(rooms, msisdn=ELSEWHERE, smsc="far")
    assert params["preferredSmsc"] == "far"
    message = (await sent(rooms)).message
    assert (message.link, message.destination) == ("far", to_links(("far",), FLEET))


@pytest.mark.usefixtures("far")
async def test_a_number_elsewhere_needs_an_account_that_may_send_there(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TERMS, FLEET, Terms(default_source="1234"))
    params = UP | {"msisdn": ELSEWHERE, "smsc": "far"}
    assert (await refused(rooms, "sms.send", params))[0] == -90004


async def test_this_smsc_may_be_named_and_leaves_the_way_to_the_routes(rooms: Rooms) -> None:
    params = UP | {"msisdn": ELSEWHERE, "smsc": "smsc"}
    assert (await refused(rooms, "sms.send", params))[0] in (-90004, -90008)


@pytest.mark.usefixtures("far")
async def test_the_smsc_of_a_thing_counts_more_than_the_one_that_is_named(rooms: Rooms) -> None:
    assert (await send(rooms, msisdn=ANNA, smsc="far"))["preferredSmsc"] == "smsc"
    assert await texts(rooms) == ["UP"]


@pytest.mark.usefixtures("far")
async def test_a_thing_with_a_link_of_its_own_names_that(rooms: Rooms) -> None:
    await make_thing(rooms, link="far")
    params = await send(rooms, thingKey="mower-7", smsc="nowhere")
    assert params["preferredSmsc"] == "far"
    assert await texts(rooms, THING) == ["UP"]


# What.


@pytest.mark.parametrize("params", [{}, {"trim": True}, {"trim": None}])
async def test_white_space_at_both_ends_is_trimmed(rooms: Rooms, params: dict[str, Any]) -> None:
    await send(rooms, msisdn=ANNA, message=" \t\n  getinfo\r\n ", **params)
    assert await texts(rooms) == ["getinfo"]


async def test_without_trim_each_octet_is_kept(rooms: Rooms) -> None:
    await send(rooms, msisdn=ANNA, message="  getinfo \n", trim=False)
    assert (await sent(rooms)).message.payload == b"  getinfo \n"


@pytest.mark.parametrize("trim", ["false", 0, 1, [], "no"])
async def test_trim_is_true_or_false(rooms: Rooms, trim: Any) -> None:
    code, message = await refused(rooms, "sms.send", UP | {"msisdn": ANNA, "trim": trim})
    assert (code, message[:23]) == (-90003, "Invalid parameter: trim")


@pytest.mark.parametrize(
    ("coding", "message", "octets", "data_coding"),
    [
        ("SEVEN_BIT", "Grüße €", b"Gr~\x1e" + b"e \x1be", 0),
        ("SEVEN_BIT", "", b"", 0),
        ("EIGHT_BIT", "00FFab", b"\x00\xff\xab", 4),
        ("EIGHT_BIT", " 00ff\n", b"\x00\xff", 4),
        ("UCS2", "Привет", "Привет".encode("utf-16-be"), 8),
        ("UCS2", "😀", "😀".encode("utf-16-be"), 8),
    ],
)
async def test_a_message_is_written_as_its_coding_says(
    rooms: Rooms, coding: str, message: str, octets: bytes, data_coding: int
) -> None:
    await send(rooms, msisdn=ANNA, coding=coding, message=message)
    found = (await sent(rooms)).message
    assert (found.payload, found.data_coding) == (octets, data_coding)


async def test_a_text_that_seven_bits_do_not_hold_is_told_to_go_as_ucs2(rooms: Rooms) -> None:
    code, message = await refused(rooms, "sms.send", UP | {"msisdn": ANNA, "message": "Привет"})
    assert code == -90003
    assert "UCS2" in message


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"message": "0"}, "Invalid parameter: message"),
        ({"message": "xy"}, "Invalid parameter: message"),
        ({"message": "00 ff"}, "Invalid parameter: message"),
        ({"message": " 00", "trim": False}, "Invalid parameter: message"),
        ({"message": "\u0660\u0660"}, "Invalid parameter: message"),
        ({"message": None}, "Missing parameter: message"),
        ({"message": 5}, "Invalid parameter: message"),
        ({"message": ["00"]}, "Invalid parameter: message"),
    ],
)
async def test_eight_bit_takes_pairs_of_hexadecimal_digits(
    rooms: Rooms, params: dict[str, Any], message: str
) -> None:
    given = {"msisdn": ANNA, "coding": "EIGHT_BIT"} | params
    code, told = await refused(rooms, "sms.send", given)
    assert (code, told[: len(message)]) == (-90003, message)


@pytest.mark.parametrize(
    ("coding", "message"),
    [(None, "Missing"), ("seven_bit", "Invalid"), ("GSM", "Invalid"), (7, "Invalid")],
)
async def test_a_coding_must_be_named(rooms: Rooms, coding: Any, message: str) -> None:
    params = {"msisdn": ANNA, "message": "UP", "coding": coding}
    code, told = await refused(rooms, "sms.send", params)
    assert (code, told) == (-90003, told)
    assert told.startswith(f"{message} parameter: coding")


async def test_a_long_text_goes_in_parts_and_is_one_message(rooms: Rooms) -> None:
    params = await send(rooms, msisdn=ANNA, message="x" * 500)
    assert params["uuid"] == uuid(1)
    assert await texts(rooms) == ["x" * 500]


async def test_what_does_not_fit_in_255_parts_is_too_long(rooms: Rooms) -> None:
    params = {"msisdn": ANNA, "coding": "SEVEN_BIT", "message": "x" * 40_000}
    code, message = await refused(rooms, "sms.send", params)
    assert (code, "too_long" in message) == (-90003, True)


# From whom, and for how long.


async def test_the_sender_is_an_address_of_the_account(rooms: Rooms) -> None:
    await send(rooms, msisdn=ANNA, **{"from": "FLEET"})
    assert (await sent(rooms)).message.source.digits == "FLEET"
    assert (await refused(rooms, "sms.send", UP | {"msisdn": ANNA, "from": "5678"}))[0] == -90004


@pytest.mark.parametrize("source", [5, True, [], {}])
async def test_a_sender_is_a_string(rooms: Rooms, source: Any) -> None:
    params = UP | {"msisdn": ANNA, "from": source}
    assert (await refused(rooms, "sms.send", params))[0] == -90003


@pytest.mark.parametrize("source", ["x" * 5000, "\0", "\u202e"])
async def test_a_sender_that_is_none_is_refused(rooms: Rooms, source: str) -> None:
    params = UP | {"msisdn": ANNA, "from": source}
    assert (await refused(rooms, "sms.send", params))[0] == -90004


@pytest.mark.parametrize("validity", [60, "60"])
async def test_validity_is_seconds_from_submission(rooms: Rooms, validity: Any) -> None:
    await send(rooms, msisdn=BERT, validity=validity)
    message = (await sent(rooms)).message
    assert message.expires_at - message.accepted_at == 60_000


@pytest.mark.parametrize("validity", [10**9, 10**17, 10**40])
async def test_a_long_validity_is_cut_to_what_the_smsc_grants(rooms: Rooms, validity: int) -> None:
    await send(rooms, msisdn=BERT, validity=validity)
    message = (await sent(rooms)).message
    assert message.expires_at - message.accepted_at == 3_600_000


@pytest.mark.parametrize("validity", [0, -1, 1.5, "soon", "", True, [60], "9" * 40])
async def test_validity_is_a_whole_number_of_at_least_a_second(rooms: Rooms, validity: Any) -> None:
    params = UP | {"msisdn": ANNA, "validity": validity}
    code, message = await refused(rooms, "sms.send", params)
    assert (code, message[:27]) == (-90003, "Invalid parameter: validity")


# What comes of it.


async def test_a_thing_whose_policy_refuses_is_told_so(rooms: Rooms) -> None:
    assert (await refused(rooms, "sms.send", UP | {"msisdn": CARL}))[0] == -90004


async def test_too_many_messages_are_told_to_come_later(rooms: Rooms) -> None:
    await done(rooms, "sms.send", UP | {"msisdn": ANNA}, auth=as_user(SLOW))
    code, message = await refused(rooms, "sms.send", UP | {"msisdn": ANNA}, auth=as_user(SLOW))
    assert code == -90005
    assert "try again in 60 s" in message


async def test_a_full_disk_is_told_and_nothing_is_sent(rooms: Rooms) -> None:
    opened = await session(rooms)
    rooms.store.full = True
    body = {"1": {"command": "sms.send", "params": UP | {"msisdn": ANNA}}}
    reply = await post(rooms, body, sessionId=opened)
    assert reply["1"]["errorCodes"] == [-90006]


async def test_a_disk_that_hangs_is_not_waited_for_longer_than_ten_seconds(rooms: Rooms) -> None:
    opened = await session(rooms)
    rooms.store.running.clear()
    body = {"1": {"command": "sms.send", "params": UP | {"msisdn": ANNA}}}
    answer = asyncio.create_task(post(rooms, body, sessionId=opened))
    while not rooms.ledger.backlog:
        await rooms.client.get("/healthz")
    rooms.clock.advance(9.9)
    await rooms.client.get("/healthz")
    assert not answer.done()
    rooms.clock.advance(0.2)
    code, message = failure((await answer)["1"])
    assert (code, "isn't known" in message) == (-90006, True)


async def test_one_request_may_send_many_messages(rooms: Rooms) -> None:
    opened = await session(rooms)
    params = [UP | {"msisdn": ANNA, "message": str(number)} for number in range(20)]
    body = {
        str(number): {"command": "sms.send", "params": each} for number, each in enumerate(params)
    }
    reply = await post(rooms, body, sessionId=opened)
    assert all(answer["success"] for answer in reply.values())
    assert len({answer["params"]["uuid"] for answer in reply.values()}) == 20
    assert await texts(rooms) == [str(number) for number in range(20)]


# Its relatives.


@pytest.mark.parametrize("name", ["id", "iccid", "imei", "imsi", "meid"])
@pytest.mark.parametrize("command", ["cdp.connection.sms.send", "cdp.connections.sms.send"])
async def test_a_carrier_sends_one_text_and_tells_nothing(
    rooms: Rooms, command: str, name: str
) -> None:
    await make_thing(rooms)
    params = {name: IDENTITIES[name], "message": " Привет "}
    assert await ask(rooms, command, params) == {"success": True}
    assert await texts(rooms, THING) == [" Привет "]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"message": "x"}, -90003),
        ({"imei": "1", "message": "x"}, -90008),
        ({"imei": "356938035643809"}, -90003),
        ({"imei": "356938035643809", "message": "x" * 161}, -90003),
        ({"imei": "356938035643809", "message": 5}, -90003),
        ({"imei": 5, "message": "x"}, -90003),
        ({"msisdn": THING, "message": "x"}, -90003),
    ],
)
async def test_a_carrier_takes_160_characters_for_a_connection(
    rooms: Rooms, params: dict[str, Any], code: int
) -> None:
    await make_thing(rooms)
    assert (await refused(rooms, "cdp.connection.sms.send", params))[0] == code


async def test_the_command_of_samples_sends_to_a_number(rooms: Rooms) -> None:
    params = {"to": f"+{ANNA}", "from": "FLEET", "body": "hello"}
    assert (await done(rooms, "twilio.sms.send", params))["uuid"] == uuid(1)
    assert await texts(rooms) == ["hello"]
    for name in ("to", "body"):
        lacking = {key: value for key, value in params.items() if key != name}
        told = await refused(rooms, "twilio.sms.send", lacking)
        assert told == (-90003, f"Missing parameter: {name}")
    assert (await refused(rooms, "twilio.sms.send", params | {"to": ELSEWHERE}))[0] != 0


# Ids and times.


def test_ids_are_24_digits_and_tell_the_message_to_those_who_have_it() -> None:
    ids = {uuid(1), uuid(2), record_id(1, FLEET), record_id(1, SLOW), uuid(10**12)}
    assert len(ids) == 5
    assert all(re.fullmatch("[0-9a-f]{24}", each) for each in ids)
    assert message_of(uuid(1), FLEET) == message_of(record_id(1, FLEET), FLEET) == 1
    assert message_of(record_id(1, SLOW), FLEET) is None


@pytest.mark.parametrize("written", ["", "x", "0" * 24, "-00000000001" + "0" * 12, "ä" * 24])
def test_what_is_no_id_names_no_message(written: str) -> None:
    assert message_of(written, FLEET) is None


@pytest.mark.parametrize(
    ("ms", "written"),
    [(0, "1970-01-01T00:00:00.00+00:00"), (1631888648129, "2021-09-17T14:24:08.12+00:00")],
)
def test_times_have_hundredths_and_an_offset(ms: int, written: str) -> None:
    assert moment(ms) == written
