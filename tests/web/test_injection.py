"""Hostile words in every place that reaches the store or a page: they stay words."""

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.web.rooms import ANNA, BERT, SLOW, Rooms

WORDS = (
    "'; DROP TABLE messages; --",
    '" OR 1=1 --',
    "x' UNION SELECT record FROM messages --",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}${7*7}%s%n",
    "../../etc/passwd",
    "a\x00b",
    "\r\nSet-Cookie: a=b",
    "\u202e\ufeff\U0001f4a9",
    "%00%0d%0a",
    "9" * 400,
    "-1",
    "=1+1",
)
QUERIES = {
    "/v1/messages": ("account", "device", "state", "since", "until", "order", "limit", "after"),
    "/v1/messages/export": ("account", "device", "state", "since", "until", "format"),
    "/v1/devices": ("after", "limit"),
    "/v1/policies": ("after", "limit"),
    "/v1/accounts": ("after", "limit"),
    "/v1/links": ("after", "limit"),
    "/v1/routes": ("after", "limit"),
}
PATHS = (
    ("GET", "/v1/messages/{}"),
    ("DELETE", "/v1/messages/{}"),
    ("PATCH", "/v1/messages/{}"),
    ("GET", "/v1/devices/{}"),
    ("GET", "/v1/devices/imsi:{}"),
    ("GET", "/v1/devices/name:{}"),
    ("DELETE", "/v1/devices/{}"),
    ("POST", "/v1/devices/{}/attach"),
    ("GET", "/v1/devices/{}/inbox"),
    ("GET", "/v1/policies/{}"),
    ("DELETE", "/v1/policies/{}"),
    ("GET", "/v1/accounts/{}"),
    ("GET", "/v1/links/{}"),
)
SENT = ("to", "text", "hex", "data_coding", "udh")
DEVICE = (
    *("iccid", "imsi", "imei", "esn", "meid", "name", "thing_key", "id", "policy", "attached"),
    *("link", "overrides", "latency", "error", "memory", "nb_iot"),
)
POLICY = ("mo", "mo_limit", "deliver_to", "timezone", "forbidden_text", "max_segments")
BODIES: tuple[tuple[str, str, dict[str, Any], tuple[str, ...]], ...] = (
    (
        "POST",
        "/v1/messages",
        {"to": BERT, "text": "x"},
        (*SENT, "from", "link", "validity", "not_before", "expires_at", "priority", "receipt"),
    ),
    ("POST", "/v1/messages/batch", {}, ("messages",)),
    ("PATCH", "/v1/messages/0000000002", {}, ("text", "hex", "validity", "not_before")),
    ("POST", "/v1/devices", {"msisdn": "491700000090"}, ("msisdn",)),
    ("PUT", "/v1/devices/491700000091", {}, DEVICE),
    ("POST", f"/v1/devices/{ANNA}/messages", {"to": "1234", "text": "x"}, (*SENT, "acknowledges")),
    ("PUT", "/v1/policies/made", {}, POLICY),
    ("POST", "/v1/explain", {"to": BERT}, ("to", "from", "text", "hex", "account", "link")),
)
WORST = (WORDS[0], WORDS[3], WORDS[7], WORDS[11])
"""Of the words, those for every member of every body."""
KINDS: tuple[Any, ...] = (None, True, 1e308, 1 << 70, [[]], {"a": {"b": []}}, "")


def harmless(response: httpx.Response, what: object) -> None:
    """Fail if an answer is a mistake of ours, tells of our insides, or may run in a browser."""
    assert response.status_code < 500, (what, response.text)
    assert "set-cookie" not in response.headers
    for told in ("sqlite", "Traceback", "SELECT", "apsw", "/smsc.db"):
        if told not in str(what):
            assert told not in response.text, what
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json", what
    assert response.headers.get("content-type") != "text/html", what


