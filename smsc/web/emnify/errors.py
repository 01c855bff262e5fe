"""How this dialect tells what went wrong: an HTTP status, a code, its token, and words."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from traceback import format_exception
from typing import Any, Final, NamedTuple

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.plugins.problem_details import ProblemDetailsException

from smsc.config import ConfigError
from smsc.network.hlr import UnknownDevice
from smsc.policies import PolicyOfFile, UnknownPolicy
from smsc.store.store import StoreError
from smsc.webhooks import WebhookOfFile
from smsc_routing.decision import Reason, Verdict

log = structlog.get_logger()


class Kind(NamedTuple):
    """One of the dialect's errors: its HTTP status, code and token."""

    status: HTTPStatus
    code: int
    token: str


BAD_REQUEST: Final = Kind(HTTPStatus.BAD_REQUEST, 1000, "BadRequest")
INVALID_CREDENTIALS: Final = Kind(HTTPStatus.UNAUTHORIZED, 1101, "InvalidCredentials")
INVALID_TOKEN: Final = Kind(HTTPStatus.UNAUTHORIZED, 1102, "InvalidToken")
TOKEN_EXPIRED: Final = Kind(HTTPStatus.UNAUTHORIZED, 1103, "TokenExpired")
FORBIDDEN: Final = Kind(HTTPStatus.FORBIDDEN, 1104, "Forbidden")
TOO_MANY_REQUESTS: Final = Kind(HTTPStatus.TOO_MANY_REQUESTS, 1105, "TooManyRequests")
NOT_FOUND: Final = Kind(HTTPStatus.NOT_FOUND, 1201, "NotFound")
BAD_QUERY: Final = Kind(HTTPStatus.UNPROCESSABLE_ENTITY, 1301, "InvalidQueryCriteria")
BAD_SORT: Final = Kind(HTTPStatus.UNPROCESSABLE_ENTITY, 1302, "InvalidSortCriteria")
BAD_INPUT: Final = Kind(HTTPStatus.UNPROCESSABLE_ENTITY, 1400, "InputValidationFailed")
INVALID_REFERENCE: Final = Kind(HTTPStatus.NOT_FOUND, 1401, "InvalidReference")
REQUIRED: Final = Kind(HTTPStatus.UNPROCESSABLE_ENTITY, 1402, "Required")
BAD_FORMAT: Final = Kind(HTTPStatus.UNPROCESSABLE_ENTITY, 1403, "InvalidFormat")
DUPLICATED: Final = Kind(HTTPStatus.CONFLICT, 1405, "Duplicated")
NOT_ALLOWED: Final = Kind(HTTPStatus.CONFLICT, 1406, "NotAllowed")
NOT_ALLOWED_NOW: Final = Kind(HTTPStatus.UNPROCESSABLE_ENTITY, 1406, "NotAllowed")
UNAVAILABLE: Final = Kind(HTTPStatus.NOT_FOUND, 1601, "Unavailable")
FAILED: Final = Kind(HTTPStatus.INTERNAL_SERVER_ERROR, 1001, "InternalError")
STORE_FAILED: Final = Kind(HTTPStatus.SERVICE_UNAVAILABLE, 1001, "InternalError")

_OF_STATUS: Final = {
    each.status: each
    for each in (BAD_REQUEST, INVALID_TOKEN, FORBIDDEN, TOO_MANY_REQUESTS, NOT_FOUND, NOT_ALLOWED)
} | {HTTPStatus.UNPROCESSABLE_ENTITY: BAD_FORMAT, HTTPStatus.SERVICE_UNAVAILABLE: STORE_FAILED}

_OF_REASON: Final = {
    Reason.UNKNOWN_DESTINATION: INVALID_REFERENCE,
    Reason.MALFORMED_NUMBER: BAD_FORMAT,
    Reason.SOURCE_NOT_ALLOWED: NOT_ALLOWED_NOW,
    Reason.SWITCHED_OFF: NOT_ALLOWED_NOW,
    Reason.QUOTA: NOT_ALLOWED_NOW,
    Reason.RATE_LIMIT: TOO_MANY_REQUESTS,
    Reason.STORE_BEHIND: TOO_MANY_REQUESTS,
    Reason.STORE_FAILED: STORE_FAILED,
}
"""Errors of verdicts; the others are mistakes of the message itself."""


