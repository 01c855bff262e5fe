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
from smsc.web.composing import NewMessage, Payload, composed
from smsc.web.problems import EVERYWHERE, refusal, spec
from smsc.web.repeats import IdempotencyKey, Once, repeats_of
from smsc.web.scopes import OPTION, Scope
from smsc.web.services import Services
from smsc_routing.decision import Verdict

MOST_MESSAGES: Final = 1000
LARGEST_BATCH: Final = 2 * 1024 * 1024
MESSAGES_A_SLICE: Final = 50


class NewMessages(Struct, frozen=True, forbid_unknown_fields=True):
    """Messages to send, each as when it is sent alone."""

    messages: Annotated[list[NewMessage], Meta(min_length=1, max_length=MOST_MESSAGES)]


class MessageVerdict(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one message: what it would be answered with if it were sent alone."""

    status: Annotated[int, Meta(description="201 if it is on the disk.", examples=[201])]
    id: Annotated[str | None, Meta(examples=["0000000001"])] = None
    data_coding: Annotated[int | None, Meta(description="How the text was written.")] = None
    parts: Annotated[
        int | None, Meta(description="How many short messages the device is sent.")
    ] = None
    title: Annotated[str | None, Meta(description="What kind of problem it is.")] = None
    detail: Annotated[str | None, Meta(description="What went wrong, and what to do.")] = None
    reason: Annotated[str | None, Meta(description="Why, as a word for programs.")] = None
    retry_after: Annotated[int | None, Meta(description="In how many seconds to try again.")] = None


class Verdicts(Struct, frozen=True):
    """What became of each message."""

    accepted: Annotated[int, Meta(description="How many are on the disk.")]
    refused: Annotated[int, Meta(description="How many were refused.")]
    verdicts: Annotated[
        list[MessageVerdict], Meta(description="One for each message, in their order.")
    ]


@post(
    "/batch",
    operation_id="send_messages",
    opt={OPTION: Scope.SEND},
    summary="Send many messages",
    status_code=HTTPStatus.OK,
    request_max_body_size=LARGEST_BATCH,
    responses=EVERYWHERE
    | {
        409: spec("A request with this Idempotency-Key is under way."),
        413: spec(f"The body has more than {LARGEST_BATCH} octets: send fewer at a time."),
        422: spec("This Idempotency-Key was given to another request."),
        503: spec("The store took too long: it isn't known which were accepted."),
    },
)
async def send_all(
    request: Request[str, None, Any],
    data: JSONBody[NewMessages],
    services: NamedDependency[Services],
    idempotency_key: IdempotencyKey = None,
) -> Verdicts:
    """Answer when all that are accepted are on the disk; each is accepted or refused by itself."""
    answers = Rulings(len(data.messages))
    async with repeats_of(request).once(request, idempotency_key, answers) as once:
        told = await rulings(request.user, data.messages, services, answers, once)
    accepted = sum(each.id is not None for each in told)
    return Verdicts(accepted, len(told) - accepted, told)


async def rulings(
    account: str,
    messages: list[NewMessage],
    services: Services,
    answers: Rulings,
    once: Once,
) -> list[MessageVerdict]:
    """Submit an account's messages, and return what became of each when all is known."""
    payloads: list[Payload | MessageVerdict] = []
    intake, now = services.intake, services.clock.now()
    submitter, known = once.submitter, once.known
    for token, new in enumerate(messages):
        if token and not token % MESSAGES_A_SLICE:
            intake.hurry()
            await asyncio.sleep(0)
        try:
            submission, payload = composed(account, new, services, now)
        except ProblemDetailsException as error:
            payloads.append(_refused(error))
            answers.passed(token)
        else:
            payloads.append(payload)
            if token in known:
                answers.accepted(token, known[token][0])
                continue
            once.submitted += 1
            intake.submit(submission, submitter, token)
    intake.hurry()
    ruled = await answers.all(services.clock)
    return [_told(*each) for each in zip(ruled, payloads, strict=True)]


def _told(ruled: int | Verdict | None, payload: Payload | MessageVerdict) -> MessageVerdict:
    if isinstance(payload, MessageVerdict):
        return payload
    if isinstance(ruled, Verdict):
        return _refused(refusal(ruled))
    assert ruled is not None
    return MessageVerdict(
        status=HTTPStatus.CREATED.value,
        id=wire_id(ruled),
        data_coding=payload.data_coding,
        parts=payload.parts,
    )


def _refused(error: ProblemDetailsException) -> MessageVerdict:
    extra = error.extra if isinstance(error.extra, dict) else {}
    retry_after = (error.headers or {}).get("Retry-After")
    return MessageVerdict(
        status=int(error.status_code),
        title=error.title,
        detail=error.detail,
        reason=extra.get("reason"),
        retry_after=None if retry_after is None else int(retry_after),
    )
