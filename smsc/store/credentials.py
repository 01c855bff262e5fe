"""What credentials have come to since the configuration was written: tokens that were renewed, and
which application a thing goes by.

Tokens are known by their SHA-256 in hexadecimal alone.
"""

from typing import Final, Protocol

import apsw

_RENEWED: Final = "SELECT original, current FROM renewed_tokens"
_RENEW: Final = "INSERT OR REPLACE INTO renewed_tokens VALUES (?, ?, ?)"
_BIND: Final = "INSERT OR IGNORE INTO applications VALUES (?, ?)"
_BOUND: Final = "SELECT application FROM applications WHERE thing_key = ?"


class CredentialStore(Protocol):
    """Keeps credentials that were made or bound while the SMSC ran."""

    async def renewed_tokens(self) -> dict[str, str]:
        """Read which token stands in the place of which token of the configuration, by hash."""

    async def renew_token(self, original: str, current: str, at: int) -> None:
        """Have a token stand in the place of one of the configuration, by hash; durable then."""

    async def bind_application(self, thing_key: str, application: str) -> str:
        """Bind a thing to an application unless it is bound; return the one it is bound to."""


def renewed(db: apsw.Connection) -> dict[str, str]:
    """Read what was renewed."""
    return {str(original): str(current) for original, current in db.execute(_RENEWED)}


def renew(db: apsw.Connection, original: str, current: str, at: int) -> None:
    """Write that a token was renewed."""
    db.execute(_RENEW, (original, current, at))


def bind(db: apsw.Connection, thing_key: str, application: str) -> str:
    """Write which application a thing goes by, or read it."""
    db.execute(_BIND, (thing_key, application))
    ((bound,),) = db.execute(_BOUND, (thing_key,))
    return str(bound)
