"""/api_callback and /api_secret: URLs for webhooks, and what these are signed with.

They are stock: nothing is called before a service profile names one. Each belongs to the account
that made it, and others don't see it. A secret is never shown again.
"""

import asyncio
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from msgspec import Struct

from smsc.web.emnify.bodies import read
from smsc.web.emnify.errors import BAD_FORMAT, INVALID_REFERENCE, NOT_ALLOWED_NOW, REQUIRED, Wrong
from smsc.web.emnify.ids import Id, organisation_id, whole
from smsc.web.emnify.location import created, url
from smsc.web.emnify.notes import Callback, Notes, Secret
from smsc.web.emnify.rooms import Asked, Rooms
from smsc.web.scopes import OPTION, Scope
from smsc.webhook_table import LONGEST_SECRET, LONGEST_URL, Webhook

MOST: Final = 10_000
LONGEST_PURPOSE: Final = 256
_AT_ONCE: Final = 1000
_DIGITS: Final = 10


class NewCallback(Struct, frozen=True):
    """A URL to be."""

    url: str | None = None
    purpose: str | None = None


class NewSecret(Struct, frozen=True):
    """A secret to be."""

    secret: str | None = None
    purpose: str | None = None


class Stock:
    """Callbacks or secrets, numbered from 1."""

    def __init__(self, notes: Notes, kind: type[Callback] | type[Secret]) -> None:
        """Keep those of this kind in notes."""
        self._notes = notes
        self._kind = kind
        self._last = -1
        self._counting = asyncio.Lock()

    async def add(self, note: Callback | Secret) -> int:
        """Keep another one; return its number when it is durable. Raises Wrong if all are given."""
        async with self._counting:
            last = self._last if self._last >= 0 else await self._highest()
            if last >= MOST:
                raise Wrong(NOT_ALLOWED_NOW, f"there are {MOST} of them already")
            self._last = last + 1
            self._notes.put(key(self._last), note)
            await self._notes.written()
            return self._last

    async def find(self, number: int, account: str) -> Callback | Secret | None:
        """Return one that an account made."""
        if not 0 < number <= MOST:
            return None
        note = await self._notes.find(self._kind, key(number))
        return note if note is not None and note.account == account else None

    async def of(self, account: str) -> dict[int, Callback | Secret]:
        """Return all that an account made."""
        found: dict[int, Callback | Secret] = {}
        after = ""
        while notes := await self._notes.after(self._kind, after, _AT_ONCE):
            found |= {int(each): note for each, note in notes.items() if note.account == account}
            after = max(notes)
        return found

    async def _highest(self) -> int:
        highest, after = 0, ""
        while notes := await self._notes.after(self._kind, after, _AT_ONCE):
            after = max(notes)
            highest = int(after)
        return highest


def key(number: int) -> str:
    """Return the key of a note: keys are in the order of numbers."""
    return f"{number:0{_DIGITS}d}"


class Stocks:
    """Both of them."""

    def __init__(self, notes: Notes) -> None:
        """Keep them in notes."""
        self.callbacks = Stock(notes, Callback)
        self.secrets = Stock(notes, Secret)


@post("/api_callback", status_code=HTTPStatus.CREATED, opt={OPTION: Scope.SEND})
async def add_callback(
    request: Asked, rooms: NamedDependency[Rooms], stocks: NamedDependency[Stocks]
) -> Response[bytes]:
    """Keep a URL."""
    given = await read(request, NewCallback)
    if not given.url:
        raise Wrong(REQUIRED, "ApiCallback - url is required")
    check_url(rooms, given.url[: LONGEST_URL + 1], request.user)
    note = Callback(request.user, given.url, _purpose(given.purpose))
    number = await stocks.callbacks.add(note)
    return created(url(request, "api_callback", number))


@get("/api_callback")
async def list_callbacks(request: Asked, stocks: NamedDependency[Stocks]) -> list[dict[str, Any]]:
    """List the account's URLs."""
    found = await stocks.callbacks.of(request.user)
    return [shown(number, note) for number, note in found.items()]


@get("/api_callback/{callback_id:str}")
async def show_callback(
    request: Asked, stocks: NamedDependency[Stocks], callback_id: Id
) -> dict[str, Any]:
    """Show a URL."""
    number = whole(callback_id)
    return shown(number, await wanted(stocks.callbacks, number, request.user, "ApiCallback"))


@post("/api_secret", status_code=HTTPStatus.CREATED, opt={OPTION: Scope.SEND})
async def add_secret(request: Asked, stocks: NamedDependency[Stocks]) -> Response[bytes]:
    """Keep a secret."""
    given = await read(request, NewSecret)
    if not given.secret:
        raise Wrong(REQUIRED, "ApiSecret - secret is required")
    if len(given.secret) > LONGEST_SECRET:
        raise Wrong(BAD_FORMAT, f"secret: write up to {LONGEST_SECRET} characters")
    number = await stocks.secrets.add(Secret(request.user, given.secret, _purpose(given.purpose)))
    return created(url(request, "api_secret", number))


@get("/api_secret")
async def list_secrets(request: Asked, stocks: NamedDependency[Stocks]) -> list[dict[str, Any]]:
    """List the account's secrets, but for what they are."""
    found = await stocks.secrets.of(request.user)
    return [shown(number, note) for number, note in found.items()]


@get("/api_secret/{secret_id:str}")
async def show_secret(
    request: Asked, stocks: NamedDependency[Stocks], secret_id: Id
) -> dict[str, Any]:
    """Show a secret, but for what it is."""
    number = whole(secret_id)
    return shown(number, await wanted(stocks.secrets, number, request.user, "ApiSecret"))


async def wanted(stock: Stock, number: int, account: str, what: str) -> Callback | Secret:
    """Return one of an account's; raises Wrong."""
    note = await stock.find(number, account)
    if note is None:
        raise Wrong(INVALID_REFERENCE, f"{what} with Id '{number}' not found.")
    return note


def shown(number: int, note: Callback | Secret) -> dict[str, Any]:
    """Show a callback or secret; nothing is shown of what the latter is."""
    told: dict[str, Any] = {
        "id": number,
        "purpose": note.purpose,
        "organisation_id": organisation_id(note.account),
    }
    return {**told, "url": note.url} if isinstance(note, Callback) else told


def check_url(rooms: Rooms, wanted: str, account: str) -> None:
    """Raise ConfigError, in words, for a URL that no webhook may have."""
    rooms.services.webhooks.check(hook_text(rooms, "emnify-0", wanted, account, ()), "emnify-0")


def hook_text(rooms: Rooms, name: str, url: str, account: str, secrets: tuple[str, ...]) -> bytes:
    """Return a webhook as a JSON object. One of an operator may lead to where nobody else may."""
    hook = Webhook(
        name=name,
        url=url,
        shape="emnify",
        secrets=secrets,
        allow_private=account in rooms.services.operators,
    )
    keys = {each: getattr(hook, each) for each in ("url", "shape", "secrets", "allow_private")}
    return msgspec.json.encode(keys)


def _purpose(text: str | None) -> str:
    if text is not None and len(text) > LONGEST_PURPOSE:
        raise Wrong(BAD_FORMAT, f"purpose: write up to {LONGEST_PURPOSE} characters")
    return text or ""


def router() -> Router:
    """Make the routes of callbacks and secrets."""
    handlers = [add_callback, list_callbacks, show_callback, add_secret, list_secrets, show_secret]
    return Router("/", route_handlers=handlers)
