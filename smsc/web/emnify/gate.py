"""The gate before every route: who asks, how often, and what all answers have in common.

A browser may call from any page (`Access-Control-Allow-Origin: *`): there are no cookies, and so
nothing that a page could do in the name of whoever looks at it.
"""

import re
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar.enums import ScopeType
from litestar.plugins.problem_details import ProblemDetailsException
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from smsc.store.store import StoreError
from smsc.web.emnify.authenticate import Authority
from smsc.web.emnify.calls import Calls
from smsc.web.emnify.errors import STORE_FAILED, Wrong, body
from smsc.web.emnify.tokens import LONGEST
from smsc.web.scopes import Grant

METHODS: Final = "GET, POST, PATCH, PUT, DELETE"
EXPOSED: Final = (
    "Location, Link, X-Count-Per-Page, X-Current-Page, X-Sort, X-Total-Count, X-Total-Pages"
)
NO_TOKEN: Final = {"message": "token contains an invalid number of segments"}
_OPEN: Final = "/authenticate"

_CORS: Final = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", METHODS.encode()),
    (b"access-control-expose-headers", EXPOSED.encode()),
]
_PREFLIGHT: Final = [
    (b"access-control-allow-headers", b"*, authorization"),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
]


class Gate:
    """Lets requests in that bear a token; its account is their user then."""

    def __init__(self, app: ASGIApp, authority: Authority, calls: Calls) -> None:
        """Stand before this application."""
        self._app = app
        self._authority = authority
        self._calls = calls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at a request, and pass it on."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_CORS]
            await send(message)

        if scope["type"] != ScopeType.HTTP:
            return
        if scope["method"] == "OPTIONS":
            await _answer(sending, HTTPStatus.OK, b"", _PREFLIGHT)
            return
        try:
            grant = await self._grant(scope)
        except Wrong as error:
            headers = [
                (name.lower().encode(), value.encode()) for name, value in error.headers.items()
            ]
            await _tell(sending, error.kind.status, body(error.kind, error.message), headers)
        except (StoreError, ProblemDetailsException):
            await _tell(sending, STORE_FAILED.status, body(STORE_FAILED, "try again in a while"))
        else:
            if grant is None:
                await _tell(sending, HTTPStatus.UNAUTHORIZED, NO_TOKEN)
                return
            scope["user"], scope["auth"] = grant.account, grant
            await self._app(scope, receive, sending)

    async def _grant(self, scope: HTTPScope) -> Grant | None:
        """Return what one who asks may do, None for one who shows no token; raises Wrong."""
        method, path = scope["method"], _SLASHES.sub("/", scope["path"]).rstrip("/")
        address = (scope.get("client") or ("",))[0]
        if path == _OPEN:
            self._calls.count(address, "", method, path)
            return _ANYBODY
        headers = dict(scope["headers"])
        scheme, _, octets = headers.get(b"authorization", b"").partition(b" ")
        token = octets.strip()[:LONGEST].decode("utf-8", "replace")
        try:
            grant = await self._authority.bearer(token) if scheme.lower() == b"bearer" else None
        except Wrong:
            self._calls.count(address, "", method, path)
            if token.count(".") != _DOTS:
                return None
            raise
        self._calls.count(address, grant.account if grant else "", method, path)
        return grant


_SLASHES: Final = re.compile(r"//+")
_ANYBODY: Final = Grant("", "", frozenset())
_DOTS: Final = 2


async def _tell(
    send: Send, status: HTTPStatus, told: Any, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    octets = msgspec.json.encode(told)
    described = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(octets)).encode()),
    ]
    await _answer(send, status, octets, [*described, *(headers or [])])


async def _answer(
    send: Send, status: HTTPStatus, octets: bytes, headers: list[tuple[bytes, bytes]]
) -> None:
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": octets, "more_body": False})
