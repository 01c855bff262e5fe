"""What is kept for this dialect of things that nobody else knows of them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final, TypeVar

import msgspec
from msgspec import Struct

from smsc.web.answers import patience
from smsc.web.problems import check_store
from smsc.web.services import Services

N = TypeVar("N", bound="Struct")


class Quota(Struct, frozen=True, omit_defaults=True):
    """The quota of an endpoint: so many messages a month, until it expires (ms since the epoch)."""

    volume: int
    expires_at: int
    threshold_percentage: float = 0
    auto_refill: int = 0


class Endpoint(Struct, frozen=True, omit_defaults=True):
    """What an endpoint has besides its device; times are milliseconds since the epoch."""

    tags: str = ""
    disabled: bool = False
    suspended: bool = False
    """Whether its SIM is."""
    released: bool = False
    """Whether it has no SIM."""
    imei_lock: bool = False
    created: int = 0
    last_updated: int = 0
    quota: Quota | None = None

    @property
    def off(self) -> bool:
        """Whether it is kept out of the network."""
        return self.disabled or self.suspended or self.released


class Profile(Struct, frozen=True, omit_defaults=True):
    """What a service profile has besides its policy."""

    description: str = ""
    api_callback: int | None = None
    api_secret: int | None = None
    apply_sms_quota: bool = False
    mo: bool = True
    mt: bool = True
    """Services that are on for endpoints with a quota, while one is needed."""


class Callback(Struct, frozen=True):
    """A URL for webhooks; `account` made it."""

    account: str
    url: str
    purpose: str = ""


class Secret(Struct, frozen=True):
    """What webhooks are signed with; `account` made it."""

    account: str
    secret: str
    purpose: str = ""


_KINDS: Final[dict[type[Struct], str]] = {
    Endpoint: "emnify endpoint",
    Profile: "emnify profile",
    Callback: "emnify callback",
    Secret: "emnify secret",
}
_SIGNING: Final = ("emnify", "signing secret")


class Notes:
    """Reads notes, and writes them on the ledger's page."""

    def __init__(self, services: Services) -> None:
        """Keep them in the store of these rooms."""
        self._store = services.store
        self._ledger = services.ledger
        self._clock = services.clock
        self._turn = asyncio.Lock()

    async def find(self, kind: type[N], key: str) -> N | None:
        """Read a note; None if there is none."""
        return (await self.found(kind, [key])).get(key)

    async def found(self, kind: type[N], keys: Sequence[str]) -> dict[str, N]:
        """Read notes by key."""
        texts = await self._store.notes(_KINDS[kind], keys)
        return {key: msgspec.json.decode(text, type=kind) for key, text in texts.items()}

    async def after(self, kind: type[N], key: str, limit: int) -> dict[str, N]:
        """Read the notes whose keys follow one."""
        texts = await self._store.notes_after(_KINDS[kind], key, limit)
        return {key: msgspec.json.decode(text, type=kind) for key, text in texts.items()}

    async def endpoint(self, number: str) -> Endpoint:
        """Read the note on a device."""
        return await self.find(Endpoint, number) or Endpoint()

    async def profile(self, name: str) -> Profile:
        """Read the note on a policy."""
        return await self.find(Profile, name) or Profile()

    def put(self, key: str, note: Struct) -> None:
        """Write a note; it is there to be read when it is durable (`written`)."""
        self._ledger.page.notes[_KINDS[type(note)], key] = msgspec.json.encode(note)

    def remove(self, kind: type[Struct], key: str) -> None:
        """Remove a note, if there is one."""
        self._ledger.page.notes[_KINDS[kind], key] = None

    async def written(self) -> None:
        """Wait until all that was put is durable; raises a problem if that takes too long."""
        async with patience(self._clock, "whether anything was changed isn't known"):
            await self._ledger.written()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Have nobody else write a note for as long as the block takes; raises a problem."""
        async with patience(self._clock, "whether anything was changed isn't known"), self._turn:
            check_store(self._ledger)
            yield

    async def secret(self, make: bytes) -> bytes:
        """Return the octets that tokens are signed with: those that are kept, or these."""
        kind, key = _SIGNING
        async with self.turn():
            kept = (await self._store.notes(kind, [key])).get(key)
            if kept is None:
                self._ledger.page.notes[_SIGNING] = kept = make
                await self._ledger.written()
        return kept
