"""Whose request it is: an account by its name and API token, in any of three places.

The accountId is the account's system_id. It comes with the token as Basic authentication, in the
headers `accountId` and `apiToken`, or under these names in the body: looked for in this order.
"""

import hashlib
from base64 import b64decode
from collections.abc import Mapping
from typing import Final, NamedTuple

from litestar.openapi.spec import SecurityScheme

from smsc.web.services import Services
from smsc.web.voipnumber.answers import ErrorCode, Refused

NAME: Final = "voipnumber"
SCHEME: Final = SecurityScheme(
    type="http", scheme="basic", description="`accountId:apiToken` of VoIP Number."
)

ACCOUNT: Final = "accountId"
TOKEN: Final = "apiToken"


class Credentials(NamedTuple):
    """An account, and the token it came with."""

    account: str
    token: str

    @property
    def digest(self) -> str:
        """What the token is known by."""
        return hashlib.sha256(self.token.encode("utf-8", "replace")).hexdigest()


def given(headers: Mapping[str, str], members: Mapping[str, object]) -> Credentials:
    """Return what a request brings, "" for what it doesn't."""
    account, token = _basic(headers.get("authorization", ""))
    return Credentials(
        account or _octets(headers.get(ACCOUNT.lower(), "")) or _text(members.get(ACCOUNT)),
        token or _octets(headers.get(TOKEN.lower(), "")) or _text(members.get(TOKEN)),
    )


def check(credentials: Credentials, services: Services) -> str:
    """Return the account that these credentials are of; raises Refused."""
    account, token = credentials
    if not account:
        raise Refused(ErrorCode.USER_ACCOUNT_MISSING)
    if not token:
        raise Refused(ErrorCode.API_TOKEN_MISSING)
    if account not in services.accounts:
        raise Refused(ErrorCode.USER_NOT_FOUND)
    if services.tokens.get(credentials.digest) != account:
        raise Refused(ErrorCode.API_TOKEN_INVALID)
    return account


def _basic(header: str) -> tuple[str, str]:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        account, _, token = b64decode(value.strip(), validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return account, token


def _octets(header: str) -> str:
    """Return what a header says; the framework read its octets as latin-1."""
    return header.encode("latin-1", "replace").decode("utf-8", "replace").strip()


def _text(member: object) -> str:
    return member if isinstance(member, str) else ""
