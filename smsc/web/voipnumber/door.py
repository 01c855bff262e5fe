"""VoIP Number over HTTP: send an SMS, look through data records, renew the API token.

All is answered with status 200: what went wrong is in the answer. The body is JSON whatever its
content type says.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from traceback import format_exception
from typing import Annotated, Any, Final

import msgspec
import structlog
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import PathParameter

from smsc.store.store import StoreError
from smsc.web.services import Services
from smsc.web.voipnumber import records
from smsc.web.voipnumber.answers import ErrorCode, Refused, error, ok
from smsc.web.voipnumber.credentials import NAME, SCHEME, Credentials, check, given
from smsc.web.voipnumber.renewal import renew
from smsc.web.voipnumber.sending import send

__all__ = ["NAME", "SCHEME", "handlers"]

log = structlog.get_logger()

PATHS: Final = ["/sms", "/sms/send", "/v1/sms/send"]

_Members = dict[str, object]
_Work = Callable[[Credentials, _Members], Awaitable[Any]]

_SECURITY: Final = [{NAME: list[str]()}]
_TEXT: Final = Schema(type=OpenAPIType.STRING)
_ANSWERS: Final = {
    200: ResponseSpec(
        dict[str, Any],
        generate_examples=False,
        description="What was done, or an error: `status` is `OK` or `Error`.",
    )
}


@dataclass
class _TakesSms(Operation):
    """An operation whose body is JSON, however it is called."""

    def __post_init__(self) -> None:
        schema = Schema(
            type=OpenAPIType.OBJECT,
            properties={"from": _TEXT, "to": _TEXT, "body": _TEXT},
            required=["from", "to", "body"],
        )
        example = {"from": "+491234", "to": "+491700000001", "body": "Thank you"}
        self.request_body = RequestBody(
            {"application/json": OpenAPIMediaType(schema=schema, example=example)}, required=True
        )


def _operation_id(handler: HTTPRouteHandler, method: Any, components: list[Any]) -> str:
    return "_".join(["voipnumber", *map(str, components)])


@post(
    PATHS,
    operation_id=_operation_id,
    summary="Send an SMS of VoIP Number",
    status_code=HTTPStatus.OK,
    tags=["VoIP Number"],
    security=_SECURITY,
    operation_class=_TakesSms,
    responses=_ANSWERS,
)
async def send_sms(
    request: Request[Any, Any, Any], services: NamedDependency[Services]
) -> Response[bytes]:
    """Send an SMS from a number of the account's; answered when it is on the disk."""

    async def sent(credentials: Credentials, members: _Members) -> Any:
        return await send(services, credentials.account, members)

    return await _answered(request, services, sent)


@get(
    "/sms",
    operation_id="voipnumber_records",
    summary="List message data records of VoIP Number",
    tags=["VoIP Number"],
    security=_SECURITY,
    responses=_ANSWERS,
)
async def list_records(
    request: Request[Any, Any, Any], services: NamedDependency[Services]
) -> Response[bytes]:
    """List what the account sent and received: `limit` of them, after the `next` of a list."""

    async def listed(credentials: Credentials, members: _Members) -> Any:
        return await records.listing(services, credentials.account, request.query_params)

    return await _answered(request, services, listed)


@get(
    "/sms/{record_id:str}",
    operation_id="voipnumber_record",
    summary="Show a message data record of VoIP Number",
    tags=["VoIP Number"],
    security=_SECURITY,
    responses=_ANSWERS,
)
async def show_record(
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    record_id: Annotated[str, PathParameter(description="The id that the SMS was answered with.")],
) -> Response[bytes]:
    """Show one record, with what became of the message."""

    async def shown(credentials: Credentials, members: _Members) -> Any:
        return await records.find(services, credentials.account, record_id)

    return await _answered(request, services, shown)


@post(
    "/sms/token",
    operation_id="voipnumber_token",
    summary="Renew the API token of VoIP Number",
    status_code=HTTPStatus.OK,
    tags=["VoIP Number"],
    security=_SECURITY,
    responses=_ANSWERS,
)
async def renew_token(
    request: Request[Any, Any, Any], services: NamedDependency[Services]
) -> Response[bytes]:
    """Tell a new token, once; the old one is worth nothing from then on, at any door."""

    async def renewed(credentials: Credentials, members: _Members) -> Any:
        return {
            "accountId": credentials.account,
            "apiToken": await renew(services, credentials),
        }

    return await _answered(request, services, renewed)


async def _answered(
    request: Request[Any, Any, Any], services: Services, work: _Work
) -> Response[bytes]:
    """Do something for whoever may have it done; whatever goes wrong is in the answer."""
    try:
        members, wrong = await _read(request)
        credentials = given(request.headers, members)
        check(credentials, services)
        if wrong:
            raise Refused(ErrorCode.MESSAGE_INVALID, wrong)
        return ok(await work(credentials, members))
    except Refused as refused:
        return error(refused)
    except StoreError as failure:
        log.error("request_failed", reason=str(failure))
        return error(Refused(ErrorCode.UNAVAILABLE, "the store can't be used now"))
    except Exception as mistake:
        # Written out here, for a renderer that shows local variables would show tokens.
        log.error("request_failed", traceback="".join(format_exception(mistake)))
        return error(Refused(ErrorCode.UNAVAILABLE, "this is a mistake of the SMSC"))


async def _read(request: Request[Any, Any, Any]) -> tuple[_Members, str]:
    """Return the members of the body, and what is wrong with it, or ""."""
    try:
        body = await request.body()
        members = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf")) if body else {}
    except HTTPException as failure:
        return {}, failure.detail
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}, "the body isn't JSON"
    if not isinstance(members, dict):
        return {}, "the body isn't an object"
    return members, ""


def handlers() -> list[HTTPRouteHandler]:
    """Return the routes."""
    return [send_sms, list_records, show_record, renew_token]
