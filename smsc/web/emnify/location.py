"""Where a thing is, as an absolute URL: clients cut it up, and know the place of each piece."""

import re
from typing import Any, Final

from litestar import Request, Response

PREFIX: Final = "/api/v1"
_HOST: Final = re.compile(r"[A-Za-z0-9.:\[\]_-]{1,255}")
_SCHEMES: Final = ("http", "https")


def url(request: Request[Any, Any, Any], *pieces: object) -> str:
    """Return the URL of what is under these pieces, by the name that the client has for us."""
    host = _first(request, "x-forwarded-host") or request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        server = request.scope.get("server") or ("localhost", None)
        host = f"{server[0]}:{server[1]}" if server[1] else server[0]
    scheme = _first(request, "x-forwarded-proto").lower()
    if scheme not in _SCHEMES:
        scheme = "https" if request.scope.get("scheme") == "https" else "http"
    return f"{scheme}://{host}{PREFIX}/{'/'.join(map(str, pieces))}"


def created(url: str) -> Response[bytes]:
    """Answer that something was made, and where it is: in a header, and with no body."""
    return Response(b"", media_type="text/html", headers={"Location": url})


def _first(request: Request[Any, Any, Any], header: str) -> str:
    return request.headers.get(header, "").partition(",")[0].strip()
