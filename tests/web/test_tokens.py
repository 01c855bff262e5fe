"""Tokens and their scopes: each does what it was given out for, and nothing else."""

from typing import Any

import pytest

from smsc.config import ConfigError, parse
from smsc.doors import grants
from smsc.web.scopes import Scope
from tests.web.rooms import ANNA, FLEET, SLOW, Rooms

SENDING = {
    "POST /v1/messages",
    "POST /v1/messages/batch",
    "DELETE /v1/messages/{message_id}",
    "PATCH /v1/messages/{message_id}",
    "POST /v1/devices/{who}/messages",
    "PUT /v1/webhooks/{name}",
    "DELETE /v1/webhooks/{name}",
    "POST /v1/webhooks/{name}/enable",
}
ASKING = {"POST /v1/explain"}

CONFIG = """
[http]
listen = "{listen}"
[[accounts]]
system_id = "fleet"
password_hash = "$argon2id$v=19$m=1,t=1,p=1$c2FsdHNhbHQ$aGFzaA"
api_token_hash = "sha256:ae0e1b9b3ee2ed8a3b5a1dd6d7d7c7f8e33bd04a3cbba9f4ba3d2c0b77a8b8f2"
operator = true
[[accounts]]
system_id = "guest"
password_hash = "$argon2id$v=19$m=1,t=1,p=1$c2FsdHNhbHQ$aGFzaA"
{tokens}
"""
HASH = f"sha256:{'0' * 64}"


def wanted(operation: str) -> Scope:
    if operation in SENDING:
        return Scope.SEND
    return Scope.READ if operation.startswith("GET") or operation in ASKING else Scope.ADMIN


async def operations(rooms: Rooms) -> list[str]:
    schema: dict[str, Any] = (await rooms.client.get("/schema/openapi.json")).json()
    return [
        f"{method.upper()} {path}"
        for path, methods in schema["paths"].items()
        for method in methods
        if path.startswith("/v1/") and path != "/v1/sms/send"
    ]


@pytest.mark.parametrize("scope", Scope)
async def test_a_token_does_what_its_scope_says_and_nothing_else(
    rooms: Rooms, scope: Scope
) -> None:
    async with rooms.client_of(scope.value) as client:
        for operation in await operations(rooms):
            method, path = operation.split(" ")
            path = path.replace("{who}", ANNA).replace("{name}", "x").replace("{message_id}", "1")
            if path == "/v1/events" and scope is Scope.READ:
                continue
            response = await client.request(method, path)
            told = response.json() if "json" in response.headers.get("content-type", "") else {}
            refused = response.status_code == 403 and told["scope"] == wanted(operation)
            assert refused is (scope is not wanted(operation)), operation
            if refused:
                assert f"'only {scope.value}' lacks the scope" in told["detail"]
                assert "insufficient_scope" in response.headers["www-authenticate"]


async def test_the_token_of_an_account_reads_and_sends_and_an_operators_administers(
    rooms: Rooms,
) -> None:
    for account, status in ((SLOW, 403), (FLEET, 201)):
        async with rooms.client_of(account) as client:
            assert (await client.get("/v1/devices")).status_code == 200
            sent = await client.post("/v1/messages", json={"to": ANNA, "text": "x"})
            assert sent.status_code == 201
            made = await client.post("/v1/devices", json={"msisdn": "491700000099"})
            assert made.status_code == status


def config(tokens: str, listen: str = "127.0.0.1:0") -> str:
    return CONFIG.format(tokens=tokens, listen=listen)


def table(**keys: str) -> str:
    given = {"name": '"a"', "account": '"fleet"', "token_hash": f'"{HASH}"', "scopes": '["read"]'}
    lines = [f"{key} = {value}" for key, value in (given | keys).items() if value]
    return "\n".join(["[[tokens]]", *lines, ""])


def test_tokens_of_the_config_are_known_by_their_hashes() -> None:
    text = table(scopes='["read", "admin"]') + table(name='"b"', token_hash="", token='"secret"')
    first, second = grants(parse(config(text), "smsc.toml")).items()
    assert first[0] == "0" * 64
    assert first[1].account == "fleet"
    assert sorted(first[1].scopes) == [Scope.ADMIN, Scope.READ]
    assert second[0] == "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (table(account='"flet"'), "tokens[0].account: no such account; did you mean"),
        (table(token='"x"'), "give one of token_hash and token"),
        (table(token_hash=""), "give one of token_hash and token"),
        (table(token_hash='"sha256:x"'), "make it with `smsc hash-password --token`"),
        (table(scopes="[]"), 'write some of "read", "send", "admin"'),
        (table(scopes='["reed"]'), "did you mean 'read'?"),
        (table(scopes='["admin"]', account='"guest"'), "set its operator = true, or drop admin"),
        (table(name='""'), "write 1 to 64 printable characters"),
        (table() + table(), "tokens[1].name"),
        (table() + table(name='"b"'), "has the same token as token 'a'; make another"),
    ],
)
def test_a_token_that_is_wrong_is_told_with_its_cure(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as told:
        parse(config(text), "smsc.toml")
    assert words in str(told.value)
    assert "sha256:x" not in str(told.value)


def test_a_token_in_clear_is_for_loopback_only() -> None:
    text = table(token_hash="", token='"secret"')
    with pytest.raises(ConfigError, match="use token_hash") as told:
        parse(config(text, "0.0.0.0:80"), "smsc.toml")
    assert "secret" not in str(told.value)
