"""VoIP Number: who may send from which number, what is answered, and what is kept of it."""

import asyncio
from base64 import b64encode
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from smsc.message import Address, Message, State, to_webhook
from smsc.store.store import History, StoreError
from smsc.web.data_record import mdr_id, message_of
from smsc.web.problems import LARGEST_BODY
from smsc.web.voipnumber.records import described
from smsc.web.voipnumber.sending import created
from tests.web.rooms import ANNA, BERT, CARL, FLEET, SLOW, Rooms, token
from tests.web.tr50 import as_application, failure, make_thing, post, session

SMS = {"from": "+1234", "to": f"+{ANNA}", "body": "Thank you"}


def basic(account: str = FLEET, secret: str = "") -> dict[str, str]:
    credentials = f"{account}:{secret or token(account)}".encode()
    return {"Authorization": f"Basic {b64encode(credentials).decode()}"}


async def ask(
    rooms: Rooms, method: str, path: str, headers: dict[str, str], **more: Any
) -> dict[str, Any]:
    """Ask with these headers and no others; return the answer, which always comes with 200."""
    async with httpx.AsyncClient(base_url=rooms.url, trust_env=False) as client:
        response = await client.request(method, path, headers=headers, **more)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    answer: dict[str, Any] = response.json()
    assert {*answer} == {"status", "result"}
    return answer


async def sms(
    rooms: Rooms, body: Any = SMS, headers: dict[str, str] | None = None, path: str = "/sms/send"
) -> dict[str, Any]:
    return await ask(rooms, "POST", path, basic() if headers is None else headers, json=body)


def done(answer: dict[str, Any]) -> Any:
    """Return what is in both envelopes."""
    assert answer["status"] == "OK", answer
    inner = answer["result"]
    assert ({*inner}, inner["status"]) == ({"status", "result"}, "OK")
    return inner["result"]


def refused(answer: dict[str, Any]) -> str:
    """Return the code of an error."""
    assert answer["status"] == "Error", answer
    assert {*answer["result"]} == {"error_code", "error"}
    assert answer["result"]["error"]
    return str(answer["result"]["error_code"])


# Sending.


@pytest.mark.parametrize("path", ["/sms/send", "/sms", "/v1/sms/send"])
async def test_an_sms_is_queued_and_answered_in_two_envelopes(rooms: Rooms, path: str) -> None:
    assert done(await sms(rooms, path=path)) == {
        "status": "queued",
        "body": "Thank you",
        "timestamp_s": 1700000000,
        "created": "14 Nov 2023 22:13:20",
        "id": str(mdr_id(1)),
    }
    history = await rooms.store.history(1)
    assert history is not None
    message = history.message
    assert (message.account, message.source.digits, message.dest.digits) == (FLEET, "1234", ANNA)
    assert message.payload == b"Thank you"


@pytest.mark.parametrize("name", ["body", "text", "message"])
async def test_the_text_goes_by_three_names(rooms: Rooms, name: str) -> None:
    members = {"from": "1234", "to": ANNA, name: "Привет"}
    assert done(await sms(rooms, members))["body"] == "Привет"


@pytest.mark.parametrize(
    "headers",
    [
        {"accountId": FLEET, "apiToken": token(FLEET)},
        {"accountid": FLEET, "APITOKEN": token(FLEET), "Authorization": "Bearer x"},
        basic(),
        {**basic(), "accountId": SLOW, "apiToken": "x"},
        {"Authorization": basic()["Authorization"].replace("Basic", "basic")},
    ],
)
async def test_credentials_come_as_basic_or_in_headers(
    rooms: Rooms, headers: dict[str, str]
) -> None:
    encoded = {name: value.encode() for name, value in headers.items()}
    assert done(await sms(rooms, headers=encoded))  # type: ignore[arg-type]


