"""Many messages in one request: a verdict on each, when all that are accepted are durable.

They are handed in a slice at a time, so that everybody else has his turn in between.
"""

import asyncio
from http import HTTPStatus
from typing import Annotated, Any, Final

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.plugins.problem_details import ProblemDetailsException
from msgspec import Meta, Struct

from smsc.message import wire_id
from smsc.web.answers import Rulings
from smsc.web.composing import Accepted, NewMessage, Payload, composed
from smsc.web.problems import EVERYWHERE, refusal, spec
from smsc.web.services import Services
from smsc_routing.decision import Verdict

MOST_MESSAGES: Final = 1000
LARGEST_BATCH: Final = 2 * 1024 * 1024
MESSAGES_A_SLICE: Final = 50


class NewMessages(Struct, frozen=True, forbid_unknown_fields=True):
    """Messages to send, each as when it is sent alone."""

    messages: Annotated[list[NewMessage], Meta(min_length=1, max_length=MOST_MESSAGES)]


class Refused(Struct, frozen=True, omit_defaults=True):
    """Why a message was refused: the problem that it would be answered with alone."""

    status: Annotated[int, Meta(examples=[404])]
    title: Annotated[str, Meta(examples=["Unknown destination"])]
    detail: str
    reason: Annotated[str, Meta(examples=["unknown_destination"])] = ""
    retry_after: Annotated[int, Meta(description="In how many seconds to try again.")] = 0


class Verdicts(Struct, frozen=True):
    """What became of each message."""

    accepted: Annotated[int, Meta(description="How many are on the disk.")]
    refused: Annotated[int, Meta(description="How many were refused.")]
    verdicts: Annotated[
        list[Accepted | Refused], Meta(description="One for each message, in their order.")
    ]


@post(
    "/batch",
    operation_id="send_messages",
    summary="Send many messages",
    status_code=HTTPStatus.OK,
    request_max_body_size=LARGEST_BATCH,
    responses=EVERYWHERE
    | {
        413: spec(f"The body has more than {LARGEST_BATCH} octets: send fewer at a time."),
        503: spec("The store took too long: it isn't known which were accepted."),
    },
)
async def send_all(
    request: Request[str, None, Any],
    data: JSONBody[NewMessages],
    services: NamedDependency[Services],
) -> Verdicts:
    """Answer when all that are accepted are on the disk; each is accepted or refused by itself."""
    told = await rulings(request.user, data.messages, services)
    accepted = sum(type(each) is Accepted for each in told)
    return Verdicts(accepted, len(told) - accepted, told)


async def rulings(
    account: str, messages: list[NewMessage], services: Services
) -> list[Accepted | Refused]:
    """Submit an account's messages, and return what became of each when all is known."""
    answers = Rulings(len(messages))
    payloads: list[Payload | Refused] = []
    origin, intake = services.origin, services.intake
    for token, new in enumerate(messages):
        if token and not token % MESSAGES_A_SLICE:
            intake.hurry()
            await asyncio.sleep(0)
        try:
            submission, payload = composed(account, new, origin)
        except ProblemDetailsException as error:
            payloads.append(_refused(error))
            answers.passed(token)
        else:
            payloads.append(payload)
            intake.submit(submission, answers, token)
    intake.hurry()
    ruled = await answers.all(services.clock)
    return [_told(*each) for each in zip(ruled, payloads, strict=True)]


def _told(ruled: int | Verdict | None, payload: Payload | Refused) -> Accepted | Refused:
    if isinstance(payload, Refused):
        return payload
    if isinstance(ruled, Verdict):
        return _refused(refusal(ruled))
    assert ruled is not None
    return Accepted(wire_id(ruled), payload.data_coding, payload.parts)


def _refused(error: ProblemDetailsException) -> Refused:
    extra = error.extra if isinstance(error.extra, dict) else {}
    return Refused(
        error.status_code,
        error.title or "",
        error.detail,
        extra.get("reason", ""),
        int((error.headers or {}).get("Retry-After", 0)),
    )
