"""The description of the API for programs (OpenAPI): examples of bodies and of every problem."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from litestar import Request
from litestar.openapi.plugins import JsonRenderPlugin

from smsc.web.problems import PROBLEM_JSON

_JSON: Final = "application/json"
_DEEPEST: Final = 6
_BY_TYPE: Final[dict[str, Any]] = {
    "string": "text",
    "boolean": False,
    "object": {},
}
_BY_FORMAT: Final = {"date-time": "2026-11-21T08:00:00Z"}


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give each operation with its method and path."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def completed(schema: dict[str, Any]) -> dict[str, Any]:
    """Put examples where there are none, in place; doing it twice changes nothing more."""
    for _, _, operation in operations(schema):
        bodies = [operation.get("requestBody", {})]
        for status, response in operation["responses"].items():
            problem = response.get("content", {}).get(PROBLEM_JSON)
            if problem is not None:
                phrase = HTTPStatus(int(status)).phrase
                detail = response["description"]
                problem.setdefault(
                    "example", {"status": int(status), "title": phrase, "detail": detail}
                )
            bodies.append(response)
        for body in bodies:
            media = body.get("content", {}).get(_JSON)
            if media is not None and "schema" in media:
                media.setdefault("example", example(schema, media["schema"]))
    return schema


def resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Return a schema, or what it refers to."""
    ref = part.get("$ref")
    if ref is None:
        return part
    found: dict[str, Any] = schema["components"]["schemas"][ref.rpartition("/")[2]]
    return found


def example(schema: dict[str, Any], part: dict[str, Any], depth: int = 0) -> Any:
    """Make up a value that is as a schema says, of the examples it gives."""
    part = resolved(schema, part)
    if part.get("examples"):
        examples = part["examples"]
        return examples[0] if isinstance(examples, list) else next(iter(examples.values()))
    for key in ("const", "default"):
        if part.get(key) is not None:
            return part[key]
    if part.get("enum"):
        return next((each for each in part["enum"] if each is not None), None)
    for key in ("oneOf", "anyOf"):
        if key in part:
            kinds = [each for each in part[key] if each.get("type") != "null"]
            return example(schema, kinds[0], depth)
    if depth >= _DEEPEST:
        return None
    if part.get("type") == "array":
        return [example(schema, part["items"], depth + 1)] if "items" in part else []
    if "properties" in part:
        return _members(schema, part, depth)
    kind = part.get("type", "string")
    kind = next(each for each in kind if each != "null") if isinstance(kind, list) else kind
    if kind in ("integer", "number"):
        return part.get("minimum", 0)
    return _BY_FORMAT.get(part.get("format", ""), _BY_TYPE[kind])


def _members(schema: dict[str, Any], part: dict[str, Any], depth: int) -> dict[str, Any]:
    """Make up those members that must be there, or that say what they are like."""
    required = set(part.get("required", ()))
    return {
        name: example(schema, member, depth + 1)
        for name, member in part["properties"].items()
        if name in required or _tells(schema, member)
    }


def _tells(schema: dict[str, Any], member: dict[str, Any]) -> bool:
    """Whether a member has an example of its own that isn't empty."""
    kinds = [member, *member.get("oneOf", ())]
    given = ((resolved(schema, each).get("examples") or [None])[0] for each in kinds)
    return any(each not in ("", None) for each in given)


class Described(JsonRenderPlugin):
    """Serves the description."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Write it as JSON."""
        return super().render(request, completed(openapi_schema))
