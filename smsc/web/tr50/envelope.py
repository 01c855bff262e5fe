"""The envelope of TR50: commands under ids of the caller's, answered under the same ids.

    request  {"auth": {...}, "1": {"command": "sms.send", "params": {...}}, "2": {...}}
    reply    {"1": {"success": true, "params": {...}},
              "2": {"success": false, "errorCodes": [-90008], "errorMessages": ["Thing not found"]}}

What concerns the whole request is answered by such a failure alone, without ids. Clients go through
all members of a reply, so it has no others.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, Final, NamedTuple

import msgspec

AUTH: Final = "auth"
MOST_COMMANDS: Final = 256
"""In one request."""

Reply = dict[str, Any]


class Code(IntEnum):
    """What went wrong: -90000, -90008 and -90041 are deviceWISE's, the others ours."""

    SESSION = -90000
    LOGIN = -90001
    SECOND_FACTOR = -90041
    COMMAND = -90002
    PARAMETER = -90003
    PERMISSION = -90004
    TOO_MANY = -90005
    UNAVAILABLE = -90006
    MISTAKE = -90007
    NOT_FOUND = -90008


class Failure(Exception):
    """Why a command, or a whole request, can't be done."""

    def __init__(self, code: Code, message: str) -> None:
        """Say it in a number for programs and in words for people."""
        super().__init__(message)
        self.code = code
        self.message = message


class Envelope(NamedTuple):
    """A request: who asks, as far as it says, and the commands by their ids."""

    auth: object
    commands: dict[str, object]


class Call(NamedTuple):
    """A command and its parameters."""

    command: str
    params: dict[str, object]


def read(body: bytes) -> Envelope:
    """Read a request, whatever its content type was; raises Failure."""
    try:
        # An editor's mark that this is UTF-8 says nothing.
        members = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Failure(Code.PARAMETER, "Invalid request: the body isn't JSON.") from error
    if not isinstance(members, dict):
        raise Failure(Code.PARAMETER, "Invalid request: the body isn't an object of commands.")
    auth = members.pop(AUTH, None)
    if len(members) > MOST_COMMANDS:
        raise Failure(
            Code.PARAMETER, f"Invalid request: more than {MOST_COMMANDS} commands at once."
        )
    return Envelope(auth, members)


def call(value: object) -> Call:
    """Read one command; raises Failure."""
    if not isinstance(value, dict):
        raise Failure(Code.PARAMETER, "Invalid command: it isn't an object.")
    command, params = value.get("command"), value.get("params")
    if not isinstance(command, str) or not command:
        raise Failure(Code.PARAMETER, "Missing parameter: command")
    if params is not None and not isinstance(params, dict):
        raise Failure(Code.PARAMETER, "Invalid parameter: params: it isn't an object.")
    return Call(command, params or {})


def done(params: Mapping[str, Any]) -> Reply:
    """Answer a command that was done."""
    return {"success": True, "params": params} if params else {"success": True}


def failed(failure: Failure) -> Reply:
    """Answer a command that wasn't, or a request."""
    return {
        "success": False,
        "errorCodes": [int(failure.code)],
        "errorMessages": [failure.message],
    }


def write(reply: Reply) -> bytes:
    """Write a reply."""
    return msgspec.json.encode(reply)
