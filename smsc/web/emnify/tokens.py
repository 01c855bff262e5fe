"""Signed tokens (RFC 7519), which clients get for their credentials and show with each request.

They are signed by HMAC with a key for each credential: made of a secret that the store keeps, and
of what the configuration has of the credential. So they outlive a restart, nobody who reads only
the store or only the configuration can make one, and they end with what they were given for.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Struct

from smsc.web.emnify.errors import INVALID_TOKEN, TOKEN_EXPIRED, Wrong
from smsc.web.emnify.ids import organisation_id
from smsc.web.scopes import Grant

AUTH: Final = "/api/v1/authentication"
REFRESH: Final = "/api/v1/authentication/refresh"
SECONDS_OF: Final = {AUTH: 14_400, REFRESH: 604_800}
LONGEST: Final = 4096

_HEADER: Final = b'{"alg":"HS384"}'


class Credential(NamedTuple):
    """What tokens are given for: what is known of it, and what it lets one do."""

    digest: str
    grant: Grant


class Claims(Struct, frozen=True):
    """What we look at in a token; `api_key` is what it was given for."""

    aud: str
    api_key: str
    exp: int


class Tokens:
    """Signs tokens, and tells what they let one do."""

    def __init__(self, secret: bytes, credentials: Mapping[str, Credential]) -> None:
        """Sign with this secret for these credentials, each under a name of its own."""
        self._credentials = credentials
        self._keys = {
            name: hmac.digest(secret, f"{name}\n{each.digest}".encode(), "sha384")
            for name, each in credentials.items()
        }

    def issue(self, name: str, audience: str, now: int) -> str:
        """Make a token for a credential, valid from `now` (seconds since the epoch)."""
        account = self._credentials[name].grant.account
        claims: dict[str, Any] = {
            "aud": audience,
            "api_key": name,
            "esc.org": organisation_id(account),
            "esc.orgName": account,
            "iss": "smsc",
            "iat": now,
            "exp": now + SECONDS_OF[audience],
        }
        signed = f"{_to_text(_HEADER)}.{_to_text(msgspec.json.encode(claims))}"
        return f"{signed}.{_to_text(self._signature(name, signed))}"

    def credential(self, token: str, audience: str, now: int) -> str:
        """Return the name of what a token was given for; raises Wrong if it is good no more."""
        try:
            signed, _, signature = token.rpartition(".")
            header, _, said = signed.partition(".")
            claims = msgspec.json.decode(_from_text(said), type=Claims)
            expected = self._signature(claims.api_key, signed)
            good = hmac.compare_digest(_from_text(signature), expected)
            good = good and hmac.compare_digest(_from_text(header), _HEADER)
        except (ValueError, KeyError, msgspec.DecodeError, RecursionError) as error:
            raise Wrong(INVALID_TOKEN, "the token is none of ours") from error
        if not good or claims.aud != audience:
            raise Wrong(INVALID_TOKEN, "the token is none of ours; authenticate again")
        if now >= claims.exp:
            raise Wrong(TOKEN_EXPIRED, "the token has expired; authenticate again")
        return claims.api_key

    def grant(self, token: str, now: int) -> Grant:
        """Return what an auth token lets one do; raises Wrong if it is good no more."""
        return self._credentials[self.credential(token, AUTH, now)].grant

    def _signature(self, name: str, signed: str) -> bytes:
        return hmac.digest(self._keys[name], signed.encode(), hashlib.sha384)


def _to_text(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def _from_text(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
