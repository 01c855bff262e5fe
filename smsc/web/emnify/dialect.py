"""The dialect as one application of its own, at the path where its clients look for it."""

from typing import Any, Final, cast

from litestar import Litestar, Router
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.handlers.base import BaseRouteHandler
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from smsc.web.catalogue import Catalogue
from smsc.web.emnify import (
    callbacks,
    connectivity,
    endpoints,
    profiles,
    quotas,
    sims,
    sms,
    switches,
)
from smsc.web.emnify.authenticate import Authority, authenticate
from smsc.web.emnify.callbacks import Stocks
from smsc.web.emnify.calls import Calls
from smsc.web.emnify.errors import HANDLERS
from smsc.web.emnify.gate import Gate
from smsc.web.emnify.location import PREFIX
from smsc.web.emnify.notes import Notes
from smsc.web.emnify.roll import ENDPOINTS, SIMS, Roll
from smsc.web.emnify.rooms import Rooms
from smsc.web.keeper import Keeper
from smsc.web.scopes import check_scope
from smsc.web.services import Services

LARGEST_BODY: Final = 64 * 1024


class Beside:
    """Two applications at one address: the dialect at the paths of its own, another at all others.

    What the other one does to its requests, such as its rules for browsers, doesn't concern these.
    """

    def __init__(self, dialect: ASGIApp, other: ASGIApp) -> None:
        """Put the dialect beside the other one."""
        self._dialect = dialect
        self._other = other

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to whom it is for."""
        path = scope["path"]
        if path == PREFIX or path.startswith(f"{PREFIX}/"):
            inner = cast(Scope, {**scope, "path": path.removeprefix(PREFIX) or "/"})
            await self._dialect(inner, receive, send)
        else:
            await self._other(scope, receive, send)


def build(services: Services, catalogue: Catalogue, keeper: Keeper) -> Gate:
    """Make the application, with its gate."""
    notes, calls = Notes(services), Calls(services.clock)
    authority = Authority(services, notes, calls)
    rooms = Rooms(services, catalogue, keeper, notes)
    given = {
        "rooms": rooms,
        "authority": authority,
        "stocks": Stocks(notes),
        "endpoints": Roll(rooms, ENDPOINTS),
        "sims": Roll(rooms, SIMS),
    }
    app = Litestar(
        [router()],
        dependencies={name: _giving(value) for name, value in given.items()},
        exception_handlers={**HANDLERS},
        openapi_config=None,
        request_max_body_size=LARGEST_BODY,
        logging_config=None,
    )
    return Gate(app, authority, calls)


def router() -> Router:
    """Make all routes of the dialect."""
    rooms = (endpoints, connectivity, sms, quotas, sims, profiles, switches, callbacks)
    guarded = Router("/", route_handlers=[each.router() for each in rooms], guards=[_guard])
    return Router("/", route_handlers=[authenticate, guarded])


def _giving(value: object) -> Provide:
    return Provide(lambda: value, sync_to_thread=False)


async def _guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    check_scope(connection.auth, cast(HTTPScope, connection.scope))
