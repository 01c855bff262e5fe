"""Devices over HTTP: which there are, and making, changing and removing those of the store."""

from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Response, Router, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import UNSET, Meta, Struct, UnsetType

from smsc.network.waiting import flags
from smsc.subscriber import Identity
from smsc.web.catalogue import Catalogue, Known
from smsc.web.description import DeviceChange, NewDevice, duration, overrides
from smsc.web.keeper import Keeper
from smsc.web.problems import EVERYWHERE, LONGEST_PAGE, problem, spec
from smsc.web.services import Services

UNKNOWN: Final = EVERYWHERE | {404: spec("There is no such device.")}
CHANGES: Final = {
    409: spec(
        "The device is of the configuration file, another one has such an identity, or devices"
        " are being imported; `detail` says which."
    ),
    422: spec("The device can't be so; `detail` says why."),
    503: spec("The store can't write."),
}

Who = Annotated[
    str,
    PathParameter(
        description="The device's number, or another identity of it: `imsi:262010000000001`,"
        " and so on with iccid, imei, esn, meid, name, thing_key, id.",
    ),
]


class Device(Struct, frozen=True):
    """A device, and whether it can be reached; it isn't known by what is empty."""

    msisdn: Annotated[str, Meta(examples=["491700000001"])]
    attached: bool
    policy: Annotated[str, Meta(description="The policy that says what it may do.")]
    iccid: str
    imsi: str
    imei: str
    esn: str
    meid: str
    name: str
    thing_key: str
    id: str
    link: Annotated[str, Meta(description="The one link over which its messages leave, if any.")]
    overrides: Annotated[
        dict[str, Any],
        Meta(description="Keys of its policy that are different for it.", examples=[{"mo": False}]),
    ]
    latency: Annotated[
        str, Meta(description="How long an attempt to deliver takes.", examples=["500ms"])
    ]
    error: Annotated[int, Meta(description="The cause with which every delivery fails, or 0.")]
    permanent: Annotated[bool, Meta(description="Whether that ends a message at once.")]
    memory: Annotated[int, Meta(description="How many messages it holds; 0 for any number.")]
    nb_iot: Annotated[bool, Meta(description="Whether it is attached over NB-IoT only.")]
    defined_in: Annotated[
        Literal["config", "store", "population"],
        Meta(description="Where it is written down; only what is in the store can be removed."),
    ]


class WatchedDevice(Device, frozen=True):
    """A device, and whether messages wait for it (3GPP TS 23.040, 3.2.7)."""

    outage: Annotated[
        bool, Meta(description="Whether there is an outage where it is: it can't be reached.")
    ]
    messages_waiting: Annotated[
        bool, Meta(description="Whether messages wait, or somebody who is to be alerted.")
    ]
    mnrf: Annotated[bool, Meta(description="They wait until it can be reached.")]
    mcef: Annotated[bool, Meta(description="They wait until it has memory available.")]


class Population(Struct, frozen=True):
    """Devices by the pattern of their numbers, as they are until something happens to one."""

    pattern: Annotated[str, Meta(description="`#` is any digit.", examples=["4471########"])]
    attached: bool
    policy: str


class DevicePage(Struct, frozen=True):
    """Some of the devices, in the order of their numbers as text."""

    devices: Annotated[
        list[Device],
        Meta(description="Those of config and store, and those of populations that were moved."),
    ]
    populations: list[Population]
    next: Annotated[
        str | None, Meta(description="What to ask for `after` to see more; null at the end.")
    ]


class Replacement(DeviceChange, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A device to be; what isn't said has its default."""

    msisdn: Annotated[
        str | UnsetType, Meta(description="Its number, as in the path if it is given.")
    ] = UNSET


@get("/", operation_id="list_devices", summary="List devices", responses=EVERYWHERE)
async def listing(
    services: NamedDependency[Services],
    catalogue: NamedDependency[Catalogue],
    after: Annotated[str, QueryParameter(description="Show numbers that follow this one.")] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=LONGEST_PAGE, description="How many.")] = 100,
) -> DevicePage:
    """Show a page of the devices, and all populations."""
    page = await catalogue.listing(after, limit)
    return DevicePage(
        [shown(known) for known in page.devices],
        [
            Population(pattern, each.attached, each.policy)
            for pattern, each in services.hlr.populations
        ],
        page.next,
    )


