"""Who calls: signatures of Standard Webhooks 1.0, and the bearer tokens that emnify sends."""

import hmac
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

import msgspec

from smsc.webhook_table import key_of

ISSUER = "smsc"
TOKEN_SECONDS = 300
"""How long a bearer token is good for: its receiver's clock may be off."""


def standard_headers(key: str, now_s: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """Return the headers of Standard Webhooks 1.0: a signature for each secret, none without."""
    headers = {"webhook-id": key, "webhook-timestamp": str(now_s)}
    if secrets:
        signed = f"{key}.{now_s}.".encode() + body
        headers["webhook-signature"] = " ".join(_signature(each, signed) for each in secrets)
    return headers


def _signature(secret: str, signed: bytes) -> str:
    return "v1," + b64encode(hmac.digest(key_of(secret), signed, "sha256")).decode()


def json_web_token(secret: str, now_s: int) -> str:
    """Return a JSON Web Token (RFC 7519), signed by HS256."""
    head = _part({"alg": "HS256", "typ": "JWT"})
    claims = _part({"iss": ISSUER, "iat": now_s, "exp": now_s + TOKEN_SECONDS})
    signed = f"{head}.{claims}"
    return f"{signed}.{_base64url(hmac.digest(secret.encode(), signed.encode(), 'sha256'))}"


def _part(value: dict[str, Any]) -> str:
    return _base64url(msgspec.json.encode(value))


def _base64url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()
