"""/endpoint/{id}/sms: sending to an endpoint, what was sent to and by it, and taking it back."""

import asyncio
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency
from msgspec import Struct
from msgspec.structs import replace

from smsc.delivery.petition import Answer, Cancel, Ruling
from smsc.delivery.submission import Submission
from smsc.message import WEBHOOK, Address, kind_and_key, webhook_and_account
from smsc.store.record import Criteria
from smsc.store.store import History, Waiting
from smsc.web.answers import TOKEN, patience
from smsc.web.composing import FINAL_RECEIPT
from smsc.web.emnify import interfaces, times
from smsc.web.emnify.bodies import Ref, read
from smsc.web.emnify.errors import (
    BAD_FORMAT,
    INVALID_REFERENCE,
    NOT_ALLOWED,
    REQUIRED,
    Wrong,
    refused,
)
from smsc.web.emnify.ids import Id, whole
from smsc.web.emnify.location import created, url
from smsc.web.emnify.quotas import check_quota, exhausted
from smsc.web.emnify.rooms import Asked, Found, Rooms
from smsc.web.emnify.sms_shown import (
    ALPHANUMERIC,
    INTERNATIONAL,
    NATIONAL,
    SERVICE_TYPE,
    SOURCE_TYPE,
    is_to,
    sms,
)
from smsc.web.emnify.sms_text import written
from smsc.web.record import concerns
from smsc.web.scopes import OPTION, Scope
from smsc.web.services import Services
from smsc_routing.decision import Reason, Verdict
from smsc_routing.traffic import Party

DAY_MS: Final = 86_400_000
MOST_LISTED: Final = 1000
LOOKS: Final = 50
"""So often it is looked for more, however rare an account's messages are."""
LARGEST_OCTET: Final = 255
HIGHEST: Final = 10**18
"""No id is as high."""
_NO_SOURCE: Final = Address(0, 0, "")
_TON_AND_NPI: Final = {INTERNATIONAL: (1, 1), NATIONAL: (2, 1), ALPHANUMERIC: (5, 0)}


class NewSms(Struct, frozen=True):
    """An SMS that is to be sent to an endpoint."""

    payload: str | None = None
    source_address: str | int | None = None
    source_address_type: Ref | None = None
    dest_address: str | int | None = None
    udh: str | None = None
    dcs: int | None = None
    pid: int | None = None
    expiry_date: str | None = None


@post("/", status_code=HTTPStatus.CREATED, opt={OPTION: Scope.SEND})
async def send(request: Asked, rooms: NamedDependency[Rooms], endpoint_id: Id) -> Response[bytes]:
    """Send a message; answered when it is durable, with its place in `Location`."""
    wanted = await read(request, NewSms)
    found = await rooms.endpoint(endpoint_id)
    submission = _submission(rooms.services, wanted, found, request.user)
    submission = await _with_receipts(rooms, submission, found)
    await check_quota(rooms, found)
    waiter = Waiter()
    rooms.services.intake.submit(submission, waiter, TOKEN)
    services = rooms.services
    async with patience(services.clock, "whether the message was accepted isn't known"):
        message_id = await waiter.answered
    if isinstance(message_id, Verdict):
        raise _refused(rooms, found, message_id)
    return created(url(request, "endpoint", endpoint_id, "sms", message_id))


@get("/")
async def listing(
    request: Asked, rooms: NamedDependency[Rooms], endpoint_id: Id
) -> list[dict[str, Any]]:
    """List the latest messages to and from an endpoint, the newest first."""
    found = await rooms.endpoint(endpoint_id)
    viewer = await _viewer(rooms, found, request.user)
    histories = await _searched(rooms.services, found.number, viewer)
    places = await _places(rooms.services, histories)
    return [
        sms(history, places.get(history.message.id), found, request.user) for history in histories
    ]


