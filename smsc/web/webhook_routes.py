"""Webhooks over HTTP: those of the config are shown, those of the store are changed too.

An account sees and changes its own; one that runs the SMSC all of them, also those that no account
has, and it alone may have private addresses called. Secrets are taken and never shown.
"""

from datetime import datetime
from heapq import nsmallest
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, Response, Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg, PathParameter, QueryParameter
from msgspec import Meta, Struct

from smsc.message import wire_id
from smsc.store.store import Start
from smsc.web.answers import patience
from smsc.web.problems import EVERYWHERE, LONGEST_PAGE, check_store, problem, spec
from smsc.web.record import moment
from smsc.web.scopes import OPTION, Scope
from smsc.web.services import Services
from smsc.web.webhooks.line import CallMade
from smsc.webhook_table import Webhook as Table
from smsc.webhooks import UnknownWebhook, queue_of, text_of

MOST_WAITING: Final = 100
"""Waiting messages that are counted."""

_EXAMPLE: Final = {"url": "https://example.com/sms", "account": "fleet"}
_UNKNOWN: Final = EVERYWHERE | {404: spec("The account has no such webhook.")}
_CHANGES: Final = {
    403: spec("Only an account that runs the SMSC may do this."),
    409: spec("It is of the configuration file, has another's name, or a policy names it."),
    503: spec("The store can't write."),
}

Name = Annotated[str, PathParameter(description="The name of the webhook.")]
Keys = dict[str, Any]
Asked = Request[str, None, Any]


class Webhook(Struct, frozen=True):
    """A webhook, and whether it is called."""

    name: str
    defined_in: Annotated[
        Literal["config", "store"],
        Meta(description="Where it is written down; what is in the store can be changed."),
    ]
    keys: Annotated[
        Keys,
        Meta(description="What it says, but for secrets; the rest has its default."),
    ]
    secrets: Annotated[int, Meta(description="How many secrets it has.")]
    state: Annotated[
        Literal["enabled", "resting", "disabled"],
        Meta(
            description="Whether it is called: a resting one will be soon, after calls that failed;"
            " a disabled one, whose receiver answered 410, when it is enabled."
        ),
    ]


class WebhookCall(Struct, frozen=True):
    """A call that was made."""

    at: datetime
    message: Annotated[str, Meta(description="The id of the message or receipt it told of.")]
    method: str
    status: Annotated[
        int, Meta(description="The HTTP status; below 100 there was none, and `words` says why.")
    ]
    words: str
    took_ms: int


class WebhookStatus(Webhook, frozen=True):
    """A webhook, and how its calls went."""

    waiting: Annotated[
        int, Meta(description=f"How many messages wait in the store; {MOST_WAITING} or more if so.")
    ]
    under_way: Annotated[int, Meta(description="How many calls are under way.")]
    calls: Annotated[list[WebhookCall], Meta(description="The latest calls, the latest first.")]


class WebhookList(Struct, frozen=True):
    """Some of the webhooks, in the order of their names."""

    webhooks: list[Webhook]
    next: Annotated[
        str | None, Meta(description="What to ask for `after` to see more; null at the end.")
    ]


@get("/", operation_id="list_webhooks", summary="List webhooks", responses=EVERYWHERE)
async def listing(
    request: Asked,
    services: NamedDependency[Services],
    after: Annotated[str, QueryParameter(description="Show names that follow this one.")] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=LONGEST_PAGE, description="How many.")] = 100,
) -> WebhookList:
    """Show a page of the account's webhooks."""
    seen = (hook for hook in services.webhooks if _sees(services, request.user, hook))
    names = nsmallest(limit + 1, (hook.name for hook in seen if hook.name > after))
    return WebhookList(
        [_shown(services, services.webhooks.known(name)) for name in names[:limit]],
        names[limit - 1] if len(names) > limit else None,
    )


@get("/{name:str}", operation_id="show_webhook", summary="Show a webhook", responses=_UNKNOWN)
async def show(request: Asked, services: NamedDependency[Services], name: Name) -> WebhookStatus:
    """Show one webhook, and its latest calls."""
    hook = _own(services, request.user, name)
    (places,) = await services.store.lines([Start(queue_of(hook))], MOST_WAITING)
    agent = services.webhook_agent
    shown = _shown(services, hook)
    return WebhookStatus(
        shown.name,
        shown.defined_in,
        shown.keys,
        shown.secrets,
        shown.state,
        len(places),
        agent.under_way(name),
        [_call(call) for call in agent.calls(name)],
    )


