"""The commands there are, and how those of one request are done: one after another.

Nothing here knows how a request came.
"""

from collections.abc import Awaitable, Callable, Mapping
from traceback import format_exception
from typing import Any, Final

import structlog

from smsc.store.store import StoreError
from smsc.web.tr50 import formalities, history, sending, things
from smsc.web.tr50.envelope import Code, Failure, Reply, call, done, failed
from smsc.web.tr50.parameters import Params
from smsc.web.tr50.room import Caller, Room

log = structlog.get_logger()

Command = Callable[[Room, Caller, Params], Awaitable[dict[str, Any]]]

COMMANDS: Final[dict[str, Command]] = {
    "sms.send": sending.send,
    "sms.history": history.history,
    "sms.smsc_list": formalities.smscs,
    "cdp.connection.sms.send": sending.send_by_carrier,
    # A slip of the documentation, but who has read it sends it.
    "cdp.connections.sms.send": sending.send_by_carrier,
    "twilio.sms.send": sending.send_by_name_of_twilio,
    "thing.find": things.find,
    "thing.list": things.listing,
    "diag.ping": formalities.ping,
    "diag.time": formalities.time,
    "session.info": formalities.session_info,
    "session.end": formalities.session_end,
    "session.org.switch": formalities.switch_organisation,
    "mailbox.check": formalities.mailbox,
}


async def answer(room: Room, caller: Caller, commands: Mapping[str, object]) -> Reply:
    """Do the commands of a request in their order; answer each under its id."""
    return {command_id: await _do(room, caller, value) for command_id, value in commands.items()}


async def _do(room: Room, caller: Caller, value: object) -> Reply:
    try:
        name, params = call(value)
        command = COMMANDS.get(name)
        if command is None:
            raise Failure(Code.COMMAND, "Unknown command.")
        return done(await command(room, caller, Params(params)))
    except Exception as error:
        return failed(foreseen(error))


def foreseen(error: Exception) -> Failure:
    """Return what a caller is told of an error."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, StoreError):
        log.error("request_failed", reason=str(error))
        return Failure(Code.UNAVAILABLE, "Try again later: the store can't be read now.")
    # Written out here, for a renderer that shows local variables would show tokens.
    log.error("request_failed", traceback="".join(format_exception(error)))
    return Failure(Code.MISTAKE, "This is a mistake of the SMSC; its log says more.")
