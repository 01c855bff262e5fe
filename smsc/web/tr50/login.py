"""Who asks: users by password, applications by token; both open a session.

A user is an account, by its system_id and password. An application has an id of its own making, the
API token of an account, and the key of the thing it runs on; from its first login on, that thing
goes by this application alone.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

from smsc.clock import Clock
from smsc.esme.account import Accounts, Refusal
from smsc.esme.lockout import Terms
from smsc.esme.whence import household
from smsc.store.credentials import CredentialStore
from smsc.subscriber import Identity
from smsc.web.catalogue import Catalogue
from smsc.web.identities import NotIdentified, canonical
from smsc.web.tr50.envelope import Code, Failure
from smsc.web.tr50.parameters import Params, invalid
from smsc.web.tr50.second_factor import SecondFactor
from smsc.web.tr50.sessions import Session, Sessions

COMMAND: Final = "api.authenticate"
LOCKOUT: Final = Terms(after=8, first=1800.0, longest=1800.0)
"""Eight failures, none of them half an hour after the one before, and a user waits for as long."""

LONGEST_USER: Final = 64
LONGEST_SECRET: Final = 1000
LONGEST_APPLICATION: Final = 64


class Login:
    """Opens sessions."""

    def __init__(
        self,
        users: Accounts,
        tokens: Mapping[str, str],
        catalogue: Catalogue,
        store: CredentialStore,
        sessions: Sessions,
        second: SecondFactor,
        clock: Clock,
    ) -> None:
        """Know users by their passwords, and accounts by the hashes of their tokens."""
        self._users = users
        self._tokens = tokens
        self._catalogue = catalogue
        self._store = store
        self._sessions = sessions
        self._second = second
        self._clock = clock

    async def authenticate(self, params: Params, host: str) -> str:
        """Return the id of a new session; raises Failure."""
        if "username" in params or "appToken" not in params:
            return await self.user(params.required("username"), params.required("password"), host)
        return await self._application(
            params.required("appId"), params.required("appToken"), params.required("thingKey"), host
        )

    async def user(self, username: str, password: str, host: str) -> str:
        """Open a session for a user; return its id. Raises Failure."""
        if len(username) > LONGEST_USER or len(password) > LONGEST_SECRET:
            raise _failed()
        address = household(host)
        if self._second.passes(username, password, address):
            return self._sessions.begin(Session(username, self._clock.now(), host))
        # An account's password is compared as octets, which a bind brings as Latin-1.
        octets = password.encode("utf-8", "replace").decode("latin-1")
        try:
            account = await self._users.authenticate(username, octets, host)
        except Refusal as refusal:
            raise _failed(refusal.reason) from refusal
        if self._second.needed(username):
            self._second.ask(username, address)
            raise Failure(
                Code.SECOND_FACTOR,
                "Multi-factor authentication is required: log in again with a code as password.",
            )
        return self._sessions.begin(Session(account.system_id, self._clock.now(), host))

    async def _application(self, application: str, token: str, thing_key: str, host: str) -> str:
        if not 1 <= len(application) <= LONGEST_APPLICATION:
            raise invalid("appId", f"write up to {LONGEST_APPLICATION} characters.")
        digest = hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
        account = self._tokens.get(digest)
        if account is None:
            raise _failed()
        key = await self._known(thing_key)
        # There is nothing to bind where there is no such thing, or anybody could fill the store.
        if key is not None and await self._store.bind_application(key, application) != application:
            raise Failure(Code.LOGIN, "Authentication failed: the thing goes by another appId.")
        session = Session(account, self._clock.now(), host, application, key or thing_key, digest)
        return self._sessions.begin(session)

    def session(self, session_id: str) -> Session | None:
        """Return the session with this id; one ends with the token that opened it."""
        session = self._sessions.find(session_id)
        if session is not None and session.token and session.token not in self._tokens:
            self._sessions.end(session_id)
            return None
        return session

    async def _known(self, thing_key: str) -> str | None:
        """Return the key of a thing as it is kept, None if there is no such thing."""
        try:
            await self._catalogue.number(f"{Identity.THING_KEY}:{thing_key}")
            return canonical(Identity.THING_KEY, thing_key)
        except NotIdentified:
            return None


def _failed(reason: str = "") -> Failure:
    if reason == "locked_out":
        return Failure(
            Code.LOGIN, "Authentication failed: too many failures; try again in 30 minutes."
        )
    return Failure(Code.LOGIN, "Authentication failed.")