async def test_credentials_come_in_the_body_too(rooms: Rooms) -> None:
    members = SMS | {"accountId": FLEET, "apiToken": token(FLEET)}
    assert done(await sms(rooms, members, {}))


async def test_the_body_is_json_whatever_its_type_says(rooms: Rooms) -> None:
    headers = basic() | {"Content-Type": "application/x-www-form-urlencoded"}
    content = b'\xef\xbb\xbf{"from": "1234", "to": "491700000001", "body": "x"}'
    assert done(await ask(rooms, "POST", "/sms", headers, content=content))


async def test_a_name_of_the_accounts_may_be_the_sender(rooms: Rooms) -> None:
    assert done(await sms(rooms, SMS | {"from": "FLEET"}))


# The seven errors, in their order.

MISSING = "USER_ACCOUNT_MISSING"


@pytest.mark.parametrize(
    ("headers", "members", "code"),
    [
        ({}, {}, MISSING),
        ({}, {"accountId": "", "apiToken": "x"}, MISSING),
        ({}, {"accountId": 5, "apiToken": "x"}, MISSING),
        ({"Authorization": "Basic !"}, {}, MISSING),
        ({"Authorization": "Basic /w=="}, {}, MISSING),
        ({"Authorization": "Basic"}, {}, MISSING),
        ({"accountId": "nobody"}, {}, "API_TOKEN_MISSING"),
        ({"accountId": FLEET, "apiToken": ""}, {}, "API_TOKEN_MISSING"),
        ({}, {"accountId": FLEET, "apiToken": ["x"]}, "API_TOKEN_MISSING"),
        (basic("nobody", "x"), {}, "USER_NOT_FOUND"),
        (basic("", "x"), {}, MISSING),
        (basic(FLEET, "wrong"), {}, "API_TOKEN_INVALID"),
        (basic(FLEET, "fleet-secret"), {}, "API_TOKEN_INVALID"),
    ],
)
async def test_who_asks_is_looked_at_before_anything_else(
    rooms: Rooms, headers: dict[str, str], members: dict[str, Any], code: str
) -> None:
    assert refused(await sms(rooms, {"from": 5} | members, headers)) == code


async def test_the_token_of_another_account_is_not_ones_own(rooms: Rooms) -> None:
    headers = {"accountId": FLEET, "apiToken": "slow-secret-ü"}
    encoded = {name: value.encode() for name, value in headers.items()}
    answer = await sms(rooms, headers=encoded)  # type: ignore[arg-type]
    assert refused(answer) == "API_TOKEN_INVALID"


async def test_the_error_that_is_documented_is_told_word_for_word(rooms: Rooms) -> None:
    assert await sms(rooms, headers=basic("nobody", "x")) == {
        "status": "Error",
        "result": {"error_code": "USER_NOT_FOUND", "error": "User not found"},
    }


@pytest.mark.parametrize(
    ("sender", "code"),
    [
        ("+4999", "NUMBER_NOT_FOUND"),
        (ANNA, "NUMBER_NOT_FOUND"),
        ("fleet", "NUMBER_NOT_FOUND"),
        ("x" * 5000, "NUMBER_NOT_FOUND"),
        ("' OR 1=1 --", "NUMBER_NOT_FOUND"),
        ("5678", "NUMBER_OWNERSHIP"),
        ("+5678", "NUMBER_OWNERSHIP"),
    ],
)
async def test_a_sender_must_be_a_number_of_the_accounts(
    rooms: Rooms, sender: str, code: str
) -> None:
    # What else is wrong comes after it.
    assert refused(await sms(rooms, {"from": sender})) == code


NO_TEXTS: tuple[Any, ...] = ("", None, 5, 1.5, [], ["x"], {}, {"x": 1}, True, False)
BODIES = (b"", b"{", b"[]", b"null", b"5", b"\xff", b"[" * 60_000, b" " * LARGEST_BODY + b"{}")