@get("/{sms_id:str}")
async def show(
    request: Asked, rooms: NamedDependency[Rooms], endpoint_id: Id, sms_id: Id
) -> dict[str, Any]:
    """Show one message."""
    found = await rooms.endpoint(endpoint_id)
    history = await _find(rooms, found, sms_id, request.user)
    record = await rooms.services.store.record(history.message.id)
    places = await _places(rooms.services, [history])
    failures = record.failures if record is not None else ()
    return sms(history, places.get(history.message.id), found, request.user, failures)


@delete("/{sms_id:str}", status_code=HTTPStatus.OK, opt={OPTION: Scope.SEND})
async def cancel(
    request: Asked, rooms: NamedDependency[Rooms], endpoint_id: Id, sms_id: Id
) -> dict[str, Any]:
    """Take back a message that waits."""
    found = await rooms.endpoint(endpoint_id)
    message = (await _find(rooms, found, sms_id, request.user)).message
    petition = Cancel(request.user, message.source, message.id, message.dest)
    waiter = Waiter()
    rooms.services.amendments.ask(petition, waiter, TOKEN)
    async with patience(rooms.services.clock, "whether the message was cancelled isn't known"):
        answer = await waiter.answered
    assert isinstance(answer, Answer)
    if answer.verdict is not None:
        raise refused(answer.verdict)
    if answer.ruling is not Ruling.GRANTED:
        words = f"Sms with Id '{message.id}' can't be cancelled: it has ended, or is on its way"
        raise Wrong(NOT_ALLOWED, words)
    return {}


class Waiter:
    """Waits for the answer to one submission or petition."""

    def __init__(self) -> None:
        """Start with no answer."""
        self.answered: asyncio.Future[int | Verdict | Answer]
        self.answered = asyncio.get_running_loop().create_future()

    def accepted(self, token: int, message_id: int) -> None:
        """Take note that the submission is durable."""
        self._answer(message_id)

    def refused(self, token: int, verdict: Verdict) -> None:
        """Take note that the submission was refused."""
        self._answer(verdict)

    def told(self, token: int, answer: Answer) -> None:
        """Take note of what came of the petition."""
        self._answer(answer)

    def flush(self) -> None:
        """Nothing to do: whoever waits was told already."""

    def _answer(self, answer: int | Verdict | Answer) -> None:
        # Who waited may have given up.
        if not self.answered.done():
            self.answered.set_result(answer)


def _submission(services: Services, wanted: NewSms, found: Found, account: str) -> Submission:
    """Return what a client asks for; raises Wrong."""
    if wanted.payload is None:
        raise Wrong(REQUIRED, "SMS - payload is required")
    for field, value in (("dcs", wanted.dcs), ("pid", wanted.pid)):
        if value is not None and not 0 <= value <= LARGEST_OCTET:
            raise Wrong(BAD_FORMAT, f"{field}: write 0 to {LARGEST_OCTET}")
    data = written(wanted.payload, wanted.dcs, wanted.udh or "")
    now = services.clock.now()
    expires_at = now + DAY_MS
    if wanted.expiry_date is not None:
        expires_at = times.read(wanted.expiry_date, "expiry_date")
        if expires_at <= now:
            raise Wrong(BAD_FORMAT, f"expiry_date {wanted.expiry_date[:40]!r} has passed already")
    source = _source(services, wanted)
    return Submission(
        Party.APPLICATION,
        account,
        source,
        Address(1, 1, found.number),
        data.octets,
        data.data_coding,
        data.esm_class,
        wanted.pid or 0,
        service_type=SERVICE_TYPE,
        expires_at=expires_at,
    )


async def _with_receipts(rooms: Rooms, asked: Submission, found: Found) -> Submission:
    """Have receipts go to a webhook, if there is one for them."""
    home = await interfaces.receipts_to(rooms, found, asked.account, asked.source.digits)
    if not home:
        return asked
    return replace(asked, registered_delivery=FINAL_RECEIPT, receipts_to=home)


