"""The HTTP door: which paths lead where, and what all of them have in common."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

from litestar import Litestar, Router
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, Reference, SecurityScheme, Tag
from litestar.types import ASGIApp, Message, Scope

from smsc.web import (
    accounts,
    bearer,
    devices,
    explain,
    handsets,
    importing,
    interconnect,
    limits,
    messages,
    outages,
    policies,
    problems,
    webhook_routes,
)
from smsc.web.backup import Copies, backup
from smsc.web.catalogue import Catalogue, Configured
from smsc.web.emnify import dialect as emnify
from smsc.web.events import watch
from smsc.web.export import Exports
from smsc.web.feed import Feed
from smsc.web.health import healthz, readyz
from smsc.web.keeper import Keeper
from smsc.web.metrics import metrics, registry
from smsc.web.openapi import Described
from smsc.web.reference import Page
from smsc.web.repeats import REPEATS, Repeats
from smsc.web.services import Services
from smsc.web.tr50 import door as tr50
from smsc.web.voipnumber import door as voipnumber

__all__ = ["Services", "build"]

_DESCRIPTION: Final = """\
Send messages, see what became of them and why; keep devices and policies; move the simulated
devices.

Everything under `/v1` wants the API token of an account: `Authorization: Bearer TOKEN`.
An answer of 201 means that the message is on the disk, and so does one to a change. Whatever goes
wrong is answered by a problem (RFC 9457): `detail` says what and what to do, `reason` is the same
as a word.

TR50 and VoIP Number are dialects of other platforms: their credentials, answers and errors are
their own.
"""

_SCHEMES: Final[dict[str, SecurityScheme | Reference]] = {
    bearer.NAME: bearer.SCHEME,
    voipnumber.NAME: voipnumber.SCHEME,
}

_TAGS: Final = [
    Tag("Messages", "Messages of applications."),
    Tag("Devices", "The devices there are, and the simulated mobile network they are in."),
    Tag("Policies", "What groups of devices may do."),
    Tag("Webhooks", "URLs that are called with messages and receipts."),
    Tag("Accounts", "The applications there are."),
    Tag("TR50", "The dialect of deviceWISE and KORE: commands in JSON."),
    Tag("VoIP Number", "The dialect of VoIP Number: one SMS a request."),
    Tag("Operation", "For whoever runs the SMSC."),
]


async def _as_it_says(message: Message, scope: Scope) -> None:
    """Have no browser take an answer for anything else than it says: texts are anybody's."""
    if message["type"] == "http.response.start":
        message["headers"] = [*message["headers"], (b"x-content-type-options", b"nosniff")]


def _cors(origins: Sequence[str]) -> CORSConfig | None:
    """Let pages of these origins call the API from a browser, and read all it says."""
    if not origins:
        return None
    return CORSConfig(
        allow_origins=list(origins),
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID"],
        expose_headers=["Location", "RateLimit", "RateLimit-Policy", "Retry-After"],
    )


def build(services: Services) -> ASGIApp:
    """Make the application for these rooms, with those of dialects beside it."""
    tallies = registry(services)
    catalogue = Catalogue(Configured(services.hlr.configured), services.store, services.hlr)
    keeper = Keeper(catalogue, services)
    copies = Copies(services)
    portal = tr50.portal(services, catalogue)
    exports = Exports(services)
    repeats = Repeats(services)
    feed = Feed(services.ledger, services.clock)
    api = Router(
        "/v1",
        route_handlers=[
            messages.router(),
            devices.router(),
            importing.router(),
            handsets.router(),
            outages.router(),
            policies.router(),
            webhook_routes.router(),
            explain.router(),
            watch,
            accounts.router(),
            interconnect.links,
            interconnect.link,
            interconnect.routes,
            interconnect.reload,
            backup,
        ],
        middleware=[bearer.known_to(services)],
        security=[{bearer.NAME: []}],
    )
    app = Litestar(
        [api, healthz, readyz, metrics, *tr50.handlers(), *voipnumber.handlers()],
        dependencies={
            "services": Provide(lambda: services, sync_to_thread=False),
            "catalogue": Provide(lambda: catalogue, sync_to_thread=False),
            "keeper": Provide(lambda: keeper, sync_to_thread=False),
            "portal": Provide(lambda: portal, sync_to_thread=False),
            "exports": Provide(lambda: exports, sync_to_thread=False),
            "copies": Provide(lambda: copies, sync_to_thread=False),
            "feed": Provide(lambda: feed, sync_to_thread=False),
            "registry": Provide(lambda: tallies, sync_to_thread=False),
        },
        plugins=[problems.plugin()],
        openapi_config=OpenAPIConfig(
            title="SMSC",
            version=version("smscentre"),
            description=_DESCRIPTION,
            tags=_TAGS,
            components=Components(security_schemes=_SCHEMES),
            render_plugins=[Page(), Described()],
            use_handler_docstrings=True,
        ),
        before_send=[limits.tell, _as_it_says],
        cors_config=_cors(services.terms.origins),
        state=State({REPEATS: repeats}),
        request_max_body_size=problems.LARGEST_BODY,
        logging_config=None,
    )
    return emnify.Beside(emnify.build(services, catalogue, keeper), app)