@pytest.mark.parametrize(
    "members",
    [
        *[{"from": value} for value in NO_TEXTS],
        *[{"to": value} for value in (*NO_TEXTS, "  ", "1" * 40, "\0")],
        *[{"body": value} for value in NO_TEXTS[1:]],
        {"body": "x" * 40_000},
    ],
)
async def test_a_message_that_is_none_is_invalid(rooms: Rooms, members: dict[str, Any]) -> None:
    assert refused(await sms(rooms, SMS | members)) == "MESSAGE_INVALID"


@pytest.mark.parametrize("body", BODIES)
async def test_a_body_that_is_no_object_is_an_invalid_message(rooms: Rooms, body: bytes) -> None:
    answer = await ask(rooms, "POST", "/sms/send", basic(), content=body)
    assert refused(answer) == "MESSAGE_INVALID"
    assert refused(await ask(rooms, "POST", "/sms/send", {}, content=body)) == MISSING


# Other errors.


async def test_a_policy_that_refuses_is_told(rooms: Rooms) -> None:
    assert refused(await sms(rooms, SMS | {"to": CARL})) == "NOT_ALLOWED"


async def test_a_number_that_leads_nowhere_is_not_found(rooms: Rooms) -> None:
    answer = await sms(rooms, SMS | {"to": "+155500010001"})
    assert refused(answer) in ("NUMBER_NOT_FOUND", "NOT_ALLOWED")


async def test_too_many_messages_are_told_to_come_later(rooms: Rooms) -> None:
    members = SMS | {"from": "5678"}
    assert done(await sms(rooms, members, basic(SLOW, "slow-secret-ü")))
    answer = await sms(rooms, members, basic(SLOW, "slow-secret-ü"))
    assert refused(answer) == "TOO_MANY_MESSAGES"
    assert "60 s" in answer["result"]["error"]


async def test_a_full_disk_is_told(rooms: Rooms) -> None:
    rooms.store.full = True
    assert refused(await sms(rooms)) == "UNAVAILABLE"


async def test_a_disk_that_hangs_is_not_waited_for_longer_than_ten_seconds(rooms: Rooms) -> None:
    rooms.store.running.clear()
    answer = asyncio.create_task(sms(rooms))
    while not rooms.ledger.backlog:
        await rooms.client.get("/healthz")
    rooms.clock.advance(10.1)
    assert refused(await answer) == "UNAVAILABLE"


