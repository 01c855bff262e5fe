"""What the user of a simulated device would do, over HTTP: move it, read its inbox, send."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from litestar import Request, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct, field

from smsc.message import wire_id
from smsc.network.device import Received
from smsc.smpp.commands import (
    ESM_TYPE_DEFAULT,
    ESM_TYPE_DELIVERY_ACKNOWLEDGEMENT,
    ESM_TYPE_USER_ACKNOWLEDGEMENT,
)
from smsc.web.answers import TOKEN, Answers, patience
from smsc.web.catalogue import Catalogue
from smsc.web.composing import from_hex
from smsc.web.devices import UNKNOWN, Device, Who, shown
from smsc.web.problems import problem, spec
from smsc.web.record import moment
from smsc.web.repeats import IdempotencyKey, repeats_of
from smsc.web.scopes import OPTION, Scope
from smsc.web.services import Services

_TYPES: Final = {
    None: ESM_TYPE_DEFAULT,
    "delivery": ESM_TYPE_DELIVERY_ACKNOWLEDGEMENT,
    "user": ESM_TYPE_USER_ACKNOWLEDGEMENT,
}


class InboxMessage(Struct, frozen=True):
    """A message as the device has it, joined of its parts."""

    sender: str = field(name="from")
    text: Annotated[str | None, Meta(description="Null if the octets are no text.")]
    hex: Annotated[str, Meta(description="The octets, without user data headers.")]
    tpdus: Annotated[
        list[str], Meta(description="The SMS-DELIVERs it came in; a broadcast comes in none.")
    ]
    data_coding: Annotated[int, Meta(description="TP-DCS; for a broadcast its data_coding.")]
    parts: int
    received_at: datetime
    broadcast: Annotated[bool, Meta(description="Whether it was sent to a whole area.")]


class Inbox(Struct, frozen=True):
    """What a device received."""

    msisdn: str
    received: Annotated[int, Meta(description="How many messages it received in all.")]
    messages: Annotated[list[InboxMessage], Meta(description="The latest, the newest last.")]


class NewDeviceMessage(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A message that the device is to send: `text`, or the octets of `hex`."""

    to: Annotated[str, Meta(description="A short code or number, as dialled.", examples=["1234"])]
    text: Annotated[
        str | None,
        Meta(
            description="The text. Without data_coding, it is written in the smallest alphabet.",
            examples=["hello"],
        ),
    ] = None
    hex: Annotated[
        str | None,
        Meta(description="Octets in hexadecimal, instead of text; binary unless data_coding says."),
    ] = None
    data_coding: (
        Annotated[int, Meta(ge=0, le=255, description="How text is written, or octets read.")]
        | None
    ) = None
    udh: Annotated[
        str, Meta(description="A user data header in hexadecimal, with its length: ports, say.")
    ] = ""
    acknowledges: Annotated[
        Literal["delivery", "user"] | None,
        Meta(description="What it acknowledges: a message that came, or that its user has read."),
    ] = None


class DeviceMessages(Struct, frozen=True):
    """The messages it took: one for each part of the text."""

    ids: Annotated[list[str], Meta(examples=[["0000000001"]])]


@post(
    "/{who:str}/attach",
    operation_id="attach_device",
    summary="Attach a device",
    status_code=200,
    responses=UNKNOWN,
)
async def attach(
    services: NamedDependency[Services], catalogue: NamedDependency[Catalogue], who: Who
) -> Device:
    """Bring a device within reach: what waits for it is delivered. Answered when it is durable."""
    return await _move(services, catalogue, who, services.hlr.attach)


@post(
    "/{who:str}/detach",
    operation_id="detach_device",
    summary="Detach a device",
    status_code=200,
    responses=UNKNOWN,
)
async def detach(
    services: NamedDependency[Services], catalogue: NamedDependency[Catalogue], who: Who
) -> Device:
    """Take a device out of reach: messages for it wait. Answered when it is durable."""
    return await _move(services, catalogue, who, services.hlr.detach)


@get(
    "/{who:str}/inbox",
    operation_id="read_inbox",
    summary="Read a device's inbox",
    responses=UNKNOWN,
)
async def inbox(
    services: NamedDependency[Services], catalogue: NamedDependency[Catalogue], who: Who
) -> Inbox:
    """Show the latest messages of a device; they are in memory, and gone after a restart."""
    number = await catalogue.number(who)
    await catalogue.find(number)
    await services.hlr.read([number])
    inbox = services.cell.inbox(number)
    return Inbox(number, inbox.received, [_received(each) for each in inbox.messages])


@delete(
    "/{who:str}/inbox",
    operation_id="clear_inbox",
    summary="Clear a device's inbox",
    responses=UNKNOWN,
)
async def clear(
    services: NamedDependency[Services], catalogue: NamedDependency[Catalogue], who: Who
) -> None:
    """Remove what a device received, so that its memory is available: what waits is delivered."""
    number = await catalogue.number(who)
    await catalogue.find(number)
    await services.hlr.read([number])
    services.devices.clear(number)


@post(
    "/{who:str}/messages",
    operation_id="send_from_device",
    opt={OPTION: Scope.SEND},
    summary="Have a device send a message",
    responses=UNKNOWN
    | {
        403: spec("Its policy doesn't allow it."),
        409: spec("It is detached, or a request with this Idempotency-Key is under way."),
        422: spec("The message can't be sent as it is; `reason` and `detail` say why."),
        429: spec("Too much at once; try again after Retry-After seconds."),
        503: spec("The store can't write."),
    },
)
async def send(
    services: NamedDependency[Services],
    catalogue: NamedDependency[Catalogue],
    who: Who,
    request: Request[str, Any, Any],
    data: JSONBody[NewDeviceMessage],
    idempotency_key: IdempotencyKey = None,
) -> DeviceMessages:
    """Answer when the message is on the disk, each part of it under an id of its own.

    If some parts were refused, the problem names the `ids` of those that were accepted.
    """
    if (data.text is None) is (data.hex is None):
        raise problem(
            HTTPStatus.UNPROCESSABLE_ENTITY, "a message is either text or hex: give one of them"
        )
    number = await catalogue.number(who)
    await services.hlr.read([number])
    answers = Answers()
    async with repeats_of(request).once(request, idempotency_key, answers) as once:
        if TOKEN in once.known:
            return DeviceMessages([wire_id(each) for each in once.known[TOKEN]])
        once.submitted = services.origin.send(
            number,
            data.to,
            data.text or "",
            once.submitter,
            TOKEN,
            data.data_coding,
            None if data.hex is None else from_hex("hex", data.hex),
            from_hex("udh", data.udh),
            message_type=_TYPES[data.acknowledges],
        )
        return DeviceMessages(await answers.ids(once.submitted, services.clock))


async def _move(
    services: Services, catalogue: Catalogue, who: str, move: Callable[[str], bool]
) -> Device:
    number = await catalogue.number(who)
    await services.hlr.read([number])
    move(number)
    async with patience(services.clock, f"where {number} is after a restart isn't known"):
        await services.ledger.written()
    return shown(await catalogue.find(number))


def _received(message: Received) -> InboxMessage:
    return InboxMessage(
        message.source,
        message.text,
        message.octets.hex(),
        [octets.hex() for octets in message.tpdus],
        message.data_coding,
        message.parts,
        moment(message.at),
        message.broadcast,
    )


def router() -> Router:
    """Make the routes under /devices that are what a user would do."""
    handlers = [attach, detach, inbox, clear, send]
    return Router("/devices", route_handlers=handlers, tags=["Devices"])
