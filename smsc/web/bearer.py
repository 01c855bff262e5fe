"""Who asks: the API token of a request, and the account it belongs to (RFC 6750).

Tokens are known by their hash alone, so neither the memory of a running SMSC nor its log tells
one; and whoever times the lookup learns about a hash, not about a token.
"""

import hashlib
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, cast

from litestar.connection import ASGIConnection
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.openapi.spec import SecurityScheme
from litestar.types import ASGIApp, HTTPScope

from smsc.web.limits import Limits
from smsc.web.problems import problem
from smsc.web.scopes import EVERYTHING, USUAL, Grant, check_scope
from smsc.web.services import Services

NAME: Final = "token"
SCHEME: Final = SecurityScheme(
    type="http", scheme="bearer", description="The API token of an account (`api_token_hash`)."
)


def known_to(services: Services) -> Callable[[ASGIApp], ASGIApp]:
    """Return what puts a door before an application, for the tokens of these rooms."""
    limits = Limits(services.terms, services.clock)

    # A function, for the framework copies what else it is given to the ground.
    def door(app: ASGIApp) -> ASGIApp:
        return Bearer(app, services, limits)

    return door


class Bearer(AbstractAuthenticationMiddleware):
    """Lets requests in that bear a known token.

    `request.user` is then the account's system_id, and `request.auth` what the token may do.
    """

    def __init__(self, app: ASGIApp, services: Services, limits: Limits) -> None:
        """Know the tokens of these rooms by their hashes, and let in what is within limits."""
        super().__init__(app)
        self._services = services
        self._limits = limits

    async def authenticate_request(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> AuthenticationResult:
        """Find the account, or answer 401, or 429."""
        self._limits.check_address(connection.scope)
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            self._limits.guessed(connection.scope)
            raise problem(
                HTTPStatus.UNAUTHORIZED,
                'no API token; send "Authorization: Bearer TOKEN"',
                headers={"WWW-Authenticate": 'Bearer realm="smsc"'},
            )
        # Headers are octets, which the framework read as latin-1.
        digest = hashlib.sha256(token.strip().encode("latin-1")).hexdigest()
        grant = self._grant(digest)
        if grant is None:
            self._limits.guessed(connection.scope)
            raise problem(
                HTTPStatus.UNAUTHORIZED,
                "no account has this API token; compare it with api_token_hash in the config",
                headers={"WWW-Authenticate": 'Bearer realm="smsc", error="invalid_token"'},
            )
        self._limits.count(digest, connection.scope)
        check_scope(grant, cast(HTTPScope, connection.scope))
        return AuthenticationResult(user=grant.account, auth=grant)

    def _grant(self, digest: str) -> Grant | None:
        account = self._services.tokens.get(digest)
        if account is None:
            return self._services.grants.get(digest)
        operator = account in self._services.operators
        return Grant(account, account, EVERYTHING if operator else USUAL)