async def test_a_mistake_of_ours_is_told_without_its_words(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(rooms.store, "history", broken)
    answer = await ask(rooms, "GET", f"/sms/{mdr_id(1)}", basic())
    assert refused(answer) == "UNAVAILABLE"
    assert "secret" not in answer["result"]["error"]


# Message data records.


async def test_a_record_tells_what_became_of_a_message(rooms: Rooms) -> None:
    sent = done(await sms(rooms))
    await rooms.settled()
    record = done(await ask(rooms, "GET", f"/sms/{sent['id']}", basic()))
    assert record == {
        "id": sent["id"],
        "timestamp_s": sent["timestamp_s"],
        "created": sent["created"],
        "direction": "outbound",
        "from": "1234",
        "to": f"+{ANNA}",
        "type": "sms",
        "body": "Thank you",
        "status": "delivered",
        "webhook_called": False,
        "webhook_status": None,
    }


async def test_a_message_that_waits_is_queued(rooms: Rooms) -> None:
    sent = done(await sms(rooms, SMS | {"to": BERT}))
    record = done(await ask(rooms, "GET", f"/sms/{sent['id']}", basic()))
    assert record["status"] == "queued"


async def test_records_of_what_was_received_are_listed_too(rooms: Rooms) -> None:
    await rooms.client.post(f"/v1/devices/{ANNA}/messages", json={"to": "1234", "text": "hello"})
    (record,) = done(await ask(rooms, "GET", "/sms", basic()))["records"]
    assert (record["direction"], record["status"]) == ("inbound", "received")
    assert (record["from"], record["to"], record["body"]) == (f"+{ANNA}", "1234", "hello")


TO_WEBHOOK = Message(
    7,
    "",
    to_webhook("orders", FLEET),
    Address(1, 1, ANNA),
    Address(0, 1, "1234"),
    b"hello",
    1716193717_000,
    1716193718_000,
)
# A push to port 2948 that announces an MMS, and where that can be fetched.
MMS = bytes.fromhex("0605040b8423f0010603be8c8283") + b"http://mms.example/1\0"


@pytest.mark.parametrize(
    ("state", "error", "attempts", "called", "status"),
    [
        (State.ENROUTE, 0, 0, False, None),
        (State.ENROUTE, 503, 1, True, 503),
        (State.ENROUTE, 1, 1, True, None),
        (State.DELIVERED, 0, 1, True, 200),
        (State.UNDELIVERABLE, 410, 2, True, 410),
    ],
)
def test_a_record_tells_what_its_webhook_answered(
    state: State, error: int, attempts: int, called: bool, status: int | None
) -> None:
    record = described(History(TO_WEBHOOK, state, error, 0, attempts), FLEET)
    assert (record["webhook_called"], record["webhook_status"]) == (called, status)
    assert (record["direction"], record["status"], record["type"]) == ("inbound", "received", "sms")


def test_a_message_that_announces_an_mms_is_one() -> None:
    message = replace(TO_WEBHOOK, payload=MMS, esm_class=0x40, data_coding=4)
    record = described(History(message, State.DELIVERED, 0, 0, 1), FLEET)
    assert (record["type"], record["body"]) == ("mms", "http://mms.example/1")


def test_what_was_erased_has_no_body() -> None:
    history = History(TO_WEBHOOK, State.DELIVERED, 0, 0, 1, erased=True)
    assert described(history, FLEET)["body"] is None


async def test_receipts_go_to_a_webhook_that_takes_them(rooms: Rooms) -> None:
    hook = {"url": "https://example.com/sms", "account": FLEET}
    made = await rooms.client.put("/v1/webhooks/orders", json=hook)
    assert made.status_code == 201, made.text
    done(await sms(rooms, SMS | {"to": BERT}))
    history = await rooms.store.history(1)
    assert history is not None
    message = history.message
    assert (message.receipts_to, message.registered_delivery) == (to_webhook("orders", FLEET), 1)


async def test_records_are_listed_page_by_page_the_newest_first(rooms: Rooms) -> None:
    for number in range(5):
        done(await sms(rooms, SMS | {"body": str(number)}))
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = done(await ask(rooms, "GET", "/sms", basic(), params={"limit": "2", **after}))
        assert len(page["records"]) <= 2
        found += [record["body"] for record in page["records"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert found == ["4", "3", "2", "1", "0"]


async def test_records_of_other_accounts_are_never_shown(rooms: Rooms) -> None:
    sent = done(await sms(rooms, SMS | {"from": "5678"}, basic(SLOW, "slow-secret-ü")))
    answer = await ask(rooms, "GET", f"/sms/{sent['id']}", basic())
    assert refused(answer) == "RECORD_NOT_FOUND"
    assert done(await ask(rooms, "GET", "/sms", basic())) == {"records": [], "next": None}


@pytest.mark.parametrize("record_id", ["x", "1", str(UUID(int=1)), str(mdr_id(99)), "%00", "'"])
async def test_a_record_that_there_is_not_is_not_found(rooms: Rooms, record_id: str) -> None:
    answer = await ask(rooms, "GET", f"/sms/{record_id}", basic())
    assert refused(answer) == "RECORD_NOT_FOUND"


@pytest.mark.parametrize(
    "params", [{"limit": "0"}, {"limit": "x"}, {"limit": "-1"}, {"limit": "9" * 30}, {"after": "x"}]
)
async def test_a_list_that_cannot_be_is_told(rooms: Rooms, params: dict[str, str]) -> None:
    answer = await ask(rooms, "GET", "/sms", basic(), params=params)
    assert refused(answer) == "MESSAGE_INVALID"


@pytest.mark.parametrize(("method", "path"), [("GET", "/sms"), ("GET", "/sms/x")])
async def test_records_want_credentials(rooms: Rooms, method: str, path: str) -> None:
    assert refused(await ask(rooms, method, path, {})) == MISSING


@given(st.integers(0, (1 << 48) - 1))
def test_the_id_of_a_record_is_a_uuid_that_tells_the_message(message_id: int) -> None:
    found = mdr_id(message_id)
    assert (found.version, found.variant) == (4, "specified in RFC 4122")
    assert message_of(str(found)) == message_id


@given(st.uuids(version=4))
def test_no_other_uuid_is_the_id_of_a_record(other: UUID) -> None:
    assert message_of(str(other)) is None


def test_times_are_written_as_documented() -> None:
    assert created(1716193717_999) == "20 May 2024 08:28:37"


# Another token.


async def renewed(rooms: Rooms, headers: dict[str, str]) -> str:
    found = done(await ask(rooms, "POST", "/sms/token", headers))
    assert found["accountId"] == FLEET
    return str(found["apiToken"])


async def test_a_token_is_renewed_and_the_old_one_dies_at_once(rooms: Rooms) -> None:
    first = await renewed(rooms, basic())
    assert refused(await sms(rooms)) == "API_TOKEN_INVALID"
    assert done(await sms(rooms, headers=basic(FLEET, first)))
    second = await renewed(rooms, basic(FLEET, first))
    assert len({first, second}) == 2
    assert refused(await sms(rooms, headers=basic(FLEET, first))) == "API_TOKEN_INVALID"
    assert done(await sms(rooms, headers=basic(FLEET, second)))


async def test_a_renewed_token_counts_at_every_door(rooms: Rooms) -> None:
    await make_thing(rooms)
    opened = await session(rooms, as_application(token(FLEET)))
    new = await renewed(rooms, basic())
    assert (await rooms.client.get("/v1/policies")).status_code == 401
    bearer = {"Authorization": f"Bearer {new}"}
    assert (await rooms.client.get("/v1/policies", headers=bearer)).status_code == 200
    ping = {"1": {"command": "diag.ping"}}
    assert failure(await post(rooms, ping, sessionId=opened))[0] == -90000
    assert failure(await post(rooms, {"auth": as_application(token(FLEET))}))[0] == -90001
    assert await session(rooms, as_application(new))


async def test_a_renewed_token_outlives_the_process_and_is_kept_as_a_hash(rooms: Rooms) -> None:
    new = await renewed(rooms, basic())
    kept = await rooms.store.renewed_tokens()
    assert new not in {*kept, *kept.values()}
    await rooms.close()
    await rooms.open()
    assert done(await sms(rooms, headers=basic(FLEET, new)))
    assert refused(await sms(rooms)) == "API_TOKEN_INVALID"


async def test_of_two_who_renew_at_once_one_gets_a_token(rooms: Rooms) -> None:
    answers = await asyncio.gather(*(ask(rooms, "POST", "/sms/token", basic()) for _ in range(2)))
    assert sorted(answer["status"] for answer in answers) == ["Error", "OK"]


async def test_a_token_that_cannot_be_written_down_is_not_renewed(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(rooms.store, "renew_token", full)
        assert refused(await ask(rooms, "POST", "/sms/token", basic())) == "UNAVAILABLE"
    assert done(await sms(rooms))


@pytest.mark.parametrize("headers", [{}, basic(FLEET, "wrong")])
async def test_only_who_has_a_token_renews_it(rooms: Rooms, headers: dict[str, str]) -> None:
    assert refused(await ask(rooms, "POST", "/sms/token", headers)) in (
        MISSING,
        "API_TOKEN_INVALID",
    )
