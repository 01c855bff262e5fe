"""Sessions: who has authenticated, under an opaque id, until it isn't used for eight hours.

They are in memory alone, known by a hash of their id, so a restart ends all of them. An account has
a bounded number of them: of more, the one that was used least lately ends.
"""

import hashlib
import secrets
from collections import OrderedDict
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from smsc.clock import Clock

IDLE_SECONDS: Final = 8 * 3600
MOST_OF_AN_ACCOUNT: Final = 1000
_OCTETS: Final = 16


class Session(Struct, frozen=True):
    """Who asks: the account, and for an application its id, its thing, and the hash of its token.

    `started_at` is in milliseconds since the epoch. `ref` names the session without opening it.
    """

    account: str
    started_at: int
    host: str = ""
    application: str = ""
    thing_key: str = ""
    token: str = ""
    ref: str = ""


class _Entry(NamedTuple):
    session: Session
    used: float


_NONE: Final[OrderedDict[str, _Entry]] = OrderedDict()


class Sessions:
    """The sessions there are."""

    def __init__(self, clock: Clock, most: int = MOST_OF_AN_ACCOUNT) -> None:
        """Let each account have so many."""
        self._clock = clock
        self._most = most
        self._of: dict[str, OrderedDict[str, _Entry]] = {}
        self._accounts: dict[str, str] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._accounts)

    def begin(self, session: Session) -> str:
        """Begin a session; return its id."""
        self._expire(session.account)
        entries = self._of.setdefault(session.account, OrderedDict())
        if len(entries) >= self._most:
            self._drop(session.account, next(iter(entries)))
        session_id = secrets.token_hex(_OCTETS)
        key = _key(session_id)
        entries[key] = _Entry(replace(session, ref=key), self._clock.monotonic())
        self._accounts[key] = session.account
        return session_id

    def find(self, session_id: str) -> Session | None:
        """Return the session with this id, which is thereby used."""
        key = _key(session_id)
        account = self._accounts.get(key)
        if account is None:
            return None
        self._expire(account)
        entries = self._of[account]
        entry = entries.get(key)
        if entry is None:
            return None
        entries[key] = entry._replace(used=self._clock.monotonic())
        entries.move_to_end(key)
        return entry.session

    def end(self, session_id: str) -> None:
        """End a session."""
        key = _key(session_id)
        account = self._accounts.get(key)
        if account is not None:
            self._drop(account, key)

    def _expire(self, account: str) -> None:
        """End those of an account that nobody has used for too long; they come first."""
        entries = self._of.get(account, _NONE)
        too_long_ago = self._clock.monotonic() - IDLE_SECONDS
        while entries and entries[first := next(iter(entries))].used <= too_long_ago:
            self._drop(account, first)

    def _drop(self, account: str, key: str) -> None:
        del self._of[account][key]
        del self._accounts[key]


def _key(session_id: str) -> str:
    # A body may have any characters in it, also half of a pair.
    return hashlib.sha256(session_id.encode("utf-8", "replace")).hexdigest()
