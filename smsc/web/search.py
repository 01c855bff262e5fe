"""Messages over HTTP: which there are, by account, device, state and time, page by page."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.exceptions import ValidationException
from litestar.params import QueryParameter
from msgspec import Meta, Struct

from smsc.message import State
from smsc.mistake import nearest
from smsc.store.record import FOREVER, Criteria
from smsc.store.store import History
from smsc.web.catalogue import Catalogue
from smsc.web.problems import EVERYWHERE, problem, spec
from smsc.web.record import STATES, MessageStatus, shown
from smsc.web.services import Services

LONGEST_LISTING: Final = 500
OCTETS_OF_A_LISTING: Final = 256 * 1024
"""What the messages of a page may carry in all, but for the last of them."""

CRITERIA: Final = frozenset({"account", "device", "state", "since", "until"})
SEVERAL: Final = frozenset({"state"})
SEARCHED: Final = EVERYWHERE | {
    403: spec("The account isn't an operator's, and `account` is another one."),
    404: spec("No device is known by the identity in `device`."),
    503: spec("The store can't be read."),
}

_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_CURSOR: Final = re.compile(r"([no])([0-9]{1,18})", re.ASCII)
_MOMENT: Final[msgspec.json.Decoder[datetime]] = msgspec.json.Decoder(
    Annotated[datetime, Meta(tz=True)]
)


class MessagePage(Struct, frozen=True):
    """Some of the messages that were looked for."""

    messages: Annotated[
        list[MessageStatus],
        Meta(description="In the order they were accepted in, or the newest first."),
    ]
    next: Annotated[
        str | None,
        Meta(
            description="What to ask for `after`, with all else the same, to see more; null at the"
            " end. A page may have fewer messages than `limit`, or none, and `next` all the same:"
            " then so much was looked through that others had to have their turn."
        ),
    ]


async def criteria(
    request: Request[str, None, Any],
    services: NamedDependency[Services],
    catalogue: NamedDependency[Catalogue],
    account: Annotated[
        str | None,
        QueryParameter(
            description="Sent by this account, or by devices to it: the token's own, or with that"
            " of an operator's account any one, or all where none is given."
        ),
    ] = None,
    device: Annotated[
        str | None,
        QueryParameter(
            description="To or from the device with this number, or another identity of it:"
            " `imsi:262010000000001`."
        ),
    ] = None,
    states: Annotated[
        list[str] | None,
        QueryParameter(name="state", description=f"In one of these: {', '.join(STATES)}."),
    ] = None,
    since: Annotated[
        str | None,
        QueryParameter(description="Accepted then or later: RFC 3339, `2026-11-21T08:00:00Z`."),
    ] = None,
    until: Annotated[str | None, QueryParameter(description="Accepted before: RFC 3339.")] = None,
) -> Criteria:
    """Read what is looked for; raises a problem."""
    return Criteria(
        account=_account(request.user, account, request.user in services.operators),
        device=None if device is None else await catalogue.number(_given("device", device)),
        states=frozenset(map(_state, states or ())),
        since=0 if since is None else _moment("since", since),
        until=FOREVER if until is None else _moment("until", until),
    )


@get("/", operation_id="list_messages", summary="List messages", responses=SEARCHED)
async def listing(
    request: Request[str, None, Any],
    services: NamedDependency[Services],
    criteria: NamedDependency[Criteria],
    limit: Annotated[
        int, QueryParameter(ge=1, le=LONGEST_LISTING, description="How many at most.")
    ] = 50,
    order: Annotated[
        Literal["newest", "oldest"], QueryParameter(description="Which come first.")
    ] = "newest",
    after: Annotated[
        str | None, QueryParameter(description="Go on where `next` of the page before says.")
    ] = None,
) -> MessagePage:
    """Show a page of the messages that the account sent, or that devices sent to it.

    All that is asked for must hold. An operator's account sees the messages of all accounts, and
    those between devices. Receipts and other notices aren't shown.
    """
    check_parameters(request, CRITERIA | {"limit", "order", "after"})
    newest_first = order == "newest"
    start = None if after is None else _place(after, order)
    found, last = await services.store.search(criteria, start, limit, newest_first)
    short = _short(found)
    if len(short) < len(found):
        last = short[-1].message.id
    viewer = None if request.user in services.operators else request.user
    return MessagePage(
        [shown(history, viewer) for history in short],
        None if last is None else f"{order[0]}{last}",
    )


def check_parameters(request: Request[str, None, Any], known: frozenset[str]) -> None:
    """Check that nothing else is asked for, and nothing twice; raises a problem.

    A criterion that is misspelt must not be taken for none.
    """
    for name in request.query_params:
        if name not in known:
            raise wrong(name[:40], f"no such parameter{nearest(name[:40], {*known})}")
        if name not in SEVERAL and len(request.query_params.getall(name)) > 1:
            raise wrong(name, "is given more than once; give it once")


def wrong(name: str, message: str) -> ValidationException:
    """Make the problem of a parameter that isn't what it should be."""
    return ValidationException(extra=[{"message": message, "key": name, "source": "query"}])


def _account(own: str, asked: str | None, operator: bool) -> str | None:
    if asked is None:
        return None if operator else own
    if not operator and asked != own:
        raise problem(
            HTTPStatus.FORBIDDEN,
            f"account {own} sees its own messages only; leave account out, or set operator = true"
            " for it in the config",
        )
    return _given("account", asked)


def _given(name: str, value: str) -> str:
    if not value:
        raise wrong(name, "is empty; give a value, or leave it out")
    return value


def _state(name: str) -> State:
    try:
        return State[name.upper()]
    except KeyError:
        raise wrong(
            "state", f"{name[:40]!r} is no state{nearest(name[:40].upper(), {*STATES})}"
        ) from None


def _moment(name: str, text: str) -> int:
    """Return the first whole millisecond that isn't before a time."""
    try:
        at = _MOMENT.decode(msgspec.json.encode(text))
    except msgspec.ValidationError:
        raise wrong(
            name,
            f"{text[:40]!r} is no time of RFC 3339; write it like 2026-11-21T08:00:00Z or"
            " 2026-11-21T09:00:00+01:00, with %2B for + in an address",
        ) from None
    return -((_EPOCH - at) // timedelta(milliseconds=1))


def _place(cursor: str, order: str) -> int:
    """Return the id to go on after."""
    match = _CURSOR.fullmatch(cursor)
    if match is None or match[1] != order[0]:
        raise wrong(
            "after",
            "doesn't come from a page in this order; give what the page before has in `next`, and"
            " all else as it was",
        )
    return int(match[2])


def _short(found: Sequence[History]) -> Sequence[History]:
    """Leave out what would make a page too large."""
    octets = 0
    for number, history in enumerate(found, start=1):
        octets += len(history.message.payload)
        if octets > OCTETS_OF_A_LISTING:
            return found[:number]
    return found
