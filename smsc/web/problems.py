"""How a request fails: problem details (RFC 9457), for verdicts and for everything else.

reason                                   status
=======================================  ==========================
unknown_destination                      404
malformed_number, too_long, bad_*        422
source_not_allowed, switched_off         403
quota, rate_limit, store_behind          429, with Retry-After
store_failed                             503, with Retry-After
not_delivered                            502
"""

from collections.abc import Mapping
from http import HTTPStatus
from traceback import format_exception
from typing import Annotated, Any, Final

import structlog
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from litestar.plugins.problem_details import (
    ProblemDetailsConfig,
    ProblemDetailsException,
    ProblemDetailsPlugin,
)
from msgspec import Meta, Struct

from smsc.config import ConfigError
from smsc.delivery.ledger import Ledger
from smsc.network.hlr import UnknownDevice
from smsc.network.origin import DeviceDetached
from smsc.policies import PolicyOfFile, UnknownPolicy
from smsc.store.store import StoreError
from smsc.web.identities import NotIdentified
from smsc.webhooks import UnknownWebhook, WebhookOfFile
from smsc_encodings.errors import EncodingError
from smsc_routing.decision import Reason, Verdict

log = structlog.get_logger()

LARGEST_BODY: Final = 64 * 1024
LONGEST_PAGE: Final = 1000
PROBLEM_JSON: Final = "application/problem+json"

_STATUS: Final[dict[Reason, HTTPStatus]] = {
    Reason.ACCEPTED: HTTPStatus.CREATED,
    Reason.UNKNOWN_DESTINATION: HTTPStatus.NOT_FOUND,
    Reason.MALFORMED_NUMBER: HTTPStatus.UNPROCESSABLE_ENTITY,
    Reason.SOURCE_NOT_ALLOWED: HTTPStatus.FORBIDDEN,
    Reason.SWITCHED_OFF: HTTPStatus.FORBIDDEN,
    Reason.QUOTA: HTTPStatus.TOO_MANY_REQUESTS,
    Reason.RATE_LIMIT: HTTPStatus.TOO_MANY_REQUESTS,
    Reason.STORE_BEHIND: HTTPStatus.TOO_MANY_REQUESTS,
    Reason.TOO_LONG: HTTPStatus.UNPROCESSABLE_ENTITY,
    Reason.BAD_UDH: HTTPStatus.UNPROCESSABLE_ENTITY,
    Reason.BAD_DATA_CODING: HTTPStatus.UNPROCESSABLE_ENTITY,
    Reason.BAD_VALIDITY: HTTPStatus.UNPROCESSABLE_ENTITY,
    Reason.BAD_SCHEDULE: HTTPStatus.UNPROCESSABLE_ENTITY,
    Reason.STORE_FAILED: HTTPStatus.SERVICE_UNAVAILABLE,
    Reason.NOT_DELIVERED: HTTPStatus.BAD_GATEWAY,
}


class Problem(Struct, kw_only=True, omit_defaults=True):
    """A problem (RFC 9457): what went wrong, and what to do about it."""

    status: int
    title: Annotated[str, Meta(description="What kind of problem it is.")] = ""
    detail: Annotated[str, Meta(description="What went wrong here, and what to do.")] = ""
    reason: Annotated[
        str, Meta(description="Why a message was refused, as a word for programs.")
    ] = ""
    ids: Annotated[
        list[str], Meta(description="The messages that were accepted all the same.")
    ] = []
    scope: Annotated[str, Meta(description="What the token lacks: read, send or admin.")] = ""
    failed: Annotated[int, Meta(description="How many lines of an import are wrong.")] = 0
    errors: Annotated[
        list[dict[str, Any]],
        Meta(description="What is wrong with which field of the request, or line of the file."),
    ] = []


def problem(
    status: HTTPStatus,
    detail: str,
    *,
    title: str = "",
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, Any] | None = None,
) -> ProblemDetailsException:
    """Make a problem to raise; `members` are what it tells besides."""
    return ProblemDetailsException(
        detail=detail,
        status_code=status,
        title=title or status.phrase,
        headers=dict(headers or {}),
        extra=dict(members or {}),
    )


