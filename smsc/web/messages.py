"""Messages over HTTP: submit one for an account, and ask what became of it."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, PathParameter

from smsc.web.answers import TOKEN, Answers
from smsc.web.batch import send_all
from smsc.web.composing import Accepted, NewMessage, composed
from smsc.web.export import export
from smsc.web.problems import EVERYWHERE, problem, spec
from smsc.web.record import MessageRecord, concerns, told
from smsc.web.scopes import OPTION, Scope
from smsc.web.search import criteria, listing
from smsc.web.services import Services

_LONGEST_ID: Final = 18


@post(
    "/",
    operation_id="send_message",
    opt={OPTION: Scope.SEND},
    summary="Send a message",
    responses=EVERYWHERE
    | {
        403: spec("The account may not send this; `reason` says why."),
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
) -> Response[Accepted]:
    """Answer when the message is on the disk: from then on it is delivered, or its end known.

    A text that doesn't fit in one short message goes to the device in parts, under one id.
    """
    submission, payload = composed(request.user, data, services.origin)
    answers = Answers()
    services.intake.submit(submission, answers, TOKEN)
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
    message_id: Annotated[str, PathParameter(description="The id it was accepted under.")],
    services: NamedDependency[Services],
) -> MessageRecord:
    """Show a message that the account sent, or one that a device sent to the account.

    An operator's account sees every message.
    """
    viewer = None if request.user in services.operators else request.user
    record = None
    if message_id.isascii() and message_id.isdigit() and len(message_id) <= _LONGEST_ID:
        record = await services.store.record(int(message_id))
    if record is None or not concerns(record.history, viewer):
        raise problem(
            HTTPStatus.NOT_FOUND,
            f"account {request.user} knows no message {message_id[:40]!r};"
            " ids are as they were answered to the one who sent it",
            title="Unknown message",
        )
    return told(record, viewer)


def router() -> Router:
    """Make the routes under /messages."""
    return Router(
        "/messages",
        route_handlers=[send, send_all, listing, export, show],
        dependencies={"criteria": Provide(criteria)},
        tags=["Messages"],
    )