async def unharmed(rooms: Rooms) -> None:
    """Fail if anything that was there is there no longer."""
    response = await rooms.client.get("/v1/messages/0000000001")
    assert (response.status_code, response.json()["text"]) == (200, "still here")
    assert (await rooms.client.get(f"/v1/devices/{BERT}")).status_code == 200


@pytest.fixture
async def lived_in(rooms: Rooms) -> Rooms:
    await rooms.client.post("/v1/messages", json={"to": BERT, "text": "still here"})
    return rooms


async def test_words_in_a_query_stay_words(lived_in: Rooms) -> None:
    for path, names in QUERIES.items():
        for name in names:
            for word in WORDS if path == "/v1/messages" else WORST:
                response = await lived_in.client.get(path, params={name: word})
                harmless(response, (path, name, word))
    await unharmed(lived_in)


async def test_words_in_a_path_stay_words(lived_in: Rooms) -> None:
    for method, path in PATHS:
        for word in WORDS:
            quoted = path.format(quote(word, safe=""))
            body = {"text": "x"} if method == "PATCH" else None
            response = await lived_in.client.request(method, quoted, json=body)
            harmless(response, (method, quoted))
    await unharmed(lived_in)


@pytest.mark.parametrize(("method", "path", "body", "members"), BODIES)
async def test_words_in_a_body_stay_words(
    lived_in: Rooms, method: str, path: str, body: dict[str, Any], members: tuple[str, ...]
) -> None:
    for member in members:
        for word in WORST:
            response = await lived_in.client.request(method, path, json=body | {member: word})
            harmless(response, (path, member, word))
    await unharmed(lived_in)


@pytest.mark.parametrize(("method", "path", "body", "members"), BODIES)
async def test_a_member_of_any_kind_is_taken_or_refused(
    lived_in: Rooms, method: str, path: str, body: dict[str, Any], members: tuple[str, ...]
) -> None:
    for member in members:
        for kind in KINDS:
            response = await lived_in.client.request(method, path, json=body | {member: kind})
            harmless(response, (path, member, kind))
    await unharmed(lived_in)


async def test_a_text_comes_back_as_it_was_sent(rooms: Rooms) -> None:
    for word in WORDS:
        response = await rooms.client.post("/v1/messages", json={"to": BERT, "text": word})
        assert response.status_code == 201, word
        shown = await rooms.client.get(f"/v1/messages/{response.json()['id']}")
        assert shown.json()["text"] == word
        assert shown.headers["content-type"] == "application/json"
        assert shown.headers["x-content-type-options"] == "nosniff"


async def test_headers_stay_words(lived_in: Rooms) -> None:
    for word in WORDS:
        value = word.replace("\r\n", " ").replace("\x00", "").strip().encode()
        for name in (b"Idempotency-Key", b"Last-Event-ID", b"Origin", b"Accept", b"Forwarded"):
            response = await lived_in.client.get("/v1/messages/1", headers={name: value})
            harmless(response, (name, word))
        response = await lived_in.client.post(
            "/v1/messages",
            json={"to": BERT, "text": "x"},
            headers={b"Idempotency-Key": value},
        )
        harmless(response, ("a key", word))
    await unharmed(lived_in)


async def test_what_is_another_accounts_is_shown_to_nobody_else(lived_in: Rooms) -> None:
    secret = "between us"
    sent = await lived_in.client.post("/v1/messages", json={"to": BERT, "text": secret})
    path = f"/v1/messages/{sent.json()['id']}"
    async with lived_in.client_of(SLOW) as other:
        assert (await other.get(path)).status_code == 404
        assert (await other.delete(path)).status_code == 404
        assert (await other.patch(path, json={"text": "mine"})).status_code == 404
        for url in ("/v1/messages", "/v1/messages/export", f"/v1/messages?device={BERT}"):
            assert secret not in (await other.get(url)).text
        assert (await other.get("/v1/messages?account=fleet")).status_code == 403
        assert (await other.get("/v1/accounts/fleet")).status_code == 404
    shown = await lived_in.client.get(path)
    assert json.loads(shown.text)["text"] == secret
