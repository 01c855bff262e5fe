"""Messages that wait, over HTTP: taken back, or others put in their place."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from litestar import Request, delete, patch
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter
from msgspec import Meta, Struct

from smsc.delivery.petition import Cancel, NewText, Petition, Replace, Ruling
from smsc.message import Message
from smsc.smpp.commands import ESM_UDHI
from smsc.store.record import Record
from smsc.web.answers import TOKEN, Hearing
from smsc.web.composing import FINAL_RECEIPT, Moment, times, written
from smsc.web.problems import EVERYWHERE, problem, refusal, spec
from smsc.web.record import MessageRecord, concerns, told
from smsc.web.scopes import OPTION, Scope
from smsc.web.services import Services

_LONGEST_ID: Final = 18

MessageId = Annotated[
    str,
    PathParameter(
        description="The id it was accepted under.",
        schema_extra={"examples": ["0000000001"]},
    ),
]

CHANGED: Final = EVERYWHERE | {
    404: spec("The account has sent no such message."),
    409: spec("It has ended, or is on its way."),
    503: spec("The store can't write: nothing was changed."),
}


class Replacement(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is to be different; what isn't said stays as it is."""

    text: Annotated[str | None, Meta(description="Another text.", examples=["Hello again"])] = None
    hex: Annotated[
        str | None, Meta(description="Octets in hexadecimal, instead of another text.")
    ] = None
    data_coding: (
        Annotated[int, Meta(ge=0, le=255, description="How that is written, or read.")] | None
    ) = None
    receipt: Annotated[bool | None, Meta(description="Whether a receipt is wanted.")] = None
    not_before: Annotated[Moment | None, Meta(description="When it is due.")] = None
    expires_at: Annotated[Moment | None, Meta(description="When it is given up.")] = None
    validity: Annotated[
        str | None,
        Meta(description="For how long it is tried from when it is due.", examples=["15m"]),
    ] = None


@delete(
    "/{message_id:str}",
    operation_id="cancel_message",
    summary="Cancel a message",
    opt={OPTION: Scope.SEND},
    responses=CHANGED,
)
async def cancel(
    request: Request[str, Any, Any], message_id: MessageId, services: NamedDependency[Services]
) -> None:
    """Take back a message that waits: it ends as DELETED. Answered when that is durable."""
    message = await _sent(message_id, viewer_of(request, services), request.user, services)
    await _ask(Cancel(message.account, message.source, message.id), request.user, services)


@patch(
    "/{message_id:str}",
    operation_id="replace_message",
    summary="Replace a message",
    opt={OPTION: Scope.SEND},
    responses=CHANGED | {422: spec("It can't be as it would be then; `detail` says why.")},
)
async def replace(
    request: Request[str, Any, Any],
    message_id: MessageId,
    data: JSONBody[Replacement],
    services: NamedDependency[Services],
) -> MessageRecord:
    """Put another text or other times into a message that waits. Answered when that is durable."""
    viewer = viewer_of(request, services)
    message = await _sent(message_id, viewer, request.user, services)
    due, end = times(data.not_before, data.expires_at, data.validity, services.clock.now())
    receipt = message.registered_delivery
    if data.receipt is not None:
        receipt = FINAL_RECEIPT if data.receipt else 0
    new = Replace(message.account, message.source, message.id, _new_text(data), receipt, due, end)
    await _ask(new, request.user, services)
    return told(await looked_up(message_id, viewer, request.user, services), viewer)


async def _sent(message_id: str, viewer: str | None, account: str, services: Services) -> Message:
    """Return a message that may be changed: what devices send is theirs. Raises a problem."""
    message = (await looked_up(message_id, viewer, account, services)).history.message
    if viewer not in (None, message.account):
        raise unknown(account, message_id)
    return message


def _new_text(data: Replacement) -> NewText:
    """Return what writes the new text behind the header that is there; raises a problem."""
    if data.text is None and data.hex is None and data.data_coding is None:
        return lambda old: (old.payload, old.data_coding)
    octets, data_coding = written(data.text, data.hex, data.data_coding)

    def behind_header(old: Message) -> tuple[bytes, int]:
        header = b""
        if old.esm_class & ESM_UDHI and old.payload:
            header = old.payload[: old.payload[0] + 1]
        return header + octets, data_coding

    return behind_header


async def _ask(petition: Petition, account: str, services: Services) -> None:
    """Hand a petition in; raises a problem if it isn't granted."""
    hearing = Hearing()
    services.amendments.ask(petition, hearing, TOKEN)
    answer = await hearing.answer(services.clock)
    if answer.verdict is not None:
        raise refusal(answer.verdict)
    if answer.ruling is Ruling.UNKNOWN:
        raise unknown(account, str(petition.message_id))
    if answer.ruling is not Ruling.GRANTED:
        raise problem(
            HTTPStatus.CONFLICT,
            f"nothing of message {petition.message_id} waits: it has ended, or is on its way",
            title="Too late",
        )


def viewer_of(request: Request[str, Any, Any], services: Services) -> str | None:
    """Return the account whose messages may be seen, None for those of all."""
    return None if request.user in services.operators else request.user


async def looked_up(
    message_id: str, viewer: str | None, account: str, services: Services
) -> Record:
    """Return all that is kept of a message that may be seen; raises a problem."""
    record = None
    if message_id.isascii() and message_id.isdigit() and len(message_id) <= _LONGEST_ID:
        record = await services.store.record(int(message_id))
    if record is None or not concerns(record.history, viewer):
        raise unknown(account, message_id)
    return record


def unknown(account: str, message_id: str) -> Exception:
    """Make the problem of a message that an account doesn't know."""
    return problem(
        HTTPStatus.NOT_FOUND,
        f"account {account} knows no message {message_id[:40]!r};"
        " ids are as they were answered to the one who sent it",
        title="Unknown message",
    )