def refusal(verdict: Verdict, ids: list[str] | None = None) -> ProblemDetailsException:
    """Turn a verdict that isn't `accepted` into a problem; `ids` of parts that were accepted."""
    members: dict[str, Any] = {"reason": verdict.reason.value}
    if ids:
        members["ids"] = ids
    headers = {}
    if verdict.retry_after_ms:
        headers["Retry-After"] = str(-(-verdict.retry_after_ms // 1000))
    return problem(
        _STATUS[verdict.reason],
        verdict.detail,
        title=verdict.reason.value.replace("_", " ").capitalize(),
        headers=headers,
        members=members,
    )


def spec(description: str) -> ResponseSpec:
    """Describe a problem that a handler may answer with."""
    return ResponseSpec(
        Problem, generate_examples=False, description=description, media_type=PROBLEM_JSON
    )


class NotThere(Exception):
    """Something was asked for by a name that nothing of its kind has."""

    def __init__(self, kind: str, name: str) -> None:
        """Name the kind, and the name."""
        super().__init__(f"there is no {kind} {name[:40]!r}")
        self.kind = kind


def check_store(ledger: Ledger) -> None:
    """Raise a problem if nothing can be written now."""
    if ledger.failing:
        raise problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "the store can't write: nothing was changed; try again later",
            headers={"Retry-After": "1"},
        )


EVERYWHERE: Final = {
    400: spec("The request is not what it should be; `errors` says where."),
    401: spec("No API token, or none that is known."),
    403: spec("The token lacks a scope: `scope` says which."),
    429: spec("Too many requests; try again after Retry-After seconds."),
}
"""What any request under /v1 may be answered with."""


_DETAILS: Final = {
    HTTPStatus.NOT_FOUND: "nothing is served at this path; /schema shows what is",
    HTTPStatus.METHOD_NOT_ALLOWED: "this path has other methods; Allow names them",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        f"a body has at most {LARGEST_BODY} octets, or what /schema says of this path; send less"
    ),
}


# How the exceptions of the rooms, and of Litestar, become problems.


def _unknown_device(error: UnknownDevice) -> ProblemDetailsException:
    return problem(HTTPStatus.NOT_FOUND, str(error), title="Unknown device")


def _not_identified(error: NotIdentified) -> ProblemDetailsException:
    return problem(HTTPStatus.NOT_FOUND, str(error), title="Unknown device")


def _unknown_policy(error: UnknownPolicy) -> ProblemDetailsException:
    return problem(HTTPStatus.NOT_FOUND, str(error), title="Unknown policy")


def _not_there(error: NotThere) -> ProblemDetailsException:
    return problem(HTTPStatus.NOT_FOUND, str(error), title=f"Unknown {error.kind}")


def _policy_of_file(error: PolicyOfFile) -> ProblemDetailsException:
    return problem(HTTPStatus.CONFLICT, str(error), title="Policy of the config")


def _unknown_webhook(error: UnknownWebhook) -> ProblemDetailsException:
    return problem(HTTPStatus.NOT_FOUND, str(error), title="Unknown webhook")


def _webhook_of_file(error: WebhookOfFile) -> ProblemDetailsException:
    return problem(HTTPStatus.CONFLICT, str(error), title="Webhook of the config")


def _not_as_in_a_config(error: ConfigError) -> ProblemDetailsException:
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))


def _device_detached(error: DeviceDetached) -> ProblemDetailsException:
    return problem(HTTPStatus.CONFLICT, str(error), title="Device detached")


def _unencodable(error: EncodingError) -> ProblemDetailsException:
    return refusal(Verdict(Reason.BAD_DATA_CODING, detail=str(error)))


def _store_failed(error: StoreError) -> ProblemDetailsException:
    log.error("request_failed", reason=str(error))
    return problem(
        HTTPStatus.SERVICE_UNAVAILABLE, "the store can't be read now; try again in a while"
    )


def _http(error: HTTPException) -> ProblemDetailsException:
    status = HTTPStatus(error.status_code)
    members: dict[str, Any] = {}
    detail = _DETAILS.get(status, error.detail)
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        members["errors"] = error.extra
        wrong = (f"{each.get('key', 'body')}: {each['message']}" for each in error.extra)
        detail = f"{'; '.join(wrong)} (/schema shows what is expected)"
    return problem(status, detail, headers=error.headers, members=members)


def _nested_too_deep(error: RecursionError) -> ProblemDetailsException:
    return problem(HTTPStatus.BAD_REQUEST, "the JSON is nested too deeply; send less of it")


def _unforeseen(error: Exception) -> ProblemDetailsException:
    # Written out here, for a renderer that shows local variables would show tokens.
    log.error("request_failed", traceback="".join(format_exception(error)))
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR, "this is a mistake of the SMSC; its log says more"
    )


def plugin() -> ProblemDetailsPlugin:
    """Make the plugin that answers every failure with a problem."""
    return ProblemDetailsPlugin(
        ProblemDetailsConfig(
            exception_to_problem_detail_map={
                UnknownDevice: _unknown_device,
                NotIdentified: _not_identified,
                UnknownPolicy: _unknown_policy,
                NotThere: _not_there,
                PolicyOfFile: _policy_of_file,
                UnknownWebhook: _unknown_webhook,
                WebhookOfFile: _webhook_of_file,
                ConfigError: _not_as_in_a_config,
                DeviceDetached: _device_detached,
                EncodingError: _unencodable,
                StoreError: _store_failed,
                RecursionError: _nested_too_deep,
                HTTPException: _http,
                Exception: _unforeseen,
            }
        )
    )
