"""A new API token in the place of the one that asks for it."""

import hashlib
import secrets
from typing import Final

from smsc.web.services import Services
from smsc.web.voipnumber.answers import ErrorCode, Refused
from smsc.web.voipnumber.credentials import Credentials

_OCTETS: Final = 32


async def renew(services: Services, credentials: Credentials) -> str:
    """Return a new token, which is told here and never again; the old one is worth nothing then.

    Raises StoreError, and then the old one is what it was; or Refused.
    """
    token = secrets.token_urlsafe(_OCTETS)
    current = hashlib.sha256(token.encode()).hexdigest()
    async with services.tokens.turn:
        # Another request may have been quicker.
        if credentials.digest not in services.tokens:
            raise Refused(ErrorCode.API_TOKEN_INVALID)
        original = services.tokens.original(credentials.digest)
        await services.store.renew_token(original, current, services.clock.now())
        services.tokens.renew(credentials.digest, current)
    return token
