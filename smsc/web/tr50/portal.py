"""A request from its octets to its reply: who asks, and what is done for them."""

from typing import Final

from smsc.web.tr50.commands import answer, foreseen
from smsc.web.tr50.envelope import AUTH, Code, Failure, Reply, call, done, failed, read, write
from smsc.web.tr50.login import COMMAND, Login
from smsc.web.tr50.parameters import Params
from smsc.web.tr50.room import Caller, Room

SESSION_INVALID: Final = "Authentication session is invalid."
"""Clients look for these words."""


class Portal:
    """Answers requests."""

    def __init__(self, room: Room, login: Login) -> None:
        """Let those in who may, and work with these rooms."""
        self._room = room
        self.login = login

    async def exchange(self, body: bytes, session_id: str, host: str) -> bytes:
        """Return the reply to a request that came with a session's id, or "", from this host."""
        try:
            return write(await self._reply(body, session_id, host))
        except Exception as error:
            return write(failed(foreseen(error)))

    async def _reply(self, body: bytes, session_id: str, host: str) -> Reply:
        auth, commands = read(body)
        reply: Reply = {}
        if isinstance(auth, dict) and "command" in auth:
            session_id = await self._authenticated(auth, host)
        elif isinstance(auth, dict) and isinstance(auth.get("sessionId"), str):
            session_id = auth["sessionId"]
        elif auth:
            raise Failure(Code.PARAMETER, "Invalid auth: it has neither a command nor a sessionId.")
        session = self.login.session(session_id)
        if session is None:
            raise Failure(Code.SESSION, SESSION_INVALID)
        if isinstance(auth, dict) and "command" in auth:
            reply[AUTH] = done({"orgKey": session.account, "sessionId": session_id})
        return reply | await answer(self._room, Caller(session, session_id), commands)

    async def _authenticated(self, auth: dict[str, object], host: str) -> str:
        command, params = call(auth)
        if command != COMMAND:
            raise Failure(Code.COMMAND, f"Unknown command: auth takes {COMMAND}.")
        return await self.login.authenticate(Params(params), host)
