"""Bodies of requests: JSON, read as what it should be, or told to be something else."""

from typing import Any, TypeVar

import msgspec
from litestar import Request

from smsc.web.emnify.errors import BAD_FORMAT, BAD_REQUEST, Wrong

T = TypeVar("T")


class Ref(msgspec.Struct, frozen=True):
    """Another thing, by its id; whatever else is said of it counts for nothing."""

    id: int | None = None


async def read(request: Request[Any, Any, Any], kind: type[T]) -> T:
    """Read the body of a request; raises Wrong."""
    octets = await request.body()
    try:
        # Its own SDK says 0.0 for 0, and other clients quote numbers.
        return msgspec.json.decode(octets, type=kind, strict=False)
    except msgspec.ValidationError as error:
        raise Wrong(BAD_FORMAT, _plain(str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Wrong(BAD_REQUEST, f"the body is no JSON: {error}") from error


def _plain(error: str) -> str:
    """Turn msgspec's words around: the field first."""
    words, found, path = error.partition(" - at `$.")
    return f"{path.rstrip('`')}: {words}" if found else words