@put(
    "/{name:str}",
    operation_id="put_webhook",
    opt={OPTION: Scope.SEND},
    summary="Make or replace a webhook",
    responses=EVERYWHERE
    | _CHANGES
    | {
        201: ResponseSpec(Webhook, description="It wasn't there.", generate_examples=False),
        422: spec("A key or a value is wrong; `detail` says which, as `smsc check` would."),
    },
)
async def replace(
    request: Asked,
    services: NamedDependency[Services],
    name: Name,
    data: Annotated[
        Keys,
        BodyKwarg(
            description="The keys of `[[webhooks]]`, written as in a configuration.",
            examples=[Example(value=_EXAMPLE)],
        ),
    ],
) -> Response[Webhook]:
    """Have a webhook be as it is described, and be called. Answered when that is durable.

    What isn't said has its default, but for `secrets`, which stay as they were.
    """
    check_store(services.ledger)
    was = services.webhooks.find(name)
    if was is not None and not _sees(services, request.user, was):
        raise problem(HTTPStatus.CONFLICT, "another webhook goes by this name; choose another")
    _check_rights(services, request.user, data)
    services.webhooks.put(services.webhooks.check(msgspec.json.encode(data), name))
    await _written(services, name)
    status = HTTPStatus.OK if was is not None else HTTPStatus.CREATED
    return Response(_shown(services, services.webhooks.known(name)), status_code=status)


@delete(
    "/{name:str}",
    operation_id="delete_webhook",
    opt={OPTION: Scope.SEND},
    summary="Remove a webhook",
    responses=_UNKNOWN | _CHANGES,
)
async def remove(request: Asked, services: NamedDependency[Services], name: Name) -> None:
    """Remove a webhook from the store; what waits for it stays there until it expires."""
    check_store(services.ledger)
    _own(services, request.user, name)
    naming = next((each.name for each in services.policies if each.deliver_to == name), None)
    if naming is not None:
        raise problem(
            HTTPStatus.CONFLICT,
            f"policy {naming!r} delivers to it; have that deliver elsewhere first",
        )
    services.webhooks.remove(name)
    await _written(services, name)


@post(
    "/{name:str}/enable",
    operation_id="enable_webhook",
    opt={OPTION: Scope.SEND},
    summary="Have a webhook called again",
    status_code=HTTPStatus.OK,
    responses=_UNKNOWN | _CHANGES,
)
async def enable(request: Asked, services: NamedDependency[Services], name: Name) -> Webhook:
    """Call a webhook again, at once, whether it was disabled or rests."""
    check_store(services.ledger)
    hook = _own(services, request.user, name)
    services.webhooks.enable(name)
    await _written(services, name)
    return _shown(services, hook)


def _sees(services: Services, account: str, hook: Table) -> bool:
    return account == hook.account or account in services.operators


def _own(services: Services, account: str, name: str) -> Table:
    """Return a webhook that an account may see; raises UnknownWebhook."""
    hook = services.webhooks.known(name)
    if not _sees(services, account, hook):
        raise UnknownWebhook(name)
    return hook


def _check_rights(services: Services, account: str, data: Keys) -> None:
    """Raise a problem for what only one who runs the SMSC may ask for."""
    if account in services.operators:
        return
    if data.setdefault("account", account) != account:
        raise problem(HTTPStatus.FORBIDDEN, f"this token is for webhooks of account {account}")
    if data.get("allow_private"):
        raise problem(
            HTTPStatus.FORBIDDEN, "only an account with operator = true may set allow_private"
        )


async def _written(services: Services, name: str) -> None:
    services.ledger.page.webhooks[name] = services.webhooks.written(name)
    async with patience(
        services.clock, f"whether webhook {name[:64]} outlives a restart isn't known"
    ):
        await services.ledger.written()


def _shown(services: Services, hook: Table) -> Webhook:
    keys = msgspec.json.decode(text_of(hook), type=Keys)
    for key in ("name", "secrets"):
        keys.pop(key, None)
    state: Literal["enabled", "resting", "disabled"] = "enabled"
    if not services.webhooks.enabled(hook.name):
        state = "disabled"
    elif services.webhook_agent.resting(hook.name):
        state = "resting"
    defined_in: Literal["config", "store"] = "store"
    if services.webhooks.of_file(hook.name):
        defined_in = "config"
    return Webhook(hook.name, defined_in, keys, len(hook.secrets), state)


def _call(call: CallMade) -> WebhookCall:
    return WebhookCall(
        moment(call.at),
        wire_id(call.message_id),
        call.method,
        call.status,
        call.words,
        call.took_ms,
    )


def router() -> Router:
    """Make the routes under /webhooks."""
    handlers = [listing, show, replace, remove, enable]
    return Router("/webhooks", route_handlers=handlers, tags=["Webhooks"])
