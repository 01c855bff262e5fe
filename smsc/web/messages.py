"""Messages over HTTP: submit one for an account, and ask what became of it."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody

from smsc.message import wire_id
from smsc.web.amending import MessageId, cancel, looked_up, replace, viewer_of
from smsc.web.answers import TOKEN, Answers
from smsc.web.batch import send_all
from smsc.web.composing import Accepted, NewMessage, composed
from smsc.web.export import export
from smsc.web.problems import EVERYWHERE, spec
from smsc.web.record import MessageRecord, told
from smsc.web.repeats import IdempotencyKey, repeats_of
from smsc.web.scopes import OPTION, Scope
from smsc.web.search import criteria, listing
from smsc.web.services import Services


@post(
    "/",
    operation_id="send_message",
    opt={OPTION: Scope.SEND},
    summary="Send a message",
    responses=EVERYWHERE
    | {
        403: spec("The account may not send this; `reason` says why."),
        409: spec("A request with this Idempotency-Key is under way."),
        404: spec("Nobody has the number in `to`."),
        422: spec("The message can't be sent as it is; `reason` and `detail` say why."),
        429: spec("Too much at once; try again after Retry-After seconds."),
        503: spec("The store can't write: nothing was accepted."),
    },
)
async def send(
    request: Request[str, None, Any],
    data: JSONBody[NewMessage],
    services: NamedDependency[Services],
    idempotency_key: IdempotencyKey = None,
) -> Response[Accepted]:
    """Answer when the message is on the disk: from then on it is delivered, or its end known.

    A text that doesn't fit in one short message goes to the device in parts, under one id.
    """
    submission, payload = composed(request.user, data, services, services.clock.now())
    answers = Answers()
    async with repeats_of(request).once(request, idempotency_key, answers) as once:
        if TOKEN in once.known:
            message_id = wire_id(once.known[TOKEN][0])
        else:
            once.submitted = 1
            services.intake.submit(submission, once.submitter, TOKEN)
            (message_id,) = await answers.ids(1, services.clock)
    return Response(
        Accepted(message_id, payload.data_coding, payload.parts),
        headers={"Location": f"/v1/messages/{message_id}"},
    )


@get(
    "/{message_id:str}",
    operation_id="show_message",
    summary="Show what became of a message",
    responses=EVERYWHERE | {404: spec("The account knows no such message.")},
)
async def show(
    request: Request[str, None, Any],
    message_id: MessageId,
    services: NamedDependency[Services],
) -> MessageRecord:
    """Show a message that the account sent, or one that a device sent to the account.

    An operator's account sees every message.
    """
    viewer = viewer_of(request, services)
    return told(await looked_up(message_id, viewer, request.user, services), viewer)


def router() -> Router:
    """Make the routes under /messages."""
    return Router(
        "/messages",
        route_handlers=[send, send_all, listing, export, show, cancel, replace],
        dependencies={"criteria": Provide(criteria)},
        tags=["Messages"],
    )
