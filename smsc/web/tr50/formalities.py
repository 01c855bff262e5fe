"""What clients ask around the commands that do something: what time is it, and who am I."""

from typing import Any, Final

from smsc.web.tr50.envelope import Code, Failure
from smsc.web.tr50.ids import moment
from smsc.web.tr50.parameters import Params
from smsc.web.tr50.room import Caller, Room
from smsc.web.tr50.sessions import IDLE_SECONDS

_NOTHING: Final[dict[str, Any]] = {}


async def ping(room: Room, caller: Caller, params: Params) -> dict[str, Any]:
    """diag.ping: answer."""
    return _NOTHING


async def time(room: Room, caller: Caller, params: Params) -> dict[str, Any]:
    """diag.time: tell the time."""
    return {"time": moment(room.services.clock.now())}


async def session_info(room: Room, caller: Caller, params: Params) -> dict[str, Any]:
    """session.info: tell who asks."""
    session = caller.session
    if session.application:
        who = {"appId": session.application, "thingKey": session.thing_key}
    else:
        who = {"userName": session.account}
    return {
        "ref": session.ref,
        "serverId": room.own_smsc,
        "orgKey": session.account,
        "whoAmI": session.application or session.account,
        **who,
        "ipAddress": session.host,
        "ttl": IDLE_SECONDS,
        "startTime": moment(session.started_at),
    }


async def session_end(room: Room, caller: Caller, params: Params) -> dict[str, Any]:
    """session.end: end the session; what follows in the same request is still done."""
    room.sessions.end(caller.session_id)
    return _NOTHING


async def switch_organisation(room: Room, caller: Caller, params: Params) -> dict[str, Any]:
    """session.org.switch: go on as another organisation, of which there is none but one's own."""
    if params.required("key") != caller.session.account:
        raise Failure(Code.PERMISSION, "Permission denied: this is no organisation of yours.")
    return _NOTHING


async def mailbox(room: Room, caller: Caller, params: Params) -> dict[str, Any]:
    """mailbox.check: list what waits for a thing, which is nothing."""
    return {"messages": []}


async def smscs(room: Room, caller: Caller, params: Params) -> dict[str, Any]:
    """sms.smsc_list: list what may stand in `smsc`."""
    found = [{"name": name} for name in room.smscs()]
    return {"count": len(found), "result": found}