@get("/{who:str}", operation_id="show_device", summary="Show a device", responses=UNKNOWN)
async def show(
    services: NamedDependency[Services], catalogue: NamedDependency[Catalogue], who: Who
) -> WatchedDevice:
    """Show one device, also one of a population, and whether messages wait for it."""
    number = await catalogue.number(who)
    device = shown(await catalogue.find(number))
    hlr, now = services.hlr, services.clock.now()
    waiting, mnrf, mcef = await flags(number, hlr, services.devices, services.store, now)
    return WatchedDevice(
        **msgspec.structs.asdict(device),
        outage=hlr.outages.have(number),
        messages_waiting=waiting,
        mnrf=mnrf,
        mcef=mcef,
    )


@post(
    "/",
    operation_id="create_device",
    summary="Make a device",
    responses=EVERYWHERE | CHANGES,
)
async def create(keeper: NamedDependency[Keeper], data: JSONBody[NewDevice]) -> Response[Device]:
    """Make a device that isn't there yet. Answered when it is durable.

    A number that falls under a population may have a device of its own.
    """
    known = await keeper.create(data.msisdn, data)
    return Response(shown(known), headers={"Location": f"/v1/devices/{known.device.number}"})


@put(
    "/{who:str}",
    operation_id="replace_device",
    summary="Replace a device",
    responses=EVERYWHERE
    | CHANGES
    | {
        201: ResponseSpec(Device, description="It wasn't there.", generate_examples=False),
        404: spec("No device has this identity; only by its number can one be made."),
    },
)
async def replace(
    catalogue: NamedDependency[Catalogue],
    keeper: NamedDependency[Keeper],
    who: Who,
    data: JSONBody[Replacement],
) -> Response[Device]:
    """Have a device be as it is described, whatever there was before, but for its `id`.

    Answered when it is durable.
    """
    number = await catalogue.number(who)
    if data.msisdn not in (UNSET, number):
        raise problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"the path is of device {number[:40]}, the body of another; leave msisdn out, for a"
            " device keeps its number",
        )
    known, existed = await keeper.replace(number, data)
    status = HTTPStatus.OK if existed else HTTPStatus.CREATED
    return Response(shown(known), status_code=status)


@patch(
    "/{who:str}",
    operation_id="change_device",
    summary="Change a device",
    responses=UNKNOWN | CHANGES,
)
async def change(
    catalogue: NamedDependency[Catalogue],
    keeper: NamedDependency[Keeper],
    who: Who,
    data: JSONBody[DeviceChange],
) -> Device:
    """Change what is given, and leave the rest (RFC 7396). Answered when it is durable.

    null puts a member back to its default, and so does null for a key of `overrides`. A device of
    a population gets a row of its own by this.
    """
    number = await catalogue.number(who)
    return shown(await keeper.change(number, data))


@delete(
    "/{who:str}",
    operation_id="delete_device",
    summary="Remove a device",
    responses=UNKNOWN | {409: CHANGES[409], 503: CHANGES[503]},
)
async def remove(
    catalogue: NamedDependency[Catalogue], keeper: NamedDependency[Keeper], who: Who
) -> None:
    """Remove a device from the store; answered when that is durable.

    What waits for it stays until it expires. A number that falls under a population is one of its
    devices again.
    """
    await keeper.remove(await catalogue.number(who))


def shown(known: Known) -> Device:
    """Describe a device as answers do."""
    device = known.device
    return Device(
        msisdn=device.number,
        attached=device.attached,
        policy=device.policy,
        **{kind.value: device.identities.get(kind, "") for kind in Identity},
        link=device.link,
        overrides=overrides(device.overrides),
        latency=duration(device.latency_ms),
        error=device.error,
        permanent=device.permanent,
        memory=device.memory,
        nb_iot=device.nb_iot,
        defined_in=known.where,
    )


def router() -> Router:
    """Make the routes under /devices that are about what there is."""
    handlers = [listing, show, create, replace, change, remove]
    return Router("/devices", route_handlers=handlers, tags=["Devices"])
