"""Simulated devices over HTTP: list and move them, read their inboxes, have them send."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final, Literal

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import Meta, Struct, field

from smsc import subscriber
from smsc.network.device import Received
from smsc.network.hlr import UnknownDevice
from smsc.smpp.commands import (
    ESM_TYPE_DEFAULT,
    ESM_TYPE_DELIVERY_ACKNOWLEDGEMENT,
    ESM_TYPE_USER_ACKNOWLEDGEMENT,
)
from smsc.subscriber import Identity
from smsc.web.answers import TOKEN, Answers, patience
from smsc.web.messages import from_hex, moment
from smsc.web.problems import EVERYWHERE, problem, spec
from smsc.web.services import Services

LONGEST_PAGE: Final = 1000
_CARDS: Final = (Identity.ICCID, Identity.IMSI, Identity.IMEI)
_TYPES: Final = {
    None: ESM_TYPE_DEFAULT,
    "delivery": ESM_TYPE_DELIVERY_ACKNOWLEDGEMENT,
    "user": ESM_TYPE_USER_ACKNOWLEDGEMENT,
}
_UNKNOWN: Final = EVERYWHERE | {404: spec("No device has this number.")}

Msisdn = Annotated[str, PathParameter(description="The device's number: digits, without +.")]


class Device(Struct, frozen=True):
    """A device, and whether it can be reached."""

    msisdn: Annotated[str, Meta(examples=["491700000001"])]
    attached: bool
    policy: Annotated[str, Meta(description="The policy that says what it may do.")]
    iccid: str
    imsi: str
    imei: str


class Population(Struct, frozen=True):
    """Devices by the pattern of their numbers, as they are until something happens to one."""

    pattern: Annotated[str, Meta(description="`#` is any digit.", examples=["4471########"])]
    attached: bool
    policy: str


class DevicePage(Struct, frozen=True):
    """Some of the devices, in the order of their numbers as text."""

    devices: Annotated[
        list[Device],
        Meta(description="Those of the config, and those of populations that were moved."),
    ]
    populations: list[Population]
    next: Annotated[
        str | None, Meta(description="What to ask for `after` to see more; null at the end.")
    ]


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


@get("/", operation_id="list_devices", summary="List devices", responses=EVERYWHERE)
async def listing(
    services: NamedDependency[Services],
    after: Annotated[str, QueryParameter(description="Show numbers that follow this one.")] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=LONGEST_PAGE, description="How many.")] = 100,
) -> DevicePage:
    """Show a page of the devices, and all populations."""
    page = await services.hlr.listing(after, limit)
    return DevicePage(
        [_device(each) for each in page.devices],
        [
            Population(pattern, each.attached, each.policy)
            for pattern, each in services.hlr.populations
        ],
        page.next,
    )


@get("/{msisdn:str}", operation_id="show_device", summary="Show a device", responses=_UNKNOWN)
async def show(services: NamedDependency[Services], msisdn: Msisdn) -> Device:
    """Show one device, also one of a population."""
    return _device(await services.hlr.device(msisdn))


@post(
    "/{msisdn:str}/attach",
    operation_id="attach_device",
    summary="Attach a device",
    status_code=200,
    responses=_UNKNOWN,
)
async def attach(services: NamedDependency[Services], msisdn: Msisdn) -> Device:
    """Bring a device within reach: what waits for it is delivered. Answered when it is durable."""
    return await _move(services, msisdn, services.hlr.attach)


@post(
    "/{msisdn:str}/detach",
    operation_id="detach_device",
    summary="Detach a device",
    status_code=200,
    responses=_UNKNOWN,
)
async def detach(services: NamedDependency[Services], msisdn: Msisdn) -> Device:
    """Take a device out of reach: messages for it wait. Answered when it is durable."""
    return await _move(services, msisdn, services.hlr.detach)


@get(
    "/{msisdn:str}/inbox",
    operation_id="read_inbox",
    summary="Read a device's inbox",
    responses=_UNKNOWN,
)
async def inbox(services: NamedDependency[Services], msisdn: Msisdn) -> Inbox:
    """Show the latest messages of a device; they are in memory, and gone after a restart."""
    await services.hlr.read([msisdn])
    if services.hlr.find(msisdn) is None:
        raise UnknownDevice(msisdn)
    inbox = services.cell.inbox(msisdn)
    return Inbox(msisdn, inbox.received, [_received(each) for each in inbox.messages])


@post(
    "/{msisdn:str}/messages",
    operation_id="send_from_device",
    summary="Have a device send a message",
    responses=_UNKNOWN
    | {
        403: spec("Its policy doesn't allow it."),
        409: spec("It is detached."),
        422: spec("The message can't be sent as it is; `reason` and `detail` say why."),
        429: spec("Too much at once; try again after Retry-After seconds."),
        503: spec("The store can't write."),
    },
)
async def send(
    services: NamedDependency[Services], msisdn: Msisdn, data: JSONBody[NewDeviceMessage]
) -> DeviceMessages:
    """Answer when the message is on the disk, each part of it under an id of its own.

    If some parts were refused, the problem names the `ids` of those that were accepted.
    """
    if (data.text is None) is (data.hex is None):
        raise problem(
            HTTPStatus.UNPROCESSABLE_ENTITY, "a message is either text or hex: give one of them"
        )
    await services.hlr.read([msisdn])
    answers = Answers()
    count = services.origin.send(
        msisdn,
        data.to,
        data.text or "",
        answers,
        TOKEN,
        data.data_coding,
        None if data.hex is None else from_hex("hex", data.hex),
        from_hex("udh", data.udh),
        message_type=_TYPES[data.acknowledges],
    )
    return DeviceMessages(await answers.ids(count, services.clock))


async def _move(services: Services, msisdn: str, move: Callable[[str], bool]) -> Device:
    await services.hlr.read([msisdn])
    move(msisdn)
    async with patience(services.clock, f"where {msisdn} is after a restart isn't known"):
        await services.ledger.written()
    return _device(await services.hlr.device(msisdn))


def _device(device: subscriber.Device) -> Device:
    cards = (device.identities.get(each, "") for each in _CARDS)
    return Device(device.number, device.attached, device.policy, *cards)


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
    """Make the routes under /devices."""
    handlers = [listing, show, attach, detach, inbox, send]
    return Router("/devices", route_handlers=handlers, tags=["Devices"])
