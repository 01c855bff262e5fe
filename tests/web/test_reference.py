"""The API describes itself, to programs and to people, and needs nothing from elsewhere for it."""

import re
from html import escape
from typing import Any

from smsc.web.openapi import operations
from smsc.web.reference import page
from tests.web.rooms import Rooms


async def described(rooms: Rooms) -> dict[str, Any]:
    schema: dict[str, Any] = (await rooms.client.get("/schema/openapi.json")).json()
    return schema


async def test_the_page_names_every_operation_and_needs_no_other_host(rooms: Rooms) -> None:
    response = await rooms.client.get("/schema")
    assert response.headers["content-type"].startswith("text/html")
    for method, path, operation in operations(await described(rooms)):
        assert f"<code>{method} {path}</code>" in response.text
        assert escape(operation["summary"]) in response.text
    assert "<script" not in response.text
    said = response.text.replace("https://example.com", "")
    assert re.findall(r"(?:https?:)?//[\w.]", said) == []
    assert set(re.findall(r'(?:href|src)="([^#"][^"]*)"', response.text)) == {
        "/schema/openapi.json"
    }
    assert "default-src 'none'" in response.text


async def test_every_operation_says_how_it_fails_and_every_body_has_an_example(
    rooms: Rooms,
) -> None:
    for method, path, operation in operations(await described(rooms)):
        if not path.startswith("/v1/") or path == "/v1/sms/send":
            continue
        responses = operation["responses"]
        assert {"400", "401", "403", "429"} <= set(responses), (method, path)
        for status, response in responses.items():
            for media, content in response.get("content", {}).items():
                if media == "application/problem+json":
                    assert content["example"]["status"] == int(status)
                elif media == "application/json":
                    assert "example" in content, (method, path, status)
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert "example" in content, (method, path)


async def test_the_example_of_a_message_can_be_sent(rooms: Rooms) -> None:
    schema = await described(rooms)
    body = schema["paths"]["/v1/messages"]["post"]["requestBody"]["content"]["application/json"]
    response = await rooms.client.post("/v1/messages", json=body["example"])
    assert response.status_code == 201, response.text


def test_what_stands_in_a_description_is_no_html() -> None:
    text = "<img src=x> `a` & <script>alert(1)</script>"
    operation = {"operationId": "x", "summary": text, "description": text, "responses": {}}
    schema = {
        "info": {"title": text, "version": "1", "description": text},
        "paths": {"/<b>": {"get": operation}},
    }
    written = page(schema)
    assert "<script>" not in written
    assert "<img" not in written
    assert "<b>" not in written
    assert "<code>a</code>" in written
