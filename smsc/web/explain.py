"""Why over HTTP: the verdict that a message would get, step by step, without sending it."""

from http import HTTPStatus
from typing import Annotated, Any

from litestar import Request, Router, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct, field

from smsc.delivery.submission import Submission
from smsc.message import Address
from smsc.mistake import nearest
from smsc.network.origin import address_of
from smsc.web.composing import written
from smsc.web.problems import EVERYWHERE, problem, spec
from smsc.web.scopes import OPTION, Scope
from smsc.web.services import Services
from smsc_routing.number import MalformedNumber, normalise
from smsc_routing.traffic import Party


class Wondering(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A message that isn't sent: who would send it, to whom, and what."""

    sender: Annotated[
        str | None,
        Meta(
            description="The number of a device, which would send it then; or a number or name of"
            " the account's. Without one, the account's first address.",
            examples=["491700000001"],
        ),
    ] = field(name="from", default=None)
    to: Annotated[str, Meta(description="The recipient's number.", examples=["1234"])]
    text: Annotated[str | None, Meta(description="The text; rules may look at it.")] = None
    hex: Annotated[
        str | None, Meta(description="Octets in hexadecimal, instead of text; they are binary.")
    ] = None
    account: Annotated[
        str | None,
        Meta(description="The account that would send it; without one, a device, or the token's."),
    ] = None
    link: Annotated[
        str, Meta(description="The link that would be asked for, if the message leaves.")
    ] = ""


class Step(Struct, frozen=True):
    """One rule that was asked."""

    rule: str
    passed: bool
    why: str


class Explanation(Struct, frozen=True):
    """The verdict, and how it came about."""

    accepted: bool
    reason: Annotated[str, Meta(description="Why it would be refused, as a word; or `accepted`.")]
    detail: Annotated[str, Meta(description="The same for people; empty if it is accepted.")]
    traffic: Annotated[
        str | None, Meta(description="The class of the message; null if it has none.")
    ] = field(name="class")
    account: Annotated[
        str | None, Meta(description="The account that would send it; null for a device.")
    ]
    retry_after: Annotated[
        int | None, Meta(description="In how many seconds it would pass, if that is known.")
    ]
    steps: Annotated[list[Step], Meta(description="In order; the last is the one that refuses.")]


@post(
    "/explain",
    operation_id="explain",
    opt={OPTION: Scope.READ},
    summary="Explain a verdict",
    status_code=HTTPStatus.OK,
    responses=EVERYWHERE
    | {
        422: spec("The text can't be written, or there is no such account."),
        503: spec("The store can't be read."),
    },
    tags=["Policies"],
)
async def explain(
    request: Request[str, None, Any],
    data: JSONBody[Wondering],
    services: NamedDependency[Services],
) -> Explanation:
    """Show step by step what would become of a message; nothing is sent, charged or counted.

    If `from` is the number of a device and no `account` is given, the device would send it.
    """
    account = await _account(services, data, request.user)
    octets, data_coding = written(data.text or ("" if data.hex is None else None), data.hex)
    submission = Submission(
        Party.DEVICE if account is None else Party.APPLICATION,
        account or "",
        address_of(data.sender) if data.sender else Address(0, 0, ""),
        address_of(data.to),
        octets,
        data_coding,
        link=data.link,
    )
    verdict, steps = await services.intake.explain(submission)
    return Explanation(
        verdict.accepted,
        verdict.reason.value,
        verdict.detail,
        verdict.traffic.value if verdict.traffic is not None else None,
        account,
        -(-verdict.retry_after_ms // 1000) or None,
        [Step(*step) for step in steps],
    )


async def _account(services: Services, data: Wondering, own: str) -> str | None:
    """Return the account that would send, None for a device; raises a problem."""
    if data.account is not None:
        if data.account not in services.accounts:
            raise problem(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                f"no such account{nearest(data.account, set(services.accounts))}",
            )
        return data.account
    try:
        number = normalise(0, data.sender or "")
    except MalformedNumber:
        return own
    await services.hlr.read([number])
    return own if services.hlr.find(number) is None else None


def router() -> Router:
    """Make the route that explains."""
    return Router("/", route_handlers=[explain])
