"""Getting a token: for the API token of an account, its name and password, or a refresh token."""

import asyncio
import hashlib
import hmac
import secrets
from http import HTTPStatus
from typing import Any, Final

from litestar import Request, Response, post
from litestar.di import NamedDependency
from msgspec import Struct

from smsc.web.emnify.bodies import read
from smsc.web.emnify.calls import Calls
from smsc.web.emnify.errors import (
    INVALID_CREDENTIALS,
    INVALID_TOKEN,
    REQUIRED,
    Wrong,
)
from smsc.web.emnify.notes import Notes
from smsc.web.emnify.tokens import AUTH, LONGEST, REFRESH, Credential, Tokens
from smsc.web.scopes import EVERYTHING, USUAL, Grant
from smsc.web.services import Services

_OCTETS: Final = 48
_PASSWORD: Final = "password "


class Credentials(Struct, frozen=True):
    """One of three kinds of them."""

    application_token: str | None = None
    username: str | None = None
    password: str | None = None
    refresh_token: str | None = None


class Granted(Struct, frozen=True, omit_defaults=True):
    """What is given for credentials."""

    auth_token: str
    refresh_token: str | None = None


class Authority:
    """Knows credentials and tokens, and what they let one do."""

    def __init__(self, services: Services, notes: Notes, calls: Calls) -> None:
        """Know the accounts of these rooms."""
        self._clock = services.clock
        self._credentials = credentials(services)
        self._names = {
            each.digest: name
            for name, each in self._credentials.items()
            if not name.startswith(_PASSWORD)
        }
        self._notes = notes
        self._calls = calls
        self._made: Tokens | None = None
        self._making = asyncio.Lock()

    async def bearer(self, token: str) -> Grant:
        """Return what a token that comes with a request lets one do; raises Wrong."""
        name = self._of_application(token)
        if name is not None:
            return self._credentials[name].grant
        return (await self._tokens()).grant(token, self._now())

    async def grant(self, given: Credentials, address: str) -> Granted | None:
        """Return tokens for credentials, None if they are wrong; raises Wrong."""
        user = given.username or ""
        self._calls.check(address, user)
        name = await self._name(given)
        if name is None:
            self._calls.failed(address, user)
            return None
        self._calls.succeeded(address, user)
        tokens, now = await self._tokens(), self._now()
        refreshable = given.application_token is None and given.refresh_token is None
        refresh = tokens.issue(name, REFRESH, now) if refreshable else None
        return Granted(tokens.issue(name, AUTH, now), refresh)

    async def _name(self, given: Credentials) -> str | None:
        """Return the name of what is given, None if there is no such; raises Wrong."""
        if given.application_token is not None:
            return self._of_application(given.application_token)
        if given.refresh_token is not None:
            tokens = await self._tokens()
            try:
                return tokens.credential(given.refresh_token[:LONGEST], REFRESH, self._now())
            except Wrong:
                return None
        if given.username is None or given.password is None:
            raise Wrong(REQUIRED, "Authentication - application_token is required")
        known = self._credentials.get(_PASSWORD + given.username)
        digest = known.digest if known is not None else ""
        said = given.password.lower().encode("utf-8", "replace")
        right = hmac.compare_digest(said, digest.encode()) and known is not None
        return _PASSWORD + given.username if right else None

    def _of_application(self, token: str) -> str | None:
        digest = hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
        return self._names.get(digest)

    async def _tokens(self) -> Tokens:
        async with self._making:
            if self._made is None:
                secret = await self._notes.secret(secrets.token_bytes(_OCTETS))
                self._made = Tokens(secret, self._credentials)
        return self._made

    def _now(self) -> int:
        return self._clock.now() // 1000


def credentials(services: Services) -> dict[str, Credential]:
    """Return all credentials by name: those of accounts, and other API tokens."""

    def own(account: str) -> Grant:
        operator = account in services.operators
        return Grant(account, account, EVERYTHING if operator else USUAL)

    found = {
        f"account {account}": Credential(digest, own(account))
        for digest, account in services.tokens.items()
    }
    for digest, grant in services.grants.items():
        found[f"token {grant.name}"] = Credential(digest, grant)
    for account, digest in services.passwords.items():
        found[_PASSWORD + account] = Credential(digest, own(account))
    return found


@post("/authenticate", status_code=HTTPStatus.OK)
async def authenticate(
    request: Request[Any, Any, Any], authority: NamedDependency[Authority]
) -> Response[Granted] | Response[bytes]:
    """Answer with tokens; an application token that nobody has gets 401 and an empty body."""
    given = await read(request, Credentials)
    address = request.client.host if request.client is not None else ""
    granted = await authority.grant(given, address)
    if granted is not None:
        return Response(granted, media_type="application/json; charset=UTF-8")
    if given.application_token is not None:
        return Response(b"", media_type="text/plain", status_code=HTTPStatus.UNAUTHORIZED)
    if given.refresh_token is not None:
        raise Wrong(INVALID_TOKEN, "the refresh token is none of ours, or has expired")
    raise Wrong(INVALID_CREDENTIALS, "username and password don't go together")