class Wrong(Exception):
    """A request that can't be met, as the dialect tells it."""

    def __init__(self, kind: Kind, message: str, headers: dict[str, str] | None = None) -> None:
        """Say what is wrong."""
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.headers = headers or {}


def refused(verdict: Verdict) -> Wrong:
    """Turn a verdict that isn't `accepted` into an error."""
    headers = {}
    if verdict.retry_after_ms:
        headers["Retry-After"] = str(-(-verdict.retry_after_ms // 1000))
    kind = _OF_REASON.get(verdict.reason, BAD_FORMAT)
    return Wrong(kind, verdict.detail or verdict.reason.value, headers)


def body(kind: Kind, message: str) -> dict[str, Any]:
    """Return the JSON of an error; what is wrong with the input of a request is wrapped."""
    told = {"error_code": kind.code, "error_token": kind.token, "message": message}
    if kind not in _WRAPPED:
        return told
    wrapper = {"error_code": BAD_INPUT.code, "error_token": BAD_INPUT.token}
    return {**wrapper, "message": message, "errors": [told]}


_WRAPPED: Final[Sequence[Kind]] = (REQUIRED, BAD_FORMAT)

_Anybody = Request[Any, Any, Any]


def answer(error: Wrong) -> Response[Any]:
    """Return the answer that tells an error."""
    told = body(error.kind, error.message)
    return Response(told, status_code=error.kind.status, headers=error.headers)


def _wrong(request: _Anybody, error: Exception) -> Response[Any]:
    assert isinstance(error, Wrong)
    return answer(error)


def _problem(request: _Anybody, error: Exception) -> Response[Any]:
    """Tell what another room refused in the words of the native API."""
    assert isinstance(error, HTTPException)
    kind = _OF_STATUS.get(HTTPStatus(error.status_code), None)
    if kind is NOT_ALLOWED and getattr(error, "title", "") in _TAKEN:
        kind = DUPLICATED
    if kind is None:
        kind = Kind(HTTPStatus(error.status_code), BAD_REQUEST.code, BAD_REQUEST.token)
    detail = _DETAILS.get(HTTPStatus(error.status_code), error.detail)
    return answer(Wrong(kind, detail, dict(error.headers or {})))


_DETAILS: Final[dict[int, str]] = {
    HTTPStatus.NOT_FOUND: "nothing is served at this path",
    HTTPStatus.METHOD_NOT_ALLOWED: "this path has other methods; Allow names them",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "the body is too large; send less",
}
_TAKEN: Final = ("Identity taken", "Device exists")


def _of_file(request: _Anybody, error: Exception) -> Response[Any]:
    return answer(Wrong(NOT_ALLOWED, str(error)))


def _gone(request: _Anybody, error: Exception) -> Response[Any]:
    """Tell that a thing went while it was being looked at."""
    return answer(Wrong(INVALID_REFERENCE, str(error)))


def _not_as_in_a_config(request: _Anybody, error: Exception) -> Response[Any]:
    return answer(Wrong(BAD_FORMAT, str(error)))


def _store_failed(request: _Anybody, error: Exception) -> Response[Any]:
    log.error("request_failed", reason=str(error))
    return answer(Wrong(STORE_FAILED, "the store can't be read now; try again in a while"))


def _unforeseen(request: _Anybody, error: Exception) -> Response[Any]:
    log.error("request_failed", traceback="".join(format_exception(error)))
    return answer(Wrong(FAILED, "this is a mistake of the SMSC; its log says more"))


HANDLERS: Final[dict[int | type[Exception], Callable[[_Anybody, Exception], Response[Any]]]] = {
    Wrong: _wrong,
    ProblemDetailsException: _problem,
    HTTPException: _problem,
    PolicyOfFile: _of_file,
    WebhookOfFile: _of_file,
    UnknownDevice: _gone,
    UnknownPolicy: _gone,
    ConfigError: _not_as_in_a_config,
    StoreError: _store_failed,
    Exception: _unforeseen,
}
"""How every failure is answered."""
