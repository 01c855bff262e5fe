"""The description of the API for people: one plain page, with nothing from elsewhere.

Whoever runs an SMSC in a closed network reads it there, and it can't do anything in a browser.
"""

import json
import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, Final

from litestar import Request
from litestar.openapi.plugins import OpenAPIRenderPlugin

from smsc.web.openapi import completed, operations, resolved

_STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; }
code, pre { font: 14px/1.4 ui-monospace, monospace; background: #f2f2f2; }
pre { padding: .6rem; overflow-x: auto; white-space: pre-wrap; }
section { border-top: 1px solid #ccc; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
td, th { border-bottom: 1px solid #ddd; padding: .2rem .6rem .2rem 0; text-align: left;
  vertical-align: top; }
summary { cursor: pointer; }
@media (prefers-color-scheme: dark) { body { background: #181818; color: #ddd; }
  code, pre { background: #282828; } a { color: #8bf; } }
"""
_HEAD: Final = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width"><title>SMSC: HTTP API</title>
<style>{_STYLE}</style></head><body>"""


class Page(OpenAPIRenderPlugin):
    """Serves the page."""

    def __init__(self) -> None:
        """Serve it where the description is."""
        super().__init__(path="/")

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Write the page."""
        return page(completed(openapi_schema)).encode()


def page(schema: dict[str, Any]) -> str:
    """Write the whole description as HTML."""
    info = schema["info"]
    parts = [
        _HEAD,
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>",
        _prose(info.get("description", "")),
        '<p>For programs: <a href="/schema/openapi.json">openapi.json</a>.</p>',
        *_contents(schema),
        *(_operation(schema, *each) for each in operations(schema)),
        "</body></html>",
    ]
    return "\n".join(parts)


def _contents(schema: dict[str, Any]) -> Iterator[str]:
    tagged: dict[str, list[str]] = {}
    for method, path, operation in operations(schema):
        anchor = escape(operation["operationId"])
        line = (
            f'<li><a href="#{anchor}"><code>{method} {escape(path)}</code></a>'
            f" {escape(operation.get('summary', ''))}</li>"
        )
        tagged.setdefault((operation.get("tags") or ["Other"])[0], []).append(line)
    for tag, lines in tagged.items():
        yield f"<h2>{escape(tag)}</h2><ul>{''.join(lines)}</ul>"


def _operation(schema: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> str:
    parts = [
        f'<section id="{escape(operation["operationId"])}">',
        f"<h3><code>{method} {escape(path)}</code></h3>",
        f"<p><strong>{escape(operation.get('summary', ''))}</strong></p>",
        _prose(operation.get("description", "")),
    ]
    parameters = operation.get("parameters") or ()
    if parameters:
        rows = [
            (each["name"], each["in"], each.get("description", ""), _kind(schema, each["schema"]))
            for each in parameters
        ]
        parts.append(_table(("parameter", "where", "meaning", "kind"), rows))
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        parts.append(f"<h4>Body: {escape(media)}</h4>")
        parts.append(_body(schema, content))
    parts.append("<h4>Answers</h4>")
    for status, response in operation["responses"].items():
        parts.append(f"<p><code>{escape(status)}</code> {escape(response['description'])}</p>")
        if status.startswith("2"):
            parts += [_body(schema, each) for each in response.get("content", {}).values()]
    return "\n".join([*parts, "</section>"])


def _body(schema: dict[str, Any], content: dict[str, Any]) -> str:
    part = resolved(schema, content.get("schema", {}))
    members = [
        (name, _kind(schema, member), _said(schema, member))
        for name, member in part.get("properties", {}).items()
    ]
    written = _table(("member", "kind", "meaning"), members) if members else ""
    told = content.get("example")
    if told is None:
        return written
    shown = told if isinstance(told, str) else json.dumps(told, indent=2, ensure_ascii=False)
    return f"{written}<pre>{escape(shown)}</pre>"


def _said(schema: dict[str, Any], member: dict[str, Any]) -> str:
    for each in (member, *member.get("oneOf", ()), resolved(schema, member)):
        if each.get("description"):
            return str(each["description"])
    return ""


def _kind(schema: dict[str, Any], part: dict[str, Any]) -> str:
    """Say in a word or two what may stand there."""
    kinds = part.get("oneOf") or part.get("anyOf")
    if kinds:
        return " or ".join(dict.fromkeys(_kind(schema, each) for each in kinds))
    if "$ref" in part:
        return str(part["$ref"]).rpartition("/")[2]
    if part.get("enum"):
        return " | ".join(map(str, part["enum"]))
    if part.get("type") == "array":
        return f"list of {_kind(schema, part.get('items', {}))}"
    kind = part.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(part.get("format") or kind)


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{each}</th>" for each in heads)
    lines = (
        f"<tr><td><code>{escape(first)}</code></td>"
        + "".join(f"<td>{_code(each)}</td>" for each in others)
        + "</tr>"
        for first, *others in rows
    )
    return f"<table><tr>{head}</tr>{''.join(lines)}</table>"


def _prose(text: str) -> str:
    return "".join(f"<p>{_code(each)}</p>" for each in text.strip().split("\n\n") if each)


def _code(text: str) -> str:
    """Write a text with what stands between backticks as code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text))