def _source(services: Services, wanted: NewSms) -> Address:
    """Return whom a message is from: `dest_address`, where answers go, if nobody else is named."""
    text = str(wanted.source_address if wanted.source_address is not None else "")
    text = text or str(wanted.dest_address if wanted.dest_address is not None else "")
    kind = wanted.source_address_type.id if wanted.source_address_type is not None else None
    if kind is not None and kind not in SOURCE_TYPE:
        raise Wrong(BAD_FORMAT, "source_address_type: write the id 145, 161 or 208")
    if not text:
        return _NO_SOURCE
    digits = text.removeprefix("+")
    if kind is None or kind == NATIONAL:
        # National is also what clients say of names and short codes.
        numeric = digits.isascii() and digits.isdigit()
        if kind is None or not numeric:
            return services.origin.address_of(text)
    if kind != ALPHANUMERIC and not (digits.isascii() and digits.isdigit()):
        raise Wrong(BAD_FORMAT, f"source_address {text[:40]!r}: no number, and so of type 208")
    ton, npi = _TON_AND_NPI[kind or NATIONAL]
    return Address(ton, npi, text if kind == ALPHANUMERIC else digits)


def _refused(rooms: Rooms, found: Found, verdict: Verdict) -> Wrong:
    """Return the error for a verdict; what a limit per month refuses has the platform's words."""
    if verdict.reason is Reason.QUOTA and (words := exhausted(rooms, found, verdict)):
        return refused(verdict._replace(detail=words))
    return refused(verdict)


class _Viewer(NamedTuple):
    """Who looks at messages: an account, or None for one that sees all, and its webhook."""

    account: str | None
    webhook: str | None

    def sees(self, history: History) -> bool:
        """Whether a message is one that it sent, or was sent; no notice of ours."""
        if concerns(history, self.account):
            return True
        kind, _ = kind_and_key(history.message.destination)
        name, _ = webhook_and_account(history.message.destination)
        return kind == WEBHOOK and name == self.webhook and concerns(history, None)


async def _viewer(rooms: Rooms, found: Found, account: str) -> _Viewer:
    if account in rooms.services.operators:
        return _Viewer(None, None)
    return _Viewer(account, await interfaces.own_webhook(rooms, found, account))


async def _searched(services: Services, number: str, viewer: _Viewer) -> list[History]:
    """Look for messages of a device, the newest first, as long as that may lead to more."""
    found: list[History] = []
    # One who has the device's webhook sees also what no account was sent.
    criteria = Criteria(device=number, account=None if viewer.webhook else viewer.account)
    after: int | None = None
    for _ in range(LOOKS):
        listing = await services.store.search(
            criteria, after, MOST_LISTED - len(found), newest_first=True
        )
        found += filter(viewer.sees, listing.found)
        after = listing.after
        if after is None or len(found) >= MOST_LISTED:
            break
    return found


async def _places(services: Services, histories: list[History]) -> dict[int, Waiting]:
    """Return the places of those messages that wait."""
    ids = [each.message.id for each in histories if not each.state.final]
    found = await services.store.find(ids, MOST_LISTED) if ids else {}
    return {
        each.history.message.id: each.place
        for group in found.values()
        for each in group
        if each.place is not None
    }


async def _find(rooms: Rooms, found: Found, sms_id: str, account: str) -> History:
    """Return a message of an endpoint that concerns the account; raises Wrong."""
    wanted = whole(sms_id)
    unknown = Wrong(INVALID_REFERENCE, f"Sms with Id '{wanted}' not found.")
    known = 0 < wanted < HIGHEST
    history = await rooms.services.store.history(wanted) if known else None
    if history is None or not _here(history, found.number):
        raise unknown
    if not (await _viewer(rooms, found, account)).sees(history):
        raise unknown
    return history


def _here(history: History, number: str) -> bool:
    return is_to(history, number) or history.message.source.digits == number


def router() -> Router:
    """Make the routes of an endpoint's messages."""
    return Router("/endpoint/{endpoint_id:str}/sms", route_handlers=[send, listing, show, cancel])
