"""TR50 over HTTP: `POST /api`, and `POST /rest/auth` for a session's id alone.

Whatever goes wrong with commands is told in a reply with status 200, for clients read no other. The
body is JSON whatever its content type says.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qs

from litestar import MediaType, Request, Response, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    RequestBody,
    Schema,
)

from smsc.web.catalogue import Catalogue
from smsc.web.services import Services
from smsc.web.tr50.commands import foreseen
from smsc.web.tr50.envelope import Code, Failure, failed, write
from smsc.web.tr50.login import LOCKOUT, Login
from smsc.web.tr50.portal import Portal
from smsc.web.tr50.room import Room
from smsc.web.tr50.second_factor import SecondFactor
from smsc.web.tr50.sessions import Sessions

_FIELDS: Final = 20
_REQUEST: Final = {
    "auth": {"sessionId": "0f5ac1e0a6f8d0a4b7f3c6d9e2b58a71"},
    "1": {
        "command": "sms.send",
        "params": {"imei": "356938035643809", "coding": "SEVEN_BIT", "message": "UP"},
    },
}
_REPLY: Final = {
    "1": {
        "success": True,
        "params": {
            "dateSent": "2026-11-21T08:53:17.72+00:00",
            "uuid": "000000000001102d4b5f5e70",
            "id": "00000000000124b62efcd181",
            "preferredSmsc": "smsc",
        },
    }
}


@dataclass
class _TakesCommands(Operation):
    """An operation whose body is JSON, however it is called."""

    def __post_init__(self) -> None:
        schema = Schema(type=OpenAPIType.OBJECT, description="Commands by ids of the caller's.")
        self.request_body = RequestBody(
            {"application/json": OpenAPIMediaType(schema=schema, example=_REQUEST)}, required=True
        )


@dataclass
class _TakesForm(Operation):
    """An operation whose body is a form with a name and a password."""

    def __post_init__(self) -> None:
        schema = Schema(
            type=OpenAPIType.OBJECT,
            properties={
                "username": Schema(type=OpenAPIType.STRING),
                "password": Schema(type=OpenAPIType.STRING),
            },
            required=["username", "password"],
        )
        self.request_body = RequestBody(
            {"application/x-www-form-urlencoded": OpenAPIMediaType(schema=schema)}, required=True
        )


@post(
    "/api",
    operation_id="tr50",
    summary="Do commands of TR50",
    status_code=HTTPStatus.OK,
    tags=["TR50"],
    operation_class=_TakesCommands,
    responses={
        200: ResponseSpec(
            dict[str, Any],
            generate_examples=False,
            description="What became of each command, under its id; or one failure of all.",
        )
    },
)
async def api(request: Request[Any, Any, Any], portal: NamedDependency[Portal]) -> Response[bytes]:
    """Do the commands of a request one after another, and answer each under its id.

    The session is that of `auth` in the body, or of the header `sessionId`.
    """
    try:
        body = await request.body()
    except HTTPException as error:
        reply = write(failed(Failure(Code.PARAMETER, f"Invalid request: {error.detail}.")))
    else:
        session_id = request.headers.get("sessionid", "")
        reply = await portal.exchange(body, session_id, _host(request))
    return Response(reply, status_code=HTTPStatus.OK, media_type=MediaType.JSON)


@post(
    "/rest/auth",
    operation_id="tr50_session",
    summary="Open a session of TR50",
    status_code=HTTPStatus.OK,
    media_type=MediaType.TEXT,
    tags=["TR50"],
    operation_class=_TakesForm,
    responses={
        401: ResponseSpec(
            str,
            generate_examples=False,
            description="No session; the text says why.",
            media_type=MediaType.TEXT,
        )
    },
)
async def rest_auth(
    request: Request[Any, Any, Any], portal: NamedDependency[Portal]
) -> Response[str]:
    """Answer with a session's id, as text; or with 401 and why there is none."""
    try:
        form = parse_qs((await request.body()).decode("ascii"), max_num_fields=_FIELDS)
        session_id = await portal.login.user(
            _field(form, "username"), _field(form, "password"), _host(request)
        )
    except Exception as error:
        failure = Failure(Code.PARAMETER, "Invalid request: send a form with username, password.")
        if not isinstance(error, ValueError | HTTPException):
            failure = foreseen(error)
        return Response(
            failure.message, status_code=HTTPStatus.UNAUTHORIZED, media_type=MediaType.TEXT
        )
    return Response(session_id, status_code=HTTPStatus.OK, media_type=MediaType.TEXT)


def _field(form: dict[str, list[str]], name: str) -> str:
    values = form.get(name)
    if values is None:
        raise Failure(Code.PARAMETER, f"Missing parameter: {name}")
    return values[0]


def _host(request: Request[Any, Any, Any]) -> str:
    return request.client.host if request.client is not None else ""


def portal(services: Services, catalogue: Catalogue) -> Portal:
    """Make what answers, with no session begun."""
    sessions = Sessions(services.clock)
    room = Room(services, catalogue, sessions)
    second = SecondFactor(services.second_factors, services.clock, LOCKOUT)
    login = Login(
        services.users,
        services.tokens,
        catalogue,
        services.store,
        sessions,
        second,
        services.clock,
    )
    return Portal(room, login)


def handlers() -> list[HTTPRouteHandler]:
    """Return the routes."""
    return [api, rest_auth]
